"""One contract with Fixed Rate Options by way of `value_block`: every stop is a snapshot, and a restart from it.

Unit Prices stand still unless a stop names by what factor they change on its day.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.block import DayResult, value_block
from valuation.declared_rates import DeclaredRate, DeclaredRates, declare
from valuation.investment_options import FIXED_NAMES
from valuation.schema import SCHEMAS
from valuation.sessions import prior_valuation_day, valuation_days

ONE_YEAR, ENHANCED = FIXED_NAMES[:2]
HELD = "Fixed Rate Options"
SUBS = (SLOTS[0], SLOTS[1])
IN_SUBS = {SUBS[0]: 0.6, SUBS[1]: 0.4}
RATES = declare(
    [
        DeclaredRate(date(2007, 1, 2), "ONE_YEAR", 12, 0.03, 0.01),
        DeclaredRate(date(2008, 1, 2), "ONE_YEAR", 12, 0.02, 0.005),
        DeclaredRate(date(2007, 1, 2), "ENHANCED", 6, 0.03),
        DeclaredRate(date(2007, 1, 2), "ENHANCED", 12, 0.05),
    ]
)

Request = tuple[str, dict[str, Any]]


def request(kind: str, **given: Any) -> Request:
    return kind, given


def pay(amount: float, **given: Any) -> Request:
    return request("PURCHASE_PAYMENT", amount=amount, **given)


def transfer(amount: float | None, source: str, target: str, **given: Any) -> Request:
    return request("TRANSFER", amount=amount, source_sub_account=source, target_sub_account=target, **given)


def shares(parts: dict[str, float]) -> list[dict[str, Any]]:
    return [{"sub_account": name, "weight": weight} for name, weight in parts.items()]


class FixedMoneyBlock:
    """A contract of 100,000; ``results`` holds what every stop gave."""

    def __init__(
        self, issue: str = "2007-07-02", amount: float = 100_000.0, parts: dict[str, float] = IN_SUBS,
        series: str = "B", birth: str = "1947-01-15", rates: DeclaredRates | None = RATES, **issued: Any,
    ) -> None:  # fmt: skip
        start, born = date.fromisoformat(issue), date.fromisoformat(birth)
        row = dict.fromkeys(SCHEMAS["contracts"].names) | {
            "contract_id": "C-1", "series": series, "issue_date": start, "tax_type": "NQ", "entity_owned": False,
            "owner_birth_date": born, "owner_sex": "F", "annuitant_birth_date": born, "annuitant_sex": "F",
        }  # fmt: skip
        self.contract, self.rates = pa.Table.from_pylist([row], SCHEMAS["contracts"]), rates
        self.requests: list[dict[str, Any]] = []
        self.results: list[DayResult] = []
        self.snapshot: pa.Table | None = None
        self.prices = np.full((len(CHARGE_CLASSES), len(SLOTS)), 10.0)
        self.history: list[Any] = []
        self.today = prior_valuation_day(start)
        self.opened = self.today
        self.on(issue, request("ISSUE", amount=amount, allocation=shares(parts), **issued))

    def on(self, when: str, *asked: Request, factor: float = 1.0) -> "FixedMoneyBlock":
        """Every Valuation Day up to ``when``, then that day, on which Unit Prices change by ``factor``."""
        day = date.fromisoformat(when)
        for kind, given in asked:
            row = dict.fromkeys(SCHEMAS["transactions"].names) | {"contract_id": "C-1", "kind": kind}
            number = len(self.requests)
            received = datetime(day.year, day.month, day.day, 10, number % 60)
            self.requests.append(row | {"transaction_id": f"C-1-{number:03d}", "received": received} | given)
        days = valuation_days(self.today, day)
        prices = np.repeat(self.prices[None], len(days), axis=0)
        prices[-1] *= factor
        done = self.valued(self.snapshot, days, prices)
        self.history.append(prices[1:] if self.history else prices)
        self.results.append(done)
        self.snapshot, self.prices, self.today = done.snapshot, prices[-1], day
        return self

    def valued(self, snapshot: pa.Table | None, days: Any, prices: Any) -> DayResult:
        table = pa.Table.from_pylist(self.requests, SCHEMAS["transactions"])
        return value_block(self.contract, table, snapshot, days, prices, declared=self.rates)

    def whole(self) -> DayResult:
        """The same from issue to today in one run."""
        return self.valued(None, valuation_days(self.opened, self.today), np.concatenate(self.history))

    @property
    def row(self) -> dict[str, Any]:
        """The contract at the end of the last stop."""
        assert self.snapshot is not None
        found: dict[str, Any] = self.snapshot.to_pylist()[0]
        return found

    @property
    def held(self) -> float:
        """What is in the options, USD."""
        return sum(part["value"] for part in self.row["units"] if part["sub_account"] == HELD)

    @property
    def subs(self) -> float:
        """What is in the Sub-accounts, USD."""
        return sum(part["value"] for part in self.row["units"] if part["sub_account"] != HELD)

    @property
    def periods(self) -> list[tuple[str, float, float, bool]]:
        """Interest rate periods of the one-year option."""
        rows = self.row["fixed_rate_periods"] or []
        return [(str(one["date"]), one["amount"], one["rate"], one["renewed"]) for one in rows]

    @property
    def reasons(self) -> list[int]:
        """Why requests were refused up to the last stop."""
        return [code for done in self.results for code in done.refusals["reason_code"].to_pylist()]

    def ledger(self, kind: str | None = None, where: str | None = None) -> list[dict[str, Any]]:
        """Rows of the ledger, of one kind or all, of one option or all."""
        rows = [row for done in self.results for row in done.ledger.to_pylist()]
        return [row for row in rows if kind in (None, row["kind"]) and where in (None, row["sub_account"])]

    def out(self, kind: str) -> list[tuple[str, float]]:
        """Day and amount of what left the options by rows of a kind, by day."""
        found: dict[str, float] = {}
        for row in self.ledger(kind, HELD):
            day = str(row["date"])
            found[day] = found.get(day, 0.0) - row["amount"]
        return list(found.items())


def every(rows: Sequence[Any]) -> Any:
    """The only one."""
    (one,) = rows
    return one
