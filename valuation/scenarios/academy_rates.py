"""Real-world rates of the Academy's generator with bond and money returns, beside the Academy's equities.

Month t, from long rate l (20 years), spread a (20-year less 1-year rate) and volatility s of the log long rate:

    ln s(t) = (1 - b3) ln s(t-1) + b3 ln tau3 + sigma3 Z3
    a(t)    = (1 - b2) a(t-1) + b2 tau2 + phi (ln l(t-1) - ln tau1) + sigma2 Z2 l(t-1)^theta
    ln l(t) = clip((1 - b1) ln l(t-1) + b1 ln tau1 + psi (tau2 - a(t-1)), low, high) + s(t) Z1

The 1-year rate is l - a, floored.  A Nelson-Siegel curve of decay 0.4 goes through both; what today's curve differs from
it is added, and removed over 12 months; every rate is floored.  A bond or money index of maturity m returns in a month

    (i(t) + k) / 12 - d (i(t) - i(t-1)) + v sqrt(i(t-1)) Z,   i its yield.

Source: American Academy of Actuaries, Economic Scenario Work Group, March 2007 (rates), generator v7.1.202005
(parameters); pre-packaged scenarios, March 2005, Tables 5 and 9 (returns).

Our readings: rate shocks are independent of equities, as the source has them, and the shocks Z of bond and money returns
correlated with equities by Table 9; the equities are those of `real_world`, to the bit.  The discount row is at the
path's 3-month yield at the beginning of each month.  Cash and discount factors are smooth inside a month; bonds follow a
bridge at the month's volatility, sqrt(v^2 i + (d i s)^2), independent of the equities' bridges.
"""

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from valuation.compile import allocating_kernel
from valuation.scenarios.grid import CASH, DISCOUNT, EQUITIES, N_ROW, FloatArray, IntArray, months
from valuation.scenarios.random import Stream, normals
from valuation.scenarios.real_world import N_EQUITY, RealWorldModel, bridge, draw, simulate_months

START_TENORS = (0.25, 1.0, 7.0, 20.0)
"""Years of the yields of the valuation date that the model starts from: money, short, bonds, long."""
DISCOUNT_TENOR = 0.25
_SHORT, _LONG = START_TENORS.index(1.0), START_TENORS.index(20.0)


class RateParameters(NamedTuple):
    """Parameters in the units of the data file."""

    long_reversion_point: float
    long_reversion: float
    spread_mean: float
    spread_reversion: float
    spread_volatility: float
    spread_power: float
    volatility_mean: float
    volatility_reversion: float
    volatility_of_volatility: float
    spread_correlation: float
    steepness: float
    tilt: float
    long_low: float
    long_high: float
    short_low: float
    rate_low: float
    curve_decay: float
    perturbation_months: float


class ReturnParameters(NamedTuple):
    """One bond or money index."""

    maturity: float
    spread: float
    duration: float
    volatility: float


class RatePaths(NamedTuple):
    """Monthly paths of the three states, (n_month + 1, n_lane) each, from the valuation date."""

    long: FloatArray
    spread: FloatArray
    volatility: FloatArray


@dataclass(frozen=True)
class AcademyModel:
    """The Academy's equities with the Academy's rates."""

    equities: RealWorldModel
    start: tuple[float, ...]  # yields of the valuation date at START_TENORS, bond-equivalent fractions
    rates: RateParameters
    cash: ReturnParameters
    bonds: ReturnParameters
    correlation: tuple[tuple[float, ...], ...]  # (8, 8): shocks of the equities in their order, cash, bonds

    kind = "real_world"

    def parameters(self, days: IntArray, previous_day: int) -> dict[str, Any]:
        """Everything the paths depend on besides the draws."""
        return {
            "equities": [equity._asdict() for equity in self.equities.equities],
            "start": self.start,
            "rates": self.rates._asdict(),
            "cash": self.cash._asdict(),
            "bonds": self.bonds._asdict(),
            "correlation": self.correlation,
        }

    def tile(self, days: IntArray, previous_day: int, seed: int, scenarios: range, antithetic: bool) -> FloatArray:
        """The tile (n_day, 6, n_lane) of the scenarios of those numbers."""
        drawn = draw(days, previous_day, seed, scenarios, antithetic)
        n_month = len(drawn.monthly)
        own = normals(seed, Stream.ACADEMY_MONTHS, scenarios, 5, n_month, antithetic=antithetic)
        return simulate(self, days, previous_day, drawn.monthly, drawn.daily, own)


