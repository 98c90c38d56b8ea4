"""One contract through days of one's own making, by way of `valuation.day.advance`.

Every calendar day is a Valuation Day unless it is closed.  Prices stand still unless a day names the Account Value that
it opens with: then every Unit Price moves by the same factor, so that the Account Value before the day's events is that
figure.  What the contract did is left in `Story.past`, a row a day.
"""

from datetime import date
from typing import Any, NamedTuple

import numpy as np

from valuation import highest_daily_7 as hd7
from valuation.account import Account, Book, total, value
from valuation.charges import settle_rates
from valuation.clock import day_of
from valuation.compile import allocating_kernel
from valuation.contract import NEW_CORE, Core, Layers, Life
from valuation.day import advance
from valuation.events import EVENT_NAMES, NO_CHOICE, Events
from valuation.fixed_money import NO_FIXED_MONEY
from valuation.highest_daily_7 import IncomeDay
from valuation.journal import LEDGER_KINDS, Journal
from valuation.living.kinds import KINDS, PLAN_NAMES, kind_of, terms_of
from valuation.optional_death_benefits import NEW_OPTIONAL_DEATH_BENEFIT
from valuation.programme_state import N_PROGRAMME, N_STATE
from valuation.records import Contract, Records, facts_of, life_from
from valuation.terms import Terms, load_terms

SERIES = "BLX"
PLANS = {name: place for place, name in enumerate(PLAN_NAMES)}
N_SLOT = 3
WEIGHTS = (0.6, 0.4, 0.0)
FIRST_PRICE = 10.0
EPOCH = date(1970, 1, 1)
ROWS_PER_DAY = 60
"""More ledger rows than one day with a few events can write."""


class Event(NamedTuple):
    """One transaction of a day."""

    kind: str
    amount: float = 0.0
    choice: int = NO_CHOICE
    source: int = 0
    target: int = 0
    date: int = 0
    weights: tuple[float, ...] = (0.0,) * N_SLOT


class Past(NamedTuple):
    """A day as it ended."""

    day: int
    opening: float  # Account Value at the day's prices, before anything happens, USD
    core: Core
    income: Any
    account: Account
    cash: np.ndarray


class Paid(NamedTuple):
    """A row of the payments."""

    kind: str
    gross: float
    charge: float
    paid: float


def number(when: str | date | int) -> int:
    """Day number of a date written YYYY-MM-DD."""
    if isinstance(when, int):
        return when
    day = date.fromisoformat(when) if isinstance(when, str) else when
    return (day - EPOCH).days


def withdraw(amount: float, net: bool = False) -> Event:
    return Event("WITHDRAWAL", amount, 1 if net else 0)


def pay(amount: float) -> Event:
    return Event("PURCHASE_PAYMENT", amount)


def elect(plan: str) -> Event:
    return Event("ELECTION", choice=PLANS[plan])


def nothing(rates: Any) -> Any:
    """The same table with zeros; the types stay, so that nothing is compiled a second time."""
    return tuple(nothing(rate) for rate in rates) if isinstance(rates, tuple) else 0.0 * rates


def without_charges(cents: bool = True) -> Terms:
    """The terms as the examples assume them: no fee and no charge of any kind."""
    terms = load_terms(cents)
    free = [plan._replace(quarterly_fee=0.0, yearly_fee=0.0) for plan in terms.income]
    charges = terms.charges._replace(
        surrender_charge=nothing(terms.charges.surrender_charge), maintenance_fee=0.0, transfer_fee=0.0
    )
    return terms._replace(income=(free[0], free[1]), charges=charges)


def empty_journal(rows: int) -> Journal:
    """Buffers for one contract."""
    return Journal(
        np.zeros(4, np.int64),
        np.zeros(2, np.int64),
        np.zeros(N_SLOT, np.int64),
        np.full(N_SLOT, FIRST_PRICE),
        np.zeros((rows, 5), np.int64),
        np.zeros((rows, 3)),
        np.zeros((rows, 3), np.int64),
        np.zeros((rows, 3)),
        np.zeros((rows, 4), np.int64),
        np.zeros((rows, 3), np.int64),
        np.zeros((rows, 7)),
    )


