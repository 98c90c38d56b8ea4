"""TrueIncome - Highest Daily through the stages of its life: before its election to after its end."""

import pytest

from tests.support.highest_daily_story import HighestDailyStory
from tests.support.story import number
from valuation import highest_daily as hd
from valuation.clock import day_of
from valuation.contract import Life
from valuation.highest_daily_7 import ENDED, NONE, PAYING, POST, PRE
from valuation.highest_daily_endings import (
    AnnuityRates,
    annuity_payments_from,
    cancelled_by_change,
    default_annuity,
    guaranteed_payment,
)
from valuation.terms.benefits import load_highest_daily_terms

CENT = 0.005
TERMS = load_highest_daily_terms()


def story(**more: object) -> HighestDailyStory:
    """100,000 on 1 July 2008, Annuitant aged 65, no transfers unless asked for."""
    return HighestDailyStory("2008-07-01", **{"transfers": False, **more})  # type: ignore[arg-type]


def drawing(**more: object) -> HighestDailyStory:
    """The same with a first withdrawal of 1,000 at a Total Protected Withdrawal Value of 120,000."""
    return story(**more).on("2009-03-02", 120_000.0, ("TAKE", 1_000.0))


def exhausted() -> HighestDailyStory:
    """Emptied by a withdrawal within the income: 3,000 of the 5,000 that remain."""
    return drawing().on("2009-05-01", 3_000.0, ("TAKE", 5_000.0))


class TestBeforeTheElection:
    def test_nothing_is_there(self) -> None:
        income = story(elected=False).on("2008-12-31", 120_000.0, ("TAKE", 5_000.0)).income
        assert income == hd.NEW_HIGHEST_DAILY
        assert income.stage == NONE
        assert hd.benefit_charge(income) == 0.0

    @pytest.mark.parametrize("birth, may", [("1953-07-01", True), ("1953-07-02", False)])
    def test_the_annuitant_is_at_least_55(self, birth: str, may: bool) -> None:
        start = number("2008-07-01")
        life = Life(start, number("1930-01-01"), number(birth), 0, start + 9_000, 0)
        assert hd.may_elect(hd.NEW_HIGHEST_DAILY, TERMS, life, start) is may

    def test_withdrawals_before_it_do_not_count(self) -> None:
        told = (
            story(elected=False)
            .on("2008-12-31", 120_000.0, ("TAKE", 5_000.0))
            .on("2009-01-05", 90_000.0, ("ELECT", 0.0))
        )
        assert told.income.principal == 90_000.0
        assert told.income.taken == 0.0


class TestEffectiveDate:
    def test_values(self) -> None:
        income = story().income
        assert income.stage == PRE
        assert income.protected == income.principal == 100_000.0
        assert income.enhanced == 200_000.0
        assert hd.benefit_charge(income) == 0.006

    def test_the_enhanced_value_does_not_exist_yet(self) -> None:
        assert story().total_protected == 100_000.0


class TestAccumulating:
    def test_daily_equivalent_of_five_percent(self) -> None:
        assert story().on("2008-07-04", 90_000.0).income.protected == pytest.approx(
            100_000.0 * 1.05 ** (3.0 / 365.0), abs=1e-8
        )

    def test_closed_days_grow(self) -> None:
        told = story().on("2008-07-03", 90_000.0).leap("2008-07-07", 90_000.0)
        assert told.income.protected == pytest.approx(100_000.0 * 1.05 ** (6.0 / 365.0), abs=1e-8)

    def test_every_days_high_counts(self) -> None:
        told = story().on("2008-07-02", 130_000.0).on("2008-07-03", 90_000.0)
        assert told.income.protected == pytest.approx(130_000.0 * 1.05 ** (1.0 / 365.0), abs=1e-8)

    def test_a_payment_is_added_beside_growth_and_account_value(self) -> None:
        told = story().on("2008-07-02", 130_000.0, ("PAY", 10_000.0))
        assert told.income.protected == pytest.approx(140_000.0, abs=1e-8)

    @pytest.mark.parametrize("day, enhanced", [("2009-07-01", 220_000.0), ("2009-07-02", 210_000.0)])
    def test_one_year_includes_its_last_day(self, day: str, enhanced: float) -> None:
        """A-22."""
        told = story().on(day, None, ("PAY", 10_000.0))
        assert told.income.enhanced == enhanced
        assert told.income.principal == enhanced / 2.0 if enhanced == 220_000.0 else 100_000.0


