"""The end of a projection month in every lane: charges and expenses booked, deaths, surrenders.

Readings R-1, R-2 and R-4 of `valuation.projection`.  Lanes go in blocks, see `valuation.lane_blocks`.
"""

from typing import Any, NamedTuple

from valuation import death_guarantee, living
from valuation.account import Account, total
from valuation.charges import payment_left, tax_charge
from valuation.compile import rule
from valuation.contract import ACTIVE, PAYOUT, Array, Core, Integers, Layers
from valuation.credits import LateCredits, late_credits
from valuation.death_benefit import is_suspended
from valuation.decrements import LapseParams, dynamic_lapse
from valuation.endings import account_at_death, surrender_value
from valuation.fixed_point import fixed_units
from valuation.lane_blocks import load_block, read_core
from valuation.lane_layout import BOND, COMPARED, PERMITTED, WIDTH, fields_of
from valuation.living import DRAW
from valuation.projected import ASSET, DIED, EXPENSE, FEES, OTHER, OUT, SHARING, Chunk, Group, Lanes, Room
from valuation.records import Contract, Facts

WITHDRAWN, CHARGE, CLAIM, PAID, KEPT, GONE, COST = range(COMPARED, COMPARED + 7)
"""Rows of a block: Purchase Payments withdrawn and not yet counted; surrender charge of all the others; and by a unit in
force: Death Benefit's excess, paid from the Account Value, kept by the insurer, share that leaves, expenses."""


READ_CORE = fields_of(Core, "status", "basic", "paid_out", "kept")
"""What of the Annuity the end of a month reads."""


class Month(NamedTuple):
    """What is the same in every lane of one contract."""

    dies: float  # probability that the contract ends by death
    claimed: float  # probability that the Death Benefit's excess is paid
    lapse: float  # base probability of surrender
    annuity: float  # value of 1 USD a year for life
    elected: bool  # a living benefit is in force
    params: LapseParams
    late: LateCredits
    rolled: float  # late credits in the Roll-Up
    suspended: bool  # the guarantee of the Death Benefit is suspended
    tax: float  # Tax Charge of a surrender, USD
    expense: float  # USD
    account_expense: float  # fraction of the Account Value
    sharing: float  # revenue sharing per USD of asset-based charges
    benefit_share: float  # of those charges, for living and optional Death Benefits
    ends: Array  # (n_month,) probability that the contract ends by death, by month
    as_of: int  # day from which months count
    place: int  # of the month


class Leaving(NamedTuple):
    """One unit in force that may die or be given up today; amounts in USD."""

    account: float  # Account Value
    left: float  # of it after a benefit's charge that death does not waive
    benefit: float  # Death Benefit
    cash_value: float  # Surrender Value
    gives_up: float  # probability of surrender
    active: bool
    on: bool  # has an Account Value or guaranteed payments
    stops: float  # probability that guaranteed payments end by death


