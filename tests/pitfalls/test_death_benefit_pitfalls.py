"""Readings of the optional Death Benefits that give another number."""

from datetime import date

import pytest

from tests.support.death_blocks import requests, valued
from tests.support.death_story import HALF_CENT, DeathStory, life_of
from tests.support.programme_runs import asked, moved, state
from tests.support.story import number
from valuation.optional_death_benefits import (
    COMBINATION,
    HIGHEST_DAILY,
    NONE,
    capture_day,
    change_owner,
    growth_factor,
    pay_in,
    roll_year,
    withdraw,
)
from valuation.terms.benefits import load_optional_death_benefit_terms

TERMS = load_optional_death_benefit_terms()
ISSUE = "2008-05-01"
HALF_DOLLAR = 0.5


def example() -> DeathStory:
    """EX-C2 before its withdrawal."""
    return DeathStory(ISSUE, 50_000.0).on("2010-05-01", 70_000.0).on("2014-04-30", 45_000.0).on("2014-05-01")


def test_adb2_the_limit_is_five_percent_of_the_roll_up_not_of_the_death_benefit() -> None:
    story = example()
    story.take(5_000.0)
    mine = story.on("2015-05-01").benefit.roll_up
    limit = 0.05 * 70_000.0
    roll_up = 50_000.0 * 1.05**6
    other = (roll_up - limit) * (1.0 - (5_000.0 - limit) / (45_000.0 - limit)) * 1.05
    assert mine == pytest.approx(64_190.0, abs=HALF_DOLLAR)
    assert other == pytest.approx(64_270.0, abs=HALF_DOLLAR)


def test_adb3_the_excess_is_measured_against_what_the_first_part_leaves() -> None:
    story = example()
    limit, roll_up = story.benefit.limit, story.benefit.roll_up
    story.take(5_000.0)
    other = (roll_up - limit) * (1.0 - (5_000.0 - limit) / 45_000.0) * 1.05
    assert story.on("2015-05-01").benefit.roll_up == pytest.approx(64_190.0, abs=HALF_DOLLAR)
    assert other == pytest.approx(64_387.0, abs=1.0)


def test_adb4_withdrawals_take_their_growth_with_them() -> None:
    story = example()
    before = story.benefit.roll_up
    story.take(5_000.0)
    taken = before - story.benefit.roll_up
    mine = story.on("2015-05-01").benefit.roll_up
    assert before * 1.05 - taken - mine == pytest.approx(0.05 * taken, abs=1e-9)
    assert before * 1.05 - taken == pytest.approx(64_483.0, abs=HALF_DOLLAR)


def test_adb5_a_leap_year_grows_by_five_percent_exactly() -> None:
    story = DeathStory(ISSUE, 100_000.0).on("2012-05-01")
    assert story.benefit.roll_up == pytest.approx(100_000.0 * 1.05**4, abs=1e-6)
    other = 100_000.0 * 1.05 ** ((number("2012-05-01") - number(ISSUE)) / 365.0)
    assert other - story.benefit.roll_up == pytest.approx(16.25, abs=0.01)


def test_adb5_the_366th_day_adds_nothing() -> None:
    life = life_of(ISSUE, "1938-05-01")
    assert growth_factor(TERMS, life, number("2012-04-30"), number("2012-05-01")) == 1.0
    assert growth_factor(TERMS, life, number("2013-04-30"), number("2013-05-01")) == pytest.approx(1.05 ** (1 / 365))


def test_adb6_one_target_date_for_both_parts_of_the_combination() -> None:
    """Age 77 at issue: the HAV's own date would be the third anniversary, the Combination's is the fifth."""

    def highest(own: float) -> float:
        story = DeathStory(ISSUE, 50_000.0, birth="1931-01-22", terms=TERMS._replace(highest_own_target=own))
        story.on("2011-05-01", 60_000.0).on("2012-05-01", 90_000.0).on("2014-05-01", 95_000.0)
        return story.benefit.highest

    assert highest(0.0) == 90_000.0
    assert highest(1.0) == 60_000.0


