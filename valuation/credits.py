"""Credits of the X Series: Purchase Credits, what of them can be taken back, and Longevity Credits.

Provisions   CR-1 to CR-5, LC-1 to LC-4 (prospectus 479-498, 2747-2852); constants terms/purchase.toml
Clock        ages and twelve months count from nominal dates; the Longevity Credit falls on Annuity Anniversaries
"""

from valuation.clock import Day, completed_years, months_after
from valuation.compile import kernel, rule
from valuation.contract import Core, Layers, Life
from valuation.terms import PurchaseTerms

X_SERIES = 2


@kernel
def purchase_credit_rate(terms: PurchaseTerms, life: Life, today: int) -> float:
    """Purchase Credit as a fraction of a payment applied today.  Source: CR-1 (prospectus 2780-2804)."""
    if life.series != X_SERIES:
        return 0.0
    if completed_years(life.owner_birth, today) >= terms.credit_old_age:
        return terms.credit_rate_old
    return terms.credit_rate_early if life.issue < terms.credit_change else terms.credit_rate


@kernel
def settle_late_credits(terms: PurchaseTerms, layers: Layers, event: int) -> None:
    """Write which credits an event can take back: applied within twelve months before it, or after it.

    Exactly twelve months is within.  Source: CR-5, DB-19 (prospectus 479-493, 2827-2845).
    """
    months = int(terms.credit_recapture_months)
    for k in range(layers.used[0]):
        late = layers.credit[k] > 0.0 and months_after(layers.day[k], months) >= event
        layers.late[k] = layers.credit[k] if late else 0.0


@rule
def recoverable_credits(layers: Layers) -> float:
    """Late credits as applied, without gain or loss, USD.  Source: CR-4, CR-5 (prospectus 487-493, 2839-2845)."""
    credits = 0.0
    for k in range(layers.used[0]):
        credits += layers.late[k]
    return credits


@rule
def proportional_credits(core: Core, layers: Layers) -> float:
    """Late credits as they stand in a value that falls in proportion to withdrawals, USD.  Source: DB-15."""
    credits = 0.0
    for k in range(layers.used[0]):
        if layers.late[k] > 0.0 and layers.kept[k] > 0.0:
            credits += layers.late[k] * core.kept / layers.kept[k]
    return credits


@kernel
def longevity_credit(terms: PurchaseTerms, life: Life, core: Core, layers: Layers, day: Day, account: float) -> float:
    """Longevity Credit due on an Annuity Anniversary, USD.

    A share of the payments that have been in for more than nine years, less all withdrawals of the years ended.

    Source: LC-1, LC-2 (prospectus 494-498, 2747-2764).
    """
    if life.series != X_SERIES or day.anniversary == 0 or account <= 0.0:
        return 0.0
    if completed_years(life.issue, day.anniversary) < terms.longevity_first_anniversary:
        return 0.0
    old = 0.0
    for k in range(layers.used[0]):
        full = months_after(layers.day[k], 12 * int(terms.longevity_payment_years))
        if full < day.anniversary:
            old += layers.amount[k]
    return terms.longevity_rate * max(0.0, old - core.withdrawn_total)
