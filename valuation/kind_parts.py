"""Which contracts of a block share a kind of living benefit, and how far: kernels are compiled for one kind each.

A contract whose benefit has ended may elect one of another kind.  Its days are then taken in two parts, the second from the
Valuation Day of that election; where the first benefit is still in force on it, the election is refused there.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuation.contract import Integers
from valuation.living.kinds import KINDS, PLAN_NAMES, Kind, kind_of
from valuation.sessions import effective_day


class Part(NamedTuple):
    """Contracts of one kind, and the last of their days in one go."""

    kind: Kind
    rows: Integers  # of the contracts
    until: int  # place among the days


def kind_parts(contracts: pa.Table, transactions: pa.Table, snapshot: pa.Table | None, days: Integers) -> list[Part]:
    """Cut a block by the kind that each contract has at the end of ``days[0]``, or elects first on the days after it.

    contracts, transactions   tables of the schema
    snapshot                  state at the end of ``days[0]``; None: from issue
    """
    names = contracts["contract_id"].to_pylist()
    place = {name: k for k, name in enumerate(names)}
    kinds, until = np.full(len(names), -1, np.int64), np.full(len(names), len(days) - 1, np.int64)
    ended = np.zeros(len(names), np.int64)
    if snapshot is not None:
        held = zip(*(snapshot[name].to_pylist() for name in ("contract_id", "benefit", "benefit_stage")), strict=True)
        for contract, benefit, stage in held:
            if contract in place and stage not in ("NONE", "ENDED"):
                kinds[place[contract]] = kind_of(benefit)
            elif contract in place:
                ended[place[contract]] = kind_of(benefit)  # its state remembers what was
    for contract, benefit, day in _elections(transactions, days):
        k = place.get(contract, -1)
        if k < 0:
            continue
        kind = kind_of(benefit)
        at = int(np.searchsorted(days, day))
        if kinds[k] < 0:
            kinds[k] = kind
        elif kind != kinds[k] and at > 1:
            until[k] = min(until[k], at - 1)
    kinds = np.where(kinds < 0, ended, kinds)
    keys = np.unique(np.column_stack([kinds, until]), axis=0)
    return [Part(KINDS[kind], np.flatnonzero((kinds == kind) & (until == end)), int(end)) for kind, end in keys]


def _elections(transactions: pa.Table, days: Integers) -> list[tuple[str, str, int]]:
    """Contract, plan and Valuation Day of the elections that fall on ``days[1:]``, in order of receipt."""
    asked = transactions.filter(pc.is_in(transactions["benefit"], pa.array(PLAN_NAMES)))
    asked = asked.filter(pc.is_in(asked["kind"], pa.array(("ISSUE", "ELECTION"))))
    if not asked.num_rows:
        return []
    asked = asked.sort_by([("received", "ascending")])
    processed = effective_day(asked["received"].to_numpy().astype("datetime64[s]"))
    inside = (processed > days[0]) & (processed <= days[-1])
    rows = zip(asked["contract_id"].to_pylist(), asked["benefit"].to_pylist(), processed.tolist(), strict=True)
    return [row for row, kept in zip(rows, inside, strict=True) if kept]
