"""What an Owner may ask for, and what the contract answers: payments, elections, transfers, withdrawals, the end.

A request that the contract forbids is refused with its reason and changes nothing.

Provisions   PUR-2, PUR-3, PUR-6, CR-1, EL-6 to EL-10, TR-1, TR-2, WD-2, WD-3, SUR-1, ANN-1, DB-2, SPO-1, HD7-16 (prospectus
             2696-2745, 3097-3305, 6077-6086, 7393-7410)
Readings     README decisions 10 to 14 and 16 of the specification
"""

from valuation import death_guarantee, living
from valuation import journal as rows
from valuation.account import Account, Book, capped, instruct_allocation, money, move, post, take, total, value
from valuation.charges import (
    Split,
    settle_rates,
    split_gross,
    split_net,
    surrender_charge,
    tax_charge,
    transfer_fee,
)
from valuation.clock import civil, completed_years
from valuation.compile import routine, rule
from valuation.contract import (
    ACTIVE,
    ADDED,
    CHARGED,
    OTHER_FEES,
    PAID,
    RECEIVED,
    Layers,
    change_core,
)
from valuation.credits import purchase_credit_rate
from valuation.death_benefit_choices import permitted
from valuation.eligibility import designation_refusal, known_designations
from valuation.endings import surrender_value
from valuation.events import (
    APPROVED,
    AUTO_STEP_UP,
    ISSUE,
    NO_AUTO_STEP_UP,
    RMD_WITHDRAWAL,
    STEP_UP,
    UNCLEARED,
    Assumed,
    Events,
)
from valuation.events import INCOME as INCOME_WITHDRAWAL
from valuation.failures import Reason
from valuation.fixed_requests import (
    election_refusal,
    enhanced_part,
    instructions_refusal,
    move_fixed,
    payment_refusal,
    take_in,
)
from valuation.holds import hold_check
from valuation.journal import pay, refuse
from valuation.records import Contract, Facts, Records, change_contract
from valuation.restrictions import restriction, watch_transfer
from valuation.withdrawals import after_withdrawal, distribution_due, free_withdrawal_left

ANNUITIZATION_TOO_EARLY = int(Reason.ANNUITIZATION_TOO_EARLY)
DEATH_BENEFIT_EXCLUDED = int(Reason.DEATH_BENEFIT_EXCLUDED)
BENEFIT_IN_FORCE = int(Reason.BENEFIT_IN_FORCE)
BENEFIT_ONLY = int(Reason.BENEFIT_ONLY_SUB_ACCOUNT)
ENDED = int(Reason.CONTRACT_ENDED)
IN_PAYOUT = int(Reason.IN_PAYOUT)
INITIAL_PAYMENT_TOO_SMALL = int(Reason.INITIAL_PAYMENT_TOO_SMALL)
ISSUE_AGE = int(Reason.ISSUE_AGE)
LARGE_PAYMENT = int(Reason.LARGE_PAYMENT)
NO_ACCOUNT_VALUE = int(Reason.NO_ACCOUNT_VALUE)
NO_BENEFIT = int(Reason.NO_BENEFIT_IN_FORCE)
NOT_IN_GOOD_ORDER = int(Reason.NOT_IN_GOOD_ORDER)
NO_PAYMENT_CHOICE = int(Reason.NO_PAYMENT_CHOICE)
NO_VALUE = int(Reason.NO_VALUE_TO_GUARANTEE)
PAYMENTS_CLOSED = int(Reason.PAYMENTS_CLOSED)
PAYMENT_TOO_LATE = int(Reason.PAYMENT_TOO_LATE)
PAYMENT_TOO_SMALL = int(Reason.PAYMENT_TOO_SMALL)
TOO_LITTLE_LEFT = int(Reason.TOO_LITTLE_LEFT)
TRANSFER_FROM_EMPTY = int(Reason.TRANSFER_FROM_EMPTY)
TRANSFER_TO_ITSELF = int(Reason.TRANSFER_TO_ITSELF)
TRANSFER_TOO_LARGE = int(Reason.TRANSFER_TOO_LARGE)
WITHDRAWAL_TOO_LARGE = int(Reason.WITHDRAWAL_TOO_LARGE)
WITHDRAWAL_TOO_SMALL = int(Reason.WITHDRAWAL_TOO_SMALL)


@rule
def paid_in(layers: Layers) -> float:
    """Purchase Payments received so far, USD.  Source: PUR-3, PUR-5."""
    paid = 0.0
    for k in range(layers.used[0]):
        paid += layers.amount[k]
    return paid


