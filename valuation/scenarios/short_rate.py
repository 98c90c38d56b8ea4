"""One-factor Gaussian short rate on the Valuation-Day grid, fitted exactly to the curve of the valuation date.

Over step i, of length dt_i, the rate is constant: r_i = x_i + alpha_i, with x_0 = 0 and

    x_{i+1} = x_i exp(-a dt_i) + e_i,   e_i normal with variance v_i = sigma^2 (1 - exp(-2 a dt_i)) / (2 a).

alpha is chosen in this discrete model, not in its continuous limit, so that the expected discount factor to every day
is the curve's: sum_{k<=i} alpha_k dt_k = -ln P(t_i) + Var(sum_{k<=i} x_k dt_k) / 2.

Cash earns the short rate.  The bond index is a zero-coupon bond of constant maturity M, rolled every day: a
self-financing asset whose log return is r_i dt_i - B^2 v_i / 2 - B e_i, with B = (1 - exp(-a M)) / a.  Its expected
return is the short rate, so its discounted value is a martingale, exactly.

Source: Hull and White, "Pricing interest-rate-derivative securities", Review of Financial Studies 3 (1990); Brigo and
Mercurio, "Interest Rate Models: Theory and Practice" (2006), section 3.3 (fit by a deterministic shift).
"""

import math
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from valuation.compile import allocating_kernel, routine
from valuation.scenarios.grid import BONDS, CASH, DISCOUNT, N_ROW, FloatArray, IntArray, times, year_fractions


class Curve(Protocol):
    """What the models need of a zero curve: the discount factor to times in years."""

    def discount(self, t: FloatArray) -> FloatArray:
        """Discount factors to the times ``t``, in years from the valuation date."""
        ...


class RateSteps(NamedTuple):
    """The short-rate model resolved on one grid; every array is (n_day,)."""

    dt: FloatArray  # length of the step, years
    decay: FloatArray  # exp(-a dt)
    deviation: FloatArray  # standard deviation of the shock to x over the step
    drift: FloatArray  # alpha dt
    bond_loading: float  # B, years


@dataclass(frozen=True)
class GaussianShortRate:
    """The short-rate model of one valuation date."""

    curve: Curve
    reversion: float  # a, per year, above 0
    volatility: float  # sigma, absolute per square root of a year
    bond_maturity: float  # M, years

    def __post_init__(self) -> None:
        for name in ("reversion", "volatility", "bond_maturity"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0.0):
                raise ValueError(f"short rate: {name} is {value}; it must be a number above 0")

    @property
    def bond_loading(self) -> float:
        """B = (1 - exp(-a M)) / a, in years: fall of the bond index's log value per unit shock of x."""
        return -math.expm1(-self.reversion * self.bond_maturity) / self.reversion

    def steps(self, days: IntArray, previous_day: int) -> RateSteps:
        """The model's coefficients on the grid ``days``, counted from ``previous_day``."""
        dt = year_fractions(days, previous_day)
        decay = np.exp(-self.reversion * dt)
        deviation = self.volatility * np.sqrt(-np.expm1(-2.0 * self.reversion * dt) / (2.0 * self.reversion))
        integral = -np.log(self.curve.discount(times(days, previous_day)))
        integral += 0.5 * integrated_variance(dt, decay, deviation)
        return RateSteps(dt, decay, deviation, np.diff(integral, prepend=0.0), self.bond_loading)


@allocating_kernel
def integrated_variance(dt: FloatArray, decay: FloatArray, deviation: FloatArray) -> FloatArray:
    """Variance of sum_{k<=i} x_k dt_k for every step i, (n_day,), by exact recursion over the steps."""
    out = np.empty(len(dt))
    var_sum = cov = var_x = 0.0
    for i in range(len(dt)):
        var_sum += 2.0 * dt[i] * cov + dt[i] * dt[i] * var_x
        cov = decay[i] * (cov + dt[i] * var_x)
        var_x = decay[i] * decay[i] * var_x + deviation[i] * deviation[i]
        out[i] = var_sum
    return out


@allocating_kernel
def simulate_rates(tile: FloatArray, normals: FloatArray, loading: FloatArray, steps: RateSteps) -> None:
    """Fill the bond, cash and discount rows of ``tile``.

    tile      (n_day, 6, n_lane), written in place
    normals   (n_day, n_factor, n_lane) independent standard normals
    loading   (n_factor,) of the rate shock on them, of length 1
    """
    n_day, _, n_lane = normals.shape
    x = np.zeros(n_lane)
    integral = np.zeros(n_lane)
    shock = np.empty(n_lane)
    b = steps.bond_loading
    for d in range(n_day):
        combine(shock, normals[d], loading)
        deviation = steps.deviation[d]
        convexity = 0.5 * b * b * deviation * deviation
        for i in range(n_lane):
            growth = x[i] * steps.dt[d] + steps.drift[d]
            move = deviation * shock[i]
            integral[i] += growth
            x[i] = x[i] * steps.decay[d] + move
            tile[d, CASH, i] = math.exp(growth)
            tile[d, BONDS, i] = math.exp(growth - convexity - b * move)
            tile[d, DISCOUNT, i] = math.exp(-integral[i])


@routine
def combine(shock: FloatArray, normals: FloatArray, loading: FloatArray) -> None:
    """``shock`` (n_lane,) = ``loading`` (n_factor,) times ``normals`` (n_factor, n_lane), summed in factor order."""
    shock[:] = 0.0
    for j in range(len(loading)):
        weight = loading[j]
        if weight != 0.0:
            for i in range(len(shock)):
                shock[i] += weight * normals[j, i]


def curve_shift(base: GaussianShortRate, bumped: GaussianShortRate, days: IntArray, previous_day: int) -> FloatArray:
    """Factor (n_day, 6) that turns a tile of ``base`` into the tile of ``bumped`` on the same draws, exactly.

    The curve enters a path through alpha alone: every index earns exp(d(alpha) dt) more and the discount factor falls
    by the accumulated sum.  The bond index is held when the curve moves: on the first day it is repriced by
    P_bumped(M) / P(M), which a tile made from the bumped curve does not contain.

    Raises ValueError if the two differ in more than the curve.
    """
    if (base.reversion, base.volatility, base.bond_maturity) != (
        bumped.reversion,
        bumped.volatility,
        bumped.bond_maturity,
    ):
        raise ValueError("the two models differ in more than their curve; simulate a tile of the bumped model instead")
    change = bumped.steps(days, previous_day).drift - base.steps(days, previous_day).drift
    factor = np.empty((len(days), N_ROW))
    factor[:, :DISCOUNT] = np.exp(change)[:, None]
    factor[:, DISCOUNT] = np.exp(-np.cumsum(change))
    factor[0, BONDS] *= bond_repricing(base, bumped)
    return factor


def bond_repricing(base: GaussianShortRate, bumped: GaussianShortRate) -> float:
    """Value of the zero-coupon bond of maturity M on the curve of ``bumped`` over that on the curve of ``base``."""
    maturity = np.array([base.bond_maturity])
    return float(bumped.curve.discount(maturity)[0] / base.curve.discount(maturity)[0])
