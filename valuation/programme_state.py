"""What a contract remembers of its programmes: one row each, at most one programme of a kind.

A row of zeros is no programme.  The key of a programme tells the scheduled events of the one in force from those of one
that it replaced or that has ended.

Source: SYS-1, SEPP-1, RMD-3, DCA-1, AR-1, PUR-7 (prospectus 2632-2637, 3007-3053, 3187-3262).
"""

from valuation.compile import routine
from valuation.contract import Array

SYSTEMATIC, EQUAL, DISTRIBUTIONS, AVERAGING, REBALANCE = range(5)
"""Rows, in the order of the kinds that start them."""

KEY, MARK, UNITS, POSTPONED, INVOLVED = range(5)
"""Columns: the key, 0 for none; the mark; Units that stayed since the last date; amount postponed, USD; a bit for each
Sub-account of a transfer programme.

The mark is what earnings are counted from (result since issue, USD, or a Unit Price); of distributions the worth that the
next is taken of, USD; of substantially equal payments their first date, a day number.
"""

N_PROGRAMME, N_STATE = 5, 5


@routine
def end_programme(programmes: Array, row: int) -> None:
    """Nothing more is scheduled, and nothing postponed is paid."""
    for k in range(programmes.shape[1]):
        programmes[row, k] = 0.0


@routine
def end_programmes(programmes: Array) -> None:
    """All programmes end: the Annuity has a new Owner.  Source: PUR-7 (prospectus 2632-2637)."""
    for row in range(programmes.shape[0]):
        end_programme(programmes, row)
