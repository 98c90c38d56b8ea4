"""Days of one contract with Fixed Rate Options, explained in a process without compiled code, as JSON."""

import json
import os
import subprocess
import sys
from datetime import date
from functools import cache
from typing import Any

DAYS = (
    "2007-07-02", "2007-07-03", "2007-07-13", "2007-07-16", "2007-09-04", "2008-07-02", "2008-07-11", "2008-07-14",
    "2008-08-15", "2008-09-02",
)  # fmt: skip


def told() -> dict[str, Any]:
    """Steps and text of every day; `explain_contract` raises where the day told is not the day of the law."""
    import numpy as np
    import pyarrow as pa

    from tasks.explain import PriceHistory, explain_contract
    from tasks.explain_text import text
    from tests.support.fixed_money_block import ONE_YEAR, RATES, SUBS, FixedMoneyBlock, pay, request, shares, transfer
    from valuation.schema import SCHEMAS
    from valuation.sessions import valuation_days

    parts = {SUBS[0]: 0.5, ONE_YEAR: 0.5}
    story = FixedMoneyBlock(parts=parts, enhanced_amount=12_000.0, number_of_payments=6)
    story.on("2007-09-04", request("WITHDRAWAL", amount=5_000.0, basis="gross"), factor=0.9)
    story.on("2008-07-11", transfer(1_000.0, ONE_YEAR, SUBS[1]), request("ALLOCATION", allocation=shares(parts)))
    story.on("2008-07-14", pay(1_000.0), transfer(100.0, SUBS[0], ONE_YEAR))
    story.on("2008-08-15", transfer(1_000.0, ONE_YEAR, SUBS[1]), request("ELECTION", benefit="HD7"))
    story.on("2008-09-02", request("SURRENDER"))
    days, prices = valuation_days(story.opened, story.today), np.concatenate(story.history)
    rows = pa.Table.from_pylist(story.requests, SCHEMAS["transactions"])
    found = {}
    for name in DAYS:
        history = PriceHistory(days, prices)
        one = explain_contract(story.contract, rows, history, date.fromisoformat(name), declared=RATES)
        found[name] = {"steps": one.steps, "text": text(one)}
    return found


@cache
def days() -> dict[str, Any]:
    """What the program prints, from a process of its own."""
    command = [sys.executable, "-W", "error", "-m", "tests.support.explained_fixed_money"]
    done = subprocess.run(command, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    print(json.dumps(told(), default=str))
