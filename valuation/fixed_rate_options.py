"""The one-year Fixed Rate Option: every allocation keeps its rate for a year, is renewed, and may leave in the 30 days after.

Provisions   FIX-1 to FIX-4, TR-1, TR-2, SYS-1, LC-4, WD-1, SUP-3 (prospectus 2240-2267, 2391-2400, 2475-2510, 2768-2778,
             3101-3106, 3193-3197, 8992-8993, 9064-9065, supplement 11); constants terms/fixed_rate_options.toml; its rates
             are an input, valuation.declared_rates
Clock        calendar days over 365; years and the 30 days by nominal dates, so that a closed day lengthens neither
Order        `credit_interest` opens the day; `allocate` with payments and transfers; `take` for withdrawals and fees
Readings     A-FIX-1, A-FIX-2, A-WD-3, A-FEE-3; README decision 13 of the specification
             amounts of one date and one rate are one period; a transfer out comes from the open periods in proportion
Shared       layers, interest and growth: valuation.benefit_fixed_rate_account
No effect    no daily charge is taken and none lowers the rate; a withdrawal may come from a period at any time, and its
             CDSC is that of its Purchase Payments
"""

from typing import NamedTuple

import numpy as np

from valuation.benefit_fixed_rate_account import FixedLayers, fixed_value, interest, layer_growth, no_layers
from valuation.clock import months_after
from valuation.compile import routine, rule
from valuation.contract import Integers
from valuation.declared_rates import SUB_ACCOUNT
from valuation.failures import Reason
from valuation.terms.investments import FixedRateTerms

FIXED_LIMIT = int(Reason.FIXED_LIMIT)
FIXED_NOT_OFFERED = int(Reason.FIXED_NOT_OFFERED)
FIXED_NOT_OPEN = int(Reason.FIXED_NOT_OPEN)
TRANSFER_FROM_EMPTY = int(Reason.TRANSFER_FROM_EMPTY)
TRANSFER_TOO_LARGE = int(Reason.TRANSFER_TOO_LARGE)

CAPACITY = 1_098
"""Periods in use at once: a payment's, a transfer's and a renewed one for every date of a year."""


class RatePeriods(NamedTuple):
    """Interest rate periods, in no order that matters."""

    layers: FixedLayers  # date of the allocation or of the latest renewal, amount with interest, rate
    renewed: Integers  # (n,) 1 once the first year is over


def no_periods(capacity: int = CAPACITY) -> RatePeriods:
    """An option without value."""
    return RatePeriods(no_layers(capacity), np.zeros(capacity, dtype=np.int64))


@routine
def _same(periods: RatePeriods, below: int, day: int, rate: float, renewed: int) -> int:
    """Place, below one given, of the period with this date and rate; -1 if there is none."""
    layers = periods.layers
    for k in range(below):
        if layers.day[k] == day and layers.rate[k] == rate and periods.renewed[k] == renewed:
            return k
    return -1


@routine
def _drop_empty(periods: RatePeriods) -> None:
    layers = periods.layers
    kept = 0
    for k in range(layers.used[0]):
        if layers.amount[k] > 0.0:
            layers.day[kept], layers.amount[kept], layers.rate[kept] = layers.day[k], layers.amount[k], layers.rate[k]
            periods.renewed[kept] = periods.renewed[k]
            kept += 1
    layers.used[0] = kept


@routine
def _join_renewed(periods: RatePeriods, prior: int) -> None:
    """Periods renewed after the prior Valuation Day that have come to the same date and rate become one."""
    layers = periods.layers
    for k in range(layers.used[0]):
        if periods.renewed[k] == 1 and layers.day[k] > prior:
            same = _same(periods, k, layers.day[k], layers.rate[k], 1)
            if same >= 0:
                layers.amount[same] += layers.amount[k]
                layers.amount[k] = 0.0
    _drop_empty(periods)


@routine
def allocate(periods: RatePeriods, amount: float, rate: float, today: int) -> None:
    """A new interest rate period: a Purchase Payment with its credit, a transfer, or a part of a Longevity Credit, USD.

    ``rate``  `declared_rates.credited_rate` of today; the additional one is for payments alone

    Source: FIX-1, LC-4 (prospectus 2240-2263, 2768-2778).
    """
    layers = periods.layers
    if amount <= 0.0:
        return
    used = layers.used[0]
    same = _same(periods, used, today, rate, 0)
    if same >= 0:
        layers.amount[same] += amount
        return
    layers.day[used], layers.amount[used], layers.rate[used] = today, amount, rate
    periods.renewed[used] = 0
    layers.used[0] = used + 1


@routine
def credit_interest(periods: RatePeriods, terms: FixedRateTerms, prior: int, today: int, rate: float) -> float:
    """Interest from the prior Valuation Day, less than a year ago, to today, and renewals; the interest, USD.

    What has ended its year is renewed at once and keeps the right to leave for the days of the window.

    ``rate``  declared for today, without the additional rate

    Source: FIX-1, FIX-2, FIX-3, A-FIX-1, A-FIX-2 (prospectus 2240-2265).
    """
    layers = periods.layers
    before = fixed_value(layers)
    renewals = 0
    for k in range(layers.used[0]):
        end = months_after(layers.day[k], int(terms.guarantee_months))
        layers.amount[k] *= layer_growth(layers.day[k], end, prior, today, layers.rate[k], rate)
        if end <= today:
            layers.day[k], layers.rate[k], periods.renewed[k] = end, rate, 1
            renewals += 1
    earned = fixed_value(layers) - before
    if renewals > 0:
        _join_renewed(periods, prior)
    return earned


