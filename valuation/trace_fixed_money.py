"""Telling a day of a contract that holds Fixed Rate Options and has no living benefit in force."""

from typing import Any

from valuation import day as law
from valuation.enhanced_dollar_cost_averaging import transfer
from valuation.fixed_money import FixedMoney, read_enhanced, whole_value
from valuation.fixed_rate_options import credit_interest
from valuation.telling import SHARE, Figure, Figures, iso
from valuation.trace import DayTeller


class FixedMoneyTeller(DayTeller):
    """The day of such a contract."""

    own_account = "Fixed Rate Options"
    own_symbol = "F"

    @property
    def fixed(self) -> FixedMoney:
        """How the money is made up."""
        found: FixedMoney = self.records.fixed
        return found

    @property
    def held(self) -> float:
        """What is in the options, USD."""
        return float(self.records.book.units[-1])

    def opening(self) -> None:
        """Step 1: interest, and periods that are renewed."""
        layers, before = self.fixed.periods.layers, self.held
        days = [int(day) for day in layers.day[: layers.used[0]]]
        super().opening()
        if before <= 0.0:
            self.tell("Interest of the Fixed Rate Options", credit_interest, False, "nothing is held in them")
            return
        now = range(int(layers.used[0]))
        renewed = [k for k in now if self.fixed.periods.renewed[k] == 1 and int(layers.day[k]) not in days]
        figures: Figures = (Figure("held", before, self.held), Figure("interest", None, self.held - before))
        figures += tuple(
            Figure(f"rate of the period from {iso(int(layers.day[k]))}", None, float(layers.rate[k]), SHARE)
            for k in now
        )
        figures += tuple(Figure("rate of an Enhanced programme", None, one.rate, SHARE) for one in self._running())
        note = "each allocation at the rate of its own period; no daily charge is taken"
        if renewed:
            note = f"{note}; {len(renewed)} renewed for a year at the rate declared now"
        self.tell("Interest of the Fixed Rate Options", credit_interest, self.held != before, note, figures)

    def _running(self) -> list[Any]:
        rows = (read_enhanced(self.fixed.enhanced[r]) for r in range(int(self.fixed.programmes[0])))
        return [one for one in rows if one.value > 0.0]

    def values(self, before: Any) -> Figures:
        """A payment changes no benefit."""
        return (Figure("in Fixed Rate Options", None, self.held),)

    def growth(self, due: law.Dues) -> Any:
        """Step 4."""
        self.tell("Growth of a guarantee", law.dues, False, "no living benefit is in force")
        return self.income

    def averaging(self) -> None:
        """Step 9: the scheduled transfers of Enhanced programmes."""
        before, running = self.held, self._running()
        super().averaging()
        if not running:
            return
        moved = before - self.held
        ahead = f"next {self._next()}" if self._running() else "all transfers are made"
        note = f"to the Sub-accounts of the allocation instructions; {ahead}" if moved else f"none is due; {ahead}"
        figures: Figures = (Figure("moved", None, moved), Figure("held", before, whole_value(self.fixed)))
        self.tell("Enhanced Dollar Cost Averaging", transfer, moved > 0.0, note, figures)

    def _next(self) -> str:
        return min(self.next(int(one.first), 1) for one in self._running())
