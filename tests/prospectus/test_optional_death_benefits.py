"""Worked examples of the optional Death Benefits: Appendix C, one class per example, figures as printed to the dollar.

Each example: one Owner aged 70 at issue, a payment of $50,000 on 1 May 2008.  D- follow from the rules, to the cent.
"""

from functools import cache

import numpy as np
import pytest

from tests.support.death_story import HALF_CENT, Amounts, DeathStory, life_of
from tests.support.story import number
from valuation.contract import NEW_CORE, change_core
from valuation.optional_death_benefits import (
    HIGHEST_DAILY,
    DeathBenefitDay,
    OptionalDeathBenefit,
    birthday_anniversary,
    change_death_benefit,
    start_values,
    target_date,
    withdraw,
)
from valuation.terms.benefits import load_optional_death_benefit_terms
from valuation.units import daily_charge
from valuation.withdrawals import after_withdrawal

TERMS = load_optional_death_benefit_terms()
HALF_DOLLAR = 0.5
ISSUE = "2008-05-01"
STOPPED = DeathBenefitDay(1.0, 1.0, True, False, False)


def dollars(figure: float) -> object:
    return pytest.approx(figure, abs=HALF_DOLLAR)


def cents(figure: float) -> object:
    return pytest.approx(figure, abs=HALF_CENT)


class TestExProp2:
    """EX-PROP-2 (prospectus 7110-7119): HAV or Roll-Up of $125,000, $10,000 withdrawn at $100,000: 10%, $12,500."""

    @staticmethod
    def after() -> OptionalDeathBenefit:
        benefit = start_values(TERMS, life_of(ISSUE, "1938-05-01"), 125_000.0, number(ISSUE))
        return withdraw(benefit, STOPPED, 10_000.0, 100_000.0, HALF_CENT)

    def test_highest_anniversary_value(self) -> None:
        assert 125_000.0 - self.after().highest == pytest.approx(12_500.0, abs=1e-9)

    def test_roll_up(self) -> None:
        assert 125_000.0 - self.after().roll_up == pytest.approx(12_500.0, abs=1e-9)

    def test_ten_percent(self) -> None:
        assert self.after().carried == pytest.approx(0.9, abs=1e-12)


class TestExProp3:
    """EX-PROP-3 (prospectus 7190-7198): Highest Daily Value $125,000, $10,000 withdrawn at $100,000: $12,500."""

    def test_reduction(self) -> None:
        story = DeathStory(ISSUE, 50_000.0, HIGHEST_DAILY).on("2009-06-01", 125_000.0)
        assert story.benefit.highest == 125_000.0
        story.on("2009-06-02", 100_000.0, take=[10_000.0])
        assert story.benefit.highest == pytest.approx(112_500.0, abs=1e-9)


def no_withdrawals() -> DeathStory:
    return DeathStory(ISSUE, 50_000.0).on("2013-05-01", 90_000.0).on("2013-06-01", 75_000.0)


class TestExC1:
    """EX-C1 (prospectus 9534-9552): Anniversary Value $90,000 on the fifth, due proof on the seventh at $75,000.

    The printed $67,005 is six years of growth; due proof is on the seventh anniversary.  Growth ends with the life, so the
    figure is that of a death on the sixth; of a death on the seventh it is $70,355, and the Death Benefit is the same.
    """

    @staticmethod
    @cache
    def paid(death: str) -> Amounts:
        return no_withdrawals().die(death).on("2015-05-01", 75_000.0).claim(death)

    def test_roll_up(self) -> None:
        assert self.paid("2014-05-01").roll_up == dollars(67_005.0)

    def test_roll_up_of_seven_years(self) -> None:
        assert self.paid("2015-05-01").roll_up == dollars(70_355.0)

    @pytest.mark.parametrize("death", ["2014-05-01", "2015-05-01"])
    def test_the_rest(self, death: str) -> None:
        paid = self.paid(death)
        assert paid.highest == dollars(90_000.0)
        assert paid.basic == dollars(75_000.0)
        assert paid.payable == dollars(90_000.0)


