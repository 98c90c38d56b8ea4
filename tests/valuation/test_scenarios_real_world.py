"""Real-world paths: the Academy's monthly model against its published figures, and the daily bridge inside a month."""

import dataclasses
from datetime import date

import numpy as np
import pytest

from valuation.clock import months_after
from valuation.curve import from_zero_rates
from valuation.scenarios.grid import CASH, DISCOUNT, EQUITIES, months, position_at, times
from valuation.scenarios.real_world import Draws, draw, draw_months, real_world_model, simulate, simulate_months
from valuation.scenarios.short_rate import GaussianShortRate
from valuation.sessions import day_number, valuation_days

START = day_number(date(2008, 11, 28))
DAYS = np.asarray(valuation_days(date(2008, 11, 29), date(2010, 11, 26)))  # 24 whole months
CURVE = from_zero_rates(date(2008, 11, 28), [1, 5, 10, 30], [0.01, 0.02, 0.03, 0.037])
MODEL = real_world_model(GaussianShortRate(CURVE, 0.025, 0.012, 5.0))
N_PATH, BLOCK, N_MONTH = 50_000, 2_500, 240


class Sample:
    """Monthly-only simulation: wealth at year ends and sums of the monthly log returns."""

    def __init__(self):
        self.wealth = {years: np.empty((3, N_PATH)) for years in (1, 5, 10, 20)}
        self.total, self.product = np.zeros(3), np.zeros((3, 3))
        for start in range(0, N_PATH, BLOCK):
            block = slice(start, start + BLOCK)
            normals = draw_months(N_MONTH, 2005, range(start, start + BLOCK), False)
            log_return, _ = simulate_months(MODEL, normals)
            self.total += log_return.sum(axis=(0, 2))
            self.product += np.einsum("mil,mjl->ij", log_return, log_return)
            level = np.cumsum(log_return, axis=0)
            for years, wealth in self.wealth.items():
                wealth[:, block] = np.exp(level[12 * years - 1])
        self.mean = self.total / (N_PATH * N_MONTH)
        self.covariance = self.product / (N_PATH * N_MONTH) - np.outer(self.mean, self.mean)


@pytest.fixture(scope="module")
def sample():
    return Sample()


@pytest.mark.slow
class TestPublished:
    """Figures of the Academy's March and June 2005 reports."""

    @pytest.mark.parametrize("point", MODEL.calibration, ids=lambda p: f"{p.years}y-{p.percentile:.1%}")
    def test_calibration_point(self, sample, point):
        """Within 2 standard errors: 5 years 5% and 97.5%, and 1 year 97.5%, bind, so that either side is chance."""
        below = np.mean(sample.wealth[point.years][0] <= point.wealth)
        error = np.sqrt(point.percentile * (1 - point.percentile) / N_PATH)
        short = point.percentile - below if point.percentile < 0.5 else below - point.percentile
        assert short <= 2 * error

    def test_the_table_is_whole(self):
        assert len(MODEL.calibration) == 22
        assert {point.percentile for point in MODEL.calibration} == {0.025, 0.05, 0.10, 0.90, 0.95, 0.975}

    @pytest.mark.parametrize(
        "years, percentile, printed",
        [(1, 2.5, 0.776), (1, 50, None), (5, 10, 0.931), (10, 90, 3.823), (20, 5, 1.403), (20, 95, 12.869)],
    )
    def test_percentiles_are_near_the_reports_own_run(self, sample, years, percentile, printed):
        found = np.percentile(sample.wealth[years][0], percentile)
        if printed is None:  # no figure for the median: it lies between the points of the table
            assert 0.90 < found < 1.28
        else:
            assert found == pytest.approx(printed, rel=0.015)

    @pytest.mark.parametrize(
        "equity, mean, deviation",
        [("large_equity", 0.0060, 0.0436), ("international_equity", 0.0062, 0.0492), ("small_equity", 0.0063, 0.0592)],
    )
    def test_monthly_log_returns(self, sample, equity, mean, deviation):
        k = EQUITIES.index(equity)
        assert sample.mean[k] == pytest.approx(mean, abs=1.5e-4)
        assert np.sqrt(sample.covariance[k, k]) == pytest.approx(deviation, abs=1.5e-4)

    @pytest.mark.parametrize(
        "equity, mean, deviation",
        [("large_equity", 1.089, 0.166), ("international_equity", 1.095, 0.185), ("small_equity", 1.103, 0.226)],
    )
    def test_wealth_after_a_year(self, sample, equity, mean, deviation):
        wealth = sample.wealth[1][EQUITIES.index(equity)]
        assert wealth.mean() == pytest.approx(mean, abs=0.0005 + 3 * deviation / np.sqrt(N_PATH))
        assert wealth.std() == pytest.approx(deviation, abs=0.003)

    def test_wealth_after_ten_years(self, sample):
        wealth = sample.wealth[10][0]
        assert wealth.mean() == pytest.approx(2.321, abs=0.02)
        assert wealth.std() == pytest.approx(1.147, abs=0.03)

    @pytest.mark.parametrize(
        "one, other, printed",
        [
            ("large_equity", "international_equity", 0.558),
            ("large_equity", "small_equity", 0.762),
            ("international_equity", "small_equity", 0.445),
        ],
    )
    def test_correlation_of_monthly_returns(self, sample, one, other, printed):
        i, j = EQUITIES.index(one), EQUITIES.index(other)
        found = sample.covariance[i, j] / np.sqrt(sample.covariance[i, i] * sample.covariance[j, j])
        assert found == pytest.approx(printed, abs=0.002)


