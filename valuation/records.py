"""What one Valuation Day works on: the state, the facts of the day and the places it writes to."""

from typing import NamedTuple

from valuation.account import Book
from valuation.clock import Day
from valuation.compile import rule
from valuation.contract import Array, Core, Integers, Layers, Life
from valuation.highest_daily_7 import Income, IncomeDay
from valuation.journal import Journal, Silent
from valuation.terms import Terms


class Contract(NamedTuple):
    """State of one contract: the Annuity and its living benefit."""

    core: Core
    income: Income


class Facts(NamedTuple):
    """What does not change during the day: under which terms, whose, and what the date means."""

    terms: Terms
    life: Life
    day: Day
    income: IncomeDay


class Records(NamedTuple):
    """What the day writes to, besides the state it returns."""

    book: Book
    layers: Layers
    journal: Journal | Silent
    cash: Array  # (7,) places named in `valuation.contract`
    life: Integers  # (15,) fields of Life
    watch: Integers  # (3, n_slot) rows named in `valuation.restrictions`


@rule
def contract_from(core: Array, income: Array) -> Contract:
    """State of a contract from its fields, (11,) and (17,), in their order."""
    s, t = core, income
    return Contract(
        Core(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10]),
        Income(
            t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8],
            t[9], t[10], t[11], t[12], t[13], t[14], t[15], t[16],
        ),
    )  # fmt: skip


@rule
def life_from(row: Integers) -> Life:
    """Persons and dates of a contract from their fields, (15,), in their order."""
    r = row
    return Life(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13], r[14])


@rule
def store(contract: Contract, core: Array, income: Array) -> None:
    """Write a contract's fields, in their order."""
    for k in range(len(contract.core)):
        core[k] = contract.core[k]
    for k in range(len(contract.income)):
        income[k] = contract.income[k]
