"""What the law refuses becomes a quarantine row with the limit it broke."""

from datetime import date

import numpy as np
import pytest

from tasks.refusals import refused_transactions
from tests.tasks.block import BALANCED, table, transaction, transactions
from valuation.failures import Reason
from valuation.schema import SCHEMAS

DAY = date(2008, 2, 11)
REQUESTS = table(
    "transactions",
    [
        *transactions(),
        transaction("A-8", "A", "WITHDRAWAL", DAY, amount=60.0, basis="net"),
        transaction("A-9", "A", "TRANSFER", DAY, amount=60.0, source_sub_account=BALANCED),
    ],
).table.select(SCHEMAS["transactions"].names)


def test_refused_requests() -> None:
    codes = [Reason.WITHDRAWAL_TOO_SMALL, Reason.TRANSFER_FROM_EMPTY, Reason.ELECTION_AGE_SHD7]
    refused = refused_transactions(REQUESTS, np.array([5, 6, 1]), np.array(codes, dtype=np.int64))
    assert refused.schema.equals(SCHEMAS["quarantine"], check_metadata=True)
    small, empty, young = refused.to_pylist()
    assert small["message"] == "A: amount is 60.0; the least withdrawal is 100.00 USD"
    assert (small["rule"], small["reason_codes"], small["transaction_id"]) == ("WD-2", [600], "A-8")
    assert empty["message"] == f"A: source_sub_account is {BALANCED}; the contract holds nothing in this Sub-account"
    assert young["message"] == "A: benefit is HD7; both Designated Lives must be at least 59.5 years old"


@pytest.mark.parametrize("reason", [one for one in Reason if one >= 300])
def test_every_reason_of_the_law_has_a_sentence(reason: Reason) -> None:
    (row,) = refused_transactions(REQUESTS, np.array([0]), np.array([int(reason)])).to_pylist()
    assert row["reason"] == reason.name
    assert "{" not in row["message"]


def test_nothing_refused_is_an_empty_table() -> None:
    none = np.empty(0, dtype=np.int64)
    assert refused_transactions(REQUESTS, none, none).num_rows == 0
