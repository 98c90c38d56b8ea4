"""What the reserve and the hedge share: a run on the published snapshot, cut into partitions and projected on tiles.

block   block_snapshot: the contracts of a partition that have a future, in the order of their ids
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import JsonValue

from infra.settings import Settings
from infra.storage import Storage
from tasks.daily import FLOW as DAILY
from tasks.market import Market, market_of
from tasks.partition import cut
from tasks.parts import frozen_table, tables
from tasks.publish import Run
from tasks.records import Check, FrozenInput, RunInputs
from tasks.scenarios import Model, ScenarioSet, TileRef, mapped, set_of
from tasks.start import Started, frozen_parts, published, start
from tasks.unit_prices import prices_on
from valuation.assumptions import load_assumptions
from valuation.cost import kernel_order, predicted_cost
from valuation.curve import ZeroCurve
from valuation.fixed_point import add_fixed
from valuation.funds import load_fund_map
from valuation.living.kinds import kind_with
from valuation.portfolio import LAST_AGE, Portfolio, in_force, last_day, prepare_groups, project
from valuation.projected import MEASURES
from valuation.scenarios.grid import DISCOUNT
from valuation.sessions import day_date, day_number, on_or_after, valuation_days

Array = NDArray[np.float64]
Days = NDArray[np.int64]
Fixed = NDArray[np.int64]
K = TypeVar("K", bound=Hashable)

RISK_NEUTRAL, REAL_WORLD = "risk_neutral", "real_world"
ASSUMPTIONS = {RISK_NEUTRAL: "best_2008", REAL_WORLD: "prudent_2024"}
"""Assumption set of each basis: best estimates for the fair value, prudent ones for the reserve."""
PAIR = 2
"""Scenarios of one independent sample of an antithetic set."""
SECONDS_PER_COST = 1e-9
"""Seconds of one unit of `valuation.cost.predicted_cost` and scenario; rough, to cut partitions only."""

GUARANTEE = {"living_claims": 1.0, "death_claims": 1.0, "added_to_account": 1.0, "benefit_fees": -1.0}
FULL_CONTRACT = {"paid_from_account": 1.0, "living_claims": 1.0, "death_claims": 1.0}
INSURER = {
    "benefit_fees": 1.0,
    "asset_charges": 1.0,
    "revenue_sharing": 1.0,
    "other_charges": 1.0,
    "living_claims": -1.0,
    "death_claims": -1.0,
    "added_to_account": -1.0,
    "expenses": -1.0,
}
FROM_ACCOUNT = {
    "paid_from_account": 1.0,
    "asset_charges": 1.0,
    "benefit_fees": 1.0,
    "other_charges": 1.0,
    "added_to_account": -1.0,
}
"""Measures of a projection with the sign they have in a derived figure: value of the guarantee; of all the Owner gets;
the insurer's net cash flow; where the Account Value goes."""


class Draw(NamedTuple):
    """A scenario set to be made: its model, and the setting that says how many scenarios."""

    model: Model
    setting: str
    scenarios: int | None = None  # of a set of others, whose files decide it
    curve: ZeroCurve | None = None  # that a risk-neutral set of others must meet
    used: tuple[str, ...] = ()  # further settings that decide it


@dataclass(frozen=True)
class Begun:
    """A run of projections under way."""

    started: Started
    sets: tuple[ScenarioSet, ...]
    days: Days


@dataclass(frozen=True)
class Frame:
    """What every projection of a run shares; small, sent to every partition."""

    as_of: int
    days: Days  # (n_day,) Valuation Days after as_of
    guarantee_rate: float
    prices: Array  # (3, n_slot) Unit Prices of the valuation date, USD
    scratch: Path
    per_sample: int = PAIR  # scenarios of one independent sample of the first risk-neutral set


@dataclass(frozen=True)
class Plan:
    """How the block is cut, and what it is projected on."""

    cost: tuple[float, ...]
    frame: Frame
    market: Market

    @property
    def partitions(self) -> int:
        """Number of partitions."""
        return len(self.cost)


