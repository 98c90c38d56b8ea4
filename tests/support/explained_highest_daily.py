"""Days of one contract with TrueIncome - Highest Daily, explained in a process without compiled code, as JSON."""

import json
import os
import subprocess
import sys
from datetime import date, datetime
from functools import cache
from typing import Any

REQUESTS = (
    ("ISSUE", "2008-07-01", {"amount": 100_000.0, "benefit": "HD"}),
    ("PURCHASE_PAYMENT", "2008-09-02", {"amount": 5_000.0}),
    ("WITHDRAWAL", "2008-10-01", {"amount": 2_000.0, "basis": "gross"}),
    ("WITHDRAWAL", "2008-11-03", {"amount": 9_000.0, "basis": "gross"}),
    ("BENEFIT_TERMINATION", "2009-09-01", {}),
)
MOVES = {"2008-08-01": 0.8, "2008-12-01": 1.1, "2009-06-01": 1.3}
"""Days on which the Unit Prices move, and by what factor."""

DAYS = (
    "2008-07-01", "2008-08-01", "2008-08-04", "2008-09-02", "2008-10-01", "2008-11-03", "2009-01-02", "2009-06-01",
    "2009-07-01", "2009-07-02", "2009-09-01", "2009-09-02",
)  # fmt: skip


def told() -> dict[str, Any]:
    """Steps and text of every day; `explain_contract` raises where the day told is not the day of the law."""
    import numpy as np
    import pyarrow as pa

    from tasks.explain import PriceHistory, explain_contract
    from tasks.explain_text import text
    from valuation.arrays import CHARGE_CLASSES, SLOTS
    from valuation.schema import SCHEMAS
    from valuation.sessions import day_number, valuation_days

    born = date(1938, 1, 15)
    contract = dict.fromkeys(SCHEMAS["contracts"].names) | {
        "contract_id": "H-1", "series": "B", "issue_date": date(2008, 7, 1), "tax_type": "NQ", "entity_owned": False,
        "owner_birth_date": born, "owner_sex": "F", "annuitant_birth_date": born, "annuitant_sex": "F",
    }  # fmt: skip
    rows = []
    for k, (kind, day, given) in enumerate(REQUESTS):
        row = dict.fromkeys(SCHEMAS["transactions"].names) | {"transaction_id": f"H-1-{k}", "contract_id": "H-1"}
        received = datetime.fromisoformat(f"{day}T10:00:00")
        allocation = [{"sub_account": SLOTS[0], "weight": 1.0}] if kind == "ISSUE" else None
        rows.append(row | {"kind": kind, "received": received, "allocation": allocation} | given)
    days = valuation_days(date(2008, 6, 30), date(2009, 9, 30))
    prices = np.full((len(days), len(CHARGE_CLASSES), len(SLOTS)), 10.0)
    for day, factor in MOVES.items():
        prices[np.searchsorted(days, day_number(date.fromisoformat(day))) :] *= factor
    tables = (
        pa.Table.from_pylist([contract], SCHEMAS["contracts"]),
        pa.Table.from_pylist(rows, SCHEMAS["transactions"]),
    )
    found = {}
    for name in DAYS:
        one = explain_contract(*tables, PriceHistory(days, prices), date.fromisoformat(name))
        found[name] = {"steps": one.steps, "text": text(one)}
    return found


@cache
def days() -> dict[str, Any]:
    """What the program prints, from a process of its own."""
    command = [sys.executable, "-W", "error", "-m", "tests.support.explained_highest_daily"]
    done = subprocess.run(command, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    print(json.dumps(told(), default=float))
