"""Enhanced Dollar Cost Averaging (prospectus 2269-2312): schedule, last transfer, events, life stages."""

from datetime import date
from functools import cache

import pytest

from tests.support.fixed_story import HALF_CENT, FixedStory
from tests.support.story import number
from valuation.declared_rates import ENHANCED, DeclaredRate
from valuation.enhanced_dollar_cost_averaging import (
    NEW_ENHANCED,
    Enhanced,
    allocate,
    allocation_refusal,
    change_of_period_refusal,
    end,
    grow,
    scheduled,
    take,
    transfer,
    transfer_all_refusal,
)
from valuation.failures import Reason
from valuation.fixed_rate_options import is_counted
from valuation.terms.investments import load_fixed_rate_terms

CENT = 0.005
TERMS = load_fixed_rate_terms()
RATES = [DeclaredRate(date(2008, 1, 1), "ENHANCED", n, 0.03) for n in (6, 12)]


def d_fix_1() -> FixedStory:
    story = FixedStory("2008-06-02", RATES, free_look="2008-06-12")
    return story.on("2008-06-02", ("ENHANCE", 12_000.0, 6))


class TestDFix1:
    """D-FIX-1: 12,000 in six transfers at 3% from 2 June 2008; the free look ends on 12 June."""

    @classmethod
    @cache
    def story(cls) -> FixedStory:
        return d_fix_1().on("2008-12-31")

    def test_dates(self) -> None:
        assert [day for day, _ in self.story().moved] == [
            "2008-06-13",
            "2008-07-14",
            "2008-08-13",
            "2008-09-15",
            "2008-10-13",
            "2008-11-13",
        ]

    def test_amounts(self) -> None:
        amounts = [amount for _, amount in self.story().moved]
        assert amounts == pytest.approx([2_000.0, 2_000.0, 2_000.0, 2_000.0, 2_000.0, 2_086.08], abs=CENT)

    def test_nothing_is_left_and_nothing_is_lost(self) -> None:
        story = self.story()
        assert story.dollar_cost == 0.0
        assert story.sub == pytest.approx(12_000.0 + story.interest, abs=1e-9)

    def test_no_transfer_counts(self) -> None:
        assert self.story().counted == 0
        assert not is_counted(ENHANCED)


class TestExEdca:
    """EX-EDCA (prospectus 2285-2290): of six transfers each is a sixth of the amount, the last one takes the interest."""

    @pytest.mark.parametrize("months", [6, 12])
    def test_shares(self, months: int) -> None:
        story = FixedStory("2008-06-02", RATES).on("2008-06-02", ("ENHANCE", 12_000.0, months)).on("2009-12-31")
        amounts = [amount for _, amount in story.moved]
        assert amounts[:-1] == [12_000.0 / months] * (months - 1)
        assert amounts[-1] == pytest.approx(12_000.0 / months + story.interest, abs=1e-9)

    def test_thirds_of_a_cent_are_left_to_the_last(self) -> None:
        story = FixedStory("2008-06-02", RATES).on("2008-06-02", ("ENHANCE", 10_000.0, 6)).on("2008-12-31")
        amounts = [amount for _, amount in story.moved]
        assert amounts[:-1] == [1_666.67] * 5
        assert amounts[-1] == pytest.approx(1_666.65 + story.interest, abs=1e-9)


