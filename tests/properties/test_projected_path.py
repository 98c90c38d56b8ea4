"""A projection by year and by day is the projection: its sums, its states, its law, to the last bit."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from tasks.demo import FIRST_PRICE
from tasks.demo_block import demo_block
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.assumptions import load_assumptions
from valuation.block import value_block
from valuation.contract import ACTIVE, ANNUITISED, PAYOUT
from valuation.day import advance
from valuation.fixed_point import to_fixed
from valuation.funds import load_fund_map
from valuation.portfolio import in_force, prepare_groups, project
from valuation.projected import MEASURES
from valuation.projected_path import PathDiffers, agrees, figures, follow, law_day, transfers
from valuation.projected_years import (
    ANNUITY,
    DIED,
    LEFT,
    SHARES,
    STATE,
    SURRENDERED,
    calendar_of,
    project_years,
    undiscounted,
)
from valuation.sessions import day_number, valuation_days

pytestmark = pytest.mark.slow
AS_OF, END = date(2008, 1, 31), date(2030, 4, 30)
LANES = 4
SIGNS = {"living_claims": -1, "death_claims": -1, "added_to_account": -1, "expenses": -1, "paid_from_account": 0}


@pytest.fixture(scope="module")
def lab() -> Any:
    """A small block, 22 years in which markets fall, crash and recover, as a whole and contract by contract."""
    block, days = demo_block(40, through=AS_OF), valuation_days(FIRST_PRICE, AS_OF)
    prices = np.full((len(days), len(CHARGE_CLASSES), len(SLOTS)), 10.0)
    snapshot = in_force(value_block(block.contracts, block.transactions, None, days, prices).snapshot)
    grid = valuation_days(date(2008, 2, 1), END)
    given = (load_assumptions("best_2008"), load_fund_map(), day_number(AS_OF), grid, 0.04, prices[-1])
    draw = np.random.Generator(np.random.Philox(7)).standard_normal((len(grid), 6, LANES))
    drift = np.array([-0.0006, -0.0002, 0.0002, 0.0006])
    tile = np.exp(draw * np.array([0.015, 0.02, 0.016, 0.003, 0.0, 0.0])[:, None] + drift)
    tile[:, 4:] = 1.00005
    tile[:, 5] = np.cumprod(np.full((len(grid), LANES), 0.99985), axis=0)
    rows = [snapshot.slice(k, 1).combine_chunks() for k in range(snapshot.num_rows)]
    return snapshot, prepare_groups(snapshot, *given), tile, [(row, prepare_groups(row, *given)) for row in rows]


def test_years_are_the_projection(lab: Any) -> None:
    _, portfolio, tile, _ = lab
    whole, years = project(portfolio, tile, None), project_years(portfolio, tile, True)
    np.testing.assert_array_equal(years.worth, whole.worth)
    np.testing.assert_array_equal(years.by_contract.sum(axis=0), to_fixed(whole.worth))
    np.testing.assert_array_equal(years.by_contract.sum(axis=1), years.flows)
    n_year = len(years.net)
    assert n_year == 23  # 22 whole years and a part of one
    np.testing.assert_array_equal(years.net, whole.yearly[:n_year, 0])
    signs = np.array([SIGNS.get(name, 1) for name in MEASURES])
    net = (years.flows * signs[:, None]).sum(axis=1)
    assert np.abs(net - years.net).max() <= 64 * len(portfolio.contract_ids)  # whole units, each booking rounded


def test_everybody_is_counted_once(lab: Any) -> None:
    _, portfolio, tile, _ = lab
    causes = project_years(portfolio, tile).causes / (SHARES * 2.0**16)
    np.testing.assert_allclose(causes.sum(axis=1), len(portfolio.contract_ids), atol=1e-7)
    assert (np.diff(causes[:, LEFT], axis=0) <= 0.0).all()
    for cause in (DIED, SURRENDERED, ANNUITY):
        assert (np.diff(causes[:, cause], axis=0) >= -1e-7).all()
        assert (causes[-1, cause] > 0.0).any()


def test_cash_flows_not_discounted_are_those_of_a_world_without_interest(lab: Any) -> None:
    _, portfolio, tile, _ = lab
    plain, found = project_years(portfolio, undiscounted(tile)), project_years(portfolio, tile)
    np.testing.assert_array_equal(plain.causes, found.causes)
    assert (np.abs(plain.flows) >= np.abs(found.flows)).all()
    assert tile[-1, 5, 0] < 0.5  # the given tile is left as it was


def test_a_path_is_a_lane_of_the_projection_and_every_day_of_it_is_the_law(lab: Any) -> None:
    _, portfolio, tile, ones = lab
    years, ends = project_years(portfolio, tile, True), calendar_of(portfolio.grid, portfolio.as_of).years
    reached, moved = set(), 0
    for k, (row, alone) in enumerate(ones):
        lane, place = k % LANES, portfolio.contract_ids.index(alone.contract_ids[0])
        path = follow(alone, row, np.ascontiguousarray(tile[:, :, lane : lane + 1]))
        derived, amounts = figures(path), transfers(path)
        assert np.isfinite(derived).all()
        moved += np.count_nonzero(amounts)
        weight = np.concatenate([[1.0], path.in_force[:-1]]) * path.discount
        worth = years.worth[place, :, lane]
        np.testing.assert_allclose((path.cash * weight[:, None]).sum(axis=0), worth, rtol=1e-9, atol=1e-6)
        for year, passed in enumerate(ends):
            if passed <= len(path.days) and path.core[passed - 1, 0] in (ACTIVE, PAYOUT):
                state = dict(zip(STATE, years.states[year, place, :, lane], strict=True))
                mine = (path.core[passed - 1, 0], path.in_force[passed - 1], *derived[passed - 1, :2])
                assert mine == tuple(state[name] for name in STATE[:4])
        for d in range(k % 5, len(path.days), 5):
            _check_day(path, d)
        _check_day(path, len(path.days) - 1)
        reached |= set(path.core[:, 0].astype(int))
    assert {ACTIVE, PAYOUT, ANNUITISED} <= reached
    assert moved > 10


def _check_day(path: Any, d: int) -> None:
    day = law_day(path, d)
    with np.errstate(all="ignore"):
        after = advance(day.records, day.contract, day.facts, day.events, 0, day.requests)
    agrees(path, d, after, day.block)


def test_a_day_that_ends_elsewhere_is_named(lab: Any) -> None:
    _, _, tile, ones = lab
    row, alone = ones[0]
    path = follow(alone, row, np.ascontiguousarray(tile[:, :, :1]), day_number(date(2008, 3, 31)))
    assert path.days[-1] == day_number(date(2008, 3, 31))
    path.core[3, 1] += 1.0
    with pytest.raises(PathDiffers, match=f"{alone.contract_ids[0]} on 2008-02-06: the law gives core"):
        _check_day(path, 3)


def test_a_path_is_of_one_contract_in_one_scenario(lab: Any) -> None:
    snapshot, portfolio, tile, _ = lab
    with pytest.raises(ValueError, match="a path is of one contract in one scenario"):
        follow(portfolio, snapshot, tile)
