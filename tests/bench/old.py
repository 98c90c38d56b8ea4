"""How fast the kernels are on this machine: ``make bench``.

Everything is measured in one process and one run, in processor seconds, so that the ratios hold on a shared machine.  It
prints a table and keeps it as text in ``tests/BENCH.txt``; it fails on nothing, and no test asserts a time.
"""

import argparse
import platform
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
import pyarrow.compute as pc
from numba import njit

from tasks.demo import FIRST_PRICE, demo_prices
from tasks.demo_block import demo_block
from valuation.arrays import CHARGE_CLASSES, SLOTS, life_array, open_block, resolve_events
from valuation.asset_transfer import transfer_factor
from valuation.assumptions import load_assumptions
from valuation.block import new_journal, value_block
from valuation.contract import Array
from valuation.daily import TOTALS, History, roll_forward
from valuation.funds import load_fund_map
from valuation.highest_daily_7 import growth_factor
from valuation.lanes import DRAW, FREEZE, GROW, HOLD, account_values, benefit_day, fill_prices
from valuation.market import load_market_history
from valuation.portfolio import in_force, prepare_groups, project
from valuation.scenarios.risk_neutral import risk_neutral_model
from valuation.scenarios.sets import build_tile, scenario_set
from valuation.sessions import day_date, day_number, valuation_days
from valuation.terms import load_terms
from valuation.units import unit_prices

OUTPUT = Path(__file__).parent / "BENCH.txt"
AS_OF = date(2008, 10, 31)
LANES, CHUNK = 256, 21


class Row(NamedTuple):
    """One measurement."""

    name: str
    value: float
    unit: str
    note: str


@njit(nogil=True, error_model="numpy")
def _repeat(n, mode, units, price, rows, held, income, terms, growth, factor, permitted, bond, charged, hit):  # type: ignore[no-untyped-def]
    moved = 0
    for k in range(n):
        account_values(units, price, rows, held, k % price.shape[1], permitted, bond)
        moved += benefit_day(mode, income, terms, growth, factor, 1e-5, permitted, bond, charged, hit)
    return moved


def seconds(work: Callable[[], Any]) -> float:
    """Processor seconds of one call, the best of three after a warm-up."""
    work()
    best = np.inf
    for _ in range(3):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return float(best)


def ordinary_days() -> list[Row]:
    """The ordinary day of Highest Daily 7: five Sub-accounts and the bond, ratchet and transfer test."""
    terms = load_terms(False)
    draw = np.random.Generator(np.random.Philox(1)).standard_normal((11, CHUNK, LANES))
    price = 10.0 * np.exp(np.cumsum(0.002 * draw, axis=1))
    rows = np.array([0, 2, 4, 6, 8, 10])
    units, income = np.full((6, LANES), 20.0), np.zeros((17, LANES))
    units[5], income[7], income[12], income[15] = 0.0, 1000.0, 1000.0, 1000.0
    permitted, bond, charged, hit = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES), np.zeros(LANES, np.int64)
    growth, factor, n = growth_factor(terms.income[0], 1.0), 14.0, 20_000
    found = []
    names = (
        (GROW, "before the first withdrawal"),
        (FREEZE, "after the Tenth Anniversary"),
        (DRAW, "income taken"),
        (HOLD, "no benefit"),
    )
    for mode, label in names:
        work = lambda mode=mode: _repeat(  # noqa: E731
            n, mode, units, price, rows, 5, income, terms.transfer, growth, factor, permitted, bond, charged, hit
        )
        found.append(
            Row(f"ordinary day, {label}", 1e9 * seconds(work) / n / LANES, "ns", "a contract-scenario-day, no transfer")
        )
    plain = seconds(lambda: _numpy_days(units, price, rows, income, growth, factor)) / (50 * CHUNK)
    found.append(
        Row("the same rule in plain NumPy", 1e9 * plain / LANES, "ns", "a contract-scenario-day, arrays over lanes")
    )
    found.append(Row("NumPy over kernel", 1e9 * plain / LANES / found[0].value, "times", ""))
    return found


def _numpy_days(units: Array, price: Array, rows: Any, income: Array, growth: float, factor: float) -> None:
    """A straightforward version over arrays of lanes: same steps, same lanes, no transfers due."""
    periodic, charged = income[7].copy(), np.zeros(LANES)
    for _ in range(50):
        for d in range(CHUNK):
            permitted = (units[:5] * price[rows[:5], d]).sum(axis=0)
            bond = units[5] * price[rows[5], d]
            account = permitted + bond
            charged += account * 1e-5
            periodic = np.where(account > 0.0, np.maximum(periodic * growth, account), periodic)
            need = 0.05 * periodic * factor - bond
            into = (need > 0.83 * permitted) & (permitted > 0.0)
            out = (need < 0.77 * permitted) & (bond > 0.0) & (permitted > 0.0)
            if (into & out).any():
                raise AssertionError("a lane cannot transfer both ways")


class Material(NamedTuple):
    """A demonstration block, its history and its state at the valuation date."""

    block: Any
    days: Any
    prices: Array
    snapshot: Any


