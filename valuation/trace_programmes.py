"""Telling what a programme has scheduled, what it was told to do, and why a date gives nothing."""

import numpy as np

from valuation.clock import civil
from valuation.distributions import (
    equal_payments_through,
    required_distribution,
    uniform_lifetime,
)
from valuation.events import (
    AUTOMATIC_REBALANCING,
    DECEMBER_VALUE,
    DISTRIBUTION_OF_YEAR,
    DISTRIBUTION_PAYMENT,
    INCOME,
    INCOME_PAYMENT,
    PROGRAMME_END,
    REBALANCING,
    RMD_WITHDRAWAL,
    SYSTEMATIC_WITHDRAWAL,
    WITHDRAWAL,
    event_name,
)
from valuation.programme_state import AVERAGING, DISTRIBUTIONS, EQUAL, KEY, MARK, POSTPONED, REBALANCE
from valuation.programmes import (
    ALL_PROGRAMMES,
    average,
    follow_programme,
    payment_due,
    rebalance,
    start_programme,
    stop_programme,
)
from valuation.taxes import required_beginning_date
from valuation.telling import NUMBER, Figure, Figures, Teller, iso
from valuation.terms.benefits import load_tax_terms

NOT_IN_FORCE = "scheduled by a programme that is no longer in force: nothing happens"


class ProgrammeTeller(Teller):
    """Instructions and scheduled events of the day."""

    def programme(self, k: int) -> None:
        """Step 9: an instruction, or a scheduled transfer."""
        kind = int(self.events.kind[k])
        if kind == DISTRIBUTION_OF_YEAR:
            self._distribution_of_year(k)
        elif kind > DISTRIBUTION_OF_YEAR:
            self._transfer(k)
        else:
            self._instruction(k)

    def _follow(self, k: int) -> str:
        """Carry an event out as the law does; why it was refused, or nothing."""
        count = self.refusals()
        self.contract = follow_programme(self.records, self.contract, self.facts, self.events, k)
        return self.refused(count)

    def _instruction(self, k: int) -> None:
        kind, state = int(self.events.kind[k]), self.records.programmes.copy()
        why = self._follow(k)
        if kind == PROGRAMME_END:
            self.tell(self.asked(k), stop_programme, not why, why or self._ended(k, state))
            return
        row = kind - SYSTEMATIC_WITHDRAWAL
        note = f"from {iso(self.events.target[k])} on" + (", in place of the one before" if state[row, KEY] else "")
        if row == DISTRIBUTIONS:
            begin = required_beginning_date(load_tax_terms(), self.facts.life.owner_birth, 0)
            note = f"{note}; the required beginning date is {iso(begin)}"
        amount = float(self.events.amount[k])
        figures: Figures = (Figure("amount", None, amount),) if amount > 0.0 and kind != AUTOMATIC_REBALANCING else ()
        self.tell(self.asked(k), start_programme, not why, why or note, figures)

    def _ended(self, k: int, state: np.ndarray) -> str:
        row = int(self.events.source[k])
        which = "every programme" if row == ALL_PROGRAMMES else event_name(SYSTEMATIC_WITHDRAWAL + row)
        note = f"{which.replace('_', ' ').lower()} ends; nothing more is scheduled"
        if row in (ALL_PROGRAMMES, EQUAL) and state[EQUAL, KEY]:
            birth, terms = self.facts.life.owner_birth, self.facts.terms.programmes
            through = equal_payments_through(terms, birth, int(state[EQUAL, MARK]))
            if self.facts.day.today < through:
                note = f"{note}; equal payments ended before {iso(through)}: the 10% penalty applies to all of them"
        return note

    def _distribution_of_year(self, k: int) -> None:
        worth, before = float(self.records.programmes[DISTRIBUTIONS, MARK]), self.contract.core.required
        self._follow(k)
        after = self.contract.core.required
        figures: Figures = ()
        note = "noted already, not known before the next 31 December, or no longer in force"
        if after != before:
            year, birth = civil(self.facts.day.today)[0], self.facts.life.owner_birth
            factor = uniform_lifetime(self.facts.terms.programmes, birth, year)
            note = "the worth of 31 December over the factor of the age attained in this calendar year"
            figures = (
                Figure("Account Value and benefits on 31 December", None, worth),
                Figure("factor", None, factor, NUMBER),
                Figure("Required Minimum Distribution", before, after),
            )
        self.tell(self.asked(k), required_distribution, after != before, note, figures)

    def _transfer(self, k: int) -> None:
        """Dollar Cost Averaging or rebalancing."""
        balancing = self.events.kind[k] == REBALANCING
        rule = rebalance if balancing else average
        if self.records.programmes[REBALANCE if balancing else AVERAGING, KEY] != self.events.date[k]:
            self.tell(self.asked(k), rule, False, NOT_IN_FORCE)
            return
        book = self.records.book
        before = book.units * book.price
        self._follow(k)
        after = book.units * book.price
        moved = float(np.maximum(after - before, 0.0).sum())
        note = "scheduled; it does not count as a transfer and bears no fee"
        if moved == 0.0:
            note = "scheduled, but nothing is to be moved today"
        figures: Figures = (Figure("moved", None, moved), Figure("Account Value", before.sum(), after.sum()))
        self.tell(self.asked(k), rule, moved > 0.0, note, figures)

    def scheduled_amount(self, k: int) -> float:
        """What a programme pays today, told before the withdrawal itself; 0 if nothing is."""
        state, row, kind = self.records.programmes, int(self.events.source[k]), int(self.events.kind[k])
        if state[row, KEY] != self.events.date[k]:
            self.tell(self.asked(k), payment_due, False, NOT_IN_FORCE)
            return 0.0
        waited = float(state[row, POSTPONED])
        amount = float(payment_due(self.records, self.contract, self.facts, self.events, k))
        waits = float(state[row, POSTPONED])
        if kind == DECEMBER_VALUE:
            figures: Figures = (Figure("Account Value and benefits", None, float(state[row, MARK])),)
            self.tell(self.asked(k), required_distribution, True, "next year's distribution is taken of it", figures)
            return 0.0
        note = "due today by the programme in force" if amount > 0.0 else "nothing is due today"
        if waits > 0.0:
            note = "below the minimum: added to the next scheduled payment"
        name = "share of the Annual Income Amount" if kind == INCOME_PAYMENT else "due"
        figures = (Figure(name, None, amount, NUMBER if kind == INCOME_PAYMENT else "USD"),)
        figures += (Figure("postponed", waited, waits),) if waited or waits else ()
        self.tell(self.asked(k), payment_due, amount > 0.0, note, figures)
        return amount

    def as_withdrawal(self, k: int, amount: float) -> None:
        """Let event ``k`` stand for the withdrawal that it has come to."""
        kind = int(self.events.kind[k])
        kinds, amounts = self.events.kind.copy(), self.events.amount.copy()
        kinds[k] = {DISTRIBUTION_PAYMENT: RMD_WITHDRAWAL, INCOME_PAYMENT: INCOME}.get(kind, WITHDRAWAL)
        amounts[k] = amount
        choice = self.events.choice.copy()
        choice[k] = choice[k] if kind != DISTRIBUTION_PAYMENT else 0
        self.events = self.events._replace(kind=kinds, amount=amounts, choice=choice)
