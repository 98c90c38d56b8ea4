"""What TrueIncome and its Spousal version do on one Valuation Day, told step by step."""

from typing import Any

from valuation import day as law
from valuation import payout
from valuation import true_income as ti
from valuation import true_income_endings as endings
from valuation.account import Account, total
from valuation.highest_daily_7 import POST, PRE
from valuation.telling import NUMBER, SHARE, Figure, Figures, iso
from valuation.trace import DayTeller
from valuation.true_income import Available, TrueIncome

CHOICES = ("no choice made yet", "Life Income Benefit", "Withdrawal Benefit")


class TrueIncomeTeller(DayTeller):
    """A day under TrueIncome."""

    rules = ti

    def values(self, before: Any) -> Figures:
        """What a payment, an election or a step-up changes of the benefit."""
        after: TrueIncome = self.income
        if after.stage == PRE:
            return (Figure("value growing since the effective date", before.accumulated, after.accumulated),)
        return self._amounts(before, after)

    def _amounts(self, before: TrueIncome, after: TrueIncome) -> Figures:
        figures: Figures = (
            Figure("Annual Income Amount", before.annual, after.annual),
            Figure("of it remaining this Annuity Year", before.remaining, after.remaining),
        )
        if after.plan == ti.SPOUSAL_TRUE_INCOME:
            return figures
        return (
            *figures,
            Figure("Annual Withdrawal Amount", before.withdrawal_annual, after.withdrawal_annual),
            Figure("of it remaining this Annuity Year", before.withdrawal_remaining, after.withdrawal_remaining),
            Figure("Protected Withdrawal Value", before.protected, after.protected),
        )

    def growth(self, due: law.Dues) -> TrueIncome:
        """Step 4; returns the benefit after it."""
        before: TrueIncome = self.income
        after = ti.grow(before, self.plan, self.facts.income, due.compared)
        title = "Protected Withdrawal Value before the first withdrawal"
        if not self.covered:
            self.tell(title, ti.grow, False, "no living benefit is in force")
            return after
        if before.stage == POST:
            note = "no growth after the first withdrawal"
            figures: Figures = (Figure("Protected Withdrawal Value", None, before.protected),)
            self.tell(title, ti.protected_withdrawal_value, False, note, figures)
            return after
        note = f"grown over {self.facts.day.elapsed:.0f} calendar days"
        if self.facts.income.anniversary_counts:
            note = f"{note}; Annuity Anniversary: the Account Value is compared with those of the earlier ones"
        figures = (
            Figure("growth factor", None, self.facts.income.growth, NUMBER),
            Figure("value growing since the effective date", before.accumulated, after.accumulated),
            Figure("highest anniversary value", before.anniversary_high, after.anniversary_high),
            Figure("Account Value", None, due.compared),
            Figure(
                "Protected Withdrawal Value, were the first withdrawal today",
                None,
                ti.protected_withdrawal_value(after, self.facts.income, due.compared),
            ),
        )
        self.tell(title, ti.grow, after != before, note, figures)
        return after

    def fee(self, due: law.Dues, grown: Any) -> None:
        """Step 5: the charge is in the Unit Price."""
        if self.covered:
            figures: Figures = (Figure("daily charge of the benefit, per year", None, self.income.charge, SHARE),)
            self.tell("Charge of the benefit", ti.asset_charge, False, "deducted in the Unit Price, no fee", figures)

    def principal(self, due: law.Dues) -> None:
        """Step 6: nothing is added."""

    def year(self, due: law.Dues, before: Any) -> None:
        """Step 7."""
        if not self.covered:
            return
        after, account = due.contract.income, total(due.account)
        figures: Figures = ()
        if self.facts.day.anniversary and before.stage == POST:
            share = self.facts.income.percentage
            figures = (Figure("income that the Account Value supports", None, share * account),)
            figures += self._amounts(before, after)
        stepped = after.step_up_from != before.step_up_from
        note = "5% of the Account Value is above the Annual Income Amount: stepped up"
        note = note if stepped else self._why_no_auto_step_up(before)
        self.tell("Annuity Year: Auto Step-Up", ti.roll_year, stepped, note, figures)

    def _why_no_auto_step_up(self, income: TrueIncome) -> str:
        day = self.facts.day
        if not day.anniversary:
            return f"no Annuity Anniversary today; next {self.next(self.facts.life.issue, 12)}"
        if income.stage == PRE:
            return "no withdrawal was taken yet, so there is nothing to step up"
        if not income.auto_step_up:
            return "automatic step-ups are not elected; a new year's amounts begin"
        if day.anniversary < income.step_up_from:
            return f"the next step-up is possible from {iso(income.step_up_from)}; a new year's amounts begin"
        return "5% of the Account Value is not above the Annual Income Amount; a new year's amounts begin"

    def quarter(self, account: float) -> None:
        """Step 12: no quarterly value of this benefit."""
        self.death_capture(account)

    def transfer(self, account: Account, compared: float) -> None:
        """Step 13: no transfer formula."""

    def first_withdrawal(self, income: Any) -> None:
        """What the first withdrawal sets, before it is taken."""
        figures: Figures = (
            Figure("income percentage", None, self.facts.income.percentage, SHARE),
            Figure("Annual Income Amount", 0.0, income.annual),
        )
        if income.plan != ti.SPOUSAL_TRUE_INCOME:
            figures += (
                Figure("Annual Withdrawal Amount", 0.0, income.withdrawal_annual),
                Figure("Protected Withdrawal Value", None, income.protected),
            )
        note = "the first withdrawal sets the annual amounts, before it is taken"
        self.tell("First withdrawal under the benefit", ti.begin, True, note, figures)

    def excess(self, income: Any, available: Available, taken: float, account: float) -> None:
        """What a withdrawal did to both sides of the benefit."""
        half_cent = self.facts.terms.withdrawals.half_cent
        over = ti.excess_over(taken, available.income, half_cent)
        over_withdrawal = ti.excess_over(taken, available.withdrawal, half_cent) if income.withdrawal_annual else 0.0
        figures: Figures = (
            Figure("available without Excess Income", None, available.income),
            Figure("Excess Income", None, over),
        )
        if income.plan != ti.SPOUSAL_TRUE_INCOME:
            figures += (
                Figure("available without Excess Withdrawal", None, available.withdrawal),
                Figure("Excess Withdrawal", None, over_withdrawal),
            )
        hit = over > 0.0 or over_withdrawal > 0.0
        note = "each annual amount falls in the ratio of its own excess to the Account Value left before it"
        note = note if hit else "within the annual amounts: they stay whole"
        title = "Excess Income" if hit else "No Excess Income"
        self.tell(title, ti.withdraw, hit, note, figures + self._amounts(income, self.income))

    def payout(self) -> None:
        """Account Value zero, guaranteed payments go on."""
        before, count = self.income, self.payments_made()
        self.contract = payout.pay_guaranteed(
            self.records, self.contract, self.facts, self.events, self.requests.start, self.requests.stop
        )
        after: TrueIncome = self.income
        paid = self.paid(count)
        note = f"{CHOICES[int(after.paying)]}; next Annuity Anniversary {self.next(self.facts.life.issue, 12)}"
        if after.lives <= 0.0:
            note = "payments have ended"
        figures = self._amounts(before, after)
        if paid is not None:
            figures += (Figure("paid", None, paid[1]),)
        self.tell("Guaranteed payment", endings.pay_due, paid is not None, note, figures)
