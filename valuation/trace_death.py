"""Telling the optional Death Benefit: elections, its values of the day, what a withdrawal leaves, and the claim of a death."""

from valuation import death_guarantee
from valuation import optional_death_benefits as law
from valuation.credits import late_credits
from valuation.death_benefit import basic_death_benefit, is_suspended
from valuation.death_requests import elect_death_benefit, end_death_benefit
from valuation.events import FIRST_DEATH_PLAN
from valuation.optional_death_benefits import COMBINATION, HIGHEST_DAILY, OptionalDeathBenefit
from valuation.records import change_contract, change_facts, life_from
from valuation.telling import SHARE, Figure, Figures, iso
from valuation.trace_programmes import ProgrammeTeller


class DeathTeller(ProgrammeTeller):
    """What the day does to the optional Death Benefit."""

    @property
    def death_elected(self) -> bool:
        """Whether an optional Death Benefit is in force."""
        return self.contract.death.plan in (COMBINATION, HIGHEST_DAILY)

    def settle_death_day(self) -> None:
        """Persons and facts of the day anew, after an issue, an election, a termination or a change of designations."""
        facts, life = self.facts, life_from(self.records.life)
        today = death_guarantee.death_day(self.contract.death, facts.terms, life, facts.day)
        self.facts = change_facts(facts, life=life, death=today)

    def elect_death(self, k: int) -> None:
        """Step 8: an election."""
        before, count = self.contract.death, self.refusals()
        plan = int(self.events.choice[k]) - FIRST_DEATH_PLAN
        self.contract = elect_death_benefit(self.records, self.contract, self.facts, plan, k)
        self.settle_death_day()
        why, after = self.refused(count), self.contract.death
        note = why or f"its values have run since {iso(after.start)}; Target Date {iso(after.target)}"
        title = f"Election of the Death Benefit {law.PLAN_NAMES[plan]}"
        self.tell(title, elect_death_benefit, not why, note, () if why else self._values(before, after))

    def end_death(self, k: int) -> None:
        """Step 2: a termination."""
        before, count = self.contract.death, self.refusals()
        self.contract = end_death_benefit(self.records, self.contract, self.facts, k)
        self.settle_death_day()
        why = self.refused(count)
        note = why or "the basic Death Benefit is left, and none can be elected again"
        figures = () if why else self._values(before, self.contract.death)
        self.tell("Termination of the Death Benefit", end_death_benefit, not why, note, figures)

    def death_values(self, before: OptionalDeathBenefit, after: OptionalDeathBenefit) -> None:
        """Steps 4 and 7: growth of the Roll-Up, the Anniversary Value and the year's limit."""
        if not self.death_elected:
            return
        stopped = f"stopped on {iso(min(after.target, after.death or after.target))}"
        note = stopped if self.facts.death.proportional else f"until the Target Date {iso(after.target)}"
        if self.facts.death.anniversary_value:
            note = f"{note}; the Account Value of the anniversary is an Anniversary Value"
        rule = law.roll_year if self.facts.day.anniversary else law.grow
        self.tell("Death Benefit: values of the day", rule, before != after, note, self._values(before, after))
        charge = law.yearly_charge(after, self.facts.terms.death)
        figures: Figures = (Figure("daily charge of the benefit, per year", None, charge, SHARE),)
        self.tell(
            "Charge of the Death Benefit", law.yearly_charge, False, "deducted in the Unit Price, no fee", figures
        )

    def death_withdrawal(self, before: OptionalDeathBenefit, taken: float) -> None:
        """Step 10: what a withdrawal leaves of the values."""
        if not self.death_elected or taken <= 0.0:
            return
        note = "the highest value falls in the proportion of the withdrawal to the Account Value"
        if before.plan == COMBINATION:
            within = 0.0 if self.facts.death.proportional else min(taken, before.limit)
            note = f"{within:,.2f} of it lowers the Roll-Up dollar for dollar, the rest in proportion; {note}"
        figures = self._values(before, self.contract.death)
        self.tell("Death Benefit: after the withdrawal", law.withdraw, True, note, figures)

    def death_capture(self, account: float) -> None:
        """Step 12: the Daily Value."""
        before, counts = self.contract.death, self.facts.death.daily_value
        after = death_guarantee.capture(before, self.facts.death, account)
        self.contract = change_contract(self.contract, death=after)
        if before.plan != HIGHEST_DAILY:
            return
        figures = (Figure("Account Value", None, account), Figure("Highest Daily Value", before.highest, after.highest))
        note = "a new high" if after.highest > before.highest else "not above the Highest Daily Value"
        note = note if counts else "no Daily Value is taken today"
        self.tell("Death Benefit: Daily Value", law.capture_day, after.highest > before.highest, note, figures)

    def death_claim(self, k: int) -> Figures:
        """Step 11: the branches of a claim, before it is settled."""
        facts, layers, death = self.facts, self.records.layers, self.contract.death
        died, core = int(self.events.date[k]), self.contract.core
        late = late_credits(facts.terms.purchase, layers, died)
        if is_suspended(facts.terms.designations, facts.life, died):
            return (Figure("Purchase Credits taken back", None, late.applied),)
        figures: Figures = (Figure("basic Death Benefit", None, basic_death_benefit(core, late, self.account, False)),)
        if death.plan == COMBINATION:
            rolled = death_guarantee.rolled_credits(death, facts.terms, layers, died)
            figures += (Figure("5% Roll-Up", None, law.roll_up_value(death, rolled)),)
        if self.death_elected:
            figures += (Figure(_highest(death), None, law.highest_value(death, core, late)),)
        return figures

    def _values(self, before: OptionalDeathBenefit, after: OptionalDeathBenefit) -> Figures:
        figures: Figures = (Figure(_highest(after), before.highest, after.highest),)
        if COMBINATION in (before.plan, after.plan):
            figures = (
                Figure("5% Roll-Up", before.roll_up, after.roll_up),
                Figure("left of the year's dollar-for-dollar limit", before.limit, after.limit),
                *figures,
            )
        return figures


def _highest(death: OptionalDeathBenefit) -> str:
    return "Highest Daily Value" if death.plan == HIGHEST_DAILY else "Highest Anniversary Value"