def test_a_month_is_the_published_recursion():
    normals = draw_months(18, 9, range(3), False)
    log_return, volatility = simulate_months(MODEL, normals)
    loadings = np.linalg.cholesky(np.array(MODEL.correlation))
    for lane in range(3):
        v = np.log([p.start for p in MODEL.equities])
        for month in range(18):
            z = loadings @ normals[month, :, lane]
            for k, p in enumerate(MODEL.equities):
                mean = min(np.log(p.cap), (1 - p.phi) * v[k] + p.phi * np.log(p.tau))
                v[k] = np.clip(mean + p.vol_of_log_vol * z[2 * k], np.log(p.low), np.log(p.high))
                s = np.exp(v[k])
                mu = p.drift_constant + p.drift_linear * s + p.drift_quadratic * s**2
                assert volatility[month, k, lane] == pytest.approx(s, rel=1e-13)
                assert log_return[month, k, lane] == pytest.approx(mu / 12 + s / np.sqrt(12) * z[2 * k + 1], rel=1e-12)


def test_the_correlation_is_put_in_the_order_of_the_equities():
    matrix = np.array(MODEL.correlation)  # volatility and return of large, small, international
    assert (matrix[1, 3], matrix[1, 5], matrix[3, 5]) == (0.829, 0.630, 0.515)
    assert (matrix[0, 1], matrix[2, 3], matrix[4, 5]) == (-0.249, -0.276, -0.157)
    assert (matrix[2, 4], matrix[2, 5], matrix[0, 2]) == (0.259, -0.063, 0.625)
    assert np.array_equal(matrix, matrix.T)


