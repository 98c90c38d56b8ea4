"""Worked examples of "TrueIncome - Highest Daily 7", one class per example; figures as printed, to the cent.

E- are printed figures, without charges as the prospectus assumes; DV- follow from the rules.
"""

from functools import cache

import pytest

from tests.support.story import Event, Story, elect, number, pay, withdraw, without_charges
from valuation import highest_daily_7 as hd7
from valuation.asset_transfer import target_value, transfer_factor
from valuation.clock import day_of
from valuation.contract import ADDED, BENEFIT_FEES, PAID
from valuation.highest_daily_7 import Income
from valuation.terms import load_terms

CENT = 0.005


def first_withdrawal() -> Story:
    """Issue 1 December 2007, election 5 March 2008 at age 70, Protected Withdrawal Value 120,000 on 2 May 2008."""
    story = Story("2007-12-01", birth="1938-01-15", terms=without_charges())
    story.on("2008-03-05", 110_000.0, elect("HD7"))
    return story.on("2008-05-02", 120_000.0, withdraw(2_500.0))


def excess_withdrawal() -> Story:
    return first_withdrawal().on("2008-06-01", 118_000.0).on("2008-08-06", 110_000.0, withdraw(5_000.0))


class TestEHd71:
    """E-HD7-1 (prospectus 5767-5785): Protected Withdrawal Value $120,000, $2,500 withdrawn."""

    @staticmethod
    @cache
    def after() -> Income:
        return first_withdrawal().income

    def test_annual_income_amount(self) -> None:
        assert self.after().annual == pytest.approx(6_000.0, abs=CENT)

    def test_remaining_this_year(self) -> None:
        assert self.after().remaining == pytest.approx(3_500.0, abs=CENT)


class TestEHd72:
    """E-HD7-2 (prospectus 5787-5814): $5,000 on 6 August 2008 at Account Value $110,000, $3,500 still available."""

    @staticmethod
    @cache
    def story() -> Story:
        return excess_withdrawal()

    def test_account_value_before_the_excess(self) -> None:
        assert self.story().past[-1].opening - 3_500.0 == pytest.approx(106_500.00, abs=CENT)

    def test_ratio(self) -> None:
        ratio = 1.0 - self.story().income.annual / 6_000.0
        assert f"{ratio:.2%}" == "1.41%"

    def test_reduction(self) -> None:
        other = 6_000.0 - self.story().income.annual
        assert other == pytest.approx(84.51, abs=CENT)

    def test_annual_income_amount_for_future_years(self) -> None:
        assert self.story().income.annual == pytest.approx(5_915.49, abs=CENT)

    def test_nothing_remains_this_year(self) -> None:
        assert self.story().income.remaining == 0.0

    def test_both_withdrawals_were_paid(self) -> None:
        assert [row.paid for row in self.story().payments] == [2_500.0, 5_000.0]


