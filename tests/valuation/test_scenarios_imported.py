"""A monthly set on Valuation Days: month ends exact, days inside a month, moments, checks."""

from datetime import date

import numpy as np
import pytest

from tests.support.scenario_files import EQUITY_FILES, monthly_factors
from valuation.curve import flat
from valuation.scenarios.growth import PERIOD, Series, monthly_set
from valuation.scenarios.imported import (
    ImportedChecks,
    Spread,
    daily_tile,
    decisive_month,
    grid_months,
    moments,
    monthly_days,
    spread_of,
)
from valuation.scenarios.random import Stream, normals
from valuation.sessions import day_number, valuation_days

START = day_number(date(2008, 11, 28))
DAYS = np.asarray(valuation_days(date(2008, 11, 29), date(2010, 11, 26)))  # 24 whole months
N = 60
FACTORS = monthly_factors(N, 24)
SET = monthly_set(
    [Series(name, name, FACTORS[name]) for name in (*EQUITY_FILES, "bonds", "cash", "rate_0.25")], PERIOD, 6
)
SPREAD = spread_of(SET)
STEPS = grid_months(24, DAYS, START)


def draws(lanes=range(N)):
    return normals(11, Stream.IMPORTED_DAYS, lanes, 4, STEPS.n_step)


@pytest.fixture(scope="module", params=["bridge", "geometric"])
def tile(request):
    return daily_tile(SET, SPREAD, DAYS, START, draws() if request.param == "bridge" else None)


class TestDays:
    def test_month_ends_are_the_files(self, tile):
        totals = np.add.reduceat(np.log(tile[:, :5]), STEPS.first, axis=0)
        assert totals == pytest.approx(np.log(SET[:, :5]), rel=1e-9, abs=1e-13)
        ends = STEPS.first + STEPS.length - 1
        assert tile[ends, 5] == pytest.approx(SET[:, 5], rel=1e-13)

    def test_cash_and_discount_are_smooth(self, tile):
        first, n = STEPS.first[3], STEPS.length[3]
        assert tile[first : first + n, 4] == pytest.approx(np.tile(SET[3, 4] ** (1 / n), (n, 1)), rel=1e-13)
        assert np.diff(np.log(tile[first : first + n, 5]), axis=0) == pytest.approx(
            np.tile(np.log(SET[3, 5] / SET[2, 5]) / n, (n - 1, 1)), rel=1e-8
        )

    def test_a_geometric_day_is_an_equal_share(self):
        tile = daily_tile(SET, SPREAD, DAYS, START, None)
        first, n = STEPS.first[7], STEPS.length[7]
        assert tile[first : first + n, 0] == pytest.approx(np.tile(SET[7, 0] ** (1 / n), (n, 1)), rel=1e-13)

    def test_a_bridge_moves_at_the_sets_own_volatility(self):
        bridged = daily_tile(SET, SPREAD, DAYS, START, draws())
        excess = np.log(bridged[:, :4] / daily_tile(SET, SPREAD, DAYS, START, None)[:, :4])
        for row in range(4):
            scaled = [
                excess[f : f + n, row] / SPREAD.volatility[m, row] * np.sqrt(12 * n / (1 - 1 / n))
                for m, (f, n) in enumerate(zip(STEPS.first, STEPS.length, strict=True))
            ]
            values = np.concatenate(scaled).ravel()
            assert np.mean(values**2) == pytest.approx(1.0, abs=5 * np.sqrt(2 / values.size))

    def test_bridges_have_the_correlation_of_the_set(self):
        bridged = daily_tile(SET, SPREAD, DAYS, START, draws())
        excess = np.log(bridged[:, :2] / daily_tile(SET, SPREAD, DAYS, START, None)[:, :2])
        found = np.corrcoef(excess[:, 0].ravel(), excess[:, 1].ravel())[0, 1]
        assert found == pytest.approx(SPREAD.correlation[0, 1], abs=5 / np.sqrt(excess[:, 0].size))

    def test_a_daily_high_is_above_the_monthly_one_with_a_bridge_alone(self):
        highs = []
        for found in (daily_tile(SET, SPREAD, DAYS, START, draws()), daily_tile(SET, SPREAD, DAYS, START, None)):
            path = np.cumprod(found[:, 0], axis=0)
            highs.append(
                np.maximum(1.0, path.max(axis=0)) / np.maximum(1.0, path[STEPS.first + STEPS.length - 1].max(axis=0))
            )
        assert highs[0].mean() > 1.01
        assert highs[1] == pytest.approx(np.ones(N), abs=1e-12)

    def test_scenarios_do_not_depend_on_the_tile(self):
        whole = daily_tile(SET, SPREAD, DAYS, START, draws())
        part = daily_tile(np.ascontiguousarray(SET[:, :, 20:30]), SPREAD, DAYS, START, draws(range(20, 30)))
        assert np.array_equal(whole[:, :, 20:30], part)

    def test_a_shorter_grid_is_the_beginning(self):
        days = DAYS[: STEPS.first[12]]
        short = grid_months(24, days, START)
        assert len(short.first) == 12
        tile = daily_tile(SET, SPREAD, days, START, None)
        assert np.array_equal(tile, daily_tile(SET, SPREAD, DAYS, START, None)[: len(days)])

    def test_days_after_the_last_month_bring_nothing(self):
        days = np.append(DAYS, day_number(date(2010, 11, 29)))
        tile = daily_tile(SET, SPREAD, days, START, normals(1, 4, range(N), 4, grid_months(24, days, START).n_step))
        assert np.array_equal(tile[-1, :5], np.ones((5, N)))
        assert tile[-1, 5] == pytest.approx(SET[-1, 5], rel=1e-13)

    def test_a_projection_longer_than_the_files_is_refused(self):
        days = np.asarray(valuation_days(date(2008, 11, 29), date(2011, 1, 31)))
        with pytest.raises(ValueError, match=r"hold 24 months and the projection needs 27; .* add --horizon-years 2"):
            daily_tile(SET, SPREAD, days, START, None)


