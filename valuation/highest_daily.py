"""TrueIncome - Highest Daily: lifetime withdrawals of 5% of the highest daily value, and the formula of Appendix D.

Provisions   HD-1 to HD-12, HD-16, EL-5, LB-FEE-5, LB-FEE-9, LB-FEE-10, ATF-1 to ATF-8, C-14 to C-20, C-24 (prospectus
             4973-5565, 9690-9816); constants terms/highest_daily.toml
Clock        growth by calendar days over 365; step-ups and income by Annuity Years; the charge is in the Unit Prices
Readings     A-11, A-18 to A-27, A-40, A-48 and README decision 7 of the specification
Two incomes  *Total Annual Income Amount*, 5% of the Total Protected Withdrawal Value, is what the Owner may take;
             *Highest Daily Annual Income Amount*, 5% of the Protected Withdrawal Value, serves the transfer formula
Totals       ``account`` is the whole Account Value: Sub-accounts and Benefit Fixed Rate Account
See also     benefit_fixed_rate_account (HD-17), highest_daily_endings (HD-13 to HD-15)
"""

from typing import NamedTuple

from valuation.account import money
from valuation.asset_transfer import transfer_factor
from valuation.benefit_fixed_rate_account import interest
from valuation.clock import Day, completed_months, months_after
from valuation.compile import changer, routine, rule
from valuation.contract import Core, Life
from valuation.highest_daily_7 import ENDED, NONE, POST, PRE
from valuation.terms import TransferTerms
from valuation.terms.benefits import HighestDailyTerms
from valuation.withdrawals import distribution_due


class HighestDaily(NamedTuple):
    """State of the benefit."""

    plan: float  # 0: the kind has one plan
    stage: float
    effective: float  # day
    first_withdrawal: float  # day
    ended: float  # day of termination
    lives: float  # designated lives alive
    protected: float  # Protected Withdrawal Value, USD; kept from the Tenth Anniversary on and at the first withdrawal
    total_protected: float  # Total Protected Withdrawal Value at the first withdrawal, USD; 0 before
    total_annual: float  # Total Annual Income Amount, USD per Annuity Year
    highest_daily: float  # Highest Daily Annual Income Amount, USD per Annuity Year
    remaining: float  # of the Total Annual Income Amount, not yet taken this Annuity Year, USD
    taken: float  # gross withdrawals of the Annuity Year since the effective date, USD
    quarter_high: float  # highest quarterly value of the Annuity Year, adjusted, USD; 0 before the first
    enhanced: float  # Enhanced Protected Withdrawal Value, if it comes to exist, USD
    principal: float  # Return of Principal: initial value and first-year payments, USD
    charge: float  # fraction per year of the Sub-accounts, within the Unit Prices
    steps_up: float  # 1; 0 after the Owner has cancelled the automatic step-up
    once: float  # 1 from the election on, also after the end: there is no second one


NEW_HIGHEST_DAILY = HighestDaily(*(0.0,) * 18)
change_highest_daily = changer(HighestDaily)


class HighestDailyDay(NamedTuple):
    """What is true of the benefit on one Valuation Day; the same for every scenario of a contract."""

    growth: float  # of the Protected Withdrawal Value since the prior Valuation Day, not past the Tenth Anniversary
    tenth_passed: bool  # today lies after the Tenth Anniversary
    tenth_due: bool  # the Tenth Anniversary is processed today
    factor: float  # "a" of the transfer formula
    percentage: float  # I%
    charge: float  # for new elections today, fraction per year
    first_year: bool  # a payment today is within one year after the effective date
    requested: bool  # a withdrawal is requested for today
    interest: float = 1.0  # growth of the Benefit Fixed Rate Account since the prior Valuation Day
    fee_due: bool = False  # never: the charge is in the Unit Prices


NO_HIGHEST_DAILY_DAY = HighestDailyDay(1.0, False, False, 0.0, 0.0, 0.0, False, False, 1.0, False)
change_highest_daily_day = changer(HighestDailyDay)


