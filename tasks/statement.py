"""A statement to the Owner: what the Annuity was worth, what happened to it, what it is worth, from published runs.

The period is replayed from the inputs of the runs that cover it, so that investment results are those of its days, and
everything else is compared, row by row, with the published ledger.

statements/<contract>/<first>..<last>-<hash>/statement.html     and .txt, opening without a network
statements/<contract>/<first>..<last>-<hash>/statement.csv      every row of the ledger
"""

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from infra.storage import Storage
from tasks.explain import DAILY, PriceHistory, contract_inputs, covering, known_deaths
from tasks.publish import PublishedRun, Run
from tasks.unit_prices import read_grid
from valuation.block import DayResult, value_block
from valuation.sessions import day_date, day_number, effective_day
from valuation.statements import confirmation, report_charge, statement_kind

Row = dict[str, Any]
GAP = 1e-6
"""Greatest gap between opening + changes and closing, USD."""


class StatementError(Exception):
    """The statement cannot be made; the message says why, and the next step."""


class Segment(NamedTuple):
    """What one published run knows of the contract."""

    run_id: str
    contract: pa.Table  # its row
    transactions: pa.Table
    opening: pa.Table | None  # its row of the snapshot that the run went on from; None: from issue
    history: PriceHistory
    ledger: pa.Table  # its published rows
    refused: list[Row]  # its rows of the quarantine


@dataclass(frozen=True)
class Statement:
    """Everything a statement tells."""

    contract: Row  # its row of contracts
    first: date
    last: date
    kind: str  # see `valuation.statements`
    charge: float  # for the statement itself, USD
    before: Row | None  # row of the snapshot at the end of the last Valuation Day before; None: not yet issued
    after: Row | None  # at the end of the period
    changes: tuple[Row, ...]  # rows of the ledger, each with `confirmed`
    payments: tuple[Row, ...]
    taxes: tuple[Row, ...]
    refused: tuple[Row, ...]  # quarantined requests received in the period
    runs: tuple[str, ...]

    def value(self, row: Row | None) -> float:
        """Account Value, 0 before issue."""
        return 0.0 if row is None else float(row["account_value"])

    @property
    def by_kind(self) -> dict[str, float]:
        """Changes of Account Value by their kind, in order of their first occurrence, USD."""
        sums: dict[str, float] = {}
        for row in self.changes:
            sums[row["kind"]] = sums.get(row["kind"], 0.0) + row["amount"]
        return sums


def period(text: str) -> tuple[date, date]:
    """First and last day of a period written DATE..DATE.  Raises StatementError for anything else."""
    found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", text)
    try:
        first, last = (date.fromisoformat(part) for part in found.groups()) if found else (None, None)
    except ValueError:
        first = last = None
    if first is None or last is None or first > last:
        raise StatementError(f"{text!r} is no period; write its first and last day, as 2008-10-01..2008-12-31")
    return first, last


def statement(storage: Storage, contract_id: str, first: date, last: date, charge: float | None = None) -> Statement:
    """The statement of a contract for the days from ``first`` to ``last``, both included, from the published runs.

    ``charge``  for an additional report, USD; None: the most allowed

    Raises StatementError where nothing published covers the period, or says otherwise than the replay.
    """
    return statement_of(_segments(storage, contract_id, first, last), first, last, charge)


def statement_of(segments: list[Segment], first: date, last: date, charge: float | None = None) -> Statement:
    """The statement from what the runs that cover the period know, the earliest first, each going on from the one before."""
    before: pa.Table | None = None
    results: list[DayResult] = []
    for k, segment in enumerate(segments):
        days = segment.history.days
        begin = max(int(np.searchsorted(days, day_number(first))) - 1, 0) if k == 0 else 0
        end = int(np.searchsorted(days, day_number(last), side="right"))
        if end <= begin + 1:
            raise StatementError(f"{first}..{last} holds no Valuation Day after {day_date(int(days[begin]))}: widen it")
        opening = _state(segment, begin)
        before = opening if k == 0 else before
        results.append(_replayed(segment, opening, begin, end))
        _compare(segment, results[-1], int(days[begin]), int(days[end - 1]))
    found = _made(segments, results, before, first, last, charge)
    gap = found.value(found.before) + sum(found.by_kind.values()) - found.value(found.after)
    if abs(gap) > GAP:
        name = found.contract["contract_id"]
        raise StatementError(f"contract {name}: opening and changes miss the closing value by {gap:.2e} USD")
    return found


