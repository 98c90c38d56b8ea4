"""Checks of a scenario set before use: what it must reproduce, tile by tile, with standard errors.

A tile adds sums of deviations from what is expected, so that a set larger than memory is checked as it is made, and
tiles made apart are merged in tile order to the same bits.  Deviations of antithetic sets are averaged over pairs
first.

Risk-neutral   martingale: the discounted value of every index, and of every fund mix rebalanced daily, averages 1;
               zero_coupon: the mean discount factor is the curve's;
               forward_option: a European put on each equity, struck at the forward, has its closed-form price.
Real-world     zero_coupon, and the martingale of bonds and cash (zero term premium);
               calibration: the published percentile points of large equity, which bind on one side only.

A row passes within 4 standard errors, more where few scenarios make the standard error itself uncertain; about 5% of
the two-sided rows lie outside 2 (`share_outside`).

Source: Margrabe, "The value of an option to exchange one asset for another", Journal of Finance 33 (1978), for the
option.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from valuation.compile import allocating_kernel
from valuation.curve import KEY_RATES
from valuation.estimate import errors_allowed
from valuation.funds import INDICES
from valuation.scenarios.grid import BONDS, CASH, DISCOUNT, EQUITIES, FloatArray, IntArray, position_at, times
from valuation.scenarios.real_world import RealWorldModel
from valuation.scenarios.risk_neutral import RATE, RiskNeutralModel
from valuation.scenarios.sets import pairs
from valuation.scenarios.short_rate import RateSteps

LIMIT = 4.0
"""Standard errors within which a row passes."""

ROUNDING = 1e-10
"""Deviation below which a row is exact, whatever its standard error: path products carry rounding only."""

OPTION_YEARS = (1, 5, 10)

SAMPLES_PER_SPREAD = 16
"""Independent scenarios needed for each unit of exp(variance) before the mean of a lognormal value can be judged."""


class Item(NamedTuple):
    """One quantity checked at one day."""

    check: str  # martingale | zero_coupon | forward_option | calibration
    item: str  # index, fund mix, tenor or percentile
    position: int  # of the day in the grid
    time: float  # years from the valuation date
    expected: float
    mix: int  # row of the wealth used; -1 for the discount factor alone
    level: float = 0.0  # strike as a multiple of the discount factor, or the calibration point
    side: int = 0  # 0 two-sided, 1 at least, -1 at most


class CheckRow(NamedTuple):
    """The result of one check; a row of the dataset of scenario checks."""

    check: str
    item: str
    time: float  # years
    value: float
    expected: float
    standard_error: float
    z: float  # deviation in standard errors
    side: int  # 0: value must equal expected; 1: be at least it; -1: be at most it
    passed: bool


class Sums(NamedTuple):
    """What one tile contributes, per item: number, sum and sum of squares of independent deviations."""

    n: int
    deviation: FloatArray  # (n_item,)
    square: FloatArray  # (n_item,)


class Accumulator(ABC):
    """Collects the sums of tiles in the order given; `rows` is the verdict so far."""

    def __init__(self, items: Sequence[Item], weights: FloatArray, antithetic: bool) -> None:
        self.items = tuple(items)
        self.antithetic = antithetic
        self._weights = weights
        self._positions = np.unique(np.array([item.position for item in items], dtype=np.int64))
        self._total = Sums(0, np.zeros(len(items)), np.zeros(len(items)))

    def sums(self, tile: FloatArray) -> Sums:
        """The contribution of a tile (n_day, 6, n_lane), without adding it: small, to be sent to who adds."""
        wealth = mix_wealth(tile, self._weights, self._positions)
        deviation = np.empty((len(self.items), tile.shape[2]))
        for row, item in enumerate(self.items):
            at = int(np.searchsorted(self._positions, item.position))
            values = wealth[at, item.mix] if item.mix >= 0 else np.ones(tile.shape[2])
            deviation[row] = self.sample(item, values, tile[item.position, DISCOUNT]) - item.expected
        independent = pairs(deviation) if self.antithetic else deviation
        return Sums(independent.shape[1], independent.sum(axis=1), np.square(independent).sum(axis=1))

    def add_sums(self, sums: Sums) -> None:
        """Add the contribution of the next tile in order."""
        total = self._total
        self._total = Sums(total.n + sums.n, total.deviation + sums.deviation, total.square + sums.square)

    def add(self, tile: FloatArray) -> None:
        """Add the next tile in order."""
        self.add_sums(self.sums(tile))

    def rows(self) -> list[CheckRow]:
        """One row per item.  Raises ValueError before two independent scenarios were added."""
        n, total, square = self._total
        if n < 2:
            raise ValueError(f"checks need at least two independent scenarios, not {n}; add a tile first")
        mean = total / n
        error = np.sqrt(np.maximum(square - n * mean * mean, 0.0) / (n - 1) / n)
        for i, item in enumerate(self.items):
            if item.check == "calibration":  # a share: its error is known, and a sample without any has none to show
                error[i] = np.sqrt(item.expected * (1.0 - item.expected) / n)
        error = np.maximum(error, self.least_errors(n))
        allowed = errors_allowed(n, LIMIT)
        limits = [LIMIT if item.check == "calibration" else allowed for item in self.items]
        return [_row(item, float(mean[i]), float(error[i]), limits[i]) for i, item in enumerate(self.items)]

    def least_errors(self, n: int) -> FloatArray:
        """(n_item,) standard errors known from the model; the sample's own may be too small, never too large.

        The mean of a skewed quantity and its sample spread move together: a mean that lies low shows a small spread.
        """
        return np.zeros(len(self.items))

    def martingale_errors(self, deviation: FloatArray, n: int) -> FloatArray:
        """(n_item,) standard errors of martingales from the model; 0 for other items.

        deviation  (n_day, 4) of the log discounted value of every index but cash
        exp(v) - 1 is the variance of one value, cosh(v) - 1 of an antithetic pair's mean; the log variance v of a mix is
        that of perfectly correlated indices, hence at least its own.
        """
        found = np.zeros(len(self.items))
        for row, item in enumerate(self.items):
            if item.check == "martingale":
                log_variance = float(self._weights[item.mix][:CASH] @ deviation[item.position]) ** 2
                spread = np.cosh(log_variance) - 1.0 if self.antithetic else np.expm1(log_variance)
                found[row] = np.sqrt(spread / n)
        return found

    @abstractmethod
    def sample(self, item: Item, wealth: FloatArray, discount: FloatArray) -> FloatArray:
        """The quantity of ``item`` in each scenario, from wealth and discount factor at its day, all (n_lane,)."""


def _row(item: Item, deviation: float, error: float, limit: float) -> CheckRow:
    if abs(deviation) <= ROUNDING:
        z = 0.0
    else:
        z = deviation / error if error > 0.0 else float(np.copysign(np.inf, deviation))
    outside = -z * item.side if item.side else abs(z)
    return CheckRow(
        item.check,
        item.item,
        item.time,
        item.expected + deviation,
        item.expected,
        error,
        z,
        item.side,
        outside <= limit,
    )


def share_outside(rows: Sequence[CheckRow], limit: float = 2.0) -> float:
    """Share of the rows that lie more than ``limit`` standard errors on the wrong side; 0 for no rows."""
    outside = [(-row.z * row.side if row.side else abs(row.z)) > limit for row in rows]
    return sum(outside) / len(outside) if outside else 0.0


@allocating_kernel
def mix_wealth(tile: FloatArray, weights: FloatArray, positions: IntArray) -> FloatArray:
    """Value of 1 invested in each mix, rebalanced daily, at chosen days: (n_position, n_mix, n_lane).

    weights     (n_mix, 5) on the indices
    positions   (n_position,) of days, strictly increasing
    """
    n_mix, n_lane = len(weights), tile.shape[2]
    out = np.empty((len(positions), n_mix, n_lane))
    wealth = np.ones((n_mix, n_lane))
    ratio = np.empty(n_lane)
    start = 0
    for p in range(len(positions)):
        for d in range(start, positions[p] + 1):
            for m in range(n_mix):
                ratio[:] = 0.0
                for k in range(weights.shape[1]):
                    weight = weights[m, k]
                    if weight != 0.0:
                        for i in range(n_lane):
                            ratio[i] += weight * tile[d, k, i]
                for i in range(n_lane):
                    wealth[m, i] *= ratio[i]
        out[p] = wealth
        start = positions[p] + 1
    return out


def mix_weights(mixes: Mapping[str, Sequence[float]]) -> FloatArray:
    """The indices themselves and the mixes, (5 + n_mix, 5).  Raises ValueError for weights that are none."""
    for name, weights in mixes.items():
        if len(weights) != len(INDICES) or abs(sum(weights) - 1.0) > 1e-9:
            raise ValueError(
                f"fund mix {name!r}: weights {tuple(weights)} must be {len(INDICES)} numbers that sum to 1"
            )
    return np.vstack([np.eye(len(INDICES)), *[np.asarray(w, dtype=np.float64)[None, :] for w in mixes.values()]])


def check_positions(days: IntArray, previous_day: int) -> list[int]:
    """Positions of the monthly dates of the first year and of the yearly dates within the horizon."""
    n_year = int((days[-1] - previous_day) // 365) + 1
    wanted = [*range(1, 12), *range(12, 12 * n_year + 1, 12)]
    found = [position_at(days, previous_day, month) for month in wanted]
    return [position for position in found if position >= 0]


def _bond_deviation(steps: RateSteps) -> FloatArray:
    """Deviation of the log bond index in every step, (n_day,)."""
    return np.asarray(steps.bond_loading * steps.deviation)


def _spread_to(deviation: FloatArray) -> FloatArray:
    """Deviation from the start to every day, from that of every step, days first."""
    return np.asarray(np.sqrt(np.cumsum(np.square(deviation), axis=0)))


def zero_coupon_items(time: FloatArray, expected: FloatArray, days: IntArray, previous_day: int) -> list[Item]:
    """Discount factors at the key rates' tenors within the horizon."""
    positions = [(years, position_at(days, previous_day, 12 * years)) for years in KEY_RATES]
    return [
        Item("zero_coupon", f"{years} years", p, float(time[p]), float(expected[p]), -1)
        for years, p in positions
        if p >= 0
    ]


