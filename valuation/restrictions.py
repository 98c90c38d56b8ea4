"""Limits to transfers at the Owner's request: in writing after the twentieth, and Sub-accounts restricted for a time.

Provisions   TR-3, TR-4 (prospectus 2880-2888, 2910-2937); constants terms/transfers.toml
Readings     A-TR-2: a transfer in above the threshold is watched, any transfer out of its Sub-account counts as part of it
             the Permitted Sub-accounts are without AST Money Market, so that its exceptions cannot arise, and the counter
             of the Transfer Fee is the counter of requests in writing, too
"""

from valuation.compile import routine
from valuation.contract import Core, Integers, Life
from valuation.failures import Reason
from valuation.terms import RestrictionTerms

TRANSFER_NOT_IN_WRITING = int(Reason.TRANSFER_NOT_IN_WRITING)
TRANSFER_RESTRICTED = int(Reason.TRANSFER_RESTRICTED)
ENTERED, RESTRICTED_THROUGH, INTERNATIONAL = range(3)
"""Rows of a contract's watch (3, n_slot): day of the latest transfer in above the threshold, last day on which no
transfer in is permitted, 0 for none; 1 where the Portfolio is international."""
IN_WRITING = 1


@routine
def restriction(terms: RestrictionTerms, core: Core, watch: Integers, target: int, written: int, today: int) -> int:
    """Why a transfer is not permitted, 0 if it is; requests of one Valuation Day count as one.

    Source: TR-3, TR-4 (prospectus 2880-2888, 2920-2930).
    """
    if today <= watch[RESTRICTED_THROUGH, target]:
        return TRANSFER_RESTRICTED
    return unwritten(terms, core, written, today)


@routine
def unwritten(terms: RestrictionTerms, core: Core, written: int, today: int) -> int:
    """Why a further transfer of the Annuity Year is not permitted, 0 if it is.  Source: TR-3 (prospectus 2880-2888)."""
    further = core.transfers >= terms.written_after and core.last_transfer != today
    return TRANSFER_NOT_IN_WRITING if further and written != IN_WRITING else 0


@routine
def watch_transfer(
    terms: RestrictionTerms,
    life: Life,
    core: Core,
    watch: Integers,
    source: int,
    target: int,
    amount: float,
    today: int,
) -> None:
    """Note a transfer; one out of a Sub-account that is watched restricts it.

    The first transfer after the Issue Date is none if it is made in the days allowed.

    Source: TR-4 (prospectus 2914-2937).
    """
    if core.last_transfer == 0.0 and today - life.issue <= terms.first_days:
        return
    entered = watch[ENTERED, source]
    if entered > 0 and today - entered <= terms.watched_days:
        far = watch[INTERNATIONAL, source] == 1
        closed = terms.restricted_days_international if far else terms.restricted_days
        watch[RESTRICTED_THROUGH, source] = today + int(closed)
    if amount > terms.threshold:
        watch[ENTERED, target] = today
