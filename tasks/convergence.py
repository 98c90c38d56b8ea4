"""How far the figures of a projection are from where more scenarios, and daily steps, would take them.

A sample of the demonstration block is projected on sets of several seeds.  Any N successive scenarios of a set are a
sample of N, so that one projection of the largest size gives the errors of all sizes; coarser steps look at the same
paths less often, so that a difference between steps is not one between paths.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from infra.settings import Settings
from tasks.demo import FIRST_PRICE, demo_prices
from tasks.demo_block import demo_block
from tasks.market import Market, market_of
from tasks.project import ASSUMPTIONS, GUARANTEE, PAIR, REAL_WORLD, RISK_NEUTRAL, grid, measure
from tasks.reserve import LEVELS
from tasks.reserve_block import scenario_reserves
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.assumptions import load_assumptions
from valuation.block import value_block
from valuation.estimate import mean_estimate
from valuation.funds import load_fund_map
from valuation.hedge import BUMP_SIZES, UNITS
from valuation.instruments import HEDGED_INDICES
from valuation.observation import (
    DAILY,
    STEPS,
    bridged_periodic_value,
    observed,
    periodic_value,
    places,
)
from valuation.portfolio import Portfolio, in_force, prepare_groups, project
from valuation.reserve import cte
from valuation.scenarios.grid import DISCOUNT
from valuation.scenarios.random import Stream, uniforms
from valuation.scenarios.risk_neutral import RiskNeutralModel, draw, shift, simulate, spot_factor
from valuation.sessions import day_number, valuation_days
from valuation.terms import load_terms
from valuation.units import daily_charge, unit_prices

Array = NDArray[np.float64]
Days = NDArray[np.int64]

LANES = 128
"""Scenarios of a tile."""
FEWEST = 64
"""Scenarios of the smallest sample."""
FAIR_VALUE = "fair value of the guarantee"
DELTAS = tuple(f"delta {index.replace('_', ' ')}" for index in HEDGED_INDICES)
RHO, VEGA = "rho, all key rates", "vega, all indices"
PERIODIC, BRIDGED = "Periodic Value", "Periodic Value, with a bridge"
STUDY_YEARS = 10
"""From the effective date to the Tenth Anniversary."""
ROUNDING = 1e-9
"""An error this small, relative, is none: every scenario has the same value, as reserves that are all Surrender Values."""
_FRACTION = {"delta": 1e-2, "rho": 1e-4, "vega": 1e-2}


@dataclass(frozen=True)
class Size:
    """How much is projected."""

    contracts: int
    scenarios: int  # of each seed
    seeds: int
    through: date
    horizon_years: int | None = None  # None: to the last age

    def __post_init__(self) -> None:
        if self.seeds < 2 or self.scenarios < 2 * LANES or self.scenarios % LANES or self.contracts < 1:
            raise ValueError(
                f"{self.contracts} contracts, {self.scenarios} scenarios, {self.seeds} seeds; allowed are 1 contract or "
                f"more, a multiple of {LANES} scenarios from {2 * LANES} on, 2 seeds or more"
            )

    @property
    def samples(self) -> tuple[int, ...]:
        """Sizes of samples: powers of two that divide the scenarios of a seed."""
        sizes = [FEWEST]
        while self.scenarios % (2 * sizes[-1]) == 0:
            sizes.append(2 * sizes[-1])
        return tuple(sizes)


class Sample(NamedTuple):
    """A sample of the block, ready to be projected on every grid."""

    market: Market
    as_of: int
    days: Days
    kept: Mapping[str, Days]  # by step, places of its days
    neutral: Mapping[str, Portfolio]
    real: Mapping[str, Portfolio]
    account_value: float
    surrender_value: float
    cut: bool  # the horizon is shorter than the last age


@dataclass(frozen=True)
class Found:
    """Values of every scenario, (n_seed, n_scenario) by step and measure; of a tail the scenario reserves, USD."""

    size: Size
    contracts: int
    days: int
    values: Mapping[tuple[str, str], Array]
    account_value: float


class Estimator(NamedTuple):
    """How a figure comes from the values of N scenarios."""

    place: tuple[str, str]  # of the values
    estimate: Callable[[Array], float]
    error: Callable[[Array], float]  # standard error, as the sample itself states it


def estimators() -> dict[str, Estimator]:
    """What is estimated, by name: means, and conditional tail expectations of the scenario reserves."""
    pair = partial(_mean_error, PAIR)
    rows = {name: Estimator((DAILY, name), _mean, pair) for name in (FAIR_VALUE, *DELTAS, RHO, VEGA)}
    for name, level in LEVELS.items():
        place = DAILY, REAL_WORLD
        rows[name.upper().replace("_", "")] = Estimator(place, partial(_tail, level), partial(_tail_error, level))
    return rows


def _mean(values: Array) -> float:
    return float(values.mean())


def _mean_error(pair: int, values: Array) -> float:
    return float(mean_estimate(values, pair).standard_error)


def _tail(level: float, values: Array) -> float:
    return float(cte(values, level).value)


def _tail_error(level: float, values: Array) -> float:
    return float(cte(values, level).standard_error)


def unit_of(name: str) -> str:
    """Unit of an estimate."""
    return UNITS.get(name.split()[0].strip(","), "USD")


def compute(settings: Settings, size: Size) -> Found:
    """Project the sample on all scenarios of all seeds, tiles side by side."""
    sample = _sample(size)
    tiles = [
        (settings.seed + k, range(first, first + LANES))
        for k in range(size.seeds)
        for first in range(0, size.scenarios, LANES)
    ]
    with ThreadPoolExecutor(settings.workers) as pool:
        parts = list(pool.map(lambda one: dict(_tile_values(sample, *one)), tiles))
    values = {name: np.concatenate([part[name] for part in parts]).reshape(size.seeds, -1) for name in parts[0]}
    portfolio = sample.neutral[DAILY]
    return Found(size, len(portfolio.contract_ids), len(sample.days), values, sample.account_value)


def _sample(size: Size) -> Sample:
    """The first contracts of the demonstration block on their market's day, prepared for every grid."""
    block, prices = demo_block(size.contracts, through=size.through), demo_prices(size.through)
    seen = valuation_days(FIRST_PRICE, size.through)
    navs = np.column_stack([prices.filter(pc.equal(prices["sub_account"], name))["nav"].to_numpy() for name in SLOTS])
    units = unit_prices(navs, np.zeros_like(navs), seen, CHARGE_CLASSES)
    valued = value_block(block.contracts, block.transactions, None, seen, units).snapshot
    held = in_force(valued).sort_by("contract_id").combine_chunks()
    market, as_of = market_of(size.through), day_number(size.through)
    days = grid(held, size.through, size.horizon_years)
    kept = {step: places(days, as_of, step) for step in STEPS}
    rate, funds = market.guarantee_rate, load_fund_map()
    neutral, real = (
        {step: prepare_groups(held, assumed, funds, as_of, days[at], rate, units[-1]) for step, at in kept.items()}
        for assumed in (load_assumptions(ASSUMPTIONS[basis]) for basis in (RISK_NEUTRAL, REAL_WORLD))
    )
    account, surrender = (float(pc.sum(held[name]).as_py()) for name in ("account_value", "surrender_value"))
    return Sample(market, as_of, days, kept, neutral, real, account, surrender, size.horizon_years is not None)