class RiskNeutralChecks(Accumulator):
    """The checks of a risk-neutral set; ``mixes`` are weights of funds on the indices, by name."""

    def __init__(
        self,
        model: RiskNeutralModel,
        days: IntArray,
        previous_day: int,
        antithetic: bool,
        mixes: Mapping[str, Sequence[float]] | None = None,
    ) -> None:
        time = times(days, previous_day)
        names = [*INDICES, *(mixes or {})]
        items = [
            Item("martingale", name, p, float(time[p]), 1.0, m)
            for p in check_positions(days, previous_day)
            for m, name in enumerate(names)
        ]
        discount = model.curve.discount(time)
        items += zero_coupon_items(time, discount, days, previous_day)
        for years in OPTION_YEARS:
            p = position_at(days, previous_day, 12 * years)
            if p >= 0:
                variance = forward_variance(model, days, previous_day)[:, p]
                price = 2.0 * ndtr(0.5 * np.sqrt(variance)) - 1.0
                items += [
                    Item("forward_option", name, p, float(time[p]), float(price[k]), k, 1.0 / float(discount[p]))
                    for k, name in enumerate(EQUITIES)
                ]
        super().__init__(items, mix_weights(mixes or {}), antithetic)
        bonds = _bond_deviation(model.rates.steps(days, previous_day))
        self._deviation = _spread_to(np.column_stack([model.step_deviation(days, previous_day), bonds]))

    def least_errors(self, n: int) -> FloatArray:
        """Those of the martingales."""
        return self.martingale_errors(self._deviation, n)

    def sample(self, item: Item, wealth: FloatArray, discount: FloatArray) -> FloatArray:
        """Discounted value, or discounted pay-off of the option struck at ``item.level``."""
        if item.check == "forward_option":
            return np.maximum(discount * (item.level - wealth), 0.0)
        return discount * wealth


