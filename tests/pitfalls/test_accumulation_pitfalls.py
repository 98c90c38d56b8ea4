"""Readings of "TrueAccumulation - Highest Daily" that look right and give another number; each test shows both figures."""

import pytest

from tests.support.ladder import Act, Ladder, flat, pay, withdraw
from valuation import accumulation_transfer as atf
from valuation import true_accumulation as tahd
from valuation.account import money
from valuation.accumulation_transfer import Liability
from valuation.contract import NEW_CORE
from valuation.terms.benefits import load_accumulation_terms

CENT = 0.005
TERMS = load_accumulation_terms()


def after_excess() -> Ladder:
    """250,000 on 13 October 2008; 10,000 withdrawn twice, the second time at 180,000 with 2,500 of the corridor left."""
    story = Ladder("2008-10-13", 250_000.0).on("2008-11-29", None, withdraw(10_000.0))
    return story.on("2008-12-18", 180_000.0, withdraw(10_000.0))


def test_x28_the_excess_ratio_leaves_out_the_part_that_is_no_excess() -> None:
    literal = 237_500.0 * (1.0 - 7_500.0 / 180_000.0)
    assert after_excess().state.guarantee_0 == pytest.approx(227_464.79, abs=CENT)
    assert literal == pytest.approx(227_604.17, abs=CENT)


def test_x12_the_ratio_is_not_rounded() -> None:
    rounded = 237_500.0 * (1.0 - round(7_500.0 / 177_500.0, 4))
    assert after_excess().state.guarantee_0 == pytest.approx(227_464.79, abs=CENT)
    assert rounded == pytest.approx(227_453.75, abs=CENT)


def test_the_part_within_the_corridor_is_not_reduced_in_proportion() -> None:
    at_once = 240_000.0 * (1.0 - 10_000.0 / 180_000.0)
    assert after_excess().state.guarantee_0 == pytest.approx(227_464.79, abs=CENT)
    assert at_once == pytest.approx(226_666.67, abs=CENT)


def test_a30_an_excess_lowers_the_corridor_of_later_benefit_years() -> None:
    story = after_excess().on("2009-10-13", 180_000.0)
    of_the_guarantee = 0.05 * 227_464.79
    assert story.state.remaining == pytest.approx(11_971.83, abs=CENT)
    assert of_the_guarantee == pytest.approx(11_373.24, abs=CENT)
    assert story.state.remaining < 12_500.0


def test_a30_a_withdrawal_within_the_corridor_does_not_lower_the_next() -> None:
    story = Ladder("2008-10-13", 250_000.0).on("2008-11-29", None, withdraw(12_500.0)).on("2009-10-13")
    of_the_guarantee = 0.05 * story.state.guarantee_0
    assert story.state.remaining == 12_500.0
    assert of_the_guarantee == pytest.approx(11_875.0, abs=1e-9)


def test_c17_what_is_left_of_the_corridor_is_not_carried_over() -> None:
    story = Ladder("2008-10-13", 250_000.0).on("2008-11-29", None, withdraw(2_500.0)).on("2009-10-13")
    assert story.state.remaining == 12_500.0
    assert story.at("2009-10-12").state.remaining + 12_500.0 == 22_500.0


def test_x5_a_payment_raises_the_corridor_now_and_later() -> None:
    story = Ladder("2008-10-13", 250_000.0).on("2008-11-29", None, withdraw(12_500.0), pay(30_000.0))
    assert story.state.remaining == pytest.approx(1_500.0, abs=1e-9)
    story.on("2008-11-30", None, withdraw(1_500.0))
    assert story.state.guarantee_0 == pytest.approx(266_000.0, abs=1e-9)
    assert story.on("2009-10-13").state.remaining == pytest.approx(14_000.0, abs=1e-9)


