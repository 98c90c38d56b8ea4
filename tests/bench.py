"""How fast the daily valuation is on this machine: ``make bench``.  Prints, and fails on nothing: no test asserts a time."""

import argparse
import time
from datetime import date

import numpy as np
import pyarrow.compute as pc

from tasks.demo import FIRST_PRICE, demo_prices
from tasks.demo_block import demo_block
from valuation.block import CHARGE_CLASSES, SLOTS, value_block
from valuation.sessions import valuation_days
from valuation.units import unit_prices


def main() -> None:
    """Value a demonstration block twice; the first time compiles the law."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--contracts", type=int, default=2000)
    reader.add_argument("--through", type=date.fromisoformat, default=date(2008, 10, 31))
    asked = reader.parse_args()
    block, prices = demo_block(asked.contracts, through=asked.through), demo_prices(asked.through)
    navs = np.column_stack([prices.filter(pc.equal(prices["sub_account"], name))["nav"].to_numpy() for name in SLOTS])
    days = valuation_days(FIRST_PRICE, asked.through)
    units = unit_prices(navs, np.zeros_like(navs), days, CHARGE_CLASSES)
    for name in ("first, with compiling", "again"):
        begun = time.perf_counter()
        result = value_block(block.contracts, block.transactions, None, days, units)
        seconds = time.perf_counter() - begun
        contract_days = int(result.totals[:, 0].sum())
        print(
            f"{name}: {asked.contracts:,} contracts, {contract_days:,} contract-days, {result.ledger.num_rows:,} ledger rows"
            f" in {seconds:.2f} s, {1e9 * seconds / contract_days:,.0f} ns a contract-day, tables included"
        )


if __name__ == "__main__":
    main()
