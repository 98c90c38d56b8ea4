"""What the day's order asks of a living benefit; one body for each kind of state, chosen when a kernel is compiled.

`valuation.day` knows no benefit by name.  It calls the functions below with a state; the module of each kind registers its
answers, and what it does not answer is what a benefit without that feature does.  States differ, but all have the fields
of `Benefit`, and the facts of a day those of `BenefitDay`.
"""

from typing import Any, NamedTuple, Protocol

from valuation.account import Account
from valuation.clock import Day
from valuation.compile import generic
from valuation.contract import Core, Life
from valuation.failures import Reason
from valuation.terms import Terms

NONE, PRE, POST, PAYING, ENDED = range(5)
"""Stage: not elected; before the first withdrawal; after it; Account Value zero and payments going on; terminated."""

NO_STEP_UP = int(Reason.NO_STEP_UP)
REELECTION_TOO_EARLY = int(Reason.REELECTION_TOO_EARLY)

WAIT_DAYS = 90
"""Least days from the end of a benefit to the anniversary of a new election (EL-10)."""

STAGE_NAMES = ("NONE", "PRE", "POST", "PAYOUT", "ENDED")


class Benefit(Protocol):
    """State of any living benefit."""

    @property
    def plan(self) -> float:
        """Place among the plans of its kind."""

    @property
    def stage(self) -> float:
        """NONE to ENDED."""

    @property
    def effective(self) -> float:
        """Effective date, day number."""

    @property
    def first_withdrawal(self) -> float:
        """Day of the first withdrawal under the benefit, 0 before it."""

    @property
    def last_fee(self) -> float:
        """Day the fee was last assessed, or the effective date."""

    @property
    def ended(self) -> float:
        """Day of termination."""

    @property
    def lives(self) -> float:
        """Designated lives alive."""


class BenefitDay(Protocol):
    """What is true of any benefit on one Valuation Day; the same for every scenario of a contract."""

    @property
    def fee_due(self) -> bool:
        """A fee falls due today."""


class Order(NamedTuple):
    """What a transfer formula decides; amounts in USD."""

    amount: float  # above 0 into the benefit's account, below 0 out of it
    basis: float  # value that the formula protects
    factor: float
    target: float  # Target Value, or current liability


class Exhausted(NamedTuple):
    """The benefit when the Account Value has reached zero."""

    income: Any
    pays: bool  # guaranteed payments go on
    now: float  # paid at once, USD


NO_ORDER = Order(0.0, 0.0, 0.0, 0.0)


def _unknown(income: object) -> TypeError:
    return TypeError(f"{type(income).__name__} is not a living benefit that is registered in valuation.living.kinds")


# -- facts and terms -------------------------------------------------------------------------------------------------


@generic
def benefit_day(income: Any, terms: Terms, life: Life, day: Day) -> Any:
    """Settle what the benefit needs to know of one Valuation Day."""
    raise _unknown(income)


@generic
def no_benefit_day(income: Any) -> Any:
    """Facts of a day of a contract without the benefit."""
    raise _unknown(income)


@generic
def asset_charge(income: Any) -> float:
    """Daily charge of the benefit in the Unit Price, fraction per year; it decides the charge class."""
    return 0.0


# -- what falls due --------------------------------------------------------------------------------------------------


@generic
def grow(income: Any, plan: Any, facts: Any, account: float) -> Any:
    """Growth and comparison with the Account Value, before the fee."""
    return income


@generic
def quarterly_fee(income: Any, plan: Any, facts: Any, account: float) -> float:
    """Fee due today in arrears, unrounded, USD."""
    return 0.0


@generic
def fee_taken(income: Any, today: int) -> Any:
    """The benefit after the fee due today."""
    return income


@generic
def after_fee(income: Any, plan: Any, facts: Any, account: float) -> Any:
    """Growth and comparison that come after the fee."""
    return income


@generic
def roll_year(income: Any, plan: Any, facts: Any, day: Day, account: float) -> Any:
    """An Annuity Anniversary: step-ups, then a new year's amounts."""
    return income


@generic
def ends_today(income: Any, facts: Any) -> bool:
    """Whether the benefit in force ends by the calendar today, after all that falls due."""
    return False


# -- requests --------------------------------------------------------------------------------------------------------


@generic
def first_plan(income: Any) -> int:
    """Place of the kind's first plan in `valuation.living.kinds.PLAN_NAMES`."""
    raise _unknown(income)


@generic
def listed(income: Any) -> int:
    """Place in `death_benefit_choices.LIVING_BENEFITS`, 0 where none is in force.  Source: ELE-1."""
    raise _unknown(income)


@generic
def refusal(income: Any, plan: Any, local: int, life: Life, day: Day) -> int:
    """Reason why the plan, the ``local``-th of its kind, may not be elected by these persons today; 0 if it may.

    ``income`` is not in force, and may have ended before.
    """
    raise _unknown(income)


@generic
def waiting_refusal(income: Any, day: Day) -> int:
    """Reason why a benefit that has ended lets none begin today, 0 if it does.  Source: EL-10 (prospectus 6017-6034)."""
    waited = day.anniversary != 0 and day.anniversary - income.ended >= WAIT_DAYS
    return 0 if waited else REELECTION_TOO_EARLY


