"""The exact control of a reserve run: in units of the one index that every Sub-account is, no scenario loses anything."""

import numpy as np
import pytest

from tasks.project import FROM_ACCOUNT, in_one_index, in_units_of_the_index, measure
from tests.support.projections import CRASH, demonstration, market, simulated
from valuation.fixed_point import UNIT
from valuation.portfolio import Portfolio, Values, project
from valuation.projected import MEASURES

CONTRACTS, LANES = 40, 8


def starting(portfolio: Portfolio) -> float:
    """Account Value of the block, USD."""
    return sum(float((one.units * one.price[one.group.slots]).sum()) for one in portfolio.groups)


def accounted(found: Values) -> np.ndarray:
    """(n_lane,) what left the Account Values of the block, and what is left of them."""
    return measure(found.worth, FROM_ACCOUNT).sum(axis=0) + found.yearly[-2:, 1].sum(axis=0) * UNIT


@pytest.mark.slow
@pytest.mark.parametrize("years", [3, 45])
def test_no_scenario_of_the_exact_control_loses_anything(years: int) -> None:
    portfolio = demonstration(CONTRACTS, years)
    tile = simulated(market(0.28, 0.03, rate_volatility=0.01), portfolio.grid, LANES, as_of=CRASH)
    found = project(in_one_index(portfolio), in_units_of_the_index(tile), None)
    np.testing.assert_allclose(accounted(found), starting(portfolio), rtol=1e-9)
    moved = {name for k, name in enumerate(MEASURES) if found.worth[:, k].any()}
    assert moved >= {"paid_from_account", "benefit_fees", "other_charges"}
    assert "asset_charges" not in moved


@pytest.mark.slow
def test_a_flow_at_another_time_than_it_is_booked_is_seen() -> None:
    """The same with daily charges, which are discounted from the end of their month."""
    portfolio = demonstration(CONTRACTS, 3)
    charged = in_one_index(portfolio)._replace(groups=portfolio.groups)
    tile = in_units_of_the_index(simulated(market(0.28, 0.03), portfolio.grid, LANES, as_of=CRASH))
    missed = np.abs(accounted(project(charged, tile, None)) / starting(portfolio) - 1.0)
    assert missed.min() > 1e-7
    assert missed.max() < 1e-3
