"""Risk-neutral scenarios: Gaussian short rate, and equities with a deterministic term structure of volatility.

Over step i, of length dt_i at the short rate r_i (see `short_rate`), the total return (dividends reinvested) of
equity k is

    exp(r_i dt_i - w_i / 2 + sqrt(w_i) Z),   w_i the index's variance over the step,

so that every index is a martingale once discounted, exactly, on any grid.  Variance reverts from today's level to a
long-run level: v(t) = v_inf + (v_0 - v_inf) exp(-k t), integrated exactly over each step; v_0 is such that the mean
variance over the tenor of the market's index is its square.  Other equities have a fixed ratio to large equity.
Quotes by maturity, where an equity has them, take the place of v(t) for it (`volatility`).
"Implied volatility" of an index here is sqrt(integral of v over T), the volatility of its return given the rates.

Source: Merton, "Theory of rational option pricing", Bell Journal 4 (1973) (deterministic volatility, stochastic
rates); the form of v(t) is the expected variance of Heston, Review of Financial Studies 6 (1993).
"""

import dataclasses
import math
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from valuation.compile import allocating_kernel
from valuation.funds import INDICES
from valuation.scenarios.grid import CASH, EQUITIES, N_ROW, FloatArray, IntArray, times
from valuation.scenarios.random import Stream, normals
from valuation.scenarios.short_rate import (
    Curve,
    GaussianShortRate,
    bond_repricing,
    combine,
    curve_shift,
    simulate_rates,
)
from valuation.scenarios.volatility import VolatilityTerms

FACTORS = (*EQUITIES, "short_rate")
RATE = len(EQUITIES)

__all__ = [
    "FACTORS",
    "RiskNeutralModel",
    "bond_repricing",
    "draw",
    "risk_neutral_model",
    "shift",
    "simulate",
    "spot_factor",
]


@dataclass(frozen=True)
class RiskNeutralModel:
    """Market inputs and parameters of one valuation date."""

    curve: Curve
    implied_volatility: float  # of large equity over `implied_tenor`, per square root of a year
    implied_tenor: float  # years
    long_run_volatility: float  # of large equity
    variance_reversion: float  # k, per year
    volatility_ratio: tuple[float, ...]  # (3,) to large equity
    rate_reversion: float  # a, per year
    rate_volatility: float  # sigma, absolute
    bond_maturity: float  # M, years
    correlation: tuple[tuple[float, ...], ...]  # (4, 4) of the shocks of FACTORS
    volatility_shift: tuple[float, ...] = (0.0, 0.0, 0.0)  # added to each equity's implied volatility at every maturity
    volatility_terms: tuple[
        "VolatilityTerms | None", ...
    ] = ()  # (3,) quotes by maturity in the place of v(t); (): none

    kind = "risk_neutral"

    def __post_init__(self) -> None:
        for name in ("implied_volatility", "implied_tenor", "long_run_volatility", "variance_reversion"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0.0):
                raise ValueError(f"risk-neutral model: {name} is {value}; it must be a number above 0")
        if self.spot_variance <= 0.0:
            raise ValueError(
                f"risk-neutral model: implied volatility {self.implied_volatility} lies too far below the long-run "
                f"volatility {self.long_run_volatility}: today's variance would be {self.spot_variance:.6f}; lower "
                "the latter"
            )
        if len(self.correlation) != len(FACTORS) or min(np.linalg.eigvalsh(np.array(self.correlation))) <= 0.0:
            raise ValueError(
                f"risk-neutral model: correlation must be a positive definite matrix of {len(FACTORS)} shocks"
            )

    @property
    def rates(self) -> GaussianShortRate:
        """The short-rate part of the model."""
        return GaussianShortRate(self.curve, self.rate_reversion, self.rate_volatility, self.bond_maturity)

    @property
    def spot_variance(self) -> float:
        """v_0 of large equity: its mean over the implied tenor gives the implied volatility."""
        decay = self.variance_reversion * self.implied_tenor
        long_run = self.long_run_volatility**2
        return long_run + (self.implied_volatility**2 - long_run) * decay / -math.expm1(-decay)

    def total_variance(self, equity: str, t: FloatArray) -> FloatArray:
        """Variance of the log return of ``equity`` from today to the times ``t`` (years), given the rates."""
        k = _equity(equity)
        t = np.asarray(t, dtype=np.float64)
        terms = self.volatility_terms[k] if self.volatility_terms else None
        if terms is None:
            long_run = self.long_run_volatility**2
            excess = (self.spot_variance - long_run) / self.variance_reversion
            unshifted = long_run * t - excess * np.expm1(-self.variance_reversion * t)
            volatility = self.volatility_ratio[k] * np.sqrt(unshifted)  # times the square root of t
        else:
            volatility = np.sqrt(terms.total_variance(t))
        result: FloatArray = (volatility + self.volatility_shift[k] * np.sqrt(t)) ** 2
        return result

    def step_deviation(self, days: IntArray, previous_day: int) -> FloatArray:
        """Standard deviation of each equity's log return over each step given the rates, (n_day, 3)."""
        t = np.concatenate(([0.0], times(days, previous_day)))
        variance = np.stack([np.diff(self.total_variance(name, t)) for name in EQUITIES], axis=1)
        if variance.min() < 0.0:
            raise ValueError(
                f"volatility shift {self.volatility_shift} makes a forward variance negative; use a smaller one"
            )
        return np.sqrt(variance)

    def with_curve(self, curve: Curve) -> "RiskNeutralModel":
        """The same model on another curve."""
        return dataclasses.replace(self, curve=curve)

    def with_volatility(self, equity: str, size: float) -> "RiskNeutralModel":
        """The model with the implied volatility of ``equity`` raised by ``size`` (0.01 = a point) at every maturity."""
        shifted = list(self.volatility_shift)
        shifted[_equity(equity)] += size
        return dataclasses.replace(self, volatility_shift=tuple(shifted))

    def parameters(self, days: IntArray, previous_day: int) -> dict[str, Any]:
        """Everything the paths on this grid depend on besides the draws, as plain values."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "curve"}
        if not self.volatility_terms:
            del values["volatility_terms"]
        return values | {"discount": [f"{p:.12e}" for p in self.curve.discount(times(days, previous_day))]}

    def tile(self, days: IntArray, previous_day: int, seed: int, scenarios: range, antithetic: bool) -> FloatArray:
        """The tile (n_day, 6, n_lane) of the scenarios of those numbers."""
        return simulate(self, days, previous_day, draw(days, seed, scenarios, antithetic))


def risk_neutral_model(curve: Curve, implied_volatility: float, edition: str = "2008") -> RiskNeutralModel:
    """The model on today's curve and implied volatility (a fraction) of large equity, parameters of an edition."""
    path = resources.files("valuation") / "data" / f"risk_neutral_{edition}.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return RiskNeutralModel(
        curve=curve,
        implied_volatility=implied_volatility,
        volatility_ratio=tuple(data["volatility_ratio"][name] for name in EQUITIES),
        correlation=tuple(tuple(row) for row in data["correlation"]["matrix"]),
        implied_tenor=data["implied_tenor"]["value"],
        long_run_volatility=data["long_run_volatility"]["value"],
        variance_reversion=data["variance_reversion"]["value"],
        rate_reversion=data["rate_reversion"]["value"],
        rate_volatility=data["rate_volatility"]["value"],
        bond_maturity=data["bond_maturity"]["value"],
    )


