"""The predicted cost of a contract: what makes it dearer, and what it cannot depend on."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from tests.tasks.block import Row, contract, to
from valuation.cost import BENEFIT, CALL, ORDINARY, PAYOUT_DAY, SLOT, kernel_order, predicted_cost
from valuation.portfolio import last_day
from valuation.schema import SCHEMAS
from valuation.sessions import day_number

AS_OF = day_number(date(2008, 10, 31))
YOUNG, OLD = date(1960, 5, 1), date(1928, 5, 1)


def row(name: str, born: date = YOUNG, **changes: object) -> Row:
    lives = {"owner_birth_date": born, "annuitant_birth_date": born}
    state: Row = {"status": "ACTIVE", "benefit_stage": "PRE", "allocation": to("X", "Y", "Z")}
    return contract(name, **lives) | state | changes


def cost(*rows: Row) -> list[float]:
    of_snapshot = SCHEMAS["snapshot"]
    schema = pa.schema([of_snapshot.field(name) for name in rows[0] if name in of_snapshot.names])
    return predicted_cost(pa.Table.from_pylist(list(rows), schema=schema), AS_OF).tolist()


def test_days_without_a_benefit_end_with_the_annuity_date():
    early, late = cost(row("A", OLD, benefit_stage="NONE"), row("B", benefit_stage="NONE"))
    assert CALL < early < late


@pytest.mark.parametrize("stage", ["PRE", "POST"])
def test_a_benefit_costs_more_every_day_and_goes_on_after_the_annuity_date(stage):
    plain, covered = cost(row("A", OLD, benefit_stage="NONE"), row("B", OLD, benefit_stage=stage))
    before = (plain - CALL) / (ORDINARY + 3 * SLOT)
    after = last_day(
        pa.table({"annuitant_birth_date": [OLD], "spouse_birth_date": pa.array([None], pa.date32())}), AS_OF
    )
    after -= AS_OF + before
    assert covered == pytest.approx(plain + before * BENEFIT + after * PAYOUT_DAY)


def test_a_benefit_that_ended_costs_nothing():
    ended, none = cost(row("A", benefit_stage="ENDED"), row("B", benefit_stage="NONE"))
    assert ended == none


def test_payments_for_life_have_no_account_to_value():
    paying, active = cost(row("A", status="PAYOUT", benefit_stage="PAYOUT"), row("B", benefit_stage="POST"))
    assert paying < active


def test_every_sub_account_costs_the_same():
    found = cost(*(row(str(n), allocation=to(*"UVWXYZ"[:n])) for n in range(1, 6)))
    assert np.diff(found) == pytest.approx(np.full(4, found[1] - found[0]))
    assert found[1] > found[0]


def test_the_order_of_the_block_changes_nothing():
    rows = [row("A", OLD), row("B"), row("C", benefit_stage="NONE")]
    assert cost(*rows[::-1]) == cost(*rows)[::-1]


def test_contracts_of_one_kernel_and_charge_class_stand_together():
    of = [("HD7", "B", "NONE"), ("NONE", "L", "NONE"), ("TI", "B", "NONE"), ("HD7", "B", "HDV"), ("NONE", "L", "NONE")]
    of += [("HD7", "L", "NONE"), ("HD7", "B", "NONE"), ("TI", "B", "NONE")]
    names = ("benefit", "series", "death_benefit_plan")
    block = pa.table({name: [one[k] for one in of] for k, name in enumerate(names)})
    order = kernel_order(block).tolist()
    assert sorted(order) == list(range(len(of)))
    met = [of[k] for k in order]
    assert all(met.index(one) + met.count(one) > k for k, one in enumerate(met))
    assert [one[0] == "TI" for one in met] == [False] * 6 + [True] * 2
    assert order.index(1) < order.index(4)
    assert order.index(0) < order.index(6)
