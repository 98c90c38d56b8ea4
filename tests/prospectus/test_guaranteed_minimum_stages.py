"""The Guaranteed Minimum Income Benefit through the stages of a contract's life: before issue to after its end."""

import pytest

from tests.support.protected import HALF_CENT, TERMS, Protected, number, pay_in, step_up, take
from valuation import guaranteed_minimum_income as gmi
from valuation import guaranteed_minimum_payments as payments
from valuation.annuity_options import annuitant_dies, joint_annuitant_dies, owed, pay
from valuation.annuity_rates import joint_rate, life_rate, load_rate_bases
from valuation.clock import day_of
from valuation.contract import NEW_CORE, Life
from valuation.terms.benefits import load_annuity_option_terms

OPTIONS = load_annuity_option_terms()
NONE = gmi.NEW_PROTECTED_INCOME
ISSUE = "2008-07-01"
CENT = 0.005


def seven_years(account: float = 60_000.0) -> Protected:
    return Protected(ISSUE).leap("2015-07-01", account)


def may_annuitise(story: Protected, ira: bool = False) -> bool:
    return payments.may_annuitise(story.benefit, TERMS, story.life, story.day, ira)


class TestBeforeIssue:
    def test_nothing_is_there_and_no_rule_makes_anything(self) -> None:
        life = Life(number(ISSUE), number("1945-01-15"), number("1945-01-15"), 0, 0, 0)
        facts = gmi.protected_day(NONE, TERMS, life, day_of(life.issue, life.issue - 2, life.issue - 1))
        assert facts == gmi.NO_PROTECTED_DAY
        assert gmi.grow(gmi.accrue(NONE, TERMS, facts), TERMS, facts, 1.0) == NONE
        assert gmi.pay_in(NONE, TERMS, facts, 5_000.0) == NONE
        assert gmi.withdraw(NONE, 0.0, 100.0, 1_000.0, HALF_CENT) == NONE
        assert gmi.change_annuitant(NONE, TERMS, life, life.issue) == NONE
        assert gmi.annual_fee(NONE, TERMS, facts, 1_000.0) == 0.0
        assert gmi.accrued_fee(NONE, TERMS, facts, 1_000.0, life.issue) == 0.0


class TestElection:
    """EL-2 (prospectus 3849-3853, 4148-4151): on the Issue Date, Annuitant 75 or less."""

    @pytest.mark.parametrize(
        "birth, day, allowed",
        [
            ("1932-07-02", ISSUE, True),
            ("1932-07-01", ISSUE, False),
            ("1945-01-15", "2008-07-02", False),
        ],
    )
    def test_who_and_when(self, birth: str, day: str, allowed: bool) -> None:
        life = Life(number(ISSUE), number("1920-01-01"), number(birth), 0, 0, 0)
        assert gmi.may_elect(TERMS, life, number(day)) == allowed


class TestIssueDay:
    def test_values(self) -> None:
        benefit = Protected(ISSUE).benefit
        assert benefit.stage == gmi.ACTIVE
        assert (benefit.value, benefit.maximum, benefit.limit) == (100_000.0, 200_000.0, 5_000.0)
        assert benefit.accrued == 0.0

    def test_a_withdrawal_on_that_day(self) -> None:
        story = Protected(ISSUE)
        story.withdraw(4_000.0)
        assert story.benefit.value == 96_000.0
        assert story.benefit.remaining == 1_000.0


