"""What the day's order asks of a benefit that adds guaranteed amounts to the Account Value."""

from typing import Any

from valuation.account import Account
from valuation.compile import generic
from valuation.journal import PRINCIPAL


@generic
def addition_due(income: Any, facts: Any) -> bool:
    """Whether an amount guaranteed for today may be added to the Account Value."""
    return False


@generic
def addition(income: Any, plan: Any, facts: Any, account: float) -> float:
    """Amount added to the Account Value today by the guarantee, unrounded, USD."""
    return 0.0


@generic
def adds_by_instructions(income: Any) -> bool:
    """Whether that amount goes by the allocation instructions; else to the Permitted Sub-accounts by their values."""
    return False


@generic
def addition_row(income: Any) -> int:
    """Kind of the ledger's row for that amount."""
    return PRINCIPAL


@generic
def released(income: Any, facts: Any, account: Account) -> float:
    """What then leaves the bond Sub-account for the Permitted ones, by their values, USD."""
    return 0.0


@generic
def after_addition(income: Any, plan: Any, facts: Any) -> Any:
    """The benefit after that amount."""
    return income
