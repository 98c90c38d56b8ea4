"""One contract with TrueIncome - Highest Daily through days of one's own making, in plain Python over the pure rules.

Every calendar day is a Valuation Day unless it is closed.  The Permitted Sub-accounts stand still unless a day names
the Account Value that it opens with: then they move, so that the Account Value before the day's events is that figure.
"""

from typing import NamedTuple

import numpy as np

from tests.support.story import number
from valuation import benefit_fixed_rate_account as fixed
from valuation import highest_daily as hd
from valuation import highest_daily_endings as endings
from valuation.account import money
from valuation.asset_transfer import transfer_amount
from valuation.clock import Day, civil, day_of
from valuation.contract import NEW_CORE, Life, change_core
from valuation.highest_daily import HighestDaily, HighestDailyDay
from valuation.highest_daily_7 import POST, PRE
from valuation.terms.benefits import HighestDailyTerms, load_highest_daily_terms

HALF_CENT = 0.005


class Past(NamedTuple):
    """A day as it ended."""

    day: int
    opening: float  # Account Value before the day's events, USD
    income: HighestDaily
    facts: HighestDailyDay
    permitted: float
    fixed: float
    target: float  # L
    ratio: float  # r
    moved: float  # T
    added: float  # Return of Principal
    paid: float  # by the insurer, beyond the Account Value
    interest: float


