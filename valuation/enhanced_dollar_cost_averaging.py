"""Enhanced Dollar Cost Averaging: a Purchase Payment earns a fixed rate while monthly transfers carry it to Sub-accounts.

Provisions   FIX-4 to FIX-7, TR-2, PUR-7, LB-INV-2 (prospectus 2269-2312, 2636-2638, 2868-2870, 3807-3809); constants
             terms/fixed_rate_options.toml; its rates are an input, valuation.declared_rates
Clock        interest by calendar days over 365; transfers on the nominal monthly anniversaries of the first one, made on the
             next Valuation Day where that one is closed
Order        `grow` opens the day; `allocate` with the payment; `transfer` before withdrawals; `take` for these and for fees
Readings     A-FIX-1, A-TXN-4; README decision 14 of the specification: whole-balance moves are unrounded
             the credit of a payment goes with it; a programme that is cancelled moves its value to its Sub-accounts
No effect    the Sub-accounts that receive the transfers are the Owner's instructions, changed at any time
"""

from typing import NamedTuple

from valuation.account import money
from valuation.benefit_fixed_rate_account import interest
from valuation.clock import completed_months, months_after
from valuation.compile import changer, routine, rule
from valuation.failures import Reason
from valuation.terms.investments import FixedRateTerms

ENHANCED_IN_WHOLE = int(Reason.ENHANCED_IN_WHOLE)
ENHANCED_PAYMENT_ONLY = int(Reason.ENHANCED_PAYMENT_ONLY)
ENHANCED_PERIOD = int(Reason.ENHANCED_PERIOD)
FIXED_NOT_OFFERED = int(Reason.FIXED_NOT_OFFERED)
TRANSFER_FROM_EMPTY = int(Reason.TRANSFER_FROM_EMPTY)


class Enhanced(NamedTuple):
    """One allocation to the Enhanced Fixed Rate Option; several may run at once."""

    start: float  # day of the allocation
    first: float  # nominal day of the first transfer
    transfers: float  # number of them
    made: float  # of them
    rate: float  # annual, effective, for the whole period, fraction
    value: float  # with interest, USD
    periodic: float  # amount of each transfer but the last, USD


NEW_ENHANCED = Enhanced(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
change_enhanced = changer(Enhanced)


@routine
def allocation_refusal(terms: FixedRateTerms, offered: bool, transfers: int, payment: bool) -> int:
    """Why an allocation is not permitted, 0 if it is.

    ``offered``    `declared_rates.is_offered` today for this number of transfers
    ``transfers``  number chosen
    ``payment``    all of the money comes from a Purchase Payment

    Source: FIX-5 (prospectus 2270-2280).
    """
    if not payment:
        return ENHANCED_PAYMENT_ONLY
    for number in terms.enhanced_transfers:
        if number == transfers:
            return 0 if offered else FIXED_NOT_OFFERED
    return ENHANCED_PERIOD


@rule
def change_of_period_refusal(before: int, wanted: int) -> int:
    """Why the number of transfers is not changed: it never is.  Source: FIX-5 (prospectus 2276-2278)."""
    return 0 if before == wanted else ENHANCED_PERIOD


@routine
def allocate(amount: float, rate: float, transfers: int, free_look: int, today: int) -> Enhanced:
    """The option on the day of its Purchase Payment, with the credit that goes with it.

    ``free_look``  its last day; 0 if it is over or none runs

    Source: FIX-5, FIX-6 (prospectus 2271-2289).
    """
    first = max(today, free_look + 1)
    return Enhanced(float(today), float(first), float(transfers), 0.0, rate, amount, amount / transfers)


@rule
def grow(option: Enhanced, prior: int, today: int) -> Enhanced:
    """Interest since the prior Valuation Day on what is left.  Source: FIX-2, FIX-4, FIX-6 (prospectus 2289, 2308-2312)."""
    days = max(0.0, today - max(float(prior), option.start))
    return change_enhanced(option, value=option.value * interest(option.rate, days))


@routine
def scheduled(option: Enhanced, today: int) -> float:
    """Transfers whose nominal day is not after today.  Source: FIX-6, C-3 (prospectus 2282-2285)."""
    if option.transfers <= 0.0 or today < option.first:
        return 0.0
    return min(option.transfers, completed_months(int(option.first), today) + 1.0)


@routine
def transfer(option: Enhanced, cents: float, today: int) -> tuple[Enhanced, float]:
    """The scheduled transfer of today, if one is due, and its amount, USD; the last one takes what is left.

    ``cents``  1 if money that moves is rounded

    Source: FIX-6, EX-EDCA (prospectus 2282-2290).
    """
    count = scheduled(option, today)
    if count <= option.made or option.value <= 0.0:
        return option, 0.0
    amount = money(option.periodic * (count - option.made), cents)
    if count >= option.transfers or amount >= option.value:
        return end(option), option.value
    return change_enhanced(option, made=count, value=option.value - amount), amount


@routine
def take(option: Enhanced, terms: FixedRateTerms, amount: float, half_cent: float, today: int) -> Enhanced:
    """What a withdrawal or fee leaves: the value less its part, spread anew over the transfers still to come.

    ``amount``  this option's part of it, USD: `benefit_fixed_rate_account.fixed_part`

    Source: FIX-7, WD-1 (prospectus 2296-2301, 3101-3106).
    """
    if amount <= 0.0 or option.value <= 0.0:
        return option
    value = option.value - amount
    if value < half_cent:
        return end(option)
    ahead = max(0.0, float(months_after(int(option.first), int(option.made)) - today))
    spread = value * interest(option.rate, terms.recalculated_interest * ahead)
    return change_enhanced(option, value=value, periodic=spread / (option.transfers - option.made))


@routine
def transfer_all_refusal(option: Enhanced, amount: float, half_cent: float) -> int:
    """Why the Owner's own transfer out is not permitted, 0 if it is: the remaining value leaves whole.

    Source: FIX-7 (prospectus 2293-2295).
    """
    if option.value <= 0.0:
        return TRANSFER_FROM_EMPTY
    return 0 if abs(amount - option.value) < half_cent else ENHANCED_IN_WHOLE


@rule
def end(option: Enhanced) -> Enhanced:
    """The option when its value has left: the last or a single transfer, surrender, annuitisation, death, cancellation.

    Source: FIX-7, PUR-7 (prospectus 2293-2295, 2636-2638).
    """
    return change_enhanced(option, made=option.transfers, value=0.0, periodic=0.0)
