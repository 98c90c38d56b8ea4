"""What an Owner may ask of the Fixed Rate Options: payments, transfers, Enhanced programmes; who is refused.

A contract of a kind that holds none answers `FIXED_NOT_PERMITTED` where its benefit in force forbids them; the Guaranteed
Minimum Income Benefit does not, but no record has room for both: `FIXED_NOT_CARRIED`.  In transactions the two
options have the places after the Sub-accounts; in allocations the one-year option has the last place.

Provisions   FIX-1, FIX-3, FIX-5 to FIX-7, INV-2, LB-INV-2, TR-1 to TR-4, PUR-6 (prospectus 1256-1269, 2240-2301, 2391-2400,
             2733-2745, 2854-2888, 3802-3809)
Readings     a benefit is elected only on a day that opens without value in the options and instructions into them
             a payment's part for an Enhanced programme takes its part of the credit; the free look counts from the Issue Date
             an empty amount stands for the whole of an Enhanced programme; of several the first with that value is taken
"""

from typing import Any

from valuation import journal as rows
from valuation.account import capped, move, post, take, total, value
from valuation.charges import transfer_fee
from valuation.compile import generic, routine, rule
from valuation.contract import OTHER_FEES, change_core
from valuation.declared_rates import ENHANCED, ONE_YEAR, SUB_ACCOUNT, is_offered
from valuation.enhanced_dollar_cost_averaging import allocate as allocate_enhanced
from valuation.enhanced_dollar_cost_averaging import allocation_refusal, end, transfer_all_refusal
from valuation.events import Events
from valuation.failures import Reason
from valuation.fixed_money import (
    HELD,
    MONTHS_OF_A_YEAR,
    TODAY,
    FixedMoney,
    enhanced_rate,
    enter,
    one_year_rate,
    read_enhanced,
    settle,
    write_enhanced,
)
from valuation.fixed_rate_options import (
    allocate,
    is_counted,
    open_value,
    transfer_in_refusal,
    transfer_out,
    transfer_out_refusal,
)
from valuation.journal import refuse
from valuation.living import listed
from valuation.records import Contract, Facts, Records, change_contract
from valuation.restrictions import restriction, unwritten, watch_transfer
from valuation.terms.investments import load_election_terms

ENHANCED_PAYMENT_ONLY = int(Reason.ENHANCED_PAYMENT_ONLY)
FIXED_NOT_CARRIED = int(Reason.FIXED_NOT_CARRIED)
FIXED_NOT_OFFERED = int(Reason.FIXED_NOT_OFFERED)
FIXED_NOT_PERMITTED = int(Reason.FIXED_NOT_PERMITTED)
FIXED_RATE_HELD = int(Reason.FIXED_RATE_HELD)
BENEFIT_ONLY = int(Reason.BENEFIT_ONLY_SUB_ACCOUNT)
NOT_IN_GOOD_ORDER = int(Reason.NOT_IN_GOOD_ORDER)
TRANSFER_FROM_EMPTY = int(Reason.TRANSFER_FROM_EMPTY)
TRANSFER_TO_ITSELF = int(Reason.TRANSFER_TO_ITSELF)
TRANSFER_TOO_LARGE = int(Reason.TRANSFER_TOO_LARGE)

MOST_TRANSFERS = 100
"""A payment's part for an Enhanced programme is told in one whole number: cents times this, plus its transfers."""


PERMITTED_WITH = load_election_terms().eligibility.fixed_rate
"""1 if the contract permits them, by the living benefit in force."""