class TestTheTenthAnniversary:
    def test_growth_of_ten_years(self) -> None:
        told = story().on("2018-07-01", 90_000.0)
        assert told.income.protected == pytest.approx(100_000.0 * 1.05 ** (3_652.0 / 365.0), abs=1e-6)

    def test_its_account_value_counts(self) -> None:
        assert story().on("2018-07-01", 300_000.0).income.protected == 300_000.0

    def test_no_growth_and_no_ratchet_after_it(self) -> None:
        told = story().on("2018-07-01", 90_000.0).on("2018-07-02", 250_000.0)
        kept = told.income.protected
        assert kept == pytest.approx(100_000.0 * 1.05 ** (3_652.0 / 365.0), abs=1e-6)
        assert told.total_protected == 250_000.0
        assert told.on("2018-07-03", 150_000.0).total_protected == 200_000.0
        assert told.income.protected == kept

    def test_a_closed_one_grows_to_its_own_date_and_is_not_compared(self) -> None:
        """A-20: to 1 July 2018, a Sunday; the Monday's Account Value is the other leg."""
        told = story().on("2018-06-29", 90_000.0).leap("2018-07-02", 180_000.0)
        assert told.income.protected == pytest.approx(100_000.0 * 1.05 ** (3_652.0 / 365.0), abs=1e-6)

    def test_the_return_of_principal_of_a_closed_one(self) -> None:
        told = story().on("2018-06-29", 90_000.0).leap("2018-07-02", 80_000.0, ("TAKE", 1_000.0))
        assert told.past[-1].added == pytest.approx(20_000.0, abs=CENT)
        assert told.income.total_annual == pytest.approx(10_000.0, abs=CENT)


class TestFirstWithdrawal:
    def test_both_incomes(self) -> None:
        income = drawing().income
        assert income.stage == POST
        assert income.first_withdrawal == number("2009-03-02")
        assert income.total_annual == income.highest_daily == pytest.approx(6_000.0, abs=CENT)
        assert income.remaining == pytest.approx(5_000.0, abs=CENT)

    def test_the_values_are_kept_and_no_longer_calculated(self) -> None:
        told = drawing().on("2009-04-01", 200_000.0)
        assert told.income.protected == told.total_protected == 120_000.0

    def test_nothing_is_left_of_the_enhanced_value(self) -> None:
        told = drawing().on("2018-07-02", 90_000.0)
        assert told.total_protected == 120_000.0
        assert all(past.added == 0.0 for past in told.past)


class TestIncome:
    def test_what_is_not_taken_lapses(self) -> None:
        told = drawing().on("2009-07-01", 110_000.0)
        assert told.income.remaining == told.income.total_annual == pytest.approx(6_000.0, abs=CENT)
        assert told.income.taken == 0.0

    def test_a_payment_raises_both_incomes_what_remains_and_the_quarterly_values(self) -> None:
        told = drawing().on("2009-04-01", 118_000.0).on("2009-04-02", None, ("PAY", 10_000.0))
        assert told.income.total_annual == told.income.highest_daily == pytest.approx(6_500.0, abs=CENT)
        assert told.income.remaining == pytest.approx(5_500.0, abs=CENT)
        assert told.income.quarter_high == pytest.approx(128_000.0, abs=CENT)

    def test_a_required_distribution_is_no_excess(self) -> None:
        told = drawing().on("2009-04-02", 110_000.0, ("NOTICE", 8_000.0), ("RMD", 7_000.0))
        assert told.income.total_annual == pytest.approx(6_000.0, abs=CENT)
        assert told.income.remaining == 0.0

    def test_beyond_it_is(self) -> None:
        told = drawing().on("2009-04-02", 110_000.0, ("NOTICE", 8_000.0), ("RMD", 8_000.0))
        assert told.income.total_annual == pytest.approx(6_000.0 * (1.0 - 1_000.0 / 103_000.0), abs=CENT)

    def test_a_step_up_carries_the_charge_of_new_elections(self) -> None:
        """LB-FEE-9: at most the maximum, and only with a step-up."""
        told = drawing()
        told.terms = TERMS._replace(yearly_charge=0.02)
        assert told.on("2009-07-01", 119_000.0).income.charge == 0.006
        assert told.on("2010-07-01", 130_000.0).income.charge == 0.015

    def test_the_owner_may_cancel_step_ups(self) -> None:
        """A-25: the income and the charge stay."""
        told = drawing()
        told.income = hd.cancel_step_ups(told.income)
        told.terms = TERMS._replace(yearly_charge=0.02)
        told.on("2009-07-01", 150_000.0)
        assert told.income.total_annual == pytest.approx(6_000.0, abs=CENT)
        assert told.income.charge == 0.006


