"""One Valuation Day of one contract: the only order of events in the project.

    1  Unit Prices (in the book), interest          8  Purchase Payments with credits; elections
    2  terminations, changes of designations        9  Owner's transfers, programmes
    3  Longevity Credit, then fees in arrears      10  withdrawals
    4  growth, comparison with the Account Value   11  surrender, annuitisation, death
    5  benefit-quarter fee                         12  other quarter-ends
    6  amounts we add                              13  the asset transfer formula
    7  the Annuity Year rolls

Both drivers call `advance`.  A rule cannot tell which: all that differs arrives in the records, the facts and the events.

Source: C-21, ORD-1, README decision 3 of the specification.
"""

from typing import Any, NamedTuple

from valuation import death_guarantee, living
from valuation import journal as rows
from valuation.account import NO_CHARGE, Account, Charge, kept, money, post, pro_rata, total, value
from valuation.additions import Added, add_guaranteed
from valuation.applied import end_or_settle
from valuation.changes import open_day, opens_the_day
from valuation.charges import maintenance_fee
from valuation.clock import Day
from valuation.compile import generic, rule
from valuation.contract import ACTIVE, ADDED, BENEFIT_FEES, OTHER_FEES, PAYOUT, PENDING, Core, change_core
from valuation.credits import longevity_credit, payments_credited
from valuation.death_requests import elect_death_benefit
from valuation.endings import annuitise, exhaust
from valuation.events import (
    ALLOCATION,
    ANNUITIZATION,
    DEATH,
    ELECTION,
    FIRST_DEATH_PLAN,
    FREE_LOOK,
    INCOME,
    ISSUE,
    MEDICAL_SURRENDER,
    PAYMENT_CHOICE,
    PURCHASE_PAYMENT,
    RMD_NOTICE,
    RMD_WITHDRAWAL,
    SPOUSAL_CONTINUATION,
    STEP_UP,
    SURRENDER,
    TRANSFER,
    WITHDRAWAL,
    Assumed,
    Events,
)
from valuation.fixed_money import follow_fixed, open_fixed, settle_fixed
from valuation.formula_transfers import transfer_assets
from valuation.free_look import cancel
from valuation.journal import refuse
from valuation.medical import medical_surrender
from valuation.payout import answer_after_exhaustion, pay_guaranteed
from valuation.programmes import follow_programme, is_programme, is_scheduled_payment, pay_recorded
from valuation.records import Contract, Facts, Records, change_contract, change_facts, life_from
from valuation.requests import (
    ENDED,
    NO_PAYMENT_CHOICE,
    elect,
    instruct,
    move_money,
    note_distribution,
    pay_in,
    pay_out,
    set_auto_step_up,
    sets_auto_step_up,
    step_up,
)


class Dues(NamedTuple):
    """What fell due on a day before any request, and the contract after it; amounts in USD, none negative."""

    contract: Contract
    account: Account  # after all of it
    compared: float  # Account Value that the guarantees are compared with
    credit: float  # Longevity Credit, by the allocation instructions
    maintenance: Charge  # Annual Maintenance Fee
    fee: Charge  # of the benefit quarter; of the Annuity Year, where it comes before the maintenance fee
    principal: float  # Return of Principal, or what makes up a guaranteed amount
    growth: float  # of the Units that share in it; 1 where it goes by the allocation instructions
    released: float  # from the bond Sub-account to the Permitted ones at a maturity date
    spread: float  # growth of the Permitted Units by it; 1 where it goes by the allocation instructions
    freed: float  # from the bond Sub-account by the allocation instructions, as the benefit ends


