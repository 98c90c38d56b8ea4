"""The zero curve: quotes repriced by hand, a bootstrap written out, key rates, and what it refuses."""

import calendar
from datetime import date

import numpy as np
import pytest
import QuantLib as ql
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.optimize import brentq

from valuation.bootstrap import bootstrap
from valuation.curve import (
    KEY_RATES,
    TENOR_MONTHS,
    ParYields,
    ZeroCurve,
    flat,
    from_zero_rates,
    key_rate_hats,
)
from valuation.market import load_market_history

Array = NDArray[np.float64]

FIXTURES = [
    date(2006, 1, 3),  # no 30-year yield
    date(2008, 9, 15),
    date(2008, 10, 13),  # Columbus Day: quotes of 10 October
    date(2008, 11, 20),
    date(2008, 12, 10),  # 1-month bill at 0.00
    date(2009, 3, 9),
    date(2010, 8, 31),  # coupons at the end of February
    date(2012, 2, 29),
    date(2018, 12, 31),
]
TIMES = np.array([0.0, 1 / 365, 0.05, 0.3, 1.0, 2.2, 4.0, 6.0, 8.5, 13.0, 25.0, 30.0, 45.0])


def months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def years(start: date, end: date) -> float:
    return (end - start).days / 365.0


def price(curve: ZeroCurve, months: int, y: float) -> float:
    """Price per 1 of the instrument quoted at ``y``, from the definition of the quote."""
    day = curve.as_of
    if months < 6:
        t = years(day, months_later(day, months))
        return float(curve.discount(t)) * (1.0 + y * t)
    paid = [years(day, months_later(day, m)) for m in range(6, months + 1, 6)]
    return float(curve.discount(paid).sum()) * y / 2.0 + float(curve.discount(paid[-1]))


def quotes(par: ParYields) -> list[tuple[int, float]]:
    return [(m, y) for m, y in zip(par.months, par.yields.tolist(), strict=True) if not np.isnan(y)]


def bootstrapped_by_hand(par: ParYields) -> tuple[list[float], list[float]]:
    """One quote after the other: the forward rate of each stretch that prices the quote at 1."""
    times: list[float] = []
    rates: list[float] = []
    for months, y in quotes(par):
        t = years(par.as_of, months_later(par.as_of, months))

        def error(z: float, t: float = t, months: int = months, y: float = y) -> float:
            return price(from_zero_rates(par.as_of, [*times, t], [*rates, z]), months, y) - 1.0

        rates.append(float(brentq(error, -0.1, 0.6, xtol=1e-15)))
        times.append(t)
    return times, rates


