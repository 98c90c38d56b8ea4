"""Transactions of a contract, resolved to whole numbers before the law sees them.

Source: TXN-4 to TXN-9 (prospectus 7534-7600).
"""

from typing import NamedTuple

from valuation.contract import Array, Integers

ISSUE, PURCHASE_PAYMENT, WITHDRAWAL, RMD_WITHDRAWAL, RMD_NOTICE, TRANSFER, ALLOCATION = range(7)
ELECTION, BENEFIT_TERMINATION, SURRENDER, DEATH, ANNUITIZATION, SPOUSAL_CONTINUATION, INCOME = range(7, 14)
OWNER_CHANGE, ANNUITANT_CHANGE, BENEFICIARY_CHANGE = range(14, 17)
MEDICAL_SURRENDER, FREE_LOOK, STEP_UP = range(17, 20)

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
    "OWNER_CHANGE",
    "ANNUITANT_CHANGE",
    "BENEFICIARY_CHANGE",
    "MEDICAL_SURRENDER",
    "FREE_LOOK",
    "STEP_UP",
)
"""Names of the kinds; INCOME is a withdrawal of a share of the Annual Income Amount, for systematic programmes."""

SAME_TAXPAYER, CUSTODIAN, ENTITY_TO_ENTITY, CO_OWNER_REMOVED, SUCCESSION, IRREVOCABLE = range(6)
CONFINEMENT, FATAL_ILLNESS = range(6, 8)
GROUND_NAMES = (
    "SAME_TAXPAYER", "CUSTODIAN", "ENTITY_TO_ENTITY", "CO_OWNER_REMOVED", "SUCCESSION", "IRREVOCABLE",
    "CONFINEMENT", "FATAL_ILLNESS",
)  # fmt: skip
"""Why a designation changes: the new Owner has the same taxpayer identification number; from a custodian to the
Annuitant or back; from entity to entity; the co-Owner who is not the Annuitant leaves; by the death of the one before;
and a Beneficiary from now on irrevocable.  Then the contingency events of a medically-related surrender."""

NO_CHOICE = -1
AN_ENTITY = -(2**31)
"""Stands for the birth date of an entity that becomes Owner; a day number of a person may well be 0 or below."""
NOTHING_SAID, APPROVED, DECLINED = range(3)
"""What the company decided on a request."""

JOINT_DIED = 0
"""Choice of a death that names the Joint Annuitant."""

UNCLEARED = 1
"""Source of a payment made by a check that may not have cleared."""


class Assumed(NamedTuple):
    """What a projection asks for on an Owner's behalf, INCOME or ANNUITIZATION; the same fields as of `Events`.

    Its own type, so that a projection is not compiled with the law of every other request.
    """

    kind: Integers  # (n,)
    amount: Array  # (n,)
    choice: Integers  # (n,)


class Events(NamedTuple):
    """Transactions of one contract in order of receipt."""

    kind: Integers  # (n,)
    amount: Array  # (n,) USD; of INCOME, a fraction of the Annual Income Amount; of MEDICAL_SURRENDER, 0 for all
    choice: Integers  # (n,) by kind: withdrawal 1 = net, transfer 1 = in writing, election or issue the plan, change or
    # medically-related surrender the ground, annuitisation the plan whose payments are asked, death JOINT_DIED; or NO_CHOICE
    source: (
        Integers  # (n,) Sub-account transferred from; sex of the person that a change or annuitisation names; UNCLEARED
    )
    target: (
        Integers  # (n,) Sub-account transferred to; of a payment or a change the company's decision; of annuitisation
    )
    # the birth of the Joint Annuitant
    date: Integers  # (n,) day of the event; birth of the person that a change names; the latest Annuity Date reached
    weights: Array  # (n, n_slot) allocation given with the row, or zeros
