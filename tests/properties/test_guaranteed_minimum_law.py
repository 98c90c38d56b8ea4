"""Laws of the Guaranteed Minimum Income Benefit over random histories."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.protected import HALF_CENT, TERMS, Protected, number
from valuation import guaranteed_minimum_income as gmi
from valuation.contract import NEW_CORE

LIMITS = settings(max_examples=60, deadline=None, derandomize=True)
ISSUE = "2008-07-01"

amounts = st.integers(1, 2_000_000).map(lambda cents: cents / 100.0)
step = st.tuples(
    st.integers(1, 400), st.floats(0.7, 1.3), st.sampled_from(["nothing", "pay", "take", "step up"]), amounts
)
histories = st.lists(step, min_size=1, max_size=12)
births = st.sampled_from(["1933-01-15", "1936-02-29", "1945-01-15", "1960-08-31"])


def act(story: Protected, kind: str, amount: float) -> None:
    if kind == "pay":
        story.pay_in(amount)
    elif kind == "take":
        story.withdraw(min(amount, story.account))
    elif kind == "step up":
        story.step_up()


@LIMITS
@given(histories, births)
def test_nothing_is_negative_or_unknown_and_the_maximum_holds(
    history: list[tuple[int, float, str, float]], birth: str
) -> None:
    story = Protected(ISSUE, birth=birth, charged=True)
    for days, growth, kind, amount in history:
        story.leap(story.today + min(days, 360), story.account * growth)
        act(story, kind, amount)
        benefit = story.benefit
        assert all(math.isfinite(x) and x >= 0.0 for x in benefit)
        assert benefit.value <= benefit.maximum * (1.0 + 1e-12) + 1e-6
        assert benefit.remaining <= benefit.limit
        assert story.account >= 0.0
        assert story.accrued_fee() <= story.account


@LIMITS
@given(histories, births, st.integers(1, 9))
def test_closed_days_change_neither_the_values_nor_the_charge(
    history: list[tuple[int, float, str, float]], birth: str, open_every: int
) -> None:
    """The days of the transactions and the anniversaries are open in both; in one of them few others are."""
    daily, sparse = (Protected(ISSUE, birth=birth) for _ in range(2))
    for days, growth, kind, amount in history[:5]:
        target = daily.today + days
        daily.on(target, daily.account * growth)
        for date in range(sparse.today + 1, target):
            nominal = gmi.anniversary_from(sparse.life.issue, date) == date
            if date % open_every == 0 or nominal:
                sparse.leap(date)
        sparse.leap(target, sparse.account * growth)
        for story in (daily, sparse):
            act(story, kind, amount)
    assert sparse.benefit == pytest.approx(daily.benefit, rel=1e-9)
    assert sparse.fees == [(day, pytest.approx(fee, rel=1e-9)) for day, fee in daily.fees]


@pytest.mark.parametrize("closed", [2, 3, 4])
def test_a_closed_anniversary_changes_the_limit_alone(closed: int) -> None:
    """Decision 9: the limit is of the value of the processing day; the charge keeps to the nominal year."""
    daily = Protected(ISSUE).on("2009-06-30").on(number("2009-07-01") + closed)
    sparse = Protected(ISSUE).on("2009-06-30").leap(number("2009-07-01") + closed)
    assert sparse.benefit.value == pytest.approx(daily.benefit.value, rel=1e-12)
    assert sparse.benefit.accrued == pytest.approx(daily.benefit.accrued, rel=1e-12)
    assert sparse.fees[0][1] == pytest.approx(daily.fees[0][1], rel=1e-12)
    assert sparse.benefit.limit == pytest.approx(0.05 * sparse.benefit.value, rel=1e-12)
    assert sparse.benefit.limit > daily.benefit.limit


@LIMITS
@given(amounts, amounts, st.floats(45_000.0, 200_000.0), st.booleans())
def test_two_withdrawals_of_a_day_are_one(first: float, second: float, account: float, capped: bool) -> None:
    """The factors telescope.  Source: C-13."""
    start = Protected(ISSUE).benefit
    if capped:
        start = start._replace(value=start.maximum)
    once = gmi.withdraw(start, gmi.income_available(start, NEW_CORE, False), first + second, account, HALF_CENT)
    part = gmi.withdraw(start, gmi.income_available(start, NEW_CORE, False), first, account, 0.0)
    both = gmi.withdraw(part, gmi.income_available(part, NEW_CORE, False), second, account - first, 0.0)
    assert both.value == pytest.approx(once.value, abs=0.02)
    assert both.maximum == pytest.approx(once.maximum, abs=0.02)


@LIMITS
@given(st.integers(0, 13), st.integers(0, 364))
def test_growth_has_a_closed_form(years: int, days: int) -> None:
    day = number(f"{2008 + years}-07-01") + days
    story = Protected(ISSUE, birth="1960-08-31").leap(day) if day > number(ISSUE) else Protected(ISSUE)
    assert story.benefit.value == pytest.approx(100_000.0 * 1.05 ** (years + days / 365.0), rel=1e-12)


@LIMITS
@given(st.floats(50_000.0, 150_000.0))
def test_the_charge_is_the_integral_of_the_value(account: float) -> None:
    """A year without transactions: the mean of 365 daily powers is a geometric sum."""
    story = Protected(ISSUE, account).leap("2009-07-01", account)
    daily = 1.05 ** (1.0 / 365.0)
    mean = account * (1.05 - 1.0) / (daily - 1.0) / 365.0
    assert story.fees[0][1] == pytest.approx(TERMS.charge * mean, rel=1e-12)


@pytest.mark.parametrize("closed", [2, 4, 6])
@pytest.mark.parametrize("below", [0.0, 30.0, 60.0, 200.0])
def test_the_maximum_reached_on_a_closed_day(closed: int, below: float) -> None:
    """The days above it are counted at the maximum, one by one."""
    stories = [Protected(ISSUE), Protected(ISSUE)]
    for story in stories:
        story.benefit = story.benefit._replace(value=200_000.0 - below)
    daily = stories[0].on(number(ISSUE) + closed)
    sparse = stories[1].leap(number(ISSUE) + closed)
    assert sparse.benefit.value == pytest.approx(daily.benefit.value, rel=1e-12)
    assert sparse.benefit.accrued == pytest.approx(daily.benefit.accrued, rel=1e-12)


@pytest.mark.parametrize("first, last", [("2015-06-29", "2015-07-05"), ("2016-03-01", "2016-03-04")])
def test_growth_that_stops_on_a_closed_day(first: str, last: str) -> None:
    """On an anniversary, and seven years after a step-up of 2 March 2009."""
    stories = [Protected(ISSUE, birth="1934-01-15") for _ in range(2)]
    for story in stories:
        if first > "2016":
            story.leap("2009-03-02", 130_000.0).step_up()
            story.leap("2015-07-01")
        story.leap(first)
    daily, sparse = stories[0].on(last), stories[1].leap(last)
    assert sparse.benefit.stopped == 1.0
    assert sparse.benefit.value == pytest.approx(daily.benefit.value, rel=1e-12)
    assert sparse.benefit.accrued == pytest.approx(daily.benefit.accrued, rel=1e-12)
    assert [fee for _, fee in sparse.fees] == pytest.approx([fee for _, fee in daily.fees], rel=1e-12)
