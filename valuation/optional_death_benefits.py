"""The optional Death Benefits: Combination 5% Roll-Up and Highest Anniversary Value (HAV), Highest Daily Value (HDV).

Provisions   DB-5 to DB-20, DB-22, DB-23, SPO-1 (prospectus 6996-7242, 7393-7443, 9515-9684); constants
             terms/optional_death_benefits.toml; who may elect, end or claim it: death_benefit_choices.py
Clock        the Roll-Up grows by completed Annuity Years and days over 365, its limit is set on nominal anniversaries;
             everything stops on the Target Date or the date of death, the first of the two
Readings     A-DB-1 to A-DB-12, A-DB-15, A-DB-18 to A-DB-21 of the specification, as recommended there
One law      a value that has stopped only takes Purchase Payments and falls in proportion to withdrawals, whether age or
             death has stopped it; a death learnt of later is told by taking its days again from the date of death
Not here     an optional Death Benefit pays no income and moves no assets; its charge is in the Unit Price
"""

from typing import NamedTuple

from valuation.clock import NEVER, Day, anniversary_clock, completed_years, months_after
from valuation.compile import changer, routine, rule
from valuation.contract import Array, Core, Layers, Life
from valuation.credits import LateCredits, is_late
from valuation.death_benefit import basic_death_benefit
from valuation.terms import PurchaseTerms
from valuation.terms.benefits import OptionalDeathBenefitTerms

NONE, COMBINATION, HIGHEST_DAILY, ENDED = range(4)
"""Plan: none elected (its values run on for a later election); 5% Roll-Up and HAV; Highest Daily Value; terminated."""

PLAN_NAMES = ("NONE", "COMBINATION", "HDV", "ENDED")


class OptionalDeathBenefit(NamedTuple):
    """State of the benefit."""

    plan: float  # NONE, COMBINATION, HIGHEST_DAILY or ENDED
    start: float  # day its values start: Issue Date, or the day a spouse assumed the Annuity
    elected: float  # day of the election, 0 before it
    ended: float  # day of termination, 0 before it
    death: float  # date of death, 0 in life
    target: float  # Death Benefit Target Date, day
    highest_target: float  # the same for the Highest Anniversary or Daily Value
    roll_up: float  # 5% Roll-Up with all credits, USD; 0 with the HDV
    limit: float  # what the Annuity Year still lets be withdrawn dollar for dollar, USD
    highest: float  # Highest Anniversary Value or Highest Daily Value with all credits, USD
    carried: float  # what a dollar that the Roll-Up had on `start` has become: growth and proportional withdrawals


