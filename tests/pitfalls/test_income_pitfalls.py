"""Readings of "TrueIncome - Highest Daily 7" that look right and give another number; each test shows both figures."""

import pytest

from tests.support.story import Event, Story, elect, number, pay, withdraw, without_charges
from valuation import highest_daily_7 as hd7
from valuation.contract import ADDED, BENEFIT_FEES, DIED, EXHAUSTED, GUARANTEED_PAID, PAYOUT
from valuation.terms import load_terms

CENT = 0.005
FREE = without_charges()
CHARGED = load_terms(True)


def at_70(terms: object = FREE, **more: object) -> Story:
    """100,000 on 1 July 2008, benefit elected at issue, Annuitant aged 70."""
    return Story("2008-07-01", plan="HD7", terms=terms, **more)  # type: ignore[arg-type]


def income_of(value: float, terms: object = FREE, **more: object) -> Story:
    """The same after a first withdrawal of 100 at a Protected Withdrawal Value of ``value``."""
    story = at_70(terms, **more).with_income(periodic=value / 1.07 ** (1.0 / 365.0))
    return story.on("2008-07-02", value, withdraw(100.0))


def test_x28_the_excess_ratio_leaves_out_the_part_that_is_no_excess() -> None:
    income = income_of(120_000.0).with_income(remaining=3_500.0).on("2008-08-06", 110_000.0, withdraw(5_000.0)).income
    literal = 6_000.0 * (1.0 - 1_500.0 / 110_000.0)
    assert income.annual == pytest.approx(5_915.49, abs=CENT)
    assert literal == pytest.approx(5_918.18, abs=CENT)


def test_x12_the_ratio_is_not_rounded() -> None:
    story = income_of(120_000.0).with_income(remaining=3_500.0, quarter_high=118_000.0)
    income = story.on("2008-08-06", 110_000.0, withdraw(5_000.0)).income
    assert income.quarter_high == pytest.approx(112_887.32, abs=CENT)
    other = 114_500.0 * (1.0 - 0.0141)
    assert other == pytest.approx(112_885.55, abs=CENT)


def test_a8_the_charge_on_a_withdrawal_counts_as_withdrawn() -> None:
    """15,000 net: 10,000 free, 5,000/0.93 charged: 376.34 of the gross amount is excess."""
    story = at_70(CHARGED).on("2008-07-02", 300_000.0, withdraw(15_000.0, net=True))
    assert story.payments[-1].gross == pytest.approx(15_376.34, abs=1e-9)
    assert story.income.annual == pytest.approx(15_000.0 * (1.0 - 376.34 / 285_000.0), abs=1e-6)
    assert story.income.annual < 14_981.0 < 15_000.0


def test_a4_the_anniversary_opens_the_new_annuity_year() -> None:
    story = income_of(120_000.0).on("2009-06-30", 110_000.0, withdraw(5_900.0))
    assert story.income.remaining == pytest.approx(0.0, abs=1e-9)
    story.on("2009-07-01", 110_000.0, withdraw(6_000.0))
    assert story.income.annual == pytest.approx(6_000.0, abs=1e-9)
    of_the_old_year = 6_000.0 * (1.0 - 6_000.0 / 110_000.0)
    assert of_the_old_year == pytest.approx(5_672.73, abs=CENT)


def test_a11_the_fee_is_on_the_value_before_the_step_up() -> None:
    story = income_of(100_000.0, CHARGED).with_income(protected=100_000.0, annual=5_000.0, quarter_high=130_000.0)
    story.leap("2009-07-01", 90_000.0)
    assert story.income.protected == pytest.approx(130_000.0, abs=CENT)
    assert story.cash[BENEFIT_FEES] == pytest.approx(150.00, abs=1e-9)
    other = 0.0015 * 130_000.0
    assert other == pytest.approx(195.00, abs=1e-9)


def test_a11_the_fee_is_on_the_value_before_the_days_payment_and_withdrawal() -> None:
    story = at_70(CHARGED).on("2008-09-30", 90_000.0)
    story.on("2008-10-01", 90_000.0, pay(50_000.0), withdraw(5_000.0))
    grown = 100_000.0 * 1.07 ** (92.0 / 365.0)
    assert story.cash[BENEFIT_FEES] == pytest.approx(0.0015 * grown, abs=CENT)
    assert 0.0015 * (grown + 50_000.0) > 0.0015 * grown + 70.0