class TestEHd73:
    """E-HD7-3 (prospectus 5821-5891): quarterly values 118,000, 112,000 and 119,000, adjusted; step-up on 1 December."""

    @staticmethod
    @cache
    def story() -> Story:
        return excess_withdrawal().on("2008-09-01", 112_000.0).on("2008-12-01", 119_000.0)

    def high(self, day: str) -> float:
        return next(past.income.quarter_high for past in self.story().past if past.day == number(day))

    def test_first_of_march_is_before_the_first_withdrawal(self) -> None:
        assert self.high("2008-05-31") == 0.0

    def test_first_of_june(self) -> None:
        assert self.high("2008-06-01") == pytest.approx(118_000.00, abs=CENT)
        other = 0.05 * self.high("2008-06-01")
        assert other == pytest.approx(5_900.00, abs=CENT)

    def test_sixth_of_august_as_printed_with_the_ratio_of_four_decimals(self) -> None:
        income = next(past.income for past in self.story().past if past.day == number("2008-08-06"))
        ratio = round(1.0 - income.annual / 6_000.0, 4)
        adjusted = (118_000.0 - 3_500.0) * (1.0 - ratio)
        assert adjusted == pytest.approx(112_885.55, abs=CENT)
        other = 0.05 * adjusted
        assert other == pytest.approx(5_644.28, abs=CENT)

    def test_sixth_of_august_with_the_ratio_unrounded(self) -> None:
        assert self.high("2008-08-06") == pytest.approx(112_887.32, abs=CENT)
        other = 0.05 * self.high("2008-08-06")
        assert other == pytest.approx(5_644.37, abs=CENT)

    def test_the_printed_account_value_of_the_sixth_of_august_does_not_give_the_printed_ratio(self) -> None:
        """X-11: the table prints $120,000.00; 1.41% needs $110,000."""
        assert f"{1_500.0 / (120_000.0 - 3_500.0):.2%}" == "1.29%"
        assert f"{1_500.0 / (110_000.0 - 3_500.0):.2%}" == "1.41%"

    def test_first_of_september_is_lower(self) -> None:
        other = 0.05 * 112_000.0
        assert other == pytest.approx(5_600.00, abs=CENT)
        assert self.high("2008-09-01") == self.high("2008-08-06")

    def test_first_of_december(self) -> None:
        assert self.story().income.annual == pytest.approx(5_950.00, abs=CENT)
        assert self.story().income.remaining == pytest.approx(5_950.00, abs=CENT)

    def test_no_step_up_before_the_anniversary(self) -> None:
        assert self.story().past[-2].income.annual == pytest.approx(5_915.49, abs=CENT)


class TestEFee2:
    """E-FEE-2 (prospectus 5986-5991): 0.60% a year is 0.15% a benefit quarter of the Protected Withdrawal Value."""

    @pytest.mark.parametrize("day", ["2008-03-01", "2008-06-01"])
    def test_every_benefit_quarter(self, day: str) -> None:
        story = Story("2007-12-01", plan="HD7", terms=load_terms(False)).on(day, 50_000.0)
        grown = 100_000.0 * 1.07 ** ((number(day) - number("2007-12-01")) / 365.0)
        assert story.cash[BENEFIT_FEES] == pytest.approx(0.0015 * grown, abs=1e-9)

    def test_four_quarters_are_the_annual_fee(self) -> None:
        plan = load_terms(True).income[0]
        other = 4.0 * plan.quarterly_fee
        assert other == pytest.approx(plan.yearly_fee, abs=1e-15)
        assert plan.yearly_fee == 0.0060


class TestDvHd70:
    """DV-HD7-0: Protected Withdrawal Value in E-HD7-1 to E-HD7-3."""

    @staticmethod
    @cache
    def story() -> Story:
        return TestEHd73.story()

    def tracked(self, day: str) -> float:
        return next(past.income.protected for past in self.story().past if past.day == number(day))

    @pytest.mark.parametrize(
        "day, expected", [("2008-05-02", 117_500.00), ("2008-08-06", 112_394.37), ("2008-12-01", 119_000.00)]
    )
    def test_protected_withdrawal_value(self, day: str, expected: float) -> None:
        assert self.tracked(day) == pytest.approx(expected, abs=CENT)


def roll_up(birth: str = "1938-01-15") -> Story:
    """DV-HD7-1: 100,000 on 1 July 2008; Account Value 100,050 and 99,900; closed to the 7th; then a payment of 5,000."""
    story = Story("2008-07-01", plan="HD7", birth=birth, terms=without_charges())
    return story.on("2008-07-02", 100_050.0).on("2008-07-03", 99_900.0)


class TestDvHd71:
    """DV-HD7-1: the daily equivalent of 7%, or the Account Value; closed days count."""

    @staticmethod
    @cache
    def story() -> Story:
        return roll_up().leap("2008-07-07", 100_000.0, pay(5_000.0))

    def test_account_value_is_higher(self) -> None:
        assert self.story().past[1].income.periodic == pytest.approx(100_050.00, abs=CENT)

    def test_growth_is_higher(self) -> None:
        assert self.story().past[2].income.periodic == pytest.approx(100_068.55, abs=CENT)

    def test_four_calendar_days_and_a_payment(self) -> None:
        assert self.story().income.periodic == pytest.approx(105_142.77, abs=CENT)


