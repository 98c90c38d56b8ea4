"""An Annuity with Sub-accounts that stand still and the two Fixed Rate Options, told over real Valuation Days."""

from collections.abc import Sequence
from typing import Any

from tests.support.story import number
from valuation import enhanced_dollar_cost_averaging as edca
from valuation import fixed_rate_options as one_year
from valuation.benefit_fixed_rate_account import fixed_part, fixed_value
from valuation.declared_rates import ENHANCED, ONE_YEAR, DeclaredRate, credited_rate, declare, is_offered
from valuation.sessions import day_date, valuation_days
from valuation.terms.investments import load_fixed_rate_terms

HALF_CENT = 0.005


class FixedStory:
    """One contract; ``on`` steps it over every Valuation Day to a date and then carries out what is asked."""

    def __init__(self, issue: str, rates: Sequence[DeclaredRate], free_look: str = "", sub: float = 0.0) -> None:
        self.terms = load_fixed_rate_terms()
        self.rates = declare(rates)
        self.periods = one_year.no_periods()
        self.enhanced: list[edca.Enhanced] = []
        self.free_look = number(free_look) if free_look else 0
        self.sub = sub
        self.today = number(issue)
        self.refusals: list[int] = []
        self.moved: list[tuple[str, float]] = []
        self.counted = 0
        self.interest = 0.0

    @property
    def fixed(self) -> float:
        return float(fixed_value(self.periods.layers))

    @property
    def dollar_cost(self) -> float:
        return sum(one.value for one in self.enhanced)

    @property
    def account(self) -> float:
        return self.sub + self.fixed + self.dollar_cost

    @property
    def open(self) -> float:
        return float(one_year.open_value(self.periods, self.terms, self.today))

    def rows(self) -> list[tuple[str, float, float, int]]:
        """Date, amount, rate and whether renewed, of every interest rate period in order of date."""
        layers, used = self.periods.layers, int(self.periods.layers.used[0])
        found = [
            (str(day_date(layers.day[k])), float(layers.amount[k]), float(layers.rate[k]), int(self.periods.renewed[k]))
            for k in range(used)
        ]
        return sorted(found)

    def on(self, when: str, *acts: tuple[Any, ...]) -> "FixedStory":
        last = number(when)
        if last > self.today:
            for today in valuation_days(day_date(self.today + 1), day_date(last)).tolist():
                self._open(today)
                self._scheduled()
        for act in acts:
            self._act(*act)
        return self

    def _rate(self, option: int, months: int, payment: bool) -> float:
        return float(credited_rate(self.terms, self.rates, option, months, payment, self.today))

    def _open(self, today: int) -> None:
        prior, self.today = self.today, today
        rate = self._rate(ONE_YEAR, 12, False)
        self.interest += one_year.credit_interest(self.periods, self.terms, prior, today, rate)
        before = self.dollar_cost
        self.enhanced = [edca.grow(one, prior, today) for one in self.enhanced]
        self.interest += self.dollar_cost - before

    def _scheduled(self) -> None:
        for k, one in enumerate(self.enhanced):
            self.enhanced[k], amount = edca.transfer(one, 1.0, self.today)
            self.sub += amount
            if amount > 0.0:
                self.moved.append((str(day_date(self.today)), amount))
                self.counted += one_year.is_counted(ENHANCED)

    def _act(self, kind: str, amount: float, months: int = 12) -> None:
        getattr(self, f"_{kind.lower()}")(amount, months)

    def _pay(self, amount: float, months: int) -> None:
        """A Purchase Payment to the one-year option."""
        offered = is_offered(self.rates, ONE_YEAR, months, self.today)
        if not self._refused(0 if offered else one_year.FIXED_NOT_OFFERED):
            one_year.allocate(self.periods, amount, self._rate(ONE_YEAR, months, True), self.today)

    def _enhance(self, amount: float, months: int, payment: bool = True) -> None:
        """A Purchase Payment to the Enhanced option, with ``months`` transfers."""
        offered = is_offered(self.rates, ENHANCED, months, self.today)
        if not self._refused(edca.allocation_refusal(self.terms, offered, months, payment)):
            rate = self._rate(ENHANCED, months, payment)
            self.enhanced.append(edca.allocate(amount, rate, months, self.free_look, self.today))
            self._scheduled()

    def _in(self, amount: float, months: int) -> None:
        """A transfer from the Sub-accounts into the one-year option."""
        offered = is_offered(self.rates, ONE_YEAR, months, self.today)
        if not self._refused(one_year.transfer_in_refusal(self.terms, offered, amount)):
            one_year.allocate(self.periods, amount, self._rate(ONE_YEAR, months, False), self.today)
            self.sub -= amount

    def _out(self, amount: float, months: int) -> None:
        """A transfer from the one-year option to the Sub-accounts."""
        reason = one_year.transfer_out_refusal(self.periods, self.terms, amount, HALF_CENT, self.today)
        if not self._refused(reason):
            self.sub += one_year.transfer_out(self.periods, self.terms, amount, self.today)
            self.counted += one_year.is_counted(ONE_YEAR)

    def _take(self, amount: float, months: int) -> None:
        """A withdrawal or fee from every option in proportion."""
        whole, fixed, enhanced = self.account, self.fixed, [one.value for one in self.enhanced]
        self.sub -= amount * self.sub / whole
        one_year.take(self.periods, fixed_part(amount, whole - fixed, fixed))
        for k, held in enumerate(enhanced):
            part = fixed_part(amount, whole - held, held)
            self.enhanced[k] = edca.take(self.enhanced[k], self.terms, part, HALF_CENT, self.today)

    def _empty(self, amount: float, months: int) -> None:
        """The Owner's own transfer of ``amount`` out of the first Enhanced allocation."""
        if not self._refused(edca.transfer_all_refusal(self.enhanced[0], amount, HALF_CENT)):
            self.sub += self.enhanced[0].value
            self.enhanced[0] = edca.end(self.enhanced[0])

    def _refused(self, reason: int) -> bool:
        if reason:
            self.refusals.append(int(reason))
        return reason != 0
