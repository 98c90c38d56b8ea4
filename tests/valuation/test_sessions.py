"""Valuation Days against the holiday rule of the exchange written out here, printed vectors and frozen counts."""

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from valuation.sessions import (
    Days,
    calendar_version,
    day_date,
    day_number,
    effective_day,
    is_valuation_day,
    last_valuation_day_of_month,
    next_valuation_day,
    on_or_after,
    on_or_before,
    prior_valuation_day,
    processing_day,
    scheduled_day,
    scheduled_days,
    valuation_days,
)

SPECIAL_CLOSURES = {
    date(2001, 9, 11): "attack on New York",
    date(2001, 9, 12): "attack on New York",
    date(2001, 9, 13): "attack on New York",
    date(2001, 9, 14): "attack on New York",
    date(2004, 6, 11): "funeral of President Reagan",
    date(2007, 1, 2): "funeral of President Ford",
    date(2012, 10, 29): "Hurricane Sandy",
    date(2012, 10, 30): "Hurricane Sandy",
    date(2018, 12, 5): "funeral of President G. H. W. Bush",
    date(2025, 1, 9): "funeral of President Carter",
}

SESSIONS_OF_YEAR = {
    1999: 252, 2000: 252, 2001: 248, 2002: 252, 2003: 252, 2004: 252, 2005: 252, 2006: 251, 2007: 251, 2008: 253,
    2009: 252, 2010: 252, 2011: 252, 2012: 250, 2013: 252, 2014: 252, 2015: 252, 2016: 252, 2017: 251, 2018: 251,
    2019: 252, 2020: 253, 2021: 252, 2022: 251, 2023: 250, 2024: 252, 2025: 250, 2026: 251, 2027: 251, 2028: 251,
    2050: 251, 2100: 251, 2120: 252,
}  # fmt: skip


def nth_monday(year: int, month: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(7 - first.weekday()) % 7 + 7 * (n - 1))


def easter(year: int) -> date:
    """Gregorian Easter Sunday (Meeus, Astronomical Algorithms, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    el = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * el) // 451
    month, day = divmod(h + el - 7 * m + 114, 31)
    return date(year, month, day + 1)


def observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def holidays(year: int) -> set[date]:
    """NYSE Rule 7.2: Saturday -> Friday, Sunday -> Monday, but no New Year's Day observed in the old year."""
    november = date(year, 11, 1)
    thanksgiving = november + timedelta(days=(3 - november.weekday()) % 7 + 21)
    memorial = max(date(year, 5, d) for d in range(25, 32) if date(year, 5, d).weekday() == 0)
    days = {
        nth_monday(year, 2, 3), easter(year) - timedelta(days=2), memorial, observed(date(year, 7, 4)),
        nth_monday(year, 9, 1), thanksgiving, observed(date(year, 12, 25)),
    }  # fmt: skip
    if date(year, 1, 1).weekday() != 5:
        days.add(observed(date(year, 1, 1)))
    if year >= 1998:
        days.add(nth_monday(year, 1, 3))
    if year >= 2022:
        days.add(observed(date(year, 6, 19)))
    return days


def numbers(*days: date) -> Days:
    return np.array([day_number(d) for d in days], dtype=np.int64)


def stamps(*texts: str) -> NDArray[np.datetime64]:
    return np.array(texts, dtype="datetime64[s]")


