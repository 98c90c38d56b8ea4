"""The projection: many scenarios of many contracts, every Valuation Day to the last age.

One of the two drivers of `valuation.day.advance`; its lanes are scenarios.  Decrements are probabilities carried with the
lane: a lane's values are those of one contract in force, its cash counts by the share still in force.

Readings  R-1 deaths and surrenders fall on the Valuation Day that ends a projection month, after the day's law
          R-2 two lives: the Death Benefit's excess over the Account Value is paid at the first death, and the contract
          goes on unchanged until the last
          R-3 at the latest Annuity Date the Owner keeps the Annual Income Amount where its annuity value is higher than
          the Account Value, and else takes the Account Value
          R-4 asset-based charges of a month are discounted from its end
"""

from typing import NamedTuple

import numpy as np

from valuation import highest_daily_7 as hd7
from valuation.account import Account, Book, total, value
from valuation.charges import settle_rates
from valuation.clock import Day, day_of
from valuation.compile import kernel, rule, unowned
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
from valuation.credits import settle_late_credits
from valuation.day import advance
from valuation.death_benefit import death_benefit, is_suspended
from valuation.decrements import LapseParams, dynamic_lapse
from valuation.endings import value_before_tax
from valuation.events import ANNUITIZATION, INCOME, NO_CHOICE, Events
from valuation.highest_daily_7 import IncomeDay
from valuation.journal import Silent
from valuation.lanes import DRAW, FREEZE, GROW, HOLD, account_values, benefit_day, move_lanes, roll_calendar
from valuation.records import Contract, Facts, Records, contract_from, life_from, store
from valuation.schedule import ANNUITISE, CALENDAR, LAW, MONTH, WITHDRAW, YEAR, Steps
from valuation.terms import Terms

MEASURES = (
    "living_claims",
    "death_claims",
    "benefit_fees",
    "asset_charges",
    "revenue_sharing",
    "other_charges",
    "paid_from_account",
    "added_to_account",
    "expenses",
)
"""Present values per contract and scenario, USD.  Living claims: guaranteed income paid by the insurer, less the Account
Value it keeps when income is taken as an annuity.  Death claims: Death Benefit above Account Value.  Other charges: CDSC,
maintenance fees, credits taken back, accrued fees.  Paid from account: everything Owners and Beneficiaries get out of the
Account Value.  Added to account: Return of Principal and Longevity Credits."""

LIVING, DIED, FEES, ASSET, SHARING, OTHER, OUT, IN, EXPENSE = range(9)
FIXED = 65536.0
"""Yearly totals are whole numbers of 1/65536 USD: their sum does not depend on partitioning or order."""


class Group(NamedTuple):
    """Contracts of one charge class, as they stand at the valuation date."""

    life: Integers  # (n, 15) fields of Life
    slots: Integers  # (n, n_slot) rows of the price table; the last is the bond Sub-account
    held: Integers  # (n,) slots in use besides the bond's
    weight: Array  # (n, n_slot)
    payment_day: Integers  # (n, n_layer)
    payment_amount: Array  # (n, n_layer)
    payment_credit: Array  # (n, n_layer)
    payment_kept: Array  # (n, n_layer)
    payment_rate: Array  # (n, n_layer) settled by the day
    payment_late: Array  # (n, n_layer) settled by the day
    payments: Integers  # (n, 1)
    steps: Steps
    ends: Array  # (n, n_month) probability that the contract ends by death
    claims: Array  # (n, n_month) probability that the Death Benefit's excess is paid
    lapse: Array  # (n, n_month) base probability of surrender
    annuity: Array  # (n, n_month) value of 1 USD a year for life, by month
    period: Integers  # (n, n_month) 0 CDSC period, 1 first year after it, 2 later
    expense: Array  # (n_month,) USD per contract
    account_expense: float  # fraction of the Account Value per month
    sharing: Array  # (n_month,) revenue sharing per USD of asset-based charges


class Lanes(NamedTuple):
    """State of every contract of a group in every scenario of a tile, changed in place."""

    core: Array  # (n, 11, n_lane)
    income: Array  # (n, 17, n_lane)
    units: Array  # (n, n_slot, n_lane)
    in_force: Array  # (n, n_lane) probability
    charged: Array  # (n, n_lane) asset-based charges since the last month-end, USD
    worth: Array  # (n, 9, n_lane) present values, columns MEASURES
    yearly: (
        Integers  # (n_year, 2, n_lane) present value of the insurer's net cash flow; of the Account Value at year-end
    )
    cursor: Integers  # (n,) next step
    year: Integers  # (n,) projection years ended
    factor: Array  # (n,) "a" of the transfer formula today
    mode: Integers  # (n,) what the benefit does on ordinary days
    active: Integers  # (n,) 1 while any lane has an Account Value


