"""A contract with an optional Death Benefit through the daily valuation, and the same days under the pure rules alone.

Unit Prices swing with the seasons by a path of their own.  The Account Value that the pure rules are told is counted here
from Units, prices, the Annual Maintenance Fee and what was paid in and out, not read from the valuation.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tests.support.death_story import DeathStory
from tests.support.programme_runs import ISSUED, START, Asked, contract, transactions
from tests.support.story import number
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.block import DayResult, value_block
from valuation.clock import day_of
from valuation.living.kinds import PLAN_NAMES as PLANS_OF_LIFE
from valuation.optional_death_benefits import PLAN_NAMES
from valuation.sessions import day_number, valuation_days

BIRTH = date(1944, 6, 15)
"""Target Date 4 January 2025; with `OLD`, 4 January 2015."""
OLD = date(1934, 9, 1)


class Move(NamedTuple):
    """Money in (above 0) or out, at ten o'clock."""

    on: date
    amount: float


def requests(
    *moves: Move, plan: str | None = None, amount: float = 150_000.0, more: tuple[Asked, ...] = ()
) -> pa.Table:
    """The initial payment with the election, and what follows."""
    asked = [
        Asked("PURCHASE_PAYMENT", one.on, {"amount": one.amount})
        if one.amount > 0.0
        else Asked("WITHDRAWAL", one.on, {"amount": -one.amount, "basis": "gross"})
        for one in moves
    ]
    return transactions(*asked, *more, amount=amount, plan=plan)


def owner(birth: date = BIRTH, **changes: object) -> pa.Table:
    """The contract of an Owner, also the Annuitant, born on a day."""
    return contract(owner_birth_date=birth, annuitant_birth_date=birth, **changes)


def market(last: date) -> tuple[np.ndarray, np.ndarray]:
    """Valuation Days, and Unit Prices that swing between two thirds of the first and one and a half times it."""
    days = valuation_days(START, last)
    k = np.arange(len(days))
    level = 10.0 * np.exp(0.35 * np.sin(k / 170.0) + 0.05 * np.sin(k / 7.0))
    level[1:] *= level[0] / level[1]
    return days, np.ascontiguousarray(
        np.broadcast_to(level[:, None, None], (len(days), len(CHARGE_CLASSES), len(SLOTS)))
    )


def valued(asked: pa.Table, last: date, holder: pa.Table | None = None, cut: date | None = None) -> DayResult:
    """The whole history at once, or in two windows."""
    days, prices = market(last)
    holder = owner() if holder is None else holder
    if cut is None:
        return value_block(holder, asked, None, days, prices)
    place = int(np.searchsorted(days, day_number(cut)))
    opening = value_block(holder, asked, None, days[: place + 1], prices[: place + 1]).snapshot
    return value_block(holder, asked, opening, days[place:], prices[place:])


def with_death_benefits(transactions: pa.Table) -> pa.Table:
    """The same transactions with an optional Death Benefit elected at issue wherever the living benefit lets it be.

    Beside Highest Daily 7 every other contract elects the Combination benefit, without it the two take turns.
    """
    rows = transactions.to_pylist()
    living = {row["contract_id"]: row["benefit"] for row in rows if row["benefit"] in PLANS_OF_LIFE}
    turns = {"HD7": ["COMBINATION", None], None: ["COMBINATION", "HDV"], "SHD7": [None]}
    for row in rows:
        if row["kind"] == "ISSUE":
            turn = turns.get(living.get(row["contract_id"]), [None])
            row["benefit"] = turn[0]
            turn.append(turn.pop(0))
    return pa.Table.from_pylist(rows, transactions.schema)


def told(
    plan: str, last: date, *moves: Move, birth: date = BIRTH, died: date | None = None, amount: float = 150_000.0
) -> DeathStory:
    """The pure rules through the same days of a B Series contract."""
    days, prices = market(last)
    story = DeathStory(str(ISSUED), amount, PLAN_NAMES.index(plan), birth=str(birth))
    if died is not None:
        story.die(number(str(died)))
    level = prices[:, 0, 0]
    first = int(np.searchsorted(days, day_number(ISSUED)))
    units = amount / level[first]
    for k in range(first + 1, len(days)):
        account = units * level[k]
        if day_of(story.life.issue, int(days[k - 1]), int(days[k])).anniversary and account < 100_000.0:
            account -= min(35.0, 0.02 * account)
        today = [one.amount for one in moves if day_number(one.on) == days[k]]
        paid = [(one, 0.0) for one in today if one > 0.0]
        taken = [-one for one in today if one < 0.0]
        story.leap(str(np.datetime64(int(days[k]), "D")), account, taken, paid)
        units = story.account / level[k]
    return story
