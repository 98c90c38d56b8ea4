"""TrueAccumulation - Highest Daily: a ladder of guarantees on the highest daily Account Value.

Provisions   TAHD-1 to TAHD-13, EL-1, LB-INV-2, LB-FEE-1, C-11 to C-15 (prospectus 868-869, 920-924, 1273, 3521-3835);
             constants terms/true_accumulation.toml; the transfer formula is `valuation.accumulation_transfer`
Clock        benefit years, from the effective date; only an election after an earlier one looks at Annuity Anniversaries
Readings     A-6, A-8, A-10, A-30, A-31, A-49 and README decisions 5, 8 and 11 of the specification
Order        grow, mature, roll_year, the forced end, pay_in, withdraw, the transfer formula; Owner's cancellation first
Ladder       guarantee 0 is the initial one, guarantee k that of the k-th benefit anniversary; it stands in place k mod 10,
             which guarantee k - 10 leaves on the day k is created
Totals       the rules need the Account Value, and the value of the one AST bond Sub-account that holds any
At zero      an Account Value of zero ends the Annuity and the benefit without a payment

The terms are those in force on the effective date; a later, higher charge is for later elections only.
"""

from typing import NamedTuple, TypeAlias

from valuation.account import money
from valuation.clock import Day, civil, completed_years, due, last_anniversary, months_after
from valuation.compile import changer, routine, rule
from valuation.contract import Core, Life
from valuation.terms.benefits import AccumulationTerms

NONE, IN_FORCE, ENDED = 0, 1, 4
"""Stage, numbered as those of the other living benefits: there is no stage after a first withdrawal, and no payout."""

Ladder: TypeAlias = tuple[float, float, float, float, float, float, float, float, float, float]
"""One figure for each place of the ladder."""

PLACES = 10
EMPTY: Ladder = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class Accumulation(NamedTuple):
    """State of the benefit.  What it shares with the others and does not use is 0."""

    plan: float  # place among the plans of its kind: there is one
    stage: float
    effective: float  # day
    first_withdrawal: float  # not used
    last_fee: float  # not used: the charge is in the Unit Price
    ended: float  # day of termination
    lives: float  # not used: no designated lives
    bond_year: (
        float  # maturity year of the AST bond Sub-account that holds value, or was the last to hold any; 0 if none
    )
    highest: float  # H, highest daily Account Value since the effective date, adjusted, USD
    corridor: float  # dollar-for-dollar corridor of a whole benefit year, USD
    remaining: float  # of it, not yet withdrawn this benefit year, USD
    coming: float  # guarantee to be created today, between `grow` and `roll_year`, USD
    guarantee_0: float  # guaranteed amounts by place, USD; 0 where none is outstanding
    guarantee_1: float
    guarantee_2: float
    guarantee_3: float
    guarantee_4: float
    guarantee_5: float
    guarantee_6: float
    guarantee_7: float
    guarantee_8: float
    guarantee_9: float


NEW_ACCUMULATION = Accumulation(*(0.0,) * 22)
change_accumulation = changer(Accumulation)


class AccumulationDay(NamedTuple):
    """What is true of the benefit on one Valuation Day; the same for every scenario of a contract.

    The ladder is that of the end of the day: what matures today is gone, what is created today is there.
    """

    year_due: bool  # a benefit anniversary is processed today
    closed: bool  # its own date was no Valuation Day
    matures: bool  # a guarantee matures with it
    creates: bool  # a guarantee is created with it
    ends: bool  # it is the last before the latest Annuity Date
    place: int  # of the guarantee that matures, and of the one that is created
    maturing_year: float  # calendar year of the maturity date processed today
    days: Ladder  # calendar days to the maturity date; 0 where no guarantee is outstanding
    years: Ladder  # calendar year of the maturity date; 0 likewise


NO_ACCUMULATION_DAY = AccumulationDay(False, False, False, False, False, 0, 0.0, EMPTY, EMPTY)


@routine
def maturity_date(terms: AccumulationTerms, effective: int, k: int) -> int:
    """Maturity date of guarantee ``k``.  Source: TAHD-2, TAHD-7 (prospectus 3557-3574)."""
    return months_after(effective, 12 * (k + int(terms.guarantee_years)))


@routine
def termination_date(effective: int, annuity_date: int) -> int:
    """Benefit anniversary immediately preceding the latest Annuity Date.  Source: TAHD-12 (prospectus 3791-3793)."""
    return last_anniversary(effective, annuity_date - 1, 12)


