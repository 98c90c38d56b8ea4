"""A contract of one's own making, explained on chosen days; run as a program it prints the days as JSON.

The program runs the law uncompiled, as the command ``highwater explain`` does, so that nobody waits for the compiler.
The contract is the one of the prospectus's examples (5767-5891): Protected Withdrawal Value 120,000 on 2 May 2008.
"""

import json
import os
import subprocess
import sys
from datetime import date, datetime
from functools import cache
from typing import Any

TARGETS = {
    "2008-03-05": 110_000.0,
    "2008-05-02": 120_000.0,
    "2008-06-02": 118_000.0,
    "2008-08-06": 110_000.0,
    "2008-09-02": 112_000.0,
    "2008-12-01": 119_000.0,
}
"""Account Value at the Unit Prices of a day, before anything happens on it, USD."""

DAYS = {
    "election": "2008-03-05",
    "ordinary": "2008-03-10",
    "first withdrawal": "2008-05-02",
    "quarter": "2008-09-02",
    "excess": "2008-08-06",
    "refusal": "2008-08-07",
    "step-up": "2008-12-01",
    "after": "2008-12-02",
    "declined": "2008-12-03",
    "change": "2008-12-04",
    "medical": "2008-12-08",
    "free look": "2008-12-10",
}


def tables() -> tuple[Any, Any]:
    """The contract, and what its Owner asked for."""
    import pyarrow as pa

    from valuation.schema import SCHEMAS

    born = date(1938, 1, 15)
    contract = dict.fromkeys(SCHEMAS["contracts"].names) | {
        "contract_id": "P-1", "series": "B", "issue_date": date(2007, 12, 1), "tax_type": "NQ", "entity_owned": False,
        "owner_birth_date": born, "owner_sex": "F", "annuitant_birth_date": born, "annuitant_sex": "F",
    }  # fmt: skip
    asked = [
        ("ISSUE", "2007-12-03", {"amount": 105_000.0, "allocation": [
            {"sub_account": "AST Balanced Asset Allocation", "weight": 0.6},
            {"sub_account": "AST Advanced Strategies", "weight": 0.4},
        ]}),
        ("ELECTION", "2008-03-05", {"benefit": "HD7"}),
        ("WITHDRAWAL", "2008-05-02", {"amount": 2_500.0, "basis": "gross"}),
        ("WITHDRAWAL", "2008-08-06", {"amount": 5_000.0, "basis": "gross"}),
        ("WITHDRAWAL", "2008-08-07", {"amount": 50.0, "basis": "gross"}),
        ("ANNUITANT_CHANGE", "2008-12-03", {"person_birth_date": date(1970, 2, 1), "person_sex": "M", "approved": False}),
        ("OWNER_CHANGE", "2008-12-04", {"person_birth_date": date(1970, 2, 1), "person_sex": "M"}),
        ("MEDICAL_SURRENDER", "2008-12-08", {"amount": 5_000.0, "ground": "FATAL_ILLNESS", "event_date": date(2008, 6, 2)}),
        ("FREE_LOOK", "2008-12-10", {"event_date": date(2008, 12, 1)}),
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


def history() -> Any:
    """Unit Prices that stand still but for the days of `TARGETS`, on which all move by one factor."""
    import numpy as np

    from tasks.explain import PriceHistory
    from valuation.arrays import CHARGE_CLASSES, SLOTS
    from valuation.block import value_block
    from valuation.sessions import valuation_days

    contract, transactions = tables()
    days = valuation_days(date(2007, 11, 30), date(2008, 12, 31))
    prices = np.full((len(days), len(CHARGE_CLASSES), len(SLOTS)), 10.0)
    for day, target in TARGETS.items():
        place = int(np.searchsorted(days, (date.fromisoformat(day) - date(1970, 1, 1)).days))
        before = value_block(contract, transactions, None, days[:place], prices[:place]).snapshot
        prices[place:] *= target / before["account_value"][0].as_py()
    return PriceHistory(days, prices)


def told() -> dict[str, Any]:
    """All days of `DAYS`, as plain values."""
    import valuation.trace
    from tasks.explain import explain_contract
    from tasks.explain_text import text

    contract, transactions = tables()
    prices = history()
    found: dict[str, Any] = {}
    for name, day in DAYS.items():
        one = explain_contract(contract, transactions, prices, date.fromisoformat(day))
        found[name] = {"steps": one.steps, "text": text(one), "after": one.after}
    moved = next(name for name, one in found.items() if one["steps"][-1].happened)
    honest = valuation.trace.transfer_assets
    valuation.trace.transfer_assets = lambda *_: None  # type: ignore[assignment]
    try:
        explain_contract(contract, transactions, prices, date.fromisoformat(DAYS[moved]))
        found["forged"] = ""
    except AssertionError as error:
        found["forged"] = str(error)
    finally:
        valuation.trace.transfer_assets = honest
    return found


def sweep(contracts: int, through: date) -> dict[str, int]:
    """Explain every day of a demonstration block on which something was asked, and every anniversary: steps by title.

    `explain_contract` raises if a day told is not the day of the law.
    """
    import numpy as np
    import pyarrow.compute as pc

    from tasks.demo import demo_prices
    from tasks.demo_block import demo_block
    from tasks.explain import PriceHistory, explain_contract
    from valuation.sessions import day_date, day_number, effective_day, on_or_after

    block = demo_block(contracts, through=through)
    prices = PriceHistory(*_grid(demo_prices(through), through))
    seen: dict[str, int] = {}
    for contract_id in block.contracts["contract_id"].to_pylist():
        contract, asked = (
            one.filter(pc.equal(one["contract_id"], contract_id)) for one in (block.contracts, block.transactions)
        )
        chosen = set(effective_day(asked["received"].to_numpy().astype("datetime64[s]")).tolist())
        issued = contract["issue_date"][0].as_py()
        turned = np.array([day_number(issued.replace(year=issued.year + 1))])
        chosen |= {*on_or_after(turned).tolist(), day_number(through)}
        for day in sorted(one for one in chosen if one <= day_number(through)):
            for step in explain_contract(contract, asked, prices, day_date(day)).steps:
                seen[step.title] = seen.get(step.title, 0) + step.happened
    return seen


def true_income(plan: str) -> dict[str, int]:
    """Explain the eventful days of a contract with TrueIncome: how often each step happened, by title."""
    import numpy as np
    import pyarrow as pa

    from tasks.explain import PriceHistory, explain_contract
    from tests.support.block_story import BlockStory, pay, request, withdraw
    from valuation.schema import SCHEMAS
    from valuation.sessions import valuation_days

    seen: dict[str, int] = {}

    class Told(BlockStory):
        def on(self, when: str, account: float | None = None, *asked: Any) -> "Told":
            opening, first, before = self.snapshot, self.today, self.prices
            super().on(when, account, *asked)
            days = valuation_days(first, self.today)
            prices = np.concatenate([np.repeat(before[None], len(days) - 1, axis=0), self.prices[None]])
            requests = pa.Table.from_pylist(self.requests, SCHEMAS["transactions"])
            one = explain_contract(self.contract, requests, PriceHistory(days, prices), self.today, opening)
            for step in one.steps:
                seen[step.title] = seen.get(step.title, 0) + step.happened
            return self

    story = Told(plan=plan).on("2009-03-02", 120_000.0, withdraw(1_000.0))
    story.on("2009-07-01", 125_000.0, request("STEP_UP", ground="AUTO_STEP_UP"), request("STEP_UP"))
    story.on("2010-03-02", 150_000.0, request("STEP_UP"), pay(1_000.0))
    story.on("2011-07-01", 150_000.0, withdraw(9_000.0)).on("2012-07-02", 250_000.0)
    story.on("2013-04-05", 2_000.0, request("PAYMENT_CHOICE", ground="LIFE_INCOME"), withdraw(2_000.0))
    story.on("2013-05-06", None, request("PAYMENT_CHOICE", ground="WITHDRAWAL_BENEFIT"))
    story.on("2013-07-01").on("2013-07-02", None, request("DEATH", event_date=date(2013, 6, 28)))
    return seen


def _grid(prices: Any, through: date) -> tuple[Any, Any]:
    """Days and Unit Prices of the Sub-accounts of the law."""
    import numpy as np
    import pyarrow.compute as pc

    from tasks.demo import FIRST_PRICE
    from valuation.block import CHARGE_CLASSES, SLOTS
    from valuation.sessions import valuation_days
    from valuation.units import unit_prices

    navs = np.column_stack([prices.filter(pc.equal(prices["sub_account"], name))["nav"].to_numpy() for name in SLOTS])
    days = valuation_days(FIRST_PRICE, through)
    return days, unit_prices(navs, np.zeros_like(navs), days, CHARGE_CLASSES)


@cache
def days() -> dict[str, Any]:
    """What the program prints, from a process of its own."""
    command = [sys.executable, "-W", "error", "-m", "tests.support.explained"]
    done = subprocess.run(command, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    others = {plan: true_income(plan) for plan in ("TI", "TIS")}
    print(json.dumps(told() | others | {"sweep": sweep(12, date(2009, 6, 30))}, default=str))
