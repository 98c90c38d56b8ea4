"""Who may have an optional Death Benefit: DB-4, DB-21, DB-22, DB-24 and the pairs of section 16, by their dates."""

from functools import cache

import pytest

from tests.support.death_story import HALF_CENT, DeathStory, life_of
from tests.support.story import SERIES, number
from valuation.clock import day_of
from valuation.death_benefit_choices import (
    LIVING_BENEFITS,
    is_suspended,
    may_elect,
    may_terminate,
    measuring_birth,
    permitted,
)
from valuation.optional_death_benefits import (
    COMBINATION,
    HIGHEST_DAILY,
    NONE,
    end,
    start_values,
    target_date,
    yearly_charge,
)
from valuation.terms import load_terms
from valuation.terms.benefits import load_optional_death_benefit_terms

TERMS = load_optional_death_benefit_terms()
ISSUE = "2008-05-01"
ANNIVERSARIES = [f"{2008 + k}-05-01" for k in range(1, 13)]
OF_CHOICE = [f"{2008 + k}-05-01" for k in range(5, 11)]
DAILY = {"NONE": 0.0, "TAHD": 0.35, "GMIB": 0.0, "TI": 0.6, "TIS": 0.75, "HD": 0.6, "HD7": 0.0, "SHD7": 0.0}
"""Prospectus 857-948: charges of the living benefits that lie in the Unit Price, percent per year."""


def elects(story: DeathStory, plan: int, when: str, living: str = "NONE") -> bool:
    """Whether the request would be granted on a day that follows the last one told."""
    today = number(when)
    day = day_of(story.life.issue, today - 1, today)
    return bool(may_elect(story.benefit, plan, TERMS, story.life, LIVING_BENEFITS.index(living), day))


def terminates(story: DeathStory, when: str) -> bool:
    today = number(when)
    return bool(may_terminate(story.benefit, TERMS, story.life, day_of(story.life.issue, today - 1, today)))


class TestDEle1:
    """D-ELE-1: 17 permitted pairs, and the total daily charges of the charge classes, percent per year."""

    @classmethod
    @cache
    def pairs(cls) -> list[tuple[str, int]]:
        plans = (NONE, COMBINATION, HIGHEST_DAILY)
        return [(name, p) for k, name in enumerate(LIVING_BENEFITS) for p in plans if permitted(TERMS, p, k)]

    def test_seventeen(self) -> None:
        assert len(self.pairs()) == 17

    @pytest.mark.parametrize("name", ["TIS", "SHD7"])
    def test_the_spousal_benefits_have_none(self, name: str) -> None:
        assert [plan for living, plan in self.pairs() if living == name] == [NONE]

    @pytest.mark.parametrize("name", ["TAHD", "HD", "HD7"])
    def test_the_highest_daily_benefits_have_no_hdv(self, name: str) -> None:
        assert [plan for living, plan in self.pairs() if living == name] == [NONE, COMBINATION]

    def test_add_on_charges(self) -> None:
        found = {round(DAILY[name] + 100.0 * TERMS.charge * (plan != NONE), 2) for name, plan in self.pairs()}
        assert sorted(found) == [0.0, 0.35, 0.5, 0.6, 0.75, 0.85, 1.1]

    @pytest.mark.parametrize(
        "series, total",
        [
            ("B", [1.15, 1.5, 1.65, 1.75, 1.9, 2.0, 2.25]),
            ("L", [1.5, 1.85, 2.0, 2.1, 2.25, 2.35, 2.6]),
            ("X", [1.55, 1.9, 2.05, 2.15, 2.3, 2.4, 2.65]),
        ],
    )
    def test_total_charges(self, series: str, total: list[float]) -> None:
        insurance = 100.0 * load_terms(True).charges.insurance_charge[SERIES.index(series)]
        added = [DAILY[name] + 100.0 * TERMS.charge * (plan != NONE) for name, plan in self.pairs()]
        assert sorted({round(insurance + more, 2) for more in added}) == total


