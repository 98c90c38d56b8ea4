"""Worked examples of "TrueIncome", one class per example; figures as printed.

E- are printed figures, without the charge for the benefit as the prospectus assumes; DV- follow from the rules.
"""

from functools import cache

import pytest

from tests.support.story import number
from tests.support.true_income_story import AUTO, STEP_UP, TERMS, Tale, elect, pay, withdraw
from valuation import true_income as ti
from valuation.clock import day_of
from valuation.terms import load_terms
from valuation.true_income import TrueIncome

CENT = 0.005
DOLLAR = 0.5


def accumulated() -> Tale:
    """250,000 on 1 February 2007, Account Value 265,000 a year later and 263,000 on 1 March 2008."""
    return Tale("2007-02-01", 250_000.0).on("2008-02-01", 265_000.0)


def first_withdrawal(amount: float) -> Tale:
    return accumulated().on("2008-03-01", 263_000.0, withdraw(amount))


class TestEFee1:
    """E-FEE-1 (prospectus 874-879): the charge with the Insurance Charge, by series, now and at most."""

    @pytest.mark.parametrize("plan, printed", [(0, ("1.75%", "2.10%", "2.15%")), (1, ("1.90%", "2.25%", "2.30%"))])
    def test_current(self, plan: int, printed: tuple[str, ...]) -> None:
        insurance = load_terms(True).charges.insurance_charge
        charge = ti.asset_charge(ti.elect(plan, TERMS[plan], 100_000.0, number("2008-07-01")))
        assert tuple(f"{c + charge:.2%}" for c in insurance) == printed

    @pytest.mark.parametrize("plan", [0, 1])
    def test_maximum(self, plan: int) -> None:
        insurance = load_terms(True).charges.insurance_charge
        assert [f"{c + TERMS[plan].maximum_charge:.2%}" for c in insurance] == ["2.65%", "3.00%", "3.05%"]


class TestETi0:
    """E-TI-0 (prospectus 4392-4413): the three legs on 1 March 2008 and both annual amounts."""

    @staticmethod
    @cache
    def income() -> TrueIncome:
        return accumulated().on("2008-03-01", 263_000.0).income

    def test_days(self) -> None:
        assert number("2008-03-01") - number("2007-02-01") == 394

    def test_leg_a(self) -> None:
        assert self.income().accumulated == pytest.approx(263_519.55, abs=CENT)

    def test_leg_c(self) -> None:
        assert self.income().anniversary_high == 265_000.0

    def test_protected_withdrawal_value(self) -> None:
        tale = accumulated().on("2008-03-01", 263_000.0)
        facts = tale.facts(day_of(tale.life.issue, tale.today - 1, tale.today))
        assert ti.protected_withdrawal_value(tale.income, facts, tale.account) == 265_000.0

    def test_annual_amounts(self) -> None:
        tale = accumulated().on("2008-03-01", 263_000.0)
        facts = tale.facts(day_of(tale.life.issue, tale.today - 1, tale.today))
        income = ti.begin(tale.income, facts, tale.account, tale.today)
        assert income.withdrawal_annual == pytest.approx(18_550.0, abs=CENT)
        assert income.annual == pytest.approx(13_250.0, abs=CENT)
        assert income.protected == 265_000.0

    @pytest.mark.parametrize("account, highest", [(264_000.0, 264_000.0), (262_000.0, 263_519.55)])
    def test_each_leg_can_be_the_highest(self, account: float, highest: float) -> None:
        tale = Tale("2007-02-01", 250_000.0).on("2008-03-01", account, withdraw(100.0))
        assert tale.income.protected + 100.0 == pytest.approx(highest, abs=CENT)


