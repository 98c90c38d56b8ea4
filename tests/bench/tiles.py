"""All-in cost of a projection by the size of its tiles and chunks, and the price table by itself."""

from functools import cache
from unittest.mock import patch

import numpy as np

import valuation.portfolio
from tasks.project import grid as grid_of
from tests.bench.days import DAY
from tests.bench.material import AS_OF, Material, grid, material, prepared, tile
from tests.bench.measured import Grid, Row, Section, race, seconds
from valuation.arrays import SLOTS, life_array
from valuation.contract import Array, Integers
from valuation.lanes import fill_prices
from valuation.market import load_market_history
from valuation.portfolio import project
from valuation.scenarios.risk_neutral import risk_neutral_model
from valuation.scenarios.sets import build_tile, scenario_set
from valuation.sessions import day_number

TILES, CHUNKS = (32, 64, 128, 256, 512), (5, 10, 21, 42, 84)
DEFAULT_LANES = 256


@cache
def full_tile(contracts: int, lanes: int) -> tuple[Integers, Array]:
    """The days to the last age of a block, and a tile over them."""
    days, as_of, market = grid_of(material(contracts).snapshot, AS_OF, None), day_number(AS_OF), load_market_history()
    model = risk_neutral_model(market.zero_curve(AS_OF), float(market.vix.on(AS_OF)))
    return days, build_tile(scenario_set(model, days, as_of, lanes, lanes, 1), model, days, 0)


def projection(contracts: int, projected: int, years: int) -> Section:
    """A mixed part of the block on one tile: nanoseconds of a contract, scenario and day, all in."""
    made, days = material(contracts), grid(years)
    held = made.snapshot.slice(0, projected)
    portfolio = prepared(made, held, days)
    settled = seconds(lambda: prepared(made, held, days), times=1)
    ends = np.minimum(np.searchsorted(days, life_array(held)[:, 4]), len(days))
    whole = tile(years, max(TILES))
    parts = {lanes: np.ascontiguousarray(whole[:, :, :lanes]) for lanes in TILES}
    table = []
    for chunk in CHUNKS:
        with patch.object(valuation.portfolio, "CHUNK_DAYS", chunk):
            took = race(*(lambda lanes=lanes: project(portfolio, parts[lanes], None) for lanes in TILES), times=2)
        table.append([round(1e9 * t / float(ends.sum()) / n, 3) for t, n in zip(took, TILES, strict=True)])
    usual = valuation.portfolio.CHUNK_DAYS
    cost = table[CHUNKS.index(usual)][TILES.index(DEFAULT_LANES)]
    note = f"{DAY}; {held.num_rows} contracts, {years} years, tiles of {DEFAULT_LANES}, chunks of {usual} days"
    grids = [Grid("projection all-in", "ns", "days of a chunk", "lanes of a tile", CHUNKS, TILES, table)]
    rows = [
        Row("all_in", "projection all-in", cost, "ns", note),
        Row("days_a_second", "  the same a second", 1e9 / cost, "a second", "contract-scenario-days, one core"),
        Row("prepare", "prepare a contract", 1e3 * settled / held.num_rows, "ms", "dates, decrements and schedule"),
        Row("prices", "prices of a day", _price_cost(made, portfolio, whole), "ns", "a lane, eleven Sub-accounts, once a tile"),
    ]  # fmt: skip
    return Section("The projection of a mixed block, by size of tile and chunk", rows, grids)


def _price_cost(made: Material, portfolio: valuation.portfolio.Portfolio, whole: Array) -> float:
    n, lanes = 200, DEFAULT_LANES
    price, last = np.empty((len(SLOTS), n, lanes)), np.ones((len(SLOTS), lanes))
    one, ratios = np.ones((n, 6)), np.ascontiguousarray(whole[:n, :, :lanes])
    took = seconds(
        lambda: fill_prices(ratios, one, portfolio.weights, portfolio.expense[:n], np.full(n, 3e-5), last, price)
    )
    return 1e9 * took / n / lanes
