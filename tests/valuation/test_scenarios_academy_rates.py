"""The Academy's rate generator and bond returns: recursion, published parameters, moments, days."""

from datetime import date

import numpy as np
import pytest

from valuation.curve import from_zero_rates
from valuation.scenarios.academy_rates import (
    START_TENORS,
    RatePaths,
    academy_model,
    index_growth,
    simulate,
    simulate_rates,
    yields,
)
from valuation.scenarios.grid import CASH, DISCOUNT, EQUITIES, months
from valuation.scenarios.imported import ImportedChecks
from valuation.scenarios.random import normals
from valuation.scenarios.real_world import draw, real_world_model
from valuation.scenarios.short_rate import GaussianShortRate
from valuation.sessions import day_number, valuation_days

START = day_number(date(2008, 11, 28))
DAYS = np.asarray(valuation_days(date(2008, 11, 29), date(2010, 11, 26)))
CURVE = from_zero_rates(date(2008, 11, 28), [1, 5, 10, 30], [0.01, 0.02, 0.03, 0.037])
EQUITY = real_world_model(GaussianShortRate(CURVE, 0.025, 0.012, 5.0))
YIELDS = (0.0046, 0.0134, 0.0353, 0.0474)
MODEL = academy_model(EQUITY, YIELDS)


def paths(n_month=24, n_lane=4, seed=3, **changes):
    shocks = normals(seed, 7, range(n_lane), 3, n_month)
    return RatePaths(*simulate_rates(MODEL.rates._replace(**changes), YIELDS[3], YIELDS[1], shocks)), shocks


class TestRates:
    def test_a_month_without_shocks_is_the_expectation_of_an_independent_version(self):
        """Long 2.87%, spread 0.24%, volatility 3%, tau 1 3.5%: 0.028784, 0.00256437, 0.02994687, as published with it."""
        p = MODEL.rates._replace(long_reversion_point=0.035)
        level, spread, _ = simulate_rates(p, 0.0287, 0.0287 - 0.0024, np.zeros((1, 3, 1)))
        assert (level[1, 0], spread[1, 0]) == pytest.approx((0.028784, 0.00256437), abs=5e-7)
        shock = (np.log(0.03) - np.log(p.volatility_mean)) / p.volatility_of_volatility
        shocks = np.zeros((2, 3, 1))
        shocks[0, 2] = shock
        _, _, volatility = simulate_rates(p, 0.0287, 0.0263, shocks)
        assert volatility[1:, 0] == pytest.approx([0.03, 0.02994687], abs=5e-9)

    def test_is_the_recursion_of_the_docstring(self):
        found, shocks = paths()
        p = MODEL.rates
        for lane in range(4):
            log_long, apart, log_s = np.log(YIELDS[3]), YIELDS[3] - YIELDS[1], np.log(0.0287)
            for m in range(24):
                z1, free, z3 = shocks[m, :, lane]
                z2 = -0.19197 * z1 + np.sqrt(1 - 0.19197**2) * free
                log_s = 0.95999 * log_s + 0.04001 * np.log(0.0287) + 0.11489 * z3
                mean = 0.99491 * log_long + 0.00509 * np.log(p.long_reversion_point) + 0.25164 * (0.01 - apart)
                tilt = 0.0002 * (log_long - np.log(p.long_reversion_point))
                apart = 0.97315 * apart + 0.02685 * 0.01 + tilt + 0.04148 * z2 * np.exp(log_long)
                log_long = np.clip(mean, np.log(0.0115), np.log(0.18)) + np.exp(log_s) * z1
                expected = (np.exp(log_long), apart, np.exp(log_s))
                assert tuple(one[m + 1, lane] for one in found) == pytest.approx(expected, rel=1e-11)

    @pytest.mark.parametrize("point, bound", [(1e-9, 0.0115), (10.0, 0.18)])
    def test_the_long_rate_is_held_before_its_shock(self, point, bound):
        shocks = np.zeros((400, 3, 1))
        level, _, _ = simulate_rates(MODEL.rates._replace(long_reversion_point=point, tilt=0.0), 0.05, 0.04, shocks)
        assert level[-1, 0] == pytest.approx(bound, rel=1e-9)

    def test_volatility_and_spread_revert_to_their_means(self):
        """Stationary log-volatility: mean ln tau 3, variance sigma 3^2 / (1 - (1 - beta 3)^2); spread: mean tau 2 + tilt."""
        found, _ = paths(240, 2000)
        p = MODEL.rates
        log = np.log(found.volatility[-1])
        sd = p.volatility_of_volatility / np.sqrt(1 - (1 - p.volatility_reversion) ** 2)
        assert log.mean() == pytest.approx(np.log(0.0287), abs=4 * sd / np.sqrt(2000))
        assert log.std() == pytest.approx(sd, rel=4 / np.sqrt(2 * 2000))
        spread = found.spread[-1]
        tilt = p.tilt / p.spread_reversion * (np.log(found.long[-60:]).mean() - np.log(p.long_reversion_point))
        assert spread.mean() == pytest.approx(0.01 + tilt, abs=5 * spread.std() / np.sqrt(2000))

    def test_the_long_rate_stays_where_rates_have_been(self):
        """Its median goes to the reversion point, within sampling noise of 2,000 paths and the source's skew."""
        found, _ = paths(600, 2000)
        last = found.long[-1]
        error = 1.2533 * np.log(last).std() / np.sqrt(2000)
        assert np.log(np.median(last)) == pytest.approx(np.log(MODEL.rates.long_reversion_point), abs=5 * error + 0.05)
        assert 0.005 < np.percentile(last, 1) < np.percentile(last, 99) < 0.25


