"""Rates that the company declares for its fixed options: an input, one row per option, duration and day from which it holds.

Provisions   FIX-1 to FIX-3, FIX-5, HD-17 (prospectus 2240-2275, 5510-5520); minimum: terms/fixed_rate_options.toml
Units        annual effective rates, fractions; that of the Benefit Fixed Rate Account after its reduction for the charge
Readings     a row holds until the next one of its option and duration; where the option is no longer offered, its rate is
             that of renewals
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import numpy as np

from valuation.compile import routine
from valuation.contract import Array, Integers
from valuation.sessions import day_number
from valuation.terms.investments import FixedRateTerms

SUB_ACCOUNT, ONE_YEAR, ENHANCED, BENEFIT_FIXED = range(4)
"""Kind of an investment option: a Sub-account; the one-year Fixed Rate Option; the Enhanced Fixed Rate Option; the
Benefit Fixed Rate Account."""

OPTION_NAMES = ("SUB_ACCOUNT", "ONE_YEAR", "ENHANCED", "BENEFIT_FIXED")
HIGHEST_RATE = 0.25
"""A year; above is taken for a percentage written as a fraction."""


class DeclaredRate(NamedTuple):
    """One row of the input."""

    effective: date  # first day on which it holds
    option: str  # ONE_YEAR, ENHANCED or BENEFIT_FIXED
    guarantee_months: int  # for which it is guaranteed; of the Enhanced option the number of monthly transfers
    rate: float  # annual, effective, fraction
    additional_rate: float = 0.0  # for Purchase Payments to the one-year option, in their first year
    offered: bool = True  # False: no new money, renewals only


class DeclaredRates(NamedTuple):
    """The rows in the order of their days, as arrays (n,)."""

    effective: Integers  # day number
    option: Integers
    months: Integers
    rate: Array
    additional: Array
    offered: Integers  # 1 or 0


def declare(rows: Iterable[DeclaredRate]) -> DeclaredRates:
    """The table of declared rates.

    Raises ValueError naming row, value found and value allowed for an unknown option, a duration or rate that is none,
    an additional rate of another option than the one-year, or two rows of one option, duration and day.
    """
    ordered = sorted(rows, key=lambda row: (row.effective, row.option, row.guarantee_months))
    seen: set[tuple[date, str, int]] = set()
    for row in ordered:
        _check(row)
        if row[:3] in seen:
            raise ValueError(f"declared rates, {_name(row)}: two rows; allowed is one; remove the other")
        seen.add((row.effective, row.option, row.guarantee_months))
    return DeclaredRates(
        np.array([day_number(row.effective) for row in ordered], dtype=np.int64),
        np.array([OPTION_NAMES.index(row.option) for row in ordered], dtype=np.int64),
        np.array([row.guarantee_months for row in ordered], dtype=np.int64),
        np.array([row.rate for row in ordered], dtype=np.float64),
        np.array([row.additional_rate for row in ordered], dtype=np.float64),
        np.array([row.offered for row in ordered], dtype=np.int64),
    )


def _name(row: DeclaredRate) -> str:
    return f"{row.option} {row.guarantee_months} months from {row.effective}"


def _check(row: DeclaredRate) -> None:
    if row.option not in OPTION_NAMES[ONE_YEAR:]:
        raise ValueError(
            f"declared rates, {_name(row)}: unknown option; allowed are {', '.join(OPTION_NAMES[ONE_YEAR:])}"
        )
    if row.guarantee_months < 1 or (row.option != "ENHANCED" and row.guarantee_months != 12):
        raise ValueError(f"declared rates, {_name(row)}: a duration of 12 months, or 1 and more of the Enhanced option")
    for found in (row.rate, row.additional_rate):
        if not 0.0 <= found <= HIGHEST_RATE:
            raise ValueError(
                f"declared rates, {_name(row)}: {found} must be a fraction a year from 0 to {HIGHEST_RATE}"
            )
    if row.additional_rate > 0.0 and row.option != "ONE_YEAR":
        raise ValueError(f"declared rates, {_name(row)}: an additional rate is allowed for the one-year option only")


@routine
def _row(rates: DeclaredRates, option: int, months: int, today: int) -> int:
    """The row in force today, -1 if there is none."""
    found = -1
    for k in range(rates.effective.shape[0]):
        if rates.option[k] == option and rates.months[k] == months and rates.effective[k] <= today:
            found = k
    return found


@routine
def is_offered(rates: DeclaredRates, option: int, months: int, today: int) -> bool:
    """Whether new money is taken today.  Source: FIX-3, FIX-5 (prospectus 2266-2275)."""
    row = _row(rates, option, months, today)
    return bool(row >= 0 and rates.offered[row] == 1)


@routine
def credited_rate(
    terms: FixedRateTerms, rates: DeclaredRates, option: int, months: int, payment: bool, today: int
) -> float:
    """Annual rate of an amount that enters the option or is renewed today, at least the minimum of the contract.

    ``payment``  a Purchase Payment, with its credit: in its first year the additional rate of the one-year option applies

    Source: FIX-1, FIX-5, HD-17, CR-2 (prospectus 2252-2263, 2807-2811, 5514-5520).
    """
    row = _row(rates, option, months, today)
    if row < 0:
        return terms.minimum_rate
    return float(max(terms.minimum_rate, rates.rate[row]) + (rates.additional[row] if payment else 0.0))
