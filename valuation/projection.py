"""The projection: many scenarios of many contracts, every Valuation Day to the last age.

One of the two drivers of `valuation.day.advance`; its lanes are scenarios.  Decrements are probabilities carried with the
lane: a lane's values are those of one contract in force, its cash counts by the share still in force.

Readings  R-1 deaths and surrenders fall on the Valuation Day that ends a projection month, after the day's law
          R-2 two lives: the Death Benefit's excess over the Account Value is paid at the first death, and the contract
          goes on unchanged until the last
          R-3 at the latest Annuity Date the Owner keeps the Annual Income Amount where its annuity value is higher than
          the Account Value, and else takes the Account Value
          income under a benefit that is annuitised: on the last Annuity Anniversary that allows it, by the same comparison
          R-5 the share of contracts that begins annuity payments before is settled at the value of the payments
          R-4 asset-based charges of a month are discounted from its end
          R-6 Fixed Rate Options renew, and take Longevity Credits, at the rate declared on the valuation date; an Enhanced
          programme keeps its schedule
          R-7 at the latest Annuity Date and at a death the amount applied is paid at once: an annuity option or a
          Beneficiary's account is worth what is applied to it, at the rates of that day, and no guarantee goes on;
          contracts already so far are not projected but carried as amounts payable (`tasks.payable`)
"""

from typing import Any

import numpy as np

from valuation import death_guarantee, living
from valuation.account import Account, Book, total, value
from valuation.charges import settle_rates
from valuation.clock import Day, day_of
from valuation.compile import allocating_kernel, routine, rule
from valuation.contract import (
    ACTIVE,
    ADDED,
    BENEFIT_FEES,
    CHARGED,
    GUARANTEED_PAID,
    OTHER_FEES,
    PAID,
    PAYOUT,
    Array,
    Integers,
    Layers,
    Life,
)
from valuation.credits import payments_credited
from valuation.day import advance
from valuation.events import ANNUITIZATION, INCOME, NO_CHOICE, Assumed
from valuation.fixed_block import fixed_at
from valuation.fixed_money import NO_FIXED_MONEY, follow_lanes, lanes_growth, settle_lanes
from valuation.fixed_point import fixed_units
from valuation.journal import Silent
from valuation.lane_blocks import (
    READ_CORE,
    book_block,
    dues_in_block,
    load_block,
    store_block,
)
from valuation.lane_layout import N_ROW, WIDTH
from valuation.lanes import account_values, credit_interest, move_lane, roll_calendar
from valuation.month_end import month_end
from valuation.optional_death_benefits import NO_DEATH_BENEFIT_DAY
from valuation.payout import guaranteed_payment
from valuation.programme_state import N_PROGRAMME, N_STATE
from valuation.projected import FEES, IN, LIVING, OTHER, OUT, Chunk, Group, Lanes, Room, annuity_at, life_of
from valuation.records import Contract, Facts, Records, change_facts, contract_from, store
from valuation.schedule import ANNUITISE, CALENDAR, CHOOSE, EXERCISE, LAW, MONTH, WITHDRAW, YEAR
from valuation.terms import Terms


@rule
def _prior(grid: Integers, as_of: int, place: int) -> int:
    prior: int = grid[place - 1] if place > 0 else as_of
    return prior


@routine
def _benefit_facts(blank: Any, income: Array, terms: Terms, life: Life, day: Day) -> Any:
    """Facts of the benefit, the same in every scenario; ``income`` (n_field, n_lane) of one contract."""
    if income[2, 0] == 0.0:
        return living.no_benefit_day(blank)
    return living.benefit_day(living.known(blank, income), terms, life, day)


