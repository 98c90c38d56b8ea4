"""From the partitions of a reserve run to the block: scenario reserves, tails, allocation, checks, manifest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tasks.conclude import conclude, lacks
from tasks.parts import Facts, dataset_of, parts_of, tables, total
from tasks.payable import carried, payable
from tasks.project import PAIR, REAL_WORLD, RISK_NEUTRAL, Begun, Plan, add_to, adds_up, valued_once
from tasks.records import Check, Manifest
from tasks.reserve import CONTROL, EXACT, FAIR_VALUE, GONE, LEFT, LEVELS, RESERVE, seriatim
from valuation.estimate import Estimate, errors_allowed, mean_estimate
from valuation.fixed_point import UNIT, from_fixed
from valuation.reserve import (
    Tail,
    allocate_reserve,
    cte,
    floor_at_surrender_value,
    greatest_accumulated_deficiency,
    tail,
)
from valuation.schema import SCHEMAS

Array = NDArray[np.float64]
Fixed = NDArray[np.int64]

UNFLOORED, FLOORED = "scenario_reserve_before_floor", "scenario_reserve"
IN_FORCE = "in_force"
LEAK_TIMING = 1e-3
"""Where the Account Value goes must be the Account Value: within 4 standard errors and, because asset-based charges of a
month are discounted from its end, a thousandth."""


LEAK_ROUNDING = 1e-9
"""The same in one index, without charges that are discounted from a month's end, in every scenario: rounding alone."""


@dataclass(frozen=True)
class Block:
    """Sums of the block by scenario, USD."""

    sums: Mapping[tuple[str, str], Array]  # by basis and measure, (n_scenario,)
    unfloored: Array
    floored: Array
    account_value: float
    surrender_value: float

    @property
    def tails(self) -> dict[str, Tail]:
        """The worst scenarios by level."""
        return {name: tail(self.floored, level) for name, level in LEVELS.items()}


def block_of(begun: Begun, plan: Plan, projected: Sequence[Facts]) -> Block:
    """Add the partitions up: contracts within a scenario first, then the reserve of each scenario."""
    run = begun.started.run
    sums: dict[tuple[str, str], Fixed] = {}
    yearly: dict[str, Fixed] = {}
    for index in range(plan.partitions):
        part = tables(run, "project", index, ["block_scenario", "block_yearly"])
        for key, units in _by_measure(part["block_scenario"]).items():
            add_to(sums, key, units)
        for name, units in _by_year(part["block_yearly"]).items():
            add_to(yearly, name, units)
    starting = total(projected, "account_value") * UNIT
    surrender = total(projected, "surrender_value") * UNIT
    reserves = scenario_reserves(
        yearly["account_value"],
        yearly["net_cash_flow"],
        starting,
        surrender,
        begun.started.inputs.settings["horizon_years"] is not None,
    )
    return Block({key: from_fixed(units) for key, units in sums.items()}, *reserves, starting, surrender)


def scenario_reserves(
    account_value: Fixed, net_cash_flow: Fixed, starting: float, surrender: float, cut: bool
) -> tuple[Array, Array]:
    """(n_scenario,) reserves before and after the floor at the Surrender Value, USD.

    account_value, net_cash_flow   (n_year, n_scenario) present values in whole units: at the end of each year, of each year
    cut                            nothing has run off when the horizon ends: there is no state after the last whole year
    """
    surplus = from_fixed(account_value + np.cumsum(net_cash_flow, axis=0))
    if cut:
        surplus = surplus[:-1]
    assets = np.vstack([np.full((1, surplus.shape[1]), starting), surplus])
    unfloored = greatest_accumulated_deficiency(assets, np.ones_like(assets))
    return unfloored, floor_at_surrender_value(unfloored, surrender)


