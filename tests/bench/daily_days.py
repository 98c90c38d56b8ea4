"""The daily valuation: the kernel alone, and tables to tables."""

import time

import numpy as np

from tests.bench.material import material
from tests.bench.measured import Row, Section, seconds
from valuation.arrays import SLOTS, life_array, open_block, resolve_events
from valuation.block import new_journal, value_block
from valuation.daily import TOTALS, History, roll_forward
from valuation.terms import load_terms

JOURNAL_ROWS = 1500
"""Rows kept for a contract."""


def daily(count: int) -> Section:
    """Contract-days a second."""
    made = material(count)
    contracts = made.block.contracts.sort_by("contract_id")
    life = life_array(contracts)
    resolved = resolve_events(made.block.transactions, contracts["contract_id"].to_pylist(), life, made.days)
    history = History(made.days, made.prices, resolved.events, resolved.day, resolved.history_first)
    totals = np.zeros((len(made.days), len(TOTALS)), np.int64)
    most = int(np.diff(resolved.history_first).max())
    best = np.inf
    for _ in range(4):
        block = open_block(contracts, None, life, made.days, most)
        journal = new_journal(JOURNAL_ROWS * count, len(SLOTS))
        totals[:] = 0
        begun = time.process_time()
        if roll_forward(block, history, load_terms(True), journal, totals, 0) != contracts.num_rows:
            raise AssertionError("the journal of the benchmark is too small")
        best = min(best, time.process_time() - begun)
    in_days = int(totals[:, 0].sum())
    whole = seconds(lambda: value_block(made.block.contracts, made.block.transactions, None, made.days, made.prices))
    note = f"contract-days, one core; {contracts.num_rows:,} contracts, ledger on"
    rows = [
        Row("daily_kernel", "kernel", in_days / best, "a second", note),
        Row("daily_tables", "tables to tables", in_days / whole, "a second", "contract-days"),
    ]
    return Section("The daily valuation", rows)
