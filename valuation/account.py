"""Account Value as Units: what a posting does to the Units of every Sub-account.

Every movement of money is one posting: Permitted Sub-accounts keep a share of their Units and receive money by the
allocation instructions; the bond Sub-account keeps a share and receives money.  Every rule below uses only the two
totals, Permitted and bond, so the number of Sub-accounts never enters a rule.

Source: GEN-5, UNIT-1, WD-1 (prospectus 535-546, 3101-3106, 7451-7485).
"""

from typing import NamedTuple

import numpy as np

from valuation.compile import routine, rule
from valuation.contract import Array
from valuation.journal import Journal, Silent, record


class Book(NamedTuple):
    """The Sub-accounts of one contract on one Valuation Day; the last place is the bond Sub-account."""

    units: Array  # (n,) changed in place
    price: Array  # (n,) Unit Price today, USD
    weight: Array  # (n,) standing allocation instructions, sum 1, last place 0 or of the Fixed Rate Option


class Account(NamedTuple):
    """Account Value in its two parts, USD."""

    permitted: float
    bond: float


class Charge(NamedTuple):
    """What is taken from every Sub-account in proportion to its value."""

    amount: float  # USD
    keep: float  # share of every Unit that stays


NO_CHARGE = Charge(0.0, 1.0)


@rule
def value(book: Book) -> Account:
    """Value of the Permitted Sub-accounts, summed in their order, and of the bond Sub-account."""
    last = book.units.shape[0] - 1
    permitted = 0.0
    for s in range(last):
        permitted += book.units[s] * book.price[s]
    return Account(permitted, book.units[last] * book.price[last])


@rule
def total(account: Account) -> float:
    """Account Value, USD."""
    return account.permitted + account.bond


@rule
def money(amount: float, cents: float) -> float:
    """Round half up to cents where ``cents`` is on.  Source: C-22, README decision 4.

    The small addition makes an amount that stands for half a cent round up although its float lies below.
    """
    return np.floor(amount * 100.0 + 0.5 + 1e-7) / 100.0 if cents else amount


@rule
def capped(amount: float, whole: float, half_cent: float) -> float:
    """``amount`` out of ``whole``; all of it where less than half a cent would stay.  Source: README decision 5."""
    return whole if whole - amount < half_cent else amount


@rule
def kept(account: Account, keep: float) -> Account:
    """Both parts, of which a share is kept."""
    return Account(account.permitted * keep, account.bond * keep)


@rule
def pro_rata(amount: float, whole: float, half_cent: float) -> Charge:
    """``amount`` out of an Account Value of ``whole``, or all of it.  Source: README decision 5."""
    taken = capped(min(amount, whole), whole, half_cent) if amount > 0.0 else 0.0
    keep = 1.0 - taken / whole if taken < whole else 0.0
    return Charge(taken, keep if taken > 0.0 else 1.0)


@rule
def post(
    book: Book, journal: Journal | Silent, kind: int, keep: float, keep_bond: float, added: float, added_bond: float
) -> None:
    """Keep a share of the Units and add money: ``added`` by the instructions, ``added_bond`` to the bond Sub-account.

    Instructions reach that last place only where Fixed Rate Options stand in it.
    """
    last = book.units.shape[0] - 1
    for s in range(last):
        before = book.units[s]
        after = before * keep
        if added != 0.0 and book.weight[s] > 0.0:
            after += added * book.weight[s] / book.price[s]
        if after != before:
            book.units[s] = after
            record(journal, kind, s, before, after, book.price[s])
    before = book.units[last]
    after = before * keep_bond
    inside = added_bond + added * book.weight[last]
    if inside != 0.0:
        after += inside / book.price[last]
    if after != before:
        book.units[last] = after
        record(journal, kind, last, before, after, book.price[last])


@rule
def take(book: Book, journal: Journal | Silent, kind: int, amount: float, account: Account) -> None:
    """Take ``amount`` from every Sub-account in proportion to its value.  Source: WD-1, HD7-15."""
    whole = total(account)
    keep = 0.0 if amount >= whole else 1.0 - amount / whole
    post(book, journal, kind, keep, keep, 0.0, 0.0)


@rule
def instruct_allocation(book: Book, weights: Array) -> None:
    """Replace the standing allocation instructions; ``weights`` (n,) sum to 1, last place 0.  Source: PUR-6."""
    for s in range(book.weight.shape[0]):
        book.weight[s] = weights[s]


@routine
def move(book: Book, journal: Journal | Silent, kind: int, amount: float, source: int, target: int) -> None:
    """Move ``amount`` from one Sub-account to another; a whole balance moves unrounded.  Source: TR-1, UNIT-1."""
    before = book.units[source]
    held = before * book.price[source]
    after = 0.0 if amount >= held else before - amount / book.price[source]
    moved = held if amount >= held else amount
    book.units[source] = after
    record(journal, kind, source, before, after, book.price[source])
    before = book.units[target]
    after = before + moved / book.price[target]
    book.units[target] = after
    record(journal, kind, target, before, after, book.price[target])