def _by_measure(rows: pa.Table) -> dict[tuple[str, str], Fixed]:
    found = {}
    for basis in pc.unique(rows["basis"]).to_pylist():
        mine = rows.filter(pc.equal(rows["basis"], basis))
        for measure in pc.unique(mine["measure"]).to_pylist():
            found[basis, measure] = mine.filter(pc.equal(mine["measure"], measure))["units"].to_numpy()
    return found


def _by_year(rows: pa.Table) -> dict[str, Fixed]:
    n_year = int(pc.max(rows["year"]).as_py()) + 1
    return {name: rows[name].to_numpy().reshape(n_year, -1) for name in ("net_cash_flow", "account_value")}


def estimates(block: Block, per_sample: int) -> dict[tuple[str, str], Estimate]:
    """The reserves of the block, with standard errors; ``per_sample`` risk-neutral scenarios make one sample."""
    found = {
        (basis, measure): mean_estimate(values, per_sample if basis == RISK_NEUTRAL else 1)
        for (basis, measure), values in block.sums.items()
        if basis in (RISK_NEUTRAL, REAL_WORLD)
    }
    for name, level in LEVELS.items():
        found[REAL_WORLD, name] = cte(block.floored, level)
        found[REAL_WORLD, f"{name}_before_floor"] = cte(block.unfloored, level)
    found[REAL_WORLD, f"mean_{FLOORED}"] = mean_estimate(block.floored)
    for name, value in (("account_value", block.account_value), ("surrender_value", block.surrender_value)):
        found[IN_FORCE, name] = Estimate(np.asarray(value), np.asarray(np.nan))
    return found


def allocate(begun: Begun, plan: Plan, block: Block) -> None:
    """Commit the allocation to contracts, the scenarios and the summary."""
    run, day = begun.started.run, begun.started.inputs.valuation_date
    if not lacks(run, "allocate"):
        return
    measures = dataset_of(run, "tail", plan.partitions, "tail_measure")
    ids = measures["contract_id"].to_pylist()
    surrender = np.asarray(measures["surrender_value"].to_numpy(), dtype=np.float64)
    found = estimates(block, plan.frame.per_sample)
    rows = []
    for level in LEVELS:
        contract = np.asarray(measures[level].to_numpy(), dtype=np.float64)
        aggregate = max(float(found[REAL_WORLD, level].value), float(np.sum(surrender)))
        rows.append(seriatim(day, REAL_WORLD, f"{RESERVE}_{level}", ids, contract))
        rows.append(
            seriatim(day, REAL_WORLD, f"allocated_{level}", ids, allocate_reserve(surrender, contract, aggregate))
        )
    run.commit_group("allocate", plan.partitions, {"reserve_seriatim": pa.concat_tables(rows)})
    written = {"reserve_scenario": _scenarios(begun, block), "reserve_summary": _summary(begun, found)}
    run.commit_group("allocate", 0, written)


def _scenarios(begun: Begun, block: Block) -> pa.Table:
    schema, day = SCHEMAS["reserve_scenario"], begun.started.inputs.valuation_date
    sums = {key: values for key, values in block.sums.items() if key[0] in (RISK_NEUTRAL, REAL_WORLD)}
    sums |= {(REAL_WORLD, UNFLOORED): block.unfloored, (REAL_WORLD, FLOORED): block.floored}
    rows = []
    for (basis, measure), values in sums.items():
        n = len(values)
        columns = {
            "valuation_date": pa.repeat(day, n),
            "basis": pa.repeat(basis, n),
            "scenario": np.arange(n),
            "measure": pa.repeat(measure, n),
            "value": values,
        }
        rows.append(pa.table(columns, schema=schema))
    return pa.concat_tables(rows)


def _summary(begun: Begun, found: Mapping[tuple[str, str], Estimate]) -> pa.Table:
    errors = [float(one.standard_error) for one in found.values()]
    columns = {
        "valuation_date": pa.repeat(begun.started.inputs.valuation_date, len(found)),
        "basis": [basis for basis, _ in found],
        "measure": [measure for _, measure in found],
        "value": [float(one.value) for one in found.values()],
        "standard_error": [error if np.isfinite(error) else None for error in errors],
    }
    return pa.table(columns, schema=SCHEMAS["reserve_summary"])


