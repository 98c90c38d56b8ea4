"""Guaranteed Minimum Income Benefit: annuity payments for life from a value that grows by 5% a year.

Provisions   EL-2, LB-FEE-2, LB-FEE-9, GMIB-1 to GMIB-9, GMIB-13 to GMIB-17, C-14, C-15 (prospectus 3838-4193); constants
             terms/guaranteed_minimum_income.toml; its annuity payments are in `valuation.guaranteed_minimum_payments`
Clock        growth by completed Annuity Years and days over 365 from the Issue Date; limit and charge by Annuity Years;
             the growth stop by years since the value was set
Order        `accrue` opens the day, before the fee; `annual_fee`; `grow`; `roll_year`; `step_up`; `pay_in`; `withdraw`;
             `accrued_fee` before an ending.  A Required Minimum Distribution is a withdrawal like any other here
Readings     A-1, A-42, A-43, A-47, X-1, X-28 of the specification and its decisions 5, 8 and 9
No effect    of the benefit on the Account Value but its charge; without Account Value nothing is paid (GMIB-17)
"""

from typing import NamedTuple

from valuation.clock import (
    Day,
    anniversary_clock,
    completed_years,
    last_anniversary,
    months_after,
)
from valuation.compile import changer, routine, rule
from valuation.contract import Core, Life
from valuation.terms.benefits import GmibTerms

NONE, ACTIVE, ANNUITISED, ENDED = 0, 1, 3, 4
"""Stage: not elected; in force; annuity payments under the benefit; terminated.  Numbers as of any living benefit."""


class ProtectedIncome(NamedTuple):
    """State of the benefit.  Source: GMIB-1."""

    plan: float  # 0, the only one of its kind
    stage: float
    effective: float  # day
    first_withdrawal: float  # none counts under this benefit: 0
    last_fee: float  # day of the last annual charge, or the effective date
    ended: float  # day of termination, or the Annuity Date of payments under the benefit
    lives: float  # 1 while anybody can be owed anything
    reset: float  # day the value was set: the effective date or the last step-up
    stop: float  # last day of growth
    stopped: float  # 1 once that day is past
    steps: float  # step-ups used
    value: float  # Protected Income Value, USD
    maximum: float  # Maximum Protected Income Value, USD
    limit: float  # dollar-for-dollar limit of the Annuity Year, USD
    remaining: float  # of it, not yet taken, USD
    charge: float  # fraction of the average Protected Income Value per year
    accrued: float  # sum over the calendar days of the Annuity Year, before `through`, of charge x value, USD x days
    accrued_next: float  # the same of the year that a closed anniversary began, until the year rolls
    through: float  # day that the sum has come to
    payment: float  # of each month, once they have begun, USD
    certain: float  # number of payments made in any case
    made: float  # number of payments made
    share: float  # of a payment to the Joint Annuitant after the certain period
    annuitant: float  # 1 while the Annuitant lives, once payments have begun
    joint: float  # 1 while a Joint Annuitant lives


NEW_PROTECTED_INCOME = ProtectedIncome(*[0.0] * 25)
change_protected = changer(ProtectedIncome)


class ProtectedDay(NamedTuple):
    """What is true of the benefit on one Valuation Day; the same for every scenario of a contract."""

    issue: int  # day the growth clock starts
    prior: int  # the preceding Valuation Day, not before the effective date
    today: int
    turn: int  # the Annuity Anniversary due today, else today: days from it on belong to the next charge
    growth: float  # of the value since `prior`, without stop or maximum
    weight: float  # sum of that growth over the days from `prior` to the day before `turn`
    weight_next: float  # the same from `turn` to yesterday
    year_days: float  # days of the Annuity Year ended by an anniversary due today, else of the current one
    current_days: float  # days of the Annuity Year of today
    limit_share: float  # of the value, the new limit; 0 if no anniversary is due
    step_up_age: bool  # the Annuitant is young enough for a step-up
    fee_due: bool  # the annual charge falls due
    special: float  # yearly payment per USD of Protected Income Value under Option 1, at the benefit's special rates


NO_PROTECTED_DAY = ProtectedDay(0, 0, 0, 0, 1.0, 0.0, 0.0, 365.0, 365.0, 0.0, False, False, 0.0)
change_day = changer(ProtectedDay)


