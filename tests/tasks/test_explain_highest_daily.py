"""The day of a contract with TrueIncome - Highest Daily explained; every day told is the day of the law."""

from typing import Any

import pytest

from tests.support.explained_highest_daily import DAYS, days

CENT = 0.005


def figures(day: str, title: str) -> dict[str, float]:
    """Figures after the one step of a day whose title begins so."""
    found = [step for step in days()[day]["steps"] if step[0].startswith(title)]
    assert len(found) == 1, [step[0] for step in days()[day]["steps"]]
    return {name: after for name, _, after, *_ in found[0][5]}


@pytest.mark.parametrize("day", DAYS)
def test_every_day_is_told(day: str) -> None:
    assert "equal to the last bit" in days()[day]["text"]


def test_the_formula_names_its_account_and_its_values() -> None:
    told = figures("2008-08-01", "Asset transfer formula")
    assert told["Income value I"] == pytest.approx(0.05 * 100_000.0 * 1.05 ** (31 / 365))
    assert told["Benefit Fixed Rate Account F"] == told["transfer into the Benefit Fixed Rate Account"]
    assert "into the Benefit Fixed Rate Account; r = " in days()["2008-08-01"]["text"]
    assert "bond Sub-account" not in days()["2008-08-01"]["text"]
    assert told["Target Ratio r = (L - F) / V"] == pytest.approx(0.80, abs=1e-6)


def test_interest_over_a_weekend() -> None:
    told = figures("2008-08-04", "Interest of the Benefit Fixed Rate Account")
    assert told["growth factor"] == pytest.approx(1.03 ** (3 / 365))


def test_both_incomes_of_the_first_withdrawal() -> None:
    told = figures("2008-10-01", "First withdrawal")
    assert told["Total Annual Income Amount"] == told["Highest Daily Annual Income Amount"]
    assert told["Total Annual Income Amount"] == pytest.approx(0.05 * told["Total Protected Withdrawal Value"])


def test_excess_income_lowers_both_incomes_alike() -> None:
    told: dict[str, Any] = figures("2008-11-03", "Excess Income")
    first = figures("2008-10-01", "First withdrawal")["Total Annual Income Amount"]
    assert told["Annual Income Amount"] == pytest.approx(first * told["part of the guarantee kept"], abs=CENT)
    assert told["Highest Daily Annual Income Amount"] == told["Annual Income Amount"]


def test_the_charge_is_no_fee() -> None:
    assert "the charge is in the Unit Prices" in days()["2008-08-04"]["text"]
