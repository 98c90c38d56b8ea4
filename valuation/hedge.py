"""Greeks of the liability from revaluations, limits, and the trades that bring the net position inside them.

Sign: the liability is a value the company owes, so net Greek = Greek of assets held - Greek of the liability.  Units as
in `valuation.instruments`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from valuation.estimate import Estimate, mean_estimate
from valuation.instruments import GREEKS, GreekKey, HedgeDataError, read_hedge_file

Array = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

UNITS: Mapping[str, str] = {
    "delta": "USD per +1% of the index",
    "gamma": "USD per +1% of the index, squared: change of delta for +1%",
    "rho": "USD per +1 basis point of the key rate",
    "vega": "USD per +1 point (0.01) of volatility",
}
BUMP_SIZES: Mapping[str, float] = {"delta": 1.0, "rho": 10.0, "vega": 1.0}
"""Usual size of a bump: percent, basis points, volatility points.  Ten basis points keep the kinks of lapse and asset
transfer from dominating the difference."""

_GAP = 1e-3  # relative distance from the least cost at which the search stops
_NODES = 50_000  # a limit on nodes, not on time: the same trades on every machine
_EDGE = 1e-9  # a net Greek this far outside its limit, relative, counts as on it


class Bump(NamedTuple):
    """Two revaluations on the random numbers of the base: market up and down by ``size`` in the unit of the Greek.

    up, down   (..., n_scenario) values of the liability, USD: of the block, or (n_contract, n_scenario) of contracts
    size       percent for delta, basis points for rho, volatility points for vega
    """

    key: GreekKey
    size: float
    up: Array
    down: Array


class Sensitivity(NamedTuple):
    """A Greek, in the unit of `UNITS`, with its standard error; arrays (n_contract,) for contracts."""

    key: GreekKey
    value: Array
    standard_error: Array


def central_difference(up: Array, down: Array, size: float, n_per_sample: int = 1) -> Estimate:
    """Change of value for one unit of the bumped input: mean of (up - down) / (2 size), with its standard error.

    up, down       (..., n_scenario) on common random numbers, so that most of the noise cancels scenario by scenario
    n_per_sample   2 for antithetic pairs (2j, 2j + 1)
    """
    if not size > 0.0 or np.shape(up) != np.shape(down):
        raise ValueError(
            f"bump of {size} with values of shapes {np.shape(up)} and {np.shape(down)}; allowed are a positive size and equal "
            "shapes: pass both revaluations of the same scenarios"
        )
    return mean_estimate((np.asarray(up) - np.asarray(down)) / (2.0 * size), n_per_sample)


def second_difference(base: Array, up: Array, down: Array, size: float, n_per_sample: int = 1) -> Estimate:
    """Gamma: mean of (up - 2 base + down) / size^2; noisy for a small bump, read it with its standard error."""
    if not size > 0.0:
        raise ValueError(f"bump of {size}; allowed is a positive size")
    return mean_estimate((np.asarray(up) - 2.0 * np.asarray(base) + np.asarray(down)) / size**2, n_per_sample)


def sensitivities(bumps: Sequence[Bump], n_per_sample: int = 1) -> list[Sensitivity]:
    """Greeks of the block, or of each contract, in the order of ``bumps``."""
    return [Sensitivity(b.key, *central_difference(b.up, b.down, b.size, n_per_sample)) for b in bumps]


def greeks_from_means(up_mean: Array, down_mean: Array, size: float) -> Array:
    """Greeks of contracts (n_contract,) from means over scenarios of each revaluation; no standard error is to be had."""
    return np.asarray((np.asarray(up_mean) - np.asarray(down_mean)) / (2.0 * size))


def dollar_exposure(delta: npt.ArrayLike) -> Array:
    """USD of index that moves as the liability does, from delta in USD per 1%: 100 x delta."""
    return np.asarray(delta, dtype=np.float64) * 100.0


@dataclass(frozen=True)
class HedgeLimits:
    """Limits in the order of ``keys``: the larger of amount (USD per unit) and share x |Greek of the liability|."""

    edition: str
    keys: tuple[GreekKey, ...]
    amount: Array
    share: Array

    def against(self, liability: Array) -> Array:
        """(n_greek,) limits on the size of net Greeks for a liability with these Greeks."""
        return np.maximum(self.amount, self.share * np.abs(liability))


def load_limits(edition: str = "2008") -> HedgeLimits:
    """Limits of `data/hedge_limits_<edition>.toml`, one for every Greek of `GREEKS`, in that order."""
    file = f"hedge_limits_{edition}.toml"
    data = read_hedge_file(file)
    rows = {GreekKey(e["greek"], e["bucket"]): e for e in data["limit"]}
    if set(rows) != set(GREEKS) or len(data["limit"]) != len(GREEKS):
        wrong = sorted(set(rows) ^ set(GREEKS)) or "a Greek twice"
        raise HedgeDataError(
            f"{file}: missing or unknown {wrong}; each of {list(GREEKS)} needs one limit: correct the file"
        )
    amount, share = (np.array([float(rows[key][field]) for key in GREEKS]) for field in ("amount", "share"))
    if np.any(amount <= 0.0) or np.any(share < 0.0):
        raise HedgeDataError(f"{file}: amounts {amount.tolist()}, shares {share.tolist()}; amounts must be positive")
    return HedgeLimits(data["edition"], GREEKS, amount, share)


class InfeasibleHedgeError(ValueError):
    """No trades bring every net Greek inside its limit; ``binding`` are the Greeks that stay outside."""

    def __init__(self, message: str, binding: tuple[GreekKey, ...]):
        super().__init__(message)
        self.binding = binding


@dataclass(frozen=True)
class Rebalance:
    """A rebalancing: Greeks in the order of ``keys``, contracts in the order of the instruments.

    trades, held   (n_instrument,) whole contracts; a sale is negative; ``held`` before the trades
    before, after  (n_greek,) net Greeks
    limits         (n_greek,) on the size of net Greeks
    cost           of the trades, USD
    """

    keys: tuple[GreekKey, ...]
    trades: Int
    held: Int
    before: Array
    after: Array
    limits: Array
    cost: float

    @property
    def utilisation_before(self) -> Array:
        """Size of net Greeks over limits before the trades."""
        return np.abs(self.before) / self.limits

    @property
    def utilisation_after(self) -> Array:
        """Size of net Greeks over limits after the trades."""
        return np.abs(self.after) / self.limits

    @property
    def breach_before(self) -> npt.NDArray[np.bool_]:
        """Net Greeks outside their limits before the trades."""
        return self.utilisation_before > 1.0 + _EDGE

    @property
    def breach_after(self) -> npt.NDArray[np.bool_]:
        """Net Greeks outside their limits after the trades."""
        return self.utilisation_after > 1.0 + _EDGE


def rebalance(
    liability: Array,
    limits: Array,
    exposures: Array,
    held: Int,
    costs: Array,
    keys: tuple[GreekKey, ...] = GREEKS,
    target: float = 1.0,
) -> Rebalance:
    """Least-cost trades in whole contracts after which every net Greek is inside its limit.

    liability   (n_greek,) Greeks of the liability
    limits      (n_greek,) positive
    exposures   (n_instrument, n_greek) Greeks of one contract
    held        (n_instrument,) contracts held; short positions negative
    costs       (n_instrument,) USD for a trade of one contract, positive
    target      fraction of the limit to come back to after a breach; 1 is its edge

    No trade while everything is inside the limits, whatever the target.  Otherwise integer programming (HiGHS), to
    within 0.1% of the least cost.  Raises InfeasibleHedgeError, which names the Greeks that no trade brings inside.
    """
    _check(liability, limits, exposures, held, costs, keys, target)
    before = held @ exposures - liability
    trades = np.zeros(len(held), dtype=np.int64)
    if np.any(np.abs(before) > limits * (1.0 + _EDGE)):
        trades = _least_cost(before, limits * target, exposures, costs, keys)
    after = (held + trades) @ exposures - liability
    return Rebalance(keys, trades, held, before, after, limits, float(np.abs(trades) @ costs))


def _check(
    liability: Array, limits: Array, exposures: Array, held: Int, costs: Array, keys: Sequence[GreekKey], target: float
) -> None:
    n_instrument, n_greek = exposures.shape
    if liability.shape != (n_greek,) or limits.shape != (n_greek,) or len(keys) != n_greek:
        raise ValueError(
            f"exposures are to {n_greek} Greeks; found {liability.shape} of the liability, {limits.shape} limits and "
            f"{len(keys)} keys: pass one of each per Greek"
        )
    if held.shape != (n_instrument,) or costs.shape != (n_instrument,):
        raise ValueError(
            f"exposures are of {n_instrument} instruments; found {held.shape} positions and {costs.shape} costs: pass one each"
        )
    for name, values in (("limits", limits), ("costs", costs), ("target", np.array([target]))):
        if not np.all(values > 0.0):
            raise ValueError(f"{name} are {values.tolist()}; allowed are positive numbers: correct the hedge data")
    if target > 1.0:
        raise ValueError(f"target is {target}; allowed is a fraction of the limit up to 1: correct the hedge data")
    for name, values in (("liability", liability), ("exposures", exposures)):
        if not np.all(np.isfinite(values)):
            raise ValueError(f"{name} has Greeks that are not finite; look at the revaluations")


def _least_cost(before: Array, bounds: Array, exposures: Array, costs: Array, keys: Sequence[GreekKey]) -> Int:
    """Whole trades inside ``bounds``; a second attempt keeps clear of the solver's own tolerance."""
    for margin in (0.0, 1e-5):
        found = _solve(before, bounds * (1.0 - margin), exposures, costs, whole=True)
        if found.x is None:
            break
        n = len(costs)
        trades = np.rint(found.x[:n]).astype(np.int64) - np.rint(found.x[n : 2 * n]).astype(np.int64)
        if np.all(np.abs(before + trades @ exposures) <= bounds * (1.0 + _EDGE)):
            return np.asarray(trades)
    raise _infeasible(before, bounds, exposures, keys)


