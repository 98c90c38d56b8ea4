"""A store with one small published day: a real daily valuation, and a reserve and a hedge run of given figures.

Run as a program it fills the folder it is given, with the law uncompiled so that nobody waits for the compiler, and
prints what it wrote as JSON.
"""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

THROUGH = date(2008, 10, 31)
CONTRACTS = 40
CTE70, CTE98, FAIR = 12_345_678.0, 13_456_789.0, 1_234_567.0
TRADE = -7


def fill(folder: Path) -> dict[str, str]:
    """Publish the three runs and write the report."""
    from infra.settings import load_settings
    from infra.storage import Storage
    from tasks.report import write_report

    settings = load_settings(storage_url=folder.as_uri(), quarantine_limit=1.0, contracts_per_partition=25)
    storage = Storage(settings.storage_url)
    runs = {"daily": _daily(storage, settings)}
    alone = write_report(storage, THROUGH)
    runs |= {"reserve": _given(storage, settings, "month_end_reserve", _reserve())}
    runs |= {"hedge": _given(storage, settings, "daily_hedge", _hedge())}
    return {**runs, "alone": alone, "report": write_report(storage, THROUGH)}


def _daily(storage: Any, settings: Any) -> str:
    from tasks import close, conclude, daily, value
    from tasks.demo import write_demo
    from tasks.progress import watched

    given = write_demo(storage, CONTRACTS, THROUGH, defects=1)
    run = daily.begin(
        storage,
        settings,
        contracts=given.contracts,
        transactions=given.transactions,
        prices=given.prices,
        through=THROUGH,
    )
    with watched():
        plan = daily.prepare(run)
        value.value(run, plan, None)
        closed = value.reconcile(run, plan, None)
        close.gather(run, plan)
        close.close(run, plan, closed)
        return str(conclude.publish(run).run_id)


def _given(storage: Any, settings: Any, flow: str, datasets: dict[str, list[dict[str, Any]]]) -> str:
    """Publish a run whose datasets are given row by row."""
    import pyarrow as pa

    from tasks.conclude import conclude, publish
    from tasks.records import Check
    from tasks.start import start
    from valuation.schema import SCHEMAS

    started = start(storage, settings, flow, THROUGH, (), used=())
    tables = {name: pa.Table.from_pylist(rows, SCHEMAS[name]) for name, rows in datasets.items()}
    parts = started.run.commit_group("given", 0, tables).parts
    conclude(started, parts, {"contracts": float(CONTRACTS)}, (Check(f"check of {flow}", True, 1.0, 1.0, 0.0),))
    return str(publish(started).run_id)


def _reserve() -> dict[str, list[dict[str, Any]]]:
    from math import sin

    day: dict[str, Any] = {"valuation_date": THROUGH}
    figures = [
        ("real_world", "cte_70", CTE70, 1e5), ("real_world", "cte_98", CTE98, 2e5),
        ("risk_neutral", "fair_value_guarantee", FAIR, 3e4), ("in_force", "account_value", 1.1e7, None),
    ]  # fmt: skip
    summary = [day | {"basis": b, "measure": m, "value": v, "standard_error": e} for b, m, v, e in figures]
    scenario = [
        day | {"basis": basis, "scenario": k, "measure": measure, "value": centre * (1.0 + 0.1 * sin(k))}
        for basis, measure, centre in (
            ("real_world", "scenario_reserve", 1.2e7),
            ("risk_neutral", "fair_value_guarantee", FAIR),
        )
        for k in range(64)
    ]
    checks = [
        {"check": "discounted large equity", "time": float(k), "value": 1.0 + 0.001 * k, "expected": 1.0}
        | {"standard_error": 0.002, "z": 0.5 * k, "passed": k < 4}
        for k in range(5)
    ]
    return {"reserve_summary": summary, "reserve_scenario": scenario, "scenario_checks": checks}


def _hedge() -> dict[str, list[dict[str, Any]]]:
    day: dict[str, Any] = {"valuation_date": THROUGH}
    block, exposure = [], []
    for greek, bucket, liability, limit, after in (
        ("delta", "large_equity", -90_000.0, 5_000.0, 1_200.0),
        ("rho", "10", 4_000.0, 1_000.0, -300.0),
        ("vega", "large_equity", 2_000.0, 4_000.0, 0.0),
    ):
        block.append(
            day | {"greek": greek, "bucket": bucket, "value": liability, "standard_error": abs(liability) / 50}
        )
        sides = {"liability": liability, "held": 0.0, "net": -liability, "limit": limit, "after_trade": after}
        use = {"utilisation": abs(liability) / limit, "breach": abs(liability) > limit}
        exposure.append(day | {"greek": greek, "bucket": bucket} | sides | use)
    trade = {"held": 0.0, "trade": float(TRADE), "after": float(TRADE), "price": 48_437.5, "value": TRADE * 48_437.5}
    return {
        "greeks_block": block,
        "hedge_exposure": exposure,
        "hedge_positions": [day | {"instrument": "S&P 500 E-mini future"} | trade],
    }


@cache
def store() -> tuple[Path, dict[str, str]]:
    """The folder, and what is in it: run ids by flow, keys of the reports."""
    folder = Path(tempfile.mkdtemp(prefix="highwater-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    command = [sys.executable, "-m", "tests.support.tiny_store", str(folder)]
    done = subprocess.run(command, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    written: dict[str, str] = json.loads(done.stdout)
    return folder, written


if __name__ == "__main__":
    print(json.dumps(fill(Path(sys.argv[1]))))
