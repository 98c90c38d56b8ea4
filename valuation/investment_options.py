"""What may be allocated where: Sub-accounts, Fixed Rate Options and the accounts of the asset transfer, by benefit in force.

Provisions   PUR-6, INV-1 to INV-5, LB-INV-1 to LB-INV-5 (prospectus 569-575, 1248-1273, 1450-1490, 1746-1759, 2733-2745,
             3702-3705, 3802-3826, 5331-5349, 5964-5985, 6629-6650, 7129-7136); constants terms/eligibility.toml, the
             Sub-accounts of data/subaccounts.csv
Readings     A-INV-1: without a printed list every Sub-account is permitted; A-INV-3; X-18: the "Benefit Fixed Rate
             Option" is the account; today's list judges today's payments and transfers, never what is held already
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from valuation.compile import routine
from valuation.contract import Array
from valuation.death_benefit_choices import LIVING_BENEFITS
from valuation.declared_rates import BENEFIT_FIXED, ENHANCED, ONE_YEAR, SUB_ACCOUNT
from valuation.failures import Reason
from valuation.funds import SubAccount, load_subaccounts
from valuation.terms.investments import EligibilityTerms, load_election_terms

BENEFIT_ONLY = int(Reason.BENEFIT_ONLY_SUB_ACCOUNT)
FIXED_NOT_PERMITTED = int(Reason.FIXED_NOT_PERMITTED)
NOT_PERMITTED = int(Reason.SUB_ACCOUNT_NOT_PERMITTED)

PRINTED_NAMES = {
    "TAHD": "TrueAccumulation - Highest Daily",
    "HD7": "TrueIncome - Highest Daily 7",
    "SHD7": "TrueIncome - Spousal Highest Daily 7",
}
"""Benefits that have Sub-accounts of their own, as the chart names them."""

FIXED_NAMES = ("One-Year Fixed Rate Option", "Enhanced Fixed Rate Option", "Benefit Fixed Rate Account")


class Option(NamedTuple):
    """An investment option as far as the rules ask for it."""

    kind: int  # SUB_ACCOUNT, ONE_YEAR, ENHANCED or BENEFIT_FIXED
    permitted: int  # 1 for the Permitted Sub-accounts
    formula: (
        int  # sum of 2 to the place of every living benefit whose asset transfer uses it; 0 for the Owner's options
    )


@cache
def investment_options() -> dict[str, Option]:
    """Every option by its name: the Sub-accounts in the order of the chart, then the three fixed ones."""
    found = {one.name: Option(SUB_ACCOUNT, int(one.permitted), _formula(one)) for one in load_subaccounts()}
    found[FIXED_NAMES[0]] = Option(ONE_YEAR, 0, 0)
    found[FIXED_NAMES[1]] = Option(ENHANCED, 0, 0)
    found[FIXED_NAMES[2]] = Option(BENEFIT_FIXED, 0, 1 << LIVING_BENEFITS.index("HD"))
    return found


def _formula(sub: SubAccount) -> int:
    return sum(1 << LIVING_BENEFITS.index(key) for key, name in PRINTED_NAMES.items() if name in sub.benefit_only_for)


@routine
def allocation_refusal(rules: EligibilityTerms, living: int, death: int, option: Option) -> int:
    """Why the Owner may not pay or transfer into an option today, 0 if he may.

    ``living``, ``death``  benefits in force: place in LIVING_BENEFITS, plan of the optional Death Benefit

    Source: PUR-6, INV-2 to INV-5, LB-INV-1 to LB-INV-4 (prospectus 1248-1273, 3802-3809, 5331-5349, 5964-5985, 7126-7136).
    """
    if option.formula != 0:
        return BENEFIT_ONLY
    if option.kind != SUB_ACCOUNT:
        return 0 if rules.fixed_rate[living] * rules.fixed_rate_death[death] > 0.0 else FIXED_NOT_PERMITTED
    restricted = rules.restricted[living] + rules.restricted_death[death] > 0.0
    return NOT_PERMITTED if restricted and option.permitted == 0 else 0


@routine
def is_reached_by_formula(living: int, option: Option) -> bool:
    """Whether the asset transfer of the benefit in force uses the option.  Source: INV-4, LB-INV-3 (prospectus 569-575)."""
    return living > 0 and (option.formula >> living) & 1 == 1


@routine
def may_be_held(rules: EligibilityTerms, living: int, death: int, option: Option) -> bool:
    """Whether value may be in the option while the benefits are in force.  Source: INV-2 to INV-4."""
    return allocation_refusal(rules, living, death, option) == 0 or is_reached_by_formula(living, option)


@routine
def instructions_refusal(
    rules: EligibilityTerms, living: int, death: int, options: tuple[Option, ...], weights: Array
) -> int:
    """Why allocation instructions, one weight an option, are not accepted, 0 if they are: the first reason found.

    Source: PUR-6 (prospectus 2733-2745).
    """
    for k in range(weights.shape[0]):
        if weights[k] > 0.0:
            reason = allocation_refusal(rules, living, death, options[k])
            if reason:
                return reason
    return 0


def permitted_options(living: str, death: int = 0) -> tuple[str, ...]:
    """Names of the options that the Owner may choose, in the order of the chart.  Source: INV-2, INV-3."""
    rules = load_election_terms().eligibility
    place = LIVING_BENEFITS.index(living)
    options = investment_options().items()
    return tuple(name for name, one in options if allocation_refusal(rules, place, death, one) == 0)


def permitted_table() -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """(8, 4, n_option) whether value may be held, by living benefit, optional Death Benefit and option."""
    rules = load_election_terms().eligibility
    options = tuple(investment_options().values())
    rows = [
        [[may_be_held(rules, living, death, one) for one in options] for death in range(len(rules.restricted_death))]
        for living in range(len(LIVING_BENEFITS))
    ]
    return np.array(rows, dtype=np.bool_)
