"""Readings of the sections on payments, charges, credits, timing and units that give another number, in their order."""

from datetime import date

import pytest

from tests.support.death_story import DeathStory
from tests.support.story import Event, Story, elect, number, pay, withdraw, without_charges
from valuation.contract import ACTIVE, OTHER_FEES, SURRENDERED
from valuation.events import FATAL_ILLNESS
from valuation.failures import Reason
from valuation.funds import load_subaccounts
from valuation.sessions import is_valuation_day
from valuation.terms import load_terms

CENT = 0.005


def start(payment: float = 100_000.0, **more: object) -> Story:
    return Story("2008-06-02", payment, **more)  # type: ignore[arg-type]


# -- charges and withdrawals ------------------------------------------------------------------------------------------


def test_acdsc1_a_payment_of_29_february_has_its_anniversary_on_the_28th() -> None:
    """The 27th is the day before it and has the next percentage; by 1 March the charge would still be 7,000."""
    story = Story("2008-02-29").leap("2009-02-27", 90_000.0, Event("SURRENDER"))
    assert story.payments[-1].charge == pytest.approx(6_000.0, abs=CENT)
    before = Story("2008-02-29").leap("2009-02-26", 90_000.0, Event("SURRENDER"))
    assert before.payments[-1].charge == pytest.approx(7_000.0, abs=CENT)


def test_acdsc2_the_charge_is_of_the_payment_before_the_tax_charge() -> None:
    """7% of 100,000; of what a Tax Charge of 3.5% leaves it would be 6,755."""
    terms = load_terms(True)
    terms = terms._replace(jurisdictions=terms.jurisdictions._replace(tax_charge=(0.0, 0.035)))
    story = start(terms=terms, jurisdiction=1).leap("2009-02-02", 80_000.0, Event("SURRENDER"))
    assert story.payments[-1].charge == pytest.approx(7_000.0, abs=CENT)
    of_the_rest = 0.07 * (100_000.0 - 3_500.0)
    assert of_the_rest == pytest.approx(6_755.0)


def test_acdsc4_a_distribution_free_of_charge_uses_up_payments_all_the_same() -> None:
    """15,000 required: 10,000 free, 5,000 of payments at no charge; left untouched they would cost 350 more at last."""
    story = start(qualified=True).leap("2009-01-15", 110_000.0, Event("RMD_NOTICE", 15_000.0))
    story.leap("2009-01-16", 110_000.0, Event("RMD_WITHDRAWAL", 15_000.0))
    assert story.payments[-1].charge == 0.0
    story.leap("2009-03-16", 95_000.0, Event("SURRENDER"))
    assert story.payments[-1].charge == pytest.approx(0.07 * 95_000.0, abs=CENT)
    untouched = 0.07 * 100_000.0
    assert untouched - story.payments[-1].charge == pytest.approx(350.0)


def test_acdsc5_no_charge_on_annuitisation() -> None:
    """In the fourth CDSC Year a surrender bears 4,000."""
    story = start().leap("2011-06-02", 90_000.0).leap("2011-06-03", 90_000.0, Event("ANNUITIZATION"))
    assert story.payments[-1].paid == pytest.approx(90_000.0, abs=CENT)
    naive = start().leap("2011-06-02", 90_000.0).leap("2011-06-03", 90_000.0, Event("SURRENDER"))
    assert naive.payments[-1].charge == pytest.approx(4_000.0, abs=CENT)


def test_awd1_a_withdrawal_that_leaves_too_little_is_no_surrender() -> None:
    """It is refused until the Owner confirms; as a full surrender it would pay 42,965 and end the Annuity."""
    story = start(50_000.0).leap("2008-12-01", 46_500.0, withdraw(45_500.0))
    assert story.refusals == [Reason.TOO_LITTLE_LEFT]
    assert story.core.status == ACTIVE
    assert story.account_value == pytest.approx(46_500.0, abs=CENT)
    naive = start(50_000.0).leap("2008-12-01", 46_500.0, Event("SURRENDER"))
    assert naive.core.status == SURRENDERED
    assert naive.payments[-1].paid == pytest.approx(46_500.0 - 3_500.0 - 35.0, abs=CENT)


