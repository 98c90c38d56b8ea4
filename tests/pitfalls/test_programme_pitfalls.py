"""Where a naive reading of the programmes gives another number; each test shows both."""

from datetime import date

import numpy as np
import pytest

from tests.support.programme_runs import (
    START,
    A,
    B,
    C,
    asked,
    contract,
    moved,
    paid,
    prices,
    programme,
    run,
    shares,
    state,
    transactions,
)
from tests.support.story import number
from valuation.block import value_block
from valuation.distributions import uniform_lifetime
from valuation.programme_schedule import scheduled_day_of
from valuation.programme_state import AVERAGING, DISTRIBUTIONS
from valuation.sessions import day_date, prior_valuation_day, valuation_days
from valuation.terms import load_terms

SIGNED = date(2010, 1, 5)


def test_only_distributions_go_back_at_the_end_of_the_year() -> None:
    """31 December 2011 is a Saturday (TXN-5).  Naive: every programme goes back, or none does."""
    nominal = number("2011-12-31")
    assert day_date(scheduled_day_of(nominal, DISTRIBUTIONS)) == prior_valuation_day(date(2011, 12, 31))
    assert day_date(scheduled_day_of(nominal, AVERAGING)) == date(2012, 1, 3)


def test_within_the_year_a_distribution_goes_forward() -> None:
    """30 April 2011 is a Saturday.  Naive: a distribution is never late, 29 April."""
    assert day_date(scheduled_day_of(number("2011-04-30"), DISTRIBUTIONS)) == date(2011, 5, 2)


def test_the_31st_comes_back_after_a_short_month() -> None:
    """A-TXN-4.  Naive, each date counted from the last: 28 February, then 28 March."""
    flat = programme("SYSTEMATIC_WITHDRAWAL", date(2010, 12, 1), date(2010, 12, 31), amount=100.0)
    found = [day for day, _ in paid(run(transactions(flat), date(2011, 5, 2)))]
    assert found == [date(2010, 12, 31), date(2011, 1, 31), date(2011, 2, 28), date(2011, 3, 31), date(2011, 5, 2)]


def test_a_date_moved_by_a_holiday_does_not_move_the_next() -> None:
    """31 May 2010 is Memorial Day.  Naive, counted from the day processed: 1 July."""
    flat = programme("SYSTEMATIC_WITHDRAWAL", SIGNED, date(2010, 5, 30), amount=100.0)
    assert [day for day, _ in paid(run(transactions(flat), date(2010, 7, 2)))] == [date(2010, 6, 1), date(2010, 6, 30)]


def test_earnings_are_those_of_the_period() -> None:
    """A loss of 5,000, then a gain of 5,000 (SYS-1).  Naive, since the programme began: nothing is earned."""
    earnings = programme("SYSTEMATIC_WITHDRAWAL", SIGNED, date(2010, 2, 10), measure="EARNINGS")
    moves = {date(2010, 2, 1): {"A": 0.95}, date(2010, 3, 1): {"A": 1.0 / 0.95}}
    assert paid(run(transactions(earnings), date(2010, 3, 31), moves)) == [(date(2010, 3, 10), pytest.approx(5_000.0))]


def test_earnings_are_not_the_change_of_the_account_value() -> None:
    """A payment of 5,000 and 1% (SYS-1).  Naive: 6,050 are withdrawn."""
    earnings = programme("SYSTEMATIC_WITHDRAWAL", SIGNED, date(2010, 2, 10), measure="EARNINGS")
    more = asked("PURCHASE_PAYMENT", date(2010, 1, 12), amount=5_000.0)
    found = run(transactions(earnings, more), date(2010, 2, 26), {date(2010, 2, 1): {"A": 1.01}})
    assert paid(found) == [(date(2010, 2, 10), 1_050.0)]