class Chunk(NamedTuple):
    """Some days of one tile, under one market shock and one charge class."""

    start: int  # place of the first day in the grid
    grid: Integers  # (n_day_total,) Valuation Days
    as_of: int  # day of the opening state
    price: Array  # (n_sub, n_day, n_lane) Unit Prices
    discount: Array  # (n_day, n_lane) to the valuation date, before the shock
    discount_shock: Array  # (n_day,)
    charge: Array  # (n_day,) share that the class's charge takes until the next Valuation Day
    lapse: tuple[LapseParams, ...]  # by period and use of withdrawals (6), then by period without a living benefit (3)


@rule
def life_of(group: Group, c: int) -> Life:
    """Persons and dates of one contract."""
    return life_from(unowned(group.life[c]))


@rule
def _prior(grid: Integers, as_of: int, place: int) -> int:
    prior: int = grid[place - 1] if place > 0 else as_of
    return prior


@kernel
def _benefit_facts(income: Array, terms: Terms, life: Life, day: Day) -> IncomeDay:
    """Facts of the benefit, the same in every scenario; ``income`` (17, n_lane) of one contract."""
    effective = income[2, 0]
    if effective == 0.0:
        return hd7.IncomeDay(1.0, False, False, False, 0.0, 0.0, 0.0, False)
    elected = hd7.change_income(hd7.NEW_INCOME, plan=income[0, 0], stage=float(hd7.PRE), effective=effective)
    return hd7.income_day(elected, terms, life, day)


@kernel
def project_chunk(group: Group, lanes: Lanes, chunk: Chunk, terms: Terms) -> None:
    """Take every contract of a group through the days of a chunk, in every scenario of a tile.

    Lanes are changed in place.  Source: C-21; readings R-1 to R-4 above.
    """
    n_slot, n_lane, n_day = lanes.units.shape[1], lanes.units.shape[2], chunk.price.shape[1]
    permitted, bond, hit = np.zeros(n_lane), np.zeros(n_lane), np.zeros(n_lane, np.int64)
    codes, share, weights = np.full((5, 1), NO_CHOICE), np.zeros(1), np.zeros((1, n_slot))
    units, price, cash = np.zeros(n_slot), np.zeros(n_slot), np.zeros(7)
    watch = np.zeros((3, n_slot), np.int64)  # nobody transfers or pays in a projection
    uncleared = np.zeros(group.payment_day.shape[1], np.int64)
    events = Events(
        unowned(codes[0]), unowned(share), unowned(codes[1]), unowned(codes[2]), unowned(codes[3]), unowned(codes[4]),
        unowned(weights),
    )  # fmt: skip
    for c in range(group.life.shape[0]):
        layers = Layers(
            unowned(group.payment_day[c]), unowned(group.payment_amount[c]), unowned(group.payment_credit[c]),
            unowned(group.payment_kept[c]), unowned(group.payment_rate[c]), unowned(group.payment_late[c]),
            unowned(uncleared), unowned(group.payments[c]),
        )  # fmt: skip
        book = Book(unowned(units), unowned(price), unowned(group.weight[c]))
        records = Records(book, layers, Silent(0.0), unowned(cash), unowned(group.life[c]), unowned(watch))
        last = group.steps.first[c + 1]
        d = 0
        while d < n_day:
            step = lanes.cursor[c]
            stop = min(group.steps.day[step] - chunk.start, n_day) if step < last else n_day
            if lanes.active[c]:
                _ordinary_days(group, lanes, chunk, terms, records, c, d, stop, permitted, bond, hit)
            if stop < n_day:
                _event_day(group, lanes, chunk, terms, records, events, c, stop, step, permitted, bond, hit)
                lanes.cursor[c] = step + 1
            d = stop + 1


