"""Telling what an Owner asked for and what the contract answered: the requests of `valuation.trace`."""

from typing import Any

from valuation import living, payout
from valuation.account import money
from valuation.applied import end_or_settle
from valuation.changes import change_designation, open_day, opens_the_day
from valuation.clock import civil
from valuation.contract import ACTIVE, PENDING, STATUS_NAMES, change_core
from valuation.death_benefit import is_suspended
from valuation.endings import end_benefit, exhaust
from valuation.events import (
    ALLOCATION,
    ANNUITIZATION,
    AUTO_STEP_UP,
    BENEFIT_TERMINATION,
    DEATH,
    ELECTION,
    FIRST_DEATH_PLAN,
    FREE_LOOK,
    INCOME,
    ISSUE,
    MEDICAL_SURRENDER,
    PAYMENT_CHOICE,
    PURCHASE_PAYMENT,
    RMD_NOTICE,
    RMD_WITHDRAWAL,
    SPOUSAL_CONTINUATION,
    STEP_UP,
    SURRENDER,
    TRANSFER,
    WITHDRAWAL,
)
from valuation.free_look import cancel
from valuation.highest_daily_7 import PRE
from valuation.journal import refuse
from valuation.medical import medical_surrender
from valuation.programmes import is_programme, is_scheduled_payment
from valuation.records import change_contract, change_facts
from valuation.requests import (
    NO_PAYMENT_CHOICE,
    NOT_IN_GOOD_ORDER,
    elect,
    instruct,
    move_money,
    pay_in,
    pay_out,
    set_auto_step_up,
    sets_auto_step_up,
    split_request,
    step_up,
)
from valuation.telling import NUMBER, SHARE, Figure, Figures, iso
from valuation.trace_death import DeathTeller
from valuation.withdrawals import distribution_due, free_withdrawal_left

_ENDINGS = (
    SURRENDER,
    ANNUITIZATION,
    DEATH,
    SPOUSAL_CONTINUATION,
    MEDICAL_SURRENDER,
    FREE_LOOK,
    PAYMENT_CHOICE,
)


