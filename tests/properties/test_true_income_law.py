"""Identities of TrueIncome and its Spousal version over random histories of prices and transactions."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.story import number
from tests.support.true_income_story import AUTO, HALF_CENT, TERMS, Act, Tale, pay, withdraw
from valuation import true_income as ti
from valuation import true_income_endings as endings
from valuation.clock import anniversary_clock, day_of
from valuation.contract import NEW_CORE
from valuation.highest_daily_7 import ENDED, PAYING, POST, PRE
from valuation.true_income import TrueIncome
from valuation.true_income_endings import LIFE_INCOME, WITHDRAWAL_BENEFIT

LIMITS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
PLANS = st.sampled_from(["TI", "TIS"])

Row = tuple[int, float, tuple[Act, ...]]


def amounts(low: float, high: float) -> st.SearchStrategy[float]:
    """Whole cents."""
    return st.integers(round(100 * low), round(100 * high)).map(lambda cents: cents / 100.0)


def acts() -> st.SearchStrategy[Act]:
    return st.one_of(
        amounts(100.0, 30_000.0).map(pay),
        amounts(100.0, 25_000.0).map(withdraw),
        amounts(100.0, 9_000.0).map(lambda amount: withdraw(amount, required=True)),
        st.just(AUTO),
    )


def histories() -> st.SearchStrategy[list[Row]]:
    """Days apart, ratio of the Account Value, events."""
    row = st.tuples(st.integers(1, 140), st.floats(0.75, 1.3), st.lists(acts(), max_size=3))
    return st.lists(row.map(lambda r: (r[0], r[1], tuple(r[2]))), min_size=1, max_size=25)


def told(plan: str, history: list[Row], required: float = 0.0) -> list[Tale]:
    """The tale after every row; each a tale of its own."""
    tale = Tale("2008-07-01", 100_000.0, plan=plan, choice=WITHDRAWAL_BENEFIT)
    past = []
    for days, ratio, events in history:
        if tale.income.stage in (PRE, POST):
            tale.require(required).leap(tale.today + days, tale.account * ratio, *events)
        else:
            tale.leap(tale.today + days)
        past.append(_copy(tale))
    return past


def _copy(tale: Tale) -> Tale:
    other = object.__new__(Tale)
    other.__dict__.update(tale.__dict__, paid=list(tale.paid))
    return other


def money_of(income: TrueIncome) -> list[float]:
    return [value for name, value in income._asdict().items() if name not in ("plan", "stage", "paying")]


@LIMITS
@given(PLANS, histories(), st.sampled_from([0.0, 4_000.0, 15_000.0]))
def test_nothing_is_negative_or_missing(plan: str, history: list[Row], required: float) -> None:
    for tale in told(plan, history, required):
        assert all(math.isfinite(value) and value >= 0.0 for value in money_of(tale.income))
        assert all(paid > 0.0 for _, paid in tale.paid)
        assert tale.income.remaining <= tale.income.annual + 1e-9
        assert tale.income.withdrawal_remaining <= tale.income.withdrawal_annual + 1e-9


@LIMITS
@given(histories(), st.sampled_from([0.0, 15_000.0]))
def test_a_withdrawal_amount_there_is_with_a_value_and_not_without(history: list[Row], required: float) -> None:
    for tale in told("TI", history, required):
        if tale.income.stage == POST:
            assert (tale.income.withdrawal_annual > 0.0) == (tale.income.protected > 0.0)


@LIMITS
@given(histories())
def test_the_withdrawal_amount_falls_less_than_the_income(history: list[Row]) -> None:
    """At least 7/5 of it, as long as the value has not been used up."""
    for tale in told("TI", history):
        if tale.income.stage == POST:
            if tale.income.protected == 0.0:
                return
            assert tale.income.withdrawal_annual >= 1.4 * tale.income.annual - 1e-6


@LIMITS
@given(histories(), st.sampled_from([0.0, 15_000.0]))
def test_the_spousal_version_is_the_income_side(history: list[Row], required: float) -> None:
    pairs = zip(told("TI", history, required), told("TIS", history, required), strict=True)
    for both, spousal in pairs:
        if both.income.stage not in (PRE, POST) or spousal.income.stage not in (PRE, POST):
            return
        mine = both.income.accumulated, both.income.anniversary_high, both.income.annual, both.income.remaining
        other = spousal.income.accumulated, spousal.income.anniversary_high
        assert mine == (*other, spousal.income.annual, spousal.income.remaining)
        assert spousal.income.protected == spousal.income.withdrawal_annual == 0.0


@LIMITS
@given(PLANS, histories())
def test_the_first_withdrawal_is_valued_at_the_highest_leg(plan: str, history: list[Row]) -> None:
    tale = Tale("2008-07-01", 100_000.0, plan=plan)
    for days, ratio, events in history:
        tale.leap(tale.today + days, tale.account * ratio, *[act for act in events if act.kind != "withdraw"])
    legs = tale.income.accumulated, tale.income.anniversary_high, tale.account
    tale._act(withdraw(100.0), day_of(tale.life.issue, tale.today - 1, tale.today))
    assert tale.income.annual == pytest.approx(0.05 * max(legs), rel=1e-12)


state = st.tuples(st.floats(1.0, 2e5), st.floats(1.0, 1e4), st.floats(0.0, 1.0), st.floats(0.0, 1.0))


@LIMITS
@given(state, st.lists(amounts(1.0, 9_000.0), min_size=2, max_size=5), st.floats(1.0, 2e5))
def test_withdrawals_of_a_day_count_as_their_sum(
    values: tuple[float, float, float, float], parts: list[float], more: float
) -> None:
    """TI-7, A-9: also where the Protected Withdrawal Value is used up on the way; half cents are another rule's."""
    protected, annual, left, left_withdrawal = values
    start = Tale("2008-07-01", 100_000.0).income._replace(
        stage=float(POST),
        protected=protected,
        annual=annual,
        remaining=left * annual,
        withdrawal_annual=1.4 * annual,
        withdrawal_remaining=left_withdrawal * 1.4 * annual,
    )
    account = math.fsum(parts) + more
    income, rest = start, account
    for part in parts:
        income = ti.withdraw(income, ti.income_available(income, NEW_CORE, False), part, rest, 0.0)
        rest -= part
    once = ti.withdraw(start, ti.income_available(start, NEW_CORE, False), math.fsum(parts), account, 0.0)
    assert income.annual == pytest.approx(once.annual, rel=1e-9, abs=1e-6)
    assert income.protected == pytest.approx(once.protected, rel=1e-9, abs=1e-6)
    if once.protected > 1e-6:
        assert income.withdrawal_annual == pytest.approx(once.withdrawal_annual, rel=1e-9, abs=1e-6)


