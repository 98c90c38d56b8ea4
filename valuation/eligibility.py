"""Who may elect which benefit, beside what, and what may be held with it: every answer is a reason, 0 for yes.

Provisions   EL-1 to EL-10, ELE-1 to ELE-3, LB-INV-1 to LB-INV-4, INV-2, INV-3, UNIT-6, C-6 (prospectus 112-123, 3527-3534,
             3774-3806, 3849-3853, 4148-4151, 4202-4208, 4597-4601, 4660-4664, 4904-4938, 4980-4985, 5351-5372, 5585-5590,
             6000-6034, 6231-6235, 6665-6711, 6960-6994, 7164-7166); constants terms/eligibility.toml
Order        who may own and be named, then ages, then the waiting time, then the money: the first reason is told
Readings     A-INV-1, A-INV-3, A-50, X-29, X-31; two Owners are not a single Owner; a termination by death asks for no
             waiting time, and is no participation of the spouse who continues
             lists of options bind elections, payments and transfers: what is held under an older list is left alone
One law      the ages are asked of the benefits' own modules; investments: valuation.investment_options
"""

from typing import NamedTuple

from valuation import guaranteed_minimum_income as gmib
from valuation import highest_daily as hd
from valuation import highest_daily_7 as hd7
from valuation import true_accumulation as tahd
from valuation import true_income as ti
from valuation.clock import Day, completed_years
from valuation.compile import routine, rule
from valuation.contract import Life
from valuation.death_benefit_choices import LIVING_BENEFITS, permitted
from valuation.death_benefit_choices import may_elect as may_elect_death_benefit
from valuation.failures import Reason
from valuation.optional_death_benefits import COMBINATION, HIGHEST_DAILY, NONE, OptionalDeathBenefit
from valuation.terms import ChargeTerms
from valuation.terms.investments import ElectionTerms

TAHD, GMIB, TI, TIS, HD, HD7, SHD7 = range(1, len(LIVING_BENEFITS))
"""Living benefits, by their place in `LIVING_BENEFITS`; 0 is none."""

BENEFIT_IN_FORCE = int(Reason.BENEFIT_IN_FORCE)
DEATH_BENEFIT_AGE = int(Reason.DEATH_BENEFIT_AGE)
DEATH_BENEFIT_EXCLUDED = int(Reason.DEATH_BENEFIT_EXCLUDED)
DEATH_BENEFIT_IN_FORCE = int(Reason.DEATH_BENEFIT_IN_FORCE)
DEATH_BENEFIT_TIME = int(Reason.DEATH_BENEFIT_TIME)
DESIGNATIONS_NOT_MET = int(Reason.DESIGNATIONS_NOT_MET)
ELECTION_AGE = int(Reason.ELECTION_AGE)
ELECTION_AGES = (int(Reason.ELECTION_AGE_HD7), int(Reason.ELECTION_AGE_SHD7))
ELECTION_AT_ISSUE = int(Reason.ELECTION_AT_ISSUE)
ELECTION_ON_ANNIVERSARY = int(Reason.ELECTION_ON_ANNIVERSARY)
FIXED_RATE_HELD = int(Reason.FIXED_RATE_HELD)
NO_SECOND_ELECTION = int(Reason.NO_SECOND_ELECTION)
NO_SPOUSE = int(Reason.NO_SPOUSE)
NO_VALUE = int(Reason.NO_VALUE_TO_GUARANTEE)
NOT_ALL_PERMITTED = int(Reason.NOT_ALL_PERMITTED)
NOT_OFFERED = int(Reason.NOT_OFFERED)
OWNER_NOT_ANNUITANT = int(Reason.OWNER_NOT_ANNUITANT)
REELECTION_TOO_EARLY = int(Reason.REELECTION_TOO_EARLY)

OTHER, SPOUSE, SPOUSES_EQUALLY, CUSTODIAL_ACCOUNT = range(4)
"""Beneficiary: someone else; the (surviving) spouse; both spouses equally; the custodial account that owns the Annuity."""

