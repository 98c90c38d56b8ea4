"""Readings of who may elect and hold what that look right and decide otherwise; each test shows both answers."""

import pytest

from tests.support.story import number
from valuation.clock import completed_years, day_of, months_after
from valuation.contract import Life
from valuation.eligibility import (
    GMIB,
    HD,
    HD7,
    SHD7,
    TAHD,
    TI,
    Elections,
    Holdings,
    Offer,
    age_refusal,
    daily_charge,
    holding_refusal,
    known_designations,
    living_refusal,
    waiting_refusal,
)
from valuation.failures import Reason
from valuation.investment_options import investment_options, may_be_held, permitted_options
from valuation.optional_death_benefits import COMBINATION, HIGHEST_DAILY, NONE
from valuation.terms import load_terms
from valuation.terms.investments import load_election_terms

TERMS = load_election_terms()
ISSUE = number("2008-05-01")


def test_fifty_nine_and_a_half_is_not_fifty_nine() -> None:
    birth = number("1948-11-02")
    life = Life(ISSUE, birth, birth, birth, 40_000, 0)
    assert completed_years(birth, ISSUE) == 59
    assert age_refusal(TERMS, SHD7, life, ISSUE) == Reason.ELECTION_AGE_SHD7
    assert age_refusal(TERMS, SHD7, life, number("2008-05-02")) == 0


def test_eighty_four_or_younger_lasts_to_the_day_before_the_next_birthday() -> None:
    birth = months_after(ISSUE, -12 * 85) + 1
    life = Life(ISSUE, birth, birth, 0, 40_000, 0)
    assert (ISSUE - birth) / 365.25 > 84.9
    assert age_refusal(TERMS, TAHD, life, ISSUE) == 0


def test_ninety_days_are_not_three_months() -> None:
    """EL-10: from 31 January 2009 to 1 May are 90 days; three months before that anniversary is 1 February."""
    anniversary = day_of(ISSUE, number("2009-04-30"), number("2009-05-01"))
    three_months_before = months_after(anniversary.anniversary, -3)
    assert three_months_before == number("2009-02-01")
    for ended, reason in ((three_months_before, Reason.REELECTION_TOO_EARLY), (three_months_before - 1, 0)):
        assert waiting_refusal(TERMS, HD7, Elections(lifetime_ended=ended), anniversary, False) == reason


def test_ninety_days_alone_are_not_enough() -> None:
    past = Elections(lifetime_ended=number("2008-06-02"))
    later = day_of(ISSUE, number("2009-01-01"), number("2009-01-02"))
    assert later.today - past.lifetime_ended > TERMS.eligibility.wait_days
    assert waiting_refusal(TERMS, HD7, past, later, False) == Reason.REELECTION_TOO_EARLY


def test_x31_highest_daily_may_follow_another_benefit_but_not_itself() -> None:
    """The lists of the benefits differ: HD7's leaves HD out, SHD7's has it, HD's own text forbids the second time."""
    day = day_of(ISSUE, number("2010-04-30"), number("2010-05-01"))
    ended = number("2009-06-01")
    assert waiting_refusal(TERMS, HD, Elections(lifetime_ended=ended), day, False) == 0
    again = Elections(lifetime_ended=ended, highest_daily_before=1)
    assert waiting_refusal(TERMS, HD, again, day, False) == Reason.NO_SECOND_ELECTION


def test_any_optional_death_benefit_means_the_one_beside_the_exception() -> None:
    """A-50: the Highest Daily Value stands beside TrueIncome and GMIB, and beside no benefit named Highest Daily."""
    life = Life(ISSUE, *[number("1943-05-01")] * 3, 40_000, 0)
    today = day_of(ISSUE, ISSUE - 1, ISSUE)
    allowed = {
        benefit
        for benefit in range(1, 8)
        if living_refusal(
            TERMS,
            Offer(),
            benefit,
            life,
            known_designations(life),
            Elections(death=HIGHEST_DAILY),
            Holdings(1.0, 0.0, 0.0),
            today,
            False,
        )
        == 0
    }
    assert allowed == {GMIB, TI}


def test_a_benefit_without_a_list_gets_one_from_the_death_benefit() -> None:
    """GMIB alone leaves every Sub-account and the Fixed Rate Options; with the Highest Daily Value only ten are left."""
    assert len(permitted_options("GMIB")) == 45
    assert len(permitted_options("GMIB", HIGHEST_DAILY)) == 10
    assert holding_refusal(TERMS, GMIB, NONE, Holdings(1.0, 1.0, 1.0)) == 0
    assert holding_refusal(TERMS, GMIB, HIGHEST_DAILY, Holdings(1.0, 1.0, 0.0)) == Reason.NOT_ALL_PERMITTED


def test_all_sub_accounts_are_not_all_options() -> None:
    """X-29: TrueAccumulation permits every Sub-account, but no fixed rate, and its bond portfolios not to the Owner."""
    assert len(permitted_options("TAHD")) == 43
    assert holding_refusal(TERMS, TAHD, NONE, Holdings(0.0, 1.0, 0.0)) == 0
    assert holding_refusal(TERMS, TAHD, NONE, Holdings(1.0, 0.0, 1.0)) == Reason.FIXED_RATE_HELD


def test_the_bond_sub_account_of_another_benefit_is_closed() -> None:
    bond = investment_options()["AST Investment Grade Bond"]
    assert [b for b in range(8) if may_be_held(TERMS.eligibility, b, NONE, bond)] == [HD7, SHD7]


@pytest.mark.parametrize("living", [GMIB, HD7, SHD7])
def test_a_benefit_charged_by_the_quarter_or_year_is_in_no_charge_class(living: int) -> None:
    charges = load_terms(True).charges
    assert daily_charge(TERMS, charges, 0, living, NONE) == 0.0115
    assert daily_charge(TERMS, charges, 0, living, COMBINATION) == pytest.approx(0.0165, abs=1e-15)
