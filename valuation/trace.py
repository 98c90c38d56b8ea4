"""One Valuation Day told step by step: what `valuation.day.advance` does, with the figures before and after each step.

The steps call the rules of `advance` in its order, on the same records; that the two end in the same bits is for the
caller to check, and for a test.  Every step names the rule that it shows, so that id and prospectus lines come from the
rule's own docstring.
"""

from typing import Any, NamedTuple

from valuation import day as law
from valuation import highest_daily_7 as hd7
from valuation import living, payout
from valuation.account import Account, total, value
from valuation.asset_transfer import transfer_amount
from valuation.changes import opens_the_day
from valuation.charges import maintenance_fee
from valuation.contract import ACTIVE, PAYOUT, PENDING, STATUS_NAMES
from valuation.credits import payments_credited
from valuation.endings import end_contract, exhaust
from valuation.events import Events
from valuation.fixed_money import follow_fixed
from valuation.formula_transfers import transfer_assets
from valuation.highest_daily_7 import POST, PRE
from valuation.journal import refuse
from valuation.records import Contract, Facts, Records, change_contract
from valuation.requests import ENDED
from valuation.telling import NUMBER, SHARE, Figure, Figures, Step, iso
from valuation.terms import TransferTerms
from valuation.trace_requests import RequestTeller


class Trace(NamedTuple):
    """A day told, and the state it ends in."""

    contract: Contract
    steps: tuple[Step, ...]


def trace_day(
    records: Records,
    contract: Contract,
    facts: Facts,
    events: Events,
    first: int,
    last: int,
    told_by: type["DayTeller"] | None = None,
) -> Trace:
    """Take one contract through one Valuation Day as `valuation.day.advance` does, and tell every step.

    The records are changed in place as there; their journal must be one that keeps its rows.  ``told_by`` is the teller of
    the living benefit's kind, see `valuation.trace_kinds`; none: Highest Daily 7.
    """
    teller = (told_by or DayTeller)(records, contract, facts, events, range(first, last))
    if contract.core.status == PAYOUT:
        teller.payout()
    elif contract.core.status > PAYOUT:
        teller.ended()
    else:
        teller.living()
    return Trace(teller.contract, tuple(teller.steps))


