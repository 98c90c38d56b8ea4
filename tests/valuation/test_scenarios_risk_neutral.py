"""Risk-neutral paths: exact fit, exact martingales, volatility, shifts; each against a naive version or a closed form."""

import dataclasses
import itertools
import tomllib
from datetime import date
from importlib import resources

import numpy as np
import pytest

from valuation.curve import from_zero_rates
from valuation.funds import INDICES
from valuation.scenarios.grid import BONDS, CASH, DISCOUNT, EQUITIES, times
from valuation.scenarios.random import normals
from valuation.scenarios.risk_neutral import FACTORS, draw, risk_neutral_model, shift, simulate, spot_factor
from valuation.scenarios.short_rate import GaussianShortRate, bond_repricing, integrated_variance

START = 14211  # 2008-11-28, a Friday
DAYS = np.array([d for d in range(START + 1, START + 120) if d % 7 not in (2, 3)])  # weekdays
CURVE = from_zero_rates(date(2008, 11, 28), [0.25, 1, 2, 5, 10, 30], [0.004, 0.01, 0.012, 0.02, 0.03, 0.037])
MODEL = risk_neutral_model(CURVE, 0.5528)


@pytest.fixture(scope="module")
def draws():
    return draw(DAYS, 42, range(6), False)


@pytest.fixture(scope="module")
def tile(draws):
    return simulate(MODEL, DAYS, START, draws)


def test_the_grid_is_weekdays():
    assert np.is_busday(DAYS.astype("datetime64[D]")).all()
    assert np.datetime64(START, "D") == np.datetime64("2008-11-28")


class TestShortRate:
    rates = MODEL.rates
    steps = rates.steps(DAYS, START)

    def state_loadings(self):
        """x at the start of step i = row i times unit shocks: the recursion unrolled."""
        n = len(DAYS)
        loading = np.zeros((n, n))
        for i in range(n - 1):
            loading[i + 1] = loading[i] * np.exp(-self.rates.reversion * self.steps.dt[i])
            loading[i + 1, i] = self.steps.deviation[i]
        return loading

    def test_variance_of_the_integral_is_the_unrolled_sum(self):
        integral = np.cumsum(self.state_loadings() * self.steps.dt[:, None], axis=0)
        found = integrated_variance(self.steps.dt, self.steps.decay, self.steps.deviation)
        assert found == pytest.approx((integral**2).sum(axis=1), rel=1e-12, abs=1e-18)

    def test_expected_discount_factor_is_the_curve(self):
        integral = np.cumsum(self.state_loadings() * self.steps.dt[:, None], axis=0)
        expected = np.exp(-np.cumsum(self.steps.drift) + 0.5 * (integral**2).sum(axis=1))
        assert expected == pytest.approx(CURVE.discount(times(DAYS, START)), rel=1e-14)

    def test_variance_tends_to_the_continuous_limit(self):
        # Brigo and Mercurio (2006), equation 3.40: V(0, T)
        a, sigma, t = 0.05, 0.01, 10.0
        days = np.arange(1, 3651)
        steps = GaussianShortRate(CURVE, a, sigma, 5.0).steps(days, 0)
        closed = sigma**2 / a**2 * (t + 2 / a * np.exp(-a * t) - np.exp(-2 * a * t) / (2 * a) - 1.5 / a)
        assert integrated_variance(steps.dt, steps.decay, steps.deviation)[-1] == pytest.approx(closed, rel=1e-3)

    @pytest.mark.parametrize("name", ["reversion", "volatility", "bond_maturity"])
    def test_parameters_must_be_positive(self, name):
        with pytest.raises(ValueError, match=f"{name} is 0.0"):
            dataclasses.replace(self.rates, **{name: 0.0})


def naive_path(draws, lane):
    """One scenario in plain Python, from the equations of the docstrings."""
    loadings = np.linalg.cholesky(np.array(MODEL.correlation))
    steps, deviation = MODEL.rates.steps(DAYS, START), MODEL.step_deviation(DAYS, START)
    a, sigma = MODEL.rate_reversion, MODEL.rate_volatility
    b = (1 - np.exp(-a * MODEL.bond_maturity)) / a
    x, value, rows = 0.0, 1.0, []
    for d, dt in enumerate(np.diff(DAYS, prepend=START) / 365):
        shock = loadings @ draws[d, :, lane]
        growth = (x + steps.drift[d] / dt) * dt
        v = sigma**2 * (1 - np.exp(-2 * a * dt)) / (2 * a)
        move = np.sqrt(v) * shock[3]
        value *= np.exp(-growth)
        equities = [np.exp(growth - deviation[d, k] ** 2 / 2 + deviation[d, k] * shock[k]) for k in range(3)]
        rows.append([*equities, np.exp(growth - b * b * v / 2 - b * move), np.exp(growth), value])
        x = x * np.exp(-a * dt) + move
    return np.array(rows)


