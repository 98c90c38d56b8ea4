"""What an Owner is told and when: confirmations, statements of a quarter and of a year, and what more reports cost.

Provisions   REP-1, REP-2 (prospectus 8357-8380, 8756-8758); constants terms/reports.toml
Clock        calendar quarters and calendar years
Readings     a period that is no whole quarter with transactions and no whole year is an additional report; what it costs is
             billed, not taken from the Annuity
"""

from datetime import date
from functools import cache
from typing import NamedTuple

from valuation.terms.reading import read_terms

QUARTERLY, ANNUAL, ADDITIONAL = "quarterly statement", "annual statement", "additional report"
AT_ONCE, WITH_QUARTER, NO_TRANSACTION = "at once", "with the quarter", ""

SCHEDULED = ("MAINTENANCE_FEE", "BENEFIT_FEE", "DOLLAR_COST_AVERAGING", "AUTOMATIC_REBALANCING", "GUARANTEED_PAYMENT")
"""Kinds of the ledger and of the payments that come by a schedule of the Annuity, whoever asked for it."""

UNTOLD = ("INVESTMENT", "INTEREST", "CHARGE_CLASS")
"""Kinds that are results, not transactions."""


class ReportTerms(NamedTuple):
    """Reports to Owners: terms/reports.toml."""

    additional_report: float  # USD, at most


@cache
def load_report_terms() -> ReportTerms:
    """Constants of reports to Owners."""
    return read_terms("reports", ReportTerms)


def confirmation(kind: str, asked: bool) -> str:
    """When a change is confirmed: at once, or, of a regularly scheduled one, with the statement of the quarter.

    ``asked``  the Owner asked for it on the day; a withdrawal nobody asked for is of a programme

    Source: REP-1 (prospectus 8365-8373).
    """
    if kind in UNTOLD:
        return NO_TRANSACTION
    scheduled = kind in SCHEDULED or (kind == "WITHDRAWAL" and not asked)
    return WITH_QUARTER if scheduled else AT_ONCE


def statement_kind(first: date, last: date, transactions: int) -> str:
    """What a statement of these days is; the quarter's is regular only if there were transactions in it.

    Source: REP-1, REP-2 (prospectus 8367-8375, 8756-8758).
    """
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return ANNUAL
    quarter = first.day == 1 and first.month % 3 == 1 and (last.year, last.month) == (first.year, first.month + 2)
    whole = quarter and last.day == (30 if last.month in (6, 9) else 31)
    return QUARTERLY if whole and transactions > 0 else ADDITIONAL


def report_charge(kind: str, wanted: float | None = None) -> float:
    """What a statement costs the Owner, USD; ``wanted`` is what the company charges, none the most it may.

    Raises ValueError for more than that.  Source: REP-2 (prospectus 8373-8375).
    """
    most = load_report_terms().additional_report
    if wanted is not None and not 0.0 <= wanted <= most:
        raise ValueError(f"a charge of {wanted:g} USD for a report: allowed is 0 to {most:g} USD (REP-2)")
    if kind != ADDITIONAL:
        return 0.0
    return most if wanted is None else wanted
