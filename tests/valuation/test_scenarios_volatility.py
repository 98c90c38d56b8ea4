"""Implied volatilities by maturity of an index: read, refused, and what the risk-neutral model makes of them."""

import dataclasses
from datetime import date

import numpy as np
import pytest

from valuation.curve import from_zero_rates
from valuation.scenarios.checks import RiskNeutralChecks
from valuation.scenarios.risk_neutral import risk_neutral_model
from valuation.scenarios.sets import build_tile, scenario_set
from valuation.scenarios.volatility import VolatilityTerms, parse_terms

START = 14211
DAYS = np.array([d for d in range(START + 1, START + 380) if d % 7 not in (2, 3)])
CURVE = from_zero_rates(date(2008, 11, 28), [1, 5, 30], [0.01, 0.02, 0.037])
MODEL = risk_neutral_model(CURVE, 0.5528)
TEXT = "index,years,volatility\nlarge_equity,0.25,0.5\nlarge_equity,1,0.4\nlarge_equity,5,0.3\nsmall_equity,2,0.45\n"
TERMS = parse_terms(TEXT, "vols.csv")
QUOTED = dataclasses.replace(MODEL, volatility_terms=TERMS)


def test_quotes_come_back_and_an_index_without_has_none():
    assert (VolatilityTerms((0.25, 1.0, 5.0), (0.5, 0.4, 0.3)), VolatilityTerms((2.0,), (0.45,)), None) == TERMS


def test_implied_volatilities_are_the_quotes():
    t = np.array([0.25, 1.0, 5.0])
    assert np.sqrt(QUOTED.total_variance("large_equity", t) / t) == pytest.approx([0.5, 0.4, 0.3], rel=1e-12)


def test_total_variance_is_linear_between_and_beyond_the_quotes():
    found = QUOTED.total_variance("large_equity", np.array([0.0, 0.125, 3.0, 9.0]))
    forward = (0.45 - 0.16) / 4.0
    assert found == pytest.approx([0.0, 0.03125, 0.305, 0.45 + 4 * forward], rel=1e-12)
    flat = QUOTED.total_variance("small_equity", np.array([0.5, 20.0]))
    assert flat == pytest.approx([0.45**2 / 2, 0.45**2 * 20], rel=1e-12)


def test_an_index_without_quotes_keeps_the_models():
    t = np.array([0.1, 2.0])
    assert np.array_equal(
        QUOTED.total_variance("international_equity", t), MODEL.total_variance("international_equity", t)
    )


def test_a_vega_shift_comes_on_top_of_the_quotes():
    t = np.array([0.3, 4.0])
    moved = np.sqrt(QUOTED.with_volatility("large_equity", 0.01).total_variance("large_equity", t) / t)
    assert moved == pytest.approx(np.sqrt(QUOTED.total_variance("large_equity", t) / t) + 0.01, rel=1e-12)


def test_a_set_reprices_an_option_at_the_quote():
    spec = scenario_set(QUOTED, DAYS, START, 512, 512, 3)
    tile = build_tile(spec, QUOTED, DAYS, 0)
    checks = RiskNeutralChecks(QUOTED, DAYS, START, True)
    item = next(i for i in checks.items if (i.check, i.item) == ("forward_option", "large_equity"))
    wealth = tile[: item.position + 1, 0].prod(axis=0)
    paid = np.maximum(tile[item.position, 5] * (item.level - wealth), 0.0)
    pairs = 0.5 * (paid[::2] + paid[1::2])
    assert abs(pairs.mean() - item.expected) < 4 * pairs.std() / np.sqrt(len(pairs))
    assert item.expected == pytest.approx(0.158, abs=0.004)  # 2 N(0.4 / 2) - 1, a little more for the rates


def test_a_model_without_quotes_has_the_parameters_it_had():
    assert "volatility_terms" not in MODEL.parameters(DAYS, START)
    assert "volatility_terms" in QUOTED.parameters(DAYS, START)
    names = {scenario_set(model, DAYS, START, 8, 8, 1).hash for model in (MODEL, QUOTED)}
    assert len(names) == 2


@pytest.mark.parametrize(
    "text, words",
    [
        ("index,volatility\n", r"vols\.csv: found the columns \['index', 'volatility'\]; allowed are index, years"),
        ("index,years,volatility\ngold,1,0.2\n", r"line 2: index 'gold' is unknown"),
        ("index,years,volatility\nlarge_equity,1,25\n", r"line 2: volatility is '25'; .* up to 2; give fractions"),
        ("index,years,volatility\nlarge_equity,0,0.2\n", r"line 2: years is '0'"),
        ("index,years,volatility\nlarge_equity,1,x\n", r"line 2: volatility is 'x'"),
        (
            "index,years,volatility\nlarge_equity,1,0.4\nlarge_equity,2,0.2\n",
            r"line 3: .* 0.2 at 2 years after 0.4 at 1",
        ),
        ("index,years,volatility\nlarge_equity,2,0.2\nlarge_equity,1,0.4\n", r"line 3: .* maturities that ascend"),
        ("index,years,volatility\n", r"found no quote"),
    ],
)
def test_what_is_no_quote_is_named(text, words):
    with pytest.raises(ValueError, match=words):
        parse_terms(text, "vols.csv")
