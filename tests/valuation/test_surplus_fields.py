"""A field that a kind of request does not carry says nothing, whatever stands in it."""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from tests.support.programme_runs import A, Asked, B, asked, run, state, transactions
from valuation.block import DayResult
from valuation.failures import Reason
from valuation.schema import SCHEMAS

ON, LAST = date(2010, 3, 1), date(2010, 3, 31)
MOVE = {"amount": 10.0, "source_sub_account": A, "target_sub_account": B}


def told(requests: pa.Table, last: date = LAST) -> DayResult:
    return run(requests, last, {date(2010, 2, 1): {"A": 1.2}})


@pytest.mark.parametrize(
    ("plan", "request_row", "surplus"),
    [
        ("TI", asked("WITHDRAWAL", ON, amount=12_000.0, basis="gross"), {"benefit": "SHD7"}),
        ("TI", asked("WITHDRAWAL", ON, amount=12_000.0, basis="net"), {"benefit": "HD7"}),
        ("TI", asked("RMD_WITHDRAWAL", ON, amount=12_000.0), {"benefit": "SHD7"}),
        ("HD7", asked("PURCHASE_PAYMENT", ON, amount=12_000.0), {"basis": "net", "benefit": "SHD7"}),
        (None, asked("ELECTION", ON, benefit="TI"), {"basis": "net"}),
    ],
    ids=lambda one: one.kind if isinstance(one, Asked) else None,
)
def test_of_a_benefit_or_a_basis(plan: str | None, request_row: Asked, surplus: dict[str, Any]) -> None:
    plain = told(transactions(request_row, plan=plan))
    more = told(transactions(request_row._replace(given=request_row.given | surplus), plan=plan))
    assert more.refusals.num_rows == plain.refusals.num_rows == 0
    assert more.payments.equals(plain.payments)
    assert more.snapshot.equals(plain.snapshot)


def test_a_basis_of_the_issue_elects_nothing() -> None:
    """Taken for a plan, it would be the second one."""
    rows = transactions().to_pylist()
    rows[0]["basis"] = "net"
    done = told(pa.Table.from_pylist(rows, SCHEMAS["transactions"]))
    assert done.refusals.num_rows == 0
    assert state(done)["benefit"] == "NONE"


def test_a_basis_is_no_signature() -> None:
    """TR-3: the 21st transfer of the Annuity Year needs one."""
    days = [ON + timedelta(days=k) for k in range(35) if (ON + timedelta(days=k)).weekday() < 5][:21]
    moves = [Asked("TRANSFER", day, MOVE | {"basis": "net"}) for day in days]
    done = told(transactions(*moves), date(2010, 4, 30))
    assert len(moves) == 21
    assert done.refusals["reason_code"].to_pylist() == [int(Reason.TRANSFER_NOT_IN_WRITING)]


def test_a_basis_keeps_no_income() -> None:
    """HD7-13: at annuitisation the Account Value is applied unless the income is asked for."""
    end = asked("ANNUITIZATION", date(2013, 3, 1))
    plain = told(transactions(end, plan="HD7"), date(2013, 3, 28))
    more = told(transactions(end._replace(given={"basis": "net"}), plan="HD7"), date(2013, 3, 28))
    assert state(plain)["status"] == state(more)["status"] != "PAYOUT"
    assert more.payments.equals(plain.payments)