class TestAccumulating:
    def test_growth_of_fourteen_years_and_then_the_maximum(self) -> None:
        story = Protected(ISSUE, birth="1950-01-15")
        for year in range(1, 15):
            story.leap(f"{2008 + year}-07-01", 40_000.0)
            assert story.benefit.value == pytest.approx(100_000.0 * 1.05**year, rel=1e-12)
        assert story.leap("2023-07-01", 40_000.0).benefit.value == 200_000.0

    def test_a_payment_grows_from_its_own_day(self) -> None:
        story = Protected(ISSUE).on("2008-09-01", None, pay_in(10_000.0)).on("2009-07-01")
        grown = 100_000.0 * 1.05 + 10_000.0 * 1.05 ** (303.0 / 365.0)
        assert story.benefit.value == pytest.approx(grown, abs=1e-6)
        assert story.benefit.maximum == pytest.approx(220_000.0, abs=1e-9)

    def test_a_payment_raises_the_limit_on_the_next_anniversary(self) -> None:
        story = Protected(ISSUE).on("2008-09-01", None, pay_in(10_000.0))
        assert story.benefit.limit == 5_000.0
        assert story.on("2009-07-01").benefit.limit == pytest.approx(0.05 * story.benefit.value, abs=1e-9)

    def test_the_charge_of_every_anniversary(self) -> None:
        story = Protected(ISSUE, charged=True).on("2010-07-01", 100_000.0)
        assert [day for day, _ in story.fees] == [number("2009-07-01"), number("2010-07-01")]
        assert story.fees[1][1] == pytest.approx(1.05 * story.fees[0][1], rel=1e-9)

    def test_a_payment_is_taken_even_where_the_value_may_not_grow_any_more(self) -> None:
        story = Protected(ISSUE, birth="1934-01-15").leap("2016-07-01", 90_000.0, pay_in(10_000.0)).leap("2017-06-30")
        assert story.benefit.value == pytest.approx(100_000.0 * 1.05**7 + 10_000.0, abs=1e-6)


class TestFirstWithdrawal:
    def test_within_the_limit(self) -> None:
        benefit = Protected(ISSUE).on("2008-09-01", 90_000.0, take(5_000.0)).benefit
        assert benefit.value == pytest.approx(100_000.0 * 1.05 ** (62.0 / 365.0) - 5_000.0, abs=1e-6)
        assert benefit.remaining == 0.0
        assert benefit.maximum == pytest.approx(195_000.0, abs=1e-9)

    def test_half_a_cent_above_it_is_no_excess(self) -> None:
        story = Protected(ISSUE)
        story.withdraw(5_000.004)
        assert story.benefit.value == pytest.approx(100_000.0 - 5_000.004, abs=1e-9)

    def test_an_excess_of_the_whole_account_leaves_nothing(self) -> None:
        story = Protected(ISSUE).leap("2008-07-02", 40_000.0, take(40_000.0))
        assert story.benefit.value == 0.0
        assert story.benefit.maximum > 0.0


class TestIncomeYears:
    def test_the_limit_every_year_keeps_the_value(self) -> None:
        """5% growth and 5% withdrawn on each anniversary."""
        story = Protected(ISSUE)
        for year in range(2009, 2015):
            story.leap(f"{year}-07-01", 80_000.0)
            story.withdraw(story.benefit.remaining)
        assert story.benefit.value == pytest.approx(100_000.0 * (1.05 * 0.95) ** 6, rel=1e-12)

    def test_what_is_not_taken_is_not_carried_over(self) -> None:
        story = Protected(ISSUE).leap("2009-06-30", 90_000.0, take(1_000.0)).leap("2009-07-01")
        assert story.benefit.remaining == pytest.approx(0.05 * story.benefit.value, abs=1e-9)


class TestAccountValueExhausted:
    def test_the_charge_takes_what_is_there(self) -> None:
        story = Protected(ISSUE, charged=True).leap("2009-07-01", 300.0)
        assert story.fees[0][1] == 300.0
        assert story.account == 0.0

    def test_nothing_is_paid_from_the_value(self) -> None:
        """GMIB-17 and decision 8: the contract ends; the benefit has no payment but an annuity."""
        story = Protected(ISSUE).leap("2009-01-02", 4_000.0, take(4_000.0)).end()
        assert story.account == 0.0
        assert story.benefit.stage == gmi.ENDED
        assert story.benefit.value == 0.0
        assert gmi.income_available(story.benefit, NEW_CORE, True) == 0.0


