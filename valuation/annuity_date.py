"""The latest Annuity Date.

Provisions   ANN-2 (prospectus 561-564, 3350-3361); constants terms/annuity_date.toml
Readings     A-ANN-1: a birthday on the first of a month counts for itself on a non-qualified Annuity, not on a qualified
"""

from typing import NamedTuple

from valuation.clock import civil, months_after, ordinal
from valuation.compile import routine


class AnnuityDateTerms(NamedTuple):
    """Ages of the latest Annuity Date: terms/annuity_date.toml."""

    non_qualified_age: float  # of the older of Owner and Annuitant, years
    qualified_age: float  # of the Annuitant, years


@routine
def latest_annuity_date(terms: AnnuityDateTerms, owner_birth: int, annuitant_birth: int, qualified: bool) -> int:
    """Day number of the latest Annuity Date.

    Non-qualified: first day of the month on or next after the 95th birthday of the older of Owner and Annuitant.
    Qualified: first day of the month next after the Annuitant's 92nd birthday.

    Source: ANN-2 (prospectus 561-564, 3350-3361).
    """
    if qualified:
        birthday = months_after(annuitant_birth, 12 * int(terms.qualified_age))
    else:
        birthday = months_after(min(owner_birth, annuitant_birth), 12 * int(terms.non_qualified_age))
    year, month, day = civil(birthday)
    if day == 1 and not qualified:
        return birthday
    return ordinal(year + month // 12, month % 12 + 1, 1)
