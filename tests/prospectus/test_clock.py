"""Dates, ages and growth clocks, with the dated figures that the prospectus prints.  DV- vectors follow from the rules."""

import pytest

from tests.support.story import number
from valuation.clock import anniversary_clock, completed_months, completed_years, day_of, due, months_after


class TestDvCal1:
    """DV-CAL-1: monthly anniversaries, always from the original date, at most the last day of the month (C-3)."""

    @pytest.mark.parametrize(
        "start, months, expected",
        [
            ("2008-01-31", 1, "2008-02-29"),
            ("2008-01-31", 3, "2008-04-30"),
            ("2008-01-31", 2, "2008-03-31"),
            ("2008-11-30", 3, "2009-02-28"),
            ("2008-02-29", 12, "2009-02-28"),
            ("2008-02-29", 48, "2012-02-29"),
        ],
    )
    def test_anniversary(self, start: str, months: int, expected: str) -> None:
        assert months_after(number(start), months) == number(expected)


def growth(rate: float, issue: str, start: str, end: str) -> float:
    """Growth on the anniversary clock of the Issue Date (C-9, DB-6)."""
    origin = number(issue)
    return float((1.0 + rate) ** (anniversary_clock(origin, number(end)) - anniversary_clock(origin, number(start))))


class TestXeClock:
    """XE-CLOCK (prospectus 3987-4026, 4404-4405): dated figures at 5%; the benefits are others, the clock is this one."""

    first = 250_000.0 * growth(0.05, "2007-10-13", "2007-10-13", "2007-11-13")
    second = (first - 10_000.0) * growth(0.05, "2007-10-13", "2007-11-13", "2007-12-13")
    third = (second - 2_500.0) * (1.0 - 7_500.0 / 217_500.0)
    fourth = third * growth(0.05, "2007-10-13", "2007-12-13", "2008-10-13")

    def test_thirty_one_days(self) -> None:
        assert self.first == pytest.approx(251_038.10, abs=0.005)

    def test_thirty_days(self) -> None:
        assert self.second == pytest.approx(242_006.64, abs=0.005)

    def test_after_the_second_withdrawal(self) -> None:
        assert self.third == pytest.approx(231_247.79, abs=0.005)

    def test_305_days_with_29_february_count_304(self) -> None:
        assert self.fourth == pytest.approx(240_838.37, abs=0.005)

    def test_394_days(self) -> None:
        grown = 250_000.0 * growth(0.05, "2007-02-01", "2007-02-01", "2008-03-01")
        assert grown == pytest.approx(263_519.55, abs=0.005)


class TestDvDay:
    """DV-DAY-1, DV-DAY-2: the day counts that do not give the printed figures."""

    def test_calendar_days_over_365_miss_the_third_example(self) -> None:
        assert TestXeClock.third * 1.05 ** (305 / 365) == pytest.approx(240_870.56, abs=0.005)

    def test_a_year_without_29_february_misses_the_394_days(self) -> None:
        other = 250_000.0 * 1.05 ** (393 / 365)
        assert other == pytest.approx(263_484.33, abs=0.005)


class TestDDb1Clock:
    """D-DB-1: 2008-05-01 to 2014-11-15 is 6 + 198/365 years; 50,000 at 5% grows to 68,801.87."""

    years = anniversary_clock(number("2008-05-01"), number("2014-11-15"))

    def test_years(self) -> None:
        assert self.years == pytest.approx(6.0 + 198.0 / 365.0, abs=1e-12)

    def test_roll_up(self) -> None:
        other = 50_000.0 * 1.05**self.years
        assert other == pytest.approx(68_801.87, abs=0.005)


class TestDTax3:
    """D-TAX-3: half ages are six calendar months after the birthday (GEN-4)."""

    @pytest.mark.parametrize(
        "birth, years, expected",
        [
            ("1948-10-31", 59, "2008-04-30"),
            ("1948-10-31", 70, "2019-04-30"),
            ("1938-03-15", 70, "2008-09-15"),
            ("1938-09-15", 70, "2009-03-15"),
        ],
    )
    def test_half_age(self, birth: str, years: int, expected: str) -> None:
        reached = number(expected)
        assert months_after(number(birth), 12 * years + 6) == reached
        assert completed_months(number(birth), reached) == 12 * years + 6
        assert completed_months(number(birth), reached - 1) == 12 * years + 5


class TestGen3:
    """The anniversary is the first day of the new Annuity Year (GEN-3, C-4; Appendix C, prospectus 9554-9560)."""

    issue = number("2008-05-01")

    def test_the_day_before_belongs_to_the_old_year(self) -> None:
        assert completed_years(self.issue, number("2014-04-30")) == 5

    def test_the_anniversary_belongs_to_the_new_year(self) -> None:
        assert completed_years(self.issue, number("2014-05-01")) == 6

    def test_the_issue_date_is_no_anniversary(self) -> None:
        assert day_of(self.issue, self.issue - 1, self.issue).anniversary == 0


class TestTxn10:
    """An anniversary on a closed day is due on the next Valuation Day, once, under its nominal date (C-2, TXN-10)."""

    issue = number("2007-12-01")  # the first anniversary is a Monday, the second quarter-end a Sunday
    friday, sunday, monday = number("2008-05-30"), number("2008-06-01"), number("2008-06-02")

    def test_due_on_monday(self) -> None:
        assert due(self.issue, 3, self.friday, self.monday) == self.sunday

    def test_not_due_on_friday_or_tuesday(self) -> None:
        assert due(self.issue, 3, self.friday - 1, self.friday) == 0
        assert due(self.issue, 3, self.monday, self.monday + 1) == 0