@rule
def advance(
    records: Records, contract: Contract, facts: Facts, events: Events | Assumed, first: int, last: int
) -> Contract:
    """Take one contract through one Valuation Day.

    ``events[first:last]`` are the day's transactions in order of receipt; where there are any, the charge percentages of
    the payments are settled for today.  Units, payment layers, journal and cash are changed in place; the state is
    returned.

    Source: C-21, README decision 3.
    """
    status = contract.core.status
    if status == PAYOUT:
        return pay_guaranteed(records, contract, facts, events, first, last)
    if status > PAYOUT:
        for k in range(first, last):
            refuse(records.journal, k, ENDED)
        return contract

    facts = begin(records, facts, events, first, last)
    contract, facts = _open(events, records, contract, facts, first, last)
    account = value(records.book)
    plan = facts.terms.income[int(contract.income.plan)]
    credited = payments_credited(facts.terms.purchase, facts.life, records.layers, facts.day)
    due = dues(contract, account, facts, plan, credited)
    post_dues(records, due)
    contract, account, compared = due.contract, due.account, due.compared
    if contract.core.status == ACTIVE and total(account) <= 0.0:
        contract = exhaust(records, contract, facts, compared, False, False)
        for k in range(first, last):
            if not opens_the_day(events.kind[k]):
                contract = answer_after_exhaustion(records, contract, facts, events, k)
        return contract

    if last > first:
        contract, received, facts = _take_in(events, records, contract, facts, first, last)
        if contract.core.status == PENDING:
            return contract
        compared += received
    follow_fixed(records.fixed, records.book, records.journal, facts.terms.cents)
    if last > first:
        contract = _pay_requests(events, records, contract, facts, first, last, compared)
        account = value(records.book)
    if contract.core.status != ACTIVE:
        return contract
    income = living.capture(contract.income, facts.income, facts.day, total(account))
    death = death_guarantee.capture(contract.death, facts.death, total(account))
    income = transfer_assets(records, income, facts, account, compared)
    return change_contract(contract, income=income, death=death)


@rule
def dues(contract: Contract, account: Account, facts: Facts, plan: Any, credited: float) -> Dues:
    """Steps 3 to 7, on the two parts of the Account Value alone: what falls due before any request.

    plan      terms of the contract's benefit
    credited  Purchase Payments on which a Longevity Credit is due today, USD

    Source: README decisions 3 and 14.
    """
    terms, half_cent = facts.terms, facts.terms.withdrawals.half_cent
    core = _roll_counters(contract.core, facts.day)
    income = living.accrue(contract.income, plan, facts.income)
    credit, maintenance, fee = 0.0, NO_CHARGE, NO_CHARGE
    if facts.day.anniversary:
        credit = money(longevity_credit(terms.purchase, credited, core, total(account)), terms.cents)
        account = living.with_credit(contract.income, account, credit)
        tested = total(account)
        if living.fee_first(income) and facts.income.fee_due:
            income, fee = _assess(income, plan, facts, tested)
            account = kept(account, fee.keep)
        base = living.charged(contract.income, account)
        maintenance = pro_rata(money(maintenance_fee(terms.charges, tested, base), terms.cents), base, half_cent)
        spared = account.bond if living.own_account(contract.income) else account.bond * maintenance.keep
        account = Account(account.permitted * maintenance.keep, spared)

    death = death_guarantee.grow(contract.death, facts.death)
    compared = total(account)
    income = living.grow(income, plan, facts.income, compared)
    if facts.income.fee_due and not living.fee_first(income):
        income, fee = _assess(income, plan, facts, compared)
        account = kept(account, fee.keep)
    income = living.after_fee(income, plan, facts.income, total(account))

    added = Added(income, account, 0.0, 1.0, 0.0, 1.0)
    if living.addition_due(income, facts.income):
        added = add_guaranteed(income, account, facts, plan)
    income, account = added.income, added.account
    income = living.roll_year(income, plan, facts.income, facts.day, total(account))
    death = death_guarantee.roll_year(death, terms, facts.death, facts.day, total(account))
    freed = 0.0
    if living.ends_today(income, facts.income):
        income, freed = living.end(income, facts.day.today), account.bond
        account = Account(account.permitted + freed, 0.0)
    contract = change_contract(contract, core=core, income=income, death=death)
    return Dues(
        contract, account, compared, credit, maintenance, fee, added.amount, added.growth, added.released, added.spread,
        freed,
    )  # fmt: skip


@rule
def _assess(income: Any, plan: Any, facts: Facts, account: float) -> tuple[Any, Charge]:
    """The benefit's fee due today, and the benefit after it."""
    amount = money(living.quarterly_fee(income, plan, facts.income, account), facts.terms.cents)
    fee = pro_rata(amount, account, facts.terms.withdrawals.half_cent)
    return living.fee_taken(income, facts.day.today), fee


@rule
def _post_fee(records: Records, due: Dues) -> None:
    if due.fee.amount > 0.0:
        post(records.book, records.journal, rows.BENEFIT_FEE, due.fee.keep, due.fee.keep, 0.0, 0.0)
        records.cash[BENEFIT_FEES] += due.fee.amount


