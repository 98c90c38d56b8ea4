"""Persons of a contract over days, restarts and closed days: what a block carries of a change of designations."""

from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from valuation import block, sessions
from valuation.arrays import CHARGE_CLASSES, SLOTS, life_array, life_now
from valuation.block import DayResult, value_block
from valuation.schema import SCHEMAS
from valuation.sessions import day_number, valuation_days
from valuation.terms import load_terms

BORN, YOUNG, OLD = date(1938, 1, 15), date(1970, 2, 1), date(1913, 12, 20)


def contract(**changes: Any) -> pa.Table:
    """One contract, issued on 1 May 2008."""
    row = dict.fromkeys(SCHEMAS["contracts"].names) | {
        "contract_id": "C-1", "series": "B", "issue_date": date(2008, 5, 1), "tax_type": "NQ", "entity_owned": False,
        "owner_birth_date": BORN, "owner_sex": "F", "annuitant_birth_date": BORN, "annuitant_sex": "F",
    }  # fmt: skip
    return pa.Table.from_pylist([row | changes], SCHEMAS["contracts"])


def requests(*asked: tuple[str, date, dict[str, Any]]) -> pa.Table:
    """The initial payment, and what follows it."""
    first = ("ISSUE", date(2008, 5, 1), {"amount": 50_000.0, "allocation": [{"sub_account": SLOTS[0], "weight": 1.0}]})
    rows = []
    for k, (kind, day, given) in enumerate([first, *asked]):
        row = dict.fromkeys(SCHEMAS["transactions"].names) | {"transaction_id": f"C-1-{k}", "contract_id": "C-1"}
        rows.append(row | {"kind": kind, "received": datetime(day.year, day.month, day.day, 10)} | given)
    return pa.Table.from_pylist(rows, SCHEMAS["transactions"])


def person(born: date | None, sex: str | None, **given: Any) -> dict[str, Any]:
    return {"person_birth_date": born, "person_sex": sex} | given


def valued(asked: pa.Table, last: date, opening: pa.Table | None = None, first: date = date(2008, 4, 30)) -> DayResult:
    """The block at Unit Prices that stand still."""
    days = valuation_days(first, last)
    return value_block(contract(), asked, opening, days, np.full((len(days), len(CHARGE_CLASSES), len(SLOTS)), 10.0))


def test_a_restart_knows_the_new_persons() -> None:
    asked = requests(
        ("OWNER_CHANGE", date(2008, 9, 2), person(YOUNG, "M")),
        ("BENEFICIARY_CHANGE", date(2008, 9, 3), {"ground": "IRREVOCABLE"}),
        ("BENEFICIARY_CHANGE", date(2008, 11, 3), {}),
        ("OWNER_CHANGE", date(2008, 11, 4), person(None, None)),
    )
    whole = valued(asked, date(2008, 12, 31))
    half = valued(asked, date(2008, 10, 15))
    rest = valued(asked, date(2008, 12, 31), half.snapshot, date(2008, 10, 15))
    assert rest.snapshot.to_pylist() == whole.snapshot.to_pylist()
    row = half.snapshot.to_pylist()[0]
    assert (row["owner_birth_date"], row["owner_sex"], row["owner_since_date"]) == (YOUNG, "M", date(2008, 9, 2))
    assert (row["annuitant_birth_date"], row["annuitant_since_date"]) == (BORN, None)
    assert row["irrevocable_since_date"] == date(2008, 9, 3)
    assert row["entity_owned"] is False
    assert whole.snapshot["entity_owned"].to_pylist() == [True]
    assert rest.refusals["reason_code"].to_pylist() == whole.refusals["reason_code"].to_pylist() == [308]
    np.testing.assert_array_equal(life_now(contract(), half.snapshot), life_array(half.snapshot))


def test_without_a_change_the_snapshot_repeats_the_contract() -> None:
    row = valued(requests(), date(2008, 5, 30)).snapshot.to_pylist()[0]
    given = contract().to_pylist()[0]
    offered = given.pop("restricted_benefits")  # of the offer, and not of the contract in force
    assert offered is None
    assert {name: row[name] for name in given} == given


