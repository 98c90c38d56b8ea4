"""The factors "a" of Appendices D and F (prospectus 9824-9874, 10049-10106) from mortality and interest.

The prospectus says "derived from the a2000 Individual Annuity Mortality Table with an assumed interest rate of 3%"
(9714-9721) and no more; the basis is found by counting the printed factors that it gives.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from valuation.assumptions import mortality_tables
from valuation.contract import Array
from valuation.terms import transfer_factors
from valuation.transfer_factors import FIRST_AGE, MONTHS, RATE, YEARS, annuity_by_age, factor_table, rounded, unisex

PRINTED = transfer_factors()


def agreeing(factors: Array) -> int:
    """How many of the 492 factors are the printed ones, to the printed digits."""
    return int(np.count_nonzero(np.abs(rounded(factors) - PRINTED) < 1e-9))


def by_month(values: Array) -> Array:
    """Straight lines between the values of the years, the last of them to zero."""
    return np.interp(np.arange(MONTHS * YEARS), MONTHS * np.arange(YEARS + 1), np.append(values[:YEARS], 0.0))


def from_65(values: Array) -> Array:
    return by_month(values[FIRST_AGE:])


def alone(sex: str) -> Array:
    return np.nan_to_num(mortality_tables()[f"a2000_{sex}"], nan=1.0)


def cohort() -> Array:
    """Half men and half women at 65, each with their own mortality: the mix drifts towards women."""
    parts = []
    for sex in "mf":
        death = alone(sex)[FIRST_AGE:]
        parts.append((np.cumprod(np.append(1.0, 1.0 - death))[:YEARS], annuity_by_age(alone(sex), RATE)[FIRST_AGE:]))
    weight = sum(living for living, _ in parts)
    return by_month(sum(living * values[:YEARS] for living, values in parts) / weight)


def woolhouse() -> Array:
    """Payments in advance once a year less 11/24, the usual approximation."""
    values = annuity_by_age(unisex("a2000"), RATE, payments=1)
    return from_65(values - 11.0 / 24.0)


def constant_force() -> Array:
    death, discount = unisex("a2000"), 1.0 / (1.0 + RATE)
    values = np.zeros(len(death) + 1)
    part = np.arange(12) / 12.0
    for age in range(len(death) - 1, -1, -1):
        kept = discount * (1.0 - death[age])
        values[age] = np.mean(kept**part) + kept * values[age + 1]
    return from_65(values)


def paid(times: int) -> Array:
    """Equal payments in advance, so many a year."""
    return from_65(annuity_by_age(unisex("a2000"), RATE, times))


def beyond_the_table() -> Array:
    values = annuity_by_age(unisex("a2000"), RATE)[FIRST_AGE:]
    return np.interp(np.arange(MONTHS * YEARS), MONTHS * np.arange(YEARS + 1), values[: YEARS + 1])


def test_every_printed_factor_is_reproduced() -> None:
    assert agreeing(factor_table(unisex("a2000"))) == 492
    assert np.abs(factor_table(unisex("a2000")) - PRINTED).max() < 0.005


OTHERS: dict[str, tuple[Callable[[], Array], int]] = {
    "men": (lambda: factor_table(alone("m")), 1),
    "women": (lambda: factor_table(alone("f")), 1),
    "half men at 65, each sex with its own mortality": (cohort, 3),
    "49% men": (lambda: factor_table(unisex("a2000", 0.49)), 235),
    "the basic table, without its margin": (lambda: factor_table(unisex("a2000_basic")), 0),
    "1996 US annuitants": (lambda: factor_table(unisex("iam1996")), 126),
    "2012 individual annuitants": (lambda: factor_table(unisex("iam2012_period")), 5),
    "2.99%": (lambda: factor_table(unisex("a2000"), rate=0.0299), 278),
    "age 66": (lambda: factor_table(unisex("a2000"), first_age=66), 0),
    "once a year": (lambda: paid(1), 0),
    "quarterly": (lambda: paid(4), 1),
    "daily": (lambda: paid(365), 1),
    "monthly in arrears": (lambda: paid(12) - 1.0 / 12.0, 0),
    "once a year less 11/24": (woolhouse, 287),
    "constant force of mortality in the year": (constant_force, 93),
    "last year towards age 106 instead of zero": (beyond_the_table, 481),
}
"""Other bases, and how many of the printed factors each gives."""


@pytest.mark.parametrize("name", OTHERS)
def test_other_bases_agree_less(name: str) -> None:
    basis, agree = OTHERS[name]
    assert agreeing(basis()) == agree


def test_the_readme_tells_of_every_basis() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert "**492 of 492 agree" in text
    assert all(f"\n| {name} | {agree} |" in text for name, (_, agree) in OTHERS.items())
