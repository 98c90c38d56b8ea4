"""Programmes in force, and the dates they schedule: instructions and a snapshot become dated events of a run.

Dates and what is known in advance are settled here; what depends on the values of the day is left to
`valuation.programmes`.  A run that is divided schedules the same: the snapshot carries every programme in force.

Provisions   TXN-5, SYS-1, SEPP-1, RMD-3, RMD-5, DCA-1, AR-1, C-3 (prospectus 3007-3053, 3187-3262, 7561-7572)
Readings     A-TXN-4: dates count from the first one; the 29th to the 31st of a shorter month are its last day
             a date before its instruction takes effect is the day on which it does
             on one day scheduled events follow the requests: the year's distribution, Dollar Cost Averaging, rebalancing,
             withdrawals
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuation.arrays import PROGRAMME_COLUMNS, SLOTS, Resolved, resolve_events
from valuation.clock import civil, completed_months, months_after, ordinal
from valuation.contract import ACTIVE, STATUS_NAMES, Integers
from valuation.daily import Block
from valuation.events import (
    BALANCE_TRANSFER,
    DECEMBER_VALUE,
    DISTRIBUTION_OF_YEAR,
    DISTRIBUTION_PAYMENT,
    EARNINGS_PAYMENT,
    EARNINGS_TRANSFER,
    EVENT_NAMES,
    FLAT_PAYMENT,
    FLAT_TRANSFER,
    INCOME_PAYMENT,
    PROGRAMME_END,
    REBALANCING,
    SYSTEMATIC_WITHDRAWAL,
    Events,
)
from valuation.failures import Reason
from valuation.programme_state import AVERAGING, DISTRIBUTIONS, EQUAL, KEY, REBALANCE, SYSTEMATIC
from valuation.programmes import ALL_PROGRAMMES, BALANCE, EARNINGS, FLAT, INCOME_SHARE
from valuation.schema import SCHEMAS
from valuation.schema_inputs import MEASURES, PROGRAMMES
from valuation.sessions import day_date, on_or_before, processing_day, scheduled_days

MONTHS = {"MONTHLY": 1, "QUARTERLY": 3, "SEMI_ANNUAL": 6, "ANNUAL": 12}
KEYS_A_DAY = 100
"""Keys that one day has: more than it can start programmes of one kind."""
LONGEST_CLOSURE = 14
"""Days; a date further than this after the run cannot be processed in it."""
NOBODYS = tuple(
    int(reason)
    for reason in (
        Reason.CONTRACT_ENDED,
        Reason.IN_PAYOUT,
        Reason.NO_ACCOUNT_VALUE,
        Reason.ANNUITY_BEGUN,
        Reason.FOR_BENEFICIARY,
    )
)
"""Reasons for which a scheduled event that is not carried out needs no answer."""
_PAYMENT = {FLAT: FLAT_PAYMENT, EARNINGS: EARNINGS_PAYMENT, INCOME_SHARE: INCOME_PAYMENT}
_TRANSFER = {FLAT: FLAT_TRANSFER, EARNINGS: EARNINGS_TRANSFER, BALANCE: BALANCE_TRANSFER}
_FIELDS = (
    "amount", "net", "measure", "frequency", "first_date", "count", "actuarial_value", "source_sub_account", "allocation",
)  # fmt: skip


class Programme(NamedTuple):
    """One instruction, as a snapshot carries it on."""

    contract: int  # place of the contract
    transaction_id: str
    row: int  # kind, of `valuation.programme_state`
    key: int
    start: int  # Valuation Day on which it takes effect
    given: dict[str, Any]  # fields of the instruction, `_FIELDS`

    @property
    def months(self) -> int:
        """Months between two dates."""
        return MONTHS[self.given["frequency"]]

    @property
    def first(self) -> int:
        """Day number of the first date."""
        return _number(self.given["first_date"])


class Scheduled(NamedTuple):
    """One event that a programme has scheduled."""

    programme: Programme
    nominal: int  # its date
    day: int  # Valuation Day on which it is processed
    kind: int
    amount: float
    choice: int
    target: int  # dates left, of the year or of the programme; 0 for no end

    @property
    def transaction_id(self) -> str:
        """The instruction and the date."""
        return f"{self.programme.transaction_id}@{day_date(self.nominal)}"


class Planned(NamedTuple):
    """Transactions and scheduled events of a run as the law takes them."""

    resolved: Resolved
    programmes: list[Programme]
    scheduled: dict[str, Scheduled]  # by transaction id
    most: int  # requests of one contract at most: room for its Purchase Payments


def resolve_requests(
    transactions: pa.Table, ids: list[str], life: Integers, days: Integers, snapshot: pa.Table | None
) -> Planned:
    """`resolve_events`, with what the programmes of the block schedule for ``days[1:]``.  Source: TXN-5, TXN-6."""
    resolved = resolve_events(transactions, ids, life, days)
    programmes = [*_carried(snapshot, ids), *_started(resolved, transactions)]
    _settle_ends(resolved, transactions)
    ended = _ended(snapshot)
    running = [one for one in programmes if ids[one.contract] not in ended]
    events = [event for one in running for event in _events(one, int(days[0]), int(days[-1]))]
    most = int(np.diff(resolved.history_first).max(initial=0))
    if events:
        resolved = _merged(resolved, events, len(ids))
    return Planned(resolved, programmes, {event.transaction_id: event for event in events}, most)


def scheduled_day_of(nominal: int, row: int) -> int:
    """Valuation Day on which a programme's date is processed; distributions and 72(t) payments stay in their year.

    Source: TXN-3, TXN-5 (prospectus 7513-7532, 7561-7572).
    """
    asked = np.array([nominal], dtype=np.int64)
    return int(processing_day(scheduled_days(asked, row in (EQUAL, DISTRIBUTIONS)))[0])


def programme_rows(programmes: list[Programme], block: Block, kept: Integers, kind: pa.DataType) -> pa.Array:
    """The snapshot's list of programmes in force, for the contracts ``kept``."""
    lists: dict[int, list[dict[str, Any]]] = {}
    for one in sorted(programmes, key=lambda p: (p.contract, p.row)):
        state = block.programmes[one.contract, one.row]
        if state[KEY] == one.key:
            held = dict(zip(PROGRAMME_COLUMNS, state.tolist(), strict=True))
            held |= {"key": one.key, "involved": int(held["involved"])}
            about = {"transaction_id": one.transaction_id, "programme": PROGRAMMES[one.row], "row": one.row}
            lists.setdefault(one.contract, []).append(about | {"start_date": day_date(one.start)} | one.given | held)
    if not lists:
        return pa.array([[]] * len(kept), kind)
    return pa.array([lists.get(int(c), []) for c in kept], kind)


