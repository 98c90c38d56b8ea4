"""The partitions of the daily valuation: value one, and close one again from what it wrote.

value      snapshot, ledger, payments, tax_amounts, transfers (published), refusals, partition_totals
reconcile  nothing but facts: the greatest gap of opening + ledger = closing, counts, sums
"""

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.daily import Plan
from tasks.declared import rates_of_run
from tasks.fanout import Job
from tasks.parts import Facts, fan_out, tables
from tasks.publish import Run
from tasks.refusals import refused_transactions
from tasks.start import Started
from tasks.unit_prices import read_grid
from valuation.block import DayResult, value_block
from valuation.daily import TOTALS
from valuation.fixed_point import to_fixed

if TYPE_CHECKING:
    from distributed import Client

PUBLISHED = ("snapshot", "ledger", "payments", "tax_amounts", "transfers")


def value(started: Started, plan: Plan, client: "Client | None") -> list[Facts]:
    """Value every partition."""
    jobs = [Job(index, (started.run, index), cost) for index, cost in enumerate(plan.cost)]
    return fan_out(started, client, "value", value_partition, jobs)


def value_partition(run: Run, index: int) -> Facts:
    """Value one partition; may be repeated."""
    block = tables(run, "block", index)
    days, prices = read_grid(run)
    opening = block["block_opening"]
    transactions = block["block_transactions"]
    before = opening if opening.num_rows else None
    rates = rates_of_run(run)
    result = value_block(block["block_contracts"], transactions, before, days, prices, declared=rates)
    written = {
        "snapshot": result.snapshot,
        "ledger": result.ledger,
        "payments": result.payments,
        "tax_amounts": result.tax_amounts,
        "transfers": result.transfers,
        "refusals": _refusals(transactions, result),
        "partition_totals": pa.table({name: result.totals[:, k] for k, name in enumerate(TOTALS)}),
    }
    facts = {
        "contracts": result.snapshot.num_rows,
        "refusals": result.refusals.num_rows,
        "transactions": transactions.num_rows,
    }
    return run.commit_group("value", index, written, facts).extra


def _refusals(transactions: pa.Table, result: DayResult) -> pa.Table:
    """Rows of the quarantine for what the law refused, scheduled transactions included."""
    known = pa.concat_tables([transactions, result.missed], promote_options="permissive")
    refusals = result.refusals
    rows = pc.index_in(refusals["transaction_id"], known["transaction_id"].combine_chunks())
    asked = pc.is_valid(rows)  # an annuitisation at the latest Annuity Date is nobody's request
    codes = refusals["reason_code"].filter(asked).cast(pa.int64()).to_numpy()
    return refused_transactions(known, rows.filter(asked).cast(pa.int64()).to_numpy(), codes)


def reconcile(started: Started, plan: Plan, client: "Client | None") -> list[Facts]:
    """Close every partition from its published tables; a second look that shares no code with the valuation."""
    jobs = [Job(index, (started.run, index), cost) for index, cost in enumerate(plan.cost)]
    return fan_out(started, client, "reconcile", reconcile_partition, jobs)


