"""Do the tests notice when a rule is wrong?  ``make mutate``, or ``make mutate MUTATE="valuation/credits.py"``."""

import argparse
import os
import time
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

ROOT = Path(__file__).parents[2]


def _arguments(modules: list[str]) -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    reader.add_argument("modules", nargs="*", help="to mutate, as valuation/credits.py; without any, all chosen")
    reader.add_argument("--most", type=int, default=100, help="mutants of a module that are tried, 0 for all of them")
    reader.add_argument("--minutes", type=float, default=60.0, help="no module is begun later than this")
    reader.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="mutants tried at the same time")
    reader.add_argument("--seconds", type=float, default=6.0, help="of the processor, for all tests of a mutant")
    asked = reader.parse_args()
    asked.modules = asked.modules or modules
    for module in asked.modules:
        if not (ROOT / module).is_file() or not module.endswith(".py"):
            reader.error(f"{module} is no module; name one by its path, as {modules[0]}")
    return asked


def main() -> None:
    """Try the mutants, keep the scores, print them."""
    # before anything imports numba: rules and kernels alike run as they are written
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    from tests.mutation import chosen, mutants, score, trial

    asked = _arguments([f"valuation/{name}" for name in chosen.MODULES])
    trial.warm()
    console, explained, found = Console(width=160), score.load_explained(), []
    last = time.monotonic() + 60.0 * asked.minutes
    for module in asked.modules:
        if time.monotonic() > last:
            console.print(f"the {asked.minutes:g} minutes are over before {module}")
            break
        measured = trial.baseline(ROOT, chosen.concerning(ROOT, module), asked.seconds)
        tests = chosen.affordable(measured, asked.seconds)
        if not tests:
            console.print(f"{module}: no quick test concerns it")
            continue
        console.print(f"{module}: {', '.join(test.test for test in tests)}", highlight=False)
        every = mutants.of_file(ROOT, module)
        drawn = mutants.drawn(every, asked.most)
        names, limit = [test.test for test in tests], 5.0 + 4.0 * sum(test.seconds for test in tests)
        with Progress(console=console, transient=True) as progress:
            verdicts = list(
                progress.track(trial.tried(ROOT, drawn, names, limit, asked.processes), len(drawn), description=module)
            )
        found.append(score.score(module, date.today().isoformat(), len(every), verdicts, explained))
        console.print(f"{module}: {found[-1].percent:.0f}% of {found[-1].tried} killed", highlight=False)
        for change in found[-1].survivors:
            console.print(f"  survived  {change}", highlight=False, markup=False, soft_wrap=True)
        score.keep(ROOT / "tests", found)
    table = Table(*score.COLUMNS)
    for one in found:
        table.add_row(*(str(cell) for cell in score.row(one)))
    console.print(table)


if __name__ == "__main__":
    main()