def test_x5_without_the_rise_the_same_withdrawal_would_cost_more() -> None:
    """At a fallen Account Value the payment's corridor of 1,500 decides."""
    story = Ladder("2008-10-13", 250_000.0).on("2008-11-29", None, withdraw(12_500.0))
    story.on("2008-12-01", 150_000.0, pay(30_000.0), withdraw(1_500.0))
    without = 267_500.0 * (1.0 - 1_500.0 / 180_000.0)
    assert story.state.guarantee_0 == pytest.approx(266_000.0, abs=1e-9)
    assert without == pytest.approx(265_270.83, abs=CENT)


def test_x4_a_payment_raises_no_guarantee_that_is_not_yet_created() -> None:
    story = Ladder("2009-01-01").on("2009-03-30", 90_000.0, pay(30_000.0))
    assert story.outstanding() == {2019: 130_000.0}
    story.on("2010-01-01", 110_000.0)
    assert story.outstanding() == {2019: 130_000.0, 2020: 130_000.0}


def test_x6_the_corridor_counts_by_benefit_years_not_annuity_years() -> None:
    story = Ladder("2008-03-05", elected=False).on("2008-10-13", None, Act("elect"))
    story.on("2009-03-04", None, withdraw(5_000.0)).on("2009-03-05")
    assert story.state.remaining == pytest.approx(0.0, abs=1e-9)
    story.on("2009-10-12")
    assert story.state.remaining == pytest.approx(0.0, abs=1e-9)
    assert story.on("2009-10-13").state.remaining == 5_000.0


def test_a4_a_withdrawal_on_the_benefit_anniversary_has_the_new_corridor() -> None:
    story = Ladder("2009-01-01").on("2009-12-31", None, withdraw(5_000.0)).on("2010-01-01", 60_000.0, withdraw(5_000.0))
    of_the_old_year = 95_000.0 * (1.0 - 5_000.0 / 60_000.0)
    assert story.state.guarantee_0 == pytest.approx(90_000.0, abs=1e-9)
    assert of_the_old_year == pytest.approx(87_083.33, abs=CENT)


def test_a31_a_guarantee_of_a_closed_anniversary_does_not_see_the_next_day() -> None:
    story = Ladder("2009-01-01").leap("2009-12-31", 110_000.0).leap("2010-01-04", 150_000.0)
    assert story.outstanding() == pytest.approx({2019: 100_000.0, 2020: 110_000.0})
    assert story.state.highest == pytest.approx(150_000.0)


def test_a31_no_guarantee_that_could_not_mature() -> None:
    story = Ladder("2009-01-01", annuity_date="2020-06-01").leap("2009-12-31").leap("2010-01-01").leap("2010-12-31")
    assert story.outstanding() == {2019: 100_000.0, 2020: 100_000.0}
    assert story.leap("2011-01-01", 140_000.0).outstanding() == {2019: 100_000.0, 2020: 100_000.0}


def test_the_highest_value_since_the_election_not_since_the_last_anniversary() -> None:
    story = Ladder("2009-01-01").on("2009-06-01", 140_000.0).on("2009-06-02", 100_000.0)
    story.leap("2009-12-31").on("2010-01-01").leap("2010-12-31", 105_000.0).on("2011-01-01")
    assert story.outstanding()[2021] == 140_000.0
    assert max(p.opening for p in story.past if p.day > story.at("2010-01-01").day) == pytest.approx(105_000.0)


def test_the_highest_value_is_daily_not_of_anniversaries() -> None:
    story = Ladder("2009-01-01").on("2009-06-01", 140_000.0).on("2009-06-02", 100_000.0).on("2010-01-01")
    assert story.outstanding()[2020] == 140_000.0
    assert story.at("2010-01-01").opening == pytest.approx(100_000.0)


def test_tahd9_a_payment_on_the_maturity_date_is_not_covered_and_does_not_cover() -> None:
    story = Ladder("2009-01-01").leap("2018-12-31", 90_000.0).on("2019-01-01", 90_000.0, pay(30_000.0))
    paid_first = max(0.0, 100_000.0 - 120_000.0)
    assert story.past[-1].added == pytest.approx(10_000.0, abs=1e-9)
    assert paid_first == 0.0
    assert story.total == pytest.approx(130_000.0, abs=1e-9)


