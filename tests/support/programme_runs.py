"""One contract with programmes, from tables to tables, at Unit Prices of one's own making."""

from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.block import DayResult, value_block
from valuation.schema import SCHEMAS
from valuation.sessions import day_number, valuation_days

A, B, C, D = SLOTS[:4]
ISSUED = date(2010, 1, 4)
START = date(2009, 12, 31)


class Asked(NamedTuple):
    """An instruction or request, received at ten o'clock."""

    kind: str
    on: date
    given: dict[str, Any]


def contract(**changes: Any) -> pa.Table:
    """One contract of the B Series, issued on 4 January 2010 to an Owner of 73 years."""
    row = dict.fromkeys(SCHEMAS["contracts"].names) | {
        "contract_id": "P-1", "series": "B", "issue_date": ISSUED, "tax_type": "IRA", "entity_owned": False,
        "owner_birth_date": date(1936, 3, 15), "owner_sex": "F",
        "annuitant_birth_date": date(1936, 3, 15), "annuitant_sex": "F",
    }  # fmt: skip
    return pa.Table.from_pylist([row | changes], SCHEMAS["contracts"])


def shares(**weights: float) -> list[dict[str, Any]]:
    """Allocation by the letters of the first four Sub-accounts."""
    names = dict(zip("ABCD", SLOTS[:4], strict=True))
    return [{"sub_account": names[letter], "weight": weight} for letter, weight in weights.items()]


def asked(kind: str, on: date, **given: Any) -> Asked:
    return Asked(kind, on, given)


def programme(kind: str, on: date, first: date, **given: Any) -> Asked:
    """A monthly programme unless told otherwise."""
    return Asked(kind, on, {"frequency": "MONTHLY", "event_date": first} | given)


def transactions(*requests: Asked, amount: float = 100_000.0, into: Any = None, plan: str | None = None) -> pa.Table:
    """The initial payment, and what follows it."""
    first = Asked("ISSUE", ISSUED, {"amount": amount, "allocation": into or shares(A=1.0), "benefit": plan})
    rows = []
    for k, one in enumerate([first, *requests]):
        row = dict.fromkeys(SCHEMAS["transactions"].names) | {"transaction_id": f"P-1-{k}", "contract_id": "P-1"}
        when = datetime(one.on.year, one.on.month, one.on.day, 10)
        rows.append(row | {"kind": one.kind, "received": when} | one.given)
    return pa.Table.from_pylist(rows, SCHEMAS["transactions"])


def prices(days: Any, moves: dict[date, dict[str, float]] | None = None) -> np.ndarray:
    """Unit Prices of 10 on every day; ``moves`` multiply those of the Sub-accounts named by letter, from a day on."""
    grid = np.full((len(days), len(CHARGE_CLASSES), len(SLOTS)), 10.0)
    for day, factors in (moves or {}).items():
        for letter, factor in factors.items():
            grid[int(np.searchsorted(days, day_number(day))) :, :, "ABCD".index(letter)] *= factor
    return grid


def run(
    requests: pa.Table,
    last: date,
    moves: dict[date, dict[str, float]] | None = None,
    opening: pa.Table | None = None,
    first: date = START,
    owner: pa.Table | None = None,
) -> DayResult:
    """The contract from the day after ``first`` to ``last``; prices are counted from the start of all."""
    whole = valuation_days(START, last)
    days = whole[whole >= day_number(first)]
    grid = prices(whole, moves)[-len(days) :]
    return value_block(contract() if owner is None else owner, requests, opening, days, grid)


def paid(result: DayResult) -> list[tuple[date, float]]:
    """Day and gross amount of every payment."""
    return list(zip(result.payments["date"].to_pylist(), result.payments["gross"].to_pylist(), strict=True))


def moved(result: DayResult, kind: str) -> list[tuple[date, str, float]]:
    """Day, Sub-account and amount of the ledger rows of one kind."""
    rows = [row for row in result.ledger.to_pylist() if row["kind"] == kind]
    return [(row["date"], row["sub_account"], round(row["amount"], 6)) for row in rows]


def state(result: DayResult) -> dict[str, Any]:
    """The only row of the snapshot."""
    row: dict[str, Any] = result.snapshot.to_pylist()[0]
    return row