@rule
def month_end(
    group: Group, lanes: Lanes, chunk: Chunk, facts: Facts, layers: Layers, room: Room, c: int, d: int, month: int
) -> None:
    """Take one contract through the end of a month, after the day's law; ``room`` holds the day's Account Values.

    Reading R-1.
    """
    income, period = lanes.income[c], group.period[c, month]
    elected = income[2, 0] > 0.0
    drawing = 1 if lanes.mode[c] == DRAW else 0
    now = Month(
        group.ends[c, month], group.claims[c, month], group.lapse[c, month], group.annuity[c, month], elected,
        chunk.lapse[period * 2 + drawing if elected else 6 + period],
        late_credits(facts.terms.purchase, layers, facts.day.today),
        death_guarantee.rolled_credits(
            death_guarantee.running(group.blank_death, lanes.death[c]), facts.terms, layers, facts.day.today
        ),
        is_suspended(facts.terms.designations, facts.life, facts.day.today),
        tax_charge(facts.terms.jurisdictions, facts.life, layers),
        group.expense[month], group.account_expense, group.sharing[month], group.benefit_share,
        group.ends[c], chunk.as_of, month,
    )  # fmt: skip
    plan = facts.terms.income[int(income[0, 0])]
    shock, n_lane = chunk.discount_shock[d], lanes.in_force.shape[1]
    for start in range(0, n_lane, WIDTH):
        stop = min(start + WIDTH, n_lane)
        if lanes.active[c]:
            load_block(lanes.core[c], income, READ_CORE, living.read_by_dues(group.blank), room, start, stop)
            death_guarantee.load(group.blank_death, lanes.death[c], room.rows, start, stop)
            _charges(layers, room.rows)
            _leave(now, group.blank, group.blank_death, facts, plan, room.rows)
        else:
            _outlive(now, group.blank, lanes.core[c, 0], income, room.rows, start, stop)
        if lanes.drawn.shape[1]:
            _happen(
                now,
                group.blank,
                group.blank_death,
                facts,
                plan,
                room.rows,
                lanes.drawn[c, month, start:stop],
                lanes.active[c],
            )
        _book(
            now, lanes.worth[c], lanes.yearly[lanes.year[c], 0], lanes.charged[c], lanes.in_force[c], chunk.discount[d],
            shock, room.rows, start, stop,
        )  # fmt: skip


@rule
def _charges(layers: Layers, rows: Array) -> None:
    """`valuation.charges.surrender_charge` payment by payment, so that the loop over lanes is the inner one."""
    for i in range(WIDTH):
        rows[WITHDRAWN * WIDTH + i] = read_core(rows, i).paid_out
        rows[CHARGE * WIDTH + i] = 0.0
    for k in range(layers.used[0]):
        amount, rate = layers.amount[k], layers.rate[k]
        for i in range(WIDTH):
            left = payment_left(amount, rows[WITHDRAWN * WIDTH + i])
            rows[WITHDRAWN * WIDTH + i] = left.before
            rows[CHARGE * WIDTH + i] += left.amount * rate


@rule
def _leave(month: Month, blank: Any, blank_death: Any, facts: Facts, plan: Any, rows: Array) -> None:
    """What death and surrender do to one unit in force of every lane of the block."""
    for i in range(WIDTH):
        one = _leaving(month, blank, blank_death, facts, plan, rows, i)
        inherited = min(one.benefit, one.left)
        paid = month.dies * inherited + one.gives_up * one.cash_value
        kept = month.dies * (one.account - inherited) + one.gives_up * (one.account - one.cash_value)
        rows[CLAIM * WIDTH + i] = month.claimed * max(0.0, one.benefit - one.left) if one.active else 0.0
        rows[PAID * WIDTH + i] = paid if one.active else 0.0
        rows[KEPT * WIDTH + i] = kept if one.active else 0.0
        rows[GONE * WIDTH + i] = month.dies + one.gives_up if one.active else one.stops
        rows[COST * WIDTH + i] = month.expense + one.account * month.account_expense if one.on else 0.0


@rule
def _leaving(month: Month, blank: Any, blank_death: Any, facts: Facts, plan: Any, rows: Array, i: int) -> Leaving:
    """What one lane of the block is worth to whoever leaves it today."""
    dying = death_guarantee.read_lane(blank_death, rows, i)
    contract = Contract(read_core(rows, i), living.read_lane(blank, rows, i), dying)
    account = Account(rows[PERMITTED * WIDTH + i], rows[BOND * WIDTH + i])
    whole = total(account)
    active = contract.core.status == ACTIVE
    on = active | (contract.core.status == PAYOUT)
    left = account_at_death(contract, facts, plan, whole)
    benefit = death_guarantee.payable(dying, contract.core, month.late, month.rolled, left, month.suspended)
    cash_value = surrender_value(contract, facts, plan, account, rows[CHARGE * WIDTH + i] + month.tax)
    held = living.guarantee_worth(contract.income, facts.income, whole, month.annuity)
    worth = held if month.elected else benefit
    gives_up = (1.0 - month.dies) * dynamic_lapse(month.lapse, worth, whole, month.params)
    stops = living.stops_by_death(contract.income, month.dies, month.ends, month.as_of, month.place)
    return Leaving(whole, left, benefit, cash_value, gives_up, active, on, stops)