@routine
def growth_factor(terms: HighestDailyTerms, days: float) -> float:
    """Growth of the Protected Withdrawal Value over calendar days.  Source: HD-3, C-10 (prospectus 5039-5045)."""
    return float((1.0 + terms.roll_up) ** (days / 365.0))


@routine
def highest_daily_day(income: HighestDaily, terms: HighestDailyTerms, day: Day, requested: bool) -> HighestDailyDay:
    """Settle what the benefit needs to know of one Valuation Day.  Source: HD-3, HD-5, HD-12, HD-17, ATF-4, A-20."""
    if income.stage == NONE or income.stage == ENDED:
        return HighestDailyDay(1.0, False, False, 0.0, 0.0, 0.0, False, False, 1.0, False)
    effective = int(income.effective)
    tenth = months_after(effective, 12 * int(terms.tenth_years))
    growing = float(max(0, min(day.today, tenth) - max(day.prior, effective)))
    return HighestDailyDay(
        growth_factor(terms, growing),
        day.today > tenth,
        day.prior < tenth <= day.today,
        transfer_factor(effective, day.today),
        terms.income_share,
        terms.yearly_charge,
        day.today <= months_after(effective, 12),
        requested,
        interest(terms.declared_rate, float(day.today - day.prior)),
        False,
    )


@routine
def may_elect(income: HighestDaily, terms: HighestDailyTerms, life: Life, today: int) -> bool:
    """Whether the Annuitant has reached the age of election; nobody elects this benefit a second time.

    Source: EL-5, EL-10 (prospectus 4980-4982, 5351-5372).
    """
    of_age = completed_months(life.annuitant_birth, today) >= terms.election_months
    return income.stage == NONE and income.once == 0.0 and of_age


@routine
def elect(terms: HighestDailyTerms, account: float, today: int) -> HighestDaily:
    """The benefit on its effective date.  Source: HD-2, HD-5, HD-12 (prospectus 5033-5034, 5055-5068, 5397-5410)."""
    return change_highest_daily(
        NEW_HIGHEST_DAILY,
        stage=float(PRE),
        effective=float(today),
        lives=1.0,
        protected=account,
        enhanced=terms.enhanced_initial * account,
        principal=account,
        charge=terms.yearly_charge,
        steps_up=1.0,
        once=1.0,
    )


@rule
def grow(income: HighestDaily, terms: HighestDailyTerms, facts: HighestDailyDay, account: float) -> HighestDaily:
    """Daily growth and comparison, up to the Tenth Anniversary; a closed one grows to its own date (A-20).

    Source: HD-3, HD-4 (prospectus 5034-5053).
    """
    if income.stage == PRE:
        if not facts.tenth_passed:
            return change_highest_daily(income, protected=max(income.protected * facts.growth, account))
        if facts.tenth_due:
            return change_highest_daily(income, protected=income.protected * facts.growth)
    return income


@rule
def protected_withdrawal_value(income: HighestDaily, facts: HighestDailyDay, account: float) -> float:
    """Protected Withdrawal Value, USD: today's before the first withdrawal, the last one calculated after it.

    ``account``  compared today, with today's payments

    Source: HD-3, HD-4, HD-7 (prospectus 5034-5053, 5070-5076).
    """
    if income.stage == PRE and facts.tenth_passed:
        return max(income.protected, account)
    return income.protected


@rule
def enhanced_protected_withdrawal_value(income: HighestDaily, facts: HighestDailyDay) -> float:
    """Enhanced Protected Withdrawal Value: from the Tenth Anniversary to the first withdrawal, USD; else 0.

    It exists on the Tenth Anniversary itself as long as nothing is withdrawn that day.

    Source: HD-5 (prospectus 5055-5068).
    """
    if income.stage == PRE and (facts.tenth_passed or facts.tenth_due):
        return income.enhanced
    return 0.0


@rule
def total_protected_withdrawal_value(income: HighestDaily, facts: HighestDailyDay, account: float) -> float:
    """Total Protected Withdrawal Value, USD: today's, or that of the first withdrawal.

    Source: HD-6 (prospectus 5017-5027).
    """
    if income.stage == PRE:
        return max(
            protected_withdrawal_value(income, facts, account), enhanced_protected_withdrawal_value(income, facts)
        )
    return income.total_protected


