"""Inputs to try the system on: a demonstration block, and prices made from the market history of the package."""

import io
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from infra.storage import AlreadyExists, Storage
from tasks.demo_block import DEFAULT_SEED, DEFAULT_THROUGH, demo_block
from valuation.funds import fund_navs, index_returns, load_fund_map
from valuation.market import load_market_history
from valuation.schema import SCHEMAS
from valuation.sessions import day_number

FIRST_PRICE = date(2007, 11, 1)
"""First day of the made prices, before the first contract of the block is issued."""


class DemoInputs(NamedTuple):
    """URLs of the files of a demonstration."""

    contracts: str
    transactions: str
    prices: str
    declared_rates: str
    through: date
    defects: int  # rows that are wrong on purpose


def demo_prices(through: date) -> pa.Table:
    """Net asset values of the Sub-accounts of the fund map, from 10.00 on the first day, distributions reinvested."""
    history, fund_map = index_returns(load_market_history()), load_fund_map()
    inside = (history.days >= day_number(FIRST_PRICE)) & (history.days <= day_number(through))
    days = history.days[inside]
    if not len(days) or days[-1] < day_number(through):
        raise ValueError(f"prices to {through}: the market history of the package ends before; choose an earlier day")
    navs = fund_navs(fund_map, history.ratios[inside], days)
    columns = {
        "sub_account": pa.array(np.repeat(np.array(fund_map.names), len(days))),
        "date": pa.array(np.tile(days, len(fund_map.names)).astype("datetime64[D]"), pa.date32()),
        "nav": navs.T.ravel(),
        "distribution": np.zeros(navs.size),
    }
    return pa.table(columns, schema=SCHEMAS["prices"])


def demo_rates() -> pa.Table:
    """Rates of the Fixed Rate Options, made up to show them; no company declared these."""
    rates = [(2007, "ONE_YEAR", 12, 0.03, 0.01), (2009, "ONE_YEAR", 12, 0.02, 0.005)]
    rates += [(2007, "ENHANCED", 6, 0.04, 0.0), (2007, "ENHANCED", 12, 0.045, 0.0)]
    names = ("effective_date", "option", "guarantee_months", "rate", "additional_rate")
    rows = [dict(zip(names, (date(year, 1, 2), *rest), strict=True)) for year, *rest in rates]
    rows = [row | {"offered": True, "source": "illustrative, no company's", "edition": "demonstration"} for row in rows]
    return pa.Table.from_pylist(rows, SCHEMAS["declared_rates"])


def write_demo(
    storage: Storage,
    contracts: int = 2000,
    through: date = DEFAULT_THROUGH,
    seed: int = DEFAULT_SEED,
    defects: int = 0,
) -> DemoInputs:
    """Write the inputs of a demonstration below ``inputs/demo-...`` of the store; the same demonstration only once.

    ``defects``  copies of every known kind of bad row; a run accepts them up to its quarantine limit
    """
    block = demo_block(contracts, seed, through, defects)
    folder = f"inputs/demo-{contracts}-{seed}-{through.isoformat()}-{defects}"
    datasets = {"contracts": block.contracts, "transactions": block.transactions, "prices": demo_prices(through)}
    datasets["declared_rates"] = demo_rates()
    urls = {name: _written(storage, f"{folder}/{name}.parquet", table) for name, table in datasets.items()}
    return DemoInputs(**urls, through=through, defects=len(block.defects))


def _written(storage: Storage, key: str, table: pa.Table) -> str:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    try:
        storage.write_once(key, sink.getvalue())
    except AlreadyExists:
        storage.write(key, sink.getvalue())
    return storage.name(key)
