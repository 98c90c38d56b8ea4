"""TrueIncome and TrueIncome - Spousal, as the day's order and the lanes ask for them."""

from typing import Any

from valuation import true_income as law
from valuation import true_income_endings as endings
from valuation.clock import Day, months_after
from valuation.contract import Array, Core, Integers, Life
from valuation.events import ANNUITANT_CHANGE, CO_OWNER_REMOVED, SAME_TAXPAYER, SUCCESSION, WITHDRAWAL_BENEFIT
from valuation.failures import Reason
from valuation.highest_daily_7 import ENDED, NONE, PAYING, POST, PRE
from valuation.living.answers import answers
from valuation.living.interface import NO_STEP_UP, Exhausted
from valuation.living.lanes import DRAW, FREEZE, GROW, HOLD, stored
from valuation.schedule import LAW
from valuation.terms import Terms
from valuation.terms.benefits import TrueIncomeTerms
from valuation.true_income import (
    NEW_TRUE_INCOME,
    SPOUSAL_TRUE_INCOME,
    Available,
    TrueIncome,
    TrueIncomeDay,
    change_true_income,
)

CHANGED = (
    "step_up_from", "charge", "accumulated", "anniversary_high", "protected", "annual", "remaining", "withdrawal_annual",
    "withdrawal_remaining", "taken",
)  # fmt: skip
READ = ("stage", "auto_step_up")
ACCUMULATED = TrueIncome._fields.index("accumulated")

ELECTION_AGE = int(Reason.ELECTION_AGE)
NO_SPOUSE = int(Reason.NO_SPOUSE)


def _benefit_day(income: TrueIncome, terms: Terms, life: Life, day: Day) -> TrueIncomeDay:
    plan: Any = terms.income[int(income.plan)]
    return law.true_income_day(income, plan, life, day)


def _no_benefit_day(income: TrueIncome) -> TrueIncomeDay:
    return law.NO_TRUE_INCOME_DAY


def _roll_year(income: TrueIncome, plan: TrueIncomeTerms, facts: TrueIncomeDay, day: Day, account: float) -> TrueIncome:
    return law.roll_year(income, facts, day, account)


def _listed(income: TrueIncome) -> int:
    return 3 + int(income.plan) if income.stage != NONE and income.stage != ENDED else 0


def _refusal(income: TrueIncome, plan: TrueIncomeTerms, local: int, life: Life, day: Day) -> int:
    if plan.spousal and life.spouse_birth == 0:
        return NO_SPOUSE
    return 0 if law.may_elect(plan, life, day.today) else ELECTION_AGE


def _elect(income: TrueIncome, plan: TrueIncomeTerms, local: int, life: Life, account: float, today: int) -> TrueIncome:
    return law.elect(local, plan, account, today)


def _yearly_income(income: TrueIncome) -> float:
    return income.annual


def _remaining_income(income: TrueIncome) -> float:
    return income.remaining


def _within(income: TrueIncome, available: Available) -> float:
    return law.within_guarantee(available)


def _step_up_refusal(
    income: TrueIncome, plan: TrueIncomeTerms, facts: TrueIncomeDay, account: float, today: int
) -> int:
    return 0 if law.may_step_up(income, facts, account, today) else NO_STEP_UP


def _step_up(
    income: TrueIncome, plan: TrueIncomeTerms, facts: TrueIncomeDay, life: Life, account: float, today: int
) -> TrueIncome:
    return law.step_up(income, facts, account)


def _may_set_auto_step_up(income: TrueIncome) -> bool:
    return income.stage == PRE or income.stage == POST


def _exhaust(
    income: TrueIncome, facts: TrueIncomeDay, core: Core, compared: float, by_withdrawal: bool, required: bool,
    half_cent: float, cents: float, today: int,
) -> Exhausted:  # fmt: skip
    """What is left of the Annuity Year is paid at once, unless the Owner has a choice: nobody has made it before today.

    Source: TI-12, TIS-6 (prospectus 4494-4523, 4830-4845).
    """
    undecided = float(endings.UNDECIDED)
    income = endings.exhaust(income, core, facts, today, compared, by_withdrawal, required, undecided, half_cent)
    income, now = endings.pay_due(income, False, today, cents, half_cent)
    return Exhausted(income, income.stage == PAYING, now)


def _may_choose_payment(income: TrueIncome) -> bool:
    return income.stage == PAYING and income.paying == endings.UNDECIDED


def _choose_payment(income: TrueIncome, ground: int) -> TrueIncome:
    return endings.choose(
        income, float(endings.WITHDRAWAL_BENEFIT if ground == WITHDRAWAL_BENEFIT else endings.LIFE_INCOME)
    )


def _keeps_income(income: TrueIncome) -> bool:
    return income.stage == PRE or income.stage == POST


def _keep_income(income: TrueIncome, facts: TrueIncomeDay, account: float, today: int) -> TrueIncome:
    """The Annual Income Amount on every Annuity Anniversary from now on; nothing of the year begun before."""
    income = endings.annuitise(income, facts, account, today, endings.PAY_LIFE_INCOME)
    return change_true_income(income, remaining=0.0, withdrawal_remaining=0.0)


def _keep_withdrawals(income: TrueIncome, facts: TrueIncomeDay, account: float, today: int) -> TrueIncome:
    """The same of the Annual Withdrawal Amount, until the Protected Withdrawal Value is used up; Spousal: none."""
    kept = endings.annuitise(income, facts, account, today, endings.PAY_WITHDRAWAL_BENEFIT)
    if kept.withdrawal_annual <= 0.0:
        return income
    return change_true_income(kept, remaining=0.0, withdrawal_remaining=0.0)


