"""What only some living benefits answer: the charge of an Annuity Year, requests of their own, annuity payments.

Like `valuation.living.interface`, one body for each kind of state; the bodies below are those of a benefit without it.
"""

from typing import Any, NamedTuple

from valuation.clock import Day
from valuation.compile import generic
from valuation.contract import Life
from valuation.events import AN_ENTITY
from valuation.living.interface import keep_income, lose_life


class Annuity(NamedTuple):
    """What annuity payments under a benefit are computed from; amounts in USD."""

    account: float  # Account Value, less the charge of the part-year
    tax: float  # Tax Charge
    joint_birth: int  # of the Joint Annuitant, day; `NO_JOINT` if none is named
    joint_sex: int  # 0 male, 1 female
    cents: float  # unit of payments, 0 for none


NO_JOINT = AN_ENTITY


# -- what falls due --------------------------------------------------------------------------------------------------


@generic
def accrue(income: Any, plan: Any, facts: Any) -> Any:
    """What opens the day: the days since the prior Valuation Day enter the average that a charge is taken of."""
    return income


@generic
def fee_first(income: Any) -> bool:
    """Whether the fee is of the Annuity Year, and comes before the Annual Maintenance Fee and the comparison."""
    return False


# -- requests --------------------------------------------------------------------------------------------------------


@generic
def owner_may_end(income: Any) -> bool:
    """Whether the Owner can end it alone."""
    return True


@generic
def too_old(income: Any, plan: Any, life: Life, today: int) -> bool:
    """Whether the Annuitant in ``life``, new today, ends the benefit by his age."""
    return False


@generic
def new_annuitant(income: Any, plan: Any, life: Life, today: int) -> Any:
    """The benefit that goes on with a new Annuitant, who is in ``life``."""
    return lose_life(income)


# -- annuity payments and endings ------------------------------------------------------------------------------------


@generic
def annuity_refusal(income: Any, plan: Any, life: Life, day: Day) -> int:
    """Reason why annuity payments under the benefit in force cannot begin today; 0 if they can."""
    return 0


@generic
def annuity_first_allowed(income: Any, plan: Any, life: Life, day: Day) -> bool:
    """Whether today's Annuity Anniversary is the first from which they can begin."""
    return False


@generic
def annuitises(blank: Any) -> bool:
    """Whether some begin them on an anniversary before the last, by assumption; ``blank`` is any state of the kind."""
    return False


@generic
def charged_at_annuity(income: Any) -> bool:
    """Whether accrued fee and Tax Charge are taken when annuity payments under the benefit begin."""
    return False


@generic
def begin_annuity(income: Any, plan: Any, facts: Any, life: Life, annuity: Annuity, day: Day) -> Any:
    """The benefit whose annuity payments begin today."""
    return keep_income(income, facts, annuity.account, day.today)


@generic
def first_payment(income: Any, day: Day, cents: float, half_cent: float) -> tuple[Any, float]:
    """The benefit, and what is paid on the day on which annuity payments under it begin, USD."""
    return income, 0.0


@generic
def pays_on(blank: Any, day: Day) -> bool:
    """Whether a day after the Account Value has reached zero can bring a payment; ``blank`` is any state of the kind."""
    return day.anniversary != 0


@generic
def death_in_payout(income: Any, joint: bool) -> Any:
    """A death after the Account Value has reached zero, of the Joint Annuitant if ``joint``."""
    return lose_life(income)


@generic
def charged_at_death(income: Any) -> bool:
    """Whether the accrued fee is taken before the Death Benefit is settled."""
    return False
