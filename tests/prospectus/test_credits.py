"""Worked examples of the credits of the X Series, one class per example.  EX- is printed; D- follow from the rules."""

from functools import cache

import pytest

from tests.support.story import Story, number, pay, withdraw, without_charges
from valuation.contract import ADDED
from valuation.credits import purchase_credit_rate
from valuation.terms import load_terms

TERMS = load_terms(True)


class TestExPc:
    """EX-PC (prospectus 2814-2820): age 65, payment $450,000, Purchase Credit $27,000 = $450,000 x .06."""

    @staticmethod
    @cache
    def story() -> Story:
        return Story("2008-05-01", 450_000.0, series="X", birth="1943-05-01", terms=without_charges())

    def test_credit(self) -> None:
        assert self.story().cash[ADDED] == pytest.approx(27_000.0, abs=1e-9)
        assert self.story().ledger("PURCHASE_CREDIT") == pytest.approx(27_000.0, abs=1e-6)

    def test_account_value(self) -> None:
        assert self.story().account_value == pytest.approx(477_000.0, abs=1e-6)

    def test_same_options_in_the_same_ratio(self) -> None:
        """CR-2."""
        held = self.story().book.units * self.story().book.price
        assert held[0] / held.sum() == pytest.approx(0.6, abs=1e-12)


class TestCr1:
    """CR-1 (prospectus 2780-2804): 6% to age 80, 5% if issued before December 10, 2007, 3% from 81 to 85; X only."""

    @staticmethod
    def rate(issue: str, birth: str, today: str, series: str = "X") -> float:
        story = Story(issue, 10_000.0, series=series, birth="1945-01-15", terms=TERMS)
        life = story.life._replace(owner_birth=number(birth))
        return purchase_credit_rate(TERMS.purchase, life, number(today))

    def test_current(self) -> None:
        assert self.rate("2007-12-10", "1940-01-01", "2008-06-02") == 0.06

    def test_issued_before(self) -> None:
        assert self.rate("2007-12-09", "1940-01-01", "2008-06-02") == 0.05

    @pytest.mark.parametrize("birth, expected", [("1927-06-03", 0.06), ("1927-06-02", 0.03)])
    def test_from_age_81(self, birth: str, expected: float) -> None:
        assert self.rate("2007-12-10", birth, "2008-06-02") == expected

    def test_from_age_81_in_an_early_contract(self) -> None:
        assert self.rate("2007-12-09", "1927-06-02", "2008-06-02") == 0.03

    @pytest.mark.parametrize("series", ["B", "L"])
    def test_other_series(self, series: str) -> None:
        assert self.rate("2008-05-01", "1940-01-01", "2008-06-02", series) == 0.0


class TestDLc1:
    """D-LC-1: 100,000 on the Issue Date, 20,000 on the first anniversary, withdrawals 30,000; credits of years 10 and 11."""

    @staticmethod
    @cache
    def story() -> Story:
        story = Story("2008-05-01", series="X", birth="1943-05-01", terms=without_charges())
        story.on("2009-05-01", None, pay(20_000.0)).on("2012-08-01", None, withdraw(30_000.0))
        return story.on("2019-05-01")

    def credit(self, day: str) -> float:
        return float(next(past.cash[ADDED] for past in self.story().past if past.day == number(day)))

    def test_none_before_the_tenth(self) -> None:
        assert self.credit("2017-05-01") == 0.0

    def test_tenth_anniversary(self) -> None:
        assert self.credit("2018-05-01") == pytest.approx(280.00, abs=1e-9)

    def test_eleventh_anniversary(self) -> None:
        assert self.credit("2019-05-01") == pytest.approx(360.00, abs=1e-9)

    def test_only_these_two(self) -> None:
        assert self.story().ledger("LONGEVITY_CREDIT") == pytest.approx(640.00, abs=1e-6)

    def test_not_in_another_series(self) -> None:
        story = Story("2008-05-01", series="B", birth="1943-05-01", terms=without_charges())
        assert story.leap("2018-04-30").leap("2018-05-01").cash[ADDED] == 0.0

    def test_a_withdrawal_on_the_anniversary_comes_after_the_credit(self) -> None:
        """A-LC-1."""
        story = Story("2008-05-01", series="X", birth="1943-05-01", terms=without_charges())
        story.leap("2018-04-30").leap("2018-05-01", None, withdraw(30_000.0))
        assert story.cash[ADDED] == pytest.approx(400.00, abs=1e-9)