class TestSessions:
    def test_every_year_follows_the_holiday_rule_but_for_the_special_closures(self) -> None:
        got = set(valuation_days(date(1999, 1, 1), date(2120, 12, 31)).tolist())
        closed = set(SPECIAL_CLOSURES).union(*(holidays(y) for y in range(1999, 2121)))
        span = range(day_number(date(1999, 1, 1)), day_number(date(2120, 12, 31)) + 1)
        want = {n for n in span if day_date(n).weekday() < 5 and day_date(n) not in closed}
        assert got == want

    @pytest.mark.parametrize("day", SPECIAL_CLOSURES, ids=str)
    def test_special_closure(self, day: date) -> None:
        assert not is_valuation_day(day)
        assert day.weekday() < 5

    @pytest.mark.parametrize("day", [date(2021, 12, 31), date(2027, 12, 31), date(2010, 12, 31)], ids=str)
    def test_a_new_year_on_a_saturday_closes_no_friday(self, day: date) -> None:
        assert is_valuation_day(day)

    def test_juneteenth_from_2022(self) -> None:
        assert is_valuation_day(date(2020, 6, 19))
        assert not is_valuation_day(date(2022, 6, 20))
        assert not is_valuation_day(date(2023, 6, 19))

    def test_sessions_of_a_year_are_frozen(self) -> None:
        got = {y: len(valuation_days(date(y, 1, 1), date(y, 12, 31))) for y in SESSIONS_OF_YEAR}
        assert got == SESSIONS_OF_YEAR

    def test_the_calendar_version_is_frozen(self) -> None:
        # A change of sessions or closing times, past or projected, changes Unit Prices of past days: look before you
        # replace this value.
        assert calendar_version() == (
            "XNYS exchange_calendars-4.13.2 1990-01-02..2120-12-31 "
            "sha256:379067a5f3e08cecd8045abf6b8b9353d22c8a3337ac7092fe1c7b87858c25aa"
        )

    def test_both_ends_are_included(self) -> None:
        got = valuation_days(date(2008, 12, 24), date(2008, 12, 29))
        assert got.dtype == np.int64
        assert [day_date(n) for n in got] == [date(2008, 12, 24), date(2008, 12, 26), date(2008, 12, 29)]


class TestHolidaysOf2008:
    """D-TXN-2: the holidays of 2008."""

    def test_holidays(self) -> None:
        year = [date(2008, 1, 1) + timedelta(days=i) for i in range(366)]
        closed = [str(d) for d in year if d.weekday() < 5 and not is_valuation_day(d)]
        assert closed == [
            "2008-01-01", "2008-01-21", "2008-02-18", "2008-03-21", "2008-05-26", "2008-07-04", "2008-09-01",
            "2008-11-27", "2008-12-25",
        ]  # fmt: skip


class TestScheduledDay:
    """D-TXN-1: scheduled dates and the Valuation Days on which they are processed."""

    @pytest.mark.parametrize(
        "what, scheduled, may_go_back, processed",
        [
            ("RMD", date(2011, 12, 31), True, date(2011, 12, 30)),
            ("DCA", date(2011, 12, 31), False, date(2012, 1, 3)),
            ("72(t)", date(2008, 12, 25), True, date(2008, 12, 26)),
            ("annuity payment", date(2010, 12, 31), True, date(2010, 12, 31)),
            ("DCA", date(2008, 3, 21), False, date(2008, 3, 24)),
            ("systematic withdrawal", date(2010, 7, 4), False, date(2010, 7, 6)),
            ("RMD", date(2016, 12, 31), True, date(2016, 12, 30)),
            ("RMD", date(2016, 1, 1), True, date(2016, 1, 4)),
        ],
    )
    def test_printed_vector(self, what: str, scheduled: date, may_go_back: bool, processed: date) -> None:
        assert scheduled_day(scheduled, may_go_back) == processed, what

    def test_array_form(self) -> None:
        days = numbers(date(2011, 12, 31), date(2016, 1, 1), date(2016, 1, 5))
        assert [day_date(n) for n in scheduled_days(days, True)] == [
            date(2011, 12, 30), date(2016, 1, 4), date(2016, 1, 5),
        ]  # fmt: skip


class TestEffectiveDay:
    """TXN-1: before the close of a session that session, else the next one."""

    @pytest.mark.parametrize(
        "received, processed",
        [
            ("2008-09-15T00:00:00", "2008-09-15"),
            ("2008-09-15T15:59:59", "2008-09-15"),
            ("2008-09-15T16:00:00", "2008-09-16"),
            ("2008-09-12T18:30:00", "2008-09-15"),
            ("2008-09-13T11:00:00", "2008-09-15"),
            ("2008-07-03T12:59:59", "2008-07-03"),  # closes at 13:00 before Independence Day
            ("2008-07-03T13:00:00", "2008-07-07"),
            ("2008-11-28T12:59:59", "2008-11-28"),  # closes at 13:00 after Thanksgiving
            ("2008-11-28T14:00:00", "2008-12-01"),
            ("2012-10-26T16:00:01", "2012-10-31"),  # Hurricane Sandy
            ("2008-12-31T17:00:00", "2009-01-02"),
            ("2008-03-10T15:59:59", "2008-03-10"),  # first session of daylight saving time
        ],
    )
    def test_one_request(self, received: str, processed: str) -> None:
        assert str(day_date(effective_day(stamps(received))[0])) == processed

    def test_a_block_of_requests(self) -> None:
        got = effective_day(stamps("2008-09-15T15:00:00", "2008-09-15T17:00:00"))
        assert got.tolist() == numbers(date(2008, 9, 15), date(2008, 9, 16)).tolist()

    def test_a_missing_time_is_named(self) -> None:
        with pytest.raises(ValueError, match="request 1 has no time of receipt"):
            effective_day(stamps("2008-09-15T15:00:00", "NaT"))


