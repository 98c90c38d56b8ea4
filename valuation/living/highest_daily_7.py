"""TrueIncome - Highest Daily 7 and its Spousal version, as the day's order and the lanes ask for them."""

from valuation import highest_daily_7 as law
from valuation.account import Account, money, total
from valuation.asset_transfer import is_due, target_value, transfer_amount, transfer_factor, trigger
from valuation.clock import Day, months_after
from valuation.contract import Array, Core, Integers, Life
from valuation.events import ANNUITANT_CHANGE, CO_OWNER_REMOVED, CUSTODIAN, ENTITY_TO_ENTITY, SAME_TAXPAYER, SUCCESSION
from valuation.failures import Reason
from valuation.highest_daily_7 import Income, IncomeDay, change_income
from valuation.living.annuities import CERTAIN
from valuation.living.answers import answers
from valuation.living.interface import NO_ORDER, Exhausted, Order
from valuation.living.lanes import DRAW, FREEZE, GROW, HOLD, stored
from valuation.schedule import FACTOR, LAW
from valuation.terms import IncomeTerms, Terms

CHANGED = ("last_fee", "periodic", "protected", "annual", "remaining", "taken", "basis", "quarter_high")
READ = ("stage", "first_withdrawal", "enhanced", "principal")

ELECTION_AGE = (int(Reason.ELECTION_AGE_HD7), int(Reason.ELECTION_AGE_SHD7))
NO_SPOUSE = int(Reason.NO_SPOUSE)


def _benefit_day(income: Income, terms: Terms, life: Life, day: Day) -> IncomeDay:
    return law.income_day(income, terms, life, day)


def _no_benefit_day(income: Income) -> IncomeDay:
    return law.NO_INCOME_DAY


def _addition_due(income: Income, facts: IncomeDay) -> bool:
    return facts.tenth_due


def _fee_taken(income: Income, today: int) -> Income:
    return change_income(income, last_fee=float(today))


def _addition(income: Income, plan: IncomeTerms, facts: IncomeDay, account: float) -> float:
    return law.return_of_principal(income, facts, account)


def _roll_year(income: Income, plan: IncomeTerms, facts: IncomeDay, day: Day, account: float) -> Income:
    return law.roll_year(income, facts, day, account)


def _listed(income: Income) -> int:
    return 6 + int(income.plan) if income.stage != law.NONE and income.stage != law.ENDED else 0


def _refusal(income: Income, plan: IncomeTerms, local: int, life: Life, day: Day) -> int:
    if plan.spousal and life.spouse_birth == 0:
        return NO_SPOUSE
    return 0 if law.may_elect(plan, life, day.today) else ELECTION_AGE[local]


def _elect(income: Income, plan: IncomeTerms, local: int, life: Life, account: float, today: int) -> Income:
    return law.elect(local, plan, account, today)


def _yearly_income(income: Income) -> float:
    return income.annual


def _remaining_income(income: Income) -> float:
    return income.remaining


def _capture(income: Income, facts: IncomeDay, day: Day, account: float) -> Income:
    return law.capture_quarter(income, day, account)


def _transfer_order(income: Income, facts: IncomeDay, terms: Terms, account: Account, compared: float) -> Order:
    if income.stage != law.PRE and income.stage != law.POST:
        return NO_ORDER
    basis = law.income_basis(income, facts, compared, total(account))
    target = target_value(terms.transfer, basis, facts.factor, terms.cents)
    amount = transfer_amount(terms.transfer, target, account.permitted, account.bond, terms.cents)
    return Order(amount, basis, facts.factor, target)


def _transfer_due(income: Income, facts: IncomeDay, terms: Terms, account: Account, compared: float) -> int:
    basis = law.income_basis(income, facts, compared, total(account))
    target = target_value(terms.transfer, basis, facts.factor, terms.cents)
    covered = (income.stage == law.PRE) | (income.stage == law.POST)
    return int(covered & (is_due(trigger(terms.transfer, target, account.permitted, account.bond)) > 0))


