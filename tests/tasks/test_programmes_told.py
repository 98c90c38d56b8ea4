"""Programmes in the explanation of a day, and in the quarantine of a run."""

from datetime import date
from typing import Any

import pytest

from tasks.explain import Explanation, PriceHistory, explain_contract
from tasks.explain_text import text
from tasks.value import _refusals
from tests.support.programme_runs import START, A, asked, contract, prices, programme, run, shares, transactions
from valuation.schema import SCHEMAS
from valuation.sessions import valuation_days
from valuation.telling import Step

LAST = date(2011, 7, 1)
DAYS = valuation_days(START, LAST)
SIGNED = date(2010, 1, 5)
REQUESTS = transactions(
    programme("SYSTEMATIC_WITHDRAWAL", SIGNED, date(2010, 2, 10), measure="EARNINGS"),
    programme("DOLLAR_COST_AVERAGING", SIGNED, date(2010, 2, 10), amount=500.0, source_sub_account=A, allocation=shares(B=1.0)),
    programme("AUTOMATIC_REBALANCING", SIGNED, date(2010, 2, 10), allocation=shares(C=0.5, D=0.5)),
    programme("REQUIRED_DISTRIBUTIONS", SIGNED, date(2010, 6, 30), amount=1_200.0, frequency="ANNUAL"),
    programme("EQUAL_PAYMENTS", SIGNED, date(2010, 3, 15), amount=300.0),
    asked("PROGRAMME_END", date(2010, 5, 3), programme="EQUAL_PAYMENTS"),
    asked("PROGRAMME_END", date(2010, 5, 4), programme="EQUAL_PAYMENTS"),
    into=shares(A=0.5, C=0.4, D=0.1),
)  # fmt: skip
MOVES = {date(2010, 2, 1): {"A": 1.001}, date(2010, 3, 1): {"A": 1.01}, date(2010, 4, 1): {"A": 0.99}}


def told(day: date, **owner: Any) -> Explanation:
    return explain_contract(contract(**owner), REQUESTS, PriceHistory(DAYS, prices(DAYS, MOVES)), day)


def step(title: str, found: Explanation) -> Step:
    return next(one for one in found.steps if one.title == title)


def figure(one: Step, name: str) -> float:
    return next(item.after for item in one.figures if item.name == name)


def test_an_instruction_says_when_it_begins() -> None:
    one = step("Dollar cost averaging", told(SIGNED))
    assert (one.happened, one.note) == (True, "from 2010-02-10 on")
    assert "DCA-1" in one.rules


def test_an_instruction_for_distributions_names_the_required_beginning_date() -> None:
    """70 1/2 on 15 September 2006."""
    assert step("Required distributions", told(SIGNED)).note.endswith("the required beginning date is 2007-04-01")


def test_scheduled_events_of_one_day_are_told_with_their_rules() -> None:
    found = told(date(2010, 2, 10))
    moved, balanced, waiting = (step(name, found) for name in ("Flat transfer", "Rebalancing", "Earnings payment"))
    assert (figure(moved, "moved"), moved.rules, moved.lines) == (500.0, ("DCA-1",), "3007-3023")
    assert (figure(balanced, "moved"), balanced.rules) == (pytest.approx(15_000.0), ("AR-1",))
    assert not waiting.happened
    assert waiting.note == "below the minimum: added to the next scheduled payment"
    assert figure(waiting, "postponed") == 50.0
    assert "scheduled; it does not count as a transfer" in text(found)


def test_a_payment_is_told_as_due_and_then_as_a_withdrawal() -> None:
    found = told(date(2010, 3, 10))
    due, taken = step("Earnings payment", found), step("Withdrawal", found)
    assert due.happened
    assert figure(due, "due") == figure(taken, "asked") > 500.0


def test_the_years_distribution_is_told_with_its_factor() -> None:
    assert figure(step("December value", told(date(2010, 12, 31))), "Account Value and benefits") > 90_000.0
    one = step("Distribution of year", told(date(2011, 1, 3)))
    assert figure(one, "factor") == 22.9
    assert figure(step("Distribution payment", told(date(2011, 6, 30))), "due") == pytest.approx(
        figure(one, "Required Minimum Distribution")
    )


def test_a_penalty_is_told_where_equal_payments_end_early() -> None:
    """The Owner is long past 59 1/2, but five years have not gone by (SEPP-1)."""
    one = step("Programme end", told(date(2010, 5, 3)))
    assert one.note.endswith("equal payments ended before 2015-03-15: the 10% penalty applies to all of them")
    again = step("Programme end", told(date(2010, 5, 4)))
    assert "806 NO_PROGRAMME (TXN-5)" in again.note


def test_a_programme_that_has_ended_schedules_nothing() -> None:
    assert [one for one in told(date(2010, 4, 15)).steps if one.title == "Flat payment"]
    assert not [one for one in told(date(2010, 5, 17)).steps if one.title == "Flat payment"]


def test_a_date_on_the_day_of_the_end_is_told_as_not_in_force() -> None:
    end = asked("PROGRAMME_END", date(2010, 2, 10))
    flat = programme("SYSTEMATIC_WITHDRAWAL", SIGNED, date(2010, 2, 10), amount=300.0)
    found = explain_contract(contract(), transactions(flat, end), PriceHistory(DAYS, prices(DAYS)), date(2010, 2, 10))
    one = step("Flat payment", found)
    assert (one.happened, one.note) == (False, "scheduled by a programme that is no longer in force: nothing happens")


def test_every_day_with_a_programme_is_told_as_the_law_does_it() -> None:
    """`explain_contract` raises where they differ."""
    for day in (date(2010, 4, 12), date(2010, 4, 15), date(2010, 5, 10), date(2010, 6, 30), date(2010, 7, 12)):
        assert told(day).steps


def test_a_scheduled_withdrawal_that_is_refused_reaches_the_quarantine() -> None:
    flat = transactions(programme("SYSTEMATIC_WITHDRAWAL", SIGNED, date(2010, 1, 11), amount=1_000.0), amount=3_000.0)
    found = run(flat, date(2010, 2, 26))
    (row,) = _refusals(flat, found).to_pylist()
    assert row["transaction_id"] == "P-1-1@2010-02-11"
    assert (row["reason"], row["rule"]) == ("TOO_LITTLE_LEFT", "WD-3")
    assert row["message"].startswith("P-1: amount is 1000.0; 1000.00 USD of Surrender Value must be left")
    assert _refusals(flat, found).schema.equals(SCHEMAS["quarantine"])