def begin_on(
    storage: Storage,
    settings: Settings,
    flow: str,
    valuation_date: date,
    frozen: Sequence[FrozenInput],
    draws: Mapping[str, Draw],
    assumptions: Sequence[str],
    horizon_years: int | None,
    options: Mapping[str, JsonValue] | None = None,
) -> Begun:
    """Name the scenario sets, derive the run.

    ``draws``          what each scenario set is made from, by name
    ``assumptions``    names of assumption sets
    ``horizon_years``  shorter projections, for trials; None: to the last age
    ``options``        other parameters of the flow that can change its result
    """
    days = grid(living(storage, frozen), valuation_date, horizon_years)
    as_of, lanes, seed = day_number(valuation_date), settings.tile_lanes, settings.seed
    counts = {one.setting: one.scenarios for one in draws.values() if one.scenarios is not None}
    settings = settings.model_copy(update=counts)
    sets = tuple(
        set_of(name, one.model, days, as_of, getattr(settings, one.setting), lanes, seed, one.curve)
        for name, one in draws.items()
    )
    used = dict.fromkeys(name for one in draws.values() for name in (one.setting, *one.used))
    started = start(
        storage,
        settings,
        flow,
        valuation_date,
        frozen,
        used=("partition_seconds", "contracts_per_partition", *used),
        seed=seed,
        assumptions=assumptions,
        scenarios={one.name: one.spec.hash for one in sets},
        options={"horizon_years": horizon_years, **(options or {})},
    )
    return Begun(started, sets, days)


def snapshot_inputs(storage: Storage, valuation_date: date) -> tuple[FrozenInput, ...]:
    """The published snapshot and Unit Prices of a day, as inputs."""
    found = published(storage, DAILY, valuation_date)
    return (*frozen_parts(found, "snapshot"), *frozen_parts(found, "unit_prices"))


def living(storage: Storage, inputs: Sequence[FrozenInput]) -> pa.Table:
    """Contracts that have a future, in the order of their ids."""
    return in_force(frozen_table(storage, inputs, "snapshot")).sort_by("contract_id").combine_chunks()


def grid(snapshot: pa.Table, valuation_date: date, horizon_years: int | None) -> Days:
    """Valuation Days from the day after ``valuation_date`` to the last age, or for ``horizon_years``."""
    if snapshot.num_rows == 0:
        raise ValueError(f"no contract is in force on {valuation_date}: there is nothing to project")
    as_of = day_number(valuation_date)
    end = last_day(snapshot, as_of, LAST_AGE if horizon_years is None else horizon_years)
    last = int(on_or_after(np.array([end], dtype=np.int64))[0])  # the day on which the last year ends
    return valuation_days(day_date(as_of + 1), day_date(last))


def cut_block(begun: Begun, lanes: int, chosen: Sequence[str] = ()) -> Plan:
    """Commit every partition's contracts; ``lanes`` is the number of projections of each contract.

    ``chosen``  ids of the contracts to project; empty: all
    """
    started = begun.started
    run, valuation_date = started.run, started.inputs.valuation_date
    as_of = day_number(valuation_date)
    snapshot = living(started.storage, started.inputs.inputs)
    if chosen:
        snapshot = snapshot.filter(pc.is_in(snapshot["contract_id"], pa.array(chosen))).combine_chunks()
    snapshot = snapshot.take(pa.array(kernel_order(snapshot))).combine_chunks()
    cost = predicted_cost(snapshot, as_of) * (lanes * SECONDS_PER_COST)
    slices = cut(cost, float(cost.sum()), started.settings)
    for index, piece in enumerate(slices):
        run.commit("block", index, snapshot[piece])
    per_sample = next((one.per_sample for one in begun.sets if one.spec.kind == RISK_NEUTRAL), PAIR)
    frame = frame_of(started.storage, started.inputs, begun.days, started.settings.scratch, per_sample)
    return Plan(tuple(float(cost[piece].sum()) for piece in slices), frame, market_of(valuation_date))