def test_a12_the_fee_quarter_counts_from_the_election_not_from_the_issue() -> None:
    story = Story("2007-12-01", terms=CHARGED).on("2008-03-05", None, elect("HD7")).on("2008-12-01")
    days = [past.day for past in story.past if past.cash[BENEFIT_FEES] > 0.0]
    assert days == [number("2008-06-05"), number("2008-09-05")]
    assert number("2008-06-01") not in days


def test_a15_the_account_value_floor_is_charged_but_does_not_ratchet() -> None:
    story = income_of(100_000.0, CHARGED).with_income(protected=100_000.0)
    story.on("2008-10-01", 150_000.0)
    assert story.cash[BENEFIT_FEES] == pytest.approx(225.00, abs=1e-9)
    story.on("2009-01-01", 90_000.0)
    assert story.cash[BENEFIT_FEES] == pytest.approx(150.00, abs=1e-9)
    assert story.income.annual == pytest.approx(5_000.0, abs=CENT)


def test_a15_a_ratchet_would_charge_more() -> None:
    plan = CHARGED.income[0]._replace(floor_ratchets=1.0)
    story = income_of(100_000.0, CHARGED._replace(income=(plan, CHARGED.income[1]))).with_income(protected=100_000.0)
    story.on("2008-10-01", 150_000.0).on("2009-01-01", 90_000.0)
    assert story.cash[BENEFIT_FEES] == pytest.approx(225.00, abs=1e-9)


def test_a16_a_step_up_never_lowers_the_protected_withdrawal_value() -> None:
    story = income_of(120_000.0, birth="1934-01-15")
    story.with_income(annual=6_000.0, protected=112_000.0, quarter_high=105_000.0).leap("2009-07-01", 90_000.0)
    assert story.income.annual == pytest.approx(6_300.0, abs=CENT)
    assert story.income.protected == pytest.approx(112_000.0, abs=1e-9)
    assert story.income.protected != pytest.approx(105_000.0, abs=1_000.0)


def test_a17_a_payment_counts_at_the_age_of_the_first_withdrawal_even_after_a_step_up() -> None:
    story = income_of(120_000.0, birth="1934-01-15").leap("2009-07-01", 130_000.0)
    assert story.income.annual == pytest.approx(0.06 * 130_000.0, abs=CENT)
    before = story.income.annual
    story.on("2009-07-02", None, pay(10_000.0))
    assert story.income.annual - before == pytest.approx(500.0, abs=1e-9)
    assert story.income.annual - before != pytest.approx(600.0, abs=1.0)


def test_a17_reaching_a_higher_age_band_alone_changes_nothing() -> None:
    story = income_of(120_000.0, birth="1934-01-15").leap("2009-07-01", 90_000.0)
    assert story.income.annual == pytest.approx(6_000.0, abs=CENT)
    other = 0.06 * 120_000.0
    assert other == pytest.approx(7_200.0)


def test_a17_the_step_up_takes_the_age_on_the_nominal_anniversary() -> None:
    """The 75th birthday falls between the closed anniversary and the day it is processed."""
    story = income_of(120_000.0, birth="1934-07-02").leap("2009-06-30", 119_000.0).leap("2009-07-02", 119_000.0)
    assert story.income.annual == pytest.approx(6_000.0, abs=CENT)
    other = 0.06 * 119_000.0
    assert other == pytest.approx(7_140.0)


def test_a18_a_payment_raises_what_is_left_of_the_year() -> None:
    story = income_of(120_000.0).with_income(remaining=1_000.0).on("2008-08-01", None, pay(10_000.0))
    assert story.income.remaining == pytest.approx(1_500.0, abs=CENT)


def test_a19_the_distribution_raises_the_years_amount_and_no_more() -> None:
    """Income 3,000 a year; 6,000 due; an ordinary withdrawal has 3,000 + (6,000 - 3,000)."""
    story = income_of(100_000.0).with_income(annual=3_000.0, remaining=3_000.0)
    story.on("2009-01-05", 90_000.0, Event("RMD_NOTICE", 6_000.0), withdraw(6_000.0))
    assert story.income.annual == pytest.approx(3_000.0, abs=1e-9)
    assert story.on("2009-01-06", 80_000.0, withdraw(1_000.0)).income.annual < 3_000.0


