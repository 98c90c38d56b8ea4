"""What the Guaranteed Minimum Income Benefit does on one Valuation Day, told step by step."""

from typing import Any

from valuation import day as law
from valuation import guaranteed_minimum_income as gmib
from valuation import guaranteed_minimum_payments as payments
from valuation import payout
from valuation.account import Account
from valuation.clock import months_after
from valuation.contract import GUARANTEED_PAID, PAYOUT
from valuation.guaranteed_minimum_income import ProtectedIncome
from valuation.telling import NUMBER, SHARE, Figure, Figures, iso
from valuation.trace import DayTeller


class IncomeBenefitTeller(DayTeller):
    """A day under the Guaranteed Minimum Income Benefit."""

    rules = gmib

    def values(self, before: Any) -> Figures:
        """What requests change of the benefit."""
        after: ProtectedIncome = self.income
        return (
            Figure("Protected Income Value", before.value, after.value),
            Figure("Maximum Protected Income Value", before.maximum, after.maximum),
            Figure("Remaining Limit, dollar for dollar", before.remaining, after.remaining),
        )

    def anniversary(self, due: law.Dues, before: float) -> None:
        """Step 3: the charge of the Annuity Year, then credit and maintenance fee."""
        if self.covered:
            self._charge(due, before)
        super().anniversary(due, before - due.fee.amount)

    def _charge(self, due: law.Dues, account: float) -> None:
        title, benefit, facts = "Charge of the Annuity Year", self.income, self.facts.income
        if not facts.fee_due:
            note = f"no Annuity Anniversary today; next {self.next(self.facts.life.issue, 12)}"
            self.tell(title, gmib.annual_fee, False, note)
            return
        opened = gmib.accrue(benefit, self.plan, facts)
        average = opened.accrued / benefit.charge / facts.year_days if benefit.charge else 0.0
        figures: Figures = (
            Figure("rate a year", None, benefit.charge, SHARE),
            Figure("average Protected Income Value of the year", None, average),
            Figure("charge", None, due.fee.amount),
            Figure("Account Value", account + due.credit, account + due.credit - due.fee.amount),
        )
        note = "taken from every Sub-account pro rata"
        self.tell(title, gmib.annual_fee, due.fee.amount > 0.0, note, figures)

    def growth(self, due: law.Dues) -> ProtectedIncome:
        """Step 4; returns the benefit after it."""
        title = "Protected Income Value: growth"
        before: ProtectedIncome = self.income
        after: ProtectedIncome = due.contract.income
        if not self.covered:
            self.tell(title, gmib.grow, False, "no living benefit is in force")
            return after
        note = f"grown over {self.facts.day.elapsed:.0f} calendar days; the Account Value plays no part"
        if after.value >= after.maximum:
            note = "the Maximum Protected Income Value is reached: no more growth"
        elif after.stopped > 0.0:
            note = f"growth ended on {iso(after.stop)}, by the Annuitant's age and the years since the value was set"
        figures: Figures = (
            Figure("growth factor", None, after.value / before.value if before.value else 1.0, NUMBER),
            Figure("Protected Income Value", before.value, after.value),
            Figure("Maximum Protected Income Value", None, after.maximum),
        )
        self.tell(title, gmib.grow, after.value != before.value, note, figures)
        return after

    def fee(self, due: law.Dues, grown: Any) -> None:
        """Step 5: the charge has come before."""

    def principal(self, due: law.Dues) -> None:
        """Step 6: nothing is added."""

    def year(self, due: law.Dues, before: Any) -> None:
        """Step 7."""
        if not self.covered or not self.facts.day.anniversary:
            return
        opened, after = self.income, due.contract.income
        figures: Figures = (
            Figure("limit, dollar for dollar", opened.limit, after.limit),
            Figure("Remaining Limit", opened.remaining, after.remaining),
        )
        note = "a share of today's Protected Income Value can be withdrawn dollar for dollar in the new Annuity Year"
        self.tell("Annuity Year: limit of withdrawals", gmib.roll_year, True, note, figures)

    def quarter(self, account: float) -> None:
        """Step 12: no quarterly value of this benefit."""
        self.death_capture(account)

    def transfer(self, account: Account, compared: float) -> None:
        """Step 13: no transfer formula."""

    def first_withdrawal(self, income: Any) -> None:
        """A first withdrawal sets nothing."""

    def excess(self, income: Any, available: Any, taken: float, account: float) -> None:
        """What a withdrawal did to the benefit."""
        over = taken - min(taken, available)
        title, note = "Within the limit", "the Protected Income Value falls by the same dollars"
        if over >= self.facts.terms.withdrawals.half_cent:
            title = "Above the limit"
            note = (
                f"{over:,.2f} reduce the Protected Income Value in the proportion they bear to the Account Value left"
            )
        if gmib.proportional(income):
            note = "the maximum is reached or growth has ended: the whole withdrawal reduces the value in proportion"
        self.tell(title, gmib.withdraw, True, note, self.values(income))

    def payout(self) -> None:
        """A day of annuity payments under the benefit."""
        before = self.income
        self.contract = payout.pay_guaranteed(
            self.records, self.contract, self.facts, self.events, self.requests.start, self.requests.stop
        )
        after, amount = self.income, float(self.records.cash[GUARANTEED_PAID])
        note = f"monthly payments, {after.made:.0f} made; next {iso(months_after(int(after.ended), int(after.made)))}"
        if self.contract.core.status != PAYOUT:
            note = "nothing more is owed: payments end"
        elif after.annuitant <= 0.0:
            note = f"{note}; the Annuitant has died"
        figures: Figures = (
            Figure("monthly payment", None, before.payment),
            Figure("paid today", None, amount),
            Figure("payments made", before.made, after.made, NUMBER),
        )
        self.tell("Annuity payment under the benefit", payments.pay_annuity, amount > 0.0, note, figures)