@rule
def post_dues(records: Records, due: Dues) -> None:
    """Write what fell due to the Sub-accounts, the journal and the day's cash.  Source: LC-1, FEE-5, HD7-11, HD7-15."""
    book, journal, cash = records.book, records.journal, records.cash
    if due.credit > 0.0:
        post(book, journal, rows.LONGEVITY, 1.0, 1.0, due.credit, 0.0)
        settle_fixed(records.fixed, book, False)
        cash[ADDED] += due.credit
    first = living.fee_first(due.contract.income)
    if first:
        _post_fee(records, due)
    if due.maintenance.amount > 0.0:
        of_account = 1.0 if living.own_account(due.contract.income) else due.maintenance.keep
        post(book, journal, rows.MAINTENANCE, due.maintenance.keep, of_account, 0.0, 0.0)
        cash[OTHER_FEES] += due.maintenance.amount
    if not first:
        _post_fee(records, due)
    if due.principal > 0.0:
        kind = living.addition_row(due.contract.income)
        of_account = due.growth if living.own_account(due.contract.income) else 1.0
        post(book, journal, kind, due.growth, of_account, due.principal if due.growth == 1.0 else 0.0, 0.0)
        cash[ADDED] += due.principal
    if due.released > 0.0:
        post(book, journal, rows.MATURITY, due.spread, 0.0, due.released if due.spread == 1.0 else 0.0, 0.0)
    if due.freed > 0.0:
        post(book, journal, rows.BENEFIT_END, 1.0, 0.0, due.freed, 0.0)


@rule
def begin(records: Records, facts: Facts, events: Events | Assumed, first: int, last: int) -> Facts:
    """Interest of fixed options and of a benefit's account; the facts also know of withdrawals.  Source: FIX-2, HD-17."""
    open_fixed(records.fixed, records.book, records.journal, facts.day.prior, facts.day.today)
    growth, takes = living.account_growth(facts.income), False
    if growth != 1.0:
        post(records.book, records.journal, rows.INTEREST, 1.0, growth, 0.0, 0.0)
    for k in range(first, last):
        takes = takes or events.kind[k] in (WITHDRAWAL, RMD_WITHDRAWAL, INCOME)
    return change_facts(facts, income=living.with_requests(facts.income, takes))


@generic
def _open(
    events: Events | Assumed, records: Records, contract: Contract, facts: Facts, first: int, last: int
) -> tuple[Contract, Facts]:
    """Terminations and changes of designations; also returns the facts after them.  Source: README decision 3, step 2."""
    raise TypeError(f"{type(events).__name__} are no requests of a day")


@generic
def _take_in(
    events: Events | Assumed, records: Records, contract: Contract, facts: Facts, first: int, last: int
) -> tuple[Contract, float, Facts]:
    """Step-ups, Purchase Payments, then elections, transfers, instructions and notices, in order of receipt.

    Also returns what was paid in, with credits, and the facts of the benefits after issue or an election.

    Source: README decision 3, steps 8 and 9.
    """
    raise TypeError(f"{type(events).__name__} are no requests of a day")


@generic
def _pay_requests(
    events: Events | Assumed, records: Records, contract: Contract, facts: Facts, first: int, last: int, compared: float
) -> Contract:
    """Withdrawals, surrender, annuitisation and death, in order of receipt.  Source: README decision 3, steps 10, 11."""
    raise TypeError(f"{type(events).__name__} are no requests of a day")


@_open.register(Assumed)  # type: ignore[attr-defined]
def _open_nothing(
    events: Assumed, records: Records, contract: Contract, facts: Facts, first: int, last: int
) -> tuple[Contract, Facts]:
    return contract, facts


@_take_in.register(Assumed)  # type: ignore[attr-defined]
def _take_in_nothing(
    events: Assumed, records: Records, contract: Contract, facts: Facts, first: int, last: int
) -> tuple[Contract, float, Facts]:
    return contract, 0.0, facts


@_pay_requests.register(Assumed)  # type: ignore[attr-defined]
def _pay_assumed(
    events: Assumed, records: Records, contract: Contract, facts: Facts, first: int, last: int, compared: float
) -> Contract:
    for k in range(first, last):
        if events.kind[k] == INCOME:
            contract, required = pay_out(records, contract, facts, events, k, compared)
            if contract.core.status == ACTIVE and total(value(records.book)) <= 0.0:
                contract = exhaust(records, contract, facts, compared, True, required)
        elif contract.core.status == ACTIVE:
            contract = annuitise(records, contract, facts, events.choice[k] >= 0, living.NO_JOINT, 0, k)
    return contract


