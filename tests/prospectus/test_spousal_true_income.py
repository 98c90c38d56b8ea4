"""Worked examples of "TrueIncome - Spousal", one class per example; figures as printed.

E- are printed figures, without the charge for the benefit as the prospectus assumes.
"""

from functools import cache

import pytest

from tests.support.story import number
from tests.support.true_income_story import AUTO, STEP_UP, TERMS, Act, Tale, elect, pay, withdraw
from valuation import true_income as ti
from valuation.clock import day_of
from valuation.true_income import TrueIncome

CENT = 0.005
DOLLAR = 0.5


def accumulated(*acts: Act) -> Tale:
    """250,000 on 1 February 2007, Account Value 265,000 a year later."""
    return Tale("2007-02-01", 250_000.0, plan="TIS").on("2008-02-01", 265_000.0, *acts)


def first_withdrawal(amount: float, *acts: Act) -> Tale:
    return accumulated(*acts).on("2008-03-01", 263_000.0, withdraw(amount))


class TestETis0:
    """E-TIS-0 (prospectus 4778-4799): the three legs on 1 March 2008 and the Annual Income Amount."""

    @staticmethod
    @cache
    def tale() -> Tale:
        return accumulated().on("2008-03-01", 263_000.0)

    def test_legs(self) -> None:
        assert self.tale().income.accumulated == pytest.approx(263_519.55, abs=CENT)
        assert self.tale().income.anniversary_high == 265_000.0

    def test_protected_withdrawal_value_and_income(self) -> None:
        tale = self.tale()
        facts = tale.facts(day_of(tale.life.issue, tale.today - 1, tale.today))
        assert ti.protected_withdrawal_value(tale.income, facts, tale.account) == 265_000.0
        income = ti.begin(tale.income, facts, tale.account, tale.today)
        assert income.annual == pytest.approx(13_250.0, abs=CENT)

    def test_no_withdrawal_benefit_and_no_value_afterwards(self) -> None:
        income = first_withdrawal(10_000.0).income
        assert (income.protected, income.withdrawal_annual, income.withdrawal_remaining) == (0.0, 0.0, 0.0)


class TestETis1:
    """E-TIS-1 (prospectus 4801-4806): $10,000 is less than the Annual Income Amount."""

    def test_amounts(self) -> None:
        income = first_withdrawal(10_000.0).income
        assert income.remaining == pytest.approx(3_250.0, abs=CENT)
        assert income.annual == pytest.approx(13_250.0, abs=CENT)


class TestETis2a:
    """E-TIS-2a (prospectus 4808-4817): $15,000 is more than the Annual Income Amount."""

    @staticmethod
    @cache
    def income() -> TrueIncome:
        return first_withdrawal(15_000.0).income

    def test_excess(self) -> None:
        assert ti.excess_over(15_000.0, 13_250.0, 0.005) == 1_750.0

    def test_amounts(self) -> None:
        assert self.income().remaining == 0.0
        assert self.income().annual == pytest.approx(13_157.0, abs=DOLLAR)
        assert 13_250.0 - self.income().annual == pytest.approx(93.0, abs=DOLLAR)


class TestETis3:
    """E-TIS-3 (prospectus 4819-4824): a step-up on 1 February 2012 at $280,000, by request or automatic."""

    def test_by_request(self) -> None:
        income = first_withdrawal(13_250.0).on("2012-02-01", 280_000.0, STEP_UP).income
        assert income.annual == pytest.approx(14_000.0, abs=CENT)

    def test_automatic(self) -> None:
        income = first_withdrawal(13_250.0, AUTO).on("2012-01-31", 260_000.0).on("2012-02-01", 280_000.0).income
        assert income.annual == pytest.approx(14_000.0, abs=CENT)
        assert income.step_up_from == number("2013-02-01")

    def test_neither(self) -> None:
        income = first_withdrawal(13_250.0).on("2012-02-01", 280_000.0).income
        assert income.annual == pytest.approx(13_250.0, abs=CENT)


class TestStepUps:
    """TIS-5 (prospectus 4733-4768): conditions and waiting periods."""

    @staticmethod
    def may(tale: Tale) -> bool:
        facts = tale.facts(day_of(tale.life.issue, tale.today - 1, tale.today))
        return ti.may_step_up(tale.income, facts, tale.account, tale.today)

    @pytest.mark.parametrize(
        "day, account, allowed",
        [
            ("2009-02-28", 280_000.0, False),
            ("2009-03-01", 280_000.0, True),
            ("2009-03-01", 265_000.0, False),
            ("2009-03-01", 265_000.01, True),
        ],
    )
    def test_income_of_the_account_value_exceeds_the_annual_income_amount(
        self, day: str, account: float, allowed: bool
    ) -> None:
        assert self.may(first_withdrawal(10_000.0).on(day, account)) is allowed

    def test_by_request_also_with_the_automatic_feature(self) -> None:
        tale = first_withdrawal(10_000.0, AUTO).on("2009-03-01", 280_000.0, STEP_UP)
        assert tale.income.annual == pytest.approx(14_000.0, abs=CENT)
        assert not self.may(tale.on("2010-02-28", 290_000.0))
        assert self.may(tale.on("2010-03-01", 290_000.0))

    def test_an_increase_can_be_taken_at_once(self) -> None:
        tale = first_withdrawal(10_000.0).on("2009-03-01", 280_000.0, withdraw(13_250.0))
        tale.on("2009-03-02", 300_000.0, STEP_UP)
        assert tale.income.remaining == pytest.approx(15_000.0 - 13_250.0, abs=CENT)


class TestPurchasePayment:
    """TIS-4 (prospectus 4742-4746)."""

    def test_after_the_first_withdrawal(self) -> None:
        income = first_withdrawal(10_000.0).on("2008-04-01", 250_000.0, pay(20_000.0)).income
        assert income.annual == pytest.approx(14_250.0, abs=CENT)
        assert income.remaining == pytest.approx(4_250.0, abs=CENT)
        assert income.protected == 0.0


class TestElection:
    """EL-4, LB-FEE-4 (prospectus 877-878, 4660-4662)."""

    @pytest.mark.parametrize(
        "birth, spouse_birth, allowed",
        [
            ("1953-07-01", "1953-07-01", True),
            ("1953-07-02", "1950-01-01", False),
            ("1950-01-01", "1953-07-02", False),
        ],
    )
    def test_both_lives_are_55(self, birth: str, spouse_birth: str, allowed: bool) -> None:
        life = accumulated().life._replace(annuitant_birth=number(birth), spouse_birth=number(spouse_birth))
        assert ti.may_elect(TERMS[1], life, number("2008-07-01")) is allowed

    def test_two_lives_and_the_charge(self) -> None:
        tale = Tale("2007-02-01", 250_000.0, plan=None).on("2008-05-05", 240_000.0, elect("TIS"))
        assert tale.income.lives == 2.0
        assert ti.asset_charge(tale.income) == 0.0075