class TestExC2:
    """EX-C2 (prospectus 9554-9585): $5,000 on the sixth anniversary at $45,000; the seventh at $43,000: $64,190."""

    @staticmethod
    def before() -> DeathStory:
        return DeathStory(ISSUE, 50_000.0).on("2010-05-01", 70_000.0).on("2014-04-30", 45_000.0).on("2014-05-01")

    @classmethod
    @cache
    def paid(cls) -> Amounts:
        story = cls.before()
        story.take(5_000.0)
        return story.die("2015-05-01").on("2015-05-01", 43_000.0).claim("2015-05-01")

    def test_sixth_anniversary(self) -> None:
        assert self.before().benefit.roll_up == dollars(67_005.0)

    def test_dollar_for_dollar_limit(self) -> None:
        assert self.before().benefit.limit == dollars(3_350.0)

    def test_excess(self) -> None:
        assert 5_000.0 - self.before().benefit.limit == dollars(1_650.0)

    def test_the_printed_chain(self) -> None:
        """The page goes on from whole dollars: $63,655 - $2,522, then 5%."""
        benefit = change_death_benefit(self.before().benefit, roll_up=67_005.0, limit=3_350.0)
        after = withdraw(benefit, self.before().facts, 5_000.0, 45_000.0, HALF_CENT)
        assert 67_005.0 - benefit.limit == 63_655.0
        assert 63_655.0 - after.roll_up == dollars(2_522.0)
        assert after.limit == 0.0
        assert after.roll_up * (1.0 + TERMS.roll_up) == dollars(64_190.0)

    def test_roll_up(self) -> None:
        assert self.paid().roll_up == dollars(64_190.0)
        assert self.paid().roll_up == cents(64_189.82)

    def test_highest_anniversary_value(self) -> None:
        assert 70_000.0 - self.paid().highest == dollars(7_778.0)
        assert self.paid().highest == dollars(62_222.0)

    def test_basic(self) -> None:
        assert self.paid().basic == dollars(44_444.0)

    def test_death_benefit(self) -> None:
        assert self.paid().payable == dollars(64_190.0)


class TestExC3:
    """EX-C3 (prospectus 9587-9616): after the Target Date $15,000 paid in, then $5,000 taken at $70,000: $92,857."""

    @staticmethod
    def at_target() -> DeathStory:
        return DeathStory(ISSUE, 50_000.0).on("2017-05-01", 85_000.0).on("2017-06-01", 70_000.0).on("2018-05-01")

    @classmethod
    @cache
    def paid(cls) -> Amounts:
        story = cls.at_target().on("2018-07-02", 55_000.0, pay=[(15_000.0, 0.0)])
        story.on("2019-03-01", 70_000.0, take=[5_000.0])
        return story.die("2020-02-03").on("2020-02-03", 75_000.0).claim("2020-02-03")

    def test_target_date_is_the_tenth_anniversary(self) -> None:
        assert self.at_target().benefit.target == number("2018-05-01")

    def test_values_on_the_target_date(self) -> None:
        assert self.at_target().benefit.roll_up == dollars(81_445.0)
        assert self.at_target().benefit.highest == dollars(85_000.0)

    def test_roll_up(self) -> None:
        assert self.at_target().benefit.roll_up + 15_000.0 - self.paid().roll_up == dollars(6_889.0)
        assert self.paid().roll_up == dollars(89_556.0)

    def test_highest_anniversary_value(self) -> None:
        assert 100_000.0 - self.paid().highest == dollars(7_143.0)
        assert self.paid().highest == dollars(92_857.0)

    def test_basic(self) -> None:
        assert self.paid().basic == dollars(75_000.0)

    def test_death_benefit(self) -> None:
        assert self.paid().payable == dollars(92_857.0)


class TestExC4:
    """EX-C4 (prospectus 9622-9635): Highest Daily Value $90,000, Account Value $75,000 at due proof: $90,000."""

    @staticmethod
    @cache
    def paid() -> Amounts:
        story = DeathStory(ISSUE, 50_000.0, HIGHEST_DAILY).on("2013-03-05", 90_000.0)
        return story.on("2013-03-06", 75_000.0).die("2014-02-03").on("2014-02-03", 75_000.0).claim("2014-02-03")

    def test_basic(self) -> None:
        assert self.paid().basic == dollars(75_000.0)

    def test_death_benefit(self) -> None:
        assert self.paid().highest == dollars(90_000.0)
        assert self.paid().payable == dollars(90_000.0)

    def test_no_roll_up(self) -> None:
        assert self.paid().roll_up == 0.0


