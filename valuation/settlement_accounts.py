"""One Valuation Day of an Annuity that goes on for a Beneficiary, and the day it begins to.

    1  the Annuity Anniversary: transfers are counted anew, the maintenance fee
    2  transfers, withdrawals, surrender and the Beneficiary's death, in order of receipt
    3  what must be taken by a date, on the last Valuation Day by it

Provisions   BCO-1 to BCO-6, PAY-1, PAY-2, UNIT-7 (prospectus 831-846, 7249-7391); the rules are in
             `valuation.beneficiary_payments`
Readings     the Annuity's own years count a Beneficiary's transfers and bring his maintenance fee
"""

import numpy as np

from valuation import beneficiary_payments as law
from valuation import journal as rows
from valuation.account import Account, Book, capped, instruct_allocation, money, post, take, total, value
from valuation.charge_classes import SETTLEMENT_ROW
from valuation.clock import Day, civil, day_of
from valuation.contract import ADDED, DIED, OTHER_FEES, PAID, Life, change_core
from valuation.daily import contract_at, layers_at, life_at, store_contract
from valuation.events import ALLOCATION, DEATH, RMD_WITHDRAWAL, SURRENDER, TRANSFER, WITHDRAWAL, Events
from valuation.failures import Reason
from valuation.fixed_money import NO_FIXED_MONEY
from valuation.journal import CHARGE_CLASS, ledger_row, mark, pay, refuse
from valuation.records import Contract, Records, change_contract, facts_of
from valuation.requests import move_money
from valuation.settlement import BeneficiaryAccount, begin_account, part_date, part_due
from valuation.settlement_requests import Chosen
from valuation.settlement_run import Run, count_day, end_days, tell_step
from valuation.telling import Figure, iso
from valuation.terms.benefits import load_beneficiary_terms
from valuation.units import rebased_units

FOR_BENEFICIARY, NO_ACCOUNT_VALUE = int(Reason.FOR_BENEFICIARY), int(Reason.NO_ACCOUNT_VALUE)


def open_account(run: Run, chosen: Chosen, d: int, benefit: float) -> BeneficiaryAccount:
    """The Beneficiary's account: Units of the Settlement Service Charge's class, worth the same.

    Source: BCO-1, BCO-2, UNIT-7 (prospectus 840-846, 7352-7362, 7586-7598).
    """
    block, c = run.block, run.c
    today, prices = int(run.history.days[d]), run.history.prices[d]
    old, price = int(block.charge_class[c]), prices[SETTLEMENT_ROW]
    for s in range(block.units.shape[1]):
        before = block.units[c, s]
        after = rebased_units(before, prices[old, s], price[s])
        if before != 0.0:
            ledger_row(run.journal, today, CHARGE_CLASS, s, 0.0, after - before, price[s])
        block.units[c, s] = after
    block.charge_class[c] = SETTLEMENT_ROW
    tell_step(
        run,
        "The Annuity goes on for the Beneficiary",
        law.settlement_charge,
        True,
        f"Settlement Service Charge from the next Valuation Day on; first or whole amount by {iso(chosen.begin)}",
        (Figure("Account Value, the Death Benefit", None, benefit),),
    )
    return begin_account(chosen, benefit, today)


