"""Tax amounts of distributions: what is taxable, what returns the investment, penalty and withholding.

Provisions   TAX-1 to TAX-12, RMD-2, RMD-3 (prospectus 3110-3130, 7606-7859, 7926-8160, 8220-8266); constants
             terms/taxes.toml
Readings     A-TAX-1: gain is the Account Value before the distribution, unreduced by a CDSC, less the investment; the amount
             is what is paid, after the CDSC and before withholding
             A-TAX-2: the actuarial value of additional benefits is an input
Inputs       disability, substantially equal payments, rollovers, elections out of withholding, residence, expected payments
Federal income tax as printed; the tax of states, of estates and gifts is not here
"""

from typing import NamedTuple

from valuation.clock import civil, completed_years, months_after, ordinal
from valuation.compile import routine, rule
from valuation.terms.benefits import TaxTerms

NON_PERIODIC, ROLLOVER, DIRECT_ROLLOVER, NONRESIDENT = range(4)
"""Kinds of distribution for withholding; the rate of a periodic payment follows the recipient's certificate."""


class Position(NamedTuple):
    """One Annuity, or several that count as one, USD."""

    account: float  # Account Value before the distribution
    invested: float  # investment in the contract, the basis


class Split(NamedTuple):
    """A distribution in its parts, USD; together they are what was received."""

    taxable: float
    returned: float  # of the investment in the contract
    excluded: float  # earnings of a qualified distribution, not taxed


class OldMoney(NamedTuple):
    """Payments into exchanged contracts before August 14, 1982, USD."""

    payments: float  # not yet returned
    income: float  # allocable to them, not yet distributed


@rule
def invested_after(invested: float, paid_in: float, returned: float) -> float:
    """Investment in the contract after payments into it, without Purchase Credits, and what was returned tax-free.

    Source: TAX-1, TAX-2, CR-3 (prospectus 7615-7622, 2848-2849).
    """
    return max(0.0, invested + paid_in - returned)


@rule
def gain(position: Position) -> float:
    """Income on the contract, USD.  Source: TAX-2, A-TAX-1 (prospectus 3112-3117, 7669-7676)."""
    return max(0.0, position.account - position.invested)


@rule
def one_contract(first: Position, second: Position) -> Position:
    """Two Annuities of one Owner and calendar year, counted as one.  Source: TAX-3 (prospectus 7644-7647)."""
    return Position(first.account + second.account, first.invested + second.invested)


@rule
def gain_first(received: float, position: Position) -> Split:
    """A withdrawal or surrender of a non-qualified Annuity: the gain, then the investment, then income again.

    Source: TAX-2 (prospectus 3112-3117, 7669-7676).
    """
    income = min(received, gain(position))
    returned = min(received - income, position.invested)
    return Split(received - returned, returned, 0.0)


@rule
def old_money_first(received: float, position: Position, old: OldMoney) -> Split:
    """The same of an Annuity that took over payments made before August 14, 1982: those come first.

    Source: TAX-6 (prospectus 7752-7757).
    """
    first = min(received, min(old.payments, position.invested))
    rest = gain_first(received - first, Position(position.account - first, position.invested - first))
    return Split(rest.taxable, first + rest.returned, 0.0)


@rule
def is_old_money(terms: TaxTerms, day: int) -> bool:
    """Whether a payment counts as made before the law changed.  Source: TAX-6 (prospectus 7752-7755)."""
    return day < terms.old_money_before


@rule
def all_income(received: float) -> Split:
    """A distribution of an IRA or SEP IRA: the full amount is taxable.  Source: TAX-1 (prospectus 7619-7622, 7988-7989)."""
    return Split(received, 0.0, 0.0)


@rule
def contributions_first(received: float, invested: float, qualified: bool) -> Split:
    """A distribution of a Roth IRA: contributions, then earnings, which a qualified distribution leaves untaxed.

    Source: TAX-10 (prospectus 8032-8044).
    """
    returned = min(received, invested)
    earnings = received - returned
    return Split(0.0 if qualified else earnings, returned, earnings if qualified else 0.0)