Values = Iterator[tuple[tuple[str, str], Array]]


def _tile_values(sample: Sample, seed: int, scenarios: range) -> Values:
    """(n_lane,) of every step and measure on the same scenarios of one seed."""
    model, days = sample.market.risk_neutral, sample.days
    draws = draw(days, seed, scenarios, True)
    tile = simulate(model, days, sample.as_of, draws)
    for step, kept in sample.kept.items():
        yield (step, FAIR_VALUE), _guarantee(sample.neutral[step], observed(tile, kept), None)
    yield from _greeks(sample, model, tile, draws)
    yield from _study(sample, model, tile, seed, scenarios)
    real = sample.market.real_world.tile(days, sample.as_of, seed, scenarios, False)
    for step, kept in sample.kept.items():
        found = project(sample.real[step], observed(real, kept), None).yearly
        totals = sample.account_value, sample.surrender_value
        yield (step, REAL_WORLD), scenario_reserves(found[:, 1], found[:, 0], *totals, sample.cut)[1]


def _guarantee(portfolio: Portfolio, tile: Array, shock: Array | None) -> Array:
    """(n_lane,) value of the guarantees of the sample, USD."""
    return np.asarray(measure(project(portfolio, tile, shock).worth, GUARANTEE).sum(axis=0))


def _greeks(sample: Sample, model: RiskNeutralModel, tile: Array, draws: Array) -> Values:
    """Central differences on common draws, scenario by scenario, as the daily hedge has them; rho and vega as sums."""
    portfolio, n_day = sample.neutral[DAILY], len(sample.days)
    size = {greek: BUMP_SIZES[greek] * fraction for greek, fraction in _FRACTION.items()}

    def difference(greek: str, up: Array, down: Array) -> Array:
        return np.asarray((up - down) / (2.0 * BUMP_SIZES[greek]))

    for name, index in zip(DELTAS, HEDGED_INDICES, strict=True):
        moved = (_guarantee(portfolio, tile, spot_factor(n_day, index, sign * size["delta"])) for sign in (1.0, -1.0))
        yield (DAILY, name), difference("delta", *moved)
    curves = (sample.market.curve.shifted(sign * size["rho"]) for sign in (1.0, -1.0))
    shocks = (shift(model, model.with_curve(curve), sample.days, sample.as_of) for curve in curves)
    yield (DAILY, RHO), difference("rho", *(_guarantee(portfolio, tile, shock) for shock in shocks))
    moved = (
        _guarantee(portfolio, simulate(_raised(model, sign * size["vega"]), sample.days, sample.as_of, draws), None)
        for sign in (1.0, -1.0)
    )
    yield (DAILY, VEGA), difference("vega", *moved)


def _raised(model: RiskNeutralModel, size: float) -> RiskNeutralModel:
    """The model with every implied volatility raised."""
    for index in HEDGED_INDICES:
        model = model.with_volatility(index, size)
    return model