def empty_layers(rows: int) -> Layers:
    """Room for Purchase Payments."""
    whole = {"day": rows, "held": rows, "used": 1}
    return Layers(**{f: np.zeros(whole[f], np.int64) if f in whole else np.zeros(rows) for f in Layers._fields})


@allocating_kernel
def play(
    contract: Contract,
    prior: int,
    days: Any,
    opening: Any,
    ratios: Any,
    first: Any,
    book: Book,
    layers: Layers,
    journal: Journal,
    cash: Any,
    terms: Terms,
    persons: Any,
    watch: Any,
    programmes: Any,
    events: Events,
    cores: Any,
    incomes: Any,
    accounts: Any,
) -> Contract:
    """Take the contract through ``days``; a row of every output is a day.

    opening  (n,) Account Value at the day's prices, USD; nan leaves the prices to ``ratios`` (n, n_slot)
    first    (n + 1,) the events of day d are first[d]:first[d + 1]
    """
    for d in range(days.shape[0]):
        book.price[:] = book.price * ratios[d]
        whole = total(value(book))
        if opening[d] > 0.0:
            book.price[:] = book.price * (opening[d] / whole)
            whole = total(value(book))
        journal.here[1] = days[d]
        life = life_from(persons)
        day = day_of(life.issue, prior, days[d])
        facts = facts_of(contract, terms, life, day)
        settle_rates(terms.charges, life.series, layers, days[d])
        records = Records(book, layers, journal, cash[d], persons, watch, programmes, NO_FIXED_MONEY)
        contract = advance(records, contract, facts, events, first[d], first[d + 1])
        prior = days[d]
        accounts[d, 0] = whole
        accounts[d, 1], accounts[d, 2] = value(book)
        for k in range(len(contract.core)):
            cores[d, k] = contract.core[k]
        for k in range(len(contract.income)):
            incomes[d, k] = contract.income[k]
    return contract


