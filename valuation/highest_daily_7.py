"""TrueIncome - Highest Daily 7, and what its Spousal version changes: lifetime withdrawals on the highest daily value.

Provisions   HD7-1 to HD7-17, SHD7-1 to SHD7-9, C-14 to C-20 (prospectus 5555-6110, 6216-6912); constants
             terms/highest_daily_7.toml, terms/spousal_highest_daily_7.toml
Clock        growth by calendar days over 365; the fee by benefit quarters; income and step-ups by Annuity Years
Readings     A-11, A-13, A-15 to A-21, A-24, A-27, A-39 of the specification, as recommended there
Two names    *Periodic Value* is the roll-up before the first withdrawal; *Protected Withdrawal Value* is that value, or
             one of the legs after the Tenth Anniversary, until the first withdrawal, and is tracked by itself afterwards
"""

from typing import NamedTuple

from valuation.asset_transfer import transfer_factor
from valuation.clock import Day, completed_months, completed_years, due, months_after
from valuation.compile import changer, routine, rule
from valuation.contract import Core, Life
from valuation.terms import IncomeTerms, Terms
from valuation.withdrawals import distribution_due

NONE, PRE, POST, PAYING, ENDED = range(5)
"""Stage: not elected; before the first withdrawal; after it; Account Value zero and payments going on; terminated."""

STAGE_NAMES = ("NONE", "PRE", "POST", "PAYOUT", "ENDED")
HIGHEST_DAILY_7, SPOUSAL_HIGHEST_DAILY_7 = range(2)
PLAN_NAMES = ("HD7", "SHD7")


class Income(NamedTuple):
    """State of the benefit."""

    plan: float  # HIGHEST_DAILY_7 or SPOUSAL_HIGHEST_DAILY_7
    stage: float
    effective: float  # day
    first_withdrawal: float  # day
    last_fee: float  # day the fee was last assessed, or the effective date
    ended: float  # day of termination
    lives: float  # designated lives alive
    periodic: float  # Periodic Value; after the Tenth Anniversary its value there plus later payments, USD
    protected: float  # tracked Protected Withdrawal Value after the first withdrawal, USD
    annual: float  # Annual Income Amount, USD per Annuity Year
    remaining: float  # of it, not yet taken this Annuity Year, USD
    taken: float  # gross withdrawals of the Annuity Year since the effective date, USD
    basis: float  # Income Basis: first-withdrawal value and stepped-up values, less excess in proportion, USD
    quarter_high: float  # highest quarterly value of the Annuity Year, adjusted, USD; 0 before the first
    percentage: float  # income percentage at the first withdrawal
    enhanced: float  # third leg: 200% of the initial value and first-year payments, plus later payments, USD
    principal: float  # Return of Principal: initial value and first-year payments, USD


