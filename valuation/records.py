"""What one Valuation Day works on: the state, the facts of the day and the places it writes to."""

from typing import Any, NamedTuple

from valuation import living
from valuation.account import Book
from valuation.clock import Day
from valuation.compile import changer, reader, rule, writer
from valuation.contract import Array, Core, Integers, Layers, Life
from valuation.journal import Journal, Silent
from valuation.terms import Terms


class Contract(NamedTuple):
    """State of one contract: the Annuity and its living benefit."""

    core: Core
    income: Any  # state of the kind, see `valuation.living`


class Facts(NamedTuple):
    """What does not change during the day: under which terms, whose, and what the date means."""

    terms: Terms
    life: Life
    day: Day
    income: Any  # facts of its living benefit


class Records(NamedTuple):
    """What the day writes to, besides the state it returns."""

    book: Book
    layers: Layers
    journal: Journal | Silent
    cash: Array  # (7,) places named in `valuation.contract`
    life: Integers  # (15,) fields of Life
    watch: Integers  # (3, n_slot) rows named in `valuation.restrictions`


change_contract = changer(Contract)
read_core, write_core = reader(Core), writer(Core)


@rule
def contract_from(core: Array, income: Array, blank: Any) -> Contract:
    """State of a contract from its fields in their order; ``blank`` is any state of the kind of its living benefit."""
    return Contract(read_core(core), living.read(blank, income))


life_from = reader(Life)
"""Persons and dates of a contract from their fields, (15,), in their order."""


@rule
def store(contract: Contract, core: Array, income: Array) -> None:
    """Write a contract's fields, in their order."""
    write_core(contract.core, core)
    living.write(contract.income, income)
