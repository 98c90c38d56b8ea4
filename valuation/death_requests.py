"""Election and termination of the optional Death Benefits at the Owner's request.

Source: DB-4, DB-22, ELE-1, ELE-2 (prospectus 6967-6994, 7122-7127, 7218-7234).
"""

from valuation import living
from valuation import optional_death_benefits as law
from valuation.account import total, value
from valuation.clock import completed_years
from valuation.compile import routine
from valuation.death_benefit_choices import may_elect, may_terminate, permitted
from valuation.failures import Reason
from valuation.fixed_requests import death_refusal
from valuation.journal import refuse
from valuation.optional_death_benefits import COMBINATION, HIGHEST_DAILY
from valuation.records import Contract, Facts, Records, change_contract

DEATH_BENEFIT_AGE = int(Reason.DEATH_BENEFIT_AGE)
DEATH_BENEFIT_EXCLUDED = int(Reason.DEATH_BENEFIT_EXCLUDED)
DEATH_BENEFIT_IN_FORCE = int(Reason.DEATH_BENEFIT_IN_FORCE)
DEATH_BENEFIT_TIME = int(Reason.DEATH_BENEFIT_TIME)


@routine
def elect_death_benefit(records: Records, contract: Contract, facts: Facts, plan: int, k: int) -> Contract:
    """Elect the Combination benefit or the Highest Daily Value; once ended, none can be elected again."""
    death, terms, today = contract.death, facts.terms.death, facts.day.today
    reason = 0
    if death.plan != law.NONE:
        reason = DEATH_BENEFIT_IN_FORCE
    elif not permitted(terms, plan, living.listed(contract.income)):
        reason = DEATH_BENEFIT_EXCLUDED
    elif completed_years(facts.life.owner_birth, today) > terms.election_age:
        reason = DEATH_BENEFIT_AGE
    elif not may_elect(death, plan, terms, facts.life, living.listed(contract.income), facts.day):
        reason = DEATH_BENEFIT_TIME
    else:
        reason = death_refusal(records.fixed, records, plan)
    if reason:
        refuse(records.journal, k, reason)
        return contract
    elected = law.elect(death, plan, terms, facts.life, total(value(records.book)), today)
    return change_contract(contract, death=elected)


@routine
def end_death_benefit(records: Records, contract: Contract, facts: Facts, k: int) -> Contract:
    """Terminate it, where the series and the anniversary let the Owner."""
    death = contract.death
    if not may_terminate(death, facts.terms.death, facts.life, facts.day):
        in_force = death.plan == COMBINATION or death.plan == HIGHEST_DAILY
        refuse(records.journal, k, DEATH_BENEFIT_TIME if in_force else DEATH_BENEFIT_IN_FORCE)
        return contract
    return change_contract(contract, death=law.end(death, facts.day.today))
