"""Derived vectors of "How much can I withdraw as a Free Withdrawal?", one class per vector (D-), through whole days."""

from functools import cache

import pytest

from tests.support.story import Event, Story, pay, withdraw
from valuation.contract import CHARGED, PAID
from valuation.terms import load_terms

TERMS = load_terms(True)
CENT = 0.005


class TestDFw1:
    """D-FW-1: B Series, 50,000 in Year 9 (0%), 30,000 in Year 4 (4%), gross 60,000: the free base is the second."""

    @staticmethod
    @cache
    def story() -> Story:
        story = Story("2008-01-15", 50_000.0, terms=TERMS).leap("2013-01-15", None, pay(30_000.0))
        return story.leap("2016-01-15", 100_000.0).leap("2016-06-01", 100_000.0, withdraw(60_000.0))

    def test_payments_withdrawn_leave_the_free_amount_out(self) -> None:
        assert self.story().core.paid_out == pytest.approx(57_000.00, abs=1e-9)

    def test_charge(self) -> None:
        assert self.story().cash[CHARGED] == pytest.approx(280.00, abs=1e-9)

    def test_paid(self) -> None:
        assert self.story().cash[PAID] == pytest.approx(59_720.00, abs=1e-9)


class TestDFw2:
    """D-FW-2: B Series, 100,000; 6,000 and 9,000 in the first Annuity Year, 12,000 in the second."""

    @staticmethod
    @cache
    def story() -> Story:
        story = Story("2008-06-02", terms=TERMS)
        story.leap("2008-09-02", None, withdraw(6_000.0))
        story.leap("2009-02-02", None, withdraw(9_000.0))
        return story.leap("2009-06-02", None, withdraw(12_000.0))

    def test_first_is_free(self) -> None:
        assert self.story().past[1].cash[CHARGED] == 0.0
        assert self.story().past[1].core.paid_out == 0.0

    def test_second(self) -> None:
        assert self.story().past[2].cash[CHARGED] == pytest.approx(350.00, abs=1e-9)
        assert 100_000.0 - self.story().past[2].core.paid_out == pytest.approx(95_000.00, abs=1e-9)

    def test_third_in_the_new_annuity_year(self) -> None:
        assert self.story().past[3].cash[CHARGED] == pytest.approx(150.00, abs=1e-9)
        assert 100_000.0 - self.story().past[3].core.paid_out == pytest.approx(92_500.00, abs=1e-9)


class TestRmd4:
    """RMD-4, README decision 10: no charge on the Required Minimum Distribution of the year, first dollars first."""

    @staticmethod
    def story(*events: Event) -> Story:
        story = Story("2008-06-02", terms=TERMS)
        return story.leap("2009-01-15", 110_000.0, Event("RMD_NOTICE", 15_000.0), *events)

    def test_within_the_distribution(self) -> None:
        story = self.story(Event("RMD_WITHDRAWAL", 15_000.0))
        assert story.cash[CHARGED] == 0.0
        assert story.core.paid_out == pytest.approx(5_000.0, abs=1e-9)

    def test_above_it(self) -> None:
        story = self.story(Event("RMD_WITHDRAWAL", 20_000.0))
        assert story.cash[CHARGED] == pytest.approx(0.07 * 5_000.0, abs=1e-9)

    def test_other_withdrawals_of_the_calendar_year_use_it_up(self) -> None:
        story = self.story(withdraw(12_000.0), Event("RMD_WITHDRAWAL", 10_000.0))
        assert story.payments[0].charge == pytest.approx(0.07 * 2_000.0, abs=1e-9)
        assert story.payments[1].charge == pytest.approx(0.07 * 7_000.0, abs=1e-9)

    def test_the_next_calendar_year_has_its_own(self) -> None:
        story = self.story(Event("RMD_WITHDRAWAL", 15_000.0)).leap("2009-12-31").leap("2010-01-04")
        assert story.core.required == 0.0
        assert story.core.withdrawn_calendar == 0.0

    def test_less_than_the_least_withdrawal_is_allowed(self) -> None:
        assert self.story(Event("RMD_WITHDRAWAL", 60.0)).cash[PAID] == pytest.approx(60.0, abs=1e-9)


class TestWd2AndWd3:
    """WD-2, WD-3 (prospectus 3139-3147): 100 at least, 1,000 of Surrender Value must be left."""

    def test_minimum(self) -> None:
        story = Story("2008-06-02", terms=TERMS).leap("2009-01-15", None, withdraw(99.99), withdraw(100.0))
        assert story.refusals == [600]
        assert story.cash[PAID] == pytest.approx(100.0, abs=1e-9)

    @pytest.mark.parametrize("amount, refused", [(98_134.40, []), (98_134.42, [601])])
    def test_value_left(self, amount: float, refused: list[int]) -> None:
        """What is left, L, bears a charge of 7% of L + 10,000 and the fee of 35: 0.93 L - 735 = 1,000 at L = 1,865.59."""
        story = Story("2008-06-02", terms=TERMS).leap("2009-01-15", None, withdraw(amount))
        assert story.refusals == refused

    def test_everything_is_a_surrender_not_a_withdrawal(self) -> None:
        story = Story("2008-06-02", terms=TERMS).leap("2009-01-15", None, withdraw(100_000.0), withdraw(100_001.0))
        assert story.refusals == [601, 602]
        assert story.account_value == pytest.approx(100_000.0, abs=1e-6)
