"""What was chosen at an annuitisation or a death, settled before the law sees it: the way, whose life, the dates.

A way that the text forbids to this Annuity or Beneficiary, or whose last day has passed, is resolved to a refusal; what
depends on the values of the day is left to `valuation.applied`.

Provisions   ANN-5 to ANN-7, PAY-1, PAY-2, BCO-1, RMD-2, TI-13 (prospectus 3374-3426, 4536-4544, 7249-7352)
Readings     a due proof of death without a choice asks for one sum
             neither an Annuity outside tax-favoured plans nor the choice after a death offers the interest payment option
             to a Beneficiary: it sets no day by which the payments end
             without a designated beneficiary payments "at least as rapidly" are those over the decedent's life expectancy
             life expectancies are those of `valuation.annuity_rates.life_expectancy` on today's basis
"""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuation.annuity_options import FIXED_PERIOD, INTEREST, LIFE, LUMP_SUM
from valuation.annuity_rates import life_expectancy, load_rate_bases
from valuation.arrays import Resolved
from valuation.beneficiary_payments import PaymentDates, is_designated, non_qualified_dates, qualified_dates, year_end
from valuation.clock import NEVER, civil, completed_years
from valuation.contract import Integers, Life
from valuation.events import (
    ANNUITIZATION,
    DEATH,
    FIRST_REFUSED,
    FIRST_SETTLEMENT,
    FIVE_YEARS,
    LIFE_EXPECTANCY,
    NO_CHOICE,
    NO_ELECTION,
    WITHDRAWAL_AMOUNT,
)
from valuation.failures import Reason
from valuation.schema_inputs import TAX_TYPES
from valuation.taxes import required_beginning_date
from valuation.terms.benefits import load_annuity_option_terms, load_beneficiary_terms, load_tax_terms

NAMES = {
    "FIXED_PERIOD": FIXED_PERIOD, "LIFE": LIFE, "INTEREST": INTEREST, "LUMP_SUM": LUMP_SUM, "FIVE_YEARS": FIVE_YEARS,
    "LIFE_EXPECTANCY": LIFE_EXPECTANCY,
}  # fmt: skip
MONTHS = {"MONTHLY": 1, "QUARTERLY": 3, "SEMI_ANNUAL": 6, "ANNUAL": 12}
SEXES = ("M", "F")


class Chosen(NamedTuple):
    """A way to take the money, as asked for."""

    option: int
    years: float  # of a fixed period
    step: int  # months between payments; 0: interest accrues
    birth: int  # of the person whose life counts
    sex: str
    begin: int  # last day to begin payments, or of all of them, by the option
    yearly_end: bool  # dates are the ends of calendar years
    successor: bool
    reason: int  # why the way is not open; 0 if it is


def settle_choices(
    resolved: Resolved, transactions: pa.Table, contracts: pa.Table, life: Integers
) -> dict[int, Chosen]:
    """Write the ways chosen into the events, in place; what was asked, by event.  ``contracts``, ``life`` by row."""
    events = resolved.events
    at = np.flatnonzero((events.kind == ANNUITIZATION) | (events.kind == DEATH))
    if not len(at):
        return {}
    among = pc.is_in(transactions["kind"], pa.array(("ANNUITIZATION", "DEATH")))
    rows = {row["transaction_id"]: row for row in transactions.filter(among).to_pylist()}
    tax_types, found = contracts["tax_type"].to_pylist(), dict[int, Chosen]()
    for k in at.tolist():
        c = int(np.searchsorted(resolved.history_first, k, side="right")) - 1
        whose, today, row = Life(*life[c].tolist()), int(resolved.day[k]), rows.get(resolved.transaction_ids[k])
        if events.kind[k] == ANNUITIZATION:
            chosen = _annuity(whose, row, int(events.choice[k]), today)
        else:
            chosen = _after_death(whose, row or {}, tax_types[c], int(events.date[k]), today)
        if chosen is not None:
            found[k] = chosen
        if chosen is not None and chosen.option != LUMP_SUM:
            events.choice[k] = FIRST_SETTLEMENT + chosen.option if not chosen.reason else FIRST_REFUSED + chosen.reason
            events.amount[k] = chosen.years
    return found


def expectancy(birth: int, sex: str, today: int) -> float:
    """Life expectancy at the attained age, years.  Source: ANN-5 (prospectus 3374-3377)."""
    basis = load_rate_bases()["current"]
    return life_expectancy(basis, sex, completed_years(birth, today), civil(today)[0])


