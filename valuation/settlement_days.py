"""The days of contracts after their own: annuity payments on their dates, and the Annuity that goes on for a Beneficiary.

The daily valuation's second driver.  Such contracts are few and nothing of them is projected, so their law is not compiled;
what they pay, take and refuse stands in the same journal as everything else.

    1  the Annuity Anniversary: transfers are counted anew, the maintenance fee
    2  transfers, withdrawals, surrender and deaths, in order of receipt
    3  payments due; the Beneficiary's part, on the last Valuation Day by its date

Provisions   ANN-5 to ANN-8, PAY-1, PAY-2, BCO-1 to BCO-6, TXN-5 (prospectus 831-846, 3374-3438, 7249-7391, 7561-7572)
Readings     a payment made after a death that was not yet known is not asked back
             the Annuity's own years count a Beneficiary's transfers and bring his maintenance fee
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from valuation import annuity_options as options
from valuation import beneficiary_payments as law
from valuation import journal as rows
from valuation import living
from valuation.account import Account, Book, capped, instruct_allocation, money, post, take, total, value
from valuation.charge_classes import SETTLEMENT_ROW
from valuation.charges import tax_charge
from valuation.clock import Day, civil, day_of, months_after
from valuation.contract import (
    ADDED,
    ANNUITISED,
    ANNUITY,
    CONTINUED,
    DIED,
    GUARANTEED_PAID,
    OTHER_FEES,
    PAID,
    Array,
    Integers,
    Life,
    change_core,
)
from valuation.daily import Block, History, contract_at, layers_at, life_at, store_contract
from valuation.events import (
    ALLOCATION,
    DEATH,
    NO_ELECTION,
    RMD_WITHDRAWAL,
    SURRENDER,
    TRANSFER,
    WITHDRAWAL,
    Events,
)
from valuation.failures import Reason
from valuation.fixed_point import fixed_units
from valuation.journal import CHARGE_CLASS, Journal, ledger_row, mark, pay, refuse
from valuation.records import Contract, Records, change_contract, facts_of
from valuation.requests import move_money
from valuation.sessions import on_or_after
from valuation.settlement import (
    Annuity,
    BeneficiaryAccount,
    Settlement,
    begin_account,
    begin_annuity,
    begin_default,
    part_date,
    part_due,
    state_of,
)
from valuation.settlement_requests import Chosen
from valuation.telling import Figure, Figures, Step, iso, source_of
from valuation.terms import Terms
from valuation.terms.benefits import load_beneficiary_terms
from valuation.units import rebased_units

STATUS = 0
"""Place of the status in a contract's core."""
CLOSURE = 14
"""Days; nothing due later than this after a Valuation Day is paid on it."""
ANNUITY_BEGUN, FOR_BENEFICIARY = int(Reason.ANNUITY_BEGUN), int(Reason.FOR_BENEFICIARY)
NO_ACCOUNT_VALUE, TOO_LARGE = int(Reason.NO_ACCOUNT_VALUE), int(Reason.WITHDRAWAL_TOO_LARGE)

Tell = Callable[[Step], None]


class Began(NamedTuple):
    """How a contract's own days ended."""

    place: int  # among the days
    event: int  # request accepted
    amount: float  # applied, USD
    by_benefit: bool  # nothing was chosen and its benefit provides the annuity


class Run(NamedTuple):
    """What one contract's days are worked on."""

    c: int
    block: Block
    history: History
    terms: Terms
    journal: Journal
    totals: Integers
    following: Integers  # (n_day,) Valuation Day after each
    chosen: dict[int, Chosen]
    tell: Tell | None


