"""Charge classes: a row of the price table for every sum of the daily charges of a series and of a living benefit.

Rules     UNIT-6, UNIT-7, LB-FEE-1, LB-FEE-3, LB-FEE-4, LB-FEE-8 (prospectus 862-898, 7470-7479, 7586-7598)
Readings  A-UNIT-6: a contract that changes class is re-based at the end of the day; the new charge counts from the next one
          charges of the same sum are one class, whatever they are made of
"""

from valuation.compile import rule
from valuation.terms import load_terms
from valuation.terms.benefits import load_accumulation_terms, load_true_income_terms

INSURANCE_CHARGES: tuple[float, ...] = tuple(float(c) for c in load_terms(True).charges.insurance_charge)
"""Insurance Charge by series B, L, X, fraction per year."""

BENEFIT_CHARGES: tuple[float, ...] = (
    0.0,
    *sorted({float(min(terms.charge, terms.maximum_charge)) for terms in load_true_income_terms()}),
    float(load_accumulation_terms().annual_charge),
)
"""Daily charges of living benefits, fraction per year; first none."""

CHARGE_CLASSES: tuple[float, ...] = tuple(
    dict.fromkeys(round(insurance + benefit, 6) for benefit in BENEFIT_CHARGES for insurance in INSURANCE_CHARGES)
)
"""Sum of the daily charges of every class, fraction per year: the series without a charged benefit first."""


@rule
def charge_row(series: int, charge: float) -> int:
    """Row of the price table for a series and the daily charge of benefits.  Source: UNIT-6 (prospectus 7470-7479)."""
    whole, found = INSURANCE_CHARGES[series] + charge, 0
    for k in range(len(CHARGE_CLASSES)):
        if abs(CHARGE_CLASSES[k] - whole) < abs(CHARGE_CLASSES[found] - whole):
            found = k
    return found