def _default_certain(income: TrueIncome, plan: TrueIncomeTerms) -> float:
    return endings.default_form(income, plan).certain


def _locks_owner(income: TrueIncome, ground: int) -> bool:
    """Source: TIS-8 (prospectus 4919-4921)."""
    return income.plan == SPOUSAL_TRUE_INCOME and ground != CO_OWNER_REMOVED


def _survives(income: TrueIncome, life: Life, change: int, ground: int, birth: int) -> bool:
    """A new Annuitant ends it, but for the other Designated Life; a new Owner with another taxpayer number, too.

    Source: TI-14, TIS-8, TIS-9 (prospectus 4614-4617, 4898-4902, 4919-4921).
    """
    if income.plan == SPOUSAL_TRUE_INCOME:
        if change == ANNUITANT_CHANGE:
            return income.lives > 1.0 and ground == SUCCESSION and birth == life.spouse_birth
        return ground == CO_OWNER_REMOVED
    asked = endings.TAXPAYER_CHANGED
    if change == ANNUITANT_CHANGE:
        asked = endings.ANNUITANT_CHANGED
    elif ground == CO_OWNER_REMOVED:
        asked = endings.CO_OWNER_REMOVED
    elif ground == SAME_TAXPAYER:
        asked = endings.OTHER_CHANGE
    return endings.answer_to_change(income.plan, asked) == endings.NO_EFFECT


def _lose_life(income: TrueIncome) -> TrueIncome:
    return change_true_income(income, lives=income.lives - 1.0)


def _goes_on(income: TrueIncome) -> bool:
    return income.lives > 1.0


def _for_new_owner(income: TrueIncome) -> TrueIncome:
    """A spouse may elect as a new purchaser, without waiting.  Source: TI-14 (prospectus 4622-4625)."""
    return NEW_TRUE_INCOME


def _elected(blank: TrueIncome, plan: float, effective: float) -> TrueIncome:
    return change_true_income(NEW_TRUE_INCOME, plan=plan, stage=float(PRE), effective=effective)


def _ordinary_facts(
    blank: TrueIncome, plan: TrueIncomeTerms, mode: int, factor: float, elapsed: float
) -> TrueIncomeDay:
    growth = law.growth_over(plan, elapsed / 365.0) if mode == GROW else 1.0
    return TrueIncomeDay(growth, False, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, False, False)


def _ordinary_day(
    blank: TrueIncome, mode: int, state: Array, facts: TrueIncomeDay, terms: Terms, charge: float, permitted: Array,
    bond: Array, charged: Array, hit: Integers,
) -> int:  # fmt: skip
    """Growth of leg (A); there is no transfer formula.  Source: TI-2, TIS-2."""
    accumulated, n_lane, growth = state[ACCUMULATED], permitted.shape[0], facts.growth
    for i in range(n_lane):
        charged[i] += (permitted[i] + bond[i]) * charge
    if mode == GROW:
        for i in range(n_lane):
            alive = permitted[i] + bond[i] > 0.0
            accumulated[i] = accumulated[i] * growth if alive else accumulated[i]
    return 0


def _opening_mode(blank: TrueIncome, plan: TrueIncomeTerms, stage: float, effective: float, as_of: int) -> int:
    if stage == PRE:
        return FREEZE if as_of >= months_after(int(effective), 12 * int(plan.growth_years)) else GROW
    return DRAW if stage == POST else HOLD


def _next_mode(blank: TrueIncome, mode: int, facts: TrueIncomeDay, withdraws: bool) -> int:
    if withdraws and mode != HOLD:
        return DRAW
    return FREEZE if facts.grown and mode == GROW else mode


def recurrences(plan: TrueIncomeTerms, issue: int, effective: int, income_from: int) -> list[tuple[int, int, int, int]]:
    """What recurs under the benefit, rows of `valuation.schedule.flag_days`: the end of the growth of leg (A)."""
    return [(effective, 12 * int(plan.growth_years), 0, LAW)]


def _income_now(income: TrueIncome, facts: TrueIncomeDay, account: float) -> float:
    if income.stage == PRE:
        return facts.percentage * law.protected_withdrawal_value(income, facts, account)
    return income.annual


stored(TrueIncome, CHANGED, READ)
answers(
    TrueIncome,
    benefit_day=_benefit_day,
    no_benefit_day=_no_benefit_day,
    asset_charge=law.asset_charge,
    grow=law.grow,
    roll_year=_roll_year,
    listed=_listed,
    refusal=_refusal,
    elect=_elect,
    pay_in=law.pay_in,
    begin=law.begin,
    yearly_income=_yearly_income,
    remaining_income=_remaining_income,
    income_available=law.income_available,
    within=_within,
    withdraw=law.withdraw,
    step_up_refusal=_step_up_refusal,
    step_up=_step_up,
    set_auto_step_up=law.set_auto_step_up,
    may_set_auto_step_up=_may_set_auto_step_up,
    protected_value=law.protected_withdrawal_value,
    exhaust=_exhaust,
    pay_guaranteed=endings.pay_guaranteed,
    may_choose_payment=_may_choose_payment,
    choose_payment=_choose_payment,
    keeps_income=_keeps_income,
    keep_income=_keep_income,
    keep_withdrawals=_keep_withdrawals,
    default_certain=_default_certain,
    locks_owner=_locks_owner,
    survives=_survives,
    lose_life=_lose_life,
    goes_on=_goes_on,
    for_new_owner=_for_new_owner,
    end=endings.end,
    elected=_elected,
    ordinary_facts=_ordinary_facts,
    ordinary_day=_ordinary_day,
    opening_mode=_opening_mode,
    next_mode=_next_mode,
    income_now=_income_now,
)
