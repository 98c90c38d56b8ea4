"""The README's table of performance, made from what the benchmark measured."""

from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.measured import MODES, values

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


class Line(NamedTuple):
    """A line of a table: what it is, then a cell for each measurement."""

    name: str
    cell: str  # how a measurement is written
    keys: tuple[str, ...]


ORDINARY = (
    Line("ns a contract and scenario", "{:.2f}", tuple(f"day_{mode}" for mode in MODES)),
    Line("floor: the same rules, loads and stores, nothing else", "{:.2f}", tuple(f"floor_{mode}" for mode in MODES)),
    Line("share of the floor's speed", "{:.0f}%", tuple(f"reached_{mode}" for mode in MODES)),
)
SINGLE = (
    Line("day on which something falls due, a contract and scenario", "{:.0f} ns", ("event_draw_due",)),
    Line("day with a withdrawal", "{:.0f} ns", ("event_draw_withdrawal",)),
    Line("end of a projection month", "{:.0f} ns", ("event_draw_month",)),
    Line("whole projection of a mixed block, a contract, scenario and day", "{:.1f} ns", ("all_in",)),
    Line("the same, contract-scenario-days a second", "{:,.0f}", ("our_steps",)),
    Line("ordinary days a second in plain NumPy", "{:,.0f}", ("numpy_steps",)),
    Line("contract-scenario-months a second of lifelib's `CashValue_ME_EX4`", "{:,.0f}", ("lifelib_steps",)),
    Line("daily valuation with its ledger, contract-days a second", "{:,.0f}", ("daily_kernel",)),
    Line("predicted cost of a contract: correlation with the measured one", "{:.2f}", ("cost_correlation",)),
    Line("measured over predicted, 5th percentile, the median being 1", "{:.2f}", ("cost_low",)),
    Line("measured over predicted, 95th percentile", "{:.2f}", ("cost_high",)),
    Line("projection of a reserve, one worker to two", "{:.2f} times faster", ("speed_up",)),
    Line("projection of a reserve on one worker, processor time over its kernels'", "{:+.0f}%", ("over_projection",)),
    Line("whole command of a reserve on one worker, processor time over its kernels'", "{:+.0f}%", ("over_run",)),
    Line("1,000 workers, 50,000 partitions, simulated: at work, longest first", "{:.1f}%", ("many_longest",)),
    Line("the same in the order of partitions", "{:.1f}%", ("many_in_order",)),
)


def table(whole: dict[str, Any]) -> str:
    """Both tables in Markdown, of what has been measured."""
    found = values(whole)
    lines = [f"Measured on {whole['machine']}.", "", f"| ordinary day | {' | '.join(MODES.values())} |"]
    lines += ["|---" * (len(MODES) + 1) + "|", *_lines(ORDINARY, found)]
    return "\n".join([*lines, "", "| | |", "|---|---|", *_lines(SINGLE, found)])


def _lines(lines: tuple[Line, ...], found: dict[str, float]) -> list[str]:
    return [
        f"| {line.name} | {' | '.join(line.cell.format(found[key]) for key in line.keys)} |"
        for line in lines
        if all(key in found for key in line.keys)
    ]


def with_table(text: str, whole: dict[str, Any]) -> str:
    """The README with the table between its markers; ValueError without them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the README has no {BEGIN} and {END}: put them where the table of performance belongs")
    return f"{before}{BEGIN}\n{table(whole)}\n{END}{after}"


def write(whole: dict[str, Any]) -> None:
    """Put the table into the README."""
    README.write_text(with_table(README.read_text(encoding="utf-8"), whole), encoding="utf-8")
