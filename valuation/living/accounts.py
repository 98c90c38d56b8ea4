"""What the day's order asks of a benefit that has an account of its own in the place of the bond Sub-account."""

from typing import Any

from valuation.account import Account
from valuation.compile import generic, rule


@generic
def with_requests(facts: Any, withdrawal: bool) -> Any:
    """The same facts, knowing whether a withdrawal is requested for today."""
    return facts


@generic
def account_growth(facts: Any) -> float:
    """Growth since the prior Valuation Day of the benefit's own account, which stands in the bond Sub-account's place."""
    return 1.0


@generic
def credited(facts: Any) -> Any:
    """The same facts, once that growth is in the account."""
    return facts


@generic
def own_account(income: Any) -> bool:
    """Whether an account of the benefit's own stands in the place of the bond Sub-account; ``income`` any of the kind.

    It has its part of the amounts added, and bears no charge that the Sub-accounts bear.
    """
    return False


@rule
def charged(income: Any, account: Account) -> float:
    """Part of the Account Value that bears the charges of the Sub-accounts, USD; ``income`` any of the kind."""
    return account.permitted if own_account(income) else account.permitted + account.bond


@generic
def charged_on_surrender(income: Any, account: Account) -> float:
    """Part of the Account Value of which the maintenance fee of a surrender is a share, USD."""
    return account.permitted + account.bond


@generic
def with_credit(income: Any, account: Account, credit: float) -> Account:
    """The Account Value after a credit that goes by the allocation instructions, USD."""
    return Account(account.permitted + credit, account.bond)


@generic
def instructed(income: Any, share: float) -> Any:
    """The state after new allocation instructions, which put ``share`` into an account in that place."""
    return income
