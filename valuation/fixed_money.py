"""Money in the Fixed Rate Options of one contract: its interest rate periods and its Enhanced programmes, by both drivers.

What is held stands in dollars in the place of the bond Sub-account, at a price of 1; how it is made up stands here.  What
comes out of that place by withdrawals, fees and charges comes out of every period and programme in proportion, so that one
composition serves every scenario of a projection; `settle` brings it into line with the dollars.

Provisions   FIX-1 to FIX-7, LC-4, PUR-7, WD-1 (prospectus 2240-2312, 2475-2510, 2632-2638, 2768-2778, 3101-3106)
Order        `credit` opens the day; `settle` follows what the day has added; `follow` is step 9
Readings     the Sub-accounts that an Enhanced programme pays into are those of the standing allocation instructions
             of several programmes that are due on one day the transfers are one movement
             the last transfer, and what a cancelled programme gives back, are unrounded
Shared       the law: valuation.fixed_rate_options, valuation.enhanced_dollar_cost_averaging, valuation.declared_rates
"""

from typing import Any, NamedTuple

from valuation import journal as rows
from valuation.account import Book, capped, money, move
from valuation.benefit_fixed_rate_account import fixed_value
from valuation.compile import generic, reader, routine, rule, writer
from valuation.contract import ACTIVE, Array, Integers
from valuation.declared_rates import ENHANCED, ONE_YEAR, DeclaredRates, credited_rate
from valuation.enhanced_dollar_cost_averaging import Enhanced, end, grow, take, transfer
from valuation.fixed_rate_options import RatePeriods, allocate, credit_interest
from valuation.fixed_rate_options import take as take_from_periods
from valuation.journal import Journal, Silent, record
from valuation.terms.investments import FixedRateTerms

HELD, TODAY = range(2)
"""Places of what is settled."""

MONTHS_OF_A_YEAR = 12


class NoFixedMoney(NamedTuple):
    """A contract without Fixed Rate Options."""


NO_FIXED_MONEY = NoFixedMoney()


class FixedMoney(NamedTuple):
    """How the money is made up; arrays changed in place."""

    periods: RatePeriods
    enhanced: Array  # (m, 7) fields of `Enhanced`, a row for each programme
    programmes: Integers  # (1,) rows in use
    settled: Array  # (2,) what was held when this was last settled, USD; the Valuation Day
    declared: DeclaredRates
    terms: FixedRateTerms
    permitted: tuple[float, ...]  # (4,) 1 if the options may be chosen beside an optional Death Benefit
    half_cent: float  # a remainder below this is none, USD


read_enhanced, write_enhanced = reader(Enhanced), writer(Enhanced)


@routine
def whole_value(fixed: FixedMoney) -> float:
    """Value of all periods and programmes, USD."""
    worth = fixed_value(fixed.periods.layers)
    for r in range(fixed.programmes[0]):
        worth += read_enhanced(fixed.enhanced[r]).value
    return worth


@routine
def one_year_rate(fixed: FixedMoney, payment: bool) -> float:
    """Rate of an amount that enters the one-year option today.  Source: FIX-1 (prospectus 2252-2263)."""
    today = int(fixed.settled[TODAY])
    return credited_rate(fixed.terms, fixed.declared, ONE_YEAR, MONTHS_OF_A_YEAR, payment, today)


@routine
def enhanced_rate(fixed: FixedMoney, transfers: int) -> float:
    """Rate of a programme that starts today.  Source: FIX-5 (prospectus 2270-2280)."""
    today = int(fixed.settled[TODAY])
    return credited_rate(fixed.terms, fixed.declared, ENHANCED, transfers, False, today)


@routine
def credit(fixed: FixedMoney, prior: int, today: int) -> float:
    """Interest since the prior Valuation Day, and renewals; the growth of what is held.

    Source: FIX-1, FIX-2, FIX-6 (prospectus 2240-2265, 2289).
    """
    before = whole_value(fixed)
    fixed.settled[TODAY] = today
    credit_interest(fixed.periods, fixed.terms, prior, today, one_year_rate(fixed, False))
    for r in range(fixed.programmes[0]):
        write_enhanced(grow(read_enhanced(fixed.enhanced[r]), prior, today), fixed.enhanced[r])
    growth = whole_value(fixed) / before if before > 0.0 else 1.0
    fixed.settled[HELD] *= growth
    return growth


