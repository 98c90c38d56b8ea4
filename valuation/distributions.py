"""What the tax law asks of distributions, as far as the programmes of the Annuity follow it: when, how much, how long.

Provisions   RMD-2, RMD-3, SEPP-1 (prospectus 3208-3262, 7718-7722, 7980-7982, 8122-8153); constants terms/programmes.toml
Readings     A-TAX-2: the actuarial value of death benefits and riders is an input
             the factor is that of the Uniform Lifetime Table, by the age attained in the calendar year; a spouse more
             than ten years younger, a joint table and a deferral to retirement are not followed
"""

from valuation.clock import civil, months_after
from valuation.compile import routine, rule
from valuation.terms import ProgrammeTerms


@rule
def first_distribution_year(terms: ProgrammeTerms, birth: int) -> int:
    """Calendar year in which age 70 1/2 is reached, the first one with a distribution.

    The day by which that one must be made is `valuation.taxes.required_beginning_date`.  Source: RMD-2 (prospectus 7980-7982).
    """
    return civil(months_after(birth, int(terms.distribution_months)))[0]


@rule
def uniform_lifetime(terms: ProgrammeTerms, birth: int, year: int) -> float:
    """Factor of a distribution calendar year, by the age attained in it, years.  Source: RMD-3."""
    table = terms.uniform_lifetime_new if year >= terms.new_table_year else terms.uniform_lifetime
    age = year - civil(birth)[0]
    return table[min(max(age - int(terms.table_age), 0), len(table) - 1)]


@routine
def required_distribution(terms: ProgrammeTerms, birth: int, year: int, worth: float) -> float:
    """Required Minimum Distribution of a calendar year, USD; 0 before the first one.

    worth  Account Value on 31 December before, with the actuarial value of the additional benefits, USD

    Source: RMD-2, RMD-3 (prospectus 3251-3254, 8122-8153).
    """
    if year < first_distribution_year(terms, birth):
        return 0.0
    return worth / uniform_lifetime(terms, birth, year)


@routine
def equal_payments_through(terms: ProgrammeTerms, birth: int, first: int) -> int:
    """Day number up to which substantially equal payments must go on, lest the penalty apply to all of them.

    first  day of the first payment

    Source: SEPP-1 (prospectus 7718-7722).
    """
    return max(months_after(birth, int(terms.equal_payment_months)), months_after(first, int(terms.equal_payment_term)))