class TestNeighbours:
    def test_next_and_prior_leave_the_day_itself(self) -> None:
        assert next_valuation_day(date(2008, 12, 24)) == date(2008, 12, 26)
        assert next_valuation_day(date(2008, 12, 25)) == date(2008, 12, 26)
        assert prior_valuation_day(date(2008, 12, 26)) == date(2008, 12, 24)

    def test_on_or_after_and_before_keep_a_valuation_day(self) -> None:
        days = numbers(date(2008, 12, 24), date(2008, 12, 25))
        assert [str(day_date(n)) for n in on_or_after(days)] == ["2008-12-24", "2008-12-26"]
        assert [str(day_date(n)) for n in on_or_before(days)] == ["2008-12-24", "2008-12-24"]

    @pytest.mark.parametrize(
        "day, last",
        [
            (date(2008, 12, 3), date(2008, 12, 31)),
            (date(2008, 8, 31), date(2008, 8, 29)),
            (date(2018, 3, 30), date(2018, 3, 29)),
        ],
    )
    def test_last_valuation_day_of_the_month(self, day: date, last: date) -> None:
        assert last_valuation_day_of_month(day) == last


class TestErrors:
    @pytest.mark.parametrize("day", [date(1989, 12, 31), date(2121, 1, 1)])
    def test_a_date_outside_the_calendar_is_named_with_the_limits(self, day: date) -> None:
        with pytest.raises(ValueError, match=f"{day} is outside the trading calendar.*1990-01-01 to 2120-12-31"):
            is_valuation_day(day)

    def test_a_request_after_the_last_session_has_no_next_one(self) -> None:
        with pytest.raises(ValueError, match="2120-12-31 is outside"):
            effective_day(stamps("2120-12-31T17:00:00"))

    def test_reversed_dates(self) -> None:
        with pytest.raises(ValueError, match="from 2009-01-02 to 2009-01-01"):
            valuation_days(date(2009, 1, 2), date(2009, 1, 1))


class TestNoProcessing:
    """TXN-3 (prospectus 7513-7518, 7526-7532): restricted days are Valuation Days on which requests wait."""

    HELD = np.array([day_number(date(2008, 9, 17)), day_number(date(2008, 9, 18))])

    def at(self, *times: str) -> list[date]:
        received = np.array(times, dtype="datetime64[s]")
        return [day_date(int(day)) for day in effective_day(received, self.HELD)]

    def test_a_request_waits_for_the_next_day_with_processing(self) -> None:
        asked = ("2008-09-16T15:59:59", "2008-09-16T16:00:00", "2008-09-17T10:00:00", "2008-09-19T10:00:00")
        next_day = date(2008, 9, 19)
        assert self.at(*asked) == [date(2008, 9, 16), next_day, next_day, next_day]

    def test_the_days_stay_valuation_days(self) -> None:
        assert is_valuation_day(date(2008, 9, 17))
        assert date(2008, 9, 17) in map(day_date, valuation_days(date(2008, 9, 15), date(2008, 9, 19)))

    def test_a_day_without_trading_is_passed_over_too(self) -> None:
        weekend = np.array([day_number(date(2008, 9, 13))])
        assert day_date(int(processing_day(weekend, self.HELD - 2)[0])) == date(2008, 9, 17)

    def test_none_is_known(self) -> None:
        days = valuation_days(date(2008, 1, 2), date(2008, 12, 31))
        np.testing.assert_array_equal(processing_day(days), days)

    def test_beyond_the_calendar_is_an_error(self) -> None:
        last = np.array([day_number(date(2120, 12, 31))])
        with pytest.raises(ValueError, match="outside the trading calendar"):
            processing_day(last, last)