def test_adb7_a_late_election_counts_payments_from_their_own_dates() -> None:
    def elected(from_account: float) -> float:
        terms = TERMS._replace(late_from_account=from_account)
        story = DeathStory(ISSUE, 50_000.0, NONE, birth="1950-01-01", series="L", terms=terms).on(
            "2013-05-01", 45_000.0
        )
        story.elect(COMBINATION)
        return story.on("2014-05-01").benefit.roll_up

    assert elected(0.0) == pytest.approx(50_000.0 * 1.05**6, abs=HALF_CENT)
    assert elected(1.0) == pytest.approx(45_000.0 * 1.05, abs=HALF_CENT)


def test_adb8_the_guarantees_stop_at_death_while_the_account_value_moves_on() -> None:
    story = DeathStory(ISSUE, 50_000.0).on("2013-05-01", 60_000.0).die("2013-09-16").on("2014-05-01", 95_000.0)
    paid = story.claim("2013-09-16")
    assert paid.highest == 60_000.0
    assert paid.roll_up == pytest.approx(50_000.0 * 1.05 ** (5.0 + 138.0 / 365.0), abs=HALF_CENT)
    assert paid.payable == 95_000.0
    assert story.on("2014-06-02", 55_000.0).claim("2013-09-16").payable == pytest.approx(paid.roll_up, abs=1e-9)


def test_adb10_an_older_owner_moves_the_target_date_at_most_to_today() -> None:
    story = DeathStory(ISSUE, 50_000.0).on("2013-03-01", 80_000.0)
    story.benefit = change_owner(story.benefit, TERMS, life_of(ISSUE, "1930-01-01"), story.today)
    assert story.benefit.target == number("2013-05-01")
    late = DeathStory(ISSUE, 50_000.0).on("2015-03-02", 80_000.0)
    late.benefit = change_owner(late.benefit, TERMS, life_of(ISSUE, "1930-01-01"), late.today)
    assert late.benefit.target == number("2015-03-02")
    frozen = late.benefit.roll_up
    late.on("2016-05-02", 90_000.0)
    assert late.benefit.roll_up == frozen
    assert late.benefit.highest == 50_000.0


def test_adb10_a_younger_owner_moves_it_away() -> None:
    story = DeathStory(ISSUE, 50_000.0).on("2015-03-02", 80_000.0)
    story.benefit = change_owner(story.benefit, TERMS, life_of(ISSUE, "1950-01-01"), story.today)
    assert story.benefit.target == number("2030-05-01")


def test_adb10_a_target_date_of_the_highest_value_alone_moves_at_most_to_today() -> None:
    """Its own date, reading (a) of A-DB-6, would lie two years back."""
    story = DeathStory(ISSUE, 50_000.0, birth="1950-01-01", terms=TERMS._replace(highest_own_target=1.0))
    story.on("2012-03-01", 80_000.0)
    story.benefit = change_owner(story.benefit, story.terms, life_of(ISSUE, "1930-01-01"), story.today)
    assert story.benefit.highest_target == number("2012-03-01")
    assert story.benefit.target == number("2013-05-01")


def test_adb11_the_charge_is_part_of_the_withdrawal() -> None:
    """31,505.38 leave the account so that 30,000 are paid (D-CDSC-3)."""
    story = DeathStory(ISSUE, 100_000.0).on("2009-01-15", 110_000.0)
    story.take(31_505.38)
    other = 100_000.0 * (1.0 - 30_000.0 / 110_000.0)
    assert other - story.benefit.highest > 1_300.0


def test_adb12_a_later_daily_value_counts() -> None:
    """EX-C5: the page leaves 72,000 although the Account Value is 80,000 at last."""
    story = DeathStory(ISSUE, 50_000.0, HIGHEST_DAILY).on("2012-11-01", 90_000.0)
    story.on("2014-09-02", 75_000.0, take=[15_000.0])
    assert story.benefit.highest == pytest.approx(72_000.0, abs=1e-9)
    assert story.on("2015-02-03", 80_000.0).benefit.highest == 80_000.0


