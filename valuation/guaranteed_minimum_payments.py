"""Annuity payments under the Guaranteed Minimum Income Benefit: when they can be elected, what they are, for how long.

Provisions   GMIB-10 to GMIB-12, GMIB-14, GMIB-16 (prospectus 4028-4090); constants terms/guaranteed_minimum_income.toml
Clock        the election by Annuity Anniversaries, the wait and the special rates by years since the value was set
Readings     A-46; the first payment falls on the Annuity Date; nothing can be commuted; payments are monthly; a Roth IRA is
             treated like the other IRAs, as for the latest Annuity Date
Inputs       the special and the current purchase rates: `valuation.guaranteed_minimum_rates` has them
"""

from valuation.account import money
from valuation.annuity_options import JOINT, LIFE, Payout, begin_joint, begin_life, owed, paid_through, pay
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


@routine
def with_payments(benefit: ProtectedIncome, payout: Payout, today: int, cents: float) -> ProtectedIncome:
    """The benefit that holds its annuity, each payment in units of ``cents``.  Source: GMIB-12, C-22 (prospectus 4068-4090)."""
    return change_protected(
        annuitise(benefit, today),
        payment=money(payout.payment, cents),
        certain=payout.certain,
        made=payout.made,
        share=payout.share,
        annuitant=payout.annuitant,
        joint=payout.joint,
        lives=1.0 + payout.joint,
    )


@routine
def annuity_of(benefit: ProtectedIncome) -> Payout:
    """The annuity that the benefit holds, as the annuity options pay it."""
    return Payout(
        float(JOINT) if benefit.share > 0.0 else float(LIFE),
        benefit.ended,
        1.0,
        benefit.payment,
        benefit.certain,
        benefit.made,
        benefit.share,
        benefit.annuitant,
        benefit.joint,
        0.0,
        0.0,
        0.0,
        0.0,
        benefit.ended,
    )


@routine
def following_weekday(today: int) -> int:
    """The next weekday: the next Valuation Day, or a holiday of the same year or the first day of the new one."""
    weekday = (today + 3) % 7  # 0 is Monday
    return today + (7 - weekday if weekday >= 4 else 1)


@routine
def pay_annuity(benefit: ProtectedIncome, today: int, cents: float) -> tuple[ProtectedIncome, float]:
    """Make the monthly payments due today, USD; the benefit ends with the last.

    Source: GMIB-12, TXN-5 (prospectus 4068-4090, 7561-7572).
    """
    payout, paid = pay(annuity_of(benefit), paid_through(today, following_weekday(today)))
    benefit = change_protected(benefit, made=payout.made)
    if not owed(payout):
        benefit = end(benefit, int(benefit.ended))
    return benefit, money(paid, cents)


@routine
def life_ends(benefit: ProtectedIncome, joint: bool) -> ProtectedIncome:
    """A death under the annuity, of the Joint Annuitant if ``joint``; ``lives`` is 0 when nothing more is owed.

    Source: GMIB-12 (prospectus 4068-4090).
    """
    if joint:
        benefit = change_protected(benefit, joint=0.0)
    else:
        benefit = change_protected(benefit, annuitant=0.0)
    left = max(1.0, benefit.annuitant + benefit.joint)
    return change_protected(benefit, lives=left if owed(annuity_of(benefit)) else 0.0)


@routine
def death_takes_effect(benefit: ProtectedIncome, dies: float, survival: float, through: int, prior: int) -> float:
    """Probability of a month of a projection that payments stop: none in the certain period, all of its deaths at its end.

    ``dies``      probability of death of the month
    ``survival``  probability of living from the Annuity Date to the end of the month
    ``through``   nominal end of the month; ``prior`` of the month before

    Source: GMIB-12 (prospectus 4068-4072).
    """
    last = months_after(int(benefit.ended), int(benefit.certain) - 1)
    if last > through:
        return 0.0
    return 1.0 - survival if last > prior else dies
