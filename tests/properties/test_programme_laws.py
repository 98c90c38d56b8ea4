"""Laws of the programmes: nothing is made or lost, nothing below zero, and where a run is divided does not matter."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.programme_runs import (
    START,
    A,
    asked,
    moved,
    paid,
    programme,
    run,
    shares,
    state,
    transactions,
)
from tests.support.story import empty_journal, empty_layers
from valuation.account import Book
from valuation.clock import day_of
from valuation.contract import Life
from valuation.events import BALANCE_TRANSFER, EARNINGS_TRANSFER, FLAT_TRANSFER, REBALANCING, Events
from valuation.fixed_money import NO_FIXED_MONEY
from valuation.highest_daily_7 import NO_INCOME_DAY
from valuation.journal import Journal
from valuation.optional_death_benefits import NO_DEATH_BENEFIT_DAY
from valuation.programme_state import AVERAGING, INVOLVED, KEY, MARK, N_PROGRAMME, N_STATE, UNITS
from valuation.programmes import average, rebalance
from valuation.records import Facts, Records
from valuation.sessions import day_date, valuation_days
from valuation.terms import load_terms

LIMITS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SLOTS = 5
LAST = date(2011, 6, 30)
DAY = 14_700


def journal() -> Journal:
    """Buffers for five Sub-accounts."""
    small = empty_journal(200)
    return small._replace(marked_day=np.full(SLOTS, DAY), marked_price=np.ones(SLOTS))


def records(units: list[float], price: list[float]) -> Records:
    book = Book(np.array([*units, 0.0]), np.array([*price, 10.0]), np.zeros(SLOTS))
    state = np.zeros((N_PROGRAMME, N_STATE))
    return Records(
        book,
        empty_layers(2),
        journal(),
        np.zeros(7),
        np.zeros(15, np.int64),
        np.zeros((3, SLOTS), np.int64),
        state,
        NO_FIXED_MONEY,
    )


def facts() -> Facts:
    return Facts(
        load_terms(True),
        Life(DAY - 100, 0, 0, 0, 40_000, 0),
        day_of(DAY - 100, DAY - 1, DAY),
        NO_INCOME_DAY,
        NO_DEATH_BENEFIT_DAY,
    )


def event(kind: int, weights: list[float], amount: float = 0.0, left: int = 0) -> Events:
    whole = [np.array([value], np.int64) for value in (0, 0, left, 1)]
    table = np.array([[*(np.array(weights) / sum(weights)), 0.0]])
    return Events(np.array([kind]), np.array([amount]), *whole, table)


UNITS_HELD = st.lists(st.floats(0.0, 10_000.0), min_size=4, max_size=4)
PRICES = st.lists(st.floats(0.5, 500.0), min_size=4, max_size=4)
WEIGHTS = st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4)


@LIMITS
@given(UNITS_HELD, PRICES, WEIGHTS, st.integers(0, 15))
def test_rebalancing_keeps_the_value_and_reaches_the_percentages(
    units: list[float], price: list[float], weights: list[float], averaged: int
) -> None:
    held = records(units, price)
    held.programmes[AVERAGING, INVOLVED] = averaged
    worth = held.book.units * held.book.price
    rebalance(held, facts(), event(REBALANCING, weights), 0)
    after = held.book.units * held.book.price
    assert after.sum() == pytest.approx(worth.sum(), rel=1e-12)
    free = [s for s in range(4) if not averaged >> s & 1]
    kept = [s for s in range(4) if averaged >> s & 1]
    np.testing.assert_array_equal(after[kept], worth[kept])
    if free:
        wanted = np.array(weights)[free] / np.sum(np.array(weights)[free]) * worth[free].sum()
        np.testing.assert_allclose(after[free], wanted, atol=0.01)


@LIMITS
@given(
    UNITS_HELD,
    PRICES,
    WEIGHTS,
    st.sampled_from([FLAT_TRANSFER, EARNINGS_TRANSFER, BALANCE_TRANSFER]),
    st.integers(1, 100_000_000),
    st.integers(1, 24),
    st.floats(0.5, 2.0),
)
def test_averaging_moves_no_more_than_is_there_and_keeps_the_value(
    units: list[float], price: list[float], weights: list[float], kind: int, cents: int, left: int, rise: float
) -> None:
    held = records(units, price)
    held.programmes[AVERAGING, [KEY, MARK, UNITS]] = [1.0, price[0] / rise, units[0] * 1.1]
    worth = held.book.units * held.book.price
    average(held, facts(), event(kind, [0.0, *weights[1:]], cents / 100.0, left), 0)
    after = held.book.units * held.book.price
    assert after.sum() == pytest.approx(worth.sum(), rel=1e-12, abs=1e-9)
    assert (held.book.units >= 0.0).all()
    assert (after[1:] >= worth[1:] - 1e-9).all()
    out = worth[0] - after[0]
    if kind == FLAT_TRANSFER:
        assert out == pytest.approx(min(cents / 100.0, worth[0]), abs=0.0051)
    elif kind == EARNINGS_TRANSFER and rise <= 1.0:
        assert out == 0.0


amounts = st.integers(10_000, 900_000).map(lambda cents: cents / 100.0)
starts = st.dates(date(2010, 1, 5), date(2010, 6, 30))
frequencies = st.sampled_from(["MONTHLY", "QUARTERLY", "SEMI_ANNUAL", "ANNUAL"])


@st.composite
def programmes(draw: Any) -> list[Any]:
    """Programmes of every kind, some of which end."""
    found = []
    for kind in draw(st.lists(st.sampled_from(sorted(GIVEN)), min_size=1, max_size=4, unique=True)):
        on = draw(starts)
        first = on + timedelta(days=draw(st.integers(3, 60)))
        given = draw(GIVEN[kind])
        found.append(programme(kind, on, first, frequency=draw(frequencies), **given))
    if draw(st.booleans()):
        found.append(asked("PROGRAMME_END", draw(st.dates(date(2010, 7, 1), date(2011, 3, 1)))))
    return found


GIVEN = {
    "SYSTEMATIC_WITHDRAWAL": st.one_of(
        amounts.map(lambda a: {"amount": a, "basis": "net"}),
        st.just({"measure": "EARNINGS"}),
        st.just({"measure": "INCOME"}),
        amounts.map(lambda a: {"amount": a, "number_of_payments": 3}),
    ),
    "EQUAL_PAYMENTS": amounts.map(lambda a: {"amount": a}),
    "REQUIRED_DISTRIBUTIONS": amounts.map(lambda a: {"amount": a, "actuarial_value": 5_000.0}),
    "DOLLAR_COST_AVERAGING": st.sampled_from(
        [{"amount": 3_333.33}, {"measure": "EARNINGS"}, {"measure": "PRINCIPAL_AND_EARNINGS", "number_of_payments": 5}]
    ).map(lambda given: given | {"source_sub_account": A, "allocation": shares(B=0.3, C=0.7)}),
    "AUTOMATIC_REBALANCING": st.just({"allocation": shares(A=0.1, C=0.5, D=0.4)}),
}
MOVES = {
    date(2010, 3, 1): {"A": 1.07, "B": 0.96}, date(2010, 8, 2): {"A": 0.8, "C": 1.2}, date(2011, 1, 18): {"D": 1.3, "A": 1.1}
}  # fmt: skip
BENEFITS = st.sampled_from([None, "HD7"])


def same(one: Any, other: Any) -> bool:
    """Equal; numbers to their last bits."""
    if isinstance(one, float) and isinstance(other, float):
        return bool(one == pytest.approx(other, rel=1e-12, abs=1e-9))
    if isinstance(one, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return bool(one == other)


@FEW
@given(programmes(), st.dates(date(2010, 1, 5), date(2011, 6, 28)), BENEFITS)
def test_a_run_in_two_parts_is_the_run_in_one(requests: list[Any], cut: date, plan: str | None) -> None:
    whole_table = transactions(*requests, into=shares(A=0.5, B=0.3, D=0.2), plan=plan)
    cut = day_date(valuation_days(START, cut)[-1])
    whole = run(whole_table, LAST, MOVES)
    half = run(whole_table, cut, {day: move for day, move in MOVES.items() if day <= cut})
    rest = run(whole_table, LAST, MOVES, half.snapshot, cut)
    for one, other in zip(rest.snapshot.to_pylist(), whole.snapshot.to_pylist(), strict=True):
        assert all(same(one[name], other[name]) for name in one), "a scheduled date that is over may round a last bit"
    assert half.payments.to_pylist() + rest.payments.to_pylist() == whole.payments.to_pylist()
    assert half.missed.to_pylist() + rest.missed.to_pylist() == whole.missed.to_pylist()
    assert half.refusals.to_pylist() + rest.refusals.to_pylist() == whole.refusals.to_pylist()


@FEW
@given(programmes(), BENEFITS)
def test_every_change_of_the_account_value_is_in_the_ledger(requests: list[Any], plan: str | None) -> None:
    found = run(transactions(*requests, into=shares(A=0.5, B=0.3, D=0.2), plan=plan), LAST, MOVES)
    row = state(found)
    assert sum(found.ledger["amount"].to_pylist()) == pytest.approx(row["account_value"], abs=1e-6)
    for kind in ("DOLLAR_COST_AVERAGING", "AUTOMATIC_REBALANCING"):
        by_day: dict[date, float] = {}
        for day, _, amount in moved(found, kind):
            by_day[day] = by_day.get(day, 0.0) + amount
        assert all(abs(rest) < 1e-4 for rest in by_day.values())
    assert all(held["units"] >= 0.0 for held in row["units"])
    assert all(amount > 0.0 for _, amount in paid(found))


@FEW
@given(st.integers(10_000, 30_000_000), frequencies)
def test_distributions_pay_the_years_amount_and_no_more(cents: int, frequency: str) -> None:
    """In the year of the instruction as given, in the next by the table, as far as its dates go."""
    required = programme(
        "REQUIRED_DISTRIBUTIONS", date(2010, 1, 5), date(2010, 1, 29), amount=min(cents, 9_000_000) / 100.0,
        frequency=frequency,
    )  # fmt: skip
    found = run(transactions(required), LAST)
    of_year = sum(amount for day, amount in paid(found) if day.year == 2010)
    assert of_year == pytest.approx(min(cents, 9_000_000) / 100.0, abs=0.005)
    later = sum(amount for day, amount in paid(found) if day.year == 2011)
    assert later <= state(found)["required_minimum_distribution"] + 0.005
    assert found.refusals.num_rows == 0
