"""Worked examples of the basic Death Benefit: Appendix C, one class per example, figures as printed to the dollar.

Where an example shows an optional Death Benefit, only its basic part is tested.  D- follow from the rules.
"""

from functools import cache

import pytest

from tests.support.story import Event, Story, number, pay, withdraw, without_charges
from valuation.contract import DIED, GUARANTEED_PAID, PAID

HALF_DOLLAR = 0.5
ISSUE = "2008-05-01"


def at_seventy(payment: float = 50_000.0, series: str = "B") -> Story:
    return Story(ISSUE, payment, series=series, birth="1938-05-01", terms=without_charges())


def claim(death: str) -> Event:
    return Event("DEATH", date=number(death))


def paid(story: Story) -> float:
    return story.payments[-1].paid


class TestExProp1:
    """EX-PROP-1 (prospectus 6954-6958): a withdrawal of 50% of the Account Value halves the Purchase Payments."""

    def test_half(self) -> None:
        story = at_seventy().leap("2010-05-03", 30_000.0, withdraw(15_000.0))
        assert story.core.basic == pytest.approx(25_000.0, abs=1e-9)


class TestExC1Basic:
    """EX-C1 (prospectus 9534-9552): no withdrawals, Account Value 75,000 on the seventh anniversary: basic $75,000."""

    @staticmethod
    @cache
    def story() -> Story:
        return at_seventy().leap("2015-05-01", 75_000.0, claim("2015-05-01"))

    def test_basic(self) -> None:
        assert paid(self.story()) == pytest.approx(75_000.0, abs=HALF_DOLLAR)

    def test_the_contract_has_ended(self) -> None:
        assert self.story().core.status == DIED
        assert self.story().account_value == 0.0


class TestExC2Basic:
    """EX-C2 (prospectus 9554-9585): 5,000 on the sixth anniversary at 45,000; max [$43,000, $44,444] = $44,444."""

    @staticmethod
    @cache
    def story() -> Story:
        story = at_seventy().leap("2014-05-01", 45_000.0, withdraw(5_000.0))
        return story.leap("2015-05-01", 43_000.0, claim("2015-05-01"))

    def test_payments_branch(self) -> None:
        assert self.story().past[1].core.basic == pytest.approx(44_444.0, abs=HALF_DOLLAR)

    def test_basic(self) -> None:
        assert paid(self.story()) == pytest.approx(44_444.0, abs=HALF_DOLLAR)

    def test_the_insurer_adds_what_the_account_value_lacks(self) -> None:
        assert self.story().cash[PAID] == pytest.approx(43_000.0, abs=1e-6)
        assert self.story().cash[GUARANTEED_PAID] == pytest.approx(1_444.44, abs=1e-6)


def after_target_date() -> Story:
    """A payment of 15,000 after ten years, then 5,000 withdrawn at Account Value 70,000; 75,000 at death."""
    story = at_seventy().leap("2018-06-01", 70_000.0, pay(15_000.0))
    story.leap("2018-07-02", 70_000.0, withdraw(5_000.0))
    return story.leap("2019-02-01", 75_000.0, claim("2019-02-01"))


class TestExC3Basic:
    """EX-C3 (prospectus 9587-9616): basic max [$75,000, $60,357] = $75,000."""

    def test_payments_branch(self) -> None:
        assert after_target_date().past[2].core.basic == pytest.approx(60_357.0, abs=HALF_DOLLAR)

    def test_basic(self) -> None:
        assert paid(after_target_date()) == pytest.approx(75_000.0, abs=HALF_DOLLAR)


class TestExC4Basic:
    """EX-C4 (prospectus 9622-9635): Account Value 75,000 at due proof, no withdrawals: basic $75,000."""

    def test_basic(self) -> None:
        story = at_seventy().leap("2012-11-01", 90_000.0).leap("2014-11-03", 75_000.0, claim("2014-11-03"))
        assert paid(story) == pytest.approx(75_000.0, abs=HALF_DOLLAR)