@rule
def enhanced_amount(told: int) -> float:
    """USD of that part."""
    return (told // MOST_TRANSFERS) / 100.0


@rule
def enhanced_transfers(told: int) -> int:
    """Number of its monthly transfers."""
    return told % MOST_TRANSFERS


@rule
def _closed(contract: Contract) -> int:
    """Why a contract that holds no Fixed Rate Options takes none.  Source: INV-2, LB-INV-2 (prospectus 1256-1269)."""
    return FIXED_NOT_CARRIED if PERMITTED_WITH[listed(contract.income)] > 0.0 else FIXED_NOT_PERMITTED


# -- of any contract ---------------------------------------------------------------------------------------------------


@generic
def instructions_refusal(fixed: Any, contract: Contract, weights: Any) -> int:
    """Why allocation instructions, or those of one payment, are not accepted; 0 if they are.

    Source: PUR-6, INV-2, FIX-3 (prospectus 1256-1269, 2265-2267, 2733-2745).
    """
    return _closed(contract) if weights[weights.shape[0] - 1] > 0.0 else 0


@generic
def payment_refusal(fixed: Any, records: Records, contract: Contract, events: Events, k: int) -> int:
    """Why a Purchase Payment may not be allocated so; 0 if it may.  Source: FIX-3, FIX-5, INV-2, PUR-6."""
    asked = events.date[k] > 0 or events.weights[k, events.weights.shape[1] - 1] > 0.0
    return _closed(contract) if asked else 0


@generic
def enhanced_part(fixed: Any, events: Events, k: int) -> float:
    """What of a Purchase Payment goes to an Enhanced programme, USD."""
    return 0.0


@generic
def take_in(fixed: Any, records: Records, facts: Facts, events: Events, k: int, part: float, credit: float) -> None:
    """A Purchase Payment: what went by instructions starts a period; ``part`` with its credit starts a programme."""


@generic
def move_fixed(fixed: Any, records: Records, contract: Contract, facts: Facts, events: Events, k: int) -> Contract:
    """A transfer into or out of a Fixed Rate Option at the Owner's request.

    Source: FIX-3, FIX-5, FIX-7, TR-1, TR-2 (prospectus 2263-2280, 2293-2301, 2391-2400).
    """
    refuse(records.journal, k, _closed(contract))
    return contract


@generic
def election_refusal(fixed: Any, otherwise: int) -> int:
    """Why a living benefit of another kind is not elected today.  Source: INV-2, EL-8."""
    return otherwise


@generic
def death_refusal(fixed: Any, records: Records, plan: int) -> int:
    """Why an optional Death Benefit is not elected today, 0 if it may be.  Source: INV-2 (prospectus 7126-7136)."""
    return 0


# -- of a contract that may hold them ----------------------------------------------------------------------------------


@rule
def _barred(fixed: FixedMoney, contract: Contract) -> bool:
    return fixed.permitted[int(contract.death.plan)] <= 0.0


@rule
def _instructions_refusal(fixed: FixedMoney, contract: Contract, weights: Any) -> int:
    asked = weights[weights.shape[0] - 1] > 0.0
    if asked and _barred(fixed, contract):
        return FIXED_NOT_PERMITTED
    return 0 if not asked or _offered(fixed, ONE_YEAR, MONTHS_OF_A_YEAR) else FIXED_NOT_OFFERED


@rule
def _offered(fixed: FixedMoney, option: int, months: int) -> bool:
    return is_offered(fixed.declared, option, months, int(fixed.settled[TODAY]))


def _payment_refusal(fixed: FixedMoney, records: Records, contract: Contract, events: Events, k: int) -> int:
    given, standing = events.weights[k], records.book.weight
    place, chosen, own = standing.shape[0] - 1, 0.0, 0.0
    for s in range(place + 1):
        own += given[s]
    for s in range(place):
        chosen += standing[s] + given[s]
    reason = _instructions_refusal(fixed, contract, given if own > 0.0 else standing)
    part = enhanced_amount(events.date[k])
    if reason or part <= 0.0:
        return reason
    if part > events.amount[k] + fixed.half_cent or chosen <= 0.0:
        return NOT_IN_GOOD_ORDER
    transfers = enhanced_transfers(events.date[k])
    if _barred(fixed, contract):
        return FIXED_NOT_PERMITTED
    return allocation_refusal(fixed.terms, _offered(fixed, ENHANCED, transfers), transfers, True)


def _enhanced_part(fixed: FixedMoney, events: Events, k: int) -> float:
    part: float = min(events.amount[k], enhanced_amount(events.date[k]))
    return part


def _take_in(
    fixed: FixedMoney, records: Records, facts: Facts, events: Events, k: int, part: float, credit: float
) -> None:
    """Source: FIX-1, FIX-5, FIX-6 (prospectus 2240-2263, 2270-2289)."""
    book, place = records.book, records.book.units.shape[0] - 1
    settle(fixed, book.units[place], True)
    if part <= 0.0:
        return
    post(book, records.journal, rows.PAYMENT, 1.0, 1.0, 0.0, part)
    if credit > 0.0:
        post(book, records.journal, rows.CREDIT, 1.0, 1.0, 0.0, credit)
    life, transfers = facts.life, enhanced_transfers(events.date[k])
    free_look = life.issue + int(facts.terms.jurisdictions.free_look_days[life.jurisdiction])
    rate = enhanced_rate(fixed, transfers)
    enter(fixed, allocate_enhanced(part + credit, rate, transfers, free_look, facts.day.today), book.units[place])


def _move_fixed(
    fixed: FixedMoney, records: Records, contract: Contract, facts: Facts, events: Events, k: int
) -> Contract:
    book, source, target = records.book, events.source[k], events.target[k]
    place = book.units.shape[0] - 1
    settle(fixed, book.units[place], False)
    reason = TRANSFER_TO_ITSELF if source == target else 0
    if target == place + ENHANCED:
        reason = ENHANCED_PAYMENT_ONLY
    elif source == place or target == place:
        reason = BENEFIT_ONLY
    elif target < place:
        terms = facts.terms.restrictions
        reason = restriction(terms, contract.core, records.watch, target, events.choice[k], facts.day.today)
    if reason == 0 and _barred(fixed, contract) and target > place:
        reason = FIXED_NOT_PERMITTED
    if reason == 0 and source == place + ONE_YEAR:
        reason = _leave(fixed, records, events.amount[k], target, facts.day.today)
    elif reason == 0 and source == place + ENHANCED:
        reason = _leave_whole(fixed, records, events.amount[k], target)
    elif reason == 0:
        return _enter(fixed, records, contract, facts, events, k)
    if reason:
        refuse(records.journal, k, reason)
    return contract


@routine
def _leave(fixed: FixedMoney, records: Records, amount: float, target: int, today: int) -> int:
    """Out of the one-year option, in the days after the end of a period; the reason why not."""
    book, place = records.book, records.book.units.shape[0] - 1
    reason = transfer_out_refusal(fixed.periods, fixed.terms, amount, fixed.half_cent, today)
    if reason == 0:
        free = open_value(fixed.periods, fixed.terms, today)
        moved = transfer_out(fixed.periods, fixed.terms, capped(amount, free, fixed.half_cent), today)
        held = book.units[place]
        move(book, records.journal, rows.TRANSFER, capped(moved, held, fixed.half_cent), place, target)
        fixed.settled[HELD] = book.units[place]
    return reason


@routine
def _leave_whole(fixed: FixedMoney, records: Records, amount: float, target: int) -> int:
    """The remaining value of an Enhanced programme, in one transfer; the reason why not.

    Source: FIX-7 (prospectus 2293-2295).
    """
    book, place, reason = records.book, records.book.units.shape[0] - 1, TRANSFER_FROM_EMPTY
    for r in range(fixed.programmes[0]):
        option = read_enhanced(fixed.enhanced[r])
        asked = amount if amount > 0.0 else option.value
        found = transfer_all_refusal(option, asked, fixed.half_cent)
        if found != TRANSFER_FROM_EMPTY:
            reason = found
        if found == 0:
            write_enhanced(end(option), fixed.enhanced[r])
            if target > place:
                allocate(fixed.periods, option.value, one_year_rate(fixed, False), int(fixed.settled[TODAY]))
            else:
                held = book.units[place]
                move(book, records.journal, rows.TRANSFER, capped(option.value, held, fixed.half_cent), place, target)
                fixed.settled[HELD] = book.units[place]
            return 0
    return reason


@routine
def _enter(fixed: FixedMoney, records: Records, contract: Contract, facts: Facts, events: Events, k: int) -> Contract:
    """From a Sub-account into the one-year option; the day's first transfer counts and may bear a fee.

    Source: FIX-1, FIX-3, TR-1 to TR-3 (prospectus 2240-2267, 2391-2400, 2854-2888).
    """
    book, source, amount, core = records.book, events.source[k], events.amount[k], contract.core
    place, half_cent, today = book.units.shape[0] - 1, fixed.half_cent, facts.day.today
    held, terms = book.units[source] * book.price[source], facts.terms
    reason = transfer_in_refusal(fixed.terms, _offered(fixed, ONE_YEAR, MONTHS_OF_A_YEAR), amount)
    if held <= 0.0:
        reason = TRANSFER_FROM_EMPTY
    elif amount > held + half_cent:
        reason = TRANSFER_TOO_LARGE
    elif reason == 0:
        reason = unwritten(terms.restrictions, core, events.choice[k], today)
    if reason:
        refuse(records.journal, k, reason)
        return contract
    watch_transfer(terms.restrictions, facts.life, core, records.watch, source, place, amount, today)
    move(book, records.journal, rows.TRANSFER, capped(amount, held, half_cent), source, place)
    settle(fixed, book.units[place], False)
    if core.last_transfer != today and is_counted(SUB_ACCOUNT):
        core = change_core(core, transfers=core.transfers + 1.0, last_transfer=float(today))
        account = value(book)
        fee = min(transfer_fee(terms.charges, core.transfers), total(account))
        if fee > 0.0:
            take(book, records.journal, rows.TRANSFER_FEE, fee, account)
            records.cash[OTHER_FEES] += fee
    return change_contract(contract, core=core)


def _election_refusal(fixed: FixedMoney, otherwise: int) -> int:
    return FIXED_RATE_HELD


def _death_refusal(fixed: FixedMoney, records: Records, plan: int) -> int:
    place = records.book.units.shape[0] - 1
    held = records.book.units[place] > 0.0 or records.book.weight[place] > 0.0
    return FIXED_RATE_HELD if held and fixed.permitted[plan] <= 0.0 else 0


for _asked, _body in (
    (instructions_refusal, _instructions_refusal),
    (payment_refusal, _payment_refusal),
    (enhanced_part, _enhanced_part),
    (take_in, _take_in),
    (move_fixed, _move_fixed),
    (election_refusal, _election_refusal),
    (death_refusal, _death_refusal),
):
    answering: Any = _asked
    answering.register(FixedMoney)(_body)