def test_adb15_payments_since_the_target_date_not_all_payments() -> None:
    story = DeathStory(ISSUE, 50_000.0).on("2017-05-01", 85_000.0).on("2018-07-02", 55_000.0, pay=[(15_000.0, 0.0)])
    assert story.benefit.highest == 100_000.0
    other = 85_000.0 + 65_000.0
    assert other == 150_000.0


def test_adb19_on_the_target_date_a_withdrawal_is_proportional() -> None:
    """The day before, the same 3,500 is dollar for dollar."""

    def taken(when: str) -> float:
        story = DeathStory(ISSUE, 50_000.0).on(when, 100_000.0)
        before = story.benefit.roll_up
        story.take(3_500.0)
        return before - story.benefit.roll_up

    assert taken("2018-04-30") == pytest.approx(3_500.0, abs=1e-6)
    assert taken("2018-05-01") == pytest.approx(0.035 * 50_000.0 * 1.05**10, abs=1e-6)


def test_adb20_a_closed_target_date_ends_the_daily_values_on_the_last_valuation_day() -> None:
    """1 May 2021 is a Saturday: Friday's Daily Value counts, Monday's does not."""
    story = DeathStory(ISSUE, 50_000.0, HIGHEST_DAILY, birth="1941-05-01").on("2021-04-30", 70_000.0)
    assert story.leap("2021-05-03", 99_000.0).benefit.highest == 70_000.0


def test_decision6_a_closed_target_date_still_gives_its_anniversary_value() -> None:
    story = DeathStory(ISSUE, 50_000.0, birth="1941-05-01").on("2021-04-30", 70_000.0)
    assert story.leap("2021-05-03", 99_000.0).benefit.highest == 99_000.0
    assert story.benefit.roll_up == pytest.approx(50_000.0 * 1.05**13, abs=1e-6)


def test_decision9_the_limit_is_of_the_nominal_anniversary() -> None:
    """1 May 2010 is a Saturday; on Monday the Roll-Up has grown by two days more."""
    story = DeathStory(ISSUE, 100_000.0).on("2010-04-30").leap("2010-05-03")
    assert story.benefit.limit == pytest.approx(0.05 * 100_000.0 * 1.05**2, abs=1e-9)
    other = 0.05 * story.benefit.roll_up
    assert other - story.benefit.limit == pytest.approx(1.47, abs=0.01)


def test_db8_payments_of_the_year_do_not_raise_the_limit() -> None:
    story = DeathStory(ISSUE, 100_000.0).on("2008-06-02", pay=[(100_000.0, 0.0)])
    assert story.benefit.limit == 5_000.0
    assert story.on("2009-05-01", pay=[(50_000.0, 0.0)]).benefit.limit == pytest.approx(
        0.05 * (story.benefit.roll_up - 50_000.0), abs=1e-9
    )


def test_db8_an_unused_limit_is_lost() -> None:
    story = DeathStory(ISSUE, 100_000.0).on("2009-05-01")
    assert story.benefit.limit == pytest.approx(5_250.0, abs=1e-9)
    other = 5_000.0 + 5_250.0
    assert other == 10_250.0


def test_db9_two_withdrawals_within_the_limit_are_both_dollar_for_dollar() -> None:
    story = DeathStory(ISSUE, 100_000.0).on("2008-11-03", 60_000.0, take=[2_500.0, 2_500.0])
    assert story.benefit.limit == 0.0
    assert story.benefit.highest == pytest.approx(100_000.0 * (55_000.0 / 60_000.0), abs=1e-6)
    assert story.benefit.carried == pytest.approx(1.05 ** (186.0 / 365.0), rel=1e-13)