def carry_on(
    block: Block,
    snapshot: pa.Table | None,
    ids: list[str],
    chosen: dict[int, Chosen],
    history: History,
    terms: Terms,
    pages: list[Journal],
    journal: Journal,
    totals: Integers,
    tell: Tell | None = None,
) -> dict[int, Settlement]:
    """Take every contract whose own days are over through the days that are left; the states that go on, by place.

    block     its status, Units and charge class are changed in place
    chosen    what was asked for, by event
    pages     what the contracts' own days wrote; ``journal`` is filled

    Source: ANN-5 to ANN-8, PAY-1, PAY-2, BCO-1 to BCO-6 (prospectus 3374-3438, 7249-7391).
    """
    carried = _carried(snapshot, ids)
    after = on_or_after(np.array([int(history.days[-1]) + 1], dtype=np.int64))
    following = np.concatenate([history.days[1:], after]).astype(np.int64)
    found: dict[int, Settlement] = {}
    for c in np.flatnonzero(block.core[:, STATUS] >= ANNUITY).tolist():
        run = Run(c, block, history, terms, journal, totals, following, chosen, tell)
        journal.here[0] = c
        state = carried.get(c)
        began = None if state is not None else _began(run, pages)
        if began is not None:
            state = _begin(run, began, chosen[began.event])
        if state is None:
            continue  # a snapshot of another system, without what follows
        last = _days(run, state, began)
        if block.core[c, STATUS] >= ANNUITY:
            found[c] = last
    return found


def room_for(history: History, n_slot: int, settled: int) -> int:
    """The most rows that so many contracts can write."""
    years = int(history.days[-1] - history.days[0]) // 365 + 2
    events = int(np.diff(history.event_first).max(initial=0))
    return settled * (2 * n_slot * (8 + 4 * years + 3 * events) + 16 * years) + 1


def _carried(snapshot: pa.Table | None, ids: list[str]) -> dict[int, Settlement]:
    """States of the opening snapshot, by place of the contract."""
    if snapshot is None or "settlement_fields" not in snapshot.column_names:
        return {}
    place = {name: c for c, name in enumerate(ids)}
    held = zip(snapshot["contract_id"].to_pylist(), snapshot["settlement_fields"].to_pylist(), strict=True)
    return {place[name]: state_of(parts) for name, parts in held if parts and name in place}


def _began(run: Run, pages: list[Journal]) -> Began | None:
    """The request that ended the contract's own days, found in what they wrote; None if they ended before the run."""
    refused = {int(k) for page in pages for k in page.refusals[:, 2]}
    paid = [
        (int(day), int(kind), float(gross), float(charge))
        for page in pages
        for (c, day, kind), (gross, charge, _) in zip(page.payment_keys, page.payment_values, strict=True)
        if c == run.c and kind in (rows.ANNUITISATION, rows.DEATH)
    ]
    if not paid:
        return None
    day, kind, gross, charge = paid[-1]
    first, last = run.history.event_first[run.c], run.history.event_first[run.c + 1]
    for k in range(int(first), int(last)):
        death = run.history.events.kind[k] == DEATH
        asked = run.chosen.get(k)
        if asked and not asked.reason and asked.option != options.LUMP_SUM and k not in refused:
            if run.history.event_day[k] == day and death == (kind == rows.DEATH):
                return Began(int(np.searchsorted(run.history.days, day)), k, gross, charge > 0.0)
    return None


def _begin(run: Run, began: Began, chosen: Chosen) -> Settlement:
    """The state on the day it begins."""
    block, c, today = run.block, run.c, int(run.history.days[began.place])
    run.journal.here[1] = today
    dead = bool(run.history.events.kind[began.event] == DEATH)
    if block.core[c, STATUS] == CONTINUED:
        return _open_account(run, chosen, began)
    start = int(run.history.events.date[began.event]) if chosen.option == NO_ELECTION else today
    if began.by_benefit:
        return _default(run, start, began.amount, today)
    return begin_annuity(chosen, began.amount, start, dead, run.terms.cents)


def _default(run: Run, start: int, account: float, today: int) -> Annuity:
    """The annuity that the benefit provides, from the income it kept; the benefit is over."""
    contract, life = contract_at(run.block, run.c), life_at(run.block, run.c)
    income, plan = contract.income, run.terms.income[int(contract.income.plan)]
    tax = tax_charge(run.terms.jurisdictions, life, layers_at(run.block, run.c))
    lives, certain = int(income.lives), int(living.default_certain(income, plan))
    yearly = living.yearly_income(income)
    annuity = begin_default(life, yearly, lives, certain, account, tax, start, run.terms.cents)
    store_contract(run.block, run.c, change_contract(contract, income=living.end(income, today)))
    return annuity