class TestETi1:
    """E-TI-1 (prospectus 4415-4424): $10,000 is less than both amounts."""

    @staticmethod
    @cache
    def income() -> TrueIncome:
        return first_withdrawal(10_000.0).income

    def test_annual_withdrawal_amount(self) -> None:
        assert self.income().withdrawal_remaining == pytest.approx(8_550.0, abs=CENT)
        assert self.income().withdrawal_annual == pytest.approx(18_550.0, abs=CENT)

    def test_annual_income_amount(self) -> None:
        assert self.income().remaining == pytest.approx(3_250.0, abs=CENT)
        assert self.income().annual == pytest.approx(13_250.0, abs=CENT)

    def test_protected_withdrawal_value(self) -> None:
        assert self.income().protected == pytest.approx(255_000.0, abs=CENT)


class TestETi2a:
    """E-TI-2a (prospectus 4426-4446): $15,000 is more than the Annual Income Amount alone."""

    @staticmethod
    @cache
    def income() -> TrueIncome:
        return first_withdrawal(15_000.0).income

    def test_annual_withdrawal_amount(self) -> None:
        assert self.income().withdrawal_remaining == pytest.approx(3_550.0, abs=CENT)
        assert self.income().withdrawal_annual == pytest.approx(18_550.0, abs=CENT)

    def test_annual_income_amount(self) -> None:
        assert self.income().remaining == 0.0
        assert self.income().annual == pytest.approx(13_157.0, abs=DOLLAR)
        assert 13_250.0 - self.income().annual == pytest.approx(93.0, abs=DOLLAR)

    def test_excess(self) -> None:
        assert ti.excess_over(15_000.0, 13_250.0, 0.005) == 1_750.0

    def test_protected_withdrawal_value(self) -> None:
        assert self.income().protected == pytest.approx(250_000.0, abs=CENT)


class TestETi2b:
    """E-TI-2b (prospectus 4448-4474): $25,000 is more than both amounts."""

    @staticmethod
    @cache
    def income() -> TrueIncome:
        return first_withdrawal(25_000.0).income

    def test_annual_withdrawal_amount(self) -> None:
        assert ti.excess_over(25_000.0, 18_550.0, 0.005) == 6_450.0
        assert self.income().withdrawal_remaining == 0.0
        assert self.income().withdrawal_annual == pytest.approx(18_061.0, abs=DOLLAR)
        assert 18_550.0 - self.income().withdrawal_annual == pytest.approx(489.0, abs=DOLLAR)

    def test_annual_income_amount(self) -> None:
        assert ti.excess_over(25_000.0, 13_250.0, 0.005) == 11_750.0
        assert self.income().remaining == 0.0
        assert self.income().annual == pytest.approx(12_627.0, abs=DOLLAR)
        assert 13_250.0 - self.income().annual == pytest.approx(623.0, abs=DOLLAR)

    def test_protected_withdrawal_value(self) -> None:
        """First to $246,450; then the proportional $6,503 is more than the $6,450 taken."""
        assert self.income().protected == pytest.approx(239_947.0, abs=DOLLAR)
        assert 246_450.0 - self.income().protected == pytest.approx(6_503.0, abs=DOLLAR)
        assert 246_450.0 - self.income().protected > 6_450.0 + DOLLAR


class TestETi3:
    """E-TI-3 (prospectus 4476-4492): the Annual Income Amount in each of three years, then a step-up at $280,000.

    The printed date of the step-up, 1 February 2014, leaves years without a withdrawal; it changes no figure (X-20).
    """

    @staticmethod
    def drawing() -> Tale:
        tale = first_withdrawal(13_250.0)
        for year in ("2009", "2010"):
            tale.on(f"{year}-03-01", 260_000.0, withdraw(13_250.0))
        return tale

    @classmethod
    @cache
    def income(cls) -> TrueIncome:
        return cls.drawing().on("2014-02-01", 280_000.0, STEP_UP).income

    def test_protected_withdrawal_value_before(self) -> None:
        assert self.drawing().on("2014-01-31").income.protected == pytest.approx(225_250.0, abs=CENT)

    def test_protected_withdrawal_value(self) -> None:
        assert self.income().protected == 280_000.0

    def test_annual_income_amount(self) -> None:
        assert self.income().annual == pytest.approx(14_000.0, abs=CENT)
        assert self.income().remaining == pytest.approx(14_000.0, abs=CENT)

    def test_annual_withdrawal_amount(self) -> None:
        assert self.income().withdrawal_annual == pytest.approx(19_600.0, abs=CENT)
        assert self.income().withdrawal_remaining == pytest.approx(19_600.0, abs=CENT)