class TestAccountValueZero:
    def test_by_a_withdrawal_within_the_income(self) -> None:
        told = exhausted()
        assert told.income.stage == PAYING
        assert told.past[-1].paid == pytest.approx(2_000.0, abs=CENT)
        assert told.account == 0.0
        assert hd.benefit_charge(told.income) == 0.0

    def test_a_payment_every_anniversary(self) -> None:
        told = exhausted().on("2012-07-02")
        paid = {past.day: past.paid for past in told.past if past.paid > 0.0}
        years = [number(f"{year}-07-01") for year in (2009, 2010, 2011, 2012)]
        assert list(paid) == [number("2009-05-01"), *years]
        assert all(paid[day] == pytest.approx(6_000.0, abs=CENT) for day in years)
        assert all(past.moved == 0.0 for past in told.past)

    def test_above_the_income_it_ends(self) -> None:
        told = drawing().on("2009-05-01", 6_000.0, ("TAKE", 6_000.0))
        assert told.income.stage == ENDED
        assert told.past[-1].paid == 0.0

    def test_by_the_market_before_any_withdrawal(self) -> None:
        """A-27."""
        told = story().on("2009-05-01", 0.0)
        assert told.income.stage == PAYING
        assert told.past[-1].paid == pytest.approx(0.05 * told.income.protected, abs=CENT)

    def test_by_the_market_in_a_year_of_excess(self) -> None:
        """What ends it is a withdrawal that empties the account, not an earlier one of the year."""
        told = drawing().on("2009-04-01", 110_000.0, ("TAKE", 7_000.0)).on("2009-05-01", 0.0)
        assert told.income.stage == PAYING
        assert told.income.total_annual == pytest.approx(6_000.0 * (1.0 - 2_000.0 / 105_000.0), abs=CENT)
        assert told.past[-1].paid == 0.0

    def test_a_required_distribution_may_empty_it(self) -> None:
        told = drawing().on("2009-04-02", 7_000.0, ("NOTICE", 8_000.0), ("RMD", 7_000.0))
        assert told.income.stage == PAYING
        assert told.income.total_annual == pytest.approx(6_000.0, abs=CENT)

    def test_a_payment_changes_nothing(self) -> None:
        told = exhausted()
        assert hd.pay_in(told.income, told.terms, told.past[-1].facts, 10_000.0) == told.income


class TestAnnuitisation:
    def test_the_income_without_a_withdrawal_so_far(self) -> None:
        told = story().on("2018-07-02", 150_000.0, ("KEEP", 0.0))
        assert told.income.stage == PAYING
        assert told.income.total_annual == pytest.approx(10_000.0, abs=CENT)

    def test_yearly_from_then_on(self) -> None:
        told = drawing().on("2011-08-01", None, ("KEEP", 0.0)).on("2013-07-01")
        assert [past.paid for past in told.past if past.paid > 0.0] == pytest.approx([6_000.0] * 2, abs=CENT)

    def test_default_of_the_greater_amount_and_the_greater_rates(self) -> None:
        life, certain = AnnuityRates(0.06, 0.05), AnnuityRates(0.055, 0.057)
        assert default_annuity(6_000.0, 80_000.0, life, certain) == pytest.approx(5_700.0, abs=1e-9)
        assert default_annuity(6_000.0, 120_000.0, life, certain) == pytest.approx(6_840.0, abs=1e-9)

    @pytest.mark.parametrize(
        "birth, expected", [("1943-07-01", "2038-07-01"), ("1943-07-02", "2039-07-01"), ("1943-01-15", "2038-07-01")]
    )
    def test_payments_are_annuity_payments_after_95(self, birth: str, expected: str) -> None:
        start = number("2008-07-01")
        life = Life(start, number(birth), number(birth), 0, start + 9_000, 0)
        assert annuity_payments_from(TERMS, life) == number(expected)


class TestEnd:
    def test_the_fixed_account_goes_to_the_sub_accounts_and_no_charge_is_due(self) -> None:
        told = story(transfers=True, rate=0.03).on("2008-07-02", 92_300.0).on("2008-07-03")
        whole, fixed = told.account, told.fixed
        assert fixed > 14_000.0
        told.on("2008-07-04", None, ("END", 0.0))
        assert told.income.stage == ENDED
        assert told.fixed == 0.0
        assert told.account == pytest.approx(whole + told.past[-1].interest, abs=1e-9)
        assert hd.benefit_charge(told.income) == 0.0

    def test_a_death_stops_the_payments(self) -> None:
        told = exhausted().on("2010-01-04", None, ("END", 0.0)).on("2012-07-02")
        assert sum(past.paid for past in told.past) == pytest.approx(2_000.0 + 6_000.0, abs=CENT)

    def test_it_can_never_be_elected_again(self) -> None:
        told = story().on("2008-08-01", None, ("END", 0.0)).on("2009-07-01", None, ("ELECT", 0.0))
        assert told.income.stage == ENDED
        assert told.income.ended == number("2008-08-01")

    def test_nothing_happens_after_it(self) -> None:
        told = drawing().on("2009-05-01", None, ("END", 0.0))
        ended = told.income
        told.on("2010-07-02", 200_000.0, ("PAY", 10_000.0), ("TAKE", 5_000.0))
        assert told.income == ended
        today = number("2010-07-01")
        assert guaranteed_payment(ended, day_of(number("2008-07-01"), today - 1, today)) == 0.0

    @pytest.mark.parametrize(
        "annuitant, owner, same_taxpayer, to_entity, cancelled",
        [
            (False, False, False, False, False),
            (True, False, False, False, True),
            (True, True, True, True, True),
            (False, True, False, False, True),
            (False, True, True, False, False),
            (False, True, False, True, False),
        ],
    )
    def test_changes_of_owner_and_annuitant(
        self, annuitant: bool, owner: bool, same_taxpayer: bool, to_entity: bool, cancelled: bool
    ) -> None:
        """HD-15 (prospectus 5357-5362)."""
        assert cancelled_by_change(annuitant, owner, same_taxpayer, to_entity) is cancelled