def _open_account(run: Run, chosen: Chosen, began: Began) -> BeneficiaryAccount:
    """The Beneficiary's account: Units of the Settlement Service Charge's class, worth the same.

    Source: BCO-1, BCO-2, UNIT-7 (prospectus 840-846, 7352-7362, 7586-7598).
    """
    block, c, d = run.block, run.c, began.place
    today, prices = int(run.history.days[d]), run.history.prices[d]
    old, price = int(block.charge_class[c]), prices[SETTLEMENT_ROW]
    for s in range(block.units.shape[1]):
        before = block.units[c, s]
        after = rebased_units(before, prices[old, s], price[s])
        if before != 0.0:
            ledger_row(run.journal, today, CHARGE_CLASS, s, 0.0, after - before, price[s])
        block.units[c, s] = after
    block.charge_class[c] = SETTLEMENT_ROW
    _tell(
        run,
        "The Annuity goes on for the Beneficiary",
        law.settlement_charge,
        True,
        f"Settlement Service Charge from the next Valuation Day on; first or whole amount by {iso(chosen.begin)}",
        (Figure("Account Value, the Death Benefit", None, began.amount),),
    )
    return begin_account(chosen, began.amount, today)


def _days(run: Run, state: Settlement, began: Began | None) -> Settlement:
    """Take one contract through its days."""
    history, block, c = run.history, run.block, run.c
    first = 1 if began is None else began.place
    journal, price = run.journal, history.prices[first - 1 if began is None else first, SETTLEMENT_ROW]
    journal.marked_day[:] = history.days[first - 1 if began is None else first]
    journal.marked_price[:] = price
    k, last = int(history.event_first[c]), int(history.event_first[c + 1])
    if began is not None:
        while k < last and history.event_day[k] <= history.days[first]:
            k += 1  # those of its own days
    for d in range(first, len(history.days)):
        today, asked = int(history.days[d]), k
        while k < last and history.event_day[k] <= today:
            k += 1
        if block.core[c, STATUS] < ANNUITY:
            _refuse_all(run, today, asked, k, int(Reason.CONTRACT_ENDED))
            continue
        journal.here[1] = today
        if isinstance(state, Annuity):
            state = _annuity_day(run, state, d, asked, k)
        else:
            state = _account_day(run, state, d, asked, k, began is not None and d == first)
    return state


def _refuse_all(run: Run, today: int, first: int, last: int, reason: int) -> None:
    run.journal.here[1] = today
    for k in range(first, last):
        refuse(run.journal, k, reason)


def _end(run: Run, status: int) -> None:
    run.block.core[run.c, STATUS] = float(status)


def _count(run: Run, d: int, cash: Array, account: float) -> None:
    """Add the day to the totals of the block, places of `valuation.daily.TOTALS`."""
    status = run.block.core[run.c, STATUS]
    totals = run.totals[d]
    if status >= ANNUITY:
        totals[0] += 1
        totals[1] += int(status == ANNUITY)
        totals[3] += fixed_units(account)
    for place, column in ((PAID, 8), (OTHER_FEES, 11), (GUARANTEED_PAID, 12), (ADDED, 13)):
        totals[column] += fixed_units(cash[place])


def _tell(run: Run, title: str, rule: Callable[..., Any], happened: bool, note: str, figures: Figures = ()) -> None:
    if run.tell is not None:
        run.tell(Step(title, happened, note, *source_of(rule), figures))


# -- annuity payments -------------------------------------------------------------------------------------------------


def _annuity_day(run: Run, state: Annuity, d: int, first: int, last: int) -> Annuity:
    """One Valuation Day of an annuity.  Source: ANN-5 to ANN-8, TXN-5 (prospectus 3374-3438, 7561-7572)."""
    cash = np.zeros(7)
    payout = state.payout
    if first == last and run.tell is None and next_payment(payout) > int(run.history.days[d]) + CLOSURE:
        _count(run, d, cash, 0.0)
        return state
    today, through = int(run.history.days[d]), options.paid_through(int(run.history.days[d]), int(run.following[d]))
    prior = options.paid_through(int(run.history.days[d - 1]), today) if d else today - 1
    for k in range(first, last):
        payout = _answer_annuity(run, payout, state, k, through, cash)
    if payout.option == options.INTEREST:
        payout, due = options.pay_interest(payout, prior, through)
    else:
        payout, due = options.pay(payout, through)
    _pay_annuity(run, money(due, run.terms.cents), cash)
    _tell_annuity(run, state.payout, payout, due)
    if not options.owed(payout):
        _end(run, DIED if state.beneficiary else ANNUITISED)
    _count(run, d, cash, 0.0)
    return state._replace(payout=payout)


