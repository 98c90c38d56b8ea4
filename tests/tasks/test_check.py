"""Every kind of bad input is found, named and kept; sound rows pass; nothing is lost."""

from datetime import date, datetime
from typing import Any

import pytest

from tasks.check import NO_ISSUE, RULES, LimitExceeded, check_block
from tasks.intake import InputError
from tests.tasks.block import (
    ADVANCED,
    BALANCED,
    BOND,
    LAST,
    balanced,
    check,
    contract,
    contracts,
    found,
    issue,
    kept,
    nan,
    opening,
    prices,
    table,
    to,
    transaction,
    transactions,
)
from valuation.failures import Reason
from valuation.schema import ELECTABLE, SCHEMAS

DAY = date(2008, 2, 12)

BAD_CONTRACTS: list[tuple[Reason, dict[str, Any]]] = [
    (Reason.MISSING_VALUE, {"annuitant_sex": None}),
    (Reason.MISSING_VALUE, {"issue_date": None}),
    (Reason.UNKNOWN_CODE, {"series": "Z"}),
    (Reason.UNKNOWN_CODE, {"tax_type": "401K"}),
    (Reason.IMPLAUSIBLE_DATE, {"annuitant_birth_date": date(2045, 6, 1)}),
    (Reason.IMPLAUSIBLE_DATE, {"owner_birth_date": date(1845, 6, 1)}),
    (Reason.IMPLAUSIBLE_DATE, {"issue_date": date(1908, 1, 15)}),
    (Reason.SPOUSE_INCOMPLETE, {"spouse_sex": "M"}),
    (Reason.NOT_A_VALUATION_DAY, {"issue_date": date(2008, 1, 13)}),
    (Reason.ISSUE_AGE, {"owner_birth_date": date(1922, 1, 15)}),
    (Reason.ISSUE_AGE, {"series": "X", "owner_birth_date": date(1932, 1, 15)}),
    (Reason.ISSUE_AGE, {"entity_owned": True, "annuitant_birth_date": date(1922, 1, 15)}),
    (Reason.NUMBER_OUT_OF_RANGE, {"exchanged_basis": -0.01}),
    (Reason.NUMBER_OUT_OF_RANGE, {"exclusion_ratio": 1.01}),
]

BAD_ISSUES: list[tuple[Reason, dict[str, Any]]] = [
    (Reason.INITIAL_PAYMENT_TOO_SMALL, {"amount": 999.99}),
    (Reason.NOT_IN_GOOD_ORDER, {"allocation": None}),
    (Reason.WEIGHTS_NOT_ONE, {"allocation": to(BALANCED, weight=0.9)}),
    (Reason.WEIGHTS_NOT_ONE, {"allocation": to(BALANCED, weight=1.5) + to(ADVANCED, weight=-0.5)}),
    (Reason.UNKNOWN_SUB_ACCOUNT, {"allocation": to("AST Perpetual Motion")}),
    (Reason.BENEFIT_ONLY_SUB_ACCOUNT, {"allocation": to(BALANCED, BOND)}),
    (Reason.SUB_ACCOUNT_NOT_CARRIED, {"allocation": to(BALANCED, "AST High Yield")}),
    (Reason.REPEATED_SUB_ACCOUNT, {"allocation": to(BALANCED, BALANCED)}),
    (Reason.ISSUE_DATE_DIFFERS, {"received": datetime(2008, 1, 15, 16, 0, 0)}),
]

