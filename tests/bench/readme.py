"""The README's table of performance, made from what the benchmark measured."""

from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.measured import values

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


class Line(NamedTuple):
    """A line of the table; ``text`` is filled in with measurements by key."""

    name: str
    text: str
    needs: tuple[str, ...]


LINES = (
    Line(
        "ordinary day of a contract in a scenario: before the first withdrawal; after the Tenth Anniversary;"
        " income taken; no benefit",
        "{day_grow:.2f}; {day_freeze:.2f}; {day_draw:.2f}; {day_hold:.2f} ns",
        ("day_grow", "day_freeze", "day_draw", "day_hold"),
    ),
    Line(
        "of the speed of its floor: the same rules, loads and stores and nothing else",
        "{reached_grow:.0f}; {reached_freeze:.0f}; {reached_draw:.0f}; {reached_hold:.0f}%",
        ("reached_grow", "reached_freeze", "reached_draw", "reached_hold"),
    ),
    Line(
        "day with something due; with a withdrawal; end of a projection month",
        "{event_draw_due:.0f}; {event_draw_withdrawal:.0f}; {event_draw_month:.0f} ns",
        ("event_draw_due", "event_draw_withdrawal", "event_draw_month"),
    ),
    Line("the whole projection, a contract-scenario-day, all in", "{all_in:.1f} ns", ("all_in",)),
    Line(
        "the same a second on one core; an ordinary day in plain NumPy; a month in lifelib's `CashValue_ME_EX4`",
        "{our_steps:,.0f}; {numpy_steps:,.0f}; {lifelib_steps:,.0f}",
        ("our_steps", "numpy_steps", "lifelib_steps"),
    ),
    Line("daily valuation, contract-days a second on one core, ledger on", "{daily_kernel:,.0f}", ("daily_kernel",)),
    Line(
        "predicted cost of contracts against measured: correlation; 90% of the ratios, the median being 1",
        "{cost_correlation:.2f}; {cost_low:.2f} to {cost_high:.2f}",
        ("cost_correlation", "cost_low", "cost_high"),
    ),
    Line("projection of a reserve, two workers against one", "{speed_up:.2f} times faster", ("speed_up",)),
    Line(
        "wall time over the kernels' own: projection step; the whole flow",
        "{over_projection:.0f}%; {over_run:.0f}%",
        ("over_projection", "over_run"),
    ),
    Line(
        "1,000 simulated workers, 50,000 partitions: share of their time at work, longest first; as the loop does now",
        "{many_longest:.1f}%; {many_in_order:.1f}%",
        ("many_longest", "many_in_order"),
    ),
)


def table(whole: dict[str, Any]) -> str:
    """The table in Markdown, of what has been measured."""
    found = values(whole)
    rows = [
        f"| {line.name} | {line.text.format(**found)} |" for line in LINES if all(key in found for key in line.needs)
    ]
    return "\n".join([f"Measured on {whole['machine']}.", "", "| what | measured |", "|---|---|", *rows])


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
