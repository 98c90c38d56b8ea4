"""What the contract forbids, from transactions to quarantine: a row with its rule, and nothing else changes."""

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tasks.refusals import refused_transactions
from tests.tasks.block import ADVANCED, BALANCED, BOND, LAST, Row, check, contract, issue, to, transaction
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.block import DayResult, value_block
from valuation.failures import Reason
from valuation.sessions import valuation_days

DAY = date(2008, 2, 11)
DAYS = valuation_days(date(2008, 1, 14), LAST)
PRICES = 10.0 * np.cumprod(np.full((len(DAYS), len(CHARGE_CLASSES), len(SLOTS)), 0.999), axis=0)
OLD = {"owner_birth_date": date(1922, 2, 11), "annuitant_birth_date": date(1922, 2, 11)}
YOUNG = {"owner_birth_date": date(1954, 2, 12), "annuitant_birth_date": date(1954, 2, 12)}


def ask(kind: str, **given: Any) -> Row:
    return transaction("A-9", "A", kind, DAY, **given)


def programme(kind: str, **given: Any) -> Row:
    return ask(kind, frequency="MONTHLY", event_date=date(2008, 2, 29), **given)


HD7: Row = {"benefit": "HD7"}
NONE: Row = {"benefit": None}
MOVED: Row = {"source_sub_account": BALANCED, "target_sub_account": ADVANCED}
PERSON: Row = {"person_birth_date": date(1970, 2, 1), "person_sex": "M"}

FORBIDDEN: list[tuple[Reason, Row, Row, Row]] = [
    # reason, request, what the Issue carries, what the contract is
    (Reason.PAYMENT_TOO_LATE, ask("PURCHASE_PAYMENT", amount=500.0), NONE, OLD),
    (Reason.PAYMENT_TOO_SMALL, ask("PURCHASE_PAYMENT", amount=99.99), HD7, {}),
    (Reason.LARGE_PAYMENT, ask("PURCHASE_PAYMENT", amount=950_000.0), HD7, {}),
    (Reason.BENEFIT_IN_FORCE, ask("ELECTION", benefit="TI"), HD7, {}),
    (Reason.BENEFIT_IN_FORCE, ask("ELECTION", benefit="HD7"), {"benefit": "TI"}, {}),
    (Reason.DEATH_BENEFIT_EXCLUDED, ask("ELECTION", benefit="HDV"), HD7, {}),
    (Reason.DEATH_BENEFIT_EXCLUDED, ask("ELECTION", benefit="HD7"), {"benefit": "HDV"}, {}),
    (Reason.DEATH_BENEFIT_EXCLUDED, ask("ELECTION", benefit="HD"), {"benefit": "HDV"}, {}),
    (Reason.DEATH_BENEFIT_TIME, ask("ELECTION", benefit="COMBINATION"), HD7, {}),
    (Reason.ELECTION_AGE_HD7, ask("ELECTION", benefit="HD7"), NONE, YOUNG),
    (Reason.NO_SPOUSE, ask("ELECTION", benefit="SHD7"), NONE, {}),
    (Reason.NO_SPOUSE, ask("ELECTION", benefit="TIS"), NONE, {}),
    (Reason.NO_BENEFIT_IN_FORCE, ask("BENEFIT_TERMINATION"), NONE, {}),
    (Reason.NO_STEP_UP, ask("STEP_UP"), HD7, {}),
    (Reason.NO_PAYMENT_CHOICE, ask("PAYMENT_CHOICE", ground="LIFE_INCOME"), {"benefit": "TI"}, {}),
    (Reason.BENEFIT_ONLY_SUB_ACCOUNT, ask("TRANSFER", amount=500.0) | MOVED | {"target_sub_account": BOND}, HD7, {}),
    (Reason.BENEFIT_ONLY_SUB_ACCOUNT, ask("PURCHASE_PAYMENT", amount=500.0, allocation=to(BOND)), NONE, {}),
    (Reason.SUB_ACCOUNT_NOT_PERMITTED, ask("ALLOCATION", allocation=to("AST Money Market")), HD7, {}),
    (Reason.SUB_ACCOUNT_NOT_PERMITTED, ask("ALLOCATION", allocation=to("AST Money Market")), {"benefit": "HDV"}, {}),
    (
        Reason.SUB_ACCOUNT_NOT_CARRIED,
        ask("ALLOCATION", allocation=to("AST Money Market")),
        {"benefit": "COMBINATION"},
        {},
    ),
    (Reason.TRANSFER_TOO_LARGE, ask("TRANSFER", amount=30_000.0) | MOVED, HD7, {}),
    (Reason.TRANSFER_TO_ITSELF, ask("TRANSFER", amount=500.0) | MOVED | {"target_sub_account": BALANCED}, NONE, {}),
    (Reason.WITHDRAWAL_TOO_SMALL, ask("WITHDRAWAL", amount=99.99, basis="gross"), HD7, {}),
    (Reason.WITHDRAWAL_TOO_LARGE, ask("WITHDRAWAL", amount=60_000.0, basis="gross"), HD7, {}),
    (Reason.TOO_LITTLE_LEFT, ask("WITHDRAWAL", amount=48_000.0, basis="gross"), HD7, {}),
    (Reason.TOO_LITTLE_LEFT, ask("WITHDRAWAL", amount=48_000.0, basis="gross"), NONE, {}),
    (Reason.RMD_NOT_APPLICABLE, ask("RMD_WITHDRAWAL", amount=500.0), HD7, {"tax_type": "ROTH"}),
    (Reason.ANNUITIZATION_TOO_EARLY, ask("ANNUITIZATION"), HD7, {}),
    (Reason.FREE_LOOK_OVER, ask("FREE_LOOK", event_date=date(2008, 1, 30)), HD7, {}),
    (Reason.MEDICAL_NOT_MET, ask("MEDICAL_SURRENDER", event_date=DAY, ground="CONFINEMENT"), HD7, {}),
    (Reason.CHANGE_NOT_ACCEPTED, ask("OWNER_CHANGE", approved=False) | PERSON, HD7, {}),
    (Reason.OWNER_AFTER_DEATH, ask("OWNER_CHANGE", ground="SUCCESSION") | PERSON, HD7, {}),
    (Reason.NO_PROGRAMME, ask("PROGRAMME_END"), HD7, {}),
    (Reason.SYSTEMATIC_TOO_SMALL, programme("SYSTEMATIC_WITHDRAWAL", amount=60.0), HD7, {}),
    (Reason.EQUAL_PAYMENT_TOO_SMALL, programme("EQUAL_PAYMENTS", amount=60.0), HD7, {}),
]


