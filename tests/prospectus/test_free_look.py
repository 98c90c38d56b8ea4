"""The free look (FL-1 to FL-5), by the derived vectors D-FL-1: X Series, payment 100,000, credit 6,000."""

from typing import Any

import pytest

from tests.support.story import Event, Story, withdraw, without_charges
from valuation.contract import CHARGED, GUARANTEED_PAID, PAID, SURRENDERED
from valuation.failures import Reason
from valuation.highest_daily_7 import ENDED

CENT = 0.005
VALUE, PAYMENTS = range(2)


def returned(account: float, jurisdiction: int, *, series: str = "X", **given: Any) -> Story:
    story = Story("2008-05-01", series=series, jurisdiction=jurisdiction, terms=without_charges(), **given)
    return story.leap("2008-05-09", account, Event("FREE_LOOK"))


@pytest.mark.parametrize(
    "account, jurisdiction, refund",
    [(103_000.0, VALUE, 97_000.0), (103_000.0, PAYMENTS, 100_000.0), (112_000.0, PAYMENTS, 106_000.0)],
)
def test_d_fl_1(account: float, jurisdiction: int, refund: float) -> None:
    story = returned(account, jurisdiction)
    assert story.payments[-1].paid == pytest.approx(refund, abs=CENT)
    assert story.core.status == SURRENDERED
    assert story.account_value == 0.0


def test_the_credit_is_kept_as_applied_not_as_it_stands() -> None:
    """FL-5: at half the value 6,000 are taken back, not 3,000."""
    assert returned(53_000.0, VALUE).payments[-1].paid == pytest.approx(47_000.0, abs=CENT)


def test_an_ira_gets_its_payments_back() -> None:
    """FL-4 (prospectus 7936-7942)."""
    assert returned(112_000.0, VALUE, qualified=True).payments[-1].paid == pytest.approx(100_000.0, abs=CENT)
    assert returned(112_000.0, PAYMENTS, qualified=True).payments[-1].paid == pytest.approx(106_000.0, abs=CENT)


def test_what_was_withdrawn_is_not_paid_again() -> None:
    story = Story("2008-05-01", jurisdiction=PAYMENTS, terms=without_charges())
    story.leap("2008-05-05", None, withdraw(1_000.0)).leap("2008-05-09", 90_000.0, Event("FREE_LOOK"))
    assert story.payments[-1].paid == pytest.approx(99_000.0, abs=CENT)


def test_cash_adds_up() -> None:
    """What the insurer adds, keeps and pays out of the Account Value."""
    added, kept = returned(95_000.0, PAYMENTS), returned(103_000.0, VALUE)
    assert (added.cash[PAID], added.cash[GUARANTEED_PAID]) == pytest.approx((95_000.0, 5_000.0), abs=CENT)
    assert (kept.cash[PAID], kept.cash[CHARGED]) == pytest.approx((97_000.0, 6_000.0), abs=CENT)


def test_no_charge_and_no_fee_of_the_benefit() -> None:
    story = Story("2008-05-01", 50_000.0, plan="HD7").on("2008-05-09", None, Event("FREE_LOOK"))
    assert story.payments[-1].paid == pytest.approx(50_000.0, abs=CENT)
    assert story.income.stage == ENDED


def test_nothing_is_returned_twice() -> None:
    story = returned(103_000.0, VALUE).leap("2008-05-10", None, Event("FREE_LOOK"))
    assert story.refusals == [Reason.CONTRACT_ENDED]
