"""The basic Death Benefit.

Provisions   DB-1 to DB-3, DB-15, DB-19, DB-20, DB-24 (prospectus 6917-6958, 7412-7443); constants terms/purchase.toml,
             terms/designations.toml
Clock        credits within twelve months before the date of death, and after it, are left out
Not covered  Combination 5% Roll-Up and HAV, Highest Daily Value
"""

from valuation.clock import months_after
from valuation.compile import routine, rule
from valuation.contract import Core, Life
from valuation.credits import LateCredits
from valuation.terms import DesignationTerms


@routine
def is_suspended(terms: DesignationTerms, life: Life, death: int) -> bool:
    """Whether the guarantee of the Death Benefit is suspended on the day of death.

    The deceased is the Owner, on an entity's Annuity the Annuitant; two years run from the day he first became either,
    unless by the death of the one before him or in the days of grace after the Issue Date.

    Source: DB-24, GEN-9 (prospectus 7412-7421).
    """
    since = life.annuitant_since if life.entity else life.owner_since
    return since > 0 and death < months_after(since, int(terms.suspension_months))


@rule
def basic_death_benefit(core: Core, late: LateCredits, account: float, suspended: bool) -> float:
    """The greater of Purchase Payments less proportional withdrawals and the Account Value, without late credits, USD.

    ``account``    Account Value when due proof of death is received, USD
    ``late``       credits that a death on the day of death takes back
    ``suspended``  during a suspension the Account Value alone counts

    Source: DB-2, DB-15, DB-24, A-DB-9 (prospectus 6932-6952, 7412-7421).
    """
    guaranteed = 0.0 if suspended else core.basic - late.proportional * core.kept
    return max(guaranteed, account - late.applied, 0.0)
