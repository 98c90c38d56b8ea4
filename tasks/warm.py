"""Make a process ready before anything compiled is imported."""

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

from infra.environment import prepare
from infra.settings import Settings, load_settings

if TYPE_CHECKING:
    import pyarrow as pa


def prepare_process(settings: Settings) -> None:
    """Set what Prefect, numba and Dask read at import; compiled kernels are kept under the hash of their sources.

    Prefect and Dask are silent, unless the user has set their levels: the command line tells what goes on, and what is
    wrong once.
    """
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "error")
    from valuation.compile import kernel_hash

    prepare(settings, kernel_hash())


def dask_setup(worker: object) -> None:
    """Make a worker ready that Highwater does not start: ``dask worker ADDRESS --preload tasks.warm``."""
    prepare_process(load_settings())


def interpret() -> None:
    """Run the contract's law uncompiled, for one contract: the same bits without waiting for the compiler.

    It must come before the law is imported; raises RuntimeError if that has happened.
    """
    if "valuation.compile" in sys.modules and os.environ.get("NUMBA_DISABLE_JIT") != "1":
        raise RuntimeError("the law is imported already, compiled; ask for it uncompiled in a new process")
    os.environ["NUMBA_DISABLE_JIT"] = "1"


def compile_kernels(settings: Settings) -> float:
    """Compile what the flows need, once for these sources on this machine; the seconds it took.

    Each kind of living benefit has kernels of its own, so that processes side by side compile the kinds.
    """
    from valuation.living.kinds import KINDS

    begun = time.monotonic()
    elected = [place for place, kind in enumerate(KINDS) if kind.plans]
    processes = min(settings.workers, len(elected))
    apart = get_context("spawn")  # a fork would inherit threads of the libraries
    with ProcessPoolExecutor(processes, apart, prepare_process, (settings,)) as pool:
        list(pool.map(_compile_kind, elected))
    return time.monotonic() - begun


def _compile_kind(place: int) -> None:
    """Meet the kernels of one kind with the types of a real run; what is compiled is kept, and workers load it.

    A small block that elects the benefit, with and without optional Death Benefits, goes through a few days and a short
    projection: tiles come read-only from a file and writable from a market shock.
    """
    from datetime import date

    import numpy as np

    from tasks.demo import FIRST_PRICE
    from tasks.demo_block import demo_block
    from valuation.arrays import CHARGE_CLASSES, SLOTS
    from valuation.assumptions import load_assumptions
    from valuation.block import value_block
    from valuation.curve import flat
    from valuation.funds import load_fund_map
    from valuation.living.kinds import KINDS
    from valuation.portfolio import in_force, prepare_groups, project
    from valuation.scenarios.real_world import real_world_model
    from valuation.scenarios.risk_neutral import risk_neutral_model
    from valuation.scenarios.sets import build_tile, scenario_set
    from valuation.sessions import day_number, valuation_days

    through = date(2008, 1, 31)
    block, days = demo_block(40, through=through), valuation_days(FIRST_PRICE, through)
    prices = np.full((len(days), len(CHARGE_CLASSES), len(SLOTS)), 10.0)
    as_of = day_number(through)
    grid = valuation_days(date(2008, 2, 1), date(2008, 6, 30))
    rates = risk_neutral_model(flat(through, 0.04), 0.2)
    asked = _electing(block.transactions, KINDS[place].plans)
    snapshot = in_force(value_block(block.contracts, asked, None, days, prices).snapshot)
    portfolio = prepare_groups(snapshot, load_assumptions("best_2008"), load_fund_map(), as_of, grid, 0.04, prices[-1])
    for model in (rates, real_world_model(rates.rates)):
        spec = scenario_set(model, grid, as_of, 4, 4, 1)
        tile = build_tile(spec, model, grid, 0)
        project(portfolio, tile, None)
        tile.setflags(write=False)
        project(portfolio, tile, None)


def _electing(transactions: "pa.Table", plans: tuple[str, ...]) -> "pa.Table":
    """The same requests, where a living benefit is elected the first of ``plans``."""
    import pyarrow as pa

    from valuation.living.kinds import PLAN_NAMES

    place = transactions.schema.get_field_index("benefit")
    chosen = [plans[0] if name in PLAN_NAMES else name for name in transactions["benefit"].to_pylist()]
    return transactions.set_column(place, transactions.schema.field(place), pa.array(chosen, pa.string()))