class TestExC5:
    """EX-C5 (prospectus 9637-9658): $15,000 in Annuity Year 7 at $75,000; Account Value $80,000 at due proof: $80,000."""

    @staticmethod
    def after_withdrawal() -> DeathStory:
        story = DeathStory(ISSUE, 50_000.0, HIGHEST_DAILY).on("2012-11-01", 90_000.0).on("2012-11-02", 75_000.0)
        return story.on("2014-09-02", 75_000.0, take=[15_000.0])

    @classmethod
    @cache
    def paid(cls) -> Amounts:
        return cls.after_withdrawal().on("2015-02-03", 80_000.0).claim("2015-02-03")

    def test_highest_daily_value(self) -> None:
        assert 90_000.0 - self.after_withdrawal().benefit.highest == dollars(18_000.0)
        assert self.after_withdrawal().benefit.highest == dollars(72_000.0)

    def test_payments_branch(self) -> None:
        assert self.after_withdrawal().core.basic == dollars(40_000.0)

    def test_basic(self) -> None:
        assert self.paid().basic == dollars(80_000.0)

    def test_death_benefit(self) -> None:
        assert self.paid().payable == dollars(80_000.0)


class TestExC6:
    """EX-C6 (prospectus 9660-9684): HDV $80,000 on the Target Date, $15,000 in, $5,000 out at $70,000: $88,214."""

    @staticmethod
    @cache
    def paid() -> Amounts:
        story = DeathStory(ISSUE, 50_000.0, HIGHEST_DAILY).on("2018-04-20", 80_000.0).on("2018-05-02", 60_000.0)
        assert story.benefit.highest == dollars(80_000.0)
        story.on("2018-07-02", 55_000.0, pay=[(15_000.0, 0.0)]).on("2019-03-01", 70_000.0, take=[5_000.0])
        return story.on("2020-02-03", 75_000.0).claim("2020-02-03")

    def test_highest_daily_value(self) -> None:
        assert 95_000.0 - self.paid().highest == dollars(6_786.0)
        assert self.paid().highest == dollars(88_214.0)

    def test_basic(self) -> None:
        assert self.paid().basic == dollars(75_000.0)

    def test_death_benefit(self) -> None:
        assert self.paid().payable == dollars(88_214.0)


class TestExC3AndC6Basic:
    """EX-C3, EX-C6: the payments branch max [$75,000, $60,357]."""

    def test_payments_branch(self) -> None:
        core = after_withdrawal(change_core(NEW_CORE, basic=65_000.0), 5_000.0, 0.0, 70_000.0)
        assert core.basic == dollars(60_357.0)


class TestDDb1:
    """D-DB-1: 50,000 on 2008-05-01, death on 2014-11-15: 6 + 198/365 years, 68,801.87."""

    def test_roll_up(self) -> None:
        story = DeathStory(ISSUE, 50_000.0).die("2014-11-15").on("2014-12-20")
        assert story.claim("2014-11-15").roll_up == cents(68_801.87)
        assert story.benefit.carried == pytest.approx(1.05 ** (6.0 + 198.0 / 365.0), rel=1e-13)

    def test_day_by_day(self) -> None:
        story = DeathStory(ISSUE, 50_000.0)
        for today in range(number("2008-05-02"), number("2014-11-16")):
            story.on(today)
        assert story.benefit.roll_up == cents(68_801.87)


def x_series(**more: float) -> DeathStory:
    return DeathStory(ISSUE, 100_000.0, credit=6_000.0, birth="1943-05-01", series="X", **more)  # type: ignore[arg-type]


class TestDDb2:
    """D-DB-2: X Series, 20,000 + 1,200 on 2010-09-01, death on 2011-03-15: the second credit is left out everywhere."""

    @staticmethod
    @cache
    def paid() -> Amounts:
        story = x_series().on("2010-05-01", 108_800.0).on("2010-09-01", 100_000.0, pay=[(20_000.0, 1_200.0)])
        assert story.benefit.highest == pytest.approx(130_000.0, abs=1e-9)
        return story.die("2011-03-15").on("2011-03-28", 110_000.0).claim("2011-03-15")

    def test_basic(self) -> None:
        assert self.paid().basic == cents(126_000.00)

    def test_roll_up(self) -> None:
        assert self.paid().roll_up == cents(142_467.92)

    def test_highest(self) -> None:
        assert self.paid().highest == cents(128_800.00)

    def test_death_benefit(self) -> None:
        assert self.paid().payable == cents(142_467.92)


class TestDDb3:
    """D-DB-3: 100,000; 3,000 on 2008-11-03 and 10,000 on 2009-02-02 at 90,000; limits 5,000.00 and 4,541.08."""

    @staticmethod
    def first() -> DeathStory:
        return DeathStory(ISSUE, 100_000.0).on("2008-11-03", 95_000.0, take=[3_000.0])

    def test_first_limit(self) -> None:
        assert DeathStory(ISSUE, 100_000.0).benefit.limit == cents(5_000.00)

    def test_first_withdrawal(self) -> None:
        assert self.first().benefit.roll_up == cents(99_517.46)
        assert self.first().benefit.limit == cents(2_000.00)

    def test_second_withdrawal(self) -> None:
        story = self.first().on("2009-02-02", 90_000.0)
        assert story.benefit.roll_up == cents(100_735.39)
        story.take(10_000.0)
        assert story.benefit.roll_up == cents(89_759.45)

    def test_first_anniversary(self) -> None:
        story = self.first().on("2009-02-02", 90_000.0, take=[10_000.0]).on("2009-05-01")
        assert story.benefit.roll_up == cents(90_821.53)
        assert story.benefit.limit == cents(4_541.08)