@routine
def settle(fixed: FixedMoney, held: float, payment: bool) -> None:
    """Bring periods and programmes into line with what is held now, USD.

    More starts an interest rate period at today's rate; less has come out of all of them in proportion.
    ``payment``  what is more is a Purchase Payment with its credit

    Source: FIX-1, FIX-7, LC-4, WD-1, A-WD-3 (prospectus 2240-2263, 2296-2301, 2768-2778, 3101-3106).
    """
    before = fixed.settled[HELD]
    if held == before:
        return
    today = int(fixed.settled[TODAY])
    if held > before:
        allocate(fixed.periods, held - before, one_year_rate(fixed, payment), today)
    else:
        share = 1.0 - held / before
        for r in range(fixed.programmes[0]):
            option = read_enhanced(fixed.enhanced[r])
            left = take(option, fixed.terms, option.value * share, fixed.half_cent, today)
            write_enhanced(left if held > 0.0 else end(option), fixed.enhanced[r])
        worth = fixed_value(fixed.periods.layers)
        take_from_periods(fixed.periods, worth * share if held > 0.0 else worth)
    fixed.settled[HELD] = held


@routine
def enter(fixed: FixedMoney, option: Enhanced, held: float) -> None:
    """A programme that starts; ``held`` with its money, USD.  Source: FIX-5 (prospectus 2270-2280)."""
    row = fixed.programmes[0]
    write_enhanced(option, fixed.enhanced[row])
    fixed.programmes[0] = row + 1
    fixed.settled[HELD] = held


@routine
def follow(fixed: FixedMoney, cents: float) -> float:
    """What the programmes transfer today, USD.  Source: FIX-6 (prospectus 2282-2290)."""
    moved, today = 0.0, int(fixed.settled[TODAY])
    for r in range(fixed.programmes[0]):
        option, amount = transfer(read_enhanced(fixed.enhanced[r]), cents, today)
        if amount > 0.0:
            write_enhanced(option, fixed.enhanced[r])
            moved += amount
    return moved


@routine
def cancel(fixed: FixedMoney) -> float:
    """End every programme; what they give back, USD.  Source: PUR-7 (prospectus 2632-2637)."""
    moved = 0.0
    for r in range(fixed.programmes[0]):
        option = read_enhanced(fixed.enhanced[r])
        moved += option.value
        write_enhanced(end(option), fixed.enhanced[r])
    return moved


@routine
def hand_out(book: Book, journal: Journal | Silent, amount: float, cents: float, half_cent: float) -> None:
    """Move ``amount`` from the fixed options to the Sub-accounts of the allocation instructions; the last takes the rest."""
    place = book.units.shape[0] - 1
    whole, last = 0.0, -1
    for s in range(place):
        if book.weight[s] > 0.0:
            whole, last = whole + book.weight[s], s
    left = amount
    for s in range(place):
        if book.weight[s] > 0.0 and left > 0.0:
            part = left if s == last else min(left, money(amount * book.weight[s] / whole, cents))
            held = book.units[place]
            move(book, journal, rows.ENHANCED, capped(min(part, held), held, half_cent), place, s)
            left -= part


# -- what both drivers ask, of any contract ----------------------------------------------------------------------------


@generic
def open_fixed(fixed: Any, book: Book, journal: Journal | Silent, prior: int, today: int) -> None:
    """The opening of a Valuation Day: what was taken the day before, interest and renewals."""


@generic
def settle_fixed(fixed: Any, book: Book, payment: bool) -> None:
    """After a posting that can have changed what is held; see `settle`."""


@generic
def follow_fixed(fixed: Any, book: Book, journal: Journal | Silent, cents: float) -> None:
    """The scheduled transfers of the day.  Source: FIX-6 (prospectus 2282-2290)."""


