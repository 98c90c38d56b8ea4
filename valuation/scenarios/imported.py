"""A monthly set of others put on Valuation Days, measured, and checked before use.

Months run between the monthly dates of the valuation date and end on the last Valuation Day on or before each; the
values at month ends are the set's own.  Inside a month, in equal shares of log return per Valuation Day,

    geometric  nothing else: a smooth path, on which a daily high-water mark sees little more than month ends;
    bridge     equities and bonds follow a Brownian bridge on their log return.  Its volatility is the set's own: the
               standard deviation over scenarios of that month's log factors, times the square root of 12, with the
               correlations of the set over all months.  Where volatility differs between scenarios this is its mean.

Cash and the discount factor are smooth in both.  At most 4 calendar days after the last month, which a horizon may need
to end on a Valuation Day, bring no return.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from valuation.clock import months_after
from valuation.funds import INDICES
from valuation.scenarios.checks import (
    SAMPLES_PER_SPREAD,
    Accumulator,
    Item,
    check_positions,
    mix_weights,
    zero_coupon_items,
)
from valuation.scenarios.grid import (
    CASH,
    DISCOUNT,
    EQUITIES,
    LONGEST_CLOSURE,
    N_ROW,
    FloatArray,
    IntArray,
    Months,
    months,
    position_at,
    times,
)
from valuation.scenarios.real_world import bridge, calibration_points
from valuation.scenarios.short_rate import Curve

BRIDGE, GEOMETRIC = INSIDE = ("bridge", "geometric")
BRIDGED = CASH
"""Rows with a bridge: the indices before cash."""
MOMENT_YEARS = (1, 5, 10, 20, 30)
PERCENTILES = (2.5, 5.0, 10.0, 50.0, 90.0, 95.0, 97.5)


class Spread(NamedTuple):
    """How far apart the scenarios of a monthly set move."""

    volatility: FloatArray  # (n_month, 4) per square root of a year
    correlation: FloatArray  # (4, 4) of monthly log factors


class Moment(NamedTuple):
    """Wealth from 1 of one index after some years, over scenarios."""

    name: str
    years: int
    mean: float
    deviation: float
    percentiles: tuple[float, ...]  # at PERCENTILES


def spread_of(monthly: FloatArray) -> Spread:
    """The spread of a monthly set; of a single scenario none."""
    log = np.log(monthly[:, :BRIDGED])
    excess = log - log.mean(axis=2, keepdims=True)
    covariance = np.einsum("mil,mjl->ij", excess, excess)
    deviation = np.sqrt(np.diag(covariance))
    scale = np.where(deviation > 0.0, deviation, 1.0)
    correlation = covariance / np.outer(scale, scale)
    np.fill_diagonal(correlation, 1.0)
    return Spread(log.std(axis=2) * np.sqrt(12.0), correlation)


def moments(monthly: FloatArray) -> list[Moment]:
    """Wealth of every index after 1, 5, 10, 20 and 30 years, as far as the months go."""
    wealth = np.cumprod(monthly[:, :DISCOUNT], axis=0)
    found = []
    for years in MOMENT_YEARS:
        if 12 * years <= len(monthly):
            for row, name in enumerate(INDICES):
                at = wealth[12 * years - 1, row]
                points = tuple(float(p) for p in np.percentile(at, PERCENTILES))
                found.append(Moment(name, years, float(at.mean()), float(at.std()), points))
    return found


def grid_months(n_month: int, days: IntArray, previous_day: int) -> Months:
    """The months of a grid that a set of ``n_month`` must serve.

    Raises ValueError if the grid goes further than the set.
    """
    calendar = months(days, previous_day)
    last = months_after(previous_day, n_month)
    if int(days[-1]) > last + LONGEST_CLOSURE:
        years = n_month // 12
        raise ValueError(
            f"the scenarios hold {n_month} months and the projection needs {len(calendar.first)}; allowed are projections "
            f"of at most {years} years; add --horizon-years {years}"
        )
    return calendar


def daily_tile(
    monthly: FloatArray, spread: Spread, days: IntArray, previous_day: int, normals: FloatArray | None
) -> FloatArray:
    """A tile (n_day, 6, n_lane) whose month ends are those of ``monthly`` (n_month, 6, n_lane).

    normals   (n_step, 4, n_lane) of the bridge, n_step that of `grid_months`; None: geometric
    """
    n_month, _, n_lane = monthly.shape
    calendar = grid_months(n_month, days, previous_day)
    n_used = len(calendar.first)
    log = np.zeros((n_used, N_ROW, n_lane))
    kept = min(n_month, n_used)
    log[:kept] = np.log(monthly[:kept])
    log[:kept, DISCOUNT] = np.diff(log[:kept, DISCOUNT], axis=0, prepend=0.0)
    share = log / calendar.length[:, None, None]
    daily = np.repeat(share, calendar.length, axis=0)[: len(days)]
    tile = np.exp(daily)
    tile[:, DISCOUNT] = np.exp(np.cumsum(daily[:, DISCOUNT], axis=0))
    if normals is not None:
        volatility = np.zeros((n_used, BRIDGED, n_lane))
        volatility[:kept] = spread.volatility[:kept, :, None]
        loadings = np.ascontiguousarray(_loadings(spread.correlation))
        bridge(tile, normals, loadings, np.ascontiguousarray(log[:, :BRIDGED]), volatility, calendar)
    return tile


def _loadings(correlation: FloatArray) -> FloatArray:
    """A square root of a correlation that may be singular."""
    values, vectors = np.linalg.eigh(correlation)
    root = np.asarray(np.linalg.qr((vectors * np.sqrt(np.maximum(values, 0.0))).T, mode="r")).T
    return np.asarray(root * np.where(np.diag(root) < 0.0, -1.0, 1.0))


class ImportedChecks(Accumulator):
    """What a set of others must meet: martingales and the curve if risk-neutral, calibration points if real-world."""

    def __init__(
        self,
        basis: str,
        volatility: FloatArray,
        n_scenario: int,
        days: IntArray,
        previous_day: int,
        mixes: Mapping[str, Sequence[float]] | None = None,
        curve: Curve | None = None,
    ) -> None:
        time = times(days, previous_day)
        items: list[Item] = []
        if basis == "risk_neutral":
            until = decisive_month(volatility, n_scenario)
            names = [*INDICES, *(mixes or {})]
            items += [
                Item("martingale", name, p, float(time[p]), 1.0, m)
                for p in check_positions(days, previous_day)
                if time[p] * 12.0 <= until + 0.5
                for m, name in enumerate(names)
            ]
            if curve is not None:
                items += zero_coupon_items(time, curve.discount(time), days, previous_day)
        else:
            for point in calibration_points():
                p = position_at(days, previous_day, 12 * point.years)
                if p >= 0:
                    side = 1 if point.percentile < 0.5 else -1
                    name = f"{EQUITIES[0]} {point.percentile:.1%}"
                    items.append(Item("calibration", name, p, float(time[p]), point.percentile, 0, point.wealth, side))
        super().__init__(items, mix_weights(mixes or {}), False)

    def sample(self, item: Item, wealth: FloatArray, discount: FloatArray) -> FloatArray:
        """Discounted value, or for a calibration point 1 where wealth is at most the point, else 0."""
        if item.check == "calibration":
            return np.asarray(wealth <= item.level, dtype=np.float64)
        return discount * wealth


def decisive_month(volatility: FloatArray, n_scenario: int) -> int:
    """Months up to which the mean of so many values can be judged by its own standard error; see `checks`."""
    variance = np.cumsum(volatility.max(axis=1) ** 2) / 12.0
    return max(12, int(np.searchsorted(np.exp(variance), n_scenario / SAMPLES_PER_SPREAD)))


def monthly_days(n_month: int, previous_day: int = 0) -> IntArray:
    """The monthly dates of a valuation date as a grid, on which a monthly set is a tile."""
    return np.array([months_after(previous_day, m) for m in range(1, n_month + 1)], dtype=np.int64)