class TestDDb4:
    """D-DB-4: Target Date by issue age, birthday 100 days before the Issue Date, as the number of an anniversary."""

    @pytest.mark.parametrize(
        "age, own, both", [(70, 10, 10), (74, 6, 6), (75, 5, 5), (76, 4, 5), (77, 3, 5), (78, 2, 5), (79, 1, 5)]
    )
    def test_anniversary(self, age: int, own: int, both: int) -> None:
        birth = f"{2008 - age}-01-22"
        assert (np.datetime64(ISSUE) - np.datetime64("2008-01-22")).astype(int) == 100
        life = life_of(ISSUE, birth)
        assert birthday_anniversary(TERMS, life) == number(f"{2008 + own}-05-01")
        assert target_date(TERMS, life, life.issue) == number(f"{2008 + both}-05-01")

    def test_a_birthday_on_the_anniversary_counts(self) -> None:
        assert birthday_anniversary(TERMS, life_of(ISSUE, "1938-05-01")) == number("2018-05-01")
        assert birthday_anniversary(TERMS, life_of(ISSUE, "1938-05-02")) == number("2019-05-01")


class TestDDb5:
    """D-DB-5: X Series with a withdrawal of 13,000 at 130,000 above the limit; death on 2011-03-15."""

    @staticmethod
    def paid_in() -> DeathStory:
        story = x_series().on("2010-05-01", 125_000.0)
        return story.on("2010-09-01", 108_800.0, pay=[(20_000.0, 1_200.0)])

    @classmethod
    @cache
    def paid(cls) -> Amounts:
        story = cls.paid_in().on("2010-12-01", 130_000.0, take=[13_000.0])
        return story.die("2011-03-15").on("2011-03-28", 118_000.0).claim("2011-03-15")

    def test_limit(self) -> None:
        assert self.paid_in().benefit.limit == cents(5_843.25)

    def test_roll_up(self) -> None:
        assert self.paid().roll_up == cents(128_672.15)

    def test_highest(self) -> None:
        assert self.paid().highest == cents(130_500.00)

    def test_basic(self) -> None:
        assert self.paid().basic == cents(116_800.00)

    def test_death_benefit(self) -> None:
        assert self.paid().payable == cents(130_500.00)


class TestDDb6:
    """D-DB-6: the running Highest Daily Value through seven moves."""

    def test_steps(self) -> None:
        story = DeathStory("2008-06-02", 50_000.0, HIGHEST_DAILY)
        seen = [story.on("2008-06-03", 52_000.0).benefit.highest]
        seen.append(story.on("2008-06-04", 52_000.0, take=[5_200.0]).benefit.highest)
        seen.append(story.on("2008-06-05", 47_500.0).benefit.highest)
        seen.append(story.on("2008-06-06", 46_000.0, pay=[(10_000.0, 0.0)]).benefit.highest)
        seen.append(story.on("2008-06-07", 56_000.0).benefit.highest)
        seen.append(story.on("2008-06-08", 56_000.0, take=[5_600.0]).benefit.highest)
        seen.append(story.on("2008-06-09", 50_000.0).benefit.highest)
        expected = [52_000.0, 46_800.0, 47_500.0, 57_500.0, 57_500.0, 51_750.0, 51_750.0]
        assert seen == pytest.approx(expected, abs=HALF_CENT)


class TestDb23:
    """DB-23 (prospectus 7236-7242): 0.50% a year of the Sub-accounts, in the Unit Price; total B 1.65, L 2.00, X 2.05."""

    @pytest.mark.parametrize("insurance, total", [(0.0115, 0.0165), (0.0150, 0.0200), (0.0155, 0.0205)])
    def test_total_annual_charge(self, insurance: float, total: float) -> None:
        """Prospectus 897-902."""
        assert insurance + TERMS.charge == pytest.approx(total, abs=1e-15)

    def test_a_year_costs_half_a_percent(self) -> None:
        assert 1.0 - (1.0 - daily_charge(TERMS.charge, 1.0)) ** 365 == pytest.approx(0.005, abs=1e-13)