class TestDvHd72:
    """DV-HD7-2: first withdrawal on the day of the payment; the income percentage by age."""

    @staticmethod
    def story(birth: str) -> Story:
        return roll_up(birth).leap("2008-07-07", 100_000.0, pay(5_000.0), withdraw(1_000.0))

    def test_age_74(self) -> None:
        assert self.story("1933-07-08").income.annual == pytest.approx(5_257.14, abs=CENT)

    def test_age_75(self) -> None:
        assert self.story("1933-07-07").income.annual == pytest.approx(6_308.57, abs=CENT)

    def test_protected_withdrawal_value_after(self) -> None:
        assert self.story("1933-07-08").income.protected == pytest.approx(104_142.77, abs=CENT)

    def test_fee_of_the_quarter(self) -> None:
        story = self.story("1933-07-08")
        story.terms = load_terms(True)
        assert story.on("2008-10-01", 90_000.0).cash[BENEFIT_FEES] == pytest.approx(156.21, abs=1e-9)


def ten_years(account: float) -> Story:
    """DV-HD7-3: 100,000 on 1 July 2008, 10,000 within one year, 5,000 after it, no withdrawal for ten years."""
    story = Story("2008-07-01", plan="HD7", terms=without_charges(), birth="1945-01-15")
    story.on("2009-04-27", None, pay(10_000.0)).on("2011-03-15", None, pay(5_000.0))
    return story.on("2018-07-01", account)


class TestDvHd73:
    """DV-HD7-3: the three legs after the Tenth Anniversary."""

    @staticmethod
    @cache
    def story() -> Story:
        return ten_years(115_000.0).on("2018-07-02", 150_000.0)

    def test_periodic_value_of_the_tenth(self) -> None:
        assert self.story().income.periodic == pytest.approx(223_596.72, abs=CENT)

    def test_third_leg(self) -> None:
        assert self.story().income.enhanced == pytest.approx(225_000.0, abs=CENT)

    def test_protected_withdrawal_value(self) -> None:
        assert self.story().protected == pytest.approx(225_000.0, abs=CENT)

    def test_on_the_tenth_itself_the_third_leg_does_not_count(self) -> None:
        assert ten_years(115_000.0).protected == pytest.approx(223_596.72, abs=CENT)

    def test_after_a_later_payment(self) -> None:
        story = ten_years(115_000.0).on("2018-07-02", 150_000.0, pay(20_000.0))
        assert story.account_value == pytest.approx(170_000.0, abs=CENT)
        assert story.protected == pytest.approx(245_000.0, abs=CENT)


class TestDvHd74:
    """DV-HD7-4: Return of Principal, initial value and first-year payments 110,000 against Account Value 90,000."""

    @staticmethod
    @cache
    def story() -> Story:
        return ten_years(90_000.0)

    def test_credit(self) -> None:
        assert self.story().cash[ADDED] == pytest.approx(20_000.0, abs=CENT)
        assert self.story().ledger("RETURN_OF_PRINCIPAL") == pytest.approx(20_000.0, abs=CENT)

    def test_account_value(self) -> None:
        assert self.story().account_value == pytest.approx(110_000.0, abs=CENT)

    def test_nothing_is_added_above_the_principal(self) -> None:
        assert ten_years(110_000.01).cash[ADDED] == 0.0

    def test_a_withdrawal_before_the_tenth_forfeits_it(self) -> None:
        story = Story("2008-07-01", plan="HD7", terms=without_charges(), birth="1945-01-15")
        story.on("2009-04-27", None, pay(10_000.0)).on("2018-06-30", None, withdraw(1_000.0))
        assert story.on("2018-07-01", 90_000.0).cash[ADDED] == 0.0


class TestDvHd75:
    """DV-HD7-5: Annual Income Amount 6,000, Protected Withdrawal Value 112,000, highest quarterly value 105,000 at 75."""

    @staticmethod
    @cache
    def after() -> Income:
        story = Story("2008-07-01", plan="HD7", birth="1934-01-15", terms=without_charges())
        story.on("2008-07-02", 120_000.0, withdraw(1_000.0))
        story.with_income(annual=6_000.0, protected=112_000.0, quarter_high=105_000.0)
        return story.leap("2009-07-01", 90_000.0).income

    def test_annual_income_amount(self) -> None:
        assert self.after().annual == pytest.approx(6_300.0, abs=CENT)

    def test_protected_withdrawal_value_does_not_fall(self) -> None:
        assert self.after().protected == pytest.approx(112_000.0, abs=CENT)