def test_db12_order_of_the_anniversary_and_the_days_withdrawals_does_not_matter() -> None:
    story = DeathStory(ISSUE, 50_000.0).on("2010-04-30", 40_000.0)
    day = story.day(number("2010-05-01"))
    facts = story.on("2010-05-01", 80_000.0).facts
    first = DeathStory(ISSUE, 50_000.0).benefit
    after = withdraw(roll_year(first, TERMS, facts, day, 80_000.0), facts, 20_000.0, 80_000.0, HALF_CENT)
    before = roll_year(withdraw(first, facts, 20_000.0, 80_000.0, HALF_CENT), TERMS, facts, day, 60_000.0)
    assert after.highest == before.highest == 60_000.0


def test_db15_the_credit_leaves_the_roll_up_with_its_growth() -> None:
    """X Series, 6,000 on 2008-05-01 and death on the first anniversary, when twelve months are not more than twelve."""
    story = DeathStory(ISSUE, 100_000.0, credit=6_000.0, series="X", birth="1943-05-01").on("2009-05-01", 90_000.0)
    paid = story.claim("2009-05-01")
    assert paid.roll_up == pytest.approx(105_000.0, abs=1e-6)
    other = 106_000.0 * 1.05 - 6_000.0
    assert other == pytest.approx(105_300.0, abs=1e-6)
    assert paid.highest == pytest.approx(100_000.0, abs=1e-6)


def test_db15_a_dollar_for_dollar_withdrawal_takes_nothing_of_the_credit() -> None:
    story = DeathStory(ISSUE, 100_000.0, credit=6_000.0, series="X", birth="1943-05-01")
    story.on("2008-11-03", 50_000.0, take=[5_300.0])
    paid = story.claim("2008-11-03")
    growth = 1.05 ** (186.0 / 365.0)
    assert paid.roll_up == pytest.approx(100_000.0 * growth - 5_300.0, abs=1e-6)
    other = 106_000.0 * growth - 5_300.0 - 6_000.0 * growth * (1.0 - 5_300.0 / 50_000.0)
    assert other - paid.roll_up > 600.0


def test_db17_a_payment_raises_the_daily_value_of_yesterday() -> None:
    story = DeathStory(ISSUE, 50_000.0, HIGHEST_DAILY).on("2009-03-02", 80_000.0)
    assert story.on("2009-03-03", 60_000.0, pay=[(10_000.0, 0.0)]).benefit.highest == 90_000.0
    other = max(80_000.0, 70_000.0)
    assert other == 80_000.0


def test_db19_after_the_date_of_death_payments_add_and_withdrawals_are_proportional() -> None:
    story = DeathStory(ISSUE, 50_000.0).on("2013-09-13", 60_000.0).die("2013-09-16").on("2013-09-16")
    stopped = story.benefit
    assert story.benefit.limit > 3_000.0
    story.on("2013-10-01", 60_000.0, pay=[(10_000.0, 0.0)]).on("2013-10-02", 70_000.0, take=[3_000.0])
    assert story.benefit.roll_up == pytest.approx((stopped.roll_up + 10_000.0) * (67.0 / 70.0), abs=1e-9)
    assert story.benefit.highest == pytest.approx((stopped.highest + 10_000.0) * (67.0 / 70.0), abs=1e-9)


def test_db19_a_credit_after_the_date_of_death_is_left_out_of_every_branch() -> None:
    story = DeathStory(ISSUE, 100_000.0, credit=6_000.0, series="X", birth="1943-05-01").on("2013-09-13", 90_000.0)
    story.die("2013-09-16").on("2013-09-16")
    before = story.claim("2013-09-16")
    story.on("2013-10-01", 90_000.0, pay=[(10_000.0, 600.0)])
    after = story.claim("2013-09-16")
    assert story.benefit.highest == 116_600.0
    assert after.basic - before.basic == pytest.approx(10_000.0, abs=1e-6)
    assert after.roll_up - before.roll_up == pytest.approx(10_000.0, abs=1e-6)
    assert after.highest - before.highest == pytest.approx(10_000.0, abs=1e-6)


def test_db19_on_the_date_of_death_the_limit_still_holds() -> None:
    story = DeathStory(ISSUE, 50_000.0).on("2013-09-13", 60_000.0).die("2013-09-16").on("2013-09-16")
    before = story.benefit.roll_up
    story.take(3_000.0)
    assert before - story.benefit.roll_up == pytest.approx(3_000.0, abs=1e-9)