@rule
def is_open(terms: FixedRateTerms, start: int, renewed: int, today: int) -> bool:
    """Whether a period that starts, or was renewed, on a date may be transferred out of today.

    From the day of the renewal to the thirtieth after it.  Source: FIX-3, README decision 13 (prospectus 2263-2265).
    """
    return renewed == 1 and 0 <= today - start <= terms.window_days


@routine
def open_value(periods: RatePeriods, terms: FixedRateTerms, today: int) -> float:
    """What may be transferred out today, USD.  Source: FIX-3 (prospectus 2263-2265)."""
    layers = periods.layers
    value = 0.0
    for k in range(layers.used[0]):
        if is_open(terms, layers.day[k], periods.renewed[k], today):
            value += layers.amount[k]
    return value


@routine
def transfer_in_refusal(terms: FixedRateTerms, offered: bool, amount: float) -> int:
    """Why a transfer into the option is not permitted, 0 if it is; a payment asks only whether it is offered.

    ``offered``  `declared_rates.is_offered` today

    Source: FIX-3 (prospectus 2265-2267).
    """
    if not offered:
        return FIXED_NOT_OFFERED
    return FIXED_LIMIT if amount > terms.most_in else 0


@routine
def transfer_out_refusal(
    periods: RatePeriods, terms: FixedRateTerms, amount: float, half_cent: float, today: int
) -> int:
    """Why a transfer out of the option is not permitted, 0 if it is.  Source: FIX-3, TR-1 (prospectus 2263-2266, 2854-2864)."""
    held = fixed_value(periods.layers)
    if held <= 0.0:
        return TRANSFER_FROM_EMPTY
    if amount > held + half_cent:
        return TRANSFER_TOO_LARGE
    if amount > open_value(periods, terms, today) + half_cent:
        return FIXED_NOT_OPEN
    return FIXED_LIMIT if amount > terms.most_out else 0


@routine
def transfer_out(periods: RatePeriods, terms: FixedRateTerms, amount: float, today: int) -> float:
    """Move ``amount`` out of the open periods in proportion, at most what they hold; the amount moved, USD.

    Source: FIX-3, A-WD-3 (prospectus 2263-2265).
    """
    layers = periods.layers
    free = open_value(periods, terms, today)
    moved = min(amount, free)
    if moved <= 0.0:
        return 0.0
    for k in range(layers.used[0]):
        if is_open(terms, layers.day[k], periods.renewed[k], today):
            layers.amount[k] = layers.amount[k] * (1.0 - moved / free) if moved < free else 0.0
    _drop_empty(periods)
    return moved


@routine
def take(periods: RatePeriods, amount: float) -> float:
    """What a withdrawal or fee takes from the option, from every period in proportion; at most what is there, USD.

    ``amount``  this option's part of it: `benefit_fixed_rate_account.fixed_part`

    Source: WD-1, FIX-4, A-WD-3 (prospectus 2503-2510, 3101-3106).
    """
    layers = periods.layers
    held = fixed_value(layers)
    taken = min(amount, held)
    if taken <= 0.0:
        return 0.0
    for k in range(layers.used[0]):
        layers.amount[k] = layers.amount[k] * (1.0 - taken / held) if taken < held else 0.0
    _drop_empty(periods)
    return taken


@rule
def is_counted(source: int) -> bool:
    """Whether a transfer out of an option of this kind counts toward the free transfers of the year.

    Out of a Fixed Rate Option none does: the one-year option may only be left at the end of a Guarantee Period, and the
    Enhanced and the Benefit option are left by their programme.

    Source: TR-2, FIX-7, LB-INV-5 (prospectus 2391-2400, 2865-2871, 5337-5339).
    """
    return source == SUB_ACCOUNT


@rule
def systematic_limit(credited: float, taken: float) -> float:
    """What a Systematic Withdrawal may take from the option, USD: interest since the programme began, not yet taken.

    Source: SYS-1 (prospectus 3194-3197).
    """
    return max(0.0, credited - taken)


class Deferral(NamedTuple):
    """A payment from a Fixed Account that is delayed."""

    latest: int  # day by which it must be paid
    interest: float  # to be added, USD


@routine
def deferral(terms: FixedRateTerms, amount: float, rate: float, requested: int, paid: int) -> Deferral:
    """What delays and adds to the part of a Surrender Value that comes from Fixed Rate Options.

    Nothing asks for it unless the company applies the supplement to this Annuity (A-SUP-1).

    ``rate``  current when the payment is made

    Source: SUP-3, A-SUP-2 (supplement 11).
    """
    late = float(paid - requested)
    added = amount * (interest(rate, late) - 1.0) if late > terms.deferral_free_days else 0.0
    return Deferral(months_after(requested, int(terms.deferral_months)), added)
