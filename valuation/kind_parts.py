"""Which contracts of a block share a kind of living benefit, and how far: kernels are compiled for one kind each.

A contract whose benefit has ended may elect one of another kind.  Its days are then taken in two parts, the second from the
Valuation Day of that election; where the first benefit is still in force on it, the election is refused there.  A contract
without a benefit in force that asks for a Fixed Rate Option is of the kind that holds them, until it holds none and elects.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuation.contract import Integers
from valuation.investment_options import FIXED_NAMES
from valuation.living.kinds import FIXED, KINDS, PLAN_NAMES, Kind, kind_of
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
        fixed = set(holders(snapshot))
        for contract, benefit, stage in held:
            if contract in fixed and contract in place:
                kinds[place[contract]] = FIXED
            elif contract in place and stage not in ("NONE", "ENDED"):
                kinds[place[contract]] = kind_of(benefit)
            elif contract in place:
                ended[place[contract]] = kind_of(benefit)  # its state remembers what was
    for contract, kind, day in sorted(_elections(transactions, days), key=lambda row: row[2]):
        k = place.get(contract, -1)
        if k < 0:
            continue
        at = int(np.searchsorted(days, day))
        if kinds[k] < 0:
            kinds[k] = kind
        elif kind != kinds[k] and at > 1:
            until[k] = min(until[k], at - 1)
    kinds = np.where(kinds < 0, ended, kinds)
    keys = np.unique(np.column_stack([kinds, until]), axis=0)
    return [Part(KINDS[kind], np.flatnonzero((kinds == kind) & (until == end)), int(end)) for kind, end in keys]


def holders(snapshot: pa.Table) -> list[str]:
    """Contracts of a snapshot that hold Fixed Rate Options, or whose allocation instructions name one."""
    if "fixed_rate_declared" not in snapshot.column_names:
        return []
    return list(snapshot["contract_id"].filter(pc.is_valid(snapshot["fixed_rate_declared"])).to_pylist())


def _elections(transactions: pa.Table, days: Integers) -> list[tuple[str, int, int]]:
    """Contract, kind and Valuation Day of what decides a kind on ``days[1:]``, in order of receipt."""
    elected = pc.is_in(transactions["benefit"], pa.array(PLAN_NAMES))
    elected = pc.and_(elected, pc.is_in(transactions["kind"], pa.array(("ISSUE", "ELECTION"))))
    found = _dated(transactions.filter(elected), days)
    return [*_fixed(transactions, days), *((contract, kind_of(plan), day) for contract, plan, day in found)]


def _fixed(transactions: pa.Table, days: Integers) -> list[tuple[str, int, int]]:
    """The same of requests that name a Fixed Rate Option."""
    names, n = pa.array(FIXED_NAMES), transactions.num_rows
    asked = np.zeros(n, dtype=np.bool_)
    for column in ("source_sub_account", "target_sub_account"):
        asked |= np.asarray(pc.fill_null(pc.is_in(transactions[column], names), False).to_numpy())
    if "enhanced_amount" in transactions.column_names:
        asked |= np.asarray(pc.fill_null(pc.greater(transactions["enhanced_amount"], 0.0), False).to_numpy())
    lists = transactions["allocation"].combine_chunks()
    named = pc.is_in(pc.struct_field(pc.list_flatten(lists), "sub_account"), names)
    asked[pc.list_parent_indices(lists).filter(named).to_numpy()] = True
    kinds = ("ISSUE", "PURCHASE_PAYMENT", "ALLOCATION", "TRANSFER")
    asked &= np.asarray(pc.is_in(transactions["kind"], pa.array(kinds)).to_numpy())
    if not asked.any():
        return []
    return [(contract, FIXED, day) for contract, _, day in _dated(transactions.filter(pa.array(asked)), days)]


def _dated(asked: pa.Table, days: Integers) -> list[tuple[str, str, int]]:
    """Contract, plan and Valuation Day of the requests that fall on ``days[1:]``, in order of receipt."""
    if not asked.num_rows:
        return []
    asked = asked.sort_by([("received", "ascending")])
    processed = effective_day(asked["received"].to_numpy().astype("datetime64[s]"))
    inside = (processed > days[0]) & (processed <= days[-1])
    rows = zip(asked["contract_id"].to_pylist(), asked["benefit"].to_pylist(), processed.tolist(), strict=True)
    return [row for row, kept in zip(rows, inside, strict=True) if kept]