def test_a19_without_the_distribution_the_same_withdrawal_is_excess() -> None:
    story = income_of(100_000.0).with_income(annual=3_000.0, remaining=3_000.0)
    story.on("2009-01-05", 90_000.0, withdraw(6_000.0))
    assert story.income.annual == pytest.approx(3_000.0 * (1.0 - 3_000.0 / 87_000.0), abs=1e-9)


def test_a19_the_distribution_is_of_the_calendar_year_less_withdrawals_of_that_year() -> None:
    story = income_of(100_000.0).with_income(annual=3_000.0, remaining=0.0)
    story.on("2009-01-05", 90_000.0, Event("RMD_NOTICE", 6_000.0), withdraw(3_000.0))
    story.on("2009-01-06", 90_000.0, Event("RMD_WITHDRAWAL", 3_000.0))
    assert story.income.annual == pytest.approx(3_000.0, abs=1e-9)
    story.on("2009-01-07", 90_000.0, Event("RMD_WITHDRAWAL", 1_000.0))
    assert story.income.annual == pytest.approx(3_000.0 * (1.0 - 1_000.0 / 90_000.0), abs=1e-9)


def test_a20_a_tenth_on_a_closed_day_grows_to_its_own_date() -> None:
    """The Tenth Anniversary 2018-07-01 is a Sunday here: ten years of growth, not ten years and a day."""
    story = at_70(birth="1945-01-15").leap("2018-06-30", 100_000.0).leap("2018-07-02", 100_000.0)
    assert story.income.periodic == pytest.approx(100_000.0 * 1.07 ** (3_652.0 / 365.0), abs=1e-6)
    assert 100_000.0 * 1.07 ** (3_653.0 / 365.0) - story.income.periodic > 36.0


def test_a20_a_tenth_on_a_closed_day_does_not_take_the_next_days_account_value() -> None:
    story = at_70(birth="1945-01-15").leap("2018-06-30", 100_000.0).leap("2018-07-02", 400_000.0)
    assert story.income.periodic == pytest.approx(100_000.0 * 1.07 ** (3_652.0 / 365.0), abs=1e-6)
    assert story.protected == pytest.approx(400_000.0, abs=CENT)
    assert story.leap("2018-07-03", 90_000.0).protected < 230_000.0


def test_a20_a_withdrawal_on_the_tenth_keeps_the_principal_but_forfeits_the_third_leg() -> None:
    story = at_70(birth="1945-01-15").leap("2018-06-30", 80_000.0).leap("2018-07-01", 80_000.0, withdraw(1_000.0))
    assert story.cash[ADDED] == pytest.approx(20_000.0, abs=CENT)
    value = 100_000.0 * 1.07 ** (3_652.0 / 365.0)
    assert story.income.annual == pytest.approx(0.05 * value, abs=CENT)
    later = at_70(birth="1945-01-15").leap("2018-07-01", 80_000.0).leap("2018-07-02", 80_000.0)
    assert later.protected == pytest.approx(max(value, 200_000.0), abs=CENT)


def test_a20_the_third_leg_counts_the_day_after_the_tenth() -> None:
    """Without growth the third leg decides: 200,000 on the day after, the Periodic Value on the Tenth."""
    plan = FREE.income[0]._replace(roll_up=0.0)
    terms = FREE._replace(income=(plan, FREE.income[1]))
    on = at_70(terms, birth="1945-01-15").leap("2018-07-01", 120_000.0, withdraw(1_000.0))
    after = at_70(terms, birth="1945-01-15").leap("2018-07-01", 120_000.0).leap("2018-07-02", None, withdraw(1_000.0))
    assert on.income.annual == pytest.approx(6_000.0, abs=CENT)
    assert after.income.annual == pytest.approx(10_000.0, abs=CENT)


def test_a21_there_is_no_ratchet_after_the_tenth() -> None:
    """A ratchet would keep 300,000; without growth the third leg is 200,000."""
    plan = FREE.income[0]._replace(roll_up=0.0)
    terms = FREE._replace(income=(plan, FREE.income[1]))
    story = at_70(terms, birth="1945-01-15").leap("2018-07-01").leap("2019-01-02", 300_000.0)
    assert story.protected == pytest.approx(300_000.0, abs=CENT)
    assert story.leap("2019-01-03", 150_000.0).protected == pytest.approx(200_000.0, abs=CENT)


