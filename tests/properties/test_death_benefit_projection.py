"""The optional Death Benefits in a projection: the present value of death claims is what each scenario by itself gives.

Scenario by scenario the pure rules run over the Account Values of the path, and every month's claim is weighted by hand.
"""

from datetime import date

import numpy as np
import pytest

from tests.support.death_story import DeathStory
from tests.support.projections import AS_OF, ISSUED, PAYMENT, days_for, market, prepared, quiet, simulated, snapshot
from valuation.lanes import fill_prices
from valuation.optional_death_benefits import PLAN_NAMES
from valuation.portfolio import Portfolio, project
from valuation.projected import ASSET, DIED, FEES
from valuation.schedule import MONTH
from valuation.sessions import day_date

YEARS, LANES = 6, 3
OLD = date(1933, 3, 15)
"""Target Date 1 July 2013."""


def paths(portfolio: Portfolio, tile: np.ndarray) -> np.ndarray:
    """(n_day, n_lane) Account Value of the only contract, in one Sub-account, to which nothing but the market happens."""
    one = portfolio.groups[0]
    price = np.empty((len(one.price), len(tile), tile.shape[2]))
    last = np.ascontiguousarray(np.broadcast_to(one.price[:, None], (len(one.price), tile.shape[2])))
    fill_prices(tile, np.ones((len(tile), 6)), portfolio.weights, portfolio.expense, one.charge, last, price)
    return np.asarray(one.units[0, 0] * price[one.group.slots[0, 0]])


def naive(plan: str, portfolio: Portfolio, tile: np.ndarray, birth: date) -> np.ndarray:
    """(n_lane,) present value of what deaths take beyond the Account Value, USD."""
    group, accounts = portfolio.groups[0].group, paths(portfolio, tile)
    ends = {
        int(d): int(m)
        for d, m, f in zip(group.steps.day, group.steps.month, group.steps.flags, strict=True)
        if f & MONTH
    }
    worth = np.zeros(tile.shape[2])
    for i in range(tile.shape[2]):
        story = DeathStory(str(ISSUED), PAYMENT, PLAN_NAMES.index(plan), birth=str(birth)).leap(str(AS_OF), PAYMENT)
        alive = 1.0
        for d, day in enumerate(portfolio.grid):
            story.leap(str(day_date(int(day))), float(accounts[d, i]))
            if d in ends:
                claim = max(0.0, story.claim(int(day)).payable - story.account)
                worth[i] += alive * tile[d, 5, i] * group.claims[0, ends[d]] * claim
                alive *= 1.0 - group.ends[0, ends[d]]
    return worth


@pytest.mark.slow
@pytest.mark.parametrize("plan", ["COMBINATION", "HDV"])
def test_death_claims_are_those_of_each_scenario_by_itself(plan: str) -> None:
    """And the daily charge is the benefit's fee: 0.50% of the 1.65% that is deducted (DB-23)."""
    grid, found = days_for(YEARS), {}
    tile = simulated(market(0.25, 0.02), grid, LANES, seed=5)
    for benefit in (plan, None):
        held = snapshot(benefit=benefit, owner_birth_date=OLD, annuitant_birth_date=OLD)
        portfolio = prepared(held, grid, quiet())
        values = project(portfolio, tile, None)
        found[benefit] = values.worth[0, DIED]
        expected = naive(benefit or "NONE", portfolio, tile, OLD)
        np.testing.assert_allclose(found[benefit], expected, rtol=1e-9, atol=1e-3)
        fees, insurance = values.worth[0, FEES], values.worth[0, ASSET]
        assert (insurance > 0.0).all()
        np.testing.assert_allclose(fees, insurance * (0.005 / 0.0115 if benefit else 0.0), rtol=1e-9)
    assert (found[plan] > found[None] + 0.001 * PAYMENT).all()
