"""What happened, row by row: the ledger, payments, refusals and transfer instructions of the daily valuation.

The law writes to a journal and cannot tell which: the projection passes `Silent`, whose rows compile to nothing.
"""

from typing import NamedTuple

from valuation.compile import generic, routine
from valuation.contract import Array, Integers

INVESTMENT, PAYMENT, CREDIT, LONGEVITY, WITHDRAWAL, BENEFIT_FEE, MAINTENANCE, TRANSFER_FEE, TRANSFER = range(9)
FORMULA, PRINCIPAL, SURRENDER, DEATH, ANNUITISATION, CONTINUATION, BENEFIT_END, GUARANTEED = range(9, 17)
MEDICAL, FREE_LOOK, TAX_CHARGE, AVERAGING, REBALANCED, INTEREST, CHARGE_CLASS, MATURITY = range(17, 25)
FIXED_INTEREST, ENHANCED = range(25, 27)
ANNUITY_PAYMENT, BENEFICIARY_ACCOUNT, BENEFICIARY_FEE, BENEFICIARY_WITHDRAWAL, BENEFICIARY_DISTRIBUTION = range(27, 32)

LEDGER_KINDS = (
    ("INVESTMENT", "UNIT-2"),
    ("PURCHASE_PAYMENT", "TXN-7"),
    ("PURCHASE_CREDIT", "CR-1"),
    ("LONGEVITY_CREDIT", "LC-1"),
    ("WITHDRAWAL", "WD-1"),
    ("BENEFIT_FEE", "HD7-15"),
    ("MAINTENANCE_FEE", "FEE-5"),
    ("TRANSFER_FEE", "FEE-4"),
    ("TRANSFER", "TR-1"),
    ("FORMULA_TRANSFER", "ATF-12"),
    ("RETURN_OF_PRINCIPAL", "HD7-11"),
    ("SURRENDER", "SUR-1"),
    ("DEATH", "DB-2"),
    ("ANNUITISATION", "ANN-3"),
    ("SPOUSAL_CONTINUATION", "SPO-1"),
    ("BENEFIT_END", "HD7-16"),
    ("GUARANTEED_PAYMENT", "HD7-12"),
    ("MEDICAL_SURRENDER", "SUR-3"),
    ("FREE_LOOK", "FL-1"),
    ("TAX_CHARGE", "FEE-9"),
    ("DOLLAR_COST_AVERAGING", "DCA-1"),
    ("AUTOMATIC_REBALANCING", "AR-1"),
    ("INTEREST", "HD-17"),
    ("CHARGE_CLASS", "UNIT-7"),
    ("MATURITY", "TAHD-9"),
    ("FIXED_INTEREST", "FIX-2"),
    ("ENHANCED_TRANSFER", "FIX-6"),
    ("ANNUITY_PAYMENT", "ANN-6"),
    ("BENEFICIARY_ACCOUNT", "BCO-1"),
    ("BENEFICIARY_FEE", "BCO-3"),
    ("BENEFICIARY_WITHDRAWAL", "BCO-5"),
    ("BENEFICIARY_DISTRIBUTION", "PAY-2"),
)
"""Name and rule of every kind of row, in the order of the codes above."""


class Silent(NamedTuple):
    """A journal that keeps nothing."""

    nothing: float


class Journal(NamedTuple):
    """Buffers of one run over a block, filled from the front.

    ``used`` counts the rows of the four tables: ledger, payments, refusals, transfers.
    """

    used: Integers  # (4,)
    here: Integers  # (2,) contract being processed, today
    marked_day: Integers  # (n_slot,) of this contract: day up to which investment results are in the ledger
    marked_price: Array  # (n_slot,) Unit Price on that day
    ledger_keys: Integers  # (n, 5) contract, from day, day, kind, slot
    ledger_values: Array  # (n, 3) amount USD, Units, Unit Price
    payment_keys: Integers  # (n, 3) contract, day, kind
    payment_values: Array  # (n, 3) gross, charge, paid, USD
    refusals: Integers  # (n, 4) contract, day, event, reason
    transfer_keys: Integers  # (n, 3) contract, day, stage of the benefit
    transfer_values: Array  # (n, 7) Income Basis, a, L, V, B, r, amount into the bond Sub-account


@generic
def record(journal: Journal | Silent, kind: int, slot: int, before: float, after: float, price: float) -> None:
    """A change of Units, after the investment result of the span in which they were constant."""


@generic
def pay(journal: Journal | Silent, kind: int, gross: float, charge: float, paid: float) -> None:
    """Money to the Owner or Beneficiary: ``gross`` leaves the Annuity, ``charge`` is kept, ``paid`` arrives."""


