"""The basic Death Benefit.

Provisions   DB-1 to DB-3, DB-15, DB-19, DB-20 (prospectus 6917-6958, 7423-7443); constants terms/purchase.toml
Clock        credits within twelve months before the date of death, and after it, are left out
Not covered  Combination 5% Roll-Up and HAV, Highest Daily Value
"""

from valuation.compile import rule
from valuation.contract import Core
from valuation.credits import LateCredits


@rule
def basic_death_benefit(core: Core, late: LateCredits, account: float) -> float:
    """The greater of Purchase Payments less proportional withdrawals and the Account Value, without late credits.

    ``account``  Account Value when due proof of death is received, USD
    ``late``     credits that a death on the day of death takes back

    Source: DB-2, DB-15 (prospectus 6932-6952).
    """
    return max(core.basic - late.proportional * core.kept, account - late.applied, 0.0)