def close(begun: Begun, plan: Plan, block: Block, projected: Sequence[Facts]) -> Manifest:
    """Check the run and write its manifest."""
    run = begun.started.run
    parts = parts_of(run, "project", plan.partitions, ("path_values", "reserve_seriatim"))
    last = run.committed_group("allocate", plan.partitions)
    assert last is not None
    parts += last.parts + parts_of(run, "allocate", 1, ("reserve_scenario", "reserve_summary"))
    parts += run.collect(["scenario_checks"], 1)
    totals = {
        f"{basis}.{measure}": float(one.value)
        for (basis, measure), one in estimates(block, plan.frame.per_sample).items()
    }
    totals |= {"contracts": float(total(projected, "contracts")), **payable(begun.started)}
    return conclude(begun.started, parts, totals, checks(begun, plan, block, projected))


def checks(begun: Begun, plan: Plan, block: Block, projected: Sequence[Facts]) -> tuple[Check, ...]:
    """Identities of a reserve run."""
    found = estimates(block, plan.frame.per_sample)
    gone_or_left = block.sums[CONTROL, GONE] + block.sums[CONTROL, LEFT]
    leak = mean_estimate(gone_or_left, PAIR)
    allowed = errors_allowed(len(gone_or_left) // PAIR) * float(leak.standard_error) + LEAK_TIMING * block.account_value
    rows = [
        Check.within("where the Account Value goes, USD", float(leak.value), block.account_value, allowed),
        _leaks_nothing(block, total(projected, "indexed_value") * UNIT, total(projected, "contracts")),
        _at_least("CTE98 is at least CTE70, USD", found, "cte_98", "cte_70"),
        _at_least("CTE70 is at least its value before the floor, USD", found, "cte_70", "cte_70_before_floor"),
    ]
    run, cut = begun.started.run, plan.partitions
    seriatim_parts = dataset_of(run, "project", cut, "reserve_seriatim")
    mine = seriatim_parts.filter(pc.equal(seriatim_parts["measure"], FAIR_VALUE))
    whole = float(found[RISK_NEUTRAL, FAIR_VALUE].value)
    allowed = 2.0 * UNIT * max(mine.num_rows, 1)
    rows.append(adds_up("fair values of contracts sum to the block's, USD", mine, whole, allowed))
    last = tables(run, "allocate", cut, ["reserve_seriatim"])["reserve_seriatim"]
    for level in LEVELS:
        shares = last.filter(pc.equal(last["measure"], f"allocated_{level}"))
        whole = float(found[REAL_WORLD, level].value)
        rows.append(adds_up(f"allocated {level} sums to the block's, USD", shares, whole, allowed))
    rows.append(valued_once(begun.started, total(projected, "contracts"), mine.num_rows))
    rows.append(carried(begun.started))
    return tuple(rows)


def _leaks_nothing(block: Block, account_value: float, contracts: int) -> Check:
    """In every scenario of the exact control what left an Account Value and what is left of it is the Account Value."""
    found = block.sums[EXACT, GONE] + block.sums[EXACT, LEFT]
    worst = float(np.abs(found - account_value).max())
    allowed = 4.0 * UNIT * max(contracts, 1) + LEAK_ROUNDING * account_value
    return Check.within("largest leak of a scenario measured in its index, USD", worst, 0.0, allowed)


def _at_least(label: str, found: Mapping[tuple[str, str], Estimate], high: str, low: str) -> Check:
    above, below = float(found[REAL_WORLD, high].value), float(found[REAL_WORLD, low].value)
    rounding = 1e-9 * abs(below)  # of few scenarios both are the mean of the same ones
    return Check(label, above >= below - rounding, above, below, rounding)