def account_day(run: Run, state: BeneficiaryAccount, d: int, first: int, last: int, opens: bool) -> BeneficiaryAccount:
    """One Valuation Day of an Annuity that goes on for a Beneficiary; on the day it ``opens`` only what is due is paid.

    Source: BCO-1 to BCO-6, PAY-1, PAY-2 (prospectus 831-846, 7249-7391).
    """
    history, block, c, cash = run.history, run.block, run.c, np.zeros(7)
    today, following = int(history.days[d]), int(run.following[d])
    book = Book(block.units[c], history.prices[d, SETTLEMENT_ROW], block.weight[c])
    records = Records(
        book, layers_at(block, c), run.journal, cash, block.life[c], block.watch[c], block.programmes[c], NO_FIXED_MONEY
    )
    life: Life = life_at(block, c)
    day = day_of(life.issue, int(history.days[d - 1]) if d else today - 1, today)
    if day.anniversary and not opens:
        state = _anniversary(run, state, records, today)
    for k in range(first, last):
        state = _answer_account(run, state, records, day, k)
    if today <= part_date(state) < following and total(value(book)) > 0.0:
        state = _take_part(run, state, records)
    account = total(value(book))
    if state.yearly_end and civil(following)[0] > civil(today)[0]:
        state = state._replace(value=account, taken=0.0)
    if account <= 0.0:
        end_days(run, DIED)
    count_day(run, d, cash, account)
    if d == len(history.days) - 1:
        for s in range(block.units.shape[1]):
            mark(run.journal, s, block.units[c, s], book.price[s])
    return state


def _anniversary(run: Run, state: BeneficiaryAccount, records: Records, today: int) -> BeneficiaryAccount:
    """Transfers are counted anew, and the maintenance fee is assessed.

    Source: BCO-3, BCO-6 (prospectus 831-835, 7356-7372).
    """
    contract = contract_at(run.block, run.c)
    core = change_core(contract.core, transfers=0.0)
    store_contract(run.block, run.c, change_contract(contract, core=core))
    account = total(value(records.book))
    fee = money(law.continuation_fee(load_beneficiary_terms(), account), run.terms.cents)
    fee = capped(min(fee, account), account, run.terms.withdrawals.half_cent)
    if fee > 0.0:
        take(records.book, records.journal, rows.BENEFICIARY_FEE, fee, value(records.book))
        records.cash[OTHER_FEES] += fee
    figures = (Figure("Account Value", account, account - fee), Figure("fee", None, fee))
    tell_step(
        run, "Maintenance fee of the anniversary", law.continuation_fee, fee > 0.0, "a new year of transfers", figures
    )
    return state._replace(continuation=law.assess(law.new_year(state.continuation), fee, today))


def _pay_out(run: Run, records: Records, kind: int, amount: float) -> float:
    """Take an amount from every Sub-account in proportion and pay it, without a charge; what was paid, USD."""
    account: Account = value(records.book)
    gross = capped(amount, total(account), run.terms.withdrawals.half_cent)
    paid = money(gross, run.terms.cents)
    take(records.book, records.journal, kind, gross, account)
    records.cash[PAID] += paid
    pay(records.journal, kind, gross, 0.0, paid)
    return paid


def _answer_account(run: Run, state: BeneficiaryAccount, records: Records, day: Day, k: int) -> BeneficiaryAccount:
    """A transfer, a withdrawal, all of it, new instructions, or the Beneficiary's death.

    Source: BCO-3 to BCO-6 (prospectus 831-835, 7363-7384).
    """
    events: Events = run.history.events
    kind, account = int(events.kind[k]), total(value(records.book))
    if account <= 0.0:
        refuse(run.journal, k, NO_ACCOUNT_VALUE)
    elif kind == TRANSFER:
        return _transfer(run, state, records, day, k)
    elif kind in (WITHDRAWAL, RMD_WITHDRAWAL):
        taken = law.withdrawal(account, float(events.amount[k]))
        paid = _pay_out(run, records, rows.BENEFICIARY_WITHDRAWAL, taken)
        figures = (Figure("Account Value", account, account - taken), Figure("paid", None, paid))
        tell_step(run, "Withdrawal", law.withdrawal, True, "without a Contingent Deferred Sales Charge", figures)
        return state._replace(taken=state.taken + taken)
    elif kind == SURRENDER:
        _surrender(run, state, records, day.today)
    elif kind == ALLOCATION:
        instruct_allocation(records.book, events.weights[k])
    elif kind == DEATH:
        at_once = law.lump_sum_at_death(state.continuation, account)
        if at_once > 0.0:
            _pay_out(run, records, rows.BENEFICIARY_DISTRIBUTION, at_once)
        note = "paid in one sum" if at_once > 0.0 else "the successor whom he named goes on"
        tell_step(run, "Death of the Beneficiary", law.lump_sum_at_death, True, note, (Figure("paid", None, at_once),))
        return state._replace(continuation=law.change_continuation(state.continuation, successor=0.0))
    else:
        refuse(run.journal, k, FOR_BENEFICIARY)
        tell_step(run, "Request", law.continue_annuity, False, "refused: transfers and withdrawals only")
    return state