NEW_INCOME = Income(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
change_income = changer(Income)


class IncomeDay(NamedTuple):
    """What is true of the benefit on one Valuation Day; the same for every scenario of a contract."""

    growth: float  # of the Periodic Value since the prior Valuation Day, but not past the Tenth Anniversary
    tenth_passed: bool  # today lies after the Tenth Anniversary
    tenth_due: bool  # the Tenth Anniversary is processed today
    fee_due: bool  # a benefit quarter ends
    factor: float  # "a" of the transfer formula
    percentage: float  # income percentage at the attained age today
    step_up_percentage: float  # the same on the Annuity Anniversary due today
    first_year: bool  # a payment today is within one year after the effective date


NO_INCOME_DAY = IncomeDay(1.0, False, False, False, 0.0, 0.0, 0.0, False)


@routine
def covered_birth(plan: float, life: Life) -> int:
    """Birth date that sets the income percentage: the Annuitant's, or the youngest Designated Life's.

    Source: HD7-5, SHD7-1 (prospectus 5682-5687, 6333-6340).
    """
    if plan == SPOUSAL_HIGHEST_DAILY_7 and life.spouse_birth > life.annuitant_birth:
        return life.spouse_birth
    return life.annuitant_birth


@routine
def income_percentage(terms: IncomeTerms, birth: int, today: int) -> float:
    """Income percentage at the attained age on a date.  Source: HD7-5, SHD7-1 (prospectus 5682-5687, 6333-6338)."""
    age = completed_years(birth, today)
    band = 0
    for bound in terms.age_bands:
        if age >= bound:
            band += 1
    percentage: float = terms.percentages[band]
    return percentage


@routine
def growth_factor(terms: IncomeTerms, days: float) -> float:
    """Growth of the Periodic Value over ``days`` calendar days.  Source: HD7-3, C-10 (prospectus 5640-5651)."""
    return float((1.0 + terms.roll_up) ** (days / 365.0))


@routine
def income_day(income: Income, terms: Terms, life: Life, day: Day) -> IncomeDay:
    """Settle what the benefit needs to know of one Valuation Day.  Source: HD7-3, HD7-10, HD7-15, ATF-4, A-20."""
    if income.stage == NONE or income.stage == ENDED:
        return IncomeDay(1.0, False, False, False, 0.0, 0.0, 0.0, False)
    plan = terms.income[int(income.plan)]
    effective = int(income.effective)
    tenth = months_after(effective, 12 * int(plan.tenth_years))
    growing = float(max(0, min(day.today, tenth) - max(day.prior, effective)))
    birth = covered_birth(income.plan, life)
    return IncomeDay(
        growth_factor(plan, growing),
        day.today > tenth,
        day.prior < tenth <= day.today,
        due(effective, 3, day.prior, day.today) > 0,
        transfer_factor(effective, day.today),
        income_percentage(plan, birth, day.today),
        income_percentage(plan, birth, day.anniversary) if day.anniversary else 0.0,
        day.today <= months_after(effective, 12),
    )


@routine
def may_elect(terms: IncomeTerms, life: Life, today: int) -> bool:
    """Whether every designated life has reached the age of election.  Source: EL-6, EL-7 (prospectus 5585, 6231)."""
    enough = completed_months(life.annuitant_birth, today) >= terms.election_months
    if terms.spousal:
        return enough and completed_months(life.spouse_birth, today) >= terms.election_months
    return enough


@routine
def elect(plan: int, terms: IncomeTerms, account: float, today: int) -> Income:
    """The benefit on its effective date.  Source: HD7-2 (prospectus 5623-5630)."""
    start = float(today)
    return change_income(
        NEW_INCOME,
        plan=float(plan),
        stage=float(PRE),
        effective=start,
        last_fee=start,
        lives=2.0 if terms.spousal else 1.0,
        periodic=account,
        enhanced=terms.enhanced_initial * account,
        principal=account,
    )


@rule
def grow_value(periodic: float, growth: float, account: float) -> float:
    """Periodic Value up to the Tenth Anniversary: the highest of its growth and the day's Account Value.

    Source: HD7-3 (prospectus 5640-5652).
    """
    return max(periodic * growth, account)


@rule
def grow(income: Income, terms: IncomeTerms, facts: IncomeDay, account: float) -> Income:
    """Daily growth and comparison.  A closed Tenth Anniversary grows to its own date and is not compared (A-20).

    Source: HD7-3, HD7-4, HD7-7 (prospectus 5626-5673, 5679-5680).
    """
    if income.stage == PRE:
        if not facts.tenth_passed:
            return change_income(income, periodic=grow_value(income.periodic, facts.growth, account))
        if facts.tenth_due:
            return change_income(income, periodic=income.periodic * facts.growth)
    elif income.stage == POST and terms.floor_ratchets:
        return change_income(income, protected=max(income.protected, account))
    return income


@rule
def protected_withdrawal_value(income: Income, facts: IncomeDay, account: float) -> float:
    """Protected Withdrawal Value today, USD: before the first withdrawal as if it were taken today.

    Source: HD7-4, HD7-5, HD7-7 (prospectus 5654-5680).
    """
    if income.stage == PRE:
        if facts.tenth_passed:
            return max(max(account, income.periodic), income.enhanced)
        return income.periodic
    if income.stage == POST:
        return max(income.protected, account)
    return 0.0


@rule
def quarterly_fee(income: Income, terms: IncomeTerms, facts: IncomeDay, account: float) -> float:
    """Fee for the benefit quarter just ended, before that day's step-up.  Source: HD7-15, SHD7-3 (prospectus 5986-5998)."""
    if not facts.fee_due:
        return 0.0
    return terms.quarterly_fee * protected_withdrawal_value(income, facts, account)


@rule
def accrued_fee(income: Income, terms: IncomeTerms, facts: IncomeDay, account: float, today: int) -> float:
    """Fee of the part of a quarter, at termination other than by death.  Source: HD7-16, A-13 (prospectus 6077-6086)."""
    days = today - income.last_fee
    return terms.yearly_fee * protected_withdrawal_value(income, facts, account) * days / 365.0


@rule
def return_of_principal(income: Income, facts: IncomeDay, account: float) -> float:
    """Amount added on the Tenth Anniversary if no withdrawal came before it.  Source: HD7-11 (prospectus 6036-6062)."""
    if facts.tenth_due and income.stage == PRE:
        return max(0.0, income.principal - account)
    return 0.0


@rule
def roll_year(income: Income, facts: IncomeDay, day: Day, account: float) -> Income:
    """An Annuity Anniversary: Highest Quarterly Auto Step-Up, then a new year's income.

    The fourth quarterly value is the Account Value now; the percentage is that of the attained age on the anniversary.

    Source: HD7-9, HD7-10 (prospectus 5711-5746, 5821-5891).
    """
    if day.anniversary == 0 or income.stage != POST:
        return income
    annual, protected, basis = income.annual, income.protected, income.basis
    if day.anniversary > income.first_withdrawal:
        highest = max(income.quarter_high, account)
        if facts.step_up_percentage * highest > annual:
            annual = facts.step_up_percentage * highest
            protected = max(protected, highest)
            basis = max(basis, highest)
    return change_income(
        income, annual=annual, remaining=annual, taken=0.0, protected=protected, basis=basis, quarter_high=0.0
    )


@routine
def pay_in(income: Income, terms: IncomeTerms, facts: IncomeDay, payment: float) -> Income:
    """A Purchase Payment with its credit.  Source: HD7-3, HD7-4, HD7-8 (prospectus 5649-5673, 5703-5709)."""
    if income.stage == PRE:
        return change_income(
            income,
            periodic=income.periodic + payment,
            enhanced=income.enhanced
            + payment * (terms.enhanced_first_year if facts.first_year else terms.enhanced_later),
            principal=income.principal + (payment if facts.first_year else 0.0),
        )
    if income.stage == POST:
        more = income.percentage * payment
        return change_income(
            income,
            annual=income.annual + more,
            remaining=income.remaining + more,
            protected=income.protected + payment,
            basis=income.basis + payment,
            quarter_high=income.quarter_high + payment if income.quarter_high > 0.0 else 0.0,
        )
    return income


@rule
def begin(income: Income, facts: IncomeDay, account: float, today: int) -> Income:
    """The first withdrawal sets the Annual Income Amount, before it is taken.

    ``account`` is the value compared today, with today's payments.  Source: HD7-5, ATF-11 (prospectus 5654-5658, 5682-5687).
    """
    value = protected_withdrawal_value(income, facts, account)
    annual = facts.percentage * value
    return change_income(
        income,
        stage=float(POST),
        first_withdrawal=float(today),
        protected=value,
        annual=annual,
        remaining=annual,
        taken=0.0,
        basis=value,
        quarter_high=0.0,
        percentage=facts.percentage,
    )


@rule
def income_available(income: Income, core: Core, required: bool) -> float:
    """What can be withdrawn now without Excess Income, USD.

    The year's amount is raised to cover the Required Minimum Distribution; ``required`` says that the withdrawal belongs
    to our programme for it.

    Source: C-14, C-18, HD7-6 (prospectus 6195-6206).
    """
    owed = distribution_due(core)
    if required:
        return max(income.remaining, owed)
    return income.remaining + max(0.0, owed - income.annual)


@rule
def withdraw(income: Income, available: float, gross: float, account: float, half_cent: float) -> Income:
    """Benefit values after ``gross`` leaves an Account Value of ``account``; ``available`` of it is no excess.

    Excess Income is judged against the account left after the part that is none; it lowers income, Protected Withdrawal
    Value, Income Basis and quarterly values in the same proportion.

    Source: HD7-6, C-14, C-15, ATF-11, README decision 5 (prospectus 5687-5701, 5787-5814).
    """
    excess = gross - min(gross, available)
    if excess < half_cent:
        excess = 0.0
    within = gross - excess
    left = account - within
    kept = 1.0
    if excess > 0.0:
        kept = max(0.0, 1.0 - excess / left) if left > 0.0 else 0.0
    return change_income(
        income,
        annual=income.annual * kept,
        remaining=max(0.0, income.remaining - within) if excess == 0.0 else 0.0,
        taken=income.taken + gross,
        protected=max(0.0, income.protected - within) * kept,
        basis=income.basis * kept,
        quarter_high=max(0.0, income.quarter_high - within) * kept,
    )


@rule
def capture_quarter(income: Income, day: Day, account: float) -> Income:
    """Record the Account Value of a quarter of the Annuity Year after the first withdrawal.

    Source: HD7-10, HD-11, A-24 (prospectus 5718-5735).
    """
    if income.stage == POST and day.quarter > income.first_withdrawal and day.anniversary == 0:
        return change_income(income, quarter_high=max(income.quarter_high, account))
    return income


@rule
def income_basis(income: Income, facts: IncomeDay, compared: float, account: float) -> float:
    """P of the transfer formula, USD.

    ``compared``  Account Value compared today, with today's payments
    ``account``   Account Value now

    Source: ATF-11 (prospectus 9982-9997).
    """
    if income.stage == PRE:
        return protected_withdrawal_value(income, facts, compared)
    if income.stage == POST:
        return max(max(income.basis, income.quarter_high), account)
    return 0.0


@routine
def end(income: Income, today: int) -> Income:
    """Termination of the benefit: nothing of it is left but its dates.  Source: HD7-16 (prospectus 6064-6086)."""
    return change_income(
        NEW_INCOME,
        plan=income.plan,
        stage=float(ENDED),
        effective=income.effective,
        first_withdrawal=income.first_withdrawal,
        last_fee=income.last_fee,
        ended=float(today),
    )
