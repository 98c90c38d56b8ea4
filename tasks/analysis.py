"""What an analyst calls: open a run, project contracts, make scenarios, compare two runs; results hold Arrow tables.

Everything happens in this process; a projection is published like that of the command line, and found again when it is
asked for again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import JsonValue

from infra.settings import Settings, load_settings
from infra.storage import Storage

if TYPE_CHECKING:
    from tasks.publish import PublishedRun

Basis = Literal["risk_neutral", "real_world"]

FIGURES = {
    "daily_valuation": ("daily_totals", ("date",)),
    "month_end_reserve": ("reserve_summary", ("basis", "measure")),
    "daily_hedge": ("greeks_block", ("greek", "bucket")),
    "projection": ("projection_summary", ("basis", "measure")),
}
"""The dataset of a flow that holds its figures for the block, and what names a figure there."""


class AnalysisError(ValueError):
    """What was asked for is not there or does not fit; the message says what is, and the next step."""


@dataclass(frozen=True)
class OpenedRun:
    """A finished run: what it was made from, and its datasets."""

    flow: str
    run_id: str
    valuation_date: date
    settings: Mapping[str, JsonValue]
    rows: Mapping[str, int]  # of each dataset
    found: "PublishedRun"

    def table(self, dataset: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A dataset, every part checked by its hash; columns, units and meanings are in valuation/DATA_DICTIONARY.md."""
        return self.found.table(dataset, columns)


@dataclass(frozen=True)
class Projection:
    """A projection: means over scenarios with standard errors, and on request single scenarios."""

    run: OpenedRun
    contracts: pa.Table  # projection_seriatim: contract x measure
    scenarios: pa.Table  # projection_scenario: scenario x measure
    summary: pa.Table  # projection_summary
    cash_flows: pa.Table  # projection_cash_flows: year x measure
    decrements: pa.Table  # projection_decrements: year x cause
    yearly: pa.Table | None  # projection_yearly: contract x scenario x year x measure, if asked for by year
    states: pa.Table | None  # projection_states: contract x scenario x year, if asked for by year
    paths: pa.Table | None  # projection_path: contract x scenario x day, if paths were asked for


