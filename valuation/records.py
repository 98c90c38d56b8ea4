"""What one Valuation Day works on: the state, the facts of the day and the places it writes to."""

from typing import Any, NamedTuple

from valuation import death_guarantee, living
from valuation.account import Book
from valuation.clock import Day
from valuation.compile import changer, reader, rule, writer
from valuation.contract import Array, Core, Integers, Layers, Life
from valuation.journal import Journal, Silent
from valuation.optional_death_benefits import DeathBenefitDay
from valuation.terms import Terms


class Contract(NamedTuple):
    """State of one contract: the Annuity, its living benefit and its optional Death Benefit."""

    core: Core
    income: Any  # state of the kind, see `valuation.living`
    death: Any  # state of the kind, see `valuation.death_guarantee`


class Facts(NamedTuple):
    """What does not change during the day: under which terms, whose, and what the date means."""

    terms: Terms
    life: Life
    day: Day
    income: Any  # facts of its living benefit
    death: DeathBenefitDay


class Records(NamedTuple):
    """What the day writes to, besides the state it returns."""

    book: Book
    layers: Layers
    journal: Journal | Silent
    cash: Array  # (7,) places named in `valuation.contract`
    life: Integers  # (15,) fields of Life
    watch: Integers  # (3, n_slot) rows named in `valuation.restrictions`
    programmes: Array  # (5, 5) rows and columns named in `valuation.programme_state`
    fixed: Any  # NO_FIXED_MONEY, or how money in Fixed Rate Options is made up, see `valuation.fixed_money`


change_contract, change_facts = changer(Contract), changer(Facts)
read_core, write_core = reader(Core), writer(Core)


@rule
def contract_from(core: Array, income: Array, death: Array, blank: Any, blank_death: Any) -> Contract:
    """State of a contract from its fields in their order; the blanks are any states of the kinds of its benefits."""
    return Contract(read_core(core), living.read(blank, income), death_guarantee.read(blank_death, death))


@rule
def facts_of(contract: Contract, terms: Terms, life: Life, day: Day) -> Facts:
    """Settle what the benefits need to know of one Valuation Day."""
    income = living.benefit_day(contract.income, terms, life, day)
    return Facts(terms, life, day, income, death_guarantee.death_day(contract.death, terms, life, day))


life_from = reader(Life)
"""Persons and dates of a contract from their fields, (15,), in their order."""


@rule
def store(contract: Contract, core: Array, income: Array, death: Array) -> None:
    """Write a contract's fields, in their order."""
    write_core(contract.core, core)
    living.write(contract.income, income)
    death_guarantee.write(contract.death, death)
