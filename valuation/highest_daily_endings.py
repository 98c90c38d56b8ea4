"""How TrueIncome - Highest Daily ends or turns into payments: Account Value zero, annuitisation, changes of Owner.

Provisions   HD-13 to HD-15, C-24 (prospectus 5265-5308, 5357-5362); constants terms/highest_daily.toml
Inputs       annuity rates: USD a year for each USD applied, those currently available and those guaranteed
Readings     A-27, A-48; README decision 12 of the specification
"""

from typing import NamedTuple

from valuation.clock import Day, completed_years, months_after
from valuation.compile import routine, rule
from valuation.contract import Core, Life
from valuation.highest_daily import HighestDaily, HighestDailyDay, begin, change_highest_daily, end
from valuation.highest_daily_7 import PAYING, POST, PRE
from valuation.terms.benefits import HighestDailyTerms


class AnnuityRates(NamedTuple):
    """Yearly payment for each USD applied, of one form of annuity at the Annuitant's age and sex."""

    current: float
    guaranteed: float


@rule
def better(rates: AnnuityRates) -> float:
    """The greater of the current and the guaranteed rate.  Source: HD-14 (prospectus 5289-5298)."""
    return max(rates.current, rates.guaranteed)


@routine
def exhaust(
    income: HighestDaily,
    facts: HighestDailyDay,
    core: Core,
    compared: float,
    by_withdrawal: bool,
    today: int,
    half_cent: float,
) -> HighestDaily:
    """The Account Value has reached zero: payments begin, or the benefit ends.

    Withdrawals of the year above the Total Annual Income Amount, raised to the Required Minimum Distribution, end it if
    the last of them emptied the account; the market and fees do not.  `guaranteed_now` is due on the state returned.

    ``compared``  Account Value compared today, with today's payments, before what emptied it

    Source: HD-13, HD-16, C-18, A-27 (prospectus 5265-5277, 5382-5386).
    """
    if income.stage == PRE:
        income = begin(income, facts, compared, today)
    if income.stage != POST:
        return income
    over = by_withdrawal and income.taken > max(income.total_annual, core.required) + half_cent
    if over or income.total_annual <= 0.0:
        return end(income, today)
    return change_highest_daily(income, stage=float(PAYING), quarter_high=0.0)


@rule
def guaranteed_now(income: HighestDaily) -> float:
    """What is left of the year's income, due now that nothing is left, USD.  Source: HD-13 (prospectus 5265-5270)."""
    return income.remaining if income.stage == PAYING else 0.0


@rule
def paid(income: HighestDaily) -> HighestDaily:
    """The benefit after that payment.  Source: HD-13 (prospectus 5265-5270)."""
    return change_highest_daily(income, remaining=0.0)


@rule
def guaranteed_payment(income: HighestDaily, day: Day) -> float:
    """Payment of an Annuity Anniversary while the life lives, USD.  Source: HD-13, C-24 (prospectus 5270-5274)."""
    return income.total_annual if income.stage == PAYING and day.anniversary else 0.0


@routine
def keep_income(income: HighestDaily, facts: HighestDailyDay, account: float, today: int) -> HighestDaily:
    """Annuitisation by yearly payments of the Total Annual Income Amount, on the Annuity Anniversaries from now on.

    Without a withdrawal so far it is set as if by one today.

    Source: HD-14 (prospectus 5278-5287, 5303-5305).
    """
    if income.stage == PRE:
        income = begin(income, facts, account, today)
    if income.stage != POST:
        return income
    return change_highest_daily(income, stage=float(PAYING), remaining=0.0, quarter_high=0.0)


@rule
def default_annuity(total_annual: float, account: float, life: AnnuityRates, certain: AnnuityRates) -> float:
    """Yearly payment without an election: a single life annuity with ten payments certain, USD.

    It is bought with the present value of the income at single life rates or the Account Value, if that is more.

    ``total_annual``  Total Annual Income Amount of `keep_income`, USD
    ``life``          rates of a single life annuity
    ``certain``       rates of a single life annuity with ten payments certain

    Source: HD-14, A-48 (prospectus 5288-5302).
    """
    return max(total_annual / better(life), account) * better(certain)


@routine
def annuity_payments_from(terms: HighestDailyTerms, life: Life) -> int:
    """The Annuity Anniversary on or next after the Annuitant's 95th birthday: later payments are annuity payments.

    Source: HD-14 (prospectus 5306-5308).
    """
    birthday = months_after(life.annuitant_birth, 12 * int(terms.last_age))
    years = completed_years(life.issue, birthday)
    before = months_after(life.issue, 12 * years)
    return before if before == birthday else months_after(life.issue, 12 * (years + 1))


@rule
def cancelled_by_change(annuitant: bool, owner: bool, same_taxpayer: bool, to_entity: bool) -> bool:
    """Whether a change cancels the benefit.

    Any change of the Annuitant does; a change of Owner does, unless both have one taxpayer identification number or the
    new Owner is an entity.

    Source: HD-15 (prospectus 5357-5362).
    """
    return annuitant or (owner and not (same_taxpayer or to_entity))