def _exhaust(
    income: Income, facts: IncomeDay, core: Core, compared: float, by_withdrawal: bool, required: bool, half_cent: float,
    cents: float, today: int,
) -> Exhausted:  # fmt: skip
    """Withdrawals above the Annual Income Amount in the year end the benefit, unless the last met the Required Minimum
    Distribution; a fee that empties the account never does.

    Source: HD7-12, SHD7-4, C-24, A-27 (prospectus 5894-5910, 6549-6567).
    """
    if income.stage == law.PRE:
        income = law.begin(income, facts, compared, today)
    if income.stage != law.POST:
        return Exhausted(income, False, 0.0)
    over = by_withdrawal and not required and income.taken > max(income.annual, core.required) + half_cent
    if over or income.annual <= 0.0:
        return Exhausted(law.end(income, today), False, 0.0)
    now = money(income.remaining, cents)
    return Exhausted(change_income(income, stage=float(law.PAYING), remaining=0.0), True, now)


def _pay_guaranteed(income: Income, day: Day, cents: float, half_cent: float) -> tuple[Income, float]:
    return income, money(income.annual, cents) if day.anniversary else 0.0


def _keeps_income(income: Income) -> bool:
    return income.stage == law.PRE or income.stage == law.POST


def _keep_income(income: Income, facts: IncomeDay, account: float, today: int) -> Income:
    if income.stage == law.PRE:
        income = law.begin(income, facts, account, today)
    return change_income(income, stage=float(law.PAYING))


def _default_certain(income: Income, plan: IncomeTerms) -> float:
    """Source: HD7-13, SHD7-5 (prospectus 5926-5940, 6584-6600)."""
    return CERTAIN


def _fee_on_annuitisation(income: Income, plan: IncomeTerms) -> bool:
    return plan.accrued_fee_on_annuitisation > 0.0


def _locks_owner(income: Income, ground: int) -> bool:
    """Source: SHD7-6 (prospectus 6688-6695)."""
    return income.plan == law.SPOUSAL_HIGHEST_DAILY_7 and ground != CO_OWNER_REMOVED


def _survives(income: Income, life: Life, change: int, ground: int, birth: int) -> bool:
    """A new Annuitant ends it; a new Owner ends it but for the grounds of the text.

    Source: HD7-14, SHD7-6, SHD7-7 (prospectus 6006-6011, 6688-6695, 6748-6762).
    """
    if change == ANNUITANT_CHANGE:
        spousal = income.plan == law.SPOUSAL_HIGHEST_DAILY_7 and income.lives > 1.0
        return spousal and ground == SUCCESSION and birth == life.spouse_birth
    if income.plan == law.SPOUSAL_HIGHEST_DAILY_7:
        return ground == CO_OWNER_REMOVED
    return ground in (SAME_TAXPAYER, CUSTODIAN, ENTITY_TO_ENTITY)


def _lose_life(income: Income) -> Income:
    return change_income(income, lives=income.lives - 1.0)


def _goes_on(income: Income) -> bool:
    return income.lives > 1.0


def _elected(blank: Income, plan: float, effective: float) -> Income:
    return change_income(law.NEW_INCOME, plan=plan, stage=float(law.PRE), effective=effective)


def _ordinary_facts(blank: Income, plan: IncomeTerms, mode: int, factor: float, elapsed: float) -> IncomeDay:
    growth = law.growth_factor(plan, elapsed) if mode == GROW else 1.0
    return IncomeDay(growth, mode == FREEZE, False, False, factor, 0.0, 0.0, False)


