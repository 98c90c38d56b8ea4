"""The basic Death Benefit.

Provisions   DB-1 to DB-3, DB-15, DB-19, DB-20 (prospectus 6917-6958, 7423-7443); constants terms/purchase.toml
Clock        credits within twelve months before the date of death, and after it, are left out
Not covered  Combination 5% Roll-Up and HAV, Highest Daily Value
"""

from valuation.compile import rule
from valuation.contract import Core, Layers
from valuation.credits import proportional_credits, recoverable_credits


@rule
def basic_death_benefit(core: Core, layers: Layers, account: float) -> float:
    """The greater of Purchase Payments less proportional withdrawals and the Account Value, without late credits.

    ``account``  Account Value when due proof of death is received, USD
    ``layers``   with the late credits settled for the day of death

    Source: DB-2, DB-15 (prospectus 6932-6952).
    """
    payments = core.basic - proportional_credits(core, layers)
    return max(payments, account - recoverable_credits(layers), 0.0)