@dataclass(frozen=True)
class Scenarios:
    """A scenario set; its name is the hash of all that makes it."""

    basis: Basis
    hash: str
    seed: int
    antithetic: bool  # whether scenarios 2j and 2j + 1 have opposite draws
    table: pa.Table  # scenario, date, ratio of each index to the day before, discount factor to the valuation date


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side."""

    inputs: pa.Table  # name, first, second: what the runs were made from, where it differs
    figures: pa.Table  # figure, first, second, difference: the block's figures that both have


def open_run(run: str, on: date | None = None, store: str | None = None) -> OpenedRun:
    """A finished run by its id, which may be cut short, or the run in force of a flow, as "daily_valuation".

    on     Valuation Day of the flow; None: the latest that it has published
    store  folder or URL of the store; None: as HIGHWATER_STORAGE_URL says
    """
    storage = Storage(_settings(store).storage_url)
    from tasks.publish import latest
    from tasks.summary_runs import find_run

    if run not in FIGURES:
        return _opened(find_run(storage, run))
    days = sorted({date.fromisoformat(key.split("/")[2]) for key in storage.list(f"published/{run}")})
    found = latest(storage, run, on or days[-1]) if days else None
    if found is None:
        there = ", ".join(map(str, days[-5:])) or "none"
        raise AnalysisError(
            f"{run} has published nothing for {on or 'any day'} in {storage.url}; published: {there}. Run it first, or"
            " choose one of these days."
        )
    return _opened(found)


def project(
    contracts: Sequence[str] = (),
    *,
    on: date | None = None,
    basis: Basis = "risk_neutral",
    assumptions: str = "",
    scenarios: int | None = None,
    seed: int | None = None,
    by_year: bool = False,
    paths: Sequence[int] = (),
    horizon_years: int | None = None,
    store: str | None = None,
) -> Projection:
    """Project contracts, or with none named the block, over scenarios; as ``highwater project``, in this process.

    on             Valuation Day of the published snapshot; None: the latest
    assumptions    name of the set, as "best_2008"; empty: that of the basis
    by_year        also contract x scenario x year; ``paths``: also these scenarios day by day
    horizon_years  shorter projections, for trials; None: to the last age
    """
    settings = _settings(store, seed=seed, risk_neutral_scenarios=scenarios, real_world_scenarios=scenarios)
    storage = Storage(settings.storage_url)
    from tasks import conclude, projection_block, start
    from tasks import projection as tasks
    from tasks.progress import watched
    from tasks.publish import open_run as opened
    from tasks.scenarios import make_tiles

    request = tasks.Request(basis, assumptions, tuple(contracts), by_year, tuple(paths))
    with watched():
        run = tasks.begin(storage, settings, on or tasks.latest_day(storage), request, horizon_years)
        outcome = start.done_before(run.begun.started)
        if outcome is None:
            plan = tasks.prepare(run)
            tiles = make_tiles(run.begun.started, run.begun.sets, run.begun.days, None)
            projected = tasks.project(run, plan, tiles, None)
            tasks.follow_paths(run, plan, tiles, None)
            projection_block.close(run, plan, projection_block.gather(run, plan), projected)
            outcome = conclude.publish(run.begun.started)
    return projection_of(_opened(opened(storage, outcome.flow, outcome.run_id)))


def projection_of(run: OpenedRun) -> Projection:
    """The tables of a projection that is there already."""
    if run.flow != "projection":
        raise AnalysisError(f"run {run.run_id} is of {run.flow}; a run of projection is needed: open one")
    names = ("seriatim", "scenario", "summary", "cash_flows", "decrements", "yearly", "states", "path")
    tables = [run.table(f"projection_{name}") if f"projection_{name}" in run.rows else None for name in names]
    return Projection(run, *tables)


def make_scenarios(
    on: date,
    count: int,
    basis: Basis = "risk_neutral",
    *,
    horizon_years: int = 10,
    seed: int | None = None,
) -> Scenarios:
    """Scenarios of the market of a day: returns of the indices and discount factors on every Valuation Day.

    count  number of scenarios; even for risk-neutral ones, which are antithetic pairs
    """
    settings = _settings(None, seed=seed)
    from tasks.market import market_of
    from tasks.scenario_tables import scenario_table
    from tasks.scenarios import set_of
    from valuation.clock import months_after
    from valuation.sessions import day_date, day_number, valuation_days

    as_of, market = day_number(on), market_of(on)
    days = valuation_days(day_date(as_of + 1), day_date(months_after(as_of, 12 * horizon_years)))
    model = market.risk_neutral if basis == "risk_neutral" else market.real_world
    made = set_of(basis, model, days, as_of, count, settings.tile_lanes, settings.seed)
    return Scenarios(basis, made.spec.hash, made.spec.seed, made.spec.antithetic, scenario_table(made, days))


def compare_runs(first: OpenedRun | Projection, second: OpenedRun | Projection) -> Comparison:
    """What two runs of one flow were made from and found: inputs that differ, and the block's figures."""
    one, two = (run.run if isinstance(run, Projection) else run for run in (first, second))
    if one.flow != two.flow:
        raise AnalysisError(f"runs of {one.flow} and {two.flow} have no figures in common: compare runs of one flow")
    before, after = _facts(one), _facts(two)
    names = [name for name in sorted(before | after) if before.get(name) != after.get(name)]
    inputs = {"name": names, "first": [before.get(n) for n in names], "second": [after.get(n) for n in names]}
    figures, others = _figures(one), _figures(two)
    common = [name for name in figures if name in others]
    columns = {
        "figure": common,
        "first": [figures[name] for name in common],
        "second": [others[name] for name in common],
        "difference": [others[name] - figures[name] for name in common],
    }
    text, number = pa.string(), pa.float64()
    return Comparison(
        pa.table(inputs, schema=pa.schema([(name, text) for name in inputs])),
        pa.table(columns, schema=pa.schema([(name, number if name != "figure" else text) for name in columns])),
    )


def _settings(store: str | None, **given: Any) -> Settings:
    """The settings, the process made ready before the law is imported."""
    found = {"storage_url": store, **given}
    settings = load_settings(**{name: value for name, value in found.items() if value is not None})
    from tasks.warm import prepare_process

    prepare_process(settings)
    return settings


def _opened(found: "PublishedRun") -> OpenedRun:
    inputs = found.manifest.inputs
    return OpenedRun(
        inputs.flow, found.manifest.run_id, inputs.valuation_date, inputs.settings, found.manifest.rows, found
    )  # fmt: skip


def _facts(run: OpenedRun) -> dict[str, str]:
    """Everything a run was made from, by name, as text."""
    inputs = run.found.manifest.inputs
    facts = {"valuation_date": str(inputs.valuation_date), "code": inputs.code_hash[:16], "seed": str(inputs.seed)}
    for kind in ("assumptions", "terms", "scenarios", "settings", "packages"):
        facts |= {f"{kind}.{name}": str(value) for name, value in getattr(inputs, kind).items()}
    return facts | {f"inputs.{one.dataset}.{one.name}": one.sha256[:16] for one in inputs.inputs}


def _figures(run: OpenedRun) -> dict[str, float]:
    """The block's figures of a run: of a daily valuation, the totals of its last day."""
    dataset, key = FIGURES[run.flow]
    table = run.table(dataset)
    if run.flow == "daily_valuation":
        last = table.filter(pc.equal(table["date"], run.valuation_date)).to_pylist()[-1]
        return {name: float(value) for name, value in last.items() if name not in key}
    return {" ".join(row[name] for name in key): float(row["value"]) for row in table.to_pylist()}