@routine
def is_created(terms: AccumulationTerms, effective: int, annuity_date: int, k: int) -> bool:
    """Whether guarantee ``k`` comes into being: a later one only if it can mature before the benefit ends.

    Source: TAHD-2, TAHD-7, A-31 (prospectus 3557-3574, 3788-3794).
    """
    return k == 0 or (k > 0 and maturity_date(terms, effective, k) <= termination_date(effective, annuity_date))


@routine
def _place(terms: AccumulationTerms, life: Life, effective: int, today: int, place: int) -> tuple[float, float]:
    """Days to the maturity date and its calendar year, of the guarantee in ``place`` at the end of today; 0 if none."""
    length, years = int(terms.guarantee_years), completed_years(effective, today)
    k = years - (years - place) % length
    if place >= length or not is_created(terms, effective, life.annuity_date, k):
        return 0.0, 0.0
    matures = maturity_date(terms, effective, k)
    return float(matures - today), float(civil(matures)[0])


@routine
def accumulation_day(state: Accumulation, terms: AccumulationTerms, life: Life, day: Day) -> AccumulationDay:
    """Settle what the benefit needs to know of one Valuation Day; on the effective date again after the election.

    Source: TAHD-6, TAHD-7, TAHD-9, TAHD-12, C-2, C-5 (prospectus 3557-3581, 3606-3610, 3788-3794).
    """
    if state.stage != IN_FORCE:
        return AccumulationDay(False, False, False, False, False, 0, 0.0, EMPTY, EMPTY)
    effective, last, length = int(state.effective), life.annuity_date, int(terms.guarantee_years)
    years = completed_years(effective, day.today)
    nominal = due(effective, 12, day.prior, day.today)
    p0, p1 = _place(terms, life, effective, day.today, 0), _place(terms, life, effective, day.today, 1)
    p2, p3 = _place(terms, life, effective, day.today, 2), _place(terms, life, effective, day.today, 3)
    p4, p5 = _place(terms, life, effective, day.today, 4), _place(terms, life, effective, day.today, 5)
    p6, p7 = _place(terms, life, effective, day.today, 6), _place(terms, life, effective, day.today, 7)
    p8, p9 = _place(terms, life, effective, day.today, 8), _place(terms, life, effective, day.today, 9)
    return AccumulationDay(
        nominal > 0,
        0 < nominal < day.today,
        nominal > 0 and is_created(terms, effective, last, years - length),
        nominal > 0 and is_created(terms, effective, last, years),
        nominal > 0 and nominal >= termination_date(effective, last),
        years % length,
        float(civil(nominal)[0]) if nominal > 0 else 0.0,
        (p0[0], p1[0], p2[0], p3[0], p4[0], p5[0], p6[0], p7[0], p8[0], p9[0]),
        (p0[1], p1[1], p2[1], p3[1], p4[1], p5[1], p6[1], p7[1], p8[1], p9[1]),
    )


@routine
def may_elect(terms: AccumulationTerms, life: Life, today: int) -> bool:
    """Whether the oldest of Owner and Annuitant is young enough.  Source: EL-1 (prospectus 3781-3783)."""
    return completed_years(min(life.owner_birth, life.annuitant_birth), today) <= terms.oldest_age


@routine
def may_elect_again(state: Accumulation, day: Day) -> bool:
    """Whether an earlier participation lets the benefit be elected today: then on an Annuity Anniversary only.

    One on a closed day is processed, and so counts, on the next Valuation Day.

    Source: EL-1, C-2 (prospectus 3527-3531, 3774-3777).
    """
    return state.stage == NONE or (state.stage == ENDED and day.anniversary > 0)


@rule
def is_permitted(fixed: float) -> bool:
    """Whether an allocation may stand beside the benefit: nothing, USD, at a fixed interest rate.

    The AST bond Sub-accounts are not for the Owner to choose; every other Sub-account is permitted.

    Source: LB-INV-2, README decision 8 (prospectus 1273, 3702-3705, 3802-3809).
    """
    return fixed <= 0.0


@routine
def elect(terms: AccumulationTerms, account: float, today: int) -> Accumulation:
    """The benefit on its effective date: the Account Value is the initial guarantee.  Source: TAHD-2 (prospectus 3557-3561)."""
    corridor = terms.corridor_share * account
    return change_accumulation(
        NEW_ACCUMULATION,
        stage=float(IN_FORCE),
        effective=float(today),
        highest=account,
        corridor=corridor,
        remaining=corridor,
        guarantee_0=account,
    )