class TestETiS:
    """E-TI-S (prospectus 4281-4286): $100,000 less withdrawals of $40,000; a step-up to the Account Value of $75,000."""

    def test_step_up(self) -> None:
        tale = Tale("2007-02-01", 100_000.0, plan=None)
        tale.on("2007-02-02", 100_000.0, elect("TI"), withdraw(5_000.0))
        for year in range(2008, 2013):
            tale.on(f"{year}-02-02", 100_000.0, withdraw(7_000.0))
        assert tale.income.protected == pytest.approx(60_000.0, abs=CENT)
        tale.on("2013-02-02", 75_000.0, STEP_UP)
        assert tale.income.protected == 75_000.0


class TestDvTi1:
    """DV-TI-1: after E-TI-2a another $5,000 in the same year at an Account Value of $240,000."""

    @staticmethod
    @cache
    def income() -> TrueIncome:
        return first_withdrawal(15_000.0).on("2008-06-02", 240_000.0, withdraw(5_000.0)).income

    def test_annual_income_amount(self) -> None:
        assert self.income().annual == pytest.approx(12_883.05, abs=CENT)

    def test_annual_withdrawal_amount(self) -> None:
        assert self.income().withdrawal_annual == pytest.approx(18_436.24, abs=CENT)

    def test_protected_withdrawal_value(self) -> None:
        assert self.income().protected == pytest.approx(244_938.68, abs=CENT)


class TestDvTi2:
    """DV-TI-2: ten years of growth on the value at the election, none on a payment after them."""

    @staticmethod
    @cache
    def tale() -> Tale:
        tale = Tale("2008-02-01", 100_000.0).on("2019-02-01", 90_000.0, pay(10_000.0))
        return tale.on("2019-03-01", 95_000.0)

    def test_leg_a(self) -> None:
        assert self.tale().income.accumulated == pytest.approx(172_889.46, abs=CENT)
        assert self.tale().income.accumulated == pytest.approx(100_000.0 * 1.05**10 + 10_000.0, abs=1e-6)

    def test_annual_amounts(self) -> None:
        tale = Tale("2008-02-01", 100_000.0).on("2019-02-01", 90_000.0, pay(10_000.0))
        income = tale.on("2019-03-01", 95_000.0, withdraw(100.0)).income
        assert income.annual == pytest.approx(0.05 * 172_889.46, abs=CENT)
        assert income.withdrawal_annual == pytest.approx(0.07 * 172_889.46, abs=CENT)


class TestDvDay2:
    """DV-DAY-2: a count that leaves out 29 February misses the printed figure of leg (A)."""

    def test_without_the_leap_day(self) -> None:
        without = 250_000.0 * 1.05 ** (393.0 / 365.0)
        assert without == pytest.approx(263_484.33, abs=CENT)
        assert TestETi0.income().accumulated - without > 35.0