@pytest.mark.parametrize("day, multiple", [("2009-07-01", 2.0), ("2009-07-02", 1.0)])
def test_a22_a_payment_exactly_one_year_after_the_election_is_within_one_year(day: str, multiple: float) -> None:
    story = at_70().on(day, None, pay(10_000.0))
    assert story.income.enhanced == pytest.approx(200_000.0 + multiple * 10_000.0, abs=1e-9)
    assert story.income.principal == pytest.approx(100_000.0 + (multiple - 1.0) * 10_000.0, abs=1e-9)


def test_a24_a_quarter_that_ends_on_the_first_withdrawal_does_not_count() -> None:
    story = at_70().on("2008-10-01", 150_000.0, withdraw(1_000.0))
    assert story.income.quarter_high == 0.0
    assert at_70().on("2008-09-30", 150_000.0, withdraw(1_000.0)).on("2008-10-01", 149_000.0).income.quarter_high > 0.0


def test_a24_nor_does_one_whose_closed_date_lies_before_it() -> None:
    """The quarter ends on the closed 1 October; the first withdrawal comes on the 2nd, when it is processed."""
    story = at_70().on("2008-09-30", 150_000.0).leap("2008-10-02", 150_000.0, withdraw(1_000.0))
    assert story.income.quarter_high == 0.0


def test_a27_a_fee_that_empties_the_account_does_not_end_the_benefit() -> None:
    story = income_of(100_000.0, CHARGED).on("2008-10-01", 120.0)
    assert story.core.status == PAYOUT
    assert story.account_value == 0.0
    assert story.cash[BENEFIT_FEES] == pytest.approx(120.0, abs=1e-9)
    assert story.cash[GUARANTEED_PAID] == pytest.approx(4_900.0, abs=CENT)
    assert story.on("2009-07-01").cash[GUARANTEED_PAID] == pytest.approx(5_000.0, abs=CENT)


def test_a27_what_is_received_on_the_day_the_fee_empties_the_account_is_answered() -> None:
    """C-24: no Purchase Payment is accepted any more; a death is known at once."""
    story = income_of(100_000.0, CHARGED).on("2008-10-01", 120.0, pay(10_000.0))
    assert story.core.status == PAYOUT
    assert story.refusals == [802]
    dead = income_of(100_000.0, CHARGED).on("2008-10-01", 120.0, Event("DEATH", date=number("2008-09-30")))
    assert dead.core.status == DIED
    assert dead.on("2009-07-01").cash[GUARANTEED_PAID] == 0.0


def test_a27_a_death_on_the_day_a_withdrawal_empties_the_account_stops_the_payments() -> None:
    story = income_of(100_000.0)
    story.on("2008-08-01", 3_000.0, withdraw(4_900.0), Event("DEATH", date=number("2008-07-30")))
    assert story.core.status == DIED
    assert story.on("2009-07-01").cash[GUARANTEED_PAID] == 0.0


def test_a27_excess_that_would_empty_the_account_is_refused_without_confirmation() -> None:
    """README decision 11: the benefit would be lost; the request stands aside until it is a surrender."""
    story = income_of(100_000.0).with_income(remaining=0.0).on("2008-08-01", 8_000.0, withdraw(8_000.0))
    assert story.refusals == [601]
    assert story.income.stage == hd7.POST


def test_a39_a_withdrawal_within_the_income_does_not_lower_the_income_basis() -> None:
    story = income_of(120_000.0).on("2008-07-03", 119_900.0, withdraw(5_900.0))
    assert story.income.basis == pytest.approx(120_000.0, abs=CENT)
    assert story.income.protected == pytest.approx(114_000.0, abs=CENT)


def test_a53_a_withdrawal_within_the_income_may_leave_less_than_a_thousand() -> None:
    story = income_of(100_000.0).on("2008-08-01", 4_900.0, withdraw(4_000.0))
    assert story.refusals == []
    assert story.account_value == pytest.approx(900.0, abs=CENT)


def test_a53_it_may_take_the_last_cent_and_the_rest_of_the_year_is_paid() -> None:
    story = income_of(100_000.0).on("2008-08-01", 3_000.0, withdraw(4_900.0))
    assert story.core.status == PAYOUT
    assert story.payments[-2].paid == pytest.approx(3_000.0, abs=CENT)
    assert story.payments[-1].paid == pytest.approx(1_900.0, abs=CENT)