class TestDvHd76:
    """DV-HD7-6: Required Minimum Distribution 6,000, Annual Income Amount 5,000 untouched."""

    @staticmethod
    @cache
    def after() -> Income:
        story = Story("2008-07-01", plan="HD7", terms=without_charges())
        story.with_income(periodic=100_000.0 * 1.07 ** (-1.0 / 365.0))
        story.on("2008-07-02", 90_000.0, Event("RMD_NOTICE", 6_000.0), Event("RMD_WITHDRAWAL", 6_000.0))
        return story.income

    def test_nothing_is_excess(self) -> None:
        assert self.after().annual == pytest.approx(5_000.0, abs=1e-9)

    def test_protected_withdrawal_value(self) -> None:
        assert self.after().protected == pytest.approx(94_000.0, abs=1e-9)

    def test_nothing_remains(self) -> None:
        assert self.after().remaining == 0.0


class TestDvHd77:
    """DV-HD7-7: a quarterly value captured before the day's withdrawal and adjusted, or after it, is the same."""

    def test_same_value(self) -> None:
        story = Story("2008-07-01", plan="HD7", terms=without_charges())
        story.on("2008-07-02", 100_000.0, withdraw(1_000.0)).with_income(annual=6_000.0, remaining=3_500.0)
        captured = story.income._replace(quarter_high=110_000.0)
        story.on("2008-10-01", 110_000.0, withdraw(5_000.0))
        assert story.income.quarter_high == pytest.approx(105_000.0, abs=1e-9)
        assert story.account_value == pytest.approx(105_000.0, abs=1e-9)
        adjusted = hd7.withdraw(captured, 3_500.0, 5_000.0, 110_000.0, 0.005)
        assert adjusted.quarter_high == pytest.approx(105_000.0, abs=1e-9)


class TestDvHd79:
    """DV-HD7-9: accrued fee at termination, Protected Withdrawal Value 104,142.77, 40 days."""

    @staticmethod
    @cache
    def story() -> Story:
        story = TestDvHd72.story("1933-07-08")
        story.terms = load_terms(True)
        return story.on("2008-08-10", 90_000.0, Event("BENEFIT_TERMINATION"))

    def test_fee(self) -> None:
        assert self.story().cash[BENEFIT_FEES] == pytest.approx(68.48, abs=1e-9)

    def test_the_benefit_has_ended(self) -> None:
        assert self.story().income.stage == hd7.ENDED
        assert self.story().income.annual == 0.0
        assert self.story().account.bond == 0.0


class TestDvHd710:
    """DV-HD7-10: Income Basis on 6 August 2008 after E-HD7-2."""

    @staticmethod
    @cache
    def income() -> Income:
        return excess_withdrawal().income

    def test_first_withdrawal_value(self) -> None:
        assert self.income().basis == pytest.approx(118_309.86, abs=CENT)

    def test_quarterly_value(self) -> None:
        assert self.income().quarter_high == pytest.approx(112_887.32, abs=CENT)

    def test_account_value(self) -> None:
        assert excess_withdrawal().account_value == pytest.approx(105_000.0, abs=CENT)

    def test_target_value(self) -> None:
        story = excess_withdrawal()
        today = number("2008-08-06")
        facts = hd7.income_day(story.income, story.terms, story.life, day_of(story.life.issue, today - 1, today))
        basis = hd7.income_basis(story.income, facts, 110_000.0, 105_000.0)
        assert facts.factor == 15.16
        assert transfer_factor(number("2008-03-05"), today) == 15.16
        assert target_value(story.terms.transfer, basis, facts.factor, 1.0) == pytest.approx(89_678.87, abs=1e-9)

    def test_the_cash_of_the_day(self) -> None:
        assert excess_withdrawal().cash[PAID] == pytest.approx(5_000.0, abs=1e-9)
