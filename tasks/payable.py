"""What a reserve or hedge run does not project: annuities in payment, and Annuities that go on for a Beneficiary.

No guarantee is left in them and no assumption but mortality: the remaining annuity payments are valued in the snapshot
(``payments_value``: interest and mortality of today's purchase rates), and a Beneficiary can have his Account Value at any
time.  Both are carried as amounts payable beside the reserves.
"""

import pyarrow as pa
import pyarrow.compute as pc

from tasks.parts import frozen_table
from tasks.records import Check
from tasks.start import Started

ANNUITIES, ACCOUNTS = "in_force.annuity_payments", "in_force.beneficiary_accounts"


def payable(started: Started) -> dict[str, float]:
    """Amounts payable of the run's snapshot, USD."""
    rows = _after_their_own_days(started)
    return {ANNUITIES: _sum(rows, "ANNUITY", "payments_value"), ACCOUNTS: _sum(rows, "CONTINUED", "account_value")}


def carried(started: Started) -> Check:
    """Every such contract has its amount payable; the message says how much, and why it is not projected."""
    rows, amounts = _after_their_own_days(started), payable(started)
    valued = pc.or_(pc.is_valid(rows["payments_value"]), pc.equal(rows["status"], "CONTINUED"))
    name = (
        "annuities in payment and Beneficiaries' accounts with an amount payable; not projected: no guarantee is left"
    )
    found = Check.within(name, float(pc.sum(valued).as_py() or 0), rows.num_rows)
    text = f"annuity payments {amounts[ANNUITIES]:,.2f} USD, Beneficiaries' accounts {amounts[ACCOUNTS]:,.2f} USD"
    return Check(found.name, found.passed, found.value, found.expected, found.tolerance, text)


def _after_their_own_days(started: Started) -> pa.Table:
    rows = frozen_table(started.storage, started.inputs.inputs, "snapshot")
    if "payments_value" not in rows.column_names:
        rows = rows.append_column("payments_value", pa.nulls(rows.num_rows, pa.float64()))
    return rows.filter(pc.is_in(rows["status"], pa.array(("ANNUITY", "CONTINUED"))))


def _sum(rows: pa.Table, status: str, column: str) -> float:
    return float(pc.sum(rows.filter(pc.equal(rows["status"], status))[column]).as_py() or 0.0)