def reconcile_partition(run: Run, index: int) -> Facts:
    """Opening + ledger = closing for every contract and Sub-account of one partition, and its sums."""
    block = tables(run, "block", index, ["block_contracts", "block_opening"])
    valued = tables(run, "value", index, (*PUBLISHED, "refusals"))
    snapshot, ledger, payments = valued["snapshot"], valued["ledger"], valued["payments"]
    names = ["contract_id", "sub_account"]
    moved = ledger.group_by(names).aggregate([("amount", "sum")]).rename_columns([*names, "moved"])
    opening, closing = _held(block["block_opening"], "opening"), _held(snapshot, "closing")
    joined = opening.join(moved, names, join_type="full outer").join(closing, names, join_type="full outer")
    value = {name: _numbers(joined, name) for name in ("opening", "moved", "closing")}
    gap = value["opening"] + value["moved"] - value["closing"]
    units = ledger.group_by(names).aggregate([("units", "sum")]).rename_columns([*names, "moved"])
    held = _held(block["block_opening"], "opening", "units").join(units, names, join_type="full outer")
    held = held.join(_held(snapshot, "closing", "units"), names, join_type="full outer")
    unit_gap = _numbers(held, "opening") + _numbers(held, "moved") - _numbers(held, "closing")
    whole = closing.group_by("contract_id").aggregate([("closing", "sum")]).rename_columns(["contract_id", "sum"])
    of_contract = snapshot.select(["contract_id", "account_value"]).join(whole, "contract_id", join_type="left outer")
    inside = _numbers(of_contract, "account_value") - _numbers(of_contract, "sum")
    expected = set(block["block_contracts"]["contract_id"].to_pylist())
    held_ids = set(snapshot["contract_id"].to_pylist())
    never_issued = (expected - held_ids) & set(valued["refusals"]["contract_id"].to_pylist())
    facts: dict[str, object] = {
        "gap": float(np.abs(gap).max(initial=0.0)),
        "unit_gap": float(np.abs(unit_gap).max(initial=0.0)),
        "account_gap": float(np.abs(inside).max(initial=0.0)),
        "pairs": joined.num_rows,
        "never_issued": len(never_issued),
        "missing": len((expected ^ held_ids) - never_issued),
        "negative": int(np.sum(_numbers(snapshot, "account_value") < 0.0)),
        "contracts": snapshot.num_rows,
        "opening": _fixed_sum(value["opening"]),
        "closing": _fixed_sum(value["closing"]),
        "surrender_value": _fixed_sum(_numbers(snapshot, "surrender_value")),
        "death_benefit": _fixed_sum(_numbers(snapshot, "death_benefit")),
        "paid": _fixed_sum(_numbers(payments, "paid")),
        **_tax(valued["tax_amounts"], payments),
    }
    facts |= {f"ledger.{kind}": amount for kind, amount in _by(ledger, "kind", "amount").items()}
    facts |= {f"status.{name}": count for name, count in _counts(snapshot, "status").items()}
    return run.commit_group("reconcile", index, {}, facts).extra  # type: ignore[arg-type]


def _tax(amounts: pa.Table, payments: pa.Table) -> Facts:
    """Whether the parts of every distribution are what was received, and every payment has its row; sums."""
    parts = sum(_numbers(amounts, name) for name in ("taxable", "return_of_investment", "excluded"))
    gap = np.abs(parts - _numbers(amounts, "received"))
    keys = ["contract_id", "date", "kind", "gross"]
    return {
        "tax_gap": float(gap.max(initial=0.0)),
        "untaxed": 0 if amounts.select(keys).equals(payments.select(keys)) else payments.num_rows,
        "taxable": _fixed_sum(_numbers(amounts, "taxable")),
        "withholding": _fixed_sum(_numbers(amounts, "withholding")),
    }


def _held(snapshot: pa.Table, name: str, field: str = "value") -> pa.Table:
    """contract_id, sub_account, what is held there."""
    rows = snapshot["units"].combine_chunks()
    flat, parent = pc.list_flatten(rows), pc.list_parent_indices(rows)
    columns = [snapshot["contract_id"].combine_chunks().take(parent), pc.struct_field(flat, "sub_account")]
    return pa.table([*columns, pc.struct_field(flat, field)], names=["contract_id", "sub_account", name])


def _numbers(table: pa.Table, name: str) -> np.ndarray:
    return np.asarray(pc.fill_null(table[name], 0.0).to_numpy(), dtype=np.float64)


def _fixed_sum(amounts: np.ndarray) -> int:
    return int(to_fixed(amounts).sum())


def _by(table: pa.Table, key: str, amount: str) -> dict[str, int]:
    """Sums of amounts by a key, in whole units of 2^-16 USD."""
    fixed = pa.table({"key": table[key], "units": to_fixed(_numbers(table, amount))})
    sums = fixed.group_by("key").aggregate([("units", "sum")])
    return dict(sorted(zip(sums["key"].to_pylist(), sums["units_sum"].to_pylist(), strict=True)))


def _counts(table: pa.Table, key: str) -> dict[str, int]:
    found = table.select([key]).group_by(key).aggregate([(key, "count")])
    return dict(sorted(zip(found[key].to_pylist(), found[f"{key}_count"].to_pylist(), strict=True)))
