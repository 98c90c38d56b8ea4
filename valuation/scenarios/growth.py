"""Scenario files of others: monthly growth factors and interest rates, one file an index or tenor, made one monthly set.

The public layout has a row a scenario and a column a month, 361 of them; column 0 is the valuation date.

    growth   factors of an index: 1 in column 0; `period`, of each month, or `accumulated`, since the valuation date
    rates    bond-equivalent yields of one tenor, fractions a year; column 0 is the yield of the valuation date

A head line and a first column of scenario numbers 1, 2, 3 ... are passed over.  The same row is the same scenario in
every file.

A monthly set is float64 (n_month, 6, n_scenario), the rows of a tile by month: growth factors of the five indices, and
the discount factor from the valuation date to the month's end.  What has no file of its own is made from rates:

- the discount factor is at the shortest tenor, (1 + y/2)^(-1/6) a month with the yield at its beginning; without
  rates, the inverse of the cash index;
- cash earns the same;
- bonds buy a par bond of constant maturity every month and reprice it a month later, yields linear between tenors.

Source: American Academy of Actuaries, pre-packaged scenarios, March 2005 (10,000 x 361 monthly factors, the same path in
every class); Economic scenario generator FAQ, May 2023 (tenors, bond-equivalent yields).
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv

from valuation.funds import INDICES, par_bond_ratio
from valuation.scenarios.grid import BONDS, CASH, DISCOUNT, EQUITIES, N_ROW, FloatArray

PERIOD, ACCUMULATED = LAYOUTS = ("period", "accumulated")
RATE = "rate_"
"""Beginning of the name of a file of rates; the tenor in years follows, as rate_0.25."""
LEAST_COLUMNS = 13
FACTORS = (0.2, 5.0)
"""Growth factors of one month between which a file is believed; others come from another layout or a misplaced comma."""
RATES = (-0.05, 0.5)
"""Yields between which a file is believed; others are percent."""
FIRST = 1e-9
"""Deviation of column 0 of growth factors from 1."""


class FileProblem(ValueError):
    """A scenario file cannot be used; the message names file, row, value found, value allowed, next step."""


class Series(NamedTuple):
    """One file as read."""

    name: str  # index, or rate_<years>
    file: str
    values: FloatArray  # (n_scenario, n_column)
    line: int = 1  # of the file that holds the first scenario

    @property
    def tenor(self) -> float | None:
        """Years, of rates; None of an index."""
        return float(self.name.removeprefix(RATE)) if self.name.startswith(RATE) else None


def check_name(name: str) -> None:
    """Raises FileProblem unless ``name`` is an index or a tenor."""
    if name in INDICES:
        return
    try:
        if name.startswith(RATE) and float(name.removeprefix(RATE)) > 0.0:
            return
    except ValueError:
        pass
    raise FileProblem(
        f"{name!r} is no index; allowed are {', '.join(INDICES)}, and rate_<years> as rate_0.25; correct the name"
    )


def read_series(name: str, file: str, content: bytes) -> Series:
    """The numbers of one CSV file.  Raises FileProblem for a cell that is no finite number and for rows of unequal length."""
    check_name(name)
    lines = content.decode("utf-8-sig", errors="replace")
    first = next(csv.reader(io.StringIO(lines)), [])
    skip = 0 if all(_number(cell) for cell in first) else 1
    types = {f"f{k}": pa.float64() for k in range(len(first))}
    try:
        table = pcsv.read_csv(
            io.BytesIO(lines.encode()),
            read_options=pcsv.ReadOptions(skip_rows=skip, autogenerate_column_names=True),
            convert_options=pcsv.ConvertOptions(column_types=types, null_values=["", "NA", "NaN", "nan"]),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        raise _first_bad(file, lines, skip, len(first)) from None
    values = np.column_stack([column.to_numpy(zero_copy_only=False) for column in table.columns])
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise _problem(file, int(row) + skip + 1, int(column), values[row, column], "a finite number")
    if len(values) > 1 and np.array_equal(values[:, 0], np.arange(1, len(values) + 1)):
        values = values[:, 1:]
    return Series(name, file, np.ascontiguousarray(values), skip + 1)


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _first_bad(file: str, text: str, skip: int, width: int) -> FileProblem:
    """The first line that is the reason why a file cannot be read."""
    for number, cells in enumerate(csv.reader(io.StringIO(text)), start=1):
        if number <= skip or not cells:
            continue
        if len(cells) != width:
            return FileProblem(
                f"{file}, row {number}: found {len(cells)} columns; allowed are {width}, as in its first row; "
                "correct the row or get the file again"
            )
        for column, cell in enumerate(cells):
            if not _number(cell):
                return _problem(file, number, column, cell, "a finite number")
    return FileProblem(f"{file}: found no row of numbers; allowed is a CSV file of them; get the file again")


def _problem(file: str, row: int, column: int, found: object, allowed: str, step: str = "") -> FileProblem:
    shown = f"{found:.10g}" if isinstance(found, float) else repr(found)
    text = step or "correct the value or get the file again"
    return FileProblem(f"{file}, row {row}, month {column}: found {shown}; allowed is {allowed}; {text}")


def check_series(series: Series, layout: str) -> None:
    """Raises FileProblem naming row and value for a file whose numbers cannot be what it says.  Rows are lines of the file."""
    values, tenor = series.values, series.tenor
    if values.shape[1] < LEAST_COLUMNS:
        raise FileProblem(
            f"{series.file}: found {values.shape[1]} columns; allowed are {LEAST_COLUMNS} or more, 361 in the public "
            "layout; one row is one scenario, one column one month"
        )
    if tenor is not None:
        low, high = RATES
        _within(series, values, low, high, "divide percent by 100")
        return
    if (values <= 0.0).any():
        row, column = np.argwhere(values <= 0.0)[0]
        raise _problem(series.file, int(row) + series.line, int(column), float(values[row, column]), "a number above 0")
    away = np.abs(values[:, 0] - 1.0) > FIRST
    if away.any():
        row = int(np.argmax(away))
        step = "give the file with the valuation date as column 0"
        raise _problem(series.file, row + series.line, 0, float(values[row, 0]), "1 on the valuation date", step)
    other = LAYOUTS[1 - LAYOUTS.index(layout)]
    factors = values[:, 1:] / values[:, :-1] if layout == ACCUMULATED else values[:, 1:]
    _within(series._replace(values=factors), factors, *FACTORS, f"if the file holds {other} factors say so", 1)
    if layout == ACCUMULATED and series.name in EQUITIES:
        spread = np.log(values[:, [1, -1]]).std(axis=0)
        if spread[1] < 1.5 * spread[0]:
            raise FileProblem(
                f"{series.file}: found a spread of {spread[1]:.4f} over scenarios in the last month and {spread[0]:.4f} "
                f"in the first; allowed for {ACCUMULATED} factors is one that grows; say that the layout is {PERIOD}"
            )


def _within(series: Series, values: FloatArray, low: float, high: float, step: str, offset: int = 0) -> None:
    outside = (values < low) | (values > high)
    if outside.any():
        row, column = np.argwhere(outside)[0]
        allowed = f"from {low:g} to {high:g} a {'month' if offset else 'year'}"
        raise _problem(
            series.file, int(row) + series.line, int(column) + offset, float(values[row, column]), allowed, step
        )


def monthly_set(files: Sequence[Series], layout: str, bond_maturity: int) -> FloatArray:
    """The monthly set (n_month, 6, n_scenario) of all files, each checked.

    Raises FileProblem for files of unequal shape, an equity without a file, and bonds or cash that nothing gives.
    """
    if layout not in LAYOUTS:
        raise FileProblem(f"layout {layout!r}: allowed are {' and '.join(LAYOUTS)}")
    for series in files:
        check_series(series, layout)
        if series.values.shape != files[0].values.shape:
            raise FileProblem(
                f"{series.file}: found {series.values.shape[0]} scenarios of {series.values.shape[1]} columns; allowed are "
                f"{files[0].values.shape[0]} of {files[0].values.shape[1]} as in {files[0].file}; give files of one set"
            )
    found = {series.name: series.values for series in files}
    if len(found) < len(files):
        raise FileProblem("an index has two files; allowed is one; leave one out")
    rates = {series.tenor: series.values for series in files if series.tenor is not None}
    missing = [name for name in EQUITIES if name not in found]
    if missing:
        raise FileProblem(f"found no file of {', '.join(missing)}; every equity index needs one; add {missing[0]}=FILE")
    n_scenario, n_column = files[0].values.shape
    made = np.empty((n_column - 1, N_ROW, n_scenario))
    for row, name in enumerate(INDICES):
        if name in found:
            values = found[name].T
            made[:, row] = values[1:] / values[:-1] if layout == ACCUMULATED else values[1:]
    _from_rates(made, rates, found.keys(), bond_maturity)
    return made


def _from_rates(made: FloatArray, rates: Mapping[float, FloatArray], given: object, bond_maturity: int) -> None:
    """Fill the discount row, and cash and bonds where no file gave them."""
    names = set(given)  # type: ignore[call-overload]
    if rates:
        shortest = (1.0 + rates[min(rates)].T[:-1] / 2.0) ** (1.0 / 6.0)
        made[:, DISCOUNT] = 1.0 / np.cumprod(shortest, axis=0)
        if "cash" not in names:
            made[:, CASH] = shortest
    elif "cash" in names:
        made[:, DISCOUNT] = 1.0 / np.cumprod(made[:, CASH], axis=0)
    else:
        raise FileProblem("found neither cash nor rates; discounting needs one; add cash=FILE or rate_0.25=FILE")
    if "bonds" not in names:
        made[:, BONDS] = _repriced(rates, bond_maturity)


def _repriced(rates: Mapping[float, FloatArray], maturity: int) -> FloatArray:
    """Monthly growth (n_month, n_scenario) of a par bond of constant maturity."""
    month = 1.0 / 12.0
    tenors = sorted(rates)
    if not tenors or tenors[0] > maturity - month or tenors[-1] < maturity:
        have = ", ".join(f"{one:g}" for one in tenors) or "none"
        raise FileProblem(
            f"found no file of bonds, and rates of {have} years; a bond of {maturity} years needs tenors on both sides; "
            "add bonds=FILE, or files as rate_5=FILE rate_7=FILE"
        )
    right = next(k for k, one in enumerate(tenors) if one >= maturity)
    low, high = tenors[max(right - 1, 0)], tenors[right]

    def yields(years: float) -> FloatArray:
        share = (years - low) / (high - low) if high > low else 0.0
        return np.asarray(rates[low].T * (1.0 - share) + rates[high].T * share)

    return par_bond_ratio(yields(maturity)[:-1], yields(maturity - month)[1:], 365.0 * month, maturity)


def significance(monthly: FloatArray, months: int = 180) -> FloatArray:
    """(n_scenario,) square root of the sum of squared inverse wealth of large equity over the months: high where poor.

    Source: American Academy of Actuaries, pre-packaged scenarios, March 2005 (scenario picker).
    """
    wealth = np.cumprod(monthly[:months, 0], axis=0)
    return np.asarray(np.sqrt(np.sum(wealth**-2.0, axis=0)))


def representative(monthly: FloatArray, count: int) -> tuple[int, ...]:
    """Scenarios that stand for equally many each: the middle of ``count`` strata of `significance`, in file order."""
    n = monthly.shape[2]
    if not 1 <= count <= n:
        raise FileProblem(f"found {n} scenarios; allowed to pick are 1 to {n}, not {count}; pick fewer")
    order = np.argsort(significance(monthly), kind="stable")
    middle = ((np.arange(count) + 0.5) * n / count).astype(np.int64)
    return tuple(sorted(int(k) for k in order[middle]))
