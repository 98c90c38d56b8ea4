"""Real-world scenarios: the Academy's stochastic log-volatility equities, monthly, with daily paths inside each month.

Month t of an equity, with v the log volatility and Z correlated standard normals:

    u(t) = min(ln cap, (1 - phi) v(t-1) + phi ln tau) + vol_of_log_vol Z_v;   v(t) = clip(u(t), ln low, ln high)
    ln return = mu / 12 + sigma / sqrt(12) Z_s,   sigma = exp(v(t)),   mu = A + B sigma + C sigma^2.

Source: American Academy of Actuaries, pre-packaged scenarios, March 2005, Tables 5, 6 and 9.

Our readings, where the source is monthly and silent:
- The days of a month follow a Brownian bridge on its log return, at that month's volatility, in equal shares of
  variance per Valuation Day, the three bridges correlated as the return shocks.  Monthly totals are the source's
  exactly.
- Months run between the monthly dates of the valuation date and end on the last Valuation Day on or before each.
- Rates, cash and bonds follow `short_rate` under zero term premium: expected rates are the curve's forwards (less
  convexity), independent of equities, as the source has its rates.  The discount row is at the path's own short rate,
  the rate earned on the general account.
"""

import dataclasses
import math
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from valuation.compile import allocating_kernel
from valuation.scenarios.grid import EQUITIES, N_ROW, FloatArray, IntArray, Months, months, times
from valuation.scenarios.random import Stream, normals
from valuation.scenarios.short_rate import GaussianShortRate, combine, simulate_rates

N_EQUITY = len(EQUITIES)


class LogVolatility(NamedTuple):
    """Parameters of one equity, named and in units as in the data file."""

    tau: float
    phi: float
    vol_of_log_vol: float
    drift_constant: float
    drift_linear: float
    drift_quadratic: float
    start: float
    low: float
    cap: float
    high: float


class CalibrationPoint(NamedTuple):
    """One published point of the wealth ratio of large equity."""

    years: int
    percentile: float
    wealth: float


class Draws(NamedTuple):
    """Independent standard normals behind a tile."""

    monthly: FloatArray  # (n_month, 6, n_lane): volatility and return shock of each equity
    daily: FloatArray  # (n_step, 4, n_lane): bridge of each equity, short rate


@dataclass(frozen=True)
class RealWorldModel:
    """Rates of one valuation date and the equity parameters of an edition."""

    rates: GaussianShortRate
    equities: tuple[LogVolatility, ...]  # (3,) in the order of EQUITIES
    correlation: tuple[tuple[float, ...], ...]  # (6, 6): volatility and return shock of each equity in turn
    calibration: tuple[CalibrationPoint, ...] = ()

    kind = "real_world"

    def parameters(self, days: IntArray, previous_day: int) -> dict[str, Any]:
        """Everything the paths on this grid depend on besides the draws, as plain values."""
        rates = {f.name: getattr(self.rates, f.name) for f in dataclasses.fields(self.rates) if f.name != "curve"}
        discount = self.rates.curve.discount(times(days, previous_day))
        return {
            "rates": rates,
            "equities": [equity._asdict() for equity in self.equities],
            "correlation": self.correlation,
            "discount": [f"{p:.12e}" for p in discount],
        }

    def tile(self, days: IntArray, previous_day: int, seed: int, scenarios: range, antithetic: bool) -> FloatArray:
        """The tile (n_day, 6, n_lane) of the scenarios of those numbers."""
        return simulate(self, days, previous_day, draw(days, previous_day, seed, scenarios, antithetic))


def real_world_model(rates: GaussianShortRate, edition: str = "2005") -> RealWorldModel:
    """The model with the equity parameters of an edition and the short rate of the valuation date."""
    data = _edition(edition)
    shocks = [f"{name} {part}" for name in EQUITIES for part in ("volatility", "return")]
    order = [data["correlation"]["order"].index(name) for name in shocks]
    matrix = data["correlation"]["matrix"]
    return RealWorldModel(
        rates=rates,
        equities=tuple(LogVolatility(**{f: data[name][f] for f in LogVolatility._fields}) for name in EQUITIES),
        correlation=tuple(tuple(matrix[i][j] for j in order) for i in order),
        calibration=calibration_points(edition),
    )


def calibration_points(edition: str = "2005") -> tuple[CalibrationPoint, ...]:
    """The published points that the wealth ratio of large equity must reach, whatever made the scenarios."""
    table = _edition(edition)["calibration"]
    return tuple(
        CalibrationPoint(years, row["percentile"], wealth)
        for row in table["points"]
        for years, wealth in zip(table["years"], row["wealth"], strict=True)
        if wealth > 0.0
    )


def _edition(edition: str) -> dict[str, Any]:
    path = resources.files("valuation") / "data" / f"academy_slv_{edition}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def draw(days: IntArray, previous_day: int, seed: int, scenarios: range, antithetic: bool) -> Draws:
    """The draws behind a tile."""
    calendar = months(days, previous_day)
    return Draws(
        draw_months(len(calendar.first), seed, scenarios, antithetic),
        normals(seed, Stream.REAL_WORLD_DAYS, scenarios, N_EQUITY + 1, calendar.n_step, antithetic=antithetic),
    )


