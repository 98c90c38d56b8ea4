"""How a Beneficiary takes the Death Benefit: dates of payment, and the Beneficiary Continuation Option.

Provisions   PAY-1, PAY-2, BCO-1 to BCO-6 (prospectus 831-846, 7247-7391, 7861-7882, 8162-8218); constants
             terms/beneficiary_payments.toml
Clock        non-qualified: anniversaries of the death; qualified: the last day of a calendar year; a date is the last one
Readings     A-FEE-5: a fee assessed in the thirty days before a surrender request is given back, and that surrender bears
             none; transfers are counted by Annuity Year, as the Owner's were
Inputs       who is a spouse, a natural person, a designated beneficiary; the required beginning date; life expectancies
"""

from typing import NamedTuple

from valuation.clock import NEVER, civil, months_after, ordinal
from valuation.compile import changer, routine, rule
from valuation.terms.benefits import BeneficiaryTerms

NON_QUALIFIED, IRA, ROTH_IRA, SEP_IRA, OTHER_PLAN = range(5)
"""Qualification of the Annuity."""


class PaymentDates(NamedTuple):
    """The ways to take the Death Benefit, as last dates; NEVER where the text sets none."""

    whole: int  # all of it is paid by this day
    begin: int  # or payments over a life or life expectancy begin by this day; 0 if that way is not open
    as_rapidly: bool  # or neither date holds: payments go on at least as rapidly as before the death
    continues: bool  # a surviving spouse may go on as Owner instead


@routine
def non_qualified_dates(
    terms: BeneficiaryTerms, death: int, annuity_date: int, natural: bool, spouse: bool
) -> PaymentDates:
    """Dates for an Annuity outside tax-favoured plans.

    ``annuity_date``  day annuity payments began or will begin
    ``natural``       the Beneficiary is a natural person; only he may take payments over a life

    Source: PAY-1 (prospectus 7249-7269, 7861-7879).
    """
    if death >= annuity_date:
        return PaymentDates(NEVER, 0, True, False)
    begin = months_after(death, 12 * int(terms.begin_years)) if natural else 0
    return PaymentDates(months_after(death, 12 * int(terms.whole_years)), begin, False, spouse)


@routine
def year_end(day: int, years: int) -> int:
    """31 December of the calendar year ``years`` after that of ``day``."""
    return ordinal(civil(day)[0] + years, 12, 31)


@routine
def is_designated(terms: BeneficiaryTerms, named: bool, all_qualify: bool, death: int, divided: int) -> bool:
    """Whether there is a designated beneficiary.

    ``all_qualify``  every beneficiary named is one who may be designated
    ``divided``      day the account was divided into separate accounts, NEVER if it was not

    Source: PAY-2 (prospectus 7308-7312, 8188-8192).
    """
    return named and (all_qualify or divided <= year_end(death, int(terms.begin_years)))


@routine
def qualified_dates(
    terms: BeneficiaryTerms,
    death: int,
    birth: int,
    required_beginning: int,
    designated: bool,
    spouse: bool,
    tax_type: int,
) -> PaymentDates:
    """Dates for an Annuity of a tax-favoured plan.

    ``birth``               of the decedent
    ``required_beginning``  date by which his Minimum Distributions had to begin; a Roth IRA counts as before it
    ``designated``          as `is_designated` says
    ``spouse``              the beneficiary is the surviving spouse

    Source: PAY-2 (prospectus 7279-7334, 8162-8218).
    """
    if not designated and death >= required_beginning and tax_type != ROTH_IRA:
        return PaymentDates(NEVER, 0, True, False)
    begin = 0
    if designated:
        begin = year_end(death, int(terms.begin_years))
        if spouse:
            begin = max(begin, year_end(months_after(birth, int(terms.spouse_months)), 0))
    return PaymentDates(year_end(death, int(terms.whole_years)), begin, False, spouse and designated)


class Continuation(NamedTuple):
    """State of an Annuity that goes on for a beneficiary; its Account Value lies in Sub-accounts alone."""

    start: float  # day, 0 if not begun
    fee_day: float  # day the maintenance fee was last assessed, 0 before
    fee: float  # what was assessed that day, USD
    transfers: float  # of the Annuity Year
    successor: float  # 1 if the beneficiary named one who may go on


NEW_CONTINUATION = Continuation(0.0, 0.0, 0.0, 0.0, 0.0)
change_continuation = changer(Continuation)


@rule
def may_continue(tax_type: int) -> bool:
    """Whether the option is open to this Annuity.  Source: BCO-1 (prospectus 7346-7348)."""
    return tax_type != OTHER_PLAN


@routine
def continue_annuity(today: int, successor: bool) -> Continuation:
    """The option begins: the Death Benefit payable in one sum is the Account Value, no other benefit and no credit goes on.

    Source: BCO-1, BCO-2, BCO-4 (prospectus 7340-7362, 7373-7376).
    """
    return Continuation(float(today), 0.0, 0.0, 0.0, 1.0 if successor else 0.0)


@rule
def settlement_charge(terms: BeneficiaryTerms) -> float:
    """Settlement Service Charge, fraction per year of the Sub-accounts, the whole charge class.

    Source: BCO-2 (prospectus 840-846, 2490-2493, 7352-7355).
    """
    return terms.settlement_charge


@rule
def continuation_fee(terms: BeneficiaryTerms, account: float) -> float:
    """Maintenance fee assessed at this Account Value, USD.  Source: BCO-3 (prospectus 831-835, 7356-7359)."""
    if account >= terms.maintenance_free_from:
        return 0.0
    return min(terms.maintenance_fee, terms.maintenance_share * account)


@rule
def assess(state: Continuation, fee: float, today: int) -> Continuation:
    """Remember a fee assessed on an Annuity Anniversary.  Source: BCO-3, A-FEE-5 (prospectus 830-835)."""
    return change_continuation(state, fee_day=float(today), fee=fee)


@rule
def surrender_fee(state: Continuation, terms: BeneficiaryTerms, account: float, today: int) -> float:
    """Fee on a full surrender requested today, USD; negative when a late one is given back and none is taken.

    Source: BCO-3, A-FEE-5 (prospectus 830-835, 7356-7359).
    """
    if state.fee_day > 0.0 and today - state.fee_day <= terms.maintenance_return_days:
        return -state.fee
    return continuation_fee(terms, account)


@rule
def withdrawal(account: float, amount: float) -> float:
    """What a withdrawal takes and pays, USD: there is no CDSC.  Source: BCO-5 (prospectus 7377-7378)."""
    return min(amount, account)


@rule
def transfer(state: Continuation) -> Continuation:
    """One more transfer of the year.  Source: BCO-6 (prospectus 7370-7372)."""
    return change_continuation(state, transfers=state.transfers + 1.0)


@rule
def continuation_transfer_fee(state: Continuation, terms: BeneficiaryTerms) -> float:
    """Fee for the transfer just counted, USD.  Source: BCO-6 (prospectus 7370-7372)."""
    return terms.transfer_fee if state.transfers > terms.free_transfers else 0.0


@rule
def new_year(state: Continuation) -> Continuation:
    """An Annuity Year begins: transfers are counted anew.  Source: BCO-6 (prospectus 7370-7372)."""
    return change_continuation(state, transfers=0.0)


@rule
def lump_sum_at_death(state: Continuation, account: float) -> float:
    """What is paid at once when the beneficiary dies, USD: everything, unless a successor goes on.

    Source: BCO-5 (prospectus 7379-7381).
    """
    return 0.0 if state.successor else account
