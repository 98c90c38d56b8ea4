"""Purchase rates of the Guaranteed Minimum Income Benefit as the law asks for them: the payment for 1 USD of value.

The rates are those of `valuation.annuity_rates`, which a test holds against them: a table by age for one life, settled
when the module is read, and a sum over months for two lives.

Provisions   GMIB-9, GMIB-11, GMIB-12 (prospectus 3953-3955, 4047-4086); bases data/annuity_rates_2008.toml
Clock        the age in completed years on the Annuity Date, less the setback; years since the value was set
Readings     the sex is asked for; a life is tested and paid at every month, the first at once
"""

from dataclasses import replace

import numpy as np

from valuation.annuity_rates import life_rate, load_rate_bases
from valuation.assumptions import LAST_AGE
from valuation.compile import routine
from valuation.decrements import mortality_rate

SPECIAL, CURRENT = range(2)
"""Bases: the benefit's own, and the one of the day for the same options."""

SEXES = ("M", "F")
_BASES = tuple(load_rate_bases()[name] for name in ("income_benefit", "current"))
_PLAIN = tuple(replace(basis, setback=((0, 0),), adjusted_from=9999) for basis in _BASES)
_AGES = range(LAST_AGE + 1)
FIRST_AGE = max(basis.mortality.first_age for basis in _BASES)

RATES = np.array(
    [
        [[life_rate(basis, sex, max(age, FIRST_AGE), basis.mortality.base_year) for age in _AGES] for sex in SEXES]
        for basis in _PLAIN
    ]
)
"""(2, 2, 121) monthly payment for life with 120 months certain for 1 USD, by basis, sex and adjusted age."""

MONTHLY = np.array(
    [
        [
            (1.0 - mortality_rate(basis.mortality, sex, np.maximum(_AGES, FIRST_AGE), basis.mortality.base_year))
            ** (1.0 / 12.0)
            for sex in SEXES
        ]
        for basis in _PLAIN
    ]
)
"""(2, 2, 121) probability of living through a month, the same throughout a year of age."""

DISCOUNT = np.array([(1.0 + basis.interest) ** (-1.0 / 12.0) for basis in _BASES])
SETBACK = np.array(
    [[[r[0], r[1]] for r in (*b.setback, *[(10_000, 0)] * (8 - len(b.setback)))] for b in _BASES], np.int64
)
"""(2, 8, 2) completed years since the value was set from which a row counts, and years then taken off the age."""

ADJUSTED_FROM = np.array([basis.adjusted_from for basis in _BASES], np.int64)


@routine
def adjusted_age(basis: int, age: int, calendar_year: int, years: int) -> int:
    """Age that enters the table.  Source: GMIB-9, GMIB-11 (prospectus 3953-3955, 4055-4060)."""
    off = 0
    for k in range(SETBACK.shape[1]):
        if years >= SETBACK[basis, k, 0]:
            off = SETBACK[basis, k, 1]
    if calendar_year >= ADJUSTED_FROM[basis]:
        off += (calendar_year - ADJUSTED_FROM[basis]) // 10 + 1
    return min(max(age - off, 0), LAST_AGE)


@routine
def option_1_rate(basis: int, sex: int, age: int, calendar_year: int, years: int) -> float:
    """Monthly payment of Option 1 for 1 USD.  Source: GMIB-11, GMIB-12 (prospectus 4047-4072)."""
    return float(RATES[basis, sex, adjusted_age(basis, age, calendar_year, years)])


@routine
def option_2_rate(
    basis: int, sex: int, age: int, other_sex: int, other_age: int, calendar_year: int, years: int, certain: int,
    share: float,
) -> float:  # fmt: skip
    """Monthly payment of Option 2 for 1 USD; ``share`` of it to a Joint Annuitant alone after ``certain`` months.

    Source: GMIB-11, GMIB-12 (prospectus 4047-4060, 4074-4086).
    """
    first, second = (
        adjusted_age(basis, age, calendar_year, years),
        adjusted_age(basis, other_age, calendar_year, years),
    )
    alive, other, worth, value = 1.0, 1.0, 1.0, 0.0
    for month in range(12 * (LAST_AGE + 1 - min(first, second)) + certain):
        expected = 1.0 if month < certain else alive + share * (1.0 - alive) * other
        value += worth * expected
        year = month // 12
        alive *= MONTHLY[basis, sex, min(first + year, LAST_AGE)]
        other *= MONTHLY[basis, other_sex, min(second + year, LAST_AGE)]
        worth *= DISCOUNT[basis]
    return float(1.0 / value)
