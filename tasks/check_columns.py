"""The columns of a block as arrays, and how its datasets hang together."""

import datetime
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tasks.intake import RAW, Source
from valuation.clock import completed_years
from valuation.funds import load_subaccounts
from valuation.sessions import FIRST_DAY, LAST_DAY, day_number, effective_day

Mask = NDArray[np.bool_]
Days = NDArray[np.int64]

NO_DAY = -(2**40)
"""Stands for an empty or unreadable date."""
OLDEST = 120
"""Greatest age of a person that is believed, years."""
HD7_NAME = "TrueIncome - Highest Daily 7"
_WHOLE = 1e-9


class Funds(NamedTuple):
    """The Sub-accounts of the prospectus by what they may be used for."""

    all: tuple[str, ...]
    permitted: tuple[str, ...]  # INV-2
    benefit_only: tuple[str, ...]  # INV-4
    bond: str  # of Highest Daily 7 and its Spousal version


@cache
def funds() -> Funds:
    """The 47 Sub-accounts.  Source: INV-1, INV-2, INV-4 (prospectus 1248-1269, 1283-2226)."""
    rows = load_subaccounts()
    return Funds(
        tuple(row.name for row in rows),
        tuple(row.name for row in rows if row.permitted),
        tuple(row.name for row in rows if row.benefit_only),
        next(row.name for row in rows if HD7_NAME in row.benefit_only_for),
    )


class Rows:
    """The columns of one dataset as arrays; a null is False, NaN or `NO_DAY`."""

    def __init__(self, source: Source) -> None:
        self.source, self.table = source, source.table
        self.size = int(self.table.num_rows)

    def none(self) -> Mask:
        """No row."""
        return np.zeros(self.size, dtype=np.bool_)

    def text(self, name: str) -> pa.ChunkedArray:
        """A column as Arrow holds it."""
        return self.table.column(name)

    def valid(self, name: str) -> Mask:
        """Rows whose cell was given, readable or not."""
        return mask(pc.is_valid(self.text(name))) | self.unread(name)

    def unread(self, name: str) -> Mask:
        """Rows whose cell could not be read as its type."""
        raw = RAW + name
        return mask(pc.is_valid(self.table.column(raw))) if raw in self.table.column_names else self.none()

    def among(self, name: str, values: tuple[str, ...]) -> Mask:
        """Rows whose cell is one of ``values``."""
        return self.within(name, pa.array(values, pa.string()))

    def within(self, name: str, values: pa.Array | pa.ChunkedArray) -> Mask:
        """Rows whose cell occurs in another column."""
        return mask(pc.is_in(self.text(name), values, skip_nulls=True))

    def number(self, name: str) -> NDArray[np.float64]:
        """A column of numbers; NaN where there is none."""
        return np.asarray(self.text(name).to_numpy(zero_copy_only=False), dtype=np.float64)

    def day(self, name: str) -> Days:
        """A column of dates or times as day numbers."""
        days = self.text(name).cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
        return np.asarray(pc.fill_null(days, NO_DAY).to_numpy(), dtype=np.int64)

    def repeated(self, *names: str) -> Mask:
        """Rows whose key occurs in another row too; a key with an empty part is no key."""
        keys = self.table.select(list(names)).append_column("at", pa.array(np.arange(self.size)))
        whole = np.ones(self.size, dtype=np.bool_)
        for name in names:
            whole &= mask(pc.is_valid(self.text(name)))
        counts = keys.group_by(list(names)).aggregate([("at", "count")])
        twice = counts.filter(pc.greater(counts["at_count"], 1)).select(list(names))
        found = keys.join(twice, list(names), join_type="inner")["at"].to_numpy() if twice.num_rows else []
        again = self.none()
        again[np.asarray(found, dtype=np.int64)] = True
        return np.asarray(again & whole)


