"""TrueIncome - Highest Daily, as the day's order and the lanes ask for it.

The Benefit Fixed Rate Account stands in the place of the bond Sub-account: its Units are dollars, its price is 1, and its
interest is growth of the Units at the opening of a day.

Readings   all layers of the account earn the one declared rate of the terms, so that neither their order nor a renewal can
           change its value, and no layer is kept; `valuation.benefit_fixed_rate_account` has them for rates that change
           neither the daily charges of the Sub-accounts nor the Annual Maintenance Fee are taken from that account
           (LB-FEE-5, README decision 14); withdrawals are, in proportion (A-37)
           a request to withdraw on the Tenth Anniversary forfeits the Return of Principal even where it is refused
"""

from typing import Any

from valuation import highest_daily as law
from valuation import highest_daily_endings as endings
from valuation.account import Account, money, total
from valuation.asset_transfer import is_due, transfer_amount, transfer_factor, trigger
from valuation.benefit_fixed_rate_account import interest
from valuation.clock import Day, completed_months, months_after
from valuation.contract import Array, Core, Integers, Life
from valuation.events import AN_ENTITY, ANNUITANT_CHANGE, ENTITY_TO_ENTITY, SAME_TAXPAYER
from valuation.failures import Reason
from valuation.highest_daily import HighestDaily, HighestDailyDay, change_highest_daily, change_highest_daily_day
from valuation.highest_daily_7 import ENDED, NONE, PAYING, POST, PRE
from valuation.living.annuities import CERTAIN
from valuation.living.answers import answers
from valuation.living.interface import NO_ORDER, Exhausted, Order
from valuation.living.lanes import DRAW, FREEZE, GROW, HOLD, stored
from valuation.schedule import FACTOR, LAW
from valuation.terms import Terms
from valuation.terms.benefits import HighestDailyTerms

CHANGED = ("protected", "total_annual", "highest_daily", "remaining", "taken", "quarter_high", "charge")
READ = ("plan", "stage", "first_withdrawal", "enhanced", "principal", "steps_up")
PROTECTED, HIGHEST, QUARTER = (
    HighestDaily._fields.index(name) for name in ("protected", "highest_daily", "quarter_high")
)

ELECTION_AGE = int(Reason.ELECTION_AGE)
NO_SECOND_ELECTION = int(Reason.NO_SECOND_ELECTION)


def _benefit_day(income: HighestDaily, terms: Terms, life: Life, day: Day) -> HighestDailyDay:
    plan: Any = terms.income[int(income.plan)]
    return law.highest_daily_day(income, plan, day, False)


def _no_benefit_day(income: HighestDaily) -> HighestDailyDay:
    return law.NO_HIGHEST_DAILY_DAY


def _with_requests(facts: HighestDailyDay, withdrawal: bool) -> HighestDailyDay:
    return change_highest_daily_day(facts, requested=withdrawal)


def _account_growth(facts: HighestDailyDay) -> float:
    return facts.interest


def _credited(facts: HighestDailyDay) -> HighestDailyDay:
    return change_highest_daily_day(facts, interest=1.0)


def _addition_due(income: HighestDaily, facts: HighestDailyDay) -> bool:
    return facts.tenth_due


def _addition(income: HighestDaily, plan: HighestDailyTerms, facts: HighestDailyDay, account: float) -> float:
    return law.return_of_principal(income, facts, account)


def _own_account(income: HighestDaily) -> bool:
    return True


def _listed(income: HighestDaily) -> int:
    return 5 if income.stage != NONE and income.stage != ENDED else 0


def _refusal(income: HighestDaily, plan: HighestDailyTerms, local: int, life: Life, day: Day) -> int:
    if income.once > 0.0:
        return NO_SECOND_ELECTION
    return 0 if completed_months(life.annuitant_birth, day.today) >= plan.election_months else ELECTION_AGE


def _elect(
    income: HighestDaily, plan: HighestDailyTerms, local: int, life: Life, account: float, today: int
) -> HighestDaily:
    return law.elect(plan, account, today)


def _yearly_income(income: HighestDaily) -> float:
    return income.total_annual


def _remaining_income(income: HighestDaily) -> float:
    return income.remaining


def _capture(income: HighestDaily, facts: HighestDailyDay, day: Day, account: float) -> HighestDaily:
    return law.capture_quarter(income, day, account)