class TestWaitingPeriod:
    """GMIB-10 (prospectus 4028-4041): seven years, then 30 days after every anniversary."""

    @pytest.mark.parametrize(
        "day, open_",
        [
            ("2014-07-01", False),
            ("2015-06-30", False),
            ("2015-07-01", True),
            ("2015-07-31", True),
            ("2015-08-01", False),
            ("2016-06-30", False),
            ("2016-07-05", True),
        ],
    )
    def test_window(self, day: str, open_: bool) -> None:
        assert may_annuitise(Protected(ISSUE).leap(day)) == open_

    def test_a_step_up_begins_it_again_and_it_ends_on_an_anniversary(self) -> None:
        story = Protected(ISSUE).leap("2009-03-02", 150_000.0, step_up)
        first = payments.first_exercise(story.benefit, TERMS, story.life)
        assert first == number("2016-07-01")
        assert not may_annuitise(story.leap("2015-07-01"))
        assert may_annuitise(story.leap("2016-07-01"))

    def test_a_step_up_on_an_anniversary(self) -> None:
        story = Protected(ISSUE).leap("2009-07-01", 150_000.0, step_up)
        assert payments.first_exercise(story.benefit, TERMS, story.life) == number("2016-07-01")

    @pytest.mark.parametrize("ira, last", [(False, "2040-07-01"), (True, "2037-07-01")])
    def test_last_chance(self, ira: bool, last: str) -> None:
        story = Protected(ISSUE, birth="1945-01-15")
        assert payments.last_exercise(TERMS, story.life, ira) == number(last)
        assert may_annuitise(story.leap(number(last)), ira)
        assert not may_annuitise(story.leap(number(last) + 1), ira)

    def test_a_closed_last_anniversary_is_processed_on_the_next_valuation_day(self) -> None:
        story = Protected(ISSUE).leap("2040-06-29")
        assert may_annuitise(story.leap("2040-07-03"))

    def test_a_benefit_that_has_ended_cannot_be_exercised(self) -> None:
        assert not may_annuitise(seven_years().end())


