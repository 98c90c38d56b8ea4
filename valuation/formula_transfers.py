"""Moves of a benefit's transfer formula between the Permitted Sub-accounts and its account.

Source: ATF-10 to ATF-14 (prospectus 9898-9915, 9955-10040).
"""

from typing import Any

from valuation import journal as rows
from valuation import living
from valuation.account import Account, post
from valuation.compile import rule
from valuation.journal import instruct
from valuation.records import Facts, Records


@rule
def transfer_assets(records: Records, income: Any, facts: Facts, account: Account, compared: float) -> Any:
    """The benefit's transfer formula: in pro rata, out by instructions; also the benefit after it.

    Source: ATF-10 to ATF-14 (prospectus 9898-9915, 9955-10040).
    """
    order = living.transfer_order(income, facts.income, facts.terms, account, compared)
    if order.amount != 0.0:
        apply_transfer(records, account, order.amount)
        instruct(
            records.journal,
            income.stage,
            order.basis,
            order.factor,
            order.target,
            account.permitted,
            account.bond,
            order.amount,
        )
        income = living.after_transfer(income, order)
    return income


@rule
def apply_transfer(records: Records, account: Account, amount: float) -> None:
    """Move ``amount`` into (above 0) or out of the bond Sub-account; whole balances leave nothing behind."""
    if amount > 0.0:
        keep = 0.0 if amount >= account.permitted else 1.0 - amount / account.permitted
        post(records.book, records.journal, rows.FORMULA, keep, 1.0, 0.0, amount)
    else:
        keep = 0.0 if -amount >= account.bond else 1.0 + amount / account.bond
        post(records.book, records.journal, rows.FORMULA, 1.0, keep, -amount, 0.0)