class TestElectionAtIssue:
    """DB-4 (prospectus 6967-6994, 7122-7127): at issue, age 79 or less, one only."""

    @pytest.mark.parametrize("plan", [COMBINATION, HIGHEST_DAILY])
    @pytest.mark.parametrize("birth, granted", [("1928-05-02", True), ("1928-05-01", False)])
    def test_age(self, plan: int, birth: str, granted: bool) -> None:
        assert elects(DeathStory(ISSUE, 50_000.0, NONE, birth=birth), plan, ISSUE) is granted

    @pytest.mark.parametrize("plan", [COMBINATION, HIGHEST_DAILY])
    def test_one_only(self, plan: int) -> None:
        assert not elects(DeathStory(ISSUE, 50_000.0, COMBINATION), plan, ISSUE)

    @pytest.mark.parametrize("series", ["B", "X"])
    @pytest.mark.parametrize("when", ["2008-05-02", *ANNIVERSARIES])
    def test_not_later(self, series: str, when: str) -> None:
        assert not elects(DeathStory(ISSUE, 50_000.0, NONE, series=series, birth="1950-01-01"), COMBINATION, when)

    def test_not_beside_a_living_benefit_that_excludes_it(self) -> None:
        story = DeathStory(ISSUE, 50_000.0, NONE)
        assert elects(story, HIGHEST_DAILY, ISSUE, "GMIB")
        assert not elects(story, HIGHEST_DAILY, ISSUE, "HD7")
        assert elects(story, COMBINATION, ISSUE, "HD7")


class TestLateElection:
    """DB-4, ELE-2 (prospectus 6969-6972, 7227-7231): L Series, Combination only, fifth to tenth anniversary."""

    @staticmethod
    def story(birth: str = "1950-01-01") -> DeathStory:
        return DeathStory(ISSUE, 50_000.0, NONE, series="L", birth=birth)

    def test_anniversaries(self) -> None:
        assert [when for when in ANNIVERSARIES if elects(self.story(), COMBINATION, when)] == OF_CHOICE

    def test_no_other_day(self) -> None:
        assert not elects(self.story(), COMBINATION, "2013-04-30")
        assert not elects(self.story(), COMBINATION, "2013-05-02")

    def test_a_closed_anniversary_is_the_next_valuation_day(self) -> None:
        """1 May 2016 is a Sunday."""
        story = self.story()
        day = day_of(story.life.issue, number("2016-04-29"), number("2016-05-02"))
        assert may_elect(story.benefit, COMBINATION, TERMS, story.life, 0, day)

    def test_never_the_highest_daily_value(self) -> None:
        assert not any(elects(self.story(), HIGHEST_DAILY, when) for when in ANNIVERSARIES)

    def test_age_on_that_day(self) -> None:
        assert elects(self.story("1933-05-02"), COMBINATION, "2013-05-01")
        assert not elects(self.story("1933-05-01"), COMBINATION, "2013-05-01")

    def test_not_beside_a_spousal_benefit(self) -> None:
        assert not elects(self.story(), COMBINATION, "2013-05-01", "TIS")

    def test_payments_count_from_their_own_dates(self) -> None:
        """A-DB-7: five years at 5% are 127.6% of the payment on the day of the election."""
        story = self.story().on("2013-05-01", 40_000.0)
        story.elect(COMBINATION)
        assert story.benefit.roll_up == pytest.approx(50_000.0 * 1.05**5, abs=HALF_CENT)
        assert story.benefit.roll_up / 50_000.0 == pytest.approx(1.276, abs=5e-4)
        assert story.claim("2013-05-01").payable == pytest.approx(63_814.08, abs=HALF_CENT)

    def test_past_anniversaries_count(self) -> None:
        story = self.story().on("2010-05-01", 80_000.0).on("2013-05-01", 40_000.0)
        assert story.claim("2013-05-01").payable == 50_000.0
        story.elect(COMBINATION)
        assert story.claim("2013-05-01").payable == 80_000.0

    def test_other_reading(self) -> None:
        """From the Account Value at election; the limit is 5% of it."""
        story = DeathStory(
            ISSUE, 50_000.0, NONE, birth="1950-01-01", series="L", terms=TERMS._replace(late_from_account=1.0)
        ).on("2013-05-01", 40_000.0)
        story.elect(COMBINATION)
        assert story.benefit[7:10] == pytest.approx((40_000.0, 2_000.0, 40_000.0), abs=1e-9)

    def test_charge_begins(self) -> None:
        story = self.story()
        assert yearly_charge(story.benefit, TERMS) == 0.0
        story.elect(COMBINATION)
        assert yearly_charge(story.benefit, TERMS) == 0.005