NEW_OPTIONAL_DEATH_BENEFIT = OptionalDeathBenefit(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
change_death_benefit = changer(OptionalDeathBenefit)


class DeathBenefitDay(NamedTuple):
    """What is true of the benefit on one Valuation Day; the same for every scenario of a contract."""

    growth: float  # of the Roll-Up since the prior Valuation Day, but not past the Target Date or the death
    since_anniversary: float  # the part of it after the Annuity Anniversary due today; 1 if none is
    proportional: bool  # the Roll-Up has stopped: a withdrawal today is proportional as a whole
    anniversary_value: bool  # an Anniversary Value is taken today
    daily_value: bool  # a Daily Value is taken at the end of today


NO_DEATH_BENEFIT_DAY = DeathBenefitDay(1.0, 1.0, False, False, False)


@routine
def birthday_anniversary(terms: OptionalDeathBenefitTerms, life: Life) -> int:
    """First Annuity Anniversary on or after the birthday that ends the benefit's growth.

    Source: DB-14, A-DB-21 (prospectus 7092-7094, 7171-7175).
    """
    birthday = months_after(life.owner_birth, 12 * int(terms.target_age))
    years = max(1, completed_years(life.issue, birthday)) if birthday > life.issue else 1
    nominal = months_after(life.issue, 12 * years)
    return nominal if nominal >= birthday else months_after(life.issue, 12 * (years + 1))


@routine
def target_date(terms: OptionalDeathBenefitTerms, life: Life, start: int) -> int:
    """Death Benefit Target Date of the Combination benefit and of the HDV, at least five years after ``start``.

    Source: DB-14 (prospectus 7095-7100, 7171-7175).
    """
    return max(birthday_anniversary(terms, life), months_after(start, 12 * int(terms.target_years)))


@routine
def _highest_target(terms: OptionalDeathBenefitTerms, life: Life, plan: float, target: int) -> int:
    """Target Date of the highest value; its own inside the Combination benefit only if the terms say so (A-DB-6)."""
    if terms.highest_own_target and plan != HIGHEST_DAILY:
        return birthday_anniversary(terms, life)
    return target


@routine
def start_values(terms: OptionalDeathBenefitTerms, life: Life, payment: float, today: int) -> OptionalDeathBenefit:
    """The values of a contract on the Issue Date, before any election; or on the day a spouse assumes the Annuity.

    ``payment``  initial Purchase Payment with its credit, or the new Account Value, USD
    ``life``     of the Owners from today on

    Source: DB-7, DB-8, DB-11, DB-16, SPO-1, A-DB-18 (prospectus 7018-7028, 7105-7109, 7186-7189, 7393-7410).
    """
    target = target_date(terms, life, today)
    highest = _highest_target(terms, life, NONE, target)
    limit = terms.limit_share * payment
    return OptionalDeathBenefit(
        float(NONE), float(today), 0.0, 0.0, 0.0, float(target), float(highest), payment, limit, payment, 1.0
    )


@routine
def elect(
    benefit: OptionalDeathBenefit,
    plan: int,
    terms: OptionalDeathBenefitTerms,
    life: Life,
    account: float,
    today: int,
) -> OptionalDeathBenefit:
    """The benefit on its election.  A later one counts all payments and anniversaries since issue (A-DB-7).

    Source: DB-4, DB-7, DB-14 (prospectus 6967-6980, 7018-7021, 7092-7100).
    """
    roll_up, limit, highest = benefit.roll_up, benefit.limit, benefit.highest
    if today > benefit.start and terms.late_from_account:
        roll_up, limit, highest = account, terms.limit_share * account, account
    if plan == HIGHEST_DAILY:
        roll_up, limit = 0.0, 0.0
    own = _highest_target(terms, life, float(plan), int(benefit.target))
    return change_death_benefit(
        benefit,
        plan=float(plan),
        elected=float(today),
        highest_target=float(own),
        roll_up=roll_up,
        limit=limit,
        highest=highest,
    )


@routine
def change_owner(
    benefit: OptionalDeathBenefit, terms: OptionalDeathBenefitTerms, life: Life, today: int
) -> OptionalDeathBenefit:
    """A new Owner, or Annuitant of an entity: a new Target Date, but not before today.  Source: DB-14, A-DB-10."""
    target = target_date(terms, life, int(benefit.start))
    own = _highest_target(terms, life, benefit.plan, target)
    return change_death_benefit(benefit, target=float(max(target, today)), highest_target=float(max(own, today)))


@routine
def growth_factor(terms: OptionalDeathBenefitTerms, life: Life, since: int, until: int) -> float:
    """Growth of the Roll-Up from one day to another.  Source: DB-6 (prospectus 7018-7021, 9546-9547)."""
    years = anniversary_clock(life.issue, until) - anniversary_clock(life.issue, since)
    return float((1.0 + terms.roll_up) ** years)


@routine
def death_benefit_day(
    benefit: OptionalDeathBenefit, terms: OptionalDeathBenefitTerms, life: Life, day: Day
) -> DeathBenefitDay:
    """Settle what the benefit needs to know of one Valuation Day, by nominal dates.

    An Anniversary Value counts by the date of its anniversary, a Daily Value by its Valuation Day, both also when that is
    the Target Date or the date of death.  A withdrawal on the Target Date is proportional, one on the date of death is not.

    Source: DB-6 to DB-8, DB-10, DB-12, DB-13, DB-17 to DB-19, A-DB-19, A-DB-20, README decision 6 (prospectus 7014-7074).
    """
    if benefit.plan == ENDED or day.today < benefit.start:
        return DeathBenefitDay(1.0, 1.0, False, False, False)
    dead = int(benefit.death) if benefit.death > 0.0 else NEVER
    start = int(benefit.start)
    stop = min(int(benefit.target), dead)
    highest_stop = min(int(benefit.highest_target), dead)
    since, until = min(max(day.prior, start), stop), min(day.today, stop)
    after = 1.0
    if day.anniversary:
        after = growth_factor(terms, life, min(max(day.anniversary, since), until), until)
    daily = benefit.plan == HIGHEST_DAILY
    return DeathBenefitDay(
        growth_factor(terms, life, since, until),
        after,
        day.today >= int(benefit.target) or day.today > dead,
        not daily and day.anniversary > start and day.anniversary <= highest_stop,
        daily and day.today > start and day.today <= highest_stop,
    )


@rule
def grow(benefit: OptionalDeathBenefit, facts: DeathBenefitDay) -> OptionalDeathBenefit:
    """Daily growth of the Roll-Up.  Source: DB-7 (prospectus 7014-7021)."""
    return change_death_benefit(benefit, roll_up=benefit.roll_up * facts.growth, carried=benefit.carried * facts.growth)


@rule
def roll_year(
    benefit: OptionalDeathBenefit, terms: OptionalDeathBenefitTerms, facts: DeathBenefitDay, day: Day, account: float
) -> OptionalDeathBenefit:
    """An Annuity Anniversary: the Anniversary Value, and the year's dollar-for-dollar limit on the Roll-Up of that date.

    ``account``  after the annual fees and with a Longevity Credit of today, USD

    Source: DB-8, DB-11, DB-12, A-DB-2, A-TXN-1 (prospectus 537-540, 7025-7028, 7101-7109, 9558-9560).
    """
    if day.anniversary == 0:
        return benefit
    limit = 0.0 if facts.proportional else terms.limit_share * benefit.roll_up / facts.since_anniversary
    highest = max(benefit.highest, account) if facts.anniversary_value else benefit.highest
    return change_death_benefit(benefit, limit=limit, highest=highest)


@rule
def pay_in(benefit: OptionalDeathBenefit, payment: float) -> OptionalDeathBenefit:
    """A Purchase Payment with its credit; the year's limit stays.  Source: DB-7, DB-10, DB-12, DB-17, DB-19.

    The caller keeps `OptionalDeathBenefit.carried` of this moment with the payment, for `rolled_credits`.
    """
    more = payment if benefit.plan != HIGHEST_DAILY else 0.0
    return change_death_benefit(benefit, roll_up=benefit.roll_up + more, highest=benefit.highest + payment)


@routine
def withdraw(
    benefit: OptionalDeathBenefit, facts: DeathBenefitDay, gross: float, account: float, half_cent: float
) -> OptionalDeathBenefit:
    """The values after ``gross``, with any CDSC, leaves an Account Value of ``account``, USD.

    The Roll-Up falls dollar for dollar within the year's limit, and by the excess in proportion to the account left after
    that part; once it has stopped, by all of it in proportion.  The highest value always falls in proportion.  Without an
    Account Value no Death Benefit is left, not even what a last withdrawal within the limit would leave.

    Source: DB-3, DB-9, DB-10, A-DB-3, A-DB-11, README decisions 5, 8 and 12 (prospectus 7025-7042, 7110-7119, 9558-9574).
    """
    excess = gross if facts.proportional else gross - min(gross, benefit.limit)
    if excess < half_cent:
        excess = 0.0
    within = gross - excess
    left = account - within
    kept = max(0.0, 1.0 - excess / left) if left > 0.0 else 0.0
    return change_death_benefit(
        benefit,
        roll_up=max(0.0, benefit.roll_up - within) * kept,
        limit=max(0.0, benefit.limit - within),
        highest=benefit.highest * (1.0 - gross / account) if gross < account else 0.0,
        carried=benefit.carried * kept,
    )


@rule
def capture_day(benefit: OptionalDeathBenefit, facts: DeathBenefitDay, account: float) -> OptionalDeathBenefit:
    """The Daily Value at the end of a Valuation Day.  Source: DB-16, DB-17, A-DB-12 (prospectus 7181-7189)."""
    if facts.daily_value:
        return change_death_benefit(benefit, highest=max(benefit.highest, account))
    return benefit


@rule
def die(benefit: OptionalDeathBenefit, death: int) -> OptionalDeathBenefit:
    """The date of death stops the values; due proof may come later.  Source: DB-19, DB-20, A-DB-8 (prospectus 7423-7443)."""
    return change_death_benefit(benefit, death=float(death))


@routine
def late_in_roll_up(terms: PurchaseTerms, layers: Layers, carried: Array, event: int) -> float:
    """Late credits over `OptionalDeathBenefit.carried` when each was applied: times today's, what is left in the Roll-Up.

    ``carried``  (n,) that value by payment; with its growth, less its proportional withdrawals

    Source: DB-15, DB-19 (prospectus 7015-7021, 7044-7046).
    """
    late = 0.0
    for k in range(layers.used[0]):
        if carried[k] > 0.0 and is_late(terms, layers, k, event):
            late += layers.credit[k] / carried[k]
    return late


@rule
def roll_up_value(benefit: OptionalDeathBenefit, late: float) -> float:
    """5% Roll-Up payable on death, USD; ``late`` by `late_in_roll_up`.  Source: DB-7, DB-10, DB-15 (prospectus 7014-7046)."""
    if benefit.plan != COMBINATION:
        return 0.0
    return max(0.0, benefit.roll_up - late * benefit.carried)


@rule
def highest_value(benefit: OptionalDeathBenefit, core: Core, late: LateCredits) -> float:
    """Highest Anniversary Value or Highest Daily Value payable on death, without late credits, USD.

    Source: DB-12, DB-13, DB-15, DB-17, DB-18 (prospectus 7053-7074, 7101-7109, 7138-7159, 7181-7189).
    """
    if benefit.plan != COMBINATION and benefit.plan != HIGHEST_DAILY:
        return 0.0
    return max(0.0, benefit.highest - late.proportional * core.kept)


@rule
def death_benefit(
    benefit: OptionalDeathBenefit, core: Core, late: LateCredits, rolled: float, account: float, suspended: bool
) -> float:
    """Death Benefit: the greatest of the basic one and the values of the benefit elected, USD.

    ``late``       credits that a death on the day of death takes back; ``rolled`` the same by `late_in_roll_up`
    ``account``    Account Value when due proof of death is received, USD; the values stopped on the date of death
    ``suspended``  the decedent's two years are not over: the Account Value alone is paid (A-DB-9)

    Source: DB-5, DB-12, DB-17, DB-20, DB-24 (prospectus 7005-7012, 7056-7074, 7138-7159, 7412-7443).
    """
    if suspended:
        return max(0.0, account - late.applied)
    highest = max(roll_up_value(benefit, rolled), highest_value(benefit, core, late))
    return max(basic_death_benefit(core, late, account, False), highest)


@rule
def yearly_charge(benefit: OptionalDeathBenefit, terms: OptionalDeathBenefitTerms) -> float:
    """Charge of the benefit in force, fraction per year of the Sub-accounts.  Source: DB-23 (prospectus 7236-7242)."""
    return terms.charge if benefit.plan == COMBINATION or benefit.plan == HIGHEST_DAILY else 0.0


@routine
def end(benefit: OptionalDeathBenefit, today: int) -> OptionalDeathBenefit:
    """Termination: by the Owner, on the Annuity Date, or for the Code; nothing of it is left but its dates.

    Source: DB-22 (prospectus 7218-7234).
    """
    return OptionalDeathBenefit(
        float(ENDED), benefit.start, benefit.elected, float(today), benefit.death, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    )
