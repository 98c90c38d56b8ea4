"""What one Valuation Day works on: the state, the facts of the day and the places it writes to."""

from typing import NamedTuple

from valuation.account import Book
from valuation.clock import Day
from valuation.compile import reader, rule, writer
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
    programmes: Array  # (5, 5) rows and columns named in `valuation.programme_state`


read_core, write_core = reader(Core), writer(Core)
read_income, write_income = reader(Income), writer(Income)


@rule
def contract_from(core: Array, income: Array) -> Contract:
    """State of a contract from its fields, (11,) and (17,), in their order."""
    return Contract(read_core(core), read_income(income))


life_from = reader(Life)
"""Persons and dates of a contract from their fields, (15,), in their order."""


@rule
def store(contract: Contract, core: Array, income: Array) -> None:
    """Write a contract's fields, in their order."""
    write_core(contract.core, core)
    write_income(contract.income, income)