def test_calendar_days_not_valuation_days_grow() -> None:
    """Friday to Monday is three days of growth."""
    story = at_70().on("2008-07-04", 90_000.0).leap("2008-07-07", 90_000.0)
    assert story.income.periodic == pytest.approx(100_000.0 * 1.07 ** (6.0 / 365.0), abs=1e-6)
    assert story.income.periodic - 100_000.0 * 1.07 ** (4.0 / 365.0) > 37.0


def test_a_leap_year_of_daily_growth_is_a_little_more_than_the_annual_rate() -> None:
    """A-1: calendar days over 365; the anniversary clock, right for other benefits, would give 107,000.00."""
    story = Story("2007-07-02", plan="HD7", terms=FREE).on("2008-07-02", 90_000.0)
    assert story.income.periodic == pytest.approx(100_000.0 * 1.07 ** (366.0 / 365.0), abs=1e-6)
    assert story.income.periodic == pytest.approx(107_019.84, abs=0.01)


def test_a6_the_comparison_comes_before_the_quarterly_fee() -> None:
    story = at_70(CHARGED).on("2008-10-01", 150_000.0)
    assert story.income.periodic == pytest.approx(150_000.0, abs=1e-6)
    assert story.account_value == pytest.approx(150_000.0 - 225.0, abs=1e-6)


def test_c20_a_return_of_principal_is_no_purchase_payment() -> None:
    story = at_70(birth="1945-01-15").leap("2018-07-01", 80_000.0)
    assert story.cash[ADDED] == pytest.approx(20_000.0, abs=CENT)
    assert story.income.enhanced == pytest.approx(200_000.0, abs=1e-9)
    assert story.core.basic == pytest.approx(100_000.0, abs=1e-9)


def test_half_a_cent_above_the_income_is_no_excess() -> None:
    """README decision 5: an income of 5,257.138..., asked for as 5,257.14."""
    story = at_70().with_income(periodic=105_142.766 / 1.07 ** (1.0 / 365.0))
    story.on("2008-07-02", 90_000.0, withdraw(5_257.14))
    assert story.income.annual == pytest.approx(5_257.1383, abs=1e-6)
    literal = 5_257.1383 * (1.0 - 0.0017 / (90_000.0 - 5_257.1383))
    assert literal < story.income.annual


def test_shd7_the_youngest_counts_even_when_dead() -> None:
    story = Story("2008-07-01", plan="SHD7", birth="1928-01-15", spouse_birth="1938-01-15", terms=FREE)
    story.on("2008-08-01", 90_000.0, Event("SPOUSAL_CONTINUATION", date=number("2008-07-30")))
    story.on("2008-08-02", None, withdraw(1_000.0))
    assert story.income.percentage == 0.05
    plan = FREE.income[1]
    assert hd7.income_percentage(plan, number("1928-01-15"), number("2008-08-02")) == 0.06


def test_el7_half_ages() -> None:
    """Both lives must have completed 59 years and six months."""
    young = Story("2008-07-01", plan="SHD7", spouse_birth="1949-01-02", terms=FREE)
    old = Story("2008-07-01", plan="SHD7", spouse_birth="1949-01-01", terms=FREE)
    assert young.refusals == [501]
    assert young.income.stage == hd7.NONE
    assert old.income.stage == hd7.PRE


def test_el10_ninety_days_and_an_anniversary() -> None:
    def story(end: str) -> Story:
        return at_70().on(end, None, Event("BENEFIT_TERMINATION")).on("2009-07-01", None, elect("HD7"))

    assert story("2009-04-02").income.stage == hd7.PRE
    assert story("2009-04-03").refusals == [505]
    off = at_70().on("2008-08-01", None, Event("BENEFIT_TERMINATION")).on("2009-06-30", None, elect("HD7"))
    assert off.refusals == [505]


def test_without_a_benefit_an_empty_account_ends_the_contract() -> None:
    """A benefit terminated for an accrued fee that takes the whole Account Value leaves nothing to pay."""
    story = at_70(CHARGED).on("2008-09-30", 50.0, Event("BENEFIT_TERMINATION"))
    assert story.core.status == EXHAUSTED
    assert story.cash[GUARANTEED_PAID] == 0.0
