"""Telling what a Valuation Day does to the Guaranteed Minimum Income Benefit: the part of `valuation.trace` that is its own."""

from valuation import guaranteed_minimum_income as law
from valuation import guaranteed_minimum_payments as payments
from valuation.clock import months_after
from valuation.contract import PAYOUT
from valuation.day import Dues
from valuation.guaranteed_minimum_income import ProtectedIncome
from valuation.telling import NUMBER, SHARE, Figure, Figures, Teller, iso


def figures(before: ProtectedIncome, after: ProtectedIncome) -> Figures:
    """What requests change of the benefit."""
    return (
        Figure("Protected Income Value", before.value, after.value),
        Figure("Maximum Protected Income Value", before.maximum, after.maximum),
        Figure("Remaining Limit, dollar for dollar", before.remaining, after.remaining),
    )


def charge(teller: Teller, due: Dues, account: float) -> None:
    """Step 3: the charge of the Annuity Year, before the Annual Maintenance Fee."""
    if not teller.covered:
        return
    title, benefit, facts = "Charge of the Annuity Year", teller.income, teller.facts.income
    if not facts.fee_due:
        note = f"no Annuity Anniversary today; next {teller.next(teller.facts.life.issue, 12)}"
        teller.tell(title, law.annual_fee, False, note)
        return
    opened = law.accrue(benefit, teller.plan, facts)
    average = opened.accrued / benefit.charge / facts.year_days if benefit.charge else 0.0
    told: Figures = (
        Figure("rate a year", None, benefit.charge, SHARE),
        Figure("average Protected Income Value of the year", None, average),
        Figure("charge", None, due.fee.amount),
        Figure("Account Value", account + due.credit, account + due.credit - due.fee.amount),
    )
    teller.tell(title, law.annual_fee, due.fee.amount > 0.0, "taken from every Sub-account pro rata", told)


def growth(teller: Teller, due: Dues) -> None:
    """Steps 4 and 7: growth, and the limit of a new Annuity Year."""
    title, before = "Protected Income Value: growth", teller.income
    if not teller.covered:
        teller.tell(title, law.grow, False, "no living benefit is in force")
        return
    after = due.contract.income
    note = f"grown over {teller.facts.day.elapsed:.0f} calendar days; the Account Value plays no part"
    if after.value >= after.maximum:
        note = "the Maximum Protected Income Value is reached: no more growth"
    elif after.stopped > 0.0:
        note = f"growth ended on {iso(after.stop)}, by the Annuitant's age and the years since the value was set"
    told: Figures = (
        Figure("growth factor", None, after.value / before.value if before.value else 1.0, NUMBER),
        Figure("Protected Income Value", before.value, after.value),
        Figure("Maximum Protected Income Value", None, after.maximum),
    )
    teller.tell(title, law.grow, after.value != before.value, note, told)
    if teller.facts.day.anniversary:
        told = (
            Figure("limit, dollar for dollar", before.limit, after.limit),
            Figure("Remaining Limit", before.remaining, after.remaining),
        )
        note = "a share of today's Protected Income Value can be withdrawn dollar for dollar in the new Annuity Year"
        teller.tell("Annuity Year: limit of withdrawals", law.roll_year, True, note, told)


def withdrawal(teller: Teller, before: ProtectedIncome, available: float, taken: float) -> None:
    """Step 10: what a withdrawal did to the benefit."""
    within = min(taken, available)
    title, note = "Within the limit", "the Protected Income Value falls by the same dollars"
    if taken - within >= teller.facts.terms.withdrawals.half_cent:
        title = "Above the limit"
        note = f"{taken - within:,.2f} reduce the Protected Income Value in the proportion they bear to the Account Value left"
    if law.proportional(before):
        note = "the maximum is reached or growth has ended: the whole withdrawal reduces the value in proportion"
    teller.tell(title, law.withdraw, True, note, figures(before, teller.income))


def payout(teller: Teller, before: ProtectedIncome, amount: float) -> None:
    """A day of annuity payments under the benefit."""
    after = teller.income
    following = months_after(int(after.ended), int(after.made))
    note = f"monthly payments, {after.made:.0f} made; next {iso(following)}"
    if teller.contract.core.status != PAYOUT:
        note = "nothing more is owed: payments end"
    elif after.annuitant <= 0.0:
        note = f"{note}; the Annuitant has died"
    told: Figures = (
        Figure("monthly payment", None, before.payment),
        Figure("paid today", None, amount),
        Figure("payments made", before.made, after.made, NUMBER),
    )
    teller.tell("Annuity payment under the benefit", payments.pay_annuity, amount > 0.0, note, told)
