"""What a living benefit adds to the Account Value, and what its bond Sub-account then gives back.

Source: HD7-11, TAHD-9, README decision 3 of the specification (prospectus 3576-3589, 5868-5892).
"""

from typing import Any, NamedTuple

from valuation import living
from valuation.account import Account, money, total
from valuation.compile import rule
from valuation.records import Facts


class Added(NamedTuple):
    """The benefit and the Account Value after it, and what was moved, in USD."""

    income: Any
    account: Account
    amount: float  # added by the insurer
    growth: float  # of the Units that share in it; 1 where it goes by the allocation instructions
    released: float  # from the bond Sub-account to the Permitted ones
    spread: float  # growth of the Permitted Units by it; 1 where it goes by the allocation instructions


@rule
def add_guaranteed(income: Any, account: Account, facts: Facts, plan: Any) -> Added:
    """What is guaranteed for today, then what leaves the bond Sub-account; ``plan`` are the terms of the benefit.

    Source: HD7-11, TAHD-9 (prospectus 3576-3589, 5868-5892).
    """
    amount = money(living.addition(income, plan, facts.income, total(account)), facts.terms.cents)
    shares = living.own_account(income)
    base = total(account) if shares else account.permitted
    by_value = base > 0.0 and not living.adds_by_instructions(income)
    growth = 1.0 + amount / base if by_value else 1.0
    permitted = account.permitted * growth if by_value else account.permitted + amount
    account = Account(permitted, account.bond * growth if shares else account.bond)
    released = living.released(income, facts.income, account)
    spread = 1.0 + released / account.permitted if account.permitted > 0.0 else 1.0
    permitted = account.permitted * spread if account.permitted > 0.0 else released
    income = living.after_addition(income, plan, facts.income)
    return Added(income, Account(permitted, account.bond - released), amount, growth, released, spread)
