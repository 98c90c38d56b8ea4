"""Checks that may not have cleared (SUP-1, supplement 9): fifteen days, and only what is attributable to them."""

import pytest

from tests.support.story import Event, Story
from valuation.events import UNCLEARED
from valuation.holds import hold

ISSUE = "2008-05-01"


def by_check(amount: float) -> Event:
    return Event("PURCHASE_PAYMENT", amount, source=UNCLEARED)


def story() -> Story:
    """50,000 at issue, and 8,000 by check on 12 May."""
    return Story(ISSUE, 50_000.0).on("2008-05-12", None, by_check(8_000.0))


@pytest.mark.parametrize(
    "day, paid, amount",
    [
        (0, 5_000.0, 5_000.0),
        (0, 20_000.0, 8_000.0),
        (15, 20_000.0, 8_000.0),
        (16, 20_000.0, 0.0),
        (-1, 20_000.0, 0.0),
        (3, 0.0, 0.0),
    ],
)
def test_what_waits(day: int, paid: float, amount: float) -> None:
    one = story()
    found = hold(one.layers, paid, one.prior + day)
    assert found.amount == amount
    assert found.through == (one.prior + 15 if amount else 0)


def test_two_checks_wait_each_for_its_own_days() -> None:
    one = story().on("2008-05-20", None, by_check(1_000.0))
    assert hold(one.layers, 20_000.0, one.prior) == (9_000.0, one.prior + 15)
    assert hold(one.layers, 20_000.0, one.prior + 10) == (1_000.0, one.prior + 15)


def test_a_payment_that_has_cleared_waits_for_nothing() -> None:
    one = Story(ISSUE, 50_000.0)
    assert hold(one.layers, 20_000.0, one.prior) == (0.0, 0)


def test_nothing_is_priced_otherwise() -> None:
    one, other = story(), Story(ISSUE, 50_000.0).on("2008-05-12", None, Event("PURCHASE_PAYMENT", 8_000.0))
    assert one.account_value == other.account_value
    assert one.core == other.core
