"""Changes of Owner, Annuitant and Beneficiary: which are accepted, and what they do to persons, ages and benefit.

The persons of a contract are its `Life`; a change that is accepted writes it anew.  Ages asked after it are those of the
new persons: last payment, Purchase Credits, income percentage, latest Annuity Date.

Provisions   PUR-7, GEN-9, HD7-14, SHD7-6, SHD7-7, DB-24 (prospectus 2595-2651, 6006-6011, 6688-6695, 6748-6774,
             7412-7421); constants terms/designations.toml
Readings     a person is known by the birth date; the ground is what the company found, and is tested as far as that goes
             a new Annuitant ends the Spousal benefit too, unless the other Designated Life succeeds by death
             a change is refused if the new latest Annuity Date would have passed
             a change of Owner ends every programme, also where the same person stays behind the new Owner
"""

from typing import Any

from valuation import death_guarantee, living
from valuation.annuity_date import latest_annuity_date
from valuation.compile import routine, rule
from valuation.contract import Life, change_life
from valuation.death_requests import end_death_benefit
from valuation.endings import end_benefit
from valuation.events import (
    AN_ENTITY,
    ANNUITANT_CHANGE,
    BENEFICIARY_CHANGE,
    BENEFIT_TERMINATION,
    CO_OWNER_REMOVED,
    CUSTODIAN,
    DECLINED,
    ENTITY_TO_ENTITY,
    FIRST_DEATH_PLAN,
    IRREVOCABLE,
    NO_CHOICE,
    OWNER_CHANGE,
    SAME_TAXPAYER,
    SUCCESSION,
    Events,
)
from valuation.failures import Reason
from valuation.fixed_money import cancel_fixed
from valuation.journal import refuse
from valuation.programme_state import end_programmes
from valuation.records import Contract, Facts, Records, change_contract, life_from
from valuation.terms import Terms

ANNUITANT_LOCKED = int(Reason.ANNUITANT_LOCKED)
BENEFICIARY_LOCKED = int(Reason.BENEFICIARY_LOCKED)
CHANGE_NOT_ACCEPTED = int(Reason.CHANGE_NOT_ACCEPTED)
GROUND_NOT_MET = int(Reason.GROUND_NOT_MET)
NOT_TERMINABLE = int(Reason.NOT_TERMINABLE)
NO_BENEFIT = int(Reason.NO_BENEFIT_IN_FORCE)
OWNER_AFTER_DEATH = int(Reason.OWNER_AFTER_DEATH)
OWNER_LOCKED = int(Reason.OWNER_LOCKED)
PERSON_TOO_OLD = int(Reason.PERSON_TOO_OLD)


@rule
def opens_the_day(kind: int) -> bool:
    """Whether a transaction is taken before the figures of the day are struck.  Source: README decision 3, step 2."""
    return kind == BENEFIT_TERMINATION or OWNER_CHANGE <= kind <= BENEFICIARY_CHANGE


@rule
def _in_force(income: Any) -> bool:
    return bool(income.stage == living.PRE or income.stage == living.POST)


@routine
def owner_refusal(life: Life, income: Any, ground: int, birth: int) -> int:
    """Why a new Owner is not accepted, 0 if he is; ``birth`` of the oldest Owner from now on, or AN_ENTITY.

    Source: PUR-7, HD7-14, SHD7-6 (prospectus 2639-2643, 6006-6011, 6688-6695).
    """
    if ground == SUCCESSION:
        return OWNER_AFTER_DEATH
    if _in_force(income) and living.locks_owner(income, ground):
        return OWNER_LOCKED
    met = ground in (NO_CHOICE, SAME_TAXPAYER)
    if ground == CUSTODIAN:
        met = birth == life.annuitant_birth or life.owner_birth == life.annuitant_birth
    elif ground == ENTITY_TO_ENTITY:
        met = birth == AN_ENTITY and life.entity == 1
    elif ground == CO_OWNER_REMOVED:
        met = birth == life.annuitant_birth and life.entity == 0
    return 0 if met else GROUND_NOT_MET


@routine
def annuitant_refusal(life: Life, ground: int) -> int:
    """Why a new Annuitant is not accepted, 0 if he is.  Source: PUR-7, GEN-9 (prospectus 2612-2618, 2644-2647)."""
    if life.entity == 1 and life.qualified == 0:
        return ANNUITANT_LOCKED
    return 0 if ground in (NO_CHOICE, SUCCESSION) else GROUND_NOT_MET


@routine
def _since(terms: Terms, life: Life, today: int) -> int:
    """Day from which a person counts as Owner or Annuitant; 0 since issue.  Source: DB-24 (prospectus 7412-7421)."""
    return today if today > life.issue + int(terms.designations.grace_days) else 0


@rule
def _dated(terms: Terms, life: Life) -> Life:
    """With the latest Annuity Date of the persons.  Source: ANN-2."""
    date = latest_annuity_date(terms.annuity_date, life.owner_birth, life.annuitant_birth, life.qualified == 1)
    return change_life(life, annuity_date=date)


