"""The state of a contract after its own days, and how it begins: annuity payments, or an Annuity for a Beneficiary.

Provisions   ANN-3, ANN-5 to ANN-7, HD7-13, SHD7-5, HD-14, TI-13, TIS-7, PAY-1, PAY-2, BCO-1, BCO-3 (prospectus 2516-2521,
             3374-3414, 4546-4561, 5926-5947, 7249-7391)
Readings     a payment is the greater of the contract's guaranteed rate and today's, and the interest that commutes the rest
             of a certain period is that of the rate used
             the annuity under a benefit without an election goes on to the end of its certain payments after a death, and
             is not commuted; with two designated lives it is paid in full while either lives
             over a life expectancy a year's part is a value over the years left of the expectancy of the year of the first
             part: at first the Death Benefit, then what the last part left, on a qualified Annuity the Account Value of 31
             December; withdrawals since count; no text sets the table or the measure, and more may be taken (7322)
"""

from typing import Any, NamedTuple

import numpy as np

from valuation.account import money
from valuation.annuity_options import (
    FIXED_PERIOD,
    INTEREST,
    JOINT,
    LIFE,
    OPTION_NAMES,
    Payout,
    amount_applied,
    begin_fixed,
    begin_interest,
    begin_joint,
    begin_life,
    change_payout,
    credit_interest,
    option_payment,
)
from valuation.annuity_rates import (
    RateBasis,
    adjusted_age,
    discounts,
    fixed_period_rate,
    joint_rate,
    life_rate,
    living,
    load_rate_bases,
)
from valuation.beneficiary_payments import Continuation, continue_annuity
from valuation.clock import civil, completed_months, completed_years, months_after
from valuation.contract import Life
from valuation.events import FIVE_YEARS, LIFE_EXPECTANCY
from valuation.highest_daily_endings import AnnuityRates, default_annuity
from valuation.settlement_requests import SEXES, Chosen, expectancy
from valuation.terms.benefits import load_annuity_option_terms

WAY_NAMES = {FIVE_YEARS: "FIVE_YEARS", LIFE_EXPECTANCY: "LIFE_EXPECTANCY"}


class Annuity(NamedTuple):
    """An annuity that is paid: its payments, and whose lives count."""

    payout: Payout
    birth: float  # of the Annuitant, or of the Beneficiary whose life counts, day
    sex: float  # 0 male, 1 female
    joint_birth: float  # of the second life, day
    joint_sex: float
    beneficiary: float  # 1 if it was chosen after a death

    @property
    def name(self) -> str:
        """Its option."""
        return "LIFE" if self.payout.option == LIFE else OPTION_NAMES[int(self.payout.option)].partition("_LIVES")[0]


class BeneficiaryAccount(NamedTuple):
    """An Annuity that goes on for a Beneficiary, and what he must take out of it."""

    continuation: Continuation
    way: float  # FIVE_YEARS or LIFE_EXPECTANCY
    begin: float  # last day of the first part, or of all of it, day
    yearly_end: float  # 1 if later parts are due by the end of a calendar year, else by an anniversary of the first
    years: float  # life expectancy in the year of the first part
    made: float  # parts that have been due
    value: float  # Account Value that the next part is of, USD
    taken: float  # withdrawn since, USD

    @property
    def name(self) -> str:
        """How he takes it."""
        return WAY_NAMES[int(self.way)]


Settlement = Annuity | BeneficiaryAccount


def fields_of(state: Settlement) -> list[dict[str, Any]]:
    """Names and values of a state, as a snapshot holds them."""
    inner, *outer = state
    names = (*type(inner)._fields, *type(state)._fields[1:])
    values = (*inner, *outer)
    return [{"field": name, "value": float(value)} for name, value in zip(names, values, strict=True)]


def state_of(parts: list[dict[str, Any]]) -> Settlement:
    """The state that a snapshot holds; raises KeyError where it lacks a field."""
    given = {part["field"]: float(part["value"]) for part in parts}
    if "option" in given:
        payout = Payout(*(given[name] for name in Payout._fields))
        return Annuity(payout, *(given[name] for name in Annuity._fields[1:]))
    continuation = Continuation(*(given[name] for name in Continuation._fields))
    return BeneficiaryAccount(continuation, *(given[name] for name in BeneficiaryAccount._fields[1:]))


