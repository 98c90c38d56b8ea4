"""The exact control of a reserve run: in units of the one index that every Sub-account is, no scenario loses anything."""

import numpy as np
import pytest

from tasks.project import FROM_ACCOUNT, in_one_index, in_units_of_the_index, measure
from tests.support.projections import CRASH, demonstration, market, simulated
from valuation.fixed_point import UNIT
from valuation.living.kinds import kind_with
from valuation.portfolio import Portfolio, Values, project
from valuation.projected import MEASURES

CONTRACTS, LANES = 150, 8
INCOME_BENEFIT = "guaranteed_minimum_income"


def starting(portfolio: Portfolio) -> float:
    """Account Value of the block, USD."""
    return sum(float((one.units * one.price[one.group.slots]).sum()) for one in portfolio.groups)


def held(portfolio: Portfolio) -> set[str]:
    """Kinds of living benefits in the block."""
    return {kind_with(one.group.blank).name for one in portfolio.groups}


def accounted(found: Values) -> np.ndarray:
    """(n_lane,) what left the Account Values of the block, and what is left of them."""
    return measure(found.worth, FROM_ACCOUNT).sum(axis=0) + found.yearly[-2:, 1].sum(axis=0) * UNIT


@pytest.mark.slow
@pytest.mark.parametrize("years", [3, 45])
def test_no_scenario_of_the_exact_control_loses_anything(years: int) -> None:
    portfolio = demonstration(CONTRACTS, years)
    tile = simulated(market(0.28, 0.03, rate_volatility=0.01), portfolio.grid, LANES, as_of=CRASH)
    indexed = in_one_index(portfolio)
    assert held(portfolio) == {"highest_daily_7", "highest_daily", "true_income", "true_accumulation", INCOME_BENEFIT}
    assert held(indexed) == held(portfolio) - {"highest_daily"}, "its own account follows no index"
    found = project(indexed, in_units_of_the_index(tile), None)
    np.testing.assert_allclose(accounted(found), starting(indexed), rtol=1e-9)
    moved = {name for k, name in enumerate(MEASURES) if found.worth[:, k].any()}
    assert moved >= {"paid_from_account", "benefit_fees", "other_charges"}
    assert "asset_charges" not in moved


@pytest.mark.slow
def test_a_flow_at_another_time_than_it_is_booked_is_seen() -> None:
    """The same with daily charges, which are discounted from the end of their month."""
    portfolio = demonstration(CONTRACTS, 3)
    indexed = in_one_index(portfolio)
    places = {tuple(one.place) for one in indexed.groups}
    charged = indexed._replace(groups=tuple(one for one in portfolio.groups if tuple(one.place) in places))
    tile = in_units_of_the_index(simulated(market(0.28, 0.03), portfolio.grid, LANES, as_of=CRASH))
    missed = np.abs(accounted(project(charged, tile, None)) / starting(charged) - 1.0)
    assert missed.min() > 1e-7
    assert missed.max() < 1e-3
