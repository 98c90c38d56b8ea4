"""One law, two drivers, under TrueAccumulation: a path replayed as history gives the same contract to the last bit."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tasks.demo_block import demo_block
from tests.properties.test_replay import AS_OF, END, OPENED, _paths, _tile
from valuation.arrays import CHARGE_CLASSES, SLOTS, life_array, open_block
from valuation.assumptions import load_assumptions
from valuation.block import new_journal, value_block
from valuation.daily import TOTALS, History, roll_forward, rows_needed
from valuation.events import Events
from valuation.funds import fund_navs, index_returns, load_fund_map
from valuation.living.kinds import kind_with, terms_of
from valuation.market import load_market_history
from valuation.portfolio import in_force, prepare_groups, project_group
from valuation.sessions import day_date, day_number, valuation_days
from valuation.terms import load_terms
from valuation.true_accumulation import ENDED, IN_FORCE, Accumulation
from valuation.units import unit_prices

CONTRACTS, LANES = 12, 4
OLD = date(1926, 8, 15)
"""Reaches the latest Annuity Date soon after the last day: the benefit ends before it."""
BIRTHS = ("owner_birth_date", "annuitant_birth_date")


def _replaced(table, name, values):
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(place), pa.array(values, table.schema.field(place).type))


def _block():
    """Contracts of the demonstration block that elect a benefit, and now this one; the first who may be is old."""
    block = demo_block(CONTRACTS)
    contracts = block.contracts
    first = next(k for k, code in enumerate(contracts["series"].to_pylist()) if code != "X")
    for name in BIRTHS:
        born = contracts[name].to_pylist()
        contracts = _replaced(contracts, name, [OLD if k == first and d else d for k, d in enumerate(born)])
    chosen = [{"HD7": "TAHD", "SHD7": "TAHD"}.get(name, name) for name in block.transactions["benefit"].to_pylist()]
    transactions = _replaced(block.transactions, "benefit", chosen)
    mine = pc.unique(transactions.filter(pc.equal(transactions["benefit"], "TAHD"))["contract_id"])
    return tuple(table.filter(pc.is_in(table["contract_id"], mine)) for table in (contracts, transactions))


@pytest.fixture(scope="module")
def simulated():
    market, funds = load_market_history(), load_fund_map()
    index = index_returns(market)
    seen = (index.days >= day_number(OPENED)) & (index.days <= day_number(AS_OF))
    days = index.days[seen]
    navs = fund_navs(funds, index.ratios, index.days)[seen][:, [funds.position(s) for s in SLOTS]]
    prices = unit_prices(navs, np.zeros_like(navs), days, CHARGE_CLASSES)
    snapshot = in_force(value_block(*_block(), None, days, prices).snapshot)
    as_of = day_number(AS_OF)
    grid = valuation_days(day_date(as_of + 1), END)
    portfolio = prepare_groups(snapshot, load_assumptions("best_2008"), funds, as_of, grid, 0.04, prices[-1])
    return snapshot, portfolio, _tile(len(grid))[:, :, :LANES].copy()


def _replayed(snapshot, portfolio, prepared, path, lane):
    """The daily valuation of one group's contracts over the prices of one lane; every class has the same prices."""
    kind, rows = kind_with(prepared.group.blank), snapshot.take(prepared.place)
    days = np.concatenate([[portfolio.as_of], portfolio.grid])
    block = open_block(rows, rows, life_array(rows), np.array([portfolio.as_of]), 0, kind)
    prices = np.ones((len(days), len(CHARGE_CLASSES), len(SLOTS)))
    prices[0], prices[1:] = prepared.price, path[:, :, lane].T[:, None]
    none = np.zeros(0, np.int64)
    events = Events(none, np.zeros(0), none, none, none, none, np.zeros((0, len(SLOTS))))
    history = History(days, prices, events, none, np.zeros(len(rows) + 1, np.int64))
    totals, start = np.zeros((len(days), len(TOTALS)), np.int64), 0
    while start < len(rows):
        journal = new_journal(rows_needed(history, len(SLOTS), 0) + 1, len(SLOTS))
        start = roll_forward(block, history, terms_of(kind, load_terms(False)), journal, totals, start)
    return block


def _held(prepared, block):
    units = np.take_along_axis(block.units, prepared.group.slots, axis=1)
    inside = np.arange(units.shape[1]) < prepared.group.held[:, None]
    inside[:, -1] = True
    return units, inside


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_simulated_path_replayed_as_history_gives_the_same_ladder(simulated):
    """The benefit that has ended changes class in the daily valuation alone: there Units agree to rounding."""
    snapshot, portfolio, tile = simulated
    stages, moved, matured = set(), 0, 0
    stage, bond_year = (Accumulation._fields.index(name) for name in ("stage", "bond_year"))
    for prepared in portfolio.groups:
        assert isinstance(prepared.group.blank, Accumulation)
        lanes = project_group(portfolio, prepared, tile, np.ones((len(portfolio.grid), 6)))
        path = _paths(portfolio, prepared, tile)
        before_end = prepared.group.life[:, 4] > portfolio.grid[-1]
        assert before_end.any()
        for lane in range(LANES):
            block = _replayed(snapshot, portfolio, prepared, path, lane)
            going = before_end & (block.income[:, stage] == IN_FORCE)
            np.testing.assert_array_equal(block.income[before_end], lanes.income[before_end, :, lane])
            np.testing.assert_array_equal(block.core[going], lanes.core[going, :, lane])
            units, inside = _held(prepared, block)
            theirs = np.where(inside, lanes.units[:, :, lane], 0.0)
            np.testing.assert_array_equal(np.where(inside, units, 0.0)[going], theirs[going])
            np.testing.assert_allclose(np.where(inside, units, 0.0)[before_end], theirs[before_end], rtol=1e-12)
            stages |= set(block.income[before_end, stage])
            moved += int((block.income[:, bond_year] > 0.0).sum())
            matured += int((lanes.worth[:, 7, lane] > 0.0).sum())
    assert stages >= {float(IN_FORCE), float(ENDED)}
    assert moved > 0
    assert matured > 0
