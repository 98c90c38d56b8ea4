"""Laws of the optional Death Benefits over random histories of Account Values, payments and withdrawals."""

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.death_story import HALF_CENT, DeathStory
from tests.support.story import number
from valuation.clock import anniversary_clock
from valuation.optional_death_benefits import COMBINATION, HIGHEST_DAILY

ISSUE = "2008-02-29"
LIMITS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
BIRTHS = st.sampled_from(["1931-04-01", "1936-02-28", "1940-12-31", "1955-06-15"])
SERIES = st.sampled_from("BLX")


class Move(NamedTuple):
    """A day: calendar days since the last one, ratio of the Account Value, payment, share withdrawn."""

    gap: int
    ratio: float
    payment: float
    share: float


def moves(most: int = 30, withdrawals: bool = True) -> st.SearchStrategy[list[Move]]:
    share = st.one_of(st.just(0.0), st.floats(0.0005, 0.6)) if withdrawals else st.just(0.0)
    payment = st.one_of(st.just(0.0), st.integers(100, 40_000).map(float))
    return st.lists(st.builds(Move, st.integers(1, 400), st.floats(0.6, 1.6), payment, share), max_size=most)


def told(history: list[Move], plan: int, birth: str, series: str = "B") -> DeathStory:
    credit = 3_000.0 if series == "X" else 0.0
    story = DeathStory(ISSUE, 50_000.0, plan, credit=credit, birth=birth, series=series)
    for move in history:
        step(story, move, 0.06 if series == "X" else 0.0)
    return story


def step(story: DeathStory, move: Move, credit_rate: float = 0.0) -> None:
    pay = [(move.payment, credit_rate * move.payment)] if move.payment else []
    story.on(story.today + move.gap, story.account * move.ratio, pay=pay)
    if move.share:
        gross = move.share * story.account
        story.take(gross)


@LIMITS
@given(moves(), st.sampled_from([COMBINATION, HIGHEST_DAILY]), BIRTHS, SERIES)
def test_nothing_is_negative_and_the_benefit_is_at_least_the_basic_one(
    history: list[Move], plan: int, birth: str, series: str
) -> None:
    story = told(history, plan, birth, series)
    assert all(math.isfinite(value) and value >= 0.0 for value in story.benefit)
    for death in (story.today - 100, story.today):
        paid = story.claim(death)
        assert all(math.isfinite(value) and value >= 0.0 for value in paid)
        assert paid.payable == max(paid.basic, paid.roll_up, paid.highest)


@LIMITS
@given(moves(), BIRTHS)
def test_the_running_highest_value_is_the_highest_of_all_anniversary_values(history: list[Move], birth: str) -> None:
    """Lemma of DB-12: every Anniversary Value carried through the later payments and withdrawals, then the highest."""
    story = DeathStory(ISSUE, 50_000.0, birth=birth)
    candidates = [50_000.0]
    for move in history:
        until = story.today + move.gap
        opening = story.account
        while (date := story.next_anniversary()) < until:
            story.on(date)
            if date <= story.benefit.target:
                candidates.append(opening)
        value = opening * move.ratio
        if date == until and date <= story.benefit.target:
            candidates.append(value)
        candidates = [(c + move.payment) * (1.0 - move.share) for c in candidates]
        step(story, Move(until - story.today, move.ratio, move.payment, move.share))
    assert story.benefit.highest == pytest.approx(max(candidates), rel=1e-9)


@LIMITS
@given(moves(), BIRTHS)
def test_the_highest_daily_value_is_at_least_the_highest_anniversary_value(history: list[Move], birth: str) -> None:
    daily, yearly = told(history, HIGHEST_DAILY, birth), told(history, COMBINATION, birth)
    assert daily.benefit.highest >= yearly.benefit.highest * (1.0 - 1e-12)