def test_a_postponed_amount_is_added_and_not_lost() -> None:
    """60, then 90 (SYS-2).  Naive: both are below 100, and nothing is ever paid."""
    earnings = programme("SYSTEMATIC_WITHDRAWAL", SIGNED, date(2010, 2, 10), measure="EARNINGS")
    moves = {date(2010, 2, 1): {"A": 1.0006}, date(2010, 3, 1): {"A": 1.0009}}
    ((day, amount),) = paid(run(transactions(earnings), date(2010, 3, 31), moves))
    assert (day, amount) == (date(2010, 3, 10), 150.05)


def averaging(amount: float) -> object:
    return programme(
        "DOLLAR_COST_AVERAGING", SIGNED, date(2010, 1, 8), amount=amount, source_sub_account=A, allocation=shares(B=1.0)
    )


def test_transfers_of_a_programme_do_not_count() -> None:
    """Twelve scheduled ones and nineteen of the Owner's (TR-2).  Naive: 31 transfers, eleven of them at 10 USD."""
    own = [
        asked("TRANSFER", date(2010, 3, 1 + k), amount=10.0, source_sub_account=A, target_sub_account=C)
        for k in range(19)
    ]
    found = run(transactions(averaging(100.0), *own), date(2010, 12, 31))
    assert len(moved(found, "DOLLAR_COST_AVERAGING")) == 24
    assert "TRANSFER_FEE" not in found.ledger["kind"].to_pylist()
    assert state(found)["transfers_this_year"] <= 19


def test_transfers_of_a_programme_restrict_nothing() -> None:
    """TR-4, all amounts tracked: into B and out of it within a month, and again into it.

    Naive: the second transfer is a Transfer Out, and B takes nothing for 90 days.
    """
    terms = load_terms(True)
    terms = terms._replace(restrictions=terms.restrictions._replace(threshold=0.0, first_days=0.0))
    out = programme(
        "DOLLAR_COST_AVERAGING", date(2010, 2, 9), date(2010, 2, 10), amount=500.0, source_sub_account=B,
        allocation=shares(C=1.0),
    )  # fmt: skip
    back = asked("TRANSFER", date(2010, 2, 11), amount=100.0, source_sub_account=A, target_sub_account=B)
    days = valuation_days(START, date(2010, 2, 26))
    found = value_block(contract(), transactions(averaging(500.0), out, back), None, days, prices(days), terms=terms)
    assert len(moved(found, "DOLLAR_COST_AVERAGING")) == 6
    assert found.refusals.num_rows == 0


def test_averaging_takes_what_is_left_and_goes_on() -> None:
    """400 of 1,000 a month (DCA-1).  Naive: the third transfer is refused, or the Sub-account goes below zero."""
    more = asked("PURCHASE_PAYMENT", date(2010, 6, 1), amount=300.0)
    found = run(transactions(averaging(400.0), more, amount=1_000.0), date(2010, 8, 31))
    out = [(day.month, amount) for day, name, amount in moved(found, "DOLLAR_COST_AVERAGING") if name == A]
    assert out == [(1, -400.0), (2, -400.0), (3, -200.0), (6, -300.0)]
    assert found.refusals.num_rows == 0


def test_averaged_sub_accounts_are_not_rebalanced() -> None:
    """A and B are averaged; C and the rest return to their proportions among themselves (AR-1).

    Naive, all four: A and B take part, and a quarter of the whole stands in each.
    """
    four = programme(
        "AUTOMATIC_REBALANCING", SIGNED, date(2010, 2, 10), allocation=shares(A=0.25, B=0.25, C=0.25, D=0.25)
    )
    found = run(transactions(averaging(100.0), four, into=shares(A=0.4, B=0.2, C=0.3, D=0.1)), date(2010, 2, 26))
    held = [row["value"] for row in state(found)["units"]]
    assert held == [pytest.approx(39_800.0), pytest.approx(20_200.0), pytest.approx(20_000.0), pytest.approx(20_000.0)]