NOT_AN_OWNER, FIRST_NAMED, SECOND_NAMED = range(3)
"""Which Owner the Annuitant is."""


class Designations(NamedTuple):
    """Owner, Annuitant and Beneficiary as far as an election asks for them; one Owner who is the Annuitant by default."""

    owners: int = 1  # natural persons; 0 where an entity or a custodial account owns the Annuity
    annuitants: int = 1  # natural persons
    annuitant_is: int = FIRST_NAMED
    spouses: int = 0  # 1 if the Annuitant and the other designated life are each other's spouses
    beneficiary: int = OTHER
    custodial: int = 0  # 1 if the Owner is a custodial account for the Annuitant's retirement assets
    contingent_spouse: int = 0  # 1 if the Annuitant's spouse is the Contingent Annuitant


class Elections(NamedTuple):
    """What is in force, and what was; nothing by default."""

    living: int = 0  # place in LIVING_BENEFITS
    death: int = NONE  # plan of the optional Death Benefit
    lifetime_ended: int = 0  # day the Owner last ended a lifetime withdrawal benefit, 0 never
    accumulation_before: int = 0  # 1 after an earlier TrueAccumulation - Highest Daily
    highest_daily_before: int = 0  # 1 after an earlier TrueIncome - Highest Daily


class Holdings(NamedTuple):
    """Account Value on the day of the election, after what was moved and paid in before it, USD."""

    permitted: float  # in the Permitted Sub-accounts
    other: float  # in other Sub-accounts
    fixed: float  # in Fixed Rate Options, the Enhanced one included


class Offer(NamedTuple):
    """What the selling firm and the state leave of the offer: by living benefit (8,), by optional Death Benefit (4,)."""

    living: tuple[float, ...] = (1.0,) * 8  # 1 if offered
    oldest: tuple[float, ...] = (float("inf"),) * 8  # greatest attained age of Owner and Annuitant, years
    death: tuple[float, ...] = (1.0,) * 4
    oldest_death: tuple[float, ...] = (float("inf"),) * 4


@rule
def known_designations(life: Life) -> Designations:
    """What the persons of a contract tell where nothing more is known of their designations.

    One Owner or an entity, one Annuitant, and a spouse who is the Beneficiary; an entity that owns an IRA is taken for
    the custodial account whose Contingent Annuitant is the spouse.

    Source: GEN-9, EL-3 to EL-7 (prospectus 2595-2624).
    """
    married = 1 if life.spouse_birth != 0 else 0
    custodial = 1 if life.entity == 1 and life.qualified == 1 else 0
    if life.entity == 1:
        return Designations(0, 1, NOT_AN_OWNER, married, CUSTODIAL_ACCOUNT * custodial, custodial, custodial * married)
    named = FIRST_NAMED if life.owner_birth == life.annuitant_birth else NOT_AN_OWNER
    return Designations(1, 1, named, married, SPOUSE if married else OTHER, 0, 0)


@rule
def offer_refusal(offered: float, oldest: float, age: int) -> int:
    """Why the selling firm or the state does not let a benefit be elected at an attained age, 0 if it does.

    Source: ELE-3 (prospectus 112-123).
    """
    return NOT_OFFERED if offered == 0.0 or age > oldest else 0


@rule
def _oldest_age(life: Life, today: int) -> int:
    return completed_years(min(life.owner_birth, life.annuitant_birth), today)


@rule
def _for_one_life(named: Designations) -> int:
    """A single Owner who is the Annuitant, or an entity with a single natural Annuitant.

    Source: EL-3, EL-5, EL-6 (prospectus 4202-4204, 5351-5355, 6000-6004).
    """
    if named.annuitants != 1:
        return OWNER_NOT_ANNUITANT
    single = named.owners == 1 and named.annuitant_is == FIRST_NAMED
    return 0 if single or named.owners == 0 else OWNER_NOT_ANNUITANT