def run(carried: Row, owner: Row, request: Row | None) -> tuple[DayResult, pa.Table]:
    """The contract through two months and a half; what was valued, and the quarantine of intake and law."""
    requests = [issue("A", **carried)] + ([request] if request else [])
    checked = check(owners=[contract("A", **owner)], requests=requests)
    assert checked.contracts.num_rows == 1
    result = value_block(checked.contracts, checked.transactions, None, DAYS, PRICES)
    ids = checked.transactions["transaction_id"].to_pylist()
    rows = np.array([ids.index(name) for name in result.refusals["transaction_id"].to_pylist()], np.int64)
    codes = result.refusals["reason_code"].to_numpy().astype(np.int64)
    return result, pa.concat_tables([checked.quarantine, refused_transactions(checked.transactions, rows, codes)])


@cache
def quiet(carried: tuple[tuple[str, Any], ...], owner: tuple[tuple[str, Any], ...]) -> DayResult:
    """The same contract without the request."""
    result, quarantine = run(dict(carried), dict(owner), None)
    assert quarantine.num_rows == 0
    return result


def booked(result: DayResult) -> dict[tuple[str, str], float]:
    """Sums of the ledger by Sub-account and kind, USD; the market's share may stand in one row or in two."""
    sums = result.ledger.group_by(["sub_account", "kind"]).aggregate([("amount", "sum")]).to_pylist()
    return {(row["sub_account"], row["kind"]): row["amount_sum"] for row in sums}


@pytest.mark.parametrize(
    ("reason", "request_row", "carried", "owner"),
    FORBIDDEN,
    ids=[f"{reason.name} {row['kind']} {row['benefit'] or ''}" for reason, row, _, _ in FORBIDDEN],
)
def test_one_row_in_quarantine_and_nothing_else(reason: Reason, request_row: Row, carried: Row, owner: Row) -> None:
    result, quarantine = run(carried, owner, request_row)
    (row,) = quarantine.to_pylist()
    assert (row["transaction_id"], row["contract_id"], row["severity"]) == ("A-9", "A", "row")
    assert (row["reason"], row["rule"]) == (reason.name, reason.rule)
    without = quiet(tuple(carried.items()), tuple(owner.items()))
    for name in ("snapshot", "payments", "tax_amounts", "transfers"):
        assert getattr(result, name).equals(getattr(without, name)), name
    assert booked(result) == pytest.approx(booked(without), abs=1e-9)
    assert result.totals.tolist() == without.totals.tolist()


@pytest.mark.parametrize("kind", ["WITHDRAWAL", "TRANSFER", "PURCHASE_PAYMENT", "SURRENDER", "ELECTION"])
def test_after_the_end_everything_is_refused(kind: str) -> None:
    """SUR-1."""
    given: Row = {"amount": 500.0, "basis": "gross", "benefit": "TI"} | MOVED
    needed = {"WITHDRAWAL": ("amount", "basis"), "TRANSFER": ("amount", *MOVED), "PURCHASE_PAYMENT": ("amount",)}
    needed["ELECTION"] = ("benefit",)
    late = transaction("A-9", "A", kind, date(2008, 3, 3), **{name: given[name] for name in needed.get(kind, ())})
    checked = check(
        owners=[contract("A")], requests=[issue("A", **HD7), ask("SURRENDER") | {"transaction_id": "A-8"}, late]
    )
    result = value_block(checked.contracts, checked.transactions, None, DAYS, PRICES)
    assert checked.quarantine.num_rows == 0
    assert result.refusals["reason_code"].to_pylist() == [int(Reason.CONTRACT_ENDED)]
    assert result.refusals["transaction_id"].to_pylist() == ["A-9"]
    assert result.snapshot["status"].to_pylist() == ["SURRENDERED"]
    assert result.snapshot["account_value"].to_pylist() == [0.0]
