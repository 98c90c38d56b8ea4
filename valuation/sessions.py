"""Valuation Days: every day the New York Stock Exchange is open for trading.

Sessions and closing times are those of `exchange_calendars` (XNYS) from 1990 to `LAST_DAY`; special closures are data
of that library, and days to come are today's holiday rules carried forward.  An upgrade of the library can change
either, so `calendar_version` goes into every manifest.  Days on which trading is restricted, an emergency exists or the
offices are closed are data, too (terms/processing.toml): Unit Prices are struck on them, requests wait.

Rules   TXN-1, TXN-2, TXN-3, TXN-5, SUP-2 (prospectus 705-707, 7498-7532, 7561-7572)
Days    day numbers, int64, days since 1970-01-01, wherever an array is meant; `datetime.date` for single days
"""

import hashlib
import warnings
from datetime import date, timedelta
from functools import cache
from importlib import metadata
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from valuation.terms.reading import read_constants

Days = NDArray[np.int64]

FIRST_DAY = date(1990, 1, 1)
LAST_DAY = date(2120, 12, 31)
_EPOCH = date(1970, 1, 1)


class _Calendar(NamedTuple):
    days: Days  # (n,) day number of every session
    closes: NDArray[np.datetime64]  # (n,) New York wall time of its close, datetime64[s]


@cache
def _calendar() -> _Calendar:
    import exchange_calendars  # here, because it takes two seconds and processes that only project need no calendar

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own use of pandas, not ours
        built = exchange_calendars.get_calendar("XNYS", start=FIRST_DAY.isoformat(), end=LAST_DAY.isoformat())
        days = built.sessions.to_numpy().astype("datetime64[D]").astype(np.int64)
        wall = built.closes.dt.tz_convert("America/New_York").dt.tz_localize(None).to_numpy()
    closes = wall.astype("datetime64[s]")
    days.flags.writeable = closes.flags.writeable = False
    return _Calendar(days, closes)


def day_number(day: date) -> int:
    """Days from 1970-01-01 to ``day``."""
    return (day - _EPOCH).days


def day_date(number: int) -> date:
    """The date of a day number."""
    return _EPOCH + timedelta(days=int(number))


def valuation_days(first: date, last: date) -> Days:
    """Day numbers of the Valuation Days from ``first`` to ``last``, both included.  Source: TXN-1."""
    if last < first:
        raise ValueError(f"valuation days from {first} to {last}: the last date must not be before the first")
    days = _calendar().days
    bounds = np.array([day_number(first), day_number(last)])
    _check_horizon(bounds)
    return days[np.searchsorted(days, bounds[0]) : np.searchsorted(days, bounds[1], side="right")]


def on_or_after(days: Days) -> Days:
    """For every day number the first Valuation Day on or after it."""
    _check_horizon(days)
    sessions = _calendar().days
    return _pick(np.searchsorted(sessions, days), days)


def on_or_before(days: Days) -> Days:
    """For every day number the last Valuation Day on or before it."""
    _check_horizon(days)
    sessions = _calendar().days
    return _pick(np.searchsorted(sessions, days, side="right") - 1, days)


def is_valuation_day(day: date) -> bool:
    """Whether the New York Stock Exchange is open on ``day``.  Source: TXN-1, TXN-2."""
    return int(on_or_before(_one(day))[0]) == day_number(day)


def next_valuation_day(day: date) -> date:
    """The first Valuation Day after ``day``."""
    return day_date(on_or_after(_one(day) + 1)[0])


def prior_valuation_day(day: date) -> date:
    """The last Valuation Day before ``day``."""
    return day_date(on_or_before(_one(day) - 1)[0])


def last_valuation_day_of_month(day: date) -> date:
    """The last Valuation Day of the calendar month of ``day``."""
    first_of_next = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return prior_valuation_day(first_of_next)


