"""Fewer observations of the same paths, and the bridge for the maximum between them."""

from functools import cache

import numpy as np
import pytest
from scipy.special import ndtr

from tests.support.projections import AS_OF, days_for, market, simulated
from valuation.estimate import mean_estimate
from valuation.observation import (
    DAILY,
    MONTHLY,
    STEPS,
    WEEKLY,
    bridged_periodic_value,
    observed,
    periodic_value,
    places,
)
from valuation.scenarios.random import uniforms
from valuation.sessions import day_number

START = day_number(AS_OF)
YEARS, LANES, ROLL_UP, VOLATILITY, RATE = 5, 2048, 0.07, 0.2, 0.04


def test_weekly_and_monthly_steps_keep_the_days_on_which_a_projection_acts() -> None:
    days = days_for(2)
    assert places(days, START, DAILY).tolist() == list(range(len(days)))
    assert places(days, START, WEEKLY)[:3].tolist() == [4, 9, 14]
    monthly = days[places(days, START, MONTHLY)].astype("datetime64[D]").astype(str)
    assert monthly[:5].tolist() == ["2008-09-02", "2008-09-30", "2008-10-31", "2008-12-01", "2008-12-31"]
    assert len(monthly) == 24
    assert all(places(days, START, step)[-1] == len(days) - 1 for step in STEPS)
    with pytest.raises(ValueError, match="step 'yearly' is unknown; choose one of daily, weekly, monthly"):
        places(days, START, "yearly")


@pytest.mark.parametrize("step", STEPS)
def test_coarser_steps_see_the_same_paths(step: str) -> None:
    days = days_for(2)
    tile = simulated(market(rate_volatility=0.01), days, 6)
    kept = places(days, START, step)
    coarse = observed(tile, kept)
    np.testing.assert_allclose(np.cumprod(coarse[:, :5], axis=0), np.cumprod(tile[:, :5], axis=0)[kept], rtol=1e-12)
    np.testing.assert_array_equal(coarse[:, 5], tile[kept, 5])


@cache
def whole() -> np.ndarray:
    return simulated(market(VOLATILITY, RATE), days_for(YEARS), LANES)


@cache
def paths(step: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Account from 1 USD at the observations of a step, days since the start, Valuation Days of each step."""
    days = days_for(YEARS)
    kept = places(days, START, step)
    return np.cumprod(whole()[:, 0], axis=0)[kept], (days[kept] - START).astype(float), np.diff(kept, prepend=-1)


def bridged(step: str, roll_up: float, daily: np.ndarray | None = None) -> np.ndarray:
    account, elapsed, length = paths(step)
    variance = VOLATILITY**2 * np.diff(elapsed, prepend=0.0) / 365.0
    numbers = uniforms(1, 99, range(LANES), np.zeros(1, np.uint64), len(elapsed))[0]
    return bridged_periodic_value(account, 1.0, elapsed, roll_up, variance, length if daily is None else daily, numbers)


@pytest.mark.parametrize(("step", "least"), [(WEEKLY, 0.006), (MONTHLY, 0.02)])
def test_the_bridge_gives_back_what_coarser_steps_miss(step: str, least: float) -> None:
    account, elapsed, _ = paths(DAILY)
    daily = periodic_value(account, 1.0, elapsed, ROLL_UP)
    account, elapsed, _ = paths(step)
    coarse = periodic_value(account, 1.0, elapsed, ROLL_UP)
    missed = mean_estimate(daily - coarse, 2)
    assert (coarse <= daily * (1.0 + 1e-12)).all()
    assert missed.value > least * daily.mean()
    left = mean_estimate(daily - bridged(step, ROLL_UP), 2)
    assert abs(left.value) < 0.1 * missed.value + 3.0 * left.standard_error


@pytest.mark.parametrize("step", STEPS)
def test_the_bridge_without_its_shift_is_the_maximum_of_continuous_observation(step: str) -> None:
    """Goldman, Sosin, Gatto, "Path dependent options", Journal of Finance 34 (1979)."""
    years = paths(DAILY)[1][-1] / 365.0
    up, down = ((RATE + s * VOLATILITY**2 / 2.0) * np.sqrt(years) / VOLATILITY for s in (1.0, -1.0))
    ratio = VOLATILITY**2 / (2.0 * RATE)
    closed = (1.0 + ratio) * np.exp(RATE * years) * ndtr(up) + (1.0 - ratio) * ndtr(-down)
    found = mean_estimate(bridged(step, 0.0, np.full(len(paths(step)[1]), 10**12)), 2)
    assert abs(found.value - closed) < 3.0 * found.standard_error
    assert found.standard_error < 0.01 * closed
