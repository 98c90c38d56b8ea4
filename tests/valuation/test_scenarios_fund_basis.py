"""Fund basis risk: idiosyncratic ratios of the Sub-accounts, and what a projection does with them."""

from datetime import date

import numpy as np
import pytest

from valuation.arrays import BOND, SLOTS
from valuation.curve import from_zero_rates
from valuation.funds import load_subaccounts
from valuation.scenarios.fund_basis import FundBasisModel, with_fund_basis
from valuation.scenarios.grid import year_fractions
from valuation.scenarios.real_world import real_world_model
from valuation.scenarios.risk_neutral import risk_neutral_model
from valuation.scenarios.sets import build_tile, scenario_set

START = 14211
DAYS = np.array([d for d in range(START + 1, START + 60) if d % 7 not in (2, 3)])
MODEL = risk_neutral_model(from_zero_rates(date(2008, 11, 28), [1, 5, 30], [0.01, 0.02, 0.037]), 0.55)
WITH = with_fund_basis(MODEL, 0.05)
SPEC = scenario_set(WITH, DAYS, START, 2000, 2000, 4)
TILE = build_tile(SPEC, WITH, DAYS, 0)
MONEY = {one.name for one in load_subaccounts() if one.money_market}


def test_without_volatility_the_model_is_itself():
    assert with_fund_basis(MODEL, 0.0) is MODEL


def test_the_indices_stay_as_they_were():
    assert TILE.shape == (len(DAYS), 6 + len(SLOTS), 2000)
    plain = build_tile(scenario_set(MODEL, DAYS, START, 2000, 2000, 4), MODEL, DAYS, 0)
    assert np.array_equal(TILE[:, :6], plain)


def test_the_bond_sub_account_and_the_money_market_follow_their_mix():
    for row, name in enumerate(SLOTS):
        still = name == BOND or name in MONEY
        assert np.array_equal(TILE[:, 6 + row], np.ones((len(DAYS), 2000))) == still, name


def test_the_ratios_have_mean_one_and_the_stated_volatility():
    log, dt = np.log(TILE[:, 6]), year_fractions(DAYS, START)[:, None]
    z = log / (0.05 * np.sqrt(dt)) + 0.5 * 0.05 * np.sqrt(dt)
    assert z.std() == pytest.approx(1.0, abs=5 / np.sqrt(2 * z.size))
    assert abs(z.mean()) < 1e-12  # antithetic pairs
    wealth = TILE[:, 6].prod(axis=0)
    assert wealth.mean() == pytest.approx(1.0, abs=5 * wealth.std() / np.sqrt(1000))


def test_the_ratios_are_independent_of_each_other_and_of_the_indices():
    log = np.log(np.stack([TILE[:, 0], TILE[:, 6], TILE[:, 7]])).reshape(3, -1)
    found = np.corrcoef(log)
    assert found - np.eye(3) == pytest.approx(np.zeros((3, 3)), abs=5 * np.sqrt(2 / log.shape[1]))


def test_scenarios_do_not_depend_on_the_tile():
    spec = scenario_set(WITH, DAYS, START, 2000, 500, 4)
    assert np.array_equal(build_tile(spec, WITH, DAYS, 2), TILE[:, :, 1000:1500])


def test_the_option_changes_the_name_of_the_set_and_not_its_measure():
    real = with_fund_basis(real_world_model(MODEL.rates), 0.02)
    assert real.kind == "real_world"
    assert not scenario_set(real, DAYS, START, 8, 8, 1).antithetic
    names = {scenario_set(m, DAYS, START, 8, 8, 1).hash for m in (MODEL, WITH, with_fund_basis(MODEL, 0.02))}
    assert len(names) == 3


@pytest.mark.parametrize(
    "volatility", [(0.1,), (3.0,) * len(SLOTS), (-0.1,) * len(SLOTS), (float("nan"),) * len(SLOTS)]
)
def test_what_is_no_volatility_is_refused(volatility):
    with pytest.raises(ValueError, match=r"fund basis volatility .*allowed"):
        FundBasisModel(MODEL, volatility)
