"""The factors "a" of Appendices D and F (prospectus 9824-9874, 10049-10106) from mortality and interest.

The prospectus says "derived from the a2000 Individual Annuity Mortality Table with an assumed interest rate of 3%"
(9714-9721) and no more; the basis is found by counting the printed factors that it gives.
"""

from collections.abc import Callable

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


@pytest.mark.parametrize(
    "basis, agree",
    [
        pytest.param(lambda: factor_table(alone("m")), 1, id="men"),
        pytest.param(lambda: factor_table(alone("f")), 1, id="women"),
        pytest.param(cohort, 3, id="half men at 65, each sex with its own mortality"),
        pytest.param(lambda: factor_table(unisex("a2000", 0.49)), 235, id="49% men"),
        pytest.param(lambda: factor_table(unisex("a2000_basic")), 0, id="the basic table, without its margin"),
        pytest.param(lambda: factor_table(unisex("iam1996")), 126, id="1996 US annuitants"),
        pytest.param(lambda: factor_table(unisex("iam2012_period")), 5, id="2012 individual annuitants"),
        pytest.param(lambda: factor_table(unisex("a2000"), rate=0.0299), 278, id="2.99%"),
        pytest.param(lambda: factor_table(unisex("a2000"), first_age=66), 0, id="age 66"),
        pytest.param(lambda: paid(1), 0, id="once a year"),
        pytest.param(lambda: paid(4), 1, id="quarterly"),
        pytest.param(lambda: paid(365), 1, id="daily"),
        pytest.param(lambda: paid(12) - 1.0 / 12.0, 0, id="monthly in arrears"),
        pytest.param(woolhouse, 287, id="once a year less 11/24"),
        pytest.param(constant_force, 93, id="constant force of mortality in the year"),
        pytest.param(beyond_the_table, 481, id="last year towards age 106 instead of zero"),
    ],
)
def test_other_bases_agree_less(basis: Callable[[], Array], agree: int) -> None:
    assert agreeing(basis()) == agree
