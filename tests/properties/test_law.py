"""Identities of the law over random histories of prices and transactions, through whole days."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.story import N_SLOT, WEIGHTS, Event, Past, Story, number, pay, withdraw, without_charges
from valuation import highest_daily_7 as hd7
from valuation.contract import (
    ACTIVE,
    ADDED,
    BENEFIT_FEES,
    CHARGED,
    GUARANTEED_PAID,
    OTHER_FEES,
    PAID,
    RECEIVED,
)
from valuation.events import AN_ENTITY, FATAL_ILLNESS, NO_CHOICE, SAME_TAXPAYER, SUCCESSION
from valuation.highest_daily_7 import Income
from valuation.journal import mark
from valuation.terms import Terms, load_terms

ISSUE = "2008-07-01"
LIMITS = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
GUARANTEES = ("periodic", "protected", "annual", "basis", "enhanced", "principal")
OUTFLOWS = (
    "WITHDRAWAL",
    "RMD_WITHDRAWAL",
    "INCOME",
    "BENEFIT_TERMINATION",
    "SURRENDER",
    "DEATH",
    "ANNUITIZATION",
    "MEDICAL_SURRENDER",
)
ENDINGS = (
    Event("SURRENDER"),
    Event("DEATH"),
    Event("ANNUITIZATION"),
    Event("FREE_LOOK"),
    Event("MEDICAL_SURRENDER", choice=FATAL_ILLNESS),
)

Row = tuple[int, tuple[float, ...], tuple[Event, ...]]


def amounts(low: float, high: float) -> st.SearchStrategy[float]:
    """Whole cents."""
    return st.integers(round(100 * low), round(100 * high)).map(lambda cents: cents / 100.0)


def transactions() -> st.SearchStrategy[Event]:
    """One request of any kind that does not end the contract."""
    slot = st.integers(0, N_SLOT - 1)
    return st.one_of(
        amounts(50.0, 30_000.0).map(pay),
        st.builds(withdraw, amounts(50.0, 15_000.0), st.booleans()),
        st.floats(0.1, 1.0).map(lambda share: Event("INCOME", share)),
        amounts(500.0, 9_000.0).map(lambda a: Event("RMD_NOTICE", a)),
        amounts(50.0, 9_000.0).map(lambda a: Event("RMD_WITHDRAWAL", a)),
        st.builds(lambda a, s, t: Event("TRANSFER", a, source=s, target=t), amounts(10.0, 20_000.0), slot, slot),
        st.builds(lambda w: Event("ALLOCATION", weights=(w, 1.0 - w, 0.0)), st.floats(0.0, 1.0)),
        st.builds(lambda plan: Event("ELECTION", choice=plan), st.integers(0, 1)),
        st.just(Event("BENEFIT_TERMINATION")),
        st.builds(
            lambda kind, ground, birth: Event(kind, choice=ground, date=birth),
            st.sampled_from(["OWNER_CHANGE", "ANNUITANT_CHANGE"]),
            st.integers(NO_CHOICE, SUCCESSION),
            st.sampled_from([number("1934-03-05"), number("1947-06-30"), number("1970-02-01"), AN_ENTITY]),
        ).filter(lambda one: one.kind == "OWNER_CHANGE" or one.date != AN_ENTITY),
        amounts(50.0, 30_000.0).map(lambda a: Event("MEDICAL_SURRENDER", a, FATAL_ILLNESS, date=number(ISSUE))),
    )


def rows(events: st.SearchStrategy[Event], most: int = 25) -> st.SearchStrategy[list[Row]]:
    """Days apart, price ratios and events."""
    ratio = st.floats(0.75, 1.35)
    day = st.tuples(st.integers(1, 130), st.tuples(ratio, ratio, st.floats(0.97, 1.04)), st.lists(events, max_size=3))
    return st.lists(day.map(lambda r: (r[0], r[1], tuple(r[2]))), min_size=1, max_size=most)


STARTS = st.fixed_dictionaries(
    {
        "plan": st.sampled_from([None, "HD7", "SHD7"]),
        "series": st.sampled_from("BLX"),
        "payment": amounts(10_000.0, 250_000.0),
        "birth": st.sampled_from(["1934-03-05", "1940-01-15", "1948-12-31"]),
        "spouse_birth": st.sampled_from(["1932-09-09", "1947-06-30"]),
    }
)


def told(start: dict[str, Any], history: list[Row], terms: Terms) -> Story:
    """The story of a contract through a history."""
    story = Story(ISSUE, terms=terms, **start)
    days = np.cumsum([row[0] for row in history]) + number(ISSUE)
    ratios = np.array([row[1] for row in history])
    return story.days([(int(d), None, row[2]) for d, row in zip(days, history, strict=True)], ratios)


def cash_flow(past: Past) -> float:
    """What the day's cash says of the Account Value, USD."""
    cash = past.cash
    return float(cash[RECEIVED] + cash[ADDED] - cash[PAID] - cash[CHARGED] - cash[BENEFIT_FEES] - cash[OTHER_FEES])


