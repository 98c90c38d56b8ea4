"""Charge classes: the Insurance Charge of a series with the daily charge of a living benefit, a row of the price table each.

Rules     UNIT-6, UNIT-7, LB-FEE-3, LB-FEE-4, LB-FEE-8, BCO-2 (prospectus 862-898, 7470-7479, 7586-7598)
Readings  A-UNIT-6: a contract that changes class is re-based at the end of the day; the new charge counts from the next one
"""

from valuation.compile import rule
from valuation.terms import load_terms
from valuation.terms.benefits import load_beneficiary_terms, load_true_income_terms

INSURANCE_CHARGES: tuple[float, ...] = tuple(float(c) for c in load_terms(True).charges.insurance_charge)
"""Insurance Charge by series B, L, X, fraction per year."""

N_SERIES = len(INSURANCE_CHARGES)

BENEFIT_CHARGES: tuple[float, ...] = (
    0.0,
    *sorted({float(min(terms.charge, terms.maximum_charge)) for terms in load_true_income_terms()}),
)
"""Daily charges of living benefits, fraction per year; first none."""

CHARGE_CLASSES: tuple[float, ...] = (
    *(round(insurance + benefit, 6) for benefit in BENEFIT_CHARGES for insurance in INSURANCE_CHARGES),
    float(load_beneficiary_terms().settlement_charge),
)
"""Sum of the daily charges of every class, fraction per year: the series without a charged benefit first, the Settlement
Service Charge of an Annuity that goes on for a Beneficiary last (BCO-2)."""

SETTLEMENT_ROW = len(CHARGE_CLASSES) - 1


@rule
def charge_row(series: int, charge: float) -> int:
    """Row of the price table for a series and a benefit's daily charge.  Source: UNIT-6 (prospectus 7470-7479)."""
    found = 0
    for k in range(len(BENEFIT_CHARGES)):
        if abs(BENEFIT_CHARGES[k] - charge) < abs(BENEFIT_CHARGES[found] - charge):
            found = k
    return found * N_SERIES + series
