"""Readings of the Fixed Rate Options that look right and give another number; each test shows both figures."""

from datetime import date

import pytest

from tests.support.fixed_story import FixedStory
from tests.support.story import number
from valuation.clock import day_of
from valuation.contract import Life
from valuation.declared_rates import DeclaredRate
from valuation.eligibility import HD7, Elections, Holdings, Offer, known_designations, living_refusal
from valuation.enhanced_dollar_cost_averaging import allocate, take, transfer
from valuation.failures import Reason
from valuation.fixed_rate_options import allocate as put_one_year
from valuation.fixed_rate_options import credit_interest, deferral, no_periods
from valuation.fixed_rate_options import take as withdraw
from valuation.terms.investments import load_election_terms, load_fixed_rate_terms
from valuation.units import EFFECTIVE, daily_charge

CENT = 0.005
TERMS = load_fixed_rate_terms()
RATES = [
    DeclaredRate(date(2008, 1, 1), "ONE_YEAR", 12, 0.03, additional_rate=0.01),
    DeclaredRate(date(2008, 1, 1), "ENHANCED", 6, 0.03),
]


def d_fix_1() -> FixedStory:
    return FixedStory("2008-06-02", RATES, free_look="2008-06-12").on("2008-06-02", ("ENHANCE", 12_000.0, 6))


def test_the_rate_is_earned_on_what_is_left_only() -> None:
    """Prospectus 2308-2312: 3% on the whole 12,000 to the last transfer would be 160.44."""
    story = d_fix_1().on("2008-12-31")
    naive = 12_000.0 * (1.03 ** (164.0 / 365.0) - 1.0)
    assert story.interest == pytest.approx(86.08, abs=CENT)
    assert naive == pytest.approx(160.44, abs=CENT)


def test_interest_goes_with_the_last_transfer_not_with_each() -> None:
    story = d_fix_1()
    each = story.on("2008-06-13").enhanced[0].value + 2_000.0
    assert story.moved[0][1] == 2_000.0
    assert each / 6.0 == pytest.approx(2_001.78, abs=CENT)


def test_the_first_transfer_waits_for_the_free_look() -> None:
    story = d_fix_1().on("2008-12-31")
    at_once = FixedStory("2008-06-02", RATES).on("2008-06-02", ("ENHANCE", 12_000.0, 6)).on("2008-12-31")
    assert story.moved[-1][1] == pytest.approx(2_086.08, abs=CENT)
    assert at_once.moved[-1][1] == pytest.approx(2_075.26, abs=CENT)


def test_a_withdrawal_does_not_leave_the_periodic_amount() -> None:
    """Kept at 2,000 the fifth transfer would take the last dollar and the sixth would find nothing."""
    option = allocate(12_000.0, 0.0, 6, 0, number("2008-06-02"))
    option, _ = transfer(option, 1.0, number("2008-06-02"))
    option = take(option, TERMS, 2_000.0, CENT, number("2008-06-03"))
    assert option.periodic == 1_600.0
    assert option.value - 4.0 * 2_000.0 == 0.0


def test_the_additional_rate_ends_with_the_first_year() -> None:
    story = FixedStory("2008-09-02", RATES).on("2008-09-02", ("PAY", 10_000.0)).on("2010-09-02")
    assert story.fixed == pytest.approx(10_712.00, abs=CENT)
    both_years = 10_000.0 * 1.04**2
    assert both_years == pytest.approx(10_816.00, abs=CENT)


def test_no_insurance_charge_on_a_fixed_option() -> None:
    """FIX-4: 1.15% a year is taken from Sub-accounts only."""
    story = FixedStory("2008-09-02", RATES).on("2008-09-02", ("PAY", 10_000.0)).on("2009-09-02")
    charged = 10_400.0 * (1.0 - daily_charge(0.0115, 365.0, EFFECTIVE))
    assert story.fixed == pytest.approx(10_400.00, abs=CENT)
    assert charged == pytest.approx(10_280.40, abs=CENT)


def test_a_withdrawal_is_not_last_in_first_out() -> None:
    """As the Benefit Fixed Rate Account is; here both periods give in proportion, so that the dearer one keeps more."""
    periods = no_periods()
    put_one_year(periods, 10_000.0, 0.04, 14_000)
    put_one_year(periods, 10_000.0, 0.02, 14_000)
    withdraw(periods, 10_000.0)
    assert credit_interest(periods, TERMS, 14_000, 14_364, 0.0) == pytest.approx(299.16, abs=CENT)
    first_alone = 10_000.0 * (1.04 ** (364.0 / 365.0) - 1.0)
    assert first_alone == pytest.approx(398.88, abs=CENT)


def test_the_window_is_not_thirty_days_of_processing() -> None:
    """5 September 2009 is a closed day: processed on the 8th, the window still ends on 5 October, not on the 8th."""
    story = FixedStory("2008-09-05", RATES).on("2008-09-05", ("PAY", 10_000.0)).on("2009-10-05")
    assert story.open == story.fixed > 0.0
    assert story.on("2009-10-06").open == 0.0


def test_a_delayed_payment_earns_from_the_request_not_from_day_31() -> None:
    requested = number("2009-10-01")
    found = deferral(TERMS, 10_000.0, 0.03, requested, requested + 60)
    assert found.interest == pytest.approx(48.71, abs=CENT)
    from_day_31 = 10_000.0 * (1.03 ** (30.0 / 365.0) - 1.0)
    assert from_day_31 == pytest.approx(24.32, abs=CENT)


def test_money_in_its_year_keeps_a_benefit_from_being_elected() -> None:
    """It cannot be moved out for the election: what bars the benefit is the one-year option, until its window opens."""
    born, issue = number("1943-03-01"), number("2008-09-02")
    life = Life(issue, born, born, 0, 40_000, 0)
    story = FixedStory("2008-09-02", RATES, sub=10_000.0).on("2008-09-02", ("PAY", 10_000.0))

    def reason() -> int:
        held = Holdings(story.sub, 0.0, story.fixed)
        day = day_of(issue, story.today - 1, story.today)
        named = known_designations(life)
        return int(living_refusal(load_election_terms(), Offer(), HD7, life, named, Elections(), held, day, False))

    story.on("2009-03-02", ("OUT", story.fixed))
    assert (story.refusals, reason()) == ([Reason.FIXED_NOT_OPEN], Reason.FIXED_RATE_HELD)
    story.on("2009-09-02")
    story.on("2009-09-02", ("OUT", story.fixed))
    assert reason() == 0
