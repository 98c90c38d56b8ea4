"""The daily valuation up to its partitions: inputs frozen and checked, Unit Prices, the block cut into partitions.

Steps of a run and what they commit:

    block       block_contracts, block_transactions, block_opening   one partition each, for `tasks.value`
    check       check_quarantine                                      rows refused before the valuation
    unit_price  unit_prices (published), price_grid                   as the partitions read them
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import JsonValue

from infra.settings import Settings
from infra.storage import Storage
from tasks.check import Checked, check_block
from tasks.declared import DATASET, keep_rates
from tasks.freeze import Source as Path
from tasks.freeze import freeze
from tasks.intake import Source, read_files, source
from tasks.partition import cut
from tasks.parts import Facts, frozen_table, group
from tasks.publish import Run
from tasks.start import Started, frozen_parts, published, start
from tasks.unit_prices import price_units
from valuation.schema import SCHEMAS
from valuation.sessions import day_number, effective_day

FLOW = "daily_valuation"
SECONDS_PER_DAY = 5e-6
"""Predicted cost of one contract and Valuation Day, seconds; rough, to cut partitions only."""
_SECONDS_PER_CONTRACT = 2e-3
_USED = ("partition_seconds", "contracts_per_partition", "quarantine_limit")

Files = Path | Sequence[Path]


@dataclass(frozen=True)
class Plan:
    """How the block is cut, and what came in: all that later steps need to know."""

    partitions: int
    cost: tuple[float, ...]  # predicted seconds of each partition
    facts: Facts


def begin(
    storage: Storage,
    settings: Settings,
    *,
    contracts: Files,
    transactions: Files,
    prices: Files,
    through: date,
    opening: date | None = None,
    declared_rates: Files | None = None,
) -> Started:
    """Freeze the inputs and derive the run.

    ``opening``         Valuation Day of the published snapshot to go on from; None: from issue
    ``declared_rates``  of the Fixed Rate Options; None: none is offered
    """
    given = {"contracts": contracts, "transactions": transactions, "prices": prices}
    given |= {} if declared_rates is None else {DATASET: declared_rates}
    frozen = freeze(storage, given, may_be_empty=("transactions",))
    if opening is not None:
        if opening >= through:
            raise ValueError(f"the opening state is of {opening}, the last day is {through}; it must be later")
        before = published(storage, FLOW, opening)
        frozen += (*frozen_parts(before, "snapshot"), *frozen_parts(before, "unit_prices"))
    options = {"opening": None if opening is None else opening.isoformat()}
    return start(storage, settings, FLOW, through, frozen, used=_USED, options=options)


def opening_day(started: Started) -> date | None:
    """Valuation Day of the opening snapshot."""
    text = started.inputs.settings["opening"]
    return None if text is None else date.fromisoformat(str(text))


def prepare(started: Started) -> Plan:
    """Check the inputs, compute Unit Prices, cut the block; what is committed already is not done again."""
    run = started.run
    record = run.committed_group("plan", 0)
    if record is None:
        keep_rates(run, started.storage, started.inputs.inputs)
        block, checked = _check(started)
        first_issue = pc.min(checked.contracts["issue_date"]).as_py()
        price_units(run, checked.prices, _opening_prices(started), first_issue, started.inputs.valuation_date)
        facts = _cut(started, block, checked)
        record = run.commit_group("plan", 0, {}, facts)
    cost = cast(list[float], record.extra["cost"])
    return Plan(len(cost), tuple(cost), record.extra)


@dataclass(frozen=True)
class _Received:
    """The inputs as tables, and transactions that the opening snapshot already has."""

    contracts: Source
    transactions: Source
    prices: Source
    opening: Source | None
    before: int


def _check(started: Started) -> tuple[_Received, Checked]:
    received = _receive(started)
    checked = check_block(
        received.contracts,
        received.transactions,
        received.prices,
        valuation_date=started.inputs.valuation_date,
        limit=started.settings.quarantine_limit,
        snapshot=received.opening,
    )
    started.run.commit("check", 0, checked.quarantine)
    return received, checked


def _receive(started: Started) -> _Received:
    storage, frozen, opening = started.storage, started.inputs.inputs, opening_day(started)
    sources = {
        name: read_files(name, [(f.name, storage.read_bytes(f.key, f.sha256)) for f in frozen if f.dataset == name])
        for name in ("contracts", "transactions", "prices")
    }
    state, before = None, 0
    if opening is not None:
        state = source("snapshot", frozen_table(storage, frozen, "snapshot"), f"snapshot of {opening}")
        sources["transactions"], before = _after(sources["transactions"], opening)
    return _Received(sources["contracts"], sources["transactions"], sources["prices"], state, before)


def _after(transactions: Source, opening: date) -> tuple[Source, int]:
    """Without the transactions that were processed up to ``opening``; how many those are.  Source: TXN-1."""
    received = transactions.table["received"]
    old = np.zeros(len(received), dtype=np.bool_)
    known = np.flatnonzero(np.asarray(pc.is_valid(received).to_numpy(zero_copy_only=False)))
    times = received.take(pa.array(known)).to_numpy().astype("datetime64[s]")
    early = times < np.datetime64(opening, "s") + np.timedelta64(
        2, "D"
    )  # the calendar is asked for plausible dates only
    early &= times > np.datetime64("1990-01-02", "s")
    old[known[early]] = effective_day(times[early]) <= day_number(opening)
    return transactions._replace(table=transactions.table.filter(pa.array(~old))), int(old.sum())


def _opening_prices(started: Started) -> pa.Table | None:
    if opening_day(started) is None:
        return None
    prices = frozen_table(started.storage, started.inputs.inputs, "unit_prices")
    return prices.filter(pc.equal(prices["date"], pa.scalar(opening_day(started), pa.date32())))


def _cut(started: Started, received: _Received, checked: Checked) -> dict[str, JsonValue]:
    """Commit every partition's share of the block; the facts of the plan."""
    through = day_number(started.inputs.valuation_date)
    contracts, later = _issued(checked.contracts, through)
    transactions, ahead = _processed(checked.transactions, contracts, through)
    seconds = _predicted(contracts, checked.snapshot, through)
    slices = cut(seconds, float(seconds.sum()), started.settings)
    starts = np.array([piece.start for piece in slices], dtype=np.int64)
    owner = pc.index_in(transactions["contract_id"], contracts["contract_id"].combine_chunks()).to_numpy()
    holder = pc.index_in(checked.snapshot["contract_id"], contracts["contract_id"].combine_chunks()).to_numpy()
    of_row, of_state = (np.searchsorted(starts, at, side="right") - 1 for at in (owner, holder))
    for index, piece in enumerate(slices):
        _commit_block(started.run, index, contracts[piece], transactions, of_row, checked.snapshot, of_state)
    refused = checked.quarantine["dataset"].to_pylist()
    return {
        "cost": [float(seconds[piece].sum()) for piece in slices],
        **{f"received.{name}": rows for name, rows in checked.rows_in.items()},
        **{f"quarantined.{name}": refused.count(name) for name in checked.rows_in},
        "contracts": contracts.num_rows,
        "contracts_later": later,
        "transactions": transactions.num_rows,
        "transactions_later": ahead,
        "transactions_before": received.before,
        "opening": checked.snapshot.num_rows,
        **{f"reason.{name}": count for name, count in checked.by_reason.items()},
    }


