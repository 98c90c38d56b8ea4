"""The asset transfer formula of TrueIncome - Highest Daily 7 and its Spousal version.

Provisions   ATF-3, ATF-4, ATF-8, ATF-10 to ATF-13 (Appendix F, prospectus 9955-10106); constants
             terms/asset_transfer.toml and terms/a_factors.csv
Clock        once a Valuation Day, the last step; the factor changes with each completed month since the effective date
"""

from typing import NamedTuple

from valuation.account import money
from valuation.clock import completed_months
from valuation.compile import routine, rule
from valuation.terms import TransferTerms, transfer_factors


class Trigger(NamedTuple):
    """Both tests of the formula, each the excess of one side over the other, USD: a transfer is due when one is > 0."""

    into: float
    out: float


FACTORS = transfer_factors()


@routine
def transfer_factor(effective: int, today: int) -> float:
    """The factor "a" by completed months since the effective date; 0 past the table's end.  Source: ATF-4."""
    months = completed_months(effective, today)
    factor: float = FACTORS[months] if months < FACTORS.shape[0] else 0.0
    return factor


@rule
def target_value(terms: TransferTerms, basis: float, factor: float, cents: float) -> float:
    """L, USD: 5% of the Income Basis times the factor, whatever the age.  Source: ATF-10 (prospectus 9999-10004)."""
    return money(terms.income_share * basis * factor, cents)


@rule
def trigger(terms: TransferTerms, target: float, permitted: float, bond: float) -> Trigger:
    """Whether r = (L - B)/V lies above Cu or below Cl, as products, so that the test needs no division.

    With V = 0 nothing moves in; out only where there is a bond value to move and V > 0.

    Source: ATF-3, ATF-5 to ATF-7, ATF-10 (prospectus 10010-10026).
    """
    need = target - bond
    into = need - terms.upper * permitted
    out = terms.lower * permitted - need
    return Trigger(into if permitted > 0.0 else 0.0, out if permitted > 0.0 and bond > 0.0 else 0.0)


@rule
def is_due(test: Trigger) -> int:
    """1 where the formula moves money, else 0; no branch, so that lanes stay together."""
    return int((test.into > 0.0) | (test.out > 0.0))


@rule
def transfer_amount(terms: TransferTerms, target: float, permitted: float, bond: float, cents: float) -> float:
    """T, USD: above 0 into the bond Sub-account, below 0 out of it, 0 none.

    Uncapped, it leaves (L - B)/V at Ct exactly.  Source: ATF-5 to ATF-8, ATF-10 (prospectus 10028-10040).
    """
    test = trigger(terms, target, permitted, bond)
    exact = (target - bond - permitted * terms.target) / (1.0 - terms.target)
    if test.into > 0.0:
        return permitted if exact >= permitted else min(permitted, money(exact, cents))
    if test.out > 0.0:
        return -bond if -exact >= bond else -min(bond, money(-exact, cents))
    return 0.0