class TestAnnuityPayments:
    """GMIB-11, GMIB-12 (prospectus 4047-4090)."""

    special = life_rate(load_rate_bases()["income_benefit"], "M", 70, 2015, 7)
    current = life_rate(load_rate_bases()["current"], "M", 70, 2015)

    def test_the_protected_income_value_pays_more(self) -> None:
        story = seven_years(60_000.0)
        amount = payments.annuity_payment(story.benefit, self.special, self.current, story.account, 0.0)
        assert amount == pytest.approx(self.special * 100_000.0 * 1.05**7, rel=1e-12)

    def test_the_account_value_pays_more(self) -> None:
        story = seven_years(130_000.0)
        amount = payments.annuity_payment(story.benefit, self.special, self.current, story.account, 0.0)
        assert amount == pytest.approx(self.current * 130_000.0, rel=1e-12)
        assert story.benefit.value > story.account

    def test_the_tax_charge_comes_off_both(self) -> None:
        story = seven_years(60_000.0)
        amount = payments.annuity_payment(story.benefit, 0.004, 0.009, 60_000.0, 2_000.0)
        assert amount == pytest.approx(max(0.004 * (story.benefit.value - 2_000.0), 0.009 * 58_000.0), rel=1e-12)

    def test_years_since_the_value_was_set_choose_the_rate(self) -> None:
        story = Protected(ISSUE).leap("2009-03-02", 150_000.0, step_up).leap("2016-07-05")
        assert payments.years_since_reset(story.benefit, story.today) == 7
        assert payments.years_since_reset(seven_years().benefit, number("2018-06-30")) == 9

    def test_the_charge_of_the_part_year(self) -> None:
        story = seven_years().leap("2015-07-21", 60_000.0)
        average = sum(100_000.0 * 1.05 ** (7 + d / 365.0) for d in range(20)) / 20.0
        assert story.accrued_fee() == pytest.approx(0.005 * average * 20.0 / 366.0, abs=1e-6)

    def test_afterwards_no_charge_and_no_value(self) -> None:
        story = seven_years()
        benefit = payments.annuitise(story.benefit, story.today)
        assert benefit.stage == gmi.ANNUITISED
        assert benefit.ended == story.today
        story.benefit = benefit
        assert story.leap("2016-07-01", 50_000.0).fees == [(number("2015-07-01"), pytest.approx(story.fees[0][1]))]
        assert story.accrued_fee() == 0.0

    def test_option_1_pays_120_months_in_any_case(self) -> None:
        payout = payments.begin_option_1(OPTIONS, 500.0, number("2015-07-01"))
        payout, paid = pay(payout, number("2016-06-30"))
        assert paid == 12 * 500.0
        payout, at_once = annuitant_dies(payout, number("2016-06-30"), True)
        assert at_once == 0.0
        payout, paid = pay(payout, number("2040-01-01"))
        assert paid == 108 * 500.0
        assert not owed(payout)

    def test_option_1_pays_for_life(self) -> None:
        payout, _ = pay(payments.begin_option_1(OPTIONS, 500.0, number("2015-07-01")), number("2035-06-30"))
        assert payout.made == 240
        payout, _ = annuitant_dies(payout, number("2035-06-30"), False)
        assert not owed(payout)
        assert pay(payout, number("2036-01-01"))[1] == 0.0

    def test_option_2_annuitant_dies_first(self) -> None:
        payout, _ = pay(payments.begin_option_2(TERMS, OPTIONS, 500.0, number("2015-07-01")), number("2020-06-30"))
        payout, _ = annuitant_dies(payout, number("2020-06-30"), True)
        payout, paid = pay(payout, number("2025-06-30"))
        assert paid == 60 * 500.0
        payout, paid = pay(payout, number("2026-06-30"))
        assert paid == 12 * 250.0
        payout = joint_annuitant_dies(payout)
        assert not owed(payout)

    def test_option_2_joint_annuitant_dies_first(self) -> None:
        payout = joint_annuitant_dies(payments.begin_option_2(TERMS, OPTIONS, 500.0, number("2015-07-01")))
        payout, paid = pay(payout, number("2027-06-30"))
        assert paid == 144 * 500.0
        payout, _ = annuitant_dies(payout, number("2027-06-30"), True)
        assert not owed(payout)

    def test_option_2_both_die_in_the_certain_period(self) -> None:
        payout, _ = pay(payments.begin_option_2(TERMS, OPTIONS, 500.0, number("2015-07-01")), number("2016-06-30"))
        payout, _ = annuitant_dies(payout, number("2016-06-30"), True)
        payout = joint_annuitant_dies(payout)
        assert owed(payout)
        assert pay(payout, number("2050-01-01"))[1] == 108 * 500.0

    def test_option_2_pays_less_than_option_1(self) -> None:
        joint = joint_rate(load_rate_bases()["income_benefit"], ("M", "F"), (70, 68), 2015, 7)
        assert joint < self.special


class TestTenthAnniversary:
    def test_it_is_a_year_like_any_other(self) -> None:
        story = Protected(ISSUE).leap("2018-06-29", 70_000.0).leap("2018-07-01", 70_000.0)
        assert story.benefit.value == pytest.approx(100_000.0 * 1.05**10, rel=1e-12)
        assert story.account == 70_000.0