def decisive_years(model: RiskNeutralModel, samples: int) -> float:
    """Years up to which the mean of ``samples`` independent values of every equity can be judged by its standard error.

    The mean of few draws of a lognormal with a large variance lies below its expectation almost always, and its sample
    standard error does not know it.  The bound is on exp(variance), the relative second moment of the riskiest equity.
    """
    years = np.arange(1, 121, dtype=np.float64)
    spread = np.exp(np.max([model.total_variance(name, years) for name in EQUITIES], axis=0))
    return float(max(1, int(np.searchsorted(spread, samples / SAMPLES_PER_SPREAD))))


def forward_variance(model: RiskNeutralModel, days: IntArray, previous_day: int) -> FloatArray:
    """Variance of the log forward price of each equity to each day, (3, n_day), by exact sums over the steps.

    The log forward moves with the equity's own shocks and with the short rate it earns, which are correlated.
    """
    steps = model.rates.steps(days, previous_day)
    rate = np.array(model.correlation)[RATE, :RATE]
    return _forward_variance(steps.dt, steps.decay, steps.deviation, model.step_deviation(days, previous_day), rate)


@allocating_kernel
def _forward_variance(
    dt: FloatArray, decay: FloatArray, rate_deviation: FloatArray, deviation: FloatArray, rate: FloatArray
) -> FloatArray:
    """As `forward_variance`; ``deviation`` (n_day, 3), ``rate`` (3,) the correlation with the rate's shock."""
    out = np.empty((len(rate), len(dt)))
    for k in range(len(rate)):
        # x: the rate's state; y: its integral; m: the equity's own log return
        var_x = var_y = var_m = cov_xy = cov_xm = cov_ym = 0.0
        for i in range(len(dt)):
            var_y += 2.0 * dt[i] * cov_xy + dt[i] * dt[i] * var_x
            cov_ym += dt[i] * cov_xm
            cov_xy = decay[i] * (cov_xy + dt[i] * var_x)
            cov_xm = decay[i] * cov_xm + rate[k] * deviation[i, k] * rate_deviation[i]
            var_x = decay[i] * decay[i] * var_x + rate_deviation[i] * rate_deviation[i]
            var_m += deviation[i, k] * deviation[i, k]
            out[k, i] = var_y + var_m + 2.0 * cov_ym
    return out


