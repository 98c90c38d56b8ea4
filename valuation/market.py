"""Market history: the S&P 500, the Treasury par curve and VIX, and the as-of rule for days without a value.

As-of rule  a series asked for a day answers with its latest value on or before that day, at most `MAX_AGE` calendar
            days old; older is an error.  The Treasury market is closed on some Valuation Days (Columbus Day, Veterans
            Day), see data/market/SOURCE.md.
Units       index levels as quoted; yields and VIX as fractions a year (the files have percent)
"""

import csv
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from valuation.bootstrap import bootstrap
from valuation.curve import TENOR_MONTHS, ParYields, ZeroCurve
from valuation.sessions import Days, day_date, day_number

Array = NDArray[np.float64]

MAX_AGE = 5
"""Calendar days after which the last value of a series no longer stands for the day asked for."""

_PERCENT = 0.01
_PAR_COLUMNS = ("m1", "m3", "m6", "y1", "y2", "y3", "y5", "y7", "y10", "y20", "y30")


class Series(NamedTuple):
    """Daily values of one or more columns."""

    name: str
    days: Days  # (n,) ascending
    values: Array  # (n,) or (n, n_column); NaN where a column has no value

    def rows(self, days: Days) -> NDArray[np.intp]:
        """Row that the as-of rule gives for each of ``days``.  Raises ValueError where there is none."""
        found = np.searchsorted(self.days, days, side="right") - 1
        missing = (found < 0) | (days - self.days[np.maximum(found, 0)] > MAX_AGE)
        if missing.any():
            asked = day_date(days[missing][0])
            raise ValueError(
                f"{self.name} has no value for {asked}, nor in the {MAX_AGE} days before: choose a date from "
                f"{day_date(self.days[0])} to {day_date(self.days[-1])}, or extend the history"
            )
        return found

    def at(self, days: Days) -> Array:
        """Values for each of ``days`` by the as-of rule."""
        return self.values[self.rows(days)]

    def on(self, day: date) -> Array:
        """Value, or values of all columns, for one day by the as-of rule."""
        return np.asarray(self.at(np.array([day_number(day)]))[0])


class MarketHistory(NamedTuple):
    """What the system knows of past markets."""

    sp500: Series  # (n,) price index, no dividends
    treasury: Series  # (n, 11) par yields of TENOR_MONTHS, fractions a year; NaN where none was published
    vix: Series  # (n,) fractions a year

    def par_yields(self, day: date) -> ParYields:
        """Treasury par yields for ``day`` by the as-of rule."""
        return ParYields(day, TENOR_MONTHS, self.treasury.on(day))

    def zero_curve(self, day: date) -> ZeroCurve:
        """Zero curve for ``day``, from the par yields the as-of rule gives."""
        return bootstrap(self.par_yields(day))


def parse_closes(lines: Sequence[str], name: str, scale: float = 1.0) -> Series:
    """Read a series of columns ``date,close`` and multiply it by ``scale``.

    Raises ValueError, with line, value and what is allowed, for a date out of order or a close that is not positive.
    """
    days, values = _parse(lines, name, ("close",))
    bad = ~(values[:, 0] > 0.0)
    if bad.any():
        at = int(bad.argmax())
        raise ValueError(f"{name}, line {at + 2}: close {values[at, 0]} is not a positive number: correct the file")
    return Series(name, days, values[:, 0] * scale)


def parse_par_yields(lines: Sequence[str], name: str) -> Series:
    """Read par yields in percent: ``date`` and a column for each of `TENOR_MONTHS`, blank where none was published.

    A zero is a quote.  Raises ValueError, with line and value, for a date out of order or a field that is no number.
    """
    days, values = _parse(lines, name, _PAR_COLUMNS)
    return Series(name, days, values * _PERCENT)


@cache
def load_market_history() -> MarketHistory:
    """The history that comes with the package: S&P 500 and VIX 1999-2018, Treasury par curve 2006-2018."""
    folder = resources.files("valuation") / "data" / "market"

    def lines(file: str) -> list[str]:
        return (folder / file).read_text(encoding="utf-8").splitlines()

    return MarketHistory(
        parse_closes(lines("sp500_close_daily_1999_2018.csv"), "S&P 500"),
        parse_par_yields(lines("treasury_par_daily_2006_2018.csv"), "Treasury par yields"),
        parse_closes(lines("vix_close_daily_1999_2018.csv"), "VIX", _PERCENT),
    )


def _parse(lines: Sequence[str], name: str, columns: tuple[str, ...]) -> tuple[Days, Array]:
    header = ",".join(("date", *columns))
    if len(lines) < 2 or lines[0] != header:
        raise ValueError(f"{name}: first line is {lines[0] if lines else ''!r}, need {header!r} and at least one day")
    days: list[int] = []
    values: list[list[float]] = []
    for at, row in enumerate(csv.reader(lines[1:]), start=2):
        try:
            day = day_number(date.fromisoformat(row[0]))
            fields = [float(field) if field else np.nan for field in row[1:]]
        except (ValueError, IndexError) as error:
            raise ValueError(f"{name}, line {at}: {','.join(row)!r} is not a date and numbers ({error})") from error
        if len(fields) != len(columns) or np.isinf(fields).any():
            raise ValueError(f"{name}, line {at}: {','.join(row)!r} must have {len(columns)} finite values or blanks")
        if days and day <= days[-1]:
            raise ValueError(f"{name}, line {at}: {row[0]} does not follow {day_date(days[-1])}: sort, one row a date")
        days.append(day)
        values.append(fields)
    frozen = np.array(days, dtype=np.int64), np.array(values, dtype=np.float64)
    frozen[0].flags.writeable = frozen[1].flags.writeable = False
    return frozen
