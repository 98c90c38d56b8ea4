"""Requests of Fixed Rate Options at intake: what they need; what the contract forbids is for the law."""

from datetime import date
from typing import Any

import pytest

from tests.tasks.block import ADVANCED, BALANCED, Row, check, contract, found, kept, to, transaction, transactions
from valuation.investment_options import FIXED_NAMES

ON, (ONE_YEAR, ENHANCED) = date(2008, 2, 13), FIXED_NAMES[:2]


def asked(kind: str, **given: Any) -> Row:
    return transaction("B-9", "B", kind, ON, **given)


SOUND = [
    asked("PURCHASE_PAYMENT", amount=500.0, allocation=to(ONE_YEAR)),
    asked("PURCHASE_PAYMENT", amount=500.0, enhanced_amount=500.0, number_of_payments=6),
    asked("ALLOCATION", allocation=to(ONE_YEAR, BALANCED)),
    asked("TRANSFER", amount=500.0, source_sub_account=BALANCED, target_sub_account=ONE_YEAR),
    asked("TRANSFER", source_sub_account=ENHANCED, target_sub_account=BALANCED),
]
AVERAGING = {"amount": 250.0, "frequency": "MONTHLY", "event_date": date(2008, 2, 29)}
BAD = [
    ("NOT_IN_GOOD_ORDER", asked("PURCHASE_PAYMENT", amount=500.0, enhanced_amount=500.0)),
    ("NOT_IN_GOOD_ORDER", asked("PURCHASE_PAYMENT", amount=500.0, enhanced_amount=0.0, number_of_payments=6)),
    ("NOT_IN_GOOD_ORDER", asked("PURCHASE_PAYMENT", amount=500.0, enhanced_amount=600.0, number_of_payments=6)),
    ("AMOUNT_NOT_IN_CENTS", asked("PURCHASE_PAYMENT", amount=500.0, enhanced_amount=0.001, number_of_payments=6)),
    ("NOT_IN_GOOD_ORDER", asked("TRANSFER", source_sub_account=BALANCED, target_sub_account=ONE_YEAR)),
    ("NOT_IN_GOOD_ORDER", asked("SURRENDER", enhanced_amount=500.0, number_of_payments=6)),
    (
        "NOT_IN_GOOD_ORDER",
        asked("DOLLAR_COST_AVERAGING", source_sub_account=ONE_YEAR, allocation=to(ADVANCED), **AVERAGING),
    ),
    ("NOT_IN_GOOD_ORDER", asked("AUTOMATIC_REBALANCING", allocation=to(ADVANCED, ONE_YEAR), **AVERAGING)),
    ("UNKNOWN_SUB_ACCOUNT", asked("PURCHASE_PAYMENT", amount=500.0, allocation=to(ENHANCED))),
]


@pytest.mark.parametrize("row", SOUND, ids=lambda row: row["kind"])
def test_a_sound_request_is_accepted(row: Row) -> None:
    checked = check(requests=[*transactions(), row])
    assert found(checked) == {}
    assert "B-9" in kept(checked, "transactions", "transaction_id")


@pytest.mark.parametrize(("reason", "row"), BAD)
def test_a_bad_request_is_refused_alone(reason: str, row: Row) -> None:
    checked = check([contract("A"), contract("B"), contract("C")], [*transactions(), row])
    assert found(checked) == {"B-9": {reason}}
    assert checked.contracts_out == 0