BAD_REQUESTS: list[tuple[Reason, dict[str, Any]]] = [
    (Reason.UNKNOWN_CODE, {"kind": "LOAN"}),
    (Reason.UNKNOWN_CODE, {"kind": "WITHDRAWAL", "amount": 500.0, "basis": "after tax"}),
    (Reason.MISSING_VALUE, {"received": None}),
    (Reason.AMOUNT_NOT_POSITIVE, {"amount": -500.0}),
    (Reason.AMOUNT_NOT_POSITIVE, {"amount": 0.0}),
    (Reason.NOT_A_NUMBER, {"amount": nan()}),
    (Reason.NOT_A_NUMBER, {"amount": float("inf")}),
    (Reason.AMOUNT_NOT_IN_CENTS, {"amount": 500.005}),
    (Reason.NOT_IN_GOOD_ORDER, {"amount": None}),
    (Reason.NOT_IN_GOOD_ORDER, {"kind": "WITHDRAWAL", "amount": 500.0}),
    (Reason.NOT_IN_GOOD_ORDER, {"kind": "TRANSFER", "amount": 500.0, "source_sub_account": BALANCED}),
    (Reason.NOT_IN_GOOD_ORDER, {"kind": "ELECTION"}),
    (Reason.NOT_IN_GOOD_ORDER, {"kind": "DEATH"}),
    (Reason.IMPLAUSIBLE_DATE, {"kind": "DEATH", "event_date": date(2008, 2, 13)}),
    (Reason.NOT_IN_GOOD_ORDER, {"kind": "ANNUITANT_CHANGE"}),
    (Reason.NOT_IN_GOOD_ORDER, {"kind": "MEDICAL_SURRENDER", "event_date": date(2008, 2, 4)}),
    (Reason.IMPLAUSIBLE_DATE, {"kind": "MEDICAL_SURRENDER", "ground": "CONFINEMENT", "event_date": date(2008, 1, 4)}),
    (Reason.FREE_LOOK_OVER, {"kind": "FREE_LOOK", "event_date": date(2008, 2, 1)}),
    (Reason.PERSON_INCOMPLETE, {"kind": "OWNER_CHANGE", "person_birth_date": date(1970, 2, 1)}),
    (Reason.IMPLAUSIBLE_DATE, {"kind": "OWNER_CHANGE", "person_birth_date": date(2009, 1, 1), "person_sex": "M"}),
    (Reason.UNKNOWN_CODE, {"kind": "OWNER_CHANGE", "ground": "GIFT"}),
    (Reason.IMPLAUSIBLE_DATE, {"received": datetime(1899, 2, 13, 10)}),
    (Reason.UNKNOWN_CONTRACT, {"contract_id": "Z"}),
    (Reason.BEFORE_ISSUE, {"received": datetime(2008, 1, 14, 10)}),
    (Reason.UNKNOWN_SUB_ACCOUNT, {"kind": "TRANSFER", "source_sub_account": BALANCED, "target_sub_account": "X"}),
    (Reason.BENEFIT_ONLY_SUB_ACCOUNT, {"kind": "TRANSFER", "source_sub_account": BOND, "target_sub_account": BALANCED}),
    (Reason.SUB_ACCOUNT_NOT_PERMITTED, {"allocation": to("AST Money Market")}),
    (
        Reason.SUB_ACCOUNT_NOT_PERMITTED,
        {"kind": "TRANSFER", "source_sub_account": BALANCED, "target_sub_account": "AST Money Market"},
    ),
]


def test_sound_block_passes_whole() -> None:
    checked = check()
    assert checked.quarantine.num_rows == 0
    assert balanced(checked)
    for name in ("contracts", "transactions", "prices"):
        assert getattr(checked, name).schema.equals(SCHEMAS[name], check_metadata=True)
    assert kept(checked, "transactions", "transaction_id") == ["A-0", "A-1", "B-0", "C-0", "B-1"]


@pytest.mark.parametrize("reason, changes", BAD_CONTRACTS)
def test_bad_contract_goes_with_all_its_rows(reason: Reason, changes: dict[str, Any]) -> None:
    checked = check(owners=[contract("A"), contract("B", **changes), contract("C")])
    assert reason.name in found(checked)["B"]
    assert kept(checked, "contracts", "contract_id") == ["A", "C"]
    assert kept(checked, "transactions", "transaction_id") == ["A-0", "A-1", "C-0"]
    assert balanced(checked)
    assert {row["severity"] for row in checked.quarantine.to_pylist()} == {"contract"}


@pytest.mark.parametrize("reason, changes", BAD_ISSUES)
def test_bad_issue_takes_the_contract_with_it(reason: Reason, changes: dict[str, Any]) -> None:
    checked = check(requests=[*transactions()[:2], issue("B", **changes), *transactions()[3:]])
    assert found(checked) == {"B-0": {reason.name}}
    assert kept(checked, "contracts", "contract_id") == ["A", "C"]
    assert checked.contracts_out == 1
    assert balanced(checked)


@pytest.mark.parametrize("reason, changes", BAD_REQUESTS)
def test_bad_later_transaction_stands_alone(reason: Reason, changes: dict[str, Any]) -> None:
    row = transaction("A-9", "A", "PURCHASE_PAYMENT", DAY, amount=500.0) | changes
    checked = check(requests=[*transactions(), row])
    assert found(checked) == {"A-9": {reason.name}}
    assert kept(checked, "transactions", "transaction_id") == ["A-0", "A-1", "B-0", "C-0", "B-1"]
    assert checked.contracts_out == 0
    assert checked.contracts_hit == 1
    assert balanced(checked)


def test_row_with_several_faults_is_one_row() -> None:
    row = transaction("A-9", "A", "PURCHASE_PAYMENT", DAY, amount=-500.005, benefit="HD9")
    (one,) = check(requests=[*transactions(), row]).quarantine.to_pylist()
    assert one["reason"] == "UNKNOWN_CODE; AMOUNT_NOT_POSITIVE; AMOUNT_NOT_IN_CENTS"
    assert one["reason_codes"] == [106, 107, 108]
    assert (one["field"], one["value"]) == ("benefit; amount; amount", "HD9; -500.005; -500.005")
    allowed = " | ".join(ELECTABLE)
    assert one["message"].startswith(f"A: benefit is HD9; allowed is {allowed}; A: amount is -500.005")
    assert '"amount": -500.005' in one["record"]


