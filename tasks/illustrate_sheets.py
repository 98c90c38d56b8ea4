"""The tables of the illustrations and expense examples, as the prospectus lays them out.  No figure is computed here."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.report_page import Row, Sheet
from valuation.arrays import SERIES
from valuation.expense_examples import Example
from valuation.illustrations import PRINTED, Assumed, Illustration, Period, annuity_year, days_highest, highest, yearly

UNIT_YEARS = (1, 2, 3, 4, 5, 10, 15, 20, 25, 30)
"""Anniversaries of which Unit Values are shown; the CSV file has all."""

PARTS = {
    "Portfolios": "portfolios",
    "Insurance Charge": "insurance",
    "Death Benefit": "death_benefit",
    "Highest Daily 7": "income_benefit",
    "Annual Maintenance Fee": "maintenance",
}
"""Parts of the expenses by the name shown."""


@dataclass(frozen=True)
class Found:
    """Everything that is shown."""

    assumed: Assumed
    illustrations: tuple[Illustration, ...]
    examples: tuple[Example, ...]
    dearest: float  # expense of the dearest Portfolio, fraction per year
    units: NDArray[np.float64]  # (n_gross, years + 1, 3, 2) Accumulation Unit Values, USD


def sheets(found: Found) -> tuple[Sheet, ...]:
    """All tables: expense examples, illustrations each with its days highest, Unit Values."""
    units = tuple(unit_sheet(found, k) for k in range(len(found.illustrations)))
    values = tuple(sheet for one in found.illustrations for sheet in (value_sheet(one), days_sheet(one)))
    return (*expense_sheets(found), *values, *units)


def percent(value: float) -> str:
    """A fraction as a percentage, as short as it can be."""
    return f"{value * 100:.4f}".rstrip("0").rstrip(".") + "%"


def dollars(value: float) -> str:
    """USD to the nearest dollar; n/a for what there is none of."""
    return "n/a" if np.isnan(value) else f"{np.floor(value + 0.5):,.0f}"


def value_sheet(one: Illustration) -> Sheet:
    """Annuity Value and Surrender Value of every year; the highest Surrender Values are shaded.  Source: APP-2."""
    annuity, surrender = yearly(one)
    best = highest(surrender)
    rows = []
    for year in range(len(annuity)):
        cells, marked = [str(year + 1)], []
        for series in PRINTED:
            s = SERIES.index(series)
            cells += [dollars(annuity[year, s]), dollars(surrender[year, s])]
            marked += [len(cells) - 1] if best[year, s] else []
        rows.append(Row(tuple(cells), marked=tuple(marked)))
    columns = [name for series in PRINTED for name in (f"#{series} Annuity Value", f"#{series} Surrender Value")]
    net = ", ".join(f"{series} {one.net[SERIES.index(series)]:.2%}" for series in PRINTED)
    title = f"{percent(one.gross)} gross rate of return, net {net}; USD"
    return Sheet(title, ("#Yr", *columns), tuple(rows))


def days_sheet(one: Illustration) -> Sheet:
    """Days on which each series has the highest Surrender Value.  Source: APP-3."""
    totals, runs = days_highest(one)
    rows = []
    for series in PRINTED:
        s = SERIES.index(series)
        for k, run in enumerate(runs[s] or (None,)):
            total = f"{totals[s]:,.0f}" if k == 0 else ""
            rows.append(Row((f"{series} Series" if k == 0 else "", total, *_span(run))))
    columns = ("product", "#total days in which highest", "#years from the Issue Date", "#days of the period")
    return Sheet(f"Days with the highest Surrender Value, {percent(one.gross)} gross", columns, tuple(rows))


def _span(run: Period | None) -> tuple[str, str]:
    if run is None:
        return "-", "-"
    first, last = annuity_year(run.first), annuity_year(run.last)
    return str(first) if first == last else f"{first}-{last}", f"{run.first}-{run.last}"


def expense_sheets(found: Found) -> tuple[Sheet, ...]:
    """Expenses with surrender, with annuitization and without either; then their parts.  Source: EXP-1."""
    columns = ("series", *(f"#{one.years} yr{'' if one.years == 1 else 's'}" for one in found.examples))
    tables = []
    for title, name in (
        ("if you surrender", "surrendered"),
        ("if you annuitize", "annuitized"),
        ("if you do neither", "kept"),
    ):
        rows = [
            Row((f"{series} Series", *(dollars(getattr(one, name)[s]) for one in found.examples)))
            for s, series in enumerate(SERIES)
        ]
        tables.append(Sheet(f"Expenses {title}, USD", columns, tuple(rows)))
    rows = [
        Row((f"{series} Series", str(one.years), *(dollars(getattr(one.costs, part)[s]) for part in PARTS.values())))
        for s, series in enumerate(SERIES)
        for one in found.examples
    ]
    parts = ("series", "#years", *(f"#{name}" for name in PARTS))
    return (*tables, Sheet("What the expenses are made of if you do neither, USD", parts, tuple(rows)))


def unit_sheet(found: Found, k: int) -> Sheet:
    """Accumulation Unit Values of one gross return.  Source: APP-1."""
    columns = ["#Yr"]
    for series in PRINTED:
        columns += [f"#{series} lowest charge", f"#{series} highest charge"]
    rows = []
    for year in (year for year in UNIT_YEARS if year < len(found.units[k])):
        values = [found.units[k, year, SERIES.index(series), which] for series in PRINTED for which in (0, 1)]
        rows.append(Row((str(year), *(f"{value:.5f}" for value in values))))
    title = f"Accumulation Unit Values, {percent(found.assumed.gross[k])} gross, USD, beginning at 10"
    return Sheet(title, tuple(columns), tuple(rows))
