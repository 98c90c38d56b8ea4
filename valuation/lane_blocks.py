"""Whole rules over blocks of lanes: a day on which something falls due and nobody asks for anything.

A block is 64 lanes, a row for each number that a rule reads or writes, in one flat array of constant pitch.  The compiler
can then see that rows do not overlap and makes vector code of `valuation.day.dues`, the same rule that `advance` calls;
over the state arrays themselves it would have to compare every pair of addresses, and gives up.
"""

from typing import Any

from valuation import death_guarantee, living
from valuation.account import Account, total
from valuation.compile import lane_reader, lane_writer, rule
from valuation.contract import ACTIVE, PAYOUT, Array, Core, Integers
from valuation.day import dues
from valuation.fixed_point import fixed_units
from valuation.lane_layout import (
    ALONE,
    BOND,
    COMPARED,
    CREDIT,
    FEE_TAKEN,
    FIRST_BENEFIT,
    FIRST_CORE,
    GROWTH,
    HIT,
    KEEP_FIRST,
    KEEP_SECOND,
    MAINTENANCE,
    PERMITTED,
    PRINCIPAL,
    QUIET,
    WIDTH,
    fields_of,
)  # fmt: skip
from valuation.lane_rows import copy_row, write_quiet
from valuation.projected import FEES, IN, OTHER, Room
from valuation.records import Contract, Facts

CHANGED_CORE = fields_of(Core, "withdrawn_year", "paid_out_start", "transfers", "withdrawn_calendar", "required")
"""What `dues` can change of the Annuity."""

READ_CORE = (*CHANGED_CORE, *fields_of(Core, "status", "paid_out", "withdrawn_total"))
"""What they read or change; the state of a lane comes from the third-level cache, so that every row less counts."""

read_core, write_core = lane_reader(Core, FIRST_CORE, WIDTH), lane_writer(Core, FIRST_CORE, WIDTH)


@rule
def load_block(
    core: Array, income: Array, cores: tuple[int, ...], incomes: tuple[int, ...], room: Room, start: int, stop: int
) -> None:
    """Copy some fields of lanes ``start`` to ``stop`` into the block; core (11, n_lane), income (n_field, n_lane)."""
    rows = room.rows
    for k in cores:
        copy_row(core[k][start:stop], rows, FIRST_CORE + k)
    for k in incomes:
        copy_row(income[k][start:stop], rows, FIRST_BENEFIT + k)
    copy_row(room.permitted[start:stop], rows, PERMITTED)
    copy_row(room.bond[start:stop], rows, BOND)


@rule
def dues_in_block(rows: Array, blank: Any, blank_death: Any, facts: Facts, plan: Any, credited: float) -> None:
    """What falls due, the quarterly capture and the transfer test, in every lane of the block.

    QUIET is 1 where that is the whole day; elsewhere the contract is not active, has nothing left, or principal is returned
    into an empty account, and the lane goes by itself.
    """
    for i in range(WIDTH):
        dying = death_guarantee.read_lane(blank_death, rows, i)
        contract = Contract(read_core(rows, i), living.read_lane(blank, rows, i), dying)
        account = Account(rows[PERMITTED * WIDTH + i], rows[BOND * WIDTH + i])
        due = dues(contract, account, facts, plan, credited)
        whole = total(due.account)
        by_instructions = (due.principal > 0.0) & (due.growth == 1.0)
        by_instructions = by_instructions | (due.released > 0.0) | (due.freed > 0.0)
        active = contract.core.status == ACTIVE
        quiet = active & (whole > 0.0) & (not by_instructions)
        alone = (active & (not quiet)) | ((contract.core.status == PAYOUT) & living.pays_on(blank, facts.day))
        income = living.capture(due.contract.income, facts.income, facts.day, whole)
        moves = living.transfer_due(income, facts.income, facts.terms, due.account, due.compared)
        write_core(due.contract.core, rows, i)
        living.write_lane(income, rows, i)
        death = death_guarantee.capture(due.contract.death, facts.death, whole)
        death_guarantee.write_lane(death, rows, i)
        rows[PERMITTED * WIDTH + i] = due.account.permitted
        rows[BOND * WIDTH + i] = due.account.bond
        rows[COMPARED * WIDTH + i] = due.compared
        rows[CREDIT * WIDTH + i] = due.credit if quiet else 0.0
        rows[MAINTENANCE * WIDTH + i] = due.maintenance.amount if quiet else 0.0
        rows[FEE_TAKEN * WIDTH + i] = due.fee.amount if quiet else 0.0
        rows[PRINCIPAL * WIDTH + i] = due.principal if quiet else 0.0
        before, after = due.maintenance.keep, due.fee.keep
        if living.fee_first(blank):
            before, after = due.fee.keep, due.maintenance.keep
        rows[KEEP_FIRST * WIDTH + i] = before if quiet else 1.0
        rows[KEEP_SECOND * WIDTH + i] = after if quiet else 1.0
        rows[GROWTH * WIDTH + i] = due.growth if quiet else 1.0
        rows[QUIET * WIDTH + i] = 1.0 if quiet else 0.0
        rows[ALONE * WIDTH + i] = 1.0 if alone else 0.0
        rows[HIT * WIDTH + i] = 1.0 if quiet & (moves > 0) else 0.0


