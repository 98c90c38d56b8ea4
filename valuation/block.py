"""The daily valuation of a block, from tables to tables."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuation.arrays import CHARGE_CLASSES, SLOTS, life_now, open_block, prices_of
from valuation.contract import ACTIVE, ANNUITY, Array, Integers
from valuation.daily import TOTALS, Block, History, roll_forward, rows_needed
from valuation.declared_rates import DeclaredRates
from valuation.fixed_block import FixedBlock
from valuation.journal import Journal
from valuation.kind_parts import kind_parts
from valuation.living.kinds import KINDS, Kind, terms_of
from valuation.optional_death_benefits import OptionalDeathBenefit
from valuation.programme_schedule import refused_programmes, resolve_requests
from valuation.results import Rows, quoted_values, snapshot_table
from valuation.settlement import Settlement
from valuation.settlement_days import carry_on, room_for
from valuation.settlement_requests import settle_choices
from valuation.tax_amounts import tax_amounts
from valuation.terms import Terms, load_terms

DEATH = OptionalDeathBenefit._fields.index("death")
"""Place of the date of death in the state of an optional Death Benefit."""

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
    died: dict[str, int] | None = None,
    declared: DeclaredRates | None = None,
) -> DayResult:
    """Take a block through ``days[1:]``.

    contracts, transactions   checked tables of the schema
    snapshot                  state at the end of ``days[0]``; None: from issue
    days                      (n_day + 1,) successive Valuation Days
    prices                    (n_day + 1, n_class, len(SLOTS)) Unit Prices by charge class, USD
    terms                     others than those in force, for illustrations; ``cents`` is then theirs
    died                      dates of death by contract that are known already and proved after these days
    declared                  rates of the Fixed Rate Options; None: none is offered

    A due proof on one of these days stops the values of an optional Death Benefit from its date of death; what they grew
    in an earlier window, which did not know of the death, stays.

    Raises ValueError where shapes do not fit, an opening state lies on another day, or a contract holds a Fixed Rate
    Option and no rates are given.
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
    totals = np.zeros((len(days), len(TOTALS)), dtype=np.int64)
    snapshots, ledger, payments, tax, transfers, refusals, missed = _value(
        contracts, transactions, snapshot, days, prices, terms, totals, died or {}, declared
    )
    return DayResult(snapshots, ledger, payments, tax, transfers, refusals, totals[1:], missed)


def _value(
    contracts: pa.Table,
    transactions: pa.Table,
    snapshot: pa.Table | None,
    days: Integers,
    prices: Array,
    terms: Terms,
    totals: Integers,
    died: dict[str, int],
    declared: DeclaredRates | None,
) -> tuple[pa.Table, ...]:
    """Tables of `DayResult` without the totals, which are added to; part by part of `valuation.kind_parts`."""
    parts: list[tuple[pa.Table, ...]] = []
    whole = len(days) - 1
    for kind, rows, until in kind_parts(contracts, transactions, snapshot, days):
        some, ids = contracts.take(pa.array(rows)), contracts["contract_id"].take(pa.array(rows))
        theirs = transactions.filter(pc.is_in(transactions["contract_id"], ids.combine_chunks()))
        first = slice(0, until + 1)
        given = (days[first], prices[first], terms_of(kind, terms), totals[first], died, declared)
        found = _value_kind(kind, some, theirs, snapshot, *given)
        if until < whole:
            later = slice(until, whole + 1)
            rest = _value(some, theirs, found[0], days[later], prices[later], terms, totals[later], died, declared)
            parts.append((rest[0], *(pa.concat_tables([a, b]) for a, b in zip(found[1:], rest[1:], strict=True))))
        else:
            parts.append(found)
    if not parts:
        return _value_kind(KINDS[0], contracts, transactions, snapshot, days, prices, terms, totals, died, declared)
    return tuple(_joined([part[k] for part in parts]) for k in range(7))


def _joined(parts: list[pa.Table]) -> pa.Table:
    """Rows of several kinds of contracts as one table, contract by contract."""
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
    died: dict[str, int],
    declared: DeclaredRates | None,
) -> tuple[pa.Table, ...]:
    """Contracts that share a kind of living benefit; ``totals`` are added to."""
    ids = contracts["contract_id"].to_pylist()
    prices = prices_of(kind, prices)
    life = life_now(contracts, snapshot)
    planned = resolve_requests(transactions, ids, life, days, snapshot)
    resolved = planned.resolved
    chosen = settle_choices(resolved, transactions, contracts, life)
    block = open_block(contracts, snapshot, life, days, planned.most, kind)
    block = with_rates(block, declared)
    tell_deaths(block, ids, died)
    history = History(days, prices, resolved.events, resolved.day, resolved.history_first)
    pages = _roll(block, history, terms, totals)
    settled = int(np.sum(block.core[:, 0] >= ANNUITY))
    states: dict[int, Settlement] = {}
    if settled:
        page = new_journal(room_for(history, block.units.shape[1], settled), block.units.shape[1])
        states = carry_on(block, snapshot, ids, chosen, history, terms, pages, page, totals)
        pages = [*pages, trimmed(page)]
    rows = Rows(ids, resolved.transaction_ids, pages, block)
    ledger, payments = (_joined([table]) if settled else table for table in (rows.ledger(), rows.payments()))
    tax = tax_amounts(contracts, snapshot, life, block, int(days[0]), ledger, payments, terms.cents)
    refusals, missed = refused_programmes(rows.refusals(), planned)
    return (
        snapshot_table(contracts, block, days, prices[-1], terms, tax.columns, planned.programmes, states),
        ledger,
        payments,
        tax.table,
        rows.transfers(),
        refusals,
        missed,
    )


def with_rates(block: Block, declared: DeclaredRates | None) -> Block:
    """The block with the rates declared for Fixed Rate Options, where its contracts may hold them.

    Raises ValueError where one holds them and no rates are given.
    """
    if not isinstance(block.fixed, FixedBlock):
        return block
    if declared is None and block.fixed.settled.any():
        raise ValueError(
            "contracts of the opening snapshot hold Fixed Rate Options, and no rates are declared; give the dataset of"
            " declared rates, with the rates at which they renew"
        )
    return block if declared is None else block._replace(fixed=block.fixed._replace(declared=declared))


def tell_deaths(block: Block, ids: list[str], died: dict[str, int]) -> None:
    """Write dates of death that are known before their due proof, in place.  Source: DB-19 (prospectus 7072-7074)."""
    for c, name in enumerate(ids):
        if name in died and block.core[c, 0] <= ACTIVE:
            block.death[c, DEATH] = died[name]


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
