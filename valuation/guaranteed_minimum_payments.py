"""Annuity payments under the Guaranteed Minimum Income Benefit: when they can be elected, what they are, for how long.

Provisions   GMIB-10 to GMIB-12, GMIB-14, GMIB-16 (prospectus 4028-4090); constants terms/guaranteed_minimum_income.toml
Clock        the election by Annuity Anniversaries, the wait and the special rates by years since the value was set
Readings     A-46; the first payment falls on the Annuity Date; nothing can be commuted
Inputs       the special and the current purchase rates: `valuation.annuity_rates` makes them
"""

from valuation.annuity_options import Payout, begin_joint, begin_life
from valuation.clock import Day, completed_years, last_anniversary, months_after
from valuation.compile import routine, rule
from valuation.contract import Life
from valuation.guaranteed_minimum_income import (
    ACTIVE,
    ANNUITISED,
    ProtectedIncome,
    anniversary_from,
    change_protected,
    end,
)
from valuation.terms.benefits import AnnuityOptionTerms, GmibTerms


@routine
def first_exercise(benefit: ProtectedIncome, terms: GmibTerms, life: Life) -> int:
    """The first anniversary from which payments can be elected.  Source: GMIB-10, A-46 (prospectus 3931-3935, 4028-4032)."""
    return anniversary_from(life.issue, months_after(int(benefit.reset), 12 * int(terms.waiting_years)))


@routine
def last_exercise(terms: GmibTerms, life: Life, ira: bool) -> int:
    """The anniversary by which payments must be elected.  Source: GMIB-10 (prospectus 4035-4041)."""
    age = terms.exercise_age_ira if ira else terms.exercise_age
    return anniversary_from(life.issue, months_after(life.annuitant_birth, 12 * int(age)))


@routine
def may_annuitise(benefit: ProtectedIncome, terms: GmibTerms, life: Life, day: Day, ira: bool) -> bool:
    """Whether payments under the benefit can be elected today: within 30 days after an anniversary, the wait over.

    A closed last anniversary is processed on the next Valuation Day.  Source: GMIB-10, C-2 (prospectus 4028-4041).
    """
    opened = last_anniversary(life.issue, day.today, 12)
    last = last_exercise(terms, life, ira)
    in_time = day.today <= last or day.prior < last
    waited = opened >= first_exercise(benefit, terms, life)
    return benefit.stage == ACTIVE and waited and in_time and day.today - opened <= terms.window_days


@rule
def annuity_payment(benefit: ProtectedIncome, special: float, current: float, account: float, tax: float) -> float:
    """Amount of each payment, USD: the Protected Income Value at the special rate, or more if the account gives it.

    ``special``  payment per USD of value for the option, the Annuitant's age and sex and the years since the value was set
    ``current``  payment per USD of Account Value at today's rates for the same option
    ``account``  Account Value less the charge of the part-year, USD
    ``tax``      tax charge due on annuitization, USD

    Source: GMIB-11 (prospectus 4047-4066).
    """
    return max(special * max(0.0, benefit.value - tax), current * max(0.0, account - tax))


@routine
def years_since_reset(benefit: ProtectedIncome, today: int) -> int:
    """Completed years that choose the special purchase rate.  Source: GMIB-9, GMIB-11 (prospectus 3953-3955)."""
    return completed_years(int(benefit.reset), today)


@routine
def annuitise(benefit: ProtectedIncome, today: int) -> ProtectedIncome:
    """Payments under the benefit begin: no charge and no value is left, only the annuity.

    Source: GMIB-14, GMIB-16 (prospectus 4087-4090, 4158-4164, 4193).
    """
    return change_protected(end(benefit, today), stage=float(ANNUITISED))


@routine
def begin_option_1(options: AnnuityOptionTerms, payment: float, today: int) -> Payout:
    """Payments for life with a certain period; the Beneficiary receives what is left of it, payment by payment.

    Source: GMIB-12 (prospectus 4068-4072, 4087-4090).
    """
    return begin_life(options, payment, 1, 0.0, False, today)


@routine
def begin_option_2(terms: GmibTerms, options: AnnuityOptionTerms, payment: float, today: int) -> Payout:
    """Payments for joint lives with a certain period: half to a surviving Joint Annuitant when it is over.

    Source: GMIB-12 (prospectus 4074-4090).
    """
    return begin_joint(options, payment, terms.survivor_share, 1, today)