@kernel
def _ordinary_days(
    group: Group, lanes: Lanes, chunk: Chunk, terms: Terms, records: Records, c: int, start: int, stop: int,
    permitted: Array, bond: Array, hit: Integers,
) -> None:  # fmt: skip
    """Days ``start`` to ``stop`` (not included) of one contract: no event falls on them."""
    mode, factor = lanes.mode[c], lanes.factor[c]
    plan = terms.income[int(lanes.income[c, 0, 0])]
    units, income, charged = unowned(lanes.units[c]), unowned(lanes.income[c]), unowned(lanes.charged[c])
    price, rows, grid = unowned(chunk.price), unowned(group.slots[c]), unowned(chunk.grid)
    held, growth, grown = group.held[c], 1.0, 0.0
    for d in range(start, stop):
        today, prior = grid[chunk.start + d], _prior(grid, chunk.as_of, chunk.start + d)
        elapsed = float(today - prior)
        if mode == GROW and elapsed != grown:
            growth, grown = hd7.growth_factor(plan, elapsed), elapsed
        account_values(units, price, rows, held, d, permitted, bond)
        moved = benefit_day(
            mode, income, terms.transfer, growth, factor, chunk.charge[d], permitted, bond, charged, hit
        )
        if moved:
            day = Day(today, prior, elapsed, 0, 0, 0, False)
            settled = IncomeDay(growth, mode == FREEZE, False, False, factor, 0.0, 0.0, False)
            facts = Facts(terms, life_of(group, c), day, settled)
            move_lanes(records, lanes.core[c], lanes.income[c], units, price, rows, d, facts, permitted, bond, hit)


@kernel
def _event_day(
    group: Group, lanes: Lanes, chunk: Chunk, terms: Terms, records: Records, events: Events, c: int, d: int,
    step: int, permitted: Array, bond: Array, hit: Integers,
) -> None:  # fmt: skip
    """A day of one contract on which something is due."""
    flags = group.steps.flags[step]
    today, prior = chunk.grid[chunk.start + d], _prior(chunk.grid, chunk.as_of, chunk.start + d)
    life = life_of(group, c)
    day = day_of(life.issue, prior, today)
    facts = Facts(terms, life, day, _benefit_facts(lanes.income[c], terms, life, day))
    lanes.factor[c] = facts.income.factor
    if flags & LAW:
        if lanes.active[c] or day.anniversary:
            _law_day(group, lanes, chunk, facts, records, events, c, d, step)
        if flags & WITHDRAW and lanes.mode[c] != HOLD:
            lanes.mode[c] = DRAW
        elif facts.income.tenth_due and lanes.mode[c] == GROW:
            lanes.mode[c] = FREEZE
    elif lanes.active[c]:
        if flags & CALENDAR:
            roll_calendar(lanes.core[c])
        _ordinary_days(group, lanes, chunk, terms, records, c, d, d + 1, permitted, bond, hit)
    if flags & MONTH:
        settle_rates(terms.charges, life.series, records.layers, today)
        settle_late_credits(terms.purchase, records.layers, today)
        account_values(lanes.units[c], chunk.price, group.slots[c], group.held[c], d, permitted, bond)
        _month_end(group, lanes, chunk, facts, records, c, d, group.steps.month[step], permitted, bond)
    if flags & YEAR:
        discount = chunk.discount_shock[d]
        year = lanes.year[c]
        for i in range(permitted.shape[0]):
            worth = (permitted[i] + bond[i]) * lanes.in_force[c, i] * discount * chunk.discount[d, i]
            lanes.yearly[year, 1, i] += _fixed(worth)
        lanes.year[c] = year + 1


@rule
def _fixed(amount: float) -> int:
    units: int = int(np.floor(amount * FIXED + 0.5))
    return units


@rule
def _set_event(events: Events, flags: int, share: float, keep: bool) -> int:
    """Write the day's one event; returns how many there are."""
    if flags & ANNUITISE:
        events.kind[0] = ANNUITIZATION
        events.choice[0] = 0 if keep else NO_CHOICE
        return 1
    if flags & WITHDRAW:
        events.kind[0] = INCOME
        events.amount[0] = share
        events.choice[0] = NO_CHOICE
        return 1
    return 0


@kernel
def _keeps_income(contract: Contract, facts: Facts, account: float, annuity: float) -> bool:
    """Whether the Annual Income Amount is worth more than the Account Value at the latest Annuity Date.  Reading R-3."""
    income = contract.income
    if income.stage == hd7.PRE:
        value = hd7.protected_withdrawal_value(income, facts.income, account)
        return facts.income.percentage * value * annuity > account
    return income.stage == hd7.POST and income.annual * annuity > account