@LIMITS
@given(moves(withdrawals=False), BIRTHS)
def test_without_withdrawals_the_roll_up_is_each_payment_with_its_growth(history: list[Move], birth: str) -> None:
    story = told(history, COMBINATION, birth)
    issue, stop = number(ISSUE), int(story.benefit.target)
    at = [anniversary_clock(issue, min(int(day), stop)) for day in story.layers.day]
    now = anniversary_clock(issue, min(story.today, stop))
    expected = sum(a * 1.05 ** (now - t) for a, t in zip(story.layers.amount, at, strict=True))
    assert story.benefit.roll_up == pytest.approx(expected, rel=1e-10)


@LIMITS
@given(moves(12), BIRTHS, st.integers(1, 60), st.integers(1, 60), st.floats(0.0, 0.5))
def test_a_late_credit_is_left_out_as_if_never_applied(
    history: list[Move], birth: str, wait: int, rest: int, share: float
) -> None:
    """The limit of the year stays, so that the credit changes nothing but itself."""
    with_credit, without = told(history, COMBINATION, birth), told(history, COMBINATION, birth)
    applied = with_credit.today + wait
    for story, credit in ((with_credit, 600.0), (without, 0.0)):
        story.on(applied, 60_000.0, pay=[(10_000.0, credit)])
        story.account = 71_000.0
        if share:
            story.take(share * story.account)
        if story.next_anniversary() <= applied + rest:
            return
        story.on(applied + rest, 40_000.0)
    assert with_credit.claim(applied + rest).roll_up == pytest.approx(without.benefit.roll_up, rel=1e-9, abs=1e-6)
    assert with_credit.claim(applied + rest).highest == pytest.approx(without.benefit.highest, rel=1e-9, abs=1e-6)


@LIMITS
@given(st.integers(1, 2_500), BIRTHS)
def test_daily_steps_and_one_leap_grow_alike(days: int, birth: str) -> None:
    leap = DeathStory(ISSUE, 50_000.0, birth=birth).on(number(ISSUE) + days)
    daily = DeathStory(ISSUE, 50_000.0, birth=birth)
    for day in range(1, days + 1, 7):
        daily.on(number(ISSUE) + day)
    daily.on(number(ISSUE) + days)
    assert daily.benefit.roll_up == pytest.approx(leap.benefit.roll_up, rel=1e-11)
    assert daily.benefit.limit == pytest.approx(leap.benefit.limit, rel=1e-11)


@LIMITS
@given(moves(), BIRTHS, st.integers(0, 500), moves(8))
def test_after_a_stop_both_values_keep_their_proportion(
    history: list[Move], birth: str, later: int, more: list[Move]
) -> None:
    """Death or Target Date: payments add to both, withdrawals take the same share of both."""
    story = told(history, COMBINATION, birth)
    story.die(story.today).on(story.today + 1 + later)
    gap = story.benefit.roll_up - story.benefit.highest
    kept = 1.0
    for move in more:
        step(story, move)
        kept *= 1.0 - move.share
    assert story.benefit.roll_up - story.benefit.highest == pytest.approx(kept * gap, rel=1e-7, abs=1e-5)


@LIMITS
@given(st.floats(0.0, 1.0), st.floats(100.0, 90_000.0), st.floats(0.0, 4_999.0))
def test_a_withdrawal_within_the_limit_never_costs_more_than_itself(share: float, account: float, most: float) -> None:
    story = DeathStory("2008-05-01", 100_000.0).on("2008-05-02", account)
    before = story.benefit.roll_up
    gross = min(share * most, 0.99 * account)
    story.take(gross)
    assert before - story.benefit.roll_up == pytest.approx(gross, abs=1e-6)
    assert story.benefit.limit == pytest.approx(5_000.0 - gross, abs=1e-6)


@LIMITS
@given(st.floats(0.0, 1.0), st.floats(1_000.0, 200_000.0))
def test_dividing_a_withdrawal_does_not_change_the_values(first: float, account: float) -> None:
    whole, parts = (DeathStory("2008-05-01", 100_000.0).on("2008-05-02", account) for _ in range(2))
    gross = 0.3 * account
    whole.take(gross)
    for part in (first * gross, gross - first * gross):
        if part > 2.0 * HALF_CENT:
            parts.take(part)
    assert np.array(parts.benefit) == pytest.approx(np.array(whole.benefit), rel=1e-6, abs=0.05)
