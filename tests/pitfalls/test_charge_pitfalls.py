"""Readings of the charges, withdrawals, credits and the basic Death Benefit that give another number."""

import numpy as np
import pytest

from tests.support.story import Event, Story, number, pay, withdraw, without_charges
from valuation.contract import ADDED, CHARGED, OTHER_FEES, PAID
from valuation.terms import load_terms

TERMS = load_terms(True)
CENT = 0.005


def start(payment: float = 100_000.0, **more: object) -> Story:
    return Story("2008-06-02", payment, terms=TERMS, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("day, charge", [("2009-05-31", 7_000.0), ("2009-06-01", 6_000.0), ("2009-06-02", 6_000.0)])
def test_cdsc2_the_day_before_the_anniversary_has_the_next_percentage(day: str, charge: float) -> None:
    story = start().leap("2009-05-30").leap(day, 90_000.0, Event("SURRENDER"))
    assert story.payments[-1].charge == pytest.approx(charge, abs=1e-6)


def test_cdsc3_the_charge_is_on_the_payment_not_on_the_account_value() -> None:
    story = start().leap("2009-03-16", 40_000.0, Event("SURRENDER"))
    assert story.cash[CHARGED] == pytest.approx(7_000.0, abs=1e-6)
    other = 0.07 * 40_000.0
    assert other == pytest.approx(2_800.0)


def test_cdsc7_charges_above_the_account_value_leave_nothing_to_pay() -> None:
    story = start().leap("2009-03-16", 5_000.0, Event("SURRENDER"))
    assert story.cash[PAID] == 0.0
    assert story.cash[CHARGED] + story.cash[OTHER_FEES] == pytest.approx(5_000.0, abs=1e-6)


def test_cdsc7_a_surrender_has_no_free_amount() -> None:
    story = start().leap("2009-03-16", 100_000.0, Event("SURRENDER"))
    assert story.cash[CHARGED] == pytest.approx(7_000.0, abs=1e-6)
    other = 0.07 * 90_000.0
    assert other == pytest.approx(6_300.0)


def test_cdsc4_the_free_amount_does_not_use_up_payments() -> None:
    story = start().leap("2008-09-02", None, withdraw(10_000.0)).leap("2009-03-16", 90_000.0, Event("SURRENDER"))
    assert story.cash[CHARGED] == pytest.approx(7_000.0, abs=1e-6)
    other = 0.07 * 90_000.0
    assert other == pytest.approx(6_300.0)


def test_cdsc4_the_oldest_payment_goes_first_even_when_it_bears_no_charge() -> None:
    """50,000 at 0%, then 30,000 at 4%, free 3,000: newest or dearest first would charge 30,000."""
    story = Story("2008-01-15", 50_000.0, terms=TERMS).leap("2013-01-15", None, pay(30_000.0))
    story.leap("2016-01-15", 100_000.0).leap("2016-06-01", 100_000.0, withdraw(60_000.0))
    assert story.cash[CHARGED] == pytest.approx(280.0, abs=1e-9)
    other = 0.04 * 30_000.0
    assert other == pytest.approx(1_200.0)


def test_cdsc6_the_charge_of_a_net_withdrawal_is_charged_too() -> None:
    story = start().leap("2009-01-15", 110_000.0, withdraw(30_000.0, net=True))
    assert story.cash[CHARGED] == pytest.approx(1_505.38, abs=1e-9)
    other = 0.07 * 20_000.0
    assert other == pytest.approx(1_400.0)


def test_cdsc_follows_each_payments_own_date() -> None:
    story = start(50_000.0).leap("2010-03-01", None, pay(50_000.0)).leap("2010-06-02", None)
    story.leap("2010-07-01", 100_000.0, Event("SURRENDER"))
    assert story.cash[CHARGED] == pytest.approx(0.05 * 50_000.0 + 0.07 * 50_000.0, abs=1e-6)
    other = 0.05 * 100_000.0
    assert other == pytest.approx(5_000.0)


def test_afw1_the_free_base_is_what_was_left_at_the_start_of_the_annuity_year() -> None:
    """Three readings of "payments subject to a CDSC" for 12,000: 150.00, 120.00 on original amounts."""
    story = start().leap("2008-09-02", None, withdraw(6_000.0)).leap("2009-02-02", None, withdraw(9_000.0))
    story.leap("2009-06-02", None, withdraw(12_000.0))
    assert story.cash[CHARGED] == pytest.approx(0.06 * (12_000.0 - 9_500.0), abs=1e-9)
    other = 0.06 * (12_000.0 - 10_000.0)
    assert other == pytest.approx(120.0)


def test_afw1_withdrawals_of_the_year_do_not_shrink_the_base_again() -> None:
    """20,000 (10,000 free), then nothing is free; a base measured anew would be 9,000 less 20,000: nothing either;
    but after 5,000 free, 5,000 more are free, not 4,500."""
    story = start().leap("2008-09-02", None, withdraw(5_000.0)).leap("2008-10-02", None, withdraw(5_000.0))
    assert sum(row.charge for row in story.payments) == 0.0


def test_afw2_the_free_amount_falls_by_the_gross_withdrawal() -> None:
    story = start().leap("2008-09-02", None, withdraw(9_000.0, net=True), withdraw(2_000.0, net=True))
    assert story.payments[0].gross == pytest.approx(9_000.0, abs=1e-9)
    assert story.payments[1].gross == pytest.approx(1_000.0 + 1_000.0 / 0.93, abs=CENT)
    story.leap("2008-09-03", None, withdraw(1_000.0))
    assert story.payments[2].charge == pytest.approx(70.0, abs=1e-9)


def test_the_free_amount_is_not_carried_over() -> None:
    story = start().leap("2009-06-02").leap("2009-07-01", None, withdraw(20_000.0))
    assert story.cash[CHARGED] == pytest.approx(0.06 * 10_000.0, abs=1e-9)


def test_fee5_the_threshold_is_the_account_value_after_the_longevity_credit() -> None:
    """A-FEE-4: 99,700 and a credit of 400 on the tenth anniversary: no fee."""
    story = start(series="X", birth="1943-01-15").leap("2018-06-01", 99_700.0).leap("2018-06-02", 99_700.0)
    assert story.cash[ADDED] == pytest.approx(400.0, abs=1e-9)
    assert story.cash[OTHER_FEES] == 0.0


def test_fee5_one_fee_for_a_surrender_on_the_anniversary() -> None:
    story = start().leap("2009-06-01", 90_000.0).leap("2009-06-02", 90_000.0, Event("SURRENDER"))
    assert story.cash[OTHER_FEES] == pytest.approx(35.0, abs=1e-9)


def test_afee4_the_threshold_on_surrender_is_before_other_fees() -> None:
    """100,010 with an accrued benefit fee of more than 10: the Account Value at the time of surrender decides."""
    story = start(plan="HD7").on("2008-08-01", 100_010.0, Event("SURRENDER"))
    assert story.ledger("BENEFIT_FEE") < -10.0
    assert story.cash[OTHER_FEES] == 0.0


def test_acr2_a_credit_of_exactly_twelve_months_is_taken_back() -> None:
    def paid(death: str) -> float:
        story = start(series="X", birth="1943-01-15").leap("2009-06-02", 200_000.0)
        return story.leap("2009-06-03", 200_000.0, Event("DEATH", date=number(death))).payments[-1].paid

    assert paid("2009-06-02") == pytest.approx(194_000.0, abs=CENT)
    assert paid("2009-06-03") == pytest.approx(200_000.0, abs=CENT)


def test_cr4_the_credit_is_taken_back_as_applied_not_as_grown() -> None:
    story = start(series="X", birth="1943-01-15").leap(
        "2009-01-02", 212_000.0, Event("DEATH", date=number("2009-01-01"))
    )
    assert story.payments[-1].paid == pytest.approx(206_000.0, abs=CENT)
    other = 212_000.0 - 2.0 * 6_000.0
    assert other == pytest.approx(200_000.0)


def test_db15_in_the_payments_branch_the_credit_has_fallen_with_withdrawals() -> None:
    """100,000 + 6,000, half withdrawn: the branch is 50,000, not 53,000 less 6,000."""
    story = Story("2008-06-02", series="X", birth="1943-01-15", terms=without_charges())
    story.leap("2008-09-02", 90_000.0, withdraw(45_000.0))
    story.leap("2009-01-02", 20_000.0, Event("DEATH", date=number("2009-01-01")))
    assert story.payments[-1].paid == pytest.approx(50_000.0, abs=CENT)
    other = 53_000.0 - 6_000.0
    assert other == pytest.approx(47_000.0)


def test_db19_a_credit_after_the_date_of_death_is_left_out() -> None:
    story = start(series="X", birth="1943-01-15").leap("2009-06-02").leap("2009-09-01", 200_000.0, pay(10_000.0))
    story.leap("2009-09-15", 210_600.0, Event("DEATH", date=number("2009-08-20")))
    assert story.payments[-1].paid == pytest.approx(210_000.0, abs=CENT)


def test_adb11_the_charge_belongs_to_the_proportional_withdrawal() -> None:
    story = start().leap("2009-01-15", 110_000.0, withdraw(30_000.0, net=True))
    assert story.core.basic == pytest.approx(100_000.0 * (1.0 - 31_505.38 / 110_000.0), abs=1e-6)
    assert 100_000.0 * (1.0 - 30_000.0 / 110_000.0) - story.core.basic > 1_300.0


def test_db3_a_payment_after_a_withdrawal_is_not_reduced() -> None:
    story = Story("2008-06-02", terms=without_charges()).leap("2008-09-02", None, withdraw(50_000.0))
    assert story.leap("2008-09-03", None, pay(10_000.0)).core.basic == pytest.approx(60_000.0, abs=1e-9)


def test_db3_fees_are_no_withdrawals() -> None:
    story = start().leap("2009-06-02", 50_000.0)
    assert story.cash[OTHER_FEES] == 35.0
    assert story.core.basic == 100_000.0


def test_alc1_and_alc2_more_than_nine_years_and_withdrawals_with_their_charge() -> None:
    story = start(series="X", birth="1943-01-15").leap("2009-06-02", None, pay(50_000.0))
    story.leap("2009-07-01", None, withdraw(20_000.0, net=True)).leap("2018-06-01").leap("2018-06-02")
    gross = story.payments[0].gross
    assert gross > 20_000.0
    assert story.cash[ADDED] == pytest.approx(0.004 * (100_000.0 - gross), abs=CENT)
    assert story.cash[ADDED] < 0.004 * (100_000.0 - 20_000.0) < 0.004 * (150_000.0 - gross)


def test_pur2_age_is_of_the_last_birthday() -> None:
    story = Story("2008-06-02", birth="1923-06-10", terms=TERMS).leap("2009-06-09", None, pay(1_000.0))
    assert story.refusals == []
    assert story.leap("2009-06-10", None, pay(1_000.0)).refusals == [302]


def test_pur4_x_series_issues_up_to_age_75() -> None:
    assert Story("2008-06-02", series="X", birth="1932-06-03", terms=TERMS).refusals == []
    assert Story("2008-06-02", series="X", birth="1932-06-02", terms=TERMS).refusals == [303]


def test_a_payment_with_its_own_allocation_leaves_the_instructions_alone() -> None:
    """PUR-6."""
    story = start().leap("2008-07-01", None, Event("PURCHASE_PAYMENT", 10_000.0, weights=(0.0, 1.0, 0.0)))
    held = story.book.units * story.book.price
    np.testing.assert_allclose(held, [60_000.0, 50_000.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(story.book.weight, [0.6, 0.4, 0.0])


def test_wd1_a_withdrawal_takes_the_same_percentage_everywhere_bonds_included() -> None:
    story = Story("2008-06-02", plan="HD7", terms=without_charges()).on("2008-06-03", 85_000.0)
    before = story.book.units.copy()
    assert before[2] > 0.0
    story.terms = story.terms._replace(transfer=story.terms.transfer._replace(upper=9.0, lower=-9.0))
    story.on("2008-06-04", None, withdraw(5_000.0))
    np.testing.assert_allclose(story.book.units / before, np.full(3, 80_000.0 / 85_000.0), rtol=1e-12)


def test_ann1_not_within_the_first_three_annuity_years() -> None:
    early = start().leap("2011-06-01", None, Event("ANNUITIZATION"))
    assert early.refusals == [803]
    late = start().leap("2011-06-02", 90_000.0, Event("ANNUITIZATION"))
    assert late.cash[PAID] == pytest.approx(90_000.0 - 35.0, abs=CENT)
    assert late.cash[CHARGED] == pytest.approx(0.0, abs=CENT)
