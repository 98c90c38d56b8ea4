"""Guarantees without behaviour against closed forms, and path by path against a few lines of NumPy.

Without surrenders and withdrawals the basic Death Benefit is a strip of puts, one a month, and Return of Principal one
put; charges are a dividend.  The closed form holds for Gaussian rates: the put exchanges the discounted payment for the
discounted account, both lognormal (Margrabe, Journal of Finance 33 (1978)); with rates that stand still it is Black and
Scholes'.
"""

from typing import NamedTuple

import numpy as np
import pytest
from scipy.special import ndtr

from tests.support.projections import (
    AS_OF,
    ISSUED,
    PAYMENT,
    days_for,
    free_of_charges,
    in_one_index,
    market,
    prepared,
    quiet,
    simulated,
    snapshot,
)
from valuation import portfolio as portfolios
from valuation.clock import months_after
from valuation.estimate import mean_estimate
from valuation.portfolio import Portfolio, project
from valuation.projected import MEASURES
from valuation.scenarios.grid import times
from valuation.scenarios.risk_neutral import FACTORS, RATE, RiskNeutralModel
from valuation.scenarios.short_rate import integrated_variance
from valuation.sessions import day_number
from valuation.terms import load_terms

YEARS, LANES, TILES, PAIR = 11, 512, 4, 2
LIMIT = 3.0
"""Standard errors."""
START, ISSUE = day_number(AS_OF), day_number(ISSUED)
MARKETS = [
    pytest.param(market(0.20, 0.04), id="rates stand still"),
    pytest.param(market(0.30, 0.02), id="much volatility"),
    pytest.param(market(0.15, 0.05, rate_volatility=0.012), id="stochastic rates"),
]


class Options(NamedTuple):
    """What a put on the account needs on every Valuation Day, (n_day,)."""

    forward: np.ndarray  # value today of the account of that day, USD
    discount: np.ndarray
    variance: np.ndarray  # of the logarithm of discounted account over discount factor

    def put(self, strike: float) -> np.ndarray:
        """Values today of puts that fall due on every day, USD."""
        deviation = np.sqrt(self.variance)
        d1 = np.log(self.forward / (strike * self.discount)) / deviation + 0.5 * deviation
        return strike * self.discount * ndtr(deviation - d1) - self.forward * ndtr(-d1)


def options(model: RiskNeutralModel, portfolio: Portfolio) -> Options:
    """Exact for a dividend that is a share of each day's value, as Portfolio expenses are.

    The daily charge is a share of the day before: the difference is of second order in a day's return and charge.
    """
    days, (group,) = portfolio.grid, portfolio.groups
    steps, spread = model.rates.steps(days, START), model.step_deviation(days, START)[:, 0]
    correlation = model.correlation[FACTORS.index("large_equity")][RATE]
    joint, carried = np.empty(len(days)), 0.0
    for i in range(len(days)):
        joint[i] = steps.dt[i] * carried
        carried = steps.decay[i] * carried + correlation * spread[i] * steps.deviation[i]
    variance = integrated_variance(steps.dt, steps.decay, steps.deviation)
    variance = variance + np.cumsum(spread**2) + 2.0 * np.cumsum(joint)
    kept = np.cumprod(portfolio.expense[:, 0] * (1.0 - group.charge))
    return Options(PAYMENT * kept, model.curve.discount(times(days, START)), variance)


def accounts(portfolio: Portfolio, tile: np.ndarray) -> np.ndarray:
    """(n_day, n_lane) Account Value of the one contract, that nothing leaves, USD."""
    (group,) = portfolio.groups
    return PAYMENT * np.cumprod(tile[:, 0] * portfolio.expense[:, :1] - group.charge[:, None], axis=0)


def month_ends(portfolio: Portfolio) -> np.ndarray:
    """Places of the days on which projection months end."""
    nominal = [months_after(START, k) for k in range(1, 12 * YEARS + 1)]
    return np.searchsorted(portfolio.grid, nominal)


def lives(portfolio: Portfolio) -> np.ndarray:
    """Probability of being in force at the start of each month."""
    ends = portfolio.groups[0].group.ends[0, : 12 * YEARS]
    return np.concatenate([[1.0], np.cumprod(1.0 - ends)])