@LIMITS
@given(PLANS, st.lists(st.tuples(st.integers(1, 300), st.floats(0.8, 1.2), st.floats(0.0, 1.0)), max_size=15))
def test_withdrawals_within_the_income_never_lower_it(plan: str, steps: list[tuple[int, float, float]]) -> None:
    tale = Tale("2008-07-01", 100_000.0, plan=plan, choice=LIFE_INCOME).on("2008-07-02", 200_000.0, withdraw(100.0))
    for days, ratio, share in steps:
        tale.leap(tale.today + days, tale.account * ratio)
        if tale.income.stage != POST:
            break
        gross = share * tale.income.remaining
        tale._act(withdraw(gross), day_of(tale.life.issue, tale.today - 1, tale.today))
        assert tale.income.annual == pytest.approx(10_000.0, rel=1e-12)
    assert tale.income.stage in (POST, PAYING)


@LIMITS
@given(st.floats(1.0, 2e5), st.floats(50.0, 2e4), st.floats(0.0, 1.0))
def test_the_withdrawal_benefit_pays_the_protected_value_and_no_more(
    protected: float, annual: float, left: float
) -> None:
    tale = Tale("2008-07-01", 100_000.0, choice=WITHDRAWAL_BENEFIT).on("2008-07-02", 100_000.0, withdraw(100.0))
    tale.have(protected=protected, withdrawal_annual=annual, withdrawal_remaining=left * annual)
    tale.leap("2008-07-03", 0.0)
    years = 0
    while tale.income.stage == PAYING:
        years += 1
        tale.leap(number(f"{2008 + years}-07-01"))
    assert tale.income.stage == ENDED
    assert math.fsum(paid for _, paid in tale.paid) == pytest.approx(protected, abs=HALF_CENT)
    assert all(paid <= annual + HALF_CENT for _, paid in tale.paid)
    assert years <= protected / annual + 2


@LIMITS
@given(st.integers(0, 5_000), st.lists(st.integers(1, 200), min_size=1, max_size=40))
def test_growth_does_not_depend_on_the_days_that_are_open(after: int, steps: list[int]) -> None:
    issue = number("2003-02-28")
    start = issue + after
    day, growth = start, 1.0
    for step in steps:
        growth *= ti.growth_factor(TERMS[0], issue, day, day + step)
        day += step
    years = anniversary_clock(issue, day) - anniversary_clock(issue, start)
    assert growth == pytest.approx(1.05**years, rel=1e-12)
    assert growth >= 1.0


@LIMITS
@given(PLANS, st.integers(0, 1), st.booleans(), st.booleans(), st.sampled_from([PRE, POST, PAYING, ENDED]))
def test_a_death_never_adds_to_a_benefit(plan: str, dead: int, continued: bool, spouses: bool, stage: int) -> None:
    before = Tale("2008-07-01", 100_000.0, plan=plan).income._replace(stage=float(stage), annual=5_000.0)
    before = before._replace(lives=before.lives - dead)
    after = endings.settle_death(before, continued, spouses, number("2009-07-01"))
    assert after.annual in (0.0, before.annual)
    assert after.lives <= max(0.0, before.lives)
    assert (after.annual > 0.0) <= (after.lives > 0.0 or stage == ENDED)
