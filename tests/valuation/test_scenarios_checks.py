"""Checks of scenario sets: sound sets pass, spoiled ones fail, sums stream, closed forms hold."""

import dataclasses
from datetime import date

import numpy as np
import pytest
from scipy.special import ndtr

from valuation.curve import from_zero_rates
from valuation.scenarios.checks import (
    CheckRow,
    RealWorldChecks,
    RiskNeutralChecks,
    forward_variance,
    mix_wealth,
    share_outside,
)
from valuation.scenarios.grid import BONDS, DISCOUNT, position_at
from valuation.scenarios.real_world import real_world_model
from valuation.scenarios.risk_neutral import risk_neutral_model
from valuation.scenarios.sets import build_tile, scenario_set, standard_error
from valuation.sessions import day_number, valuation_days

START = day_number(date(2008, 11, 28))
DAYS = np.asarray(valuation_days(date(2008, 11, 29), date(2018, 11, 28)))
CURVE = from_zero_rates(date(2008, 11, 28), [1, 2, 5, 10, 30], [0.01, 0.012, 0.02, 0.03, 0.037])
MODEL = risk_neutral_model(CURVE, 0.5528)
MIXES = {"balanced": (0.4, 0.05, 0.1, 0.35, 0.1), "growth": (0.6, 0.15, 0.15, 0.1, 0.0)}
SPEC = scenario_set(MODEL, DAYS, START, 2048, 128, 20081128)


def tiles(spec=SPEC, model=MODEL, days=DAYS):
    return (build_tile(spec, model, days, number) for number in range(spec.n_tile))


@pytest.fixture(scope="module")
def first():
    return build_tile(SPEC, MODEL, DAYS, 0)


@pytest.mark.slow
class TestRiskNeutral:
    @pytest.fixture(scope="class")
    @staticmethod
    def rows():
        checks = RiskNeutralChecks(MODEL, DAYS, START, True, MIXES)
        for tile in tiles():
            checks.add(tile)
        return checks.rows()

    def test_every_row_passes(self, rows):
        assert [row for row in rows if not row.passed] == []
        assert share_outside(rows) < 0.15  # rows are correlated, so the share varies more than 5% suggests

    def test_what_is_checked(self, rows):
        items = [(row.check, row.item) for row in rows]
        assert items.count(("martingale", "large_equity")) == 11 + 10
        assert items.count(("martingale", "balanced")) == 11 + 10
        assert {item for check, item in items if check == "zero_coupon"} == {
            f"{years} years" for years in (1, 2, 3, 5, 7, 10)
        }
        assert sum(check == "forward_option" for check, _ in items) == 3 * 3

    def test_cash_is_exact(self, rows):
        assert all(row.z == 0.0 and row.value == pytest.approx(1.0) for row in rows if row.item == "cash")

    def test_options_are_priced_within_a_few_percent(self, rows):
        for row in rows:
            if row.check == "forward_option":
                assert 0.1 < row.expected < 0.7
                assert row.standard_error < 0.03 * row.expected


@pytest.mark.parametrize(
    "row, factor, check, item",
    [
        (0, 1.0002, "martingale", "large_equity"),
        (2, 1.0004, "martingale", "international_equity"),
        (BONDS, 1.0001, "martingale", "bonds"),
        (DISCOUNT, 0.99, "zero_coupon", "5 years"),
    ],
)
def test_a_spoiled_set_fails(row, factor, check, item):
    days = DAYS[: position_at(DAYS, START, 60) + 1]
    spec = scenario_set(MODEL, days, START, 1024, 128, 3)
    checks = RiskNeutralChecks(MODEL, days, START, True)
    for tile in tiles(spec, MODEL, days):
        tile[:, row] *= factor
        checks.add(tile)
    assert any(not r.passed for r in checks.rows() if (r.check, r.item) == (check, item))


