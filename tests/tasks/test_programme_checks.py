"""Instructions for programmes at intake: what they need, what is not offered, and how soon they may begin."""

from datetime import date
from typing import Any

import pytest

from tests.tasks.block import ADVANCED, BALANCED, BOND, Row, check, contract, found, kept, to, transaction, transactions

ON, FIRST = date(2008, 2, 13), date(2008, 2, 29)


def instruction(kind: str, **given: Any) -> Row:
    whole: Row = {"frequency": "MONTHLY", "event_date": FIRST} | given
    return transaction("B-9", "B", kind, ON, **whole)


SOUND: list[Row] = [
    instruction("SYSTEMATIC_WITHDRAWAL", amount=250.0),
    instruction("SYSTEMATIC_WITHDRAWAL", amount=250.0, measure="FLAT", basis="net", number_of_payments=12),
    instruction("SYSTEMATIC_WITHDRAWAL", measure="EARNINGS"),
    instruction("SYSTEMATIC_WITHDRAWAL", measure="INCOME"),
    instruction("EQUAL_PAYMENTS", amount=250.0),
    instruction("REQUIRED_DISTRIBUTIONS"),
    instruction("REQUIRED_DISTRIBUTIONS", amount=900.0, actuarial_value=100.0, event_date=date(2008, 2, 16)),
    instruction("DOLLAR_COST_AVERAGING", amount=250.0, source_sub_account=BALANCED, allocation=to(ADVANCED)),
    instruction(
        "DOLLAR_COST_AVERAGING", measure="PRINCIPAL_AND_EARNINGS", number_of_payments=6, source_sub_account=BALANCED,
        allocation=to(ADVANCED),
    ),
    instruction("AUTOMATIC_REBALANCING", allocation=to(BALANCED, ADVANCED)),
    transaction("B-9", "B", "PROGRAMME_END", ON),
    transaction("B-9", "B", "PROGRAMME_END", ON, programme="EQUAL_PAYMENTS"),
]  # fmt: skip

BAD: list[tuple[str, Row]] = [
    ("NOT_IN_GOOD_ORDER", instruction("SYSTEMATIC_WITHDRAWAL", amount=250.0, frequency=None)),
    ("NOT_IN_GOOD_ORDER", instruction("SYSTEMATIC_WITHDRAWAL", amount=250.0, event_date=None)),
    ("NOT_IN_GOOD_ORDER", instruction("EQUAL_PAYMENTS")),
    ("NOT_IN_GOOD_ORDER", instruction("AUTOMATIC_REBALANCING")),
    ("NOT_IN_GOOD_ORDER", instruction("DOLLAR_COST_AVERAGING", amount=250.0, allocation=to(ADVANCED))),
    ("UNKNOWN_CODE", instruction("SYSTEMATIC_WITHDRAWAL", amount=250.0, frequency="WEEKLY")),
    ("UNKNOWN_CODE", instruction("REQUIRED_DISTRIBUTIONS", measure="PERCENT")),
    ("UNKNOWN_CODE", transaction("B-9", "B", "PROGRAMME_END", ON, programme="WITHDRAWAL")),
    ("AMOUNT_NOT_IN_CENTS", instruction("SYSTEMATIC_WITHDRAWAL", amount=250.005)),
    ("WITHDRAWAL_MEASURE", instruction("SYSTEMATIC_WITHDRAWAL")),
    ("WITHDRAWAL_MEASURE", instruction("SYSTEMATIC_WITHDRAWAL", measure="PRINCIPAL_AND_EARNINGS")),
    ("WITHDRAWAL_MEASURE", instruction("SYSTEMATIC_WITHDRAWAL", amount=250.0, number_of_payments=0)),
    ("WITHDRAWAL_MEASURE", instruction("EQUAL_PAYMENTS", amount=250.0, measure="EARNINGS")),
    (
        "TRANSFER_MEASURE",
        instruction("DOLLAR_COST_AVERAGING", measure="INCOME", source_sub_account=BALANCED, allocation=to(ADVANCED)),
    ),
    (
        "TRANSFER_MEASURE",
        instruction(
            "DOLLAR_COST_AVERAGING",
            measure="PRINCIPAL_AND_EARNINGS",
            source_sub_account=BALANCED,
            allocation=to(ADVANCED),
        ),
    ),
    ("BENEFIT_ONLY_SUB_ACCOUNT", instruction("AUTOMATIC_REBALANCING", allocation=to(BALANCED, BOND))),
    ("IMPLAUSIBLE_DATE", instruction("SYSTEMATIC_WITHDRAWAL", amount=250.0, event_date=date(2008, 2, 12))),
    ("SHORT_NOTICE", instruction("REQUIRED_DISTRIBUTIONS", event_date=date(2008, 2, 15))),
]


@pytest.mark.parametrize("row", SOUND, ids=lambda row: row["kind"])
def test_a_sound_instruction_is_accepted(row: Row) -> None:
    checked = check(requests=[*transactions(), row])
    assert found(checked) == {}
    assert "B-9" in kept(checked, "transactions", "transaction_id")


@pytest.mark.parametrize(("reason", "row"), BAD)
def test_a_bad_instruction_is_refused_alone(reason: str, row: Row) -> None:
    checked = check(requests=[*transactions(), row])
    assert found(checked) == {"B-9": {reason}}
    assert checked.contracts_out == 0


def test_distributions_need_a_qualified_contract() -> None:
    owners = [contract("A"), contract("B", tax_type="NQ"), contract("C")]
    checked = check(owners, [*transactions(), instruction("REQUIRED_DISTRIBUTIONS")])
    assert found(checked) == {"B-9": {"RMD_NOT_APPLICABLE"}}
