"""INV-2, INV-3 (prospectus 1248-1273): which instructions a benefit in force forbids, and which only have no room."""

from datetime import date
from typing import Any

import pytest

from tasks.check_investments import others, restricting
from tests.tasks.block import (
    ADVANCED,
    BALANCED,
    Row,
    check,
    contracts,
    found,
    issue,
    kept,
    opening,
    to,
    transaction,
)
from valuation.failures import Reason

OUTSIDE = "AST Money Market"
NOT_PERMITTED, NOT_CARRIED = {"SUB_ACCOUNT_NOT_PERMITTED"}, {"SUB_ACCOUNT_NOT_CARRIED"}
ASKED = date(2008, 2, 20)


def asked(*before: Row, **started: Any) -> set[str]:
    """Why contract B may not move its instructions outside on 20 February, after ``before``."""
    free = transaction("B-9", "B", "ALLOCATION", ASKED, allocation=to(OUTSIDE))
    return found(check(contracts()[1:2], [issue("B", **started), *before, free]))["B-9"]


def on(day: int, kind: str, benefit: str | None = None) -> Row:
    return transaction(f"B-{day}", "B", kind, date(2008, 2, day), benefit=benefit)


def test_which_benefits_restrict() -> None:
    assert restricting() == (("HD7", "SHD7", "TI", "TIS", "HD"), ("HDV",))
    assert len(others()) == 47 - 10 - 4
    assert OUTSIDE in others()
    assert not {BALANCED, ADVANCED} & set(others())


@pytest.mark.parametrize("benefit", ["HD7", "SHD7", "TI", "TIS", "HD", "HDV"])
def test_a_benefit_that_restricts(benefit: str) -> None:
    assert asked(on(19, "ELECTION", benefit)) == NOT_PERMITTED
    assert asked(benefit=benefit) == NOT_PERMITTED
    assert asked(on(21, "ELECTION", benefit)) == NOT_CARRIED


def test_the_combination_benefit_has_no_list() -> None:
    assert asked(on(19, "ELECTION", "COMBINATION")) == NOT_CARRIED
    assert asked(benefit="COMBINATION") == NOT_CARRIED


def test_each_restriction_ends_with_its_own_benefit() -> None:
    assert asked(on(14, "BENEFIT_TERMINATION"), benefit="HD7") == NOT_CARRIED
    assert asked(on(14, "BENEFIT_TERMINATION", "HDV"), benefit="HD7") == NOT_PERMITTED
    assert asked(on(14, "BENEFIT_TERMINATION", "HDV"), benefit="HDV") == NOT_CARRIED
    assert asked(on(14, "BENEFIT_TERMINATION"), benefit="HDV") == NOT_PERMITTED
    both = (on(13, "ELECTION", "TI"), on(14, "BENEFIT_TERMINATION", "HDV"))
    assert asked(*both, benefit="HDV") == NOT_PERMITTED
    assert asked(on(14, "BENEFIT_TERMINATION"), on(15, "ELECTION", "TI"), benefit="HD7") == NOT_PERMITTED


@pytest.mark.parametrize(
    "state, reasons",
    [
        ({"benefit": "TI", "benefit_stage": "PRE"}, NOT_PERMITTED),
        ({"benefit": "HD7", "benefit_stage": "POST"}, NOT_PERMITTED),
        ({"benefit": "HD7", "benefit_stage": "ENDED"}, NOT_CARRIED),
        ({}, NOT_CARRIED),
        ({"death_benefit_plan": "HDV"}, NOT_PERMITTED),
        ({"death_benefit_plan": "COMBINATION"}, NOT_CARRIED),
        ({"death_benefit_plan": "ENDED"}, NOT_CARRIED),
    ],
)
def test_a_benefit_of_the_opening_snapshot(state: dict[str, str], reasons: set[str]) -> None:
    moved = transaction("B-9", "B", "TRANSFER", date(2008, 3, 4), amount=5.0, source_sub_account=BALANCED)
    given = moved | {"target_sub_account": OUTSIDE}
    assert found(check(contracts()[1:2], [given], snapshot=opening("B", **state))) == {"B-9": reasons}


def test_the_reason_names_the_rule_and_the_contract_goes_on() -> None:
    free = transaction("B-9", "B", "ALLOCATION", ASKED, allocation=to(OUTSIDE))
    checked = check(contracts()[1:2], [issue("B", benefit="TI"), free])
    row = checked.quarantine.to_pylist()[0]
    assert (row["rule"], row["severity"], row["transaction_id"]) == ("INV-2", "row", "B-9")
    assert Reason.SUB_ACCOUNT_NOT_CARRIED.rule == "INV-6"
    assert kept(checked, "transactions", "transaction_id") == ["B-0"]


def test_the_first_payment_is_under_the_benefit_elected_with_it() -> None:
    checked = check(contracts()[:2], [issue("A"), issue("B", benefit="HD", allocation=to(BALANCED, OUTSIDE))])
    assert found(checked) == {"B-0": NOT_PERMITTED}
    assert kept(checked, "contracts", "contract_id") == ["A"]