@allocating_kernel
def project_chunk(group: Group, lanes: Lanes, chunk: Chunk, terms: Terms) -> None:
    """Take every contract of a group through the days of a chunk, in every scenario of a tile.

    Lanes are changed in place.  Source: C-21; readings R-1 to R-4 above.
    """
    n_slot, n_lane, n_day = lanes.units.shape[1], lanes.units.shape[2], chunk.price.shape[1]
    room = Room(
        np.zeros(n_lane), np.zeros(n_lane), np.zeros(n_lane), np.zeros(n_lane, np.int64), np.zeros(n_lane, np.int64),
        np.zeros(N_ROW * WIDTH),
    )  # fmt: skip
    kind, choice = np.full(1, INCOME), np.full(1, NO_CHOICE)
    units, price, cash = np.zeros(n_slot), np.zeros(n_slot), np.zeros(7)
    watch = np.zeros((3, n_slot), np.int64)  # nobody transfers or pays in a projection
    programmes = np.zeros((N_PROGRAMME, N_STATE))  # nor has one scheduled anything
    uncleared = np.zeros(group.payment_day.shape[1], np.int64)
    events = Assumed(kind, np.zeros(1), choice)
    for c in range(group.life.shape[0]):
        if lanes.alive[c] == 0:
            continue
        layers = Layers(
            group.payment_day[c], group.payment_amount[c], group.payment_credit[c],
            group.payment_kept[c], group.payment_rate[c], group.payment_carried[c], uncleared, group.payments[c],
        )  # fmt: skip
        book = Book(units, price, group.weight[c])
        records = Records(book, layers, Silent(0.0), cash, group.life[c], watch, programmes, NO_FIXED_MONEY)
        fixed = fixed_at(lanes.fixed, c)
        life, step, last = life_of(group, c), lanes.cursor[c], group.steps.first[c + 1]
        d = chunk.start - chunk.start  # a literal 0 is a type of its own, and would compile everything below once more
        while d < n_day:
            next_event = group.steps.day[step] - chunk.start if step < last else n_day
            flags, stop = 0, min(next_event, n_day)
            today, prior = chunk.grid[chunk.start + d], _prior(chunk.grid, chunk.as_of, chunk.start + d)
            nobody = living.no_benefit_day(group.blank)
            facts = Facts(
                terms, life, Day(today, prior, float(today - prior), 0, 0, 0, False), nobody, NO_DEATH_BENEFIT_DAY
            )
            if next_event == d:
                flags, stop = group.steps.flags[step], d + 1
                facts = _begin_event(group, lanes, chunk, terms, records, life, c, d, flags)
            if flags & LAW:
                if lanes.active[c] or living.pays_on(group.blank, facts.day):
                    _law_day(group, lanes, chunk, facts, records, fixed, events, room, c, d, step)
                if living.annuitises(group.blank) and flags & CHOOSE and lanes.active[c]:
                    _begin_some(group, lanes, chunk, facts, room, c, d)
                lanes.mode[c] = living.next_mode(group.blank, lanes.mode[c], facts.income, flags & WITHDRAW != 0)
            elif lanes.active[c]:
                _ordinary_days(group, lanes, chunk, facts, records, fixed, room, c, d, stop)
            if next_event == d:
                _end_event(group, lanes, chunk, facts, records.layers, room, c, d, step)
                step += 1
            d = stop
        lanes.cursor[c] = step


