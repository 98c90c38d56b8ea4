"""Where the numbers of a block of lanes stand: 64 lanes, a row for each number, in one flat array of constant pitch.

What the rules of one day leave for each other comes first, then the states of the Annuity, its optional Death Benefit and
its living benefit, so that every row but the number of the last ones is the same for every kind.
"""

from typing import Any

from valuation.contract import Core

WIDTH = 64
"""Lanes of a block: its rows stay in the first-level cache."""

N_SCRATCH = 13
PERMITTED, BOND, COMPARED, CREDIT, MAINTENANCE, FEE_TAKEN, PRINCIPAL, KEEP_FIRST, KEEP_SECOND, GROWTH = range(10)
QUIET, ALONE, HIT = range(10, N_SCRATCH)
"""Rows of a block that hold no state; what maintenance fee and benefit fee keep, in the order in which they are taken."""

FIRST_CORE = N_SCRATCH
FIRST_DEATH = FIRST_CORE + len(Core._fields)
FIRST_BENEFIT = FIRST_DEATH + 11
"""The optional Death Benefit's state has 11 numbers."""
N_ROW = FIRST_BENEFIT + 64
"""Rows of a block; the widest state of a living benefit has fewer than 64 numbers."""


def fields_of(kind: type[Any], *names: str) -> tuple[int, ...]:
    """Places of fields in a state."""
    return tuple(kind._fields.index(name) for name in names)
