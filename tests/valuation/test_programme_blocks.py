"""Programmes over a block of contracts: each as if alone, over restarts from files, and years later."""

import io
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tasks.check_columns import Block
from tasks.check_prices import missing_prices
from tasks.intake import read_files
from tests.support.programme_runs import (
    START,
    A,
    B,
    asked,
    contract,
    paid,
    prices,
    programme,
    run,
    shares,
    state,
    transactions,
)
from tests.tasks.block import prices as quotes
from tests.tasks.block import table
from valuation.arrays import life_now
from valuation.block import DayResult, value_block
from valuation.programme_schedule import resolve_requests
from valuation.schema import SCHEMAS
from valuation.sessions import valuation_days

SIGNED, LAST = date(2010, 1, 5), date(2010, 12, 31)
FLAT = programme("SYSTEMATIC_WITHDRAWAL", SIGNED, date(2010, 2, 10), amount=250.0)
AVERAGE = programme(
    "DOLLAR_COST_AVERAGING", SIGNED, date(2010, 2, 10), amount=500.0, source_sub_account=A, allocation=shares(B=1.0)
)
EVEN = programme("AUTOMATIC_REBALANCING", SIGNED, date(2010, 2, 10), allocation=shares(C=0.5, D=0.5))


def renamed(rows: pa.Table, name: str) -> pa.Table:
    """The same rows of another contract."""
    changed = [
        row | {key: name + row[key][3:] for key in ("contract_id", "transaction_id") if row.get(key)}
        for row in rows.to_pylist()
    ]
    return pa.Table.from_pylist(changed, rows.schema)


def test_contracts_of_a_block_do_not_touch_each_other() -> None:
    parts = [transactions(FLAT, AVERAGE), transactions(), transactions(EVEN, FLAT, into=shares(A=0.5, C=0.5))]
    names = ["P-1", "P-2", "P-3"]
    together = pa.concat_tables([renamed(part, name) for part, name in zip(parts, names, strict=True)])
    owners = pa.concat_tables([renamed(contract(), name) for name in names])
    days = valuation_days(START, LAST)
    whole = value_block(owners, together, None, days, prices(days))
    for part, name in zip(parts, names, strict=True):
        alone = value_block(renamed(contract(), name), renamed(part, name), None, days, prices(days))
        for dataset in ("snapshot", "ledger", "payments"):
            mine = getattr(whole, dataset)
            assert mine.filter(pc.equal(mine["contract_id"], name)).equals(getattr(alone, dataset)), dataset


def test_a_snapshot_read_back_from_a_file_goes_on_the_same() -> None:
    asked_for, cut = transactions(FLAT, AVERAGE, EVEN, into=shares(A=0.6, C=0.3, D=0.1)), date(2010, 6, 30)
    half = run(asked_for, cut)
    assert len(state(half)["programmes"]) == 3
    file = io.BytesIO()
    pq.write_table(half.snapshot, file)
    source = read_files("snapshot", [("snapshot.parquet", file.getvalue())])
    opening = source.table.select(SCHEMAS["snapshot"].names)
    assert run(asked_for, LAST, None, opening, cut).snapshot.equals(run(asked_for, LAST).snapshot)


def test_a_snapshot_without_programmes_is_a_snapshot() -> None:
    cut = date(2010, 6, 30)
    older = run(transactions(), cut).snapshot.drop_columns(["programmes"])
    assert state(run(transactions(), LAST, None, older, cut))["programmes"] == []


def test_nothing_is_scheduled_for_a_contract_that_has_ended() -> None:
    cut = date(2010, 6, 30)
    half = run(transactions(FLAT, asked("SURRENDER", date(2010, 6, 1))), cut)
    rest = run(transactions(FLAT), LAST, None, half.snapshot, cut)
    assert (state(rest)["status"], paid(rest), rest.refusals.num_rows) == ("SURRENDERED", [], 0)


def test_a_first_date_far_ahead_is_no_fault() -> None:
    far = programme("SYSTEMATIC_WITHDRAWAL", SIGNED, date(2190, 2, 10), amount=250.0)
    found = run(transactions(far), LAST)
    assert (paid(found), len(state(found)["programmes"])) == ([], 1)


def test_room_for_payments_does_not_grow_with_the_dates() -> None:
    """Eleven dates of a programme need no room for eleven Purchase Payments."""
    days = valuation_days(START, LAST)
    planned = resolve_requests(transactions(FLAT), ["P-1"], life_now(contract(), None), days, None)
    assert (planned.most, len(planned.scheduled), len(planned.resolved.day)) == (2, 11, 13)


def test_what_a_programme_goes_into_needs_a_price() -> None:
    half = run(transactions(AVERAGE, asked("PROGRAMME_END", date(2010, 1, 6))), date(2010, 1, 29))
    sources = {
        "contracts": table("contracts", contract().to_pylist()),
        "transactions": table("transactions", []),
        "prices": table("prices", [quotes(A)[0] | {"date": day} for day in (date(2010, 1, 29), date(2010, 2, 1))]),
    }
    for opening, wanted in ((run(transactions(AVERAGE), date(2010, 1, 29)), {0}), (half, set[int]())):
        rows: list[dict[str, Any]] = opening.snapshot.to_pylist()
        block = Block(sources | {"snapshot": table("snapshot", rows)}, date(2010, 2, 1))
        good = {name: np.ones(one.size, dtype=np.bool_) for name, one in block.rows.items()}
        lacking = missing_prices(block, good)
        assert {row for row, text in lacking.items() if text.startswith(B)} == wanted


@pytest.mark.parametrize("days_apart", [1, 7])
def test_day_by_day_is_the_same_as_at_once(days_apart: int) -> None:
    """As the evening's run goes, a Valuation Day or a week at a time."""
    asked_for, last = transactions(FLAT, AVERAGE, EVEN, into=shares(A=0.6, C=0.3, D=0.1)), date(2010, 3, 31)
    days = valuation_days(START, last)
    grid = prices(days, {date(2010, 2, 1): {"C": 1.1}})
    opening, results = None, list[DayResult]()
    for k in range(0, len(days) - 1, days_apart):
        part = slice(k, min(k + days_apart, len(days) - 1) + 1)
        results.append(value_block(contract(), asked_for, opening, days[part], grid[part]))
        opening = results[-1].snapshot
    whole = value_block(contract(), asked_for, None, days, grid)
    assert opening is not None
    assert opening.equals(whole.snapshot)
    assert [row for one in results for row in one.payments.to_pylist()] == whole.payments.to_pylist()