def _issued(contracts: pa.Table, through: int) -> tuple[pa.Table, int]:
    """Contracts issued by the last day, in the order of their ids; how many are later."""
    issued = pc.less_equal(contracts["issue_date"].cast(pa.int32()), through)
    kept = contracts.filter(issued).sort_by("contract_id").combine_chunks()
    return kept, contracts.num_rows - kept.num_rows


def _processed(transactions: pa.Table, contracts: pa.Table, through: int) -> tuple[pa.Table, int]:
    """Transactions processed by the last day, of contracts issued by then; how many are left for later."""
    times = transactions["received"].to_numpy().astype("datetime64[s]")
    due = effective_day(times) <= through if len(times) else np.zeros(0, dtype=np.bool_)
    mine = pc.is_in(transactions["contract_id"], contracts["contract_id"].combine_chunks()).to_numpy()
    kept = transactions.filter(pa.array(due & mine))
    return kept, transactions.num_rows - kept.num_rows


def _predicted(contracts: pa.Table, opening: pa.Table, through: int) -> NDArray[np.float64]:
    """(n_contract,) predicted seconds."""
    issue = contracts["issue_date"].cast(pa.int32()).to_numpy().astype(np.int64)
    if opening.num_rows:
        issue = np.maximum(issue, int(opening["valuation_date"][0].cast(pa.int32()).as_py()))
    return np.asarray((through - issue + 1) * SECONDS_PER_DAY + _SECONDS_PER_CONTRACT)


def _commit_block(
    run: Run,
    index: int,
    contracts: pa.Table,
    transactions: pa.Table,
    of_row: NDArray[np.int64],
    opening: pa.Table,
    of_state: NDArray[np.int64],
) -> None:
    share = {
        "block_contracts": contracts,
        "block_transactions": transactions.filter(pa.array(of_row == index)),
        "block_opening": opening.filter(pa.array(of_state == index)),
    }
    run.commit_group("block", index, share)


def quarantine_of_check(run: Run) -> pa.Table:
    """Rows refused before the valuation."""
    return run.storage.read_part(group(run, "check", 0).parts[0].file).cast(SCHEMAS["quarantine"])
