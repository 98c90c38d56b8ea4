"""Identities of TrueIncome - Highest Daily over random histories of values, payments and withdrawals."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.highest_daily_story import HighestDailyStory, Past
from tests.support.story import number
from valuation import highest_daily as hd
from valuation.benefit_fixed_rate_account import credit_interest, fixed_value, no_layers, put, take
from valuation.highest_daily_7 import POST, PRE
from valuation.terms.benefits import load_highest_daily_terms

ISSUE = "2008-07-01"
TERMS = load_highest_daily_terms()
LIMITS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
INCOMES = ("total_annual", "highest_daily", "remaining", "quarter_high", "protected", "enhanced", "principal")

Request = tuple[str, float]
Row = tuple[int, float, float, tuple[Request, ...]]


def amounts(low: float, high: float) -> st.SearchStrategy[float]:
    """Whole cents."""
    return st.integers(round(100 * low), round(100 * high)).map(lambda cents: cents / 100.0)


REQUESTS = st.one_of(
    st.tuples(st.just("PAY"), amounts(50.0, 30_000.0)),
    st.tuples(st.just("TAKE"), amounts(50.0, 15_000.0)),
    st.tuples(st.just("RMD"), amounts(50.0, 9_000.0)),
    st.tuples(st.just("NOTICE"), amounts(500.0, 9_000.0)),
    st.tuples(st.just("END"), st.just(0.0)),
)
ROWS = st.lists(
    st.tuples(
        st.integers(1, 300), st.floats(0.7, 1.4), st.floats(0.0, 0.08), st.lists(REQUESTS, max_size=3).map(tuple)
    ),
    min_size=1,
    max_size=25,
)


def told(history: list[Row], cents: float) -> list[tuple[HighestDailyStory, Past, Past, Row]]:
    """The rows of a history, each with the day before it; days between are closed."""
    story = HighestDailyStory(ISSUE, cents=cents)
    rows = []
    for row in history:
        days, ratio, rate, requests = row
        before, story.rate = story.past[-1], rate
        story.permitted *= ratio
        story.leap(story.day + days, None, *requests)
        rows.append((story, before, story.past[-1], row))
    return rows


@LIMITS
@given(ROWS, st.sampled_from([0.0, 1.0]))
def test_nothing_is_negative_or_no_number(history: list[Row], cents: float) -> None:
    for _, _, past, _ in told(history, cents):
        figures = [getattr(past.income, name) for name in INCOMES] + [past.fixed, past.added, past.paid, past.target]
        assert all(math.isfinite(figure) and figure >= 0.0 for figure in figures)
        assert math.isfinite(past.moved)
        assert past.permitted >= -1e-6


@LIMITS
@given(ROWS, st.sampled_from([0.0, 1.0]))
def test_the_account_value_changes_by_payments_withdrawals_and_additions_only(history: list[Row], cents: float) -> None:
    for _, _, past, (_, _, _, requests) in told(history, cents):
        value = past.opening + past.added
        for kind, amount in requests:
            if kind == "PAY":
                value += amount
            elif kind in ("TAKE", "RMD"):
                value -= min(amount, value)
                value = value if value >= 0.005 else 0.0
        assert past.permitted + past.fixed == pytest.approx(value, abs=0.02)


@LIMITS
@given(ROWS, st.sampled_from([0.0, 1.0]))
def test_the_total_income_is_never_below_the_highest_daily_one_where_they_step_up_together(
    history: list[Row], cents: float
) -> None:
    """With the recommended comparison apart, too: what lifts the one alone stays below the other."""
    for _, _, past, _ in told(history, cents):
        assert past.income.total_annual >= past.income.highest_daily - 1e-9


@LIMITS
@given(ROWS)
def test_a_transfer_leaves_the_target_ratio_or_an_empty_side(history: list[Row]) -> None:
    """ATF-5 to ATF-8."""
    for _, _, past, _ in told(history, 0.0):
        if past.moved and past.permitted > 1e-6 and past.fixed > 1e-6:
            assert (past.target - past.fixed) / past.permitted == pytest.approx(TERMS.target, abs=1e-6)
        if not past.moved and past.income.stage in (PRE, POST) and past.permitted > 0.0:
            assert past.ratio <= TERMS.upper + 1e-9
            assert past.ratio >= TERMS.lower - 1e-9 or past.fixed == 0.0


@LIMITS
@given(ROWS)
def test_the_guarantee_before_the_first_withdrawal_never_falls_up_to_the_tenth_anniversary(history: list[Row]) -> None:
    for _, before, past, (days, _, _, _) in told(history, 0.0):
        if past.income.stage == PRE and not past.facts.tenth_passed:
            grown = before.income.protected * 1.05 ** (days / 365.0)
            assert past.income.protected >= max(grown, past.opening) * (1.0 - 1e-12)


@LIMITS
@given(
    amounts(10_000.0, 300_000.0),
    amounts(1_000.0, 300_000.0),
    st.lists(amounts(1.0, 4_000.0), min_size=1, max_size=8),
    st.floats(0.5, 1.2),
)
def test_two_withdrawals_of_a_day_are_one(value: float, account: float, parts: list[float], share: float) -> None:
    """A-9: the factors telescope."""
    facts = hd.NO_HIGHEST_DAILY_DAY._replace(percentage=0.05, tenth_passed=True)
    income = hd.begin(hd.elect(TERMS, value, number(ISSUE)), facts, value * share, number("2018-07-02"))
    income = income._replace(quarter_high=value * share)
    whole = min(sum(parts), account)
    once = hd.withdraw(income, income.remaining, whole, account, 0.0)
    left = account
    for part in parts:
        income = hd.withdraw(income, income.remaining, min(part, left), left, 0.0)
        left -= min(part, left)
    for name in ("total_annual", "highest_daily", "remaining", "quarter_high"):
        assert getattr(income, name) == pytest.approx(getattr(once, name), abs=1e-6), name


@LIMITS
@given(amounts(1_000.0, 100_000.0), st.floats(0.0, 1.0))
def test_within_the_income_nothing_is_lost(value: float, share: float) -> None:
    facts = hd.NO_HIGHEST_DAILY_DAY._replace(percentage=0.05)
    income = hd.begin(hd.elect(TERMS, value, number(ISSUE)), facts, value, number(ISSUE))
    after = hd.withdraw(income, income.remaining, share * income.remaining, value, 0.005)
    assert after.total_annual == income.total_annual
    assert after.highest_daily == income.highest_daily
    assert after.remaining == pytest.approx((1.0 - share) * income.remaining, abs=1e-9)


@LIMITS
@given(
    st.lists(st.tuples(st.integers(1, 90), st.floats(0.0, 0.08), amounts(-20_000.0, 20_000.0)), min_size=1, max_size=60)
)
def test_the_fixed_account_keeps_its_balance_and_its_order(moves: list[tuple[int, float, float]]) -> None:
    layers, today, balance = no_layers(), number(ISSUE), 0.0
    for days, rate, amount in moves:
        earned = credit_interest(layers, TERMS.layer_months, today, today + days, rate)
        today += days
        assert 0.0 <= earned <= balance * (1.08 ** (days / 365.0) - 1.0) + 1e-6
        balance += earned
        if amount > 0.0:
            put(layers, amount, rate, today)
            balance += amount
        else:
            balance -= take(layers, -amount)
        assert fixed_value(layers) == pytest.approx(balance, abs=1e-6)
        dates = layers.day[: layers.used[0]].tolist()
        assert dates == sorted(set(dates))
        assert all(today - 366 < day <= today for day in dates)
        assert (layers.amount[: layers.used[0]] > 0.0).all()