def frame_of(storage: Storage, inputs: RunInputs, days: Days, scratch: Path, per_sample: int = PAIR) -> Frame:
    """What every projection of a run with these inputs shares."""
    day = inputs.valuation_date
    prices = prices_on(frozen_table(storage, inputs.inputs, "unit_prices"), day)
    return Frame(day_number(day), days, market_of(day).guarantee_rate, prices, scratch, per_sample)


def contracts_of(run: Run, index: int) -> pa.Table:
    """The contracts of one partition."""
    return tables(run, "block", index)["block"]


def prepared(snapshot: pa.Table, frame: Frame, assumptions: str) -> Portfolio:
    """Contracts ready to be projected under an assumption set."""
    return prepare_groups(
        snapshot,
        load_assumptions(assumptions),
        load_fund_map(),
        frame.as_of,
        frame.days,
        frame.guarantee_rate,
        frame.prices,
    )


def without_expenses(portfolio: Portfolio) -> Portfolio:
    """The same contracts in Sub-accounts that cost nothing: what leaves the Account Value is then all in the measures."""
    return portfolio._replace(expense=np.ones_like(portfolio.expense))


def in_one_index(portfolio: Portfolio) -> Portfolio:
    """The same contracts where every Sub-account is the first index and nothing is charged daily.

    With `in_units_of_the_index` what leaves an Account Value and what is left of it is the Account Value in every scenario.
    Contracts whose benefit keeps money at a rate of its own, apart from any index, are left out.
    """
    weights = np.zeros_like(portfolio.weights)
    weights[:, 0] = 1.0
    nothing = np.zeros(len(portfolio.grid))
    groups = tuple(
        one._replace(charge=nothing, charge_next=nothing)
        for one in portfolio.groups
        if not kind_with(one.group.blank).account
    )
    return without_expenses(portfolio)._replace(weights=weights, groups=groups)


def in_units_of_the_index(tile: Array) -> Array:
    """The tile whose discount factors turn amounts into units of the first index."""
    changed = np.array(tile)
    changed[:, DISCOUNT] = 1.0 / np.cumprod(tile[:, 0], axis=0)
    return changed


@dataclass(frozen=True)
class Worth:
    """A projection on all tiles of a set."""

    worth: Array  # (n_contract, 9, n_scenario) USD
    yearly: NDArray[np.int64]  # (n_year, 2, n_scenario) 1/65536 USD

    def measure(self, signs: dict[str, float]) -> Array:
        """(n_contract, n_scenario) a derived figure, USD."""
        return measure(self.worth, signs)


def measure(worth: Array, signs: dict[str, float]) -> Array:
    """(n_contract, n_scenario) a derived figure, USD; added in the order of ``signs``."""
    found = np.zeros((worth.shape[0], worth.shape[2]))
    for name, sign in signs.items():
        found += sign * worth[:, MEASURES.index(name)]
    return found


def projected(storage: Storage, portfolio: Portfolio, refs: Sequence[TileRef], frame: Frame) -> Worth:
    """Project contracts on the tiles of a set, in the order of scenarios."""
    found = [project(portfolio, tile, None) for tile in mapped(storage, refs, frame.scratch)]
    return Worth(
        np.concatenate([one.worth for one in found], axis=2), np.concatenate([one.yearly for one in found], axis=2)
    )


def add_to(sums: dict[K, Fixed], key: K, units: Fixed) -> None:
    """Add the whole units of one partition to the sum ``key``."""
    sums[key] = add_fixed(sums[key], units) if key in sums else units


def adds_up(name: str, rows: pa.Table, whole: float, tolerance: float) -> Check:
    """The check that the values of contracts in ``rows`` add up to the block's."""
    return Check.within(name, float(np.sum(rows["value"].to_numpy())), whole, tolerance)


def valued_once(started: Started, projected: int, written: int) -> Check:
    """Every contract of the snapshot that has a future is projected once and written once."""
    expected = living(started.storage, started.inputs.inputs).num_rows
    found = written if projected == expected else projected
    return Check.within("contracts in force = contracts valued", found, expected)
