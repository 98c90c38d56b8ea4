"""The Guaranteed Minimum Income Benefit, as the day's order and the lanes ask for it.

Readings  the benefit stays in the stage before a first withdrawal: none begins anything under it
          in a projection nobody steps up or withdraws; payments under the benefit begin on the last Annuity Anniversary that
          allows them, where the Protected Income Value at the special rates of Option 1 is worth more than the Account Value;
          the share of contracts that begins before is an assumption, and is settled at the value of the payments
          a death in the certain period takes effect at its end: what is certain is paid to the Beneficiary
"""

from typing import Any

import numpy as np

from valuation import guaranteed_minimum_income as law
from valuation import guaranteed_minimum_payments as payments
from valuation.clock import NEVER, Day, civil, completed_months, completed_years, months_after
from valuation.compile import rule
from valuation.contract import Array, Integers, Life
from valuation.death_benefit_choices import LIVING_BENEFITS
from valuation.eligibility import ELECTION_AGE, ELECTION_AT_ISSUE
from valuation.failures import Reason
from valuation.guaranteed_minimum_income import ProtectedDay, ProtectedIncome, change_day, change_protected
from valuation.guaranteed_minimum_rates import CURRENT, SPECIAL, option_1_rate, option_2_rate
from valuation.living.answers import answers
from valuation.living.choices import NO_JOINT, Annuity
from valuation.living.interface import NO_STEP_UP
from valuation.living.lanes import GROW, HOLD, stored
from valuation.schedule import CHOOSE, EXERCISE, LAW, PAY
from valuation.sessions import on_or_after
from valuation.terms import Terms
from valuation.terms.benefits import GmibTerms, load_annuity_option_terms

CHANGED = ("last_fee", "stopped", "value", "limit", "remaining", "accrued", "accrued_next", "through")
READ = ("stage", "ended", "stop", "maximum", "charge", "payment", "certain")
RESET, VALUE, STOPPED, ACCRUED, ACCRUED_NEXT, THROUGH = (
    ProtectedIncome._fields.index(name) for name in ("reset", "value", "stopped", "accrued", "accrued_next", "through")
)

ONCE = 12 * 400
"""Months of a clock that strikes once: the whole cycle of the calendar, so that every date comes back."""

BENEFIT_ANNUITY_NOT_DUE = int(Reason.BENEFIT_ANNUITY_NOT_DUE)
STEP_UP_NOT_DUE = int(Reason.STEP_UP_NOT_DUE)
LISTED = LIVING_BENEFITS.index("GMIB")
OPTIONS = load_annuity_option_terms()
CERTAIN_MONTHS = int(OPTIONS.certain_months)


def _benefit_day(income: ProtectedIncome, terms: Terms, life: Life, day: Day) -> ProtectedDay:
    """Facts of the day, with what the value would pay in a year under Option 1 if payments began today."""
    plan: Any = terms.income[0]
    facts = law.protected_day(income, plan, life, day)
    if income.stage != law.ACTIVE:
        return facts
    age, years = completed_years(life.annuitant_birth, day.today), payments.years_since_reset(income, day.today)
    rate = option_1_rate(SPECIAL, life.annuitant_sex, age, civil(day.today)[0], years)
    return change_day(facts, special=12.0 * rate)


def _no_benefit_day(income: ProtectedIncome) -> ProtectedDay:
    return law.NO_PROTECTED_DAY


def _accrue(income: ProtectedIncome, plan: GmibTerms, facts: ProtectedDay) -> ProtectedIncome:
    return law.accrue(income, plan, facts)


def _fee_first(income: ProtectedIncome) -> bool:
    """Source: README decision 14."""
    return True


def _fee_taken(income: ProtectedIncome, today: int) -> ProtectedIncome:
    return change_protected(income, last_fee=float(today))


def _roll_year(
    income: ProtectedIncome, plan: GmibTerms, facts: ProtectedDay, day: Day, account: float
) -> ProtectedIncome:
    return law.roll_year(income, facts, day, account)


