"""Readings of the Guaranteed Minimum Income Benefit and of annuitization that give another number; both are shown."""

import pytest

from tests.support.protected import HALF_CENT, TERMS, Protected, number, pay_in, step_up, take
from valuation import annuity_options as ann
from valuation import guaranteed_minimum_income as gmi
from valuation import guaranteed_minimum_payments as payments
from valuation.annuity_rates import fixed_period_rate, life_rate, load_rate_bases
from valuation.contract import NEW_CORE, change_core
from valuation.terms.benefits import load_annuity_option_terms

OPTIONS = load_annuity_option_terms()
CENT = 0.005


def printed() -> Protected:
    """The prospectus's story to 13 December 2007."""
    story = Protected("2007-10-13", 250_000.0).on("2007-11-13", 230_000.0, take(10_000.0))
    return story.on("2007-12-13", 220_000.0, take(10_000.0))


def test_a1_the_day_count_is_not_calendar_days_over_365() -> None:
    """DV-DAY-1: 304/365 of a year in 305 calendar days of a leap year."""
    value = printed().on("2008-10-13").benefit.value
    other = printed().benefit.value * 1.05 ** ((number("2008-10-13") - number("2007-12-13")) / 365.0)
    assert value == pytest.approx(240_838.37, abs=CENT)
    assert other == pytest.approx(240_870.56, abs=CENT)


def test_growth_is_compound_and_effective() -> None:
    value = Protected("2007-10-13", 250_000.0).on("2007-11-13").benefit.value
    other = 250_000.0 * (1.0 + 0.05 * 31.0 / 365.0)
    assert value == pytest.approx(251_038.10, abs=CENT)
    assert other == pytest.approx(251_061.64, abs=CENT)


def test_x28_the_excess_is_judged_against_what_the_other_part_leaves() -> None:
    other = 239_506.64 * (1.0 - 7_500.0 / 220_000.0)
    assert printed().benefit.value == pytest.approx(231_247.79, abs=CENT)
    assert other == pytest.approx(231_341.64, abs=CENT)


def test_an_excess_is_not_taken_dollar_for_dollar() -> None:
    """Below its value the account makes each dollar of excess cost more than a dollar."""
    assert printed().benefit.value < 242_006.64 - 10_000.0


def test_a42_the_maximum_falls_by_dollars_below_it_and_by_share_at_it() -> None:
    by_share = 500_000.0 * printed().benefit.value / (printed().benefit.value + 20_000.0)
    assert printed().benefit.maximum == pytest.approx(479_241.15, abs=CENT)
    assert abs(by_share - 479_241.15) > 1_000.0
    capped = printed().benefit._replace(value=479_241.15, maximum=479_241.15)
    after = gmi.withdraw(capped, 0.0, 2_000.0, 200_000.0, HALF_CENT)
    assert after.maximum == pytest.approx(0.99 * 479_241.15, abs=1e-6)


def test_at_the_maximum_nothing_is_dollar_for_dollar() -> None:
    """The limit has 5,000 left; the account is half the value, so that 1,000 costs 2,000."""
    story = Protected("2008-07-01")
    story.benefit = story.benefit._replace(value=200_000.0)
    story.leap("2008-07-02", 100_000.0, take(1_000.0))
    assert story.benefit.value == pytest.approx(198_000.0, abs=1e-6)
    assert story.benefit.remaining == pytest.approx(4_000.0, abs=1e-9)


def test_the_account_value_never_lifts_the_protected_income_value_by_itself() -> None:
    story = Protected("2008-07-01").on("2009-07-01", 180_000.0)
    assert story.benefit.value == pytest.approx(105_000.0, abs=1e-6)
    assert story.leap("2009-07-02", 180_000.0, step_up).benefit.value == 180_000.0


def test_a_payment_does_not_raise_the_limit_of_the_year() -> None:
    story = Protected("2008-07-01").on("2008-07-02", None, pay_in(100_000.0), take(10_000.0))
    within = 100_000.0 * 1.05 ** (1.0 / 365.0) + 100_000.0
    assert story.benefit.value == pytest.approx((within - 5_000.0) * (1.0 - 5_000.0 / 195_000.0), abs=1e-6)
    assert story.benefit.value < within - 10_000.0


def test_a4_the_anniversary_opens_the_new_annuity_year() -> None:
    story = printed().on("2008-10-13", 215_000.0, take(10_000.0))
    of_the_old_year = 240_838.37 * (1.0 - 10_000.0 / 215_000.0)
    assert story.benefit.value == pytest.approx(230_838.37, abs=CENT)
    assert of_the_old_year == pytest.approx(229_636.59, abs=CENT)


def test_a_required_minimum_distribution_is_no_exception() -> None:
    """C-18 speaks of annual income amounts; this benefit has none."""
    core = change_core(NEW_CORE, required=9_000.0)
    benefit = Protected("2008-07-01").benefit
    assert gmi.income_available(benefit, core, True) == 5_000.0