def test_awd2_the_least_withdrawal_is_of_the_amount_asked_for() -> None:
    """99.99 net are 107.52 gross once nothing is free."""
    story = start().leap("2008-12-01", 110_000.0, withdraw(10_000.0))
    story.leap("2008-12-02", 100_000.0, withdraw(99.99, net=True))
    assert story.refusals == [Reason.WITHDRAWAL_TOO_SMALL]
    assert 99.99 / 0.93 > 100.0
    story.leap("2008-12-03", 100_000.0, withdraw(100.0, net=True))
    assert story.payments[-1].gross == pytest.approx(107.53, abs=CENT)


# -- credits ----------------------------------------------------------------------------------------------------------


def test_acr1_the_credit_is_six_percent_not_65_and_was_five() -> None:
    """Appendix B prints "65%", a correction from 5% to 6% that was left half done."""
    credits = [Story(day, series="X").ledger("PURCHASE_CREDIT") for day in ("2007-12-07", "2007-12-10")]
    assert credits == pytest.approx([5_000.0, 6_000.0], abs=CENT)
    assert 0.65 * 100_000.0 == 65_000.0


def test_acr3_a_credit_is_taken_back_from_every_sub_account() -> None:
    """Half surrendered on medical grounds: both Sub-accounts keep half; from the larger alone 3,000 more would go."""
    story = Story("2008-05-01", series="X", terms=without_charges())
    before = story.book.units.copy()
    story.leap("2008-08-01", 80_000.0, Event("MEDICAL_SURRENDER", 40_000.0, FATAL_ILLNESS, date=number("2008-06-02")))
    assert story.payments[-1].paid == pytest.approx(40_000.0 - 3_000.0, abs=CENT)
    assert story.book.units[:2] / before[:2] == pytest.approx([0.5, 0.5], abs=1e-9)


def test_acr6_where_payments_are_returned_they_are_so_in_full() -> None:
    """103,000 with a credit of 6,000 on 100,000 paid: the credit reduces the Account Value, not the payments."""
    story = Story("2008-05-01", series="X", jurisdiction=1, terms=without_charges())
    story.leap("2008-05-09", 103_000.0, Event("FREE_LOOK"))
    assert story.payments[-1].paid == pytest.approx(100_000.0, abs=CENT)
    assert max(103_000.0, 100_000.0) - 6_000.0 == 97_000.0


def test_alc3_a_spouse_keeps_the_dates_of_the_payments() -> None:
    """Continued in 2014, the tenth anniversary of issue credits 400; nine years from the assumption none would be due."""
    story = Story("2008-07-01", series="X", spouse_birth="1940-06-30", terms=without_charges())
    story.leap("2014-03-03", 90_000.0, Event("SPOUSAL_CONTINUATION", date=number("2014-02-03")))
    story.leap("2018-07-01", 120_000.0)
    assert story.ledger("LONGEVITY_CREDIT") == pytest.approx(400.0, abs=CENT)


# -- transfers, timing and units --------------------------------------------------------------------------------------


def test_atr3_international_is_the_style_printed() -> None:
    """Four by their style; with the portfolio of global bonds there would be five."""
    international = {one.name for one in load_subaccounts() if one.international}
    assert len(international) == 4
    assert all(one.style == "INTERNATIONAL EQUITY" for one in load_subaccounts() if one.international)
    assert "AST T. Rowe Price Global Bond" not in international


def test_atxn1_the_fee_of_a_closed_anniversary_is_of_the_next_valuation_day() -> None:
    """The anniversary is a Sunday between 99,000 and 101,000: no fee; by the value of Friday 35 would be due."""
    story = Story("2008-11-01", closed=("2009-10-31", "2009-11-01")).leap("2009-10-30", 99_000.0)
    story.leap("2009-11-02", 101_000.0)
    assert story.cash[OTHER_FEES] == 0.0
    naive = Story("2008-11-01").leap("2009-10-30", 99_000.0).leap("2009-11-01", 99_000.0)
    assert naive.cash[OTHER_FEES] == 35.0


def test_atxn2_a_payment_of_the_day_comes_before_its_withdrawal() -> None:
    """10,000 of 100,000 after 50,000 were paid in: 135,000; taken first, of 50,000, they would leave 130,000."""
    story = start(terms=without_charges()).leap("2008-12-01", 50_000.0, withdraw(10_000.0), pay(50_000.0))
    assert story.core.basic == pytest.approx(150_000.0 * 0.9, abs=CENT)
    withdrawn_first = 100_000.0 * 0.8 + 50_000.0
    assert withdrawn_first == pytest.approx(130_000.0)