class TestBootstrap:
    @pytest.mark.parametrize("day", FIXTURES, ids=str)
    def test_every_quote_is_repriced(self, day: date) -> None:
        par = load_market_history().par_yields(day)
        curve = bootstrap(par)
        assert_allclose([price(curve, m, y) for m, y in quotes(par)], 1.0, rtol=0, atol=1e-10)

    @pytest.mark.parametrize("day", FIXTURES, ids=str)
    def test_it_equals_a_bootstrap_by_hand(self, day: date) -> None:
        par = load_market_history().par_yields(day)
        curve = bootstrap(par)
        times, rates = bootstrapped_by_hand(par)
        assert_allclose(curve.times, times, rtol=1e-15)
        assert_allclose(curve.zero_rates, rates, rtol=0, atol=1e-11)

    def test_one_rate_for_all_maturities_gives_that_rate(self) -> None:
        curve = bootstrap(ParYields(date(2010, 1, 4), TENOR_MONTHS[2:], np.full(9, 0.06)))
        semiannual = 2.0 * np.log1p(0.03)
        assert_allclose(curve.zero_rate([1.0, 5.0, 30.0, 50.0]), semiannual, rtol=1e-3)  # half-years differ in days
        assert_allclose(curve.discount(years(date(2010, 1, 4), date(2010, 7, 4))), 1.0 / 1.03, rtol=1e-12)

    def test_a_maturity_without_a_quote_is_left_out(self) -> None:
        par = load_market_history().par_yields(date(2006, 1, 3))
        assert np.isnan(par.yields[-1])
        curve = bootstrap(par)
        assert len(curve.times) == 10
        assert_allclose(curve.forward(20.1, 30.0), curve.forward(12.0, 19.0), rtol=1e-12)

    def test_a_zero_is_a_quote(self) -> None:
        par = load_market_history().par_yields(date(2008, 12, 10))
        assert par.yields[0] == 0.0
        curve = bootstrap(par)
        assert len(curve.times) == 11
        assert_allclose(curve.discount(0.05), 1.0, rtol=0, atol=1e-14)

    def test_the_evaluation_date_of_the_process_is_put_back(self) -> None:
        settings = ql.Settings.instance()
        before, ours = settings.evaluationDate, ql.Date(17, 6, 2011)
        settings.evaluationDate = ours
        try:
            bootstrap(load_market_history().par_yields(date(2008, 9, 15)))
            assert settings.evaluationDate == ours
            with pytest.raises(ValueError, match="admit no curve"):
                bootstrap(ParYields(date(2008, 9, 15), (120, 240, 360), np.array([0.02, 0.5, -0.05])))
            assert settings.evaluationDate == ours
        finally:
            settings.evaluationDate = before

    def test_the_curve_does_not_depend_on_the_evaluation_date(self) -> None:
        settings = ql.Settings.instance()
        before = settings.evaluationDate
        par = load_market_history().par_yields(date(2008, 9, 15))
        want = bootstrap(par).zero_rates.tolist()
        try:
            settings.evaluationDate = ql.Date(17, 6, 2031)
            assert bootstrap(par).zero_rates.tolist() == want
        finally:
            settings.evaluationDate = before


class TestRates:
    curve = bootstrap(load_market_history().par_yields(date(2008, 9, 15)))

    def test_discount_factors_start_at_one_and_follow_the_zero_rates(self) -> None:
        assert float(self.curve.discount(0.0)) == 1.0
        assert_allclose(self.curve.discount(TIMES), np.exp(-TIMES * self.curve.zero_rate(TIMES)), rtol=1e-14)

    def test_forward_rates_join_discount_factors(self) -> None:
        near, far = TIMES[:-1], TIMES[1:]
        grown = self.curve.discount(near) * np.exp(-self.curve.forward(near, far) * (far - near))
        assert_allclose(grown, self.curve.discount(far), rtol=1e-13)

    def test_the_zero_rate_at_time_zero_is_the_first_forward_rate(self) -> None:
        assert_allclose(self.curve.zero_rate(0.0), self.curve.zero_rates[0], rtol=1e-12)

    def test_beyond_the_longest_quote_the_last_forward_rate_holds(self) -> None:
        last = self.curve.forward(21.0, 30.0)
        assert_allclose(self.curve.forward([30.1, 40.0, 70.0], [40.0, 41.0, 100.0]), last, rtol=1e-12)

    def test_a_flat_curve(self) -> None:
        curve = flat(date(2010, 1, 4), 0.04)
        assert_allclose(curve.discount(TIMES), np.exp(-0.04 * TIMES), rtol=1e-14)
        assert_allclose(curve.forward(3.0, 60.0), 0.04, rtol=1e-14)


