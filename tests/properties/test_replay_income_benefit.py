"""One law, two drivers, for the Guaranteed Minimum Income Benefit: also where payments under it begin in the projection."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from tasks.demo_block import demo_block
from tests.properties import test_replay as replay
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.assumptions import load_assumptions
from valuation.block import value_block
from valuation.contract import ACTIVE, EXHAUSTED, PAYOUT
from valuation.funds import fund_navs, index_returns, load_fund_map
from valuation.living import ENDED, PAYING, PRE, kinds
from valuation.market import load_market_history
from valuation.optional_death_benefits import COMBINATION, HIGHEST_DAILY, NONE
from valuation.portfolio import in_force, prepare_groups, project_group
from valuation.schedule import EXERCISE, PAY
from valuation.sessions import day_date, day_number, valuation_days
from valuation.terms.benefits import load_gmib_terms
from valuation.units import unit_prices

END = date(2021, 6, 30)
CONTRACTS = 36
LEFT_OUT = ("ELECTION", "BENEFIT_TERMINATION", "INCOME", "DEATH", "SURRENDER", "ANNUITIZATION", "SPOUSAL_CONTINUATION")


def _with_the_benefit(transactions: pa.Table) -> pa.Table:
    """The same requests of contracts that elected the benefit at issue, without those that end them.

    Two in three have an optional Death Benefit beside it.
    """
    rows = []
    for row in transactions.to_pylist():
        if row["kind"] in LEFT_OUT:
            continue
        rows.append(row | {"benefit": "GMIB" if row["kind"] == "ISSUE" else None})
        beside = ("COMBINATION", "HDV", None)[int(row["contract_id"][2:]) % 3]
        if row["kind"] == "ISSUE" and beside:
            nothing = dict.fromkeys(row)
            same = {name: row[name] for name in ("contract_id", "received")}
            asked = {"transaction_id": f"{row['transaction_id']}D", "kind": "ELECTION", "benefit": beside}
            rows.append(nothing | same | asked)
    return pa.Table.from_pylist(rows, transactions.schema)


@pytest.fixture(scope="module")
def simulated():
    """The demonstration block with the benefit, through real history and into thirteen wild years.

    Payments must begin by age 72, and can after three years, so that these years see them.
    """
    early = load_gmib_terms()._replace(
        exercise_age=72.0, exercise_age_ira=72.0, waiting_years=3.0, election_last_age=90.0
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kinds, "load_gmib_terms", lambda: early)
        market, funds = load_market_history(), load_fund_map()
        index = index_returns(market)
        seen = (index.days >= day_number(replay.OPENED)) & (index.days <= day_number(replay.AS_OF))
        days = index.days[seen]
        navs = fund_navs(funds, index.ratios, index.days)[seen][:, [funds.position(s) for s in SLOTS]]
        prices = unit_prices(navs, np.zeros_like(navs), days, CHARGE_CLASSES)
        block = demo_block(CONTRACTS)
        valued = value_block(block.contracts, _with_the_benefit(block.transactions), None, days, prices)
        snapshot = in_force(valued.snapshot)
        as_of = day_number(replay.AS_OF)
        grid = valuation_days(day_date(as_of + 1), END)
        portfolio = prepare_groups(snapshot, load_assumptions("best_2008"), funds, as_of, grid, 0.04, prices[-1])
        yield snapshot, portfolio, replay._tile(len(grid))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_simulated_path_replayed_as_history_gives_the_same_contract(simulated):
    snapshot, portfolio, tile = simulated
    reached, beside = set(), set()
    for prepared in portfolio.groups:
        lanes = project_group(portfolio, prepared, tile, np.ones((len(portfolio.grid), 6)))
        path = replay._paths(portfolio, prepared, tile)
        before_end = np.flatnonzero(prepared.group.life[:, 4] > portfolio.grid[-1])
        for lane in range(replay.LANES):
            annuitised = lanes.income[:, 1, lane] == PAYING
            block = replay._replayed(snapshot, portfolio, prepared, path, lane, annuitised)
            np.testing.assert_array_equal(block.core[before_end], lanes.core[before_end, :, lane])
            np.testing.assert_array_equal(block.income[before_end], lanes.income[before_end, :, lane])
            going = before_end[block.core[before_end, 0] == ACTIVE]
            if lanes.death.shape[1]:
                np.testing.assert_array_equal(block.death[going], lanes.death[going, :, lane])
            held = np.take_along_axis(block.units, prepared.group.slots, axis=1)
            inside = np.arange(held.shape[1]) < prepared.group.held[:, None]
            np.testing.assert_array_equal(np.where(inside, held, 0.0)[going], lanes.units[going, :, lane])
            beside |= {int(plan) for plan in block.death[:, 0]}
            reached |= {(int(s), int(t)) for s, t in zip(block.core[:, 0], block.income[:, 1], strict=True)}
    assert beside >= {NONE, COMBINATION, HIGHEST_DAILY}
    assert {(ACTIVE, PRE), (PAYOUT, PAYING)} <= reached <= {(ACTIVE, PRE), (PAYOUT, PAYING), (EXHAUSTED, ENDED)}


def test_payments_can_begin_once_and_go_on_to_the_horizon(simulated):
    _, portfolio, _ = simulated
    exercised = 0
    for prepared in portfolio.groups:
        steps = prepared.group.steps
        for c in range(len(prepared.place)):
            flags = steps.flags[steps.first[c] : steps.first[c + 1]]
            days = portfolio.grid[steps.day[steps.first[c] : steps.first[c + 1]]]
            begins = np.flatnonzero(flags & EXERCISE)
            assert len(begins) <= 1
            if len(begins):
                exercised += 1
                months = (portfolio.grid[-1] - days[begins[0]]) / 30.44
                assert abs((flags & PAY > 0).sum() - months) < 15  # a December's payment is asked for on two days
    assert exercised > 5
