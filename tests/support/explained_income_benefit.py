"""A contract with the Guaranteed Minimum Income Benefit from issue to the end of its payments, through tables.

Run as a program, uncompiled, it prints as JSON: chosen days explained; the snapshot of a run, and of the same run in two
parts; what the ledger, the payments and the refusals hold.  Unit Prices rise, then fall by half.
"""

import json
import os
import subprocess
import sys
from datetime import date, datetime
from functools import cache
from typing import Any

BORN = date(1933, 6, 15)
FIRST, ISSUED, LAST = date(2007, 11, 30), date(2007, 12, 3), date(2016, 2, 26)
SPLIT = ("2008-06-30", "2009-12-31", "2011-12-30", "2015-06-30")
DAYS = {
    "issue": "2007-12-03",
    "ordinary": "2008-03-10",
    "withdrawal": "2008-05-02",
    "above the limit": "2008-05-05",
    "anniversary and step-up": "2008-12-03",
    "refused step-up": "2012-01-04",
    "termination": "2008-12-11",
    "annuity": "2015-12-14",
    "between": "2015-12-21",
    "second payment": "2016-01-14",
    "death": "2016-02-02",
    "after it": "2016-02-16",
}


def tables() -> tuple[Any, Any]:
    """The contract, and what its Owner asked for."""
    import pyarrow as pa

    from valuation.schema import SCHEMAS

    contract = dict.fromkeys(SCHEMAS["contracts"].names) | {
        "contract_id": "P-1", "series": "X", "issue_date": ISSUED, "tax_type": "NQ", "entity_owned": False,
        "owner_birth_date": date(1960, 2, 1), "owner_sex": "F", "annuitant_birth_date": BORN, "annuitant_sex": "M",
    }  # fmt: skip
    asked = [
        ("ISSUE", "2007-12-03", {"amount": 100_000.0, "benefit": "GMIB", "allocation": [
            {"sub_account": "AST Balanced Asset Allocation", "weight": 0.6},
            {"sub_account": "AST Advanced Strategies", "weight": 0.4},
        ]}),
        ("ELECTION", "2007-12-03", {"benefit": "HDV"}),
        ("PURCHASE_PAYMENT", "2008-03-03", {"amount": 5_000.0}),
        ("WITHDRAWAL", "2008-05-02", {"amount": 4_000.0, "basis": "gross"}),
        ("WITHDRAWAL", "2008-05-05", {"amount": 4_000.0, "basis": "gross"}),
        ("STEP_UP", "2008-12-03", {}),
        ("BENEFIT_TERMINATION", "2008-12-11", {}),
        ("STEP_UP", "2012-01-04", {}),
        ("ANNUITIZATION", "2015-12-14", {"benefit": "GMIB", "person_birth_date": date(1940, 5, 1), "person_sex": "F"}),
        ("DEATH", "2016-02-02", {"event_date": date(2016, 1, 20)}),
    ]  # fmt: skip
    rows = []
    for k, (kind, day, given) in enumerate(asked):
        row = dict.fromkeys(SCHEMAS["transactions"].names) | {"transaction_id": f"P-1-{k}", "contract_id": "P-1"}
        when = datetime.combine(date.fromisoformat(day), datetime.min.time()).replace(hour=10)
        rows.append(row | {"kind": kind, "received": when} | given)
    return (
        pa.Table.from_pylist([contract], SCHEMAS["contracts"]),
        pa.Table.from_pylist(rows, SCHEMAS["transactions"]),
    )


def history() -> tuple[Any, Any]:
    """Valuation Days and Unit Prices."""
    import numpy as np

    from valuation.arrays import CHARGE_CLASSES, SLOTS
    from valuation.sessions import day_number, valuation_days

    days = valuation_days(FIRST, LAST)
    price = 10.0 * 1.0008 ** np.arange(len(days))
    price[days >= day_number(date(2012, 1, 3))] *= 0.4
    return days, np.ascontiguousarray(
        np.broadcast_to(price[:, None, None], (len(days), len(CHARGE_CLASSES), len(SLOTS)))
    )


def told() -> dict[str, Any]:
    """What the program prints."""
    import numpy as np

    from tasks.explain import PriceHistory, explain_contract
    from tasks.explain_text import text
    from valuation.block import value_block
    from valuation.sessions import day_number

    contract, asked = tables()
    days, prices = history()
    whole = value_block(contract, asked, None, days, prices)
    found: dict[str, Any] = {"whole": whole.snapshot.to_pylist()}
    parts, opening, start = {}, None, 0
    for day in (*SPLIT, str(LAST)):
        end = int(np.searchsorted(days, day_number(date.fromisoformat(day)), side="right"))
        parts[day] = value_block(contract, asked, opening, days[start:end], prices[start:end])
        opening, start = parts[day].snapshot, end - 1
    found["parts"] = {day: part.snapshot.to_pylist() for day, part in parts.items()}
    found["refusals"] = whole.refusals["reason_code"].to_pylist()
    found["ledger"] = sum(whole.ledger["amount"].to_pylist())
    found["payments"] = whole.payments.select(["date", "kind", "paid"]).to_pylist()
    for name, day in DAYS.items():
        place = int(np.searchsorted(days, day_number(date.fromisoformat(day)), side="right"))
        before = max((d for d in SPLIT if d < day), default=None)
        first = (
            0
            if before is None
            else int(np.searchsorted(days, day_number(date.fromisoformat(before)), side="right")) - 1
        )
        snapshot = None if before is None else parts[before].snapshot
        seen = PriceHistory(days[first:place], prices[first:place])
        one = explain_contract(contract, asked, seen, date.fromisoformat(day), snapshot)
        found[name] = {"steps": one.steps, "text": text(one), "after": one.after}
    return found


@cache
def days_told() -> dict[str, Any]:
    """What the program prints, from a process of its own."""
    command = [sys.executable, "-W", "error", "-m", "tests.support.explained_income_benefit"]
    done = subprocess.run(command, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    print(json.dumps(told(), default=str))