class TestDays:
    draws = draw(DAYS, START, 17, range(400), False)
    tile = simulate(MODEL, DAYS, START, draws)
    calendar = months(DAYS, START)

    def test_months_end_on_the_last_valuation_day_on_or_before_the_monthly_date(self):
        assert len(self.calendar.first) == 24
        for month, (first, length) in enumerate(zip(self.calendar.first, self.calendar.length, strict=True), start=1):
            inside = DAYS[(months_after(START, month - 1) < DAYS) & (months_after(START, month) >= DAYS)]
            assert np.array_equal(DAYS[first : first + length], inside)

    def test_monthly_totals_are_the_monthly_model(self):
        log_return, _ = simulate_months(MODEL, self.draws.monthly)
        totals = np.add.reduceat(np.log(self.tile[:, :3]), self.calendar.first, axis=0)
        assert totals == pytest.approx(log_return, rel=1e-10, abs=1e-13)

    def test_days_are_a_correlated_bridge_at_the_months_volatility(self):
        """Excess of a day over its share has variance sigma^2 / 12 (1/n - 1/n^2), covariance -sigma^2 / 12 / n^2."""
        log_return, volatility = simulate_months(MODEL, self.draws.monthly)
        first, n = self.calendar.first[5], self.calendar.length[5]
        share = log_return[5] / n
        bridge = (np.log(self.tile[first : first + n, :3]) - share) / (volatility[5] / np.sqrt(12))
        n_value = bridge.shape[0] * bridge.shape[2]
        expected = (1 / n - 1 / n**2) * np.array(MODEL.correlation)[1::2, 1::2]
        found = np.einsum("dil,djl->ij", bridge, bridge) / n_value
        assert found == pytest.approx(expected, abs=5 * np.sqrt(2 / n_value) / n)
        assert bridge.sum(axis=0) == pytest.approx(np.zeros_like(share), abs=1e-11)

    def test_daily_volatility_is_the_monthly_one_over_the_root_of_the_days(self):
        """Without the random volatility: the days of a month are independent normals again."""
        still = tuple(p._replace(vol_of_log_vol=1e-12) for p in MODEL.equities)
        tile = simulate(
            dataclasses.replace(MODEL, equities=still), DAYS[:19], START, draw(DAYS[:19], START, 3, range(8000), False)
        )
        days = np.log(tile[:, 0])
        sigma = (1 - MODEL.equities[0].phi) * np.log(0.1476) + MODEL.equities[0].phi * np.log(0.12515)
        expected = np.exp(2 * sigma) / 12 / months(DAYS[:19], START).length[0]
        covariance = np.cov(days)
        assert np.diag(covariance) == pytest.approx(np.full(19, expected), rel=5 * np.sqrt(2 / 8000))
        assert covariance - np.diag(np.diag(covariance)) == pytest.approx(
            np.zeros((19, 19)), abs=6 * expected / np.sqrt(8000)
        )

    def test_discount_and_cash_follow_the_paths_own_short_rate(self):
        assert np.cumprod(self.tile[:, CASH], axis=0) * self.tile[:, DISCOUNT] == pytest.approx(
            np.ones_like(self.tile[:, CASH]), rel=1e-12
        )
        mean = self.tile[-1, DISCOUNT].mean()
        error = self.tile[-1, DISCOUNT].std() / np.sqrt(400)
        assert abs(mean - CURVE.discount(times(DAYS, START))[-1]) < 4 * error

    def test_rates_are_independent_of_equities(self):
        rate, equity = np.log(self.tile[1:, CASH]), np.log(self.tile[:-1, 0])
        moves = (
            np.diff(np.log(self.tile[:, CASH]), axis=0)
            - np.diff(np.log(self.tile[:, CASH]), axis=0).mean(axis=1)[:, None]
        )
        assert rate.shape == equity.shape
        assert abs(np.corrcoef(moves.ravel(), equity.ravel())[0, 1]) < 5 / np.sqrt(moves.size)

    def test_a_cut_month_is_the_beginning_of_the_whole_one(self):
        """March 2010 has no holiday, so that weekdays stand in exactly for the Valuation Days after the horizon."""
        cut = int(np.searchsorted(DAYS, day_number(date(2010, 3, 10)), side="right"))
        short = simulate(MODEL, DAYS[:cut], START, draw(DAYS[:cut], START, 17, range(400), False))
        assert np.array_equal(short, self.tile[:cut])

    def test_a_month_without_a_valuation_day_is_refused(self):
        with pytest.raises(ValueError, match="has no Valuation Day"):
            months(DAYS[40:], START)

    def test_draws_of_another_grid_are_refused(self):
        with pytest.raises(ValueError, match="do not fit"):
            simulate(MODEL, DAYS, START, Draws(self.draws.monthly[:-1], self.draws.daily))

    def test_positions_of_monthly_dates(self):
        assert DAYS[position_at(DAYS, START, 1)] == day_number(date(2008, 12, 26))  # the 28th is a Sunday
        assert position_at(DAYS, START, 24) == len(DAYS) - 1  # a Sunday after the last day
        assert position_at(DAYS, START, 25) == -1
