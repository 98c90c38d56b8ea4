"""Reserves from scenarios: greatest accumulated deficiency, tail expectation, fair value, allocation to contracts.

All amounts in USD at the valuation date or at a year end; the last axis is the scenario.  Order matters: contracts are
summed within a scenario first (`valuation.fixed_point`), the scenario is floored at its surrender value next, the tail
is taken last.  The mean of the worst scenarios of a sum is not the sum of the means of each contract's worst scenarios.

Source: NAIC Valuation Manual, VM-21 (2024), sections 3, 4 and 13.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from valuation.compile import kernel
from valuation.estimate import Array, Estimate, mean_estimate

Int = npt.NDArray[np.int64]


class Tail(NamedTuple):
    """The worst scenarios of a run, worst first; weights sum to 1."""

    scenarios: Int
    weights: Array


def greatest_accumulated_deficiency(assets: Array, discount: Array) -> Array:
    """Scenario reserves: starting assets plus the greatest present value of accumulated deficiencies (GPVAD).

    assets     (n_year + 1, n_scenario) total assets at the valuation date (row 0) and at each year end, USD: the
    separate
               account plus the general account, which may be negative
    discount   (n_year + 1, n_scenario) factor from each of these dates to the valuation date; row 0 is 1
    Result     (n_scenario,) USD

    The accumulated deficiency of a year end is what total assets fall short of the working reserve.  The working
    reserve has been zero since 2020, so the deficiency is minus total assets: the Account Value still held for
    contracts counts as an asset, and the measure bites where the separate account has been paid out.  Year ends only:
    row 0 is no year end, and a scenario whose assets never fall short has a reserve below starting assets (the
    surrender value then floors it). The discount factors are those of the additional assets (NAER).  If assets earn
    that same rate, the result does not depend on starting assets and equals what direct iteration finds.

    Source: VM-21 section 4.B.
    """
    if assets.shape != discount.shape or assets.ndim != 2 or assets.shape[0] < 2:
        raise ValueError(
            f"assets have shape {assets.shape}, discount {discount.shape}; allowed is the same (years + 1, scenarios) "
            "with at least one year: pass the valuation date and every year end"
        )
    if not np.all(discount[0] == 1.0) or not np.all(discount > 0.0) or not np.all(np.isfinite(assets)):
        raise ValueError(
            "discount factors must be 1 at the valuation date and positive, assets finite: "
            f"found discount from {discount.min()} to {discount.max()}, in row 0 from {discount[0].min()} to "
            f"{discount[0].max()}: check the path of the additional assets"
        )
    return np.asarray(assets[0] - (assets[1:] * discount[1:]).min(axis=0))


def floor_at_surrender_value(scenario_reserve: Array, surrender_value: npt.ArrayLike) -> Array:
    """Scenario reserves not below the aggregate cash surrender value at the valuation date, USD.

    The floor is on the aggregate of all contracts, scenario by scenario, before the tail is taken.  A floor on each
    contract, or on the tail expectation, is another measure.  Source: VM-21 section 4.B.1.
    """
    return np.maximum(scenario_reserve, surrender_value)


def tail(values: Array, level: float) -> Tail:
    """The worst (1 - level) of the scenarios, where worst is highest.

    Scenarios of equal value are taken in the order of their number, so that the tail is the same in every run.  If
    n (1 - level) is no whole number, the last scenario counts with the fraction.
    """
    n = values.shape[0]
    if values.ndim != 1 or n == 0 or not 0.0 <= level < 1.0 or not np.all(np.isfinite(values)):
        raise ValueError(
            f"tail of values of shape {values.shape} at level {level}; allowed are finite values of at least one "
            "scenario and a level from 0 to below 1"
        )
    size = round(n * (1.0 - level), 9)  # 1000 x (1 - .7) is 300, not 300.00000000000006
    count = int(np.ceil(size))
    order = np.lexsort((np.arange(n), -values))[:count]
    weights = np.full(count, 1.0 / size)
    weights[-1] = (size - (count - 1)) / size
    return Tail(order.astype(np.int64), weights)


def cte(values: Array, level: float) -> Estimate:
    """Conditional tail expectation: mean of the worst (1 - level) of the scenarios, and its standard error.

    Var = (Var(X | X > VaR) + level (CTE - VaR)^2) / (n (1 - level)) (Manistre and Hancock, "Variance of the CTE
    estimator", North American Actuarial Journal 9 (2005)); VaR is the least value of the tail, the inner variance has
    one degree of freedom less.  It takes scenarios as independent: `cte_batches` is the check, and the measure for
    antithetic pairs. With one scenario in the tail there is no standard error (nan).
    """
    worst = tail(values, level)
    chosen = values[worst.scenarios]
    value = float(np.sum(chosen * worst.weights))
    size = values.shape[0] * (1.0 - level)
    within = float(chosen.var(ddof=1)) if len(chosen) > 1 else np.nan
    variance = (within + level * (value - float(chosen[-1])) ** 2) / size
    return Estimate(np.asarray(value), np.sqrt(np.asarray(variance)))


def cte_batches(values: Array, level: float, n_batch: int = 10) -> Estimate:
    """Mean of the tail expectations of ``n_batch`` batches of successive scenarios, and its standard error.

    An independent check of `cte`: no formula, and right for antithetic pairs as long as a batch holds whole pairs.  A
    tail expectation of few scenarios is biased low, so the mean lies below `cte` of the whole.
    """
    n = values.shape[0]
    if n_batch < 2 or n % n_batch:
        raise ValueError(
            f"{n} scenarios in {n_batch} batches; allowed are two or more batches of equal size: change n_batch"
        )
    return mean_estimate(np.array([cte(batch, level).value for batch in values.reshape(n_batch, -1)]))


def fair_value(values: Array, n_per_sample: int = 1) -> Estimate:
    """Mean over risk-neutral scenarios of present values, with its standard error; (..., n_scenario) USD.

    ``n_per_sample`` is 2 for antithetic pairs (2j, 2j + 1).
    """
    return mean_estimate(values, n_per_sample)


def contract_measure(values: Array, worst: Tail) -> Array:
    """R_i of the allocation: mean of each contract's values over the tail scenarios of the aggregate, USD.

    values   (n_contract, n_scenario) present value per contract and scenario
    worst    the tail of the aggregate scenario reserves, the same for all contracts
    Result   (n_contract,); a contract's figure does not depend on which others are in the array

    Averaging over the aggregate's tail makes contract figures add up to the aggregate's.  Which measure to use is left
    to the company (VM-21 section 13); this one follows the scenarios that set the reserve.
    """
    measure = np.zeros(values.shape[0])
    _weigh(values, worst.scenarios, worst.weights, measure)
    return measure


@kernel
def _weigh(values: Array, scenarios: Int, weights: Array, measure: Array) -> None:
    """Add weight x value over ``scenarios`` to ``measure`` (n_contract,), in the order of the tail."""
    for i in range(values.shape[0]):
        for k in range(len(scenarios)):
            measure[i] += weights[k] * values[i, scenarios[k]]


def allocate_reserve(surrender_value: Array, measure: Array, aggregate: float) -> Array:
    """The aggregate reserve spread over contracts: C_i + A_i / sum(A) (aggregate - sum(C)), A_i = max(R_i - C_i, 0).

    surrender_value   (n_contract,) cash surrender value C_i at the valuation date, USD
    measure           (n_contract,) R_i, USD, see `contract_measure`
    aggregate         reserve to allocate, USD; not below the sum of surrender values
    Result            (n_contract,) USD; each at least C_i; their sum is the aggregate up to rounding

    If no contract has R_i above C_i, the excess is spread in proportion to C_i (choice: the manual does not say).

    Source: VM-21 section 13.
    """
    total = float(np.sum(surrender_value))
    excess = aggregate - total
    if excess < -1e-9 * max(abs(total), 1.0):
        raise ValueError(
            f"aggregate reserve {aggregate} is below the sum of surrender values {total}; allowed is that sum or more: "
            "floor scenario reserves at the surrender value before the tail is taken"
        )
    share = np.maximum(measure - surrender_value, 0.0)
    if not share.any():
        share = surrender_value
    if not share.any():
        raise ValueError(
            f"aggregate reserve {aggregate} cannot be allocated: no contract has a surrender value or a measure "
            "above 0; supply contract measures"
        )
    return np.asarray(surrender_value + share / np.sum(share) * max(excess, 0.0))


def additional_standard_projection_amount(prescribed: Array, company: Array, company_unfloored: Array) -> float:
    """What prescribed assumptions add to the reserve (ASPA), USD.

    prescribed          (n_scenario,) scenario reserves under the prescribed assumptions, floored at surrender value
    company             (n_scenario,) scenario reserves under the company's assumptions without future hedging, floored
    company_unfloored   the same before the floor
    All on the same scenarios.

    max(0, (CTE70 prescribed - CTE70 company) - (CTE70 - CTE65 of the company's without the floor)): the buffer is how
    much the company's own tail moves between the two levels.

    Source: VM-21 sections 6.A and 6.B.
    """
    over = cte(prescribed, 0.70).value - cte(company, 0.70).value
    buffer = cte(company_unfloored, 0.70).value - cte(company_unfloored, 0.65).value
    return max(0.0, float(over - buffer))


def stochastic_reserve(best_efforts: float, adjusted: float, error_factor: float) -> float:
    """CTE70 with hedging, plus the error factor times what hedging is said to save, USD.

    best_efforts   CTE70 with the hedging strategy modelled; equal to ``adjusted`` where none is
    adjusted       CTE70 without future hedge trades
    error_factor   E, from 0.05 to 1; 1 gives no credit to hedging

    Source: VM-21 section 9.C.
    """
    if not 0.05 <= error_factor <= 1.0:
        raise ValueError(f"error factor is {error_factor}; allowed is 0.05 to 1: take 1 without a back-test")
    return best_efforts + error_factor * max(0.0, adjusted - best_efforts)


def c3_charge(cte_98: float, standard_projection: float, statutory_reserve: float) -> float:
    """C-3 Phase II charge, a quarter of what CTE98 and ASPA exceed the statutory reserve by, not below 0; USD before tax.

    Choice: tax reserve equal to statutory reserve, so that the tax adjustment cancels; no smoothing with the prior
    year.

    Source: Life RBC instructions, LR027.
    """
    return max(0.0, 0.25 * (cte_98 + standard_projection - statutory_reserve))
