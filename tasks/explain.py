"""One Valuation Day of one contract, explained: replay to the day before, tell the day, check it against the law.

The day is told from the law's own rules (`valuation.trace`) and compared, to the last bit, with what `value_block` gives
for it: what is printed is what the daily valuation does.
"""

import difflib
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from infra.storage import Storage
from tasks.declared import rates_of_run
from tasks.parts import tables
from tasks.publish import PublishedRun, Run, latest
from tasks.unit_prices import read_grid
from valuation.account import Book
from valuation.arrays import CHARGE_CLASSES, SLOTS, life_now, open_block, prices_of, slots_of
from valuation.block import DayResult, new_journal, tell_deaths, trimmed, value_block, with_rates
from valuation.charge_classes import benefit_charges
from valuation.charges import settle_rates
from valuation.clock import day_of
from valuation.contract import ANNUITY, Array, Integers
from valuation.daily import (
    TOTALS,
    Block,
    History,
    change_class,
    contract_at,
    due_proof,
    layers_at,
    life_at,
    store_contract,
)
from valuation.declared_rates import DeclaredRates
from valuation.fixed_block import fixed_at
from valuation.fixed_money import settle_fixed
from valuation.fixed_tables import fixed_state
from valuation.journal import Journal
from valuation.kind_parts import kind_parts
from valuation.living.kinds import KINDS, kind_with, terms_of
from valuation.programme_schedule import resolve_requests
from valuation.records import Contract, Facts, Records, facts_of
from valuation.settlement_days import carry_on
from valuation.settlement_requests import Chosen, settle_choices
from valuation.telling import SHARE, Figure, Step, source_of
from valuation.terms import Terms, load_terms
from valuation.trace import trace_day
from valuation.trace_kinds import teller_of

DAILY = "daily_valuation"
_LEDGER_ROOM = 10_000
_STATE_FIELDS = (
    "core", "income", "death", "units", "weight", "payment_day", "payment_amount", "payment_credit", "payment_kept",
    "payment_carried", "payment_held", "life", "watch", "charge_class", "programmes",
)  # fmt: skip


class ExplainError(Exception):
    """The day cannot be explained; the message names the contract or date, what is there and the next step."""


class Held(NamedTuple):
    """One Sub-account over the night: Units at yesterday's and today's Unit Price."""

    sub_account: str
    units: float
    price_before: float
    price: float


class Explanation(NamedTuple):
    """A day of a contract: where it stood, what the market did, every step, where it stands."""

    contract: dict[str, Any]  # its row of contracts
    on: date
    prior: date
    held: tuple[Held, ...]
    before: dict[str, Any] | None  # its row of the snapshot the day before; None if it was not yet issued
    steps: tuple[Step, ...]
    after: dict[str, Any] | None  # its row of the snapshot of the day; None if it is still not issued
    day: DayResult  # the day's rows of the ledger, payments, transfers, refusals
    run_id: str = ""  # published run whose inputs were replayed
    agrees: bool | None = None  # whether its snapshot is of this day and says the same; None: it is of another day
    scenario: str = ""  # which path of a projection the day is of; empty: of the daily valuation


class PriceHistory(NamedTuple):
    """Unit Prices of successive Valuation Days."""

    days: Integers  # (n_day,) day numbers
    prices: Array  # (n_day, class, Sub-account) USD, in the order of `valuation.block`


def explain_contract(
    contract: pa.Table, transactions: pa.Table, history: PriceHistory, on: date, snapshot: pa.Table | None = None,
    declared: DeclaredRates | None = None,
) -> Explanation:  # fmt: skip
    """Explain the Valuation Day ``on`` of one contract.

    contract, transactions   the contract's good rows of the two datasets
    history                  Unit Prices from before its issue, or from the day of ``snapshot``, to ``on`` at least
    snapshot                 state at the end of the first day of ``history``; None: from issue
    declared                 rates of the Fixed Rate Options

    Raises ExplainError for a day that is no Valuation Day of the history, AssertionError if the day told is not the day
    of the daily valuation.
    """
    today = (on - date(1970, 1, 1)).days
    place = int(np.searchsorted(history.days, today))
    if not 0 < place < len(history.days) or history.days[place] != today:
        first, last = (np.datetime64(int(history.days[k]), "D") for k in (1, -1))
        raise ExplainError(
            f"{on} is not a Valuation Day of this run; allowed are the days of the New York Stock Exchange from {first}"
            f" to {last}. Give one of them with --on."
        )
    died = known_deaths(contract, transactions, snapshot, history.days, today)
    opening = snapshot
    if place > 1:
        until, grid = history.days[:place], history.prices[:place]
        opening = value_block(contract, transactions, snapshot, until, grid, died=died, declared=declared).snapshot
    pair, prices = history.days[place - 1 : place + 1], history.prices[place - 1 : place + 1]
    steps, held, told = _told(contract, transactions, opening, pair, prices, died, declared)
    day = value_block(contract, transactions, opening, pair, prices, died=died, declared=declared)
    _check(contract, told, day, pair)
    return Explanation(
        contract.to_pylist()[0],
        on,
        date.fromordinal(int(pair[0]) + date(1970, 1, 1).toordinal()),
        held,
        _only(opening),
        steps,
        _only(day.snapshot),
        day,
    )


