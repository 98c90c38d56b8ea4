"""Worked examples of "TrueIncome - Highest Daily", one class per example; figures as printed, to the cent.

E- are printed figures, without charges as the prospectus assumes; DV- follow from the rules.
"""

from functools import cache

import pytest

from tests.support.highest_daily_story import HighestDailyStory
from tests.support.story import number
from valuation import highest_daily as hd
from valuation.asset_transfer import transfer_amount
from valuation.highest_daily import HighestDaily
from valuation.terms import load_terms
from valuation.terms.benefits import load_highest_daily_terms

CENT = 0.005
TERMS = load_highest_daily_terms()


def first_withdrawal() -> HighestDailyStory:
    """Issue 1 December 2008; elected, and 2,500 withdrawn, on 2 May 2009 at 120,000."""
    story = HighestDailyStory("2008-12-01", elected=False)
    return story.on("2009-05-02", 120_000.0, ("ELECT", 0.0), ("TAKE", 2_500.0))


def excess_withdrawal() -> HighestDailyStory:
    return first_withdrawal().on("2009-06-01", 118_000.0).on("2009-08-06", 110_000.0, ("TAKE", 5_000.0))


class TestEHd1:
    """E-HD-1 (prospectus 5145-5160): Total Protected Withdrawal Value $120,000, $2,500 withdrawn."""

    @staticmethod
    @cache
    def after() -> HighestDaily:
        return first_withdrawal().income

    def test_total_protected_withdrawal_value(self) -> None:
        assert self.after().total_protected == pytest.approx(120_000.0, abs=CENT)

    def test_total_annual_income_amount(self) -> None:
        assert self.after().total_annual == pytest.approx(6_000.0, abs=CENT)

    def test_remaining_this_year(self) -> None:
        assert self.after().remaining == pytest.approx(3_500.0, abs=CENT)


class TestEHd2:
    """E-HD-2 (prospectus 5162-5190): $5,000 on 6 August 2009 at Account Value $110,000, $3,500 still available."""

    @staticmethod
    @cache
    def story() -> HighestDailyStory:
        return excess_withdrawal()

    def test_account_value_before_the_excess(self) -> None:
        assert self.story().past[-1].opening - 3_500.0 == pytest.approx(106_500.00, abs=CENT)

    def test_excess(self) -> None:
        assert self.story().income.taken - 6_000.0 == pytest.approx(1_500.00, abs=CENT)

    def test_ratio(self) -> None:
        ratio = 1.0 - self.story().income.total_annual / 6_000.0
        assert f"{ratio:.2%}" == "1.41%"

    def test_reduction(self) -> None:
        assert 6_000.0 - self.story().income.total_annual == pytest.approx(84.51, abs=CENT)

    def test_total_annual_income_amount_for_future_years(self) -> None:
        assert self.story().income.total_annual == pytest.approx(5_915.49, abs=CENT)

    def test_nothing_remains_this_year(self) -> None:
        assert self.story().income.remaining == 0.0

    def test_both_incomes_fall_alike(self) -> None:
        """A-23: the Highest Daily Annual Income Amount takes the same ratio."""
        assert self.story().income.highest_daily == pytest.approx(5_915.49, abs=CENT)


class TestEHd3:
    """E-HD-3 (prospectus 5192-5262): quarterly values 118,000, 112,000 and 119,000, adjusted; step-up on 1 December."""

    @staticmethod
    @cache
    def story() -> HighestDailyStory:
        return excess_withdrawal().on("2009-09-01", 112_000.0).on("2009-12-01", 119_000.0)

    def high(self, day: str) -> float:
        return self.story().at(day).income.quarter_high

    def test_first_of_march_is_before_the_first_withdrawal(self) -> None:
        assert self.high("2009-05-31") == 0.0

    def test_first_of_june(self) -> None:
        assert self.high("2009-06-01") == pytest.approx(118_000.00, abs=CENT)
        assert 0.05 * self.high("2009-06-01") == pytest.approx(5_900.00, abs=CENT)

    def test_sixth_of_august_as_printed_with_the_ratio_of_four_decimals(self) -> None:
        """X-12: the print rounds the ratio here and not in the income."""
        ratio = round(1.0 - self.story().at("2009-08-06").income.total_annual / 6_000.0, 4)
        adjusted = (118_000.0 - 3_500.0) * (1.0 - ratio)
        assert adjusted == pytest.approx(112_885.55, abs=CENT)
        assert 0.05 * adjusted == pytest.approx(5_644.28, abs=CENT)

    def test_sixth_of_august_with_the_ratio_unrounded(self) -> None:
        assert self.high("2009-08-06") == pytest.approx(112_887.32, abs=CENT)
        assert 0.05 * self.high("2009-08-06") == pytest.approx(5_644.37, abs=CENT)

    def test_the_printed_account_value_of_the_sixth_of_august_does_not_give_the_printed_ratio(self) -> None:
        """X-11: the table prints $120,000.00; 1.41% needs $110,000."""
        other = excess_withdrawal().at("2009-08-05").income
        printed = hd.withdraw(other, 3_500.0, 5_000.0, 120_000.0, 0.005)
        assert f"{1.0 - printed.total_annual / 6_000.0:.2%}" == "1.29%"

    def test_first_of_september_is_lower(self) -> None:
        assert self.story().at("2009-09-01").opening == pytest.approx(112_000.00, abs=CENT)
        assert self.high("2009-09-01") == self.high("2009-08-06") > 112_000.0

    def test_no_step_up_before_the_anniversary(self) -> None:
        assert self.story().at("2009-11-30").income.total_annual == pytest.approx(5_915.49, abs=CENT)

    def test_first_of_december(self) -> None:
        assert self.story().income.total_annual == pytest.approx(5_950.00, abs=CENT)
        assert self.story().income.remaining == pytest.approx(5_950.00, abs=CENT)
        assert self.story().income.highest_daily == pytest.approx(5_950.00, abs=CENT)

    def test_a_new_list_begins(self) -> None:
        assert self.story().income.quarter_high == 0.0