class TestCurve:
    def test_begins_with_the_markets_and_forgets_it_in_a_year(self):
        found, _ = paths()
        for tenor, market in zip(START_TENORS, YIELDS, strict=True):
            assert yields(MODEL, found, tenor)[0] == pytest.approx(np.full(4, market), rel=1e-12)
        other = academy_model(EQUITY, (0.02, *YIELDS[1:]))
        one, two = yields(MODEL, found, 0.25), yields(other, found, 0.25)
        assert two[6] - one[6] == pytest.approx(np.full(4, 0.5 * (0.02 - YIELDS[0])), abs=1e-12)
        assert np.array_equal(one[12:], two[12:])

    def test_the_one_and_twenty_year_rates_are_the_states(self):
        found, _ = paths()
        assert yields(MODEL, found, 20.0)[13] == pytest.approx(found.long[13], rel=1e-12)
        short = np.maximum(found.long - found.spread, MODEL.rates.short_low)
        assert yields(MODEL, found, 1.0)[13] == pytest.approx(short[13], rel=1e-12)

    def test_lies_on_a_nelson_siegel_curve(self):
        found, _ = paths()
        weight = [(1 - np.exp(-0.4 * m)) / (0.4 * m) for m in (1.0, 7.0, 20.0)]
        short, middle, long = (yields(MODEL, found, m)[20] for m in (1.0, 7.0, 20.0))
        slope = (short - long) / (weight[0] - weight[2])
        assert middle == pytest.approx(long + slope * (weight[1] - weight[2]), rel=1e-12)

    def test_no_rate_is_below_the_floor(self):
        found, _ = paths(120, 200)
        assert min(yields(MODEL, found, tenor).min() for tenor in START_TENORS) >= 1e-4


