"""Worked examples of the Guaranteed Minimum Income Benefit, one class per example; figures as printed, to the cent.

E- are printed figures, without the charge as the prospectus says; DV- follow from the rules.
"""

from functools import cache

import pytest

from tests.support.protected import TERMS, Protected, number, pay_in, step_up, take
from valuation import guaranteed_minimum_income as gmi
from valuation.contract import NEW_CORE
from valuation.guaranteed_minimum_income import ProtectedIncome

CENT = 0.005


def printed(last: str) -> Protected:
    """The three examples in one story, up to the one of ``last``."""
    story = Protected("2007-10-13", 250_000.0)
    steps = (("2007-11-13", 230_000.0), ("2007-12-13", 220_000.0), ("2008-10-13", 215_000.0))
    for day, account in steps:
        if day <= last:
            story.on(day, account, take(10_000.0))
    return story


def before(day: str) -> Protected:
    """The story on the day of an example, before its withdrawal."""
    accounts = {"2007-11-13": 230_000.0, "2007-12-13": 220_000.0, "2008-10-13": 215_000.0}
    earlier = {"2007-11-13": "2007-10-13", "2007-12-13": "2007-11-13", "2008-10-13": "2007-12-13"}
    return printed(earlier[day]).on(day, accounts[day])


class TestEGmib0:
    """E-GMIB-0 (prospectus 3977-3983): $250,000 on 13 October 2007."""

    def test_protected_income_value(self) -> None:
        assert Protected("2007-10-13", 250_000.0).benefit.value == pytest.approx(250_000.00, abs=CENT)

    def test_dollar_for_dollar_limit(self) -> None:
        benefit = Protected("2007-10-13", 250_000.0).benefit
        assert benefit.limit == pytest.approx(12_500.00, abs=CENT)
        assert benefit.remaining == benefit.limit

    def test_maximum(self) -> None:
        assert Protected("2007-10-13", 250_000.0).benefit.maximum == pytest.approx(500_000.00, abs=CENT)


class TestEGmib1:
    """E-GMIB-1 (prospectus 3985-3995): $10,000 on 13 November 2007, within the limit."""

    def test_value_before(self) -> None:
        assert before("2007-11-13").benefit.value == pytest.approx(251_038.10, abs=CENT)

    def test_value_after(self) -> None:
        assert printed("2007-11-13").benefit.value == pytest.approx(241_038.10, abs=CENT)

    def test_remaining_limit(self) -> None:
        assert printed("2007-11-13").benefit.remaining == pytest.approx(2_500.00, abs=CENT)


class TestEGmib2:
    """E-GMIB-2 (prospectus 3997-4015): $10,000 on 13 December 2007 at Account Value $220,000, $2,500 of it in the limit."""

    def test_value_before(self) -> None:
        assert before("2007-12-13").benefit.value == pytest.approx(242_006.64, abs=CENT)

    def test_value_less_the_remaining_limit(self) -> None:
        story = before("2007-12-13")
        assert gmi.withdraw(story.benefit, story.benefit.remaining, 2_500.0, 220_000.0, CENT).value == pytest.approx(
            239_506.64, abs=CENT
        )

    def test_a_and_b(self) -> None:
        whole, within = before("2007-12-13"), printed("2007-12-13")
        kept = within.benefit.value / (whole.benefit.value - 2_500.0)
        assert kept == pytest.approx(1.0 - 7_500.0 / 217_500.0, abs=1e-12)

    def test_value_after(self) -> None:
        assert printed("2007-12-13").benefit.value == pytest.approx(231_247.79, abs=CENT)

    def test_remaining_limit(self) -> None:
        assert printed("2007-12-13").benefit.remaining == 0.0


class TestEGmib3:
    """E-GMIB-3 (prospectus 4017-4026): $10,000 on the first anniversary, in the second Annuity Year."""

    def test_value_before(self) -> None:
        assert before("2008-10-13").benefit.value == pytest.approx(240_838.37, abs=CENT)

    def test_limit(self) -> None:
        assert before("2008-10-13").benefit.remaining == pytest.approx(12_041.92, abs=CENT)

    def test_value_after(self) -> None:
        assert printed("2008-10-13").benefit.value == pytest.approx(230_838.37, abs=CENT)

    def test_remaining_limit(self) -> None:
        assert printed("2008-10-13").benefit.remaining == pytest.approx(2_041.92, abs=CENT)