@routine
def _for_two_lives(benefit: int, life: Life, named: Designations) -> int:
    """Two natural persons who are spouses, named in one of the ways allowed.

    One Owner, or spouses who are co-Owners; for the later benefit the Annuitant may be either of them, the Beneficiary
    also both equally, and a custodial account may own the Annuity.

    Source: EL-4, EL-7 (prospectus 4904-4921, 6665-6686).
    """
    if named.owners == 1 and named.annuitant_is != FIRST_NAMED:
        return OWNER_NOT_ANNUITANT
    if life.spouse_birth == 0:
        return NO_SPOUSE
    wide = benefit == SHD7
    survivor = named.beneficiary == SPOUSE
    one = named.owners == 1 and named.annuitant_is == FIRST_NAMED and survivor
    first = named.annuitant_is == FIRST_NAMED or (wide and named.annuitant_is == SECOND_NAMED)
    two = named.owners == 2 and first and (survivor or (wide and named.beneficiary == SPOUSES_EQUALLY))
    account = named.owners == 0 and named.custodial == 1 and named.beneficiary == CUSTODIAL_ACCOUNT
    held = wide and account and named.contingent_spouse == 1
    met = named.annuitants == 1 and named.spouses == 1 and (one or two or held)
    return 0 if met else DESIGNATIONS_NOT_MET


@routine
def designation_refusal(benefit: int, life: Life, named: Designations) -> int:
    """Why Owner, Annuitant and Beneficiary do not allow a living benefit, 0 if they do.

    Source: EL-1 to EL-7 (prospectus 4202-4208, 4904-4921, 5351-5355, 6000-6004, 6665-6686).
    """
    if benefit in (TAHD, GMIB):
        return 0
    if benefit in (TIS, SHD7):
        return _for_two_lives(benefit, life, named)
    return _for_one_life(named)


@routine
def age_refusal(terms: ElectionTerms, benefit: int, life: Life, today: int) -> int:
    """Why the ages do not allow a living benefit today, 0 if they do.  Source: EL-1 to EL-7."""
    if benefit == TAHD:
        allowed = tahd.may_elect(terms.accumulation, life, today)
    elif benefit == GMIB:
        allowed = gmib.may_elect(terms.gmib, life, today)
    elif benefit in (TI, TIS):
        allowed = ti.may_elect(terms.true_income[benefit - TI], life, today)
    elif benefit == HD:
        allowed = hd.may_elect(hd.NEW_HIGHEST_DAILY, terms.highest_daily, life, today)
    else:
        allowed = hd7.may_elect(terms.income[benefit - HD7], life, today)
    if allowed:
        return 0
    return ELECTION_AGES[benefit - HD7] if benefit >= HD7 else ELECTION_AGE


@routine
def waiting_refusal(terms: ElectionTerms, benefit: int, past: Elections, day: Day, waived: bool) -> int:
    """Why an earlier benefit does not let this one be elected today, 0 if it does.

    After a lifetime withdrawal benefit the next one waits for an Annuity Anniversary, by its nominal date, at least 90
    days later; TrueIncome - Highest Daily is not elected twice; TrueAccumulation only on an anniversary.

    ``waived``  the company does without the wait

    Source: EL-1, EL-10, X-31 (prospectus 3527-3531, 4597-4601, 4935-4938, 5368-5372, 6017-6034, 6701-6711).
    """
    if benefit == TAHD:
        return ELECTION_ON_ANNIVERSARY if past.accumulation_before == 1 and day.anniversary == 0 else 0
    if benefit == HD and past.highest_daily_before == 1:
        return NO_SECOND_ELECTION
    if terms.eligibility.lifetime[benefit] == 0.0 or past.lifetime_ended == 0 or waived:
        return 0
    waited = day.anniversary - past.lifetime_ended >= terms.eligibility.wait_days
    return 0 if day.anniversary != 0 and waited else REELECTION_TOO_EARLY


