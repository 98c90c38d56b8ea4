"""The Guaranteed Minimum Income Benefit through days of one's own making, in the order its rules ask for.

The Account Value is what a day names, else what the last day left; the charge leaves it unless the story is without
charges, as the prospectus's examples are.
"""

from collections.abc import Callable

from valuation import guaranteed_minimum_income as gmi
from valuation.clock import Day, day_of, ordinal
from valuation.contract import NEW_CORE, Life
from valuation.guaranteed_minimum_income import ProtectedDay, ProtectedIncome
from valuation.terms.benefits import GmibTerms, load_gmib_terms

TERMS = load_gmib_terms()
HALF_CENT = 0.005

Act = Callable[["Protected"], None]


def number(text: str) -> int:
    """Day number of an ISO date."""
    year, month, day = (int(part) for part in text.split("-"))
    return ordinal(year, month, day)


def take(gross: float) -> Act:
    """A withdrawal that reduces the Account Value by ``gross``."""
    return lambda story: story.withdraw(gross)


def pay_in(payment: float) -> Act:
    """A Purchase Payment with its credit."""
    return lambda story: story.pay_in(payment)


def step_up(story: "Protected") -> None:
    """The Owner's request to step up, met or refused."""
    story.step_up()


class Protected:
    """One contract with the benefit from its Issue Date on."""

    def __init__(
        self,
        issue: str,
        account: float = 100_000.0,
        birth: str = "1945-01-15",
        terms: GmibTerms = TERMS,
        charged: bool = False,
    ) -> None:
        day = number(issue)
        born = number(birth)
        self.terms, self.charged, self.account = terms, charged, account
        self.life = Life(day, born, born, 0, 0, 0)
        self.today = day
        self.day: Day = day_of(day, day, day)
        self.benefit: ProtectedIncome = gmi.elect(terms, self.life, account, day)
        self.facts: ProtectedDay = gmi.protected_day(self.benefit, terms, self.life, self.day)
        self.fees: list[tuple[int, float]] = []
        self.refused = 0

    def leap(self, day: str | int, account: float | None = None, *acts: Act) -> "Protected":
        """Go to a Valuation Day directly: every day between is closed."""
        today = number(day) if isinstance(day, str) else day
        self.day = day_of(self.life.issue, self.today, today)
        self.facts = gmi.protected_day(self.benefit, self.terms, self.life, self.day)
        self.today = today
        self.account = self.account if account is None else account
        benefit = gmi.accrue(self.benefit, self.terms, self.facts)
        fee = gmi.annual_fee(benefit, self.terms, self.facts, self.account)
        if fee > 0.0:
            self.charge(fee)
        benefit = gmi.grow(benefit, self.terms, self.facts, self.account)
        self.benefit = gmi.roll_year(benefit, self.facts, self.day, self.account)
        for act in acts:
            act(self)
        return self

    def on(self, day: str | int, account: float | None = None, *acts: Act) -> "Protected":
        """Go to a day through every day before it."""
        today = number(day) if isinstance(day, str) else day
        for date in range(self.today + 1, today):
            self.leap(date)
        return self.leap(today, account, *acts)

    def charge(self, fee: float) -> None:
        self.fees.append((self.today, fee))
        if self.charged:
            self.account -= fee

    def withdraw(self, gross: float, required: bool = False) -> None:
        available = gmi.income_available(self.benefit, NEW_CORE, required)
        self.benefit = gmi.withdraw(self.benefit, available, gross, self.account, HALF_CENT)
        self.account -= gross

    def pay_in(self, payment: float) -> None:
        self.benefit = gmi.pay_in(self.benefit, self.terms, self.facts, payment)
        self.account += payment

    def step_up(self) -> None:
        if gmi.may_step_up(self.benefit, self.terms, self.facts, self.account):
            self.benefit = gmi.step_up(self.benefit, self.terms, self.life, self.account, self.today)
        else:
            self.refused += 1

    def accrued_fee(self) -> float:
        """Charge of the part-year if the benefit ended now, USD."""
        return gmi.accrued_fee(self.benefit, self.terms, self.facts, self.account, self.today)

    def end(self) -> "Protected":
        """Surrender, death or an Annuitant too old."""
        self.charge(self.accrued_fee())
        self.benefit = gmi.end(self.benefit, self.today)
        return self

    def new_annuitant(self, birth: str) -> None:
        self.life = self.life._replace(annuitant_birth=number(birth))
        fee = self.accrued_fee()
        self.benefit = gmi.change_annuitant(self.benefit, self.terms, self.life, self.today)
        if self.benefit.stage == gmi.ENDED:
            self.charge(fee)
