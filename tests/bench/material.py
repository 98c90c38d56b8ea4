"""What is projected: the demonstration block through real market history, and a tile of risk-neutral scenarios."""

from datetime import date
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.demo import FIRST_PRICE, demo_prices
from tasks.demo_block import demo_block
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.assumptions import load_assumptions
from valuation.block import value_block
from valuation.contract import Array, Integers
from valuation.funds import load_fund_map
from valuation.market import load_market_history
from valuation.portfolio import Portfolio, in_force, prepare_groups
from valuation.scenarios.risk_neutral import risk_neutral_model
from valuation.scenarios.sets import build_tile, scenario_set
from valuation.sessions import day_date, day_number, valuation_days
from valuation.units import unit_prices

AS_OF = date(2008, 10, 31)
GUARANTEE_RATE = 0.04


class Material(NamedTuple):
    """A demonstration block, its history and its state at the valuation date."""

    block: Any
    days: Integers
    prices: Array
    snapshot: pa.Table


@cache
def material(contracts: int) -> Material:
    """The demonstration block at the valuation date."""
    block, prices = demo_block(contracts, through=AS_OF), demo_prices(AS_OF)
    navs = np.column_stack([prices.filter(pc.equal(prices["sub_account"], name))["nav"].to_numpy() for name in SLOTS])
    days = valuation_days(FIRST_PRICE, AS_OF)
    units = unit_prices(navs, np.zeros_like(navs), days, CHARGE_CLASSES)
    snapshot = value_block(block.contracts, block.transactions, None, days, units).snapshot
    return Material(block, days, units, in_force(snapshot).combine_chunks())


def grid(years: int) -> Integers:
    """Valuation Days of a projection."""
    return valuation_days(day_date(day_number(AS_OF) + 1), date(AS_OF.year + years, AS_OF.month, 28))


@cache
def tile(years: int, lanes: int) -> Array:
    """(n_day, 6, n_lane) risk-neutral scenarios."""
    market, days, as_of = load_market_history(), grid(years), day_number(AS_OF)
    model = risk_neutral_model(market.zero_curve(AS_OF), float(market.vix.on(AS_OF)))
    return build_tile(scenario_set(model, days, as_of, lanes, lanes, 1), model, days, 0)


def prepared(made: Material, snapshot: pa.Table, days: Integers) -> Portfolio:
    """Contracts ready to be projected."""
    return prepare_groups(
        snapshot, load_assumptions("best_2008"), load_fund_map(), day_number(AS_OF), days, GUARANTEE_RATE,
        made.prices[-1],
    )  # fmt: skip


def copies(snapshot: pa.Table, row: int, count: int) -> pa.Table:
    """One contract ``count`` times, each with an id of its own."""
    many = snapshot.take(np.full(count, row))
    ids = pa.array([f"{snapshot['contract_id'][row].as_py()}-{k}" for k in range(count)])
    place = many.schema.get_field_index("contract_id")
    return many.set_column(place, many.schema.field(place), ids).combine_chunks()
