"""Readings of "TrueIncome" that look right and give another number; each test shows both figures."""

import pytest

from tests.support.story import number
from tests.support.true_income_story import AUTO, HALF_CENT, STEP_UP, TERMS, Tale, elect, pay, withdraw
from valuation import true_income as ti
from valuation import true_income_endings as endings
from valuation.clock import day_of
from valuation.contract import NEW_CORE, change_core
from valuation.highest_daily_7 import ENDED, PAYING
from valuation.true_income_endings import LIFE_INCOME, WITHDRAWAL_BENEFIT

CENT = 0.005


def drawing(plan: str = "TI", choice: float = LIFE_INCOME) -> Tale:
    """100,000 on 1 July 2008; first withdrawal 1,000 at a value of 120,000 on 2 March 2009: amounts 6,000 and 8,400."""
    tale = Tale("2008-07-01", 100_000.0, plan=plan, choice=choice)
    return tale.on("2009-03-02", 120_000.0, withdraw(1_000.0))


def test_x28_the_excess_ratio_leaves_out_the_part_that_is_no_excess() -> None:
    tale = Tale("2007-02-01", 250_000.0).on("2008-02-01", 265_000.0).on("2008-03-01", 263_000.0, withdraw(25_000.0))
    assert tale.income.annual == pytest.approx(12_626.63, abs=CENT)
    literal = 13_250.0 * (1.0 - 11_750.0 / 263_000.0)
    assert literal == pytest.approx(12_658.03, abs=CENT)


def test_x27_dollar_for_dollar_up_to_the_annual_withdrawal_amount_not_to_7_percent_of_the_value_of_the_moment() -> None:
    income = drawing().have(protected=50_000.0).on("2009-07-01", 40_000.0, withdraw(8_400.0)).income
    assert income.protected == pytest.approx(41_600.0, abs=CENT)
    assert income.withdrawal_annual == pytest.approx(8_400.0, abs=1e-9)
    limit = 0.07 * 50_000.0
    literal = (50_000.0 - limit) * (1.0 - (8_400.0 - limit) / (40_000.0 - limit))
    assert literal == pytest.approx(40_257.53, abs=CENT)


def test_the_value_falls_by_the_greater_of_the_excess_and_its_ratio_where_the_account_is_larger() -> None:
    """The printed example has the larger value; with the larger Account Value the dollars count."""
    income = drawing().on("2009-07-01", 200_000.0, withdraw(20_000.0)).income
    assert income.protected == pytest.approx(119_000.0 - 20_000.0, abs=CENT)
    by_ratio = (119_000.0 - 8_400.0) * (1.0 - 11_600.0 / (200_000.0 - 8_400.0))
    assert by_ratio == pytest.approx(103_903.97, abs=CENT)


def test_x17_the_highest_of_the_legs_not_a_sum_with_payments_counted_twice() -> None:
    tale = Tale("2008-07-01", 100_000.0).on("2009-07-01", 90_000.0, pay(10_000.0))
    tale.on("2009-07-02", 90_000.0, withdraw(100.0))
    once = 105_000.0 * 1.05 ** (1.0 / 365.0) + 10_000.0 * 1.05 ** (1.0 / 365.0)
    assert tale.income.protected == pytest.approx(once - 100.0, abs=1e-6)
    twice = once + 10_000.0
    assert 0.05 * twice - tale.income.annual == pytest.approx(500.0, abs=1e-6)


def test_a1_the_366th_day_of_a_leap_year_adds_nothing() -> None:
    """Issue 1 July 2007: a whole year holds 29 February 2008 and is 5% all the same."""
    tale = Tale("2007-07-01", 100_000.0).on("2008-06-30")
    assert tale.income.accumulated == pytest.approx(105_000.0, abs=1e-6)
    assert tale.on("2008-07-01").income.accumulated == pytest.approx(105_000.0, abs=1e-6)
    by_days = 100_000.0 * 1.05 ** (366.0 / 365.0)
    assert by_days == pytest.approx(105_014.04, abs=CENT)