@generic
def elect(income: Any, plan: Any, local: int, life: Life, account: float, today: int) -> Any:
    """The benefit on its effective date."""
    raise _unknown(income)


@generic
def pay_in(income: Any, plan: Any, facts: Any, payment: float) -> Any:
    """A Purchase Payment with its credit, USD."""
    return income


@generic
def begin(income: Any, facts: Any, account: float, today: int) -> Any:
    """The first withdrawal, before it is taken; ``account`` is the value compared today."""
    return income


@generic
def yearly_income(income: Any) -> float:
    """Amount guaranteed for each Annuity Year, USD."""
    return 0.0


@generic
def remaining_income(income: Any) -> float:
    """What is left of it in this Annuity Year, USD."""
    return 0.0


@generic
def income_available(income: Any, core: Core, required: bool) -> Any:
    """What can be withdrawn now without an excess."""
    return 0.0


@generic
def within(income: Any, available: Any) -> float:
    """The same as one amount, USD: a withdrawal up to it may empty the Account Value."""
    return float(available)


@generic
def withdraw(income: Any, available: Any, gross: float, account: float, half_cent: float) -> Any:
    """Benefit values after ``gross`` leaves an Account Value of ``account``."""
    return income


@generic
def step_up_refusal(income: Any, plan: Any, facts: Any, account: float, today: int) -> int:
    """Reason why the Owner's request to step up the guarantee cannot be met today; 0 if it can."""
    return NO_STEP_UP


@generic
def step_up(income: Any, plan: Any, facts: Any, life: Life, account: float, today: int) -> Any:
    """A step-up that the Owner asks for, where it is allowed."""
    return income


@generic
def set_auto_step_up(income: Any, wanted: bool) -> Any:
    """The benefit with automatic step-ups elected or not, where it offers the choice; else unchanged."""
    return income


@generic
def may_set_auto_step_up(income: Any) -> bool:
    """Whether it offers that choice now."""
    return False


@generic
def capture(income: Any, facts: Any, day: Day, account: float) -> Any:
    """What the end of the day records of the Account Value."""
    return income


@generic
def transfer_order(income: Any, facts: Any, terms: Terms, account: Account, compared: float) -> Order:
    """What the benefit's transfer formula decides."""
    return NO_ORDER


@generic
def after_transfer(income: Any, order: Order) -> Any:
    """The benefit after a transfer."""
    return income


# -- endings ---------------------------------------------------------------------------------------------------------


@generic
def protected_value(income: Any, facts: Any, account: float) -> float:
    """Value that the guarantee protects today, USD: Protected Withdrawal Value, Protected Income Value, guarantees."""
    return 0.0


@generic
def accrued_fee(income: Any, plan: Any, facts: Any, account: float, today: int) -> float:
    """Fee of the part of a period, at termination other than by death, unrounded, USD."""
    return 0.0


@generic
def exhaust(
    income: Any,
    facts: Any,
    core: Core,
    compared: float,
    by_withdrawal: bool,
    required: bool,
    half_cent: float,
    cents: float,
    today: int,
) -> Exhausted:
    """The Account Value has reached zero; ``required``: the last withdrawal met the Required Minimum Distribution."""
    return Exhausted(end(income, today), False, 0.0)


@generic
def pay_guaranteed(income: Any, day: Day, cents: float, half_cent: float) -> tuple[Any, float]:
    """A day after that: the benefit, and what the insurer pays, USD."""
    return income, 0.0


@generic
def may_choose_payment(income: Any) -> bool:
    """Whether the Owner has a choice of what is paid now that the Account Value is zero."""
    return False


@generic
def choose_payment(income: Any, ground: int) -> Any:
    """That choice, LIFE_INCOME or WITHDRAWAL_BENEFIT of `valuation.events`."""
    return income


@generic
def keeps_income(income: Any) -> bool:
    """Whether its yearly amount can be taken as annuity payments."""
    return False


@generic
def keep_income(income: Any, facts: Any, account: float, today: int) -> Any:
    """The yearly amount as annuity payments from now on."""
    return income


@generic
def fee_on_annuitisation(income: Any, plan: Any) -> bool:
    """Whether the accrued fee is taken when the Annuity is annuitised."""
    return False


@generic
def locks_owner(income: Any, ground: int) -> bool:
    """Whether the benefit in force forbids a new Owner."""
    return False


@generic
def survives(income: Any, life: Life, change: int, ground: int, birth: int) -> bool:
    """Whether the benefit goes on after a change of Owner or Annuitant that is accepted."""
    return False


@generic
def lose_life(income: Any) -> Any:
    """A designated life has died."""
    return income


@generic
def goes_on(income: Any) -> bool:
    """Whether the benefit outlives the Owner when his spouse assumes the Annuity."""
    return False


@generic
def for_new_owner(income: Any) -> Any:
    """The ended benefit for a spouse who assumes the Annuity: its dates decide when he may elect."""
    return income


@generic
def end(income: Any, today: int) -> Any:
    """Termination: nothing of the benefit is left but its dates."""
    raise _unknown(income)