@routine
def pay_in(records: Records, contract: Contract, facts: Facts, events: Events, k: int) -> Contract:
    """Apply a Purchase Payment with its credit; the first one issues the contract.

    A payment that brings the sum of payments to the limit needs the company's approval.

    Source: PUR-1 to PUR-4, PUR-6, SUP-1, SUR-2, CR-1, CR-2, TXN-4, TXN-7 (prospectus 507-519, 2554-2561, 2696-2745, 2780-2820).
    """
    core, income = contract.core, contract.income
    terms, life, today = facts.terms.purchase, facts.life, facts.day.today
    amount = events.amount[k]
    age = completed_years(life.owner_birth, today)
    first = events.kind[k] == ISSUE
    if first and (amount < terms.minimum_initial[life.series] or age > terms.maximum_issue_age[life.series]):
        small = amount < terms.minimum_initial[life.series]
        refuse(records.journal, k, INITIAL_PAYMENT_TOO_SMALL if small else ISSUE_AGE)
        return contract
    if not first and (amount < terms.minimum_additional or age > terms.last_age):
        refuse(records.journal, k, PAYMENT_TOO_SMALL if amount < terms.minimum_additional else PAYMENT_TOO_LATE)
        return contract
    if facts.life.closed:
        refuse(records.journal, k, PAYMENTS_CLOSED)
        return contract
    if events.target[k] != APPROVED and paid_in(records.layers) + amount >= terms.approval_from:
        refuse(records.journal, k, LARGE_PAYMENT)
        return contract
    reason = payment_refusal(records.fixed, records, contract, events, k)
    if reason:
        refuse(records.journal, k, reason)
        return contract
    book = records.book
    if first:
        income = living.instructed(income, events.weights[k, events.weights.shape[1] - 1])
        instruct_allocation(book, events.weights[k])
        core = change_core(core, status=float(ACTIVE))
    elif events.weights[k].sum() > 0.0:
        book = Book(book.units, book.price, events.weights[k])
    credit = money(amount * purchase_credit_rate(terms, life, today), facts.terms.cents)
    part = enhanced_part(records.fixed, events, k)
    its_credit = money(credit * part / amount, facts.terms.cents)
    post(book, records.journal, rows.PAYMENT, 1.0, 1.0, amount - part, 0.0)
    if credit > 0.0:
        post(book, records.journal, rows.CREDIT, 1.0, 1.0, credit - its_credit, 0.0)
    take_in(records.fixed, records, facts, events, k, part, its_credit)
    layers = records.layers
    row = layers.used[0]
    death = death_guarantee.pay_in(contract.death, facts.terms, layers, row, life, amount + credit, today)
    layers.day[row], layers.amount[row], layers.credit[row], layers.kept[row] = today, amount, credit, core.kept
    layers.used[0] = row + 1
    settle_rates(facts.terms.charges, life.series, layers, today)
    if events.source[k] == UNCLEARED:
        hold_check(terms, layers, row, today)
    records.cash[RECEIVED] += amount
    records.cash[ADDED] += credit
    core = change_core(core, basic=core.basic + amount + credit)
    plan = facts.terms.income[int(income.plan)]
    income = living.pay_in(income, plan, facts.income, amount + credit)
    return change_contract(contract, core=core, income=income, death=death)


@routine
def elect(records: Records, contract: Contract, facts: Facts, plan: int, k: int) -> Contract:
    """Elect a living benefit on today's Account Value.

    Source: EL-3 to EL-10, ELE-1, C-6 (prospectus 4202-4208, 4904-4921, 5351-5355, 5585-5589, 6000-6034, 6665-6686).
    """
    income = contract.income
    life, local, reason = facts.life, plan - living.first_plan(income), 0
    account = total(value(records.book))
    foreign = local < 0 or local >= len(facts.terms.income)
    if foreign or (income.stage != living.NONE and income.stage != living.ENDED):
        refuse(records.journal, k, election_refusal(records.fixed, BENEFIT_IN_FORCE))
        return contract
    terms = facts.terms.income[local]
    elected = living.elect(income, terms, local, life, account, facts.day.today)
    benefit = living.listed(elected)
    if not permitted(facts.terms.death, int(contract.death.plan), benefit):
        reason = DEATH_BENEFIT_EXCLUDED
    if reason == 0:
        reason = designation_refusal(benefit, life, known_designations(life))
    if reason == 0:
        reason = living.refusal(income, terms, local, life, facts.day)
    if reason == 0 and income.stage == living.ENDED:
        reason = living.waiting_refusal(income, facts.day)
    if reason == 0 and account <= 0.0:
        reason = NO_VALUE
    if reason:
        refuse(records.journal, k, reason)
        return contract
    return change_contract(contract, income=elected)