def _transfer_order(
    income: HighestDaily, facts: HighestDailyDay, terms: Terms, account: Account, compared: float
) -> Order:
    if income.stage != PRE and income.stage != POST:
        return NO_ORDER
    plan: Any = terms.income[int(income.plan)]
    value = law.income_value(income, facts, compared, total(account))
    target = law.target_value(plan, value, facts.factor, terms.cents)
    amount = transfer_amount(law.transfer_terms(plan), target, account.permitted, account.bond, terms.cents)
    return Order(amount, value, facts.factor, target)


def _transfer_due(income: HighestDaily, facts: HighestDailyDay, terms: Terms, account: Account, compared: float) -> int:
    plan: Any = terms.income[int(income.plan)]
    value = law.income_value(income, facts, compared, total(account))
    target = law.target_value(plan, value, facts.factor, terms.cents)
    covered = (income.stage == PRE) | (income.stage == POST)
    due = is_due(trigger(law.transfer_terms(plan), target, account.permitted, account.bond))
    return int(covered & (due > 0))


def _protected_value(income: HighestDaily, facts: HighestDailyDay, account: float) -> float:
    """After the first withdrawal it is no longer calculated, and stays.  Source: HD-6, HD-7 (prospectus 5070-5076)."""
    in_force = income.stage == PRE or income.stage == POST
    return law.total_protected_withdrawal_value(income, facts, account) if in_force else 0.0


def _exhaust(
    income: HighestDaily, facts: HighestDailyDay, core: Core, compared: float, by_withdrawal: bool, required: bool,
    half_cent: float, cents: float, today: int,
) -> Exhausted:  # fmt: skip
    """What is left of the Annuity Year is paid at once; a withdrawal for the Required Minimum Distribution ends nothing.

    Source: HD-13, C-18, C-24, A-27 (prospectus 5265-5277).
    """
    after = endings.exhaust(income, facts, core, compared, by_withdrawal and not required, today, half_cent)
    now = money(endings.guaranteed_now(after), cents)
    return Exhausted(endings.paid(after) if after.stage == PAYING else after, after.stage == PAYING, now)


def _pay_guaranteed(income: HighestDaily, day: Day, cents: float, half_cent: float) -> tuple[HighestDaily, float]:
    return income, money(endings.guaranteed_payment(income, day), cents)


def _keeps_income(income: HighestDaily) -> bool:
    return income.stage == PRE or income.stage == POST


def _default_certain(income: HighestDaily, plan: HighestDailyTerms) -> float:
    """Source: HD-14 (prospectus 5288-5302)."""
    return CERTAIN


def _survives(income: HighestDaily, life: Life, change: int, ground: int, birth: int) -> bool:
    """Source: HD-15 (prospectus 5357-5362)."""
    annuitant = change == ANNUITANT_CHANGE
    same = ground in (SAME_TAXPAYER, ENTITY_TO_ENTITY)
    return not endings.cancelled_by_change(annuitant, not annuitant, same, birth == AN_ENTITY)


def _lose_life(income: HighestDaily) -> HighestDaily:
    return change_highest_daily(income, lives=income.lives - 1.0)


def _elected(blank: HighestDaily, plan: float, effective: float) -> HighestDaily:
    return change_highest_daily(law.NEW_HIGHEST_DAILY, plan=plan, stage=float(PRE), effective=effective)


def _ordinary_facts(
    blank: HighestDaily, plan: HighestDailyTerms, mode: int, factor: float, elapsed: float
) -> HighestDailyDay:
    growth = law.growth_factor(plan, elapsed) if mode == GROW else 1.0
    earned = interest(plan.declared_rate, elapsed) if mode != HOLD else 1.0
    return HighestDailyDay(
        growth, mode == FREEZE, False, factor, plan.income_share, plan.yearly_charge, False, False, earned, False
    )