class TestSchedule:
    """FIX-6: the first on the day of the payment, or on the day after the free look."""

    def test_the_first_is_on_the_day_of_the_payment(self) -> None:
        story = FixedStory("2008-06-02", RATES).on("2008-06-02", ("ENHANCE", 6_000.0, 6))
        assert story.moved == [("2008-06-02", 1_000.0)]

    @pytest.mark.parametrize("free_look, first", [("2008-06-01", "2008-06-02"), ("2008-06-02", "2008-06-03")])
    def test_a_free_look_that_ends(self, free_look: str, first: str) -> None:
        option = allocate(6_000.0, 0.03, 6, number(free_look), number("2008-06-02"))
        assert option.first == number(first)

    def test_the_last_day_of_a_month(self) -> None:
        """C-3: 31 January, 29 February, 31 March, 30 April, and no drift."""
        option = allocate(12_000.0, 0.03, 12, 0, number("2008-01-31"))
        firsts = ["2008-01-31", "2008-02-29", "2008-03-31", "2008-04-30"]
        for k, day in enumerate(firsts):
            assert scheduled(option, number(day)) == k + 1
            assert scheduled(option, number(day) - 1) == k

    def test_the_anniversaries_are_of_the_scheduled_first_day(self) -> None:
        """The day after the free look is a Saturday: the first transfer is made on Monday, the next ones keep its date."""
        story = FixedStory("2008-06-02", RATES, free_look="2008-06-13")
        story.on("2008-06-02", ("ENHANCE", 6_000.0, 6)).on("2008-08-31")
        assert [day for day, _ in story.moved] == ["2008-06-16", "2008-07-14", "2008-08-14"]

    def test_two_transfers_of_one_closed_stretch_are_made_together(self) -> None:
        option = allocate(6_000.0, 0.0, 6, 0, number("2008-06-02"))
        option, amount = transfer(option, 1.0, number("2008-07-02"))
        assert (amount, option.made) == (2_000.0, 2.0)

    def test_several_periods_run_at_once(self) -> None:
        story = FixedStory("2008-06-02", RATES).on("2008-06-02", ("ENHANCE", 6_000.0, 6), ("ENHANCE", 12_000.0, 12))
        story.on("2008-12-31")
        assert [one.value > 0.0 for one in story.enhanced] == [False, True]
        assert story.enhanced[1].made == 7.0


class TestAllocation:
    """FIX-5: Purchase Payments only, a number of transfers that is offered, and no other number afterwards."""

    @pytest.mark.parametrize(
        "offered, transfers, payment, reason",
        [
            (True, 6, True, 0),
            (True, 12, True, 0),
            (True, 9, True, Reason.ENHANCED_PERIOD),
            (False, 6, True, Reason.FIXED_NOT_OFFERED),
            (True, 6, False, Reason.ENHANCED_PAYMENT_ONLY),
        ],
    )
    def test_refusals(self, offered: bool, transfers: int, payment: bool, reason: int) -> None:
        assert allocation_refusal(TERMS, offered, transfers, payment) == reason

    def test_the_period_stays(self) -> None:
        assert change_of_period_refusal(6, 6) == 0
        assert change_of_period_refusal(6, 12) == Reason.ENHANCED_PERIOD

    def test_the_rate_is_that_of_the_day_of_the_payment(self) -> None:
        rates = [*RATES, DeclaredRate(date(2008, 7, 1), "ENHANCED", 6, 0.05)]
        story = FixedStory("2008-06-02", rates).on("2008-06-02", ("ENHANCE", 6_000.0, 6)).on("2008-07-15")
        assert story.enhanced[0].rate == 0.03
        story.on("2008-07-15", ("ENHANCE", 6_000.0, 6))
        assert story.enhanced[1].rate == 0.05


