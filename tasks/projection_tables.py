"""What a projection found, as tables."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from valuation.arrays import slots_of
from valuation.contract import STATUS_NAMES
from valuation.estimate import mean_estimate
from valuation.fixed_point import from_fixed
from valuation.living.kinds import kind_with
from valuation.projected import MEASURES
from valuation.projected_path import Path, figures, transfers
from valuation.projected_years import STATE, benefit_values
from valuation.results import FIGURES, units_column
from valuation.schema import SCHEMAS

Array = NDArray[np.float64]
Fixed = NDArray[np.int64]
Key = tuple[str | int, ...]


def seriatim(
    day: date, basis: str, ids: Sequence[str], values: Mapping[str, Array], per_sample: int
) -> pa.Table:  # fmt: skip
    """Mean and standard error of every measure (n_contract, n_scenario) of every contract."""
    rows = []
    for name, one in values.items():
        mean = mean_estimate(one, per_sample)
        columns = {
            "valuation_date": pa.repeat(day, len(ids)),
            "basis": pa.repeat(basis, len(ids)),
            "contract_id": ids,
            "measure": pa.repeat(name, len(ids)),
            "value": mean.value,
            "standard_error": mean.standard_error,
        }
        rows.append(pa.table(columns, schema=SCHEMAS["projection_seriatim"]))
    return pa.concat_tables(rows)


def units_by_scenario(rows: Mapping[Key, Fixed]) -> pa.Table:
    """Whole units (n_scenario,) by key, one list a row; the parts of the key are columns key_0, key_1 ..."""
    keys = list(zip(*rows, strict=True))
    columns: dict[str, Any] = {f"key_{k}": pa.array(list(values)) for k, values in enumerate(keys)}
    return pa.table(columns | {"units": pa.array(list(rows.values()), pa.list_(pa.int64()))})


def units_of(table: pa.Table) -> dict[Key, Fixed]:
    """The rows that `units_by_scenario` wrote."""
    keys = zip(*(table[name].to_pylist() for name in table.schema.names[:-1]), strict=True)
    return {key: np.asarray(one.values.to_numpy()) for key, one in zip(keys, table["units"], strict=True)}


def _repeated(basis: str, ids: Sequence[str], ends: Fixed, n_scenario: int, each: int) -> dict[str, Any]:
    """Columns that say whose row it is, in the order contract, scenario, year, ``each`` rows a year."""
    n_year, n = len(ends), len(ids)
    per_contract = n_scenario * n_year * each
    owner = np.repeat(np.arange(n, dtype=np.int32), per_contract)
    years = np.tile(np.repeat(np.arange(n_year), each), n * n_scenario)
    return {
        "basis": pa.repeat(basis, n * per_contract),
        "contract_id": pa.array(list(ids), pa.string()).take(pa.array(owner)),
        "scenario": np.tile(np.repeat(np.arange(n_scenario), n_year * each), n),
        "year": (years + 1).astype(np.int32),
        "year_end": pa.array(ends[years].astype("datetime64[D]"), pa.date32()),
    }


def yearly(basis: str, ids: Sequence[str], ends: Fixed, flows: Fixed, present: Fixed) -> pa.Table:
    """projection_yearly of (n_year, n_contract, 9, n_scenario) units, not discounted and discounted."""
    n_scenario = flows.shape[3]
    columns = _repeated(basis, ids, ends, n_scenario, len(MEASURES))
    n = len(ids) * n_scenario * len(ends)
    columns["measure"] = pa.array(MEASURES).take(pa.array(np.tile(np.arange(len(MEASURES)), n)))
    order = (1, 3, 0, 2)
    columns["cash_flow"] = from_fixed(flows.transpose(order).ravel())
    columns["present_value"] = from_fixed(present.transpose(order).ravel())
    return pa.table(columns, schema=SCHEMAS["projection_yearly"])


def states(basis: str, ids: Sequence[str], ends: Fixed, found: Array) -> pa.Table:
    """projection_states of (n_year, n_contract, 8, n_scenario) columns `valuation.projected_years.STATE`."""
    columns = _repeated(basis, ids, ends, found.shape[3], 1)
    rows = found.transpose(2, 1, 3, 0).reshape(len(STATE), -1)
    columns["status"] = pa.array(STATUS_NAMES).take(pa.array(rows[0].astype(np.int64)))
    columns |= {name: rows[k] for k, name in enumerate(STATE) if k > 0}
    return pa.table(columns, schema=SCHEMAS["projection_states"])


def path_table(basis: str, scenario: int, path: Path) -> pa.Table:
    """projection_path of one contract in one scenario."""
    n = len(path.days)
    columns: dict[str, Any] = {
        "basis": pa.repeat(basis, n),
        "contract_id": pa.repeat(path.portfolio.contract_ids[0], n),
        "scenario": np.full(n, scenario),
        "date": pa.array(path.days.astype("datetime64[D]"), pa.date32()),
        "status": pa.array(STATUS_NAMES).take(pa.array(path.core[:, 0].astype(np.int64))),
        "units": units_column(path.units, path.price, slots_of(kind_with(path.opening.blank))),
        "transfer": transfers(path),
        "in_force": path.in_force,
        "discount": path.discount,
    }
    derived = figures(path)
    columns |= {name: derived[:, k] for k, name in enumerate(FIGURES)}
    columns |= dict(zip(STATE[4:], benefit_values(path.portfolio.groups[0], path.income), strict=True))
    columns |= {name: path.cash[:, k] for k, name in enumerate(MEASURES)}
    schema = SCHEMAS["projection_path"]
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)