def _ordinary_day(
    blank: HighestDaily, mode: int, state: Array, facts: HighestDailyDay, terms: Terms, charge: float, permitted: Array,
    bond: Array, charged: Array, hit: Integers,
) -> int:  # fmt: skip
    """Growth and comparison, and the test of Appendix D.  Source: HD-3, HD-4, ATF-2, ATF-3."""
    plan: Any = terms.income[0]
    ratios, share, growth, factor = law.transfer_terms(plan), facts.percentage, facts.growth, facts.factor
    protected, highest, quarter = state[PROTECTED], state[HIGHEST], state[QUARTER]
    n_lane, moved = permitted.shape[0], 0
    for i in range(n_lane):
        charged[i] += permitted[i] * charge
    if mode == GROW:
        for i in range(n_lane):
            account = permitted[i] + bond[i]
            grown = max(protected[i] * growth, account)
            protected[i] = grown if account > 0.0 else protected[i]
            target = law.target_value(plan, share * protected[i], factor, 0.0)
            hit[i] = is_due(trigger(ratios, target, permitted[i], bond[i]))
            moved += hit[i]
    elif mode == FREEZE:
        for i in range(n_lane):
            value = share * max(protected[i], permitted[i] + bond[i])
            target = law.target_value(plan, value, factor, 0.0)
            hit[i] = is_due(trigger(ratios, target, permitted[i], bond[i]))
            moved += hit[i]
    elif mode == DRAW:
        for i in range(n_lane):
            value = max(highest[i], share * max(quarter[i], permitted[i] + bond[i]))
            target = law.target_value(plan, value, factor, 0.0)
            hit[i] = is_due(trigger(ratios, target, permitted[i], bond[i]))
            moved += hit[i]
    return moved


def _opening_mode(blank: HighestDaily, plan: HighestDailyTerms, stage: float, effective: float, as_of: int) -> int:
    if stage == PRE:
        return FREEZE if as_of >= months_after(int(effective), 12 * int(plan.tenth_years)) else GROW
    return DRAW if stage == POST else HOLD


def _next_mode(blank: HighestDaily, mode: int, facts: HighestDailyDay, withdraws: bool) -> int:
    if withdraws and mode != HOLD:
        return DRAW
    return FREEZE if facts.tenth_due and mode == GROW else mode


def _opening_factor(blank: HighestDaily, effective: float, as_of: int) -> float:
    return transfer_factor(int(effective), as_of) if effective > 0.0 else 0.0


def _factor_of(facts: HighestDailyDay) -> float:
    return facts.factor


def recurrences(
    plan: HighestDailyTerms, issue: int, effective: int, income_from: int
) -> list[tuple[int, int, int, int]]:
    """What recurs under the benefit, rows of `valuation.schedule.flag_days`: quarters, months and the Tenth Anniversary."""
    return [
        (issue, 3, income_from, LAW),
        (effective, 1, 0, FACTOR),
        (effective, 12 * int(plan.tenth_years), 0, LAW),
    ]


def covered_birth(plan: float, life: Life) -> int:
    """Birth of the designated life: the Annuitant.  Source: EL-5 (prospectus 5351-5355)."""
    return life.annuitant_birth


def _income_now(income: HighestDaily, facts: HighestDailyDay, account: float) -> float:
    if income.stage == PRE:
        return facts.percentage * law.total_protected_withdrawal_value(income, facts, account)
    return income.total_annual


stored(HighestDaily, CHANGED, READ)
answers(
    HighestDaily,
    benefit_day=_benefit_day,
    no_benefit_day=_no_benefit_day,
    asset_charge=law.benefit_charge,
    addition_due=_addition_due,
    grow=law.grow,
    addition=_addition,
    own_account=_own_account,
    roll_year=law.roll_year,
    listed=_listed,
    refusal=_refusal,
    elect=_elect,
    pay_in=law.pay_in,
    begin=law.begin,
    yearly_income=_yearly_income,
    remaining_income=_remaining_income,
    income_available=law.income_available,
    withdraw=law.withdraw,
    capture=_capture,
    transfer_order=_transfer_order,
    protected_value=_protected_value,
    exhaust=_exhaust,
    pay_guaranteed=_pay_guaranteed,
    keeps_income=_keeps_income,
    keep_income=endings.keep_income,
    default_certain=_default_certain,
    survives=_survives,
    lose_life=_lose_life,
    end=law.end,
    elected=_elected,
    ordinary_facts=_ordinary_facts,
    ordinary_day=_ordinary_day,
    transfer_due=_transfer_due,
    opening_mode=_opening_mode,
    next_mode=_next_mode,
    opening_factor=_opening_factor,
    income_now=_income_now,
)
answers(
    HighestDailyDay,
    with_requests=_with_requests,
    account_growth=_account_growth,
    credited=_credited,
    factor_of=_factor_of,
)
