"""Large Purchase Payments: the company must approve what brings the payments to 1,000,000 (PUR-3, A-PUR-2)."""

import pytest

from tests.support.story import Event, Story, pay
from valuation.contract import PENDING
from valuation.events import APPROVED, DECLINED
from valuation.failures import Reason


def large(amount: float, decision: int) -> Event:
    return Event("PURCHASE_PAYMENT", amount, target=decision)


class TestLargePayments:
    """Prospectus 2554-2561: initial and additional payments of $1,000,000 or more need approval."""

    def test_initial_payment_of_a_million_is_not_issued(self) -> None:
        story = Story("2008-05-01", 1_000_000.0)
        assert story.refusals == [Reason.LARGE_PAYMENT]
        assert story.core.status == PENDING
        assert story.account_value == 0.0

    def test_a_cent_less_needs_nobody(self) -> None:
        assert Story("2008-05-01", 999_999.99).refusals == []

    def test_the_sum_of_payments_counts(self) -> None:
        story = Story("2008-05-01", 600_000.0).on("2008-05-05", None, pay(399_999.99), pay(100.0))
        assert story.refusals == [Reason.LARGE_PAYMENT]
        assert story.account_value == pytest.approx(999_999.99, abs=0.005)

    def test_approved(self) -> None:
        story = Story("2008-05-01", 600_000.0).on("2008-05-05", None, large(400_000.0, APPROVED))
        assert story.refusals == []
        assert story.account_value == pytest.approx(1_000_000.0, abs=0.005)

    def test_declined_is_as_if_nothing_was_said(self) -> None:
        story = Story("2008-05-01", 600_000.0).on("2008-05-05", None, large(400_000.0, DECLINED))
        assert story.refusals == [Reason.LARGE_PAYMENT]