def test_tahd9_a_withdrawal_on_the_maturity_date_comes_after_it() -> None:
    story = Ladder("2009-01-01").leap("2018-12-31", 90_000.0).on("2019-01-01", 90_000.0, withdraw(20_000.0))
    withdrawn_first = (100_000.0 - 5_000.0) * (1.0 - 15_000.0 / 85_000.0) - 70_000.0
    assert story.past[-1].added == pytest.approx(10_000.0, abs=1e-9)
    assert withdrawn_first == pytest.approx(8_235.29, abs=CENT)


def test_c20_what_we_add_is_no_payment() -> None:
    story = Ladder("2009-01-01").leap("2009-12-31").leap("2010-01-01").leap("2018-12-31", 90_000.0)
    before = story.state
    story.on("2019-01-01")
    assert story.past[-1].added == pytest.approx(10_000.0, abs=1e-9)
    assert story.state.guarantee_1 == before.guarantee_1 == 100_000.0
    assert (story.state.highest, story.state.corridor) == (before.highest, before.corridor)


def test_rmd_beyond_the_corridor_is_an_excess() -> None:
    """C-18 raises the amounts of the lifetime benefits only."""
    state = Ladder("2009-01-01").state
    core = NEW_CORE._replace(required=8_000.0)
    assert tahd.income_available(state, core, True) == 5_000.0
    after = tahd.withdraw(state, 5_000.0, 8_000.0, 100_000.0, CENT)
    assert after.guarantee_0 == pytest.approx(95_000.0 * (1.0 - 3_000.0 / 95_000.0), abs=1e-9)
    assert after.corridor < 5_000.0


def test_half_a_cent_beyond_the_corridor_is_no_excess() -> None:
    state = Ladder("2009-01-01", 100_000.08).state
    after = tahd.withdraw(state, state.remaining, money(state.remaining, 1.0), 50_000.0, CENT)
    assert state.remaining == pytest.approx(5_000.004, abs=1e-9)
    assert after.corridor == state.corridor


def test_a33_without_elected_sub_accounts_nothing_moves() -> None:
    """Out of the bond Sub-account 20,000 would go, were V not zero."""
    state = tahd.NEW_ACCUMULATION._replace(stage=1.0, bond_year=2019.0)
    liability = Liability(5_000.0, 2019.0)
    assert atf.transfer(state, TERMS, liability, 0.0, 20_000.0, 1.0).amount == 0.0
    assert atf.transfer(state, TERMS, liability, 0.01, 20_000.0, 1.0).amount < -19_000.0


def test_a34_a_tie_makes_no_needless_trade() -> None:
    """With a discount rate of zero every guarantee of 100,000 is the current liability."""
    story = Ladder("2009-01-01", discounting=flat(0.0), terms=TERMS).leap("2009-12-31").leap("2010-01-01")
    story.permitted, story.bond = 60_000.0, 40_000.0
    story.with_state(bond_year=2020.0).on("2010-01-02")
    assert story.past[-1].moved.amount > 0.0
    assert (story.past[-1].moved.across, story.state.bond_year) == (0.0, 2020.0)


def test_a40_the_current_liability_is_rounded_to_cents() -> None:
    story = Ladder("2009-01-01", discounting=flat(0.03))
    facts = story.facts(story.prior)
    factors = atf.discount_factors(facts, story.discounting)
    rounded = atf.associated(story.state, facts, factors, 0.0, 1.0).amount
    exact = atf.associated(story.state, facts, factors, 0.0, 0.0).amount
    assert rounded == round(exact, 2)
    assert 0.0 < abs(rounded - exact) < CENT