def test_a_pro_rata_withdrawal_keeps_nothing_out_of_rebalancing() -> None:
    """WD-1, AR-1.  Naive: a systematic withdrawal comes from every Sub-account, and all are excluded."""
    flat = programme("SYSTEMATIC_WITHDRAWAL", SIGNED, date(2010, 2, 20), amount=100.0)
    even = programme("AUTOMATIC_REBALANCING", SIGNED, date(2010, 2, 10), allocation=shares(A=0.5, B=0.5))
    found = run(transactions(flat, even, into=shares(A=0.7, B=0.3)), date(2010, 2, 12))
    assert moved(found, "AUTOMATIC_REBALANCING") == [
        (date(2010, 2, 10), A, -20_000.0),
        (date(2010, 2, 10), B, 20_000.0),
    ]


def test_the_minimum_holds_for_monthly_distributions_only() -> None:
    """RMD-5.  180 in three quarterly parts of 60.  Naive, postponed as other Systematic Withdrawals: 120 and 60."""
    quarterly = programme(
        "REQUIRED_DISTRIBUTIONS", date(2010, 6, 1), date(2010, 6, 30), amount=180.0, frequency="QUARTERLY"
    )
    assert [amount for _, amount in paid(run(transactions(quarterly), date(2010, 12, 31)))] == [60.0] * 3


def test_the_worth_is_that_of_31_december() -> None:
    """RMD-3.  A falls by half in January: 100,000 / 22.9.  Naive, on the day of payment: 50,000 / 22.9."""
    yearly = programme("REQUIRED_DISTRIBUTIONS", date(2010, 6, 1), date(2010, 6, 30), frequency="ANNUAL")
    found = run(transactions(yearly), date(2011, 7, 1), {date(2011, 1, 20): {"A": 0.5}})
    assert paid(found) == [(date(2011, 6, 30), round(100_000.0 / 22.9, 2))]


def test_the_factor_is_that_of_the_age_attained_in_the_year() -> None:
    """RMD-3.  Born on 31 December 1936, 75 in 2011.  Naive, of the age on the day of payment: 74."""
    terms = load_terms(True).programmes
    assert uniform_lifetime(terms, number("1936-12-31"), 2011) == 22.9
    assert uniform_lifetime(terms, number("1937-12-31"), 2011) == 23.8


def test_a_72_t_payment_is_no_distribution_free_of_charge() -> None:
    """SEPP-1, RMD-4: above the Free Withdrawal amount 7% are due.  Naive, exempt as a distribution: 0."""
    yearly = {"amount": 12_000.0, "frequency": "ANNUAL"}
    equal = programme("EQUAL_PAYMENTS", date(2010, 6, 1), date(2010, 6, 30), **yearly)
    required = programme("REQUIRED_DISTRIBUTIONS", date(2010, 6, 1), date(2010, 6, 30), **yearly)
    charges = [run(transactions(one), date(2010, 7, 30)).payments["charge"][0].as_py() for one in (equal, required)]
    assert charges == [pytest.approx(140.0), 0.0]


def test_an_instruction_signed_after_its_date_pays_on_the_day_it_takes_effect() -> None:
    """Received on Saturday for Saturday (TXN-5, TXN-6): Monday.  Naive: the first date is lost, and March is the first."""
    flat = programme("SYSTEMATIC_WITHDRAWAL", date(2010, 2, 6), date(2010, 2, 6), amount=100.0)
    assert [day for day, _ in paid(run(transactions(flat), date(2010, 3, 31)))] == [date(2010, 2, 8), date(2010, 3, 8)]


def test_rebalancing_is_of_value_and_not_of_units() -> None:
    """AR-1.  A stands at 20, B at 10: half the value is a third of the Units.  Naive: equal Units."""
    even = programme("AUTOMATIC_REBALANCING", SIGNED, date(2010, 2, 10), allocation=shares(A=0.5, B=0.5))
    found = run(transactions(even, into=shares(A=0.5, B=0.5)), date(2010, 2, 26), {date(2010, 2, 1): {"A": 2.0}})
    units = np.array([row["units"] for row in state(found)["units"]])
    np.testing.assert_allclose(units / units.sum(), [1 / 3, 2 / 3])
