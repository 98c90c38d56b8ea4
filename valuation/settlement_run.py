"""What one contract's days after its own are worked on, and what every such day adds up to."""

from collections.abc import Callable
from typing import Any, NamedTuple

from valuation.contract import ADDED, ANNUITY, GUARANTEED_PAID, OTHER_FEES, PAID, Array, Integers
from valuation.daily import Block, History
from valuation.fixed_point import fixed_units
from valuation.journal import Journal
from valuation.settlement_requests import Chosen
from valuation.telling import Figures, Step, source_of
from valuation.terms import Terms

STATUS = 0
"""Place of the status in a contract's core."""

Tell = Callable[[Step], None]


class Run(NamedTuple):
    """What one contract's days are worked on."""

    c: int
    block: Block
    history: History
    terms: Terms
    journal: Journal
    totals: Integers
    following: Integers  # (n_day,) Valuation Day after each
    chosen: dict[int, Chosen]
    tell: Tell | None


def end_days(run: Run, status: int) -> None:
    """Nothing more is paid."""
    run.block.core[run.c, STATUS] = float(status)


def count_day(run: Run, d: int, cash: Array, account: float) -> None:
    """Add the day to the totals of the block, places of `valuation.daily.TOTALS`."""
    status = run.block.core[run.c, STATUS]
    totals = run.totals[d]
    if status >= ANNUITY:
        totals[0] += 1
        totals[1] += int(status == ANNUITY)
        totals[3] += fixed_units(account)
    for place, column in ((PAID, 8), (OTHER_FEES, 11), (GUARANTEED_PAID, 12), (ADDED, 13)):
        totals[column] += fixed_units(cash[place])


def tell_step(run: Run, title: str, rule: Callable[..., Any], happened: bool, note: str, figures: Figures = ()) -> None:
    """Tell a step where somebody listens; ``rule`` gives its ids and lines."""
    if run.tell is not None:
        run.tell(Step(title, happened, note, *source_of(rule), figures))