@rule
def annual_charge(state: Accumulation, terms: AccumulationTerms, insurance_charge: float) -> float:
    """Charge in the Unit Prices, fraction per year: the Insurance Charge and, while it lasts, that of the benefit.

    Source: LB-FEE-1, LB-FEE-8, LB-FEE-10 (prospectus 868-869, 3794-3797, 3828-3835).
    """
    return insurance_charge + (terms.annual_charge if state.stage == IN_FORCE else 0.0)


@rule
def guarantees(state: Accumulation) -> Ladder:
    """Guaranteed amounts by place, USD."""
    return (
        state.guarantee_0, state.guarantee_1, state.guarantee_2, state.guarantee_3, state.guarantee_4,
        state.guarantee_5, state.guarantee_6, state.guarantee_7, state.guarantee_8, state.guarantee_9,
    )  # fmt: skip


@rule
def _set(state: Accumulation, place: int, amount: float) -> Accumulation:
    """The ladder with ``amount`` in one place."""
    return change_accumulation(
        state,
        guarantee_0=amount if place == 0 else state.guarantee_0,
        guarantee_1=amount if place == 1 else state.guarantee_1,
        guarantee_2=amount if place == 2 else state.guarantee_2,
        guarantee_3=amount if place == 3 else state.guarantee_3,
        guarantee_4=amount if place == 4 else state.guarantee_4,
        guarantee_5=amount if place == 5 else state.guarantee_5,
        guarantee_6=amount if place == 6 else state.guarantee_6,
        guarantee_7=amount if place == 7 else state.guarantee_7,
        guarantee_8=amount if place == 8 else state.guarantee_8,
        guarantee_9=amount if place == 9 else state.guarantee_9,
    )


@rule
def _more(amount: float, days: float, payment: float) -> float:
    """A guarantee after a payment, if it is outstanding."""
    return amount + (payment if days > 0.0 else 0.0)


@rule
def _less(amount: float, within: float, kept: float) -> float:
    """A value less the part of a withdrawal that is no excess, then in proportion.  Source: C-15."""
    return max(0.0, amount - within) * kept


@rule
def grow(state: Accumulation, terms: AccumulationTerms, facts: AccumulationDay, account: float) -> Accumulation:
    """Daily comparison with the Account Value, and the amount of a guarantee to be created today.

    An anniversary on a closed day looks at the days up to it only: its guarantee is H of the prior Valuation Day.

    Source: TAHD-3, TAHD-7, A-6, A-31 (prospectus 3561-3574).
    """
    if state.stage != IN_FORCE:
        return state
    highest = max(state.highest, account)
    coming = state.highest if facts.closed else highest
    return change_accumulation(state, highest=highest, coming=coming if facts.creates else 0.0)


@rule
def maturity_amount(state: Accumulation, facts: AccumulationDay, account: float, cents: float) -> float:
    """What we add on a maturity date, USD: the guaranteed amount less the Account Value, if that is lower.

    ``account`` is the Account Value after charges, before today's payments and withdrawals.  The amount goes to the
    Sub-accounts other than the Current AST bond portfolio Sub-account by the current allocation instructions, and is no
    Purchase Payment.

    Source: TAHD-9, C-20, C-21 (prospectus 3576-3583, 3814-3815).
    """
    if not facts.matures:
        return 0.0
    return money(max(0.0, guarantees(state)[facts.place] - account), cents)


@rule
def released(state: Accumulation, facts: AccumulationDay, bond: float) -> float:
    """What leaves the AST bond Sub-account on a maturity date, USD: all of it, if it belongs to the maturing guarantee.

    It goes to the other Sub-accounts pro rata by value, after the amount we add, and by the current allocation
    instructions if they are empty.

    Source: TAHD-9, TAHD-10 (prospectus 3583-3589, 3692-3703).
    """
    return bond if facts.matures and state.bond_year == facts.maturing_year else 0.0


@rule
def mature(state: Accumulation, facts: AccumulationDay) -> Accumulation:
    """The ladder without the maturing guarantee.  Source: TAHD-9 (prospectus 3576-3589)."""
    if not facts.matures:
        return state
    bond_year = 0.0 if state.bond_year == facts.maturing_year else state.bond_year
    return change_accumulation(_set(state, facts.place, 0.0), bond_year=bond_year)


@rule
def roll_year(state: Accumulation, facts: AccumulationDay, day: Day, account: float) -> Accumulation:
    """A benefit anniversary: a new guarantee, and the whole corridor again.

    The Annuity Year of ``day`` and the Account Value have no part in it.

    Source: TAHD-6, TAHD-7 (prospectus 3561-3574, 3606-3610).
    """
    if not facts.year_due:
        return state
    if facts.creates:
        state = _set(state, facts.place, state.coming)
    return change_accumulation(state, remaining=state.corridor, coming=0.0)


