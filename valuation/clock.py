"""Dates as whole numbers: days since 1970-01-01, compiled.

Every anniversary, quarter-end and age of the contract is counted here, from its nominal date; what falls on a closed day
is processed on the next Valuation Day, so a date is *due* today when it lies after the prior Valuation Day and not after
today.

Source: C-1 to C-10, GEN-3, GEN-4, TXN-10 (prospectus 566-567, 705-707, 3579-3581, 5109-5110, 5989-5991).
"""

from typing import NamedTuple

from valuation.compile import routine

NEVER = 10_000_000
"""A day number after every date the system can meet."""


class Day(NamedTuple):
    """What is true of one contract on one Valuation Day, settled before any rule runs."""

    today: int  # day number
    prior: int  # the preceding Valuation Day
    elapsed: float  # calendar days from `prior` to `today`
    anniversary: int  # nominal date of the Annuity Anniversary due today, 0 if none
    years: int  # completed Annuity Years
    quarter: int  # nominal date of the quarter of the Annuity Year that ends today, 0 if none
    new_calendar_year: bool  # first Valuation Day of a calendar year


@routine
def ordinal(year: int, month: int, day: int) -> int:
    """Day number of a civil date of the Gregorian calendar."""
    y = year - 1 if month <= 2 else year
    era = y // 400
    year_of_era = y - era * 400
    shifted = month - 3 if month > 2 else month + 9
    day_of_year = (153 * shifted + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


@routine
def civil(number: int) -> tuple[int, int, int]:
    """Year, month and day of a day number."""
    z = number + 719468
    era = z // 146097
    day_of_era = z - era * 146097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return year, month, day


@routine
def days_in_month(year: int, month: int) -> int:
    """Length of a month, in days."""
    if month == 2:
        leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
        return 29 if leap else 28
    return 30 if month in (4, 6, 9, 11) else 31


@routine
def months_after(start: int, months: int) -> int:
    """The ``months``-th monthly anniversary of ``start``: same day of the month, else the month's last day.

    Counted from the original date every time, so that 31 January gives 29 February and then 31 March.  Source: C-3.
    """
    year, month, day = civil(start)
    index = month - 1 + months
    year += index // 12
    month = index % 12 + 1
    return ordinal(year, month, min(day, days_in_month(year, month)))


@routine
def completed_months(start: int, today: int) -> int:
    """Monthly anniversaries of ``start`` that lie on or before ``today`` (not before ``start``)."""
    y0, m0, _ = civil(start)
    y1, m1, _ = civil(today)
    months = (y1 - y0) * 12 + m1 - m0
    return months - 1 if months_after(start, months) > today else months


@routine
def completed_years(start: int, today: int) -> int:
    """Anniversaries of ``start`` on or before ``today``; of a birth date, the attained age.  Source: C-7, GEN-4."""
    return completed_months(start, today) // 12


@routine
def last_anniversary(start: int, today: int, step: int) -> int:
    """The latest anniversary of ``start``, every ``step`` months, on or before ``today``."""
    return months_after(start, completed_months(start, today) // step * step)


@routine
def due(start: int, step: int, prior: int, today: int) -> int:
    """Nominal date of the anniversary of ``start``, every ``step`` months, that is due today; 0 if none is.

    The start itself is no anniversary.
    """
    if today <= start:
        return 0
    nominal = last_anniversary(start, today, step)
    return nominal if nominal > prior and nominal > start else 0


@routine
def anniversary_clock(start: int, today: int) -> float:
    """Years from ``start``: completed years plus days since the last anniversary over 365, at most a whole year.

    Source: C-9, DB-6 (prospectus 3987-4023, 4404-4405, 9546-9547).
    """
    years = completed_years(start, today)
    return years + min(today - months_after(start, 12 * years), 365) / 365.0


@routine
def day_of(issue: int, prior: int, today: int) -> Day:
    """The facts of one Valuation Day of a contract issued on ``issue``.  Source: C-2 to C-4, GEN-3."""
    anniversary = due(issue, 12, prior, today)
    return Day(
        today,
        prior,
        float(today - prior),
        anniversary,
        completed_years(issue, today),
        due(issue, 3, prior, today),
        civil(prior)[0] != civil(today)[0],
    )