class Story:
    """One contract; `on` and `days` take it further."""

    def __init__(
        self,
        issue: str,
        payment: float = 100_000.0,
        *,
        plan: str | None = None,
        birth: str = "1938-01-15",
        owner_birth: str | None = None,
        spouse_birth: str | None = None,
        series: str = "B",
        terms: Terms | None = None,
        closed: tuple[str, ...] = (),
        start: str | None = None,
        qualified: bool = False,
        entity: bool = False,
        jurisdiction: int = 0,
    ) -> None:
        kind = KINDS[kind_of(plan or "")]
        self.terms = terms_of(kind, terms if terms is not None else load_terms(True))
        annuitant = number(birth)
        owner = number(owner_birth) if owner_birth else annuitant
        spouse = number(spouse_birth) if spouse_birth else 0
        self.persons = np.array(
            [
                *(number(issue), owner, annuitant, spouse, number("2099-01-01"), SERIES.index(series)),
                *(qualified, entity, 0, 0, jurisdiction, 0, 0, 0, 0),
            ],
            np.int64,
        )
        self.watch = np.zeros((3, N_SLOT), np.int64)
        self.programmes = np.zeros((N_PROGRAMME, N_STATE))
        self.closed = {number(day) for day in closed}
        self.contract = Contract(NEW_CORE, kind.blank, NEW_OPTIONAL_DEATH_BENEFIT)
        self.book = Book(np.zeros(N_SLOT), np.full(N_SLOT, FIRST_PRICE), np.zeros(N_SLOT))
        self.layers = empty_layers(40)
        self.journal = empty_journal(4_000)
        self.past: list[Past] = []
        self.prior = number(start) - 1 if start else self.life.issue - 1
        self.journal.marked_day[:] = self.prior
        choice = PLANS[plan] if plan else NO_CHOICE
        self.on(issue, None, Event("ISSUE", payment, choice, weights=WEIGHTS))

    @property
    def life(self) -> Life:
        """Persons and dates now."""
        return Life(*(int(v) for v in self.persons))

    @property
    def core(self) -> Core:
        return self.contract.core

    @property
    def income(self) -> Any:
        return self.contract.income

    @property
    def account(self) -> Account:
        return value(self.book)

    @property
    def account_value(self) -> float:
        return sum(self.account)

    @property
    def cash(self) -> np.ndarray:
        """Cash of the last day, places of `valuation.contract`."""
        return self.past[-1].cash

    @property
    def today(self) -> IncomeDay:
        """What the benefit knows of the last day."""
        before = self.past[-2].day if len(self.past) > 1 else self.life.issue - 1
        return hd7.income_day(self.income, self.terms, self.life, day_of(self.life.issue, before, self.prior))

    @property
    def protected(self) -> float:
        """Protected Withdrawal Value at the end of the last day, USD."""
        return hd7.protected_withdrawal_value(self.income, self.today, self.account_value)

    @property
    def payments(self) -> list[Paid]:
        """All payments, oldest first."""
        n = self.journal.used[1]
        return [
            Paid(LEDGER_KINDS[self.journal.payment_keys[k, 2]][0], *map(float, self.journal.payment_values[k]))
            for k in range(n)
        ]

    @property
    def refusals(self) -> list[int]:
        """Reason codes of all requests refused."""
        return [int(code) for code in self.journal.refusals[: self.journal.used[2], 3]]

    def ledger(self, kind: str) -> float:
        """Sum of the ledger rows of one kind, USD."""
        code = [name for name, _ in LEDGER_KINDS].index(kind)
        keys = self.journal.ledger_keys[: self.journal.used[0]]
        return float(self.journal.ledger_values[: self.journal.used[0], 0][keys[:, 3] == code].sum())

    def with_income(self, **values: float) -> "Story":
        """Set fields of the benefit."""
        self.contract = self.contract._replace(income=self.income._replace(**values))
        return self

    def on(self, when: str, account: float | None = None, *events: Event) -> "Story":
        """Every day up to ``when``, the last with its opening Account Value and its events."""
        end = number(when)
        between = [(d, None, ()) for d in range(self.prior + 1, end) if d not in self.closed]
        return self.days([*between, (end, account, events)])

    def leap(self, when: str, account: float | None = None, *events: Event) -> "Story":
        """Straight to ``when``, as if the days between were closed."""
        return self.days([(when, account, events)])

    def days(self, rows: list[tuple[Any, float | None, tuple[Event, ...]]], ratios: Any = None) -> "Story":
        """Take the contract through days, each with opening Account Value (or None) and events."""
        n = len(rows)
        days = np.array([number(row[0]) for row in rows], np.int64)
        opening = np.array([np.nan if row[1] is None else float(row[1]) for row in rows])
        ratios = np.ones((n, N_SLOT)) if ratios is None else np.ascontiguousarray(ratios, np.float64)
        listed = [event for row in rows for event in row[2]]
        first = np.concatenate([[0], np.cumsum([len(row[2]) for row in rows])]).astype(np.int64)
        self._make_room(ROWS_PER_DAY * (n + len(listed)))
        cash, cores, incomes = np.zeros((n, 7)), np.zeros((n, len(Core._fields))), np.zeros((n, len(self.income)))
        accounts = np.zeros((n, 3))
        self.contract = play(
            self.contract, self.prior, days, opening, ratios, first, self.book, self.layers, self.journal, cash,
            self.terms, self.persons, self.watch, self.programmes, table(listed), cores, incomes, accounts,
        )  # fmt: skip
        state = self.income._make
        self.past += [
            Past(int(days[d]), accounts[d, 0], Core(*cores[d]), state(incomes[d]), Account(*accounts[d, 1:]), cash[d])
            for d in range(n)
        ]
        self.prior = int(days[-1])
        return self

    def _make_room(self, rows: int) -> None:
        needed = int(self.journal.used.max()) + rows
        if needed <= self.journal.ledger_keys.shape[0]:
            return
        larger = empty_journal(2 * needed)
        for old, new in zip(self.journal, larger, strict=True):
            new[: old.shape[0]] = old
        self.journal = larger


def table(events: list[Event]) -> Events:
    """Events as arrays; at least one row, so that the types never change."""
    rows = events or [Event("WITHDRAWAL")]
    whole = [np.array([getattr(e, f) for e in rows], np.int64) for f in ("choice", "source", "target", "date")]
    return Events(
        np.array([EVENT_NAMES.index(e.kind) for e in rows], np.int64),
        np.array([float(e.amount) for e in rows]),
        *whole,
        np.array([e.weights for e in rows], np.float64),
    )