@generic
def cancel_fixed(fixed: Any, book: Book, journal: Journal | Silent) -> None:
    """The programmes end because the Annuity has a new Owner.  Source: PUR-7 (prospectus 2632-2637)."""


@generic
def lanes_growth(fixed: Any, otherwise: float, core: Array, units: Array, prior: int, today: int) -> float:
    """Growth of what is held at the opening of a day, in every scenario of a contract.

    core (n_field, n_lane), units (n_slot, n_lane)
    """
    return otherwise


@generic
def settle_lanes(fixed: Any, core: Array, units: Array) -> None:
    """After what falls due in every scenario of a contract."""


@generic
def follow_lanes(
    fixed: Any, book: Book, journal: Journal | Silent, core: Array, units: Array, price: Array, places: Integers, d: int
) -> None:
    """The scheduled transfers of day ``d`` in every scenario of a contract; ``book`` is room for one of them.

    price (n_sub, n_day, n_lane), places (n_slot,) rows of it
    """


def _open(fixed: FixedMoney, book: Book, journal: Journal | Silent, prior: int, today: int) -> None:
    place = book.units.shape[0] - 1
    before = book.units[place]
    settle(fixed, before, False)
    growth = credit(fixed, prior, today)
    if growth != 1.0:
        after = before * growth
        book.units[place] = after
        record(journal, rows.FIXED_INTEREST, place, before, after, 1.0)


@rule
def _settle(fixed: FixedMoney, book: Book, payment: bool) -> None:
    settle(fixed, book.units[book.units.shape[0] - 1], payment)


def _follow(fixed: FixedMoney, book: Book, journal: Journal | Silent, cents: float) -> None:
    _settle(fixed, book, False)
    amount = follow(fixed, cents)
    if amount > 0.0:
        hand_out(book, journal, amount, cents, fixed.half_cent)
        fixed.settled[HELD] = book.units[book.units.shape[0] - 1]


def _cancel(fixed: FixedMoney, book: Book, journal: Journal | Silent) -> None:
    _settle(fixed, book, False)
    amount = cancel(fixed)
    if amount > 0.0:
        hand_out(book, journal, amount, 0.0, fixed.half_cent)
        fixed.settled[HELD] = book.units[book.units.shape[0] - 1]


@routine
def _first_lane(core: Array) -> int:
    """The first scenario in which the contract has an Account Value, -1 if there is none."""
    for i in range(core.shape[1]):
        if core[0, i] == ACTIVE:
            return i
    return -1


def _lanes_growth(fixed: FixedMoney, otherwise: float, core: Array, units: Array, prior: int, today: int) -> float:
    _settle_lanes(fixed, core, units)
    return credit(fixed, prior, today)


@rule
def _settle_lanes(fixed: FixedMoney, core: Array, units: Array) -> None:
    i = _first_lane(core)
    if i >= 0:
        settle(fixed, units[units.shape[0] - 1, i], False)


def _follow_lanes(
    fixed: FixedMoney,
    book: Book,
    journal: Journal | Silent,
    core: Array,
    units: Array,
    price: Array,
    places: Integers,
    d: int,
) -> None:
    amount, first = follow(fixed, 0.0), _first_lane(core)
    if amount <= 0.0 or first < 0:
        return
    for i in range(units.shape[1]):
        if core[0, i] == ACTIVE:
            for s in range(units.shape[0]):
                book.price[s] = price[places[s], d, i]
                book.units[s] = units[s, i]
            hand_out(book, journal, amount, 0.0, fixed.half_cent)
            for s in range(units.shape[0]):
                units[s, i] = book.units[s]
    fixed.settled[HELD] = units[units.shape[0] - 1, first]


for _asked, _body in (
    (open_fixed, _open),
    (settle_fixed, _settle),
    (follow_fixed, _follow),
    (cancel_fixed, _cancel),
    (lanes_growth, _lanes_growth),
    (settle_lanes, _settle_lanes),
    (follow_lanes, _follow_lanes),
):
    answering: Any = _asked
    answering.register(FixedMoney)(_body)
