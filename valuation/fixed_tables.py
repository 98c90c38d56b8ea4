"""Money in Fixed Rate Options in tables: what a payment tells of it, and the columns of a snapshot.

Source: FIX-1, FIX-5, FIX-6 (prospectus 2240-2290).
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuation.contract import Array, Integers
from valuation.declared_rates import ONE_YEAR, DeclaredRates, credited_rate
from valuation.fixed_block import ENHANCED_COLUMNS, FixedBlock
from valuation.fixed_money import HELD, MONTHS_OF_A_YEAR
from valuation.fixed_requests import MOST_TRANSFERS

PERIOD_COLUMNS = ("date", "amount", "rate", "renewed")


def enhanced_told(transactions: pa.Table) -> Integers:
    """What every row tells of a part for an Enhanced programme, see `valuation.fixed_requests`; 0 for none."""
    if "enhanced_amount" not in transactions.column_names:
        return np.zeros(transactions.num_rows, np.int64)
    part = np.asarray(pc.fill_null(transactions["enhanced_amount"], 0.0).to_numpy(), dtype=np.float64)
    number = np.asarray(pc.fill_null(transactions["number_of_payments"], 0).to_numpy(), dtype=np.int64)
    cents = np.round(part * 100.0).astype(np.int64)
    return np.where(cents > 0, cents * MOST_TRANSFERS + np.clip(number, 0, MOST_TRANSFERS - 1), 0)


def fixed_columns(block: FixedBlock, kept: Integers, holds: Any, today: int) -> dict[str, list[Any]]:
    """Columns of a snapshot for the contracts ``kept``; ``holds`` tells which of them hold or are to receive fixed money."""
    found: dict[str, list[Any]] = {"fixed_rate_periods": [], "enhanced_programmes": [], "fixed_rate_declared": []}
    rate = float(credited_rate(block.terms, block.declared, ONE_YEAR, MONTHS_OF_A_YEAR, False, today))
    for c, held in zip(kept, holds, strict=True):
        used, running = int(block.used[c, 0]), block.enhanced[c, : int(block.programmes[c, 0])]
        periods = (a[c, :used].tolist() for a in (block.day, block.amount, block.rate, block.renewed))
        found["fixed_rate_periods"].append(
            [
                dict(zip(PERIOD_COLUMNS, (_date(row[0]), *row[1:3], row[3] == 1), strict=True))
                for row in zip(*periods, strict=True)
            ]
        )
        found["enhanced_programmes"].append([_programme(row) for row in running if row[5] > 0.0])
        found["fixed_rate_declared"].append(rate if held else None)
    return found


def _programme(row: Array) -> dict[str, Any]:
    values = [_date(row[0]), _date(row[1]), int(row[2]), int(row[3]), *(float(v) for v in row[4:])]
    return dict(zip(ENHANCED_COLUMNS, values, strict=True))


def _date(day: float) -> Any:
    return np.datetime64(int(day), "D").astype(object)


def fixed_state(block: Any) -> list[float]:
    """Every number of the composition of a block's first contract that goes on; none where a block has none."""
    if not isinstance(block, FixedBlock):
        return []
    used, running = int(block.used[0, 0]), block.enhanced[0, : int(block.programmes[0, 0])]
    periods = np.column_stack([a[0, :used] for a in (block.day, block.amount, block.rate, block.renewed)])
    return [float(v) for v in (*periods.ravel(), *running[running[:, 5] > 0.0].ravel(), block.settled[0, HELD])]


def carried_on(snapshot: Any) -> DeclaredRates:
    """The one-year rate declared on the day of a snapshot, from its first day on: what a projection renews at."""
    rates = [rate for rate in snapshot["fixed_rate_declared"].to_pylist() if rate is not None]
    return carried_rate(max(rates, default=0.0))


def carried_rate(rate: float) -> DeclaredRates:
    """A table of one rate of the one-year option, for all time."""
    one, whole = np.array([ONE_YEAR], dtype=np.int64), np.array([MONTHS_OF_A_YEAR], dtype=np.int64)
    return DeclaredRates(np.array([-(10**6)]), one, whole, np.array([rate]), np.zeros(1), np.ones(1, np.int64))