class TestKeyRates:
    curve = bootstrap(load_market_history().par_yields(date(2008, 9, 15)))

    def test_the_hats_are_a_partition_of_unity(self) -> None:
        assert_allclose(key_rate_hats(TIMES).sum(axis=-1), 1.0, rtol=1e-15)

    def test_all_eight_bumps_are_a_parallel_shift(self) -> None:
        bumped = self.curve
        for tenor in KEY_RATES:
            bumped = bumped.bumped(tenor, 0.0025)
        assert_allclose(bumped.discount(TIMES), self.curve.shifted(0.0025).discount(TIMES), rtol=1e-14)
        assert_allclose(bumped.discount(TIMES), self.curve.discount(TIMES) * np.exp(-0.0025 * TIMES), rtol=1e-14)

    @pytest.mark.parametrize(
        "tenor, at, share",
        [
            (1, [0.0, 0.5, 1.0, 1.5, 2.0, 9.0], [1.0, 1.0, 1.0, 0.5, 0.0, 0.0]),
            (5, [3.0, 4.0, 5.0, 6.0, 7.0, 20.0], [0.0, 0.5, 1.0, 0.5, 0.0, 0.0]),
            (10, [7.0, 8.5, 10.0, 17.5, 20.0], [0.0, 0.5, 1.0, 0.25, 0.0]),
            (30, [20.0, 25.0, 30.0, 31.0, 80.0], [0.0, 0.5, 1.0, 1.0, 1.0]),
        ],
    )
    def test_a_bump_moves_the_zero_rate_by_its_hat(self, tenor: int, at: list[float], share: list[float]) -> None:
        moved = self.curve.bumped(tenor, 0.01).zero_rate(at) - self.curve.zero_rate(at)
        assert_allclose(moved, 0.01 * np.array(share), rtol=0, atol=1e-15)

    def test_bumps_add_up_and_cancel(self) -> None:
        there_and_back = self.curve.bumped(7, 0.01).bumped(20, 0.003).bumped(7, -0.01)
        assert_allclose(there_and_back.discount(TIMES), self.curve.bumped(20, 0.003).discount(TIMES), rtol=1e-14)
        assert not self.curve.key_shifts.any()

    @pytest.mark.parametrize("tenor", KEY_RATES)
    def test_the_sensitivity_of_a_discount_factor_is_time_times_hat(self, tenor: int) -> None:
        h, paid = 1e-5, TIMES[1:]
        up, down = (self.curve.bumped(tenor, s).discount(paid) for s in (h, -h))
        closed_form = -paid * key_rate_hats(paid)[:, KEY_RATES.index(tenor)] * self.curve.discount(paid)
        assert_allclose((up - down) / (2 * h), closed_form, rtol=1e-6, atol=1e-9)


class TestErrors:
    @pytest.mark.parametrize(
        "months, yields, says",
        [
            ((120, 360), [4.14, 4.12], "2008-09-15, 120 months: 4.14 is outside .* fractions a year"),
            ((12, 60), [0.02, 0.03], "quoted are 12, 60 months; need one of 120 months or longer"),
            ((120,), [np.nan], "quoted are none months"),
            ((120, 180), [0.04, 0.04], "maturity of 180 months, allowed are"),
            ((120, 360), [0.04], "2 maturities, 1 yields"),
        ],
    )
    def test_quotes_it_refuses(self, months: tuple[int, ...], yields: list[float], says: str) -> None:
        with pytest.raises(ValueError, match=says):
            bootstrap(ParYields(date(2008, 9, 15), months, np.array(yields)))

    def test_an_unknown_key_rate_names_the_known_ones(self) -> None:
        with pytest.raises(ValueError, match="key rate of 4 years: choose one of 1, 2, 3, 5, 7, 10, 20, 30"):
            flat(date(2010, 1, 4), 0.04).bumped(4, 0.01)

    @pytest.mark.parametrize("t", [-0.1, np.nan])
    def test_times_before_the_curve(self, t: float) -> None:
        with pytest.raises(ValueError, match="discount factors are for times of 0 years and later"):
            flat(date(2010, 1, 4), 0.04).discount([1.0, t])

    def test_a_forward_rate_needs_a_span(self) -> None:
        with pytest.raises(ValueError, match="t2 must be greater"):
            flat(date(2010, 1, 4), 0.04).forward(2.0, 2.0)

    @pytest.mark.parametrize("times, rates", [([0.0, 1.0], [0.1, 0.1]), ([2.0, 1.0], [0.1, 0.1]), ([1.0], [np.nan])])
    def test_knots_it_refuses(self, times: list[float], rates: list[float]) -> None:
        with pytest.raises(ValueError, match="times must be positive and ascending"):
            from_zero_rates(date(2010, 1, 4), times, rates)
