"""Greeks against closed forms, instruments against bond arithmetic, rebalancing against hand-solved cases."""

from datetime import date
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from valuation import instruments
from valuation.curve import KEY_RATES, flat, from_zero_rates
from valuation.funds import INDICES
from valuation.hedge import (
    Bump,
    InfeasibleHedgeError,
    central_difference,
    dollar_exposure,
    greeks_from_means,
    load_limits,
    rebalance,
    second_difference,
    sensitivities,
)
from valuation.instruments import (
    GREEKS,
    GreekKey,
    HedgeDataError,
    Instrument,
    black_put,
    conversion_factor,
    instrument_exposures,
    load_instruments,
    par_rate,
)

AS_OF = date(2008, 12, 31)
TIMES = [0.5, 1, 2, 3, 5, 7, 10, 20, 30]
CURVE = from_zero_rates(AS_OF, TIMES, [0.003, 0.004, 0.008, 0.010, 0.015, 0.019, 0.023, 0.032, 0.028])
SET = load_instruments("2008")
VOLATILITIES = {"large_equity": 0.30, "small_equity": 0.36, "international_equity": 0.33}
EXPOSURES = instrument_exposures(SET.instruments, CURVE, SET.levels, VOLATILITIES)
COSTS = np.array([i.cost for i in SET.instruments])
COLUMN = {key: i for i, key in enumerate(GREEKS)}
ROW = {i.name: n for n, i in enumerate(SET.instruments)}


