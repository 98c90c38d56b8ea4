"""Charges against the Annuity: Contingent Deferred Sales Charge, Annual Maintenance Fee, Transfer Fee, Tax Charge.

Provisions   FEE-4 to FEE-6, FEE-9, CDSC-1 to CDSC-9 (prospectus 730-807, 2350-2425, 3147-3164); constants terms/charges.toml,
             terms/jurisdictions.toml
Clock        a CDSC Year counts from the date of each payment; the fee falls on the anniversary of the Issue Date
"""

from typing import NamedTuple

from valuation.clock import completed_years
from valuation.compile import routine, rule
from valuation.contract import Layers, Life
from valuation.terms import ChargeTerms, JurisdictionTerms


class Split(NamedTuple):
    """How a withdrawal is made up, USD."""

    gross: float  # leaves the Account Value
    charge: float  # Contingent Deferred Sales Charge, part of `gross`
    payments: float  # Purchase Payments withdrawn, part of `gross`


@routine
def surrender_charge_rate(terms: ChargeTerms, series: int, payment_day: int, today: int) -> float:
    """CDSC percentage of one Purchase Payment; the day before an anniversary belongs to the next CDSC Year.

    Source: CDSC-1, CDSC-2 (prospectus 737-762, 2356-2360).
    """
    rate: float = terms.surrender_charge[series][min(completed_years(payment_day, today + 1), 9)]
    return rate


@routine
def settle_rates(terms: ChargeTerms, series: int, layers: Layers, today: int) -> None:
    """Write today's CDSC percentage of every payment; the same for all lanes of a contract."""
    for k in range(layers.used[0]):
        layers.rate[k] = surrender_charge_rate(terms, series, layers.day[k], today)


@rule
def split_gross(layers: Layers, paid_out: float, free: float, exempt: float, amount: float) -> Split:
    """Split a gross withdrawal: Free Withdrawal amount, payments oldest first, other value.

    ``free``      what is left of the Free Withdrawal amount, USD; it does not use up Purchase Payments
    ``exempt``    first dollars that bear no charge (Required Minimum Distribution), USD
    ``paid_out``  Purchase Payments withdrawn before, USD

    Source: CDSC-4, CDSC-5, RMD-4 (prospectus 2367-2372, 3147-3162).
    """
    need = amount - min(amount, free)
    exempt -= min(amount, free)
    charge = 0.0
    taken = 0.0
    before = paid_out
    for k in range(layers.used[0]):
        used = min(before, layers.amount[k])
        before -= used
        part = min(layers.amount[k] - used, need)
        charged = part - min(part, max(exempt, 0.0))
        charge += charged * layers.rate[k]
        exempt -= part
        need -= part
        taken += part
    return Split(amount, charge, taken)


@rule
def split_net(layers: Layers, paid_out: float, free: float, exempt: float, amount: float) -> Split:
    """Split a withdrawal of which the Owner receives ``amount``: the charge itself is withdrawn and charged.

    Source: CDSC-6 (prospectus 3159-3164).
    """
    first = min(amount, free)
    need = amount - first
    exempt -= first
    charge = 0.0
    taken = 0.0
    before = paid_out
    for k in range(layers.used[0]):
        used = min(before, layers.amount[k])
        before -= used
        left = layers.amount[k] - used
        rate = layers.rate[k]
        waived = min(min(left, need), max(exempt, 0.0))
        part = min(left - waived, (need - waived) / (1.0 - rate))
        charge += part * rate
        exempt -= waived
        need -= waived + part * (1.0 - rate)
        taken += waived + part
    return Split(amount + charge, charge, taken)


class Left(NamedTuple):
    """One Purchase Payment when earlier withdrawals have been counted, oldest payment first; USD."""

    before: float  # withdrawn, and not from this payment
    amount: float  # of this payment, not withdrawn


@rule
def payment_left(amount: float, before: float) -> Left:
    """What withdrawals of ``before`` leave of a payment.  Source: CDSC-4 (prospectus 2367-2372)."""
    used = min(before, amount)
    return Left(before - used, amount - used)


@rule
def surrender_charge(layers: Layers, paid_out: float) -> float:
    """CDSC of a full surrender: every payment not yet withdrawn, no Free Withdrawal amount.  Source: CDSC-7."""
    charge = 0.0
    before = paid_out
    for k in range(layers.used[0]):
        left = payment_left(layers.amount[k], before)
        before = left.before
        charge += left.amount * layers.rate[k]
    return charge


@rule
def maintenance_fee(terms: ChargeTerms, account: float, sub_accounts: float) -> float:
    """Annual Maintenance Fee: nothing from the threshold on; else a flat amount, at most a share of the Sub-accounts.

    Source: FEE-5, FEE-6 (prospectus 803-807, 2407-2425).
    """
    if account >= terms.maintenance_free_from:
        return 0.0
    return min(terms.maintenance_fee, terms.maintenance_share * sub_accounts)


@rule
def tax_charge(terms: JurisdictionTerms, life: Life, layers: Layers) -> float:
    """Tax Charge on Purchase Payments, due on a full surrender and on annuitisation, USD.  Source: FEE-9, A-FEE-8."""
    paid = 0.0
    for k in range(layers.used[0]):
        paid += layers.amount[k]
    return terms.tax_charge[life.jurisdiction] * paid


@rule
def transfer_fee(terms: ChargeTerms, transfers: float) -> float:
    """Fee for the ``transfers``-th countable transfer of an Annuity Year.  Source: FEE-4 (prospectus 773-783)."""
    return terms.transfer_fee if transfers > terms.free_transfers else 0.0
