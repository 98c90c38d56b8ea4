"""One law, two drivers: a simulated path replayed as history gives the same contract to the last bit."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from tasks.demo_block import demo_block
from tests.support.death_blocks import with_death_benefits
from valuation.arrays import CHARGE_CLASSES, SLOTS, life_array, open_block
from valuation.assumptions import load_assumptions
from valuation.block import new_journal, value_block
from valuation.charge_classes import INSURANCE_CHARGES
from valuation.contract import ACTIVE
from valuation.daily import TOTALS, History, roll_forward, rows_needed
from valuation.events import ANNUITIZATION, INCOME, NO_CHOICE, Events
from valuation.funds import fund_navs, index_returns, load_fund_map
from valuation.lanes import fill_prices
from valuation.living import NO_JOINT, PAYING
from valuation.living.kinds import KINDS, first_plan, kind_with, terms_of
from valuation.market import load_market_history
from valuation.optional_death_benefits import COMBINATION, HIGHEST_DAILY, NONE
from valuation.portfolio import in_force, prepare_groups, project_group
from valuation.schedule import EXERCISE, WITHDRAW
from valuation.sessions import day_date, day_number, valuation_days
from valuation.terms import load_terms
from valuation.units import unit_prices

OPENED, AS_OF, END = date(2007, 11, 30), date(2008, 10, 31), date(2021, 6, 30)
LANES = 4


PLANS = {
    "HD7": {"TAHD": "HD7", "GMIB": None},
    "TI": {"HD7": "TI", "SHD7": "TIS", "TAHD": "TI", "GMIB": None},
    "HD": {"HD7": "HD", "SHD7": "HD", "TAHD": "HD", "GMIB": None},
}
"""Living benefits elected in place of those of the demonstration block."""

ENDS = {"HD": date(2031, 6, 30)}
"""Where income lasts longer: money in the Benefit Fixed Rate Account does not fall."""


@pytest.fixture(scope="module", params=PLANS)
def simulated(request):
    """A small block through real history, then over thirteen simulated years that fall, crash and recover."""
    market, funds = load_market_history(), load_fund_map()
    index = index_returns(market)
    seen = (index.days >= day_number(OPENED)) & (index.days <= day_number(AS_OF))
    days = index.days[seen]
    navs = fund_navs(funds, index.ratios, index.days)[seen][:, [funds.position(s) for s in SLOTS]]
    prices = unit_prices(navs, np.zeros_like(navs), days, CHARGE_CLASSES)
    block = demo_block(36)
    asked = with_death_benefits(_with_plans(block.transactions, PLANS[request.param]))
    snapshot = in_force(value_block(block.contracts, asked, None, days, prices).snapshot)
    as_of = day_number(AS_OF)
    grid = valuation_days(day_date(as_of + 1), ENDS.get(request.param, END))
    portfolio = prepare_groups(snapshot, load_assumptions("best_2008"), funds, as_of, grid, 0.04, prices[-1])
    return snapshot, portfolio, _tile(len(grid)), prices[-1]


def _with_plans(transactions, others):
    """The same requests, with other benefits elected."""
    chosen = [others.get(name, name) for name in transactions["benefit"].to_pylist()]
    place = transactions.schema.get_field_index("benefit")
    return transactions.set_column(place, transactions.schema.field(place), pa.array(chosen, pa.string()))


def _tile(n_day):
    """Ratios of a wild market, so that transfers, step-ups and exhaustion all happen."""
    draw = np.random.Generator(np.random.Philox(11)).standard_normal((n_day, 6, LANES))
    drift = np.array([-0.0006, -0.0002, 0.0002, 0.0006])
    ratios = np.exp(draw * np.array([0.015, 0.02, 0.016, 0.003, 0.0, 0.0])[:, None] + drift)
    ratios[:, 4:] = 1.00005
    ratios[:, 5] = np.cumprod(np.full((n_day, LANES), 0.99985), axis=0)
    return ratios


def _asked(steps, chosen, kind):
    """What the projection asked for on the Owner's behalf, as transactions."""
    n, annuitises = len(chosen), steps.flags[chosen] & EXERCISE != 0
    plan = first_plan(KINDS.index(kind))
    return Events(
        np.where(annuitises, ANNUITIZATION, INCOME), steps.share[chosen], np.where(annuitises, plan, NO_CHOICE),
        np.full(n, -1), np.where(annuitises, NO_JOINT, -1), np.zeros(n, np.int64), np.zeros((n, len(SLOTS))),
    )  # fmt: skip


