"""How a benefit or a contract ends, and what is paid: termination, surrender, annuitisation, death, exhaustion.

Provisions   GEN-7, SUR-1, ANN-1, ANN-3, DB-2, DB-20, SPO-1, HD7-12, HD7-13, HD7-16, SHD7-4, SHD7-7, SHD7-8 (prospectus
             3097-3099, 3271-3285, 5894-5947, 6064-6086, 6748-6774, 6917-6952, 7393-7410)
Readings     README decisions 12 and 14 of the specification; A-13, A-27, A-35
"""

from typing import Any

from valuation import death_guarantee, living
from valuation import journal as rows
from valuation.account import Account, capped, money, post, take, total, value
from valuation.charges import maintenance_fee, surrender_charge, tax_charge
from valuation.compile import routine, rule
from valuation.contract import (
    ANNUITISED,
    BENEFIT_FEES,
    CHARGED,
    DIED,
    EXHAUSTED,
    GUARANTEED_PAID,
    OTHER_FEES,
    PAID,
    PAYOUT,
    SURRENDERED,
    Life,
    change_core,
)
from valuation.credits import late_credits
from valuation.death_benefit import is_suspended
from valuation.events import (
    ANNUITIZATION,
    SPOUSAL_CONTINUATION,
    SURRENDER,
    Events,
)
from valuation.failures import Reason
from valuation.fixed_money import cancel_fixed
from valuation.journal import pay, refuse
from valuation.programme_state import end_programmes
from valuation.records import Contract, Facts, Records, change_contract, life_from

ANNUITIZATION_TOO_EARLY = int(Reason.ANNUITIZATION_TOO_EARLY)

OWNER_SINCE, ANNUITANT_SINCE = Life._fields.index("owner_since"), Life._fields.index("annuitant_since")
"""Places of a contract's Life."""

FIRST_ANNUITY_YEARS = 3
"""Annuitisation is possible from this anniversary on (ANN-1)."""


@rule
def surrender_value(contract: Contract, facts: Facts, plan: Any, account: Account, charge: float) -> float:
    """Surrender Value, unrounded, USD.

    plan    terms of the contract's benefit
    charge  Contingent Deferred Sales Charge and Tax Charge of a full surrender today, USD

    Source: GEN-7, CDSC-7, FEE-5, FEE-9 (prospectus 650-655, 2429-2436, 3097-3099, 7461-7464).
    """
    whole, income = total(account), contract.income
    accrued = 0.0
    if income.stage == living.PRE or income.stage == living.POST:
        accrued = min(living.accrued_fee(income, plan, facts.income, whole, facts.day.today), whole)
    fee = (
        0.0
        if facts.day.anniversary
        else maintenance_fee(facts.terms.charges, whole, living.charged_on_surrender(income, account) - accrued)
    )
    return max(0.0, whole - accrued - charge - fee)


@rule
def account_at_death(contract: Contract, facts: Facts, plan: Any, account: float) -> float:
    """Account Value that the Death Benefit is compared with, USD: after a benefit's fee, where death does not waive it.

    Source: GMIB-14, README decision 9 (prospectus 4168-4170).
    """
    income = contract.income
    if living.charged_at_death(income) and (income.stage == living.PRE or income.stage == living.POST):
        fee = living.accrued_fee(income, plan, facts.income, account, facts.day.today)
        return max(0.0, account - money(fee, facts.terms.cents))
    return account


@routine
def take_accrued_fee(records: Records, contract: Contract, facts: Facts) -> None:
    """Take the benefit's fee of the part of a period from every Sub-account.  Source: HD7-16, GMIB-14."""
    income, account = contract.income, value(records.book)
    whole = total(account)
    if whole > 0.0:
        plan = facts.terms.income[int(income.plan)]
        fee = money(living.accrued_fee(income, plan, facts.income, whole, facts.day.today), facts.terms.cents)
        fee = capped(min(fee, whole), whole, facts.terms.withdrawals.half_cent)
        if fee > 0.0:
            take(records.book, records.journal, rows.BENEFIT_FEE, fee, account)
            records.cash[BENEFIT_FEES] += fee


@routine
def end_benefit(records: Records, contract: Contract, facts: Facts, fee_due: bool) -> Contract:
    """End the living benefit: accrued fee, then the bond Sub-account goes to the Permitted ones by instructions.

    Source: HD7-16, SHD7-7, A-35 (prospectus 6064-6086, 6748-6774).
    """
    income = contract.income
    if income.stage == living.NONE or income.stage == living.ENDED:
        return contract
    if fee_due:
        take_accrued_fee(records, contract, facts)
    account = value(records.book)
    if account.bond > 0.0:
        post(records.book, records.journal, rows.BENEFIT_END, 1.0, 0.0, account.bond, 0.0)
    return change_contract(contract, income=living.end(income, facts.day.today))


