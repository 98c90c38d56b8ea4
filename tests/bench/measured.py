"""What a benchmark hands back, and how it is timed."""

import json
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np

FOLDER = Path(__file__).parents[1]
DATA, REPORT = FOLDER / "BENCH.json", FOLDER / "BENCH.txt"

SECTIONS = ("ordinary", "events", "projection", "lifelib", "daily", "cost", "workers", "many")
"""Everything that is measured, in this order."""

MODES = {
    "grow": "before the first withdrawal",
    "freeze": "after the Tenth Anniversary",
    "draw": "income taken",
    "hold": "no benefit",
}
"""What the benefit does on ordinary days, see `valuation.lanes.HOLD` and its neighbours."""


class Row(NamedTuple):
    """One measurement; ``key`` is how other places refer to it."""

    key: str
    name: str
    value: float
    unit: str
    note: str = ""


class Grid(NamedTuple):
    """Measurements in two directions."""

    name: str
    unit: str
    down: str  # what the rows are
    across: str  # what the columns are
    rows: Sequence[int]
    columns: Sequence[int]
    values: Sequence[Sequence[float]]


class Section(NamedTuple):
    """What one benchmark found."""

    title: str
    rows: Sequence[Row]
    grids: Sequence[Grid] = ()


def seconds(work: Callable[[], Any], times: int = 3) -> float:
    """Processor seconds of one call in this process, the best of ``times`` after a warm-up."""
    return race(work, times=times)[0]


def race(*works: Callable[[], Any], times: int = 3) -> list[float]:
    """Processor seconds of one call of each, the best of ``times`` by turns, so that a slow moment hits all alike."""
    best = [np.inf] * len(works)
    for work in works:
        work()
    for _ in range(times):
        for k, work in enumerate(works):
            begun = time.process_time()
            work()
            best[k] = min(best[k], time.process_time() - begun)
    return [float(one) for one in best]


def machine() -> str:
    """What it was measured on."""
    model = next(
        (line.partition(":")[2].strip() for line in _cpu() if line.startswith("model name")), platform.processor()
    )
    return (
        f"{platform.machine()}, {model or 'processor without a name'}, Python {platform.python_version()},"
        f" numba {numba.__version__}, numpy {np.__version__}"
    )


def _cpu() -> list[str]:
    told = Path("/proc/cpuinfo")
    return told.read_text(encoding="utf-8").splitlines() if told.exists() else []


def kept() -> dict[str, Any]:
    """What was measured last, by section."""
    found: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8")) if DATA.exists() else {"sections": {}}
    return found


def keep(found: dict[str, Section]) -> dict[str, Any]:
    """Write the measurements and the report; other sections stay as they were if they are of the same machine."""
    earlier = kept()
    before = earlier["sections"] if earlier.get("machine") == machine() else {}
    sections = before | {name: _plain(one) for name, one in found.items()}
    whole = {"machine": machine(), "sections": {name: sections[name] for name in SECTIONS if name in sections}}
    DATA.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    REPORT.write_text(report(whole), encoding="utf-8")
    return whole


def _plain(one: Section) -> dict[str, Any]:
    rows = [row._replace(value=float(f"{row.value:.5g}"))._asdict() for row in one.rows]
    return {"title": one.title, "rows": rows, "grids": [grid._asdict() for grid in one.grids]}


def values(whole: dict[str, Any]) -> dict[str, float]:
    """Every measurement by key."""
    return {row["key"]: row["value"] for one in whole["sections"].values() for row in one["rows"]}


def report(whole: dict[str, Any]) -> str:
    """Everything as text."""
    lines = [whole["machine"], "processor time of one core, best of several, unless it says otherwise"]
    for one in whole["sections"].values():
        lines += ["", one["title"], ""]
        width = max((len(row["name"]) for row in one["rows"]), default=0)
        lines += [
            f"  {row['name']:<{width}}  {row['value']:>14,.{_digits(row['value'])}f} {row['unit']:<8} {row['note']}".rstrip()
            for row in one["rows"]
        ]
        for grid in one["grids"]:
            lines += ["", *(f"  {line}" for line in _grid(grid))]
    return "\n".join([*lines, ""])


def _digits(value: float) -> int:
    return 0 if abs(value) >= 1000.0 else 2


def _grid(grid: dict[str, Any]) -> list[str]:
    head = f"{grid['name']}, {grid['unit']}; rows: {grid['down']}, columns: {grid['across']}"
    lines = [head, " " * 6 + "".join(f"{column:>8}" for column in grid["columns"])]
    for label, row in zip(grid["rows"], grid["values"], strict=True):
        lines.append(f"{label:>6}" + "".join(f"{value:>8.2f}" for value in row))
    return lines
