"""TrueIncome and TrueIncome - Spousal: lifetime income on the best of three values at the first withdrawal.

Provisions   TI-1 to TI-11, TI-15, TIS-1 to TIS-5, EL-3, EL-4, LB-FEE-3, LB-FEE-4, LB-FEE-9, C-9, C-13 to C-19 (prospectus
             4196-4492, 4563-4606, 4640-4645, 4650-4824, 4895-4928); constants terms/true_income.toml,
             terms/spousal_true_income.toml; what becomes of the benefit at its end: true_income_endings.py
Clock        growth by completed Annuity Years and days over 365, also of a benefit elected later; amounts by Annuity Years
Readings     A-1, A-18, A-19, A-28, A-29, A-54, X-27, X-28; README decisions 2, 5, 10, 13 of the specification
Two sides    the *Life Income Benefit* pays the Annual Income Amount, the *Withdrawal Benefit* the Annual Withdrawal Amount;
             one withdrawal counts on both.  The Spousal version has the first alone
Not here     the charge is part of the Unit Price; there is no fee, no bond Sub-account and no asset transfer
"""

from typing import NamedTuple

from valuation.clock import Day, completed_months, completed_years, months_after
from valuation.compile import changer, routine, rule
from valuation.contract import Core, Life
from valuation.highest_daily_7 import ENDED, NONE, POST, PRE
from valuation.terms.benefits import TrueIncomeTerms
from valuation.withdrawals import distribution_due

TRUE_INCOME, SPOUSAL_TRUE_INCOME = range(2)
PLAN_NAMES = ("TI", "TIS")


class TrueIncome(NamedTuple):
    """State of the benefit."""

    plan: float  # TRUE_INCOME or SPOUSAL_TRUE_INCOME
    stage: float  # as of `valuation.highest_daily_7`
    effective: float  # day
    first_withdrawal: float  # day
    step_up_from: float  # first day of the next step-up: one year after the first withdrawal or the last step-up
    ended: float  # day of termination
    lives: float  # designated lives alive
    auto_step_up: float  # 1 if the Auto Step-Up feature is elected
    charge: float  # fraction per year of the Sub-accounts
    accumulated: float  # leg (A): Account Value on the effective date and later payments, with growth, USD
    anniversary_high: (
        float  # leg (C): highest Account Value on an anniversary and later payments, USD; 0 before the first
    )
    protected: float  # Protected Withdrawal Value after the first withdrawal, USD; the Spousal version keeps none
    annual: float  # Annual Income Amount, USD per Annuity Year
    remaining: float  # of it, not yet taken this Annuity Year, USD
    withdrawal_annual: float  # Annual Withdrawal Amount, USD per Annuity Year; 0 without a Protected Withdrawal Value
    withdrawal_remaining: float  # of it, not yet taken this Annuity Year, USD
    taken: float  # gross withdrawals of the Annuity Year since the effective date, USD
    paying: float  # benefit paid after the Account Value: UNDECIDED, LIFE_INCOME or WITHDRAWAL_BENEFIT