def _replayed(snapshot, portfolio, prepared, path, lane, annuitised):
    """The daily valuation of one group's contracts over the prices of one lane; ``annuitised`` (n,) under the benefit."""
    kind = kind_with(prepared.group.blank)
    rows = snapshot.take(prepared.place)
    life = life_array(rows)
    days = np.concatenate([[portfolio.as_of], portfolio.grid])
    opening = np.array([portfolio.as_of])
    block = open_block(rows, rows, life, opening, 0, kind)
    row = block.charge_class[0]
    prices = np.ones((len(days), len(CHARGE_CLASSES), len(SLOTS)))
    prices[0, row] = prepared.price
    prices[1:, row] = path[:, :, lane].T
    if kind.account:
        prices[:, :, -1] = 1.0
    steps = prepared.group.steps
    chosen = np.flatnonzero(steps.flags & (WITHDRAW | EXERCISE))
    owner = np.searchsorted(steps.first, chosen, side="right") - 1
    asks = (steps.flags[chosen] & WITHDRAW != 0) | annuitised[owner]
    chosen, owner = chosen[asks], owner[asks]
    events = _asked(steps, chosen, kind)
    first = np.searchsorted(owner, np.arange(len(prepared.place) + 1)).astype(np.int64)
    history = History(days, prices, events, portfolio.grid[steps.day[chosen]], first)
    totals = np.zeros((len(days), len(TOTALS)), np.int64)
    most = int(np.diff(first).max(initial=0))
    start = 0
    while start < len(prepared.place):
        journal = new_journal(rows_needed(history, len(SLOTS), most) + 1, len(SLOTS))
        start = roll_forward(block, history, terms_of(kind, load_terms(False)), journal, totals, start)
    return block


def _paths(portfolio, prepared, tile):
    n_day, _, n_lane = tile.shape
    price = np.empty((len(SLOTS), n_day, n_lane))
    last = np.ascontiguousarray(np.broadcast_to(prepared.price[:, None], (len(SLOTS), n_lane)))
    fill_prices(tile, np.ones((n_day, 6)), portfolio.weights, portfolio.expense, prepared.charge, last, price)
    return price


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_simulated_path_replayed_as_history_gives_the_same_contract(simulated):
    snapshot, portfolio, tile, _ = simulated
    reached, plans = set(), set()
    for prepared in portfolio.groups:
        lanes = project_group(portfolio, prepared, tile, np.ones((len(portfolio.grid), 6)))
        path = _paths(portfolio, prepared, tile)
        before_end = np.flatnonzero(prepared.group.life[:, 4] > portfolio.grid[-1])
        assert len(before_end) > 0
        for lane in range(LANES):
            block = _replayed(snapshot, portfolio, prepared, path, lane, lanes.income[:, 1, lane] == PAYING)
            np.testing.assert_array_equal(block.core[before_end], lanes.core[before_end, :, lane])
            np.testing.assert_array_equal(block.income[before_end], lanes.income[before_end, :, lane])
            if lanes.death.shape[1]:
                going = before_end[block.core[before_end, 0] == ACTIVE]
                np.testing.assert_array_equal(block.death[going], lanes.death[going, :, lane])
            plans |= {(int(p), s > 0.0) for p, s in zip(block.death[:, 0], block.income[:, 1], strict=True)}
            held = np.take_along_axis(block.units, prepared.group.slots, axis=1)
            inside = np.arange(held.shape[1]) < prepared.group.held[:, None]
            inside[:, -1] = True
            np.testing.assert_array_equal(
                np.where(inside, held, 0.0)[before_end], np.where(inside, lanes.units[:, :, lane], 0.0)[before_end]
            )
            reached |= {(int(s), int(t)) for s, t in zip(block.core[:, 0], block.income[:, 1], strict=True)}
    assert {(1, 0), (1, 1), (1, 2), (2, 3)} <= reached, f"the paths reach too few states: {sorted(reached)}"
    assert {(COMBINATION, False), (COMBINATION, True), (HIGHEST_DAILY, False), (NONE, True)} <= plans


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_groups_are_charged_by_their_class(simulated):
    """Series alone for Highest Daily 7; with 0.60% or 0.75% more under the others, with 0.50% for a Death Benefit."""
    snapshot, portfolio, _, last = simulated
    found, deaths = set(), set()
    for prepared in portfolio.groups:
        (charge,) = {CHARGE_CLASSES[k] for k in range(len(last)) if np.array_equal(last[k][:-1], prepared.price[:-1])}
        per_year = 1.0 - (1.0 - prepared.charge[0]) ** (365.0 / (portfolio.grid[0] - portfolio.as_of))
        assert per_year == pytest.approx(charge, abs=1e-12)
        insurance = INSURANCE_CHARGES[int(prepared.group.life[0, 5])]
        assert prepared.group.benefit_share == pytest.approx((charge - insurance) / charge, abs=1e-12)
        plans = {int(plan) for plan in prepared.death[:, 0]} if prepared.death.shape[1] else {NONE}
        charged = {plan in (COMBINATION, HIGHEST_DAILY) for plan in plans}
        assert len(charged) == 1, "one class, one charge"
        more = 0.005 if charged == {True} else 0.0
        found.add(round(charge - insurance - more, 6))
        deaths.add(more)
    assert deaths == {0.0, 0.005}
    assert {0.0} <= found <= {0.0, 0.006, 0.0075}
    assert found == {0.0, 0.006, 0.0075} or not any(plan == "TIS" for plan in snapshot["benefit"].to_pylist())
