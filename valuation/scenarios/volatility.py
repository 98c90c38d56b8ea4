"""Implied volatilities of an index by maturity, as quoted: a term structure of its own in the place of the model's.

Total variance, volatility squared times maturity, is linear between quotes and from 0 to the first; beyond the last it
goes on at the last forward variance.  A file has the columns index, years, volatility.
"""

import csv
import io
import math
from typing import NamedTuple

import numpy as np

from valuation.scenarios.grid import EQUITIES, FloatArray

HIGHEST = 2.0
"""Volatility above which a quote is taken for percent."""
COLUMNS = ("index", "years", "volatility")


class VolatilityTerms(NamedTuple):
    """Quotes of one equity index."""

    years: tuple[float, ...]  # ascending, above 0
    volatility: tuple[float, ...]  # per square root of a year

    def total_variance(self, t: FloatArray) -> FloatArray:
        """Variance of the log return to the times ``t``, years."""
        knots = np.array([0.0, *self.years])
        values = np.array([0.0, *(s * s * y for y, s in zip(self.years, self.volatility, strict=True))])
        slope = (values[-1] - values[-2]) / (knots[-1] - knots[-2])
        return np.asarray(np.interp(t, knots, values) + slope * np.maximum(t - knots[-1], 0.0))


def parse_terms(text: str, file: str) -> tuple[VolatilityTerms | None, ...]:
    """(3,) quotes of each equity index that the file has, None for the others.

    Raises ValueError with file, line, value found and value allowed for a quote that is none, maturities out of order,
    and quotes whose total variance falls with maturity, which no model can meet.
    """
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ValueError(
            f"{file}: found the columns {reader.fieldnames}; allowed are {', '.join(COLUMNS)}; correct the head"
        )
    found: dict[str, list[tuple[float, float]]] = {}
    for line, row in enumerate(reader, start=2):
        index = str(row["index"])
        if index not in EQUITIES:
            raise ValueError(f"{file}, line {line}: index {index!r} is unknown; allowed are {', '.join(EQUITIES)}")
        years = _number(file, line, "years", row["years"], 100.0)
        volatility = _number(file, line, "volatility", row["volatility"], HIGHEST)
        before = found.setdefault(index, [])
        if before and (years <= before[-1][0] or volatility**2 * years < before[-1][1] ** 2 * before[-1][0]):
            raise ValueError(
                f"{file}, line {line}: {index} has volatility {volatility:g} at {years:g} years after {before[-1][1]:g} at "
                f"{before[-1][0]:g}; allowed are maturities that ascend, with total variance that does not fall; correct "
                "the quotes"
            )
        before.append((years, volatility))
    if not found:
        raise ValueError(f"{file}: found no quote; at least one row is needed, as large_equity,1,0.25")
    return tuple(_terms(found[name]) if name in found else None for name in EQUITIES)


def _terms(quotes: list[tuple[float, float]]) -> VolatilityTerms:
    return VolatilityTerms(tuple(years for years, _ in quotes), tuple(volatility for _, volatility in quotes))


def _number(file: str, line: int, column: str, found: str | None, highest: float) -> float:
    try:
        value = float(found or "")
    except ValueError:
        value = math.nan
    if not 0.0 < value <= highest:
        raise ValueError(
            f"{file}, line {line}: {column} is {found!r}; allowed is a number above 0 and up to {highest:g}; give fractions, "
            "not percent"
        )
    return value