@LIMITS
@given(STARTS, rows(transactions()), st.booleans())
def test_the_account_value_changes_by_the_days_cash(start: dict[str, Any], history: list[Row], cents: bool) -> None:
    for past in told(start, history, load_terms(cents)).past:
        assert sum(past.account) == pytest.approx(past.opening + cash_flow(past), abs=1e-6)


@LIMITS
@given(STARTS, rows(transactions()), st.sampled_from(ENDINGS))
def test_the_end_pays_out_the_account_value(start: dict[str, Any], history: list[Row], last: Event) -> None:
    day = sum(row[0] for row in history) + number(ISSUE) + 40
    story = told(start, history, load_terms(True))
    before = story.core.status
    story.days([(day, None, (last._replace(date=0 if last.kind == "ANNUITIZATION" else day - 10),))])
    assert story.past[-1].opening + cash_flow(story.past[-1]) == pytest.approx(story.account_value, abs=1e-6)
    if before == ACTIVE and story.core.status > ACTIVE:
        assert story.account_value == 0.0
        assert (story.book.units == 0.0).all()


@LIMITS
@given(STARTS, rows(transactions()), st.booleans())
def test_opening_and_ledger_give_closing_in_every_sub_account(
    start: dict[str, Any], history: list[Row], cents: bool
) -> None:
    story = told(start, history, load_terms(cents))
    for slot in range(N_SLOT):
        mark(story.journal, slot, story.book.units[slot], story.book.price[slot])
    used = story.journal.used[0]
    keys, values = story.journal.ledger_keys[:used], story.journal.ledger_values[:used]
    for slot in range(N_SLOT):
        mine = keys[:, 4] == slot
        held = story.book.units[slot]
        assert values[mine, 0].sum() == pytest.approx(held * story.book.price[slot], abs=1e-6)
        assert values[mine, 1].sum() == pytest.approx(held, abs=1e-7)


@LIMITS
@given(STARTS, rows(transactions()), st.booleans())
def test_everything_stays_a_number_and_no_units_are_negative(
    start: dict[str, Any], history: list[Row], cents: bool
) -> None:
    story = told(start, history, load_terms(cents))
    assert (story.book.units >= 0.0).all()
    for past in story.past:
        assert np.isfinite([*past.core, *past.income, *past.account, *past.cash]).all()
        assert min(past.account) >= 0.0
        assert (past.cash >= 0.0).all()
        assert min(past.income.remaining, past.income.annual, past.income.protected, past.core.basic) >= 0.0
        assert past.income.remaining <= past.income.annual + 1e-6


@LIMITS
@given(STARTS, rows(transactions()))
def test_guarantees_fall_only_by_withdrawals_and_the_end(start: dict[str, Any], history: list[Row]) -> None:
    story = told(start, history, load_terms(True))
    requests: list[tuple[Event, ...]] = [(), *(row[2] for row in history)]
    for before, after, events in zip(story.past, story.past[1:], requests[1:], strict=False):
        out = any(event.kind in OUTFLOWS for event in events)
        if out or after.core.status != ACTIVE or before.income.stage != after.income.stage:
            continue
        assert after.core.basic >= before.core.basic
        for name in GUARANTEES:
            assert getattr(after.income, name) >= getattr(before.income, name), name


def without_transfers(terms: Terms) -> Terms:
    """Thresholds that are never met."""
    return terms._replace(transfer=terms.transfer._replace(upper=1e9, lower=-1e9))


