"""Worked examples of "TrueIncome - Spousal Highest Daily 7", one class per example; figures as printed, to the cent."""

from functools import cache

import pytest

from tests.support.story import Event, Story, elect, number, pay, withdraw, without_charges
from valuation import highest_daily_7 as hd7
from valuation.contract import BENEFIT_FEES
from valuation.highest_daily_7 import Income
from valuation.terms import load_terms

CENT = 0.005


def first_withdrawal() -> Story:
    """As the single life example; the youngest Designated Life, the spouse, is 70 at the election."""
    story = Story("2007-12-01", birth="1932-06-15", spouse_birth="1938-01-15", terms=without_charges())
    story.on("2008-03-05", 110_000.0, elect("SHD7"))
    return story.on("2008-05-02", 120_000.0, withdraw(2_500.0))


def excess_withdrawal() -> Story:
    return first_withdrawal().on("2008-06-01", 118_000.0).on("2008-08-06", 110_000.0, withdraw(5_000.0))


class TestEShd71:
    """E-SHD7-1 (prospectus 6419-6436): Protected Withdrawal Value $120,000, $2,500 withdrawn."""

    @staticmethod
    @cache
    def after() -> Income:
        return first_withdrawal().income

    def test_annual_income_amount(self) -> None:
        assert self.after().annual == pytest.approx(6_000.0, abs=CENT)

    def test_remaining_this_year(self) -> None:
        assert self.after().remaining == pytest.approx(3_500.0, abs=CENT)


class TestEShd72:
    """E-SHD7-2 (prospectus 6438-6466): $5,000 on 6 August 2008 at Account Value $110,000."""

    @staticmethod
    @cache
    def story() -> Story:
        return excess_withdrawal()

    def test_account_value_before_the_excess(self) -> None:
        assert self.story().past[-1].opening - 3_500.0 == pytest.approx(106_500.00, abs=CENT)

    def test_ratio_and_reduction(self) -> None:
        assert f"{1.0 - self.story().income.annual / 6_000.0:.2%}" == "1.41%"
        assert 6_000.0 - self.story().income.annual == pytest.approx(84.51, abs=CENT)

    def test_annual_income_amount_for_future_years(self) -> None:
        assert self.story().income.annual == pytest.approx(5_915.49, abs=CENT)
        assert self.story().income.remaining == 0.0


class TestEShd73:
    """E-SHD7-3 (prospectus 6468-6546): quarterly values 118,000, 112,000 and 119,000, adjusted; step-up."""

    @staticmethod
    @cache
    def story() -> Story:
        return excess_withdrawal().on("2008-09-01", 112_000.0).on("2008-12-01", 119_000.0)

    def high(self, day: str) -> float:
        return next(past.income.quarter_high for past in self.story().past if past.day == number(day))

    def test_first_of_june(self) -> None:
        assert self.high("2008-06-01") == pytest.approx(118_000.00, abs=CENT)

    def test_sixth_of_august_as_printed_with_the_ratio_of_four_decimals(self) -> None:
        income = next(past.income for past in self.story().past if past.day == number("2008-08-06"))
        ratio = round(1.0 - income.annual / 6_000.0, 4)
        assert (118_000.0 - 3_500.0) * (1.0 - ratio) == pytest.approx(112_885.55, abs=CENT)

    def test_sixth_of_august_with_the_ratio_unrounded(self) -> None:
        assert self.high("2008-08-06") == pytest.approx(112_887.32, abs=CENT)

    def test_first_of_september_is_lower(self) -> None:
        assert self.high("2008-09-01") == self.high("2008-08-06")

    def test_first_of_december(self) -> None:
        assert self.story().income.annual == pytest.approx(5_950.00, abs=CENT)
        assert self.story().income.remaining == pytest.approx(5_950.00, abs=CENT)


class TestEFee2Spousal:
    """E-FEE-2 (prospectus 6651-6656): 0.75% a year is 0.1875% a benefit quarter of the Protected Withdrawal Value."""

    def test_a_quarter(self) -> None:
        story = Story("2007-12-01", plan="SHD7", spouse_birth="1938-01-15", terms=load_terms(False))
        story.on("2008-03-01", 50_000.0)
        assert story.cash[BENEFIT_FEES] == pytest.approx(0.001875 * 100_000.0 * 1.07 ** (91.0 / 365.0), abs=1e-9)

    def test_four_quarters_are_the_annual_fee(self) -> None:
        plan = load_terms(True).income[1]
        assert 4.0 * plan.quarterly_fee == pytest.approx(plan.yearly_fee, abs=1e-15)
        assert plan.yearly_fee == 0.0075


class TestBands:
    """SHD7-1 (prospectus 6333-6340): 5% to age 79, 6% to 84, 7% to 89, 8% from 90 on, by the youngest."""

    @pytest.mark.parametrize(
        "age, expected", [(60, 0.05), (79, 0.05), (80, 0.06), (84, 0.06), (85, 0.07), (89, 0.07), (90, 0.08)]
    )
    def test_percentage(self, age: int, expected: float) -> None:
        plan = load_terms(True).income[1]
        assert hd7.income_percentage(plan, number(f"{2008 - age}-06-01"), number("2008-06-01")) == expected

    def test_single_life_bands(self) -> None:
        """HD7-5 (prospectus 5682-5687): 5% to age 74, 6% to 79, 7% to 84, 8% from 85 on."""
        plan = load_terms(True).income[0]
        found = [hd7.income_percentage(plan, number(f"{2008 - age}-06-01"), number("2008-06-01"))
                 for age in (74, 75, 79, 80, 84, 85)]  # fmt: skip
        assert found == [0.05, 0.06, 0.06, 0.07, 0.07, 0.08]


class TestShd71Payment:
    """SHD7-1, X-15: a later Purchase Payment counts at the youngest Designated Life's percentage of the first withdrawal."""

    def test_payment(self) -> None:
        story = first_withdrawal().on("2008-05-03", None, pay(10_000.0))
        assert story.income.annual == pytest.approx(6_500.0, abs=CENT)
        assert story.income.remaining == pytest.approx(4_000.0, abs=CENT)
        assert story.income.protected == pytest.approx(127_500.0, abs=CENT)


class TestShd77:
    """SHD7-7 (prospectus 6748-6774): a first death alone does not end the benefit; a death claim does, without a fee."""

    def test_continuation(self) -> None:
        story = first_withdrawal().on("2008-05-10", 100_000.0, Event("SPOUSAL_CONTINUATION", date=number("2008-05-09")))
        assert story.income.stage == hd7.POST
        assert story.income.lives == 1.0
        assert story.income.annual == pytest.approx(6_000.0, abs=CENT)
        assert story.income.protected == pytest.approx(117_500.0, abs=CENT)

    def test_death_claim(self) -> None:
        story = first_withdrawal()
        story.terms = load_terms(True)
        story.on("2008-05-10", 100_000.0, Event("DEATH", date=number("2008-05-09")))
        assert story.income.stage == hd7.ENDED
        assert story.cash[BENEFIT_FEES] == 0.0
        assert story.account_value == 0.0