class TestTermination:
    """DB-22 (prospectus 7218-7234): L Series, if elected at issue, fifth to tenth anniversary, for good."""

    @pytest.mark.parametrize("plan", [COMBINATION, HIGHEST_DAILY])
    def test_l_series(self, plan: int) -> None:
        story = DeathStory(ISSUE, 50_000.0, plan, series="L", birth="1950-01-01")
        assert [when for when in ANNIVERSARIES if terminates(story, when)] == OF_CHOICE

    @pytest.mark.parametrize("plan", [COMBINATION, HIGHEST_DAILY])
    @pytest.mark.parametrize("series", ["B", "X"])
    def test_never_otherwise(self, plan: int, series: str) -> None:
        story = DeathStory(ISSUE, 50_000.0, plan, series=series, birth="1950-01-01")
        assert not any(terminates(story, when) for when in ANNIVERSARIES)

    def test_not_if_elected_later(self) -> None:
        story = DeathStory(ISSUE, 50_000.0, NONE, series="L", birth="1950-01-01").on("2013-05-01")
        story.elect(COMBINATION)
        assert not any(terminates(story, when) for when in ANNIVERSARIES[5:])

    def test_the_basic_death_benefit_is_left_and_no_re_election(self) -> None:
        story = DeathStory(ISSUE, 50_000.0, series="L", birth="1950-01-01").on("2013-05-01", 40_000.0)
        assert story.claim("2013-05-01").payable > 63_000.0
        story.benefit = end(story.benefit, number("2013-05-01"))
        assert story.claim("2013-05-01").payable == 50_000.0
        assert yearly_charge(story.benefit, TERMS) == 0.0
        assert not any(elects(story, COMBINATION, when) for when in OF_CHOICE)


class TestWhoseAge:
    """DB-21 (prospectus 6991-6994, 7203-7216): the older joint Owner; the Annuitant where an entity owns."""

    def test_one_owner(self) -> None:
        assert measuring_birth(number("1940-01-01"), 0, number("1930-01-01"), False) == number("1940-01-01")

    def test_the_older_of_joint_owners(self) -> None:
        """Born before 1970 or after it."""
        assert measuring_birth(number("1940-01-01"), number("1938-03-01"), 0, False) == number("1938-03-01")
        assert measuring_birth(number("1940-01-01"), number("1975-03-01"), 0, False) == number("1940-01-01")

    def test_entity(self) -> None:
        assert measuring_birth(number("1990-01-01"), 0, number("1945-06-30"), True) == number("1945-06-30")

    def test_it_moves_the_target_date(self) -> None:
        older = measuring_birth(number("1945-06-30"), number("1938-05-01"), 0, False)
        life = life_of(ISSUE, "1945-06-30")._replace(owner_birth=older)
        assert target_date(TERMS, life, life.issue) == number("2018-05-01")

    def test_it_decides_the_election(self) -> None:
        older = measuring_birth(number("1945-06-30"), number("1928-05-01"), 0, False)
        story = DeathStory(ISSUE, 50_000.0, NONE)
        story.life = story.life._replace(owner_birth=older)
        assert not elects(story, COMBINATION, ISSUE)


