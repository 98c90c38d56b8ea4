"""`BlockStory` of any qualification, which can be run once more in one go and closes its ledger at every stop."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.support.block_story import BlockStory, Request
from valuation.block import DayResult, value_block
from valuation.schema import SCHEMAS


class SettledStory(BlockStory):
    """A contract of 100,000 without a benefit, unless one is named."""

    def __init__(self, tax_type: str = "NQ", plan: str | None = None, **given: Any) -> None:
        self.tax_type, self.path, self.last = tax_type, [], None
        super().__init__(plan=plan, **given)

    def on(self, when: str, account: float | None = None, *asked: Request) -> "SettledStory":
        if self.snapshot is None:
            place = self.contract.column_names.index("tax_type")
            self.contract = self.contract.set_column(place, "tax_type", pa.array([self.tax_type]))
            self.contract = self.contract.cast(SCHEMAS["contracts"])
        held = self._held()
        super().on(when, account, *asked)
        self.path.append(self.last)
        moved = {name: amount for name, amount in self._moved(self.results[-1]).items() if amount}
        for name in held | moved | self._held():
            closing = held.get(name, 0.0) + moved.get(name, 0.0)
            assert closing == pytest.approx(self._held().get(name, 0.0), abs=1e-6), f"{when}: {name}"
        return self

    def _valued(self, days: Any, prices: Any) -> DayResult:
        self.last = (days, prices)
        return super()._valued(days, prices)

    def _held(self) -> dict[str, float]:
        units = self.row["units"] if self.snapshot is not None else []
        return {held["sub_account"]: held["value"] for held in units}

    @staticmethod
    def _moved(result: DayResult) -> dict[str, float]:
        sums: dict[str, float] = {}
        for row in result.ledger.to_pylist():
            sums[row["sub_account"]] = sums.get(row["sub_account"], 0.0) + row["amount"]
        return sums

    @property
    def settlement(self) -> dict[str, float]:
        """What follows the contract's own days, by field."""
        return {part["field"]: part["value"] for part in self.row["settlement_fields"]}

    @property
    def market(self) -> tuple[np.ndarray, np.ndarray]:
        """Valuation Days and Unit Prices of all stops."""
        days = np.concatenate([self.path[0][0], *(days[1:] for days, _ in self.path[1:])])
        return days, np.concatenate([self.path[0][1], *(prices[1:] for _, prices in self.path[1:])])

    @property
    def asked(self) -> pa.Table:
        """All transactions."""
        return pa.Table.from_pylist(self.requests, SCHEMAS["transactions"])

    def same_in_one_run(self) -> None:
        """All stops in one run from issue give the same payments and the same end."""
        whole = value_block(self.contract, self.asked, None, *self.market)
        found, known = whole.snapshot.to_pylist()[0], self.row
        for row in (found, known):
            del row["death_benefit_fields"]  # a run knows of a death on all of its days
        assert found == known
        assert whole.payments.to_pylist() == [row for done in self.results for row in done.payments.to_pylist()]
        assert whole.tax_amounts.to_pylist() == [row for done in self.results for row in done.tax_amounts.to_pylist()]
        assert (whole.totals == np.concatenate([done.totals for done in self.results])).all()