def test_distribution_needs_a_qualified_contract() -> None:
    notice = transaction("B-9", "B", "RMD_NOTICE", DAY, amount=500.0, event_date=date(2008, 1, 1))
    assert check(requests=[*transactions(), notice]).quarantine.num_rows == 0
    checked = check([contract("A"), contract("B", tax_type="ROTH"), contract("C")], [*transactions(), notice])
    assert found(checked) == {"B-9": {"RMD_NOT_APPLICABLE"}}


def test_restriction_ends_with_the_benefit() -> None:
    """Then the prospectus allows every Sub-account, but the system has no room for it: another reason."""
    free = transaction("A-9", "A", "ALLOCATION", date(2008, 2, 20), allocation=to("AST Money Market"))
    ended = transaction("A-8", "A", "BENEFIT_TERMINATION", date(2008, 2, 19))
    assert found(check(requests=[*transactions(), free])) == {"A-9": {"SUB_ACCOUNT_NOT_PERMITTED"}}
    assert found(check(requests=[*transactions(), ended, free])) == {"A-9": {"SUB_ACCOUNT_NOT_CARRIED"}}


@pytest.mark.parametrize("side, other", [("source", "target"), ("target", "source")])
def test_transfer_with_a_sub_account_that_is_not_carried(side: str, other: str) -> None:
    given = {f"{side}_sub_account": "AST High Yield", f"{other}_sub_account": BALANCED}
    row = transaction("B-9", "B", "TRANSFER", DAY, amount=500.0, **given)
    assert found(check(requests=[*transactions(), row])) == {"B-9": {"SUB_ACCOUNT_NOT_CARRIED"}}


def test_repeated_contract_and_transaction() -> None:
    checked = check(owners=[*contracts(), contract("B")])
    assert found(checked) == {"B": {"DUPLICATE_KEY"}}
    assert kept(checked, "contracts", "contract_id") == ["A", "C"]
    twice = transaction("A-9", "A", "PURCHASE_PAYMENT", DAY, amount=500.0)
    checked = check(requests=[*transactions(), twice, twice])
    assert found(checked) == {"A-9": {"DUPLICATE_KEY"}}
    assert checked.quarantine.num_rows == 2
    assert balanced(checked)


def test_contract_without_a_start_or_with_two() -> None:
    checked = check(requests=transactions()[:2] + transactions()[3:])
    assert found(checked) == {"B": {"NO_ISSUE"}}
    assert kept(checked, "transactions", "transaction_id") == ["A-0", "A-1", "C-0"]
    checked = check(requests=[*transactions(), issue("B", transaction_id="B-7")])
    assert found(checked) == {"B-0": {"TWO_ISSUES"}, "B-7": {"TWO_ISSUES"}}


def test_snapshot_replaces_the_issue() -> None:
    checked = check(requests=transactions()[:2] + transactions()[3:], snapshot=opening("B"))
    assert found(checked) == {}
    assert kept(checked, "snapshot", "contract_id") == ["B"]


def test_contract_in_two_snapshots() -> None:
    checked = check(snapshot=opening("B", "C", "B"))
    assert found(checked) == {"B": {"CONTRACT_IN_TWO_SNAPSHOTS"}}
    assert kept(checked, "contracts", "contract_id") == ["A", "C"]
    assert balanced(checked)


def test_damaged_snapshots() -> None:
    assert found(check(snapshot=opening("B", periodic_value=nan()))) == {"B": {"NUMBER_OUT_OF_RANGE"}}
    assert found(check(snapshot=opening("Z"))) == {"Z": {"UNKNOWN_CONTRACT"}}
    two = opening("A", "B").table.to_pylist() + opening("C", valuation_date=date(2008, 2, 28)).table.to_pylist()
    assert found(check(snapshot=table("snapshot", two))) == {"C": {"SNAPSHOT_DATE_DIFFERS"}}


def test_missing_price_refuses_those_who_can_hold_it() -> None:
    gap = [row for row in prices() if not (row["sub_account"] == BOND and row["date"] == date(2008, 2, 21))]
    checked = check(quotes=gap)
    assert found(checked) == {"A": {"PRICE_MISSING"}}
    (row,) = [one for one in checked.quarantine.to_pylist() if one["dataset"] == "contracts"]
    assert row["value"] == "AST Investment Grade Bond on 2008-02-21"
    assert kept(checked, "contracts", "contract_id") == ["B", "C"]