@_open.register(Events)  # type: ignore[attr-defined]
def _open_recorded(
    events: Events, records: Records, contract: Contract, facts: Facts, first: int, last: int
) -> tuple[Contract, Facts]:
    for k in range(first, last):
        if opens_the_day(events.kind[k]):
            contract = open_day(records, contract, facts, events, k)
            life = life_from(records.life)
            death = death_guarantee.death_day(contract.death, facts.terms, life, facts.day)
            facts = change_facts(facts, life=life, death=death)
    return contract, facts


@_take_in.register(Events)  # type: ignore[attr-defined]
def _take_in_recorded(
    events: Events, records: Records, contract: Contract, facts: Facts, first: int, last: int
) -> tuple[Contract, float, Facts]:
    received = 0.0
    for k in range(first, last):
        if events.kind[k] == STEP_UP and not sets_auto_step_up(events, k):
            contract = step_up(records, contract, facts, k)
    for k in range(first, last):
        kind = events.kind[k]
        if kind == PURCHASE_PAYMENT or (kind == ISSUE and contract.core.status == PENDING):
            before = contract.core.basic
            contract = pay_in(records, contract, facts, events, k)
            received += contract.core.basic - before
    if contract.core.status == PENDING:
        return contract, received, facts
    settled, death = facts.income, death_guarantee.death_day(contract.death, facts.terms, facts.life, facts.day)
    for k in range(first, last):
        kind = events.kind[k]
        if kind == ELECTION or (kind == ISSUE and events.choice[k] >= 0):
            if events.choice[k] >= FIRST_DEATH_PLAN:
                contract = elect_death_benefit(records, contract, facts, events.choice[k] - FIRST_DEATH_PLAN, k)
            else:
                contract = elect(records, contract, facts, events.choice[k], k)
            settled = living.benefit_day(contract.income, facts.terms, facts.life, facts.day)
            death = death_guarantee.death_day(contract.death, facts.terms, facts.life, facts.day)
        elif sets_auto_step_up(events, k):
            contract = set_auto_step_up(records, contract, events, k)
        elif kind == TRANSFER:
            contract = move_money(records, contract, facts, events, k)
        elif kind == ALLOCATION:
            contract = instruct(records, contract, events, k)
        elif kind == RMD_NOTICE:
            contract = note_distribution(records, contract, facts, events, k)
        elif is_programme(kind):
            contract = follow_programme(records, contract, facts, events, k)
    return contract, received, change_facts(facts, income=settled, death=death)


@_pay_requests.register(Events)  # type: ignore[attr-defined]
def _pay_recorded(
    events: Events, records: Records, contract: Contract, facts: Facts, first: int, last: int, compared: float
) -> Contract:
    for k in range(first, last):
        kind = events.kind[k]
        if kind in (WITHDRAWAL, RMD_WITHDRAWAL, INCOME) or is_scheduled_payment(kind):
            contract, required = pay_recorded(records, contract, facts, events, k, compared)
            if contract.core.status == ACTIVE and total(value(records.book)) <= 0.0:
                contract = exhaust(records, contract, facts, compared, True, required)
        elif kind in (SURRENDER, ANNUITIZATION, DEATH, SPOUSAL_CONTINUATION):
            if contract.core.status == ACTIVE:
                contract = end_or_settle(records, contract, facts, events, k)
            else:
                contract = answer_after_exhaustion(records, contract, facts, events, k)
        elif kind in (MEDICAL_SURRENDER, FREE_LOOK, PAYMENT_CHOICE):
            if contract.core.status != ACTIVE:
                contract = answer_after_exhaustion(records, contract, facts, events, k)
            elif kind == PAYMENT_CHOICE:
                refuse(records.journal, k, NO_PAYMENT_CHOICE)
            elif kind == FREE_LOOK:
                contract = cancel(records, contract, facts)
            else:
                contract = medical_surrender(records, contract, facts, events, k, compared)
    return contract


@rule
def _roll_counters(core: Core, day: Day) -> Core:
    """Counters of the Annuity Year and of the calendar year start again on the calendar date.  Source: TXN-10, C-4."""
    if day.anniversary:
        core = change_core(core, withdrawn_year=0.0, paid_out_start=core.paid_out, transfers=0.0)
    if day.new_calendar_year:
        core = change_core(core, withdrawn_calendar=0.0, required=0.0)
    return core
