"""TrueAccumulation - Highest Daily, as the day's order and the lanes ask for it.

The bond Sub-account of a contract is the AST bond Sub-account of the state's maturity year: only one holds value at a time.

Readings   every AST bond portfolio has the Unit Price of the one bond Sub-account of the price table, so that a move from
           one maturity year to another changes no value and no Units
           a change of Owner or Annuitant does not end the benefit: the text has no such end (TAHD-12)
           a second election waits for an Annuity Anniversary, also where the first benefit was another one
           in a projection the charge goes on from the benefit's last anniversary to the latest Annuity Date
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from valuation import accumulation_transfer as atf
from valuation import true_accumulation as law
from valuation.account import Account
from valuation.asset_transfer import Trigger, is_due
from valuation.asset_transfer import trigger as by_thresholds
from valuation.clock import Day
from valuation.contract import Array, Integers, Life
from valuation.failures import Reason
from valuation.journal import MATURITY
from valuation.living.answers import answers
from valuation.living.interface import benefit_day
from valuation.living.lanes import GROW, HOLD, elected, stored
from valuation.schedule import LAW
from valuation.terms import Terms
from valuation.terms.benefits import AccumulationTerms, load_accumulation_terms
from valuation.true_accumulation import (
    IN_FORCE,
    NEW_ACCUMULATION,
    NO_ACCUMULATION_DAY,
    PLACES,
    Accumulation,
    AccumulationDay,
    Ladder,
    change_accumulation,
)

CHANGED = tuple(name for name in Accumulation._fields if name not in ("plan", "effective"))
READ = ("effective",)
HIGHEST, FIRST = (Accumulation._fields.index(name) for name in ("highest", "guarantee_0"))
CHARGE = load_accumulation_terms().annual_charge
"""In the Unit Price, fraction per year (LB-FEE-1)."""

LISTED = 1
"""Place in `death_benefit_choices.LIVING_BENEFITS`."""

ELECTION_AGE = int(Reason.ELECTION_AGE)
ELECTION_ON_ANNIVERSARY = int(Reason.ELECTION_ON_ANNIVERSARY)


_trigger: Callable[..., Trigger] = by_thresholds
"""Whether money moves by the three thresholds, L, V and B: the arithmetic is that of Appendix F."""


class BondDay(NamedTuple):
    """What is true of the benefit on one Valuation Day; the same for every scenario of a contract."""

    ladder: AccumulationDay
    factors: Ladder  # present value of 1 USD at the maturity date of every outstanding guarantee
    fee_due: bool  # never: the charge is in the Unit Price


class BondOrder(NamedTuple):
    """What the transfer formula decides; amounts in USD."""

    amount: float  # above 0 into the bond Sub-account, below 0 out of it
    basis: float  # guaranteed amount of the current liability
    factor: float  # its present value per USD
    target: float  # L
    year: float  # maturity year of the AST bond Sub-account that holds value afterwards; 0 if none


NO_BOND_DAY = BondDay(NO_ACCUMULATION_DAY, (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), False)
NO_BOND_ORDER = BondOrder(0.0, 0.0, 0.0, 0.0, 0.0)


def _benefit_day(income: Accumulation, terms: Terms, life: Life, day: Day) -> BondDay:
    plan: Any = terms.income[int(income.plan)]
    ladder = law.accumulation_day(income, plan, life, day)
    return BondDay(ladder, atf.discount_factors(ladder, atf.discounting_of(plan)), False)


def _no_benefit_day(income: Accumulation) -> BondDay:
    return NO_BOND_DAY


def _asset_charge(income: Accumulation) -> float:
    return CHARGE if income.stage == IN_FORCE else 0.0


def _grow(income: Accumulation, plan: AccumulationTerms, facts: BondDay, account: float) -> Accumulation:
    return law.grow(income, plan, facts.ladder, account)


def _addition_due(income: Accumulation, facts: BondDay) -> bool:
    return facts.ladder.matures


def _addition(income: Accumulation, plan: AccumulationTerms, facts: BondDay, account: float) -> float:
    return law.maturity_amount(income, facts.ladder, account, 0.0)


def _yes(income: Accumulation) -> bool:
    return True


def _addition_row(income: Accumulation) -> int:
    return MATURITY


def _released(income: Accumulation, facts: BondDay, account: Account) -> float:
    return law.released(income, facts.ladder, account.bond)


def _after_addition(income: Accumulation, plan: AccumulationTerms, facts: BondDay) -> Accumulation:
    return law.mature(income, facts.ladder)


def _roll_year(income: Accumulation, plan: AccumulationTerms, facts: BondDay, day: Day, account: float) -> Accumulation:
    return law.roll_year(income, facts.ladder, day, account)


def _ends_today(income: Accumulation, facts: BondDay) -> bool:
    return facts.ladder.ends and income.stage == IN_FORCE


def _listed(income: Accumulation) -> int:
    return LISTED if income.stage == IN_FORCE else 0


def _refusal(income: Accumulation, plan: AccumulationTerms, local: int, life: Life, day: Day) -> int:
    return 0 if law.may_elect(plan, life, day.today) else ELECTION_AGE


def _waiting_refusal(income: Accumulation, day: Day) -> int:
    return 0 if law.may_elect_again(income, day) else ELECTION_ON_ANNIVERSARY


def _elect(
    income: Accumulation, plan: AccumulationTerms, local: int, life: Life, account: float, today: int
) -> Accumulation:
    return law.elect(plan, account, today)


def _pay_in(income: Accumulation, plan: AccumulationTerms, facts: BondDay, payment: float) -> Accumulation:
    return law.pay_in(income, plan, facts.ladder, payment)


def _within(income: Accumulation, available: float) -> float:
    """Nothing: the least Surrender Value must be left by every withdrawal.  Source: WD-3, README decision 11."""
    return 0.0


def _transfer_order(income: Accumulation, facts: BondDay, terms: Terms, account: Account, compared: float) -> BondOrder:
    if income.stage != IN_FORCE:
        return NO_BOND_ORDER
    plan: Any = terms.income[int(income.plan)]
    liability = atf.associated(income, facts.ladder, facts.factors, account.bond, terms.cents)
    moved = atf.transfer(income, plan, liability, account.permitted, account.bond, terms.cents)
    basis, factor, amounts = 0.0, 0.0, law.guarantees(income)
    for place in range(PLACES):
        if facts.ladder.years[place] == liability.year:
            basis, factor = amounts[place], facts.factors[place]
    return BondOrder(moved.amount, basis, factor, liability.amount, moved.year)


def _after_transfer(income: Accumulation, order: BondOrder) -> Accumulation:
    return change_accumulation(income, bond_year=order.year)


def _transfer_due(income: Accumulation, facts: BondDay, terms: Terms, account: Account, compared: float) -> int:
    plan: Any = terms.income[int(income.plan)]
    liability = atf.current_liability(income, facts.factors, terms.cents)
    due = is_due(_trigger(plan, liability, account.permitted, account.bond))
    return int((income.stage == IN_FORCE) & (due > 0))


def _protected_value(income: Accumulation, facts: BondDay, account: float) -> float:
    """The greatest guaranteed amount.  Source: TAHD-8."""
    highest = 0.0
    for amount in law.guarantees(income):
        highest = max(highest, amount)
    return highest


def _survives(income: Accumulation, life: Life, change: int, ground: int, birth: int) -> bool:
    return True


def _goes_on(income: Accumulation) -> bool:
    """Source: TAHD-12, TAHD-13 (prospectus 3788-3790)."""
    return income.stage == IN_FORCE


def _elected(blank: Accumulation, plan: float, effective: float) -> Accumulation:
    return change_accumulation(NEW_ACCUMULATION, plan=plan, stage=float(IN_FORCE), effective=effective)


def _ordinary_facts(blank: Accumulation, plan: AccumulationTerms, mode: int, factor: float, elapsed: float) -> BondDay:
    return NO_BOND_DAY


def _facts_of(
    blank: Accumulation, terms: Terms, mode: int, settled: BondDay, state: Array, life: Life, day: Day
) -> BondDay:
    if mode == HOLD:
        return settled
    return benefit_day(elected(blank, state[0, 0], state[2, 0]), terms, life, day)  # type: ignore[no-any-return]


def _ordinary_day(
    blank: Accumulation, mode: int, state: Array, facts: BondDay, terms: Terms, charge: float, permitted: Array,
    bond: Array, charged: Array, hit: Integers,
) -> int:  # fmt: skip
    """Comparison with the Account Value, and the test of Appendix E.  Source: TAHD-3, ATF-15 to ATF-18."""
    n_lane, highest, factors, moved = permitted.shape[0], state[HIGHEST], facts.factors, 0
    plan: Any = terms.income[int(state[0, 0])]
    for i in range(n_lane):
        charged[i] += (permitted[i] + bond[i]) * charge
    if mode != HOLD:
        g0, g1, g2, g3, g4 = state[FIRST], state[FIRST + 1], state[FIRST + 2], state[FIRST + 3], state[FIRST + 4]
        g5, g6, g7, g8, g9 = state[FIRST + 5], state[FIRST + 6], state[FIRST + 7], state[FIRST + 8], state[FIRST + 9]
        for i in range(n_lane):
            account = permitted[i] + bond[i]
            highest[i] = max(highest[i], account) if account > 0.0 else highest[i]
            amounts = (g0[i], g1[i], g2[i], g3[i], g4[i], g5[i], g6[i], g7[i], g8[i], g9[i])
            liability = atf.greatest_value(amounts, factors, 0.0)
            hit[i] = is_due(_trigger(plan, liability, permitted[i], bond[i]))
            moved += hit[i]
    return moved


def _opening_mode(blank: Accumulation, plan: AccumulationTerms, stage: float, effective: float, as_of: int) -> int:
    return GROW if stage == IN_FORCE else HOLD


def _next_mode(blank: Accumulation, mode: int, facts: BondDay, withdraws: bool) -> int:
    return HOLD if facts.ladder.ends else mode


def recurrences(
    plan: AccumulationTerms, issue: int, effective: int, income_from: int
) -> list[tuple[int, int, int, int]]:
    """What recurs under the benefit, rows of `valuation.schedule.flag_days`: its anniversaries, on which guarantees mature."""
    return [(effective, 12, 0, LAW)]


def _guarantee_worth(income: Accumulation, facts: BondDay, account: float, annuity: float) -> float:
    """The current liability: what the guarantees are worth today if the Account Value were not there."""
    return atf.current_liability(income, facts.factors, 0.0)


stored(Accumulation, CHANGED, READ)
answers(
    Accumulation,
    benefit_day=_benefit_day,
    no_benefit_day=_no_benefit_day,
    asset_charge=_asset_charge,
    grow=_grow,
    addition_due=_addition_due,
    addition=_addition,
    adds_by_instructions=_yes,
    addition_row=_addition_row,
    released=_released,
    after_addition=_after_addition,
    roll_year=_roll_year,
    ends_today=_ends_today,
    listed=_listed,
    refusal=_refusal,
    waiting_refusal=_waiting_refusal,
    elect=_elect,
    pay_in=_pay_in,
    income_available=law.income_available,
    within=_within,
    withdraw=law.withdraw,
    transfer_order=_transfer_order,
    after_transfer=_after_transfer,
    protected_value=_protected_value,
    survives=_survives,
    goes_on=_goes_on,
    end=law.end,
    elected=_elected,
    ordinary_facts=_ordinary_facts,
    facts_of=_facts_of,
    ordinary_day=_ordinary_day,
    transfer_due=_transfer_due,
    opening_mode=_opening_mode,
    next_mode=_next_mode,
    guarantee_worth=_guarantee_worth,
)