def material(contracts: int) -> Material:
    """The demonstration block through real market history."""
    block, prices = demo_block(contracts, through=AS_OF), demo_prices(AS_OF)
    navs = np.column_stack([prices.filter(pc.equal(prices["sub_account"], name))["nav"].to_numpy() for name in SLOTS])
    days = valuation_days(FIRST_PRICE, AS_OF)
    units = unit_prices(navs, np.zeros_like(navs), days, CHARGE_CLASSES)
    return Material(block, days, units, value_block(block.contracts, block.transactions, None, days, units).snapshot)


def daily(made: Material) -> list[Row]:
    """The daily valuation: the kernel alone, and tables to tables."""
    contracts = made.block.contracts.sort_by("contract_id")
    life = life_array(contracts)
    resolved = resolve_events(made.block.transactions, contracts["contract_id"].to_pylist(), life, made.days)
    history = History(made.days, made.prices, resolved.events, resolved.day, resolved.history_first)
    totals = np.zeros((len(made.days), len(TOTALS)), np.int64)
    most = int(np.diff(resolved.history_first).max())
    best = np.inf
    for _ in range(3):
        block = open_block(contracts, None, life, made.days, most)
        journal = new_journal(3_000_000, len(SLOTS))
        totals[:] = 0
        begun = time.process_time()
        if roll_forward(block, history, load_terms(True), journal, totals, 0) != contracts.num_rows:
            raise AssertionError("the journal of the benchmark is too small")
        best = min(best, time.process_time() - begun)
    in_days = int(totals[:, 0].sum())
    whole = seconds(lambda: value_block(made.block.contracts, made.block.transactions, None, made.days, made.prices))
    return [
        Row(
            "daily valuation, kernel",
            in_days / best,
            "a second",
            f"contract-days, one core; {contracts.num_rows:,} contracts, ledger on",
        ),
        Row("daily valuation, tables to tables", in_days / whole, "a second", "contract-days"),
    ]


def projection(made: Material, contracts: int, years: int) -> list[Row]:
    """All-in cost of a projection of a mixed block, by tile size."""
    held = in_force(made.snapshot).slice(0, contracts)
    as_of, funds = day_number(AS_OF), load_fund_map()
    grid = valuation_days(day_date(as_of + 1), date(AS_OF.year + years, AS_OF.month, 28))
    market = load_market_history()
    model = risk_neutral_model(market.zero_curve(AS_OF), float(market.vix.on(AS_OF)))
    spec = scenario_set(model, grid, as_of, LANES, LANES, 1)
    tile = build_tile(spec, model, grid, 0)
    begun = time.process_time()
    portfolio = prepare_groups(held, load_assumptions("best_2008"), funds, as_of, grid, 0.04, made.prices[-1])
    settled = time.process_time() - begun
    ends = np.minimum(np.searchsorted(grid, life_array(held)[:, 4]), len(grid))
    found = []
    for lanes in (LANES, LANES // 2, LANES // 4):
        part = np.ascontiguousarray(tile[:, :, :lanes])
        cost = seconds(lambda part=part: project(portfolio, part, None))
        found.append(
            Row(f"projection all-in, {lanes} lanes", 1e9 * cost / float(ends.sum()) / lanes, "ns",
                f"a contract-scenario-day; {held.num_rows} contracts, {years} years")
        )  # fmt: skip
    found.append(Row("prepare a contract", 1e3 * settled / held.num_rows, "ms", "dates, decrements and schedule"))
    found.append(
        Row("prices of a tile-day", 1e9 * _price_cost(portfolio, tile) / LANES, "ns", "a lane, eleven Sub-accounts")
    )
    return found


def _price_cost(portfolio: Any, tile: Array) -> float:
    n = 200
    price, last = np.empty((len(SLOTS), n, LANES)), np.ones((len(SLOTS), LANES))
    one = np.ones((n, 6))
    work = lambda: fill_prices(tile[:n], one, portfolio.weights, portfolio.expense[:n], np.full(n, 3e-5), last, price)  # noqa: E731
    return seconds(work) / n


def written(rows: list[Row]) -> str:
    """The table, with what it was measured on."""
    head = (
        f"{platform.machine()}, Python {platform.python_version()}, numba {numba.__version__}, numpy {np.__version__}"
    )
    width = max(len(row.name) for row in rows)
    lines = [f"{row.name:<{width}}  {row.value:>12,.2f} {row.unit:<9} {row.note}".rstrip() for row in rows]
    return "\n".join([head, "processor time, one core, best of three", "", *lines, ""])


def main() -> None:
    """Measure, print, keep."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--contracts", type=int, default=2000, help="of the daily valuation")
    reader.add_argument("--projected", type=int, default=60, help="contracts projected")
    reader.add_argument("--years", type=int, default=30)
    asked = reader.parse_args()
    if transfer_factor(0, 0) != 15.34:
        raise AssertionError("the factor table is not the contract's")
    made = material(asked.contracts)
    rows = ordinary_days() + daily(made) + projection(made, asked.projected, asked.years)
    text = written(rows)
    print(text)
    OUTPUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
