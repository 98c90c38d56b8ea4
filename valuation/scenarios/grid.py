"""The Valuation Days of a scenario set as time steps and months, and the rows of a tile.

A tile is float64 (n_day, 6, n_lane): rows 0..4 the gross total-return ratio of each index from the preceding
Valuation Day, row 5 the discount factor from the valuation date to the day.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from valuation.clock import months_after
from valuation.funds import INDICES

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

EQUITIES = INDICES[:3]
BONDS = INDICES.index("bonds")
CASH = INDICES.index("cash")
DISCOUNT = len(INDICES)
N_ROW = len(INDICES) + 1
DAYS_PER_YEAR = 365.0
LONGEST_CLOSURE = 4  # calendar days by which the last Valuation Day may precede a date that it stands for


class Months(NamedTuple):
    """Successive months from the valuation date, cut at Valuation Days."""

    first: IntArray  # (n_month,) position in `days` of the first Valuation Day of the month
    length: IntArray  # (n_month,) number of Valuation Days of the whole month
    n_step: int  # Valuation Days of all months together; more than n_day if the last month is cut by the horizon


def year_fractions(days: IntArray, previous_day: int) -> FloatArray:
    """Length of each step in years, (n_day,): calendar days from the preceding Valuation Day over 365.

    Raises ValueError if the days are not strictly after ``previous_day`` and strictly increasing.
    """
    steps = np.diff(np.asarray(days, dtype=np.int64), prepend=previous_day)
    if steps.size == 0 or steps.min() <= 0:
        raise ValueError(
            f"a scenario set needs Valuation Days strictly increasing from after day {previous_day}; "
            f"found {steps.size} days, smallest step {steps.min() if steps.size else 'none'}"
        )
    return steps.astype(np.float64) / DAYS_PER_YEAR


def times(days: IntArray, previous_day: int) -> FloatArray:
    """Time of each day in years from ``previous_day``, (n_day,)."""
    return (np.asarray(days, dtype=np.int64) - previous_day) / DAYS_PER_YEAR


def months(days: IntArray, previous_day: int) -> Months:
    """The months between successive monthly dates of ``previous_day``, each ending on its last Valuation Day.

    Where the horizon cuts the last month, weekdays stand in for its remaining Valuation Days.

    Raises ValueError if a month holds no Valuation Day.
    """
    n_day = len(days)
    ends: list[int] = []
    while not ends or ends[-1] < n_day:
        date = months_after(previous_day, len(ends) + 1)
        ends.append(int(np.searchsorted(days, date, side="right")))
        if ends[-1] == (ends[-2] if len(ends) > 1 else 0):
            raise ValueError(f"the month to day {date} has no Valuation Day; give every Valuation Day to the horizon")
    first_missing = np.datetime64(int(days[-1]) + 1, "D")
    rest = int(np.busday_count(first_missing, np.datetime64(date + 1, "D"))) if date > days[-1] else 0
    bounds = np.array([0, *ends], dtype=np.int64)
    length = np.diff(bounds)
    length[-1] += rest
    return Months(bounds[:-1], length, n_day + rest)


def position_at(days: IntArray, previous_day: int, month: int) -> int:
    """Position of the last Valuation Day on or before the ``month``-th monthly date; -1 if the horizon ends before."""
    date = months_after(previous_day, month)
    return -1 if date - days[-1] > LONGEST_CLOSURE else int(np.searchsorted(days, date, side="right")) - 1