def covered_birth(plan: float, life: Life) -> int:
    """Birth of the person whose age decides: the Annuitant.  Source: EL-2 (prospectus 3849-3853)."""
    return life.annuitant_birth


def _refusal(income: ProtectedIncome, plan: GmibTerms, local: int, life: Life, day: Day) -> int:
    if day.today != life.issue:
        return ELECTION_AT_ISSUE
    return 0 if law.may_elect(plan, life, day.today) else ELECTION_AGE


def _elect(
    income: ProtectedIncome, plan: GmibTerms, local: int, life: Life, account: float, today: int
) -> ProtectedIncome:
    return law.elect(plan, life, account, today)


def _yes(income: ProtectedIncome) -> bool:
    return True


def _no(income: ProtectedIncome) -> bool:
    return False


def _within(income: ProtectedIncome, available: float) -> float:
    """No withdrawal is spared the least Surrender Value.  Source: README decision 11."""
    return 0.0


def _listed(income: ProtectedIncome) -> int:
    return LISTED if income.stage == law.ACTIVE else 0


def _step_up_refusal(income: ProtectedIncome, plan: GmibTerms, facts: ProtectedDay, account: float, today: int) -> int:
    if income.stage != law.ACTIVE:
        return NO_STEP_UP
    return 0 if law.may_step_up(income, plan, facts, account) else STEP_UP_NOT_DUE


def _step_up(
    income: ProtectedIncome, plan: GmibTerms, facts: ProtectedDay, life: Life, account: float, today: int
) -> ProtectedIncome:
    return law.step_up(income, plan, life, account, today)


def _protected_value(income: ProtectedIncome, facts: ProtectedDay, account: float) -> float:
    return income.value


def _accrued_fee(income: ProtectedIncome, plan: GmibTerms, facts: ProtectedDay, account: float, today: int) -> float:
    """Before the day has opened, also the charge of a year that ends today.  Source: GMIB-13, GMIB-14."""
    if income.through >= facts.today:
        return law.accrued_fee(income, plan, facts, account, today)
    income = law.accrue(income, plan, facts)
    year = law.annual_fee(income, plan, facts, account)
    if facts.fee_due:
        income = change_protected(income, accrued=income.accrued_next)
    return min(account, year + law.accrued_fee(income, plan, facts, account, today))


def _survives(income: ProtectedIncome, life: Life, change: int, ground: int, birth: int) -> bool:
    """No change of designations ends it, but an Annuitant too old.  Source: GMIB-15, GMIB-16."""
    return True


def _too_old(income: ProtectedIncome, plan: GmibTerms, life: Life, today: int) -> bool:
    return law.change_annuitant(income, plan, life, today).stage == law.ENDED


def _same(income: ProtectedIncome) -> ProtectedIncome:
    return income


def _annuity_refusal(income: ProtectedIncome, plan: GmibTerms, life: Life, day: Day) -> int:
    allowed = payments.may_annuitise(income, plan, life, day, life.qualified == 1)
    return 0 if allowed else BENEFIT_ANNUITY_NOT_DUE


def _annuity_first_allowed(income: ProtectedIncome, plan: GmibTerms, life: Life, day: Day) -> bool:
    return day.anniversary == payments.first_exercise(income, plan, life)


def _fee_on_annuitisation(income: ProtectedIncome, plan: GmibTerms) -> bool:
    """Source: GMIB-14 (prospectus 4186-4191)."""
    return True


def _keeps_income(income: ProtectedIncome) -> bool:
    return income.stage == law.ACTIVE