class TestPurchasePayments:
    """TI-2, TI-3, TI-9 (prospectus 4255-4268, 4335-4344, 4363-4366): later payments."""

    def test_before_the_first_withdrawal_they_enter_both_legs_once(self) -> None:
        tale = accumulated().on("2008-02-10", 264_000.0)
        grown = tale.income.accumulated
        tale.leap("2008-02-11", 264_000.0, pay(10_000.0))
        assert tale.income.anniversary_high == 275_000.0
        assert tale.income.accumulated == pytest.approx(grown * 1.05 ** (1.0 / 365.0) + 10_000.0, abs=1e-6)

    def test_a_payment_before_the_first_anniversary_is_in_its_account_value(self) -> None:
        tale = Tale("2007-02-01", 250_000.0).on("2007-06-01", 250_000.0, pay(10_000.0))
        assert tale.income.anniversary_high == 0.0
        assert tale.on("2008-02-01", 265_000.0).income.anniversary_high == 265_000.0

    def test_after_it_they_raise_the_value_and_both_amounts_the_same_day(self) -> None:
        income = first_withdrawal(10_000.0).on("2008-04-01", 250_000.0, pay(20_000.0)).income
        assert income.protected == pytest.approx(275_000.0, abs=CENT)
        assert income.annual == pytest.approx(14_250.0, abs=CENT)
        assert income.remaining == pytest.approx(4_250.0, abs=CENT)
        assert income.withdrawal_annual == pytest.approx(19_950.0, abs=CENT)
        assert income.withdrawal_remaining == pytest.approx(9_950.0, abs=CENT)

    def test_on_the_day_of_the_first_withdrawal_they_come_first(self) -> None:
        income = accumulated().on("2008-03-01", 263_000.0, pay(10_000.0), withdraw(10_000.0)).income
        assert income.annual == pytest.approx(0.05 * 275_000.0, abs=CENT)


