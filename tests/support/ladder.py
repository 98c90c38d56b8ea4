"""One Annuity with TrueAccumulation - Highest Daily through days of one's own making, by the rules alone.

Every calendar day is a Valuation Day unless it is leapt over.  Values stand still unless a day names the Account Value
it opens with.  `Ladder.past` keeps a row a day.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tests.support.story import number
from valuation import accumulation_transfer as atf
from valuation import true_accumulation as tahd
from valuation.accumulation_transfer import Discounting, Transfer
from valuation.clock import Day, civil, day_of
from valuation.contract import NEW_CORE, Life
from valuation.terms.benefits import AccumulationTerms, load_accumulation_terms
from valuation.true_accumulation import NEW_ACCUMULATION, Accumulation, AccumulationDay

HALF_CENT = 0.005


def flat(rate: float, adjustment: float = 0.0) -> Discounting:
    """A benchmark of one rate for every term."""
    return Discounting(np.array([365.0, 3650.0]), np.array([rate, rate]), adjustment)


def formula_off() -> AccumulationTerms:
    """Terms with thresholds that are never met."""
    return load_accumulation_terms()._replace(upper=1e9, lower=-1e9)


class Act(NamedTuple):
    """What the Owner does on a day."""

    kind: str
    amount: float = 0.0


def pay(amount: float) -> Act:
    return Act("pay", amount)


def withdraw(amount: float) -> Act:
    return Act("withdraw", amount)


ELECT, CANCEL, DIE = Act("elect"), Act("cancel"), Act("die")


class Past(NamedTuple):
    """A day as it ended."""

    day: int
    opening: float  # Account Value before anything happens, USD
    state: Accumulation
    permitted: float
    bond: float
    added: float  # by us on a maturity date, USD
    released: float  # from an AST bond Sub-account on a maturity date or at the end, USD
    moved: Transfer


STILL = Transfer(0.0, 0.0, 0.0)


@dataclass
class Ladder:
    """The Annuity; ``issue`` is its first Valuation Day."""

    issue: str
    account: float = 100_000.0
    elected: bool = True
    birth: str = "1950-01-15"
    annuity_date: str = "2045-02-01"
    terms: AccumulationTerms = field(default_factory=formula_off)
    discounting: Discounting = field(default_factory=lambda: flat(0.05))
    cents: float = 1.0

    def __post_init__(self) -> None:
        born, start = number(self.birth), number(self.issue)
        self.life = Life(start, born, born, 0, number(self.annuity_date), 0)
        self.state: Accumulation = NEW_ACCUMULATION
        self.permitted, self.bond, self.prior = self.account, 0.0, start - 1
        self.past: list[Past] = []
        self.step(start, None, (ELECT,) if self.elected else ())

    @property
    def total(self) -> float:
        return self.permitted + self.bond

    def facts(self, today: int) -> AccumulationDay:
        return tahd.accumulation_day(self.state, self.terms, self.life, self.day(today))

    def day(self, today: int) -> Day:
        return day_of(self.life.issue, self.prior, today)

    def on(self, when: str, opening: float | None = None, *acts: Act) -> "Ladder":
        """Every day up to ``when``; the last opens with that Account Value and has the acts."""
        for today in range(self.prior + 1, number(when)):
            self.step(today, None, ())
        return self.leap(when, opening, *acts)

    def leap(self, when: str, opening: float | None = None, *acts: Act) -> "Ladder":
        """The same, with no Valuation Day in between."""
        self.step(number(when), opening, acts)
        return self

    def with_state(self, **values: float) -> "Ladder":
        self.state = self.state._replace(**values)
        return self

    def step(self, today: int, opening: float | None, acts: tuple[Act, ...]) -> None:
        """One Valuation Day in the order of C-21."""
        day = self.day(today)
        if opening is not None:
            ratio = opening / self.total if self.total > 0.0 else 0.0
            self.permitted, self.bond = self.permitted * ratio, self.bond * ratio
        opened, released = self.total, 0.0
        if CANCEL in acts:
            released += self._end(today)
        facts = self.facts(today)
        self.state = tahd.grow(self.state, self.terms, facts, self.total)
        added = tahd.maturity_amount(self.state, facts, self.total, self.cents)
        left = tahd.released(self.state, facts, self.bond)
        released += left
        self.permitted, self.bond = self.permitted + added + left, self.bond - left
        self.state = tahd.mature(self.state, facts)
        self.state = tahd.roll_year(self.state, facts, day, self.total)
        if facts.ends:
            released += self._end(today)
        for act in acts:
            released += self._do(act, facts, day)
        moved = self._transfer(today)
        self.past.append(Past(today, opened, self.state, self.permitted, self.bond, added, released, moved))
        self.prior = today

    def _do(self, act: Act, facts: AccumulationDay, day: Day) -> float:
        if act.kind == "pay":
            self.permitted += act.amount
            self.state = tahd.pay_in(self.state, self.terms, facts, act.amount)
        elif act.kind == "withdraw":
            account = self.total
            available = tahd.income_available(self.state, NEW_CORE, False)
            self.state = tahd.withdraw(self.state, available, act.amount, account, HALF_CENT)
            kept = max(0.0, 1.0 - act.amount / account)
            self.permitted, self.bond = self.permitted * kept, self.bond * kept
            if self.total == 0.0:
                self._end(day.today)
        elif act.kind == "elect":
            allowed = tahd.may_elect(self.terms, self.life, day.today) and tahd.may_elect_again(self.state, day)
            if allowed:
                self.state = tahd.elect(self.terms, self.total, day.today)
        elif act.kind in ("die", "continue") and tahd.ends_at_death(True, True, False, act.kind == "continue"):
            return self._end(day.today)
        elif act.kind == "continue":
            self.permitted += act.amount
        return 0.0

    def _end(self, today: int) -> float:
        released, self.bond = self.bond, 0.0
        self.permitted += released
        self.state = tahd.end(self.state, today)
        return released

    def _transfer(self, today: int) -> Transfer:
        if self.state.stage != tahd.IN_FORCE:
            return STILL
        facts = self.facts(today)
        factors = atf.discount_factors(facts, self.discounting)
        liability = atf.associated(self.state, facts, factors, self.bond, self.cents)
        moved = atf.transfer(self.state, self.terms, liability, self.permitted, self.bond, self.cents)
        self.permitted, self.bond = self.permitted - moved.amount, self.bond + moved.amount
        self.state = atf.after_transfer(self.state, moved)
        return moved

    def at(self, when: str) -> Past:
        """The row of a day."""
        return next(past for past in self.past if past.day == number(when))

    def outstanding(self) -> dict[int, float]:
        """Guaranteed amounts by the calendar year of their maturity date, as they stand at the end of the day."""
        places = zip(self.facts(self.prior).years, tahd.guarantees(self.state), strict=True)
        return {int(year): float(amount) for year, amount in sorted(places) if year > 0.0}

    def maturity_dates(self) -> list[str]:
        """Maturity dates of the outstanding guarantees, in their order."""
        days = sorted(days for days in self.facts(self.prior).days if days > 0.0)
        return ["{:04d}-{:02d}-{:02d}".format(*civil(int(self.prior + d))) for d in days]
