"""From the partitions of a projection to its block: scenarios, means, cash flows by year, decrements, checks, manifest."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tasks.conclude import conclude
from tasks.parts import Facts, dataset_of, parts_of, tables, total
from tasks.project import PAIR, Plan, add_to, adds_up, living
from tasks.projection import MEASURED, Projecting
from tasks.projection_tables import Key, units_of
from tasks.records import Check, Manifest
from valuation.estimate import Estimate, mean_estimate
from valuation.fixed_point import UNIT, from_fixed
from valuation.projected_years import SHARES, year_ends
from valuation.schema import SCHEMAS
from valuation.schema_projection import CAUSES
from valuation.sessions import day_number

Fixed = NDArray[np.int64]

SUMS = ("block_scenario", "block_flows", "block_causes")
SUMMARIES = ("projection_scenario", "projection_summary", "projection_cash_flows", "projection_decrements")
SERIATIM = ("projection_seriatim", "projection_yearly", "projection_states")
ROUNDED = 10.0
"""More than the measures of which a derived one is made; each is rounded to whole units."""
BOOKINGS = 64
"""More than the bookings of one contract in a year; each is rounded to whole units by the kernel."""


def gather(run: Projecting, plan: Plan) -> dict[str, dict[Key, Fixed]]:
    """The sums of all partitions, and the published tables made of them."""
    started = run.begun.started
    sums: dict[str, dict[Key, Fixed]] = {name: {} for name in SUMS}
    for index in range(plan.partitions):
        for name, table in tables(started.run, "project", index, SUMS).items():
            for key, units in units_of(table).items():
                add_to(sums[name], key, units)
    written = {
        "projection_scenario": _scenarios(run, sums["block_scenario"]),
        "projection_summary": _summary(run, sums["block_scenario"]),
        "projection_cash_flows": _cash_flows(run, sums["block_flows"]),
        "projection_decrements": _decrements(run, sums["block_causes"]),
    }
    started.run.commit_group("gather", 0, written)
    return sums


def _mean(run: Projecting, units: Fixed) -> Estimate:
    return mean_estimate(from_fixed(units), PAIR if run.begun.sets[0].spec.antithetic else 1)


def _table(run: Projecting, dataset: str, columns: dict[str, Any]) -> pa.Table:
    n = len(next(iter(columns.values())))
    day = run.begun.started.inputs.valuation_date
    whole = {"valuation_date": pa.repeat(day, n), "basis": pa.repeat(run.request.basis, n)} | columns
    return pa.table({name: whole[name] for name in SCHEMAS[dataset].names}, schema=SCHEMAS[dataset])


def _scenarios(run: Projecting, sums: dict[Key, Fixed]) -> pa.Table:
    n = run.begun.sets[0].spec.n_scenario
    columns = {
        "scenario": np.tile(np.arange(n), len(MEASURED)),
        "measure": np.repeat(np.array(MEASURED, dtype=object), n),
        "value": np.concatenate([from_fixed(sums[name,]) for name in MEASURED]),
    }
    return _table(run, "projection_scenario", columns)


def _summary(run: Projecting, sums: dict[Key, Fixed]) -> pa.Table:
    means = [_mean(run, sums[name,]) for name in MEASURED]
    columns = {
        "measure": MEASURED,
        "value": [float(one.value) for one in means],
        "standard_error": [float(one.standard_error) for one in means],
    }
    return _table(run, "projection_summary", columns)


def _ends(run: Projecting) -> Fixed:
    return year_ends(run.begun.days, day_number(run.begun.started.inputs.valuation_date))


def _years(ends: Fixed, each: int) -> dict[str, Any]:
    """Columns year and year_end, ``each`` rows a year."""
    year = np.repeat(np.arange(len(ends)), each)
    return {
        "year": (year + 1).astype(np.int32),
        "year_end": pa.array(ends[year].astype("datetime64[D]"), pa.date32()),
    }


def _cash_flows(run: Projecting, sums: dict[Key, Fixed]) -> pa.Table:
    ends = _ends(run)
    places = [(name, year) for year in range(len(ends)) for name in MEASURED]
    columns = _years(ends, len(MEASURED)) | {"measure": [name for name, _ in places]}
    for kind in ("cash_flow", "present_value"):
        means = [_mean(run, sums[kind, name, year]) for name, year in places]
        columns[kind] = [float(one.value) for one in means]
        columns[f"{kind}_error"] = [float(one.standard_error) for one in means]
    return _table(run, "projection_cash_flows", columns)


def _decrements(run: Projecting, sums: dict[Key, Fixed]) -> pa.Table:
    ends = _ends(run)
    places = [(cause, year) for year in range(len(ends)) for cause in CAUSES]
    means = [_mean(run, sums[place]) for place in places]
    number = np.array([max(float(one.value) / SHARES, 0.0) for one in means])
    whole = number[: len(CAUSES)].sum()
    columns = _years(ends, len(CAUSES)) | {
        "cause": [cause for cause, _ in places],
        "contracts": number,
        "share": number / whole,
        "standard_error": [float(one.standard_error) / SHARES for one in means],
    }
    return _table(run, "projection_decrements", columns)


def close(run: Projecting, plan: Plan, sums: dict[str, dict[Key, Fixed]], projected: Sequence[Facts]) -> Manifest:
    """Check the projection and write its manifest."""
    started, request = run.begun.started, run.request
    parts = parts_of(started.run, "project", plan.partitions, SERIATIM)
    parts += parts_of(started.run, "gather", 1, SUMMARIES)
    if request.paths:
        parts += parts_of(started.run, "path", plan.partitions * len(request.paths), ("projection_path",))
    parts += started.run.collect(["scenario_checks"], 1)
    totals = {f"{request.basis}.{name}": float(_mean(run, sums["block_scenario"][name,]).value) for name in MEASURED}
    totals["contracts"] = float(total(projected, "contracts"))
    totals["account_value"] = total(projected, "account_value") * UNIT
    return conclude(started, parts, totals, checks(run, plan, sums, projected))


def checks(
    run: Projecting, plan: Plan, sums: dict[str, dict[Key, Fixed]], projected: Sequence[Facts]
) -> tuple[Check, ...]:
    """Identities of a projection."""
    started, contracts = run.begun.started, total(projected, "contracts")
    known = living(started.storage, started.inputs.inputs).num_rows
    found = [
        Check.within("contracts asked for = contracts projected", contracts, len(run.request.contracts) or known),
        Check.within("years of every measure sum to its present value, USD", total(projected, "years_gap") * UNIT, 0.0),
        Check.within(
            "net cash flow of every year is the kernel's own, USD",
            total(projected, "net_gap") * UNIT, 0.0, BOOKINGS * UNIT * contracts,
        ),
    ]  # fmt: skip
    causes: dict[int, Fixed] = {}
    for (_, year), units in sums["block_causes"].items():
        add_to(causes, int(year), units)
    worst = max(float(np.abs(from_fixed(units) / SHARES - contracts).max()) for units in causes.values())
    found.append(Check.within("decrements of every year add up to the contracts", worst, 0.0, 1e-6 * contracts))
    rows = dataset_of(started.run, "project", plan.partitions, "projection_seriatim")
    for name in MEASURED:
        mine = rows.filter(pc.equal(rows["measure"], name))
        whole = float(_mean(run, sums["block_scenario"][name,]).value)
        found.append(adds_up(f"{name} of contracts adds up, USD", mine, whole, ROUNDED * UNIT * max(mine.num_rows, 1)))
    return tuple(found)
