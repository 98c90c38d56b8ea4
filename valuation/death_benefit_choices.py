"""Choices about the optional Death Benefits: whose age counts, who may elect or terminate, when a claim is suspended.

Provisions   DB-4, DB-21, DB-22, DB-24, ELE-1, ELE-2 (prospectus 6967-6994, 7122-7127, 7203-7234, 7412-7421); constants
             terms/optional_death_benefits.toml
Clock        ages of the last birthday; the L Series chooses on the fifth to the tenth Annuity Anniversary
Readings     after a spousal assumption these anniversaries are counted from it, as for a new purchaser (A-DB-18); the date
             of death decides whether a claim is suspended
"""

from valuation.clock import Day, completed_years, months_after
from valuation.compile import routine
from valuation.contract import Life
from valuation.optional_death_benefits import COMBINATION, HIGHEST_DAILY, NONE, OptionalDeathBenefit
from valuation.terms.benefits import OptionalDeathBenefitTerms

LIVING_BENEFITS = ("NONE", "TAHD", "GMIB", "TI", "TIS", "HD", "HD7", "SHD7")
"""Order of the living benefits in the tables of permitted pairs."""


@routine
def measuring_birth(owner_birth: int, joint_birth: int, annuitant_birth: int, entity: bool) -> int:
    """Birth date whose ages count: of the older Owner, or of the Annuitant if an entity owns the Annuity.

    ``joint_birth``  0 if there is one Owner

    Source: DB-21 (prospectus 6991-6994, 7203-7216).
    """
    if entity:
        return annuitant_birth
    return min(owner_birth, joint_birth) if joint_birth != 0 else owner_birth


@routine
def permitted(terms: OptionalDeathBenefitTerms, plan: int, living: int) -> bool:
    """Whether the benefit may be in force beside a living benefit.  Source: ELE-1, DB-4 (prospectus 6978-6980, 7164-7166)."""
    if plan == COMBINATION:
        return terms.combination_with[living] != 0.0
    if plan == HIGHEST_DAILY:
        return terms.highest_daily_with[living] != 0.0
    return True


@routine
def _anniversary_of_choice(
    benefit: OptionalDeathBenefit, terms: OptionalDeathBenefitTerms, life: Life, day: Day
) -> bool:
    """Whether today's Annuity Anniversary lets an Owner of this series elect or terminate.  Source: DB-4, DB-22."""
    if day.anniversary == 0 or terms.choice_after_issue[life.series] == 0.0:
        return False
    number = completed_years(int(benefit.start), day.anniversary)
    return terms.choice_from <= number <= terms.choice_to


@routine
def may_elect(
    benefit: OptionalDeathBenefit, plan: int, terms: OptionalDeathBenefitTerms, life: Life, living: int, day: Day
) -> bool:
    """Whether the benefit may be elected today.

    At issue either; later only the Combination benefit, if none was elected before, on the anniversaries of a choice.

    ``living``  living benefit in force, index in LIVING_BENEFITS

    Source: DB-4, ELE-2 (prospectus 6967-6980, 6991-6994, 7122-7127, 7227-7231).
    """
    if benefit.plan != NONE or not permitted(terms, plan, living):
        return False
    if completed_years(life.owner_birth, day.today) > terms.election_age:
        return False
    if day.today == benefit.start:
        return True
    return plan == COMBINATION and _anniversary_of_choice(benefit, terms, life, day)


@routine
def may_terminate(benefit: OptionalDeathBenefit, terms: OptionalDeathBenefitTerms, life: Life, day: Day) -> bool:
    """Whether the Owner may terminate today: a benefit elected at issue, on the anniversaries of a choice.

    Source: DB-22, ELE-2 (prospectus 7218-7234).
    """
    in_force = benefit.plan == COMBINATION or benefit.plan == HIGHEST_DAILY
    return in_force and benefit.elected == benefit.start and _anniversary_of_choice(benefit, terms, life, day)


@routine
def is_suspended(terms: OptionalDeathBenefitTerms, issue: int, became: int, succeeded: bool, death: int) -> bool:
    """Whether the Death Benefit is suspended on a date of death.

    ``became``     day the decedent first became Owner or Annuitant
    ``succeeded``  because the prior Owner or Annuitant died

    Source: DB-24 (prospectus 7412-7421).
    """
    if succeeded or became <= issue + int(terms.suspension_grace_days):
        return False
    return death < months_after(became, int(terms.suspension_months))
