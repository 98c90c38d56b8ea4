"""Laws of the Fixed Rate Options over histories made up by hypothesis: money is conserved and nothing turns negative."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.benefit_fixed_rate_account import fixed_value, interest
from valuation.enhanced_dollar_cost_averaging import allocate as enhance
from valuation.enhanced_dollar_cost_averaging import end, grow, take, transfer
from valuation.fixed_rate_options import (
    allocate,
    credit_interest,
    no_periods,
    open_value,
    transfer_out,
)
from valuation.fixed_rate_options import take as withdraw
from valuation.terms.investments import load_fixed_rate_terms

LIMITS = settings(max_examples=60, deadline=None)
TERMS = load_fixed_rate_terms()
HALF_CENT = 0.005
START = 14_000

rates = st.floats(0.0, 0.1)
steps = st.tuples(st.integers(1, 60), st.sampled_from(["IN", "OUT", "TAKE", "WAIT"]), st.floats(0.0, 20_000.0), rates)


@LIMITS
@given(st.lists(steps, max_size=40))
def test_what_came_in_is_what_left_and_what_is_there(history: list[tuple[int, str, float, float]]) -> None:
    periods, today, balance, largest = no_periods(), START, 0.0, 1.0
    for days, kind, amount, rate in history:
        prior, today = today, today + days
        balance += credit_interest(periods, TERMS, prior, today, rate)
        if kind == "IN":
            allocate(periods, amount, rate, today)
            balance += amount
        elif kind == "OUT":
            free = open_value(periods, TERMS, today)
            moved = transfer_out(periods, TERMS, amount, today)
            assert moved == min(amount, free)
            balance -= moved
        elif kind == "TAKE":
            taken = withdraw(periods, amount)
            assert 0.0 <= taken <= amount
            balance -= taken
        largest = max(largest, balance)
        used = periods.layers.used[0]
        assert all(value > 0.0 and math.isfinite(value) for value in periods.layers.amount[:used])
        assert all(today - 366 <= day <= today for day in periods.layers.day[:used])
        assert math.isclose(fixed_value(periods.layers), balance, abs_tol=1e-9 * largest)
        assert 0.0 <= open_value(periods, TERMS, today) <= fixed_value(periods.layers)


@LIMITS
@given(st.floats(0.01, 1e6), rates, st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_interest_does_not_depend_on_the_valuation_days(amount: float, rate: float, steps_taken: list[int]) -> None:
    often, once, today = no_periods(), no_periods(), START
    allocate(often, amount, rate, START)
    allocate(once, amount, rate, START)
    for days in steps_taken:
        if today + days - START >= 365:
            break
        credit_interest(often, TERMS, today, today + days, 0.5)
        today += days
    credit_interest(once, TERMS, START, today, 0.5)
    assert math.isclose(fixed_value(often.layers), fixed_value(once.layers), rel_tol=1e-12)
    assert math.isclose(fixed_value(once.layers), amount * interest(rate, float(today - START)), rel_tol=1e-12)


@LIMITS
@given(
    st.floats(1.0, 1e6),
    rates,
    st.sampled_from([6, 12]),
    st.integers(0, 40),
    st.sampled_from([0.0, 1.0]),
    st.lists(st.tuples(st.integers(0, 400), st.floats(0.0, 1.0)), max_size=4),
)
def test_the_enhanced_option_pays_out_all_it_holds(
    amount: float, rate: float, transfers: int, look: int, cents: float, withdrawals: list[tuple[int, float]]
) -> None:
    option = enhance(amount, rate, transfers, START + look - 1, START)
    moved = taken = earned = 0.0
    count = 0
    for today in range(START, START + 450):
        before = option.value
        option = grow(option, today - 1, today)
        earned += option.value - before
        option, part = transfer(option, cents, today)
        assert part >= 0.0
        moved += part
        count += part > 0.0
        for day, share in withdrawals:
            if START + day == today:
                before = option.value
                option = take(option, TERMS, share * before, HALF_CENT, today)
                taken += before - option.value
        assert option.value >= 0.0
        assert option.made <= transfers
    assert option == end(option)
    assert count <= transfers
    assert math.isclose(moved + taken, amount + earned, rel_tol=1e-9)
