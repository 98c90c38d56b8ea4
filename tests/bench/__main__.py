"""How fast Highwater is on this machine: ``make bench``.

Times are processor seconds of one process and the best of several, so that ratios hold on a shared machine; what runs on
workers is wall time and wants a quiet one.  Everything is kept in ``tests/BENCH.json``; ``tests/BENCH.txt`` and the
README's table are written from it.  It fails on nothing, and no test asserts a time.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from infra.environment import cache_kernels
from tests.bench import measured
from valuation.compile import kernel_hash


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    reader.add_argument("sections", nargs="*", help=f"to measure; without any, all: {', '.join(measured.SECTIONS)}")
    reader.add_argument("--contracts", type=int, default=2000, help="of the block")
    reader.add_argument("--projected", type=int, default=240, help="contracts of the table of tiles and chunks")
    reader.add_argument("--years", type=int, default=30, help="of that projection")
    reader.add_argument("--sample", type=int, default=120, help="contracts whose cost is measured one by one")
    reader.add_argument("--reserved", type=int, default=400, help="contracts of the reserve on workers")
    reader.add_argument("--scenarios", type=int, default=512, help="real-world scenarios of it")
    asked = reader.parse_args()
    if unknown := set(asked.sections) - set(measured.SECTIONS):
        reader.error(f"{', '.join(sorted(unknown))}: no such section; there are {', '.join(measured.SECTIONS)}")
    return asked


def main() -> None:
    """Measure, keep, write, print."""
    asked = _arguments()
    cache_kernels(Path(".highwater/scratch/kernels").resolve(), kernel_hash())
    # only now, so that the kernels are kept
    from tests.bench import daily_days, days, event_days, lifelib_model, predicted, readme, tiles, workers

    made: dict[str, Callable[[], measured.Section]] = {
        "ordinary": days.ordinary,
        "events": lambda: event_days.events(asked.contracts),
        "projection": lambda: tiles.projection(asked.contracts, asked.projected, asked.years),
        "daily": lambda: daily_days.daily(asked.contracts),
        "lifelib": lambda: lifelib_model.beside_lifelib(*(measured.values(measured.kept())[k] for k in NEEDED)),
        "cost": lambda: predicted.cost(asked.contracts, asked.sample),
        "workers": lambda: workers.flow(asked.reserved, asked.scenarios),
        "many": lambda: predicted.many_workers(asked.contracts, asked.sample, workers.overhead()),
    }
    for name in asked.sections or measured.SECTIONS:
        print(f"measuring: {name}", flush=True)
        whole = measured.keep({name: made[name]()})
        readme.write(whole)
    print(measured.report(measured.kept()))


NEEDED = ("all_in", "day_numpy")
"""Measurements that stand beside lifelib's."""

if __name__ == "__main__":
    main()
