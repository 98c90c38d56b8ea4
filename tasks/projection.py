"""The projection of a block or of chosen contracts: measures, cash flows by year, decrements, single paths.

    project   projection_seriatim, projection_yearly, projection_states (published); block_scenario, block_flows,
              block_causes: sums over the contracts of a partition, by scenario, in whole units
    path      projection_path, one scenario of the contracts of a partition (published)

The scenarios are those of the whole block's grid: scenario 17 of one contract is scenario 17 of the block.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import JsonValue

from infra.settings import Settings
from infra.storage import Storage
from tasks.daily import FLOW as DAILY
from tasks.fanout import Job
from tasks.market import market_of
from tasks.parts import Facts, fan_out
from tasks.project import (
    ASSUMPTIONS,
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
    begin_on,
    contracts_of,
    cut_block,
    living,
    measure,
    prepared,
    snapshot_inputs,
)
from tasks.projection_tables import Key, path_table, seriatim, states, units_by_scenario, yearly
from tasks.publish import Run
from tasks.scenarios import TileRef, mapped
from tasks.start import NothingPublished
from valuation.assumptions import load_assumptions
from valuation.fixed_point import to_fixed
from valuation.portfolio import Portfolio
from valuation.projected import MEASURES
from valuation.projected_path import Path, follow
from valuation.projected_years import Years, project_years, undiscounted, year_ends
from valuation.schema_projection import CAUSES

if TYPE_CHECKING:
    from distributed import Client

Array = NDArray[np.float64]
Fixed = NDArray[np.int64]

FLOW = "projection"
BASES = {RISK_NEUTRAL: "risk_neutral_scenarios", REAL_WORLD: "real_world_scenarios"}
"""Setting that gives the number of scenarios, by basis."""
DERIVED = {
    "fair_value_guarantee": GUARANTEE,
    "fair_value_full_contract": FULL_CONTRACT,
    "insurer_net_cash_flow": INSURER,
}
"""Measures made of the others: what the guarantee costs, what the Owner gets, what is left to the insurer."""
MEASURED = (*MEASURES, *DERIVED)
MOST_PATHS = 100
"""Single paths of one run, contracts times scenarios."""


class RequestError(ValueError):
    """A projection that cannot be made; the message names what was asked, what is allowed and the next step."""


@dataclass(frozen=True)
class Request:
    """What a projection is asked for."""

    basis: str = RISK_NEUTRAL
    assumptions: str = ""  # name of the set; empty: that of the basis
    contracts: tuple[str, ...] = ()  # empty: the block
    by_year: bool = False  # also every chosen contract by scenario and year
    paths: tuple[int, ...] = ()  # also these scenarios of every chosen contract, day by day


@dataclass(frozen=True)
class Projecting:
    """A projection under way."""

    begun: Begun
    request: Request


def latest_day(storage: Storage) -> date:
    """The latest Valuation Day with a published snapshot; raises `NothingPublished` if there is none."""
    days = sorted({key.split("/")[2] for key in storage.list(f"published/{DAILY}")})
    if not days:
        raise NothingPublished(f"no daily valuation is published in {storage.url}. Run `highwater daily` first.")
    return date.fromisoformat(days[-1])


def begin(
    storage: Storage, settings: Settings, valuation_date: date, request: Request, horizon_years: int | None = None
) -> Projecting:
    """Take the published snapshot of the day, name the scenario set, derive the run."""
    frozen, market = snapshot_inputs(storage, valuation_date), market_of(valuation_date)
    asked = _checked(request, getattr(settings, BASES.get(request.basis, ""), 0))
    known = living(storage, frozen)["contract_id"].to_pylist()
    for one in asked.contracts:
        if one not in set(known):
            near = ", ".join(difflib.get_close_matches(one, known, 3))
            hint = f"did you mean {near}" if near else f"an id there looks like {known[0]}"
            raise RequestError(
                f"contract {one} is not in force in the snapshot of {valuation_date}; {hint}. Give the id of a contract that"
                " has a future."
            )
    model = market.risk_neutral if asked.basis == RISK_NEUTRAL else market.real_world
    options: dict[str, JsonValue] = {"contracts": [*asked.contracts], "by_year": asked.by_year, "paths": [*asked.paths]}
    begun = begin_on(
        storage, settings, FLOW, valuation_date, frozen, {asked.basis: Draw(model, BASES[asked.basis])},
        [asked.assumptions], horizon_years, options,
    )  # fmt: skip
    return Projecting(begun, asked)


def _checked(request: Request, scenarios: int) -> Request:
    """The request with what it leaves out; raises `RequestError` for what cannot be."""
    if request.basis not in BASES:
        raise RequestError(f"{request.basis!r} is no basis; allowed are {', '.join(BASES)}: choose one")
    assumptions = request.assumptions or ASSUMPTIONS[request.basis]
    load_assumptions(assumptions)
    contracts = tuple(sorted(set(request.contracts)))
    if (request.by_year or request.paths) and not contracts:
        raise RequestError("years by scenario and single paths are of chosen contracts; none is chosen: name them")
    wrong = [k for k in request.paths if not 0 <= k < scenarios]
    if wrong:
        raise RequestError(
            f"scenario {wrong[0]} is not in the set; allowed are 0 to {scenarios - 1}: choose one, or more scenarios"
        )
    least = 2 * (PAIR if request.basis == RISK_NEUTRAL else 1)
    if scenarios < least or (request.basis == RISK_NEUTRAL and scenarios % PAIR):
        raise RequestError(
            f"{scenarios} scenarios give no standard error; allowed are {least} or more, even if risk neutral: ask for more"
        )
    if len(contracts) * len(request.paths) > MOST_PATHS:
        raise RequestError(
            f"{len(contracts)} contracts in {len(request.paths)} scenarios are too many single paths; allowed are"
            f" {MOST_PATHS}: choose fewer"
        )
    return Request(request.basis, assumptions, contracts, request.by_year, tuple(sorted(set(request.paths))))


def prepare(run: Projecting) -> Plan:
    """Cut the contracts into partitions; each is projected twice, the second time without discounting."""
    return cut_block(run.begun, 2 * run.begun.sets[0].spec.n_scenario, run.request.contracts)


def project(
    run: Projecting, plan: Plan, tiles: Mapping[str, Sequence[TileRef]], client: "Client | None"
) -> list[Facts]:
    """Project every partition on every tile."""
    started, request = run.begun.started, run.request
    refs = tiles[request.basis]
    jobs = [Job(k, (started.run, k, plan.frame, request, refs), cost) for k, cost in enumerate(plan.cost)]
    return fan_out(started, client, "project", project_partition, jobs)


def project_partition(run: Run, index: int, frame: Frame, request: Request, refs: Sequence[TileRef]) -> Facts:
    """Measures, years and decrements of one partition on all scenarios; may be repeated."""
    snapshot = contracts_of(run, index)
    portfolio = prepared(snapshot, frame, request.assumptions)
    ids, per_sample = portfolio.contract_ids, PAIR if request.basis == RISK_NEUTRAL else 1
    found, plain = _on_tiles(run.storage, portfolio, refs, frame, request.by_year)
    values = {name: found.worth[:, k] for k, name in enumerate(MEASURES)}
    values |= {name: measure(found.worth, signs) for name, signs in DERIVED.items()}
    day = snapshot["valuation_date"][0].as_py()
    written = {
        "projection_seriatim": seriatim(day, request.basis, ids, values, per_sample),
        "block_scenario": units_by_scenario(
            {(name,): one for name, one in _by_measure(to_fixed(found.worth).sum(axis=0)).items()}
        ),
        "block_flows": units_by_scenario(_flows("present_value", found) | _flows("cash_flow", plain)),
        "block_causes": units_by_scenario(
            {(cause, year): one[k] for year, one in enumerate(found.causes) for k, cause in enumerate(CAUSES)}
        ),
    }
    if request.by_year:
        ends = year_ends(frame.days, frame.as_of)
        written["projection_yearly"] = yearly(request.basis, ids, ends, plain.by_contract, found.by_contract)
        written["projection_states"] = states(request.basis, ids, ends, found.states)
    gap = int(np.abs(found.flows.sum(axis=0) - to_fixed(found.worth).sum(axis=0)).max())
    net = int(np.abs(_signed(found.flows, INSURER) - found.net).max())
    facts = {"contracts": len(ids), "years_gap": gap, "net_gap": net}
    facts["account_value"] = int(to_fixed(snapshot["account_value"].to_numpy()).sum())
    return run.commit_group("project", index, written, facts).extra


def _on_tiles(
    storage: Storage, portfolio: Portfolio, refs: Sequence[TileRef], frame: Frame, each: bool
) -> tuple[Years, Years]:
    """The years of all scenarios, discounted and not."""
    found, plain = [], []
    for tile in mapped(storage, refs, frame.scratch):
        found.append(project_years(portfolio, tile, each))
        plain.append(project_years(portfolio, undiscounted(tile), each))
    joined = [
        Years(*(np.concatenate(parts, axis=-1) for parts in zip(*tiles, strict=True))) for tiles in (found, plain)
    ]
    return joined[0], joined[1]


def _signed(units: Fixed, signs: Mapping[str, float]) -> Fixed:
    """(..., n_scenario) a derived measure of (..., 9, n_scenario), exact."""
    total = np.zeros_like(units[..., 0, :])
    for name, sign in signs.items():
        total += int(sign) * units[..., MEASURES.index(name), :]
    return total


def _by_measure(units: Fixed) -> dict[str, Fixed]:
    """(n_scenario,) of every measure of (9, n_scenario), and of those derived from them; exact."""
    derived = {name: _signed(units, signs) for name, signs in DERIVED.items()}
    return {name: units[k] for k, name in enumerate(MEASURES)} | derived


def _flows(kind: str, found: Years) -> dict[Key, Fixed]:
    """The same of every year."""
    return {(kind, name, year): one for year, of in enumerate(found.flows) for name, one in _by_measure(of).items()}


def follow_paths(
    run: Projecting, plan: Plan, tiles: Mapping[str, Sequence[TileRef]], client: "Client | None"
) -> list[Facts]:
    """Follow every chosen contract through every chosen scenario, day by day."""
    started, request, lanes = run.begun.started, run.request, run.begun.sets[0].spec.n_lane
    jobs = [
        Job(
            index * len(request.paths) + k,
            (started.run, index * len(request.paths) + k, index, plan.frame, request, scenario,
             tiles[request.basis][scenario // lanes], scenario % lanes),
        )
        for index in range(plan.partitions)
        for k, scenario in enumerate(request.paths)
    ]  # fmt: skip
    return fan_out(started, client, "path", path_partition, jobs)


def path_partition(
    run: Run, job: int, index: int, frame: Frame, request: Request, scenario: int, ref: TileRef, lane: int
) -> Facts:
    """One scenario of every contract of a partition, day by day; may be repeated."""
    snapshot = contracts_of(run, index)
    tile = next(mapped(run.storage, [ref], frame.scratch))[:, :, lane : lane + 1]
    rows = [
        path_table(request.basis, scenario, path_of(snapshot.slice(k, 1), frame, request.assumptions, tile))
        for k in range(snapshot.num_rows)
    ]
    table = pa.concat_tables(rows)
    return run.commit_group("path", job, {"projection_path": table}, {"days": table.num_rows}).extra


def path_of(snapshot: pa.Table, frame: Frame, assumptions: str, tile: Array, until: int | None = None) -> Path:
    """One contract, its row in ``snapshot``, through one scenario (n_day, 6, 1), perhaps only ``until`` a day."""
    row = snapshot.combine_chunks()
    return follow(prepared(row, frame, assumptions), row, np.ascontiguousarray(tile), until)
