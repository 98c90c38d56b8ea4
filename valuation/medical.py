"""Medically-related surrender, of all or part: no CDSC and no maintenance fee, late Purchase Credits are taken back.

Provisions   SUR-2, SUR-3, CR-4, CR-5, CDSC-8 (prospectus 3293-3337, 479-486); constants terms/medical_surrender.toml
Readings     the day processed is the day of the request; a full request asks for the Account Value
             A-CR-4: a partial surrender takes back the share of the late credits that it is of the Account Value
             no Purchase Payment is accepted afterwards; to a living benefit it is a withdrawal like any other
"""

from valuation import death_guarantee, living
from valuation import journal as rows
from valuation.account import Account, capped, money, take, total, value
from valuation.charges import split_gross, surrender_charge, tax_charge
from valuation.compile import routine
from valuation.contract import CHARGED, PAID, SURRENDERED, Life
from valuation.credits import is_late, late_credits
from valuation.endings import close, end_benefit, surrender_value
from valuation.events import CONFINEMENT, FATAL_ILLNESS, Events
from valuation.failures import Reason
from valuation.journal import pay, refuse
from valuation.records import Contract, Facts, Records, change_contract
from valuation.terms import MedicalTerms, WithdrawalTerms
from valuation.withdrawals import after_withdrawal, free_withdrawal_left

MEDICAL_NOT_MET = int(Reason.MEDICAL_NOT_MET)
MEDICAL_TOO_LARGE = int(Reason.MEDICAL_TOO_LARGE)
TOO_LITTLE_LEFT = int(Reason.TOO_LITTLE_LEFT)
WITHDRAWAL_TOO_LARGE = int(Reason.WITHDRAWAL_TOO_LARGE)
WITHDRAWAL_TOO_SMALL = int(Reason.WITHDRAWAL_TOO_SMALL)
CLOSED = Life._fields.index("closed")


@routine
def contingency_met(terms: MedicalTerms, life: Life, ground: int, event: int, today: int) -> bool:
    """Whether a contingency event allows the surrender; ``event`` is the first day confined, or of the diagnosis.

    Source: SUR-2 (prospectus 3313-3333).
    """
    if event < life.issue or (life.entity == 1 and life.annuitant_since > event):
        return False
    if ground == CONFINEMENT:
        return today - event >= terms.confined_days
    return ground == FATAL_ILLNESS


@routine
def medical_refusal(
    medical: MedicalTerms, withdrawals: WithdrawalTerms, life: Life, events: Events, k: int, whole: float, today: int
) -> int:
    """Why a medically-related surrender is refused, 0 if it is not.  Source: SUR-2, WD-2 (prospectus 3308-3337)."""
    asked = events.amount[k]
    if not contingency_met(medical, life, events.choice[k], events.date[k], today):
        return MEDICAL_NOT_MET
    if (asked if asked > 0.0 else whole) > medical.most:
        return MEDICAL_TOO_LARGE
    if asked > whole:
        return WITHDRAWAL_TOO_LARGE
    return WITHDRAWAL_TOO_SMALL if 0.0 < asked < withdrawals.minimum else 0


@routine
def medical_surrender(
    records: Records, contract: Contract, facts: Facts, events: Events, k: int, compared: float
) -> Contract:
    """A medically-related surrender; an amount of 0 asks for all.

    ``compared``  Account Value compared today, with today's payments, USD

    Source: SUR-2, SUR-3, CR-4, CR-5 (prospectus 3293-3337).
    """
    terms, today = facts.terms, facts.day.today
    whole = total(value(records.book))
    reason = medical_refusal(terms.medical, terms.withdrawals, facts.life, events, k, whole, today)
    if reason:
        refuse(records.journal, k, reason)
        return contract
    asked = capped(events.amount[k], whole, terms.withdrawals.half_cent)
    if asked > 0.0 and asked < whole:
        return _in_part(records, contract, facts, k, asked, compared)
    contract = end_benefit(records, contract, facts, True)
    credits = late_credits(terms.purchase, records.layers, today).applied
    return close(records, contract, facts, rows.MEDICAL, SURRENDERED, credits)


@routine
def _in_part(records: Records, contract: Contract, facts: Facts, k: int, gross: float, compared: float) -> Contract:
    """Part of the Account Value; what is left must be enough, as after any withdrawal.  Source: SUR-3, WD-3."""
    core, income = contract.core, contract.income
    terms, layers, half_cent = facts.terms, records.layers, facts.terms.withdrawals.half_cent
    account = value(records.book)
    whole = total(account)
    in_force = income.stage == living.PRE or income.stage == living.POST
    if income.stage == living.PRE:
        income = living.begin(income, facts.income, compared, facts.day.today)
    free = free_withdrawal_left(terms.withdrawals, core, layers)
    payments = split_gross(layers, core.paid_out, free, 0.0, gross).payments
    after = change_contract(contract, core=after_withdrawal(core, gross, payments, whole), income=income)
    share = gross / whole
    left = Account(account.permitted * (1.0 - share), account.bond * (1.0 - share))
    charge = surrender_charge(layers, after.core.paid_out) + tax_charge(terms.jurisdictions, facts.life, layers)
    plan = terms.income[int(income.plan)]
    if surrender_value(after, facts, plan, left, charge) < terms.withdrawals.minimum_left:
        refuse(records.journal, k, TOO_LITTLE_LEFT)
        return contract
    death = death_guarantee.withdraw(contract.death, facts.death, gross, whole, half_cent)
    in_roll_up = death_guarantee.carried_on(contract.death, death)
    late = late_credits(terms.purchase, layers, facts.day.today).applied
    taken_back = min(gross, money(late * share, terms.cents))
    for j in range(layers.used[0]):
        # what is left of a credit stands as applied with what is left of the account
        if is_late(terms.purchase, layers, j, facts.day.today):
            layers.credit[j] *= 1.0 - share
            layers.kept[j] *= 1.0 - share
            layers.carried[j] *= in_roll_up
    take(records.book, records.journal, rows.MEDICAL, gross, account)
    records.cash[PAID] += gross - taken_back
    records.cash[CHARGED] += taken_back
    pay(records.journal, rows.MEDICAL, gross, taken_back, gross - taken_back)
    records.life[CLOSED] = facts.day.today
    if in_force:
        available = living.income_available(income, core, False)
        income = living.withdraw(income, available, gross, whole, half_cent)
    return change_contract(after, income=income, death=death)
