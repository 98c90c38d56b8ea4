"""Transactions of a contract, resolved to whole numbers before the law sees them.

Source: TXN-4 to TXN-9 (prospectus 7534-7600).
"""

from typing import NamedTuple

from valuation.contract import Array, Integers

ISSUE, PURCHASE_PAYMENT, WITHDRAWAL, RMD_WITHDRAWAL, RMD_NOTICE, TRANSFER, ALLOCATION = range(7)
ELECTION, BENEFIT_TERMINATION, SURRENDER, DEATH, ANNUITIZATION, SPOUSAL_CONTINUATION, INCOME = range(7, 14)
OWNER_CHANGE, ANNUITANT_CHANGE, BENEFICIARY_CHANGE = range(14, 17)
MEDICAL_SURRENDER, FREE_LOOK = range(17, 19)
SYSTEMATIC_WITHDRAWAL, EQUAL_PAYMENTS, REQUIRED_DISTRIBUTIONS, DOLLAR_COST_AVERAGING = range(19, 23)
AUTOMATIC_REBALANCING, PROGRAMME_END = range(23, 25)
STEP_UP, PAYMENT_CHOICE = range(25, 27)

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
    "SYSTEMATIC_WITHDRAWAL",
    "EQUAL_PAYMENTS",
    "REQUIRED_DISTRIBUTIONS",
    "DOLLAR_COST_AVERAGING",
    "AUTOMATIC_REBALANCING",
    "PROGRAMME_END",
    "STEP_UP",
    "PAYMENT_CHOICE",
)
"""Names of the kinds; INCOME is a withdrawal of a share of the Annual Income Amount, for systematic programmes.

SYSTEMATIC_WITHDRAWAL to AUTOMATIC_REBALANCING start a programme of scheduled transactions, EQUAL_PAYMENTS one under section
72(t) or 72(q); PROGRAMME_END ends one or all.  Source: SYS-1, SEPP-1, RMD-5, DCA-1, AR-1.
"""

DISTRIBUTION_OF_YEAR, FLAT_TRANSFER, EARNINGS_TRANSFER, BALANCE_TRANSFER, REBALANCING = range(100, 105)
FLAT_PAYMENT, EARNINGS_PAYMENT, INCOME_PAYMENT, DISTRIBUTION_PAYMENT, DECEMBER_VALUE = range(105, 110)
SCHEDULED_NAMES = (
    "DISTRIBUTION_OF_YEAR", "FLAT_TRANSFER", "EARNINGS_TRANSFER", "BALANCE_TRANSFER", "REBALANCING",
    "FLAT_PAYMENT", "EARNINGS_PAYMENT", "INCOME_PAYMENT", "DISTRIBUTION_PAYMENT", "DECEMBER_VALUE",
)  # fmt: skip
"""What a programme has scheduled; no request has such a kind.  Source: TXN-5 (prospectus 7561-7572).

    DISTRIBUTION_OF_YEAR, DECEMBER_VALUE   the Required Minimum Distribution of a year, and the value it is taken of
    FLAT_, EARNINGS_, BALANCE_TRANSFER     Dollar Cost Averaging, by its measure
    REBALANCING                            Automatic Rebalancing
    FLAT_, EARNINGS_, INCOME_PAYMENT       Systematic Withdrawals, by their measure; FLAT_ also of EQUAL_PAYMENTS
    DISTRIBUTION_PAYMENT                   a part of the year's Required Minimum Distribution
"""

