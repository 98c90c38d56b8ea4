"""How TrueIncome and TrueIncome - Spousal end, and what they pay when the Account Value is gone.

Provisions   TI-12 to TI-14, TIS-6 to TIS-9, C-24 (prospectus 4494-4561, 4608-4628, 4830-4869, 4898-4957)
Clock        guaranteed payments: what is left of the Annuity Year at once, then on each Annuity Anniversary
Readings     A-26, A-27, A-48; README decision 12 of the specification
"""

from typing import NamedTuple

from valuation.account import money
from valuation.clock import Day
from valuation.compile import routine, rule
from valuation.contract import Core
from valuation.highest_daily_7 import ENDED, PAYING, POST, PRE
from valuation.terms.benefits import TrueIncomeTerms
from valuation.true_income import (
    NEW_TRUE_INCOME,
    SPOUSAL_TRUE_INCOME,
    TrueIncome,
    TrueIncomeDay,
    begin,
    change_true_income,
)

UNDECIDED, LIFE_INCOME, WITHDRAWAL_BENEFIT = range(3)
"""Which benefit is paid after the Account Value."""

APPLY_ACCOUNT_VALUE, PAY_LIFE_INCOME, PAY_WITHDRAWAL_BENEFIT = range(3)
"""What can be asked for when annuity payments begin."""

TAXPAYER_CHANGED, ANNUITANT_CHANGED, CO_OWNER_REMOVED, OTHER_CHANGE = range(4)
"""Changes of designation: of the Owner with another tax identification number; of the Annuitant; removal of the co-Owner
who is not the Annuitant; of the Owner with the same number."""

NO_EFFECT, ENDS_BENEFIT, NOT_PERMITTED = range(3)
"""What a change of designation does."""


@rule
def over_limit(taken: float, annual: float, core: Core, half_cent: float) -> bool:
    """Whether the year's withdrawals exceed an annual amount, raised to the Required Minimum Distribution.

    Source: TI-12, TIS-6, C-18 (prospectus 4494-4523, 4640-4645, 4830-4845).
    """
    return taken > max(annual, core.required) + half_cent


@routine
def exhaust(
    income: TrueIncome,
    core: Core,
    facts: TrueIncomeDay,
    today: int,
    compared: float,
    by_withdrawal: bool,
    required: bool,
    choice: float,
    half_cent: float,
) -> TrueIncome:
    """The Account Value has reached zero: which benefit goes on.

    ``compared``       Account Value compared today, for a benefit without a first withdrawal, USD
    ``by_withdrawal``  a withdrawal took the last of it, not the market or a fee, which end no benefit
    ``required``       that withdrawal belonged to our programme for the Required Minimum Distribution
    ``choice``         LIFE_INCOME, WITHDRAWAL_BENEFIT or UNDECIDED; it matters only where both are payable

    Withdrawals of the year above the Annual Income Amount lose the Life Income Benefit; above both amounts nothing more is
    paid.

    Source: TI-12, TIS-6, A-26, A-27 (prospectus 4494-4523, 4830-4845).
    """
    if income.stage == PRE:
        income = begin(income, facts, compared, today)
    if income.stage != POST:
        return income
    judged = by_withdrawal and not required
    life_lost = judged and over_limit(income.taken, income.annual, core, half_cent)
    both_lost = judged and over_limit(income.taken, max(income.annual, income.withdrawal_annual), core, half_cent)
    for_life = income.annual > 0.0 and not life_lost
    from_value = income.protected > 0.0 and not both_lost
    if for_life and from_value:
        return change_true_income(income, stage=float(PAYING), paying=choice)
    if for_life:
        return change_true_income(income, stage=float(PAYING), paying=float(LIFE_INCOME))
    if from_value:
        return change_true_income(income, stage=float(PAYING), paying=float(WITHDRAWAL_BENEFIT))
    return end(income, today)


@rule
def choose(income: TrueIncome, choice: float) -> TrueIncome:
    """The Owner's choice between the two benefits; made once, it stands.  Source: TI-12 (prospectus 4497-4513)."""
    if income.stage == PAYING and income.paying == UNDECIDED:
        return change_true_income(income, paying=choice)
    return income


@routine
def pay_guaranteed(income: TrueIncome, day: Day, cents: float, half_cent: float) -> tuple[TrueIncome, float]:
    """The benefit after what is due on a day after the Account Value, and that amount, USD.

    Source: TI-12, TIS-6, C-24 (prospectus 4505-4523, 4830-4840).
    """
    return pay_due(income, day.anniversary != 0, day.today, cents, half_cent)