@generic
def refuse(journal: Journal | Silent, event: int, reason: int) -> None:
    """A transaction that the contract forbids; nothing has changed."""


@generic
def instruct(
    journal: Journal | Silent,
    stage: float,
    basis: float,
    factor: float,
    target: float,
    permitted: float,
    bond: float,
    amount: float,
) -> None:
    """The asset transfer formula of one day, with its result."""


@record.register(Silent)  # type: ignore[attr-defined]
def _record_nothing(journal: Silent, kind: int, slot: int, before: float, after: float, price: float) -> None:
    return


@pay.register(Silent)  # type: ignore[attr-defined]
def _pay_nothing(journal: Silent, kind: int, gross: float, charge: float, paid: float) -> None:
    return


@refuse.register(Silent)  # type: ignore[attr-defined]
def _refuse_nothing(journal: Silent, event: int, reason: int) -> None:
    return


@instruct.register(Silent)  # type: ignore[attr-defined]
def _instruct_nothing(
    journal: Silent,
    stage: float,
    basis: float,
    factor: float,
    target: float,
    permitted: float,
    bond: float,
    amount: float,
) -> None:
    return


@routine
def ledger_row(journal: Journal, since: int, kind: int, slot: int, amount: float, units: float, price: float) -> None:
    """Append one row to the ledger."""
    row = journal.used[0]
    journal.ledger_keys[row, 0] = journal.here[0]
    journal.ledger_keys[row, 1] = since
    journal.ledger_keys[row, 2] = journal.here[1]
    journal.ledger_keys[row, 3] = kind
    journal.ledger_keys[row, 4] = slot
    journal.ledger_values[row, 0] = amount
    journal.ledger_values[row, 1] = units
    journal.ledger_values[row, 2] = price
    journal.used[0] = row + 1


@routine
def mark(journal: Journal, slot: int, units: float, price: float) -> None:
    """Bring the investment result of one Sub-account up to today."""
    today = journal.here[1]
    since = journal.marked_day[slot]
    if today == since:
        return
    if units != 0.0:
        ledger_row(journal, since, 0, slot, units * (price - journal.marked_price[slot]), 0.0, price)
    journal.marked_day[slot] = today
    journal.marked_price[slot] = price


@record.register(Journal)  # type: ignore[attr-defined]
def _record_row(journal: Journal, kind: int, slot: int, before: float, after: float, price: float) -> None:
    if kind != INTEREST and kind != FIXED_INTEREST:  # at a price that stands still there is no investment result
        mark(journal, slot, before, price)
    ledger_row(journal, journal.here[1], kind, slot, (after - before) * price, after - before, price)


@pay.register(Journal)  # type: ignore[attr-defined]
def _pay_row(journal: Journal, kind: int, gross: float, charge: float, paid: float) -> None:
    row = journal.used[1]
    journal.payment_keys[row, 0] = journal.here[0]
    journal.payment_keys[row, 1] = journal.here[1]
    journal.payment_keys[row, 2] = kind
    journal.payment_values[row, 0] = gross
    journal.payment_values[row, 1] = charge
    journal.payment_values[row, 2] = paid
    journal.used[1] = row + 1


@refuse.register(Journal)  # type: ignore[attr-defined]
def _refuse_row(journal: Journal, event: int, reason: int) -> None:
    row = journal.used[2]
    journal.refusals[row, 0] = journal.here[0]
    journal.refusals[row, 1] = journal.here[1]
    journal.refusals[row, 2] = event
    journal.refusals[row, 3] = reason
    journal.used[2] = row + 1


@instruct.register(Journal)  # type: ignore[attr-defined]
def _instruct_row(
    journal: Journal,
    stage: float,
    basis: float,
    factor: float,
    target: float,
    permitted: float,
    bond: float,
    amount: float,
) -> None:
    if amount == 0.0:
        return
    row = journal.used[3]
    journal.transfer_keys[row, 0] = journal.here[0]
    journal.transfer_keys[row, 1] = journal.here[1]
    journal.transfer_keys[row, 2] = int(stage)
    journal.transfer_values[row, 0] = basis
    journal.transfer_values[row, 1] = factor
    journal.transfer_values[row, 2] = target
    journal.transfer_values[row, 3] = permitted
    journal.transfer_values[row, 4] = bond
    journal.transfer_values[row, 5] = (target - bond) / permitted
    journal.transfer_values[row, 6] = amount
    journal.used[3] = row + 1