SAME_TAXPAYER, CUSTODIAN, ENTITY_TO_ENTITY, CO_OWNER_REMOVED, SUCCESSION, IRREVOCABLE = range(6)
CONFINEMENT, FATAL_ILLNESS = range(6, 8)
LIFE_INCOME, WITHDRAWAL_BENEFIT = range(8, 10)
AUTO_STEP_UP, NO_AUTO_STEP_UP = range(10, 12)
GROUND_NAMES = (
    "SAME_TAXPAYER", "CUSTODIAN", "ENTITY_TO_ENTITY", "CO_OWNER_REMOVED", "SUCCESSION", "IRREVOCABLE",
    "CONFINEMENT", "FATAL_ILLNESS", "LIFE_INCOME", "WITHDRAWAL_BENEFIT", "AUTO_STEP_UP", "NO_AUTO_STEP_UP",
)  # fmt: skip
"""Why a designation changes: the new Owner has the same taxpayer identification number; from a custodian to the
Annuitant or back; from entity to entity; the co-Owner who is not the Annuitant leaves; by the death of the one before;
and a Beneficiary from now on irrevocable.  Then the contingency events of a medically-related surrender, the benefit paid
after the Account Value, and whether step-ups are automatic from now on."""

NAMING = (ISSUE, ELECTION, BENEFIT_TERMINATION, ANNUITIZATION)
"""Kinds that may name a benefit."""
TAKING = (WITHDRAWAL, RMD_WITHDRAWAL)
"""Kinds that may be net of their charge."""

NO_CHOICE = -1
FIRST_DEATH_PLAN = 50
"""An election of the n-th plan of the optional Death Benefits has this and n as its choice."""
FIRST_SETTLEMENT = 60
"""An annuitisation or a death by the n-th way to take the money has this and n as its choice."""
FIRST_REFUSED = 1_000
"""The same of a way that the law forbids: this and the code of the reason."""
FIVE_YEARS, LIFE_EXPECTANCY, NO_ELECTION, WITHDRAWAL_AMOUNT = range(5, 9)
"""Further ways, after the options of `valuation.annuity_options`: the Annuity goes on for the Beneficiary, who takes all
within five years or a part a year over a life expectancy; nothing was chosen by the latest Annuity Date; the Annual
Withdrawal Amount of the benefit as annuity payments."""
AN_ENTITY = -(2**31)
"""Stands for the birth date of an entity that becomes Owner; a day number of a person may well be 0 or below."""
NOTHING_SAID, APPROVED, DECLINED = range(3)
"""What the company decided on a request."""

JOINT_DIED = 0
"""Choice of a death that names the Joint Annuitant."""

UNCLEARED = 1
"""Source of a payment made by a check that may not have cleared."""


def event_name(kind: int) -> str:
    """Name of the kind of a request, or of what a programme has scheduled."""
    return SCHEDULED_NAMES[kind - DISTRIBUTION_OF_YEAR] if kind >= DISTRIBUTION_OF_YEAR else EVENT_NAMES[kind]


class Assumed(NamedTuple):
    """What a projection asks for on an Owner's behalf, INCOME or ANNUITIZATION; the same fields as of `Events`.

    Its own type, so that a projection is not compiled with the law of every other request.
    """

    kind: Integers  # (n,)
    amount: Array  # (n,)
    choice: Integers  # (n,)


class Events(NamedTuple):
    """Transactions of one contract in order of receipt, on each day followed by what its programmes have scheduled."""

    kind: Integers  # (n,)
    amount: Array  # (n,) USD; of INCOME, a fraction of the Annual Income Amount; of MEDICAL_SURRENDER, 0 for all; of
    # DECEMBER_VALUE the actuarial value of the benefits
    choice: Integers  # (n,) by kind: withdrawal 1 = net, transfer 1 = in writing, election or issue the plan, change,
    # medically-related surrender, step-up or choice of payments the ground, programme its measure, distribution
    # 1 = monthly, annuitisation the plan whose payments are asked, death JOINT_DIED; or NO_CHOICE
    source: Integers  # (n,) Sub-account transferred from; sex of the person that a change or an annuitisation names;
    # UNCLEARED; row of the programme that pays or ends
    target: (
        Integers  # (n,) Sub-account transferred to; of a payment or a change the company's decision; of a programme its
    )
    # first date, of what it has scheduled the dates left, 0 for no end; of annuitisation the birth of the Joint Annuitant
    date: (
        Integers  # (n,) day of the event; birth of the person that a change names; the latest Annuity Date reached; key
    )
    # of the programme
    weights: Array  # (n, n_slot) allocation given with the row, or zeros
