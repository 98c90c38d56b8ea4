"""Readings of "TrueIncome - Highest Daily" that look right and give another number; each test shows both figures."""

import pytest

from tests.support.highest_daily_story import HighestDailyStory
from tests.support.story import Story, number, without_charges
from tests.support.story import withdraw as take_from_7
from valuation import highest_daily as hd
from valuation.asset_transfer import FACTORS, transfer_amount, transfer_factor
from valuation.contract import ADDED, NEW_CORE
from valuation.terms.benefits import load_highest_daily_terms

CENT = 0.005
TERMS = load_highest_daily_terms()


def story(**more: object) -> HighestDailyStory:
    """100,000 on 1 July 2008, no transfers unless asked for."""
    return HighestDailyStory("2008-07-01", **{"transfers": False, **more})  # type: ignore[arg-type]


def drawing(value: float = 120_000.0, **more: object) -> HighestDailyStory:
    """The same with a first withdrawal of 100 at a Total Protected Withdrawal Value of ``value``."""
    return story(**more).on("2008-07-02", value, ("TAKE", 100.0))


def test_x28_the_excess_ratio_leaves_out_the_part_that_is_no_excess() -> None:
    income = drawing().with_income(remaining=3_500.0).on("2008-08-06", 110_000.0, ("TAKE", 5_000.0)).income
    literal = 6_000.0 * (1.0 - 1_500.0 / 110_000.0)
    assert income.total_annual == pytest.approx(5_915.49, abs=CENT)
    assert literal == pytest.approx(5_918.18, abs=CENT)


def test_a4_x13_the_anniversary_opens_the_new_annuity_year() -> None:
    """The example says "up to and including December 1"; then 5,900 and 6,000 would be one year's income."""
    told = drawing().on("2009-06-30", 110_000.0, ("TAKE", 5_900.0)).on("2009-07-01", 110_000.0, ("TAKE", 6_000.0))
    assert told.income.total_annual == pytest.approx(6_000.0, abs=1e-6)
    of_the_old_year = told.at("2009-06-30").income._replace(remaining=0.0)
    literal = hd.withdraw(of_the_old_year, 0.0, 6_000.0, 110_000.0, 0.005).total_annual
    assert literal == pytest.approx(5_672.73, abs=CENT)


def test_c16_a_later_payment_does_not_cure_an_excess() -> None:
    first = drawing().on("2008-08-06", 110_000.0, ("TAKE", 7_000.0), ("PAY", 50_000.0)).income
    other = drawing().on("2008-08-06", 110_000.0, ("PAY", 50_000.0), ("TAKE", 7_000.0)).income
    assert first.total_annual == pytest.approx(6_000.0 * (1.0 - 1_100.0 / 104_100.0) + 2_500.0, abs=CENT)
    assert other.total_annual == pytest.approx(8_500.0, abs=CENT)


def test_c17_the_first_part_of_a_year_has_the_full_income() -> None:
    """Elected five months into the Annuity Year; in proportion it would be 3,501.37 of 6,000."""
    told = HighestDailyStory("2008-12-01", elected=False)
    told.on("2009-05-02", 120_000.0, ("ELECT", 0.0), ("TAKE", 2_500.0))
    assert told.income.remaining + 2_500.0 == pytest.approx(6_000.0, abs=CENT)
    left = (number("2009-12-01") - number("2009-05-02")) / 365.0
    assert 6_000.0 * left == pytest.approx(3_501.37, abs=CENT)


def test_a18_a_payment_raises_what_is_left_this_year() -> None:
    told = drawing().on("2008-09-01", None, ("PAY", 20_000.0), ("TAKE", 6_900.0))
    assert told.income.total_annual == pytest.approx(7_000.0, abs=CENT)
    next_year_only = drawing().income
    after = hd.withdraw(next_year_only, next_year_only.remaining, 6_900.0, 139_900.0, 0.005)
    assert after.total_annual < 5_960.0