def test_a43_the_average_is_of_every_calendar_day() -> None:
    """DV-GMIB-2 against the mean of the first and the last value, and of the values at the Valuation Days."""
    story = printed().on("2008-10-13")
    assert story.fees[0][1] == pytest.approx(1_188.44, abs=CENT)
    ends = 0.005 * (250_000.0 + story.benefit.value) / 2.0
    assert ends == pytest.approx(1_227.10, abs=CENT)


def test_a43_closed_days_count() -> None:
    """A Monday after a withdrawal on Friday: three days of the lower value."""
    every = Protected("2008-07-03").on("2008-07-04", 90_000.0, take(5_000.0)).on("2009-07-03")
    weekend = Protected("2008-07-03").on("2008-07-04", 90_000.0, take(5_000.0)).leap("2008-07-07").on("2009-07-03")
    assert weekend.fees[0][1] == pytest.approx(every.fees[0][1], rel=1e-12)


def test_x1_the_text_decides_the_maximum_charge() -> None:
    assert Protected("2008-07-01", terms=TERMS._replace(charge=0.015)).benefit.charge == 0.01


def test_a_part_year_is_charged_for_its_days_not_for_a_year() -> None:
    story = Protected("2008-07-01").on("2008-10-01").end()
    assert story.fees[-1][1] == pytest.approx(0.005 * 100_630.0 * 92.0 / 365.0, abs=1.0)
    assert story.fees[-1][1] < 0.26 * 0.005 * 101_300.0


def test_the_growth_stop_is_the_later_date_not_the_birthday() -> None:
    story = Protected("2008-07-01", birth="1945-09-20")
    assert story.benefit.stop == number("2026-07-01")
    assert story.benefit.stop > number("2025-09-20")


def test_a46_the_wait_after_a_step_up_ends_on_an_anniversary_not_on_its_own_date() -> None:
    story = Protected("2008-07-01").leap("2009-03-02", 150_000.0, step_up).leap("2016-03-02")
    assert not payments.may_annuitise(story.benefit, TERMS, story.life, story.day, False)


def test_the_higher_value_does_not_mean_the_higher_payment() -> None:
    """Prospectus 4093-4106: a lower Account Value at today's rates can pay more than a higher value at special ones."""
    bases = load_rate_bases()
    special, current = (life_rate(bases[n], "M", 72, 2015, 7) for n in ("income_benefit", "current"))
    story = Protected("2008-07-01").leap("2015-07-01", 120_000.0)
    assert story.benefit.value > 140_000.0
    amount = payments.annuity_payment(story.benefit, special, current, 120_000.0, 0.0)
    assert amount == pytest.approx(current * 120_000.0, rel=1e-12)
    assert amount > special * story.benefit.value


def test_a_life_annuity_begins_with_its_first_payment() -> None:
    """Payments in arrears would be higher by a month's interest."""
    arrears = fixed_period_rate(0.03, 10.0) * 1.03 ** (1.0 / 12.0)
    assert round(1000.0 * fixed_period_rate(0.03, 10.0), 2) == 9.61
    assert round(1000.0 * arrears, 2) == 9.64


def test_three_percent_is_effective_not_nominal() -> None:
    """D-ANN-1."""
    nominal = sum(1_000.0 * (1.0 + 0.03 / 12.0) ** -k for k in range(1, 61))
    assert ann.commuted_value(1_000.0, 60, 1.0, 1, 0.03) == pytest.approx(55_708.11, abs=CENT)
    assert nominal == pytest.approx(55_652.36, abs=CENT)


def test_a_death_after_the_certain_period_pays_nothing_more() -> None:
    payout, _ = ann.pay(ann.begin_life(OPTIONS, 600.0, 1, 0.03, True, number("2012-03-01")), number("2022-02-01"))
    assert payout.made == 120
    assert ann.annuitant_dies(payout, number("2022-02-15"), True)[1] == 0.0


def test_the_survivors_half_begins_with_the_end_of_the_certain_period_not_with_the_death() -> None:
    payout = payments.begin_option_2(TERMS, OPTIONS, 1_000.0, number("2012-03-01"))
    payout, _ = ann.annuitant_dies(ann.pay(payout, number("2012-03-01"))[0], number("2012-03-15"), True)
    payout, paid = ann.pay(payout, number("2023-02-28"))
    assert paid == 119 * 1_000.0 + 12 * 500.0
    at_once = 131 * 500.0
    assert paid > at_once


def test_the_survivors_half_is_for_the_joint_annuitant_only() -> None:
    payout = ann.joint_annuitant_dies(payments.begin_option_2(TERMS, OPTIONS, 1_000.0, number("2012-03-01")))
    payout, _ = ann.pay(payout, number("2022-02-28"))
    assert ann.pay(payout, number("2022-03-31"))[1] == 1_000.0