def explain(storage: Storage, contract_id: str, on: date) -> Explanation:
    """Explain a day of a contract of the published daily valuations: the earliest that reaches ``on``.

    Raises ExplainError if none does, or if it did not value the contract; then the message says what is known of it.
    """
    published = covering(storage, on)
    run = Run(storage, DAILY, published.manifest.run_id)
    contract, transactions, opening = contract_inputs(published, contract_id)
    history = PriceHistory(*read_grid(run))
    snapshot = opening if opening.num_rows else None
    told = explain_contract(contract, transactions, history, on, snapshot, rates_of_run(run))._replace(
        run_id=run.run_id
    )
    if on != published.manifest.inputs.valuation_date or told.after is None:
        return told
    row = _row_of(published, contract_id)
    return told._replace(agrees=row == told.after)


def covering(storage: Storage, on: date) -> PublishedRun:
    """The published daily valuation of the earliest day on or after ``on``."""
    days = sorted({date.fromisoformat(key.split("/")[2]) for key in storage.list(f"published/{DAILY}")})
    for day in days:
        found = latest(storage, DAILY, day) if day >= on else None
        if found is not None:
            return found
    there = ", ".join(map(str, days[-5:])) or "none"
    raise ExplainError(
        f"no daily valuation of {on} or later is published in {storage.url}; published: {there}."
        f" Run `highwater daily --through {on}` first, or choose an earlier day."
    )


def contract_inputs(published: PublishedRun, contract_id: str) -> tuple[pa.Table, pa.Table, pa.Table]:
    """The contract's rows as its partition got them: contracts, transactions, opening snapshot."""
    run = Run(published.storage, published.manifest.inputs.flow, published.manifest.run_id)
    index, known = 0, list[str]()
    while run.committed_group("block", index) is not None:
        part = tables(run, "block", index)
        ids = part["block_contracts"]["contract_id"]
        if pc.any(pc.equal(ids, contract_id)).as_py():
            mine = [part[f"block_{name}"] for name in ("contracts", "transactions", "opening")]
            kept = [one.filter(pc.equal(one["contract_id"], contract_id)) for one in mine]
            return kept[0], kept[1], kept[2]
        known += ids.to_pylist()
        index += 1
    refused = published.table("quarantine", ["contract_id", "message"])
    why = refused.filter(pc.fill_null(pc.equal(refused["contract_id"], contract_id), False))["message"].to_pylist()
    if why:
        raise ExplainError(f"contract {contract_id} was not valued: {'; '.join(dict.fromkeys(why))}")
    near = difflib.get_close_matches(contract_id, known[:50_000], 3)
    hint = f"; did you mean {', '.join(near)}" if near else f"; an id there looks like {known[0]}" if known else ""
    raise ExplainError(
        f"contract {contract_id} is not among the {len(known):,} contracts of run {run.run_id}{hint}."
        " Give the id of a contract of the block."
    )


def _row_of(published: PublishedRun, contract_id: str) -> dict[str, Any] | None:
    for part in published.tables("snapshot"):
        found = part.filter(pc.equal(part["contract_id"], contract_id))
        if found.num_rows:
            row: dict[str, Any] = found.to_pylist()[0]
            return row
    return None