def _segments(storage: Storage, contract_id: str, first: date, last: date) -> list[Segment]:
    found: list[Segment] = []
    on = last
    while True:
        segment = _segment(storage, covering(storage, on), contract_id)
        start = int(segment.history.days[0])
        if found and found[0].run_id == segment.run_id:
            raise StatementError(
                f"nothing published tells of {contract_id} before {day_date(start)}: choose a later first day"
            )
        found.insert(0, segment)
        if segment.opening is None or start < day_number(first):
            return found
        on = day_date(start)


def _segment(storage: Storage, published: PublishedRun, contract_id: str) -> Segment:
    run_id = published.manifest.run_id
    contract, transactions, opening = contract_inputs(published, contract_id)
    mine = [part.filter(pc.equal(part["contract_id"], contract_id)) for part in published.tables("ledger")]
    table = published.table("quarantine", ["contract_id", "transaction_id", "message", "rule", "record"])
    refused = table.filter(pc.fill_null(pc.equal(table["contract_id"], contract_id), False)).to_pylist()
    return Segment(
        run_id,
        contract,
        transactions,
        opening if opening.num_rows else None,
        PriceHistory(*read_grid(Run(storage, DAILY, run_id))),
        pa.concat_tables(mine),
        refused,
    )


def _state(segment: Segment, place: int) -> pa.Table | None:
    """State of the contract at the end of a day of the run's history."""
    if place == 0:
        return segment.opening
    days, prices = segment.history.days[: place + 1], segment.history.prices[: place + 1]
    died = _deaths(segment, place)
    return value_block(segment.contract, segment.transactions, segment.opening, days, prices, died=died).snapshot


def _deaths(segment: Segment, place: int) -> dict[str, int]:
    on = int(segment.history.days[place + 1])
    return known_deaths(segment.contract, segment.transactions, segment.opening, segment.history.days, on)


def _replayed(segment: Segment, opening: pa.Table | None, begin: int, end: int) -> DayResult:
    days, prices = segment.history.days[begin:end], segment.history.prices[begin:end]
    died = _deaths(segment, begin)
    return value_block(segment.contract, segment.transactions, opening, days, prices, died=died)


def _compare(segment: Segment, result: DayResult, begin: int, end: int) -> None:
    """Every transaction of the replay is in the published ledger, and no other."""
    theirs = [row for row in _transactions(segment.ledger) if begin < day_number(row["date"]) <= end]
    if theirs != _transactions(result.ledger):
        raise StatementError(
            f"contract {segment.contract['contract_id'][0]}: the published ledger of run {segment.run_id} says otherwise than"
            " the replay of its inputs; the code has changed since: run `highwater daily` again"
        )


def _transactions(ledger: pa.Table) -> list[Row]:
    return [row for row in ledger.to_pylist() if row["kind"] != "INVESTMENT"]


def _made(
    segments: list[Segment],
    results: list[DayResult],
    before: pa.Table | None,
    first: date,
    last: date,
    charge: float | None,
) -> Statement:
    asked = _asked(segments[-1].transactions)
    changes = [row for result in results for row in result.ledger.to_pylist()]
    changes = [row | {"confirmed": confirmation(row["kind"], row["date"] in asked)} for row in changes]
    told = sum(bool(row["confirmed"]) for row in changes)
    kind = statement_kind(first, last, told)
    return Statement(
        segments[-1].contract.to_pylist()[0],
        first,
        last,
        kind,
        report_charge(kind, charge),
        _only(before),
        _only(results[-1].snapshot),
        tuple(changes),
        tuple(row for result in results for row in result.payments.to_pylist()),
        tuple(row for result in results for row in result.tax_amounts.to_pylist()),
        tuple(row for segment in segments for row in _refused(segment, first, last)),
        tuple(segment.run_id for segment in segments),
    )


def _asked(transactions: pa.Table) -> set[date]:
    """Days on which a request of the Owner for a withdrawal is carried out."""
    kinds = pa.array(["WITHDRAWAL", "RMD_WITHDRAWAL"])
    rows = transactions.filter(pc.is_in(transactions["kind"], kinds))
    times = rows["received"].to_numpy().astype("datetime64[s]")
    return {day_date(int(day)) for day in effective_day(times)} if len(times) else set()


def _refused(segment: Segment, first: date, last: date) -> list[Row]:
    found = []
    for row in segment.refused:
        received = str(json.loads(row["record"]).get("received") or "")[:10]
        if first.isoformat() <= received <= last.isoformat():
            found.append(row | {"received": received})
    return found


def _only(snapshot: pa.Table | None) -> Row | None:
    rows: list[Row] = [] if snapshot is None else snapshot.to_pylist()
    return rows[0] if rows else None
