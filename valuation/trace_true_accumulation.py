"""What TrueAccumulation - Highest Daily does on one Valuation Day, told step by step."""

from typing import Any

from valuation import accumulation_transfer as atf
from valuation import day as law
from valuation import death_guarantee, living
from valuation import true_accumulation as tahd
from valuation.account import Account, total, value
from valuation.charge_classes import charge_row
from valuation.formula_transfers import transfer_assets
from valuation.records import change_contract
from valuation.telling import NUMBER, SHARE, Figure, Figures
from valuation.trace import DayTeller


class TrueAccumulationTeller(DayTeller):
    """A day under TrueAccumulation."""

    rules = tahd

    @property
    def ladder(self) -> tahd.AccumulationDay:
        """What the benefit knows of the day."""
        found: tahd.AccumulationDay = self.facts.income.ladder
        return found

    def values(self, before: Any) -> Figures:
        """What a payment, an election or a withdrawal changes of the benefit."""
        after: tahd.Accumulation = self.income
        figures: Figures = (
            Figure("highest daily Account Value", before.highest, after.highest),
            Figure("yearly corridor", before.corridor, after.corridor),
            Figure("of it remaining this benefit year", before.remaining, after.remaining),
        )
        pairs = zip(self.ladder.years, tahd.guarantees(before), tahd.guarantees(after), strict=True)
        return figures + tuple(
            Figure(f"guaranteed amount of {int(year)}", was, now) for year, was, now in sorted(pairs) if year > 0.0
        )

    def growth(self, due: law.Dues) -> tahd.Accumulation:
        """Step 4; returns the benefit after it."""
        before: tahd.Accumulation = self.income
        after = tahd.grow(before, self.plan, self.ladder, due.compared)
        title = "Highest daily Account Value: comparison with today's"
        if not self.covered:
            self.tell(title, tahd.grow, False, "no living benefit is in force")
            return after
        new = after.highest > before.highest
        note = "a new high" if new else "today's Account Value is not above it"
        figures: Figures = (
            Figure("Account Value compared", None, due.compared),
            Figure("highest daily Account Value", before.highest, after.highest),
        )
        self.tell(title, tahd.grow, new, note, figures)
        return after

    def fee(self, due: law.Dues, grown: Any) -> None:
        """Step 5: the charge is in the Unit Price."""
        if self.covered:
            charge = living.asset_charge(self.income)
            figures: Figures = (Figure("daily charge of the benefit, per year", None, charge, SHARE),)
            self.tell("Charge of the benefit", charge_row, False, "deducted in the Unit Price, no fee", figures)

    def principal(self, due: law.Dues) -> None:
        """Step 6."""
        facts = self.ladder
        if not self.covered or not facts.matures:
            return
        guaranteed = tahd.guarantees(self.income)[facts.place]
        after = total(due.account)
        note = "added by the allocation instructions" if due.principal > 0.0 else "the Account Value is not below it"
        figures: Figures = (
            Figure("guaranteed amount", None, guaranteed),
            Figure("Account Value", after - due.principal, after),
        )
        title = f"Maturity of the guarantee of {int(facts.maturing_year)}"
        self.tell(title, tahd.maturity_amount, due.principal > 0.0, note, figures)
        note = "to the other Sub-accounts" if due.released > 0.0 else "nothing is held for this guarantee"
        moved: Figures = (Figure("released", None, due.released),)
        self.tell("Bond Sub-account of the maturing guarantee", tahd.released, due.released > 0.0, note, moved)

    def year(self, due: law.Dues, before: Any) -> None:
        """Step 7."""
        if not self.covered:
            return
        after, facts = due.contract.income, self.ladder
        note = f"no benefit anniversary today; next {self.next(int(self.income.effective), 12)}"
        figures: Figures = ()
        if facts.year_due:
            note = "the whole corridor is there again; a guarantee created now could not mature before the benefit ends"
            figures = (Figure("corridor remaining", before.remaining, after.remaining),)
        if facts.creates:
            note = "a new guarantee on the highest daily Account Value; the whole corridor is there again"
            figures += (Figure("new guaranteed amount", None, before.coming),)
        self.tell("Benefit anniversary", tahd.roll_year, facts.year_due, note, figures)
        if facts.ends:
            note = "the last benefit anniversary before the latest Annuity Date: guarantees and charge end"
            moved: Figures = (Figure("moved out of the bond Sub-account", None, due.freed),)
            self.tell("End of the benefit", tahd.end, True, note, moved)

    def quarter(self, account: float) -> None:
        """Step 12: of the Death Benefit alone."""
        death = death_guarantee.capture(self.contract.death, self.facts.death, account)
        self.contract = change_contract(self.contract, death=death)

    def transfer(self, account: Account, compared: float) -> None:
        """Step 13."""
        if not self.covered:
            return
        terms, income = self.facts.terms, self.income
        order: Any = living.transfer_order(income, self.facts.income, terms, account, compared)
        after = transfer_assets(self.records, income, self.facts, account, compared)
        self.contract = change_contract(self.contract, income=after)
        now = value(self.records.book)
        figures: Figures = (
            Figure("guaranteed amount", None, order.basis),
            Figure("present value of 1 USD at its maturity date", None, order.factor, NUMBER),
            Figure("current liability L", None, order.target),
            Figure("Permitted Sub-accounts V", account.permitted, now.permitted),
            Figure("bond Sub-account B", account.bond, now.bond),
        )
        note = "no transfer: the Permitted Sub-accounts are empty"
        if account.permitted > 0.0:
            ratio = (order.target - account.bond) / account.permitted
            figures += (Figure("r = (L - B) / V", None, ratio, SHARE),)
            note = f"no transfer: r = {ratio:.2%} lies between {self.plan.lower:.0%} and {self.plan.upper:.0%}"
            if ratio < self.plan.lower:
                note = f"no transfer: r = {ratio:.2%} is below {self.plan.lower:.0%}, but the bond Sub-account is empty"
            if order.amount > 0.0:
                note = f"r = {ratio:.2%} is above {self.plan.upper:.0%}: into the bond Sub-account of {order.year:.0f}"
            elif order.amount < 0.0:
                note = f"r = {ratio:.2%} is below {self.plan.lower:.0%}: out of the bond Sub-account"
        figures += (Figure("transfer into the bond Sub-account", None, order.amount),)
        self.tell("Asset transfer formula", atf.transfer, order.amount != 0.0, note, figures)

    def first_withdrawal(self, income: Any) -> None:
        """Nothing begins with it."""

    def excess(self, income: Any, available: float, taken: float, account: float) -> None:
        """What a withdrawal did to guarantees and corridor."""
        within = min(taken, available)
        over = taken - within if taken - within >= self.facts.terms.withdrawals.half_cent else 0.0
        figures: Figures = (Figure("corridor left", None, available), Figure("within it", None, within))
        note = "within the corridor: guarantees fall by the amount"
        if over > 0.0:
            note = "the excess lowers guarantees and corridor in the proportion it bears to the Account Value before it"
            figures += (Figure("excess", None, over), Figure("Account Value before the excess", None, account - within))
        title = "Excess over the corridor" if over > 0.0 else "Within the corridor"
        self.tell(title, tahd.withdraw, over > 0.0, note, figures + self.values(income))
