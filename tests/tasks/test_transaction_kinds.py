"""Every kind of transaction is told of in the data dictionary, and what it needs is what the check asks for."""

from datetime import date
from typing import Any

import pytest

from tasks.dictionary import data_dictionary
from tasks.transaction_kinds import KINDS, needed
from tests.tasks.block import ADVANCED, BALANCED, Row, check, contract, found, issue, to, transaction
from valuation.events import EVENT_NAMES
from valuation.provisions import load_provisions
from valuation.schema import SCHEMAS

COLUMNS = SCHEMAS["transactions"].names[4:]
DAY = date(2008, 2, 11)
GIVEN: dict[str, Any] = {
    "amount": 500.0, "basis": "gross", "benefit": "HD7", "allocation": to(BALANCED, ADVANCED), "source_sub_account": BALANCED,
    "target_sub_account": ADVANCED, "event_date": date(2008, 2, 29), "frequency": "MONTHLY", "ground": "FATAL_ILLNESS",
    "person_birth_date": date(1950, 1, 1), "person_sex": "F",
}  # fmt: skip
SHARE = 0.5
"""Of the yearly income; what INCOME asks for in place of an amount in USD."""
PAST = ("DEATH", "SPOUSAL_CONTINUATION", "RMD_NOTICE", "MEDICAL_SURRENDER", "FREE_LOOK")


def row(kind: str, without: str = "") -> Row:
    """A request of a kind with no more than it needs, less one field; a person has a sex, and a programme an amount."""
    columns = {*needed(kind)} | ({"person_sex"} if "person_birth_date" in needed(kind) else set())
    columns |= {"amount"} if kind in ("SYSTEMATIC_WITHDRAWAL", "DOLLAR_COST_AVERAGING") else set()
    given = {name: GIVEN[name] for name in columns if name != without}
    if kind in PAST and "event_date" in given:
        given["event_date"] = date(2008, 2, 8)
    if kind == "INCOME" and "amount" in given:
        given["amount"] = SHARE
    return transaction("A-9", "A", kind, DAY, **given)


def reasons(request: Row) -> set[str]:
    return found(check(owners=[contract("A")], requests=[issue("A"), request])).get("A-9", set())


def test_every_kind_is_told_of() -> None:
    assert tuple(KINDS) == EVENT_NAMES
    page = data_dictionary()
    assert all(f"\n| {kind} | {told.what} |" in page for kind, told in KINDS.items())


@pytest.mark.parametrize("kind", KINDS)
def test_columns_and_rules_exist(kind: str) -> None:
    told = KINDS[kind]
    assert set(told.may) <= set(COLUMNS)
    assert set(told.may) & set(needed(kind)) == set()
    for one in told.rules.replace(" to ", ", ").split(", "):
        assert one in load_provisions().rules, one


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "ISSUE"])
def test_what_it_needs_is_enough(kind: str) -> None:
    assert reasons(row(kind)) == set()


@pytest.mark.parametrize(
    ("kind", "column"), [(kind, column) for kind in KINDS if kind != "ISSUE" for column in needed(kind)]
)
def test_without_it_the_request_is_not_in_good_order(kind: str, column: str) -> None:
    assert "NOT_IN_GOOD_ORDER" in reasons(row(kind, column))


def test_income_is_a_share_and_no_amount() -> None:
    assert reasons(row("INCOME") | {"amount": 1.0}) == set()
    assert reasons(row("INCOME") | {"amount": 500.0}) == {"NUMBER_OUT_OF_RANGE"}