class HighestDailyStory:
    """A contract of the benefit; ``elected`` on its issue unless an event does it later."""

    def __init__(
        self,
        issue: str,
        payment: float = 100_000.0,
        birth: str = "1943-01-15",
        elected: bool = True,
        rate: float = 0.0,
        cents: float = 1.0,
        transfers: bool = True,
        terms: HighestDailyTerms | None = None,
    ) -> None:
        self.terms = terms or load_highest_daily_terms()
        start = number(issue)
        self.life = Life(start, number(birth), number(birth), 0, start + 20_000, 0)
        self.core = NEW_CORE
        self.income = hd.NEW_HIGHEST_DAILY
        self.layers = fixed.no_layers()
        self.permitted = payment
        self.rate, self.cents, self.transfers = rate, cents, transfers
        self.day = start
        self.past: list[Past] = []
        if elected:
            self.income = hd.elect(self.terms, payment, start)
        self._close(day_of(start, start - 1, start), payment, 0.0, 0.0, 0.0)

    @property
    def fixed(self) -> float:
        return float(fixed.fixed_value(self.layers))

    @property
    def account(self) -> float:
        return self.permitted + self.fixed

    def with_income(self, **fields: float) -> "HighestDailyStory":
        self.income = self.income._replace(**fields)
        return self

    def on(self, when: str | int, account: float | None = None, *events: tuple[str, float]) -> "HighestDailyStory":
        """Every day to this one, then its events."""
        while self.day < number(when) - 1:
            self._advance(self.day + 1, None, ())
        return self.leap(when, account, *events)

    def leap(self, when: str | int, account: float | None = None, *events: tuple[str, float]) -> "HighestDailyStory":
        """This day; those since the last one are closed."""
        self._advance(number(when), account, events)
        return self

    def _advance(self, today: int, account: float | None, events: tuple[tuple[str, float], ...]) -> None:
        day = day_of(self.life.issue, self.day, today)
        if civil(self.day)[0] != civil(today)[0]:
            self.core = change_core(self.core, withdrawn_calendar=0.0, required=0.0)
        earned = fixed.credit_interest(self.layers, self.terms.layer_months, self.day, today, self.rate)
        self.day = today
        if account is not None:
            self.permitted = account - self.fixed
        opening = self.account
        requested = any(kind in ("TAKE", "RMD") for kind, _ in events)
        facts = hd.highest_daily_day(self.income, self.terms, day, requested)
        self.income = hd.grow(self.income, self.terms, facts, opening)
        paid = endings.guaranteed_payment(self.income, day)
        added = money(hd.return_of_principal(self.income, facts, opening), self.cents)
        part = fixed.fixed_part(added, self.permitted, self.fixed)
        fixed.put(self.layers, part, self.rate, today)
        self.permitted += added - part
        self.income = hd.roll_year(self.income, self.terms, facts, day, self.account)
        compared = opening
        for kind, amount in events:
            if kind == "PAY":
                self.permitted += amount
                compared += amount
                self.income = hd.pay_in(self.income, self.terms, facts, amount)
            elif kind == "NOTICE":
                self.core = change_core(self.core, required=amount)
            elif kind == "ELECT" and hd.may_elect(self.income, self.terms, self.life, today):
                self.income = hd.elect(self.terms, self.account, today)
                compared = self.account
                facts = hd.highest_daily_day(self.income, self.terms, day, requested)
            elif kind in ("TAKE", "RMD"):
                paid += self._withdraw(facts, compared, amount, kind == "RMD")
            elif kind == "KEEP":
                self.income = endings.keep_income(self.income, facts, compared, today)
                self._empty()
            elif kind == "END":
                self.income = hd.end(self.income, today)
                self.permitted += fixed.take(self.layers, self.fixed)
        if self.account < HALF_CENT and self.income.stage in (PRE, POST):
            self.income = endings.exhaust(self.income, facts, self.core, compared, False, today, HALF_CENT)
            paid += self._settle()
        self.income = hd.capture_quarter(self.income, day, self.account)
        self._close(day, opening, added, paid, earned, compared)

    def _withdraw(self, facts: HighestDailyDay, compared: float, gross: float, required: bool) -> float:
        whole = self.account
        gross = min(gross, whole)
        if self.income.stage == PRE:
            self.income = hd.begin(self.income, facts, compared, self.day)
        if self.income.stage == POST:
            available = hd.income_available(self.income, self.core, required)
            self.income = hd.withdraw(self.income, available, gross, whole, HALF_CENT)
        self.core = change_core(self.core, withdrawn_calendar=self.core.withdrawn_calendar + gross)
        part = fixed.fixed_part(gross, self.permitted, self.fixed)
        self.permitted -= gross - fixed.take(self.layers, part)
        if self.account >= HALF_CENT:
            return 0.0
        self._empty()
        self.income = endings.exhaust(self.income, facts, self.core, compared, True, self.day, HALF_CENT)
        return self._settle()

    def _settle(self) -> float:
        now = endings.guaranteed_now(self.income)
        self.income = endings.paid(self.income)
        return float(now)

    def _empty(self) -> None:
        self.permitted = 0.0
        fixed.take(self.layers, np.inf)

    def _close(
        self, day: Day, opening: float, added: float, paid: float, interest: float, compared: float | None = None
    ) -> None:
        facts = hd.highest_daily_day(self.income, self.terms, day, False)
        target = ratio = moved = 0.0
        if self.transfers and self.income.stage in (PRE, POST):
            value = hd.income_value(self.income, facts, opening if compared is None else compared, self.account)
            target = hd.target_value(self.terms, value, facts.factor, self.cents)
            held = self.fixed
            ratio = (target - held) / self.permitted if self.permitted > 0.0 else 0.0
            moved = transfer_amount(hd.transfer_terms(self.terms), target, self.permitted, held, self.cents)
            fixed.move(self.layers, moved, self.rate, day.today)
            self.permitted -= moved
        row = (day.today, opening, self.income, facts, self.permitted, self.fixed, target, ratio, moved, added, paid)
        self.past.append(Past(*row, interest))

    def at(self, when: str) -> Past:
        """The row of a day."""
        return next(past for past in self.past if past.day == number(when))

    @property
    def total_protected(self) -> float:
        """Total Protected Withdrawal Value as the last day ended."""
        return float(hd.total_protected_withdrawal_value(self.income, self.past[-1].facts, self.account))