def _told(
    contract: pa.Table,
    transactions: pa.Table,
    opening: pa.Table | None,
    days: Integers,
    prices: Array,
    died: dict[str, int],
    declared: DeclaredRates | None,
) -> tuple[tuple[Step, ...], tuple[Held, ...], Block]:
    """The day told on a block of one contract; also the block as it ended."""
    kinds = [part[0] for part in kind_parts(contract, transactions, opening, days)]
    kind, life_rows = (kinds or KINDS)[0], life_now(contract, opening)
    prices = prices_of(kind, prices)
    ids = contract["contract_id"].to_pylist()
    resolved = resolve_requests(transactions, ids, life_rows, days, opening).resolved
    chosen = settle_choices(resolved, transactions, contract, life_rows)
    block = with_rates(open_block(contract, opening, life_rows, days, len(resolved.day), kind), declared)
    tell_deaths(block, ids, died)
    before, now = prices[0, block.charge_class[0]], np.ascontiguousarray(prices[1, block.charge_class[0]])
    held = tuple(
        Held(name, float(block.units[0, s]), float(before[s]), float(now[s]))
        for s, name in enumerate(slots_of(kind))
        if block.units[0, s] != 0.0
    )
    journal = new_journal(_LEDGER_ROOM, len(SLOTS))
    journal.here[1] = days[1]
    journal.marked_day[:] = days[0]
    journal.marked_price[:] = before
    terms, life, state = terms_of(kind, load_terms(True)), life_at(block, 0), contract_at(block, 0)
    facts = _facts(terms, life, state, days)
    layers = layers_at(block, 0)
    settle_rates(terms.charges, life.series, layers, int(days[1]))
    book = Book(block.units[0], now, block.weight[0])
    records = Records(
        book, layers, journal, np.zeros(7), block.life[0], block.watch[0], block.programmes[0], fixed_at(block.fixed, 0)
    )
    steps: tuple[Step, ...] = ()
    if state.core.status < ANNUITY:
        trace = trace_day(records, state, facts, resolved.events, 0, len(resolved.day), teller_of(state.income))
        store_contract(block, 0, trace.contract)
        settle_fixed(records.fixed, book, False)
        steps = trace.steps + _class_told(block, trace.contract, terms, prices[1], journal)
    if block.core[0, 0] >= ANNUITY:
        history = History(days, prices, resolved.events, resolved.day, resolved.history_first)
        steps += _days_after_told(block, opening, ids, chosen, history, terms, journal)
    return steps, held, block


def _days_after_told(
    block: Block,
    opening: pa.Table | None,
    ids: list[str],
    chosen: dict[int, Chosen],
    history: History,
    terms: Terms,
    journal: Journal,
) -> tuple[Step, ...]:
    """The day of a contract whose own days are over, or end today."""
    steps: list[Step] = []
    page, totals = new_journal(_LEDGER_ROOM, len(SLOTS)), np.zeros((len(history.days), len(TOTALS)), np.int64)
    carry_on(block, opening, ids, chosen, history, terms, [trimmed(journal)], page, totals, steps.append)
    return tuple(steps)


def _class_told(block: Block, contract: Contract, terms: Terms, prices: Array, journal: Journal) -> tuple[Step, ...]:
    """The change of the charge class at the end of the day, if there is one."""
    old = int(block.charge_class[0])
    new = change_class(block, 0, benefit_charges(contract, terms), np.ascontiguousarray(prices), journal)
    if new == old:
        return ()
    note = "Units of the new class worth the same; its charge counts from the next Valuation Day"
    figures = (Figure("daily charges, per year", CHARGE_CLASSES[old], CHARGE_CLASSES[new], SHARE),)
    return (Step("Charge class of the Unit Prices", True, note, *source_of(change_class), figures),)


def known_deaths(
    contract: pa.Table, transactions: pa.Table, snapshot: pa.Table | None, days: Integers, on: int
) -> dict[str, int]:
    """The date of death of the first due proof on ``on`` or a later day, by contract: the run knew it all the time."""
    ids = contract["contract_id"].to_pylist()
    resolved = resolve_requests(transactions, ids, life_now(contract, snapshot), days, snapshot).resolved
    last = len(resolved.day)
    proof = due_proof(resolved.events, int(np.searchsorted(resolved.day, on)), last)
    return {} if proof == last else {ids[0]: int(resolved.events.date[proof])}


def _facts(terms: Any, life: Any, state: Any, days: Integers) -> Facts:
    day = day_of(life.issue, int(days[0]), int(days[1]))
    return facts_of(state, terms, life, day)


def _check(contract: pa.Table, told: Block, day: DayResult, days: Integers) -> None:
    """Compare the block as told with the daily valuation, bit by bit."""
    room, life = told.payment_day.shape[1], life_now(contract, day.snapshot)
    valued = open_block(contract, day.snapshot, life, days[1:], room, kind_with(told.blank))
    fixed = (np.array(fixed_state(told.fixed)), np.array(fixed_state(valued.fixed)))
    for name in (*_STATE_FIELDS, "fixed"):
        mine, theirs = fixed if name == "fixed" else (getattr(told, name), getattr(valued, name))
        if name.startswith("payment_"):
            theirs = theirs[:, :room]
        if not np.array_equal(mine, theirs):
            raise AssertionError(
                f"contract {contract['contract_id'][0]}: the day as explained differs from the daily valuation in {name}:"
                f" {mine.tolist()} against {theirs.tolist()}; valuation/trace.py must follow valuation/day.py"
            )


def _only(snapshot: pa.Table | None) -> dict[str, Any] | None:
    rows = [] if snapshot is None else snapshot.to_pylist()
    return rows[0] if rows else None