class TestEHdDOfHighestDaily:
    """E-HD-D (prospectus 9784-9816): $100,000, value $92,300 at the end of day one, nothing in the fixed account."""

    @staticmethod
    @cache
    def story() -> HighestDailyStory:
        return HighestDailyStory("2008-07-01").on("2008-07-02", 92_300.0)

    def test_income_value(self) -> None:
        past = self.story().past[-1]
        value = hd.income_value(past.income, past.facts, past.opening, past.opening)
        assert value == pytest.approx(5_000.67, abs=CENT)

    def test_factor(self) -> None:
        assert self.story().past[-1].facts.factor == 15.34

    def test_target_value(self) -> None:
        assert self.story().past[-1].target == pytest.approx(76_710.28, abs=1e-9)

    def test_target_ratio(self) -> None:
        assert f"{self.story().past[-1].ratio:.2%}" == "83.11%"

    def test_transfer(self) -> None:
        assert self.story().past[-1].moved == pytest.approx(14_351.40, abs=1e-9)
        assert self.story().fixed == pytest.approx(14_351.40, abs=1e-9)
        assert self.story().permitted == pytest.approx(92_300.0 - 14_351.40, abs=1e-9)

    def test_ratio_after(self) -> None:
        """ATF-8."""
        past = self.story().past[-1]
        assert (past.target - past.fixed) / past.permitted == pytest.approx(0.80, abs=1e-6)

    def test_it_needs_cents_in_both_figures(self) -> None:
        """A-40: 14,351.27 unrounded; 14,351.39 with only the income in cents."""
        unrounded = HighestDailyStory("2008-07-01", cents=0.0).on("2008-07-02", 92_300.0)
        assert unrounded.past[-1].moved == pytest.approx(14_351.27, abs=CENT)
        half = 5_000.67 * 15.34
        moved = transfer_amount(hd.transfer_terms(TERMS), half, 92_300.0, 0.0, 1.0)
        assert moved == pytest.approx(14_351.39, abs=1e-9)

    def test_on_the_effective_date_nothing_moves(self) -> None:
        """ATF-19: 5% x 15.34 = 0.767."""
        first = self.story().past[0]
        assert first.ratio == pytest.approx(0.767, abs=1e-9)
        assert first.moved == 0.0


class TestEFee1OfHighestDaily:
    """E-FEE-1 (prospectus 880-881): total annual charge with the benefit, by series B, L and X."""

    @pytest.mark.parametrize("series, now, most", [(0, "1.75%", "2.65%"), (1, "2.10%", "3.00%"), (2, "2.15%", "3.05%")])
    def test_total(self, series: int, now: str, most: str) -> None:
        base = load_terms(True).charges.insurance_charge[series]
        charge = hd.benefit_charge(hd.elect(TERMS, 100_000.0, number("2008-07-01")))
        assert f"{base + charge:.2%}" == now
        assert f"{base + TERMS.maximum_charge:.2%}" == most


def ten_years(account: float) -> HighestDailyStory:
    """DV-HD-1: 100,000 on 1 July 2008, 10,000 within one year, 5,000 after it, no withdrawal for ten years."""
    story = HighestDailyStory("2008-07-01", transfers=False)
    story.on("2009-04-27", None, ("PAY", 10_000.0)).on("2011-03-15", None, ("PAY", 5_000.0))
    return story.on("2018-07-01", account)