def academy_model(equities: RealWorldModel, start: tuple[float, ...], edition: str = "7") -> AcademyModel:
    """The model of an edition from the yields of the valuation date at START_TENORS."""
    if len(start) != len(START_TENORS) or not all(-0.05 < one < 0.5 for one in start):
        raise ValueError(
            f"yields {start} at {START_TENORS} years: allowed are fractions from -0.05 to 0.5, not percent"
        )
    path = resources.files("valuation") / "data" / f"academy_rates_{edition}.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    table = data["correlation"]
    order = [table["order"].index(f"{name} {part}") for name in EQUITIES for part in ("volatility", "return")]
    matrix = np.eye(2 * N_EQUITY + 2)
    matrix[:-2, :-2] = equities.correlation
    for row, name in ((-2, "cash"), (-1, "bonds")):
        matrix[row, :-2] = matrix[:-2, row] = [table[name][k] for k in order]
    matrix[-2, -1] = matrix[-1, -2] = table["cash_bonds"]
    return AcademyModel(
        equities=equities,
        start=start,
        rates=RateParameters(**{name: float(data[name]["value"]) for name in RateParameters._fields}),
        cash=ReturnParameters(**{name: data["cash"][name] for name in ReturnParameters._fields}),
        bonds=ReturnParameters(**{name: data["bonds"][name] for name in ReturnParameters._fields}),
        correlation=tuple(tuple(float(v) for v in row) for row in matrix),
    )


@allocating_kernel
def simulate_rates(p: RateParameters, long: float, short: float, shocks: FloatArray) -> tuple[FloatArray, ...]:
    """Long rate, spread and volatility by month, each (n_month + 1, n_lane), from the rates of the valuation date.

    shocks   (n_month, 3, n_lane) independent standard normals
    """
    n_month, _, n_lane = shocks.shape
    level = np.empty((n_month + 1, n_lane))
    spread, volatility = np.empty_like(level), np.empty_like(level)
    level[0], spread[0], volatility[0] = long, long - short, p.volatility_mean
    log_point, log_mean = np.log(p.long_reversion_point), np.log(p.volatility_mean)
    low, high = np.log(p.long_low), np.log(p.long_high)
    other = np.sqrt(1.0 - p.spread_correlation**2)
    for m in range(n_month):
        for i in range(n_lane):
            before, apart = np.log(level[m, i]), spread[m, i]
            z1 = shocks[m, 0, i]
            z2 = p.spread_correlation * z1 + other * shocks[m, 1, i]
            log_volatility = (1.0 - p.volatility_reversion) * np.log(
                volatility[m, i]
            ) + p.volatility_reversion * log_mean
            volatility[m + 1, i] = np.exp(log_volatility + p.volatility_of_volatility * shocks[m, 2, i])
            drift = (1.0 - p.spread_reversion) * apart + p.spread_reversion * p.spread_mean
            drift += p.tilt * (before - log_point)
            spread[m + 1, i] = drift + p.spread_volatility * z2 * level[m, i] ** p.spread_power
            mean = (1.0 - p.long_reversion) * before + p.long_reversion * log_point
            mean += p.steepness * (p.spread_mean - apart)
            level[m + 1, i] = np.exp(min(max(mean, low), high) + volatility[m + 1, i] * z1)
    return level, spread, volatility