def test_decision_13_a_benefit_elected_later_grows_by_the_clock_of_the_issue_date() -> None:
    """Issue 1 March 2007, election 1 July 2007: the leap day falls in the year from the election, at a year's end."""
    tale = Tale("2007-03-01", 100_000.0, plan=None).on("2007-07-01", 100_000.0, elect("TI")).on("2008-03-01")
    assert tale.income.accumulated == pytest.approx(100_000.0 * 1.05 ** (243.0 / 365.0), abs=1e-6)
    by_days = 100_000.0 * 1.05 ** (244.0 / 365.0)
    assert by_days - tale.income.accumulated == pytest.approx(13.81, abs=CENT)


def test_a4_the_anniversary_opens_the_new_annuity_year() -> None:
    tale = drawing().on("2009-06-30", 110_000.0, withdraw(5_000.0)).on("2009-07-01", 110_000.0, withdraw(6_000.0))
    assert tale.income.annual == pytest.approx(6_000.0, abs=1e-9)
    of_the_old_year = 6_000.0 * (1.0 - 6_000.0 / 110_000.0)
    assert of_the_old_year == pytest.approx(5_672.73, abs=CENT)


def test_a4_a_closed_anniversary_opens_it_on_the_next_valuation_day() -> None:
    tale = drawing().on("2009-06-30", 110_000.0, withdraw(5_000.0)).leap("2009-07-06", 110_000.0, withdraw(6_000.0))
    assert tale.income.annual == pytest.approx(6_000.0, abs=1e-9)
    assert tale.income.remaining == pytest.approx(0.0, abs=1e-9)


def test_c17_the_first_part_of_a_year_has_the_whole_amount() -> None:
    income = drawing().income
    assert income.remaining == pytest.approx(5_000.0, abs=1e-9)
    pro_rata = 6_000.0 * (number("2009-07-01") - number("2009-03-02")) / 365.0
    assert pro_rata == pytest.approx(1_989.04, abs=CENT)


def test_a6_the_first_withdrawal_is_not_yet_in_the_account_value_of_leg_b() -> None:
    assert drawing().income.annual == pytest.approx(6_000.0, abs=1e-9)
    after = 0.05 * (120_000.0 - 1_000.0)
    assert after == pytest.approx(5_950.0, abs=1e-9)


def test_a8_the_charge_on_a_withdrawal_counts_as_withdrawn() -> None:
    """The Owner gets 6,000 and bears a charge of 451.61: the gross amount is the withdrawal."""
    income = drawing().on("2009-07-01", 110_000.0, withdraw(6_000.0 / 0.93)).income
    gross = 6_000.0 / 0.93
    assert income.annual == pytest.approx(6_000.0 * (1.0 - (gross - 6_000.0) / 104_000.0), abs=1e-9)
    assert income.protected == pytest.approx(119_000.0 - gross, abs=1e-9)
    assert income.annual < 5_974.0 < 6_000.0


def test_a9_two_withdrawals_of_a_day_are_one() -> None:
    for account in (60_000.0, 200_000.0):
        one = drawing().on("2009-07-01", account, withdraw(15_000.0)).income
        two = drawing().on("2009-07-01", account, withdraw(9_000.0), withdraw(6_000.0)).income
        assert two.protected == pytest.approx(one.protected, abs=1e-9)
        assert two.withdrawal_annual == pytest.approx(one.withdrawal_annual, abs=1e-9)
        assert two.annual == pytest.approx(one.annual, abs=1e-9)


def test_a10_a_required_distribution_is_the_first_withdrawal() -> None:
    tale = Tale("2008-07-01", 100_000.0).require(4_000.0)
    tale.on("2009-03-02", 120_000.0, withdraw(4_000.0, required=True))
    assert tale.income.first_withdrawal == number("2009-03-02")
    assert tale.on("2009-12-01", 150_000.0).income.accumulated < 105_000.0


def test_a18_an_increase_in_mid_year_can_be_taken_the_same_year() -> None:
    tale = drawing().on("2010-03-02", 140_000.0, withdraw(6_000.0)).on("2010-03-03", 140_000.0, STEP_UP)
    assert tale.income.annual == pytest.approx(7_000.0, abs=1e-9)
    assert tale.income.remaining == pytest.approx(1_000.0, abs=1e-9)
    tale.on("2010-03-04", 140_000.0, withdraw(1_000.0))
    assert tale.income.annual == pytest.approx(7_000.0, abs=1e-9)
    from_next_year = 7_000.0 * (1.0 - 1_000.0 / 140_000.0)
    assert from_next_year == pytest.approx(6_950.0, abs=CENT)