def _begin_annuity(
    income: ProtectedIncome, plan: GmibTerms, facts: ProtectedDay, life: Life, annuity: Annuity, day: Day
) -> ProtectedIncome:
    """Option 1, or Option 2 where a Joint Annuitant is named.  Source: GMIB-11, GMIB-12 (prospectus 4047-4090)."""
    year, years = civil(day.today)[0], payments.years_since_reset(income, day.today)
    age, sex = completed_years(life.annuitant_birth, day.today), life.annuitant_sex
    if annuity.joint_birth == NO_JOINT:
        special = option_1_rate(SPECIAL, sex, age, year, years)
        current = option_1_rate(CURRENT, sex, age, year, years)
        amount = payments.annuity_payment(income, special, current, annuity.account, annuity.tax)
        payout = payments.begin_option_1(OPTIONS, amount, day.today)
    else:
        other = completed_years(annuity.joint_birth, day.today)
        special = option_2_rate(
            SPECIAL, sex, age, annuity.joint_sex, other, year, years, CERTAIN_MONTHS, plan.survivor_share
        )
        current = option_2_rate(
            CURRENT, sex, age, annuity.joint_sex, other, year, years, CERTAIN_MONTHS, plan.survivor_share
        )
        amount = payments.annuity_payment(income, special, current, annuity.account, annuity.tax)
        payout = payments.begin_option_2(plan, OPTIONS, amount, day.today)
    return payments.with_payments(income, payout, day.today, annuity.cents)


def _first_payment(income: ProtectedIncome, day: Day, cents: float, half_cent: float) -> tuple[ProtectedIncome, float]:
    return payments.pay_annuity(income, day.today, cents)


def _pay_guaranteed(income: ProtectedIncome, day: Day, cents: float, half_cent: float) -> tuple[ProtectedIncome, float]:
    if income.stage != law.ANNUITISED:
        return income, 0.0
    return payments.pay_annuity(income, day.today, cents)


def _pays_on(blank: ProtectedIncome, day: Day) -> bool:
    return True


def _yearly_income(income: ProtectedIncome) -> float:
    return 12.0 * income.payment


def _income_now(income: ProtectedIncome, facts: ProtectedDay, account: float) -> float:
    return facts.special * income.value if income.stage == law.ACTIVE else 12.0 * income.payment


# -- lanes -----------------------------------------------------------------------------------------------------------


@rule
def _elected(blank: ProtectedIncome, plan: float, effective: float) -> ProtectedIncome:
    return change_protected(law.NEW_PROTECTED_INCOME, stage=float(law.ACTIVE), effective=effective, reset=effective)


def _known(blank: ProtectedIncome, state: Array) -> ProtectedIncome:
    """The special rates also ask for the day of the last step-up."""
    return change_protected(_elected(blank, 0.0, state[2, 0]), reset=state[RESET, 0])


def _ordinary_facts(blank: ProtectedIncome, plan: GmibTerms, mode: int, factor: float, elapsed: float) -> ProtectedDay:
    return law.NO_PROTECTED_DAY


def _facts_of(
    blank: ProtectedIncome, terms: Terms, mode: int, settled: ProtectedDay, state: Array, life: Life, day: Day
) -> ProtectedDay:
    if mode == HOLD:
        return settled
    plan: Any = terms.income[0]
    return law.protected_day(_elected(blank, 0.0, state[2, 0]), plan, life, day)


@rule
def _day_of_lane(state: Array, i: int, plan: GmibTerms, facts: ProtectedDay) -> None:
    """Average and growth of one lane: what `dues` does on a day on which nothing falls due."""
    benefit = law.accrue(_at(state[:, i]), plan, facts)
    benefit = law.grow(benefit, plan, facts, 0.0)
    state[VALUE, i], state[STOPPED, i], state[THROUGH, i] = benefit.value, benefit.stopped, benefit.through
    state[ACCRUED, i], state[ACCRUED_NEXT, i] = benefit.accrued, benefit.accrued_next


def _ordinary_day(
    blank: ProtectedIncome, mode: int, state: Array, facts: ProtectedDay, terms: Terms, charge: float, permitted: Array,
    bond: Array, charged: Array, hit: Integers,
) -> int:  # fmt: skip
    """Average and growth of the Protected Income Value; the Account Value plays no part.  Source: GMIB-3, GMIB-13."""
    plan: Any = terms.income[0]
    for i in range(permitted.shape[0]):
        charged[i] += (permitted[i] + bond[i]) * charge
    if mode == GROW:
        for i in range(permitted.shape[0]):
            _day_of_lane(state, i, plan, facts)
    return 0


