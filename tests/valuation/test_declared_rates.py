"""The table of declared rates: which row is in force, and which rows are refused."""

from datetime import date

import numpy as np
import pytest

from tests.support.story import number
from valuation.declared_rates import (
    BENEFIT_FIXED,
    ENHANCED,
    ONE_YEAR,
    DeclaredRate,
    credited_rate,
    declare,
    is_offered,
)
from valuation.terms.investments import load_fixed_rate_terms

TERMS = load_fixed_rate_terms()
ROWS = [
    DeclaredRate(date(2009, 1, 1), "ONE_YEAR", 12, 0.02, offered=False),
    DeclaredRate(date(2008, 1, 1), "ONE_YEAR", 12, 0.03, 0.01),
    DeclaredRate(date(2008, 1, 1), "ENHANCED", 6, 0.05),
    DeclaredRate(date(2008, 3, 1), "ENHANCED", 12, 0.045),
    DeclaredRate(date(2008, 1, 1), "BENEFIT_FIXED", 12, 0.024),
]


def rate(option: int, months: int, day: str, payment: bool = False) -> float:
    return float(credited_rate(TERMS, declare(ROWS), option, months, payment, number(day)))


@pytest.mark.parametrize(
    "option, months, day, expected",
    [
        (ONE_YEAR, 12, "2007-12-31", 0.0),
        (ONE_YEAR, 12, "2008-01-01", 0.03),
        (ONE_YEAR, 12, "2008-12-31", 0.03),
        (ONE_YEAR, 12, "2009-01-01", 0.02),
        (ENHANCED, 6, "2009-06-01", 0.05),
        (ENHANCED, 12, "2008-02-29", 0.0),
        (ENHANCED, 12, "2008-03-01", 0.045),
        (BENEFIT_FIXED, 12, "2008-03-01", 0.024),
    ],
)
def test_the_row_in_force(option: int, months: int, day: str, expected: float) -> None:
    assert rate(option, months, day) == expected


def test_a_payment_has_the_additional_rate_while_it_is_declared() -> None:
    assert rate(ONE_YEAR, 12, "2008-06-02", payment=True) == pytest.approx(0.04, abs=1e-15)
    assert rate(ONE_YEAR, 12, "2009-06-02", payment=True) == 0.02


@pytest.mark.parametrize(
    "option, months, day, expected",
    [
        (ONE_YEAR, 12, "2007-12-31", False),
        (ONE_YEAR, 12, "2008-12-31", True),
        (ONE_YEAR, 12, "2009-01-01", False),
        (ENHANCED, 9, "2009-01-01", False),
    ],
)
def test_offered(option: int, months: int, day: str, expected: bool) -> None:
    assert is_offered(declare(ROWS), option, months, number(day)) is expected


def test_the_order_of_the_rows_does_not_matter() -> None:
    for one, other in zip(declare(ROWS), declare(ROWS[::-1]), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "row, says",
    [
        (DeclaredRate(date(2008, 1, 1), "THREE_YEAR", 36, 0.03), "unknown option; allowed are ONE_YEAR"),
        (DeclaredRate(date(2008, 1, 1), "ONE_YEAR", 36, 0.03), "a duration of 12 months"),
        (DeclaredRate(date(2008, 1, 1), "ENHANCED", 0, 0.03), "1 and more"),
        (DeclaredRate(date(2008, 1, 1), "ONE_YEAR", 12, 3.0), "3.0 must be a fraction a year"),
        (DeclaredRate(date(2008, 1, 1), "ONE_YEAR", 12, -0.01), "must be a fraction"),
        (DeclaredRate(date(2008, 1, 1), "ONE_YEAR", 12, float("nan")), "must be a fraction"),
        (DeclaredRate(date(2008, 1, 1), "ENHANCED", 6, 0.03, 0.01), "additional rate is allowed for the one-year"),
    ],
)
def test_a_bad_row_is_named(row: DeclaredRate, says: str) -> None:
    with pytest.raises(ValueError, match=says) as error:
        declare([*ROWS, row])
    assert f"{row.option} {row.guarantee_months} months from 2008-01-01" in str(error.value)


def test_two_rows_of_one_day() -> None:
    with pytest.raises(ValueError, match="ENHANCED 6 months from 2008-01-01: two rows"):
        declare([*ROWS, DeclaredRate(date(2008, 1, 1), "ENHANCED", 6, 0.01)])
