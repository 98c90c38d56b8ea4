"""Checks that may not have cleared: what of a payment to the Owner or Beneficiary may wait for them.

Nothing of the valuation changes: the request is priced, and only its payment waits.

Provisions   SUP-1 (supplement 9); constants terms/purchase.toml
Readings     A-SUP-1: that the supplement binds this Annuity is doubtful, so that only payments the company flags are held
             a payment from a contract is taken to be attributable to its uncleared checks first
"""

from typing import NamedTuple

from valuation.compile import routine
from valuation.contract import Layers
from valuation.terms import PurchaseTerms


class Hold(NamedTuple):
    """What waits, and how long."""

    amount: float  # USD
    through: int  # last day of the deferral, 0 for none


@routine
def hold_check(terms: PurchaseTerms, layers: Layers, row: int, today: int) -> None:
    """Note that the payment of ``row``, applied today, was made by an uncleared check.  Source: SUP-1 (supplement 9)."""
    layers.held[row] = today + int(terms.check_hold_days)


@routine
def hold(layers: Layers, paid: float, today: int) -> Hold:
    """Part of ``paid`` that may be deferred today, USD.  Source: SUP-1 (supplement 9)."""
    uncleared, through = 0.0, 0
    for k in range(layers.used[0]):
        if layers.day[k] <= today <= layers.held[k]:
            uncleared += layers.amount[k]
            through = max(through, layers.held[k])
    return Hold(min(paid, uncleared), through if paid > 0.0 else 0)