def draw_months(n_month: int, seed: int, scenarios: range, antithetic: bool) -> FloatArray:
    """The monthly draws (n_month, 6, n_lane) alone."""
    return normals(seed, Stream.REAL_WORLD_MONTHS, scenarios, 2 * N_EQUITY, n_month, antithetic=antithetic)


def simulate_months(model: RealWorldModel, normals: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log return and annual volatility of each equity in each month, both (n_month, 3, n_lane).

    ``normals`` are independent, (n_month, 6, n_lane).
    """
    shape = (normals.shape[0], N_EQUITY, normals.shape[2])
    log_return, volatility = np.empty(shape), np.empty(shape)
    loadings = np.linalg.cholesky(np.array(model.correlation))
    for k, equity in enumerate(model.equities):
        _simulate_equity(equity, normals, loadings[2 * k], loadings[2 * k + 1], log_return[:, k], volatility[:, k])
    return log_return, volatility


@allocating_kernel
def _simulate_equity(
    p: LogVolatility,
    normals: FloatArray,
    loading_v: FloatArray,
    loading_s: FloatArray,
    log_return: FloatArray,
    volatility: FloatArray,
) -> None:
    """One equity: fills ``log_return`` and ``volatility``, both (n_month, n_lane); loadings on the normals (6,)."""
    n_month, _, n_lane = normals.shape
    log_tau, log_cap, low, high = math.log(p.tau), math.log(p.cap), math.log(p.low), math.log(p.high)
    v = np.full(n_lane, math.log(p.start))
    z_v, z_s = np.empty(n_lane), np.empty(n_lane)
    for m in range(n_month):
        combine(z_v, normals[m], loading_v)
        combine(z_s, normals[m], loading_s)
        for i in range(n_lane):
            mean = min(log_cap, (1.0 - p.phi) * v[i] + p.phi * log_tau)
            v[i] = max(low, min(high, mean + p.vol_of_log_vol * z_v[i]))
            sigma = math.exp(v[i])
            mu = p.drift_constant + p.drift_linear * sigma + p.drift_quadratic * sigma * sigma
            log_return[m, i] = mu / 12.0 + sigma / math.sqrt(12.0) * z_s[i]
            volatility[m, i] = sigma


def simulate(model: RealWorldModel, days: IntArray, previous_day: int, draws: Draws) -> FloatArray:
    """Paths of ``model`` on the grid ``days`` counted from ``previous_day``: a tile (n_day, 6, n_lane)."""
    calendar = months(days, previous_day)
    n_day, n_lane = len(days), draws.daily.shape[2]
    if len(draws.monthly) != len(calendar.first) or len(draws.daily) != calendar.n_step:
        raise ValueError(
            f"draws of {len(draws.monthly)} months and {len(draws.daily)} days do not fit "
            f"{len(calendar.first)} months and {calendar.n_step} days; make them with `draw`"
        )
    log_return, volatility = simulate_months(model, draws.monthly)
    returns = np.array(model.correlation)[1::2, 1::2]
    loadings = np.zeros((N_EQUITY, draws.daily.shape[1]))
    loadings[:, :N_EQUITY] = np.linalg.cholesky(returns)
    rate_loading = np.zeros(draws.daily.shape[1])
    rate_loading[N_EQUITY] = 1.0

    tile = np.empty((n_day, N_ROW, n_lane))
    simulate_rates(tile, draws.daily[:n_day], rate_loading, model.rates.steps(days, previous_day))
    bridge(tile, draws.daily, loadings, log_return, volatility, calendar)
    return tile


@allocating_kernel
def bridge(
    tile: FloatArray,
    normals: FloatArray,
    loadings: FloatArray,
    log_return: FloatArray,
    volatility: FloatArray,
    calendar: Months,
) -> None:
    """Fill the first rows of ``tile`` with daily ratios whose product over a month is exp of its log return.

    normals                   (n_step, n_factor, n_lane)
    loadings                  (n_row, n_factor)
    log_return, volatility    (n_month, n_row, n_lane), volatility per square root of a year
    """
    n_day, _, n_lane = tile.shape
    shock, mean = np.empty(n_lane), np.empty(n_lane)
    for m in range(len(calendar.first)):
        first, n = calendar.first[m], calendar.length[m]
        scale = 1.0 / math.sqrt(12.0 * n)
        for k in range(len(loadings)):
            mean[:] = 0.0
            for d in range(first, first + n):
                combine(shock, normals[d], loadings[k])
                for i in range(n_lane):
                    mean[i] += shock[i] / n
            for d in range(first, min(first + n, n_day)):
                combine(shock, normals[d], loadings[k])
                for i in range(n_lane):
                    move = scale * volatility[m, k, i] * (shock[i] - mean[i])
                    tile[d, k, i] = math.exp(log_return[m, k, i] / n + move)
