"""TrueIncome through days of one's own making, by its rules alone: an Account Value, its events and the benefit.

Every calendar day is a Valuation Day unless it is leapt over.  The Account Value stands still unless a day names the
figure it opens with.  The order is that of a Valuation Day: growth, the year's roll, step-ups, payments, elections,
withdrawals.
"""

from typing import NamedTuple

from tests.support.story import number
from valuation import true_income as ti
from valuation.clock import Day, day_of
from valuation.contract import NEW_CORE, Core, Life, change_core
from valuation.terms import load_terms
from valuation.terms.benefits import load_true_income_terms
from valuation.true_income import NEW_TRUE_INCOME, TrueIncome, TrueIncomeDay
from valuation.true_income_endings import UNDECIDED, end, exhaust, has_ended, pay_guaranteed
from valuation.withdrawals import after_withdrawal

PLANS = {"TI": 0, "TIS": 1}
TERMS = load_true_income_terms()
HALF_CENT = load_terms(True).withdrawals.half_cent


class Act(NamedTuple):
    """One event of a day."""

    kind: str
    amount: float = 0.0
    required: bool = False


def pay(amount: float) -> Act:
    return Act("pay", amount)


def withdraw(amount: float, required: bool = False) -> Act:
    return Act("withdraw", amount, required)


def elect(plan: str) -> Act:
    return Act("elect", PLANS[plan])


STEP_UP = Act("step up")
AUTO = Act("auto")


class Tale:
    """One contract; ``paid`` holds day and amount of every guaranteed payment."""

    def __init__(
        self,
        issue: str,
        account: float,
        plan: str | None = "TI",
        birth: str = "1940-01-15",
        spouse_birth: str = "1945-06-30",
        choice: float = UNDECIDED,
    ) -> None:
        births = number(birth), number(birth), number(spouse_birth)
        self.life = Life(number(issue), *births, number("2040-01-01"), 0)
        self.terms = TERMS[0]
        self.core: Core = NEW_CORE
        self.income: TrueIncome = NEW_TRUE_INCOME
        self.account, self.choice = account, choice
        self.today = number(issue)
        self.compared = account
        self.paid: list[tuple[int, float]] = []
        if plan is not None:
            self._act(elect(plan), day_of(self.today, self.today - 1, self.today))

    def facts(self, day: Day) -> TrueIncomeDay:
        return ti.true_income_day(self.income, self.terms, self.life, day)

    def have(self, **values: float) -> "Tale":
        """The same with other benefit values."""
        self.income = self.income._replace(**values)
        return self

    def require(self, amount: float) -> "Tale":
        """A Required Minimum Distribution for this calendar year."""
        self.core = change_core(self.core, required=amount)
        return self

    def on(self, when: str | int, account: float | None = None, *acts: Act) -> "Tale":
        """Every day up to ``when``, then that day."""
        while self.today + 1 < number(when):
            self._day(self.today + 1, None, ())
        return self._day(number(when), account, acts)

    def leap(self, when: str | int, account: float | None = None, *acts: Act) -> "Tale":
        """The same with the days between closed."""
        return self._day(number(when), account, acts)

    def _day(self, today: int, account: float | None, acts: tuple[Act, ...]) -> "Tale":
        day = day_of(self.life.issue, self.today, today)
        self.today = today
        if day.new_calendar_year:
            self.core = change_core(self.core, withdrawn_calendar=0.0, required=0.0)
        if self.income.stage == 3:
            self._receive(day)
            return self
        self.account = self.account if account is None else account
        facts = self.facts(day)
        self.compared = self.account
        self.income = ti.grow(self.income, self.terms, facts, self.account)
        self.income = ti.roll_year(self.income, facts, day, self.account)
        if self.account <= 0.0:
            self._exhaust(day, False, False)
        for act in sorted(acts, key=lambda a: ["auto", "step up", "pay", "elect", "withdraw"].index(a.kind)):
            self._act(act, day)
        return self

    def _act(self, act: Act, day: Day) -> None:
        facts = self.facts(day)
        if act.kind == "auto":
            self.income = ti.set_auto_step_up(self.income, True)
        elif act.kind == "step up":
            assert ti.may_step_up(self.income, facts, self.account, day.today)
            self.income = ti.step_up(self.income, facts, self.account)
        elif act.kind == "pay":
            self.account += act.amount
            self.compared += act.amount
            self.income = ti.pay_in(self.income, self.terms, facts, act.amount)
        elif act.kind == "elect":
            self.terms = TERMS[int(act.amount)]
            assert ti.may_elect(self.terms, self.life, day.today)
            self.income = ti.elect(int(act.amount), self.terms, self.account, day.today)
        elif self.account > 0.0:
            self._withdraw(act, facts, day)

    def _withdraw(self, act: Act, facts: TrueIncomeDay, day: Day) -> None:
        if self.income.stage == 1:
            self.income = ti.begin(self.income, facts, self.compared, day.today)
        gross = min(act.amount, self.account)
        available = ti.income_available(self.income, self.core, act.required)
        self.income = ti.withdraw(self.income, available, gross, self.account, HALF_CENT)
        self.core = after_withdrawal(self.core, gross, 0.0, self.account)
        self.account -= gross
        if self.account <= 0.0:
            self._exhaust(day, True, act.required)
        if has_ended(self.income):
            self.income = end(self.income, day.today)

    def _exhaust(self, day: Day, by_withdrawal: bool, required: bool) -> None:
        facts = self.facts(day)
        self.income = exhaust(
            self.income, self.core, facts, day.today, self.compared, by_withdrawal, required, self.choice, HALF_CENT
        )
        self._receive(day_of(day.today, day.today - 1, day.today))

    def _receive(self, day: Day) -> None:
        self.income, paid = pay_guaranteed(self.income, day, 1.0, HALF_CENT)
        if paid > 0.0:
            self.paid.append((self.today, paid))