@rule
def _happen(
    month: Month, blank: Any, blank_death: Any, facts: Facts, plan: Any, rows: Array, drawn: Array, active: int
) -> None:
    """Deaths and surrenders that happen or do not, instead of their probabilities; drawn (n_lane of the block,).

    The lowest numbers are deaths and the highest surrenders.  Of two lives each claim has its probability; that the
    first dies but once is not kept.
    """
    for i in range(drawn.shape[0]):
        rows[GONE * WIDTH + i] = 1.0 if drawn[i] < rows[GONE * WIDTH + i] else 0.0  # where payments go on
        if active:
            one = _leaving(month, blank, blank_death, facts, plan, rows, i)
            if one.active:
                dies = 1.0 if drawn[i] < month.dies else 0.0
                gives_up = 1.0 if drawn[i] >= 1.0 - one.gives_up else 0.0
                claimed = 1.0 if drawn[i] < month.claimed else 0.0
                inherited = min(one.benefit, one.left)
                rows[CLAIM * WIDTH + i] = claimed * max(0.0, one.benefit - one.left)
                rows[PAID * WIDTH + i] = dies * inherited + gives_up * one.cash_value
                rows[KEPT * WIDTH + i] = dies * (one.account - inherited)
                rows[KEPT * WIDTH + i] += gives_up * (one.account - one.cash_value)
                rows[GONE * WIDTH + i] = dies + gives_up


@rule
def _outlive(month: Month, blank: Any, status: Array, income: Array, rows: Array, start: int, stop: int) -> None:
    """The same where no lane has an Account Value: guaranteed payments end by death."""
    states = status[start:stop]
    for i in range(states.shape[0]):
        rows[CLAIM * WIDTH + i] = 0.0
        rows[PAID * WIDTH + i] = 0.0
        rows[KEPT * WIDTH + i] = 0.0
        state = living.read(blank, income[:, start + i])
        rows[GONE * WIDTH + i] = living.stops_by_death(state, month.dies, month.ends, month.as_of, month.place)
        rows[COST * WIDTH + i] = month.expense if states[i] == PAYOUT else 0.0


@rule
def _book(
    month: Month, worth: Array, net: Integers, charged: Array, in_force: Array, discount: Array, shock: float,
    rows: Array, start: int, stop: int,
) -> None:  # fmt: skip
    """Present values of the month; worth (9, n_lane), net (n_lane,) whole numbers of 1/65536 USD.  Reading R-4."""
    died, asset, sharing = worth[DIED][start:stop], worth[ASSET][start:stop], worth[SHARING][start:stop]
    fees = worth[FEES][start:stop]
    other, out, expense = worth[OTHER][start:stop], worth[OUT][start:stop], worth[EXPENSE][start:stop]
    funds, share, factor, whole = charged[start:stop], in_force[start:stop], discount[start:stop], net[start:stop]
    for i in range(died.shape[0]):
        weight = share[i] * shock * factor[i]
        shared, fee = funds[i] * month.sharing, funds[i] * month.benefit_share
        died[i] += weight * rows[CLAIM * WIDTH + i]
        fees[i] += weight * fee
        asset[i] += weight * (funds[i] - fee)
        sharing[i] += weight * shared
        other[i] += weight * rows[KEPT * WIDTH + i]
    for i in range(died.shape[0]):
        weight = share[i] * shock * factor[i]
        claim, kept, cost = rows[CLAIM * WIDTH + i], rows[KEPT * WIDTH + i], rows[COST * WIDTH + i]
        out[i] += weight * rows[PAID * WIDTH + i]
        expense[i] += weight * cost
        gain = funds[i] + funds[i] * month.sharing + kept - claim - cost
        whole[i] += fixed_units(weight * gain)
    for i in range(died.shape[0]):
        funds[i] = 0.0
        share[i] *= 1.0 - rows[GONE * WIDTH + i]