class TestDvHd1:
    """DV-HD-1: the values of the Tenth Anniversary, Account Value never higher, then 150,000."""

    @staticmethod
    @cache
    def story() -> HighestDailyStory:
        return ten_years(115_000.0).on("2018-07-02", 150_000.0)

    def test_protected_withdrawal_value_of_the_tenth(self) -> None:
        assert self.story().income.protected == pytest.approx(185_725.57, abs=CENT)

    def test_enhanced_protected_withdrawal_value(self) -> None:
        past = self.story().past[-1]
        assert hd.enhanced_protected_withdrawal_value(past.income, past.facts) == pytest.approx(225_000.0, abs=CENT)

    def test_total_protected_withdrawal_value(self) -> None:
        assert self.story().total_protected == pytest.approx(225_000.0, abs=CENT)

    def test_total_annual_income_amount_at_the_first_withdrawal(self) -> None:
        story = ten_years(115_000.0).on("2018-07-02", 150_000.0, ("TAKE", 1_000.0))
        assert story.income.total_annual == pytest.approx(11_250.0, abs=CENT)
        assert story.income.highest_daily == pytest.approx(0.05 * 185_725.57, abs=CENT)

    def test_an_account_value_above_it_counts(self) -> None:
        story = ten_years(115_000.0).on("2018-07-02", 240_000.0).on("2018-07-03", 230_000.0, ("TAKE", 1_000.0))
        assert story.income.protected == pytest.approx(230_000.0, abs=CENT)
        assert story.income.total_annual == pytest.approx(11_500.0, abs=CENT)

    def test_the_formula_never_reads_the_enhanced_value(self) -> None:
        """ATF-2: the income value is 5% of the Protected Withdrawal Value."""
        past = self.story().past[-1]
        value = hd.income_value(past.income, past.facts, past.opening, past.opening)
        assert value == pytest.approx(0.05 * 185_725.57, abs=CENT)


class TestReturnOfPrincipal:
    """HD-12 (prospectus 5397-5425): initial value and first-year payments, 110,000, against the Account Value."""

    def test_credit(self) -> None:
        story = ten_years(90_000.0)
        assert story.past[-1].added == pytest.approx(20_000.0, abs=CENT)
        assert story.account == pytest.approx(110_000.0, abs=CENT)

    def test_nothing_above_the_principal(self) -> None:
        assert ten_years(110_000.0).past[-1].added == 0.0

    def test_the_fixed_account_has_its_share_at_todays_rate(self) -> None:
        story = HighestDailyStory("2008-07-01", rate=0.02, transfers=False).on("2018-06-30", 60_000.0)
        story.permitted -= 20_000.0
        story.layers.day[0], story.layers.amount[0], story.layers.rate[0] = number("2018-06-30"), 20_000.0, 0.02
        story.layers.used[0] = 1
        story.rate = 0.03
        story.on("2018-07-01", 60_000.0)
        held = 20_000.0 * 1.02 ** (1.0 / 365.0)
        assert story.past[-1].added == pytest.approx(40_000.0, abs=CENT)
        assert story.layers.amount[1] == pytest.approx(40_000.0 * held / 60_000.0, abs=1e-6)
        assert story.layers.rate[1] == 0.03
        assert story.account == pytest.approx(100_000.0, abs=CENT)

    def test_it_is_no_purchase_payment(self) -> None:
        """C-20."""
        story = ten_years(90_000.0)
        assert story.income.enhanced == pytest.approx(225_000.0, abs=1e-9)
        assert story.income.protected == pytest.approx(185_725.57, abs=CENT)


class TestAgainstHighestDaily7:
    """Section 11 of the specification: what the two benefits have different, in figures."""

    def test_roll_up(self) -> None:
        assert TERMS.roll_up == 0.05
        assert load_terms(True).income[0].roll_up == 0.07

    def test_income_percentage_is_five_at_every_age(self) -> None:
        for birth in ("1948-01-15", "1933-01-15", "1923-01-15"):
            story = HighestDailyStory("2008-07-01", birth=birth).on("2008-07-02", 120_000.0, ("TAKE", 100.0))
            assert story.income.total_annual == pytest.approx(6_000.0, abs=CENT)

    def test_same_ratios_and_factors(self) -> None:
        transfer = load_terms(True).transfer
        assert hd.transfer_terms(TERMS)[:3] == transfer[:3]
        assert TERMS.age_factor == 1.0

    def test_the_formula_runs_on_the_highest_daily_income_not_on_the_total(self) -> None:
        """Prospectus 5478-5480: the total income of 11,250 would send money to the fixed account."""
        story = ten_years(115_000.0)
        story.transfers = True
        story.on("2018-07-02", 140_000.0, ("TAKE", 1_000.0))
        past = story.past[-1]
        factor = past.facts.factor
        assert past.target == pytest.approx(round(0.05 * 185_725.57, 2) * factor, abs=0.2)
        assert past.moved == 0.0
        total = hd.target_value(TERMS, story.income.total_annual, factor, 1.0)
        moved = transfer_amount(hd.transfer_terms(TERMS), total, story.permitted, 0.0, 1.0)
        assert moved > 0.0
