"""A scenario set as a table."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tasks.scenarios import ScenarioSet
from valuation.funds import INDICES
from valuation.scenarios.sets import build_tile


def scenario_table(made: ScenarioSet, days: NDArray[np.int64]) -> pa.Table:
    """Every scenario of a set on every Valuation Day, in the order scenario, day.

    Columns: scenario; date; by index its value over that of the day before; discount factor to the valuation date.
    """
    spec = made.spec
    tiles = [build_tile(spec, made.model, days, k) for k in range(spec.n_tile)]
    values = np.concatenate(tiles, axis=2).transpose(1, 2, 0)
    columns = {
        "scenario": np.repeat(np.arange(spec.n_scenario), spec.n_day),
        "date": pa.array(np.tile(days, spec.n_scenario).astype("datetime64[D]"), pa.date32()),
        **{name: values[k].ravel() for k, name in enumerate((*INDICES, "discount"))},
    }
    return pa.table(columns)