class DayTeller(RequestTeller):
    """The whole day, of a contract with Highest Daily 7 or without a benefit; other kinds have tellers of their own."""

    basis_name = "Income Basis P"

    @property
    def ratios(self) -> TransferTerms:
        """Ratios of the benefit's transfer formula."""
        return self.facts.terms.transfer

    def living(self) -> None:
        """A contract not yet issued, or with an Account Value."""
        self.opening()
        self.terminations()
        due = self.dues()
        compared = due.compared
        if self.contract.core.status == ACTIVE and self.account <= 0.0:
            self.exhausted(compared, False, False)
            for k in self.requests:
                if not opens_the_day(self.events.kind[k]):
                    self.answer_after_exhaustion(k)
            return
        self.step_ups()
        received = self.payments()
        if self.contract.core.status == PENDING:
            return
        self.instructions()
        self.averaging()
        self.withdrawals(compared + received)
        if self.contract.core.status == ACTIVE:
            account = value(self.records.book) if self.requests else due.account
            self.quarter(total(account))
            self.transfer(account, compared + received)

    def opening(self) -> None:
        """Step 1, after the Unit Prices."""
        self.facts = law.begin(self.records, self.facts, self.events, self.requests.start, self.requests.stop)

    def averaging(self) -> None:
        """Step 9, after the requests: what Enhanced programmes have scheduled."""
        records = self.records
        follow_fixed(records.fixed, records.book, records.journal, self.facts.terms.cents)

    def ended(self) -> None:
        """Nothing can happen any more."""
        journal = self.records.journal
        for k in self.requests:
            refuse(journal, k, ENDED)
        name = STATUS_NAMES[int(self.contract.core.status)]
        self.tell("The contract has ended", end_contract, False, f"status {name}: requests are refused")

    def payout(self) -> None:
        """Account Value zero, guaranteed payments go on."""
        before = self.income
        self.contract = payout.pay_guaranteed(
            self.records, self.contract, self.facts, self.events, self.requests.start, self.requests.stop
        )
        alive = self.income.lives > 0.0
        paid = alive and self.facts.day.anniversary != 0
        note = (
            f"Annuity Anniversary {iso(self.facts.day.anniversary)}: the Annual Income Amount is paid"
            if paid
            else f"paid on each Annuity Anniversary; next {self.next(self.facts.life.issue, 12)}"
        )
        if not alive:
            note = "the last designated life has died: payments end"
        yearly = living.yearly_income
        figures: Figures = (Figure("Annual Income Amount", yearly(before), yearly(self.income)),)
        self.tell("Guaranteed payment", exhaust, paid, note, figures)

    def dues(self) -> law.Dues:
        """Steps 3 to 7."""
        facts, before, account = self.facts, self.contract, value(self.records.book)
        credited = payments_credited(facts.terms.purchase, facts.life, self.records.layers, facts.day)
        due = law.dues(before, account, facts, self.plan, credited)
        if before.core.status == ACTIVE:
            self.anniversary(due, total(account))
            grown = self.growth(due)
            self.fee(due, grown)
            self.principal(due)
            self.year(due, grown)
            self.death_values(before.death, due.contract.death)
        law.post_dues(self.records, due)
        self.contract = due.contract
        return due

    def anniversary(self, due: law.Dues, before: float) -> None:
        """Step 3."""
        day, life = self.facts.day, self.facts.life
        if not day.anniversary:
            note = f"no Annuity Anniversary today; next {self.next(life.issue, 12)}"
            self.tell("Longevity Credit and Annual Maintenance Fee", maintenance_fee, False, note)
            return
        credit, fee = due.credit, due.maintenance.amount
        figures: Figures = (Figure("Account Value", before, due.compared),)
        nothing = "no Longevity Credit, and no Annual Maintenance Fee at this Account Value"
        note = f"anniversary of {iso(day.anniversary)}: credit {credit:,.2f}, fee {fee:,.2f}"
        happened = credit > 0.0 or fee > 0.0
        self.tell(
            "Longevity Credit and Annual Maintenance Fee",
            maintenance_fee,
            happened,
            note if happened else nothing,
            figures,
        )

    def growth(self, due: law.Dues) -> Any:
        """Step 4; returns the benefit after it."""
        before, compared = self.income, due.compared
        after = hd7.grow(before, self.plan, self.facts.income, compared)
        title = "Periodic Value: growth, and comparison with the Account Value"
        if not self.covered:
            self.tell(title, hd7.grow_value, False, "no living benefit is in force")
            return after
        if before.stage == POST:
            value_today = hd7.protected_withdrawal_value(after, self.facts.income, compared)
            note = "no growth after the first withdrawal; the Account Value is the floor of the value on its use today"
            figures: Figures = (
                Figure("Account Value compared", None, compared),
                Figure("tracked Protected Withdrawal Value", before.protected, after.protected),
                Figure("Protected Withdrawal Value today", None, value_today),
            )
            self.tell("Protected Withdrawal Value", hd7.protected_withdrawal_value, False, note, figures)
            return after
        factor = self.facts.income.growth
        grown = before.periodic * factor
        if self.facts.income.tenth_passed:
            note = "the Tenth Anniversary is past: no growth and no comparison"
        elif after.periodic > grown:
            note = "a new high: today's Account Value is above the grown value and replaces it"
        else:
            note = f"grown over {self.facts.day.elapsed:.0f} calendar days; today's Account Value is not above it"
        figures = (
            Figure("growth factor", None, factor, NUMBER),
            Figure("grown value", before.periodic, grown),
            Figure("Account Value compared", None, compared),
            Figure("Periodic Value", before.periodic, after.periodic),
        )
        self.tell(title, hd7.grow_value, after.periodic != before.periodic, note, figures)
        return after

    def fee(self, due: law.Dues, grown: Any) -> None:
        """Step 5."""
        if not self.covered:
            return
        if not self.facts.income.fee_due:
            note = f"no benefit quarter ends today; next {self.next(int(self.income.effective), 3)}"
            self.tell("Benefit fee of the quarter", hd7.quarterly_fee, False, note)
            return
        base = hd7.protected_withdrawal_value(grown, self.facts.income, due.compared)
        figures: Figures = (
            Figure("quarterly rate", None, self.plan.quarterly_fee, SHARE),
            Figure("Protected Withdrawal Value charged", None, base),
            Figure("fee", None, due.fee.amount),
            Figure("Account Value", due.compared, due.compared - due.fee.amount),
        )
        self.tell(
            "Benefit fee of the quarter", hd7.quarterly_fee, True, "taken from every Sub-account pro rata", figures
        )

    def principal(self, due: law.Dues) -> None:
        """Step 6."""
        if not self.covered or not self.facts.income.tenth_due:
            return
        after = total(due.account)
        note = "added to the Permitted Sub-accounts" if due.principal > 0.0 else "nothing to add"
        if self.income.stage == POST:
            note = "a withdrawal was taken before the Tenth Anniversary: no Return of Principal"
        figures: Figures = (
            Figure("amount guaranteed", None, self.income.principal),
            Figure("Account Value", after - due.principal, after),
        )
        title = "Return of Principal on the Tenth Anniversary"
        self.tell(title, hd7.return_of_principal, due.principal > 0.0, note, figures)

    def year(self, due: law.Dues, before: Any) -> None:
        """Step 7."""
        after, account = due.contract.income, total(due.account)
        if not self.covered:
            return
        stepped, note = after.annual > before.annual, self._why_no_step_up(before, account)
        if stepped:
            note = "the Highest Quarterly Value supports a higher income: stepped up"
        figures: Figures = ()
        if self.facts.day.anniversary and before.stage == POST:
            highest = max(before.quarter_high, account)
            share = self.facts.income.step_up_percentage
            figures = (
                Figure("highest quarterly value", None, highest),
                Figure("income percentage", None, share, SHARE),
                Figure("income it supports", None, share * highest),
                Figure("Annual Income Amount", before.annual, after.annual),
                Figure("tracked Protected Withdrawal Value", before.protected, after.protected),
                Figure("remaining this Annuity Year", before.remaining, after.remaining),
            )
        self.tell("Annuity Year: Highest Quarterly Auto Step-Up", hd7.roll_year, stepped, note, figures)

    def _why_no_step_up(self, income: hd7.Income, account: float) -> str:
        day = self.facts.day
        if not day.anniversary:
            return f"no step-up: no Annuity Anniversary today; next {self.next(self.facts.life.issue, 12)}"
        if income.stage == PRE:
            return "no step-up: no withdrawal was taken yet, so there is no Annual Income Amount"
        if day.anniversary <= income.first_withdrawal:
            return "no step-up: the first withdrawal did not come before this anniversary; a new year's income begins"
        highest = max(income.quarter_high, account)
        share = self.facts.income.step_up_percentage
        return (
            f"no step-up: {share:.0%} of the highest quarterly value {highest:,.2f} is {share * highest:,.2f}, not above"
            f" the Annual Income Amount {income.annual:,.2f}; a new year's income begins"
        )

    def quarter(self, account: float) -> None:
        """Step 12."""
        before = self.income
        after = living.capture(before, self.facts.income, self.facts.day, account)
        self.contract = change_contract(self.contract, income=after)
        self.death_capture(account)
        if before.stage != POST:
            return
        captured = self.facts.day.quarter > before.first_withdrawal and self.facts.day.anniversary == 0
        note = "the Account Value of the quarter is recorded; the highest counts on the anniversary"
        if not captured:
            note = f"no quarter of the Annuity Year ends today; next {self.next(self.facts.life.issue, 3)}"
            if self.facts.day.quarter:
                note = "this quarter-end is the anniversary itself, or does not lie after the first withdrawal"
        figures: Figures = (
            (Figure("highest quarterly value", before.quarter_high, after.quarter_high),) if captured else ()
        )
        self.tell("Quarterly value", self.rules.capture_quarter, captured, note, figures)

    def transfer(self, account: Account, compared: float) -> None:
        """Step 13."""
        if not self.covered:
            return
        order = living.transfer_order(self.income, self.facts.income, self.facts.terms, account, compared)
        target, amount = order.target, order.amount
        transfer_assets(self.records, self.income, self.facts, account, compared)
        after = value(self.records.book)
        figures: Figures = (
            Figure(self.basis_name, None, order.basis),
            Figure('factor "a"', None, self.facts.income.factor, NUMBER),
            Figure("Target Value L", None, target),
            Figure("Permitted Sub-accounts V", account.permitted, after.permitted),
            Figure(f"{self.own_account} {self.own_symbol}", account.bond, after.bond),
        )
        if account.permitted > 0.0:
            before_ratio = (target - account.bond) / account.permitted
            after_ratio = (target - after.bond) / after.permitted if after.permitted > 0.0 else before_ratio
            figures += (Figure(f"Target Ratio r = (L - {self.own_symbol}) / V", before_ratio, after_ratio, SHARE),)
        figures += (Figure(f"transfer into the {self.own_account}", None, amount),)
        note = self._why_transfer(amount, target, account.permitted, account.bond)
        self.tell("Asset transfer formula", transfer_amount, amount != 0.0, note, figures)

    def _why_transfer(self, amount: float, need: float, permitted: float, bond: float) -> str:
        terms, own = self.ratios, self.own_account
        if permitted <= 0.0:
            return "no transfer: the Permitted Sub-accounts are empty"
        ratio = (need - bond) / permitted
        if amount > 0.0:
            whole = " (all of it)" if amount >= permitted else ""
            return f"r = {ratio:.2%} is above {terms.upper:.0%}: into the {own}{whole}, towards {terms.target:.0%}"
        if amount < 0.0:
            whole = " (all of it)" if -amount >= bond else ""
            return f"r = {ratio:.2%} is below {terms.lower:.0%}: out of the {own}{whole}, towards {terms.target:.0%}"
        if ratio < terms.lower:
            return f"no transfer: r = {ratio:.2%} is below {terms.lower:.0%}, but the {own} is empty"
        return f"no transfer: r = {ratio:.2%} lies between {terms.lower:.0%} and {terms.upper:.0%}"
