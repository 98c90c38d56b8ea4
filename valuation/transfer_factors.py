"""The factors "a" of the transfer formulas, computed from the mortality table and the interest rate they are derived from.

The prospectus names the a2000 Individual Annuity Mortality Table and 3%, and prints 492 factors under "Age 65".  The
basis below gives all of them to the printed digits; no other basis tried does (see the tests):

- unisex mortality: the mean of the male and the female death probability at each age;
- 1 a year while the life survives, in twelve equal payments, each at the start of its month;
- deaths spread evenly over each year of age;
- values at ages 65, 66 ... by this recursion, straight lines by month between them;
- the table stops after its last year: that year falls in a straight line to zero.

Provisions   ATF-4 (Appendices D and F, prospectus 9714-9721, 9822-9874, 10049-10106)
Use          the law reads the printed table; this is its check, and makes tables for other ages, rates and mortality
"""

import numpy as np

from valuation.assumptions import mortality_tables
from valuation.contract import Array

MONTHS = 12
FIRST_AGE = 65
YEARS = 41
RATE = 0.03


def unisex(name: str, share_male: float = 0.5) -> Array:
    """(121,) annual death probabilities by age, a mean of both sexes; 1 past the end of the table.

    ``name``  of a table in the packaged mortality data, as "a2000"
    """
    tables = mortality_tables()
    male, female = (np.nan_to_num(tables[f"{name}_{sex}"], nan=1.0) for sex in "mf")
    return share_male * male + (1.0 - share_male) * female


def annuity_by_age(death: Array, rate: float, payments: int = MONTHS) -> Array:
    """(n + 1,) value at each age of 1 a year for life in ``payments`` equal payments in advance, by even deaths.

    ``death``  (n,) annual death probabilities; nobody lives past the last age
    """
    discount = 1.0 / (1.0 + rate)
    part = np.arange(payments) / payments
    values = np.zeros(len(death) + 1)
    for age in range(len(death) - 1, -1, -1):
        year = np.mean(discount**part * (1.0 - part * death[age]))
        values[age] = year + discount * (1.0 - death[age]) * values[age + 1]
    return values


def factor_table(death: Array, rate: float = RATE, first_age: int = FIRST_AGE, years: int = YEARS) -> Array:
    """(12 years,) the factor "a" by completed month, unrounded.  Source: ATF-4 (prospectus 9714-9721, 9822-9874)."""
    values = annuity_by_age(death, rate)[first_age : first_age + years]
    months = np.arange(years * MONTHS)
    factors: Array = np.interp(months, MONTHS * np.arange(years + 1), np.append(values, 0.0))
    return factors


def rounded(factors: Array) -> Array:
    """Factors to the two digits that are printed, half up."""
    return np.floor(factors * 100.0 + 0.5) / 100.0
