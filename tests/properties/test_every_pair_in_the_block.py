"""Every living benefit beside every Death Benefit through the two drivers: blocks may be cut, and paths be replayed."""

from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.properties import test_replay as replay
from tests.support.combinations import PAIRS, Pair
from valuation import block as law
from valuation import portfolio as portfolio_module
from valuation import results
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.assumptions import load_assumptions
from valuation.block import DayResult, value_block
from valuation.contract import ACTIVE, PAYOUT
from valuation.funds import load_fund_map
from valuation.living import PAYING
from valuation.portfolio import in_force, prepare_groups, project_group
from valuation.schema import SCHEMAS
from valuation.sessions import day_number, valuation_days

ISSUED, AS_OF = date(2008, 1, 15), date(2008, 10, 31)
DAYS = valuation_days(date(2008, 1, 14), AS_OF)
TABLES = ("snapshot", "ledger", "payments", "tax_amounts", "transfers", "refusals")
STAGE = 1
"""Place of the stage in every state of a living benefit."""


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both drivers in plain Python: the law is the same, and nothing is compiled."""
    kernels = (
        (law, "roll_forward"),
        (replay, "roll_forward"),
        (portfolio_module, "project_chunk"),
        (results, "_derived"),
    )
    for module, name in kernels:
        kernel = getattr(module, name)
        monkeypatch.setattr(module, name, getattr(kernel, "py_func", kernel))


def contract(name: str, k: int) -> dict[str, Any]:
    """Owners of 62 to 75 years; every third is of the X Series."""
    born = date(1933 + 6 * k // len(PAIRS), 1 + k % 12, 10)
    row = {"contract_id": name, "series": "XBL"[k % 3], "issue_date": ISSUED, "tax_type": "NQ", "entity_owned": False}
    row |= {"owner_birth_date": born, "owner_sex": "F", "annuitant_birth_date": born, "annuitant_sex": "F"}
    row |= {"spouse_birth_date": born.replace(year=born.year - 1), "spouse_sex": "M"}
    return dict.fromkeys(SCHEMAS["contracts"].names) | row


def requests(name: str, pair: Pair, k: int) -> list[dict[str, Any]]:
    """Issue with both elections, a payment, a transfer, and of every other contract two withdrawals."""
    allocation = [{"sub_account": SLOTS[k % 5], "weight": 0.7}, {"sub_account": SLOTS[5 + k % 5], "weight": 0.3}]
    asked = [("ISSUE", ISSUED, {"amount": 60_000.0 + 1_000.0 * k, "allocation": allocation, "benefit": pair.living})]
    if pair.death:
        asked.append(("ELECTION", ISSUED, {"benefit": pair.death}))
    asked.append(("PURCHASE_PAYMENT", date(2008, 3, 4 + k % 20), {"amount": 5_000.0}))
    moved = {"amount": 700.0, "source_sub_account": SLOTS[k % 5], "target_sub_account": SLOTS[5 + (k + 1) % 5]}
    asked.append(("TRANSFER", date(2008, 4, 8), moved))
    if k % 2:
        taken = ((date(2008, 6, 2), 1_500.0), (date(2008, 9, 9), 9_000.0))
        asked += [("WITHDRAWAL", day, {"amount": amount, "basis": "gross"}) for day, amount in taken]
    rows = []
    for n, (kind, day, given) in enumerate(asked):
        row = dict.fromkeys(SCHEMAS["transactions"].names) | {"contract_id": name, "kind": kind}
        received = datetime(day.year, day.month, day.day, 10, n)
        rows.append(row | {"transaction_id": f"{name}-{n}", "received": received} | given)
    return rows


def prices(days: np.ndarray) -> np.ndarray:
    """Unit Prices that fall by a third and recover in part, each Sub-account and class by its own path."""
    draw = np.random.Generator(np.random.Philox(3)).standard_normal((len(days), 1, len(SLOTS)))
    fall = np.where(np.arange(len(days)) < 0.7 * len(days), -0.0025, 0.002)[:, None, None]
    levels = 10.0 * np.exp(np.cumsum(fall + 0.008 * draw, axis=0))
    return np.ascontiguousarray(levels * (1.0 + 0.01 * np.arange(len(CHARGE_CLASSES)))[:, None])


def block(pairs: list[Pair]) -> tuple[pa.Table, pa.Table]:
    """A contract and a half for every pair: one that never withdraws and one that does, in turns."""
    names = [f"C-{k:03d}" for k in range(2 * len(pairs))]
    owners = [contract(name, k) for k, name in enumerate(names)]
    asked = [row for k, name in enumerate(names) for row in requests(name, pairs[k // 2], k)]
    return pa.Table.from_pylist(owners, SCHEMAS["contracts"]), pa.Table.from_pylist(asked, SCHEMAS["transactions"])


def part(contracts: pa.Table, transactions: pa.Table, rows: slice) -> DayResult:
    """The valuation of some of the contracts, with all transactions at hand."""
    return value_block(
        contracts.take(pa.array(range(*rows.indices(contracts.num_rows)))), transactions, None, DAYS, prices(DAYS)
    )


def test_cutting_a_block_changes_nothing() -> None:
    """Every row of every table, to the last bit, whatever the contracts beside it; sums of the totals."""
    contracts, transactions = block(PAIRS)
    whole = part(contracts, transactions, slice(None))
    assert whole.refusals.num_rows == 0
    assert set(whole.snapshot["benefit"].to_pylist()) == {pair.living or "NONE" for pair in PAIRS}
    assert {Pair(None if b == "NONE" else b, None if d == "NONE" else d) for b, d in _plans(whole)} == set(PAIRS)
    pieces = [part(contracts, transactions, slice(k, None, 3)) for k in range(3)]
    for name in TABLES:
        key = [("contract_id", "ascending")]
        keys = key if name == "snapshot" else []
        joined = pa.concat_tables([getattr(one, name) for one in pieces])
        one, other = (table.sort_by(key).to_pylist() for table in (getattr(whole, name), joined))
        assert one == other, (name, keys)
    np.testing.assert_array_equal(whole.totals, sum(one.totals for one in pieces))


def _plans(result: DayResult) -> list[tuple[str, str]]:
    columns = (result.snapshot[name].to_pylist() for name in ("benefit", "death_benefit_plan"))
    return list(zip(*columns, strict=True))


@pytest.mark.slow
def test_a_path_of_every_pair_replayed_as_history_gives_the_same_contract() -> None:
    """Four bad years: Account Values run out, Target Dates pass, Daily Values step up; with one lane that recovers."""
    contracts, transactions = block(PAIRS)
    snapshot = in_force(part(contracts, transactions, slice(1, None, 2)).snapshot)
    as_of, last = day_number(AS_OF), prices(DAYS)[-1]
    grid = valuation_days(date(2008, 11, 3), date(2012, 6, 29))
    portfolio = prepare_groups(snapshot, load_assumptions("best_2008"), load_fund_map(), as_of, grid, 0.04, last)
    tile = np.ascontiguousarray(replay._tile(len(grid))[:, :, ::2])
    tile[:, :4] *= np.exp([-0.0045, 0.001])
    reached: set[tuple[int, int]] = set()
    for prepared in portfolio.groups:
        lanes = project_group(portfolio, prepared, tile, np.ones((len(grid), 6)))
        path = replay._paths(portfolio, prepared, tile)
        for lane in range(tile.shape[2]):
            paying = lanes.income[:, STAGE, lane] == PAYING
            done = replay._replayed(snapshot, portfolio, prepared, path, lane, paying)
            np.testing.assert_array_equal(done.core, lanes.core[:, :, lane])
            np.testing.assert_array_equal(done.income, lanes.income[:, :, lane])
            if lanes.death.shape[1]:
                going = np.flatnonzero(done.core[:, 0] == ACTIVE)
                np.testing.assert_array_equal(done.death[going], lanes.death[going, :, lane])
            reached |= {
                (int(status), int(plan)) for status, plan in zip(done.core[:, 0], done.death[:, 0], strict=True)
            }
    assert {(ACTIVE, 0), (ACTIVE, 1), (ACTIVE, 2), (PAYOUT, 0), (PAYOUT, 1), (PAYOUT, 2)} <= reached