@routine
def pay_due(income: TrueIncome, new_year: bool, today: int, cents: float, half_cent: float) -> tuple[TrueIncome, float]:
    """The benefit after what is due today, and that amount, USD; ``new_year``: an Annuity Anniversary after the exhaustion.

    Due are what remains of the Annuity Year's amount, at once, and on each Annuity Anniversary a new year's amount; the
    Withdrawal Benefit pays no more than the Protected Withdrawal Value, and ends with it.  Until the Owner has chosen
    nothing is paid; on the next anniversary the Life Income Benefit is taken as chosen.

    Source: TI-12, TIS-6, C-24 (prospectus 4505-4523, 4830-4840).
    """
    if income.stage != PAYING or (income.paying == UNDECIDED and not new_year):
        return income, 0.0
    if income.paying == WITHDRAWAL_BENEFIT:
        due = income.withdrawal_remaining + (income.withdrawal_annual if new_year else 0.0)
        paid = money(min(due, income.protected), cents)
        left = income.protected - paid
        if left < half_cent:
            return end(income, today), paid
        return change_true_income(income, protected=left, withdrawal_remaining=0.0), paid
    due = income.remaining + (income.annual if new_year else 0.0)
    return change_true_income(income, remaining=0.0, paying=float(LIFE_INCOME)), money(due, cents)


@routine
def annuitise(income: TrueIncome, facts: TrueIncomeDay, account: float, today: int, option: int) -> TrueIncome:
    """The benefit when annuity payments begin: it ends with the Account Value applied, or an annual amount is kept.

    A benefit without a withdrawal is valued as if the first were taken today.  An amount that is not there cannot be
    kept; then the Account Value is applied.

    Source: TI-13, TIS-7 (prospectus 4524-4544, 4557-4561, 4846-4856, 4866-4869).
    """
    if income.stage == PRE:
        income = begin(income, facts, account, today)
    if income.stage != POST:
        return income
    if option == PAY_LIFE_INCOME and income.annual > 0.0:
        return change_true_income(income, stage=float(PAYING), paying=float(LIFE_INCOME))
    if option == PAY_WITHDRAWAL_BENEFIT and income.protected > 0.0:
        return change_true_income(income, stage=float(PAYING), paying=float(WITHDRAWAL_BENEFIT))
    return end(income, today)


class AnnuityForm(NamedTuple):
    """Fixed annuity paid yearly where the Owner elects nothing: the rates depend on it."""

    lives: float  # joint and survivor for 2
    certain: float  # payments certain


@rule
def default_form(income: TrueIncome, terms: TrueIncomeTerms) -> AnnuityForm:
    """Form of the annuity without an election.  Source: TI-13, TIS-7 (prospectus 4546-4549, 4857-4860)."""
    return AnnuityForm(income.lives, terms.certain_payments)


@rule
def default_payment(income: TrueIncome, account: float, life_rate: float, form_rate: float) -> float:
    """Yearly payment of the annuity without an election, from a benefit begun, USD.

    ``life_rate``  yearly payment for 1 USD of the life annuity without payments certain, the greater of the current and
                   the guaranteed rate; it gives the present value of future Annual Income Amounts
    ``form_rate``  the same of `default_form`

    Source: TI-13, TIS-7, A-48 (prospectus 4546-4556, 4857-4866).
    """
    return max(income.annual / life_rate, account) * form_rate


@rule
def has_ended(income: TrueIncome) -> bool:
    """Whether nothing is left to guarantee after the first withdrawal.  Source: TI-14, TIS-9 (prospectus 4608-4609, 4945)."""
    return income.stage == POST and income.annual <= 0.0 and income.protected <= 0.0


@rule
def end(income: TrueIncome, today: int) -> TrueIncome:
    """Termination: by notice, surrender, death, a change of designation, annuity payments, or with nothing left.

    Nothing of the benefit is left but its dates, and no charge is due for the part of a period.

    Source: TI-14, TIS-9, LB-FEE-10 (prospectus 4608-4628, 4945-4957).
    """
    return TrueIncome(
        income.plan,
        float(ENDED),
        income.effective,
        income.first_withdrawal,
        0.0,
        float(today),
        0.0,
        0.0,
        0.0,
        0.0,
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
def settle_death(income: TrueIncome, continued: bool, spouses: bool, today: int) -> TrueIncome:
    """The benefit after the death of a designated life.

    ``continued``  the Annuity goes on: the spouse assumes it, or the Owner survives
    ``spouses``    the two designated lives were each other's spouses at the first death

    The Annuitant's death ends TrueIncome and its payments; a spouse who continues the Annuity starts without a benefit
    and without a waiting time.  The Spousal version goes on for the survivor, with its values as they are.

    Source: TI-14, TIS-6, TIS-8, TIS-9, README decision 12 (prospectus 4608-4625, 4836-4841, 4898-4902, 4951-4954).
    """
    in_force = income.stage == PRE or income.stage == POST
    if not in_force and income.stage != PAYING:
        return income
    if income.plan == SPOUSAL_TRUE_INCOME:
        if income.lives > 1.0 and spouses and (continued or income.stage == PAYING):
            return change_true_income(income, lives=income.lives - 1.0)
        return end(income, today)
    if in_force and continued:
        return NEW_TRUE_INCOME
    return end(income, today)


@rule
def answer_to_change(plan: float, change: int) -> int:
    """What a change of designation does: it ends TrueIncome; the Spousal version permits none but one.

    Source: TI-14, TIS-8 (prospectus 4614-4617, 4919-4921).
    """
    if plan == SPOUSAL_TRUE_INCOME:
        return NO_EFFECT if change == CO_OWNER_REMOVED else NOT_PERMITTED
    if change in (TAXPAYER_CHANGED, ANNUITANT_CHANGED):
        return ENDS_BENEFIT
    return NO_EFFECT
