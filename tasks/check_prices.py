"""Which contracts lack a price of a Sub-account they can hold.

A contract can hold a Sub-account from the first instruction that names it on, the bond Sub-account from the election of
a benefit on, and a Sub-account of its opening snapshot from that day on; until it is surrendered.  What it does hold
comes out only of the valuation itself, so that the test errs on the side of asking for a price.

Source: UNIT-2, UNIT-5, ATF-12 (prospectus 10283-10294, 6171-6172)
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tasks.check_columns import NO_DAY, Block, Days, Mask, funds, mask
from valuation.sessions import day_date, valuation_days

_NEVER = 2**40


def missing_prices(block: Block, good: dict[str, Mask]) -> dict[int, str]:
    """Row of each contract that lacks a price, with the first such Sub-account and date.

    ``good``  rows of each dataset that no other rule refuses; the others neither hold nor price anything
    """
    contract, fund, since = _holdings(block, good)
    ends = _ends(block, good["transactions"])
    if not contract.size:
        return {}
    lacking: dict[int, str] = {}
    expected = _sessions(int(since.min()), block.valuation_day)
    for k, name in enumerate(funds().all):
        mine = fund == k
        gaps = np.setdiff1d(expected, _priced(block, good["prices"], name)) if mine.any() else expected[:0]
        if not gaps.size:
            continue
        at = np.searchsorted(gaps, since[mine])
        day = gaps[np.minimum(at, gaps.size - 1)]
        short = (at < gaps.size) & (day <= ends[contract[mine]])
        for row, missing in zip(contract[mine][short], day[short], strict=True):
            lacking.setdefault(int(row), f"{name} on {day_date(int(missing))}")
    return lacking


def _sessions(first: int, last: int) -> Days:
    return valuation_days(day_date(first), day_date(last)) if first <= last else np.empty(0, dtype=np.int64)


def _priced(block: Block, good: Mask, name: str) -> Days:
    rows = block["prices"]
    return rows.day("date")[good & rows.among("sub_account", (name,))]


def _ends(block: Block, good: Mask) -> Days:
    """Day each contract is surrendered."""
    rows = block["transactions"]
    ends = np.full(block["contracts"].size, _NEVER, dtype=np.int64)
    gone = good & rows.among("kind", ("SURRENDER", "FREE_LOOK")) & (block.contract_of >= 0)
    np.minimum.at(ends, block.contract_of[gone], block.effective[gone])
    return ends


def _holdings(block: Block, good: dict[str, Mask]) -> tuple[Days, Days, Days]:
    """Contract, Sub-account and first day of all that contracts can hold, as three arrays."""
    rows, lists = block["transactions"], block.lists
    usable = good["transactions"] & (block.contract_of >= 0) & (block.effective != NO_DAY)
    parts: list[tuple[Days, Days, Days]] = []

    def add(at: NDArray[np.intp], names: pa.Array | pa.ChunkedArray) -> None:
        parts.append((block.contract_of[at], _fund(names), block.effective[at]))

    entries = np.flatnonzero(usable[lists.parent])
    add(lists.parent[entries], lists.names.take(pa.array(entries)))
    moved = np.flatnonzero(usable & rows.valid("target_sub_account"))
    add(moved, rows.text("target_sub_account").take(pa.array(moved)))
    elected = np.flatnonzero(usable & rows.among("kind", ("ELECTION",)))
    add(elected, pa.array([funds().bond] * elected.size, pa.string()))
    if "snapshot" in block.rows:
        parts += _opening(block, good["snapshot"])
    contract, fund, since = (np.concatenate([part[i] for part in parts]) for i in range(3))
    return contract[fund >= 0], fund[fund >= 0], since[fund >= 0]


def _opening(block: Block, good: Mask) -> list[tuple[Days, Days, Days]]:
    """What contracts hold by their snapshot or go into by programme, and the bond Sub-account where a benefit is in force."""
    rows = block["snapshot"]
    contract = block.position("contracts", rows.text("contract_id"))
    usable, since = good & (contract >= 0), rows.day("valuation_date")
    units = rows.text("units").combine_chunks()
    parent = np.asarray(pc.list_parent_indices(units).to_numpy(), dtype=np.int64)
    flat = pc.list_flatten(units)
    held = mask(pc.greater(pc.struct_field(flat, "units"), 0.0)) & usable[parent]
    at = np.flatnonzero(held)
    names = pc.struct_field(flat, "sub_account").take(pa.array(at))
    bound = np.flatnonzero(usable & rows.among("benefit_stage", ("PRE", "POST")))
    bond = np.full(bound.size, funds().all.index(funds().bond), dtype=np.int64)
    held_now = (contract[parent[at]], _fund(names), since[parent[at]])
    entered, into = _of_programmes(rows.text("programmes").combine_chunks(), usable)
    return [held_now, (contract[entered], into, since[entered]), (contract[bound], bond, since[bound])]


def _of_programmes(programmes: pa.ListArray, usable: Mask) -> tuple[NDArray[np.intp], Days]:
    """Snapshot row and Sub-account of all that programmes in force go into.  Source: DCA-1, AR-1."""
    owner = np.asarray(pc.list_parent_indices(programmes).to_numpy(), dtype=np.int64)
    goals = pc.struct_field(pc.list_flatten(programmes), "allocation")
    row = owner[np.asarray(pc.list_parent_indices(goals).to_numpy(), dtype=np.int64)]
    names = pc.struct_field(pc.list_flatten(goals), "sub_account")
    return row[usable[row]], _fund(names)[usable[row]]


def _fund(names: pa.Array | pa.ChunkedArray) -> Days:
    """Number of each Sub-account; -1 for one that is not of the prospectus."""
    found = pc.fill_null(pc.index_in(names, pa.array(funds().all)).cast(pa.int64()), -1)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)