def test_a20_a_withdrawal_on_the_tenth_forfeits_the_enhanced_value_and_the_return_of_principal() -> None:
    told = story().on("2018-07-01", 80_000.0, ("TAKE", 1_000.0))
    grown = 100_000.0 * 1.05 ** (3_652.0 / 365.0)
    assert told.past[-1].added == 0.0
    assert told.income.total_annual == pytest.approx(0.05 * grown, abs=CENT)
    later = story().on("2018-07-01", 80_000.0).on("2018-07-02", 100_000.0, ("TAKE", 1_000.0))
    assert later.at("2018-07-01").added == pytest.approx(20_000.0, abs=CENT)
    assert later.income.total_annual == pytest.approx(10_000.0, abs=CENT)


def test_a20_x30_highest_daily_7_keeps_its_return_of_principal_on_that_day() -> None:
    seven = Story("2008-07-01", plan="HD7", terms=without_charges(), birth="1945-01-15")
    seven.leap("2018-06-29", 80_000.0).leap("2018-07-01", 80_000.0, take_from_7(1_000.0))
    assert seven.cash[ADDED] == pytest.approx(20_000.0, abs=CENT)


def test_a_required_distribution_before_the_tenth_forfeits_both_too() -> None:
    """Prospectus 5558-5562."""
    told = story().on("2010-03-01", 100_000.0, ("NOTICE", 2_000.0), ("RMD", 2_000.0)).on("2018-07-01", 80_000.0)
    assert told.past[-1].added == 0.0
    assert told.income.total_annual == pytest.approx(0.05 * told.at("2010-03-01").income.protected, abs=CENT)
    assert told.income.total_annual < 0.05 * 110_000.0 < 10_000.0


def test_the_enhanced_value_stands_on_the_tenth_until_something_is_withdrawn() -> None:
    """Prospectus 5062-5068: "on or after the Tenth Anniversary"; the day before there is none."""
    told = story().on("2018-06-30", 80_000.0)
    assert told.total_protected == pytest.approx(100_000.0 * 1.05 ** (3_651.0 / 365.0), abs=CENT)
    told.on("2018-07-01", 100_000.0)
    assert told.total_protected == 200_000.0


def test_a21_a_payment_after_the_tenth_enters_by_the_account_value_only() -> None:
    told = story().on("2018-07-01", 150_000.0).on("2018-07-02", 150_000.0, ("PAY", 30_000.0))
    kept = told.income.protected
    assert kept == pytest.approx(100_000.0 * 1.05 ** (3_652.0 / 365.0), abs=CENT)
    assert told.income.enhanced == 230_000.0
    other = story(terms=TERMS._replace(payments_after_tenth=1.0))
    other.on("2018-07-01", 150_000.0).on("2018-07-02", 150_000.0, ("PAY", 30_000.0))
    assert other.income.protected == pytest.approx(kept + 30_000.0, abs=CENT)


def test_after_the_tenth_todays_payment_is_part_of_the_account_value_compared() -> None:
    """README decision 7."""
    told = story().on("2018-07-01", 150_000.0).on("2018-07-02", 230_000.0, ("PAY", 30_000.0), ("TAKE", 1_000.0))
    assert told.income.total_annual == pytest.approx(13_000.0, abs=CENT)
    assert told.income.total_annual != pytest.approx(11_500.0, abs=1.0)


@pytest.mark.parametrize("apart, highest", [(1.0, 10_000.0), (0.0, 9_286.28)])
def test_a23_the_two_incomes_step_up_by_their_own_comparison(apart: float, highest: float) -> None:
    """Total 11,250, Highest Daily 9,286.28; 5% of 200,000 lies between them.  0: the other reading."""
    told = drawing(150_000.0, terms=TERMS._replace(step_up_apart=apart))
    told.with_income(total_annual=11_250.0, highest_daily=9_286.28).leap("2009-07-01", 200_000.0)
    assert told.income.total_annual == 11_250.0
    assert told.income.highest_daily == pytest.approx(highest, abs=CENT)


def test_a24_a_quarter_that_ends_on_the_day_of_the_first_withdrawal_does_not_count() -> None:
    told = story().on("2008-10-01", 150_000.0, ("TAKE", 1_000.0))
    assert told.income.quarter_high == 0.0
    assert told.on("2009-01-01", 140_000.0).income.quarter_high == 140_000.0


def test_a24_nor_does_one_captured_after_it_for_a_closed_day() -> None:
    """Quarter end 1 October, closed; first withdrawal on 2 October, the next Valuation Day."""
    told = story().on("2008-09-30", 150_000.0).leap("2008-10-02", 150_000.0, ("TAKE", 1_000.0))
    assert told.income.quarter_high == 0.0


