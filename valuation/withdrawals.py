"""Withdrawals: the Free Withdrawal amount and Required Minimum Distributions.

Provisions   FW-1 to FW-4, WD-1 to WD-4, RMD-3, RMD-4 (prospectus 3097-3260); constants terms/withdrawals.toml
Clock        the free amount counts by Annuity Year, the Required Minimum Distribution by calendar year
"""

from valuation.compile import rule
from valuation.contract import Core, Layers, change_core
from valuation.terms import WithdrawalTerms


@rule
def free_withdrawal_left(terms: WithdrawalTerms, core: Core, layers: Layers) -> float:
    """What is left of the year's Free Withdrawal amount, USD.

    The base holds the payments that still bear a charge: the part not withdrawn at the start of the Annuity Year, or all
    of a payment made since.  Withdrawals of the year do not shrink the base; they reduce the amount left, gross.

    Source: FW-1, FW-2 (prospectus 3179-3185).
    """
    base = 0.0
    before = core.paid_out_start
    for k in range(layers.used[0]):
        used = min(before, layers.amount[k])
        before -= used
        if layers.rate[k] > 0.0:
            base += layers.amount[k] - used
    return max(0.0, terms.free_share * base - core.withdrawn_year)


@rule
def distribution_due(core: Core) -> float:
    """Required Minimum Distribution of the calendar year not yet taken, USD.  Source: RMD-3, README decision 10."""
    return max(0.0, core.required - core.withdrawn_calendar)


@rule
def after_withdrawal(core: Core, gross: float, payments: float, account: float) -> Core:
    """The contract after ``gross`` has left an Account Value of ``account``, USD.

    The basic Death Benefit falls in proportion.  Source: CDSC-4, DB-3, WD-4, LC-1 (prospectus 2750-2753, 6954-6958).
    """
    kept = 1.0 - gross / account if gross < account else 0.0
    return change_core(
        core,
        basic=core.basic * kept,
        paid_out=core.paid_out + payments,
        withdrawn_year=core.withdrawn_year + gross,
        withdrawn_total=core.withdrawn_total + gross,
        withdrawn_calendar=core.withdrawn_calendar + gross,
        kept=core.kept * kept,
    )
