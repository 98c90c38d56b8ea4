"""Transactions the law refused on the day, as rows of the quarantine."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tasks.check import Finding, entry, value_of
from valuation.failures import Reason, reason_of
from valuation.schema import SCHEMAS
from valuation.terms import load_terms

FIELDS = {
    Reason.SUB_ACCOUNT_NOT_PERMITTED: "allocation, source_sub_account, target_sub_account",
    Reason.SUB_ACCOUNT_NOT_CARRIED: "allocation, source_sub_account, target_sub_account",
    Reason.BENEFIT_ONLY_SUB_ACCOUNT: "source_sub_account, target_sub_account",
    Reason.FIXED_NOT_PERMITTED: "allocation, source_sub_account, target_sub_account",
    Reason.FIXED_NOT_OFFERED: "allocation, source_sub_account, target_sub_account",
    Reason.ENHANCED_PAYMENT_ONLY: "kind",
    Reason.ENHANCED_PERIOD: "allocation",
    Reason.TRANSFER_FROM_EMPTY: "source_sub_account",
    Reason.TRANSFER_TO_ITSELF: "target_sub_account",
    Reason.TRANSFER_RESTRICTED: "target_sub_account",
    Reason.PAYMENT_TOO_LATE: "received",
    Reason.ISSUE_AGE: "received",
    Reason.ANNUITIZATION_TOO_EARLY: "received",
    Reason.CHANGE_NOT_ACCEPTED: "approved",
    Reason.OWNER_AFTER_DEATH: "ground",
    Reason.ANNUITANT_LOCKED: "kind",
    Reason.BENEFICIARY_LOCKED: "kind",
    Reason.OWNER_LOCKED: "kind",
    Reason.GROUND_NOT_MET: "ground",
    Reason.PERSON_INCOMPLETE: "person_birth_date, person_sex",
    Reason.PAYMENTS_CLOSED: "kind",
    Reason.MEDICAL_NOT_MET: "ground, event_date",
    Reason.FREE_LOOK_OVER: "received",
    Reason.PERSON_TOO_OLD: "person_birth_date",
    Reason.DISTRIBUTION_NOT_DUE: "event_date",
    Reason.NO_PROGRAMME: "programme",
    Reason.CONTRACT_ENDED: "kind",
    Reason.IN_PAYOUT: "kind",
    Reason.NO_BENEFIT_IN_FORCE: "kind",
    Reason.NOT_IN_GOOD_ORDER: "kind",
    Reason.NO_STEP_UP: "kind",
    Reason.NO_PAYMENT_CHOICE: "kind",
    Reason.NOT_TERMINABLE: "kind",
    Reason.STEP_UP_NOT_DUE: "received",
    Reason.BENEFIT_ANNUITY_NOT_DUE: "received",
    Reason.FIXED_PERIOD_LENGTH: "number_of_payments",
    Reason.INTEREST_OPTION: "option",
    Reason.OPTION_CHARGED: "option",
    Reason.PAYMENT_DEADLINE: "option",
    Reason.PAYMENT_NOT_OPEN: "option",
    Reason.ANNUITY_BEGUN: "kind",
    Reason.FOR_BENEFICIARY: "kind",
}
"""Fields at fault; of a reason of the 500s the benefit, of any other the amount."""


def refused_transactions(transactions: pa.Table, rows: NDArray[np.int64], reasons: NDArray[np.int64]) -> pa.Table:
    """Quarantine rows of ``transactions[rows]``, each with the code that the law gave it.

    Raises ValueError for a code that is not on the list.
    """
    records = transactions.take(pa.array(rows)).to_pylist()
    entries = [
        entry("transactions", record, [_finding(record, reason_of(int(code)))])
        for record, code in zip(records, reasons, strict=True)
    ]
    return pa.Table.from_pylist(entries, SCHEMAS["quarantine"])


def _finding(record: dict[str, Any], reason: Reason) -> Finding:
    field = FIELDS.get(reason, "benefit" if 500 <= reason < 600 else "amount")
    return reason, field, value_of(record, field), _allowed(reason)


def _allowed(reason: Reason) -> str:
    terms = load_terms(True)
    limits = {
        Reason.INITIAL_PAYMENT_TOO_SMALL: f"{min(terms.purchase.minimum_initial):.2f} or more, by series,",
        Reason.PAYMENT_TOO_SMALL: f"{terms.purchase.minimum_additional:.2f}",
        Reason.PAYMENT_TOO_LATE: f"{terms.purchase.last_age:.0f}",
        Reason.LARGE_PAYMENT: f"{terms.purchase.approval_from:.2f}",
        Reason.ISSUE_AGE: f"{max(terms.purchase.maximum_issue_age):.0f}",
        Reason.ELECTION_AGE_HD7: _years(terms.income[0].election_months),
        Reason.ELECTION_AGE_SHD7: _years(terms.income[1].election_months),
        Reason.DEATH_BENEFIT_AGE: f"{terms.death.election_age:.0f}",
        Reason.OWNER_NOT_ANNUITANT: "on the same day",
        Reason.WITHDRAWAL_TOO_SMALL: f"{terms.withdrawals.minimum:.2f}",
        Reason.SYSTEMATIC_TOO_SMALL: f"{terms.programmes.minimum:.2f}",
        Reason.EQUAL_PAYMENT_TOO_SMALL: f"{terms.programmes.minimum:.2f}",
        Reason.MEDICAL_TOO_LARGE: f"{terms.medical.most:.2f}",
        Reason.FREE_LOOK_OVER: f"{min(terms.jurisdictions.free_look_days):.0f}",
        Reason.TOO_LITTLE_LEFT: f"{terms.withdrawals.minimum_left:.2f}",
        Reason.TRANSFER_NOT_IN_WRITING: f"{terms.restrictions.written_after:.0f} transfers of an Annuity Year",
    }
    return limits.get(reason, "of that Valuation Day")


def _years(months: float) -> str:
    return f"{months / 12.0:g} years old"
