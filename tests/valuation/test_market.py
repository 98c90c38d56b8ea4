"""Market history: the files as they are, crisis days, the as-of rule, and what the readers refuse."""

from datetime import date

import numpy as np
import pytest

from valuation.market import MAX_AGE, load_market_history, parse_closes, parse_par_yields
from valuation.sessions import day_date, day_number, valuation_days

HISTORY = load_market_history()
PAR = "date,m1,m3,m6,y1,y2,y3,y5,y7,y10,y20,y30"


class TestFiles:
    def test_rows_and_spans(self) -> None:
        got = [(len(s.days), str(day_date(s.days[0])), str(day_date(s.days[-1]))) for s in HISTORY]
        assert got == [
            (5031, "1999-01-04", "2018-12-31"), (3253, "2006-01-03", "2018-12-31"), (5031, "1999-01-04", "2018-12-31"),
        ]  # fmt: skip

    def test_the_index_has_a_close_on_every_valuation_day_and_no_other(self) -> None:
        assert HISTORY.sp500.days.tolist() == valuation_days(date(1999, 1, 4), date(2018, 12, 31)).tolist()

    def test_blank_yields_are_missing_and_zeros_are_quotes(self) -> None:
        missing = np.isnan(HISTORY.treasury.values)
        assert missing.sum(axis=0).tolist() == [0] * 10 + [26]  # no 30-year yield before 2006-02-09
        assert (HISTORY.treasury.values == 0.0).sum(axis=0).tolist() == [90, 19] + [0] * 9

    def test_yields_and_vix_are_fractions(self) -> None:
        assert HISTORY.par_yields(date(2018, 12, 31)).yields[-1] == pytest.approx(0.0302, abs=1e-15)
        assert HISTORY.vix.on(date(2018, 12, 31)) == pytest.approx(0.2542, abs=1e-15)


class TestCrisisDays:
    @pytest.mark.parametrize(
        "day, close, vix",
        [
            (date(2008, 9, 15), 1192.70, 0.3170),
            (date(2008, 10, 13), 1003.35, 0.5499),
            (date(2008, 11, 20), 752.44, 0.8086),
            (date(2009, 3, 9), 676.53, 0.4968),
        ],
    )
    def test_close_and_vix(self, day: date, close: float, vix: float) -> None:
        assert HISTORY.sp500.on(day) == close
        assert HISTORY.vix.on(day) == pytest.approx(vix, abs=1e-15)

    def test_extremes_of_the_span(self) -> None:
        assert day_date(HISTORY.vix.days[HISTORY.vix.values.argmax()]) == date(2008, 11, 20)
        assert day_date(HISTORY.sp500.days[HISTORY.sp500.values.argmin()]) == date(2009, 3, 9)
        log_returns = np.diff(np.log(HISTORY.sp500.values))
        assert day_date(HISTORY.sp500.days[1:][log_returns.argmax()]) == date(2008, 10, 13)
        assert np.expm1(log_returns.max()) == pytest.approx(0.1158, abs=5e-5)


class TestAsOf:
    """Days on which the exchange is open and a series has no value."""

    @pytest.mark.parametrize(
        "day, quoted",
        [
            (date(2008, 10, 13), date(2008, 10, 10)),  # Columbus Day
            (date(2008, 11, 11), date(2008, 11, 10)),  # Veterans Day
            (date(2018, 11, 12), date(2018, 11, 9)),
        ],
    )
    def test_treasury_closed(self, day: date, quoted: date) -> None:
        assert day_number(day) not in HISTORY.treasury.days
        par = HISTORY.par_yields(day)
        assert par.as_of == day
        assert par.yields.tolist() == HISTORY.par_yields(quoted).yields.tolist()

    def test_vix_without_a_value_on_the_last_session_of_1999(self) -> None:
        assert HISTORY.vix.on(date(1999, 12, 31)) == HISTORY.vix.on(date(1999, 12, 30)) == pytest.approx(0.2476)

    def test_a_value_of_a_closed_day_is_read_on_no_valuation_day(self) -> None:
        stray = np.flatnonzero(HISTORY.vix.days == day_number(date(2004, 6, 11)))
        rows = HISTORY.vix.rows(valuation_days(date(1999, 1, 4), date(2018, 12, 31)))
        assert len(stray) == 1
        assert stray[0] not in rows

    def test_the_longest_wait_of_a_valuation_day_is_three_days(self) -> None:
        days = valuation_days(date(2006, 1, 3), date(2018, 12, 31))
        age = days - HISTORY.treasury.days[HISTORY.treasury.rows(days)]
        assert (int(age.max()), int((age > 0).sum())) == (3, 24)

    def test_no_value_of_a_later_day_is_used(self) -> None:
        days = valuation_days(date(2006, 1, 3), date(2018, 12, 31))
        assert np.all(HISTORY.treasury.days[HISTORY.treasury.rows(days)] <= days)

    def test_the_age_limit(self) -> None:
        last = date(2018, 12, 31)
        assert HISTORY.vix.on(date(2019, 1, 5)) == HISTORY.vix.on(last)
        assert (date(2019, 1, 5) - last).days == MAX_AGE
        with pytest.raises(ValueError, match="VIX has no value for 2019-01-06, nor in the 5 days before: choose"):
            HISTORY.vix.on(date(2019, 1, 6))

    def test_before_the_first_value(self) -> None:
        with pytest.raises(ValueError, match=r"Treasury par yields has no value for 2006-01-02.*from 2006-01-03 to"):
            HISTORY.par_yields(date(2006, 1, 2))


class TestReaders:
    def test_closes(self) -> None:
        read = parse_closes(["date,close", "2008-01-02,10.5", "2008-01-03,11"], "X", 0.01)
        assert [str(day_date(n)) for n in read.days] == ["2008-01-02", "2008-01-03"]
        assert read.values.tolist() == [0.105, 0.11]

    @pytest.mark.parametrize(
        "lines, says",
        [
            (["day,close", "2008-01-02,1"], "X: first line is 'day,close', need 'date,close'"),
            (["date,close"], "X: first line is 'date,close', need 'date,close' and at least one day"),
            ([], "X: first line is ''"),
            (["date,close", "2008-01-02,1", "2008-01-02,2"], "line 3: 2008-01-02 does not follow 2008-01-02"),
            (["date,close", "2008-01-02,0"], "line 2: close 0.0 is not a positive number"),
            (["date,close", "2008-01-02,1", "2008-01-03,"], "line 3: close nan is not a positive number"),
            (["date,close", "2008-01-02,1.2.3"], "line 2: '2008-01-02,1.2.3' is not a date and numbers"),
            (["date,close", "02/01/2008,1"], "line 2: '02/01/2008,1' is not a date and numbers"),
            (["date,close", "2008-01-02,1,2"], "line 2: .* must have 1 finite values"),
            (["date,close", "2008-01-02,inf"], "line 2: .* must have 1 finite values"),
        ],
    )
    def test_closes_it_refuses(self, lines: list[str], says: str) -> None:
        with pytest.raises(ValueError, match=says):
            parse_closes(lines, "X")

    def test_par_yields(self) -> None:
        read = parse_par_yields([PAR, "2008-12-10,0.00,,0.27,0.49,0.84,1.13,1.61,2.16,2.69,3.49,3.09"], "Y")
        assert read.values[0, 0] == 0.0
        assert np.isnan(read.values[0, 1])
        assert read.values[0, 8] == pytest.approx(0.0269, abs=1e-16)