@routine
def anniversary_from(issue: int, date: int) -> int:
    """The first Annuity Anniversary on or after a date."""
    if date <= issue:
        return months_after(issue, 12)
    years = completed_years(issue, date)
    nominal = months_after(issue, 12 * years)
    return nominal if nominal == date else months_after(issue, 12 * (years + 1))


@routine
def growth_stop(terms: GmibTerms, life: Life, reset: int) -> int:
    """Last day of growth: the later of the anniversary at age 80 and seven years since the value was set.

    Source: GMIB-4 (prospectus 3896-3900).
    """
    by_age = anniversary_from(life.issue, months_after(life.annuitant_birth, 12 * int(terms.growth_age)))
    return max(by_age, months_after(reset, 12 * int(terms.growth_years)))


@routine
def protected_day(benefit: ProtectedIncome, terms: GmibTerms, life: Life, day: Day) -> ProtectedDay:
    """Settle what the benefit needs to know of one Valuation Day.  Source: GMIB-3, GMIB-8, GMIB-13, C-9."""
    if benefit.stage != ACTIVE:
        return ProtectedDay(0, 0, 0, 0, 1.0, 0.0, 0.0, 365.0, 365.0, 0.0, False, False, 0.0)
    prior = max(day.prior, int(benefit.effective))
    turn = day.anniversary if day.anniversary else day.today
    start = anniversary_clock(life.issue, prior)
    weight = weight_next = 0.0
    for date in range(prior, day.today):
        grown = (1.0 + terms.roll_up) ** (anniversary_clock(life.issue, date) - start)
        if date < turn:
            weight += grown
        else:
            weight_next += grown
    opened = last_anniversary(life.issue, day.today, 12)
    years = completed_years(life.issue, day.today)
    current = float(months_after(life.issue, 12 * (years + 1)) - opened)
    ended = float(opened - months_after(life.issue, 12 * (years - 1))) if day.anniversary else current
    return ProtectedDay(
        life.issue,
        prior,
        day.today,
        turn,
        (1.0 + terms.roll_up) ** (anniversary_clock(life.issue, day.today) - start),
        weight,
        weight_next,
        ended,
        current,
        terms.limit_share if day.anniversary else 0.0,
        completed_years(life.annuitant_birth, day.today) <= terms.step_up_last_age,
        day.anniversary != 0,
        0.0,
    )


@routine
def may_elect(terms: GmibTerms, life: Life, today: int) -> bool:
    """Election on the Issue Date only, by an Annuitant not older than 75.  Source: EL-2 (prospectus 3849-3853, 4148-4151)."""
    return today == life.issue and completed_years(life.annuitant_birth, today) <= terms.election_last_age


@routine
def elect(terms: GmibTerms, life: Life, account: float, today: int) -> ProtectedIncome:
    """The benefit on its effective date.  Source: GMIB-2 (prospectus 3866-3886, 3970-3972)."""
    limit = terms.limit_share * account
    return change_protected(
        NEW_PROTECTED_INCOME,
        stage=float(ACTIVE),
        effective=float(today),
        last_fee=float(today),
        lives=1.0,
        reset=float(today),
        stop=float(growth_stop(terms, life, today)),
        value=account,
        maximum=terms.maximum_multiple * account,
        limit=limit,
        remaining=limit,
        charge=min(terms.charge, terms.maximum_charge),
        through=float(today),
    )


@routine
def growth_between(terms: GmibTerms, facts: ProtectedDay, stop: int, date: int) -> float:
    """Growth from the prior Valuation Day to a date, with the stop but without the maximum.  Source: GMIB-3, GMIB-4."""
    until = min(date, stop)
    if until <= facts.prior:
        return 1.0
    elapsed = anniversary_clock(facts.issue, until) - anniversary_clock(facts.issue, facts.prior)
    return float((1.0 + terms.roll_up) ** elapsed)


@routine
def value_by_days(benefit: ProtectedIncome, terms: GmibTerms, facts: ProtectedDay, first: int, last: int) -> float:
    """Sum of the Protected Income Value over the calendar days from ``first`` to the day before ``last``, one by one."""
    whole = 0.0
    for date in range(first, last):
        whole += min(benefit.value * growth_between(terms, facts, int(benefit.stop), date), benefit.maximum)
    return whole


