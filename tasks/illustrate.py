"""Illustrations and expense examples, computed and written: tables for a terminal, CSV files and one HTML page.

illustrations/<hash>/illustrations.html              named by the content of the page, which opens without a network
illustrations/<hash>/annuity_values.csv              Annuity Value and Surrender Value by gross return, series and year
illustrations/<hash>/surrender_values.csv            Surrender Value by gross return and day from the Issue Date
illustrations/<hash>/days_highest.csv                periods in which a series has the highest Surrender Value
illustrations/<hash>/expense_examples.csv            expenses by series and period, with their parts
illustrations/<hash>/unit_values.csv                 Accumulation Unit Values by gross return, series and year
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isnan

from infra.storage import Storage
from tasks.illustrate_page import page
from tasks.illustrate_sheets import Found, sheets
from tasks.report import rendered
from tasks.report_page import Sheet
from tasks.summary import Page
from valuation.arrays import SERIES
from valuation.expense_examples import expense_examples, highest_expense
from valuation.illustrations import PRINTED, assumptions, days_highest, highest, illustrate, unit_values, yearly

CsvRow = tuple[object, ...]
PLACES = {series: SERIES.index(series) for series in PRINTED}
"""Place of every series in the arrays, in the order printed."""


@dataclass(frozen=True)
class Written:
    """What a command tells of the illustrations it has written."""

    keys: tuple[str, ...]
    pages: tuple[Page, ...]


def compute(
    gross: Sequence[float] | None = None,
    expense: float | None = None,
    credit: float | None = None,
    investment: float | None = None,
    dearest: float | None = None,
) -> Found:
    """Everything that is shown; what is left out is as the prospectus, the terms or the fund map have it.

    ``expense``  average expense of the Portfolios, ``dearest`` the highest of them, fractions per year
    """
    assumed = assumptions(gross, expense, credit, investment)
    most = highest_expense() if dearest is None else dearest
    examples = expense_examples(most, assumed.credit)
    return Found(assumed, illustrate(assumed), examples, most, unit_values(assumed))


def write(storage: Storage, found: Found) -> Written:
    """Write page and CSV files; the keys, page first, and the tables for a terminal."""
    html = rendered(page(found)).encode()
    folder = f"illustrations/{hashlib.sha256(html).hexdigest()[:12]}"
    files = {"illustrations.html": html} | {name: table.encode() for name, table in csv_files(found).items()}
    for name, data in files.items():
        storage.write(f"{folder}/{name}", data)
    shown = tuple(_shown(sheet) for sheet in sheets(found))
    return Written(tuple(f"{folder}/{name}" for name in files), shown)


def _shown(sheet: Sheet) -> Page:
    rows = [
        tuple(cell + ("*" if k in row.marked else " ") if row.marked else cell for k, cell in enumerate(row.cells))
        for row in sheet.rows
    ]
    return Page(sheet.caption, sheet.columns, tuple(rows))


def csv_files(found: Found) -> dict[str, str]:
    """The figures as CSV text by file name; money in USD to the cent, rates as fractions."""
    return {
        "annuity_values.csv": _csv(
            "gross_return year series net_rate annuity_value surrender_value highest", _years(found)
        ),
        "surrender_values.csv": _csv("gross_return day L B X highest", _days(found)),
        "days_highest.csv": _csv("gross_return series total_days first_day last_day", _spans(found)),
        "expense_examples.csv": _csv(
            "series years surrendered annuitized kept portfolios insurance death_benefit income_benefit maintenance",
            _expenses(found),
        ),
        "unit_values.csv": _csv("gross_return year series lowest_charge highest_charge", _units(found)),
    }


def _years(found: Found) -> Iterator[CsvRow]:
    for one in found.illustrations:
        annuity, surrender = yearly(one)
        best = highest(surrender)
        for year in range(found.assumed.years):
            for series, s in PLACES.items():
                amounts = (f"{annuity[year, s]:.2f}", f"{surrender[year, s]:.2f}", int(best[year, s]))
                yield one.gross, year + 1, series, f"{one.net[s]:.6f}", *amounts


def _days(found: Found) -> Iterator[CsvRow]:
    for one in found.illustrations:
        flags = highest(one.surrender)
        for d, day in enumerate(one.surrender):
            best = " ".join(series for series, s in PLACES.items() if flags[d, s])
            yield one.gross, d, *(f"{day[s]:.2f}" for s in PLACES.values()), best


def _spans(found: Found) -> Iterator[CsvRow]:
    for one in found.illustrations:
        totals, runs = days_highest(one)
        for series, s in PLACES.items():
            for run in runs[s]:
                yield one.gross, series, int(totals[s]), run.first, run.last


def _expenses(found: Found) -> Iterator[CsvRow]:
    for s, series in enumerate(SERIES):
        for one in found.examples:
            amounts = (one.surrendered[s], one.annuitized[s], one.kept[s], *(part[s] for part in one.costs))
            yield series, one.years, *("" if isnan(amount) else f"{amount:.2f}" for amount in amounts)


def _units(found: Found) -> Iterator[CsvRow]:
    for gross, values in zip(found.assumed.gross, found.units, strict=True):
        for year, row in enumerate(values):
            for series, s in PLACES.items():
                yield gross, year, series, *(f"{value:.6f}" for value in row[s])


def _csv(columns: str, rows: Iterable[CsvRow]) -> str:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(columns.split())
    writer.writerows(rows)
    return sink.getvalue()
