"""Annuity options: which can be chosen, what is applied to them, and the payments until the last.

Provisions   ANN-1, ANN-3 to ANN-8, TXN-5 (prospectus 2420-2422, 2516-2521, 3167-3169, 3340-3438, 7561-7572); constants
             terms/annuity_options.toml; the latest Annuity Date is in `valuation.annuity_date`
Clock        the first payment falls on the Annuity Date, the next on its monthly anniversaries
Readings     A-ANN-2: the adjusted Account Value is that less the Tax Charge; A-ANN-3: only Option 3 and a death are
             commuted; A-CDSC-5: no CDSC on annuitization; the Annuity Date is the day payments begin (561-564)
Inputs       a purchase rate is the payment for 1 USD applied: `valuation.annuity_rates` makes it
"""

from typing import NamedTuple

from valuation.clock import anniversary_clock, civil, completed_months, months_after, ordinal
from valuation.compile import changer, routine
from valuation.terms.benefits import AnnuityOptionTerms

FIXED_PERIOD, LIFE, INTEREST, JOINT, LUMP_SUM = range(5)
"""Options 1, 2 and 3 of the contract; joint lives under the Guaranteed Minimum Income Benefit; a single sum."""

OPTION_NAMES = ("FIXED_PERIOD", "LIFE_120_MONTHS_CERTAIN", "INTEREST", "JOINT_LIVES_120_MONTHS_CERTAIN", "LUMP_SUM")


class Payout(NamedTuple):
    """State of an annuity once its payments have begun."""

    option: float
    start: float  # Annuity Date, day
    step: float  # months from one payment to the next
    payment: float  # USD each
    certain: float  # number of payments made in any case
    made: float  # number of payments made
    share: float  # of a payment to the Joint Annuitant after the certain period
    annuitant: float  # 1 while he lives
    joint: float  # 1 while the Joint Annuitant lives
    interest: float  # annual effective rate of the option, fraction
    commutable: float  # 1 if a death can pay the rest of the certain period in one sum
    principal: float  # Option 3: adjusted Account Value held, USD
    earned: float  # Option 3: interest not yet paid, USD
    credited: float  # Option 3: day to which interest is credited


change_payout = changer(Payout)


@routine
def earliest_annuity_date(terms: AnnuityOptionTerms, issue: int) -> int:
    """Day number of the first Annuity Date that can be chosen.  Source: ANN-1 (prospectus 1190, 3372)."""
    return months_after(issue, 12 * int(terms.earliest_years))


@routine
def amount_applied(account: float, tax: float) -> float:
    """Account Value less the Tax Charge, USD; no maintenance fee, no CDSC.  Source: ANN-3 (prospectus 2420-2436, 2516-2521)."""
    return max(0.0, account - tax)


@routine
def option_payment(applied: float, guaranteed: float, current: float) -> float:
    """Amount of each payment, USD: at today's purchase rate, never below the one the contract guarantees.

    Source: ANN-3 (prospectus 2516-2521, 3340-3343).
    """
    return applied * max(guaranteed, current)


@routine
def may_choose(
    terms: AnnuityOptionTerms, option: int, years: float, expectancy: float, charge: float, qualified: bool
) -> bool:
    """Whether an option can be elected.

    ``years``       of the fixed period
    ``expectancy``  life expectancy of the Annuitant, years
    ``charge``      CDSC that a surrender on the Annuity Date would bear, USD
    ``qualified``   IRA or another tax-qualified vehicle

    Source: ANN-4, ANN-5, ANN-7 (prospectus 3374-3377, 3403-3414, 3421-3426).
    """
    if option == FIXED_PERIOD:
        least = terms.charged_period if charge > 0.0 else 0.0
        return 0.0 < years <= min(terms.longest_period, expectancy) and years >= least
    if option == INTEREST:
        return charge <= 0.0 and not qualified
    return option == LIFE


@routine
def default_option(prohibited: bool) -> int:
    """What is paid when nothing was chosen by the Annuity Date.  Source: ANN-6 (prospectus 3398-3401)."""
    return LUMP_SUM if prohibited else LIFE


