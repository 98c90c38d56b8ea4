"""Close a daily valuation: totals of every day, one quarantine, the checks, the manifest."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import pyarrow as pa

from tasks.conclude import conclude, lacks
from tasks.daily import Plan, quarantine_of_check
from tasks.parts import Facts, dataset_of, parts_of, tables, total, whole
from tasks.records import Check, Manifest
from tasks.start import Started
from tasks.unit_prices import read_grid
from tasks.value import PUBLISHED
from valuation.daily import TOTALS
from valuation.fixed_point import FIXED, UNIT
from valuation.schema import SCHEMAS

CLOSES = 1e-6
"""Greatest gap allowed between opening + ledger and closing of a contract and Sub-account, USD."""
PREFIXES = ("received.", "quarantined.", "reason.")
COUNTS = ("contracts", "contracts_in_payout", "contracts_in_bond")


def gather(started: Started, plan: Plan) -> None:
    """Commit the totals of every day and the whole quarantine; neither depends on how the block was cut."""
    run = started.run
    if lacks(run, "gather"):
        days, _ = read_grid(run)
        summed = np.zeros((len(days) - 1, len(TOTALS)), dtype=np.int64)
        for index in range(plan.partitions):
            part = tables(run, "value", index, ["partition_totals"])["partition_totals"]
            summed += np.column_stack([part[name].to_numpy() for name in TOTALS])
        refused = dataset_of(run, "value", plan.partitions, "refusals")
        quarantine = pa.concat_tables([quarantine_of_check(run), refused])
        run.commit_group("gather", 0, {"daily_totals": _daily_totals(days[1:], summed), "quarantine": quarantine})


def _daily_totals(days: np.ndarray, summed: np.ndarray) -> pa.Table:
    columns = {"date": pa.array(days.astype("datetime64[D]"), pa.date32())}
    for k, name in enumerate(TOTALS):
        columns[name] = pa.array(summed[:, k] if name in COUNTS else summed[:, k] / FIXED)
    return pa.table(columns, schema=SCHEMAS["daily_totals"])


def close(started: Started, plan: Plan, closed: Sequence[Facts]) -> Manifest:
    """Check the whole run against its inputs and itself, and write its manifest."""
    run = started.run
    totals = tables(run, "gather", 0, ["daily_totals"])["daily_totals"]
    parts = parts_of(run, "value", plan.partitions, PUBLISHED)
    parts += parts_of(run, "unit_price", 1, ["unit_prices"]) + parts_of(
        run, "gather", 1, ["daily_totals", "quarantine"]
    )
    return conclude(started, parts, control_totals(plan, closed), checks(plan, closed, totals))


def checks(plan: Plan, closed: Sequence[Facts], totals: pa.Table) -> tuple[Check, ...]:
    """Every identity a daily valuation must meet."""
    facts = plan.facts
    found = [_at_most(closed, "gap", "opening + ledger = closing, by contract and Sub-account, USD")]
    found.append(_at_most(closed, "unit_gap", "Units opening + ledger = closing, by contract and Sub-account"))
    found.append(_at_most(closed, "account_gap", "Account Value = sum over Sub-accounts, by contract, USD"))
    found.append(_at_most(closed, "tax_gap", "taxable + returned + excluded = received, by distribution, USD"))
    found.append(Check.within("payments without tax amounts, by partition", total(closed, "untaxed"), 0))
    found.append(Check.within("contracts without a snapshot, and the other way round", total(closed, "missing"), 0))
    found.append(Check.within("contracts with a negative Account Value", total(closed, "negative"), 0))
    for name in ("contracts", "transactions"):
        used = whole(facts, name) + whole(facts, f"{name}_later") + whole(facts, f"quarantined.{name}")
        found.append(Check.within(f"{name} received = used + quarantined", used, whole(facts, f"received.{name}")))
    last = totals["account_value"][-1].as_py()
    gap = 2.0 * UNIT * total(closed, "pairs")  # every value is rounded once on either side
    closing = total(closed, "closing") * UNIT
    found.append(Check.within("last day's total = sum of snapshots, USD", last, closing, gap))
    return tuple(found)


def _at_most(closed: Sequence[Facts], name: str, label: str) -> Check:
    worst = max((cast(float, one[name]) for one in closed), default=0.0)
    return Check.within(label, worst, 0.0, CLOSES)


def control_totals(plan: Plan, closed: Sequence[Facts]) -> dict[str, float]:
    """Counts, and sums in USD."""
    names = ("contracts", "contracts_later", "transactions", "transactions_later", "transactions_before")
    found = {name: float(whole(plan.facts, name)) for name in names}
    found |= {name: float(whole(plan.facts, name)) for name in plan.facts if name.startswith(PREFIXES)}
    amounts = sorted({name for one in closed for name in one if name.startswith("ledger.")})
    amounts += ["opening", "closing", "surrender_value", "death_benefit", "paid", "taxable", "withholding"]
    for name in amounts:
        found[name] = sum(int(str(one.get(name, 0))) for one in closed) * UNIT
    for name in sorted({name for one in closed for name in one if name.startswith("status.")}):
        found[name] = float(sum(int(str(one.get(name, 0))) for one in closed))
    return found