@rule
def _ordinary_days(
    group: Group, lanes: Lanes, chunk: Chunk, facts: Facts, records: Records, fixed: Any, room: Room, c: int, start: int,
    stop: int,
) -> None:  # fmt: skip
    """Days ``start`` to ``stop`` (not included) of one contract: no event that asks for the full order falls on them."""
    mode, factor, terms, blank = lanes.mode[c], lanes.factor[c], facts.terms, group.blank
    plan = terms.income[int(lanes.income[c, 0, 0])]
    units, income, charged = lanes.units[c], lanes.income[c], lanes.charged[c]
    price, rows, grid, nothing = chunk.price, group.slots[c], chunk.grid, NO_DEATH_BENEFIT_DAY
    held, settled, known = group.held[c], living.ordinary_facts(blank, plan, mode, factor, 1.0), 1.0
    for d in range(start, stop):
        today, prior = grid[chunk.start + d], _prior(grid, chunk.as_of, chunk.start + d)
        elapsed = float(today - prior)
        if elapsed != known:
            settled, known = living.ordinary_facts(blank, plan, mode, factor, elapsed), elapsed
        credit_interest(units, lanes_growth(fixed, living.account_growth(settled), lanes.core[c], units, prior, today))
        follow_lanes(fixed, records.book, records.journal, lanes.core[c], units, price, rows, d)
        account_values(units, price, rows, held, d, room.permitted, room.bond)
        day = Day(today, prior, elapsed, 0, 0, 0, False)
        death_guarantee.ordinary_day(
            group.blank_death, lanes.death[c], terms, facts.life, day, room.permitted, room.bond
        )
        now = living.facts_of(blank, terms, mode, settled, income, facts.life, day)
        moved = living.ordinary_day(
            blank, mode, income, now, terms, chunk.charge[d], room.permitted, room.bond, charged, room.hit
        )
        if moved:
            moving = Facts(terms, facts.life, day, now, nothing)
            for i in range(room.hit.shape[0]):
                if room.hit[i]:
                    account = Account(room.permitted[i], room.bond[i])
                    move_lane(records, income, blank, units, price, rows, d, i, moving, account, total(account))


@rule
def _begin_event(
    group: Group, lanes: Lanes, chunk: Chunk, terms: Terms, records: Records, life: Life, c: int, d: int, flags: int
) -> Facts:
    """What is true of a day on which something is due, settled once for all lanes."""
    today, prior = chunk.grid[chunk.start + d], _prior(chunk.grid, chunk.as_of, chunk.start + d)
    day = day_of(life.issue, prior, today)
    dying = death_guarantee.death_day(death_guarantee.running(group.blank_death, lanes.death[c]), terms, life, day)
    facts = Facts(terms, life, day, _benefit_facts(group.blank, lanes.income[c], terms, life, day), dying)
    lanes.factor[c] = living.factor_of(facts.income)
    if flags & (MONTH | WITHDRAW):
        settle_rates(terms.charges, life.series, records.layers, today)
    if flags & CALENDAR and not flags & LAW and lanes.active[c]:
        roll_calendar(lanes.core[c])
    return facts


@rule
def _end_event(
    group: Group, lanes: Lanes, chunk: Chunk, facts: Facts, layers: Layers, room: Room, c: int, d: int, step: int
) -> None:
    """The projection month or year that ends today, after the day's law."""
    flags = group.steps.flags[step]
    if flags & MONTH:
        account_values(lanes.units[c], chunk.price, group.slots[c], group.held[c], d, room.permitted, room.bond)
        month_end(group, lanes, chunk, facts, layers, room, c, d, group.steps.month[step])
    if flags & YEAR:
        shock, year, in_force = chunk.discount_shock[d], lanes.year[c], lanes.in_force[c]
        for i in range(in_force.shape[0]):
            worth = (room.permitted[i] + room.bond[i]) * in_force[i] * shock * chunk.discount[d, i]
            lanes.yearly[year, 1, i] += fixed_units(worth)
        lanes.year[c] = year + 1


@rule
def _set_event(events: Assumed, flags: int, share: float, keep: bool) -> int:
    """Write the day's one event; returns how many there are."""
    if flags & ANNUITISE != 0 or (keep and flags & EXERCISE != 0):
        events.kind[0] = ANNUITIZATION
        events.choice[0] = 0 if keep else NO_CHOICE
        return 1
    if flags & WITHDRAW:
        events.kind[0] = INCOME
        events.amount[0] = share
        events.choice[0] = NO_CHOICE
        return 1
    return 0


@routine
def keeps_income(contract: Contract, facts: Facts, account: float, annuity: float) -> bool:
    """Whether income under the benefit can begin, and is worth more than the Account Value.  Reading R-3."""
    plan = facts.terms.income[int(contract.income.plan)]
    refused = living.annuity_refusal(contract.income, plan, facts.life, facts.day) != 0
    if refused or not living.keeps_income(contract.income):
        return False
    return living.income_now(contract.income, facts.income, account) * annuity > account