def yields(model: AcademyModel, paths: RatePaths, tenor: float) -> FloatArray:
    """Yield of a maturity of START_TENORS by month, (n_month + 1, n_lane), bond-equivalent; row 0 is the market's."""
    p = model.rates
    weight = {t: -np.expm1(-p.curve_decay * t) / (p.curve_decay * t) for t in (1.0, 20.0, tenor)}
    share = (weight[tenor] - weight[20.0]) / (weight[1.0] - weight[20.0])

    def fitted(long: Any, short: Any) -> Any:
        return long + share * (short - long)

    short = np.maximum(paths.long - paths.spread, p.short_low)
    at = START_TENORS.index(tenor)
    apart = model.start[at] - fitted(model.start[_LONG], max(model.start[_SHORT], p.short_low))
    left = np.maximum(0.0, 1.0 - np.arange(len(short)) / p.perturbation_months)
    return np.asarray(np.maximum(p.rate_low, fitted(paths.long, short) + left[:, None] * apart))


def index_growth(p: ReturnParameters, found: FloatArray, shocks: FloatArray) -> FloatArray:
    """Growth factors (n_month, n_lane) of a bond or money index from its yields (n_month + 1, n_lane)."""
    move = np.diff(found, axis=0)
    noise = p.volatility * np.sqrt(np.maximum(found[:-1], 0.0)) * shocks
    return np.asarray(1.0 + (found[1:] + p.spread) / 12.0 - p.duration * move + noise)


def simulate(
    model: AcademyModel, days: IntArray, previous_day: int, monthly: FloatArray, daily: FloatArray, own: FloatArray
) -> FloatArray:
    """Paths on the grid ``days``: a tile (n_day, 6, n_lane).

    monthly   (n_month, 6, n_lane) draws of the equities
    daily     (n_step, 4, n_lane) draws of the bridges: equities, bonds
    own       (n_month, 5, n_lane) draws of long rate, spread, its volatility, cash, bonds
    """
    calendar = months(days, previous_day)
    log_return, volatility = simulate_months(model.equities, monthly)
    paths = RatePaths(
        *simulate_rates(model.rates, model.start[_LONG], model.start[_SHORT], np.ascontiguousarray(own[:, :3]))
    )
    both = np.linalg.cholesky(np.array(model.correlation))[-2:]
    shocks = np.einsum("kj,mjl->mkl", both, np.concatenate([monthly, own[:, 3:]], axis=1))
    short, middle = yields(model, paths, model.cash.maturity), yields(model, paths, model.bonds.maturity)
    bonds = index_growth(model.bonds, middle, shocks[:, 1])
    spread = model.bonds.volatility**2 * middle[:-1] + (model.bonds.duration * middle[:-1] * paths.volatility[1:]) ** 2
    log_return = np.concatenate([log_return, np.log(bonds)[:, None]], axis=1)
    volatility = np.concatenate([volatility, np.sqrt(12.0 * spread)[:, None]], axis=1)
    loadings = np.eye(N_EQUITY + 1)
    loadings[:N_EQUITY, :N_EQUITY] = np.linalg.cholesky(np.array(model.equities.correlation)[1::2, 1::2])

    tile = np.empty((len(days), N_ROW, monthly.shape[2]))
    bridge(tile, daily, loadings, log_return, volatility, calendar)
    length = calendar.length
    cash = np.log(index_growth(model.cash, short, shocks[:, 0])) / length[:, None]
    tile[:, CASH] = np.exp(np.repeat(cash, length, axis=0)[: len(days)])
    rate = yields(model, paths, DISCOUNT_TENOR)[:-1]
    earned = np.log1p(rate / 2.0) / 6.0 / length[:, None]
    tile[:, DISCOUNT] = np.exp(-np.cumsum(np.repeat(earned, length, axis=0)[: len(days)], axis=0))
    return tile