def next_payment(payout: options.Payout) -> int:
    """The date of the payment, or of the period of interest, that comes next.  Source: ANN-5 to ANN-7."""
    if payout.option == options.INTEREST:
        return int(payout.credited)
    return months_after(int(payout.start), int(payout.step) * int(payout.made))


def _pay_annuity(run: Run, amount: float, cash: Array) -> None:
    if amount > 0.0:
        cash[GUARANTEED_PAID] += amount
        pay(run.journal, rows.ANNUITY_PAYMENT, amount, 0.0, amount)


def _answer_annuity(
    run: Run, payout: options.Payout, state: Annuity, k: int, through: int, cash: Array
) -> options.Payout:
    """A death, or a withdrawal of what the interest payment option holds; nothing else is open.

    Source: ANN-5 to ANN-8 (prospectus 3378-3414, 3433-3438).
    """
    events: Events = run.history.events
    kind, today, cents = int(events.kind[k]), int(run.journal.here[1]), run.terms.cents
    if kind == DEATH:
        died = min(int(events.date[k]) or today, today)
        payout, due = options.pay(payout, min(through, died)) if payout.option != options.INTEREST else (payout, 0.0)
        if payout.annuitant > 0.0:
            in_one_sum = _in_one_sum(payout, run.chosen.get(k))
            payout, worth = options.annuitant_dies(payout, today, in_one_sum)
        else:
            payout, worth = options.joint_annuitant_dies(payout), 0.0
        _pay_annuity(run, money(due, cents) + money(worth, cents), cash)
        note = f"paid in one sum {worth:,.2f}" if worth else "certain payments go on, if any are left"
        _tell(run, "Death of the Annuitant", options.annuitant_dies, True, note)
    elif payout.option == options.INTEREST and kind in (WITHDRAWAL, RMD_WITHDRAWAL, SURRENDER):
        payout = options.credit_interest(payout, today)
        held = money(payout.principal + payout.earned, cents)
        asked = held if kind == SURRENDER else float(events.amount[k])
        if asked > held:
            refuse(run.journal, k, TOO_LARGE)
            return payout
        left = 0.0 if held - asked < run.terms.withdrawals.half_cent else asked
        payout, _ = options.withdraw_held(payout, today, left or payout.principal + payout.earned)
        _pay_annuity(run, asked, cash)
        _tell(run, "Withdrawal of what is held", options.withdraw_held, True, f"paid {asked:,.2f}")
    else:
        refuse(run.journal, k, ANNUITY_BEGUN)
        _tell(run, "Request", options.owed, False, "refused: annuity payments have begun, and only their terms count")
    return payout


def _in_one_sum(payout: options.Payout, chosen: Chosen | None) -> bool:
    """Whether the rest of the certain period is paid at once: Option 1 if asked, Option 2 unless asked not to.

    Source: ANN-5, ANN-6 (prospectus 3378-3394).
    """
    asked = None if chosen is None else chosen.option
    if payout.option == options.FIXED_PERIOD:
        return asked == options.LUMP_SUM
    return asked != options.FIXED_PERIOD


def _tell_annuity(run: Run, before: options.Payout, after: options.Payout, due: float) -> None:
    """What the day paid."""
    note = f"next payment {iso(next_payment(after))}" if options.owed(after) else "nothing more is owed"
    if after.option == options.INTEREST:
        figures: Figures = (
            Figure("held", before.principal, after.principal),
            Figure("interest not yet paid", before.earned, after.earned),
        )
        _tell(run, "Interest payment option", options.pay_interest, due > 0.0, note, figures)
        return
    figures = (
        Figure("payments made", before.made, after.made, "number"),
        Figure("payment", None, after.payment),
        Figure("paid today", None, due),
    )
    rule = options.begin_fixed if after.option == options.FIXED_PERIOD else options.begin_life
    _tell(run, "Annuity payment", rule, due > 0.0, note, figures)