class RealWorldChecks(Accumulator):
    """The checks of a real-world set."""

    def __init__(self, model: RealWorldModel, days: IntArray, previous_day: int, antithetic: bool) -> None:
        time = times(days, previous_day)
        items = [
            Item("martingale", INDICES[k], p, float(time[p]), 1.0, k)
            for p in check_positions(days, previous_day)
            for k in (BONDS, CASH)
        ]
        items += zero_coupon_items(time, model.rates.curve.discount(time), days, previous_day)
        for point in model.calibration:
            p = position_at(days, previous_day, 12 * point.years)
            if p >= 0:
                # a percentile is at most a point just when at least that share of the wealth is
                side = 1 if point.percentile < 0.5 else -1
                name = f"{EQUITIES[0]} {point.percentile:.1%}"
                items.append(Item("calibration", name, p, float(time[p]), point.percentile, 0, point.wealth, side))
        super().__init__(items, mix_weights({}), antithetic)
        bonds = _bond_deviation(model.rates.steps(days, previous_day))
        self._deviation = _spread_to(np.column_stack([np.zeros((len(bonds), len(EQUITIES))), bonds]))

    def least_errors(self, n: int) -> FloatArray:
        """That of bonds; the equities of this model are no martingales."""
        return self.martingale_errors(self._deviation, n)

    def sample(self, item: Item, wealth: FloatArray, discount: FloatArray) -> FloatArray:
        """Discounted value, or for a calibration point 1 where wealth is at most the point, else 0."""
        if item.check == "calibration":
            return np.asarray(wealth <= item.level, dtype=np.float64)
        return discount * wealth
