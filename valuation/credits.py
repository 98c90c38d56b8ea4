"""Credits of the X Series: Purchase Credits, what of them can be taken back, and Longevity Credits.

Provisions   CR-1 to CR-5, LC-1 to LC-4 (prospectus 479-498, 2747-2852); constants terms/purchase.toml
Clock        ages and twelve months count from nominal dates; the Longevity Credit falls on Annuity Anniversaries
"""

from typing import NamedTuple

from valuation.clock import Day, completed_years, months_after
from valuation.compile import routine, rule
from valuation.contract import Core, Layers, Life
from valuation.terms import PurchaseTerms

X_SERIES = 2


@routine
def purchase_credit_rate(terms: PurchaseTerms, life: Life, today: int) -> float:
    """Purchase Credit as a fraction of a payment applied today.  Source: CR-1 (prospectus 2780-2804)."""
    if life.series != X_SERIES:
        return 0.0
    if completed_years(life.owner_birth, today) >= terms.credit_old_age:
        return terms.credit_rate_old
    return terms.credit_rate_early if life.issue < terms.credit_change else terms.credit_rate


class LateCredits(NamedTuple):
    """Purchase Credits that an event takes back."""

    applied: float  # as applied, without gain or loss, USD
    proportional: (
        float  # the same over `Core.kept` when each was applied: times `Core.kept` of today, what is left, USD
    )


@routine
def is_late(terms: PurchaseTerms, layers: Layers, k: int, event: int) -> bool:
    """Whether the credit of a payment was applied within twelve months before an event, or after it; exactly is within.

    Source: CR-5, DB-19 (prospectus 479-493, 2827-2845).
    """
    return bool(layers.credit[k] > 0.0 and months_after(layers.day[k], int(terms.credit_recapture_months)) >= event)


@routine
def late_credits(terms: PurchaseTerms, layers: Layers, event: int) -> LateCredits:
    """Credits that an event takes back; in a value that falls in proportion to withdrawals they have fallen with it.

    Source: CR-4, CR-5, DB-15, DB-19 (prospectus 479-493, 2827-2845).
    """
    applied, proportional = 0.0, 0.0
    for k in range(layers.used[0]):
        if is_late(terms, layers, k, event):
            applied += layers.credit[k]
            proportional += layers.credit[k] / layers.kept[k] if layers.kept[k] > 0.0 else 0.0
    return LateCredits(applied, proportional)


@routine
def payments_credited(terms: PurchaseTerms, life: Life, layers: Layers, day: Day) -> float:
    """Purchase Payments on which a Longevity Credit falls due on the Annuity Anniversary of today, USD.

    Those that have been in for more than nine years, from the tenth anniversary on.

    Source: LC-1, LC-2 (prospectus 494-498, 2747-2764).
    """
    if life.series != X_SERIES or day.anniversary == 0:
        return 0.0
    if completed_years(life.issue, day.anniversary) < terms.longevity_first_anniversary:
        return 0.0
    old = 0.0
    for k in range(layers.used[0]):
        full = months_after(layers.day[k], 12 * int(terms.longevity_payment_years))
        if full < day.anniversary:
            old += layers.amount[k]
    return old


@rule
def longevity_credit(terms: PurchaseTerms, credited: float, core: Core, account: float) -> float:
    """Longevity Credit, USD: a share of the payments credited, less all withdrawals of the years ended.

    Source: LC-1 (prospectus 494-498, 2747-2764).
    """
    return terms.longevity_rate * max(0.0, credited - core.withdrawn_total) if account > 0.0 else 0.0
