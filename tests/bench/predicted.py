"""The predicted cost of contracts, by which a block is cut into partitions, against what they were measured to cost."""

from functools import cache
from typing import NamedTuple

import numpy as np

from tests.bench.material import AS_OF, copies, material, prepared
from tests.bench.measured import Row, Section, race
from tests.bench.tiles import full_tile
from valuation.contract import Array, Integers
from valuation.portfolio import predicted_cost, project
from valuation.sessions import day_number

LANES = 64
COPIES = 4


class Costs(NamedTuple):
    """Cost of some contracts of a block."""

    rows: Integers  # of the snapshot
    predicted: Array  # as `predicted_cost` has it
    measured: Array  # processor seconds on one tile


@cache
def costs(contracts: int, sample: int) -> Costs:
    """Every contract of a sample by itself: what copies of it take longer than one, on one tile to the last age."""
    made = material(contracts)
    snapshot = made.snapshot
    days, scenarios = full_tile(contracts, LANES)
    rows = np.unique(np.linspace(0, snapshot.num_rows - 1, sample).astype(np.int64))
    measured = []
    for row in rows:
        few, many = (prepared(made, copies(snapshot, int(row), n), days) for n in (1, 1 + COPIES))
        took = race(*(lambda held=held: project(held, scenarios, None) for held in (few, many)), times=5)
        measured.append((took[1] - took[0]) / COPIES)
    return Costs(rows, predicted_cost(snapshot, day_number(AS_OF))[rows], np.array(measured))