class Block:
    """All datasets of a run, and where the rows of one stand in the others."""

    def __init__(self, sources: Mapping[str, Source], valuation_date: datetime.date) -> None:
        self.rows = {name: Rows(one) for name, one in sources.items()}
        self.valuation_day = day_number(valuation_date)
        transactions = self.rows["transactions"]
        self.contract_of = self.position("contracts", transactions.text("contract_id"))
        self.effective = self._effective(transactions)
        self.lists = Lists(transactions)

    def __getitem__(self, dataset: str) -> Rows:
        return self.rows[dataset]

    def position(self, dataset: str, ids: pa.ChunkedArray) -> Days:
        """Row of each contract in a dataset; -1 where it has none."""
        if dataset not in self.rows:
            return np.full(len(ids), -1, dtype=np.int64)
        values = self.rows[dataset].text("contract_id").combine_chunks()
        at = pc.fill_null(pc.index_in(ids, values, skip_nulls=True).cast(pa.int64()), -1)
        return np.asarray(at.to_numpy(), dtype=np.int64)

    def of_contract(self, values: Days, otherwise: int = NO_DAY) -> Days:
        """A value of contracts, for each transaction; ``otherwise`` where the contract is not there."""
        if not values.size:
            return np.full(self.contract_of.size, otherwise, dtype=np.int64)
        return np.where(self.contract_of >= 0, values[self.contract_of], otherwise)

    def _effective(self, rows: Rows) -> Days:
        days = rows.day("received")
        usable = (days >= day_number(FIRST_DAY)) & (days <= day_number(LAST_DAY) - 10)
        effective = np.full(rows.size, NO_DAY, dtype=np.int64)
        times = rows.text("received").to_numpy().astype("datetime64[s]")
        effective[usable] = effective_day(times[usable])
        return effective


class Lists:
    """The allocation lists of all transactions, end to end."""

    def __init__(self, rows: Rows) -> None:
        column = rows.text("allocation").combine_chunks()
        self.size = rows.size
        self.parent = np.asarray(pc.list_parent_indices(column).to_numpy(), dtype=np.int64)
        flat = pc.list_flatten(column)
        self.names = pc.struct_field(flat, "sub_account")
        weights = pc.struct_field(flat, "weight")
        self.weights = np.asarray(pc.fill_null(weights, float("nan")).to_numpy(zero_copy_only=False), dtype=np.float64)

    def rows_with(self, entries: Mask) -> Mask:
        """Rows that have one of ``entries`` in their list."""
        return np.asarray(np.bincount(self.parent[entries], minlength=self.size) > 0)

    def any_in(self, values: tuple[str, ...], inside: bool) -> Mask:
        """Rows whose list names a Sub-account among ``values``, or outside them."""
        found = mask(pc.is_in(self.names, pa.array(values, pa.string())))
        return self.rows_with(found if inside else ~found)

    def not_one(self) -> Mask:
        """Rows whose weights are not above 0 or do not sum to 1; an empty list is none."""
        sums = np.bincount(self.parent, weights=np.nan_to_num(self.weights, nan=np.inf), minlength=self.size)
        listed = np.bincount(self.parent, minlength=self.size) > 0
        return np.asarray(self.rows_with(~(self.weights > 0.0)) | (listed & (np.abs(sums - 1.0) > _WHOLE)))

    def repeated(self) -> Mask:
        """Rows whose list names a Sub-account twice."""
        name = pc.fill_null(self.names, "").dictionary_encode().indices.to_numpy()
        key = self.parent * (int(name.max(initial=0)) + 1) + name
        _, first, count = np.unique(key, return_index=True, return_counts=True)
        again = np.zeros(len(key), dtype=np.bool_)
        again[first[count > 1]] = True
        return self.rows_with(again)


def ages(birth: Days, on: Days) -> Days:
    """Completed years from one date to the other; -1 where one is missing or they are in the wrong order."""
    known = (birth != NO_DAY) & (on != NO_DAY) & (birth <= on)
    found = np.full(birth.size, -1, dtype=np.int64)
    found[known] = [completed_years(int(b), int(d)) for b, d in zip(birth[known], on[known], strict=True)]
    return found


def mask(values: pa.Array | pa.ChunkedArray) -> Mask:
    """An Arrow column of flags as an array; a null is False."""
    filled = pc.fill_null(values, False)
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.bool_)