def test_a_set_of_another_volatility_fails_the_option_alone():
    days = DAYS[: position_at(DAYS, START, 12) + 1]
    model = MODEL.with_volatility("small_equity", 0.08)
    spec = scenario_set(model, days, START, 2048, 128, 3)
    checks = RiskNeutralChecks(MODEL, days, START, True)
    for tile in tiles(spec, model, days):
        checks.add(tile)
    assert [(r.check, r.item) for r in checks.rows() if not r.passed] == [("forward_option", "small_equity")]


def test_rows_are_means_and_standard_errors_of_the_samples(first):
    checks = RiskNeutralChecks(MODEL, DAYS, START, True)
    checks.add(first)
    row = next(r for r in checks.rows() if (r.check, r.item) == ("martingale", "bonds") and r.time > 4.9)
    p = position_at(DAYS, START, 60)
    sample = first[: p + 1, BONDS].prod(axis=0) * first[p, DISCOUNT]
    assert row.value == pytest.approx(sample.mean(), rel=1e-12)
    assert row.standard_error == pytest.approx(float(standard_error(sample, True)), rel=1e-9)
    assert row.z == pytest.approx((sample.mean() - 1) / row.standard_error, rel=1e-9)


def test_sums_made_apart_and_added_in_order_are_the_same_bits(first):
    second = build_tile(SPEC, MODEL, DAYS, 1)
    together, apart, worker = (RiskNeutralChecks(MODEL, DAYS, START, True, MIXES) for _ in range(3))
    for tile in (first, second):
        together.add(tile)
        apart.add_sums(worker.sums(tile))
    assert together.rows() == apart.rows()


def test_a_mapped_read_only_tile_gives_the_same_bits(first, tmp_path):
    np.save(tmp_path / "tile.npy", first)
    checks = RiskNeutralChecks(MODEL, DAYS, START, True, MIXES)
    in_memory, mapped = checks.sums(first), checks.sums(np.load(tmp_path / "tile.npy", mmap_mode="r"))
    assert np.array_equal(in_memory.deviation, mapped.deviation)
    assert np.array_equal(in_memory.square, mapped.square)


def test_nothing_added_has_no_rows():
    with pytest.raises(ValueError, match="at least two"):
        RiskNeutralChecks(MODEL, DAYS, START, True).rows()


def test_mix_wealth_is_the_product_of_weighted_ratios(first):
    weights = np.array([MIXES["balanced"], MIXES["growth"]])
    positions = np.array([0, 5, 700])
    daily = np.cumprod(np.einsum("mk,dkl->dml", weights, first[:701, :5]), axis=0)
    assert mix_wealth(first, weights, positions) == pytest.approx(daily[positions], rel=1e-12)


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.5, 0.5, 0.1, 0.0, 0.0)])
def test_mixes_that_are_no_weights_are_refused(weights):
    with pytest.raises(ValueError, match="'odd'"):
        RiskNeutralChecks(MODEL, DAYS, START, True, {"odd": weights})


class TestForwardVariance:
    def test_is_the_unrolled_sum(self):
        days, k = DAYS[:60], 1
        steps, own = MODEL.rates.steps(days, START), MODEL.step_deviation(days, START)[:, k]
        rate = np.zeros(60)  # loading of the integrated rate to the last day on the shock of each step
        for j in range(60):
            x = steps.deviation[j]
            for i in range(j + 1, 60):
                rate[j] += x * steps.dt[i]
                x *= steps.decay[i]
        rho = MODEL.correlation[3][k]
        expected = np.sum(own**2 + rate**2 + 2 * rho * own * rate)
        assert forward_variance(MODEL, days, START)[k, -1] == pytest.approx(expected, rel=1e-12)

    def test_without_rate_risk_the_option_is_black_scholes(self):
        still = dataclasses.replace(MODEL, rate_volatility=1e-12)
        t = (DAYS[-1] - START) / 365
        variance = forward_variance(still, DAYS, START)[0, -1]
        assert variance == pytest.approx(float(still.total_variance("large_equity", np.array([t]))[0]), rel=1e-9)
        strike, discount = 1 / CURVE.discount(t), CURVE.discount(t)
        d1 = np.log(1 / (strike * discount)) / np.sqrt(variance) + 0.5 * np.sqrt(variance)
        black_scholes = strike * discount * ndtr(np.sqrt(variance) - d1) - ndtr(-d1)
        items = [i for i in RiskNeutralChecks(still, DAYS, START, True).items if i.check == "forward_option"]
        assert items[-3].expected == pytest.approx(float(black_scholes), rel=1e-8)