@routine
def with_owner(terms: Terms, life: Life, ground: int, birth: int, sex: int, today: int) -> Life:
    """The persons after a change of Owner.  For an entity the Annuitant counts as Owner.

    Source: PUR-7, GEN-9, DB-24, ANN-2 (prospectus 2612-2624, 7412-7421).
    """
    if birth == AN_ENTITY:
        born, of_sex, since = life.annuitant_birth, life.annuitant_sex, life.annuitant_since
    else:
        born, of_sex, since = birth, sex, _since(terms, life, today)
        if ground == SAME_TAXPAYER:
            since = life.owner_since
        elif birth == life.annuitant_birth:
            since = life.annuitant_since
    entity = 1 if birth == AN_ENTITY else 0
    return _dated(terms, change_life(life, owner_birth=born, owner_sex=of_sex, owner_since=since, entity=entity))


@routine
def with_annuitant(terms: Terms, life: Life, ground: int, birth: int, sex: int, today: int) -> Life:
    """The persons after a change of Annuitant; a Designated Life who succeeds changes places with the one who died.

    Source: PUR-7, GEN-9, DB-24, ANN-2 (prospectus 2612-2624, 7412-7421).
    """
    since = _since(terms, life, today)
    if ground == SUCCESSION:
        since = 0
    elif life.entity == 0 and birth == life.owner_birth:
        since = life.owner_since
    spouse = life.annuitant_birth if ground == SUCCESSION and birth == life.spouse_birth else life.spouse_birth
    life = change_life(life, annuitant_birth=birth, annuitant_sex=sex, annuitant_since=since, spouse_birth=spouse)
    if life.entity == 1:
        life = change_life(life, owner_birth=birth, owner_sex=sex, owner_since=since)
    return _dated(terms, life)


@routine
def change_designation(records: Records, contract: Contract, facts: Facts, events: Events, k: int) -> Contract:
    """A change of Owner, Annuitant or Beneficiary; the persons of the contract are changed in place.

    A new Owner ends every programme.  A benefit that the change ends owes its accrued fee, except on the Annuitant's death.

    Source: PUR-7, HD7-14, HD7-16, SHD7-6, SHD7-7, DB-24 (prospectus 2632-2651, 6006-6011, 6688-6695, 7412-7421).
    """
    life, income = life_from(records.life), contract.income
    kind, ground, birth, today = events.kind[k], events.choice[k], events.date[k], facts.day.today
    after, reason = life, 0
    if kind == BENEFICIARY_CHANGE:
        reason = BENEFICIARY_LOCKED if life.irrevocable else 0
        after = change_life(life, irrevocable=today if ground == IRREVOCABLE else 0)
    elif kind == OWNER_CHANGE:
        reason = owner_refusal(life, income, ground, birth)
        after = with_owner(facts.terms, life, ground, birth, events.source[k], today)
    else:
        reason = annuitant_refusal(life, ground)
        after = with_annuitant(facts.terms, life, ground, birth, events.source[k], today)
    if reason == 0 and after.annuity_date != life.annuity_date and after.annuity_date <= today:
        reason = PERSON_TOO_OLD
    if events.target[k] == DECLINED:
        reason = CHANGE_NOT_ACCEPTED
    if reason:
        refuse(records.journal, k, reason)
        return contract
    for place in range(len(after)):
        records.life[place] = after[place]
    if kind == OWNER_CHANGE:
        end_programmes(records.programmes)
        cancel_fixed(records.fixed, records.book, records.journal)
    if kind == BENEFICIARY_CHANGE:
        return contract
    contract = change_contract(contract, death=death_guarantee.change_owner(contract.death, facts.terms, after, today))
    if not _in_force(income):
        return contract
    plan = facts.terms.income[int(income.plan)]
    aged = kind == ANNUITANT_CHANGE and living.too_old(income, plan, after, today)
    if aged or not living.survives(income, life, kind, ground, birth):
        return end_benefit(records, contract, facts, ground != SUCCESSION or living.charged_at_death(income))
    if kind == ANNUITANT_CHANGE:
        return change_contract(contract, income=living.new_annuitant(income, plan, after, today))
    return contract


@routine
def open_day(records: Records, contract: Contract, facts: Facts, events: Events, k: int) -> Contract:
    """A termination, or a change of designations; persons are changed in place.

    Source: README decision 3, step 2; HD7-16, PUR-7.
    """
    if events.kind[k] != BENEFIT_TERMINATION:
        return change_designation(records, contract, facts, events, k)
    if events.choice[k] >= FIRST_DEATH_PLAN:
        return end_death_benefit(records, contract, facts, k)
    if not _in_force(contract.income):
        refuse(records.journal, k, NO_BENEFIT)
    elif not living.owner_may_end(contract.income):
        refuse(records.journal, k, NOT_TERMINABLE)
    else:
        contract = end_benefit(records, contract, facts, True)
    return contract
