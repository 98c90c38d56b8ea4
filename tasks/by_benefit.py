"""The block by benefit: contracts in force by living benefit and Death Benefit, from a snapshot.  Sums over rows alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.publish import PublishedRun
from tasks.report_page import Row, Sheet
from tasks.summary import Page, usd
from valuation.schema import SERIES
from valuation.schema_inputs import BENEFITS, DEATH_BENEFITS

DEATH_PLANS = ("NONE", *DEATH_BENEFITS)
IN_FORCE = ("PRE", "POST", "PAYOUT")
"""Stages in which a living benefit is in force."""
SUMS = ("account_value", "bond_value", "protected_withdrawal_value_today", "annual_income_amount", "above")
COLUMNS = (
    "benefit", "benefit_stage", "death_benefit_plan", "series", "status", "account_value", "bond_value",
    "protected_withdrawal_value_today", "annual_income_amount", "death_benefit",
)  # fmt: skip
HEAD = (
    "living benefit", "Death Benefit", "#contracts", *(f"#{series}" for series in SERIES), "#in payout", "#Account Value",
    "#of it moved by the formula", "#value protected", "#yearly income", "#Death Benefit above the Account Value",
)  # fmt: skip


@dataclass(frozen=True)
class Held:
    """Contracts in force with the same two benefits."""

    living: str
    death: str
    contracts: int
    series: tuple[int, ...]  # of them by series
    payout: int  # of them in payout
    sums: tuple[float, ...]  # in the order of SUMS, USD

    @property
    def cells(self) -> tuple[str, ...]:
        """As text, in the order of HEAD."""
        counts = (self.contracts, *self.series, self.payout)
        return (_named(self.living), _named(self.death), *(f"{n:,}" for n in counts), *(usd(x) for x in self.sums))


def _named(plan: str) -> str:
    return "none" if plan == "NONE" else plan


def by_benefit(snapshot: pa.Table) -> list[Held]:
    """Contracts in force by their benefits, in the order of the schema; pairs that nobody holds are left out."""
    rows = snapshot.filter(pc.is_in(snapshot["status"], pa.array(["ACTIVE", "PAYOUT"])))
    covered = pc.is_in(rows["benefit_stage"], pa.array(IN_FORCE))
    living = np.array(pc.if_else(covered, rows["benefit"], "NONE").to_pylist(), dtype=str)
    death = np.array(pc.fill_null(rows["death_benefit_plan"], "NONE").to_pylist(), dtype=str)
    death = np.where(np.isin(death, DEATH_BENEFITS), death, "NONE")
    series = np.array(rows["series"].to_pylist(), dtype=str)
    payout = np.array(rows["status"].to_pylist(), dtype=str) == "PAYOUT"
    column = {name: np.asarray(rows[name].to_numpy(), dtype=np.float64) for name in (*SUMS[:-1], "death_benefit")}
    column["above"] = np.maximum(0.0, column["death_benefit"] - column["account_value"])
    found = []
    for plan in BENEFITS:
        for beside in DEATH_PLANS:
            mine = (living == plan) & (death == beside)
            if mine.any():
                each = tuple(int((mine & (series == code)).sum()) for code in SERIES)
                sums = tuple(float(column[name][mine].sum()) for name in SUMS)
                found.append(Held(plan, beside, int(mine.sum()), each, int((mine & payout).sum()), sums))
    return found


def total(held: Sequence[Held]) -> Held:
    """All of them."""
    series = tuple(sum(one.series[k] for one in held) for k in range(len(SERIES)))
    sums = tuple(sum(one.sums[k] for one in held) for k in range(len(SUMS)))
    return Held("all", "", sum(one.contracts for one in held), series, sum(one.payout for one in held), sums)


def benefit_sheet(run: PublishedRun) -> Sheet:
    """The table of the report, with its sum."""
    held = by_benefit(run.table("snapshot", COLUMNS))
    rows = [Row(one.cells) for one in held]
    return Sheet("Contracts in force at the end of the day, USD", HEAD, (*rows, Row(total(held).cells, total=True)))


def benefit_page(run: PublishedRun) -> Page:
    """A narrower table for a terminal."""
    held = by_benefit(run.table("snapshot", COLUMNS))
    places = (0, 1, 2, 3 + len(SERIES), 4 + len(SERIES), 6 + len(SERIES), 7 + len(SERIES))
    rows = tuple(tuple(one.cells[k] for k in places) for one in (*held, total(held)))
    return Page("the block by benefit", tuple(HEAD[k] for k in places), rows)