def test_atf15_the_exponent_counts_calendar_days_not_years() -> None:
    story = Ladder("2009-01-01", discounting=flat(0.05))
    facts = story.facts(story.prior)
    liability = atf.associated(story.state, facts, atf.discount_factors(facts, story.discounting), 0.0, 1.0).amount
    assert liability == pytest.approx(100_000.0 * 1.05 ** (-3_652 / 365), abs=CENT)
    ten_years = 100_000.0 * 1.05**-10
    assert ten_years - liability == pytest.approx(16.41, abs=0.01)


def test_atf15_the_adjustment_reduces_the_rate_and_so_raises_the_liability() -> None:
    facts = (story := Ladder("2009-01-01")).facts(story.prior)
    plain = atf.discount_factors(facts, flat(0.05))[0]
    reduced = atf.discount_factors(facts, flat(0.05, 0.01))[0]
    assert plain == pytest.approx(1.05 ** (-3_652 / 365), rel=1e-12)
    assert reduced == pytest.approx(1.04 ** (-3_652 / 365), rel=1e-12)
    assert plain < reduced


def test_atf15_the_greatest_present_value_not_the_greatest_guarantee() -> None:
    story = Ladder("2009-01-01", discounting=flat(0.05)).leap("2009-12-31", 102_000.0).leap("2010-01-01")
    facts = story.facts(story.prior)
    liability = atf.associated(story.state, facts, atf.discount_factors(facts, story.discounting), 0.0, 0.0)
    assert max(story.outstanding(), key=lambda year: story.outstanding()[year]) == 2020
    assert liability.year == 2019.0


def test_x7_money_leaves_the_current_sub_account_even_if_it_is_not_the_transfer_one() -> None:
    """Appendix E speaks of assets in the Transfer Account; the text (3757-3763) of the Current Sub-account."""
    state = tahd.NEW_ACCUMULATION._replace(stage=1.0, bond_year=2019.0)
    moved = atf.transfer(state, TERMS, Liability(100_000.0, 2021.0), 65_000.0, 50_000.0, 1.0)
    in_the_transfer_account = 0.0
    literal = min(in_the_transfer_account, 18_333.33)
    assert moved.amount == pytest.approx(-18_333.33, abs=1e-9)
    assert literal == 0.0


def test_atf18_a_new_current_liability_alone_moves_nothing() -> None:
    state = tahd.NEW_ACCUMULATION._replace(stage=1.0, bond_year=2019.0)
    moved = atf.transfer(state, TERMS, Liability(102_000.0, 2021.0), 100_000.0, 20_000.0, 1.0)
    assert (moved.amount, moved.across, moved.year) == (0.0, 0.0, 2019.0)
    a_little_lower = atf.transfer(state, TERMS, Liability(98_900.0, 2021.0), 100_000.0, 20_000.0, 1.0)
    assert a_little_lower.across == pytest.approx(20_000.0 + a_little_lower.amount, abs=1e-9)
    assert a_little_lower.year == 2021.0


def test_the_thresholds_are_not_those_of_the_other_formulas() -> None:
    """r = 84%: Appendices D and F would move in above 83%."""
    state = tahd.NEW_ACCUMULATION._replace(stage=1.0)
    assert (TERMS.upper, TERMS.target, TERMS.lower) == (0.85, 0.82, 0.79)
    assert atf.transfer(state, TERMS, Liability(84_000.0, 2019.0), 100_000.0, 0.0, 1.0).amount == 0.0
    other = (84_000.0 - 80_000.0) / (1.0 - 0.80)
    assert other == pytest.approx(20_000.0, abs=1e-6)


def test_a49_a_continuing_spouses_account_value_is_no_payment() -> None:
    story = Ladder("2009-01-01").on("2009-06-01", 80_000.0, Act("continue", 20_000.0))
    assert (story.state.guarantee_0, story.state.highest, story.state.corridor) == (100_000.0, 100_000.0, 5_000.0)
    as_a_payment = tahd.pay_in(Ladder("2009-01-01").state, TERMS, story.facts(story.prior), 20_000.0)
    assert (as_a_payment.guarantee_0, as_a_payment.corridor) == (120_000.0, 6_000.0)