class TestNewAnnuitant:
    """GMIB-15 (prospectus 4132-4136, 4164-4170)."""

    def test_a_younger_one_grows_longer(self) -> None:
        story = Protected(ISSUE).leap("2010-07-01")
        story.new_annuitant("1960-03-01")
        assert story.benefit.stop == number("2040-07-01")
        assert story.benefit.value == pytest.approx(110_250.0, abs=1e-6)

    def test_growth_that_had_stopped_goes_on(self) -> None:
        story = Protected(ISSUE, birth="1934-01-15").leap("2016-07-01")
        story.new_annuitant("1960-03-01")
        story.leap("2017-07-01")
        assert story.benefit.value == pytest.approx(100_000.0 * 1.05**8, rel=1e-12)

    def test_growth_may_have_stopped_already(self) -> None:
        story = Protected(ISSUE, birth="1950-01-15").leap("2016-07-01", 90_000.0)
        story.new_annuitant("1941-01-15")
        assert story.benefit.stop == number("2021-07-01")
        assert story.benefit.stopped == 0.0

    def test_one_of_76_ends_the_benefit_with_its_charge(self) -> None:
        story = Protected(ISSUE, charged=True).leap("2010-07-31", 100_000.0)
        before = story.account
        story.new_annuitant("1934-07-31")
        assert story.benefit.stage == gmi.ENDED
        average = sum(110_250.0 * 1.05 ** (d / 365.0) for d in range(30)) / 30.0
        assert before - story.account == pytest.approx(0.005 * average * 30.0 / 365.0, abs=1e-6)


class TestDeath:
    """GMIB-16 (prospectus 4160-4170), decision 9: the charge of the part-year, then the Death Benefit."""

    def test_without_a_continuing_spouse_it_ends_with_its_charge(self) -> None:
        story = Protected(ISSUE, charged=True).on("2008-10-01", 90_000.0)
        fee = story.accrued_fee()
        story.end()
        assert fee > 0.0
        assert story.account == pytest.approx(90_000.0 - fee, abs=1e-9)
        assert story.benefit.stage == gmi.ENDED

    def test_a_continuing_spouse_keeps_it_and_the_new_account_value_leaves_it_alone(self) -> None:
        story = Protected(ISSUE).on("2008-10-01", 90_000.0)
        before = story.benefit
        story.account = 100_000.0
        assert story.benefit == before
        assert story.leap("2008-10-02").benefit.value == pytest.approx(before.value * 1.05 ** (1.0 / 365.0), rel=1e-12)

    @pytest.mark.parametrize("birth, stage", [("1932-10-02", gmi.ACTIVE), ("1932-10-01", gmi.ENDED)])
    def test_a_spouse_who_becomes_the_annuitant_must_be_young_enough(self, birth: str, stage: int) -> None:
        story = Protected(ISSUE).on("2008-10-01", 90_000.0)
        story.new_annuitant(birth)
        assert story.benefit.stage == stage


class TestEnded:
    """GMIB-14, GMIB-16 (prospectus 4158-4170): surrender."""

    def test_part_of_a_year(self) -> None:
        story = Protected(ISSUE, charged=True).on("2008-10-01", 90_000.0).end()
        average = sum(100_000.0 * 1.05 ** (d / 365.0) for d in range(92)) / 92.0
        assert story.fees[-1][1] == pytest.approx(0.005 * average * 92.0 / 365.0, abs=1e-6)

    def test_on_an_anniversary_the_year_is_charged_once(self) -> None:
        story = Protected(ISSUE, charged=True).on("2009-07-01", 90_000.0).end()
        assert [fee > 0.0 for _, fee in story.fees] == [True, False]

    def test_after_a_closed_anniversary_the_days_of_the_new_year_are_charged_too(self) -> None:
        story = Protected(ISSUE, charged=True).leap("2009-06-30").leap("2009-07-03", 90_000.0)
        exact = Protected(ISSUE, charged=True).on("2009-07-01")
        assert story.fees[0][1] == pytest.approx(exact.fees[0][1], rel=1e-12)
        assert story.accrued_fee() == pytest.approx(0.005 * 105_000.0 * (1.0 + 1.05 ** (1.0 / 365.0)) / 365.0, abs=1e-6)

    def test_nothing_is_left_and_nothing_comes_back(self) -> None:
        story = Protected(ISSUE).on("2008-10-01", 90_000.0).end()
        ended = story.benefit
        assert ended.ended == number("2008-10-01")
        assert (ended.value, ended.maximum, ended.remaining, ended.accrued) == (0.0, 0.0, 0.0, 0.0)
        story.leap("2009-07-01", 90_000.0, take(1_000.0), pay_in(5_000.0), step_up)
        assert story.benefit == ended
        assert story.refused == 1