def test_db19_no_step_after_the_date_of_death() -> None:
    daily = DeathStory(ISSUE, 50_000.0, HIGHEST_DAILY).die("2013-09-16").on("2013-09-16", 55_000.0)
    assert daily.on("2013-09-17", 70_000.0).benefit.highest == 55_000.0
    yearly = DeathStory(ISSUE, 50_000.0).die("2013-09-16").on("2014-05-01", 70_000.0)
    assert yearly.benefit.highest == 50_000.0


def test_db11_the_value_of_the_issue_date_is_the_payment() -> None:
    """A credit or an Account Value of that day is no Daily Value."""
    story = DeathStory(ISSUE, 50_000.0, HIGHEST_DAILY)
    story.on(ISSUE, 51_000.0)
    assert story.benefit.highest == 50_000.0


def test_decision5_less_than_half_a_cent_is_no_excess() -> None:
    """The limit of 3,350.239... is asked for in cents."""
    story = example()
    before, limit = story.benefit.roll_up, story.benefit.limit
    assert 0.0 < 3_350.24 - limit < HALF_CENT
    story.take(3_350.24)
    assert before - story.benefit.roll_up == pytest.approx(3_350.24, abs=1e-9)
    assert story.benefit.carried == pytest.approx(1.05**6, rel=1e-13)


def test_the_hdv_has_no_roll_up_and_the_combination_no_daily_value() -> None:
    daily = DeathStory(ISSUE, 50_000.0, HIGHEST_DAILY)
    assert pay_in(daily.benefit, 10_000.0).roll_up == 0.0
    yearly = DeathStory(ISSUE, 50_000.0, COMBINATION).on("2009-03-02", 80_000.0)
    assert capture_day(yearly.benefit, yearly.facts, 80_000.0).highest == 50_000.0


def test_decision3_the_anniversary_value_comes_after_the_fee_of_the_benefit_quarter() -> None:
    """Year rolls are step 7 of the day, benefit-quarter fees step 5; the naive value is taken before the fee."""
    rows = requests(plan="COMBINATION", more=(asked("ELECTION", date(2010, 1, 4), benefit="HD7"),))
    result = valued(rows, date(2011, 1, 4))
    found = {part["field"]: part["value"] for part in state(result)["death_benefit_fields"]}["highest"]
    fee = -sum(amount for on, _, amount in moved(result, "BENEFIT_FEE") if on == date(2011, 1, 4))
    assert found == pytest.approx(state(result)["account_value"], abs=1e-6)
    other = state(result)["account_value"] + fee
    assert other - found > 300.0


def test_db20_the_roll_up_stops_on_the_date_of_death_not_on_the_day_of_due_proof() -> None:
    """Two months of growth at 5% are what the naive reading pays too much."""

    def paid(died: date) -> float:
        proof = asked("DEATH", date(2017, 5, 15), event_date=died)
        rows = valued(requests(plan="COMBINATION", more=(proof,)), date(2017, 5, 15)).payments.to_pylist()
        return float(rows[0]["paid"])

    assert paid(date(2017, 5, 15)) - paid(date(2017, 3, 20)) > 1_500.0


def test_db22_annuity_payments_of_the_kept_income_leave_no_death_benefit() -> None:
    """The Account Value is gone, and with it what the naive reading would still pay on death."""
    more = (
        asked("ELECTION", date(2010, 1, 4), benefit="HD7"),
        asked("WITHDRAWAL", date(2010, 6, 1), amount=2_000.0, basis="gross"),
        asked("ANNUITIZATION", date(2013, 6, 3), benefit="HD7"),
    )
    before, after = (valued(requests(plan="COMBINATION", more=more), date(2013, 6, day)) for day in (2, 3))
    assert state(before)["death_benefit"] > 160_000.0
    assert (state(after)["status"], state(after)["death_benefit"]) == ("PAYOUT", 0.0)
