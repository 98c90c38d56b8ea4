"""One contract under the pure rules of the optional Death Benefits, through days of one's own making.

Every calendar day may be a Valuation Day.  An anniversary between two days told is a day of its own, at the Account Value
told last.  The order of a day is that of the contract: growth, year roll, payments, withdrawals, Daily Value.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tests.support.story import SERIES, number
from valuation.clock import Day, completed_years, day_of, months_after
from valuation.contract import NEW_CORE, Core, Layers, Life, change_core
from valuation.credits import late_credits
from valuation.death_benefit import basic_death_benefit
from valuation.optional_death_benefits import (
    COMBINATION,
    NONE,
    DeathBenefitDay,
    OptionalDeathBenefit,
    capture_day,
    death_benefit,
    death_benefit_day,
    die,
    elect,
    grow,
    highest_value,
    late_in_roll_up,
    pay_in,
    roll_up_value,
    roll_year,
    start_values,
    withdraw,
)
from valuation.terms import load_terms
from valuation.terms.benefits import OptionalDeathBenefitTerms, load_optional_death_benefit_terms
from valuation.withdrawals import after_withdrawal

HALF_CENT = 0.005
MOST = 40
"""Payments a story can hold."""


class Amounts(NamedTuple):
    """What a death pays, and its parts, USD."""

    basic: float
    roll_up: float
    highest: float
    payable: float


def life_of(issue: str, birth: str, series: str = "B") -> Life:
    return Life(number(issue), number(birth), number(birth), 0, 0, SERIES.index(series))


class DeathStory:
    """The contract; ``benefit`` is its optional Death Benefit as it stands."""

    def __init__(
        self,
        issue: str,
        payment: float,
        plan: int = COMBINATION,
        credit: float = 0.0,
        birth: str = "1938-05-01",
        series: str = "B",
        terms: OptionalDeathBenefitTerms | None = None,
    ) -> None:
        self.terms = terms or load_optional_death_benefit_terms()
        self.life = life_of(issue, birth, series)
        self.today = number(issue)
        self.account = payment + credit
        self.core: Core = change_core(NEW_CORE, basic=payment + credit)
        numbers = [np.zeros(MOST) for _ in range(5)]
        whole = [np.zeros(MOST, dtype=np.int64), np.zeros(1, dtype=np.int64)]
        self.layers = Layers(np.zeros(MOST, dtype=np.int64), *numbers, *whole)
        self.carried = np.zeros(MOST)
        self.facts = DeathBenefitDay(1.0, 1.0, False, False, False)
        self.benefit: OptionalDeathBenefit = start_values(self.terms, self.life, self.account, self.today)
        if plan != NONE:
            self.elect(plan)
        self._keep(payment, credit)

    def elect(self, plan: int) -> None:
        self.benefit = elect(self.benefit, plan, self.terms, self.life, self.account, self.today)

    def _keep(self, payment: float, credit: float) -> None:
        k = self.layers.used[0]
        self.layers.day[k], self.layers.amount[k], self.layers.credit[k] = self.today, payment, credit
        self.layers.kept[k], self.carried[k] = self.core.kept, self.benefit.carried
        self.layers.used[0] = k + 1

    def on(
        self,
        when: str | int,
        account: float | None = None,
        pay: Sequence[tuple[float, float]] = (),
        take: Sequence[float] = (),
    ) -> "DeathStory":
        """A day at a given Account Value before its payments (amount, credit) and gross withdrawals."""
        today = number(when)
        while (birthday := self.next_anniversary()) < today:
            self._day(birthday, None, (), ())
        self._day(today, account, pay, take)
        return self

    def leap(
        self,
        when: str,
        account: float | None = None,
        take: Sequence[float] = (),
        pay: Sequence[tuple[float, float]] = (),
    ) -> "DeathStory":
        """A day that follows directly: every day since the last one told was closed, anniversaries included."""
        self._day(number(when), account, pay, take)
        return self

    def next_anniversary(self) -> int:
        return months_after(self.life.issue, 12 * (completed_years(self.life.issue, self.today) + 1))

    def day(self, today: int) -> Day:
        return day_of(self.life.issue, self.today, today)

    def _day(
        self, today: int, account: float | None, pay: Sequence[tuple[float, float]], take: Sequence[float]
    ) -> None:
        day = self.day(today)
        self.facts = death_benefit_day(self.benefit, self.terms, self.life, day)
        self.today = today
        self.account = self.account if account is None else account
        self.benefit = grow(self.benefit, self.facts)
        self.benefit = roll_year(self.benefit, self.terms, self.facts, day, self.account)
        for amount, credit in pay:
            self.pay(amount, credit)
        for gross in take:
            self.take(gross)
        self.benefit = capture_day(self.benefit, self.facts, self.account)

    def pay(self, amount: float, credit: float = 0.0) -> None:
        self._keep(amount, credit)
        self.core = change_core(self.core, basic=self.core.basic + amount + credit)
        self.benefit = pay_in(self.benefit, amount + credit)
        self.account += amount + credit

    def take(self, gross: float) -> None:
        self.core = after_withdrawal(self.core, gross, 0.0, self.account)
        self.benefit = withdraw(self.benefit, self.facts, gross, self.account, HALF_CENT)
        self.account -= gross

    def die(self, when: str | int) -> "DeathStory":
        """A death known on its day, before the day's rules run."""
        self.benefit = die(self.benefit, number(when))
        return self

    def claim(self, death: str | int, suspended: bool = False) -> Amounts:
        """What due proof received today pays."""
        purchase = load_terms(True).purchase
        late = late_credits(purchase, self.layers, number(death))
        rolled = late_in_roll_up(purchase, self.layers, self.carried, number(death))
        basic = basic_death_benefit(self.core, late, self.account, False)
        roll_up, highest = roll_up_value(self.benefit, rolled), highest_value(self.benefit, self.core, late)
        payable = death_benefit(self.benefit, self.core, late, rolled, self.account, suspended)
        return Amounts(basic, roll_up, highest, payable)
