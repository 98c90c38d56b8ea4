"""Telling what an Owner asked for and what the contract answered: the requests of `valuation.trace`."""

from typing import Any

from valuation import guaranteed_minimum_income as protected_income
from valuation import highest_daily_7 as hd7
from valuation import living, payout
from valuation import trace_income_benefit as gmib
from valuation.account import money
from valuation.changes import change_designation, open_day, opens_the_day
from valuation.clock import civil
from valuation.contract import ACTIVE, PENDING, STATUS_NAMES, change_core
from valuation.death_benefit import is_suspended
from valuation.endings import end_benefit, end_contract, exhaust
from valuation.events import (
    ALLOCATION,
    ANNUITIZATION,
    BENEFIT_TERMINATION,
    DEATH,
    ELECTION,
    FREE_LOOK,
    INCOME,
    ISSUE,
    MEDICAL_SURRENDER,
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
from valuation.guaranteed_minimum_income import ProtectedIncome
from valuation.highest_daily_7 import PRE
from valuation.journal import refuse
from valuation.living.kinds import PLAN_NAMES
from valuation.medical import medical_surrender
from valuation.records import Contract, Facts, life_from
from valuation.requests import NOT_IN_GOOD_ORDER, elect, move_money, pay_in, pay_out, split_request, step_up
from valuation.telling import NUMBER, SHARE, Figure, Figures, Teller, iso
from valuation.withdrawals import distribution_due, free_withdrawal_left

_ENDINGS = (SURRENDER, ANNUITIZATION, DEATH, SPOUSAL_CONTINUATION, MEDICAL_SURRENDER, FREE_LOOK)


class RequestTeller(Teller):
    """Requests of the day, in the order of `valuation.day`."""

    def terminations(self) -> None:
        """Step 2."""
        for k in self.requests:
            if self.events.kind[k] != BENEFIT_TERMINATION:
                if opens_the_day(self.events.kind[k]):
                    self._designation(k)
                continue
            before, count = self.account, self.refusals()
            self.contract = open_day(self.records, self.contract, self.facts, self.events, k)
            why = self.refused(count)
            figures: Figures = (Figure("Account Value", before, self.account),)
            self.tell("Termination of the benefit", end_benefit, not why, why or "accrued fee taken", figures)

    def _designation(self, k: int) -> None:
        """Step 2: a new Owner, Annuitant or Beneficiary."""
        before, count, covered = self.facts.life, self.refusals(), self.covered
        self.contract = change_designation(self.records, self.contract, self.facts, self.events, k)
        facts, life = self.facts, life_from(self.records.life)
        self.facts = Facts(facts.terms, life, facts.day, facts.income)
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

    def _of_benefit(self, before: Any) -> Figures:
        """What a request changed of the living benefit."""
        after = self.income
        if isinstance(after, ProtectedIncome):
            return gmib.figures(before, after)
        return (
            Figure("Periodic Value", before.periodic, after.periodic),
            Figure("Annual Income Amount", before.annual, after.annual),
        )

    def _step_up(self, k: int) -> None:
        """The Owner asks to step up."""
        before, count = self.income, self.refusals()
        self.contract = step_up(self.records, self.contract, self.facts, k)
        why = self.refused(count)
        self.tell(self.asked(k), step_up, not why, why or "set to today's Account Value", self._of_benefit(before))

    def payments(self) -> float:
        """Steps 7 and 8: step-ups asked for, payments; what was applied with its credits, USD."""
        received = 0.0
        for k in self.requests:
            if self.events.kind[k] == STEP_UP:
                self._step_up(k)
        for k in self.requests:
            kind = self.events.kind[k]
            if kind != PURCHASE_PAYMENT and not (kind == ISSUE and self.contract.core.status == PENDING):
                continue
            before, count, account = self.contract, self.refusals(), self.account
            self.contract = pay_in(self.records, before, self.facts, self.events, k)
            received += self.contract.core.basic - before.core.basic
            why = self.refused(count)
            figures: Figures = (
                Figure("amount", None, float(self.events.amount[k])),
                Figure("Account Value", account, self.account),
                *self._of_benefit(before.income),
            )
            self.tell(self.asked(k), pay_in, not why, why or "applied by the allocation instructions", figures)
        return received

    def instructions(self) -> None:
        """Steps 8 and 9: elections, transfers, instructions, notices."""
        for k in self.requests:
            kind, before, count = self.events.kind[k], self.income, self.refusals()
            if kind == ELECTION or (kind == ISSUE and self.events.choice[k] >= 0):
                self.contract = elect(self.records, self.contract, self.facts, self.events.choice[k], k)
                facts = self.facts
                today = living.benefit_day(self.income, facts.terms, facts.life, facts.day)
                self.facts = Facts(facts.terms, facts.life, facts.day, today)
                why = self.refused(count)
                name = PLAN_NAMES[int(self.events.choice[k])]
                figures = self._of_benefit(before)[:1]
                own: Any = protected_income.elect if isinstance(before, ProtectedIncome) else hd7.elect
                self.tell(f"Election of {name}", own, not why, why or "begins at today's Account Value", figures)
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
                self.records.book.weight[:] = self.events.weights[k]
                self.tell(self.asked(k), pay_in, True, "new standing allocation instructions")
            elif kind == RMD_NOTICE:
                self._notice(k)

    def _notice(self, k: int) -> None:
        """The Required Minimum Distribution of a calendar year; another year's is refused."""
        core, noted = self.contract.core, int(self.events.date[k])
        if noted != 0 and civil(noted)[0] != civil(self.facts.day.today)[0]:
            count = self.refusals()
            refuse(self.records.journal, k, NOT_IN_GOOD_ORDER)
            self.tell(self.asked(k), distribution_due, False, self.refused(count))
            return
        after = change_core(core, required=self.events.amount[k])
        self.contract = Contract(after, self.income)
        figures: Figures = (Figure("Required Minimum Distribution", core.required, after.required),)
        self.tell(self.asked(k), distribution_due, True, "of this calendar year", figures)

    def withdrawals(self, compared: float) -> None:
        """Steps 10 and 11, in order of receipt."""
        for k in self.requests:
            kind = self.events.kind[k]
            if kind in (WITHDRAWAL, RMD_WITHDRAWAL, INCOME):
                required = self._withdrawal(k, compared)
                if self.contract.core.status == ACTIVE and self.account <= 0.0:
                    self.exhausted(compared, True, required)
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
        lifetime = self.covered and not isinstance(income, ProtectedIncome)
        if lifetime and before.income.stage == PRE and taken > 0.0:
            self._first_withdrawal(income)
        figures += (Figure("Account Value", account, self.account),)
        figures += self.waiting(figures[6].after) if taken > 0.0 else ()
        note = (
            "taken from every Sub-account pro rata" if taken > 0.0 else "nothing is left of this Annuity Year's income"
        )
        self.tell(self.asked(k), pay_out, taken > 0.0, note, figures)
        if self.covered and taken > 0.0 and not lifetime:
            gmib.withdrawal(self, income, available, taken)
        elif lifetime and taken > 0.0:
            self._excess(income, available, taken, account)
        return required

    def _split(self, k: int, income: Any, required: bool) -> tuple[Figure, ...]:
        """How the amount asked is made up, before anything is taken."""
        facts, core = self.facts, self.contract.core
        asked = float(self.events.amount[k])
        if self.events.kind[k] == INCOME:
            asked = money(min(asked * living.yearly_income(income), living.remaining_income(income)), facts.terms.cents)
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

    def _first_withdrawal(self, income: hd7.Income) -> None:
        figures: Figures = (
            Figure("Protected Withdrawal Value", None, income.protected),
            Figure("income percentage at the attained age", None, income.percentage, SHARE),
            Figure("Annual Income Amount", 0.0, income.annual),
        )
        note = "the first withdrawal sets the Annual Income Amount, before it is taken"
        self.tell("First withdrawal under the benefit", hd7.begin, True, note, figures)

    def _excess(self, income: hd7.Income, available: float, taken: float, account: float) -> None:
        """What the withdrawal did to the benefit."""
        after = self.income
        within = min(taken, available)
        excess = taken - within if taken - within >= self.facts.terms.withdrawals.half_cent else 0.0
        note = f"within the {available:,.2f} that can be taken without Excess Income: the guarantee stays whole"
        figures: Figures = (Figure("available without excess", None, available), Figure("within", None, within))
        if excess > 0.0:
            note = "Excess Income lowers the guarantee in the proportion it bears to the Account Value left before it"
            figures += (
                Figure("Excess Income", None, excess),
                Figure("Account Value left before the excess", None, account - within),
                Figure("part of the guarantee kept", None, after.annual / income.annual, NUMBER),
            )
        figures += (
            Figure("Annual Income Amount", income.annual, after.annual),
            Figure("remaining this Annuity Year", income.remaining, after.remaining),
            Figure("Protected Withdrawal Value", income.protected, after.protected),
            Figure("Income Basis", income.basis, after.basis),
        )
        self.tell("Excess Income" if excess > 0.0 else "No Excess Income", hd7.withdraw, excess > 0.0, note, figures)

    def _ending(self, k: int, compared: float) -> None:
        """Surrender, annuitisation, death, a spouse who continues, a medically-related surrender, a free look."""
        if self.contract.core.status != ACTIVE:
            self.answer_after_exhaustion(k)
            return
        before, count, payments = self.account, self.refusals(), self.payments_made()
        rule: Any = end_contract
        if self.events.kind[k] == FREE_LOOK:
            rule = cancel
            self.contract = cancel(self.records, self.contract, self.facts)
        elif self.events.kind[k] == MEDICAL_SURRENDER:
            rule = medical_surrender
            self.contract = medical_surrender(self.records, self.contract, self.facts, self.events, k, compared)
        else:
            self.contract = end_contract(self.records, self.contract, self.facts, self.events, k)
        why = self.refused(count)
        name = STATUS_NAMES[int(self.contract.core.status)]
        figures: Figures = (Figure("Account Value", before, self.account),)
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