class TestReturns:
    def test_formula(self):
        growth = index_growth(MODEL.bonds, np.array([[0.05], [0.052]]), np.array([[0.7]]))
        assert growth[0, 0] == pytest.approx(
            1 + (0.052 - 0.00153) / 12 - 3.65043 * 0.002 + 0.05239 * np.sqrt(0.05) * 0.7, rel=1e-13
        )

    def test_parameters_are_the_published(self):
        assert tuple(MODEL.cash) == (0.25, -0.00445, -0.07148, 0.00370)
        assert tuple(MODEL.bonds) == (7.0, -0.00153, 3.65043, 0.05239)

    def test_correlations_are_those_of_table_9(self):
        matrix = np.array(MODEL.correlation)
        shocks = [f"{name} {part}" for name in EQUITIES for part in ("volatility", "return")]
        at = {name: k for k, name in enumerate([*shocks, "cash", "bonds"])}
        assert matrix[at["bonds"], at["large_equity return"]] == 0.192
        assert matrix[at["bonds"], at["international_equity return"]] == 0.130
        assert matrix[at["bonds"], at["small_equity volatility"]] == 0.028
        assert matrix[at["cash"], at["small_equity return"]] == -0.106
        assert matrix[at["cash"], at["bonds"]] == 0.047
        assert np.linalg.eigvalsh(matrix).min() > 0.09

    def test_yields_must_be_fractions(self):
        with pytest.raises(ValueError, match=r"allowed are fractions from -0.05 to 0.5, not percent"):
            academy_model(EQUITY, (0.46, 1.34, 3.53, 4.74))


class TestDays:
    tile = MODEL.tile(DAYS, START, 17, range(300), False)
    calendar = months(DAYS, START)

    def totals(self):
        return np.add.reduceat(np.log(self.tile[:, :5]), self.calendar.first, axis=0)

    def test_equities_are_those_of_the_other_rates(self):
        assert np.array_equal(self.tile[:, :3], EQUITY.tile(DAYS, START, 17, range(300), False)[:, :3])

    def test_bond_months_are_the_formula(self):
        drawn = draw(DAYS, START, 17, range(300), False)
        own = normals(17, 7, range(300), 5, 24)
        assert np.array_equal(simulate(MODEL, DAYS, START, drawn.monthly, drawn.daily, own), self.tile)
        found = RatePaths(*simulate_rates(MODEL.rates, YIELDS[3], YIELDS[1], np.ascontiguousarray(own[:, :3])))
        loading = np.linalg.cholesky(np.array(MODEL.correlation))[-1]
        shocks = np.einsum("j,mjl->ml", loading, np.concatenate([drawn.monthly, own[:, 3:]], axis=1))
        expected = np.log(index_growth(MODEL.bonds, yields(MODEL, found, 7.0), shocks))
        assert self.totals()[:, 3] == pytest.approx(expected, rel=1e-9, abs=1e-12)

    def test_bonds_move_with_large_equity_as_little_as_published(self):
        log = self.totals()
        own = np.corrcoef(log[:, 0].ravel(), log[:, 3].ravel())[0, 1]
        assert 0.0 < own < 0.192 + 4 / np.sqrt(log[:, 0].size)

    def test_bond_volatility_is_that_of_intermediate_government_bonds(self):
        assert 0.03 < self.totals()[:, 3].std() * np.sqrt(12) < 0.06
        assert np.log(self.tile[:, 3]).std() * np.sqrt(252) == pytest.approx(
            self.totals()[:, 3].std() * np.sqrt(12), rel=0.1
        )

    def test_discount_is_at_the_three_month_yield_at_the_beginning_of_the_month(self):
        first = self.calendar.length[0] - 1
        assert self.tile[first, DISCOUNT] == pytest.approx(np.full(300, (1 + YIELDS[0] / 2) ** (-1 / 6)), rel=1e-12)
        assert (np.diff(self.tile[:, DISCOUNT], axis=0) < 0.0).all()

    def test_cash_is_smooth_inside_a_month(self):
        first, n = self.calendar.first[4], self.calendar.length[4]
        assert np.ptp(np.log(self.tile[first : first + n, CASH]), axis=0).max() < 1e-15

    def test_scenarios_do_not_depend_on_the_tile(self):
        assert np.array_equal(MODEL.tile(DAYS, START, 17, range(100, 110), False), self.tile[:, :, 100:110])

    def test_the_calibration_points_hold(self):
        checks = ImportedChecks("real_world", np.zeros((1, 1)), 300, DAYS, START)
        checks.add(self.tile)
        assert [row.passed for row in checks.rows()] == [True] * 6