def test_a_tile_is_the_naive_path(tile, draws):
    assert tile.shape == (len(DAYS), 6, 6)
    for lane in range(tile.shape[2]):
        assert tile[:, :, lane] == pytest.approx(naive_path(draws, lane), rel=1e-13)


def test_cash_and_discount_are_inverse(tile):
    assert np.cumprod(tile[:, CASH], axis=0) * tile[:, DISCOUNT] == pytest.approx(
        np.ones_like(tile[:, CASH]), rel=1e-13
    )


@pytest.mark.parametrize("day", [0, 1, 40])
def test_every_index_is_a_martingale_step_by_step(day, draws):
    """Gauss-Hermite over the four shocks of one step, from one state: the discounted ratio averages 1, exactly."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(9)
    points = np.array(list(itertools.product(nodes, repeat=4))).T
    weight = np.prod(list(itertools.product(weights / weights.sum(), repeat=4)), axis=1)
    shocks = np.repeat(draws[: day + 1, :, :1], points.shape[1], axis=2)
    shocks[day] = points
    tile = simulate(MODEL, DAYS[: day + 1], START, shocks)
    before = tile[day - 1, DISCOUNT] if day else 1.0
    discounted = tile[day, :DISCOUNT] * tile[day, DISCOUNT] / before
    assert discounted @ weight == pytest.approx(np.ones(5), rel=1e-12)


def test_log_returns_have_the_volatilities_and_correlations_of_the_model():
    days = START + np.arange(1, 11) * 7
    tile = simulate(MODEL, days, START, draw(days, 1, range(20_000), True))
    excess = np.log(tile[:, :CASH]) - np.log(tile[:, [CASH]])
    n = tile.shape[2] * len(days)
    deviation = np.column_stack([MODEL.step_deviation(days, START), MODEL.rates.steps(days, START).deviation])
    shocks = (excess / (deviation * [1, 1, 1, -MODEL.rates.bond_loading])[:, :, None]).transpose(1, 0, 2).reshape(4, -1)
    assert np.cov(shocks) == pytest.approx(np.array(MODEL.correlation), abs=5 * np.sqrt(2 * 2 / n))


class TestParameters:
    data = tomllib.loads((resources.files("valuation") / "data" / "risk_neutral_2008.toml").read_text(encoding="utf-8"))

    def test_every_parameter_has_a_unit_and_a_source_or_a_reason(self):
        tables = {name: table for name, table in self.data.items() if isinstance(table, dict)}
        assert len(tables) == 8
        for name, table in tables.items():
            assert table["unit"], name
            assert table.get("source") or table.get("choice"), name

    def test_the_rates_correlations_are_in_proportion_to_those_with_large_equity(self):
        matrix = np.array(MODEL.correlation)
        assert matrix[3, 1:3] == pytest.approx(matrix[3, 0] * matrix[0, 1:3], abs=0.005)
        assert np.array_equal(matrix, matrix.T)
        assert self.data["correlation"]["order"] == list(FACTORS)

    def test_bonds_are_as_long_as_in_the_made_history(self):
        history = tomllib.loads((resources.files("valuation") / "data" / "fund_map.toml").read_text(encoding="utf-8"))
        assert history["indices"]["bonds"]["maturity"] == MODEL.bond_maturity

    def test_bonds_have_the_stated_volatility(self):
        assert MODEL.rates.bond_loading * MODEL.rate_volatility == pytest.approx(0.067, abs=5e-4)


class TestVolatility:
    def test_implied_volatility_over_its_tenor_is_the_quote(self):
        tenor = np.array([30 / 365])
        assert np.sqrt(MODEL.total_variance("large_equity", tenor) / tenor) == pytest.approx([0.5528], rel=1e-12)

    def test_total_variance_is_the_integral_of_the_forward_variance(self):
        k, v0, long_run = MODEL.variance_reversion, MODEL.spot_variance, MODEL.long_run_volatility**2
        s = (np.arange(20_000) + 0.5) / 20_000 * 3.0
        integral = np.mean(long_run + (v0 - long_run) * np.exp(-k * s)) * 3.0
        assert MODEL.total_variance("large_equity", np.array([3.0]))[0] == pytest.approx(integral, rel=1e-7)

    def test_other_equities_keep_the_published_ratio(self):
        t = np.array([0.1, 1.0, 20.0])
        large = MODEL.total_variance("large_equity", t)
        assert np.sqrt(MODEL.total_variance("small_equity", t) / large) == pytest.approx(np.full(3, 0.16341 / 0.12515))
        assert np.sqrt(MODEL.total_variance("international_equity", t) / large) == pytest.approx(
            np.full(3, 0.14506 / 0.12515)
        )

    @pytest.mark.parametrize("size", [0.01, -0.01])
    def test_a_shift_moves_implied_volatility_alike_at_every_maturity(self, size):
        t = np.array([1 / 365, 0.5, 1.0, 10.0, 50.0])
        bumped = MODEL.with_volatility("small_equity", size)
        moved = np.sqrt(bumped.total_variance("small_equity", t) / t) - np.sqrt(
            MODEL.total_variance("small_equity", t) / t
        )
        assert moved == pytest.approx(np.full(5, size), rel=1e-9)
        assert np.array_equal(bumped.total_variance("large_equity", t), MODEL.total_variance("large_equity", t))

    def test_a_vega_tile_differs_in_its_index_alone(self, tile, draws):
        bumped = simulate(MODEL.with_volatility("large_equity", 0.01), DAYS, START, draws)
        assert np.array_equal(bumped[:, 1:], tile[:, 1:])
        assert not np.isclose(bumped[:, 0], tile[:, 0], rtol=1e-12).any()

    def test_a_shift_that_makes_forward_variance_negative_is_refused(self):
        with pytest.raises(ValueError, match="forward variance negative"):
            MODEL.with_volatility("large_equity", -0.2).step_deviation(np.arange(START + 1, START + 900), START)

    def test_a_quote_too_far_below_the_long_run_level_is_refused(self):
        with pytest.raises(ValueError, match=r"implied volatility 0\.05 lies too far below"):
            risk_neutral_model(CURVE, 0.05)


class TestShifts:
    @pytest.mark.parametrize("tenor", [1, 5, 30])
    @pytest.mark.parametrize("size", [1e-4, -1e-2])
    def test_a_curve_shift_is_the_regenerated_tile(self, tile, draws, tenor, size):
        bumped = MODEL.with_curve(CURVE.bumped(tenor, size))
        regenerated = simulate(bumped, DAYS, START, draws)
        regenerated[0, BONDS] *= bond_repricing(MODEL.rates, bumped.rates)
        factor = shift(MODEL, bumped, DAYS, START)
        assert tile * factor[:, :, None] == pytest.approx(regenerated, rel=1e-12)

    def test_the_bond_index_is_repriced_by_the_change_of_its_zero_rate(self):
        curve = CURVE.shifted(0.001)
        change = curve.zero_rate(MODEL.bond_maturity) - CURVE.zero_rate(MODEL.bond_maturity)
        assert bond_repricing(MODEL.rates, MODEL.with_curve(curve).rates) == pytest.approx(
            np.exp(-change * MODEL.bond_maturity), rel=1e-12
        )

    def test_a_parallel_shift_adds_to_every_return(self):
        factor = shift(MODEL, MODEL.with_curve(CURVE.shifted(0.01)), DAYS, START)
        t = times(DAYS, START)
        assert factor[:, CASH] == pytest.approx(np.exp(0.01 * np.diff(t, prepend=0.0)), rel=1e-12)
        assert factor[:, DISCOUNT] == pytest.approx(np.exp(-0.01 * t), rel=1e-12)
        assert factor[0, BONDS] == pytest.approx(np.exp(0.01 * t[0] - 0.01 * MODEL.bond_maturity), rel=1e-12)

    def test_a_shift_between_models_that_differ_in_more_is_refused(self):
        with pytest.raises(ValueError, match="differ in more than their curve"):
            shift(MODEL, MODEL.with_volatility("large_equity", 0.01), DAYS, START)

    @pytest.mark.parametrize("index", INDICES)
    def test_a_spot_factor_moves_one_index_on_the_first_day(self, index):
        factor = spot_factor(5, index, -0.01)
        assert factor[0, INDICES.index(index)] == 0.99
        assert factor.sum() == pytest.approx(30 - 0.01)

    def test_unknown_indices_are_named(self):
        with pytest.raises(ValueError, match="'gold' is unknown"):
            spot_factor(5, "gold", 0.01)
        with pytest.raises(ValueError, match="'bonds' is unknown"):
            MODEL.with_volatility("bonds", 0.01)


def test_wrong_draws_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        simulate(MODEL, DAYS, START, normals(1, 1, range(2), len(FACTORS), len(DAYS) - 1))


@pytest.mark.parametrize("days", [[], [START, START + 1], [START + 2, START + 2]])
def test_days_must_increase_from_the_valuation_date(days):
    with pytest.raises(ValueError, match="strictly increasing"):
        MODEL.rates.steps(np.array(days, dtype=np.int64), START)


def test_equities_come_first():
    assert EQUITIES == ("large_equity", "small_equity", "international_equity")
    assert (BONDS, CASH, DISCOUNT) == (3, 4, 5)
