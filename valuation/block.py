"""The daily valuation of a block, from tables to tables."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuation.arrays import CHARGE_CLASSES, SLOTS, life_now, open_block
from valuation.contract import (
    Array,
    Integers,
)
from valuation.daily import TOTALS, Block, History, roll_forward, rows_needed
from valuation.journal import Journal
from valuation.living.kinds import KINDS, PLAN_NAMES, Kind, kind_of, terms_of
from valuation.programme_schedule import refused_programmes, resolve_requests
from valuation.results import Rows, quoted_values, snapshot_table
from valuation.tax_amounts import tax_amounts
from valuation.terms import Terms, load_terms

LEDGER_BUFFER = 400_000
"""Rows of the ledger buffer; the kernel stops when it could overflow, and goes on after it has been emptied."""


class DayResult(NamedTuple):
    """What the daily valuation of a block gives."""

    snapshot: pa.Table
    ledger: pa.Table
    payments: pa.Table
    tax_amounts: pa.Table
    transfers: pa.Table
    refusals: pa.Table  # contract_id, transaction_id, date, reason_code
    totals: Integers  # (n_day, 14) columns of valuation.daily.TOTALS: counts and 1/65536 USD
    missed: pa.Table  # scheduled transactions among the refused, as rows of the transactions


def value_block(
    contracts: pa.Table,
    transactions: pa.Table,
    snapshot: pa.Table | None,
    days: Integers,
    prices: Array,
    cents: bool = True,
    terms: Terms | None = None,
) -> DayResult:
    """Take a block through ``days[1:]``.

    contracts, transactions   checked tables of the schema
    snapshot                  state at the end of ``days[0]``; None: from issue
    days                      (n_day + 1,) successive Valuation Days
    prices                    (n_day + 1, n_class, len(SLOTS)) Unit Prices by charge class, USD
    terms                     others than those in force, for illustrations; ``cents`` is then theirs

    Raises ValueError where shapes do not fit or an opening state lies on another day.
    """
    if prices.shape != (len(days), len(CHARGE_CLASSES), len(SLOTS)):
        raise ValueError(
            f"prices have shape {prices.shape}; allowed is {(len(days), len(CHARGE_CLASSES), len(SLOTS))}: "
            "one row a day, the opening day first"
        )
    # own copies: a read-only array is another type, and would compile the law a second time
    days, prices = np.array(days, dtype=np.int64), np.array(prices, dtype=np.float64)
    contracts = contracts.sort_by("contract_id")
    terms = load_terms(cents) if terms is None else terms
    parts, totals = [], np.zeros((len(days), len(TOTALS)), dtype=np.int64)
    for kind, rows in by_kind(contracts, transactions, snapshot, days):
        some, ids = contracts.take(pa.array(rows)), contracts["contract_id"].take(pa.array(rows))
        theirs = transactions.filter(pc.is_in(transactions["contract_id"], ids.combine_chunks()))
        parts.append(_value_kind(kind, some, theirs, snapshot, days, prices, terms_of(kind, terms), totals))
    snapshots, ledger, payments, tax, transfers, refusals, missed = (_joined([p[k] for p in parts]) for k in range(7))
    return DayResult(snapshots, ledger, payments, tax, transfers, refusals, totals[1:], missed)


def _joined(parts: list[pa.Table]) -> pa.Table:
    """Rows of several kinds of contracts as one table, contract by contract."""
    if len(parts) == 1:
        return parts[0]
    table = pa.concat_tables(parts)
    order = pc.sort_indices(table, [("contract_id", "ascending")])
    return table.take(order)


def _value_kind(
    kind: Kind,
    contracts: pa.Table,
    transactions: pa.Table,
    snapshot: pa.Table | None,
    days: Integers,
    prices: Array,
    terms: Terms,
    totals: Integers,
) -> tuple[pa.Table, ...]:
    """Contracts that share a kind of living benefit; ``totals`` are added to."""
    ids = contracts["contract_id"].to_pylist()
    life = life_now(contracts, snapshot)
    planned = resolve_requests(transactions, ids, life, days, snapshot)
    resolved = planned.resolved
    block = open_block(contracts, snapshot, life, days, planned.most, kind)
    history = History(days, prices, resolved.events, resolved.day, resolved.history_first)
    pages = _roll(block, history, terms, totals)
    rows = Rows(ids, resolved.transaction_ids, pages, block)
    ledger, payments = rows.ledger(), rows.payments()
    tax = tax_amounts(contracts, snapshot, life, block, int(days[0]), ledger, payments, terms.cents)
    refusals, missed = refused_programmes(rows.refusals(), planned)
    return (
        snapshot_table(contracts, block, days, prices[-1], terms, tax.columns, planned.programmes),
        ledger,
        payments,
        tax.table,
        rows.transfers(),
        refusals,
        missed,
    )


def by_kind(
    contracts: pa.Table, transactions: pa.Table, snapshot: pa.Table | None, days: Integers
) -> list[tuple[Kind, Integers]]:
    """Contracts by the kind of living benefit that they have, or elect on these days; rows of ``contracts``."""
    names = contracts["contract_id"].to_pylist()
    place = {name: k for k, name in enumerate(names)}
    kinds = np.zeros(len(names), np.int64)
    chosen = transactions.filter(pc.is_valid(transactions["benefit"])).sort_by([("received", "descending")])
    for contract, benefit in zip(chosen["contract_id"].to_pylist(), chosen["benefit"].to_pylist(), strict=True):
        if contract in place and benefit in PLAN_NAMES:
            kinds[place[contract]] = kind_of(benefit)
    if snapshot is not None:
        held = zip(*(snapshot[name].to_pylist() for name in ("contract_id", "benefit", "benefit_stage")), strict=True)
        for contract, benefit, stage in held:
            if contract in place and stage not in ("NONE", "ENDED"):
                kinds[place[contract]] = kind_of(benefit)
    return [(KINDS[kind], np.flatnonzero(kinds == kind)) for kind in np.unique(kinds)] or [
        (KINDS[0], np.zeros(0, np.int64))
    ]


def quote_block(contracts: pa.Table, snapshot: pa.Table, days: Integers, prices: Array, terms: Terms) -> Array:
    """Account Value and Surrender Value on ``days[1:]`` if nothing happens after the snapshot of ``days[0]``.

    The result is (n_day, n_contract, 2), USD, contracts in the order of their ids.  Between two Annuity Anniversaries a
    contract without requests and without a benefit is such a contract.
    """
    contracts = contracts.sort_by("contract_id")
    block = open_block(contracts, snapshot, life_now(contracts, snapshot), days, 0)
    return quoted_values(block, np.array(days, dtype=np.int64), np.array(prices, dtype=np.float64), terms)


def _roll(block: Block, history: History, terms: Terms, totals: Integers) -> list[Journal]:
    """Run the kernel, emptying the journal as it fills."""
    n_slot = block.units.shape[1]
    events = int(np.diff(history.event_first).max(initial=0))
    room = max(LEDGER_BUFFER, rows_needed(history, n_slot, events) + 1)
    pages: list[Journal] = []
    start, n = 0, block.core.shape[0]
    while start < n:
        journal = new_journal(room, n_slot)
        start = roll_forward(block, history, terms, journal, totals, start)
        pages.append(trimmed(journal))
    return pages


def new_journal(room: int, n_slot: int) -> Journal:
    """An empty journal with space for ``room`` ledger rows."""
    return Journal(
        np.zeros(4, np.int64), np.zeros(2, np.int64), np.zeros(n_slot, np.int64), np.zeros(n_slot),
        np.zeros((room, 5), np.int64), np.zeros((room, 3)), np.zeros((room, 3), np.int64), np.zeros((room, 3)),
        np.zeros((room, 4), np.int64), np.zeros((room, 3), np.int64), np.zeros((room, 7)),
    )  # fmt: skip


def trimmed(journal: Journal) -> Journal:
    """The same journal without its unused rows."""
    ledger, payments, refusals, transfers = (int(n) for n in journal.used)
    return Journal(
        journal.used, journal.here, journal.marked_day, journal.marked_price,
        journal.ledger_keys[:ledger].copy(), journal.ledger_values[:ledger].copy(),
        journal.payment_keys[:payments].copy(), journal.payment_values[:payments].copy(),
        journal.refusals[:refusals].copy(),
        journal.transfer_keys[:transfers].copy(), journal.transfer_values[:transfers].copy(),
    )  # fmt: skip