def refused_programmes(refusals: pa.Table, planned: Planned) -> tuple[pa.Table, pa.Table]:
    """Refusals that somebody is told of, and the scheduled withdrawals among them as rows of transactions."""
    names, codes = refusals["transaction_id"].to_pylist(), refusals["reason_code"].to_pylist()
    asked = [name not in planned.scheduled or code not in NOBODYS for name, code in zip(names, codes, strict=True)]
    contracts = refusals["contract_id"].to_pylist()
    missed = [
        _as_transaction(planned.scheduled[name], contract)
        for name, contract, told in zip(names, contracts, asked, strict=True)
        if told and name in planned.scheduled
    ]
    return refusals.filter(pa.array(asked, pa.bool_())), pa.Table.from_pylist(missed, SCHEMAS["transactions"])


def _as_transaction(event: Scheduled, contract_id: str) -> dict[str, Any]:
    given = event.programme.given
    return {
        "transaction_id": event.transaction_id,
        "contract_id": contract_id,
        "received": np.datetime64(event.nominal, "D").astype("datetime64[s]").astype(object),
        "kind": PROGRAMMES[event.programme.row],
        "amount": given["amount"],
        "measure": given["measure"],
        "frequency": given["frequency"],
        "event_date": given["first_date"],
    }


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _carried(snapshot: pa.Table | None, ids: list[str]) -> Iterator[Programme]:
    """Programmes of the opening snapshot."""
    if snapshot is None or "programmes" not in snapshot.column_names:
        return
    held = pc.fill_null(pc.list_value_length(snapshot["programmes"]), 0)
    running = snapshot.filter(pc.greater(held, 0)).select(["contract_id", "programmes"])
    place = {name: k for k, name in enumerate(ids)} if running.num_rows else {}
    for row in running.to_pylist():
        for one in row["programmes"]:
            if row["contract_id"] in place:
                given = {name: one[name] for name in _FIELDS}
                start = _number(one["start_date"])
                yield Programme(place[row["contract_id"]], one["transaction_id"], one["row"], one["key"], start, given)


