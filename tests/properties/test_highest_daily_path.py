"""A path of a contract with a Benefit Fixed Rate Account: every day that moves its money is the law, to the last bit."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from tasks.demo_block import demo_block
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.assumptions import load_assumptions
from valuation.block import value_block
from valuation.funds import load_fund_map
from valuation.portfolio import prepare_groups
from valuation.projected_path import follow, transfers
from valuation.sessions import day_number, valuation_days


@pytest.mark.slow
def test_a_path_is_the_law() -> None:
    block, days = demo_block(1, through=date(2008, 8, 29)), valuation_days(date(2007, 11, 30), date(2008, 8, 29))
    place = block.transactions.schema.get_field_index("benefit")
    chosen = ["HD" if name else None for name in block.transactions["benefit"].to_pylist()]
    asked = block.transactions.set_column(place, block.transactions.schema.field(place), pa.array(chosen, pa.string()))
    prices = np.full((len(days), len(CHARGE_CLASSES), len(SLOTS)), 10.0)
    snapshot = value_block(block.contracts, asked, None, days, prices).snapshot
    assert snapshot["benefit"].to_pylist() == ["HD"]
    grid = valuation_days(date(2008, 9, 2), date(2009, 12, 31))
    given = (load_assumptions("best_2008"), load_fund_map(), int(days[-1]), grid, 0.04, prices[-1])
    tile = np.full((len(grid), 6, 1), 0.9985)
    path = follow(prepare_groups(snapshot, *given), snapshot, tile, day_number(date(2009, 6, 30)))
    moved = transfers(path)  # raises where the law, run on the day by itself, does not end where the projection did
    assert (moved > 0.0).sum() >= 2
    assert (path.price[:, -1] == 1.0).all()
    assert path.units[-1, -1] > 0.0