@rule
def value_days(
    benefit: ProtectedIncome, terms: GmibTerms, facts: ProtectedDay, weight: float, first: int, last: int
) -> float:
    """The same sum; counted day by day only where growth ends between two Valuation Days."""
    if benefit.value >= benefit.maximum or benefit.stop <= facts.prior:
        return benefit.value * (last - first)
    if benefit.stop >= facts.today and benefit.value * facts.growth <= benefit.maximum:
        return benefit.value * weight
    return value_by_days(benefit, terms, facts, first, last)


@rule
def accrue(benefit: ProtectedIncome, terms: GmibTerms, facts: ProtectedDay) -> ProtectedIncome:
    """Enter the days since the prior Valuation Day into the average: from it to yesterday, before anything of today.

    Days from a closed anniversary on belong to the year it began; a day is entered once.

    Source: GMIB-13, A-43 (prospectus 4172-4184).
    """
    if benefit.stage != ACTIVE or benefit.through >= facts.today:
        return benefit
    before = value_days(benefit, terms, facts, facts.weight, facts.prior, facts.turn)
    after = value_days(benefit, terms, facts, facts.weight_next, facts.turn, facts.today)
    return change_protected(
        benefit,
        accrued=benefit.accrued + benefit.charge * before,
        accrued_next=benefit.charge * after,
        through=float(facts.today),
    )


@rule
def annual_fee(benefit: ProtectedIncome, terms: GmibTerms, facts: ProtectedDay, account: float) -> float:
    """Charge of the Annuity Year just ended, in arrears, at most the Account Value.

    ``account`` holds Sub-accounts and Fixed Rate Options, from which it is taken pro rata.

    Source: GMIB-13, LB-FEE-2, A-47 (prospectus 4172-4186).
    """
    if benefit.stage != ACTIVE or facts.limit_share == 0.0:
        return 0.0
    return min(account, benefit.accrued / facts.year_days)


@rule
def accrued_fee(benefit: ProtectedIncome, terms: GmibTerms, facts: ProtectedDay, account: float, today: int) -> float:
    """Charge of the part of an Annuity Year: surrender, annuity payments, death, any other termination.

    Source: GMIB-14, README decision 9 (prospectus 4168-4170, 4186-4193).
    """
    if benefit.stage != ACTIVE:
        return 0.0
    return min(account, benefit.accrued / facts.current_days)


@rule
def grow(benefit: ProtectedIncome, terms: GmibTerms, facts: ProtectedDay, account: float) -> ProtectedIncome:
    """Daily growth up to the Maximum Protected Income Value and the growth stop; the Account Value plays no part.

    Source: GMIB-3, GMIB-4 (prospectus 3873-3900).
    """
    if benefit.stage != ACTIVE:
        return benefit
    growth = facts.growth
    if facts.today > benefit.stop:
        growth = growth_between(terms, facts, int(benefit.stop), facts.today)
    return change_protected(
        benefit,
        value=min(benefit.value * growth, benefit.maximum),
        stopped=1.0 if facts.today > benefit.stop else 0.0,
    )


@rule
def roll_year(benefit: ProtectedIncome, facts: ProtectedDay, day: Day, account: float) -> ProtectedIncome:
    """An Annuity Anniversary: a new dollar-for-dollar limit on the value of today, and a new average.

    Source: GMIB-8, README decision 9 (prospectus 3970-3976, 4017-4026).
    """
    if benefit.stage != ACTIVE or day.anniversary == 0:
        return benefit
    limit = facts.limit_share * benefit.value
    return change_protected(benefit, limit=limit, remaining=limit, accrued=benefit.accrued_next, accrued_next=0.0)


@rule
def may_step_up(benefit: ProtectedIncome, terms: GmibTerms, facts: ProtectedDay, account: float) -> bool:
    """Whether the Owner's request to step up can be met today.  Source: GMIB-9 (prospectus 3923-3930)."""
    return benefit.stage == ACTIVE and account > benefit.value and benefit.steps < terms.step_ups and facts.step_up_age