def test_c16_a_later_increase_does_not_cure_an_excess() -> None:
    tale = drawing().on("2009-04-01", 105_000.0, withdraw(6_000.0)).on("2009-04-02", 100_000.0, pay(20_000.0))
    reduced = 6_000.0 * (1.0 - 1_000.0 / 100_000.0)
    assert tale.income.annual == pytest.approx(reduced + 1_000.0, abs=1e-9)
    assert tale.income.remaining == pytest.approx(1_000.0, abs=1e-9)
    cured = 6_000.0 + 1_000.0
    assert cured - tale.income.annual == pytest.approx(60.0, abs=1e-9)


def test_a19_the_required_distribution_of_the_calendar_year_raises_both_amounts() -> None:
    """9,000 required, 1,000 taken before: 8,000 are no excess though 5,000 and 7,400 remain."""
    income = drawing().require(9_000.0).on("2009-05-01", 100_000.0, withdraw(8_000.0, required=True)).income
    assert income.annual == pytest.approx(6_000.0, abs=1e-9)
    assert income.withdrawal_annual == pytest.approx(8_400.0, abs=1e-9)
    assert income.protected == pytest.approx(119_000.0 - 8_000.0, abs=1e-9)
    assert (income.remaining, income.withdrawal_remaining) == (0.0, 0.0)
    ordinary = 6_000.0 * (1.0 - 3_000.0 / 95_000.0)
    assert ordinary == pytest.approx(5_810.53, abs=CENT)


def test_a19_outside_the_programme_the_raise_is_what_exceeds_the_annual_amount() -> None:
    """9,000 required, nothing taken in the calendar year: 6,000 and 3,000 more, 8,400 and 600 more."""
    core = change_core(NEW_CORE, required=9_000.0)
    income = drawing().on("2010-01-04", 100_000.0).income
    available = ti.income_available(income, core, False)
    assert available.income == pytest.approx(9_000.0, abs=1e-9)
    assert available.withdrawal == pytest.approx(9_000.0, abs=1e-9)
    assert ti.income_available(income, NEW_CORE, False) == (income.remaining, income.withdrawal_remaining)


def test_a26_the_value_used_up_does_not_end_life_income() -> None:
    """The text ends the programme above the Annual Withdrawal Amount, which is then zero."""
    tale = drawing().have(protected=2_500.0).on("2009-05-01", 3_000.0, withdraw(3_000.0))
    assert tale.income.stage == PAYING
    assert tale.income.taken > tale.income.withdrawal_annual == 0.0
    assert tale.on("2009-07-01").paid[-1] == (number("2009-07-01"), pytest.approx(6_000.0))


def test_a26_nor_does_it_while_there_is_an_account_value() -> None:
    income = drawing().have(protected=2_500.0).on("2009-05-01", 50_000.0, withdraw(3_000.0)).income
    assert (income.protected, income.withdrawal_annual, income.withdrawal_remaining) == (0.0, 0.0, 0.0)
    assert income.annual == pytest.approx(6_000.0, abs=1e-9)
    assert not endings.has_ended(income)


def test_a26_within_the_income_the_choice_stays_though_a_rebuilt_withdrawal_amount_is_exceeded() -> None:
    """The value used up and rebuilt by a payment of 10,000: 700 a year, of which 4,500 have been taken."""
    tale = drawing(choice=WITHDRAWAL_BENEFIT).have(protected=2_500.0).on("2009-05-01", 100_000.0, withdraw(3_000.0))
    tale.on("2009-05-04", 90_000.0, pay(10_000.0)).on("2009-05-05", 500.0, withdraw(500.0))
    assert tale.income.withdrawal_annual == pytest.approx(700.0, abs=1e-9)
    assert tale.income.paying == WITHDRAWAL_BENEFIT


def test_c16_income_lost_in_the_year_is_not_won_back_by_a_later_payment() -> None:
    """7,400 taken: more than the income of 6,440, though the last 400 were no excess; less than 9,100."""
    for plan, stage in (("TI", PAYING), ("TIS", ENDED)):
        tale = drawing(plan).on("2009-05-01", 106_000.0, withdraw(6_000.0)).on("2009-05-04", 100_000.0, pay(10_000.0))
        tale.on("2009-05-05", 400.0, withdraw(400.0))
        assert tale.income.stage == stage
        assert tale.income.paying == (WITHDRAWAL_BENEFIT if plan == "TI" else 0.0)