class TestStepUps:
    """TI-10, TI-11 (prospectus 4270-4307): waiting periods and conditions."""

    @staticmethod
    def may(tale: Tale) -> bool:
        facts = tale.facts(day_of(tale.life.issue, tale.today - 1, tale.today))
        return ti.may_step_up(tale.income, facts, tale.account, tale.today)

    @pytest.mark.parametrize("day, allowed", [("2009-02-28", False), ("2009-03-01", True)])
    def test_one_year_after_the_first_withdrawal(self, day: str, allowed: bool) -> None:
        assert self.may(first_withdrawal(10_000.0).on(day, 300_000.0)) is allowed

    @pytest.mark.parametrize("day, allowed", [("2010-05-05", False), ("2010-05-06", True)])
    def test_one_year_after_the_last(self, day: str, allowed: bool) -> None:
        tale = first_withdrawal(10_000.0).on("2009-05-06", 300_000.0, STEP_UP)
        assert self.may(tale.on(day, 310_000.0)) is allowed

    def test_not_at_the_protected_withdrawal_value(self) -> None:
        assert not self.may(first_withdrawal(10_000.0).on("2009-03-01", 255_000.0))
        assert self.may(first_withdrawal(10_000.0).on("2009-03-01", 255_000.01))

    def test_not_before_the_first_withdrawal(self) -> None:
        assert not self.may(accumulated().on("2009-03-01", 900_000.0))

    def test_amounts_that_are_higher_stay(self) -> None:
        income = first_withdrawal(10_000.0).on("2009-03-01", 260_000.0, STEP_UP).income
        assert income.protected == 260_000.0
        assert income.annual == pytest.approx(13_250.0, abs=CENT)
        assert income.withdrawal_annual == pytest.approx(18_550.0, abs=CENT)

    def auto(self) -> Tale:
        tale = Tale("2007-02-01", 250_000.0).on("2008-02-01", 265_000.0)
        tale.income = ti.set_auto_step_up(tale.income, True)
        return tale.on("2008-03-01", 263_000.0, withdraw(10_000.0))

    def test_auto_not_within_a_year_of_the_first_withdrawal(self) -> None:
        tale = self.auto().on("2009-02-01", 300_000.0)
        assert tale.income.annual == pytest.approx(13_250.0, abs=CENT)
        tale.on("2010-02-01", 300_000.0)
        assert tale.income.annual == pytest.approx(15_000.0, abs=CENT)
        assert tale.income.withdrawal_annual == pytest.approx(21_000.0, abs=CENT)
        assert tale.income.protected == 300_000.0
        assert tale.income.remaining == tale.income.annual

    def test_auto_on_each_anniversary_until_one_happens_then_after_a_year(self) -> None:
        tale = self.auto().on("2010-02-01", 265_000.0)
        assert tale.income.annual == pytest.approx(13_250.0, abs=CENT)
        tale.on("2011-02-01", 265_001.0)
        assert tale.income.annual == pytest.approx(0.05 * 265_001.0, abs=1e-9)
        tale.on("2012-02-01", 270_000.0)
        assert tale.income.annual == pytest.approx(13_500.0, abs=CENT)

    def test_a_step_up_by_request_puts_off_the_auto_step_up(self) -> None:
        tale = self.auto().on("2009-03-02", 290_000.0, STEP_UP).on("2010-02-01", 300_000.0)
        assert tale.income.annual == pytest.approx(14_500.0, abs=CENT)
        assert tale.on("2011-02-01", 300_000.0).income.annual == pytest.approx(15_000.0, abs=CENT)

    def test_only_where_it_is_elected(self) -> None:
        income = first_withdrawal(10_000.0).on("2010-02-01", 300_000.0).income
        assert income.annual == pytest.approx(13_250.0, abs=CENT)

    def test_elected_later(self) -> None:
        tale = first_withdrawal(10_000.0).on("2010-05-03", 300_000.0)
        tale.income = ti.set_auto_step_up(tale.income, True)
        assert tale.on("2011-02-01", 300_000.0).income.annual == pytest.approx(15_000.0, abs=CENT)

    def test_a_closed_anniversary_does_not_put_off_the_next(self) -> None:
        tale = self.auto().on("2010-01-31").leap("2010-02-03", 300_000.0)
        assert tale.income.annual == pytest.approx(15_000.0, abs=CENT)
        assert tale.income.step_up_from == number("2011-02-01")
        assert tale.on("2011-02-01", 320_000.0).income.annual == pytest.approx(16_000.0, abs=CENT)

    def test_a_closed_anniversary_within_the_year_is_not_yet_an_opportunity(self) -> None:
        """First withdrawal on 2 February 2009; the anniversary of 1 February 2010 is processed on the 3rd."""
        tale = Tale("2007-02-01", 250_000.0).on("2009-02-02", 250_000.0, AUTO, withdraw(100.0)).on("2010-01-30")
        annual = tale.income.annual
        assert tale.leap("2010-02-03", 300_000.0).income.annual == annual
        assert tale.on("2011-02-01", 300_000.0).income.annual == pytest.approx(15_000.0, abs=CENT)

    def test_a_step_up_carries_the_charge_for_new_elections_up_to_the_maximum(self) -> None:
        for charge, carried in ((0.008, 0.008), (0.02, 0.015)):
            tale = first_withdrawal(10_000.0)
            assert ti.asset_charge(tale.income) == 0.006
            tale.terms = tale.terms._replace(charge=charge)
            assert ti.asset_charge(tale.on("2009-03-01", 300_000.0, STEP_UP).income) == carried

    def test_or_not_where_the_terms_say_so(self) -> None:
        tale = first_withdrawal(10_000.0)
        tale.terms = tale.terms._replace(charge=0.008, charge_follows_step_up=0.0)
        assert ti.asset_charge(tale.on("2009-03-01", 300_000.0, STEP_UP).income) == 0.006


class TestElection:
    """EL-3, C-6 (prospectus 4207-4208, 4261-4265)."""

    @pytest.mark.parametrize("birth, allowed", [("1963-07-01", True), ("1963-07-02", False)])
    def test_age_45(self, birth: str, allowed: bool) -> None:
        life = Tale("2008-07-01", 100_000.0).life._replace(annuitant_birth=number(birth))
        assert ti.may_elect(TERMS[0], life, number("2008-07-01")) is allowed

    def test_after_issue_the_account_value_of_the_day_counts(self) -> None:
        tale = Tale("2007-02-01", 250_000.0, plan=None).on("2008-05-05", 240_000.0, elect("TI"))
        assert tale.income.accumulated == 240_000.0
        assert tale.income.anniversary_high == 0.0
        assert tale.income.effective == number("2008-05-05")
