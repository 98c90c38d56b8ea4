"""What it will cost to project a contract, and beside which others, told from its row of a snapshot.

A block is put in the order of kernels and cut into partitions by cost.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuation.arrays import life_array
from valuation.contract import Array, Integers
from valuation.living.kinds import kind_of
from valuation.portfolio import last_day

ORDINARY, SLOT, BENEFIT, PAYOUT_DAY = 1.2, 0.17, 1.2, 0.85
"""Cost of a calendar day in a scenario, events spread over days, nanoseconds: to the latest Annuity Date, besides for each
Sub-account and with a benefit; afterwards, while guaranteed income is paid.  Fitted to what contracts were measured to
take, `python -m tests.bench cost`."""

CALL = 500.0
"""Cost of a contract besides its days, nanoseconds a scenario."""


def kernel_order(snapshot: pa.Table) -> Integers:
    """Rows in the order of kernels, then of charge classes, then as they are.

    Contracts of one group are projected together: a partition of few groups strikes fewer Unit Prices and loads fewer
    kernels.
    """
    kinds = np.array([kind_of(name) for name in snapshot["benefit"].to_pylist()], dtype=np.int64)
    others = (snapshot["benefit"], snapshot["series"], snapshot["death_benefit_plan"])
    codes = [np.unique(np.array(column.to_pylist(), dtype=str), return_inverse=True)[1] for column in others]
    return np.lexsort((*codes, kinds)).astype(np.int64)


def predicted_cost(snapshot: pa.Table, as_of: int) -> Array:
    """(n_contract,) predicted cost of projecting each contract to the block's horizon, nanoseconds a scenario."""
    life, horizon = life_array(snapshot), last_day(snapshot, as_of)
    account = pc.equal(snapshot["status"], "ACTIVE").to_numpy()
    covered = pc.is_in(snapshot["benefit_stage"], pa.array(["PRE", "POST", "PAYOUT"])).to_numpy()
    slots = np.asarray(pc.list_value_length(snapshot["allocation"]).to_numpy(), dtype=np.float64)
    annuity = np.clip(np.where(account, life[:, 4], as_of), as_of, horizon)
    before, after = annuity - as_of, horizon - annuity
    cost: Array = before * (ORDINARY + SLOT * slots + BENEFIT * covered) + after * PAYOUT_DAY * covered + CALL
    return cost
