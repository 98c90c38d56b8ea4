"""The month-end reserve: risk-neutral values and real-world scenario reserves, by contract and for the block.

    project   path_values, reserve_seriatim of the risk-neutral basis (published); block_scenario, block_yearly
    tail      tail_measure: each contract's mean over the block's worst scenarios
    allocate  reserve_seriatim of the real-world basis, reserve_scenario, reserve_summary (published)

Sums over contracts are whole numbers of 2^-16 USD, so that no figure depends on how the block is cut.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from infra.settings import Settings
from infra.storage import Storage
from tasks.fanout import Job
from tasks.freeze import freeze
from tasks.market import market_of
from tasks.parts import Facts, fan_out, tables
from tasks.project import (
    ASSUMPTIONS,
    FROM_ACCOUNT,
    FULL_CONTRACT,
    GUARANTEE,
    INSURER,
    PAIR,
    REAL_WORLD,
    RISK_NEUTRAL,
    Begun,
    Draw,
    Frame,
    Plan,
    Worth,
    begin_on,
    contracts_of,
    cut_block,
    in_one_index,
    in_units_of_the_index,
    measure,
    prepared,
    projected,
    snapshot_inputs,
    without_expenses,
)
from tasks.publish import Run
from tasks.scenario_files import stored_model
from tasks.scenarios import TileRef, mapped
from valuation.estimate import mean_estimate
from valuation.fixed_point import to_fixed
from valuation.portfolio import project as run_tile
from valuation.projected import MEASURES
from valuation.reserve import Tail, contract_measure
from valuation.scenarios.fund_basis import with_fund_basis
from valuation.scenarios.sampling import sampled
from valuation.scenarios.volatility import VolatilityTerms, parse_terms
from valuation.schema import SCHEMAS

if TYPE_CHECKING:
    from distributed import Client

Array = NDArray[np.float64]

FLOW = "month_end_reserve"
FAIR_VALUE, FULL_VALUE, RESERVE = "fair_value_guarantee", "fair_value_full_contract", "reserve"
LEVELS = {"cte_70": 0.70, "cte_98": 0.98}
CONTROL_LANES = 32
"""Scenarios of the control; pairs of it are averaged, and an identity of means needs few."""
EXACT_LANES = 8
"""Scenarios of the exact control, whose identity holds in each of them."""
CONTROL, EXACT, GONE, LEFT = "control", "exact_control", "from_account", "left_in_account"
"""Sums of the controls: what left the Account Value, and what is in it when the last whole year ends."""


def begin(
    storage: Storage,
    settings: Settings,
    valuation_date: date,
    horizon_years: int | None = None,
    scenario_set: str | None = None,
    volatilities: str | None = None,
) -> Begun:
    """Take the published snapshot of the day, name the scenario sets, derive the run.

    ``horizon_years``  shorter projections, for trials; None: to the last age
    ``scenario_set``   imported set that takes the place of the one made here for its basis; None: none
    ``volatilities``   file of implied volatilities by index and maturity; None: those of the model
    """
    frozen = snapshot_inputs(storage, valuation_date)
    terms: tuple[VolatilityTerms | None, ...] = ()
    if volatilities is not None:
        given = freeze(storage, {"volatilities": volatilities})
        terms = parse_terms(storage.read_bytes(given[0].key, given[0].sha256).decode("utf-8-sig"), given[0].name)
        frozen += given
    market = market_of(valuation_date, terms)
    neutral = sampled(market.risk_neutral, settings.sampling, settings.martingale_correction)
    real = market.academy if settings.real_world_rates == "academy" else market.real_world
    draws = {
        RISK_NEUTRAL: Draw(neutral, "risk_neutral_scenarios", used=("sampling", "martingale_correction")),
        REAL_WORLD: Draw(real, "real_world_scenarios", used=("real_world_rates",)),
    }
    if scenario_set is not None:
        record, model = stored_model(storage, scenario_set, settings.scratch)
        curve = market.curve if record.basis == RISK_NEUTRAL else None
        draws[record.basis] = Draw(model, draws[record.basis].setting, record.scenarios, curve)
        frozen += record.files
    basis = settings.fund_basis_volatility
    draws = {
        name: one._replace(model=with_fund_basis(one.model, basis), used=(*one.used, "fund_basis_volatility"))
        for name, one in draws.items()
    }
    assumptions = sorted(ASSUMPTIONS.values())
    return begin_on(storage, settings, FLOW, valuation_date, frozen, draws, assumptions, horizon_years)


def prepare(begun: Begun) -> Plan:
    """Cut the block into partitions."""
    return cut_block(begun, sum(one.spec.n_scenario for one in begun.sets) + CONTROL_LANES + EXACT_LANES)


def project(begun: Begun, plan: Plan, tiles: Mapping[str, Sequence[TileRef]], client: "Client | None") -> list[Facts]:
    """Project every partition on every tile."""
    run = begun.started.run
    jobs = [Job(index, (run, index, plan.frame, tiles), cost) for index, cost in enumerate(plan.cost)]
    return fan_out(begun.started, client, "project", project_partition, jobs)


def project_partition(run: Run, index: int, frame: Frame, tiles: Mapping[str, Sequence[TileRef]]) -> Facts:
    """Values of one partition on all scenarios; may be repeated."""
    snapshot = contracts_of(run, index)
    ids = snapshot["contract_id"].to_pylist()
    account = np.asarray(snapshot["account_value"].to_numpy(), dtype=np.float64)
    portfolio = prepared(snapshot, frame, ASSUMPTIONS[RISK_NEUTRAL])
    neutral = projected(run.storage, portfolio, tiles[RISK_NEUTRAL], frame)
    first = next(mapped(run.storage, tiles[RISK_NEUTRAL], frame.scratch))
    lanes = min(CONTROL_LANES, first.shape[2]) // PAIR * PAIR
    some = np.ascontiguousarray(first[:, :, :lanes])
    control = run_tile(without_expenses(portfolio), some, None)
    indexed = in_one_index(portfolio)
    exact = run_tile(indexed, in_units_of_the_index(np.ascontiguousarray(some[:, :6, :EXACT_LANES])), None)
    real = projected(run.storage, prepared(snapshot, frame, ASSUMPTIONS[REAL_WORLD]), tiles[REAL_WORLD], frame)
    written = {
        "path_values": pa.concat_tables(
            [
                _paths(RISK_NEUTRAL, FAIR_VALUE, ids, neutral.measure(GUARANTEE)),
                _paths(REAL_WORLD, RESERVE, ids, account[:, None] - real.measure(INSURER)),
            ]
        ),
        "reserve_seriatim": _seriatim(_date(snapshot), ids, neutral, frame.per_sample),
        "block_scenario": pa.concat_tables(
            [
                *_block(RISK_NEUTRAL, _derived(neutral)),
                *_block(REAL_WORLD, _derived(real)),
                *_block(CONTROL, {GONE: measure(control.worth, FROM_ACCOUNT)}),
                _units(CONTROL, LEFT, control.yearly[-2:, 1].sum(axis=0)),
                *_block(EXACT, {GONE: measure(exact.worth, FROM_ACCOUNT)}),
                _units(EXACT, LEFT, exact.yearly[-2:, 1].sum(axis=0)),
            ]
        ),
        "block_yearly": _yearly(real.yearly),
    }
    facts = {name: int(to_fixed(snapshot[name].to_numpy()).sum()) for name in ("account_value", "surrender_value")}
    facts["indexed_value"] = sum(int(to_fixed(account[one.place]).sum()) for one in indexed.groups)
    return run.commit_group("project", index, written, {"contracts": len(ids), **facts}).extra


def _derived(found: Worth) -> dict[str, Array]:
    """(n_contract, n_scenario) of every measure, and of those derived from them."""
    derived = {name: found.worth[:, k] for k, name in enumerate(MEASURES)}
    return derived | {FAIR_VALUE: found.measure(GUARANTEE), FULL_VALUE: found.measure(FULL_CONTRACT)}


def _date(snapshot: pa.Table) -> date:
    day: date = snapshot["valuation_date"][0].as_py()
    return day


def _paths(basis: str, measure: str, ids: Sequence[str], values: Array) -> pa.Table:
    n_contract, n_scenario = values.shape
    owner = pa.array(np.repeat(np.arange(n_contract, dtype=np.int32), n_scenario))
    columns = {
        "basis": pa.repeat(basis, values.size),
        "contract_id": pa.DictionaryArray.from_arrays(owner, pa.array(ids, pa.string())).cast(pa.string()),
        "scenario": np.tile(np.arange(n_scenario), n_contract),
        "measure": pa.repeat(measure, values.size),
        "value": values.ravel(),
    }
    return pa.table(columns, schema=SCHEMAS["path_values"])


def _seriatim(day: date, ids: Sequence[str], found: Worth, per_sample: int) -> pa.Table:
    """Means over risk-neutral scenarios of every contract, with their standard errors."""
    rows = []
    for name, values in _derived(found).items():
        mean = mean_estimate(values, per_sample)
        rows.append(seriatim(day, RISK_NEUTRAL, name, ids, mean.value, mean.standard_error))
    return pa.concat_tables(rows)


def seriatim(
    day: date, basis: str, measure: str, ids: Sequence[str], values: Array, errors: Array | None = None
) -> pa.Table:
    """Rows of reserve_seriatim for one measure."""
    n = len(ids)
    columns = {
        "valuation_date": pa.repeat(day, n),
        "basis": pa.repeat(basis, n),
        "contract_id": ids,
        "measure": pa.repeat(measure, n),
        "value": values,
        "standard_error": pa.nulls(n) if errors is None else errors,
    }
    return pa.table(columns, schema=SCHEMAS["reserve_seriatim"])


def _block(basis: str, derived: Mapping[str, Array]) -> list[pa.Table]:
    """Sums over the contracts of a partition, by scenario, in whole units."""
    return [_units(basis, measure, to_fixed(values).sum(axis=0)) for measure, values in derived.items()]


def _units(basis: str, measure: str, units: NDArray[np.int64]) -> pa.Table:
    n = len(units)
    columns = {"basis": pa.repeat(basis, n), "measure": pa.repeat(measure, n), "scenario": np.arange(n), "units": units}
    return pa.table(columns)


def _yearly(yearly: NDArray[np.int64]) -> pa.Table:
    n_year, _, n_scenario = yearly.shape
    return pa.table(
        {
            "year": np.repeat(np.arange(n_year), n_scenario),
            "scenario": np.tile(np.arange(n_scenario), n_year),
            "net_cash_flow": yearly[:, 0].ravel(),
            "account_value": yearly[:, 1].ravel(),
        }
    )


def measure_tails(begun: Begun, plan: Plan, tails: Mapping[str, Tail], client: "Client | None") -> list[Facts]:
    """Each contract's mean over the block's worst scenarios, at every level."""
    run = begun.started.run
    jobs = [Job(index, (run, index, dict(tails))) for index in range(plan.partitions)]
    return fan_out(begun.started, client, "tail", tail_partition, jobs)


def tail_partition(run: Run, index: int, tails: Mapping[str, Tail]) -> Facts:
    """The tail measures of one partition; may be repeated."""
    snapshot = contracts_of(run, index)
    paths = tables(run, "project", index, ["path_values"])["path_values"]
    real = np.array(paths["basis"].to_pylist(), dtype=object) == REAL_WORLD
    values = np.ascontiguousarray(paths["value"].to_numpy()[real].reshape(snapshot.num_rows, -1))
    columns = {"contract_id": snapshot["contract_id"], "surrender_value": snapshot["surrender_value"]}
    columns |= {level: pa.chunked_array([contract_measure(values, worst)]) for level, worst in tails.items()}
    return run.commit_group("tail", index, {"tail_measure": pa.table(columns)}).extra