# -- annuities --------------------------------------------------------------------------------------------------------


class Rate(NamedTuple):
    """A purchase rate: the payment for 1 USD, and the interest it is computed with."""

    payment: float
    interest: float


def _better(rates: list[Rate]) -> Rate:
    """The rate of today or the one guaranteed, whichever pays more.  Source: ANN-3 (prospectus 2516-2521)."""
    return max(rates, key=lambda rate: rate.payment)


def _bases() -> list[RateBasis]:
    bases = load_rate_bases()
    return [bases["guaranteed"], bases["current"]]


def fixed_rate(years: float, step: int) -> Rate:
    """Rate of Option 1.  Source: ANN-5 (prospectus 3374-3384)."""
    return _better([Rate(fixed_period_rate(one.interest, years, step), one.interest) for one in _bases()])


def single_rate(birth: int, sex: str, start: int, certain: int, step: int) -> Rate:
    """Rate of a life annuity with ``certain`` months.  Source: ANN-6 (prospectus 3386-3401)."""
    age, year = completed_years(birth, start), civil(start)[0]
    given = {"certain_months": certain, "step": step}
    return _better([Rate(life_rate(one, sex, age, year, **given), one.interest) for one in _bases()])


def two_lives_rate(births: tuple[int, int], sexes: tuple[str, str], start: int, certain: int) -> Rate:
    """Yearly rate while either of two lives lasts.  Source: SHD7-5, TIS-7 (prospectus 4857-4866, 6584-6600)."""
    ages, year = (completed_years(births[0], start), completed_years(births[1], start)), civil(start)[0]
    given: dict[str, Any] = {"certain_months": certain, "share": 1.0, "step": 12}
    return _better([Rate(joint_rate(one, sexes, ages, year, **given), one.interest) for one in _bases()])


def begin_annuity(chosen: Chosen, applied: float, start: int, beneficiary: bool, cents: float) -> Annuity:
    """The annuity that ``applied`` USD buy on ``start``; nothing chosen is Option 2.

    Source: ANN-3, ANN-5 to ANN-7 (prospectus 2516-2521, 3374-3414).
    """
    terms, step = load_annuity_option_terms(), chosen.step
    if chosen.option == INTEREST:
        rate = max(one.interest for one in _bases())
        payout = begin_interest(terms, applied, step, rate, start)
    elif chosen.option == FIXED_PERIOD:
        better = fixed_rate(chosen.years, step)
        payment = money(option_payment(applied, better.payment, better.payment), cents)
        payout = begin_fixed(terms, payment, chosen.years, step, better.interest, start)
    else:
        better = single_rate(chosen.birth, chosen.sex, start, int(terms.certain_months), step)
        payment = money(option_payment(applied, better.payment, better.payment), cents)
        payout = begin_life(terms, payment, step, better.interest, True, start)
    return Annuity(payout, float(chosen.birth), float(SEXES.index(chosen.sex)), 0.0, 0.0, float(beneficiary))


def begin_default(
    life: Life, annual: float, lives: int, certain: int, account: float, tax: float, start: int, cents: float
) -> Annuity:
    """The yearly annuity under a benefit where nothing was chosen by the latest Annuity Date.

    annual   yearly amount that the benefit guarantees, USD
    lives    designated lives alive
    certain  payments certain

    Source: HD7-13, SHD7-5, HD-14, TI-13, TIS-7 (prospectus 4546-4561, 4857-4869, 5288-5302, 5926-5947, 6584-6600).
    """
    terms, sexes = load_annuity_option_terms(), (SEXES[life.annuitant_sex], SEXES[1 - life.annuitant_sex])
    joint = lives > 1 and life.spouse_birth != 0
    if joint:
        births = (life.annuitant_birth, life.spouse_birth)
        pure, form = (two_lives_rate(births, sexes, start, months) for months in (0, 12 * certain))
    else:
        given = (life.annuitant_birth, sexes[0], start)
        pure, form = (single_rate(*given, months, 12) for months in (0, 12 * certain))
    worth = amount_applied(account, tax)
    rates = AnnuityRates(pure.payment, pure.payment), AnnuityRates(form.payment, form.payment)
    payment = money(default_annuity(annual, worth, *rates), cents)
    if joint:
        payout = begin_joint(terms, payment, 1.0, 12, start)
    else:
        payout = begin_life(terms, payment, 12, form.interest, False, start)
    payout = change_payout(payout, certain=float(certain))
    second = (float(life.spouse_birth), float(1 - life.annuitant_sex)) if joint else (0.0, 0.0)
    return Annuity(payout, float(life.annuitant_birth), float(life.annuitant_sex), *second, 0.0)


