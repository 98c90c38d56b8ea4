"""A block to try the system on: contracts and their transactions from a seed, as the datasets of the schema.

Contract n is the same whatever the number of contracts.  On request the block contains rows that are wrong on purpose,
with the list of them.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tasks.check_columns import funds
from tasks.demo_defects import Defect, bad_rows
from tasks.demo_events import NOT, Acts, acts
from tasks.demo_people import STEPS, Integers, People, people
from valuation.schema import ALLOCATION, BASES, ELECTABLE, KINDS, SCHEMAS, SERIES, TAX_TYPES
from valuation.sessions import day_number

DEFAULT_SEED = 20080501
DEFAULT_THROUGH = date(2008, 10, 31)


class DemoBlock(NamedTuple):
    """A generated block."""

    contracts: pa.Table
    transactions: pa.Table
    defects: tuple[Defect, ...]  # what is wrong in it on purpose


def demo_block(
    contracts: int = 2000, seed: int = DEFAULT_SEED, through: date = DEFAULT_THROUGH, defects: int = 0
) -> DemoBlock:
    """The first ``contracts`` contracts of a seed with everything received up to ``through``.

    Contracts issued after ``through`` are left out.  ``defects`` copies of every known kind of bad row are added, on
    contracts of their own.  Raises ValueError for a number below 1 or a day before the first Issue Date.
    """
    if contracts < 1 or defects < 0 or seed < 0:
        raise ValueError(
            f"{contracts} contracts, seed {seed}, {defects} defects: allowed are 1 or more, 0 or more, 0 or more"
        )
    owners = people(seed, contracts)
    last_day = day_number(through)
    known = owners.issue <= last_day
    if not known.any():
        raise ValueError(f"no contract of the demonstration block is issued by {through}: ask for a later day")
    done = acts(seed, owners, last_day)
    done = Acts._make(column[known[done.contract]] for column in done)
    block = DemoBlock(_contracts(owners, np.flatnonzero(known)), _transactions(done), ())
    if defects == 0:
        return block
    bad_contracts, bad_transactions, listed = bad_rows(defects)
    return DemoBlock(
        pa.concat_tables([_relaxed(block.contracts), bad_contracts]),
        pa.concat_tables([_relaxed(block.transactions), bad_transactions]),
        listed,
    )


def _relaxed(table: pa.Table) -> pa.Table:
    """The same table in a schema that lets every field be empty, as bad rows need."""
    return table.cast(pa.schema([item.with_nullable(True) for item in table.schema], table.schema.metadata))


def _names(contract: Integers) -> list[str]:
    return [f"VA{number + 1:07d}" for number in contract.tolist()]


def _dates(days: Integers, none: NDArray[np.bool_] | None = None) -> pa.Array:
    return pa.array(days.astype("datetime64[D]"), pa.date32(), mask=none)


def _codes(names: tuple[str, ...], at: Integers) -> pa.Array:
    """Codes by position; null where the position is `NOT`."""
    return pa.array(names).take(pa.array(at, mask=at == NOT))


def _sexes(male: NDArray[np.bool_], none: NDArray[np.bool_] | None = None) -> pa.Array:
    return pa.array(np.where(male, "M", "F"), pa.string(), mask=none)


def _contracts(owners: People, rows: Integers) -> pa.Table:
    one = People._make(column[rows] for column in owners)
    single = one.spouse_birth == 0
    columns = [
        pa.array(_names(rows)),
        _codes(SERIES, one.series),
        _dates(one.issue),
        _codes(TAX_TYPES, one.tax),
        pa.array(one.entity),
        _dates(one.owner_birth),
        _sexes(one.owner_male),
        _dates(one.annuitant_birth),
        _sexes(one.annuitant_male),
        _dates(one.spouse_birth, single),
        _sexes(one.spouse_male, single),
    ]
    schema = SCHEMAS["contracts"]
    columns += [pa.nulls(len(rows), item.type) for item in list(schema)[len(columns) :]]
    return pa.table(columns, schema=schema)


def _transactions(done: Acts) -> pa.Table:
    starts = np.flatnonzero(np.diff(done.contract, prepend=-1))
    within = np.arange(done.contract.size) - np.repeat(starts, np.diff(starts, append=done.contract.size))
    names = _names(done.contract)
    permitted = funds().permitted
    columns = [
        pa.array([f"{name}-{k:04d}" for name, k in zip(names, within.tolist(), strict=True)]),
        pa.array(names),
        pa.array(done.received.astype("datetime64[s]"), pa.timestamp("s")),
        _codes(KINDS, done.kind),
        pa.array(done.amount, mask=np.isnan(done.amount)),
        _codes(BASES, done.basis),
        _codes(ELECTABLE, done.benefit),
        _allocations(done.weights, permitted),
        _codes(permitted, done.source),
        _codes(permitted, done.target),
        _dates(done.event, done.event == NOT),
    ]
    columns += [pa.nulls(len(names), item.type) for item in list(SCHEMAS["transactions"])[len(columns) :]]
    return pa.table(columns, schema=SCHEMAS["transactions"])


def _allocations(weights: Integers, names: tuple[str, ...]) -> pa.Array:
    row, fund = np.nonzero(weights)
    offsets = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(weights)))]).astype(np.int32)
    parts = pa.StructArray.from_arrays(
        [pa.array(names).take(pa.array(fund)), pa.array(weights[row, fund] / STEPS)],
        fields=list(ALLOCATION.value_type),
    )
    none = pa.array(weights.sum(axis=1) == 0)
    return pa.ListArray.from_arrays(pa.array(offsets), parts, type=ALLOCATION, mask=none)
