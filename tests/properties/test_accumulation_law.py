"""Laws of "TrueAccumulation - Highest Daily" over histories made up by hypothesis."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ladder import Act, Ladder, Past, flat, formula_off, pay, withdraw
from tests.support.story import number
from valuation import accumulation_transfer as atf
from valuation import true_accumulation as tahd
from valuation.accumulation_transfer import Liability
from valuation.clock import completed_years
from valuation.terms.benefits import load_accumulation_terms

TERMS = load_accumulation_terms()
LIMITS = settings(max_examples=60, deadline=None)
ISSUE = "2008-02-29"
Row = tuple[int, float, tuple[Act, ...]]

ACTS = st.one_of(
    st.just(()),
    st.just(()),
    st.floats(100.0, 50_000.0).map(lambda amount: (pay(round(amount, 2)),)),
    st.floats(0.001, 0.4).map(lambda share: (Act("share", share),)),
)
ROWS = st.lists(st.tuples(st.integers(1, 360), st.floats(0.7, 1.3), ACTS), min_size=5, max_size=40)
RATES = st.tuples(st.floats(-0.01, 0.08), st.floats(0.0, 0.01))


def told(history: list[Row], rates: tuple[float, float], cents: float, **more: Any) -> Ladder:
    """The history in steps of less than a year; a share of the Account Value is withdrawn in cents."""
    story = Ladder(ISSUE, terms=more.pop("terms", TERMS), discounting=flat(*rates), cents=cents, **more)
    day = number(ISSUE)
    for gap, ratio, acts in history:
        day += gap
        opening = story.total * ratio
        amounts = [withdraw(round(a.amount * opening, 2)) if a.kind == "share" else a for a in acts]
        story.step(day, opening, tuple(amounts))
    return story


def years(past: Past) -> int:
    """Completed benefit years."""
    return completed_years(number(ISSUE), past.day)


def ordered(past: Past) -> list[float]:
    """Outstanding amounts, the earliest first, then H."""
    amounts = tahd.guarantees(past.state)
    return [amounts[k % 10] for k in range(max(0, years(past) - 9), years(past) + 1)] + [past.state.highest]


@LIMITS
@given(ROWS, RATES, st.sampled_from([0.0, 1.0]))
def test_the_highest_value_is_no_lower_than_any_guarantee_and_a_later_one_than_an_earlier(
    history: list[Row], rates: tuple[float, float], cents: float
) -> None:
    """TAHD-8."""
    for past in told(history, rates, cents).past:
        amounts = ordered(past)
        assert all(late >= early * (1.0 - 1e-12) for early, late in pairwise(amounts))


@LIMITS
@given(ROWS, RATES, st.sampled_from([0.0, 1.0]))
def test_everything_stays_a_number_and_nothing_is_negative(
    history: list[Row], rates: tuple[float, float], cents: float
) -> None:
    for past in told(history, rates, cents).past:
        assert np.isfinite([*past.state, past.permitted, past.bond, past.added, *past.moved]).all()
        assert min(*past.state, past.permitted, past.bond, past.added, past.released) >= 0.0
        assert past.state.remaining <= past.state.corridor * (1.0 + 1e-12)


@LIMITS
@given(ROWS, RATES)
def test_only_one_bond_sub_account_and_of_a_year_that_is_outstanding(
    history: list[Row], rates: tuple[float, float]
) -> None:
    """TAHD-10: value in bonds has a year, and no year without value."""
    story = told(history, rates, 1.0)
    for past in story.past:
        assert (past.bond > 0.0) == (past.state.bond_year > 0.0)
    if story.bond > 0.0:
        assert int(story.state.bond_year) in story.outstanding()


@LIMITS
@given(ROWS, RATES)
def test_the_formula_moves_money_and_changes_no_guarantee(history: list[Row], rates: tuple[float, float]) -> None:
    moved, still = told(history, rates, 0.0), told(history, rates, 0.0, terms=formula_off())
    assert still.bond == 0.0
    assert moved.total == pytest.approx(still.total, rel=1e-9)
    without_bonds = moved.state._replace(bond_year=0.0)
    np.testing.assert_allclose(without_bonds, still.state, rtol=1e-9, atol=1e-6)


@LIMITS
@given(st.floats(1.0, 1e6), st.floats(0.0, 1e6), st.floats(0.0, 1e6), st.sampled_from([0.0, 2019.0, 2020.0]))
def test_the_formula_leaves_the_ratio_at_its_target_or_one_side_empty(
    permitted: float, bond: float, amount: float, year: float
) -> None:
    """ATF-8."""
    bond = bond if year else 0.0
    state = tahd.NEW_ACCUMULATION._replace(stage=1.0, bond_year=year)
    moved = atf.transfer(state, TERMS, Liability(amount, 2020.0), permitted, bond, 0.0)
    ratio, left, held = (amount - bond) / permitted, permitted - moved.amount, bond + moved.amount
    assert min(left, held) >= 0.0
    if moved.amount == 0.0:
        assert ratio <= 0.85 + 1e-9
        assert ratio >= 0.79 - 1e-9 or bond == 0.0
    elif left > 1e-9 * permitted and held > 0.0:
        assert (amount - held) / left == pytest.approx(0.82, rel=1e-6, abs=1e-6)
    assert 0.0 <= moved.across <= bond
    assert moved.year in (0.0, year, 2020.0)


@LIMITS
@given(ROWS, RATES, st.floats(100.0, 4_000.0), st.floats(100.0, 4_000.0))
def test_two_withdrawals_on_a_day_are_one(
    history: list[Row], rates: tuple[float, float], first: float, second: float
) -> None:
    """C-13: the factors telescope."""
    state = told(history, rates, 1.0).state
    two = tahd.withdraw(state, state.remaining, first, 50_000.0, 0.0)
    two = tahd.withdraw(two, two.remaining, second, 50_000.0 - first, 0.0)
    one = tahd.withdraw(state, state.remaining, first + second, 50_000.0, 0.0)
    np.testing.assert_allclose(two, one, rtol=1e-9, atol=1e-7)


@LIMITS
@given(ROWS, RATES)
def test_on_a_maturity_date_the_account_value_is_the_guaranteed_amount_at_least(
    history: list[Row], rates: tuple[float, float]
) -> None:
    """TAHD-9: after what we add, and no more is added than is owed."""
    for before, past in pairwise(told(history, rates, 1.0).past):
        matures = years(past) >= 10 and years(past) > years(before)
        owed = tahd.guarantees(before.state)[years(past) % 10] if matures else 0.0
        assert past.added == pytest.approx(max(0.0, owed - past.opening), abs=0.005 + 1e-6)


@LIMITS
@given(ROWS, RATES)
def test_the_short_test_says_when_something_moves(history: list[Row], rates: tuple[float, float]) -> None:
    story = told(history, rates, 0.0, terms=formula_off())
    if story.state.stage != tahd.IN_FORCE:
        return
    facts = story.facts(story.prior)
    factors = atf.discount_factors(facts, story.discounting)
    whole = story.total
    for share in (0.0, 0.2, 0.6, 1.0):
        permitted, bond = whole * (1.0 - share), whole * share
        full = atf.associated(story.state, facts, factors, bond, 0.0)
        assert full.amount == atf.current_liability(story.state, factors, 0.0)
        assert full.amount == max(a * f for a, f in zip(tahd.guarantees(story.state), factors, strict=True))
        moved = atf.transfer(story.state._replace(bond_year=full.year), TERMS, full, permitted, bond, 0.0)
        assert bool(atf.is_due(TERMS, full.amount, permitted, bond)) == (moved.amount != 0.0)
