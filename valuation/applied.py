"""Where the money is not paid over: applied to an annuity option, or left in the Annuity for a Beneficiary.

The contract's own days end here; those that follow are in `valuation.settlement_days`.

Provisions   ANN-1, ANN-3, ANN-4, ANN-6, ANN-8, HD7-13, HD-14, TI-13, TIS-7, DB-2, BCO-1, BCO-2 (prospectus 2516-2521,
             3372-3438, 4524-4561, 4846-4869, 5911-5947, 7338-7376)
Readings     A-CDSC-5: no CDSC on annuitization
             what a row of the payments says of an amount applied: ``gross`` is the amount, nothing is kept, nothing paid
             a benefit's fee of the part of a period is taken as where the Account Value is paid over
"""

from valuation import death_guarantee, living
from valuation import journal as rows
from valuation.account import post, take, total, value
from valuation.annuity_options import FIXED_PERIOD, INTEREST, may_choose
from valuation.charges import surrender_charge
from valuation.compile import routine
from valuation.contract import ANNUITY, CHARGED, CONTINUED, GUARANTEED_PAID, PAYOUT, change_core
from valuation.endings import (
    ANNUITIZATION_TOO_EARLY,
    FIRST_ANNUITY_YEARS,
    annuitise,
    collect_tax,
    death_benefit_due,
    end_benefit,
    end_contract,
)
from valuation.events import (
    ANNUITIZATION,
    DEATH,
    FIRST_REFUSED,
    FIRST_SETTLEMENT,
    FIVE_YEARS,
    LIFE_EXPECTANCY,
    NO_ELECTION,
    WITHDRAWAL_AMOUNT,
    Events,
)
from valuation.failures import Reason
from valuation.journal import pay, refuse
from valuation.programme_state import end_programmes
from valuation.records import Contract, Facts, Records, change_contract
from valuation.terms.benefits import load_annuity_option_terms

NO_PAYMENT_CHOICE, OPTION_CHARGED = int(Reason.NO_PAYMENT_CHOICE), int(Reason.OPTION_CHARGED)
_OPTIONS = load_annuity_option_terms()


@routine
def end_or_settle(records: Records, contract: Contract, facts: Facts, events: Events, k: int) -> Contract:
    """Surrender, annuitisation or death: the contract ends, or goes on in the way that was chosen.

    Source: README decision 3, step 11; ANN-3, BCO-1 (prospectus 2516-2521, 3340-3438, 7338-7382).
    """
    kind, choice = events.kind[k], events.choice[k]
    if choice < FIRST_SETTLEMENT or (kind != ANNUITIZATION and kind != DEATH):
        return end_contract(records, contract, facts, events, k)
    if choice >= FIRST_REFUSED:
        refuse(records.journal, k, choice - FIRST_REFUSED)
        return contract
    if kind == DEATH:
        return _settle_with_beneficiary(records, contract, facts, events.date[k], choice - FIRST_SETTLEMENT)
    if events.date[k] > 0 and events.date[k] != facts.life.annuity_date:
        return contract  # a latest Annuity Date that a change of Owner or Annuitant has moved
    return _annuitise_by(records, contract, facts, choice - FIRST_SETTLEMENT, events.amount[k], k)