@routine
def begin_fixed(terms: AnnuityOptionTerms, payment: float, years: float, step: int, rate: float, today: int) -> Payout:
    """Option 1: equal payments for a fixed period, every ``step`` months.

    ``rate``  interest used to compute the payments, at least the contract's minimum

    Source: ANN-5 (prospectus 3374-3384).
    """
    return _payout(
        FIXED_PERIOD, today, step, payment, round(years * 12.0) // step, max(rate, terms.minimum_interest), True
    )


@routine
def begin_life(
    terms: AnnuityOptionTerms, payment: float, step: int, rate: float, commutable: bool, today: int
) -> Payout:
    """Option 2: payments for life, ten years of them certain.  Source: ANN-6 (prospectus 3386-3401)."""
    certain = int(terms.certain_months) // step
    return _payout(LIFE, today, step, payment, certain, max(rate, terms.minimum_interest), commutable)


@routine
def begin_joint(terms: AnnuityOptionTerms, payment: float, share: float, step: int, today: int) -> Payout:
    """Payments for two lives, ten years of them certain; ``share`` to a Joint Annuitant who survives.

    Source: GMIB-12 (prospectus 4074-4086).
    """
    certain = int(terms.certain_months) // step
    payout = _payout(JOINT, today, step, payment, certain, terms.minimum_interest, False)
    return change_payout(payout, share=share, joint=1.0)


@routine
def begin_interest(terms: AnnuityOptionTerms, applied: float, step: int, rate: float, today: int) -> Payout:
    """Option 3: interest on the adjusted Account Value; ``step`` 0 lets it accrue.

    Source: ANN-7 (prospectus 3403-3414).
    """
    payout = _payout(INTEREST, today, step, 0.0, 0, max(rate, terms.minimum_interest), True)
    return change_payout(payout, principal=applied, credited=float(today))


@routine
def _payout(
    option: int, today: int, step: int, payment: float, certain: int, interest: float, commutable: bool
) -> Payout:
    """An annuity on its Annuity Date, before the first payment."""
    return Payout(
        float(option),
        float(today),
        float(step),
        payment,
        float(certain),
        0.0,
        0.0,
        1.0,
        0.0,
        interest,
        1.0 if commutable else 0.0,
        0.0,
        0.0,
        float(today),
    )


@routine
def paid_through(today: int, following: int) -> int:
    """The last nominal date paid today; ``following`` is the next Valuation Day.

    What is due on a closed day waits for the next Valuation Day, but not into the next calendar year.

    Source: TXN-5 (prospectus 7561-7572).
    """
    year = civil(today)[0]
    return ordinal(year, 12, 31) if civil(following)[0] > year else today


@routine
def payments_due(payout: Payout, through: int) -> int:
    """Number of payments due and not made, up to a nominal date; while a life that is paid lives, without end.

    Source: ANN-5, ANN-6, GMIB-12 (prospectus 3374-3394, 4068-4086).
    """
    if through < payout.start or payout.payment <= 0.0:
        return 0
    scheduled = completed_months(int(payout.start), through) // int(payout.step) + 1
    alive = payout.annuitant > 0.0 or payout.joint > 0.0
    if payout.option == FIXED_PERIOD or not alive:
        scheduled = min(scheduled, int(payout.certain))
    return max(0, scheduled - int(payout.made))


@routine
def pay(payout: Payout, through: int) -> tuple[Payout, float]:
    """Make the payments due up to a nominal date; the sum paid, USD.  Source: ANN-5, ANN-6, GMIB-12."""
    number = payments_due(payout, through)
    within = max(0, min(number, int(payout.certain - payout.made)))
    later = payout.payment if payout.annuitant > 0.0 else payout.share * payout.payment
    paid = within * payout.payment + (number - within) * later
    return change_payout(payout, made=payout.made + number), paid