# -- a Beneficiary's account ------------------------------------------------------------------------------------------


def _account_day(run: Run, state: BeneficiaryAccount, d: int, first: int, last: int, opens: bool) -> BeneficiaryAccount:
    """One Valuation Day of an Annuity that goes on for a Beneficiary; on the day it ``opens`` only what is due is paid.

    Source: BCO-1 to BCO-6, PAY-1, PAY-2 (prospectus 831-846, 7249-7391).
    """
    history, block, c, cash = run.history, run.block, run.c, np.zeros(7)
    today, following = int(history.days[d]), int(run.following[d])
    book = Book(block.units[c], history.prices[d, SETTLEMENT_ROW], block.weight[c])
    records = Records(book, layers_at(block, c), run.journal, cash, block.life[c], block.watch[c], block.programmes[c])
    life: Life = life_at(block, c)
    day = day_of(life.issue, int(history.days[d - 1]) if d else today - 1, today)
    if day.anniversary and not opens:
        state = _anniversary(run, state, records, today)
    for k in range(first, last):
        state = _answer_account(run, state, records, day, k)
    if today <= part_date(state) < following and total(value(book)) > 0.0:
        state = _take_part(run, state, records)
    account = total(value(book))
    if civil(following)[0] > civil(today)[0]:
        state = state._replace(value=account)
    if account <= 0.0:
        _end(run, DIED)
    _count(run, d, cash, account)
    if d == len(history.days) - 1:
        for s in range(block.units.shape[1]):
            mark(run.journal, s, block.units[c, s], book.price[s])
    return state


def _anniversary(run: Run, state: BeneficiaryAccount, records: Records, today: int) -> BeneficiaryAccount:
    """Transfers are counted anew, and the maintenance fee is assessed.  Source: BCO-3, BCO-6 (prospectus 831-835, 7356-7372)."""
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
    _tell(
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
        _tell(run, "Withdrawal", law.withdrawal, True, "without a Contingent Deferred Sales Charge", figures)
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
        _tell(run, "Death of the Beneficiary", law.lump_sum_at_death, True, note, (Figure("paid", None, at_once),))
        return state._replace(continuation=law.change_continuation(state.continuation, successor=0.0))
    else:
        refuse(run.journal, k, FOR_BENEFICIARY)
        _tell(run, "Request", law.continue_annuity, False, "refused: transfers and withdrawals only")
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
    _tell(run, "Surrender", law.surrender_fee, True, "without a Contingent Deferred Sales Charge", figures)


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
        _tell(run, "Transfer", law.transfer, done, note)
        return state
    continuation, account = law.transfer(state.continuation), value(records.book)
    fee = min(law.continuation_transfer_fee(continuation, load_beneficiary_terms()), total(account))
    if fee > 0.0:
        take(records.book, records.journal, rows.TRANSFER_FEE, fee, account)
        records.cash[OTHER_FEES] += fee
    figures = (Figure("transfers of the year", state.continuation.transfers, continuation.transfers, "number"),)
    _tell(run, "Transfer", law.continuation_transfer_fee, True, f"fee {fee:,.2f}", figures)
    return state._replace(continuation=continuation)


def _take_part(run: Run, state: BeneficiaryAccount, records: Records) -> BeneficiaryAccount:
    """Pay what must be taken by the date that comes before the next Valuation Day.  Source: PAY-1, PAY-2 (prospectus 7249-7334)."""
    account = total(value(records.book))
    due = part_due(state, account)
    paid = _pay_out(run, records, rows.BENEFICIARY_DISTRIBUTION, money(due, run.terms.cents)) if due > 0.0 else 0.0
    figures = (
        Figure("value it is a part of", None, state.value),
        Figure("years left", None, state.years - state.made, "number"),
        Figure("withdrawn since the last part", None, state.taken),
        Figure("paid", None, paid),
    )
    _tell(run, f"The Beneficiary's part, by {iso(part_date(state))}", part_due, paid > 0.0, "the rest goes on", figures)
    return state._replace(made=state.made + 1.0, taken=0.0)