class TestSuspension:
    """DB-24 (prospectus 7412-7421): two years from the day the decedent became Owner or Annuitant."""

    @staticmethod
    def suspended(became: str, death: str, succeeded: bool = False) -> bool:
        return bool(is_suspended(TERMS, number(ISSUE), number(became), succeeded, number(death)))

    @pytest.mark.parametrize("became, expected", [(ISSUE, False), ("2008-06-30", False), ("2008-07-01", True)])
    def test_sixty_days_after_issue(self, became: str, expected: bool) -> None:
        assert self.suspended(became, "2009-01-15") is expected

    @pytest.mark.parametrize("death, expected", [("2012-03-14", True), ("2012-03-15", False), ("2010-03-15", True)])
    def test_two_years(self, death: str, expected: bool) -> None:
        assert self.suspended("2010-03-15", death) is expected

    def test_not_for_who_succeeded_the_dead(self) -> None:
        assert not self.suspended("2010-03-15", "2010-12-01", succeeded=True)

    def test_the_account_value_is_paid(self) -> None:
        """A-DB-9."""
        story = DeathStory(ISSUE, 50_000.0).on("2011-05-01", 90_000.0).on("2011-06-01", 41_000.0)
        assert story.claim("2011-06-01", suspended=True).payable == 41_000.0
        assert story.claim("2011-06-01").payable == 90_000.0

    def test_late_credits_are_taken_back(self) -> None:
        story = DeathStory(ISSUE, 100_000.0, credit=6_000.0, series="X", birth="1943-05-01").on("2009-01-05", 80_000.0)
        assert story.claim("2009-01-05", suspended=True).payable == 74_000.0


class TestSpousalAssumption:
    """SPO-1, A-DB-18 (prospectus 7393-7410): the Death Benefit is the new Account Value and the new initial payment."""

    TODAY = "2012-03-15"

    @classmethod
    def assumed(cls, spouse_birth: str = "1943-09-30") -> DeathStory:
        story = DeathStory(ISSUE, 50_000.0).on("2011-05-01", 90_000.0).on(cls.TODAY, 70_000.0)
        story.account = story.claim(cls.TODAY).payable
        story.life = story.life._replace(owner_birth=number(spouse_birth))
        story.benefit = start_values(TERMS, story.life, story.account, number(cls.TODAY))
        return story

    def test_new_values(self) -> None:
        story = self.assumed()
        assert story.account == 90_000.0
        assert story.benefit.highest == story.benefit.roll_up == 90_000.0
        assert story.benefit.limit == pytest.approx(4_500.0, abs=1e-9)

    def test_an_optional_benefit_is_a_new_election(self) -> None:
        story = self.assumed()
        assert story.benefit.plan == NONE
        assert elects(story, COMBINATION, self.TODAY)
        assert elects(story, HIGHEST_DAILY, self.TODAY)
        assert not elects(self.assumed("1932-03-15"), COMBINATION, self.TODAY)
        assert elects(self.assumed("1932-03-16"), COMBINATION, self.TODAY)

    def test_target_date_of_the_spouse(self) -> None:
        """On the Annuity Anniversary after the spouse's eightieth birthday, at least five years from the assumption."""
        assert self.assumed().benefit.target == number("2024-05-01")
        assert self.assumed("1933-01-15").benefit.target == number("2017-03-15")

    def test_growth_until_the_next_anniversary(self) -> None:
        story = self.assumed()
        story.elect(COMBINATION)
        story.on("2012-05-01")
        # 319 days of the Annuity Year were over; its 366th day adds nothing
        assert story.benefit.roll_up == pytest.approx(90_000.0 * 1.05 ** ((365.0 - 319.0) / 365.0), abs=HALF_CENT)
        assert story.benefit.limit == pytest.approx(0.05 * story.benefit.roll_up, abs=1e-9)

    def test_later_choices_of_the_l_series_count_from_it(self) -> None:
        story = self.assumed()
        story.life = story.life._replace(series=SERIES.index("L"))
        assert not elects(story, COMBINATION, "2013-05-01")
        assert elects(story, COMBINATION, "2017-05-01")
        assert elects(story, COMBINATION, "2022-05-01")
        assert not elects(story, COMBINATION, "2023-05-01")