@rule
def benefit_charge(income: HighestDaily) -> float:
    """Yearly charge within the Unit Prices today; none once payments have begun or the benefit has ended.

    Source: LB-FEE-5, LB-FEE-10, C-24 (prospectus 880-881, 5387-5388, 5445-5448).
    """
    return income.charge if income.stage == PRE or income.stage == POST else 0.0


@rule
def return_of_principal(income: HighestDaily, facts: HighestDailyDay, account: float) -> float:
    """Amount added on the Tenth Anniversary, before the day's payments and withdrawals, USD.

    Forfeited by a withdrawal before it and by one requested for it; not by one of the day after a closed Tenth
    Anniversary.  `benefit_fixed_rate_account.fixed_part` of it is a new layer there.

    Source: HD-12, A-20, README decision 7 (prospectus 5397-5425).
    """
    if facts.tenth_due and income.stage == PRE and not (facts.requested and not facts.tenth_passed):
        return max(0.0, income.principal - account)
    return 0.0


@rule
def roll_year(
    income: HighestDaily, terms: HighestDailyTerms, facts: HighestDailyDay, day: Day, account: float
) -> HighestDaily:
    """An Annuity Anniversary: Highest Quarterly Auto Step-Up, then a new year's income.

    The fourth quarterly value is the Account Value now.  A step-up carries the charge of new elections, at most the
    maximum.

    Source: HD-10, HD-11, LB-FEE-9, A-23, A-25 (prospectus 5098-5127, 5192-5262).
    """
    if day.anniversary == 0 or income.stage != POST:
        return income
    total, highest, charge = income.total_annual, income.highest_daily, income.charge
    if income.steps_up > 0.0:
        stepped = facts.percentage * max(income.quarter_high, account)
        if stepped > total:
            total = stepped
            highest = max(highest, stepped)
            charge = max(charge, min(facts.charge, terms.maximum_charge))
        elif terms.step_up_apart > 0.0:
            highest = max(highest, stepped)
    return change_highest_daily(
        income, total_annual=total, highest_daily=highest, remaining=total, taken=0.0, quarter_high=0.0, charge=charge
    )


@rule
def cancel_step_ups(income: HighestDaily) -> HighestDaily:
    """The Owner declines a higher charge: no automatic step-up from now on, the charge stays.

    Source: LB-FEE-9, A-25 (prospectus 5119-5127).
    """
    return change_highest_daily(income, steps_up=0.0)


@routine
def pay_in(income: HighestDaily, terms: HighestDailyTerms, facts: HighestDailyDay, payment: float) -> HighestDaily:
    """A Purchase Payment with its credit.

    After the Tenth Anniversary it enters the Protected Withdrawal Value only by way of the Account Value.

    Source: HD-3 to HD-5, HD-9, HD-12 (prospectus 5043-5068, 5093-5096, 5110-5112).
    """
    if income.stage == PRE:
        return change_highest_daily(
            income,
            protected=income.protected + (terms.payments_after_tenth * payment if facts.tenth_passed else payment),
            enhanced=income.enhanced
            + payment * (terms.enhanced_first_year if facts.first_year else terms.enhanced_later),
            principal=income.principal + (payment if facts.first_year else 0.0),
        )
    if income.stage == POST:
        more = facts.percentage * payment
        return change_highest_daily(
            income,
            total_annual=income.total_annual + more,
            highest_daily=income.highest_daily + more,
            remaining=income.remaining + more,
            quarter_high=income.quarter_high + payment if income.quarter_high > 0.0 else 0.0,
        )
    return income


@routine
def begin(income: HighestDaily, facts: HighestDailyDay, account: float, today: int) -> HighestDaily:
    """The first withdrawal sets both incomes, before it is taken.

    On the Tenth Anniversary itself it forfeits the Enhanced Protected Withdrawal Value.

    ``account``  compared today, with today's payments

    Source: HD-5 to HD-7, A-20 (prospectus 5055-5082).
    """
    value = protected_withdrawal_value(income, facts, account)
    total = max(value, income.enhanced) if facts.tenth_passed else value
    return change_highest_daily(
        income,
        stage=float(POST),
        first_withdrawal=float(today),
        protected=value,
        total_protected=total,
        total_annual=facts.percentage * total,
        highest_daily=facts.percentage * value,
        remaining=facts.percentage * total,
        taken=0.0,
        quarter_high=0.0,
    )