@routine
def collect_tax(records: Records, facts: Facts) -> None:
    """Take the Tax Charge from every Sub-account.  Source: FEE-9, ANN-3 (prospectus 2429-2436, 2516-2521)."""
    account = value(records.book)
    tax = money(tax_charge(facts.terms.jurisdictions, facts.life, records.layers), facts.terms.cents)
    tax = min(tax, total(account))
    if tax > 0.0:
        take(records.book, records.journal, rows.TAX_CHARGE, tax, account)
        records.cash[OTHER_FEES] += tax


@routine
def close(records: Records, contract: Contract, facts: Facts, kind: int, status: int, charge: float) -> Contract:
    """Pay the Account Value less ``charge`` and end the contract."""
    whole = total(value(records.book))
    charge = min(charge, whole)
    paid = money(whole - charge, facts.terms.cents)
    post(records.book, records.journal, kind, 0.0, 0.0, 0.0, 0.0)
    records.cash[PAID] += paid
    records.cash[CHARGED] += whole - paid
    pay(records.journal, kind, whole, whole - paid, paid)
    return change_contract(contract, core=change_core(contract.core, status=float(status)))


@routine
def surrender(records: Records, contract: Contract, facts: Facts) -> Contract:
    """Full surrender: accrued benefit fee, Annual Maintenance Fee, Tax Charge, CDSC.

    The fee's threshold is tested before the accrued benefit fee, its share is of what that fee leaves.

    Source: SUR-1, CDSC-7, FEE-5, FEE-9, README decision 14 (prospectus 2407-2425, 3271-3285).
    """
    tested = total(value(records.book))
    contract = end_benefit(records, contract, facts, True)
    core, terms, day = contract.core, facts.terms.charges, facts.day
    account = value(records.book)
    whole = total(account)
    base = living.charged_on_surrender(contract.income, account)
    fee = 0.0 if day.anniversary else money(maintenance_fee(terms, tested, base), facts.terms.cents)
    fee = min(fee, whole)
    if fee > 0.0:
        take(records.book, records.journal, rows.MAINTENANCE, fee, account)
        records.cash[OTHER_FEES] += fee
    collect_tax(records, facts)
    charge = surrender_charge(records.layers, core.paid_out)
    return close(records, contract, facts, rows.SURRENDER, SURRENDERED, charge)


@routine
def annuitise(
    records: Records, contract: Contract, facts: Facts, by_benefit: bool, joint_birth: int, joint_sex: int, k: int
) -> Contract:
    """Apply the Account Value to an annuity option, or take annuity payments under the benefit.

    by_benefit   the request names the benefit: its payments, or its Annual Income Amount kept as annuity payments
    joint_birth  of the Joint Annuitant, `living.NO_JOINT` if none is named

    Source: ANN-1, ANN-3, HD7-13, HD7-16, DB-22, A-13, GMIB-10, GMIB-14 (prospectus 2516-2521, 4028-4041, 4186-4193,
    5911-5947, 7233-7234).
    """
    if facts.day.years < FIRST_ANNUITY_YEARS:
        refuse(records.journal, k, ANNUITIZATION_TOO_EARLY)
        return contract
    income = contract.income
    plan = facts.terms.income[int(income.plan)]
    if by_benefit and living.keeps_income(income):
        reason = living.annuity_refusal(income, plan, facts.life, facts.day)
        if reason:
            refuse(records.journal, k, reason)
            return contract
    contract = change_contract(contract, death=death_guarantee.end(contract.death, facts.day.today))
    if by_benefit and living.keeps_income(income):
        return _take_benefit(records, contract, facts, joint_birth, joint_sex)
    contract = end_benefit(records, contract, facts, living.fee_on_annuitisation(income, plan))
    collect_tax(records, facts)
    return close(records, contract, facts, rows.ANNUITISATION, ANNUITISED, 0.0)


@routine
def _take_benefit(records: Records, contract: Contract, facts: Facts, joint_birth: int, joint_sex: int) -> Contract:
    """Annuity payments under the benefit begin; the Account Value stays with the insurer.

    Source: HD7-13, GMIB-11, GMIB-12, GMIB-14 (prospectus 4047-4090, 4186-4193, 5911-5947).
    """
    income, day, terms, tax = contract.income, facts.day, facts.terms, 0.0
    if living.charged_at_annuity(income):
        take_accrued_fee(records, contract, facts)
        tax = money(tax_charge(terms.jurisdictions, facts.life, records.layers), terms.cents)
    whole = total(value(records.book))
    annuity = living.Annuity(whole, tax, joint_birth, joint_sex, terms.cents)
    plan = terms.income[int(income.plan)]
    income = living.begin_annuity(income, plan, facts.income, facts.life, annuity, day)
    if living.charged_at_annuity(income):
        collect_tax(records, facts)
        whole = total(value(records.book))
    post(records.book, records.journal, rows.ANNUITISATION, 0.0, 0.0, 0.0, 0.0)
    pay(records.journal, rows.ANNUITISATION, whole, whole, 0.0)
    income, first = living.first_payment(income, day, terms.cents, terms.withdrawals.half_cent)
    if first > 0.0:
        records.cash[GUARANTEED_PAID] += first
        pay(records.journal, rows.GUARANTEED, first, 0.0, first)
    return change_contract(contract, core=change_core(contract.core, status=float(PAYOUT)), income=income)