def draw(days: IntArray, seed: int, scenarios: range, antithetic: bool) -> FloatArray:
    """The draws (n_day, 4, n_lane) behind a tile; factors in the order of FACTORS."""
    return normals(seed, Stream.RISK_NEUTRAL_DAYS, scenarios, len(FACTORS), len(days), antithetic=antithetic)


def simulate(model: RiskNeutralModel, days: IntArray, previous_day: int, normals: FloatArray) -> FloatArray:
    """Paths of ``model`` on the grid ``days`` counted from ``previous_day``: a tile (n_day, 6, n_lane).

    ``normals`` are independent, (n_day, 4, n_lane); the same ones give every bump on common random numbers.
    """
    n_day, n_factor, n_lane = normals.shape
    if n_day != len(days) or n_factor != len(FACTORS):
        raise ValueError(f"draws of shape {normals.shape} do not fit {len(days)} days and {len(FACTORS)} factors")
    loadings = np.linalg.cholesky(np.array(model.correlation))
    tile = np.empty((n_day, N_ROW, n_lane))
    simulate_rates(tile, normals, loadings[RATE], model.rates.steps(days, previous_day))
    _simulate_equities(tile, normals, loadings[:RATE], model.step_deviation(days, previous_day))
    return tile


@allocating_kernel
def _simulate_equities(tile: FloatArray, normals: FloatArray, loadings: FloatArray, deviation: FloatArray) -> None:
    """Fill the equity rows of ``tile``, whose cash row is filled; ``deviation`` (n_day, 3) as `step_deviation`."""
    n_day, _, n_lane = normals.shape
    shock = np.empty(n_lane)
    for d in range(n_day):
        for k in range(len(loadings)):
            combine(shock, normals[d], loadings[k])
            s = deviation[d, k]
            for i in range(n_lane):
                tile[d, k, i] = tile[d, CASH, i] * math.exp(s * shock[i] - 0.5 * s * s)


def shift(base: RiskNeutralModel, bumped: RiskNeutralModel, days: IntArray, previous_day: int) -> FloatArray:
    """Factor (n_day, 6) that turns a tile of ``base`` into that of ``bumped``, which differs in its curve alone.

    The result also reprices the bond index held when the curve moves (`short_rate.curve_shift`).
    """
    if base.with_curve(bumped.curve) != bumped:
        raise ValueError("the two models differ in more than their curve; simulate a tile of the bumped model instead")
    return curve_shift(base.rates, bumped.rates, days, previous_day)


def spot_factor(n_day: int, index: str, size: float) -> FloatArray:
    """Factor (n_day, 6) that moves ``index`` by ``size`` (0.01 = +1%) before the first day and nothing else."""
    if index not in INDICES:
        raise ValueError(f"index {index!r} is unknown; it must be one of {', '.join(INDICES)}")
    factor = np.ones((n_day, N_ROW))
    factor[0, INDICES.index(index)] += size
    return factor


def _equity(name: str) -> int:
    if name not in EQUITIES:
        raise ValueError(f"equity index {name!r} is unknown; it must be one of {', '.join(EQUITIES)}")
    return EQUITIES.index(name)
