"""Index levels and volatilities of a day, values of instruments, and how far a mean of few scenarios may lie off."""

import math
from datetime import date

import numpy as np
import pytest
from scipy.stats import norm, t

from valuation.curve import flat
from valuation.estimate import errors_allowed
from valuation.hedge_market import implied_volatilities, index_levels
from valuation.instruments import instrument_values, load_instruments
from valuation.market import load_market_history
from valuation.scenarios.checks import SAMPLES_PER_SPREAD, decisive_years
from valuation.scenarios.risk_neutral import risk_neutral_model
from valuation.units import unit_prices

DAY = date(2008, 10, 31)
REFERENCE = date(2008, 12, 31)
MODEL = risk_neutral_model(flat(DAY, 0.04), 0.30)


def test_levels_of_the_reference_day_are_the_reference():
    levels = index_levels(load_market_history(), load_instruments().levels, REFERENCE, REFERENCE)
    assert levels == pytest.approx(load_instruments().levels)


def test_proxies_move_with_the_market_by_their_beta():
    levels = index_levels(load_market_history(), load_instruments().levels, REFERENCE, DAY)
    assert levels["large_equity"] == pytest.approx(968.75)  # S&P 500 close of 2008-10-31
    market = math.log(968.75 / 903.25)
    for name, beta in (("small_equity", 1.3057131442269276), ("international_equity", 1.1590890930882938)):
        assert levels[name] == pytest.approx(load_instruments().levels[name] * math.exp(beta * market), rel=1e-9)


def test_volatility_over_the_life_of_the_option():
    found = implied_volatilities(MODEL, load_instruments().instruments)
    for name, volatility in found.items():
        assert volatility**2 * 5.0 == pytest.approx(float(MODEL.total_variance(name, np.array([5.0]))[0]))


def test_values_of_new_contracts():
    instruments = load_instruments().instruments
    levels = dict.fromkeys(load_instruments().levels, 1000.0)
    volatilities = dict.fromkeys(levels, 0.2)
    values = dict(
        zip(
            [i.name for i in instruments],
            instrument_values(instruments, flat(DAY, 0.04), levels, volatilities),
            strict=True,
        )
    )
    assert values["S&P 500 E-mini future"] == 50_000.0
    assert values["10-year par swap"] == pytest.approx(0.0, abs=1e-6)
    forward, dividend, strike, deviation = 1000.0, math.exp(-0.025 * 5), math.exp(-0.04 * 5), 0.2 * math.sqrt(5)
    d1 = math.log(dividend / strike) / deviation + deviation / 2
    put = forward * (strike * norm.cdf(deviation - d1) - dividend * norm.cdf(-d1))
    assert values["S&P 500 five-year put"] == pytest.approx(100.0 * put)


@pytest.mark.parametrize("samples", [2, 8, 30, 500])
def test_errors_allowed_are_as_improbable_as_four(samples):
    assert t.sf(errors_allowed(samples), samples - 1) == pytest.approx(norm.sf(4.0), rel=1e-6)


def test_few_scenarios_decide_little():
    years = [decisive_years(MODEL, samples) for samples in (16, 64, 512, 4096)]
    assert years == sorted(years)
    assert years[0] == 1.0
    spread = math.exp(float(MODEL.total_variance("small_equity", np.array([years[2]]))[0]))
    assert spread < 512 / SAMPLES_PER_SPREAD


def test_unit_prices_go_on_with_the_same_bits():
    generator = np.random.default_rng(3)
    navs, paid, days = generator.uniform(9.0, 11.0, (50, 2)), np.zeros((50, 2)), np.arange(50) * 2
    whole = unit_prices(navs, paid, days, (0.0115, 0.015))
    rest = unit_prices(navs[20:], paid[20:], days[20:], (0.0115, 0.015), first=whole[20])
    np.testing.assert_array_equal(rest, whole[20:])
