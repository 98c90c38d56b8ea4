"""One day of one contract in one scenario of a projection, explained: follow it to the day, tell it, compare the two.

The projection runs compiled, day by day; the day is then told from the law's own rules and must end in the same bits.
"""

from datetime import date
from pathlib import Path as Folder
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from infra.storage import Storage
from tasks.explain import ExplainError, Explanation, Held
from tasks.project import Frame, frame_of, grid, living
from tasks.projection import BASES, FLOW, path_of
from tasks.publish import PublishedRun, Run, latest
from tasks.scenarios import mapped
from tasks.summary import words
from tasks.summary_runs import find_run
from valuation.arrays import SLOTS, slots_of
from valuation.block import DayResult, trimmed
from valuation.contract import ACTIVE, PAYOUT
from valuation.daily import TOTALS, store_contract
from valuation.journal import Journal, mark
from valuation.living.kinds import kind_with
from valuation.projected_path import LawDay, Path, agrees, block_at, law_day, prices_at, terms_at
from valuation.results import Rows, snapshot_table
from valuation.schema import empty
from valuation.schema_tax import TAX_STATE
from valuation.sessions import day_date, day_number
from valuation.trace import trace_day

Array = NDArray[np.float64]
NO_TAX = {one.name: pa.nulls(1, one.type) for one in TAX_STATE}
"""A projection does not follow the Owner's taxes."""


def explain_path(
    storage: Storage, contract_id: str, on: date, scenario: int, run_id: str | None, scratch: Folder
) -> Explanation:
    """Explain the day ``on`` of a contract in a scenario of a projection: ``run_id``, or the last published before it.

    Raises ExplainError for a contract, day or scenario that the projection does not have.
    """
    published = _projection(storage, on, run_id)
    inputs = published.manifest.inputs
    snapshot = living(storage, inputs.inputs)
    row = snapshot.filter(pc.equal(snapshot["contract_id"], contract_id))
    if not row.num_rows:
        raise ExplainError(
            f"contract {contract_id} has no future in the snapshot of {inputs.valuation_date}; one that has is"
            f" {snapshot['contract_id'][0]}. Give the id of a contract in force."
        )
    basis, tile = _scenario(published, scenario, scratch)
    horizon: Any = inputs.settings["horizon_years"]
    frame = frame_of(storage, inputs, grid(snapshot, inputs.valuation_date, horizon), scratch)
    [assumptions] = inputs.assumptions
    path = path_of(row, frame, assumptions, tile, day_number(on))
    d = _place(path, on, frame)
    told = _told(row, path, d)
    name = f"{words(basis)} scenario {scenario} from {inputs.valuation_date}, assumptions {assumptions}"
    return told._replace(run_id=published.manifest.run_id, scenario=name)


def _projection(storage: Storage, on: date, run_id: str | None) -> PublishedRun:
    """The projection asked for, or the last one that was published for a day before ``on``."""
    if run_id is not None:
        found = find_run(storage, run_id)
        if found.manifest.inputs.flow != FLOW:
            raise ExplainError(f"run {run_id} is of {found.manifest.inputs.flow}; allowed are runs of {FLOW}: name one")
        return found
    days = sorted({date.fromisoformat(key.split("/")[2]) for key in storage.list(f"published/{FLOW}")})
    before = [day for day in days if day < on]
    last = latest(storage, FLOW, before[-1]) if before else None
    if last is None:
        raise ExplainError(
            f"no projection from a day before {on} is published in {storage.url}. Run `highwater project` first."
        )
    return last


def _scenario(published: PublishedRun, scenario: int, scratch: Folder) -> tuple[str, Array]:
    """Basis and the scenario's own tile (n_day, 6, 1)."""
    inputs = published.manifest.inputs
    [basis] = inputs.scenarios
    count = int(str(inputs.settings[BASES[basis]]))
    if not 0 <= scenario < count:
        raise ExplainError(
            f"scenario {scenario} is not in run {published.manifest.run_id}; allowed are 0 to {count - 1}: choose one"
        )
    run, tiles = Run(published.storage, FLOW, published.manifest.run_id), list[tuple[str, str]]()
    while (made := run.committed_group("scenarios", len(tiles))) is not None:
        tiles.append((str(made.extra["key"]), str(made.extra["sha256"])))
    lanes = count // len(tiles)
    tile = next(mapped(published.storage, [tiles[scenario // lanes]], scratch))
    lane = scenario % lanes
    return basis, np.ascontiguousarray(tile[:, :, lane : lane + 1])


def _place(path: Path, on: date, frame: Frame) -> int:
    place = int(np.searchsorted(path.days, day_number(on)))
    if place < len(path.days) and path.days[place] == day_number(on):
        return place
    ended = path.core[-1, 0] not in (ACTIVE, PAYOUT)
    why = "the contract has ended in this scenario" if ended else "it is not a Valuation Day of the projection"
    last = day_date(int(path.days[-1] if ended else frame.days[-1]))
    raise ExplainError(
        f"{on} cannot be explained: {why}; allowed are the days of the New York Stock Exchange from"
        f" {day_date(int(frame.days[0]))} to {last}. Give one of them with --on."
    )


def _told(row: pa.Table, path: Path, d: int) -> Explanation:
    day = law_day(path, d)
    contract: dict[str, Any] = row.to_pylist()[0]
    held = tuple(
        Held(name, float(day.block.units[0, s]), float(day.price_before[s]), float(day.records.book.price[s]))
        for s, name in enumerate(slots_of(kind_with(day.block.blank)))
        if day.block.units[0, s] != 0.0
    )
    before = contract if d == 0 else _row(row, path, d - 1)
    with np.errstate(all="ignore"):
        trace = trace_day(day.records, day.contract, day.facts, day.events, 0, day.requests)
    store_contract(day.block, 0, trace.contract)
    agrees(path, d, trace.contract, day.block)
    on, prior = day_date(int(path.days[d])), day_date(day.prior)
    return Explanation(contract, on, prior, held, before, trace.steps, _row(row, path, d), _rows(row, path, d, day))


def _row(row: pa.Table, path: Path, d: int) -> dict[str, Any]:
    """The contract's row of a snapshot at the end of day ``d``."""
    found: dict[str, Any] = _snapshot(row, path, d).to_pylist()[0]
    return found


def _snapshot(row: pa.Table, path: Path, d: int) -> pa.Table:
    days = np.concatenate([[path.portfolio.as_of], path.days])[d : d + 2]
    return snapshot_table(row, block_at(path, d), days, prices_at(path, d), terms_at(path), NO_TAX, [], {})


def _rows(row: pa.Table, path: Path, d: int, day: LawDay) -> DayResult:
    """The day's rows, as the daily valuation would publish them."""
    journal = day.records.journal
    assert isinstance(journal, Journal)
    book = day.records.book
    for s in range(len(SLOTS)):
        mark(journal, s, book.units[s], book.price[s])
    rows = Rows(row["contract_id"].to_pylist(), ["assumed"], [trimmed(journal)], day.block)
    nothing = np.zeros((1, len(TOTALS)), np.int64)
    return DayResult(
        _snapshot(row, path, d), rows.ledger(), rows.payments(), empty("tax_amounts"), rows.transfers(), rows.refusals(),
        nothing, empty("transactions"),
    )  # fmt: skip