@routine
def step_up(records: Records, contract: Contract, facts: Facts, k: int) -> Contract:
    """A step-up of the guarantee on today's Account Value, at the Owner's request.

    Source: GMIB-9, TI-10, TIS-5 (prospectus 3923-3930, 4270-4289, 4733-4746).
    """
    income, plan = contract.income, facts.terms.income[int(contract.income.plan)]
    account, today = total(value(records.book)), facts.day.today
    reason = living.step_up_refusal(income, plan, facts.income, account, today)
    if reason:
        refuse(records.journal, k, reason)
        return contract
    return change_contract(contract, income=living.step_up(income, plan, facts.income, facts.life, account, today))


@rule
def sets_auto_step_up(events: Events, k: int) -> bool:
    """Whether a step-up request is none of today, but the choice whether step-ups are automatic from now on."""
    choice = events.choice[k]
    return bool(events.kind[k] == STEP_UP and choice in (AUTO_STEP_UP, NO_AUTO_STEP_UP))


@routine
def set_auto_step_up(records: Records, contract: Contract, events: Events, k: int) -> Contract:
    """That choice, at the election of the benefit or later.  Source: TI-11, TIS-5 (prospectus 4291-4307, 4752-4768)."""
    if living.may_set_auto_step_up(contract.income):
        wanted = events.choice[k] == AUTO_STEP_UP
        return change_contract(contract, income=living.set_auto_step_up(contract.income, wanted))
    refuse(records.journal, k, living.NO_STEP_UP)
    return contract


@routine
def instruct(records: Records, contract: Contract, events: Events, k: int) -> Contract:
    """New standing allocation instructions.  Source: PUR-6, INV-2 (prospectus 1256-1269, 2733-2745)."""
    reason = instructions_refusal(records.fixed, contract, events.weights[k])
    if reason:
        refuse(records.journal, k, reason)
        return contract
    instruct_allocation(records.book, events.weights[k])
    share = events.weights[k, events.weights.shape[1] - 1]
    return change_contract(contract, income=living.instructed(contract.income, share))


@routine
def move_money(records: Records, contract: Contract, facts: Facts, events: Events, k: int) -> Contract:
    """A transfer between Sub-accounts at the Owner's request; the day's first counts and may bear a fee.

    Source: TR-1 to TR-4, FEE-4, INV-4, README decision 14 (prospectus 773-783, 2391-2405, 2854-2937).
    """
    core = contract.core
    book, source, target, amount = records.book, events.source[k], events.target[k], events.amount[k]
    bond = book.units.shape[0] - 1
    if source > bond or target > bond:
        return move_fixed(records.fixed, records, contract, facts, events, k)
    held = book.units[source] * book.price[source]
    reason = 0
    if source == bond or target == bond:
        reason = BENEFIT_ONLY
    elif source == target:
        reason = TRANSFER_TO_ITSELF
    elif held <= 0.0:
        reason = TRANSFER_FROM_EMPTY
    elif amount > held + facts.terms.withdrawals.half_cent:
        reason = TRANSFER_TOO_LARGE
    else:
        reason = restriction(facts.terms.restrictions, core, records.watch, target, events.choice[k], facts.day.today)
    if reason:
        refuse(records.journal, k, reason)
        return contract
    watch_transfer(facts.terms.restrictions, facts.life, core, records.watch, source, target, amount, facts.day.today)
    move(book, records.journal, rows.TRANSFER, capped(amount, held, facts.terms.withdrawals.half_cent), source, target)
    if core.last_transfer != facts.day.today:
        core = change_core(core, transfers=core.transfers + 1.0, last_transfer=float(facts.day.today))
        account = value(book)
        fee = min(transfer_fee(facts.terms.charges, core.transfers), total(account))
        if fee > 0.0:
            take(book, records.journal, rows.TRANSFER_FEE, fee, account)
            records.cash[OTHER_FEES] += fee
    return change_contract(contract, core=core)


@routine
def note_distribution(records: Records, contract: Contract, facts: Facts, events: Events, k: int) -> Contract:
    """The Required Minimum Distribution of this calendar year; another year's is refused.  Source: RMD-3, SUP-4."""
    noted = events.date[k]
    if noted != 0 and civil(noted)[0] != civil(facts.day.today)[0]:
        refuse(records.journal, k, NOT_IN_GOOD_ORDER)
        return contract
    return change_contract(contract, core=change_core(contract.core, required=events.amount[k]))