NEW_TRUE_INCOME = TrueIncome(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
change_true_income = changer(TrueIncome)


class TrueIncomeDay(NamedTuple):
    """What is true of the benefit on one Valuation Day; the same for every scenario of a contract."""

    growth: float  # of leg (A) since the prior Valuation Day, but not past ten years
    anniversary_counts: bool  # the Annuity Anniversary due today is one of those of leg (C)
    percentage: float  # income percentage
    withdrawal_percentage: float  # percentage of the Withdrawal Benefit, 0 without it
    tracked: float  # 1 if the Protected Withdrawal Value lives on after the first withdrawal
    next_from_today: float  # day from which a step-up is possible after a first withdrawal or step-up of today
    next_from_anniversary: float  # the same after a step-up of the anniversary due today
    charge: float  # charge that a step-up of today carries; negative: the present one stays
    grown: bool  # the growth of leg (A) is over after today
    fee_due: bool  # never: the charge is in the Unit Price


NO_TRUE_INCOME_DAY = TrueIncomeDay(1.0, False, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, False, False)


class Available(NamedTuple):
    """What can be withdrawn now without an excess, USD."""

    income: float  # without Excess Income
    withdrawal: float  # without an Excess Withdrawal; 0 where there is no Annual Withdrawal Amount


@routine
def growth_factor(terms: TrueIncomeTerms, issue: int, start: int, end: int) -> float:
    """Growth of leg (A) from one day to another, by the anniversary clock of the Issue Date.

    Years and days are counted apart, so that days within one Annuity Year give the same bits whatever their dates.

    Source: TI-2, C-9, README decisions 2 and 13 (prospectus 4239-4248, 4404-4405).
    """
    if end <= start:
        return 1.0
    first, last = completed_years(issue, start), completed_years(issue, end)
    days = (end - months_after(issue, 12 * last)) - (start - months_after(issue, 12 * first))
    return growth_over(terms, (last - first) + days / 365.0)


@rule
def growth_over(terms: TrueIncomeTerms, years: float) -> float:
    """Growth of leg (A) in so many years.  Source: TI-2 (prospectus 4239-4248)."""
    return float((1.0 + terms.roll_up) ** years)


@routine
def true_income_day(income: TrueIncome, terms: TrueIncomeTerms, life: Life, day: Day) -> TrueIncomeDay:
    """Settle what the benefit needs to know of one Valuation Day.

    An anniversary counts in leg (C) when it lies after the effective date and is one of the first ten that do.

    Source: TI-2, TI-3, TI-10, TI-11, LB-FEE-9, A-29 (prospectus 4239-4253, 4270-4303).
    """
    if income.stage == NONE or income.stage == ENDED:
        return NO_TRUE_INCOME_DAY
    effective = int(income.effective)
    grown = months_after(effective, 12 * int(terms.growth_years))
    months = int(terms.step_up_months)
    before = completed_years(life.issue, effective)
    counts = (
        day.anniversary > effective and completed_years(life.issue, day.anniversary) - before <= terms.anniversaries
    )
    return TrueIncomeDay(
        growth_factor(terms, life.issue, max(day.prior, effective), min(day.today, grown)),
        counts,
        terms.income_percentage,
        terms.withdrawal_percentage,
        0.0 if terms.spousal else 1.0,
        float(months_after(day.today, months)),
        float(months_after(day.anniversary, months)) if day.anniversary else 0.0,
        min(terms.charge, terms.maximum_charge) if terms.charge_follows_step_up else -1.0,
        day.today >= grown,
        False,
    )


@routine
def may_elect(terms: TrueIncomeTerms, life: Life, today: int) -> bool:
    """Whether every designated life has reached the age of election.  Source: EL-3, EL-4 (prospectus 4207-4208, 4660-4662)."""
    enough = completed_months(life.annuitant_birth, today) >= terms.election_months
    if terms.spousal:
        return enough and completed_months(life.spouse_birth, today) >= terms.election_months
    return enough


@routine
def elect(plan: int, terms: TrueIncomeTerms, account: float, today: int) -> TrueIncome:
    """The benefit on its effective date.  Source: TI-1, TI-2, TIS-1, TIS-2, LB-FEE-3, LB-FEE-4 (prospectus 4261-4265)."""
    return TrueIncome(
        float(plan),
        float(PRE),
        float(today),
        0.0,
        0.0,
        0.0,
        2.0 if terms.spousal else 1.0,
        0.0,
        min(terms.charge, terms.maximum_charge),
        account,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
    )


@rule
def set_auto_step_up(income: TrueIncome, wanted: bool) -> TrueIncome:
    """Elect the Auto Step-Up feature, at the election of the benefit or later.  Source: TI-11 (prospectus 4291-4293)."""
    if income.stage == PRE or income.stage == POST:
        return change_true_income(income, auto_step_up=1.0 if wanted else 0.0)
    return income


@rule
def asset_charge(income: TrueIncome) -> float:
    """Charge for the benefit, a fraction per year of the Sub-accounts, deducted in the Unit Price.

    In full for one life or two; nothing before the election, after the Account Value is zero, or after the end.

    Source: LB-FEE-3, LB-FEE-4, LB-FEE-10 (prospectus 874-878, 2481-2484, 4627-4628, 4895-4897).
    """
    if income.stage == PRE or income.stage == POST:
        return income.charge
    return 0.0


@rule
def grow(income: TrueIncome, terms: TrueIncomeTerms, facts: TrueIncomeDay, account: float) -> TrueIncome:
    """Daily growth of leg (A), and leg (C) on an Annuity Anniversary, until the first withdrawal.

    Source: TI-2, TI-3, TIS-2 (prospectus 4239-4256, 4693-4707).
    """
    if income.stage != PRE:
        return income
    high = income.anniversary_high
    return change_true_income(
        income,
        accumulated=income.accumulated * facts.growth,
        anniversary_high=max(high, account) if facts.anniversary_counts else high,
    )


@rule
def protected_withdrawal_value(income: TrueIncome, facts: TrueIncomeDay, account: float) -> float:
    """Protected Withdrawal Value today, USD: before the first withdrawal as if it were taken today.

    Source: TI-4, TIS-2 (prospectus 4232-4256, 4686-4713).
    """
    if income.stage == PRE:
        return max(max(income.accumulated, account), income.anniversary_high)
    return income.protected


@routine
def pay_in(income: TrueIncome, terms: TrueIncomeTerms, facts: TrueIncomeDay, payment: float) -> TrueIncome:
    """A Purchase Payment with its credit.  Source: TI-2, TI-3, TI-9, TIS-4 (prospectus 4255-4268, 4335-4344, 4363-4366)."""
    if income.stage == PRE:
        high = income.anniversary_high
        return change_true_income(
            income,
            accumulated=income.accumulated + payment,
            anniversary_high=high + payment if high > 0.0 else 0.0,
        )
    if income.stage == POST:
        more = terms.income_percentage * payment
        more_withdrawal = terms.withdrawal_percentage * payment
        return change_true_income(
            income,
            protected=income.protected + facts.tracked * payment,
            annual=income.annual + more,
            remaining=income.remaining + more,
            withdrawal_annual=income.withdrawal_annual + more_withdrawal,
            withdrawal_remaining=income.withdrawal_remaining + more_withdrawal,
        )
    return income


@routine
def begin(income: TrueIncome, facts: TrueIncomeDay, account: float, today: int) -> TrueIncome:
    """The first withdrawal sets both annual amounts, before it is taken.

    ``account`` is the value compared today, with today's payments.

    Source: TI-4, TIS-2 (prospectus 4232-4256, 4318-4319, 4351-4353, 4401-4412, 4715-4717).
    """
    value = protected_withdrawal_value(income, facts, account)
    annual = facts.percentage * value
    withdrawal_annual = facts.withdrawal_percentage * value
    return change_true_income(
        income,
        stage=float(POST),
        first_withdrawal=float(today),
        step_up_from=facts.next_from_today,
        protected=facts.tracked * value,
        annual=annual,
        remaining=annual,
        withdrawal_annual=withdrawal_annual,
        withdrawal_remaining=withdrawal_annual,
        taken=0.0,
    )


@rule
def _not_in_excess(remaining: float, annual: float, owed: float, required: bool) -> float:
    if required:
        return max(remaining, owed)
    return remaining + max(0.0, owed - annual)


@rule
def income_available(income: TrueIncome, core: Core, required: bool) -> Available:
    """What can be withdrawn now without Excess Income and without an Excess Withdrawal.

    Each amount of the year is raised to cover the Required Minimum Distribution; ``required`` says that the withdrawal
    belongs to our programme for it.

    Source: C-14, C-18, TI-15 (prospectus 4640-4645, 4965-4968).
    """
    owed = distribution_due(core)
    both = income.withdrawal_annual > 0.0
    return Available(
        _not_in_excess(income.remaining, income.annual, owed, required),
        _not_in_excess(income.withdrawal_remaining, income.withdrawal_annual, owed, required) if both else 0.0,
    )


@rule
def within_guarantee(available: Available) -> float:
    """The most that can be withdrawn now within either amount, USD: no least Surrender Value is asked for it.

    Source: WD-3, A-53, README decision 11.
    """
    return max(available.income, available.withdrawal)


@rule
def excess_over(gross: float, available: float, half_cent: float) -> float:
    """The part of a withdrawal above ``available``; below half a cent it is none.  Source: C-14, README decision 5."""
    excess = gross - min(gross, available)
    return excess if excess >= half_cent else 0.0


@rule
def share_kept(gross: float, excess: float, account: float) -> float:
    """What an excess leaves of an annual amount: 1 less its ratio to the account left by the part that is none.

    Source: C-14, C-15, X-28 (prospectus 4439-4443, 4453-4457).
    """
    left = account - (gross - excess)
    ratio = min(1.0, excess / left) if left > 0.0 else 1.0
    return 1.0 - ratio if excess > 0.0 else 1.0


@routine
def withdraw(income: TrueIncome, available: Available, gross: float, account: float, half_cent: float) -> TrueIncome:
    """Benefit values after ``gross`` leaves an Account Value of ``account``.

    Each annual amount falls in the ratio of its own excess.  The Protected Withdrawal Value falls by what is within the
    Annual Withdrawal Amount, then by the greater of the excess and its ratio; several withdrawals of one day give what
    their sum would.  When nothing of it is left the Annual Withdrawal Amount is zero.

    Source: TI-5 to TI-7, TIS-3, C-13, A-9, A-54, README decision 5 (prospectus 4309-4332, 4352-4360, 4415-4474).
    """
    excess_income = excess_over(gross, available.income, half_cent)
    excess_withdrawal = excess_over(gross, available.withdrawal, half_cent)
    within_income = gross - excess_income
    within_withdrawal = gross - excess_withdrawal
    kept_withdrawal = share_kept(gross, excess_withdrawal, account)
    protected = income.protected - within_withdrawal
    protected -= max(excess_withdrawal, protected * (1.0 - kept_withdrawal))
    protected = protected if protected >= half_cent else 0.0
    more = 1.0 if protected > 0.0 else 0.0
    in_year = more if excess_withdrawal == 0.0 else 0.0
    return change_true_income(
        income,
        protected=protected,
        annual=income.annual * share_kept(gross, excess_income, account),
        remaining=max(0.0, income.remaining - within_income) if excess_income == 0.0 else 0.0,
        withdrawal_annual=more * income.withdrawal_annual * kept_withdrawal,
        withdrawal_remaining=in_year * max(0.0, income.withdrawal_remaining - within_withdrawal),
        taken=income.taken + gross,
    )


@rule
def _stepped_up(income: TrueIncome, facts: TrueIncomeDay, account: float, step_up_from: float) -> TrueIncome:
    """Each amount at least what the Account Value gives; an increase can be taken at once.  Source: TI-10, A-18."""
    annual = max(income.annual, facts.percentage * account)
    withdrawal_annual = max(income.withdrawal_annual, facts.withdrawal_percentage * account)
    return change_true_income(
        income,
        step_up_from=step_up_from,
        charge=facts.charge if facts.charge >= 0.0 else income.charge,
        protected=facts.tracked * max(income.protected, account),
        annual=annual,
        remaining=income.remaining + annual - income.annual,
        withdrawal_annual=withdrawal_annual,
        withdrawal_remaining=income.withdrawal_remaining + withdrawal_annual - income.withdrawal_annual,
    )


@rule
def may_step_up(income: TrueIncome, facts: TrueIncomeDay, account: float, today: int) -> bool:
    """Whether the Owner may ask for a step-up today.

    The Account Value must exceed the Protected Withdrawal Value; of the Spousal version, its income the Annual Income
    Amount.

    Source: TI-10, TIS-5 (prospectus 4270-4275, 4733-4738).
    """
    if income.stage != POST or today < income.step_up_from:
        return False
    if facts.tracked:
        return account > income.protected
    return facts.percentage * account > income.annual


@rule
def step_up(income: TrueIncome, facts: TrueIncomeDay, account: float) -> TrueIncome:
    """A step-up at the Owner's request, where `may_step_up` allows it.

    Source: TI-10, TIS-5, LB-FEE-9, A-18 (prospectus 4277-4289, 4332-4344, 4360-4363, 4476-4492, 4738-4746, 4819-4824).
    """
    return _stepped_up(income, facts, account, facts.next_from_today)


@rule
def roll_year(income: TrueIncome, facts: TrueIncomeDay, day: Day, account: float) -> TrueIncome:
    """An Annuity Anniversary: the Auto Step-Up if it is elected and due, then a new year's amounts.

    It counts from its nominal date, so that a closed day does not put off the next one.

    Source: TI-8, TI-11, TIS-3, TIS-5, A-28 (prospectus 4291-4307, 4752-4768).
    """
    if day.anniversary == 0 or income.stage != POST:
        return income
    waited = day.anniversary >= income.step_up_from
    if income.auto_step_up and waited and facts.percentage * account > income.annual:
        income = _stepped_up(income, facts, account, facts.next_from_anniversary)
    return change_true_income(income, remaining=income.annual, withdrawal_remaining=income.withdrawal_annual, taken=0.0)
