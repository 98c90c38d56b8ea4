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

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from valuation import annuity_options as options
from valuation import journal as rows
from valuation import living
from valuation.charge_classes import SETTLEMENT_ROW
from valuation.charges import tax_charge
from valuation.contract import ANNUITY, CONTINUED, Integers
from valuation.daily import Block, History, contract_at, layers_at, life_at, store_contract
from valuation.events import DEATH, NO_ELECTION
from valuation.failures import Reason
from valuation.journal import Journal, refuse
from valuation.records import change_contract
from valuation.sessions import on_or_after
from valuation.settlement import Annuity, Settlement, begin_annuity, begin_default, state_of
from valuation.settlement_accounts import account_day, open_account
from valuation.settlement_annuities import annuity_day
from valuation.settlement_requests import Chosen
from valuation.settlement_run import STATUS, Run, Tell
from valuation.terms import Terms


class Began(NamedTuple):
    """How a contract's own days ended."""

    place: int  # among the days
    event: int  # request accepted
    amount: float  # applied, USD
    by_benefit: bool  # nothing was chosen and its benefit provides the annuity


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
    refused, paid = set[int](), list[tuple[int, int, float, float]]()
    for page in pages:
        refused |= set(page.refusals[page.refusals[:, 0] == run.c, 2].tolist())
        ended = np.isin(page.payment_keys[:, 2], (rows.ANNUITISATION, rows.DEATH)) & (page.payment_keys[:, 0] == run.c)
        for row in np.flatnonzero(ended).tolist():
            (_, day, kind), (gross, charge, _) = page.payment_keys[row].tolist(), page.payment_values[row].tolist()
            paid.append((day, kind, gross, charge))
    if not paid:
        return None
    day, kind, gross, charge = paid[-1]
    events, on = run.history.events, run.history.event_day
    for k in range(int(run.history.event_first[run.c]), int(run.history.event_first[run.c + 1])):
        asked, same = run.chosen.get(k), (events.kind[k] == DEATH) == (kind == rows.DEATH)
        settles = asked is not None and not asked.reason and asked.option != options.LUMP_SUM
        if settles and same and on[k] == day and k not in refused:
            return Began(int(np.searchsorted(run.history.days, day)), k, gross, charge > 0.0)
    return None


def _begin(run: Run, began: Began, chosen: Chosen) -> Settlement:
    """The state on the day it begins."""
    block, c, today = run.block, run.c, int(run.history.days[began.place])
    run.journal.here[1] = today
    dead = bool(run.history.events.kind[began.event] == DEATH)
    if block.core[c, STATUS] == CONTINUED:
        return open_account(run, chosen, began.place, began.amount)
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
            state = annuity_day(run, state, d, asked, k)
        else:
            state = account_day(run, state, d, asked, k, began is not None and d == first)
    return state


def _refuse_all(run: Run, today: int, first: int, last: int, reason: int) -> None:
    run.journal.here[1] = today
    for k in range(first, last):
        refuse(run.journal, k, reason)
