"""Medically-related surrender (SUR-2, SUR-3), by the derived vector D-SUR-3 and by the sentences of the text."""

import numpy as np
import pytest

from tests.support.story import Event, Story, number, pay, withdraw, without_charges
from valuation.contract import ACTIVE, CHARGED, SURRENDERED
from valuation.events import CONFINEMENT, FATAL_ILLNESS, NO_CHOICE
from valuation.failures import Reason
from valuation.highest_daily_7 import ENDED, POST

CENT = 0.005
ISSUE, ASKED, CONFINED = "2008-05-01", "2008-08-01", "2008-05-03"


def medical(amount: float = 0.0, ground: int = FATAL_ILLNESS, event: str = "2008-06-02") -> Event:
    return Event("MEDICAL_SURRENDER", amount, ground, date=number(event))


class TestFull:
    """D-SUR-3: X, Account Value 80,000, credit 6,000 applied three months before: 74,000.00 with no charge at all."""

    def test_d_sur_3(self) -> None:
        story = Story(ISSUE, series="X").leap(ASKED, 80_000.0, medical())
        assert story.payments[-1].paid == pytest.approx(74_000.0, abs=CENT)
        assert story.ledger("MAINTENANCE_FEE") == 0.0
        assert story.core.status == SURRENDERED
        assert story.cash[CHARGED] == pytest.approx(6_000.0, abs=CENT)

    def test_a_surrender_would_pay_less(self) -> None:
        """The naive path: 9% of 100,000 and 35."""
        story = Story(ISSUE, series="X").leap(ASKED, 80_000.0, Event("SURRENDER"))
        assert story.payments[-1].paid == pytest.approx(80_000.0 - 9_000.0 - 35.0, abs=CENT)

    def test_credits_older_than_twelve_months_stay(self) -> None:
        story = Story(ISSUE, series="X", terms=without_charges()).leap("2009-05-04", 80_000.0, medical())
        assert story.payments[-1].paid == pytest.approx(80_000.0, abs=CENT)

    def test_the_benefit_ends_with_its_accrued_fee(self) -> None:
        story = Story(ISSUE, plan="HD7").on("2008-07-01", None, medical())
        assert story.income.stage == ENDED
        value = 100_000.0 * 1.07 ** (60 / 365.0)  # as at the start of the day, which the fee of the growth step follows
        assert -story.ledger("BENEFIT_FEE") == pytest.approx(0.006 * value * 61 / 365.0, abs=0.05)


class TestPart:
    """SUR-3, A-CR-4: a partial surrender takes back the same share of the credits."""

    @staticmethod
    def story() -> Story:
        return Story(ISSUE, series="X", terms=without_charges()).leap(ASKED, 80_000.0, medical(20_000.0))

    def test_share_of_the_credits(self) -> None:
        assert self.story().payments[-1].paid == pytest.approx(20_000.0 - 1_500.0, abs=CENT)
        assert self.story().account_value == pytest.approx(60_000.0, abs=CENT)

    def test_the_rest_of_the_credit_is_still_late(self) -> None:
        story = self.story().leap("2008-08-04", 60_000.0, medical())
        assert story.payments[-1].paid == pytest.approx(60_000.0 - 4_500.0, abs=CENT)

    def test_death_takes_back_the_rest_in_every_branch(self) -> None:
        story = self.story().leap("2008-08-04", 50_000.0, Event("DEATH", date=number("2008-08-04")))
        assert story.payments[-1].paid == pytest.approx(75_000.0, abs=CENT)  # 106,000 x 3/4 less 4,500

    def test_no_contingent_deferred_sales_charge(self) -> None:
        story = Story(ISSUE).leap(ASKED, 80_000.0, medical(20_000.0))
        assert story.payments[-1].charge == 0.0
        naive = Story(ISSUE).leap(ASKED, 80_000.0, withdraw(20_000.0))
        assert naive.payments[-1].charge == pytest.approx(700.0, abs=CENT)

    def test_to_the_benefit_it_is_a_withdrawal(self) -> None:
        one = Story(ISSUE, plan="HD7", terms=without_charges()).on("2008-07-01", None, medical(20_000.0))
        other = Story(ISSUE, plan="HD7", terms=without_charges()).on("2008-07-01", None, withdraw(20_000.0))
        assert one.income.stage == POST
        np.testing.assert_array_equal(np.array(one.income), np.array(other.income))

    def test_no_payment_afterwards(self) -> None:
        story = self.story().leap("2008-08-04", None, pay(1_000.0))
        assert story.refusals == [Reason.PAYMENTS_CLOSED]

    def test_enough_must_be_left(self) -> None:
        story = Story(ISSUE).leap(ASKED, 80_000.0, medical(79_500.0))
        assert story.refusals == [Reason.TOO_LITTLE_LEFT]
        assert story.leap("2008-08-04", None, pay(1_000.0)).refusals == [Reason.TOO_LITTLE_LEFT]


class TestConditions:
    """SUR-2 (prospectus 3308-3337)."""

    @pytest.mark.parametrize("day, accepted", [("2008-07-31", False), ("2008-08-01", True)])
    def test_ninety_days_confined(self, day: str, accepted: bool) -> None:
        story = Story(ISSUE).leap(day, None, medical(ground=CONFINEMENT, event=CONFINED))
        assert story.refusals == ([] if accepted else [Reason.MEDICAL_NOT_MET])
        assert (story.core.status == ACTIVE) is not accepted

    def test_the_event_must_fall_while_in_force(self) -> None:
        assert Story(ISSUE).leap(ASKED, None, medical(event="2008-04-30")).refusals == [Reason.MEDICAL_NOT_MET]

    def test_another_ground_is_none(self) -> None:
        assert Story(ISSUE).leap(ASKED, None, medical(ground=NO_CHOICE)).refusals == [Reason.MEDICAL_NOT_MET]

    def test_an_entitys_annuitant_must_have_been_named_before(self) -> None:
        story = Story(ISSUE, entity=True, qualified=True)
        story.leap("2008-08-04", None, Event("ANNUITANT_CHANGE", date=number("1970-02-01")))
        story.leap("2008-09-01", None, medical(event="2008-08-03"), medical(event="2008-08-04"))
        assert story.refusals == [Reason.MEDICAL_NOT_MET]
        assert story.core.status == SURRENDERED

    def test_at_most_half_a_million(self) -> None:
        story = Story(ISSUE, 600_000.0).leap(ASKED, None, medical(), medical(500_000.01))
        assert story.refusals == [Reason.MEDICAL_TOO_LARGE] * 2
        assert story.leap("2008-08-04", None, medical(500_000.0)).payments[-1].paid == pytest.approx(500_000.0)
