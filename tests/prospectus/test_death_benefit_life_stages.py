"""The optional Death Benefits through the stages of a contract's life: before issue to after their end."""

import pytest

from tests.support.death_story import HALF_CENT, DeathStory, life_of
from tests.support.story import number
from valuation.clock import day_of
from valuation.contract import change_core
from valuation.death_benefit_choices import may_elect, may_terminate
from valuation.optional_death_benefits import (
    COMBINATION,
    ENDED,
    HIGHEST_DAILY,
    NEW_OPTIONAL_DEATH_BENEFIT,
    NO_DEATH_BENEFIT_DAY,
    NONE,
    death_benefit_day,
    end,
    grow,
    start_values,
    yearly_charge,
)
from valuation.terms.benefits import load_optional_death_benefit_terms

TERMS = load_optional_death_benefit_terms()
ISSUE = "2008-05-01"
PLANS = pytest.mark.parametrize("plan", [COMBINATION, HIGHEST_DAILY])


def every_day(story: DeathStory, until: str, drift: float) -> DeathStory:
    for today in range(story.today + 1, number(until) + 1):
        story.on(today, story.account * drift)
    return story


def exhausted(plan: int) -> DeathStory:
    story = DeathStory(ISSUE, 50_000.0, plan).on("2012-06-01", 2_000.0, take=[2_000.0])
    assert story.account == 0.0
    return story


class TestBeforeIssue:
    def test_nothing_moves(self) -> None:
        life = life_of(ISSUE, "1938-05-01")
        facts = death_benefit_day(
            NEW_OPTIONAL_DEATH_BENEFIT, TERMS, life, day_of(life.issue, number("2008-04-29"), number("2008-04-30"))
        )
        assert facts[:2] == (1.0, 1.0)
        assert not facts.anniversary_value
        assert not facts.daily_value
        assert grow(NEW_OPTIONAL_DEATH_BENEFIT, facts) == NEW_OPTIONAL_DEATH_BENEFIT

    def test_values_that_start_tomorrow(self) -> None:
        life = life_of(ISSUE, "1938-05-01")
        benefit = start_values(TERMS, life, 50_000.0, life.issue)
        day = day_of(life.issue, number("2008-04-29"), number("2008-04-30"))
        assert death_benefit_day(benefit, TERMS, life, day) == NO_DEATH_BENEFIT_DAY


@PLANS
class TestIssueDay:
    def test_values(self, plan: int) -> None:
        story = DeathStory(ISSUE, 50_000.0, plan)
        assert story.benefit.highest == 50_000.0
        assert story.benefit.roll_up == (50_000.0 if plan == COMBINATION else 0.0)
        assert story.benefit.limit == (2_500.0 if plan == COMBINATION else 0.0)
        assert story.benefit.elected == story.benefit.start == number(ISSUE)
        assert yearly_charge(story.benefit, TERMS) == 0.005

    def test_death_on_that_day(self, plan: int) -> None:
        assert DeathStory(ISSUE, 50_000.0, plan).claim(ISSUE).payable == 50_000.0

    def test_a_withdrawal_on_that_day(self, plan: int) -> None:
        story = DeathStory(ISSUE, 50_000.0, plan)
        story.take(2_000.0)
        assert story.benefit.highest == 48_000.0
        assert story.claim(ISSUE).payable == 48_000.0


class TestAccumulating:
    def test_two_years_day_by_day(self) -> None:
        story = every_day(DeathStory(ISSUE, 50_000.0), "2010-05-01", 1.0002)
        peak = 50_000.0 * 1.0002**730
        assert story.benefit.roll_up == pytest.approx(50_000.0 * 1.05**2, abs=1e-6)
        assert story.benefit.highest == pytest.approx(peak, abs=1e-6)
        every_day(story, "2010-12-01", 0.999)
        assert story.claim("2010-12-01").payable == pytest.approx(peak, abs=1e-6)

    def test_every_day_counts_for_the_highest_daily_value(self) -> None:
        story = every_day(DeathStory(ISSUE, 50_000.0, HIGHEST_DAILY), "2009-01-31", 1.0004)
        peak = story.account
        every_day(story, "2009-05-01", 0.998)
        assert story.claim("2009-05-01").payable == peak
        yearly = every_day(every_day(DeathStory(ISSUE, 50_000.0), "2009-01-31", 1.0004), "2009-05-01", 0.998)
        assert yearly.claim("2009-05-01").payable == pytest.approx(52_500.0, abs=1e-6)

    def test_a_payment(self) -> None:
        story = DeathStory(ISSUE, 50_000.0).on("2009-01-02", 40_000.0, pay=[(10_000.0, 0.0)])
        grown = 50_000.0 * 1.05 ** (246.0 / 365.0)
        assert story.benefit.roll_up == pytest.approx(grown + 10_000.0, abs=1e-6)
        assert story.benefit.highest == 60_000.0
        assert story.benefit.limit == 2_500.0


class TestFirstWithdrawal:
    def test_within_the_limit(self) -> None:
        story = DeathStory(ISSUE, 50_000.0).on("2009-05-01", 40_000.0, take=[2_000.0])
        assert story.benefit.roll_up == pytest.approx(50_500.0, abs=1e-9)
        assert story.benefit.limit == pytest.approx(625.0, abs=1e-9)
        assert story.benefit.highest == pytest.approx(47_500.0, abs=1e-9)