@rule
def _begin_some(group: Group, lanes: Lanes, chunk: Chunk, facts: Facts, room: Room, c: int, d: int) -> None:
    """The share of one contract that begins annuity payments under the benefit today, by their value.  Reading R-5."""
    plan, blank = facts.terms.income[int(lanes.income[c, 0, 0])], group.blank
    annuity = annuity_at(group, c, chunk.as_of, facts.day.today)
    account_values(lanes.units[c], chunk.price, group.slots[c], group.held[c], d, room.permitted, room.bond)
    worth, year, shock = lanes.worth[c], lanes.year[c], chunk.discount_shock[d]
    for i in range(room.permitted.shape[0]):
        income, account = living.read(blank, lanes.income[c][:, i]), room.permitted[i] + room.bond[i]
        refused = living.annuity_refusal(income, plan, facts.life, facts.day) != 0
        if lanes.core[c, 0, i] != ACTIVE or account <= 0.0 or refused or not living.keeps_income(income):
            continue
        value, band = living.income_now(income, facts.income, account) * annuity, 0
        for k in range(group.band_starts.shape[0]):
            band += 1 if value >= group.band_starts[k] * account else 0
        first = living.annuity_first_allowed(income, plan, facts.life, facts.day)
        share = group.begins[int(first), band]
        weight = lanes.in_force[c, i] * shock * chunk.discount[d, i] * share
        worth[LIVING, i] += weight * (value - account)
        worth[OUT, i] += weight * account
        lanes.yearly[year, 0, i] += fixed_units(weight * (account - value))
        lanes.begun[c, i] += lanes.in_force[c, i] * share
        lanes.in_force[c, i] *= 1.0 - share


@routine
def _law_day(
    group: Group, lanes: Lanes, chunk: Chunk, facts: Facts, records: Records, fixed: Any, events: Assumed, room: Room,
    c: int, d: int, step: int,
) -> None:  # fmt: skip
    """The full order of events in every lane of one contract, and its cash."""
    flags, n_lane = group.steps.flags[step], lanes.in_force.shape[1]
    core, units, day = lanes.core[c], lanes.units[c], facts.day
    growth = lanes_growth(fixed, living.account_growth(facts.income), core, units, day.prior, day.today)
    credit_interest(units, growth)
    facts = change_facts(facts, income=living.credited(facts.income))
    if flags & (WITHDRAW | ANNUITISE | EXERCISE):
        pays = living.pays_on(group.blank, facts.day)
        for i in range(n_lane):
            room.alone[i] = core[0, i] == ACTIVE or (core[0, i] == PAYOUT and pays)
    else:
        _quiet_day(group, lanes, chunk, facts, records, room, c, d)
    for i in range(n_lane):
        if room.alone[i] and core[0, i] == PAYOUT:
            _pay_lane(group, lanes, chunk, facts, c, d, i)
        elif room.alone[i]:
            _lane_day(group, lanes, chunk, facts, records, events, c, d, i, step)
    settle_lanes(fixed, core, units)
    follow_lanes(fixed, records.book, records.journal, core, units, chunk.price, group.slots[c], d)
    active, alive = 0, 0
    for i in range(n_lane):
        active += core[0, i] == ACTIVE
        alive += core[0, i] == ACTIVE or core[0, i] == PAYOUT
    lanes.active[c], lanes.alive[c] = min(active, 1), min(alive, 1)


