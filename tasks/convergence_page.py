"""The convergence study as people get it: tables for a terminal, tables as files, one HTML page with its pictures.

convergence/<hash>/convergence.html                  named by the content of the page, which opens without a network
convergence/<hash>/estimates.parquet, .csv           every estimate of every sample: measure, scenarios, seed, value, error
convergence/<hash>/errors.parquet, .csv              errors by measure and number of scenarios
convergence/<hash>/steps.parquet, .csv               what weekly and monthly steps make of the measures
"""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from markupsafe import Markup

from infra.storage import Storage, encode_table
from tasks import report_figures as draw
from tasks.convergence import (
    BRIDGED,
    PERIODIC,
    Batch,
    Difference,
    Error,
    Found,
    batches,
    differences,
    errors,
    slopes,
    table,
    unit_of,
)
from tasks.report import rendered
from tasks.report_page import Card, Page, Picture, Row, Section, Sheet
from tasks.summary import NONE, count, usd
from tasks.summary import Page as Shown
from valuation.observation import DAILY, STEPS

_SCENARIOS = (
    "Every N successive scenarios of a seed are a sample of N; its error is what it misses the estimate from all scenarios"
    " of all seeds by. Errors are root mean squares over the samples. The slope is that of the logarithm of the error over"
    " the logarithm of N; -1/2 is what independent scenarios give.",
    "The stated error is what a sample says of itself, its mean over the samples; where it falls short of the error, the"
    " scenarios have a heavier tail than so few of them can show.",
)
_STEPS = (
    "The same paths, looked at less often: growth, comparison with the Account Value, and asset transfer formula on every"
    " fifth Valuation Day, or when a month ends. Fewer comparisons lower what is guaranteed; later transfers leave more of"
    " a falling account in the Permitted Sub-accounts.",
    "Periodic Value: what 100 USD in large equity have locked in after ten years, discounted. With a bridge the maximum"
    " between two observations is drawn, and brought to daily observation.",
)


@dataclass(frozen=True)
class Written:
    """What the command tells."""

    keys: tuple[str, ...]
    pages: tuple[Shown, ...]


@dataclass(frozen=True)
class Study:
    """The study with what is computed from its values."""

    found: Found
    estimates: Sequence[Batch]
    errors: Sequence[Error]
    steps: Sequence[Difference]


def study(found: Found) -> Study:
    """Estimates of all samples, their errors, and what steps do."""
    rows = batches(found)
    return Study(found, rows, errors(found, rows), differences(found))


def write(storage: Storage, one: Study) -> Written:
    """Write page and tables; the keys, page first, and the tables for a terminal."""
    html = rendered(page(one)).encode()
    folder = f"convergence/{hashlib.sha256(html).hexdigest()[:12]}"
    files = {"convergence.html": html}
    for name, rows in (("estimates", one.estimates), ("errors", one.errors), ("steps", one.steps)):
        found = table(rows)
        files |= {f"{name}.parquet": encode_table(found), f"{name}.csv": _csv(found)}
    for name, data in files.items():
        storage.write(f"{folder}/{name}", data)
    shown = tuple(
        Shown(sheet.caption, sheet.columns, tuple(row.cells for row in sheet.rows))
        for sheet in (_sizes(one), _steps(one))
    )
    return Written(tuple(f"{folder}/{name}" for name in files), shown)


def _csv(found: pa.Table) -> bytes:
    sink = io.BytesIO()
    pa_csv.write_csv(found, sink)
    return sink.getvalue()


def page(one: Study) -> Page:
    """The whole page."""
    found, size = one.found, one.found.size
    cards = (
        Card("contracts", f"{found.contracts}", f"Account Value USD {usd(found.account_value)}"),
        Card("scenarios", f"{size.seeds} x {size.scenarios:,}", "seeds, scenarios of each"),
        Card("Valuation Days", f"{found.days:,}", "of every path"),
    )
    relative = {
        name: np.array([row.error / abs(row.value) for row in one.errors if row.measure == name])
        for name in dict.fromkeys(row.measure for row in one.errors)
    }
    sizes = np.array(size.samples, dtype=np.float64)
    pictures = (
        Picture("errors", Markup(draw.errors_by_size("errors", sizes, relative)), "Error over value, by measure."),
        Picture(
            "steps", Markup(draw.step_changes("steps", *_changes(one))), "Change of value, with two standard errors."
        ),
    )
    sections = (
        Section("scenarios", "Scenarios", _SCENARIOS, pictures[:1], (_sizes(one),)),
        Section("observation", "Steps", _STEPS, pictures[1:], (_steps(one),)),
    )
    sample = f"the first {count(found.contracts, 'contract')} of the demonstration block, {size.through}"
    return Page("Highwater: convergence of the projection", sample, cards, sections)


def _changes(one: Study) -> tuple[list[str], dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Relative changes of every measure by step."""
    names = list(dict.fromkeys(row.measure for row in one.steps))
    base = {row.measure: row.value - row.difference for row in one.steps if row.step == DAILY}
    found = {}
    for step in STEPS[1:]:
        mine = [row for row in one.steps if row.step == step]
        found[step] = (
            np.array([row.difference / base[row.measure] for row in mine]),
            np.array([row.standard_error / abs(base[row.measure]) for row in mine]),
        )
    return names, found


def _sizes(one: Study) -> Sheet:
    fitted = slopes(one.errors)
    sizes = one.found.size.samples
    rows = []
    for name, slope in fitted.items():
        mine = [row for row in one.errors if row.measure == name]
        last = mine[-1]
        spread = (f"{row.error:,.2f}" for row in mine)
        cells = (
            f"{name}, {unit_of(name)}",
            f"{last.value:,.2f}",
            *spread,
            f"{last.standard_error:,.2f}",
            f"{slope:.2f}" if np.isfinite(slope) else NONE,
        )
        rows.append(Row(cells))
    columns = ("measure", "#value", *(f"#{n:,}" for n in sizes), f"#stated, {sizes[-1]:,}", "#slope")
    return Sheet("Errors by number of scenarios", columns, tuple(rows))


def _steps(one: Study) -> Sheet:
    rows = [
        Row(
            (
                row.measure,
                row.step,
                f"{row.value:,.2f}",
                f"{row.difference:,.2f}",
                f"{row.standard_error:,.2f}",
                f"{row.difference / (row.value - row.difference):.2%}",
            )
        )
        for row in one.steps
        if row.step != DAILY or row.measure in (PERIODIC, BRIDGED)
    ]
    columns = ("measure", "step", "#value, USD", "#less daily steps, USD", "#standard error", "#of the value")
    return Sheet("What coarser steps do, on the same paths", columns, tuple(rows))
