"""One Valuation Day of an annuity: a death, what can still be asked, the payments due.

Provisions   ANN-5 to ANN-8, TXN-5 (prospectus 3374-3438, 7561-7572); the rules are in `valuation.annuity_options`
Readings     a payment made after a death that was not yet known is not asked back
"""

import numpy as np

from valuation import annuity_options as options
from valuation import journal as rows
from valuation.account import money
from valuation.clock import months_after
from valuation.contract import ANNUITISED, DIED, GUARANTEED_PAID, Array
from valuation.events import DEATH, RMD_WITHDRAWAL, SURRENDER, WITHDRAWAL, Events
from valuation.failures import Reason
from valuation.journal import pay, refuse
from valuation.settlement import Annuity
from valuation.settlement_requests import Chosen
from valuation.settlement_run import Run, count_day, end_days, tell_step
from valuation.telling import Figure, Figures, iso

CLOSURE = 14
"""Days; nothing due later than this after a Valuation Day is paid on it."""
ANNUITY_BEGUN, TOO_LARGE = int(Reason.ANNUITY_BEGUN), int(Reason.WITHDRAWAL_TOO_LARGE)


def annuity_day(run: Run, state: Annuity, d: int, first: int, last: int) -> Annuity:
    """One Valuation Day of an annuity.  Source: ANN-5 to ANN-8, TXN-5 (prospectus 3374-3438, 7561-7572)."""
    cash = np.zeros(7)
    payout = state.payout
    if first == last and run.tell is None and next_payment(payout) > int(run.history.days[d]) + CLOSURE:
        count_day(run, d, cash, 0.0)
        return state
    today, through = int(run.history.days[d]), options.paid_through(int(run.history.days[d]), int(run.following[d]))
    prior = options.paid_through(int(run.history.days[d - 1]), today) if d else today - 1
    for k in range(first, last):
        payout = _answer_annuity(run, payout, state, k, through, cash)
    if payout.option == options.INTEREST:
        payout, due = options.pay_interest(payout, prior, through)
    else:
        payout, due = options.pay(payout, through)
    _pay_annuity(run, money(due, run.terms.cents), cash)
    _tell_payment(run, state.payout, payout, due)
    if not options.owed(payout):
        end_days(run, DIED if state.beneficiary else ANNUITISED)
    count_day(run, d, cash, 0.0)
    return state._replace(payout=payout)


def next_payment(payout: options.Payout) -> int:
    """The date of the payment, or of the period of interest, that comes next.  Source: ANN-5 to ANN-7."""
    if payout.option == options.INTEREST:
        return int(payout.credited)
    return months_after(int(payout.start), int(payout.step) * int(payout.made))


def _pay_annuity(run: Run, amount: float, cash: Array) -> None:
    if amount > 0.0:
        cash[GUARANTEED_PAID] += amount
        pay(run.journal, rows.ANNUITY_PAYMENT, amount, 0.0, amount)


def _answer_annuity(
    run: Run, payout: options.Payout, state: Annuity, k: int, through: int, cash: Array
) -> options.Payout:
    """A death, or a withdrawal of what the interest payment option holds; nothing else is open.

    Source: ANN-5 to ANN-8 (prospectus 3378-3414, 3433-3438).
    """
    events: Events = run.history.events
    kind, today, cents = int(events.kind[k]), int(run.journal.here[1]), run.terms.cents
    if kind == DEATH:
        died = min(int(events.date[k]) or today, today)
        payout, due = options.pay(payout, min(through, died)) if payout.option != options.INTEREST else (payout, 0.0)
        if payout.annuitant > 0.0:
            in_one_sum = _in_one_sum(payout, run.chosen.get(k))
            payout, worth = options.annuitant_dies(payout, today, in_one_sum)
        else:
            payout, worth = options.joint_annuitant_dies(payout), 0.0
        _pay_annuity(run, money(due, cents) + money(worth, cents), cash)
        note = f"paid in one sum {worth:,.2f}" if worth else "certain payments go on, if any are left"
        tell_step(run, "Death of the Annuitant", options.annuitant_dies, True, note)
    elif payout.option == options.INTEREST and kind in (WITHDRAWAL, RMD_WITHDRAWAL, SURRENDER):
        payout = options.credit_interest(payout, today)
        held = money(payout.principal + payout.earned, cents)
        asked = held if kind == SURRENDER else float(events.amount[k])
        if asked > held:
            refuse(run.journal, k, TOO_LARGE)
            return payout
        left = 0.0 if held - asked < run.terms.withdrawals.half_cent else asked
        payout, _ = options.withdraw_held(payout, today, left or payout.principal + payout.earned)
        _pay_annuity(run, asked, cash)
        tell_step(run, "Withdrawal of what is held", options.withdraw_held, True, f"paid {asked:,.2f}")
    else:
        refuse(run.journal, k, ANNUITY_BEGUN)
        tell_step(
            run, "Request", options.owed, False, "refused: annuity payments have begun, and only their terms count"
        )
    return payout


def _in_one_sum(payout: options.Payout, chosen: Chosen | None) -> bool:
    """Whether the rest of the certain period is paid at once: Option 1 if asked, Option 2 unless asked not to.

    Source: ANN-5, ANN-6 (prospectus 3378-3394).
    """
    asked = None if chosen is None else chosen.option
    if payout.option == options.FIXED_PERIOD:
        return asked == options.LUMP_SUM
    return asked != options.FIXED_PERIOD


def _tell_payment(run: Run, before: options.Payout, after: options.Payout, due: float) -> None:
    """What the day paid."""
    note = f"next payment {iso(next_payment(after))}" if options.owed(after) else "nothing more is owed"
    if after.option == options.INTEREST:
        figures: Figures = (
            Figure("held", before.principal, after.principal),
            Figure("interest not yet paid", before.earned, after.earned),
        )
        tell_step(run, "Interest payment option", options.pay_interest, due > 0.0, note, figures)
        return
    figures = (
        Figure("payments made", before.made, after.made, "number"),
        Figure("payment", None, after.payment),
        Figure("paid today", None, due),
    )
    rule = options.begin_fixed if after.option == options.FIXED_PERIOD else options.begin_life
    tell_step(run, "Annuity payment", rule, due > 0.0, note, figures)