# -- a Beneficiary's account ------------------------------------------------------------------------------------------


def begin_account(chosen: Chosen, benefit: float, today: int) -> BeneficiaryAccount:
    """The Annuity goes on with the Death Benefit as its Account Value.  Source: BCO-1, PAY-1, PAY-2 (prospectus 7249-7362)."""
    first = chosen.begin if chosen.option == LIFE_EXPECTANCY else today
    years = expectancy(chosen.birth, chosen.sex, first)
    continuation = continue_annuity(today, chosen.successor)
    way, ends = float(chosen.option), float(chosen.yearly_end)
    return BeneficiaryAccount(continuation, way, float(chosen.begin), ends, years, 0.0, benefit, 0.0)


def part_date(state: BeneficiaryAccount) -> int:
    """The last day of the part that is due next.  Source: PAY-1, PAY-2 (prospectus 7263-7269, 7294-7302)."""
    return months_after(int(state.begin), 12 * int(state.made))  # of an end of a year, that of the years after


def part_due(state: BeneficiaryAccount, account: float) -> float:
    """What must be taken by that day, USD: everything in five years; else this year's part, less what was taken.

    Source: PAY-1, PAY-2 (prospectus 7263-7269, 7294-7302, 7322-7323).
    """
    left = state.years - state.made
    if state.way == FIVE_YEARS or left <= 1.0:
        return account
    return min(account, max(0.0, state.value / left - state.taken))


# -- what is left to pay ----------------------------------------------------------------------------------------------


def payments_value(state: Annuity, today: int) -> float:
    """Value of the payments after ``today``, USD: certain ones discounted, later ones while a life lasts.

    Interest and mortality are those of today's purchase rates, without the contract's setback.

    Source: ANN-5, ANN-6 (prospectus 3380-3384, 3394-3397).
    """
    payout, basis = state.payout, load_rate_bases()["current"]
    if payout.option == INTEREST:
        held = credit_interest(payout, today)
        return held.principal + held.earned
    start, step, made = int(payout.start), int(payout.step), int(payout.made)
    days = months_after(start, step * made) - today
    first = max(0.0, days / 365.0)
    share = _alive(state, basis, today, step, made, first)
    alive = payout.annuitant > 0.0 or payout.joint > 0.0
    certain = max(0, int(payout.certain) - made)
    number = certain if payout.option == FIXED_PERIOD or not alive else max(certain, len(share))
    expected = np.zeros(number)
    if alive and payout.option != FIXED_PERIOD:
        expected[: len(share)] = share[:number]
    expected[:certain] = 1.0
    later = discounts(basis.interest, number, step) * (1.0 + basis.interest) ** -first
    return float(payout.payment * (later @ expected))


def _alive(state: Annuity, basis: RateBasis, today: int, step: int, made: int, first: float) -> Any:
    """Expected share of every payment to come by the lives that last, from the first of them on."""
    payout, year, skip = state.payout, civil(today)[0], round(12.0 * first)
    chances = []
    for lives, birth, sex in (
        (payout.annuitant, state.birth, state.sex),
        (payout.joint, state.joint_birth, state.joint_sex),
    ):
        if lives > 0.0:
            age = adjusted_age(basis, completed_months(int(birth), today) // 12, year)
            chances.append(living(basis, SEXES[int(sex)], age, year)[skip::step])
    if len(chances) < 2:
        return (
            chances[0] * (1.0 if payout.annuitant > 0.0 or payout.option != JOINT else payout.share) if chances else []
        )
    number = max(len(one) for one in chances)
    both = [np.pad(one, (0, number - len(one))) for one in chances]
    return both[0] + payout.share * (1.0 - both[0]) * both[1]