@routine
def death_benefit_due(records: Records, contract: Contract, facts: Facts, death: int) -> float:
    """The Death Benefit on due proof today of a death on day ``death``, USD.  Source: DB-2, DB-20 (prospectus 6932-6952)."""
    late = late_credits(facts.terms.purchase, records.layers, death)
    suspended = is_suspended(facts.terms.designations, facts.life, death)
    rolled = death_guarantee.rolled_credits(contract.death, facts.terms, records.layers, death)
    whole = total(value(records.book))
    payable = death_guarantee.payable(contract.death, contract.core, late, rolled, whole, suspended)
    return money(payable, facts.terms.cents)


@routine
def settle_death(records: Records, contract: Contract, facts: Facts, death: int, continues: bool) -> Contract:
    """Due proof of death: the Death Benefit is paid, or becomes the Account Value of a continuing spouse.

    A spouse's new Account Value is the initial Purchase Payment of later Death Benefits and bears no CDSC; two
    designated lives keep their benefit, a single life's ends without an accrued fee.  He is Owner by the Owner's death:
    no suspension.

    Source: DB-2, DB-20, DB-24, SPO-1, HD7-16, SHD7-7, SHD7-8 (prospectus 6932-6952, 7393-7410, 6748-6774).
    """
    if living.charged_at_death(contract.income) and not (continues and living.goes_on(contract.income)):
        contract = end_benefit(records, contract, facts, True)
    core, income = contract.core, contract.income
    whole, benefit = total(value(records.book)), death_benefit_due(records, contract, facts, death)
    if continues:
        if living.goes_on(income):
            income = living.lose_life(income)
        else:
            income = living.for_new_owner(end_benefit(records, contract, facts, False).income)
        if benefit > whole:
            post(records.book, records.journal, rows.CONTINUATION, 1.0, 1.0, benefit - whole, 0.0)
        elif benefit < whole:
            take(records.book, records.journal, rows.CONTINUATION, whole - benefit, value(records.book))
        records.cash[GUARANTEED_PAID] += max(0.0, benefit - whole)
        records.cash[CHARGED] += max(0.0, whole - benefit)
        paid_out = 0.0
        for j in range(records.layers.used[0]):
            paid_out += records.layers.amount[j]
            records.layers.credit[j] = 0.0
        end_programmes(records.programmes)
        cancel_fixed(records.fixed, records.book, records.journal)
        records.life[OWNER_SINCE] = records.life[ANNUITANT_SINCE] = 0
        core = change_core(core, basic=benefit, paid_out=paid_out, paid_out_start=paid_out, kept=1.0)
        assumed = death_guarantee.assume(contract.death, facts.terms, life_from(records.life), benefit, facts.day.today)
        return change_contract(contract, core=core, income=income, death=assumed)
    contract = end_benefit(records, contract, facts, False)
    post(records.book, records.journal, rows.DEATH, 0.0, 0.0, 0.0, 0.0)
    records.cash[PAID] += min(benefit, whole)
    records.cash[GUARANTEED_PAID] += max(0.0, benefit - whole)
    records.cash[CHARGED] += max(0.0, whole - benefit)
    pay(records.journal, rows.DEATH, whole, max(0.0, whole - benefit), benefit)
    return change_contract(contract, core=change_core(core, status=float(DIED)))


@routine
def exhaust(
    records: Records, contract: Contract, facts: Facts, compared: float, by_withdrawal: bool, required: bool
) -> Contract:
    """The Account Value has reached zero: guaranteed payments begin, or the contract ends.

    Source: HD7-12, SHD7-4, C-24, A-27 (prospectus 5894-5910, 6549-6567).
    """
    core, income = contract.core, contract.income
    ended = living.exhaust(
        income, facts.income, core, compared, by_withdrawal, required, facts.terms.withdrawals.half_cent,
        facts.terms.cents, facts.day.today,
    )  # fmt: skip
    if ended.now > 0.0:
        records.cash[GUARANTEED_PAID] += ended.now
        pay(records.journal, rows.GUARANTEED, ended.now, 0.0, ended.now)
    status = float(PAYOUT) if ended.pays else float(EXHAUSTED)
    return change_contract(contract, core=change_core(core, status=status), income=ended.income)


@routine
def end_contract(records: Records, contract: Contract, facts: Facts, events: Events, k: int) -> Contract:
    """Surrender, annuitisation or death.  Source: README decision 3, step 11."""
    kind = events.kind[k]
    if kind == SURRENDER:
        return surrender(records, contract, facts)
    if kind == ANNUITIZATION:
        if events.date[k] > 0 and events.date[k] != facts.life.annuity_date:
            return contract  # a latest Annuity Date that a change of Owner or Annuitant has moved
        return annuitise(records, contract, facts, events.choice[k] >= 0, events.target[k], events.source[k], k)
    return settle_death(records, contract, facts, events.date[k], kind == SPOUSAL_CONTINUATION)