def _ended(snapshot: pa.Table | None) -> set[str]:
    """Contracts with programmes for which nothing is scheduled any more: they have no Account Value."""
    if snapshot is None or "programmes" not in snapshot.column_names:
        return set()
    held = pc.greater(pc.fill_null(pc.list_value_length(snapshot["programmes"]), 0), 0)
    over = pc.and_(held, pc.not_equal(snapshot["status"], STATUS_NAMES[ACTIVE]))
    return set(snapshot.filter(over)["contract_id"].to_pylist())


def _rows_of(resolved: Resolved, transactions: pa.Table, first: int, last: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Events of kinds ``first`` to ``last`` with the transactions they come from."""
    at = np.flatnonzero((resolved.events.kind >= first) & (resolved.events.kind <= last))
    if not len(at):
        return
    among = pc.is_in(transactions["kind"], pa.array(EVENT_NAMES[first : last + 1]))
    row_of = {row["transaction_id"]: row for row in transactions.filter(among).to_pylist()}
    for k in at:
        yield int(k), row_of[resolved.transaction_ids[k]]


def _started(resolved: Resolved, transactions: pa.Table) -> Iterator[Programme]:
    """Programmes that the transactions start; their events get what the law asks for: key, measure, first date."""
    events, used = resolved.events, dict[tuple[int, int, int], int]()
    for k, row in _rows_of(resolved, transactions, SYSTEMATIC_WITHDRAWAL, PROGRAMME_END - 1):
        contract = int(np.searchsorted(resolved.history_first, k, side="right")) - 1
        place = (contract, int(events.kind[k]), int(resolved.day[k]))
        used[place] = used.get(place, 0) + 1
        key = place[2] * KEYS_A_DAY + used[place]
        measure = row["measure"] or MEASURES[FLAT]
        events.date[k], events.choice[k] = key, MEASURES.index(measure)
        events.target[k] = _number(row["event_date"])
        given = {name: row[name] for name in _FIELDS if name in row}
        given |= {"net": row["basis"] == "net", "measure": measure, "first_date": row["event_date"]}
        given |= {"count": row["number_of_payments"] or 0, "actuarial_value": row["actuarial_value"] or 0.0}
        given |= {"amount": row["amount"] or 0.0}
        yield Programme(contract, row["transaction_id"], place[1] - SYSTEMATIC_WITHDRAWAL, key, place[2], given)


def _settle_ends(resolved: Resolved, transactions: pa.Table) -> None:
    """Which programme an instruction ends; all of them if it names none."""
    for k, row in _rows_of(resolved, transactions, PROGRAMME_END, PROGRAMME_END):
        name = row["programme"]
        resolved.events.source[k] = ALL_PROGRAMMES if name is None else PROGRAMMES.index(name)


def _events(one: Programme, after: int, last: int) -> Iterator[Scheduled]:
    """What a programme schedules for the Valuation Days after ``after`` up to ``last``."""
    if one.row == DISTRIBUTIONS:
        yield from _year_ends(one, after, last)
    k = max(0, completed_months(one.first, after) // one.months - 1) if after > one.first else 0
    count = one.given["count"]
    while not count or k < count:
        nominal = months_after(one.first, k * one.months)
        if nominal > last + LONGEST_CLOSURE:
            return
        processed = max(scheduled_day_of(nominal, one.row), one.start)
        if processed > last:
            return
        if processed > after:
            yield _event(one, k, nominal, processed)
        k += 1


def _event(one: Programme, k: int, nominal: int, processed: int) -> Scheduled:
    given, left = one.given, max(one.given["count"] - k, 0)
    measure = MEASURES.index(given["measure"])
    kind = REBALANCING if one.row == REBALANCE else FLAT_PAYMENT
    amount, choice = given["amount"], int(given["net"])
    if one.row == SYSTEMATIC:
        kind = _PAYMENT[measure]
        amount = one.months / 12.0 if measure == INCOME_SHARE else amount
    elif one.row == AVERAGING:
        kind = _TRANSFER[measure]
    elif one.row == DISTRIBUTIONS:
        year = civil(nominal)[0]
        kind, choice, left = DISTRIBUTION_PAYMENT, int(one.months == 1), 1
        while civil(months_after(one.first, (k + left) * one.months))[0] == year:
            left += 1
    return Scheduled(one, nominal, processed, kind, amount, choice, left)


def _year_ends(one: Programme, after: int, last: int) -> Iterator[Scheduled]:
    """Notes of the value of 31 December, and the year's amount on the first Valuation Day.  Source: RMD-3."""
    for year in range(civil(after)[0], civil(last)[0] + 1):
        end, begin = np.array([ordinal(year, 12, 31)]), np.array([ordinal(year, 1, 1)])
        closing, opening = int(on_or_before(end)[0]), int(scheduled_days(begin, False)[0])
        if after < opening <= last and opening > one.start:
            yield Scheduled(one, opening, opening, DISTRIBUTION_OF_YEAR, 0.0, 0, 0)
        if after < closing <= last and closing >= one.start:
            yield Scheduled(one, closing, closing, DECEMBER_VALUE, one.given["actuarial_value"], 0, 0)


def _weights(one: Programme) -> list[float]:
    shares = {part["sub_account"]: part["weight"] for part in one.given["allocation"] or ()}
    return [shares.get(name, 0.0) for name in SLOTS]


def _merged(resolved: Resolved, events: list[Scheduled], n: int) -> Resolved:
    """Requests and scheduled events in order of contract and Valuation Day; requests first, then kinds in their order."""
    old = resolved.events
    programmes = [event.programme for event in events]
    source = [SLOTS.index(p.given["source_sub_account"]) if p.row == AVERAGING else p.row for p in programmes]
    new = Events(
        _whole([e.kind for e in events]), np.array([e.amount for e in events], np.float64),
        _whole([e.choice for e in events]), _whole(source), _whole([e.target for e in events]),
        _whole([p.key for p in programmes]), np.array([_weights(p) for p in programmes], np.float64),
    )  # fmt: skip
    owners = np.repeat(np.arange(n), np.diff(resolved.history_first))
    contract = np.concatenate([owners, _whole([p.contract for p in programmes])])
    day = np.concatenate([resolved.day, _whole([e.day for e in events])])
    rank = np.concatenate([np.arange(len(owners)), len(owners) + new.kind])
    order = np.lexsort((rank, day, contract))
    merged: Any = [np.ascontiguousarray(np.concatenate(pair)[order]) for pair in zip(old, new, strict=True)]
    named = resolved.transaction_ids + [event.transaction_id for event in events]
    return Resolved(
        Events(*merged),
        np.ascontiguousarray(day[order]),
        np.searchsorted(contract[order], np.arange(n + 1)).astype(np.int64),
        [named[k] for k in order],
    )


def _whole(values: list[int]) -> Integers:
    return np.array(values, dtype=np.int64)
