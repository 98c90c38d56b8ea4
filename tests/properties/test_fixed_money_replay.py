"""Fixed Rate Options in both drivers: a simulated path replayed as history gives the same contract to the last bit."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from tests.support.fixed_money_block import IN_SUBS, ONE_YEAR, SUBS, FixedMoneyBlock
from valuation.arrays import CHARGE_CLASSES, SLOTS, life_array, open_block
from valuation.assumptions import load_assumptions
from valuation.block import new_journal
from valuation.daily import TOTALS, History, roll_forward, rows_needed
from valuation.declared_rates import DeclaredRate, declare
from valuation.events import Events
from valuation.fixed_block import FixedBlock, fixed_of
from valuation.funds import load_fund_map
from valuation.lanes import fill_prices
from valuation.living.kinds import kind_with, terms_of
from valuation.portfolio import Portfolio, Prepared, in_force, prepare_groups, project_group
from valuation.projected import Lanes
from valuation.sessions import day_date, day_number, valuation_days
from valuation.terms import load_terms

AS_OF, END, LANES = date(2008, 10, 31), date(2012, 6, 29), 3
RATES = declare(
    [
        DeclaredRate(date(1995, 1, 2), "ONE_YEAR", 12, 0.03, 0.01),
        DeclaredRate(date(1995, 1, 2), "ENHANCED", 6, 0.03),
        DeclaredRate(date(1995, 1, 2), "ENHANCED", 12, 0.05),
    ]
)
HALF = {SUBS[0]: 0.3, SUBS[1]: 0.2, ONE_YEAR: 0.5}
STORIES = {
    "longevity": {"issue": "1999-02-01", "parts": HALF, "series": "X"},
    "all of it": {"issue": "2008-01-31", "parts": {ONE_YEAR: 1.0}, "amount": 40_000.0},
    "enhanced": {"issue": "2008-09-10", "parts": IN_SUBS, "enhanced_amount": 60_000.0, "number_of_payments": 12},
    "both": {"issue": "2008-10-02", "parts": HALF, "enhanced_amount": 9_000.0, "number_of_payments": 6},
    "with a Death Benefit": {"issue": "2008-06-02", "parts": HALF, "benefit": "COMBINATION"},
}
"""A Longevity Credit falls on the tenth and later anniversaries; the fee of an Annuity below the threshold on each."""


def _snapshot(name: str) -> pa.Table:
    row = FixedMoneyBlock(rates=RATES, **STORIES[name]).on(str(AS_OF)).snapshot  # type: ignore[arg-type]
    assert row is not None
    place = row.schema.get_field_index("contract_id")
    return in_force(row).set_column(place, row.schema.field(place), pa.array([f"C-{list(STORIES).index(name)}"]))


def _tile(n_day: int) -> np.ndarray:
    draw = np.random.Generator(np.random.Philox(5)).standard_normal((n_day, 6, LANES))
    ratios = np.exp(draw * np.array([0.015, 0.02, 0.016, 0.003, 0.0, 0.0])[:, None])
    ratios[:, 4:] = 1.00005
    ratios[:, 5] = np.cumprod(np.full((n_day, LANES), 0.99985), axis=0)
    return np.asarray(ratios)


def _replayed(snapshot: pa.Table, portfolio: Portfolio, prepared: Prepared, path: np.ndarray, lane: int) -> FixedBlock:
    kind, rows = kind_with(prepared.group.blank), snapshot.take(pa.array(prepared.place))
    days = np.concatenate([[portfolio.as_of], portfolio.grid])
    block = open_block(rows, rows, life_array(rows), np.array([portfolio.as_of]), 0, kind)
    block = block._replace(fixed=block.fixed._replace(declared=prepared.fixed.declared))
    row = block.charge_class[0]
    prices = np.ones((len(days), len(CHARGE_CLASSES), len(SLOTS)))
    prices[0, row] = prepared.price
    prices[1:, row] = path[:, :, lane].T
    prices[:, :, -1] = 1.0
    nothing = np.zeros(0, np.int64)
    events = Events(nothing, np.zeros(0), nothing, nothing, nothing, nothing, np.zeros((0, len(SLOTS))))
    history = History(days, prices, events, nothing, np.zeros(len(prepared.place) + 1, np.int64))
    journal = new_journal(len(prepared.place) * (rows_needed(history, len(SLOTS), 0) + 1), len(SLOTS))
    totals = np.zeros((len(days), len(TOTALS)), np.int64)
    assert roll_forward(block, history, terms_of(kind, load_terms(False)), journal, totals, 0) == len(prepared.place)
    return block


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_simulated_path_replayed_as_history_gives_the_same_contract() -> None:
    snapshot = pa.concat_tables([_snapshot(name) for name in STORIES])
    as_of, price = day_number(AS_OF), np.full((len(CHARGE_CLASSES), len(SLOTS)), 10.0)
    grid = valuation_days(day_date(as_of + 1), END)
    portfolio = prepare_groups(snapshot, load_assumptions("best_2008"), load_fund_map(), as_of, grid, 0.04, price)
    tile, seen, credited = _tile(len(grid)), 0, 0
    for prepared in portfolio.groups:
        lanes = project_group(portfolio, prepared, tile, np.ones((len(grid), 6)))
        path, last = np.empty((len(SLOTS), len(grid), LANES)), np.full((len(SLOTS), LANES), 10.0)
        charge = np.ones((len(grid), 6))
        fill_prices(tile, charge, portfolio.weights, portfolio.expense, prepared.charge, last, path)
        for lane in range(LANES):
            block = _replayed(snapshot, portfolio, prepared, path, lane)
            seen += _same(block, prepared, lanes, lane)
            credited += int((block.fixed.used > 1).sum())
            assert not block.fixed.enhanced[:, :, 5].any()
    assert seen == LANES * len(STORIES)
    assert credited >= LANES


def _same(block: FixedBlock, prepared: Prepared, lanes: Lanes, lane: int) -> int:
    np.testing.assert_array_equal(block.core, lanes.core[:, :, lane])
    held = np.take_along_axis(block.units, prepared.group.slots, axis=1)
    inside = np.arange(held.shape[1]) < prepared.group.held[:, None]
    inside[:, -1] = True
    np.testing.assert_array_equal(np.where(inside, held, 0.0), np.where(inside, lanes.units[:, :, lane], 0.0))
    if lanes.death.shape[1]:
        np.testing.assert_array_equal(block.death, lanes.death[:, :, lane])
    mine, theirs = block.fixed, fixed_of(lanes.fixed, np.arange(len(held)))
    for name in ("day", "amount", "rate", "renewed", "used", "programmes", "settled", "enhanced"):
        one, other = getattr(mine, name), getattr(theirs, name)
        room = min(one.shape[1], other.shape[1])
        np.testing.assert_array_equal(one[:, :room], other[:, :room], err_msg=name)
        assert not one[:, room:].any()
        assert not other[:, room:].any()
    assert (held[:, -1] >= 0.0).all()
    assert np.isfinite(held).all()
    return len(held)