@rule
def income_available(income: HighestDaily, core: Core, required: bool) -> float:
    """What can be withdrawn now without Excess Income, USD.

    ``required``  the withdrawal belongs to our programme for the Required Minimum Distribution

    Source: C-14, C-18, HD-8 (prospectus 5541-5562).
    """
    owed = distribution_due(core)
    if required:
        return max(income.remaining, owed)
    return income.remaining + max(0.0, owed - income.total_annual)


@routine
def withdraw(income: HighestDaily, available: float, gross: float, account: float, half_cent: float) -> HighestDaily:
    """Benefit values after ``gross`` leaves an Account Value of ``account``; ``available`` of it is no excess.

    Excess Income is judged against the account left after the part that is none; both incomes and the quarterly values
    fall in the same proportion.

    Source: HD-8, C-14 to C-16, A-23, README decision 5 (prospectus 5082-5093, 5110-5112, 5162-5190, 5238-5247).
    """
    excess = gross - min(gross, available)
    if excess < half_cent:
        excess = 0.0
    within = gross - excess
    left = account - within
    kept = 1.0
    if excess > 0.0:
        kept = max(0.0, 1.0 - excess / left) if left > 0.0 else 0.0
    return change_highest_daily(
        income,
        total_annual=income.total_annual * kept,
        highest_daily=income.highest_daily * kept,
        remaining=max(0.0, income.remaining - within) if excess == 0.0 else 0.0,
        taken=income.taken + gross,
        quarter_high=max(0.0, income.quarter_high - within) * kept,
    )


@rule
def capture_quarter(income: HighestDaily, day: Day, account: float) -> HighestDaily:
    """Record the Account Value of a quarter of the Annuity Year after the first withdrawal.

    Source: HD-11, A-24 (prospectus 5101-5112).
    """
    if income.stage == POST and day.quarter > income.first_withdrawal and day.anniversary == 0:
        return change_highest_daily(income, quarter_high=max(income.quarter_high, account))
    return income


@rule
def income_value(income: HighestDaily, facts: HighestDailyDay, compared: float, account: float) -> float:
    """I of the transfer formula, USD per year, unrounded; the Enhanced Protected Withdrawal Value has no part in it.

    ``compared``  Account Value compared today, with today's payments
    ``account``   Account Value now

    Source: ATF-2 (prospectus 5457-5467, 9731-9737).
    """
    if income.stage == PRE:
        return facts.percentage * protected_withdrawal_value(income, facts, compared)
    if income.stage == POST:
        return max(income.highest_daily, facts.percentage * max(income.quarter_high, account))
    return 0.0


@rule
def target_value(terms: HighestDailyTerms, value: float, factor: float, cents: float) -> float:
    """L, USD: the income value in cents times Q and the factor.  Source: ATF-2, ATF-3, A-40 (prospectus 9746-9750)."""
    return money(money(value, cents) * terms.age_factor * factor, cents)


@rule
def transfer_terms(terms: HighestDailyTerms) -> TransferTerms:
    """The ratios of Appendix D as `asset_transfer.trigger` and `asset_transfer.transfer_amount` read them.

    Appendix D prints the transfer out without the minus sign that its cap needs (X-8); Appendix F has it.

    Source: ATF-1, ATF-5 to ATF-8 (prospectus 9700-9708, 9752-9781).
    """
    return TransferTerms(terms.upper, terms.target, terms.lower, terms.income_share)


@routine
def end(income: HighestDaily, today: int) -> HighestDaily:
    """Termination: nothing is left but the dates, and no charge is due.  Source: HD-16 (prospectus 5377-5395)."""
    return change_highest_daily(
        NEW_HIGHEST_DAILY,
        stage=float(ENDED),
        effective=income.effective,
        first_withdrawal=income.first_withdrawal,
        ended=float(today),
        once=income.once,
    )