class TestEvents:
    """FIX-7: withdrawals and fees spread the rest anew; a single transfer of all that is left; cancellation."""

    def test_a_withdrawal_spreads_the_rest_over_the_transfers_left(self) -> None:
        story = d_fix_1().on("2008-07-14")
        before = story.enhanced[0].value
        story.on("2008-07-14", ("TAKE", 1_200.0))
        option = story.enhanced[0]
        part = 1_200.0 * before / (before + 4_000.0)
        assert option.value == pytest.approx(before - part, abs=1e-9)
        assert option.periodic == pytest.approx(option.value / 4.0, abs=1e-9)
        story.on("2008-12-31")
        assert len(story.moved) == 6
        assert story.dollar_cost == 0.0

    def test_interest_to_the_next_transfer_may_be_included(self) -> None:
        option = allocate(12_000.0, 0.03, 6, 0, number("2008-06-02"))
        option, _ = transfer(option, 0.0, number("2008-06-02"))
        ahead = TERMS._replace(recalculated_interest=1.0)
        without = take(option, TERMS, 1_000.0, HALF_CENT, number("2008-06-02"))
        with_all = take(option, ahead, 1_000.0, HALF_CENT, number("2008-06-02"))
        assert without.periodic == pytest.approx(1_800.0, abs=1e-9)
        assert with_all.periodic == pytest.approx(1_800.0 * 1.03 ** (30.0 / 365.0), abs=1e-9)
        assert with_all.value == without.value == 9_000.0

    def test_nothing_taken_changes_nothing(self) -> None:
        option = grow(allocate(12_000.0, 0.03, 6, 0, 14_000), 14_000, 14_010)
        assert take(option, TERMS, 0.0, HALF_CENT, 14_010) == option

    def test_all_taken_ends_it(self) -> None:
        option = allocate(12_000.0, 0.03, 6, 0, 14_000)
        assert take(option, TERMS, 12_000.0 - 0.004, HALF_CENT, 14_000) == end(option)
        assert transfer(end(option), 1.0, 14_040) == (end(option), 0.0)

    @pytest.mark.parametrize("amount, reason", [(5_000.0, Reason.ENHANCED_IN_WHOLE), (12_000.0, 0)])
    def test_the_rest_leaves_whole(self, amount: float, reason: int) -> None:
        option = allocate(12_000.0, 0.03, 6, number("2008-06-12"), number("2008-06-02"))
        assert transfer_all_refusal(option, amount, HALF_CENT) == reason
        assert transfer_all_refusal(end(option), amount, HALF_CENT) == Reason.TRANSFER_FROM_EMPTY


class TestLifeStages:
    """Before the payment, in the free look, while it runs, when Account Value is exhausted, and after it has ended."""

    def test_before_there_is_an_allocation(self) -> None:
        assert scheduled(NEW_ENHANCED, 14_000) == 0.0
        assert transfer(NEW_ENHANCED, 1.0, 14_000) == (NEW_ENHANCED, 0.0)
        assert grow(NEW_ENHANCED, 13_999, 14_000) == NEW_ENHANCED

    def test_on_the_day_of_the_payment_nothing_is_earned(self) -> None:
        option = allocate(12_000.0, 0.03, 6, 0, 14_000)
        assert grow(option, 13_999, 14_000).value == 12_000.0

    def test_in_the_free_look_all_of_it_is_there_with_interest(self) -> None:
        """FL-2: what is refunded is the Account Value, this option's interest included."""
        story = d_fix_1().on("2008-06-12")
        assert story.moved == []
        assert story.account == pytest.approx(12_000.0 * 1.03 ** (10.0 / 365.0), abs=1e-8)

    def test_a_withdrawal_of_everything_ends_it(self) -> None:
        story = d_fix_1().on("2008-07-14")
        story.on("2008-07-14", ("TAKE", story.account)).on("2008-12-31")
        assert story.account == pytest.approx(0.0, abs=1e-9)
        assert len(story.moved) == 2

    def test_a_single_transfer_ends_it(self) -> None:
        story = d_fix_1().on("2008-07-20")
        story.on("2008-07-20", ("EMPTY", story.dollar_cost))
        before = story.sub
        story.on("2008-12-31")
        assert (story.dollar_cost, story.sub, len(story.moved)) == (0.0, before, 2)

    def test_surrender_annuitisation_death_or_a_new_owner_end_it_with_its_interest(self) -> None:
        option = grow(allocate(12_000.0, 0.03, 6, 14_020, 14_000), 14_000, 14_010)
        assert option.value == pytest.approx(12_000.0 * 1.03 ** (10.0 / 365.0), abs=1e-9)
        ended = end(option)
        assert (ended.value, scheduled(ended, 15_000) - ended.made) == (0.0, 0.0)

    def test_long_after_the_last_transfer_nothing_comes_back(self) -> None:
        option: Enhanced = allocate(12_000.0, 0.03, 6, 0, 14_000)
        for today in range(14_000, 14_400):
            option, _ = transfer(grow(option, today - 1, today), 1.0, today)
        assert option == end(option)