class TestExC5Basic:
    """EX-C5 (prospectus 9637-9658): 15,000 in Annuity Year 7 at 75,000; basic max [$80,000, $40,000] = $80,000."""

    @staticmethod
    @cache
    def story() -> Story:
        story = at_seventy().leap("2014-11-03", 75_000.0, withdraw(15_000.0))
        return story.leap("2015-02-02", 80_000.0, claim("2015-02-02"))

    def test_payments_branch(self) -> None:
        assert self.story().past[1].core.basic == pytest.approx(40_000.0, abs=HALF_DOLLAR)

    def test_basic(self) -> None:
        assert paid(self.story()) == pytest.approx(80_000.0, abs=HALF_DOLLAR)


class TestExC6Basic:
    """EX-C6 (prospectus 9660-9684): the same payments as EX-C3; basic max [$75,000, $60,357] = $75,000."""

    def test_basic(self) -> None:
        story = after_target_date()
        assert story.past[2].core.basic == pytest.approx(60_357.0, abs=HALF_DOLLAR)
        assert paid(story) == pytest.approx(75_000.0, abs=HALF_DOLLAR)


class TestDDb2Basic:
    """D-DB-2: X Series; a credit of 1,200 within twelve months before death is left out of both branches."""

    @staticmethod
    @cache
    def story() -> Story:
        story = at_seventy(100_000.0, "X").leap("2010-09-01", None, pay(20_000.0))
        return story.leap("2011-03-15", 110_000.0, claim("2011-03-15"))

    def test_all_payments_and_credits(self) -> None:
        assert self.story().core.basic == pytest.approx(127_200.00, abs=1e-9)

    def test_basic(self) -> None:
        assert paid(self.story()) == pytest.approx(126_000.00, abs=1e-9)


class TestDDb5Basic:
    """D-DB-5: the same with 13,000 withdrawn at 130,000: max (113,400.00; 116,800.00)."""

    @staticmethod
    def story(at_proof: float) -> Story:
        story = at_seventy(100_000.0, "X").leap("2010-09-01", None, pay(20_000.0))
        story.leap("2010-12-01", 130_000.0, withdraw(13_000.0))
        return story.leap("2011-03-15", at_proof, claim("2011-03-15"))

    def test_account_value_branch(self) -> None:
        assert paid(self.story(118_000.0)) == pytest.approx(116_800.00, abs=1e-9)

    def test_payments_branch(self) -> None:
        assert paid(self.story(100_000.0)) == pytest.approx(113_400.00, abs=1e-9)


class TestSpo1:
    """SPO-1 (prospectus 7393-7410): the Death Benefit becomes the Account Value and the new initial payment, free of CDSC."""

    @staticmethod
    @cache
    def story() -> Story:
        story = Story(ISSUE, 50_000.0, birth="1938-05-01", spouse_birth="1940-01-01")
        return story.leap("2009-03-02", 43_000.0, Event("SPOUSAL_CONTINUATION", date=number("2009-02-20")))

    def test_account_value(self) -> None:
        assert self.story().account_value == pytest.approx(50_000.0, abs=1e-6)
        assert self.story().cash[GUARANTEED_PAID] == pytest.approx(7_000.0, abs=1e-6)

    def test_the_initial_payment_of_later_death_benefits(self) -> None:
        assert self.story().core.basic == pytest.approx(50_000.0, abs=1e-9)

    def test_no_charge_on_it(self) -> None:
        assert self.story().leap("2009-04-01", None, withdraw(20_000.0)).payments[-1].charge == 0.0

    def test_a_later_payment_is_charged(self) -> None:
        story = Story(ISSUE, 50_000.0, birth="1938-05-01", spouse_birth="1940-01-01")
        story.leap("2009-03-02", 43_000.0, Event("SPOUSAL_CONTINUATION", date=number("2009-02-20")))
        story.leap("2009-04-01", None, pay(10_000.0)).leap("2009-04-02", None, Event("SURRENDER"))
        assert story.payments[-1].charge == pytest.approx(700.0, abs=1e-6)