def _ordinary_day(
    blank: Income, mode: int, state: Array, facts: IncomeDay, terms: Terms, charge: float, permitted: Array, bond: Array,
    charged: Array, hit: Integers,
) -> int:  # fmt: skip
    """Growth of the Periodic Value, comparison, and the test of Appendix F.  Source: HD7-3, HD7-4, ATF-10, ATF-11."""
    periodic, basis, highest, enhanced = state[7], state[12], state[13], state[15]
    n_lane, transfer, growth, factor = permitted.shape[0], terms.transfer, facts.growth, facts.factor
    moved = 0
    if mode == HOLD:
        for i in range(n_lane):
            charged[i] += (permitted[i] + bond[i]) * charge
    elif mode == GROW:
        for i in range(n_lane):
            account = permitted[i] + bond[i]
            charged[i] += account * charge
            value = law.grow_value(periodic[i], growth, account) if account > 0.0 else periodic[i]
            periodic[i] = value
            hit[i] = is_due(trigger(transfer, target_value(transfer, value, factor, 0.0), permitted[i], bond[i]))
            moved += hit[i]
    elif mode == FREEZE:
        for i in range(n_lane):
            account = permitted[i] + bond[i]
            charged[i] += account * charge
            value = max(max(account, periodic[i]), enhanced[i])
            hit[i] = is_due(trigger(transfer, target_value(transfer, value, factor, 0.0), permitted[i], bond[i]))
            moved += hit[i]
    else:
        for i in range(n_lane):
            account = permitted[i] + bond[i]
            charged[i] += account * charge
            value = max(max(basis[i], highest[i]), account)
            hit[i] = is_due(trigger(transfer, target_value(transfer, value, factor, 0.0), permitted[i], bond[i]))
            moved += hit[i]
    return moved


def _opening_mode(blank: Income, plan: IncomeTerms, stage: float, effective: float, as_of: int) -> int:
    if stage == law.PRE:
        return FREEZE if as_of >= months_after(int(effective), 12 * int(plan.tenth_years)) else GROW
    return DRAW if stage == law.POST else HOLD


def _next_mode(blank: Income, mode: int, facts: IncomeDay, withdraws: bool) -> int:
    if withdraws and mode != HOLD:
        return DRAW
    return FREEZE if facts.tenth_due and mode == GROW else mode


def _opening_factor(blank: Income, effective: float, as_of: int) -> float:
    return transfer_factor(int(effective), as_of) if effective > 0.0 else 0.0


def _factor_of(facts: IncomeDay) -> float:
    return facts.factor


def recurrences(plan: IncomeTerms, issue: int, effective: int, income_from: int) -> list[tuple[int, int, int, int]]:
    """What recurs under the benefit, rows of `valuation.schedule.flag_days`: quarters, months and the Tenth Anniversary."""
    return [
        (issue, 3, income_from, LAW),
        (effective, 3, 0, LAW),
        (effective, 1, 0, FACTOR),
        (effective, 12 * int(plan.tenth_years), 0, LAW),
    ]


def _income_now(income: Income, facts: IncomeDay, account: float) -> float:
    if income.stage == law.PRE:
        return facts.percentage * law.protected_withdrawal_value(income, facts, account)
    return income.annual


stored(Income, CHANGED, READ)
answers(
    Income,
    benefit_day=_benefit_day,
    no_benefit_day=_no_benefit_day,
    addition_due=_addition_due,
    grow=law.grow,
    quarterly_fee=law.quarterly_fee,
    fee_taken=_fee_taken,
    addition=_addition,
    roll_year=_roll_year,
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
    protected_value=law.protected_withdrawal_value,
    accrued_fee=law.accrued_fee,
    exhaust=_exhaust,
    pay_guaranteed=_pay_guaranteed,
    keeps_income=_keeps_income,
    keep_income=_keep_income,
    default_certain=_default_certain,
    fee_on_annuitisation=_fee_on_annuitisation,
    locks_owner=_locks_owner,
    survives=_survives,
    lose_life=_lose_life,
    goes_on=_goes_on,
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
answers(IncomeDay, factor_of=_factor_of)