@rule
def store_block(
    core: Array, income: Array, blank: Any, units: Array, weight: Array, price: Array, slots: Integers, d: int,
    credited: float, room: Room, start: int, stop: int,
) -> None:  # fmt: skip
    """Write the quiet lanes of the block back; units (n_slot, n_lane), the last the bond Sub-account."""
    rows, last = room.rows, units.shape[0] - 1
    for k in CHANGED_CORE:
        write_quiet(rows, FIRST_CORE + k, core[k][start:stop])
    for k in living.changed_by_dues(blank):
        write_quiet(rows, FIRST_BENEFIT + k, income[k][start:stop])
    for s in range(last):
        held = units[s][start:stop]
        if credited > 0.0 and weight[s] > 0.0:
            today = price[slots[s], d][start:stop]
            for i in range(held.shape[0]):
                held[i] += rows[CREDIT * WIDTH + i] * weight[s] / today[i]
        for i in range(held.shape[0]):
            kept = held[i] * rows[KEEP_FIRST * WIDTH + i] * rows[KEEP_SECOND * WIDTH + i]
            held[i] = kept * rows[GROWTH * WIDTH + i]
    held = units[last][start:stop]
    if living.own_account(blank):
        if credited > 0.0 and weight[last] > 0.0:  # Fixed Rate Options, at a price of 1
            for i in range(held.shape[0]):
                held[i] += rows[CREDIT * WIDTH + i] * weight[last]
        for i in range(held.shape[0]):
            held[i] = held[i] * rows[KEEP_SECOND * WIDTH + i] * rows[GROWTH * WIDTH + i]
    else:
        for i in range(held.shape[0]):
            held[i] = held[i] * rows[KEEP_FIRST * WIDTH + i] * rows[KEEP_SECOND * WIDTH + i]
    permitted, bond, compared = room.permitted[start:stop], room.bond[start:stop], room.compared[start:stop]
    for i in range(permitted.shape[0]):
        permitted[i] = rows[PERMITTED * WIDTH + i]
        bond[i] = rows[BOND * WIDTH + i]
        compared[i] = rows[COMPARED * WIDTH + i]
    hit, alone = room.hit[start:stop], room.alone[start:stop]
    for i in range(hit.shape[0]):
        hit[i] = int(rows[HIT * WIDTH + i])
        alone[i] = int(rows[ALONE * WIDTH + i])


@rule
def book_block(
    blank: Any, worth: Array, net: Integers, charged: Array, in_force: Array, discount: Array, shock: float, charge: float,
    rows: Array, start: int, stop: int,
) -> None:  # fmt: skip
    """Present values of what fell due in the quiet lanes of the block; worth (9, n_lane), net (n_lane,)."""
    fees, other, added = worth[FEES][start:stop], worth[OTHER][start:stop], worth[IN][start:stop]
    whole, share, factor = net[start:stop], in_force[start:stop], discount[start:stop]
    for i in range(fees.shape[0]):
        weight = share[i] * shock * factor[i]
        fee, maintenance = rows[FEE_TAKEN * WIDTH + i], rows[MAINTENANCE * WIDTH + i]
        paid_in = rows[CREDIT * WIDTH + i] + rows[PRINCIPAL * WIDTH + i]
        fees[i] += weight * fee
        other[i] += weight * maintenance
        added[i] += weight * paid_in
        whole[i] += fixed_units(weight * (fee + maintenance - paid_in))
    funds = charged[start:stop]
    for i in range(funds.shape[0]):
        account = Account(rows[PERMITTED * WIDTH + i], rows[BOND * WIDTH + i])
        funds[i] += living.charged(blank, account) * charge * rows[QUIET * WIDTH + i]