class TestIncome:
    def test_the_limit_at_the_end_of_every_year_keeps_the_roll_up_level(self) -> None:
        """5% of the anniversary's value taken when the year has earned it."""
        story = DeathStory(ISSUE, 50_000.0, birth="1950-01-01")
        for year in range(2009, 2018):
            story.on(f"{year}-04-30", 40_000.0)
            story.take(story.benefit.limit)
            story.on(f"{year}-05-01")
        assert story.benefit.roll_up == pytest.approx(50_000.0, abs=1.5 * 9)
        assert story.benefit.limit == pytest.approx(2_500.0, abs=1.0)

    def test_the_highest_value_falls_year_by_year(self) -> None:
        story = DeathStory(ISSUE, 50_000.0, HIGHEST_DAILY)
        for year in range(2009, 2014):
            story.on(f"{year}-04-30", 40_000.0, take=[2_000.0])
        assert story.benefit.highest == pytest.approx(50_000.0 * 0.95**5, abs=1e-6)


@PLANS
class TestAccountValueExhausted:
    def test_no_death_benefit_is_left(self, plan: int) -> None:
        """Also where the last withdrawal lay within the limit."""
        story = exhausted(plan)
        assert story.benefit.highest == story.benefit.roll_up == story.benefit.carried == 0.0
        assert story.claim("2012-06-01").payable == 0.0

    def test_nothing_grows_again(self, plan: int) -> None:
        assert exhausted(plan).on("2016-06-01").claim("2016-06-01").payable == 0.0


@PLANS
class TestTargetDate:
    def test_values_stop(self, plan: int) -> None:
        story = DeathStory(ISSUE, 50_000.0, plan).on("2018-05-01", 70_000.0).on("2020-05-01", 99_000.0)
        assert story.benefit.highest == 70_000.0
        if plan == COMBINATION:
            assert story.benefit.roll_up == pytest.approx(50_000.0 * 1.05**10, abs=1e-6)
            assert story.benefit.limit == 0.0

    def test_death_on_the_target_date(self, plan: int) -> None:
        story = DeathStory(ISSUE, 50_000.0, plan).on("2018-04-30", 70_000.0).die("2018-05-01").on("2018-05-01")
        paid = story.claim("2018-05-01")
        assert paid.payable == pytest.approx(81_444.73 if plan == COMBINATION else 70_000.0, abs=HALF_CENT)


class TestTenthAnniversary:
    @staticmethod
    def choices(plan: int, when: str) -> tuple[bool, bool]:
        story = DeathStory(ISSUE, 50_000.0, plan, series="L", birth="1945-01-01")
        day = day_of(story.life.issue, number(when) - 1, number(when))
        elected = may_elect(story.benefit, COMBINATION, TERMS, story.life, 0, day)
        return bool(elected), bool(may_terminate(story.benefit, TERMS, story.life, day))

    def test_the_last_choice_of_the_l_series(self) -> None:
        assert self.choices(NONE, "2018-05-01") == (True, False)
        assert self.choices(NONE, "2019-05-01") == (False, False)
        assert self.choices(HIGHEST_DAILY, "2018-05-01") == (False, True)
        assert self.choices(HIGHEST_DAILY, "2019-05-01") == (False, False)


@PLANS
class TestDeath:
    def test_the_account_value_if_it_is_more(self, plan: int) -> None:
        assert DeathStory(ISSUE, 50_000.0, plan).on("2010-03-01", 61_000.0).claim("2010-03-01").payable == 61_000.0

    def test_proof_a_year_later(self, plan: int) -> None:
        story = (
            DeathStory(ISSUE, 50_000.0, plan).on("2009-05-01", 60_000.0).die("2009-06-01").on("2009-06-01", 50_000.0)
        )
        at_death = story.claim("2009-06-01").payable
        assert story.on("2010-06-01", 45_000.0).claim("2009-06-01").payable == at_death == 60_000.0


@PLANS
class TestMaturityAndEnd:
    def ended(self, plan: int) -> DeathStory:
        """On the Annuity Date, or by the Owner."""
        story = DeathStory(ISSUE, 50_000.0, plan).on("2009-05-01", 80_000.0).on("2018-05-01", 40_000.0)
        story.benefit = end(story.benefit, story.today)
        return story

    def test_only_dates_are_left(self, plan: int) -> None:
        benefit = self.ended(plan).benefit
        assert benefit.plan == ENDED
        assert benefit.ended == number("2018-05-01")
        assert benefit.elected == number(ISSUE)
        assert benefit[5:] == (0.0,) * 6

    def test_nothing_of_it_is_paid_charged_or_grown(self, plan: int) -> None:
        story = self.ended(plan)
        story.on("2020-05-01", 70_000.0)
        assert story.benefit.highest == story.benefit.roll_up == story.benefit.limit == 0.0
        assert yearly_charge(story.benefit, TERMS) == 0.0
        story.core = change_core(story.core, basic=0.0)
        story.account = 0.0
        assert story.claim("2020-05-01").payable == 0.0

    def test_no_election_again(self, plan: int) -> None:
        story = self.ended(plan)
        day = day_of(story.life.issue, number("2018-04-30"), number("2018-05-01"))
        assert not may_elect(story.benefit, plan, TERMS, story.life, 0, day)