def _solve(
    before: Array, bounds: Array, exposures: Array, costs: Array, whole: bool, slack: bool = False
) -> OptimizeResult:
    """Buy and sell each instrument at a cost; with ``slack`` bounds may be overstepped, and only that costs."""
    n_instrument, n_greek = exposures.shape
    scaled = exposures.T / bounds[:, None]
    parts, cost = [scaled, -scaled], np.concatenate([costs, costs])
    integrality = np.full(2 * n_instrument, int(whole))
    if slack:
        parts += [np.eye(n_greek), -np.eye(n_greek)]
        cost = np.concatenate([0.0 * cost, np.ones(2 * n_greek)])
        integrality = np.concatenate([integrality, np.zeros(2 * n_greek, dtype=integrality.dtype)])
    start = before / bounds
    return milp(
        cost,
        integrality=integrality,
        bounds=Bounds(0.0, np.inf),
        constraints=LinearConstraint(np.hstack(parts), -1.0 - start, 1.0 - start),
        options={"mip_rel_gap": _GAP, "node_limit": _NODES},
    )


def _infeasible(before: Array, bounds: Array, exposures: Array, keys: Sequence[GreekKey]) -> InfeasibleHedgeError:
    """Name the Greeks that stay outside when the sum of oversteps is least, first in fractions, then in whole contracts."""
    n = exposures.shape[0]
    for whole, reason in ((False, "no instrument reaches them"), (True, "contracts are too large for the limits")):
        found = _solve(before, bounds, exposures, np.ones(n), whole, slack=True)
        if found.x is None:
            continue
        over = np.add(*np.split(found.x[2 * n :], 2))
        outside = np.flatnonzero(over > 1e-6).tolist()
        if outside:
            lines = "; ".join(
                f"{keys[g].greek} {keys[g].bucket}: net {before[g]:.6g}, at best {bounds[g] * (1.0 + over[g]):.6g} in size, "
                f"allowed {bounds[g]:.6g}"
                for g in outside
            )
            return InfeasibleHedgeError(
                f"no trades bring every Greek inside its limit ({reason}): {lines}; add an instrument or widen these limits",
                tuple(keys[g] for g in outside),
            )
    return InfeasibleHedgeError(
        f"no trades were found within {_NODES} nodes although the limits can be met; widen the limits or lower the target",
        (),
    )
