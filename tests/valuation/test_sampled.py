"""Deaths and surrenders that happen, against their probabilities: the same means, and numbers that nothing moves."""

import numpy as np
import pytest

from tests.support.projections import CRASH, demonstration, market, simulated
from valuation.portfolio import project, project_group
from valuation.projected import MEASURES
from valuation.sampled import draw_decrements

CONTRACTS, YEARS, LANES, LIMIT = 12, 20, 512, 4.0
IDS, GRID = ("VA0000001", "VA0000002", "VA0000003"), np.array([40, 75, 100])


def test_a_contract_has_the_same_numbers_in_any_block_and_any_tile() -> None:
    whole = draw_decrements(5, IDS, 0, GRID, range(6))
    assert whole.shape == (3, 4, 6)
    np.testing.assert_array_equal(draw_decrements(5, IDS[1:2], 0, GRID, range(2, 5)), whole[1:2, :, 2:5])
    np.testing.assert_array_equal(draw_decrements(5, IDS, 0, GRID[:2], range(6)), whole[:, :3])
    assert not (draw_decrements(6, IDS, 0, GRID, range(6)) == whole).any()
    assert len(np.unique(whole)) == whole.size


def test_the_numbers_are_uniform() -> None:
    drawn = np.sort(draw_decrements(1, IDS, 0, np.array([3000]), range(300)).ravel())
    assert drawn[0] > 0.0
    assert drawn[-1] < 1.0
    gap = np.abs(drawn - (np.arange(drawn.size) + 0.5) / drawn.size).max()
    assert gap < 1.63 / np.sqrt(drawn.size)  # Kolmogorov and Smirnov, 1%


@pytest.mark.slow
def test_lives_have_the_means_of_probabilities() -> None:
    """The same markets, so that the difference has lives alone in it; every measure of the block, and those in force."""
    portfolio = demonstration(CONTRACTS, YEARS)
    tile = simulated(market(0.28, 0.03, rate_volatility=0.01), portfolio.grid, LANES, as_of=CRASH)
    drawn = draw_decrements(7, portfolio.contract_ids, portfolio.as_of, portfolio.grid, range(LANES))
    carried, happened = project(portfolio, tile, None), project(portfolio, tile, None, drawn)
    for k, name in enumerate(MEASURES):
        gap = (happened.worth[:, k] - carried.worth[:, k]).sum(axis=0)
        assert abs(gap.mean()) < LIMIT * gap.std(ddof=1) / np.sqrt(LANES), name
        assert gap.std() > 0.0, name
    for group in portfolio.groups:
        factor = np.ones((len(portfolio.grid), 6))
        share = project_group(portfolio, group, tile, factor).in_force
        alive = project_group(portfolio, group, tile, factor, drawn=drawn).in_force
        assert set(np.unique(alive)) <= {0.0, 1.0}
        error = np.sqrt((share * (1.0 - share)).sum(axis=1)) / LANES
        assert (np.abs(alive.mean(axis=1) - share.mean(axis=1)) <= LIMIT * error + 1e-12).all()