@cache
def days_without_processing() -> Days:
    """Valuation Days on which no purchase, redemption or transfer is processed.  Source: TXN-3 (prospectus 7513-7532)."""
    listed = read_constants("processing")["days_without_processing"]["value"]
    days = np.array(sorted(day_number(date.fromisoformat(day)) for day in listed), dtype=np.int64)
    days.flags.writeable = False
    return days


def processing_day(days: Days, without: Days | None = None) -> Days:
    """For every day number the first Valuation Day on or after it on which requests are processed.

    ``without``  days on which none is; the packaged ones if not given

    Source: TXN-3, SUP-2 (prospectus 7513-7518, 7526-7532).
    """
    _check_horizon(days)
    sessions = _calendar().days
    sessions = sessions[~np.isin(sessions, days_without_processing() if without is None else without)]
    index = np.searchsorted(sessions, days)
    if (index >= len(sessions)).any():
        _fail(int(days[index >= len(sessions)][0]))
    return sessions[index]


def effective_day(received: NDArray[np.datetime64], without: Days | None = None) -> Days:
    """The Valuation Day at whose value a request is priced.

    ``received``  (n,) datetime64, New York wall time at which the request was received in good order
    ``without``   days on which no request is processed; the packaged ones if not given

    Before the close of a session, early closings included: that session.  At or after the close, or on a day without
    trading or without processing: the next one.  Source: TXN-1, TXN-3, TXN-6, TXN-7.
    """
    times = received.astype("datetime64[s]")
    if np.isnat(times).any():
        raise ValueError(f"request {int(np.isnat(times).argmax())} has no time of receipt: give its New York wall time")
    days = times.astype("datetime64[D]").astype(np.int64)
    _check_horizon(days)
    sessions, closes = _calendar()
    at = np.searchsorted(sessions, days)
    late = closes[np.minimum(at, len(closes) - 1)] <= times
    return processing_day(_pick(at + late, days), without)


def scheduled_days(days: Days, may_go_back: bool) -> Days:
    """The Valuation Days on which transactions scheduled for ``days`` are processed: that day or the next one.

    ``may_go_back``  Required Minimum Distributions, payments under section 72(q) or 72(t) and annuity payments: when
    the next Valuation Day lies in the next calendar year, the Valuation Day before the scheduled date instead.

    Source: TXN-5 (prospectus 7561-7572).
    """
    after = on_or_after(days)
    if not may_go_back:
        return after
    return np.where(_year(after) > _year(days), on_or_before(days), after)


def scheduled_day(day: date, may_go_back: bool) -> date:
    """`scheduled_days` of one date.  Source: TXN-5."""
    return day_date(scheduled_days(_one(day), may_go_back)[0])


@cache
def calendar_version() -> str:
    """Name of the calendar in force: library, version, first and last session, hash of sessions, closes and exceptions."""
    days, closes = _calendar()
    digest = hashlib.sha256(days.astype("<i8").tobytes() + closes.astype("<i8").tobytes())
    digest.update(days_without_processing().astype("<i8").tobytes())
    version = metadata.version("exchange_calendars")
    return f"XNYS exchange_calendars-{version} {day_date(days[0])}..{day_date(days[-1])} sha256:{digest.hexdigest()}"


def _one(day: date) -> Days:
    return np.array([day_number(day)], dtype=np.int64)


def _year(days: Days) -> NDArray[np.int64]:
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)


def _check_horizon(days: Days) -> None:
    outside = (days < day_number(FIRST_DAY)) | (days > day_number(LAST_DAY))
    if outside.any():
        _fail(int(days[outside][0]))


def _pick(index: NDArray[np.intp], asked: Days) -> Days:
    sessions = _calendar().days
    outside = (index < 0) | (index >= len(sessions))
    if outside.any():
        _fail(int(asked[outside][0]))
    return sessions[index]


def _fail(number: int) -> None:
    raise ValueError(
        f"{np.datetime64(number, 'D')} is outside the trading calendar, which runs from {FIRST_DAY} to {LAST_DAY}: "
        "correct the date, or extend FIRST_DAY or LAST_DAY of valuation/sessions.py"
    )