def _annuity(life: Life, row: dict[str, Any] | None, choice: int, today: int) -> Chosen | None:
    """The option of an annuitisation; None where the Account Value is paid over or the benefit pays.

    Source: ANN-4 to ANN-7, TI-13 (prospectus 3374-3414, 4536-4544).
    """
    birth, sex = life.annuitant_birth, SEXES[life.annuitant_sex]
    if row is None:
        return Chosen(NO_ELECTION, 0.0, 1, birth, sex, 0, False, False, 0)
    if choice != NO_CHOICE:
        kept = row["ground"] == "WITHDRAWAL_BENEFIT"
        return Chosen(WITHDRAWAL_AMOUNT, 0.0, 12, birth, sex, 0, False, False, 0) if kept else None
    option = NAMES[row["option"] or "LIFE"]
    if option == LUMP_SUM:
        return None
    reason, years = 0, _years(row, option)
    if option in (FIVE_YEARS, LIFE_EXPECTANCY):
        reason = int(Reason.PAYMENT_NOT_OPEN)
    elif option == INTEREST and life.qualified:
        reason = int(Reason.INTEREST_OPTION)
    elif option == FIXED_PERIOD and not _period_fits(years, birth, sex, today):
        reason = int(Reason.FIXED_PERIOD_LENGTH)
    return Chosen(option, years, _step(row, option), birth, sex, 0, False, False, reason)


def _period_fits(years: float, birth: int, sex: str, today: int) -> bool:
    """Source: ANN-5 (prospectus 3374-3377)."""
    return 0.0 < years <= min(load_annuity_option_terms().longest_period, expectancy(birth, sex, today))


def _step(row: dict[str, Any], option: int) -> int:
    named = row["frequency"]
    return MONTHS[named] if named else int(option != INTEREST)


def _years(row: dict[str, Any], option: int) -> float:
    """Length of a fixed period."""
    return (row["number_of_payments"] or 0) * _step(row, option) / 12.0


def payment_dates(life: Life, tax_type: str, who: str, death: int) -> PaymentDates:
    """The last dates of the ways to take a Death Benefit before the Annuity Date; ``who`` one of BENEFICIARIES.

    Source: PAY-1, PAY-2, RMD-2 (prospectus 7249-7269, 7279-7334).
    """
    terms, spouse, person = load_beneficiary_terms(), who == "SPOUSE", who != "OTHER"
    if not life.qualified:
        return non_qualified_dates(terms, death, NEVER, person, spouse)
    begin = required_beginning_date(load_tax_terms(), life.owner_birth, 0)
    designated = is_designated(terms, True, person, death, NEVER)
    return qualified_dates(terms, death, life.owner_birth, begin, designated, spouse, TAX_TYPES.index(tax_type))


def _after_death(life: Life, row: dict[str, Any], tax_type: str, death: int, today: int) -> Chosen | None:
    """The Beneficiary's choice; None: nothing is said.  Source: PAY-1, PAY-2, BCO-1 (prospectus 7249-7352)."""
    if not row.get("option"):
        return None
    option = NAMES[row["option"]]
    if option == LUMP_SUM:
        return Chosen(LUMP_SUM, 0.0, 1, life.owner_birth, SEXES[life.owner_sex], 0, False, False, 0)
    dates = payment_dates(life, tax_type, row["beneficiary"] or "PERSON", death)
    born = row["person_birth_date"]
    birth = int(np.datetime64(born, "D").astype(np.int64)) if born else life.owner_birth
    sex = row["person_sex"] or SEXES[life.owner_sex]
    begin, years, reason = dates.whole if option == FIVE_YEARS else dates.begin, _years(row, option), 0
    if dates.as_rapidly and option == LIFE_EXPECTANCY:
        begin, birth, sex = year_end(death, 1), life.owner_birth, SEXES[life.owner_sex]
    if begin in (0, NEVER) or option == INTEREST:
        reason = int(Reason.PAYMENT_NOT_OPEN)
    elif today > begin:
        reason = int(Reason.PAYMENT_DEADLINE)
    elif option in (LIFE, FIXED_PERIOD, LIFE_EXPECTANCY) and not born and not dates.as_rapidly:
        reason = int(Reason.PERSON_INCOMPLETE)
    elif option == FIXED_PERIOD and not _period_fits(years, birth, sex, today):
        reason = int(Reason.FIXED_PERIOD_LENGTH)
    whole_years = bool(life.qualified)
    return Chosen(
        option, years, _step(row, option), birth, sex, begin, whole_years, row["ground"] == "SUCCESSION", reason
    )