def measured(portfolio: Portfolio, tile: np.ndarray, name: str) -> np.ndarray:
    return project(portfolio, tile, None).worth[0, MEASURES.index(name)]


def tiles(model: RiskNeutralModel, portfolio: Portfolio) -> list[np.ndarray]:
    return [simulated(model, portfolio.grid, LANES, seed) for seed in range(1, TILES + 1)]


@pytest.fixture
def no_benefit_fee(monkeypatch: pytest.MonkeyPatch) -> None:
    """The benefit for nothing: its fee follows the Protected Withdrawal Value, which has no closed form."""
    terms = load_terms(False)
    free = tuple(plan._replace(quarterly_fee=0.0, yearly_fee=0.0) for plan in terms.income)
    monkeypatch.setattr(portfolios, "load_terms", lambda cents: terms._replace(income=free))


@pytest.mark.slow
@pytest.mark.parametrize("model", MARKETS)
def test_the_basic_death_benefit_is_a_strip_of_puts(model: RiskNeutralModel) -> None:
    portfolio = in_one_index(prepared(snapshot(), days_for(YEARS), quiet()))
    at, dying = month_ends(portfolio), portfolio.groups[0].group.claims[0, : 12 * YEARS]
    claims = lives(portfolio)[:-1] * dying
    found = []
    for tile in tiles(model, portfolio):
        mine = measured(portfolio, tile, "death_claims")
        owed = np.maximum(PAYMENT - accounts(portfolio, tile)[at], 0.0)
        np.testing.assert_allclose(mine, (claims[:, None] * tile[at, 5] * owed).sum(axis=0), rtol=1e-10)
        found.append(mine)
    value = mean_estimate(np.concatenate(found), PAIR)
    closed = float((claims * options(model, portfolio).put(PAYMENT)[at]).sum())
    assert value.standard_error < 0.05 * closed
    assert abs(value.value - closed) < LIMIT * value.standard_error


@pytest.mark.slow
@pytest.mark.usefixtures("no_benefit_fee")
@pytest.mark.parametrize("model", MARKETS)
def test_return_of_principal_is_a_put(model: RiskNeutralModel) -> None:
    """Highest Daily 7 without withdrawals adds what the account has lost since election on its Tenth Anniversary."""
    portfolio = in_one_index(prepared(snapshot(benefit="HD7"), days_for(YEARS), quiet()))
    at = int(np.searchsorted(portfolio.grid, months_after(ISSUE, 120)))
    alive = lives(portfolio)[int((month_ends(portfolio) < at).sum())]
    found = []
    for tile in tiles(model, portfolio):
        mine = measured(portfolio, tile, "added_to_account")
        owed = np.maximum(PAYMENT - accounts(portfolio, tile)[at], 0.0)
        np.testing.assert_allclose(mine, alive * tile[at, 5] * owed, rtol=1e-9, atol=1e-4)
        found.append(mine)
    value = mean_estimate(np.concatenate(found), PAIR)
    closed = alive * float(options(model, portfolio).put(PAYMENT)[at])
    assert value.standard_error < 0.06 * closed
    assert abs(value.value - closed) < LIMIT * value.standard_error


@pytest.mark.slow
def test_without_guarantee_and_charges_every_scenario_gives_the_account_value_back() -> None:
    """Measured in units of the index that the account holds, nothing but payments and what is left can be there."""
    portfolio = free_of_charges(in_one_index(prepared(snapshot(), days_for(YEARS), quiet(surrenders=True))))
    (one,) = portfolio.groups
    one.core[:, 1] = 0.0  # no Death Benefit beyond the Account Value
    one.group.payment_amount[:] = 0.0  # nothing bears a Contingent Deferred Sales Charge
    tile = simulated(market(0.3), portfolio.grid, LANES)
    tile[:, 5] = 1.0 / np.cumprod(tile[:, 0], axis=0)
    values = project(portfolio, tile, None)
    worth = dict(zip(MEASURES, values.worth[0], strict=True))
    left = values.yearly[YEARS - 1, 1] / 2.0**16
    assert 0.3 * PAYMENT < left.min() < 0.9 * PAYMENT
    np.testing.assert_allclose(worth.pop("paid_from_account") + left, PAYMENT, rtol=1e-11)
    assert all(not other.any() for other in worth.values())