@routine
def is_qualified(terms: TaxTerms, birth: int, day: int, first_year: int, event: bool) -> bool:
    """Whether a distribution of a Roth IRA on ``day`` is qualified.

    ``first_year``  calendar year of the first contribution, or of the conversion
    ``event``       death, disability, or a first home within its limits

    Source: TAX-10 (prospectus 8034-8042).
    """
    late = civil(day)[0] - first_year >= terms.roth_years
    return late and (event or not is_young(terms, birth, day))


@rule
def death_benefit_split(benefit: float, invested: float) -> Split:
    """A Death Benefit of a non-qualified Annuity in one sum: taxable above the investment.

    Paid within five years instead, `gain_first` applies to each part; as an annuity, `annuity_payment`.

    Source: TAX-9 (prospectus 7761-7777).
    """
    return gain_first(benefit, Position(benefit, invested))


@rule
def exclusion_ratio(invested: float, expected: float) -> float:
    """Part of every annuity payment that returns the investment.

    ``invested``  when payments begin, USD
    ``expected``  total expected payments under the contract, USD

    Source: TAX-5 (prospectus 7692-7706).
    """
    return min(1.0, invested / expected) if expected > 0.0 else 0.0


@rule
def annuity_payment(payment: float, ratio: float, invested: float) -> Split:
    """An annuity payment; once ``invested``, what is not yet returned, is used up, all of it is taxable.

    Source: TAX-5 (prospectus 3122-3130, 7692-7710).
    """
    returned = min(payment * ratio, invested)
    return Split(payment - returned, returned, 0.0)


@rule
def assignment_split(assigned: float, position: Position) -> Split:
    """An assignment or pledge of ``assigned`` USD: a withdrawal.  Source: TAX-4 (prospectus 7677-7681)."""
    return gain_first(min(assigned, position.account), position)


@rule
def gift_income(position: Position, exempt: bool) -> float:
    """Taxable on a transfer for less than full consideration, USD.

    ``exempt``  to a spouse, or incident to divorce

    Source: TAX-4 (prospectus 7681-7685).
    """
    return 0.0 if exempt else gain(position)


@rule
def entity_income(position: Position) -> float:
    """Taxable for a calendar year of an Annuity that an entity holds for itself, at its end, USD.

    What was taxed in earlier years counts as invested.

    Source: TAX-11 (prospectus 7816-7820).
    """
    return gain(position)


@routine
def is_young(terms: TaxTerms, birth: int, day: int) -> bool:
    """Whether a taxpayer has not yet reached 59 1/2.  Source: TAX-7 (prospectus 7712-7716, 8220-8223)."""
    return day < months_after(birth, int(terms.penalty_months))


@routine
def penalty(terms: TaxTerms, taxable: float, birth: int, day: int, exempt: bool) -> float:
    """Tax penalty on an early distribution, USD.

    ``exempt``  death, disability, substantially equal payments, or an immediate annuity

    Source: TAX-7 (prospectus 7712-7727, 8220-8233).
    """
    return 0.0 if exempt or not is_young(terms, birth, day) else terms.penalty_rate * taxable


@rule
def beyond_old_income(taxable: float, old: OldMoney) -> float:
    """What of the taxable part can bear a penalty, USD: not the income of old money, which comes first.

    Source: TAX-6 (prospectus 7757-7759).
    """
    return max(0.0, taxable - old.income)


@routine
def is_immediate(terms: TaxTerms, purchase: int, first: int) -> bool:
    """Whether annuity payments begin within a year of purchase.  Source: TAX-7 (prospectus 7723-7724)."""
    return first <= months_after(purchase, 12 * int(terms.immediate_years))