def test_x11_the_quarters_are_those_of_the_issue_not_of_the_election() -> None:
    told = HighestDailyStory("2008-12-01", elected=False)
    told.on("2009-05-02", 120_000.0, ("ELECT", 0.0), ("TAKE", 2_500.0))
    told.on("2009-08-02", 150_000.0).on("2009-08-03", 110_000.0)
    assert told.income.quarter_high < 121_000.0


def test_a38_the_table_ends_after_41_years() -> None:
    start = number("2008-05-02")
    assert transfer_factor(start, number("2049-05-01")) == FACTORS[-1] == 0.17
    assert transfer_factor(start, number("2049-05-02")) == 0.0


def test_the_factor_goes_by_completed_months_since_the_election_not_since_the_issue() -> None:
    told = HighestDailyStory("2008-07-01", elected=False).on("2009-07-01", None, ("ELECT", 0.0))
    assert told.past[-1].facts.factor == 15.34
    assert transfer_factor(number("2008-07-01"), number("2009-07-01")) == 14.91


def test_after_the_first_withdrawal_the_formula_takes_the_highest_of_three() -> None:
    """ATF-2: Highest Daily Annual Income Amount, quarterly values, Account Value; not the Total Annual Income Amount."""
    facts = drawing().past[-1].facts
    income = drawing().income._replace(total_annual=11_000.0, highest_daily=6_000.0)
    values = [
        hd.income_value(income, facts, 0.0, 100_000.0),
        hd.income_value(income._replace(quarter_high=130_000.0), facts, 0.0, 100_000.0),
        hd.income_value(income._replace(quarter_high=130_000.0), facts, 0.0, 140_000.0),
    ]
    assert values == pytest.approx([6_000.0, 6_500.0, 7_000.0], abs=1e-9)


def test_a40_only_the_income_in_cents_gives_another_cent() -> None:
    exact = 100_000.0 * 1.05 ** (1.0 / 365.0) * 0.05
    ratios = hd.transfer_terms(TERMS)
    assert transfer_amount(ratios, hd.target_value(TERMS, exact, 15.34, 1.0), 92_300.0, 0.0, 1.0) == 14_351.40
    assert transfer_amount(ratios, exact * 15.34, 92_300.0, 0.0, 1.0) == pytest.approx(14_351.27, abs=1e-9)


def test_half_a_cent_above_the_income_is_no_excess() -> None:
    income = drawing().income._replace(remaining=5_257.138)
    assert hd.withdraw(income, income.remaining, 5_257.14, 90_000.0, 0.005).total_annual == income.total_annual
    assert hd.withdraw(income, income.remaining, 5_257.15, 90_000.0, 0.005).total_annual < income.total_annual


def test_c18_without_our_programme_only_what_exceeds_the_income_is_exempt() -> None:
    """Required 8,000, income 6,000 with 5,900 left: 7,900, not 8,000, outside our programme."""
    core = NEW_CORE._replace(required=8_000.0)
    income = drawing().income
    assert hd.income_available(income, core, False) == pytest.approx(7_900.0, abs=CENT)
    assert hd.income_available(income, core, True) == pytest.approx(8_000.0, abs=CENT)


def test_no_part_of_the_charge_is_due_at_the_end() -> None:
    """HD-16: unlike the quarterly fee of Highest Daily 7, a charge in the Unit Prices leaves nothing accrued."""
    told = drawing(transfers=True).on("2008-08-20", 110_000.0)
    whole = told.account
    assert told.on("2008-08-21", None, ("END", 0.0)).account == pytest.approx(whole, abs=1e-9)


def test_a_leap_year_of_daily_growth_is_a_little_more_than_the_annual_rate() -> None:
    """A-1: calendar days over 365; the anniversary clock of other benefits would give 105,000.00."""
    told = HighestDailyStory("2007-07-02", transfers=False).on("2008-07-02", 90_000.0)
    assert told.income.protected == pytest.approx(100_000.0 * 1.05 ** (366.0 / 365.0), abs=1e-6)
    assert told.income.protected == pytest.approx(105_014.04, abs=0.01)