@routine
def commuted_value(payment: float, number: int, months: float, step: int, interest: float) -> float:
    """Present value of ``number`` payments, the first in ``months`` months, then every ``step`` months, USD.

    Source: ANN-5, ANN-6 (prospectus 3380-3384, 3394-3397).
    """
    value = 0.0
    for k in range(number):
        value += payment * (1.0 + interest) ** (-(months + k * step) / 12.0)
    return value


@routine
def annuitant_dies(payout: Payout, today: int, in_one_sum: bool) -> tuple[Payout, float]:
    """Death of the Annuitant, with what is due paid: the rest of the certain period goes on or is paid in one sum, USD.

    ``in_one_sum``  the Beneficiary's choice under Option 1, the rule under Option 2 unless we were told otherwise

    Under the Guaranteed Minimum Income Benefit the payments always go on.  Option 3 pays what is held.

    Source: ANN-5, ANN-6, ANN-8, GMIB-12 (prospectus 3378-3394, 3433-3438, 4068-4090).
    """
    if payout.option == INTEREST:
        payout = credit_interest(payout, today)
        held = payout.principal + payout.earned
        return change_payout(payout, annuitant=0.0, principal=0.0, earned=0.0), held
    payout = change_payout(payout, annuitant=0.0)
    number = int(payout.certain - payout.made)
    if not in_one_sum or payout.commutable == 0.0 or number <= 0 or payout.joint > 0.0:
        return payout, 0.0
    step = int(payout.step)
    following = months_after(int(payout.start), step * int(payout.made))
    last = months_after(int(payout.start), step * (int(payout.made) - 1))
    months = step * max(0, following - today) / (following - last)
    worth = commuted_value(payout.payment, number, months, step, payout.interest)
    return change_payout(payout, made=payout.certain), worth


@routine
def joint_annuitant_dies(payout: Payout) -> Payout:
    """Death of the Joint Annuitant: payments go on for the Annuitant or the certain period.  Source: GMIB-12."""
    return change_payout(payout, joint=0.0)


@routine
def credit_interest(payout: Payout, today: int) -> Payout:
    """Option 3: interest since it was last credited, by years from the Annuity Date.  Source: ANN-7 (prospectus 3403-3410)."""
    start = int(payout.start)
    years = anniversary_clock(start, today) - anniversary_clock(start, int(payout.credited))
    growth = (1.0 + payout.interest) ** years
    earned = (payout.principal + payout.earned) * growth - payout.principal
    return change_payout(payout, earned=earned, credited=float(today))


@routine
def pay_interest(payout: Payout, prior: int, through: int) -> tuple[Payout, float]:
    """Option 3: pay the interest of a period that ends after ``prior`` and not after ``through``, USD.

    Source: ANN-7 (prospectus 3405-3409).
    """
    start, step = int(payout.start), int(payout.step)
    if step == 0 or through <= start:
        return payout, 0.0
    ends = months_after(start, completed_months(start, through) // step * step)
    if ends <= prior or ends <= start:
        return payout, 0.0
    payout = credit_interest(payout, ends)
    return change_payout(payout, earned=0.0), payout.earned


@routine
def withdraw_held(payout: Payout, today: int, amount: float) -> tuple[Payout, float]:
    """Option 3: withdraw part or all of what is held, interest first; the sum, USD.  Source: ANN-7 (prospectus 3411-3414)."""
    payout = credit_interest(payout, today)
    paid = min(amount, payout.principal + payout.earned)
    from_interest = min(paid, payout.earned)
    left = payout.principal - (paid - from_interest)
    return change_payout(payout, earned=payout.earned - from_interest, principal=left), paid


@routine
def owed(payout: Payout) -> bool:
    """Whether anything is still to be paid.  Source: ANN-5 to ANN-8 (prospectus 3374-3414, 3433-3438)."""
    if payout.option == INTEREST:
        return payout.principal + payout.earned > 0.0
    alive = payout.annuitant > 0.0 or payout.joint > 0.0
    return payout.made < payout.certain or (payout.option != FIXED_PERIOD and alive)