def test_c16_nor_are_both_amounts() -> None:
    """21,400 taken; the last 400 were no excess, and a Protected Withdrawal Value is left."""
    tale = drawing().on("2009-05-01", 110_000.0, withdraw(20_000.0)).on("2009-05-04", 90_000.0, pay(10_000.0))
    assert tale.income.protected > 100_000.0
    tale.on("2009-05-05", 400.0, withdraw(400.0))
    assert tale.income.stage == ENDED


def test_c18_required_distributions_of_two_calendar_years_in_one_annuity_year_end_nothing() -> None:
    """18,000 taken in the Annuity Year, 9,000 in each calendar year."""
    for plan in ("TI", "TIS"):
        tale = Tale("2008-07-01", 120_000.0, plan=plan, choice=LIFE_INCOME).require(9_000.0)
        tale.on("2008-12-01", 120_000.0, withdraw(9_000.0, required=True)).on("2009-01-04").require(9_000.0)
        tale.on("2009-01-05", 9_000.0, withdraw(9_000.0, required=True))
        assert tale.income.taken == 18_000.0
        assert tale.income.paying == LIFE_INCOME


def test_c18_nor_does_a_withdrawal_within_the_raised_amounts() -> None:
    tale = drawing().require(12_000.0).on("2009-05-01", 10_000.0, withdraw(10_000.0))
    assert tale.income.taken == 11_000.0
    assert tale.income.paying == LIFE_INCOME


def test_c18_more_than_the_required_distribution_is_an_excess_also_in_the_programme() -> None:
    tale = drawing("TIS").require(2_000.0).on("2009-05-01", 10_000.0, withdraw(10_000.0, required=True))
    assert tale.income.stage == ENDED


def test_a27_the_market_takes_no_benefit_away() -> None:
    tale = drawing().on("2009-05-01", 100_000.0, withdraw(20_000.0)).on("2009-05-04", 0.0)
    assert tale.income.taken > tale.income.withdrawal_annual > tale.income.annual > 5_000.0
    assert tale.income.stage == PAYING


def test_a28_an_auto_step_up_does_not_lower_the_value() -> None:
    """After an excess of income 5% of the Account Value exceeds the income while the value is still above it."""
    tale = drawing().on("2009-05-01", 60_000.0, AUTO, withdraw(7_400.0)).have(protected=112_000.0)
    tale.on("2010-07-01", 118_000.0)
    assert tale.income.annual == pytest.approx(5_900.0, abs=1e-9)
    assert tale.income.protected == 118_000.0
    tale = drawing().have(annual=5_000.0).on("2009-05-01", None, AUTO).on("2010-07-01", 105_000.0)
    assert tale.income.annual == pytest.approx(5_250.0, abs=1e-9)
    assert tale.income.protected == pytest.approx(119_000.0, abs=1e-9)
    assert tale.income.withdrawal_annual == pytest.approx(8_400.0, abs=1e-9)


def test_a29_anniversaries_before_the_election_and_the_election_day_itself_do_not_count() -> None:
    tale = Tale("2005-07-01", 300_000.0, plan=None).on("2008-07-01", 100_000.0, elect("TI"))
    assert tale.income.anniversary_high == 0.0
    assert tale.on("2008-12-31", 150_000.0).income.anniversary_high == 0.0
    assert tale.on("2009-07-01", 120_000.0).income.anniversary_high == 120_000.0
    assert tale.on("2018-07-01", 130_000.0).income.anniversary_high == 130_000.0
    assert tale.on("2019-07-01", 180_000.0).income.anniversary_high == 130_000.0


def test_a29_a_closed_anniversary_before_an_election_does_not_count_on_the_day_of_the_election() -> None:
    tale = Tale("2005-07-02", 100_000.0, plan=None).on("2006-07-01").leap("2006-07-03", 100_000.0, elect("TI"))
    assert tale.income.anniversary_high == 0.0
    assert tale.on("2006-07-04", 100_000.0).income.anniversary_high == 0.0


