"""What the telling of a Valuation Day is made of: figures, steps, and the contract as the day goes on."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from valuation import highest_daily_7 as hd7
from valuation.account import total, value
from valuation.clock import civil, completed_months, months_after
from valuation.events import Events, event_name
from valuation.failures import reason_of
from valuation.highest_daily_7 import POST, PRE
from valuation.holds import hold
from valuation.journal import Journal
from valuation.records import Contract, Facts, Records

USD, SHARE, NUMBER = "USD", "fraction", "number"
_SOURCE = re.compile(r"Source:\s*(.*?)\s*$", re.DOTALL)
_LINES = re.compile(r"\((?:prospectus )?(\d[\d, -]*)\)")
_RULE = re.compile(r"\b(?:LB-)?[A-Z]+\d?-\d+\b")


class Figure(NamedTuple):
    """One quantity of a step; ``before`` is None where there is no such thing as before."""

    name: str
    before: float | None
    after: float
    unit: str = USD


Figures = tuple[Figure, ...]


class Step(NamedTuple):
    """One step of the day: what happened, or why nothing did."""

    title: str
    happened: bool
    note: str
    rules: tuple[str, ...]
    lines: str
    figures: Figures = ()


def source_of(rule: Callable[..., Any]) -> tuple[tuple[str, ...], str]:
    """Rule ids and prospectus lines in the docstring of a rule; no lines if it gives none."""
    found = _SOURCE.search(rule.__doc__ or "")
    text = found.group(1) if found else ""
    lines = _LINES.search(text)
    return tuple(dict.fromkeys(_RULE.findall(text))), lines.group(1) if lines else ""


def iso(day: float) -> str:
    """A day number as YYYY-MM-DD."""
    year, month, number = civil(int(day))
    return f"{year:04d}-{month:02d}-{number:02d}"


class Teller:
    """The day as it goes: the contract so far, and the steps told."""

    rules: Any = hd7  # module of the benefit's rules
    own_account = "bond Sub-account"  # where the transfer formula puts money
    own_symbol = "B"

    def __init__(self, records: Records, contract: Contract, facts: Facts, events: Events, requests: range) -> None:
        self.records, self.contract, self.facts = records, contract, facts
        self.events, self.requests = events, requests
        self.steps: list[Step] = []

    @property
    def income(self) -> Any:
        """State of the living benefit."""
        return self.contract.income

    @property
    def plan(self) -> Any:
        """Terms of the benefit elected."""
        return self.facts.terms.income[int(self.income.plan)]

    @property
    def covered(self) -> bool:
        """Whether a living benefit is in force."""
        return self.income.stage in (PRE, POST)

    @property
    def account(self) -> float:
        """Account Value now, USD."""
        return float(total(value(self.records.book)))

    def tell(self, title: str, rule: Callable[..., Any], happened: bool, note: str, figures: Figures = ()) -> None:
        """Add a step; ``rule`` is the function whose source it cites."""
        self.steps.append(Step(title, bool(happened), note, *source_of(rule), figures))

    def refused(self, before: int) -> str:
        """Why the latest request was refused; empty if it was not."""
        journal = self.records.journal
        if not isinstance(journal, Journal) or journal.used[2] == before:
            return ""
        one = reason_of(int(journal.refusals[journal.used[2] - 1, 3]))
        return f"refused, nothing changes: {int(one)} {one.name} ({one.rule})"

    def refusals(self) -> int:
        """Requests refused so far."""
        journal = self.records.journal
        return int(journal.used[2]) if isinstance(journal, Journal) else 0

    def payments_made(self) -> int:
        """Payments to the Owner or the Beneficiary so far."""
        journal = self.records.journal
        return int(journal.used[1]) if isinstance(journal, Journal) else 0

    def paid(self, before: int) -> tuple[float, float] | None:
        """Charge and payment of the latest row, USD; None if there was none."""
        journal = self.records.journal
        if not isinstance(journal, Journal) or journal.used[1] == before:
            return None
        _, charge, paid = journal.payment_values[journal.used[1] - 1]
        return float(charge), float(paid)

    def waiting(self, paid: float) -> Figures:
        """What of a payment waits for a check to clear; nothing if none does."""
        wait = hold(self.records.layers, paid, self.facts.day.today)
        return (
            (Figure(f"held for an uncleared check through {iso(wait.through)}", None, wait.amount),)
            if wait.amount
            else ()
        )

    def asked(self, k: int) -> str:
        """What was asked, in words."""
        name = event_name(int(self.events.kind[k])).replace("_", " ").capitalize()
        return name.replace("Rmd", "RMD")

    def next(self, start: int, step: int) -> str:
        """The next nominal anniversary of ``start``, every ``step`` months."""
        today = self.facts.day.today
        if today < start:
            return iso(start)
        months = completed_months(start, today) // step * step + step
        return iso(months_after(start, months))
