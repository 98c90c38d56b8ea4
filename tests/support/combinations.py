"""Every living benefit beside every Death Benefit that may stand beside it, through whole days of the law.

A combination is a plan of `valuation.living.kinds` or None, and a plan of the optional Death Benefits or None; which pairs
there are is read from the terms, so that a benefit that is added is told of here by itself.  Source: ELE-1.
"""

from typing import Any, NamedTuple

import numpy as np

from tests.support.story import ROWS_PER_DAY, Event, Past, Story, number, table
from valuation import living
from valuation.account import total, value
from valuation.charges import settle_rates
from valuation.clock import day_of
from valuation.day import advance
from valuation.death_benefit_choices import LIVING_BENEFITS, permitted
from valuation.events import FIRST_DEATH_PLAN
from valuation.fixed_money import NO_FIXED_MONEY
from valuation.living.kinds import KINDS, PLAN_NAMES, Kind, kind_of
from valuation.optional_death_benefits import COMBINATION, HIGHEST_DAILY
from valuation.records import Records, facts_of, life_from
from valuation.terms import Terms, load_terms

DEATH_PLANS = {"COMBINATION": COMBINATION, "HDV": HIGHEST_DAILY}


class Pair(NamedTuple):
    """A combination of benefits."""

    living: str | None
    death: str | None

    @property
    def kind(self) -> Kind:
        return KINDS[kind_of(self.living or "")]


def may_stand_together(plan: str | None, death: str | None) -> bool:
    """Whether the terms let a Death Benefit stand beside a living benefit."""
    place = LIVING_BENEFITS.index(plan or "NONE")
    return death is None or bool(permitted(load_terms(True).death, DEATH_PLANS[death], place))


_ALL = [Pair(plan, death) for plan in (None, *PLAN_NAMES) for death in (None, *DEATH_PLANS)]
PAIRS = [pair for pair in _ALL if may_stand_together(*pair)]
EXCLUDED = [pair for pair in _ALL if not may_stand_together(*pair)]


def elect_death(plan: str) -> Event:
    return Event("ELECTION", choice=FIRST_DEATH_PLAN + DEATH_PLANS[plan])


class Together(Story):
    """A contract with a pair of benefits from its Issue Date on; its days are taken by plain Python, never compiled."""

    def __init__(self, pair: Pair, issue: str = "2008-07-01", terms: Terms | None = None, **more: Any) -> None:
        self.pair = pair
        self.deaths: list[Any] = []
        given = {"birth": "1940-01-15", "spouse_birth": "1942-06-30", "terms": terms} | more
        super().__init__(issue, plan=pair.living, **given)

    @property
    def death(self) -> Any:
        """State of the Death Benefit."""
        return self.contract.death

    @property
    def own_account(self) -> bool:
        """Whether a fixed account, at a price of 1, stands in the place of the bond Sub-account."""
        return bool(self.pair.kind.account)

    @property
    def yearly_income(self) -> float:
        """Amount guaranteed for each Annuity Year, USD."""
        return float(living.yearly_income(self.income))

    def days(self, rows: list[tuple[Any, float | None, tuple[Event, ...]]], ratios: Any = None) -> "Together":
        """As of `Story`; on the Issue Date the Death Benefit is elected after the living one."""
        for d, (when, opening, events) in enumerate(rows):
            if number(when) == self.life.issue and self.pair.death:
                events = (*events, elect_death(self.pair.death))
            self._day(number(when), opening, events, np.ones(len(self.book.price)) if ratios is None else ratios[d])
        return self

    def _day(self, day: int, opening: float | None, events: tuple[Event, ...], ratios: Any) -> None:
        self._make_room(ROWS_PER_DAY * (1 + len(events)))
        if self.own_account:
            self.book.price[-1] = 1.0
        moving = self.book.price[:-1] if self.own_account else self.book.price
        moving *= np.asarray(ratios)[: len(moving)]
        if opening is not None:
            apart = value(self.book).bond if self.own_account else 0.0
            rest = total(value(self.book)) - apart
            moving *= max(0.0, opening - apart) / rest if rest > 0.0 else 1.0
        self.journal.here[1] = day
        life, cash, whole = life_from(self.persons), np.zeros(7), total(value(self.book))
        facts = facts_of(self.contract, self.terms, life, day_of(life.issue, self.prior, day))
        settle_rates(self.terms.charges, life.series, self.layers, day)
        records = Records(
            self.book, self.layers, self.journal, cash, self.persons, self.watch, self.programmes, NO_FIXED_MONEY
        )
        self.contract = advance(records, self.contract, facts, table(list(events)), 0, len(events))
        core, income, death = self.contract
        self.past.append(Past(day, whole, core, income, value(self.book), cash))
        self.deaths.append(death)
        self.prior = day


GUARANTEES: dict[str, tuple[str, ...]] = {
    "Income": ("periodic", "protected", "annual", "basis", "enhanced", "principal"),
    "HighestDaily": ("protected", "total_protected", "total_annual", "highest_daily", "enhanced", "principal"),
    "TrueIncome": ("accumulated", "anniversary_high", "protected", "annual", "withdrawal_annual"),
    "ProtectedIncome": ("value", "maximum"),
    "Accumulation": ("highest",),
    "OptionalDeathBenefit": ("roll_up", "highest"),
    "Core": ("basic",),
}
"""Fields of every state that are guaranteed amounts, USD."""


def guaranteed(*states: Any) -> dict[str, float]:
    """The guaranteed amounts of some states, by field."""
    return {
        f"{type(state).__name__}.{name}": float(getattr(state, name))
        for state in states
        for name in GUARANTEES[type(state).__name__]
    }
