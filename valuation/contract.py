"""The state of one contract, and the records that travel with it.

A lane is one contract of a block, or one scenario of a contract; its state is a few floats, named with the prospectus's
own terms.  Money is in USD and unrounded, dates are day numbers held as floats.

Source: GEN-9 to GEN-11 of the contract, HD7-1 of the living benefits.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from valuation.compile import changer

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

PENDING, ACTIVE, PAYOUT, SURRENDERED, DIED, ANNUITISED, EXHAUSTED, ANNUITY, CONTINUED = range(9)
"""Status of the contract.  PAYOUT: Account Value is zero, guaranteed payments go on.  EXHAUSTED: zero, nothing more is paid.
ANNUITY: the payments of an annuity option go on.  CONTINUED: the Annuity goes on for a Beneficiary."""

STATUS_NAMES = (
    "PENDING",
    "ACTIVE",
    "PAYOUT",
    "SURRENDERED",
    "DEATH",
    "ANNUITISED",
    "EXHAUSTED",
    "ANNUITY",
    "CONTINUED",
)


class Core(NamedTuple):
    """The contract itself, without its optional benefits."""

    status: float
    basic: float  # Purchase Payments branch of the basic Death Benefit, less proportional withdrawals
    paid_out: float  # Purchase Payments withdrawn so far, oldest first (CDSC-4)
    paid_out_start: float  # the same at the start of the Annuity Year (FW-2)
    withdrawn_year: float  # gross withdrawals since the start of the Annuity Year
    withdrawn_total: float  # gross withdrawals since issue (LC-1)
    withdrawn_calendar: float  # gross withdrawals of the calendar year (RMD-3)
    required: float  # Required Minimum Distribution of the calendar year
    kept: float  # product of (1 - W/V) over all withdrawals since issue (DB-15)
    transfers: float  # countable transfers of the Annuity Year (TR-2)
    last_transfer: float  # day of the latest of them


class Life(NamedTuple):
    """Persons and dates of one contract; only a change of Owner, Annuitant or Beneficiary alters them."""

    issue: int
    owner_birth: int  # the oldest Owner; the Annuitant where an entity owns the Annuity (GEN-9)
    annuitant_birth: int
    spouse_birth: int  # 0 if there is none
    annuity_date: int  # the latest Annuity Date (ANN-2)
    series: int  # 0 B, 1 L, 2 X
    qualified: int = 0  # 1 for an IRA, SEP or Roth IRA
    entity: int = 0  # 1 if an entity owns the Annuity
    owner_sex: int = 0  # 0 male, 1 female; no rule asks for it, the assumptions of a projection do
    annuitant_sex: int = 0
    jurisdiction: int = 0  # place in the terms of jurisdictions (FEE-9, FL-1)
    owner_since: int = 0  # day on which that person became Owner or Annuitant; 0 since issue (DB-24)
    annuitant_since: int = 0
    irrevocable: int = 0  # day on which the Beneficiary became irrevocable; 0 if it is not (PUR-7)
    closed: int = 0  # day from which no Purchase Payment is taken; 0 if there is none (SUR-2)


class Layers(NamedTuple):
    """Purchase Payments in order of receipt; ``used[0]`` of the rows are in use."""

    day: Integers  # (n,) Valuation Day applied
    amount: Array  # (n,) USD
    credit: Array  # (n,) Purchase Credit, USD
    kept: Array  # (n,) `Core.kept` when the payment was applied
    rate: Array  # (n,) CDSC percentage today, settled before the rules run
    carried: Array  # (n,) `OptionalDeathBenefit.carried` when the payment was applied
    held: Integers  # (n,) last day on which the check is not taken for cleared, 0 for none
    used: Integers  # (1,)


PAID, CHARGED, BENEFIT_FEES, OTHER_FEES, GUARANTEED_PAID, ADDED, RECEIVED = range(7)
"""Places of a day's cash (7,), USD, none negative: paid out of the Account Value to the Owner or Beneficiary; Contingent
Deferred Sales Charge; benefit fees; Annual Maintenance and Transfer Fees; paid by the insurer beyond the Account Value;
added to the Account Value by the insurer (credits, Return of Principal); Purchase Payments."""

change_core = changer(Core)
change_life = changer(Life)
NEW_CORE = Core(float(PENDING), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0)
