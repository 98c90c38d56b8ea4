"""Which days of a projection have events, and which: settled once a contract, before any loop.

Days without events run the short loop of `valuation.lanes`; every nominal date is processed on the next Valuation Day.

Source: C-2 to C-5, TXN-10, HD7-10, HD7-15, README decision 13.
"""

from typing import NamedTuple

from valuation.clock import civil, months_after, ordinal
from valuation.compile import kernel, routine
from valuation.contract import Array, Integers, Life

LAW, WITHDRAW, MONTH, YEAR, FACTOR, ANNUITISE, CALENDAR, EXERCISE, PAY, CHOOSE = 1, 2, 4, 8, 16, 32, 64, 128, 256, 512
"""Flags of a step: the full order of events runs; with a withdrawal; a projection month ends; a projection year ends;
the transfer factor changes; the latest Annuity Date is reached; a calendar year begins and nothing else; annuity payments
under the benefit must be elected; a month of such payments begins; they can be elected."""


class Steps(NamedTuple):
    """Days with events of every contract of a group, in order of contract and day."""

    first: Integers  # (n + 1,) steps of contract c are first[c]:first[c + 1]
    day: Integers  # (n_step,) place in the grid of Valuation Days
    flags: Integers  # (n_step,)
    month: Integers  # (n_step,) projection month that ends, where MONTH is set
    share: Array  # (n_step,) fraction of the Annual Income Amount withdrawn, where WITHDRAW is set


@routine
def first_on_or_after(grid: Integers, day: int) -> int:
    """Place of the first Valuation Day on or after ``day``; the length of the grid if there is none."""
    low, high = 0, grid.shape[0]
    while low < high:
        middle = (low + high) // 2
        if grid[middle] < day:
            low = middle + 1
        else:
            high = middle
    return low


@routine
def _mark(grid: Integers, flags: Integers, start: int, months: int, as_of: int, until: int, flag: int) -> None:
    """Set ``flag`` on every anniversary of ``start``, ``months`` apart, after ``as_of`` and not after ``until``."""
    k = 1
    nominal = months_after(start, months)
    while nominal <= until:
        if nominal > as_of:
            place = first_on_or_after(grid, nominal)
            if place < flags.shape[0]:
                flags[place] |= flag
                if flag & PAY and place > 0 and civil(grid[place])[0] > civil(nominal)[0]:
                    flags[place - 1] |= flag  # not into the next calendar year (TXN-5)
        k += 1
        nominal = months_after(start, k * months)


@kernel
def flag_days(
    grid: Integers, as_of: int, life: Life, recurring: Integers, income_from: int, payments: int, share: float,
    flags: Integers, month: Integers, shares: Array,
) -> None:  # fmt: skip
    """Write the flags of one contract on every day of the grid.

    grid         (n_day,) Valuation Days after ``as_of``
    recurring    (k, 4) what recurs under the benefit: first day of the clock, months apart, day after which, flag
    income_from  day from which income is withdrawn, ``payments`` times an Annuity Year
    share        fraction of the Annual Income Amount taken in a year
    flags, month, shares   (n_day,) written

    After the latest Annuity Date only anniversaries, months and annuity payments are left.
    """
    flags[:] = 0
    shares[:] = 0.0
    month[:] = -1
    horizon = grid[-1]
    until = min(life.annuity_date, horizon)
    _mark(grid, flags, as_of, 12, as_of, horizon, YEAR)
    _mark(grid, flags, life.issue, 12, as_of, horizon, LAW)
    year = civil(as_of)[0] + 1
    while ordinal(year, 1, 1) <= until:
        flags[first_on_or_after(grid, ordinal(year, 1, 1))] |= CALENDAR
        year += 1
    k = 1
    while months_after(as_of, k) <= horizon:
        place = first_on_or_after(grid, months_after(as_of, k))
        flags[place] |= MONTH
        month[place] = k - 1
        k += 1
    for row in recurring:
        _mark(grid, flags, row[0], row[1], max(as_of, row[2]), horizon if row[3] & PAY else until, row[3])
    if recurring.shape[0]:
        k = 1
        step = 12 // payments
        nominal = months_after(life.issue, step)
        while nominal < until:
            if nominal > as_of and nominal >= income_from:
                place = first_on_or_after(grid, nominal)
                flags[place] |= LAW | WITHDRAW
                shares[place] = share / payments
            k += 1
            nominal = months_after(life.issue, k * step)
    if life.annuity_date > as_of and life.annuity_date <= horizon:
        flags[first_on_or_after(grid, life.annuity_date)] |= LAW | ANNUITISE