@routine
def holding_refusal(terms: ElectionTerms, living: int, death: int, held: Holdings) -> int:
    """Why the Account Value does not let benefits begin, 0 if it does: all of it must be in what they permit.

    Source: LB-INV-1, LB-INV-2, LB-INV-3, INV-2, INV-3, A-INV-3 (prospectus 1248-1273, 3802-3806,
    5331-5336, 5964-5965, 6629-6630).
    """
    rules = terms.eligibility
    if held.permitted + held.other + held.fixed <= 0.0:
        return NO_VALUE
    if held.fixed >= terms.half_cent and rules.fixed_rate[living] * rules.fixed_rate_death[death] == 0.0:
        return FIXED_RATE_HELD
    restricted = rules.restricted[living] + rules.restricted_death[death] > 0.0
    return NOT_ALL_PERMITTED if restricted and held.other >= terms.half_cent else 0


@routine
def living_refusal(
    terms: ElectionTerms,
    offer: Offer,
    benefit: int,
    life: Life,
    named: Designations,
    past: Elections,
    held: Holdings,
    day: Day,
    waived: bool,
) -> int:
    """Why a living benefit may not be elected today, 0 if it may; it is effective today.

    Source: EL-1 to EL-10, ELE-1, ELE-3, C-6 (prospectus 112-123, 3527-3534, 3849-3853, 4202-4209, 4660-4664, 4980-4985,
    5585-5590, 6231-6235).
    """
    reason = 0
    if offer.living[benefit] == 0.0:
        reason = NOT_OFFERED
    elif past.living != 0:
        reason = BENEFIT_IN_FORCE
    elif not permitted(terms.death, past.death, benefit):
        reason = DEATH_BENEFIT_EXCLUDED
    elif benefit == GMIB and day.today != life.issue:
        reason = ELECTION_AT_ISSUE
    if reason == 0:
        reason = designation_refusal(benefit, life, named)
    if reason == 0:
        reason = age_refusal(terms, benefit, life, day.today)
    if reason == 0 and _oldest_age(life, day.today) > offer.oldest[benefit]:
        reason = NOT_OFFERED
    if reason == 0:
        reason = waiting_refusal(terms, benefit, past, day, waived)
    if reason == 0:
        reason = holding_refusal(terms, benefit, past.death, held)
    return reason


@routine
def death_benefit_refusal(
    terms: ElectionTerms,
    offer: Offer,
    plan: int,
    benefit: OptionalDeathBenefit,
    life: Life,
    past: Elections,
    held: Holdings,
    day: Day,
) -> int:
    """Why an optional Death Benefit may not be elected today, 0 if it may.

    ``benefit``  its state: what was elected or ended, and the day its values start

    Source: ELE-1, ELE-2, ELE-3, EL-9, DB-4, A-50 (prospectus 112-123, 6960-6994, 7122-7127, 7164-7166).
    """
    if offer.death[plan] == 0.0:
        return NOT_OFFERED
    if benefit.plan != NONE:
        return DEATH_BENEFIT_IN_FORCE
    if not permitted(terms.death, plan, past.living):
        return DEATH_BENEFIT_EXCLUDED
    age = completed_years(life.owner_birth, day.today)
    if age > terms.death.election_age:
        return DEATH_BENEFIT_AGE
    if age > offer.oldest_death[plan]:
        return NOT_OFFERED
    if not may_elect_death_benefit(benefit, plan, terms.death, life, past.living, day):
        return DEATH_BENEFIT_TIME
    return holding_refusal(terms, past.living, plan, held)


@routine
def daily_charge(terms: ElectionTerms, charges: ChargeTerms, series: int, living: int, death: int) -> float:
    """Charge class of a pair of benefits: Insurance Charge and the benefits' daily charges, fraction per year.

    GMIB and the two Highest Daily 7 benefits are charged otherwise.

    Source: UNIT-6, ELE-1, LB-FEE-1 to LB-FEE-8 (prospectus 862-898, 7470-7479).
    """
    charge = charges.insurance_charge[series]
    if living == TAHD:
        charge += terms.accumulation.annual_charge
    elif living in (TI, TIS):
        charge += terms.true_income[living - TI].charge
    elif living == HD:
        charge += terms.highest_daily.yearly_charge
    return charge + (terms.death.charge if death in (COMBINATION, HIGHEST_DAILY) else 0.0)