def _study(sample: Sample, model: RiskNeutralModel, tile: Array, seed: int, scenarios: range) -> Values:
    """Value of the Periodic Value in ten years of 100 USD in large equity at the charge of the first series, by step."""
    terms = load_terms(False)
    within = sample.days <= sample.as_of + round(365.25 * STUDY_YEARS)
    days, opening = sample.days[within], 100.0
    elapsed = np.diff(days, prepend=sample.as_of)
    kept = np.array([1.0 - daily_charge(terms.charges.insurance_charge[0], float(n)) for n in elapsed])
    account = opening * np.cumprod(tile[within, 0] * kept[:, None], axis=0)
    spread = model.step_deviation(days, sample.as_of)[:, 0] ** 2
    numbers = uniforms(seed, Stream.BRIDGES, scenarios, np.zeros(1, dtype=np.uint64), len(days))[0]
    discount = tile[within, DISCOUNT][-1]
    for step in STEPS:
        at = places(days, sample.as_of, step)
        length = np.diff(at, prepend=-1)
        seen = account[at], opening, (days[at] - sample.as_of).astype(np.float64), terms.income[0].roll_up
        variance = np.add.reduceat(spread, np.concatenate([[0], at[:-1] + 1]))
        bridged = bridged_periodic_value(*seen, variance, length, numbers[: len(at)])
        yield (step, PERIODIC), periodic_value(*seen) * discount
        yield (step, BRIDGED), bridged * discount


class Batch(NamedTuple):
    """One estimate from N scenarios."""

    measure: str
    scenarios: int
    seed: int  # place of the seed
    first: int  # its first scenario
    value: float
    standard_error: float


class Error(NamedTuple):
    """What N scenarios miss an estimate by, against that of all scenarios of all seeds."""

    measure: str
    scenarios: int
    batches: int
    value: float  # of all scenarios
    error: float  # root mean square over the batches
    standard_error: float  # mean of those the batches state of themselves


class Difference(NamedTuple):
    """What a step makes of an estimate, all scenarios of all seeds; against daily steps on the same paths."""

    measure: str
    step: str
    value: float
    difference: float
    standard_error: float  # of the difference, over the seeds


def batches(found: Found) -> list[Batch]:
    """Estimates from all samples of all sizes."""
    rows = []
    for name, how in estimators().items():
        for n in found.size.samples:
            for seed, values in enumerate(found.values[how.place]):
                for first in range(0, len(values), n):
                    part = values[first : first + n]
                    rows.append(Batch(name, n, seed, first, how.estimate(part), how.error(part)))
    return rows


def errors(found: Found, rows: Sequence[Batch]) -> list[Error]:
    """Errors of the estimates by size of the sample."""
    result = []
    for name, how in estimators().items():
        whole = how.estimate(found.values[how.place].ravel())
        for n in found.size.samples:
            mine = [row for row in rows if row.measure == name and row.scenarios == n]
            missed = np.array([row.value for row in mine]) - whole
            spread = float(np.sqrt((missed**2).sum() / (len(mine) - 1)))
            stated = np.array([row.standard_error for row in mine])
            result.append(Error(name, n, len(mine), whole, spread, float(np.mean(stated[np.isfinite(stated)]))))
    return result


def slopes(rows: Sequence[Error]) -> dict[str, float]:
    """Exponent of N in the error, by measure: -1/2 where scenarios are independent and the variance is finite."""
    found = {}
    for name in dict.fromkeys(row.measure for row in rows):
        mine = [row for row in rows if row.measure == name and row.error > ROUNDING * abs(row.value)]
        if len(mine) < 2:
            found[name] = np.nan
            continue
        size, spread = (np.log([getattr(row, field) for row in mine]) for field in ("scenarios", "error"))
        weight = np.sqrt([row.batches for row in mine])  # a spread of few batches is uncertain
        found[name] = float(np.polyfit(size, spread, 1, w=weight)[0])
    return found


def differences(found: Found) -> list[Difference]:
    """What coarser steps make of the estimates."""
    tails = {name: how.estimate for name, how in estimators().items() if how.place[1] == REAL_WORLD}
    wanted = [(FAIR_VALUE, FAIR_VALUE, _mean), *((name, REAL_WORLD, tail) for name, tail in tails.items())]
    wanted += [(PERIODIC, PERIODIC, _mean), (BRIDGED, BRIDGED, _mean)]
    rows = []
    for name, place, estimate in wanted:
        exact = PERIODIC if place == BRIDGED else place
        base = np.array([estimate(values) for values in found.values[DAILY, exact]])
        for step in STEPS:
            mine = np.array([estimate(values) for values in found.values[step, place]])
            gap = mean_estimate(mine - base)
            rows.append(Difference(name, step, float(mine.mean()), float(gap.value), float(gap.standard_error)))
    return rows


def table(rows: Sequence[NamedTuple]) -> pa.Table:
    """Rows as a table of columns named after their fields."""
    return pa.Table.from_pylist([row._asdict() for row in rows])
