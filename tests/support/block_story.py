"""One contract through days of one's own making, by way of `value_block`: every stop is a snapshot, and a restart from it.

Unit Prices stand still unless a stop names the Account Value that the day opens with, interest of the benefit's own account
included; then all move by the same factor.
Every charge class has prices of its own, so that Units of the wrong class show.
"""

from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.block import DayResult, value_block
from valuation.living.kinds import KINDS, kind_of
from valuation.schema import SCHEMAS
from valuation.sessions import prior_valuation_day, valuation_days
from valuation.terms.benefits import load_highest_daily_terms

RATE = load_highest_daily_terms().declared_rate
FIRST_PRICES = 10.0 + np.arange(len(CHARGE_CLASSES), dtype=np.float64)[:, None] * np.ones(len(SLOTS))
ALLOCATION = [{"sub_account": SLOTS[0], "weight": 0.6}, {"sub_account": SLOTS[1], "weight": 0.4}]

Request = tuple[str, dict[str, Any]]


def request(kind: str, **given: Any) -> Request:
    return kind, given


def withdraw(amount: float) -> Request:
    return request("WITHDRAWAL", amount=amount, basis="gross")


def pay(amount: float) -> Request:
    return request("PURCHASE_PAYMENT", amount=amount)


def elect(plan: str) -> Request:
    return request("ELECTION", benefit=plan)


def _growth(before: dict[str, Any], account: float, elapsed: float) -> float:
    """Of the Unit Prices, for an Account Value of ``account``; the Benefit Fixed Rate Account has its interest instead."""
    apart = before["bond_value"] if KINDS[kind_of(before["benefit"])].account else 0.0
    earned = apart * (1.0 + RATE) ** (elapsed / 365.0)
    return float((account - earned) / (before["account_value"] - apart))


class BlockStory:
    """A contract of 100,000 that elects ``plan`` at issue; ``results`` holds what every stop gave."""

    def __init__(
        self, issue: str = "2008-07-01", plan: str | None = "TI", amount: float = 100_000.0, series: str = "B",
        birth: str = "1938-01-15", spouse_birth: str | None = "1940-06-30", persons: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        issued, born = date.fromisoformat(issue), date.fromisoformat(birth)
        row = dict.fromkeys(SCHEMAS["contracts"].names) | {
            "contract_id": "C-1", "series": series, "issue_date": issued, "tax_type": "IRA", "entity_owned": False,
            "owner_birth_date": born, "owner_sex": "F", "annuitant_birth_date": born, "annuitant_sex": "F",
        }  # fmt: skip
        if spouse_birth is not None:
            row |= {"spouse_birth_date": date.fromisoformat(spouse_birth), "spouse_sex": "M"}
        self.contract = pa.Table.from_pylist([row | (persons or {})], SCHEMAS["contracts"])
        self.requests: list[dict[str, Any]] = []
        self.results: list[DayResult] = []
        self.snapshot: pa.Table | None = None
        self.prices = FIRST_PRICES
        self.today = prior_valuation_day(issued)
        self.on(issue, None, request("ISSUE", amount=amount, allocation=ALLOCATION, benefit=plan))

    def on(self, when: str, account: float | None = None, *asked: Request) -> "BlockStory":
        """Every Valuation Day up to ``when``, then that day, which opens with ``account``."""
        day = date.fromisoformat(when)
        for kind, given in asked:
            row = dict.fromkeys(SCHEMAS["transactions"].names) | {"contract_id": "C-1", "kind": kind}
            number = len(self.requests)
            received = datetime(day.year, day.month, day.day, 10, number % 60)
            self.requests.append(row | {"transaction_id": f"C-1-{number:03d}", "received": received} | given)
        days = valuation_days(self.today, day)
        prices = np.repeat(self.prices[None], len(days), axis=0)
        if account is not None:
            before = self._valued(days[:-1], prices[:-1]).snapshot if len(days) > 2 else self.snapshot
            assert before is not None
            prices[-1] *= _growth(before.to_pylist()[0], account, float(days[-1] - days[-2]))
        done = self._valued(days, prices)
        self.results.append(done)
        self.snapshot, self.prices, self.today = done.snapshot, prices[-1], day
        return self

    def _valued(self, days: Any, prices: Any) -> DayResult:
        table = pa.Table.from_pylist(self.requests, SCHEMAS["transactions"])
        return value_block(self.contract, table, self.snapshot, days, prices)

    @property
    def row(self) -> dict[str, Any]:
        """The contract at the end of the last stop."""
        assert self.snapshot is not None
        found: dict[str, Any] = self.snapshot.to_pylist()[0]
        return found

    @property
    def benefit(self) -> dict[str, float]:
        """The state of its living benefit, by field."""
        return {part["field"]: part["value"] for part in self.row["benefit_fields"]}

    @property
    def reasons(self) -> list[int]:
        """Why requests were refused up to the last stop."""
        return [code for done in self.results for code in done.refusals["reason_code"].to_pylist()]

    def paid(self, kind: str) -> list[tuple[str, float]]:
        """Day and amount of the payments of a kind."""
        rows = [row for done in self.results for row in done.payments.to_pylist() if row["kind"] == kind]
        return [(row["date"].isoformat(), row["paid"]) for row in rows]

    def ledger(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Rows of the ledger, of one kind or all."""
        return [row for done in self.results for row in done.ledger.to_pylist() if kind in (None, row["kind"])]