@rule
def split_request(
    records: Records, contract: Contract, facts: Facts, amount: float, net: bool, required: bool
) -> Split:
    """Gross amount, charge and payments withdrawn of a request.  Source: CDSC-4 to CDSC-6, RMD-4, README decision 14."""
    core, terms, layers = contract.core, facts.terms, records.layers
    free = free_withdrawal_left(terms.withdrawals, core, layers)
    exempt = distribution_due(core) if required else 0.0
    if net:
        split = split_net(layers, core.paid_out, free, exempt, amount)
        gross = money(split.gross, terms.cents)
        return Split(gross, gross - amount, split.payments)
    split = split_gross(layers, core.paid_out, free, exempt, amount)
    return Split(amount, money(split.charge, terms.cents), split.payments)


@rule
def pay_out(
    records: Records, contract: Contract, facts: Facts, events: Events | Assumed, k: int, compared: float
) -> tuple[Contract, bool]:
    """A partial withdrawal as asked for; see `pay_amount`.  Source: WD-1, CDSC-5, CDSC-6."""
    kind, amount = events.kind[k], events.amount[k]
    return pay_amount(records, contract, facts, kind, amount, events.choice[k] == 1, k, compared)


@rule
def pay_amount(
    records: Records, contract: Contract, facts: Facts, kind: int, amount: float, net: bool, k: int, compared: float
) -> tuple[Contract, bool]:
    """A partial withdrawal; also whether it was taken for the Required Minimum Distribution.

    Within the benefit's income it may empty the Account Value; any other must leave the least Surrender Value.
    ``compared``  Account Value compared today, with today's payments, USD

    Source: WD-1 to WD-4, HD7-5, HD7-6, README decisions 5 and 11 (prospectus 3101-3164, 5682-5701).
    """
    core, income = contract.core, contract.income
    terms, today = facts.terms, facts.day.today
    half_cent = terms.withdrawals.half_cent
    account = value(records.book)
    whole = total(account)
    required = kind == RMD_WITHDRAWAL
    in_force = income.stage == living.PRE or income.stage == living.POST
    if whole <= 0.0:
        refuse(records.journal, k, NO_ACCOUNT_VALUE)
        return contract, required
    if income.stage == living.PRE:
        income = living.begin(income, facts.income, compared, today)
    if kind == INCOME_WITHDRAWAL:
        if not in_force:
            refuse(records.journal, k, NO_BENEFIT)
            return contract, required
        amount = money(min(amount * living.yearly_income(income), living.remaining_income(income)), terms.cents)
        if amount <= 0.0:
            return contract, required
    elif amount < terms.withdrawals.minimum and not required:
        refuse(records.journal, k, WITHDRAWAL_TOO_SMALL)
        return contract, required
    split = split_request(records, contract, facts, amount, net, required)
    available = living.income_available(income, core, required)
    within = in_force and split.gross - living.within(income, available) < half_cent
    if split.gross > whole:
        if not within:
            refuse(records.journal, k, WITHDRAWAL_TOO_LARGE)
            return contract, required
        split = split_request(records, contract, facts, whole, False, required)
    gross = capped(split.gross, whole, half_cent)
    after = change_contract(contract, core=after_withdrawal(core, gross, split.payments, whole), income=income)
    spared = required and split.gross - distribution_due(core) < half_cent
    if not within and not spared:
        left = Account(account.permitted * (1.0 - gross / whole), account.bond * (1.0 - gross / whole))
        charge = surrender_charge(records.layers, after.core.paid_out)
        charge += tax_charge(terms.jurisdictions, facts.life, records.layers)
        plan = terms.income[int(income.plan)]
        if surrender_value(after, facts, plan, left, charge) < terms.withdrawals.minimum_left:
            refuse(records.journal, k, TOO_LITTLE_LEFT)
            return contract, required
    take(records.book, records.journal, rows.WITHDRAWAL, gross, account)
    records.cash[PAID] += gross - split.charge
    records.cash[CHARGED] += split.charge
    pay(records.journal, rows.WITHDRAWAL, gross, split.charge, gross - split.charge)
    if in_force:
        income = living.withdraw(income, available, gross, whole, half_cent)
    death = death_guarantee.withdraw(contract.death, facts.death, gross, whole, half_cent)
    return change_contract(after, income=income, death=death), required