@kernel
def _law_day(
    group: Group, lanes: Lanes, chunk: Chunk, facts: Facts, records: Records, events: Events, c: int, d: int, step: int
) -> None:
    """The full order of events in every lane of one contract, and its cash."""
    flags, share = group.steps.flags[step], group.steps.share[step]
    core, income, units = unowned(lanes.core[c]), unowned(lanes.income[c]), unowned(lanes.units[c])
    worth, in_force, charged = unowned(lanes.worth[c]), unowned(lanes.in_force[c]), unowned(lanes.charged[c])
    prices, discount, rows = unowned(chunk.price), unowned(chunk.discount[d]), unowned(group.slots[c])
    book, cash, annuity = records.book, records.cash, 0.0
    if flags & ANNUITISE:
        annuity = group.annuity[c, max(group.steps.month[step], 0)]
    year, shock, charge = lanes.year[c], chunk.discount_shock[d], chunk.charge[d]
    net = unowned(lanes.yearly[year, 0])
    any_active = 0
    for i in range(units.shape[1]):
        if core[0, i] > PAYOUT or (core[0, i] == PAYOUT and facts.day.anniversary == 0):
            continue
        for s in range(rows.shape[0]):
            book.price[s] = prices[rows[s], d, i]
            book.units[s] = units[s, i]
        contract = contract_from(core[:, i], income[:, i])
        before = total(value(book))
        keep = flags & ANNUITISE != 0 and _keeps_income(contract, facts, before, annuity)
        cash[:] = 0.0
        n_event = _set_event(events, flags, share, keep)
        contract = advance(records, contract, facts, events, 0, n_event)
        store(contract, core[:, i], income[:, i])
        for s in range(rows.shape[0]):
            units[s, i] = book.units[s]
        charged[i] += total(value(book)) * charge
        any_active |= 1 if contract.core.status == ACTIVE else 0
        weight = in_force[i] * shock * discount[i]
        kept = before - cash[BENEFIT_FEES] - cash[OTHER_FEES] + cash[ADDED] if keep else 0.0
        living, fees, added = cash[GUARANTEED_PAID] - kept, cash[BENEFIT_FEES], cash[ADDED]
        other = cash[OTHER_FEES] + cash[CHARGED]
        worth[LIVING, i] += weight * living
        worth[FEES, i] += weight * fees
        worth[OTHER, i] += weight * other
        worth[OUT, i] += weight * (cash[PAID] + kept)
        worth[IN, i] += weight * added
        net[i] += _fixed(weight * (fees + other - living - added))
    lanes.active[c] = any_active


@kernel
def _month_end(
    group: Group, lanes: Lanes, chunk: Chunk, facts: Facts, records: Records, c: int, d: int, month: int,
    permitted: Array, bond: Array,
) -> None:  # fmt: skip
    """Charges and expenses of the month, then deaths and surrenders.  Reading R-1."""
    core, income, worth = unowned(lanes.core[c]), unowned(lanes.income[c]), unowned(lanes.worth[c])
    in_force, charged, discount = unowned(lanes.in_force[c]), unowned(lanes.charged[c]), unowned(chunk.discount[d])
    layers = records.layers
    dies, claimed, base = group.ends[c, month], group.claims[c, month], group.lapse[c, month]
    annuity, sharing, expense = group.annuity[c, month], group.sharing[month], group.expense[month]
    elected = income[2, 0] > 0.0
    drawing = 1 if lanes.mode[c] == DRAW else 0
    params = chunk.lapse[group.period[c, month] * 2 + drawing if elected else 6 + group.period[c, month]]
    shock, year = chunk.discount_shock[d], lanes.year[c]
    suspended = is_suspended(facts.terms.designations, facts.life, facts.day.today)
    for i in range(permitted.shape[0]):
        status = core[0, i]
        share = in_force[i]
        if share <= 0.0 or (status != ACTIVE and status != PAYOUT):
            continue
        weight = share * shock * discount[i]
        account = permitted[i] + bond[i]
        asset = charged[i]
        charged[i] = 0.0
        cost = expense + account * group.account_expense
        leaving, paid, claim, other = dies, 0.0, 0.0, 0.0
        if status == ACTIVE:
            contract = contract_from(core[:, i], income[:, i])
            benefit = death_benefit(contract.core, layers, account, suspended)
            cash_value = value_before_tax(records, contract, facts, Account(permitted[i], bond[i]))
            guaranteed = contract.income.annual
            if contract.income.stage == hd7.PRE:
                guaranteed = facts.income.percentage * hd7.protected_withdrawal_value(
                    contract.income, facts.income, account
                )
            gives_up = (1.0 - dies) * dynamic_lapse(base, guaranteed * annuity if elected else benefit, account, params)
            claim = claimed * max(0.0, benefit - account)
            paid = dies * min(benefit, account) + gives_up * cash_value
            other = dies * max(0.0, account - benefit) + gives_up * (account - cash_value)
            leaving = dies + gives_up
        worth[DIED, i] += weight * claim
        worth[ASSET, i] += weight * asset
        worth[SHARING, i] += weight * asset * sharing
        worth[OTHER, i] += weight * other
        worth[OUT, i] += weight * paid
        worth[EXPENSE, i] += weight * cost
        net = asset + asset * sharing + other - claim - cost
        lanes.yearly[year, 0, i] += _fixed(weight * net)
        in_force[i] = share * (1.0 - leaving)
