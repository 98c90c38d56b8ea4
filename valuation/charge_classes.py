"""Charge classes: a row of the price table for every sum of the daily charges of a series and of the benefits held with it.

Rules     UNIT-6, UNIT-7, DB-23, BCO-2, LB-FEE-1, LB-FEE-3 to LB-FEE-5, LB-FEE-8 (prospectus 840-905, 7236-7242, 7470-7479,
          7586-7598)
Readings  A-UNIT-6: a contract that changes class is re-based at the end of the day; the new charge counts from the next one
          charges of the same sum are one class, whatever they are made of
"""

from typing import Any

from valuation import death_guarantee, living
from valuation.compile import rule
from valuation.death_benefit_choices import LIVING_BENEFITS, permitted
from valuation.eligibility import daily_charge
from valuation.optional_death_benefits import COMBINATION, HIGHEST_DAILY, NONE
from valuation.terms import Terms, load_terms
from valuation.terms.benefits import load_beneficiary_terms
from valuation.terms.investments import load_election_terms

INSURANCE_CHARGES: tuple[float, ...] = tuple(float(c) for c in load_terms(True).charges.insurance_charge)
"""Insurance Charge by series B, L, X, fraction per year."""


def _benefit_charges() -> list[float]:
    """Daily charges of every pair of a living and an optional Death Benefit, either or none.  Source: ELE-1, DB-23."""
    terms, charges = load_election_terms(), load_terms(True).charges
    return [
        round(daily_charge(terms, charges, 0, benefit, plan) - INSURANCE_CHARGES[0], 6)
        for plan in (NONE, COMBINATION, HIGHEST_DAILY)
        for benefit in range(len(LIVING_BENEFITS))
        if permitted(terms.death, plan, benefit)
    ]


BENEFIT_CHARGES: tuple[float, ...] = tuple(dict.fromkeys(_benefit_charges()))
"""Sums of the daily charges of benefits that may be held together, fraction per year; first none."""

CHARGE_CLASSES: tuple[float, ...] = (
    *dict.fromkeys(round(insurance + benefit, 6) for benefit in BENEFIT_CHARGES for insurance in INSURANCE_CHARGES),
    float(load_beneficiary_terms().settlement_charge),
)
"""Sum of the daily charges of every class, fraction per year: the series without a charged benefit first, the Settlement
Service Charge of an Annuity that goes on for a Beneficiary last (BCO-2)."""

SETTLEMENT_ROW = len(CHARGE_CLASSES) - 1


@rule
def benefit_charges(contract: Any, terms: Terms) -> float:
    """Daily charges of the contract's benefits in force, fraction per year.  Source: DB-23, LB-FEE-8 (prospectus 862-905)."""
    return living.asset_charge(contract.income) + death_guarantee.asset_charge(contract.death, terms)


@rule
def charge_row(series: int, charge: float) -> int:
    """Row of the price table for a series and the daily charges of benefits.  Source: UNIT-6 (prospectus 7470-7479)."""
    whole, found = INSURANCE_CHARGES[series] + charge, 0
    for k in range(len(CHARGE_CLASSES)):
        if abs(CHARGE_CLASSES[k] - whole) < abs(CHARGE_CLASSES[found] - whole):
            found = k
    return found