def _opening_mode(blank: ProtectedIncome, plan: GmibTerms, stage: float, effective: float, as_of: int) -> int:
    return GROW if stage == law.ACTIVE else HOLD


def _next_mode(blank: ProtectedIncome, mode: int, facts: ProtectedDay, withdraws: bool) -> int:
    return mode


def _stops_by_death(income: ProtectedIncome, dies: float, ends: Array, as_of: int, month: int) -> float:
    """None in the certain period, all of its deaths at its end.  Source: GMIB-12 (prospectus 4068-4072)."""
    if income.stage != law.ANNUITISED:
        return dies
    last = months_after(int(income.ended), int(income.certain) - 1)
    if last > months_after(as_of, month + 1):
        return 0.0
    if last <= months_after(as_of, month):
        return dies
    alive = 1.0
    for k in range(completed_months(as_of, max(int(income.ended), as_of)), month + 1):
        alive *= 1.0 - ends[k]
    return 1.0 - alive


def recurrences(plan: GmibTerms, issue: int, effective: int, income_from: int) -> list[tuple[int, int, int, int]]:
    """Nothing recurs under the benefit but on Annuity Anniversaries."""
    return []


def dated(plan: GmibTerms, state: ProtectedIncome, life: Life, as_of: int) -> list[tuple[int, int, int, int]]:
    """The anniversaries on which payments can begin, the last of them, and the months of payments from then on.

    Rows of `valuation.schedule.flag_days`.
    """
    if state.stage == law.ANNUITISED:
        return [(int(state.ended), 1, 0, LAW | PAY)]
    last = min(payments.last_exercise(plan, life, life.qualified == 1), life.annuity_date)
    years = completed_years(life.issue, last)
    nominal = months_after(life.issue, 12 * years)
    first = payments.first_exercise(state, plan, life) if state.stage == law.ACTIVE else NEVER
    if nominal < first or nominal <= as_of:
        return []
    begins = int(on_or_after(np.array([nominal]))[0])
    can = (life.issue, 12, first - 1, LAW | CHOOSE)
    return [(months_after(nominal, -ONCE), ONCE, 0, LAW | EXERCISE), (begins, 1, 0, LAW | PAY), can]


_at = stored(ProtectedIncome, CHANGED, READ)
answers(
    ProtectedIncome,
    benefit_day=_benefit_day,
    no_benefit_day=_no_benefit_day,
    accrue=_accrue,
    fee_first=_fee_first,
    grow=law.grow,
    quarterly_fee=law.annual_fee,
    fee_taken=_fee_taken,
    roll_year=_roll_year,
    listed=_listed,
    refusal=_refusal,
    owner_may_end=_no,
    elect=_elect,
    pay_in=law.pay_in,
    step_up_refusal=_step_up_refusal,
    step_up=_step_up,
    income_available=law.income_available,
    within=_within,
    withdraw=law.withdraw,
    protected_value=_protected_value,
    accrued_fee=_accrued_fee,
    survives=_survives,
    too_old=_too_old,
    new_annuitant=law.change_annuitant,
    lose_life=_same,
    goes_on=_yes,
    charged_at_death=_yes,
    fee_on_annuitisation=_fee_on_annuitisation,
    keeps_income=_keeps_income,
    annuity_refusal=_annuity_refusal,
    annuity_first_allowed=_annuity_first_allowed,
    annuitises=_yes,
    charged_at_annuity=_yes,
    begin_annuity=_begin_annuity,
    first_payment=_first_payment,
    pay_guaranteed=_pay_guaranteed,
    pays_on=_pays_on,
    death_in_payout=payments.life_ends,
    yearly_income=_yearly_income,
    end=law.end,
    elected=_elected,
    known=_known,
    ordinary_facts=_ordinary_facts,
    facts_of=_facts_of,
    ordinary_day=_ordinary_day,
    opening_mode=_opening_mode,
    next_mode=_next_mode,
    stops_by_death=_stops_by_death,
    income_now=_income_now,
)
