"""The ordinary day in lanes: Unit Prices, Account Values and the asset transfer test of many scenarios at once.

A lane is one scenario of one contract.  On a day without events the law does four things: price, grow, compare, and test
the transfer formula; here they run as loops over lanes that call the same scalar rules, so that the compiler makes
vector code of them.  Lanes that the formula moves are few; they take the law's own posting one by one.

What was measured beside the code: lanes innermost are about ten times faster than days innermost; the test as products
(`asset_transfer.trigger`) saves the division; separate passes over one row of lanes stay in the first-level cache.
"""

from typing import Any

from valuation import living
from valuation.account import Account
from valuation.compile import kernel, routine, rule
from valuation.contract import ACTIVE, Array, Integers
from valuation.formula_transfers import transfer_assets
from valuation.records import Facts, Records


@kernel
def fill_prices(
    ratios: Array, shock: Array, weights: Array, expense: Array, charge: Array, last: Array, price: Array
) -> None:
    """Unit Prices of one charge class over a chunk of days.

    ratios   (n_day, 6, n_lane) index returns of a scenario tile
    shock    (n_day, 6) factors on them
    weights  (n_sub, 5) of the indices in each Sub-account
    expense  (n_day, n_sub) share of assets left after fund expenses
    charge   (n_day,) share deducted by the class
    last     (n_sub, n_lane) Unit Prices before the chunk, USD; updated to its end
    price    (n_sub, n_day, n_lane) written

    Source: UNIT-2, UNIT-3 (prospectus 10283-10294).
    """
    n_sub, n_day, n_lane = price.shape
    for d in range(n_day):
        r0, r1, r2, r3, r4 = ratios[d, 0], ratios[d, 1], ratios[d, 2], ratios[d, 3], ratios[d, 4]
        for s in range(n_sub):
            w0, w1 = weights[s, 0] * shock[d, 0] * expense[d, s], weights[s, 1] * shock[d, 1] * expense[d, s]
            w2, w3 = weights[s, 2] * shock[d, 2] * expense[d, s], weights[s, 3] * shock[d, 3] * expense[d, s]
            w4 = weights[s, 4] * shock[d, 4] * expense[d, s]
            before, now, deducted = last[s], price[s, d], charge[d]
            for i in range(n_lane):
                assets = w0 * r0[i] + w1 * r1[i] + w2 * r2[i] + w3 * r3[i] + w4 * r4[i]
                now[i] = before[i] * (assets - deducted)
                before[i] = now[i]


@rule
def account_values(
    units: Array, price: Array, rows: Integers, held: int, d: int, permitted: Array, bond: Array
) -> None:
    """Value of the Permitted Sub-accounts and of the bond Sub-account in every lane, USD.

    units (n_slot, n_lane), the last the bond; rows (n_slot,) rows of ``price``; the first ``held`` slots are in use.
    """
    n_lane = permitted.shape[0]
    last = units.shape[0] - 1
    u, p = units[0], price[rows[0], d]
    ub, pb = units[last], price[rows[last], d]
    if held == 1:
        for i in range(n_lane):
            permitted[i] = u[i] * p[i]
            bond[i] = ub[i] * pb[i]
        return
    u1, p1 = units[1], price[rows[1], d]
    for i in range(n_lane):
        permitted[i] = u[i] * p[i] + u1[i] * p1[i]
        bond[i] = ub[i] * pb[i]
    s = 2
    while s + 2 < held:
        a, x = units[s], price[rows[s], d]
        b, y = units[s + 1], price[rows[s + 1], d]
        c, z = units[s + 2], price[rows[s + 2], d]
        for i in range(n_lane):
            permitted[i] = permitted[i] + a[i] * x[i] + b[i] * y[i] + c[i] * z[i]
        s += 3
    while s < held:
        a, x = units[s], price[rows[s], d]
        for i in range(n_lane):
            permitted[i] += a[i] * x[i]
        s += 1


@rule
def credit_interest(units: Array, growth: float) -> None:
    """Interest of the benefit's own account, the last of ``units`` (n_slot, n_lane), in every lane.  Source: HD-17."""
    if growth != 1.0:
        own = units[units.shape[0] - 1]
        for i in range(own.shape[0]):
            own[i] *= growth


@rule
def move_lane(
    records: Records, income: Array, blank: Any, units: Array, price: Array, rows: Integers, d: int, i: int, facts: Facts,
    account: Account, compared: float,
) -> None:  # fmt: skip
    """Post the asset transfer of one lane whose test was met, by the law's own rule.

    income (n_field, n_lane), units (n_slot, n_lane) changed; ``records.book`` is room for one lane.
    """
    book = records.book
    for s in range(units.shape[0]):
        book.price[s] = price[rows[s], d, i]
        book.units[s] = units[s, i]
    moved = transfer_assets(records, living.read(blank, income[:, i]), facts, account, compared)
    living.write(moved, income[:, i])
    for s in range(units.shape[0]):
        units[s, i] = book.units[s]


@routine
def roll_calendar(core: Array) -> None:
    """The first Valuation Day of a calendar year in every lane, as `valuation.day` rolls its counters; core (11, n_lane).

    Only lanes that are in force have days; the others keep what they had.
    """
    for i in range(core.shape[1]):
        if core[0, i] == ACTIVE:
            core[6, i] = 0.0
            core[7, i] = 0.0
