"""Annuity purchase rates: the payment that 1 USD buys, from a mortality table, an interest rate and an age setback.

A payment is the reciprocal of the value of 1 USD a time.  The first payment is made at once, on the Annuity Date; a life
is tested at every payment; within a year of age the force of mortality is constant.  Ages are completed years.

Source: ANN-5, ANN-6, GMIB-11, GMIB-12 (prospectus 2516-2521, 3374-3401, 3953-3955, 4047-4086); bases in
data/annuity_rates_<edition>.toml
"""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import numpy as np

from valuation.assumptions import LAST_AGE, Array, AssumptionError, MortalityBasis, mortality_table
from valuation.decrements import mortality_rate

ENTRIES = {"table", "interest", "setback", "adjusted_from"}


@dataclass(frozen=True)
class RateBasis:
    """What a set of purchase rates is computed from.

    mortality      table by sex
    interest       annual effective rate, fraction
    setback        rows of completed years since the value was set, and of the years then taken off the age
    adjusted_from  calendar year from which one more year is taken off for every decade begun
    """

    name: str
    mortality: MortalityBasis
    interest: float
    setback: tuple[tuple[int, int], ...]
    adjusted_from: int

    def __post_init__(self) -> None:
        """Refuse what no rate can be made of."""
        if not -0.5 < self.interest < 0.5:
            raise AssumptionError(
                f"annuity rates {self.name}: interest is {self.interest}; allowed are fractions from -0.5 to 0.5 a year: "
                "correct the basis"
            )
        years = [row[0] for row in self.setback]
        if not years or years[0] != 0 or years != sorted(set(years)):
            raise AssumptionError(
                f"annuity rates {self.name}: setback is {self.setback}; allowed are rows of increasing years, the first "
                "0: correct the basis"
            )


@functools.cache
def load_rate_bases(edition: str = "2008") -> Mapping[str, RateBasis]:
    """Bases by name: the contract's guaranteed rates, today's, and those of the Guaranteed Minimum Income Benefit."""
    path = resources.files("valuation") / "data" / f"annuity_rates_{edition}.toml"
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: _basis(name, table) for name, table in data.items() if isinstance(table, dict)}


def _basis(name: str, table: dict[str, Any]) -> RateBasis:
    """One table of the file."""
    if set(table) != ENTRIES:
        raise AssumptionError(
            f"annuity rates {name}: entries {sorted(set(table) ^ ENTRIES)} are missing or unknown; allowed are exactly "
            f"{sorted(ENTRIES)}: correct the file"
        )
    value = {key: entry["value"] for key, entry in table.items()}
    rows = tuple((int(years), int(off)) for years, off in value["setback"])
    return RateBasis(name, mortality_table(value["table"]), float(value["interest"]), rows, int(value["adjusted_from"]))


def without_sex(basis: RateBasis, male_share: float) -> RateBasis:
    """The same basis where the law permits no difference by sex: one table, weighted at every age.

    Source: GMIB-11 (prospectus 4047-4048).
    """
    table = basis.mortality.table
    blend = male_share * table["M"] + (1.0 - male_share) * table["F"]
    return replace(basis, mortality=replace(basis.mortality, table={"M": blend, "F": blend}))


def adjusted_age(basis: RateBasis, age: int, calendar_year: int, years: int = 0) -> int:
    """Age that enters the table: the completed years less the setback.

    ``calendar_year``  of the first payment
    ``years``          completed since the Protected Income Value was set

    Source: GMIB-9, GMIB-11 (prospectus 3953-3955, 4055-4060).
    """
    off = [row[1] for row in basis.setback if years >= row[0]][-1]
    if calendar_year >= basis.adjusted_from:
        off += (calendar_year - basis.adjusted_from) // 10 + 1
    return age - off


def living(basis: RateBasis, sex: str, age: int, calendar_year: int, step: int = 1) -> Array:
    """(n,) probability of living at each payment, every ``step`` months from age ``age``, to the end of the table."""
    years = np.arange(LAST_AGE + 2 - age)
    annual = mortality_rate(basis.mortality, sex, age + years, calendar_year + years)
    monthly = np.repeat((1.0 - annual) ** (1.0 / 12.0), 12)
    return np.asarray(np.concatenate([[1.0], np.cumprod(monthly)[:-1]])[::step])


def discounts(interest: float, number: int, step: int = 1) -> Array:
    """(number,) value today of 1 USD at each payment, every ``step`` months, the first at once."""
    return np.asarray((1.0 + interest) ** (-np.arange(number) * step / 12.0))


def fixed_period_rate(interest: float, years: float, step: int = 1) -> float:
    """Payment every ``step`` months over ``years`` for 1 USD.  Source: ANN-5 (prospectus 3374-3384)."""
    return float(1.0 / discounts(interest, round(years * 12.0) // step, step).sum())


def life_rate(
    basis: RateBasis, sex: str, age: int, calendar_year: int, years: int = 0, certain_months: int = 120, step: int = 1
) -> float:
    """Payment every ``step`` months for life, ``certain_months`` of it certain, for 1 USD.

    Source: ANN-6, GMIB-12 (prospectus 3386-3394, 4068-4072).
    """
    paid = living(basis, sex, adjusted_age(basis, age, calendar_year, years), calendar_year, step)
    return _rate(basis.interest, paid, certain_months, step)


def joint_rate(
    basis: RateBasis,
    sexes: tuple[str, str],
    ages: tuple[int, int],
    calendar_year: int,
    years: int = 0,
    certain_months: int = 120,
    share: float = 0.5,
    step: int = 1,
) -> float:
    """Payment every ``step`` months to two independent lives for 1 USD, Annuitant first.

    In full while the Annuitant lives and during the certain period; ``share`` of it to a Joint Annuitant after both.

    Source: GMIB-12 (prospectus 4074-4086).
    """
    first, second = (
        living(basis, sex, adjusted_age(basis, age, calendar_year, years), calendar_year, step)
        for sex, age in zip(sexes, ages, strict=True)
    )
    number = max(len(first), len(second))
    alive, other = (np.pad(lives, (0, number - len(lives))) for lives in (first, second))
    return _rate(basis.interest, alive + share * (1.0 - alive) * other, certain_months, step)


def _rate(interest: float, paid: Array, certain_months: int, step: int) -> float:
    """Reciprocal of the value of the expected payments ``paid``, the first of them certain."""
    certain = certain_months // step
    expected = np.pad(paid, (0, max(0, certain - len(paid))))
    expected[:certain] = 1.0
    return float(1.0 / (discounts(interest, len(expected), step) @ expected))


def life_expectancy(basis: RateBasis, sex: str, age: int, calendar_year: int) -> float:
    """Complete expectation of life, years, at the age itself, without setback: the limit of a fixed period.

    Source: ANN-5 (prospectus 3374-3377).
    """
    lived = living(basis, sex, age, calendar_year)
    return float((lived.sum() - 0.5) / 12.0)


def rate_table(basis: RateBasis, ages: range, calendar_year: int, years: int = 0, step: int = 1) -> Mapping[str, Array]:
    """By sex, (n_age,) payment for life with 120 months certain for 1,000 USD, as contracts print it."""
    return {
        sex: np.array([1000.0 * life_rate(basis, sex, age, calendar_year, years, step=step) for age in ages])
        for sex in ("M", "F")
    }