class RequestTeller(DeathTeller):
    """Requests of the day, in the order of `valuation.day`."""

    def terminations(self) -> None:
        """Step 2."""
        for k in self.requests:
            if self.events.kind[k] != BENEFIT_TERMINATION:
                if opens_the_day(self.events.kind[k]):
                    self._designation(k)
                continue
            if self.events.choice[k] >= FIRST_DEATH_PLAN:
                self.end_death(k)
                continue
            before, count = self.account, self.refusals()
            self.contract = open_day(self.records, self.contract, self.facts, self.events, k)
            self.settle_death_day()
            why = self.refused(count)
            figures: Figures = (Figure("Account Value", before, self.account),)
            note = "accrued fee taken" if self.account < before else "no accrued fee is due"
            self.tell("Termination of the benefit", end_benefit, not why, why or note, figures)

    def _designation(self, k: int) -> None:
        """Step 2: a new Owner, Annuitant or Beneficiary."""
        before, count, covered = self.facts.life, self.refusals(), self.covered
        self.contract = change_designation(self.records, self.contract, self.facts, self.events, k)
        self.settle_death_day()
        facts, life = self.facts, self.facts.life
        why = self.refused(count)
        note = "the living benefit ends, its accrued fee is taken" if covered and not self.covered else "accepted"
        if life.owner_birth != before.owner_birth or life.annuitant_birth != before.annuitant_birth:
            born = (
                f"the Owner whose age counts is born {iso(life.owner_birth)}, the Annuitant {iso(life.annuitant_birth)}"
            )
            note = f"{note}; {born}; latest Annuity Date {iso(life.annuity_date)}"
        if is_suspended(facts.terms.designations, life, facts.day.today):
            note = f"{note}; the guarantee of the Death Benefit is suspended for two years"
        self.tell(self.asked(k), change_designation, not why, why or note)

    def payments(self) -> float:
        """Step 8, payments; what was applied with its credits, USD."""
        received = 0.0
        for k in self.requests:
            kind = self.events.kind[k]
            if kind != PURCHASE_PAYMENT and not (kind == ISSUE and self.contract.core.status == PENDING):
                continue
            before, count, account = self.contract, self.refusals(), self.account
            self.contract = pay_in(self.records, before, self.facts, self.events, k)
            received += self.contract.core.basic - before.core.basic
            if kind == ISSUE:
                self.settle_death_day()
            why = self.refused(count)
            figures: Figures = (
                Figure("amount", None, float(self.events.amount[k])),
                Figure("Account Value", account, self.account),
                *self.values(before.income),
            )
            self.tell(self.asked(k), pay_in, not why, why or "applied by the allocation instructions", figures)
        return received

    def values(self, before: Any) -> Figures:
        """What a payment or an election changes of the benefit."""
        income = Figure("Annual Income Amount", living.yearly_income(before), living.yearly_income(self.income))
        return (*self.tracked(before), income)

    def step_ups(self) -> None:
        """Step 8: step-ups at the Owner's request, before any payment."""
        for k in self.requests:
            if self.events.kind[k] == STEP_UP and not sets_auto_step_up(self.events, k):
                before, count = self.income, self.refusals()
                self.contract = step_up(self.records, self.contract, self.facts, k)
                why = self.refused(count)
                figures: Figures = () if why else self.values(before)
                self.tell(self.asked(k), step_up, not why, why or "on today's Account Value", figures)

    def instructions(self) -> None:
        """Steps 8 and 9: elections, transfers, instructions, notices."""
        for k in self.requests:
            kind, before, count = self.events.kind[k], self.income, self.refusals()
            if self.events.choice[k] >= FIRST_DEATH_PLAN and kind in (ELECTION, ISSUE):
                self.elect_death(k)
            elif kind == ELECTION or (kind == ISSUE and self.events.choice[k] >= 0):
                self.contract = elect(self.records, self.contract, self.facts, self.events.choice[k], k)
                facts = self.facts
                today = living.benefit_day(self.income, facts.terms, facts.life, facts.day)
                self.facts = change_facts(facts, income=today)
                why = self.refused(count)
                name, begun = living.kinds.PLAN_NAMES[int(self.events.choice[k])], "begins at today's Account Value"
                figures: Figures = self.values(before)[:1]
                self.tell(f"Election of {name}", self.rules.elect, not why, why or begun, figures)
            elif sets_auto_step_up(self.events, k):
                self.contract = set_auto_step_up(self.records, self.contract, self.events, k)
                why = self.refused(count)
                wanted = "automatic" if self.events.choice[k] == AUTO_STEP_UP else "at the Owner's request only"
                self.tell(self.asked(k), set_auto_step_up, not why, why or f"step-ups are {wanted} from now on")
            elif kind == TRANSFER:
                account = self.account
                self.contract = move_money(self.records, self.contract, self.facts, self.events, k)
                why = self.refused(count)
                figures = (
                    Figure("amount", None, float(self.events.amount[k])),
                    Figure("Account Value", account, self.account),
                )
                self.tell(self.asked(k), move_money, not why, why or "at the Owner's request", figures)
            elif kind == ALLOCATION:
                self.contract = instruct(self.records, self.contract, self.events, k)
                why = self.refused(count)
                self.tell(self.asked(k), instruct, not why, why or "new standing allocation instructions")
            elif kind == RMD_NOTICE:
                self._notice(k)
            elif is_programme(kind):
                self.programme(k)

    def _notice(self, k: int) -> None:
        """The Required Minimum Distribution of a calendar year; another year's is refused."""
        core, noted = self.contract.core, int(self.events.date[k])
        if noted != 0 and civil(noted)[0] != civil(self.facts.day.today)[0]:
            count = self.refusals()
            refuse(self.records.journal, k, NOT_IN_GOOD_ORDER)
            self.tell(self.asked(k), distribution_due, False, self.refused(count))
            return
        after = change_core(core, required=self.events.amount[k])
        self.contract = change_contract(self.contract, core=after)
        figures: Figures = (Figure("Required Minimum Distribution", core.required, after.required),)
        self.tell(self.asked(k), distribution_due, True, "of this calendar year", figures)

    def withdrawals(self, compared: float) -> None:
        """Steps 10 and 11, in order of receipt."""
        for k in self.requests:
            if is_scheduled_payment(self.events.kind[k]):
                amount = self.scheduled_amount(k)
                if amount > 0.0:
                    self.as_withdrawal(k, amount)
            kind = self.events.kind[k]
            if kind in (WITHDRAWAL, RMD_WITHDRAWAL, INCOME):
                required = self._withdrawal(k, compared)
                if self.contract.core.status == ACTIVE and self.account <= 0.0:
                    self.exhausted(compared, True, required)
            elif kind == PAYMENT_CHOICE and self.contract.core.status == ACTIVE:
                count = self.refusals()
                refuse(self.records.journal, k, NO_PAYMENT_CHOICE)
                self.tell(self.asked(k), exhaust, False, self.refused(count))
            elif kind in _ENDINGS:
                self._ending(k, compared)

    def _withdrawal(self, k: int, compared: float) -> bool:
        """One partial withdrawal; whether it was for the Required Minimum Distribution."""
        before, count, account = self.contract, self.refusals(), self.account
        required = bool(self.events.kind[k] == RMD_WITHDRAWAL)
        income = before.income
        if income.stage == PRE:
            income = living.begin(income, self.facts.income, compared, self.facts.day.today)
        available = living.income_available(income, before.core, required) if self.covered else 0.0
        figures = self._split(k, income, required) if account > 0.0 else ()
        self.contract, required = pay_out(self.records, before, self.facts, self.events, k, compared)
        why = self.refused(count)
        if why:
            self.tell(self.asked(k), pay_out, False, why, figures[:1])
            return required
        taken = self.contract.core.withdrawn_total - before.core.withdrawn_total
        if self.covered and before.income.stage == PRE and taken > 0.0:
            self.first_withdrawal(income)
        figures += (Figure("Account Value", account, self.account),)
        figures += self.waiting(figures[6].after) if taken > 0.0 else ()
        note = (
            "taken from every Sub-account pro rata" if taken > 0.0 else "nothing is left of this Annuity Year's income"
        )
        self.tell(self.asked(k), pay_out, taken > 0.0, note, figures)
        self.death_withdrawal(before.death, taken)
        if self.covered and taken > 0.0:
            self.excess(income, available, taken, account)
        return required

    def _split(self, k: int, income: Any, required: bool) -> tuple[Figure, ...]:
        """How the amount asked is made up, before anything is taken."""
        facts, core = self.facts, self.contract.core
        asked = float(self.events.amount[k])
        if self.events.kind[k] == INCOME:
            yearly, left = living.yearly_income(income), living.remaining_income(income)
            asked = money(min(asked * yearly, left), facts.terms.cents)
        split = split_request(self.records, self.contract, facts, asked, self.events.choice[k] == 1, required)
        if split.gross > self.account:
            split = split_request(self.records, self.contract, facts, self.account, False, required)
        free = free_withdrawal_left(facts.terms.withdrawals, core, self.records.layers)
        return (
            Figure("asked", None, asked),
            Figure("Free Withdrawal amount left", None, free),
            Figure("of it used", None, min(split.gross, free)),
            Figure("Purchase Payments withdrawn", None, split.payments),
            Figure("Contingent Deferred Sales Charge", None, split.charge),
            Figure("gross, leaves the Account Value", None, split.gross),
            Figure("paid to the Owner", None, split.gross - split.charge),
        )

    def tracked(self, before: Any) -> Figures:
        """What the benefit tracks before the first withdrawal."""
        return (Figure("Periodic Value", before.periodic, self.income.periodic),)

    def first_withdrawal(self, income: Any) -> None:
        """What the first withdrawal sets."""
        figures: Figures = (
            Figure("Protected Withdrawal Value", None, income.protected),
            Figure("income percentage at the attained age", None, income.percentage, SHARE),
            Figure("Annual Income Amount", 0.0, income.annual),
        )
        note = "the first withdrawal sets the Annual Income Amount, before it is taken"
        self.tell("First withdrawal under the benefit", self.rules.begin, True, note, figures)

    def guaranteed(self, before: Any) -> Figures:
        """What the guarantee keeps of its values besides the income."""
        after = self.income
        return (
            Figure("Protected Withdrawal Value", before.protected, after.protected),
            Figure("Income Basis", before.basis, after.basis),
        )

    def excess(self, income: Any, available: Any, taken: float, account: float) -> None:
        """What the withdrawal did to the benefit."""
        before, after = living.yearly_income(income), living.yearly_income(self.income)
        within = min(taken, available)
        excess = taken - within if taken - within >= self.facts.terms.withdrawals.half_cent else 0.0
        note = f"within the {available:,.2f} that can be taken without Excess Income: the guarantee stays whole"
        figures: Figures = (Figure("available without excess", None, available), Figure("within", None, within))
        if excess > 0.0:
            note = "Excess Income lowers the guarantee in the proportion it bears to the Account Value left before it"
            figures += (
                Figure("Excess Income", None, excess),
                Figure("Account Value left before the excess", None, account - within),
                Figure("part of the guarantee kept", None, after / before if before > 0.0 else 0.0, NUMBER),
            )
        figures += (
            Figure("Annual Income Amount", before, after),
            Figure(
                "remaining this Annuity Year", living.remaining_income(income), living.remaining_income(self.income)
            ),
            *self.guaranteed(income),
        )
        title = "Excess Income" if excess > 0.0 else "No Excess Income"
        self.tell(title, self.rules.withdraw, excess > 0.0, note, figures)

    def _ending(self, k: int, compared: float) -> None:
        """Surrender, annuitisation, death, a spouse who continues, a medically-related surrender, a free look."""
        if self.contract.core.status != ACTIVE:
            self.answer_after_exhaustion(k)
            return
        before, count, payments = self.account, self.refusals(), self.payments_made()
        rule: Any = end_or_settle
        claim = self.death_claim(k) if self.events.kind[k] in (DEATH, SPOUSAL_CONTINUATION) else ()
        if self.events.kind[k] == FREE_LOOK:
            rule = cancel
            self.contract = cancel(self.records, self.contract, self.facts)
        elif self.events.kind[k] == MEDICAL_SURRENDER:
            rule = medical_surrender
            self.contract = medical_surrender(self.records, self.contract, self.facts, self.events, k, compared)
        else:
            self.contract = end_or_settle(self.records, self.contract, self.facts, self.events, k)
        why = self.refused(count)
        name = STATUS_NAMES[int(self.contract.core.status)]
        figures: Figures = (Figure("Account Value", before, self.account), *claim)
        paid = self.paid(payments)
        if paid is not None:
            figures += (Figure("kept by the insurer", None, paid[0]), Figure("paid", None, paid[1]))
            figures += self.waiting(paid[1])
        self.tell(self.asked(k), rule, not why, why or f"status {name}", figures)

    def answer_after_exhaustion(self, k: int) -> None:
        """A request on the day on which the Account Value has reached zero."""
        count = self.refusals()
        self.contract = payout.answer_after_exhaustion(self.records, self.contract, self.facts, self.events, k)
        why = self.refused(count)
        name = STATUS_NAMES[int(self.contract.core.status)]
        self.tell(self.asked(k), exhaust, not why, why or f"the Account Value is zero; status {name}")

    def exhausted(self, compared: float, by_withdrawal: bool, required: bool) -> None:
        """The Account Value has reached zero."""
        before = self.income
        self.contract = exhaust(self.records, self.contract, self.facts, compared, by_withdrawal, required)
        name = STATUS_NAMES[int(self.contract.core.status)]
        figures: Figures = (
            Figure("Annual Income Amount", living.yearly_income(before), living.yearly_income(self.income)),
            Figure(
                "remaining this Annuity Year", living.remaining_income(before), living.remaining_income(self.income)
            ),
        )
        self.tell("The Account Value is zero", exhaust, True, f"status {name}", figures)