@rule
def _quiet_day(
    group: Group, lanes: Lanes, chunk: Chunk, facts: Facts, records: Records, room: Room, c: int, d: int
) -> None:
    """A day on which something falls due and nobody asks for anything; lanes that need more are marked."""
    core, income, units, rows = lanes.core[c], lanes.income[c], lanes.units[c], group.slots[c]
    plan = facts.terms.income[int(income[0, 0])]
    credited = payments_credited(facts.terms.purchase, facts.life, records.layers, facts.day)
    account_values(units, chunk.price, rows, group.held[c], d, room.permitted, room.bond)
    n_lane = room.permitted.shape[0]
    for start in range(0, n_lane, WIDTH):
        stop = min(start + WIDTH, n_lane)
        load_block(core, income, READ_CORE, living.read_by_dues(group.blank), room, start, stop)
        death_guarantee.load(group.blank_death, lanes.death[c], room.rows, start, stop)
        dues_in_block(room.rows, group.blank, group.blank_death, facts, plan, credited)
        death_guarantee.store(group.blank_death, lanes.death[c], room.rows, start, stop)
        store_block(
            core, income, group.blank, units, group.weight[c], chunk.price, rows, d, credited, room, start, stop
        )
        book_block(
            group.blank, lanes.worth[c], lanes.yearly[lanes.year[c], 0], lanes.charged[c], lanes.in_force[c], chunk.discount[d],
            chunk.discount_shock[d], chunk.charge[d], room.rows, start, stop,
        )  # fmt: skip
    for i in range(n_lane):
        if room.hit[i]:
            account = Account(room.permitted[i], room.bond[i])
            move_lane(records, income, group.blank, units, chunk.price, rows, d, i, facts, account, room.compared[i])


@rule
def _pay_lane(group: Group, lanes: Lanes, chunk: Chunk, facts: Facts, c: int, d: int, i: int) -> None:
    """A lane whose Account Value is zero, as `advance` has it."""
    fields = lanes.income[c, :, i]
    payment = guaranteed_payment(living.read(group.blank, fields), facts)
    living.write(payment.income, fields)
    lanes.core[c, 0, i] = payment.status
    weight = lanes.in_force[c, i] * chunk.discount_shock[d] * chunk.discount[d, i]
    lanes.worth[c, LIVING, i] += weight * payment.amount
    lanes.yearly[lanes.year[c], 0, i] += fixed_units(-weight * payment.amount)


@rule
def _lane_day(
    group: Group, lanes: Lanes, chunk: Chunk, facts: Facts, records: Records, events: Assumed, c: int, d: int, i: int,
    step: int,
) -> None:  # fmt: skip
    """The law of one lane by itself."""
    flags, share, annuity = group.steps.flags[step], group.steps.share[step], 0.0
    if flags & (ANNUITISE | EXERCISE):
        annuity = annuity_at(group, c, chunk.as_of, facts.day.today)
    core, income, units, worth = lanes.core[c], lanes.income[c], lanes.units[c], lanes.worth[c]
    death = lanes.death[c]
    book, cash, rows = records.book, records.cash, group.slots[c]
    for s in range(rows.shape[0]):
        book.price[s] = chunk.price[rows[s], d, i]
        book.units[s] = units[s, i]
    contract = contract_from(core[:, i], income[:, i], death[:, i], group.blank, group.blank_death)
    before = total(value(book))
    keep = flags & (ANNUITISE | EXERCISE) != 0 and keeps_income(contract, facts, before, annuity)
    cash[:] = 0.0
    n_event = _set_event(events, flags, share, keep)
    contract = advance(records, contract, facts, events, 0, n_event)
    store(contract, core[:, i], income[:, i], death[:, i])
    for s in range(rows.shape[0]):
        units[s, i] = book.units[s]
    lanes.charged[c, i] += living.charged(group.blank, value(book)) * chunk.charge[d]
    weight = lanes.in_force[c, i] * chunk.discount_shock[d] * chunk.discount[d, i]
    surrendered = before - cash[BENEFIT_FEES] - cash[OTHER_FEES] + cash[ADDED] if keep else 0.0
    claims, fees, added = cash[GUARANTEED_PAID] - surrendered, cash[BENEFIT_FEES], cash[ADDED]
    other = cash[OTHER_FEES] + cash[CHARGED]
    worth[LIVING, i] += weight * claims
    worth[FEES, i] += weight * fees
    worth[OTHER, i] += weight * other
    worth[OUT, i] += weight * (cash[PAID] + surrendered)
    worth[IN, i] += weight * added
    lanes.yearly[lanes.year[c], 0, i] += fixed_units(weight * (fees + other - claims - added))
