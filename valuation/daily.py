"""The daily valuation: a block of contracts through Valuation Days of observed Unit Prices and recorded transactions.

One of the two drivers of `valuation.day.advance`; its lanes are contracts.
"""

from typing import Any, NamedTuple

import numpy as np

from valuation import living
from valuation.account import Book, total, value
from valuation.charge_classes import benefit_charges, charge_row
from valuation.charges import settle_rates
from valuation.clock import day_of
from valuation.compile import allocating_routine, kernel, routine
from valuation.contract import (
    ACTIVE,
    BENEFIT_FEES,
    CHARGED,
    EXHAUSTED,
    GUARANTEED_PAID,
    OTHER_FEES,
    PAID,
    PAYOUT,
    PENDING,
    RECEIVED,
    Array,
    Integers,
    Layers,
    Life,
)
from valuation.day import advance
from valuation.events import DEATH, SPOUSAL_CONTINUATION, Events
from valuation.fixed_block import fixed_at
from valuation.fixed_money import NO_FIXED_MONEY, settle_fixed
from valuation.fixed_point import fixed_units
from valuation.journal import CHARGE_CLASS, Journal, ledger_row, mark
from valuation.optional_death_benefits import NEW_OPTIONAL_DEATH_BENEFIT, die
from valuation.records import Contract, Facts, Records, change_contract, contract_from, facts_of, life_from, store
from valuation.terms import Terms
from valuation.units import rebased_units

TOTALS = (
    "contracts",
    "contracts_in_payout",
    "contracts_in_bond",
    "account_value",
    "bond_value",
    "protected_withdrawal_value",
    "annual_income_amount",
    "received",
    "paid",
    "charged",
    "benefit_fees",
    "other_fees",
    "guaranteed",
    "added",
)
"""Columns of the daily totals of a block: counts, values at the end of the day in USD, and the day's cash in USD."""


class Block(NamedTuple):
    """State of many contracts, changed in place."""

    core: Array  # (n, 11) fields of Core
    income: Array  # (n, n_field) fields of the living benefit's state
    blank: Any  # a state of its kind
    death: Array  # (n, 11) fields of OptionalDeathBenefit
    units: Array  # (n, n_slot) Units; the last place is the bond Sub-account
    weight: Array  # (n, n_slot) allocation instructions
    payment_day: Integers  # (n, n_layer)
    payment_amount: Array  # (n, n_layer)
    payment_credit: Array  # (n, n_layer)
    payment_kept: Array  # (n, n_layer)
    payment_rate: Array  # (n, n_layer) settled by the day
    payment_carried: Array  # (n, n_layer)
    payment_held: Integers  # (n, n_layer)
    payments: Integers  # (n, 1) layers in use
    life: Integers  # (n, 15) fields of Life
    watch: Integers  # (n, 3, n_slot) transfers in and restrictions by Sub-account, rows of `valuation.restrictions`
    programmes: Array  # (n, 5, 5) programmes in force, rows and columns of `valuation.programme_state`
    charge_class: Integers  # (n,) row of the price table
    fixed: Any = NO_FIXED_MONEY  # composition of money in Fixed Rate Options, see `valuation.fixed_block`


class History(NamedTuple):
    """What happened: Valuation Days, prices, and the transactions of the block in order of contract, day and receipt."""

    days: Integers  # (n_day + 1,) day numbers; the first is the day of the opening state
    prices: Array  # (n_day + 1, n_class, n_slot) Unit Prices, USD
    events: Events
    event_day: Integers  # (n_event,) Valuation Day on which each is processed
    event_first: Integers  # (n + 1,) events of contract c are event_first[c]:event_first[c + 1]


@routine
def contract_at(block: Block, c: int) -> Contract:
    """State of one contract of a block."""
    return contract_from(block.core[c], block.income[c], block.death[c], block.blank, NEW_OPTIONAL_DEATH_BENEFIT)


@routine
def store_contract(block: Block, c: int, contract: Contract) -> None:
    """Write the state of one contract back."""
    store(contract, block.core[c], block.income[c], block.death[c])


@allocating_routine
def layers_at(block: Block, c: int) -> Layers:
    """Purchase Payments of one contract, as views."""
    return Layers(
        block.payment_day[c],
        block.payment_amount[c],
        block.payment_credit[c],
        block.payment_kept[c],
        block.payment_rate[c],
        block.payment_carried[c],
        block.payment_held[c],
        block.payments[c],
    )


@routine
def life_at(block: Block, c: int) -> Life:
    """Persons and dates of one contract."""
    return life_from(block.life[c])


@routine
def _add_totals(totals: Integers, contract: Contract, book: Book, facts: Facts, cash: Array) -> None:
    """Add one contract's day to the totals (14,) of the block."""
    account = value(book)
    whole = total(account)
    if contract.core.status in (ACTIVE, PAYOUT):
        totals[0] += 1
        totals[1] += 1 if contract.core.status == PAYOUT else 0
        totals[2] += 1 if account.bond > 0.0 else 0
        totals[3] += fixed_units(whole)
        totals[4] += fixed_units(account.bond)
        totals[5] += fixed_units(living.protected_value(contract.income, facts.income, whole))
        totals[6] += fixed_units(living.yearly_income(contract.income))
    for k, place in enumerate((RECEIVED, PAID, CHARGED, BENEFIT_FEES, OTHER_FEES, GUARANTEED_PAID)):
        totals[7 + k] += fixed_units(cash[place])
    totals[13] += fixed_units(cash[5])


