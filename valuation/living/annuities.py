"""What a living benefit provides when annuity payments begin; the bodies below are those of a benefit without it."""

from typing import Any

from valuation.compile import generic
from valuation.terms.benefits import load_annuity_option_terms

CERTAIN = float(load_annuity_option_terms().benefit_certain)
"""Yearly payments certain of the annuity without an election under a Highest Daily benefit."""


@generic
def default_certain(income: Any, plan: Any) -> float:
    """Yearly payments certain of the annuity where nothing was chosen; 0: the benefit provides none of its own."""
    return 0.0


@generic
def keep_withdrawals(income: Any, facts: Any, account: float, today: int) -> Any:
    """The Annual Withdrawal Amount as annuity payments from now on; unchanged where there is none."""
    return income
