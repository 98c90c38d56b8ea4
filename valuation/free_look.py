"""The free look: the Owner returns the Annuity in the first days, and what is refunded by the rules of the place of issue.

Provisions   FL-1 to FL-5, CR-5 (prospectus 479-493, 598-603, 2675-2691, 2836-2845, 7936-7942); constants
             terms/jurisdictions.toml
Readings     A-CR-6: where payments are returned, credits lower the Account Value side alone; payments are those not yet
             withdrawn; nothing of the benefit's fee, of the CDSC or of the maintenance fee is taken
Not covered  insurance charges that some states return; income tax withholding
"""

from valuation import journal as rows
from valuation.account import money, post, total, value
from valuation.compile import routine, rule
from valuation.contract import CHARGED, GUARANTEED_PAID, PAID, SURRENDERED, Layers, Life, change_core
from valuation.endings import end_benefit
from valuation.journal import pay
from valuation.records import Contract, Facts, Records, change_contract
from valuation.terms import JurisdictionTerms


@rule
def free_look_refund(terms: JurisdictionTerms, life: Life, layers: Layers, withdrawn: float, account: float) -> float:
    """What a cancelled Annuity returns, USD; every Purchase Credit is kept back as applied.

    ``withdrawn``  gross withdrawals since issue, USD
    ``account``    Account Value on the day priced, USD

    Source: FL-2 to FL-5, CR-5 (prospectus 2681-2691, 7936-7942, 479-493).
    """
    paid, credits = 0.0, 0.0
    for k in range(layers.used[0]):
        paid += layers.amount[k]
        credits += layers.credit[k]
    refund = max(0.0, account - credits)
    payments = max(0.0, paid - withdrawn)
    if terms.returns_payments[life.jurisdiction] > 0.0:
        return max(refund, payments)
    return payments if life.qualified else refund


@routine
def cancel(records: Records, contract: Contract, facts: Facts) -> Contract:
    """Return of the Annuity within the right to cancel; that it is in time is checked when it is received.

    Source: FL-1 to FL-5 (prospectus 598-603, 2675-2691).
    """
    contract = end_benefit(records, contract, facts, False)
    whole = total(value(records.book))
    refund = free_look_refund(
        facts.terms.jurisdictions, facts.life, records.layers, contract.core.withdrawn_total, whole
    )
    refund = money(refund, facts.terms.cents)
    post(records.book, records.journal, rows.FREE_LOOK, 0.0, 0.0, 0.0, 0.0)
    records.cash[PAID] += min(refund, whole)
    records.cash[GUARANTEED_PAID] += max(0.0, refund - whole)
    records.cash[CHARGED] += max(0.0, whole - refund)
    pay(records.journal, rows.FREE_LOOK, whole, max(0.0, whole - refund), refund)
    return change_contract(contract, core=change_core(contract.core, status=float(SURRENDERED)))