def test_a29_on_the_day_of_the_election_nothing_grows_and_no_anniversary_counts() -> None:
    tale = Tale("2005-07-01", 300_000.0, plan=None).on("2008-06-27").leap("2008-07-01", 100_000.0, elect("TI"))
    facts = tale.facts(day_of(tale.life.issue, number("2008-06-27"), tale.today))
    assert (facts.growth, facts.anniversary_counts) == (1.0, False)


def test_a48_without_an_election_one_table_gives_the_greater_of_income_and_annuity() -> None:
    income = drawing().income
    for account in (80_000.0, 130_000.0):
        paid = endings.default_payment(income, account, 0.0575, 0.0575)
        assert paid == pytest.approx(max(income.annual, account * 0.0575), abs=1e-9)


def test_a49_a_spouse_s_new_account_value_is_no_purchase_payment() -> None:
    tale = drawing("TIS")
    before = tale.income
    tale.income = endings.settle_death(tale.income, True, True, tale.today)
    tale.on("2009-03-03", 200_000.0)
    assert tale.income == before._replace(lives=1.0)
    as_payment = 6_000.0 + 0.05 * (200_000.0 - 119_000.0)
    assert as_payment == pytest.approx(10_050.0, abs=1e-9)


def test_a53_no_least_surrender_value_within_either_amount() -> None:
    available = ti.income_available(drawing().income, NEW_CORE, False)
    assert ti.within_guarantee(available) == pytest.approx(7_400.0, abs=1e-9)
    spousal = ti.income_available(drawing("TIS").income, change_core(NEW_CORE, required=5_500.0), False)
    assert ti.within_guarantee(spousal) == pytest.approx(5_000.0, abs=1e-9)


def test_a54_an_annual_withdrawal_amount_is_rebuilt_not_revived() -> None:
    gone = drawing().have(protected=2_500.0).on("2009-05-01", 100_000.0, withdraw(3_000.0))
    paid = gone.on("2009-05-04", 97_000.0, pay(10_000.0)).income
    assert paid.protected == 10_000.0
    assert paid.withdrawal_annual == pytest.approx(700.0, abs=1e-9)
    assert paid.withdrawal_annual < 8_400.0

    gone = drawing().have(protected=2_500.0).on("2009-05-01", 100_000.0, withdraw(3_000.0))
    stepped = gone.on("2010-05-03", 90_000.0, STEP_UP).income
    assert stepped.protected == 90_000.0
    assert stepped.withdrawal_annual == pytest.approx(6_300.0, abs=1e-9)
    assert stepped.annual == pytest.approx(6_000.0, abs=1e-9)


def test_decision_5_half_a_cent_is_no_excess_and_no_value() -> None:
    available = ti.Available(5_000.001, 7_400.0)
    income = ti.withdraw(drawing().income, available, 5_000.004, 100_000.0, HALF_CENT)
    assert income.annual == pytest.approx(6_000.0, abs=1e-9)
    tale = drawing("TIS").have(annual=5_999.998, remaining=4_999.998).on("2009-05-01", 5_000.0, withdraw(5_000.0))
    assert tale.income.stage == PAYING
    income = drawing().have(protected=3_000.004).on("2009-05-01", 50_000.0, withdraw(3_000.0)).income
    assert (income.protected, income.withdrawal_annual) == (0.0, 0.0)


def test_decision_12_death_stops_the_withdrawal_benefit_too() -> None:
    tale = drawing(choice=WITHDRAWAL_BENEFIT).on("2009-05-01", 3_000.0, withdraw(3_000.0))
    assert tale.income.protected > 100_000.0
    tale.income = endings.settle_death(tale.income, False, False, tale.today)
    assert tale.income.stage == ENDED
    assert len(tale.on("2015-07-01").paid) == 1


def test_lb_fee_3_the_charge_is_on_the_sub_accounts_not_on_the_protected_value() -> None:
    """0.60% of an Account Value of 60,000, whatever is protected."""
    income = drawing().on("2009-06-01", 60_000.0).income
    assert ti.asset_charge(income) * 60_000.0 == pytest.approx(360.0, abs=1e-9)
    assert TERMS[0].charge * income.protected == pytest.approx(714.0, abs=1e-9)