def _surrender(run: Run, state: BeneficiaryAccount, records: Records, today: int) -> None:
    """All of it, less the fee; one assessed in the thirty days before is given back.  Source: BCO-3 (prospectus 831-835)."""
    account = total(value(records.book))
    fee = money(law.surrender_fee(state.continuation, load_beneficiary_terms(), account, today), run.terms.cents)
    if fee != 0.0:
        keep = 1.0 - fee / account
        post(records.book, records.journal, rows.BENEFICIARY_FEE, keep, keep, 0.0, 0.0)
        records.cash[OTHER_FEES if fee > 0.0 else ADDED] += abs(fee)
    paid = _pay_out(run, records, rows.BENEFICIARY_WITHDRAWAL, total(value(records.book)))
    figures = (Figure("Account Value", account, 0.0), Figure("fee", None, fee), Figure("paid", None, paid))
    tell_step(run, "Surrender", law.surrender_fee, True, "without a Contingent Deferred Sales Charge", figures)


def _transfer(run: Run, state: BeneficiaryAccount, records: Records, day: Day, k: int) -> BeneficiaryAccount:
    """A transfer with the Owner's limits; those of a year above the free ones bear a fee.

    Source: BCO-6 (prospectus 7370-7372).
    """
    terms = run.terms._replace(charges=run.terms.charges._replace(transfer_fee=0.0))
    contract: Contract = contract_at(run.block, run.c)
    facts = facts_of(contract, terms, life_at(run.block, run.c), day)
    refused = run.journal.used[2]
    after = move_money(records, contract, facts, run.history.events, k)
    store_contract(run.block, run.c, after)
    if after.core.transfers == contract.core.transfers:
        done = run.journal.used[2] == refused
        note = "one of several of the day, which count as one" if done else "refused"
        tell_step(run, "Transfer", law.transfer, done, note)
        return state
    continuation, account = law.transfer(state.continuation), value(records.book)
    fee = min(law.continuation_transfer_fee(continuation, load_beneficiary_terms()), total(account))
    if fee > 0.0:
        take(records.book, records.journal, rows.TRANSFER_FEE, fee, account)
        records.cash[OTHER_FEES] += fee
    figures = (Figure("transfers of the year", state.continuation.transfers, continuation.transfers, "number"),)
    tell_step(run, "Transfer", law.continuation_transfer_fee, True, f"fee {fee:,.2f}", figures)
    return state._replace(continuation=continuation)


def _take_part(run: Run, state: BeneficiaryAccount, records: Records) -> BeneficiaryAccount:
    """Pay what must be taken by a date that comes before the next Valuation Day.

    Source: PAY-1, PAY-2 (prospectus 7249-7334).
    """
    account = total(value(records.book))
    due = part_due(state, account)
    paid = _pay_out(run, records, rows.BENEFICIARY_DISTRIBUTION, money(due, run.terms.cents)) if due > 0.0 else 0.0
    figures = (
        Figure("value it is a part of", None, state.value),
        Figure("years left", None, state.years - state.made, "number"),
        Figure("withdrawn since", None, state.taken),
        Figure("paid", None, paid),
    )
    tell_step(
        run, f"The Beneficiary's part, by {iso(part_date(state))}", part_due, paid > 0.0, "the rest goes on", figures
    )
    left = state.value if state.yearly_end else total(value(records.book))
    return state._replace(made=state.made + 1.0, value=left, taken=state.taken if state.yearly_end else 0.0)