@routine
def _annuitise_by(records: Records, contract: Contract, facts: Facts, option: int, years: float, k: int) -> Contract:
    """Annuity payments by an option; ``years`` of a fixed period.

    Nothing chosen under a benefit: its values of today are kept for the annuity that it provides then.

    Source: ANN-1, ANN-3, ANN-4, ANN-6, HD7-13, HD-14, TI-13, TIS-7 (prospectus 3372, 3398-3401, 3421-3426, 4524-4561).
    """
    if facts.day.years < FIRST_ANNUITY_YEARS:
        refuse(records.journal, k, ANNUITIZATION_TOO_EARLY)
        return contract
    income = contract.income
    plan = facts.terms.income[int(income.plan)]
    if option == WITHDRAWAL_AMOUNT:
        return _keep_withdrawals(records, contract, facts, k)
    if option == NO_ELECTION and living.default_certain(income, plan) > 0.0 and living.keeps_income(income):
        contract = annuitise(records, contract, facts, True, living.NO_JOINT, 0, k)
        return change_contract(contract, core=change_core(contract.core, status=float(ANNUITY)))
    charge = surrender_charge(records.layers, contract.core.paid_out)
    limited = option in (FIXED_PERIOD, INTEREST)
    if limited and charge > 0.0 and not may_choose(_OPTIONS, option, years, years, charge, False):
        refuse(records.journal, k, OPTION_CHARGED)
        return contract
    contract = change_contract(contract, death=death_guarantee.end(contract.death, facts.day.today))
    contract = end_benefit(records, contract, facts, living.fee_on_annuitisation(income, plan))
    collect_tax(records, facts)
    whole = total(value(records.book))
    post(records.book, records.journal, rows.ANNUITISATION, 0.0, 0.0, 0.0, 0.0)
    pay(records.journal, rows.ANNUITISATION, whole, 0.0, 0.0)
    return change_contract(contract, core=change_core(contract.core, status=float(ANNUITY)))


@routine
def _keep_withdrawals(records: Records, contract: Contract, facts: Facts, k: int) -> Contract:
    """The Annual Withdrawal Amount as annuity payments; the Account Value stays with the insurer.

    Source: TI-13 (prospectus 4536-4544).
    """
    whole = total(value(records.book))
    kept = living.keep_withdrawals(contract.income, facts.income, whole, facts.day.today)
    if kept.stage != living.PAYING:
        refuse(records.journal, k, NO_PAYMENT_CHOICE)
        return contract
    post(records.book, records.journal, rows.ANNUITISATION, 0.0, 0.0, 0.0, 0.0)
    pay(records.journal, rows.ANNUITISATION, whole, whole, 0.0)
    ended = death_guarantee.end(contract.death, facts.day.today)
    return change_contract(contract, core=change_core(contract.core, status=float(PAYOUT)), income=kept, death=ended)


@routine
def _settle_with_beneficiary(records: Records, contract: Contract, facts: Facts, death: int, option: int) -> Contract:
    """Due proof of death with the Beneficiary's choice: the Death Benefit buys an annuity, or becomes his Account Value.

    What the Death Benefit exceeds the Account Value by goes by the allocation instructions; benefits and programmes end.

    Source: DB-2, BCO-1, BCO-2, ANN-8 (prospectus 7338-7376).
    """
    if living.charged_at_death(contract.income):
        contract = end_benefit(records, contract, facts, True)
    benefit = death_benefit_due(records, contract, facts, death)
    contract = end_benefit(records, contract, facts, False)
    whole = total(value(records.book))
    goes_on = option in (FIVE_YEARS, LIFE_EXPECTANCY)
    if not goes_on:
        post(records.book, records.journal, rows.DEATH, 0.0, 0.0, 0.0, 0.0)
    elif benefit > whole:
        post(records.book, records.journal, rows.BENEFICIARY_ACCOUNT, 1.0, 1.0, benefit - whole, 0.0)
    elif benefit < whole:
        take(records.book, records.journal, rows.BENEFICIARY_ACCOUNT, whole - benefit, value(records.book))
    records.cash[GUARANTEED_PAID] += max(0.0, benefit - whole)
    records.cash[CHARGED] += max(0.0, whole - benefit)
    pay(records.journal, rows.DEATH, benefit, 0.0, 0.0)
    end_programmes(records.programmes)
    ended = death_guarantee.end(contract.death, facts.day.today)
    core = change_core(contract.core, status=float(CONTINUED if goes_on else ANNUITY))
    return change_contract(contract, core=core, death=ended)
