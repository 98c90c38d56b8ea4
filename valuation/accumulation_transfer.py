"""The asset transfer formula of TrueAccumulation - Highest Daily.

Provisions   ATF-14 to ATF-18, TAHD-10, with ATF-8 (Appendix E, prospectus 9881-9947; text 3677-3763); constants
             terms/true_accumulation.toml
Inputs       the benchmark curve and the Discount Rate Adjustment, which the prospectus does not give
Clock        once a Valuation Day, the last step, on the effective date too; calendar days over 365
Readings     A-33 to A-35, A-40; erratum X-7: "Transfer Account" is the Transfer AST bond portfolio Sub-account, and
             money leaves the Current one, whichever that is
Totals       V, the elected Sub-accounts, and B, the Current AST bond portfolio Sub-account: the only one with value
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from valuation import asset_transfer
from valuation.account import money
from valuation.compile import routine, rule
from valuation.terms.benefits import AccumulationTerms
from valuation.true_accumulation import (
    PLACES,
    Accumulation,
    AccumulationDay,
    Ladder,
    change_accumulation,
    guarantees,
)


class Discounting(NamedTuple):
    """What the discount rates of a Valuation Day are made from."""

    days: Any  # (n,) calendar days to maturity of the benchmark's rates, ascending; a tuple or an array
    rates: Any  # (n,) fraction per year, effective
    adjustment: float  # Discount Rate Adjustment of the rider, fraction per year


class Liability(NamedTuple):
    """The current liability, and the guarantee it comes from."""

    amount: float  # L, USD
    year: float  # maturity year of its guarantee, which names the Transfer AST bond portfolio Sub-account


class Transfer(NamedTuple):
    """What the formula moves on one Valuation Day."""

    amount: float  # T, USD: above 0 from the elected Sub-accounts into the Transfer one, below 0 out of the Current one
    across: float  # all that then is in a Current Sub-account other than the Transfer one, and moves to that, USD
    year: float  # maturity year of the AST bond Sub-account that holds value afterwards; 0 if none


_amount_by_thresholds: Callable[..., float] = asset_transfer.transfer_amount
_trigger_by_thresholds: Callable[..., asset_transfer.Trigger] = asset_transfer.trigger
"""T, and whether there is one, from three thresholds, L, V and B: the arithmetic is that of Appendix F."""


@rule
def discounting_of(terms: AccumulationTerms) -> Discounting:
    """The rates of the terms, the same on every Valuation Day and in every scenario.

    The prospectus gives none: benchmark and adjustment are an input of the terms file, where a curve of any length
    replaces the flat rate.

    Source: ATF-14 (prospectus 3736-3741, 9898-9905).
    """
    return Discounting(terms.benchmark_days, terms.benchmark_rates, terms.discount_rate_adjustment)


@routine
def discount_rate(discounting: Discounting, days: float) -> float:
    """d, fraction per year: the benchmark at ``days``, linear between its rates and level outside, less the adjustment.

    Source: ATF-14 (prospectus 3736-3741, 9898-9905).
    """
    at, rates = discounting.days, discounting.rates
    found = rates[0]
    for k in range(1, len(at)):
        if days > at[k - 1]:
            share = (days - at[k - 1]) / (at[k] - at[k - 1])
            found = rates[k - 1] + share * (rates[k] - rates[k - 1]) if share < 1.0 else rates[k]
    return float(found - discounting.adjustment)


@routine
def _present(facts: AccumulationDay, discounting: Discounting, place: int) -> float:
    days = facts.days[place]
    return float((1.0 + discount_rate(discounting, days)) ** (-days / 365.0)) if days > 0.0 else 0.0


@routine
def discount_factors(facts: AccumulationDay, discounting: Discounting) -> Ladder:
    """Present value of 1 USD at the maturity date of every outstanding guarantee; 0 where there is none.

    The same for every scenario that has the same rates.  Source: ATF-15 (prospectus 3731-3736, 9910-9915).
    """
    return (
        _present(facts, discounting, 0),
        _present(facts, discounting, 1),
        _present(facts, discounting, 2),
        _present(facts, discounting, 3),
        _present(facts, discounting, 4),
        _present(facts, discounting, 5),
        _present(facts, discounting, 6),
        _present(facts, discounting, 7),
        _present(facts, discounting, 8),
        _present(facts, discounting, 9),
    )


@rule
def greatest_value(amounts: Ladder, factors: Ladder, cents: float) -> float:
    """L from the guaranteed amounts, USD.  Source: ATF-15, A-40 (prospectus 3731-3742, 9910-9915)."""
    first = max(max(amounts[0] * factors[0], amounts[1] * factors[1]), amounts[2] * factors[2])
    second = max(max(amounts[3] * factors[3], amounts[4] * factors[4]), amounts[5] * factors[5])
    third = max(max(amounts[6] * factors[6], amounts[7] * factors[7]), amounts[8] * factors[8])
    return money(max(max(first, second), max(third, amounts[9] * factors[9])), cents)


@rule
def current_liability(state: Accumulation, factors: Ladder, cents: float) -> float:
    """L, USD: the greatest present value of an outstanding guarantee.

    Source: ATF-15, A-40 (prospectus 3731-3742, 9910-9915).
    """
    return greatest_value(guarantees(state), factors, cents)


@rule
def is_due(terms: AccumulationTerms, liability: float, permitted: float, bond: float) -> bool:
    """Whether something moves today: the short test for a day on which nothing does.  Source: ATF-16 to ATF-18."""
    test = _trigger_by_thresholds(terms, liability, permitted, bond)
    return bool(test.into > 0.0 or test.out > 0.0)


@routine
def associated(state: Accumulation, facts: AccumulationDay, factors: Ladder, bond: float, cents: float) -> Liability:
    """The current liability with the guarantee it comes from.

    Of equal ones it is that of the Current AST bond portfolio Sub-account, else the one that matures first.

    Source: ATF-15, A-34 (prospectus 3731-3742, 9910-9915).
    """
    current = state.bond_year if bond > 0.0 else 0.0
    amounts = guarantees(state)
    highest, chosen = -1.0, 0.0
    for place in range(PLACES):
        year = facts.years[place]
        if year > 0.0:
            amount = amounts[place] * factors[place]
            earlier = chosen != current and (year == current or year < chosen)
            if amount > highest or (amount == highest and earlier):
                highest, chosen = amount, year
    return Liability(current_liability(state, factors, cents), chosen)


@rule
def transfer(
    state: Accumulation, terms: AccumulationTerms, liability: Liability, permitted: float, bond: float, cents: float
) -> Transfer:
    """What moves today, by r = (L - B)/V: in above Cu, out below Cl, nothing between them or where V is zero.

    ``permitted``  value of the elected Sub-accounts, V
    ``bond``       value of the Current AST bond portfolio Sub-account, B

    In comes from the elected Sub-accounts pro rata by value; out goes to them by the current allocation instructions,
    else pro rata.  Value moves from one AST bond Sub-account to another only on a day on which something goes in or out.

    Source: ATF-8, ATF-16 to ATF-18, A-33, A-35 (prospectus 3715-3763, 9917-9947).
    """
    amount = _amount_by_thresholds(terms, liability.amount, permitted, bond, cents)
    if amount == 0.0:
        return Transfer(0.0, 0.0, state.bond_year if bond > 0.0 else 0.0)
    left = bond + min(0.0, amount)
    across = left if state.bond_year != liability.year else 0.0
    return Transfer(amount, across, liability.year if amount > 0.0 or left > 0.0 else 0.0)


@rule
def after_transfer(state: Accumulation, moved: Transfer) -> Accumulation:
    """The benefit knows the AST bond Sub-account that holds value.  Source: TAHD-10 (prospectus 3715-3720)."""
    return change_accumulation(state, bond_year=moved.year)