@rule
def pay_in(state: Accumulation, terms: AccumulationTerms, facts: AccumulationDay, payment: float) -> Accumulation:
    """A Purchase Payment with its credit: outstanding guarantees, H and the corridor.

    A guarantee that matures today no longer rises.

    Source: TAHD-4, A-30, C-19 (prospectus 3591-3601).
    """
    if state.stage != IN_FORCE:
        return state
    return change_accumulation(
        state,
        highest=state.highest + payment,
        corridor=state.corridor + terms.corridor_payment_share * payment,
        remaining=state.remaining + terms.corridor_payment_share * payment,
        guarantee_0=_more(state.guarantee_0, facts.days[0], payment),
        guarantee_1=_more(state.guarantee_1, facts.days[1], payment),
        guarantee_2=_more(state.guarantee_2, facts.days[2], payment),
        guarantee_3=_more(state.guarantee_3, facts.days[3], payment),
        guarantee_4=_more(state.guarantee_4, facts.days[4], payment),
        guarantee_5=_more(state.guarantee_5, facts.days[5], payment),
        guarantee_6=_more(state.guarantee_6, facts.days[6], payment),
        guarantee_7=_more(state.guarantee_7, facts.days[7], payment),
        guarantee_8=_more(state.guarantee_8, facts.days[8], payment),
        guarantee_9=_more(state.guarantee_9, facts.days[9], payment),
    )


@rule
def income_available(state: Accumulation, core: Core, required: bool) -> float:
    """What can be withdrawn now dollar for dollar, USD: the corridor that is left.

    A Required Minimum Distribution is a withdrawal like any other.  Source: TAHD-5, C-12, C-14 (prospectus 3606-3616).
    """
    return state.remaining


@routine
def withdraw(state: Accumulation, available: float, gross: float, account: float, half_cent: float) -> Accumulation:
    """Benefit values after ``gross`` leaves an Account Value of ``account``; ``available`` of it is no excess.

    An excess is judged against the account left after the part that is none.  It lowers the guarantees, H and the
    corridor of later benefit years in the same proportion, and leaves none of this year's.

    Source: TAHD-5, C-11 to C-15, A-30, README decision 5 (prospectus 3603-3630, 3657-3675).
    """
    excess = gross - min(gross, available)
    if excess < half_cent:
        excess = 0.0
    within = gross - excess
    left = account - within
    kept = 1.0
    if excess > 0.0:
        kept = max(0.0, 1.0 - excess / left) if left > 0.0 else 0.0
    return change_accumulation(
        state,
        highest=_less(state.highest, within, kept),
        corridor=state.corridor * kept,
        remaining=max(0.0, state.remaining - within) if excess == 0.0 else 0.0,
        guarantee_0=_less(state.guarantee_0, within, kept),
        guarantee_1=_less(state.guarantee_1, within, kept),
        guarantee_2=_less(state.guarantee_2, within, kept),
        guarantee_3=_less(state.guarantee_3, within, kept),
        guarantee_4=_less(state.guarantee_4, within, kept),
        guarantee_5=_less(state.guarantee_5, within, kept),
        guarantee_6=_less(state.guarantee_6, within, kept),
        guarantee_7=_less(state.guarantee_7, within, kept),
        guarantee_8=_less(state.guarantee_8, within, kept),
        guarantee_9=_less(state.guarantee_9, within, kept),
    )


@routine
def ends_at_death(of_owner: bool, of_annuitant: bool, entity_owned: bool, continued: bool) -> bool:
    """Whether a death ends the benefit: the Owner's, or the Annuitant's where an entity owns the Annuity.

    A surviving spouse who continues the Annuity keeps the guarantees, H and corridor as they are; the new Account Value
    enters by the daily comparison.

    Source: TAHD-12, TAHD-13, A-49 (prospectus 3788-3790).
    """
    return (of_annuitant if entity_owned else of_owner) and not continued


@routine
def end(state: Accumulation, today: int) -> Accumulation:
    """Termination of the benefit: nothing of it is left but its dates.

    By the Owner, on the last benefit anniversary before the latest Annuity Date (after what matures on it), by death,
    annuitisation, surrender or an Account Value of zero.  Bonds go to the other Sub-accounts by allocation instructions.

    Source: TAHD-11, TAHD-12, README decision 8 (prospectus 3785-3797).
    """
    return change_accumulation(NEW_ACCUMULATION, stage=float(ENDED), effective=state.effective, ended=float(today))