class TestDvGmib1:
    """DV-GMIB-1: the maximum falls by the dollars that the value falls by."""

    def test_maximum(self) -> None:
        assert printed("2007-12-13").benefit.maximum == pytest.approx(479_241.15, abs=CENT)


class TestDvGmib2:
    """DV-GMIB-2: the average of 366 daily values, 13 October 2007 to 12 October 2008."""

    @staticmethod
    @cache
    def fees() -> tuple[tuple[int, float], ...]:
        return tuple(before("2008-10-13").fees)

    def test_charge(self) -> None:
        assert [day for day, _ in self.fees()] == [number("2008-10-13")]
        assert self.fees()[0][1] == pytest.approx(1_188.44, abs=CENT)

    def test_average(self) -> None:
        average = self.fees()[0][1] / TERMS.charge
        assert average == pytest.approx(237_688.54, abs=CENT)

    def test_it_leaves_the_account(self) -> None:
        story = Protected("2007-10-13", 250_000.0, charged=True).on("2008-10-13", 240_000.0)
        assert story.account == pytest.approx(240_000.0 - 0.005 * 250_000.0 * 1.05**0.5, abs=0.2)


class TestDvGmib3:
    """DV-GMIB-3: value 599,950, maximum 600,000; a day; 20,000 of 400,000; then a payment of 10,000."""

    @staticmethod
    @cache
    def story() -> Protected:
        story = Protected("2008-07-01", 300_000.0).leap("2008-07-02")
        story.benefit = story.benefit._replace(value=599_950.0, maximum=600_000.0)
        return story.leap("2008-07-03", 400_000.0)

    def test_growth_stops_at_the_maximum(self) -> None:
        assert self.story().benefit.value == 600_000.0

    def after(self) -> ProtectedIncome:
        return gmi.withdraw(self.story().benefit, 0.0, 20_000.0, 400_000.0, CENT)

    def test_nothing_is_available_dollar_for_dollar(self) -> None:
        assert gmi.income_available(self.story().benefit, NEW_CORE, False) == 0.0

    def test_value_and_maximum_fall_in_proportion(self) -> None:
        assert self.after().value == pytest.approx(570_000.00, abs=CENT)
        assert self.after().maximum == pytest.approx(570_000.00, abs=CENT)

    def test_payment(self) -> None:
        paid = gmi.pay_in(self.after(), TERMS, self.story().facts, 10_000.0)
        assert paid.value == pytest.approx(580_000.00, abs=CENT)
        assert paid.maximum == pytest.approx(590_000.00, abs=CENT)

    def test_growth_resumes_after_the_payment(self) -> None:
        paid = gmi.pay_in(self.after(), TERMS, self.story().facts, 10_000.0)
        grown = gmi.grow(paid, TERMS, self.story().facts, 0.0)
        assert grown.value == pytest.approx(580_000.0 * 1.05 ** (1.0 / 365.0), abs=1e-6)


class TestELbFee2:
    """LB-FEE-2 (prospectus 871-872, 4172-4175): 0.50% currently, at most 1.00% by the text."""

    def test_charge(self) -> None:
        assert TERMS.charge == 0.0050
        assert TERMS.maximum_charge == 0.0100

    def test_a_raised_charge_stops_at_the_maximum(self) -> None:
        raised = TERMS._replace(charge=0.02)
        assert Protected("2008-07-01", terms=raised).benefit.charge == 0.01


