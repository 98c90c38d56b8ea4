"""A small block for the tests of the check: three sound contracts, their transactions, prices of all that they hold."""

from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from tasks.check import Checked, check_block
from tasks.intake import Source, source
from valuation.schema import SCHEMAS
from valuation.sessions import valuation_days

Row = dict[str, Any]

BALANCED, ADVANCED, BOND = "AST Balanced Asset Allocation", "AST Advanced Strategies", "AST Investment Grade Bond"
ISSUED, LAST = date(2008, 1, 15), date(2008, 3, 31)


def contract(name: str = "A", **changes: Any) -> Row:
    """A sound row of contracts."""
    born = date(1945, 6, 1)
    row: Row = {"contract_id": name, "series": "B", "issue_date": ISSUED, "tax_type": "IRA", "entity_owned": False}
    row |= {"owner_birth_date": born, "owner_sex": "F", "annuitant_birth_date": born, "annuitant_sex": "F"}
    return dict.fromkeys(SCHEMAS["contracts"].names) | row | changes


def transaction(name: str, owner: str, kind: str, day: date, **given: Any) -> Row:
    """A row of transactions, received at 10 in the morning."""
    row: Row = dict.fromkeys(SCHEMAS["transactions"].names)
    row |= {"transaction_id": name, "contract_id": owner, "kind": kind}
    return row | {"received": datetime(day.year, day.month, day.day, 10)} | given


def to(*names: str, weight: float | None = None) -> list[Row]:
    """Allocation instructions in equal parts."""
    return [{"sub_account": name, "weight": weight or 1.0 / len(names)} for name in names]


def issue(owner: str, **changes: Any) -> Row:
    """The initial Purchase Payment of a contract."""
    given: Row = {"amount": 50_000.0, "allocation": to(BALANCED, ADVANCED)} | changes
    return transaction(f"{owner}-0", owner, "ISSUE", ISSUED) | given


def contracts() -> list[Row]:
    """Three sound contracts."""
    return [contract("A"), contract("B"), contract("C")]


def transactions() -> list[Row]:
    """What they did; only A elects a benefit."""
    rows = [issue("A"), transaction("A-1", "A", "ELECTION", ISSUED, benefit="HD7"), issue("B"), issue("C")]
    rows.append(transaction("B-1", "B", "WITHDRAWAL", date(2008, 2, 11), amount=500.0, basis="gross"))
    return rows


def prices(*names: str) -> list[Row]:
    """A price of 10 on every Valuation Day."""
    days = valuation_days(ISSUED, LAST).astype("datetime64[D]").tolist()
    return [
        {"sub_account": name, "date": day, "nav": 10.0, "distribution": 0.0}
        for name in (names or (BALANCED, ADVANCED, BOND))
        for day in days
    ]


def table(dataset: str, rows: list[Row]) -> Source:
    """Rows as a source; every field may be empty."""
    schema = pa.schema([item.with_nullable(True) for item in SCHEMAS[dataset]])
    return source(dataset, pa.Table.from_pylist(rows, schema))


def check(
    owners: list[Row] | None = None,
    requests: list[Row] | None = None,
    quotes: list[Row] | None = None,
    snapshot: Source | None = None,
    limit: float = 1.0,
) -> Checked:
    """The sound block with one dataset replaced, checked."""
    return check_block(
        table("contracts", contracts() if owners is None else owners),
        table("transactions", transactions() if requests is None else requests),
        table("prices", prices() if quotes is None else quotes),
        valuation_date=LAST,
        limit=limit,
        snapshot=snapshot,
    )


def opening(*names: str, **changes: Any) -> Source:
    """An opening snapshot of sound contracts, held in one Sub-account."""
    rows = []
    for name in names:
        row: Row = {}
        for item in SCHEMAS["snapshot"]:
            number = pa.types.is_floating(item.type) or pa.types.is_integer(item.type)
            row[item.name] = None if item.nullable or not number else 0
        row |= contract(name) | {"valuation_date": date(2008, 2, 29), "status": "ACTIVE", "benefit": "NONE"}
        row |= {"benefit_stage": "NONE", "account_value": 500.0, "purchase_payments": []}
        row |= {"units": [{"sub_account": BALANCED, "units": 50.0, "unit_price": 10.0, "value": 500.0}]}
        rows.append(row | {"allocation": to(BALANCED)} | changes)
    return table("snapshot", rows)


def found(checked: Checked) -> dict[str, set[str]]:
    """Reasons by contract or transaction id, of rows refused for their own sake."""
    result: dict[str, set[str]] = {}
    for row in checked.quarantine.to_pylist():
        if row["reason"] != "CONTRACT_REFUSED":
            name = row["transaction_id"] or row["contract_id"] or f"{row['dataset']} {row['row']}"
            result.setdefault(name, set()).update(row["reason"].split("; "))
    return result


def kept(checked: Checked, dataset: str, column: str) -> list[Any]:
    """A column of the good rows of a dataset."""
    return list(getattr(checked, dataset)[column].to_pylist())


def balanced(checked: Checked) -> bool:
    """Whether rows received are rows good and rows refused, each once."""
    refused = checked.quarantine.to_pylist()
    once = len({(row["dataset"], row["file"], row["row"]) for row in refused}) == len(refused)
    counts = {
        name: getattr(checked, name).num_rows + sum(row["dataset"] == name for row in refused)
        for name in checked.rows_in
    }
    return once and counts == dict(checked.rows_in)


def nan() -> float:
    """Not a number."""
    return float(np.nan)