def test_missing_price_matters_only_while_held() -> None:
    gap = [row for row in prices() if not (row["sub_account"] == BALANCED and row["date"] == date(2008, 2, 21))]
    gone = transaction("B-8", "B", "SURRENDER", date(2008, 2, 20))
    stays = transaction("C-8", "C", "SURRENDER", date(2008, 2, 21))
    assert set(found(check(quotes=gap, requests=[*transactions(), gone, stays]))) == {"A", "C"}
    with pytest.raises(LimitExceeded, match="contracts has 0 usable rows") as caught:
        check(quotes=prices()[5:])
    assert set(found(caught.value.checked)) == {"A", "B", "C"}


def test_opening_snapshot_needs_prices_from_its_date_on() -> None:
    requests = transactions()[:2] + transactions()[3:4]
    since = [row for row in prices() if row["date"] != date(2008, 2, 28) or row["sub_account"] != BALANCED]
    assert set(found(check(contracts()[1:2], [], since, snapshot=opening("B")))) == set()
    gap = [row for row in prices() if row["date"] != date(2008, 2, 29) or row["sub_account"] != BALANCED]
    with pytest.raises(LimitExceeded) as caught:
        check(quotes=gap, requests=requests, snapshot=opening("B"))
    assert "PRICE_MISSING" in found(caught.value.checked)["B"]
    bond = [row for row in prices() if row["date"] != date(2008, 3, 3) or row["sub_account"] != BOND]
    in_force = opening("B", benefit="HD7", benefit_stage="POST")
    assert found(check(quotes=bond, requests=requests, snapshot=in_force)) == {
        "A": {"PRICE_MISSING"},
        "B": {"PRICE_MISSING"},
    }


@pytest.mark.parametrize(
    "reason, changes",
    [
        (Reason.NUMBER_OUT_OF_RANGE, {"nav": 0.0}),
        (Reason.NUMBER_OUT_OF_RANGE, {"distribution": -0.1}),
        (Reason.NOT_A_NUMBER, {"nav": nan()}),
        (Reason.NOT_A_VALUATION_DAY, {"date": date(2008, 2, 18)}),
        (Reason.UNKNOWN_SUB_ACCOUNT, {"sub_account": "AST Perpetual Motion"}),
        (Reason.MISSING_VALUE, {"date": None}),
    ],
)
def test_bad_price(reason: Reason, changes: dict[str, Any]) -> None:
    quotes = [*prices(), {"sub_account": "AST Money Market", "date": DAY, "nav": 1.0, "distribution": 0.0} | changes]
    checked = check(quotes=quotes)
    assert found(checked) == {f"prices {len(quotes)}": {reason.name}}
    assert checked.prices.num_rows == len(quotes) - 1
    assert balanced(checked)


def test_repeated_price_is_no_price() -> None:
    again = next(row for row in prices() if row["sub_account"] == BOND and row["date"] == DAY)
    checked = check(quotes=[*prices(), again])
    assert checked.by_reason["DUPLICATE_KEY"] == 2
    assert kept(checked, "contracts", "contract_id") == ["B", "C"]
    assert balanced(checked)


def test_limit() -> None:
    bad = [contract("A"), contract("B", series="Z"), contract("C")]
    assert check(owners=bad, limit=0.34).contracts_out == 1
    with pytest.raises(
        LimitExceeded, match=r"33\.33% of the contracts have refused rows; allowed is 33\.00%"
    ) as caught:
        check(owners=bad, limit=0.33)
    assert "106 UNKNOWN_CODE" in str(caught.value)
    assert balanced(caught.value.checked)
    with pytest.raises(ValueError, match=r"limit 1\.5"):
        check(limit=1.5)


def test_empty_block() -> None:
    with pytest.raises(InputError, match="contracts has 0 usable rows; at least one is needed"):
        check(owners=[])
    with pytest.raises(InputError, match="prices has 0 usable rows"):
        check(quotes=[])
    with pytest.raises(InputError, match="contracts has 0 usable rows"):
        check(owners=[contract("A", series="Z")], requests=[issue("A")])


def test_block_without_transactions_is_a_block_of_snapshots() -> None:
    checked = check_block(
        table("contracts", contracts()),
        table("transactions", []),
        table("prices", prices()),
        valuation_date=LAST,
        limit=0.0,
        snapshot=opening("A", "B", "C"),
    )
    assert checked.contracts.num_rows == checked.snapshot.num_rows == 3


def test_masks_have_room_for_all_rules() -> None:
    assert all(len(rules) <= NO_ISSUE for rules in RULES.values())


@pytest.mark.parametrize("delivered, good", [(date(2008, 2, 1), False), (date(2008, 2, 2), True)])
def test_free_look_runs_ten_days_from_receipt_of_the_annuity(delivered: date, good: bool) -> None:
    """FL-1: returned on 12 February."""
    checked = check(requests=[*transactions(), transaction("B-9", "B", "FREE_LOOK", DAY, event_date=delivered)])
    assert (found(checked) == {}) is good