@routine
def equal_payments_through(terms: TaxTerms, birth: int, first: int) -> int:
    """Day until which substantially equal payments, the first on ``first``, may not change.

    Source: TAX-7, SEPP-1 (prospectus 7718-7722, 8226-8230).
    """
    age = months_after(birth, int(terms.penalty_months))
    return max(age, months_after(first, 12 * int(terms.equal_payment_years)))


@routine
def retroactive_penalty(terms: TaxTerms, spared: float, birth: int, first: int, changed: int) -> float:
    """Penalty due when substantially equal payments are changed, USD.

    ``spared``  taxable parts received before 59 1/2 without a penalty

    Source: TAX-7, SEPP-1 (prospectus 7718-7722, 8228-8230).
    """
    return terms.penalty_rate * spared if changed < equal_payments_through(terms, birth, first) else 0.0


@rule
def withholding(terms: TaxTerms, taxable: float, kind: int, declined: bool) -> float:
    """Federal income tax withheld from a distribution that is no periodic payment, USD.

    ``kind``      ROLLOVER is an eligible one of an employer's plan, paid to the participant
    ``declined``  the recipient elected that nothing be withheld; not open for ROLLOVER and NONRESIDENT

    Source: TAX-8 (prospectus 7785-7808, 8235-8266).
    """
    if kind == DIRECT_ROLLOVER:
        return 0.0
    if kind == ROLLOVER:
        return terms.rollover_rate * taxable
    if kind == NONRESIDENT:
        return terms.alien_rate * taxable
    return 0.0 if declined else terms.withholding_rate * taxable


@routine
def required_beginning_date(terms: TaxTerms, birth: int, retirement: int) -> int:
    """Day by which Required Minimum Distributions begin: April 1 of the following calendar year.

    ``retirement``  day, where a plan lets them wait for it; 0 where none does, as in an IRA

    Source: RMD-2 (prospectus 7980-7982, 8105-8107, 8122-8128).
    """
    reached = months_after(birth, int(terms.distribution_months))
    return ordinal(civil(max(reached, retirement))[0] + 1, 4, 1)


@rule
def minimum_distribution(account: float, additional: float, factor: float, withdrawn: float) -> float:
    """What is left to distribute for a calendar year, USD.

    ``account``     Account Value on December 31 of the year before
    ``additional``  actuarial value, on that day, of additional death benefits and optional benefits
    ``factor``      of the Internal Revenue Service
    ``withdrawn``   in the calendar year already, gross

    Source: RMD-3, A-TAX-2 (prospectus 3251-3254, 8137-8153).
    """
    return max(0.0, (account + additional) / factor - withdrawn)


@rule
def missed_penalty(terms: TaxTerms, missed: float) -> float:
    """Penalty on a Required Minimum Distribution not made in time, USD.  Source: RMD-2 (prospectus 8134-8135)."""
    return terms.missed_rate * missed


@routine
def ira_contribution_limit(terms: TaxTerms, birth: int, year: int) -> float:
    """Most that may be contributed to an IRA for 2008 without a rollover, USD.  Source: TAX-12 (prospectus 7944-7954)."""
    older = completed_years(birth, ordinal(year, 12, 31)) >= terms.catch_up_age
    return terms.ira_limit + (terms.ira_catch_up if older else 0.0)


@routine
def sep_contribution_limit(terms: TaxTerms, compensation: float, year: int) -> float:
    """Most that an employer may contribute to a SEP for 2007 or 2008, USD.  Source: TAX-12 (prospectus 8006-8013)."""
    k = min(max(year - int(terms.first_limit_year), 0), 1)
    return min(terms.sep_limit[k], terms.sep_share * min(compensation, terms.compensation_limit[k]))


@routine
def deferral_limit(terms: TaxTerms, birth: int, year: int) -> float:
    """Most salary that may be deferred for 2008, USD.  Source: TAX-12 (prospectus 8015-8022, 8081-8085)."""
    older = completed_years(birth, ordinal(year, 12, 31)) >= terms.catch_up_age
    return terms.deferral_limit + (terms.deferral_catch_up if older else 0.0)