@LIMITS
@given(STARTS, rows(transactions()))
def test_the_formula_moves_money_and_changes_nothing_else(start: dict[str, Any], history: list[Row]) -> None:
    """With one price ratio for all Sub-accounts, a contract with the formula equals the same contract without it."""
    start = {**start, "plan": start["plan"] or "HD7"}
    even = [
        (gap, (ratio[0],) * N_SLOT, tuple(e for e in events if e.kind != "TRANSFER")) for gap, ratio, events in history
    ]
    terms = load_terms(False)
    moved, still = told(start, even, terms), told(start, even, without_transfers(terms))
    assert still.journal.used[3] == 0
    assert moved.account_value == pytest.approx(still.account_value, rel=1e-9, abs=1e-6)
    np.testing.assert_allclose(moved.income, still.income, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(moved.core, still.core, rtol=1e-9, atol=1e-6)
    used = moved.journal.used[0]
    formula = moved.journal.ledger_keys[:used, 3] == 9
    days = moved.journal.ledger_keys[:used, 2]
    for day in np.unique(days[formula]):
        assert moved.journal.ledger_values[:used, 0][formula & (days == day)].sum() == pytest.approx(0.0, abs=1e-6)


@LIMITS
@given(STARTS, rows(amounts(100.0, 20_000.0).map(pay), 12), st.floats(0.0, 1.0))
@example({"plan": "HD7", "series": "B", "payment": 100_000.0, "birth": "1940-01-15", "spouse_birth": None}, [], 1.0)
def test_income_within_the_annual_amount_never_lowers_the_next(
    start: dict[str, Any], history: list[Row], share: float
) -> None:
    """Whatever is taken within the year's income, the Annual Income Amount of the next year is no lower."""
    start = {**start, "plan": start["plan"] or "HD7"}
    story = Story(ISSUE, terms=load_terms(True), **start)
    story.days([(number(ISSUE) + 30, None, (withdraw(100.0),))])
    prior, annual = story.prior, story.income.annual
    for gap, ratio, events in history:
        prior += gap
        story.days([(prior, None, (*events, Event("INCOME", share)))], [ratio])
        if story.core.status != ACTIVE:
            assert story.income.annual >= annual - 1e-9
            return
        assert story.income.annual >= annual - 1e-9
        annual = story.income.annual


@LIMITS
@given(STARTS, rows(transactions(), 10), amounts(100.0, 4_000.0), amounts(100.0, 4_000.0))
def test_two_withdrawals_on_a_day_are_one(
    start: dict[str, Any], history: list[Row], first: float, second: float
) -> None:
    """Exactly, where half a cent of excess counts and no Required Minimum Distribution raises the year's amount."""
    terms = load_terms(False)
    terms = terms._replace(withdrawals=terms.withdrawals._replace(half_cent=0.0))
    history = [(gap, ratio, tuple(e for e in events if e.kind != "RMD_NOTICE")) for gap, ratio, events in history]
    day = sum(row[0] for row in history) + number(ISSUE) + 1
    two, one = told(start, history, terms), told(start, history, terms)
    two.days([(day, 50_000.0, (withdraw(first), withdraw(second)))] if two.core.status == ACTIVE else [(day, None, ())])
    one.days([(day, 50_000.0, (withdraw(first + second),))] if one.core.status == ACTIVE else [(day, None, ())])
    if two.refusals != one.refusals:
        return
    np.testing.assert_allclose(two.core, one.core, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(two.income, one.income, rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(two.account, one.account, rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(two.cash, one.cash, rtol=1e-9, atol=1e-7)


REFUSED = (
    withdraw(99.99),
    withdraw(1e9),
    pay(99.0),
    pay(1e6),
    Event("OWNER_CHANGE", choice=SUCCESSION, date=number("1970-02-01")),
    Event("ANNUITANT_CHANGE", choice=SAME_TAXPAYER, date=number("1970-02-01")),
    Event("MEDICAL_SURRENDER", 500.0),
    Event("TRANSFER", 100.0, source=0, target=0),
    Event("TRANSFER", 100.0, source=0, target=N_SLOT - 1),
    Event("TRANSFER", 100.0, source=N_SLOT - 1, target=1),
    Event("TRANSFER", 1e9, source=0, target=1),
)


@LIMITS
@given(STARTS, rows(transactions(), 10), st.lists(st.sampled_from(REFUSED), min_size=1, max_size=4))
def test_a_refused_request_changes_nothing(start: dict[str, Any], history: list[Row], requests: list[Event]) -> None:
    day = sum(row[0] for row in history) + number(ISSUE) + 1
    asked, quiet = told(start, history, load_terms(True)), told(start, history, load_terms(True))
    before = len(asked.refusals)
    asked.days([(day, None, tuple(requests))])
    quiet.days([(day, None, ())])
    assert len(asked.refusals) == before + len(requests)
    assert asked.contract == quiet.contract
    assert asked.life == quiet.life
    assert asked.book.units.tolist() == quiet.book.units.tolist()
    assert asked.cash.tolist() == quiet.cash.tolist()
    assert asked.journal.used[0] == quiet.journal.used[0]
    assert asked.layers.used[0] == quiet.layers.used[0]


@pytest.mark.parametrize("plan", ["HD7", "SHD7"])
def test_days_without_events_may_be_taken_one_by_one_or_not_at_all(plan: str) -> None:
    """Closed days only add to the growth: the Periodic Value does not depend on how often it is looked at."""
    start = {"plan": plan, "birth": "1940-01-15", "spouse_birth": "1941-01-15", "terms": without_charges()}
    daily, jump = Story(ISSUE, **start), Story(ISSUE, **start)  # type: ignore[arg-type]
    assert daily.on("2009-03-02", 90_000.0).income.periodic == pytest.approx(
        jump.leap("2009-03-02", 90_000.0).income.periodic, rel=1e-12
    )
    assert WEIGHTS[-1] == 0.0
    assert isinstance(daily.income, Income)
    assert daily.income.stage == hd7.PRE
    assert daily.cash[GUARANTEED_PAID] == 0.0