class TestSpread:
    def test_is_of_the_log_factors(self):
        log = np.log(SET[:, 0])
        assert SPREAD.volatility[5, 0] == pytest.approx(log[5].std() * np.sqrt(12), rel=1e-12)
        assert np.diag(SPREAD.correlation) == pytest.approx(np.ones(4))
        assert SPREAD.correlation[0, 1] == pytest.approx(0.76, abs=0.1)  # the Academy's model: 0.762

    def test_indices_that_move_as_one_can_be_bridged(self):
        same = SET.copy()
        same[:, 1] = same[:, 0]
        spread = spread_of(same)
        tile = daily_tile(same, spread, DAYS, START, draws())
        assert tile[:, 1] == pytest.approx(tile[:, 0], rel=1e-9)

    def test_a_single_scenario_has_none(self):
        spread = spread_of(SET[:, :, :1])
        assert np.array_equal(spread.volatility, np.zeros((24, 4)))
        assert np.isfinite(daily_tile(SET[:, :, :1].copy(), spread, DAYS, START, draws(range(1)))).all()


class TestMoments:
    def test_are_of_the_wealth(self):
        found = {(m.name, m.years): m for m in moments(SET)}
        assert set(found) == {(name, 1) for name in (*EQUITY_FILES, "bonds", "cash")}
        wealth = FACTORS["large_equity"][:, :13].prod(axis=1)
        one = found["large_equity", 1]
        assert (one.mean, one.deviation) == pytest.approx((wealth.mean(), wealth.std()))
        assert one.percentiles[3] == pytest.approx(np.median(wealth))


class TestChecks:
    def rows(self, basis, monthly, **more):
        days = monthly_days(monthly.shape[0])
        checks = ImportedChecks(basis, spread_of(monthly).volatility, monthly.shape[2], days, 0, **more)
        checks.add(np.ascontiguousarray(monthly))
        return checks.rows()

    def test_academy_scenarios_meet_the_calibration_points(self):
        rows = self.rows("real_world", SET)
        assert {row.time for row in rows} == {1.0}
        assert len(rows) == 6
        assert all(row.passed for row in rows)

    def test_calm_scenarios_do_not(self):
        calm = np.tile(SET, 4)  # 60 scenarios are too few to tell a tenth from nothing
        calm[:, 0] = np.exp(0.2 * np.log(calm[:, 0]) + 0.004)
        assert {row.side for row in self.rows("real_world", calm) if not row.passed} == {-1, 1}

    def risk_neutral(self):
        z = normals(3, 1, range(4000), 3, 24)
        made = np.empty((24, 6, 4000))
        made[:, :3] = np.exp(0.05 * z - 0.00125) * 1.003
        made[:, 3:5] = 1.003
        made[:, 5] = (1.003 ** -np.arange(1.0, 25.0))[:, None]
        return made

    def test_discounted_indices_must_average_one(self):
        made = self.risk_neutral()
        mixes = {"balanced": [0.6, 0.0, 0.0, 0.4, 0.0]}
        rows = self.rows("risk_neutral", made, mixes=mixes)
        assert {row.item for row in rows} >= {"large_equity", "bonds", "cash", "balanced"}
        assert all(row.passed for row in rows)
        made[:, 1] *= 1.002
        failed = {row.item for row in self.rows("risk_neutral", made, mixes=mixes) if not row.passed}
        assert failed == {"small_equity"}

    def test_the_discount_factor_must_be_the_curves(self):
        made = self.risk_neutral()
        rate = 12 * np.log(1.003)
        same, other = (flat(date(2008, 10, 31), r) for r in (rate * (365 / 365.25), rate + 0.01))
        close = [r for r in self.rows("risk_neutral", made, curve=same) if r.check == "zero_coupon"]
        assert [r.value for r in close] == pytest.approx([r.expected for r in close], rel=1e-3)
        far = [r for r in self.rows("risk_neutral", made, curve=other) if r.check == "zero_coupon"]
        assert len(far) == 2
        assert not any(r.passed for r in far)

    def test_far_means_of_few_scenarios_are_not_judged(self):
        wild = Spread(np.full((360, 4), 0.6), np.eye(4)).volatility
        assert decisive_month(wild, 100) == 61  # exp(0.36 t) passes 100 / 16 after 61 months
        assert decisive_month(wild, 2) == 12
