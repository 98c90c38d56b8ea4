"""Where every cent of a projection goes: day by day, in every contract and every scenario, to rounding.

Between two days only the market and the daily charge move an Account Value; on a day, what leaves it is paid, or taken,
or its owner is gone; and all of it stands in the measures.
"""

from typing import Any

import numpy as np
import pytest

from tests.support.projections import CRASH, demonstration, market, simulated
from valuation import portfolio as portfolios
from valuation.contract import ACTIVE, PAYOUT, STATUS_NAMES
from valuation.portfolio import Portfolio, project_group
from valuation.projected import ASSET, DIED, FEES, IN, LIVING, OTHER, OUT
from valuation.sampled import draw_decrements
from valuation.schedule import MONTH

YEARS, LANES, CONTRACTS = 33, 8, 40
CENT = 0.01
OUTFLOWS = ((OUT, 1.0), (FEES, 1.0), (OTHER, 1.0), (IN, -1.0))


class Accountant:
    """Stands before the projection of a chunk of one day, and keeps the books of a group by itself."""

    def __init__(self, portfolio: Portfolio, group: Any, tile: np.ndarray, project_chunk: Any) -> None:
        self.portfolio, self.group, self.tile, self.project_chunk = portfolio, group, tile, project_chunk
        self.price = np.repeat(group.price[:, None], tile.shape[2], axis=1)
        shape = (len(group.place), tile.shape[2])
        self.charged, self.gained, self.left_by = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.opening = self.account(group.units[:, :, None])
        self.closing = self.opening
        self.worst = 0.0
        self.seen: set[str] = set()

    def account(self, units: np.ndarray) -> np.ndarray:
        """(n, n_lane) Account Value at the prices of the day, USD."""
        return np.asarray((units * self.price[self.group.group.slots]).sum(axis=1))

    def compare(self, mine: np.ndarray, theirs: np.ndarray) -> None:
        """Take note of the largest difference."""
        self.worst = max(self.worst, float(np.abs(mine - theirs).max()))

    def __call__(self, group: Any, lanes: Any, chunk: Any, terms: Any) -> None:
        d, discount = chunk.start, chunk.discount[0] * chunk.discount_shock[0]
        share, worth = lanes.in_force.copy(), lanes.worth.copy()
        before = self.account(lanes.units)
        deducted = before * 0.0
        if lanes.active.any():
            gross = self.portfolio.weights @ self.tile[d, :5] * self.portfolio.expense[d][:, None]
            old, self.price = self.price, self.price * (gross - self.group.charge[d])
            deducted = (lanes.units * old[self.group.group.slots]).sum(axis=1) * self.group.charge[d]
        moved = self.account(lanes.units)
        self.gained += share * (moved - before + deducted)
        self.project_chunk(group, lanes, chunk, terms)
        after, booked = self.account(lanes.units), (lanes.worth - worth) / discount
        charges = booked[:, ASSET] / (1.0 - group.benefit_share)
        booked[:, FEES] -= charges * group.benefit_share  # the benefit's part of them never stood in an account
        flows = sum(sign * booked[:, k] for k, sign in OUTFLOWS)
        self.compare(share * moved - lanes.in_force * after, flows)
        self._charges(lanes, chunk, share, after, charges)
        self.left_by += flows + share * deducted
        self.closing = lanes.in_force * after
        status = lanes.core[:, 0]
        self.seen |= {STATUS_NAMES[int(one)] for one in np.unique(status)}
        assert (status[booked[:, DIED] > 0.0] == ACTIVE).all()
        assert np.isin(status[booked[:, LIVING] > CENT], (PAYOUT, ACTIVE)).all()

    def _charges(self, lanes: Any, chunk: Any, share: np.ndarray, after: np.ndarray, booked: np.ndarray) -> None:
        """Charges of a month stand in the measures when it ends."""
        self.charged += after * chunk.charge[0]
        steps = self.group.group.steps
        for c in range(len(share)):
            mine = slice(steps.first[c], steps.first[c + 1])
            ends = (steps.flags[mine][steps.day[mine] == chunk.start] & MONTH).any()
            if ends:
                self.compare(share[c] * self.charged[c], booked[c])
                self.charged[c] = 0.0
            else:
                assert not booked[c].any()


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return demonstration(CONTRACTS, YEARS)


@pytest.mark.slow
@pytest.mark.parametrize("sampled", [False, True], ids=["probabilities", "lives"])
def test_every_account_balances_on_every_day_of_every_scenario(
    portfolio: Portfolio, sampled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shares in force times flows, and the change of what is held, are the gains of the market."""
    tile = simulated(market(0.28, 0.03, rate_volatility=0.01), portfolio.grid, LANES, as_of=CRASH)
    drawn = draw_decrements(3, portfolio.contract_ids, portfolio.as_of, portfolio.grid, range(LANES))
    monkeypatch.setattr(portfolios, "CHUNK_DAYS", 1)
    project_chunk, factor = portfolios.project_chunk, np.ones((len(portfolio.grid), 6))
    seen: set[str] = set()
    for group in portfolio.groups:
        books = Accountant(portfolio, group, tile, project_chunk)
        monkeypatch.setattr(portfolios, "project_chunk", books)
        lanes = project_group(portfolio, group, tile, factor, drawn=drawn if sampled else None)
        assert books.worst < 1e-6
        np.testing.assert_allclose(books.opening + books.gained - books.left_by, books.closing, atol=1e-5)
        assert set(np.unique(lanes.in_force)) <= {0.0, 1.0} or not sampled
        seen |= books.seen
    assert {"ACTIVE", "PAYOUT", "ANNUITISED"} <= seen, f"the scenarios reach too little: {sorted(seen)}"
