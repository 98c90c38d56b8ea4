"""lifelib's `CashValue_ME_EX4` beside our projection, a contract, scenario and step at a time.

It is the nearest open model: many scenarios of savings contracts with a guaranteed minimum, in NumPy arrays over contracts
and scenarios, by monthly steps.  Its step knows one fund, premiums, fees, mortality, lapse and surrender charge; ours is a
day of the whole contract.
"""

import time
from importlib import metadata
from importlib.resources import files
from pathlib import Path

import modelx
import numpy as np

from tests.bench.measured import Row, Section

SCENARIOS = 1000
MODEL = "libraries/savings/CashValue_ME_EX4"
DAYS_A_MONTH = 21


def beside_lifelib(all_in: float, plain: float) -> Section:
    """Steps a second of lifelib, of plain NumPy and ours; ``all_in`` and ``plain`` in nanoseconds a day."""
    model = modelx.read_model(Path(str(files("lifelib") / MODEL)))
    try:
        space = model.Projection
        space.scen_size = SCENARIOS
        took, steps = _timed(model)
    finally:
        model.close()
    theirs = 1e9 * took / steps
    version = f"lifelib {metadata.version('lifelib')}, modelx {metadata.version('modelx')}"
    what = "contract-scenario-steps"
    return Section(
        "lifelib's CashValue_ME_EX4 and ours, processor time of one core",
        [
            Row("lifelib_steps", "lifelib, steps of a month", 1e9 / theirs, "a second", f"{what}; {version}"),
            Row("numpy_steps", "ordinary day in plain NumPy", 1e9 / plain, "a second", what),
            Row("our_steps", "ours, steps of a day, all in", 1e9 / all_in, "a second", what),
            Row("steps_over_lifelib", "  ours over lifelib, a step", theirs / all_in, "times"),
            Row("months_over_lifelib", "  ours over lifelib, a month", theirs / all_in / DAYS_A_MONTH, "times",
                f"{DAYS_A_MONTH} of our steps against one"),
        ],
    )  # fmt: skip


def _timed(model: modelx.core.model.Model) -> tuple[float, int]:
    """Processor seconds of its present values, the best of three, random numbers and tables read before."""
    space, best, steps = model.Projection, np.inf, 0
    for _ in range(4):
        model.clear_all()
        space.inv_return_table()
        space.mort_table_reindexed()
        begun = time.process_time()
        found = space.pv_net_cf()
        best, steps = min(best, time.process_time() - begun), len(found) * int(space.max_proj_len())
    if not np.isfinite(found).all():
        raise AssertionError("lifelib's present values are not finite")
    return float(best), steps