@routine
def change_class(block: Block, c: int, charge: float, prices: Array, journal: Journal) -> int:
    """The charge class of a contract whose benefits charge ``charge``: where it is a new one, Units are re-based.

    ``prices``  (n_class, n_slot) today's Unit Prices; the new charge is in those of the next Valuation Day

    Source: UNIT-6, UNIT-7, A-UNIT-6 (prospectus 7470-7479, 7586-7598).
    """
    old, new = block.charge_class[c], charge_row(block.life[c, 5], charge)
    if new != old:
        for s in range(block.units.shape[1]):
            before = block.units[c, s]
            after = rebased_units(before, prices[old, s], prices[new, s])
            mark(journal, s, before, prices[old, s])
            if before != 0.0:
                ledger_row(journal, journal.here[1], CHARGE_CLASS, s, 0.0, after - before, prices[new, s])
            journal.marked_price[s] = prices[new, s]
            block.units[c, s] = after
        block.charge_class[c] = new
    return new


@routine
def due_proof(events: Events, first: int, last: int) -> int:
    """The next due proof of death among ``events[first:last]``, ``last`` if there is none.

    The date of death that it tells stops the values of the optional Death Benefit on every day since; what a state opened
    later than that date has already added to them stays.

    Source: DB-19, DB-20, A-DB-8 (prospectus 7072-7074, 7157-7159, 7423-7443).
    """
    for k in range(first, last):
        if events.kind[k] == DEATH or events.kind[k] == SPOUSAL_CONTINUATION:
            return k
    return last


@allocating_routine
def _roll_one(block: Block, c: int, history: History, terms: Terms, journal: Journal, totals: Integers) -> None:
    """Take one contract through all days of the history."""
    contract = contract_at(block, c)
    life, layers, cash = life_at(block, c), layers_at(block, c), np.zeros(7)
    place = block.charge_class[c]
    n_slot = block.units.shape[1]
    journal.here[0], journal.here[1] = c, history.days[0]
    journal.marked_day[:] = history.days[0]
    journal.marked_price[:] = history.prices[0, place]
    k, last = history.event_first[c], history.event_first[c + 1]
    proof = due_proof(history.events, k, last)
    book, fixed = Book(block.units[c], history.prices[0, place], block.weight[c]), fixed_at(block.fixed, c)
    for d in range(1, history.days.shape[0]):
        today = history.days[d]
        first = k
        while k < last and history.event_day[k] <= today:
            k += 1
        status = contract.core.status
        settled = status > EXHAUSTED  # its days are those of `valuation.settlement_days`
        if settled or ((status == PENDING or status > PAYOUT) and first == k):
            continue
        journal.here[1] = today
        if status == ACTIVE:
            proof = proof if proof >= first else due_proof(history.events, first, last)
            if proof < last:
                contract = change_contract(contract, death=die(contract.death, history.events.date[proof]))
        day = day_of(life.issue, history.days[d - 1], today)
        facts = facts_of(contract, terms, life, day)
        book = Book(block.units[c], history.prices[d, place], block.weight[c])
        cash[:] = 0.0
        if k > first:
            settle_rates(terms.charges, life.series, layers, today)
        records = Records(book, layers, journal, cash, block.life[c], block.watch[c], block.programmes[c], fixed)
        contract = advance(records, contract, facts, history.events, first, k)
        life = life_at(block, c)
        place = change_class(block, c, benefit_charges(contract, terms), history.prices[d], journal)
        facts = facts_of(contract, terms, life, day)
        book = Book(block.units[c], history.prices[d, place], block.weight[c])
        _add_totals(totals[d], contract, book, facts, cash)
    settle_fixed(fixed, book, False)
    for s in range(n_slot):
        mark(journal, s, block.units[c, s], book.price[s])
    store_contract(block, c, contract)


@kernel
def rows_needed(history: History, n_slot: int, events: int) -> int:
    """The most ledger rows that one contract can write: a change of every Sub-account on every day and event, twice."""
    n_day: int = history.days.shape[0]
    return 2 * n_slot * (2 * n_day + 3 * events + 4)


@kernel
def roll_forward(block: Block, history: History, terms: Terms, journal: Journal, totals: Integers, start: int) -> int:
    """Take contracts ``start`` and following through the history; returns the first that was left.

    block    changed in place
    journal  filled; when it could overflow, the call returns and goes on after the caller has emptied it
    totals   (n_day + 1, 14) added to, whole numbers: counts and 1/65536 USD, columns TOTALS

    Source: C-21, README decision 3.
    """
    room = journal.ledger_keys.shape[0]
    for c in range(start, block.core.shape[0]):
        events = history.event_first[c + 1] - history.event_first[c]
        if journal.used[0] + rows_needed(history, block.units.shape[1], events) > room:
            return c
        _roll_one(block, c, history, terms, journal, totals)
    contracts: int = block.core.shape[0]
    return contracts