class TestGreeksOfAPut:
    """The same machinery on simulated lognormals, against the formulas of Black and Scholes."""

    spot, strike, rate, vol, years, n = 100.0, 110.0, 0.03, 0.25, 5.0, 20_000
    normals = np.random.default_rng(17).normal(size=n // 2)
    z = np.stack([normals, -normals], axis=1).ravel()

    def paths(self, spot=spot, rate=rate, vol=vol):
        end = spot * np.exp((rate - vol**2 / 2) * self.years + vol * np.sqrt(self.years) * self.z)
        return np.exp(-rate * self.years) * np.maximum(self.strike - end, 0.0)

    def formula(self):
        deviation = self.vol * np.sqrt(self.years)
        d1 = (np.log(self.spot / self.strike) + (self.rate + self.vol**2 / 2) * self.years) / deviation
        delta, bond = norm.cdf(d1) - 1.0, self.strike * np.exp(-self.rate * self.years)
        return {
            "delta": delta * self.spot * 0.01,
            "vega": self.spot * norm.pdf(d1) * np.sqrt(self.years) * 0.01,
            "rho": -self.years * bond * norm.cdf(deviation - d1) * 1e-4,
            "gamma": norm.pdf(d1) / (self.spot * deviation) * (self.spot * 0.01) ** 2,
        }

    def bumps(self):
        return [
            Bump(GreekKey("delta", "large_equity"), 1.0, self.paths(spot=101.0), self.paths(spot=99.0)),
            Bump(GreekKey("rho", "5"), 10.0, self.paths(rate=0.031), self.paths(rate=0.029)),
            Bump(GreekKey("vega", "large_equity"), 1.0, self.paths(vol=0.26), self.paths(vol=0.24)),
        ]

    def test_delta_rho_and_vega_are_within_their_standard_errors(self):
        exact = self.formula()
        for found in sensitivities(self.bumps(), 2):
            assert abs(found.value - exact[found.key.greek]) < 3.5 * found.standard_error
            assert found.standard_error < 0.02 * abs(exact[found.key.greek])

    def test_gamma_is_within_its_standard_error(self):
        found = second_difference(self.paths(), self.paths(spot=110.0), self.paths(spot=90.0), 10.0, 2)
        assert abs(found.value - self.formula()["gamma"]) < 3.5 * found.standard_error + 2e-4

    def test_common_random_numbers_make_the_error_small(self):
        other = np.random.default_rng(18).permutation(self.paths(spot=99.0))
        common = central_difference(self.paths(spot=101.0), self.paths(spot=99.0), 1.0)
        independent = central_difference(self.paths(spot=101.0), other, 1.0)
        assert common.standard_error < independent.standard_error / 20

    def test_contracts_are_rows_and_add_up_to_the_block(self):
        up, down = (np.stack([k * self.paths(spot=s) for k in (1.0, 2.0, 5.0)]) for s in (101.0, 99.0))
        rows = central_difference(up, down, 1.0, 2)
        block = central_difference(up.sum(axis=0), down.sum(axis=0), 1.0, 2)
        assert rows.value.sum() == pytest.approx(float(block.value), rel=1e-12)
        assert rows.value == pytest.approx(greeks_from_means(up.mean(axis=1), down.mean(axis=1), 1.0), rel=1e-9)
        assert rows.standard_error[2] == pytest.approx(5.0 * rows.standard_error[0])

    def test_dollar_exposure_is_spot_times_delta(self):
        delta = sensitivities(self.bumps()[:1])[0].value
        assert dollar_exposure(delta) == pytest.approx(self.spot * self.formula()["delta"], rel=0.02)

    def test_a_bump_needs_a_size_and_two_revaluations_of_the_same_scenarios(self):
        with pytest.raises(ValueError, match=r"shapes \(3,\) and \(4,\)"):
            central_difference(np.zeros(3), np.zeros(4), 1.0)
        with pytest.raises(ValueError, match="positive size"):
            central_difference(np.zeros(3), np.zeros(3), 0.0)


class TestInstruments:
    def test_key_rates_and_indices_are_those_of_curve_and_scenarios(self):
        assert instruments.KEY_RATES == KEY_RATES
        assert set(instruments.HEDGED_INDICES) <= set(INDICES)

    def test_a_future_moves_one_percent_of_its_notional(self):
        row = EXPOSURES[ROW["S&P 500 E-mini future"]]
        assert row[COLUMN[GreekKey("delta", "large_equity")]] == pytest.approx(0.01 * 50 * 903.25)
        assert np.count_nonzero(row) == 1

    def test_put_prices_and_greeks_are_the_formulas(self):
        q, t, vol, s = 0.025, 5.0, 0.30, 903.25
        bond = float(CURVE.discount(t))
        d1 = (np.log(np.exp(-q * t) / bond) + vol**2 * t / 2) / (vol * np.sqrt(t))
        row = EXPOSURES[ROW["S&P 500 five-year put"]]
        delta = -np.exp(-q * t) * norm.cdf(-d1) * 100 * s * 0.01
        assert row[COLUMN[GreekKey("delta", "large_equity")]] == pytest.approx(delta, rel=1e-4)
        vega = s * np.exp(-q * t) * norm.pdf(d1) * np.sqrt(t) * 100 * 0.01
        assert row[COLUMN[GreekKey("vega", "large_equity")]] == pytest.approx(vega, rel=1e-3)
        rho = -t * s * bond * norm.cdf(vol * np.sqrt(t) - d1) * 100 * 1e-4
        assert row[COLUMN[GreekKey("rho", "5")]] == pytest.approx(rho, rel=1e-3)

    def test_black_put_satisfies_put_call_parity(self):
        """By the symmetry of the model, the call is the put with stock and strike exchanged."""
        assert black_put(90.0, 110.0, 0.4) - black_put(110.0, 90.0, 0.4) == pytest.approx(20.0)

    def test_par_swaps_are_worth_nothing_and_sum_to_their_modified_duration(self):
        curve = flat(AS_OF, 0.04)
        swap = Instrument("swap", "par_swap", 1e6, 1.0, maturity=10.0)
        rhos = instrument_exposures((swap,), curve, {}, {})[0]
        assert par_rate(curve, 10.0) == pytest.approx(2 * (np.exp(0.02) - 1.0), rel=1e-12)
        t = np.arange(1, 21) / 2
        cash = np.full(20, par_rate(curve, 10.0) / 2) + (t == 10.0)
        assert rhos.sum() == pytest.approx(-1e6 * np.sum(t * cash * np.exp(-0.04 * t)) * 1e-4, rel=1e-5)

    def test_a_par_swap_hangs_on_its_own_key_rate(self):
        for years in KEY_RATES:
            row = EXPOSURES[ROW[f"{years}-year par swap"]]
            rhos = row[[COLUMN[GreekKey("rho", str(t))] for t in KEY_RATES]]
            assert np.abs(rhos).argmax() == KEY_RATES.index(years)
            assert rhos.min() < 0.0

    def test_conversion_factors_are_those_of_the_exchange_formula(self):
        """A 6% bond has factor 1; a 4% bond of 6 1/2 years: .04 at 6% semiannual = .8937 (price 89.365)."""
        assert conversion_factor(0.06, 15.5) == pytest.approx(1.0, rel=1e-12)
        price = sum(0.02 / 1.03**k for k in range(1, 14)) + 1.03**-13
        assert conversion_factor(0.04, 6.5) == pytest.approx(price, rel=1e-12)
        assert price == pytest.approx(0.89365, abs=5e-6)

    def test_a_treasury_future_has_the_forward_duration_of_its_deliverable(self):
        """On a flat curve a parallel shift moves the forward price by the bond's duration at delivery."""
        y = 0.05
        future = Instrument("future", "treasury_future", 1e5, 1.0, maturity=4.5, delivery=0.25, coupon=0.04)
        total = instrument_exposures((future,), flat(AS_OF, y), {}, {})[0].sum()
        t = np.arange(1, 10) / 2
        cash = np.full(9, 0.02) + (t == 4.5)
        expected = -1e5 * np.sum(t * cash * np.exp(-y * t)) / conversion_factor(0.04, 4.5) * 1e-4
        assert total == pytest.approx(expected, rel=1e-5)

    def test_longer_futures_weigh_more(self):
        names = ["5-year Treasury future", "10-year Treasury future", "30-year Treasury future"]
        rhos = [EXPOSURES[ROW[n]].sum() for n in names]
        assert rhos == sorted(rhos, reverse=True)
        assert rhos[0] < 0.0

    def test_a_missing_level_names_the_instrument(self):
        with pytest.raises(HedgeDataError, match="Russell 2000 mini future needs a positive level and volatility"):
            instrument_exposures(SET.instruments, CURVE, SET.levels | {"small_equity": 0.0}, VOLATILITIES)

    def test_an_unknown_edition_is_an_error(self):
        with pytest.raises(HedgeDataError, match=r"hedge_limits_1999.toml does not exist"):
            load_limits("1999")


def small_case(liability, limits, exposures, costs, held=None, target=1.0):
    greeks, bounds, each, price = (np.array(x, dtype=float) for x in (liability, limits, exposures, costs))
    keys = tuple(GreekKey("rho", str(i)) for i in range(each.shape[1]))
    positions = np.zeros(len(each), dtype=np.int64) if held is None else np.array(held)
    return rebalance(greeks, bounds, each, positions, price, keys, target)


class TestRebalance:
    def test_back_to_the_edge_in_whole_contracts(self):
        """Liability -1000, contracts of 30, limit 100: net 1000 must fall to 100; 30 sold give exactly 100."""
        found = small_case([-1000.0], [100.0], [[30.0]], [5.0])
        assert found.trades.tolist() == [-30]
        assert found.after.tolist() == [100.0]
        assert found.cost == 150.0
        assert (found.breach_before.tolist(), found.breach_after.tolist()) == ([True], [False])
        assert found.utilisation_before.tolist() == [10.0]

    def test_fractions_round_into_the_limit(self):
        """1000 less 28 n at most 100: 32.1 contracts become 33."""
        assert small_case([-1000.0], [100.0], [[28.0]], [5.0]).trades.tolist() == [-33]

    def test_positions_held_count(self):
        found = small_case([-1000.0], [100.0], [[30.0]], [5.0], held=[-25])
        assert found.trades.tolist() == [-5]
        assert found.before.tolist() == [250.0]

    def test_the_cheaper_instrument_is_used(self):
        """Per unit of exposure 10 / 100 is cheaper than 2 / 10."""
        assert small_case([5000.0], [500.0], [[10.0], [100.0]], [2.0, 10.0]).trades.tolist() == [0, 45]

    def test_two_greeks_and_two_instruments_by_hand(self):
        """Future (10, 0) and option (-4, 5): vega 95 to 105 wants 19 to 21 options, delta then 19 x 4 +- 10 of futures."""
        found = small_case([0.0, 100.0], [10.0, 5.0], [[10.0, 0.0], [-4.0, 5.0]], [1.0, 20.0])
        assert found.trades.tolist() == [7, 19]
        assert found.after.tolist() == [-6.0, -5.0]

    def test_no_trade_inside_the_limits(self):
        found = small_case([-90.0, 40.0], [100.0, 50.0], [[30.0, 1.0], [0.0, 7.0]], [5.0, 5.0], target=0.5)
        assert found.trades.tolist() == [0, 0]
        assert found.cost == 0.0
        assert not found.breach_before.any()

    def test_a_target_comes_back_further(self):
        assert small_case([-1000.0], [100.0], [[30.0]], [5.0], target=0.5).trades.tolist() == [-32]

    def test_a_greek_without_instrument_is_named(self):
        message = r"no instrument reaches them.*rho 1: net -70, at best 70 in size, allowed 50"
        with pytest.raises(InfeasibleHedgeError, match=message) as caught:
            small_case([500.0, 70.0], [100.0, 50.0], [[30.0, 0.0]], [5.0])
        assert caught.value.binding == (GreekKey("rho", "1"),)

    def test_contracts_too_large_for_the_limit_are_named(self):
        with pytest.raises(InfeasibleHedgeError, match="contracts are too large for the limits") as caught:
            small_case([50.0], [10.0], [[100.0]], [5.0])
        assert caught.value.binding == (GreekKey("rho", "0"),)

    @settings(deadline=None, max_examples=40)
    @given(
        st.lists(st.integers(-60, 60), min_size=2, max_size=2),
        st.lists(st.lists(st.integers(-9, 9), min_size=2, max_size=2), min_size=2, max_size=2),
        st.lists(st.integers(1, 5), min_size=2, max_size=2),
    )
    def test_it_agrees_with_trying_every_trade(self, liability, exposures, costs):
        limits, e = np.array([12.0, 15.0]), np.array(exposures, dtype=float)
        grid = np.array(list(product(range(-40, 41), repeat=2)))
        inside = np.all(np.abs(grid @ e - np.array(liability)) <= limits, axis=1)
        if not inside.any():
            return
        best = (np.abs(grid) @ np.array(costs))[inside].min()
        found = small_case(liability, limits, exposures, costs)
        assert not found.breach_after.any()
        assert found.cost <= best * 1.001

    @pytest.mark.parametrize("seed", range(3))
    def test_a_block_of_the_usual_size_comes_inside_every_limit(self, seed):
        rng = np.random.default_rng(seed)
        scale = np.array([-2e5, -8e4, -1e5, *[-1e4] * 8, 3e5, 1e5, 1e5])
        liability = scale * rng.uniform(0.2, 1.5, len(GREEKS))
        limits = load_limits("2008").against(liability)
        found = rebalance(liability, limits, EXPOSURES, np.zeros(len(EXPOSURES), dtype=np.int64), COSTS)
        assert found.breach_before.any()
        assert not found.breach_after.any()
        assert found.after == pytest.approx(found.trades @ EXPOSURES - liability)
        again = rebalance(liability, limits, EXPOSURES, found.trades, COSTS)
        assert not again.trades.any()

    def test_limits_follow_the_liability(self):
        limits = load_limits("2008")
        assert limits.against(np.zeros(len(GREEKS))) == pytest.approx(limits.amount)
        assert limits.against(np.full(len(GREEKS), -1e9)) == pytest.approx(1e9 * limits.share)

    def test_shapes_and_signs_are_checked(self):
        with pytest.raises(ValueError, match=r"limits are \[0.0\]; allowed are positive"):
            small_case([1.0], [0.0], [[1.0]], [1.0])
        with pytest.raises(ValueError, match="exposures are to 1 Greeks"):
            small_case([1.0, 2.0], [1.0], [[1.0]], [1.0])
        with pytest.raises(ValueError, match="not finite"):
            small_case([np.nan], [1.0], [[1.0]], [1.0])