@routine
def step_up(benefit: ProtectedIncome, terms: GmibTerms, life: Life, account: float, today: int) -> ProtectedIncome:
    """Set the value to the Account Value; the waiting period begins again and the charge is the one now in force.

    The dollar-for-dollar limit waits for the next anniversary.

    Source: GMIB-9, LB-FEE-9 (prospectus 3923-3962, 916-918).
    """
    return change_protected(
        benefit,
        value=account,
        maximum=terms.maximum_multiple * account,
        reset=float(today),
        stop=float(growth_stop(terms, life, today)),
        stopped=0.0,
        steps=benefit.steps + 1.0,
        charge=min(terms.charge, terms.maximum_charge),
    )


@rule
def pay_in(benefit: ProtectedIncome, terms: GmibTerms, facts: ProtectedDay, payment: float) -> ProtectedIncome:
    """A Purchase Payment with its credit; it lifts the maximum by twice its amount, the limit not at all.

    Source: GMIB-5, A-42 (prospectus 3879-3891, 3900-3911).
    """
    if benefit.stage != ACTIVE:
        return benefit
    return change_protected(
        benefit, value=benefit.value + payment, maximum=benefit.maximum + terms.maximum_multiple * payment
    )


@rule
def proportional(benefit: ProtectedIncome) -> bool:
    """Whether withdrawals now reduce the value in proportion only: maximum reached, or growth stopped for good.

    Source: GMIB-7, README decision 9 (prospectus 3892-3895, 3903-3906, 3917-3919).
    """
    return benefit.value >= benefit.maximum or benefit.stopped > 0.0


@rule
def income_available(benefit: ProtectedIncome, core: Core, required: bool) -> float:
    """What can be withdrawn now dollar for dollar, USD; a Required Minimum Distribution does not raise it.

    Source: GMIB-6 to GMIB-8 (prospectus 3912-3919, 3964-3976).
    """
    return 0.0 if proportional(benefit) else benefit.remaining


@routine
def withdraw(
    benefit: ProtectedIncome, available: float, gross: float, account: float, half_cent: float
) -> ProtectedIncome:
    """Benefit values after ``gross`` leaves an Account Value of ``account``; ``available`` of it counts dollar for dollar.

    The rest is judged against the account left after that part.  The maximum falls by the same dollars as the value; in
    the proportional case by the same share.

    Source: GMIB-6, GMIB-7, C-14, C-15, README decision 5 (prospectus 3879-3895, 3903-3906, 3912-3921, 3985-4015).
    """
    if benefit.stage != ACTIVE:
        return benefit
    excess = gross - min(gross, available)
    if excess < half_cent:
        excess = 0.0
    within = gross - excess
    left = account - within
    kept = 1.0
    if excess > 0.0:
        kept = max(0.0, 1.0 - excess / left) if left > 0.0 else 0.0
    value = max(0.0, benefit.value - within) * kept
    if proportional(benefit):
        maximum = benefit.maximum * kept
        remaining = max(0.0, benefit.remaining - gross)
    else:
        maximum = benefit.maximum - (benefit.value - value)
        remaining = max(0.0, benefit.remaining - within) if excess == 0.0 else 0.0
    return change_protected(benefit, value=value, maximum=maximum, remaining=remaining)


@routine
def change_annuitant(benefit: ProtectedIncome, terms: GmibTerms, life: Life, today: int) -> ProtectedIncome:
    """A new Annuitant in ``life``, after the day's growth: growth may stop earlier or later, or the benefit ends.

    It ends when the new Annuitant is too old to elect it; the charge of the part-year is taken before.

    Source: GMIB-15, GMIB-16 (prospectus 4132-4136, 4164-4170).
    """
    if benefit.stage != ACTIVE:
        return benefit
    if completed_years(life.annuitant_birth, today) > terms.election_last_age:
        return end(benefit, today)
    stop = growth_stop(terms, life, int(benefit.reset))
    return change_protected(benefit, stop=float(stop), stopped=1.0 if today > stop else 0.0)


@routine
def end(benefit: ProtectedIncome, today: int) -> ProtectedIncome:
    """Termination: surrender, death without a continuing spouse, annuity payments, an Annuitant too old.

    The Owner cannot end the benefit alone.  Source: GMIB-16 (prospectus 4158-4166, 7586-7589).
    """
    return change_protected(
        benefit,
        stage=float(ENDED),
        ended=float(today),
        value=0.0,
        maximum=0.0,
        limit=0.0,
        remaining=0.0,
        accrued=0.0,
        accrued_next=0.0,
        payment=0.0,
    )
