"""The contract after its Account Value has reached zero: guaranteed payments, and what can still be asked.

Source: C-24, HD7-12, SHD7-4, README decision 12 of the specification.
"""

from typing import Any, NamedTuple

from valuation import journal as rows
from valuation import living
from valuation.compile import routine, rule
from valuation.contract import DIED, EXHAUSTED, GUARANTEED_PAID, PAYOUT, change_core
from valuation.events import (
    DEATH,
    INCOME,
    JOINT_DIED,
    LIFE_INCOME,
    PAYMENT_CHOICE,
    SPOUSAL_CONTINUATION,
    WITHDRAWAL_BENEFIT,
    Assumed,
    Events,
)
from valuation.journal import pay, refuse
from valuation.records import Contract, Facts, Records, change_contract
from valuation.requests import ENDED, IN_PAYOUT, NO_PAYMENT_CHOICE


class Payment(NamedTuple):
    """A guaranteed payment, and what is left."""

    income: Any  # the benefit after it
    amount: float  # USD
    status: float  # of the contract


@routine
def answer_after_exhaustion(
    records: Records, contract: Contract, facts: Facts, events: Events | Assumed, k: int
) -> Contract:
    """A request when the Account Value is zero: a death counts, anything else is refused.  Source: C-24, SHD7-4."""
    core, income = contract.core, contract.income
    kind = events.kind[k]
    if core.status != PAYOUT:
        refuse(records.journal, k, ENDED)
    elif kind in (DEATH, SPOUSAL_CONTINUATION):
        income = living.death_in_payout(income, kind == DEATH and events.choice[k] == JOINT_DIED)
        if income.lives <= 0.0:
            income, core = living.end(income, facts.day.today), change_core(core, status=float(DIED))
    elif kind == PAYMENT_CHOICE:
        income = _choose(records, income, events, k)
    elif kind != INCOME:
        refuse(records.journal, k, IN_PAYOUT)
    return change_contract(contract, core=core, income=income)


@rule
def _choose(records: Records, income: Any, events: Events | Assumed, k: int) -> Any:
    """The Owner's choice of what is paid; made once, it stands.  Source: TI-12 (prospectus 4497-4513)."""
    if living.may_choose_payment(income) and events.choice[k] in (LIFE_INCOME, WITHDRAWAL_BENEFIT):
        return living.choose_payment(income, events.choice[k])
    refuse(records.journal, k, NO_PAYMENT_CHOICE)
    return income


@rule
def pay_guaranteed(
    records: Records, contract: Contract, facts: Facts, events: Events | Assumed, first: int, last: int
) -> Contract:
    """A day after the Account Value has reached zero: what the benefit guarantees for today, while a life lasts.

    Source: C-24, HD7-12, SHD7-4, GMIB-12, README decision 12.
    """
    for k in range(first, last):
        contract = answer_after_exhaustion(records, contract, facts, events, k)
    if contract.core.status == PAYOUT:
        payment = guaranteed_payment(contract.income, facts)
        if payment.amount > 0.0:
            records.cash[GUARANTEED_PAID] += payment.amount
            pay(records.journal, rows.GUARANTEED, payment.amount, 0.0, payment.amount)
        core = change_core(contract.core, status=payment.status)
        contract = change_contract(contract, core=core, income=payment.income)
    return contract


@rule
def guaranteed_payment(income: Any, facts: Facts) -> Payment:
    """What falls due today when the Account Value is zero.  Source: C-24, HD7-12, SHD7-4, README decision 12."""
    income, amount = living.pay_guaranteed(income, facts.day, facts.terms.cents, facts.terms.withdrawals.half_cent)
    return Payment(income, amount, float(EXHAUSTED if income.stage == living.ENDED else PAYOUT))
