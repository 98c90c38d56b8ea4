"""The day of a contract with Fixed Rate Options explained; every day told is the day of the law."""

from typing import Any

import pytest

from tests.support.explained_fixed_money import DAYS, days

INTEREST, AVERAGING = "Interest of the Fixed Rate Options", "Enhanced Dollar Cost Averaging"


def step(day: str, title: str) -> Any:
    """The one step of a day whose title begins so."""
    found = [step for step in days()[day]["steps"] if step[0].startswith(title)]
    assert len(found) == 1, [step[0] for step in days()[day]["steps"]]
    return found[0]


def figures(day: str, title: str) -> dict[str, float]:
    return {name: after for name, _, after, *_ in step(day, title)[5]}


@pytest.mark.parametrize("day", DAYS)
def test_every_day_is_told(day: str) -> None:
    assert "equal to the last bit" in days()[day]["text"]


def test_interest_names_the_rate_of_every_period() -> None:
    told = figures("2007-07-03", INTEREST)
    one = 44_000.0 * (1.04 ** (1 / 365) - 1.0) + 12_000.0 * (1.03 ** (1 / 365) - 1.0)
    assert told["interest"] == pytest.approx(one)
    assert told["rate of the period from 2007-07-02"] == 0.04
    assert told["rate of an Enhanced programme"] == 0.03


def test_a_renewal_is_told() -> None:
    assert "1 renewed for a year" in step("2008-07-02", INTEREST)[2]
    assert figures("2008-07-02", INTEREST)["rate of the period from 2008-07-02"] == 0.02


def test_a_scheduled_transfer_and_a_day_without_one() -> None:
    assert figures("2007-07-13", AVERAGING)["moved"] == pytest.approx(2_000.0)
    assert "next 2007-08-13" in step("2007-07-13", AVERAGING)[2]
    assert step("2007-07-16", AVERAGING)[1] is False


def test_refusals_are_told() -> None:
    assert "720 FIXED_NOT_OPEN (FIX-3)" in days()["2008-08-15"]["text"]
    assert "529 FIXED_RATE_HELD (INV-2)" in days()["2008-08-15"]["text"]
    assert "bond Sub-account" not in days()["2008-07-11"]["text"]
