"""Transactions of a contract, resolved to whole numbers before the law sees them.

Source: TXN-4 to TXN-9 (prospectus 7534-7600).
"""

from typing import NamedTuple

from valuation.contract import Array, Integers

ISSUE, PURCHASE_PAYMENT, WITHDRAWAL, RMD_WITHDRAWAL, RMD_NOTICE, TRANSFER, ALLOCATION = range(7)
ELECTION, BENEFIT_TERMINATION, SURRENDER, DEATH, ANNUITIZATION, SPOUSAL_CONTINUATION, INCOME = range(7, 14)

EVENT_NAMES = (
    "ISSUE",
    "PURCHASE_PAYMENT",
    "WITHDRAWAL",
    "RMD_WITHDRAWAL",
    "RMD_NOTICE",
    "TRANSFER",
    "ALLOCATION",
    "ELECTION",
    "BENEFIT_TERMINATION",
    "SURRENDER",
    "DEATH",
    "ANNUITIZATION",
    "SPOUSAL_CONTINUATION",
    "INCOME",
)
"""Names of the kinds; INCOME is a withdrawal of a share of the Annual Income Amount, for systematic programmes."""

NO_CHOICE = -1


class Events(NamedTuple):
    """Transactions of one contract in order of receipt."""

    kind: Integers  # (n,)
    amount: Array  # (n,) USD; of INCOME, a fraction of the Annual Income Amount
    choice: Integers  # (n,) of a withdrawal 1 = net; of an election or issue the plan; NO_CHOICE otherwise
    source: Integers  # (n,) Sub-account transferred from
    target: Integers  # (n,) Sub-account transferred to
    date: Integers  # (n,) day of death
    weights: Array  # (n, n_slot) allocation given with the row, or zeros