def test_the_latest_annuity_date_follows_the_persons() -> None:
    """Born on 20 December 1913: the 95th birthday makes 1 January 2009 the latest Annuity Date (ANN-2)."""
    change = ("OWNER_CHANGE", date(2008, 9, 2))
    accepted = valued(requests((*change, person(OLD, "M"))), date(2009, 1, 30)).refusals
    # annuitisation was tried on the first Valuation Day after it: before the third anniversary it is refused (ANN-1)
    assert accepted.select(["date", "reason_code"]).to_pylist() == [{"date": date(2009, 1, 2), "reason_code": 803}]
    declined = valued(requests((*change, person(OLD, "M", approved=False))), date(2009, 1, 30)).refusals
    assert declined["reason_code"].to_pylist() == [305]


def test_requests_of_a_day_without_processing_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """TXN-3: the payment of 2 September is applied on the 4th; the Valuation Days between are valued."""
    held = np.array([day_number(date(2008, 9, day)) for day in (2, 3)])
    monkeypatch.setattr(sessions, "days_without_processing", lambda: held)
    done = valued(requests(("PURCHASE_PAYMENT", date(2008, 9, 2), {"amount": 1_000.0})), date(2008, 9, 5))
    paid = [row["date"] for row in done.ledger.to_pylist() if row["kind"] == "PURCHASE_PAYMENT"]
    assert paid == [date(2008, 5, 1), date(2008, 9, 4)]


def test_a_restart_knows_restricted_sub_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """TR-4, with a threshold as if it were disclosed."""
    terms = load_terms(True)
    known = terms._replace(restrictions=terms.restrictions._replace(threshold=5_000.0))
    monkeypatch.setattr(block, "load_terms", lambda cents: known)
    back = {"source_sub_account": SLOTS[1], "target_sub_account": SLOTS[0]}
    there = {"source_sub_account": SLOTS[0], "target_sub_account": SLOTS[1]}
    asked = requests(
        ("TRANSFER", date(2008, 6, 2), {"amount": 6_000.0} | there),
        ("TRANSFER", date(2008, 6, 20), {"amount": 500.0} | back),
        ("TRANSFER", date(2008, 9, 18), {"amount": 700.0} | there),
        ("TRANSFER", date(2008, 9, 19), {"amount": 700.0, "in_writing": True} | there),
    )
    whole = valued(asked, date(2008, 9, 30))
    half = valued(asked, date(2008, 7, 31))
    rest = valued(asked, date(2008, 9, 30), half.snapshot, date(2008, 7, 31))
    assert rest.snapshot.to_pylist() == whole.snapshot.to_pylist()
    assert half.snapshot["transfer_watch"].to_pylist() == [
        [{"sub_account": SLOTS[1], "entered_date": date(2008, 6, 2), "restricted_through_date": date(2008, 9, 18)}]
    ]
    assert rest.refusals["reason_code"].to_pylist() == whole.refusals["reason_code"].to_pylist() == [703]


def test_a_restart_knows_uncleared_checks() -> None:
    """SUP-1: paid in on 14 July, asked for on 21 July in a run that opens on the 18th; held through 29 July."""
    asked = requests(
        ("PURCHASE_PAYMENT", date(2008, 7, 14), {"amount": 8_000.0, "uncleared_check": True}),
        ("WITHDRAWAL", date(2008, 7, 21), {"amount": 9_000.0, "basis": "gross"}),
        ("WITHDRAWAL", date(2008, 7, 30), {"amount": 500.0, "basis": "gross"}),
    )
    half = valued(asked, date(2008, 7, 18))
    rest = valued(asked, date(2008, 7, 31), half.snapshot, date(2008, 7, 18))
    assert half.snapshot["checks_held"].to_pylist() == [[{"payment": 1, "held_through_date": date(2008, 7, 29)}]]
    assert rest.payments.select(["held", "held_through_date"]).to_pylist() == [
        {"held": 8_000.0, "held_through_date": date(2008, 7, 29)},
        {"held": 0.0, "held_through_date": None},
    ]
    assert rest.snapshot.to_pylist() == valued(asked, date(2008, 7, 31)).snapshot.to_pylist()