class TestRealWorld:
    model = real_world_model(MODEL.rates)

    @pytest.fixture(scope="class")
    @staticmethod
    def rows():
        model = TestRealWorld.model
        spec = scenario_set(model, DAYS, START, 1024, 128, 7)
        checks = RealWorldChecks(model, DAYS, START, spec.antithetic)
        for tile in tiles(spec, model):
            checks.add(tile)
        return checks.rows()

    def test_every_row_passes(self, rows):
        assert [row for row in rows if not row.passed] == []
        assert {row.check for row in rows} == {"martingale", "zero_coupon", "calibration"}
        assert sum(row.check == "calibration" for row in rows) == 18  # 20 years lie beyond the horizon

    def test_thin_tails_fail_the_calibration(self):
        calm = dataclasses.replace(
            self.model,
            equities=tuple(p._replace(tau=0.08, start=0.08, vol_of_log_vol=0.05) for p in self.model.equities),
        )
        days = DAYS[: position_at(DAYS, START, 12) + 1]
        checks = RealWorldChecks(self.model, days, START, False)
        for tile in tiles(scenario_set(calm, days, START, 1024, 128, 7), calm, days):
            checks.add(tile)
        failed = [row for row in checks.rows() if not row.passed]
        assert {(row.check, row.side) for row in failed} == {("calibration", 1), ("calibration", -1)}

    def test_fat_tails_pass_it(self):
        wild = dataclasses.replace(
            self.model, equities=tuple(p._replace(start=0.3, tau=0.3) for p in self.model.equities)
        )
        days = DAYS[: position_at(DAYS, START, 12) + 1]
        checks = RealWorldChecks(self.model, days, START, False)
        for tile in tiles(scenario_set(wild, days, START, 1024, 128, 7), wild, days):
            checks.add(tile)
        left = [row for row in checks.rows() if row.side == 1]
        assert all(row.passed and row.z > 4 for row in left)


@pytest.mark.slow
def test_bonds_over_a_lifetime_are_judged_by_the_models_spread():
    """Eight scenarios over seventy years: their own spread is far below the model's where their mean is."""
    days = np.asarray(valuation_days(date(2008, 11, 29), date(2078, 11, 28)))
    model = real_world_model(MODEL.rates)
    least = []
    for seed in range(12):
        spec = scenario_set(model, days, START, 8, 8, seed)
        checks = RealWorldChecks(model, days, START, spec.antithetic)
        checks.add(build_tile(spec, model, days, 0))
        assert [row for row in checks.rows() if not row.passed] == []
        sampled = [row for row in checks.rows() if row.item == "bonds"][-1]
        least.append(sampled.standard_error)
    steps = model.rates.steps(days, START)
    variance = float(np.sum(np.square(steps.bond_loading * steps.deviation)))
    assert not spec.antithetic
    assert min(least) >= np.sqrt(np.expm1(variance) / 8) * 0.999


def test_share_outside_counts_the_wrong_side_of_one_sided_rows():
    def row(z, side):
        return CheckRow("c", "i", 1.0, 0.0, 0.0, 1.0, z, side, abs(z) <= 4)

    assert share_outside([row(3, 0), row(-3, 0), row(1, 0), row(3, 1), row(-3, 1), row(3, -1), row(-3, -1)]) == 4 / 7
    assert share_outside([]) == 0.0
