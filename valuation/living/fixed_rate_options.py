"""A contract with money in Fixed Rate Options and no living benefit in force, as the day's order and the lanes ask for it.

The options stand in the place of the bond Sub-account, in dollars at a price of 1; how they are made up is
`valuation.fixed_money`.  Most living benefits forbid them; the state below remembers one that has ended.

Readings   no daily charge is taken from them (FIX-4), nor the Annual Maintenance Fee (A-FEE-3); withdrawals are, in
           proportion (WD-1)
           of a benefit that has ended only its plan and dates are kept, which decide when another may be elected
"""

from typing import Any, NamedTuple

from valuation.account import Account
from valuation.clock import Day
from valuation.compile import changer
from valuation.contract import Array, Integers, Life
from valuation.living.answers import answers
from valuation.living.lanes import stored
from valuation.terms import Terms
from valuation.terms.investments import FixedRateTerms, load_fixed_rate_terms


class FixedHolder(NamedTuple):
    """What is left of a living benefit, and what the allocation instructions put into the one-year option."""

    plan: float  # 0: the kind has no plans
    stage: float  # NONE or ENDED
    effective: float  # dates of the benefit that has ended
    first_withdrawal: float
    last_fee: float
    ended: float
    lives: float
    before: float  # 1 more than the place of its plan among all; 0 without one
    share: float  # fraction of the allocation instructions


class FixedHolderDay(NamedTuple):
    """Nothing recurs."""

    fee_due: bool


NEW_FIXED_HOLDER = FixedHolder(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
QUIET = FixedHolderDay(False)
change_fixed_holder = changer(FixedHolder)


def terms() -> tuple[FixedRateTerms]:
    """Terms in the place of those of plans."""
    return (load_fixed_rate_terms(),)


def recurrences(plan: Any, issue: int, effective: int, income_from: int) -> list[tuple[int, int, int, int]]:
    """Nothing recurs that asks for the full order of events."""
    return []


def _no_benefit_day(income: FixedHolder) -> FixedHolderDay:
    return QUIET


def _benefit_day(income: FixedHolder, terms: Terms, life: Life, day: Day) -> FixedHolderDay:
    return QUIET


def _nothing(income: FixedHolder) -> int:
    return 0


def _refusal(income: FixedHolder, plan: Any, local: int, life: Life, day: Day) -> int:
    return 0


def _elect(income: FixedHolder, plan: Any, local: int, life: Life, account: float, today: int) -> FixedHolder:
    return income


def _end(income: FixedHolder, today: int) -> FixedHolder:
    return income


def _own_account(income: FixedHolder) -> bool:
    return True


def _charged_on_surrender(income: FixedHolder, account: Account) -> float:
    return account.permitted


def _with_credit(income: FixedHolder, account: Account, credit: float) -> Account:
    """Source: LC-4 (prospectus 2768-2778)."""
    inside = credit * income.share
    return Account(account.permitted + (credit - inside), account.bond + inside)


def _instructed(income: FixedHolder, share: float) -> FixedHolder:
    return change_fixed_holder(income, share=share)


def _elected(blank: FixedHolder, plan: float, effective: float) -> FixedHolder:
    return change_fixed_holder(NEW_FIXED_HOLDER, effective=effective)


def _ordinary_facts(blank: FixedHolder, plan: Any, mode: int, factor: float, elapsed: float) -> FixedHolderDay:
    return QUIET


def _ordinary_day(
    blank: FixedHolder, mode: int, state: Array, facts: FixedHolderDay, terms: Terms, charge: float, permitted: Array,
    bond: Array, charged: Array, hit: Integers,
) -> int:  # fmt: skip
    """Source: FIX-4 (prospectus 2475-2478, 2503-2510)."""
    for i in range(permitted.shape[0]):
        charged[i] += permitted[i] * charge
    return 0


stored(FixedHolder, ("share",), ("plan", "stage"))
answers(
    FixedHolder,
    benefit_day=_benefit_day,
    no_benefit_day=_no_benefit_day,
    listed=_nothing,
    refusal=_refusal,
    elect=_elect,
    end=_end,
    own_account=_own_account,
    charged_on_surrender=_charged_on_surrender,
    with_credit=_with_credit,
    instructed=_instructed,
    elected=_elected,
    ordinary_facts=_ordinary_facts,
    ordinary_day=_ordinary_day,
)