class TestGrowthStop:
    """GMIB-4 (prospectus 3896-3900): the anniversary on or after the 80th birthday, or seven years if later."""

    @pytest.mark.parametrize(
        "birth, stop",
        [
            ("1945-07-01", "2025-07-01"),
            ("1945-07-02", "2026-07-01"),
            ("1945-06-30", "2025-07-01"),
            ("1933-06-30", "2015-07-01"),
            ("1935-07-01", "2015-07-01"),
            ("1935-07-02", "2016-07-01"),
        ],
    )
    def test_day(self, birth: str, stop: str) -> None:
        assert Protected("2008-07-01", birth=birth).benefit.stop == number(stop)

    def test_growth_is_credited_up_to_the_day_and_no_further(self) -> None:
        story = Protected("2008-07-01", birth="1934-01-15").leap("2015-06-30").on("2015-07-01")
        assert story.benefit.value == pytest.approx(100_000.0 * 1.05**7, rel=1e-12)
        assert story.benefit.stopped == 0.0
        story.on("2015-07-02")
        assert story.benefit.value == pytest.approx(100_000.0 * 1.05**7, rel=1e-12)
        assert story.benefit.stopped == 1.0

    def test_a_withdrawal_on_that_day_is_the_normal_case(self) -> None:
        story = Protected("2008-07-01", birth="1934-01-15").leap("2015-07-01", 90_000.0, take(1_000.0))
        assert story.benefit.value == pytest.approx(100_000.0 * 1.05**7 - 1_000.0, abs=1e-6)

    def test_a_later_one_is_proportional(self) -> None:
        story = Protected("2008-07-01", birth="1934-01-15").leap("2015-07-02", 90_000.0, take(900.0))
        assert story.benefit.value == pytest.approx(100_000.0 * 1.05**7 * 0.99, abs=1e-6)
        assert story.benefit.maximum == pytest.approx(200_000.0 * 0.99, abs=1e-6)
        assert story.benefit.remaining == pytest.approx(0.05 * 100_000.0 * 1.05**7 - 900.0, abs=1e-6)


class TestStepUp:
    """GMIB-9 (prospectus 3923-3962)."""

    def test_effect(self) -> None:
        story = Protected("2008-07-01").on("2009-03-02", 150_000.0, step_up)
        benefit = story.benefit
        assert (benefit.value, benefit.maximum) == (150_000.0, 300_000.0)
        assert benefit.reset == number("2009-03-02")
        assert benefit.limit == 5_000.0

    def test_the_limit_follows_on_the_next_anniversary(self) -> None:
        story = Protected("2008-07-01").on("2009-03-02", 150_000.0, step_up).on("2009-07-01")
        assert story.benefit.limit == pytest.approx(0.05 * 150_000.0 * 1.05 ** (121.0 / 365.0), abs=1e-6)

    def test_on_an_anniversary_it_waits_a_year(self) -> None:
        story = Protected("2008-07-01").on("2009-07-01", 150_000.0, step_up)
        assert story.benefit.limit == pytest.approx(5_250.0, abs=1e-6)

    def test_only_above_the_value(self) -> None:
        story = Protected("2008-07-01").on("2009-07-01", 105_000.0 - 0.01, step_up)
        assert story.refused == 1
        assert story.benefit.steps == 0.0

    def test_twice(self) -> None:
        story = Protected("2008-07-01").on("2008-07-02", 110_000.0, step_up).on("2008-07-03", 120_000.0, step_up)
        story.on("2008-07-04", 130_000.0, step_up)
        assert story.refused == 1
        assert story.benefit.value < 121_000.0

    @pytest.mark.parametrize("day, steps", [("2009-01-14", 1.0), ("2009-01-15", 0.0)])
    def test_while_the_annuitant_is_less_than_76(self, day: str, steps: float) -> None:
        assert Protected("2008-07-01", birth="1933-01-15").leap(day, 150_000.0, step_up).benefit.steps == steps

    def test_seven_more_years_of_growth(self) -> None:
        story = Protected("2008-07-01", birth="1934-01-15").leap("2009-03-02", 150_000.0, step_up)
        assert story.benefit.stop == number("2016-03-02")

    def test_later_withdrawals_and_payments_change_the_new_maximum(self) -> None:
        story = Protected("2008-07-01").on("2009-03-02", 150_000.0, step_up, take(2_000.0), pay_in(1_000.0))
        assert story.benefit.value == pytest.approx(149_000.0, abs=1e-9)
        assert story.benefit.maximum == pytest.approx(300_000.0, abs=1e-9)

    def test_the_charge_then_in_force(self) -> None:
        story = Protected("2008-07-01").on("2008-12-31")
        story.terms = TERMS._replace(charge=0.0065)
        story.on("2009-01-01", 150_000.0, step_up).on("2009-07-01")
        first = sum(0.005 * 100_000.0 * 1.05 ** (d / 365.0) for d in range(184))
        then = sum(0.0065 * 150_000.0 * 1.05 ** (d / 365.0) for d in range(181))
        assert story.fees[0][1] == pytest.approx((first + then) / 365.0, abs=1e-6)
