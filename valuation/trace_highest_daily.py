"""The day of a contract with TrueIncome - Highest Daily told: what this benefit does otherwise than Highest Daily 7."""

from typing import Any

from valuation import day as law
from valuation import highest_daily as hd
from valuation.account import total, value
from valuation.benefit_fixed_rate_account import credit_interest
from valuation.highest_daily_7 import POST, PRE
from valuation.telling import NUMBER, SHARE, Figure, Figures
from valuation.terms import TransferTerms
from valuation.trace import DayTeller


class HighestDailyTeller(DayTeller):
    """The whole day; ``rules`` are those of the benefit."""

    rules = hd
    own_account = "Benefit Fixed Rate Account"
    own_symbol = "F"
    basis_name = "Income value I"

    @property
    def ratios(self) -> TransferTerms:
        """Ratios of Appendix D."""
        return hd.transfer_terms(self.plan)

    def opening(self) -> None:
        """Step 1: interest since the prior Valuation Day."""
        before, growth = value(self.records.book).bond, self.facts.income.interest
        super().opening()
        after = value(self.records.book).bond
        if not self.covered:
            return
        figures: Figures = (
            Figure("declared rate a year", None, self.plan.declared_rate, SHARE),
            Figure("growth factor", None, growth, NUMBER),
            Figure(self.own_account, before, after),
        )
        note = f"interest of {self.facts.day.elapsed:.0f} calendar days" if before > 0.0 else "nothing is in it"
        self.tell(f"Interest of the {self.own_account}", credit_interest, before > 0.0, note, figures)

    def growth(self, due: law.Dues) -> Any:
        """Step 4; returns the benefit after it."""
        before, compared, facts = self.income, due.compared, self.facts.income
        after = hd.grow(before, self.plan, facts, compared)
        title = "Protected Withdrawal Value: growth, and comparison with the Account Value"
        if not self.covered:
            self.tell(title, hd.grow, False, "no living benefit is in force")
            return after
        figures: Figures = (
            Figure("growth factor", None, facts.growth, NUMBER),
            Figure("grown value", before.protected, before.protected * facts.growth),
            Figure("Account Value compared", None, compared),
            Figure("Protected Withdrawal Value", before.protected, after.protected),
        )
        if before.stage == POST:
            note, figures = "no longer calculated after the first withdrawal", ()
        elif facts.tenth_passed:
            note = "the Tenth Anniversary is past: the value kept there, or the Account Value on its use"
            figures += (Figure("Enhanced Protected Withdrawal Value", None, before.enhanced),)
        elif after.protected > before.protected * facts.growth:
            note = "a new high: today's Account Value is above the grown value and replaces it"
        else:
            note = f"grown over {self.facts.day.elapsed:.0f} calendar days; today's Account Value is not above it"
        self.tell(title, hd.grow, after.protected != before.protected, note, figures)
        return after

    def fee(self, due: law.Dues, grown: Any) -> None:
        """Step 5: there is none."""
        if self.covered:
            figures: Figures = (Figure("charge a year", None, hd.benefit_charge(grown), SHARE),)
            note = "no fee is taken from the contract: the charge is in the Unit Prices"
            self.tell("Charge of the benefit", hd.benefit_charge, False, note, figures)

    def principal(self, due: law.Dues) -> None:
        """Step 6."""
        facts = self.facts.income
        if not self.covered or not facts.tenth_due:
            return
        after = total(due.account)
        note = "nothing to add"
        if due.principal > 0.0:
            note = f"added to the Sub-accounts and the {self.own_account} in proportion to their values"
        elif self.income.stage == POST:
            note = "a withdrawal was taken before: no Return of Principal"
        elif facts.requested and not facts.tenth_passed:
            note = "a withdrawal is requested for today: no Return of Principal"
        figures: Figures = (
            Figure("amount guaranteed", None, self.income.principal),
            Figure("Account Value", after - due.principal, after),
        )
        title = "Return of Principal on the Tenth Anniversary"
        self.tell(title, hd.return_of_principal, due.principal > 0.0, note, figures)

    def year(self, due: law.Dues, before: Any) -> None:
        """Step 7."""
        if not self.covered:
            return
        day, after, account = self.facts.day, due.contract.income, total(due.account)
        stepped = after.total_annual > before.total_annual
        figures: Figures = ()
        if not day.anniversary:
            note = f"no step-up: no Annuity Anniversary today; next {self.next(self.facts.life.issue, 12)}"
        elif before.stage == PRE:
            note = "no step-up: no withdrawal was taken yet, so there is no income"
        else:
            share, highest = self.facts.income.percentage, max(before.quarter_high, account)
            note = "stepped up" if stepped else "not above the Total Annual Income Amount"
            note = f"{share:.0%} of the highest quarterly value is {share * highest:,.2f}: {note}; a new year begins"
            figures = (Figure("highest quarterly value", None, highest), *self._incomes(before, after))
        self.tell("Annuity Year: Highest Quarterly Auto Step-Up", hd.roll_year, stepped, note, figures)

    def _incomes(self, before: Any, after: Any) -> Figures:
        return (
            Figure("Total Annual Income Amount", before.total_annual, after.total_annual),
            Figure("Highest Daily Annual Income Amount", before.highest_daily, after.highest_daily),
            Figure("remaining this Annuity Year", before.remaining, after.remaining),
        )

    def tracked(self, before: Any) -> Figures:
        """What the benefit tracks before the first withdrawal."""
        after = self.income
        return (
            Figure("Protected Withdrawal Value", before.protected, after.protected),
            Figure("Enhanced Protected Withdrawal Value", before.enhanced, after.enhanced),
        )

    def first_withdrawal(self, income: Any) -> None:
        """What the first withdrawal sets."""
        figures: Figures = (
            Figure("Protected Withdrawal Value", None, income.protected),
            Figure("Total Protected Withdrawal Value", None, income.total_protected),
            Figure("Total Annual Income Amount", 0.0, income.total_annual),
            Figure("Highest Daily Annual Income Amount", 0.0, income.highest_daily),
        )
        note = "the first withdrawal sets both incomes, before it is taken"
        self.tell("First withdrawal under the benefit", hd.begin, True, note, figures)

    def guaranteed(self, before: Any) -> Figures:
        """What the guarantee keeps of its values besides the income."""
        after = self.income
        return (
            Figure("Highest Daily Annual Income Amount", before.highest_daily, after.highest_daily),
            Figure("highest quarterly value", before.quarter_high, after.quarter_high),
        )