def test_atxn3_a_saturdays_new_year_is_not_observed_on_friday() -> None:
    """31 December 2010 was open, 5 July 2010 and 24 December 2010 were not; by one rule for all they would be alike."""
    days = ("2010-12-31", "2010-07-05", "2010-12-24")
    assert [is_valuation_day(date.fromisoformat(day)) for day in days] == [True, False, False]


# -- Death Benefits ---------------------------------------------------------------------------------------------------


def test_adb1_the_roll_up_runs_to_the_date_of_death() -> None:
    """Printed for due proof on the seventh anniversary: 67,005, which is the value of the sixth; death on it is 70,355."""
    story = DeathStory("2008-05-01", 50_000.0)
    story.on("2014-05-01").on("2015-05-01", 75_000.0)
    assert round(story.claim(number("2015-05-01")).roll_up) == 70_355
    assert round(50_000.0 * 1.05**6) == 67_005


def test_adb13_credits_older_than_a_year_stay_in_the_payments_branch() -> None:
    """Appendix B speaks of payments alone: 100,000 in place of 106,000."""
    story = Story("2008-05-01", series="X", terms=without_charges())
    story.leap("2010-03-15", 90_000.0, Event("DEATH", date=number("2010-03-10")))
    assert story.payments[-1].paid == pytest.approx(106_000.0, abs=CENT)
    assert max(100_000.0, 90_000.0) == 100_000.0


def test_adb14_the_basic_benefit_is_not_frozen_on_the_target_date() -> None:
    """EX-C3 says "as of the Target Date" and computes with the Account Value at death, 75,000; on that date it was 60,000."""
    story = Story("2008-05-01", 50_000.0, terms=without_charges()).leap("2018-05-01", 60_000.0)
    story.leap("2019-05-01", 75_000.0, Event("DEATH", date=number("2019-05-01")))
    assert story.payments[-1].paid == pytest.approx(75_000.0, abs=CENT)


def test_adb21_the_first_anniversary_on_or_after_the_birthday() -> None:
    """Born 15 June 1934: growth ends on 1 May 2015, not on the birthday and not on the anniversary before it."""
    story = DeathStory("2008-05-01", 50_000.0, birth="1934-06-15").on("2016-05-01")
    assert story.benefit.target == number("2015-05-01")
    assert story.benefit.roll_up == pytest.approx(50_000.0 * 1.05**7, rel=1e-12)
    birthday = 50_000.0 * 1.05 ** (6.0 + 45.0 / 365.0)
    assert story.benefit.roll_up - birthday > 2_500.0


# -- living benefits --------------------------------------------------------------------------------------------------


def test_a13_the_accrued_fee_counts_days_of_a_year_not_of_the_quarter() -> None:
    """40 days after the election: 40/365 of 0.60%; 40/92 of a quarter's 0.15% would be less."""
    story = Story("2008-07-01", plan="HD7", birth="1943-01-15").leap(
        "2008-08-10", 90_000.0, Event("BENEFIT_TERMINATION")
    )
    assert -story.ledger("BENEFIT_FEE") == pytest.approx(0.006 * 100_000.0 * 40 / 365.0, abs=CENT)
    quarterly = 0.0015 * 100_000.0 * 40 / 92.0
    assert f"{-story.ledger('BENEFIT_FEE'):.2f}, {quarterly:.2f}" == "65.75, 65.22"


def test_a35_money_leaves_the_bonds_by_the_instructions_not_pro_rata() -> None:
    """Instructions to the first Sub-account alone: all of it goes there; in proportion to holdings 40% would not."""
    story = Story("2008-07-01", terms=without_charges()).leap("2008-07-02", None, elect("HD7"))
    story.leap("2008-12-01", 70_000.0)
    bonds = story.account.bond
    assert bonds > 10_000.0
    story.leap("2008-12-02", None, Event("ALLOCATION", weights=(1.0, 0.0, 0.0)))
    held = story.book.units * story.book.price
    story.leap("2008-12-03", None, Event("BENEFIT_TERMINATION"))
    gained = story.book.units * story.book.price - held
    assert gained == pytest.approx([held[-1], 0.0, -held[-1]], abs=1e-6)
