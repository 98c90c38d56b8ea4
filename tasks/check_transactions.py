"""Rules of the transactions dataset: what a request needs, and how it ties to its contract.

Source: SUP-4, PUR-1, PUR-6, INV-1, INV-2, INV-4, TXN-1, TXN-4, GEN-3, RMD-1, RMD-5, SYS-1, DCA-1, PUR-7, FL-1, SUR-2
(prospectus 507-519, 1248-1269, 2632-2651, 2733-2745, 3007-3023, 3187-3262, 7498-7578; supplement 13)
"""

from collections.abc import Callable

import numpy as np

from tasks.check_columns import NO_DAY, OLDEST, Block, Days, Mask, funds
from tasks.check_fixed import ENHANCED, ONE_YEAR, off_cents, unsound, without_amount
from tasks.check_investments import not_carried, not_permitted
from tasks.check_offers import not_offered
from tasks.check_rules import CALENDAR, Rule, form_rules, outside_calendar
from valuation.failures import Reason
from valuation.schema import SERIES
from valuation.schema_inputs import PROGRAMMES
from valuation.sessions import day_date
from valuation.terms import jurisdiction_names, load_terms

NEEDED = {
    "amount": (
        "ISSUE",
        "PURCHASE_PAYMENT",
        "WITHDRAWAL",
        "RMD_WITHDRAWAL",
        "RMD_NOTICE",
        "TRANSFER",
        "INCOME",
        "EQUAL_PAYMENTS",
    ),
    "basis": ("WITHDRAWAL",),
    "benefit": ("ELECTION",),
    "allocation": ("ISSUE", "ALLOCATION", "DOLLAR_COST_AVERAGING", "AUTOMATIC_REBALANCING"),
    "source_sub_account": ("TRANSFER", "DOLLAR_COST_AVERAGING"),
    "target_sub_account": ("TRANSFER",),
    "event_date": ("DEATH", "SPOUSAL_CONTINUATION", "RMD_NOTICE", "MEDICAL_SURRENDER", "FREE_LOOK", *PROGRAMMES),
    "frequency": PROGRAMMES,
    "ground": ("MEDICAL_SURRENDER", "PAYMENT_CHOICE"),
    "person_birth_date": ("ANNUITANT_CHANGE",),
}
"""Fields without which a request of a kind cannot be carried out (SUP-4)."""

INSTRUCTED = "allocation, source_sub_account, target_sub_account"
SINCE_ISSUE = ("DEATH", "SPOUSAL_CONTINUATION", "MEDICAL_SURRENDER", "FREE_LOOK")
"""Kinds whose event lies between the Issue Date and the day of receipt."""
IN_CENTS = (*(kind for kind in NEEDED["amount"] if kind != "INCOME"), "MEDICAL_SURRENDER", *PROGRAMMES)
_CENT = 1e-6


def _lacks(name: str) -> Callable[[Block], Mask]:
    def bad(block: Block) -> Mask:
        rows = block["transactions"]
        lacks = rows.among("kind", NEEDED[name]) & ~rows.valid(name)
        return lacks & ~without_amount(block) if name == "amount" else lacks

    return bad


def _fraction_of_cent(block: Block) -> Mask:
    rows = block["transactions"]
    amount = rows.number("amount")
    cents = np.where(np.isfinite(amount), amount, 0.0) * 100.0
    off = np.abs(cents - np.round(cents)) > _CENT * np.maximum(1.0, np.abs(cents) * 1e-6)
    return np.asarray((rows.among("kind", IN_CENTS) & off) | off_cents(block))


def _not_positive(block: Block) -> Mask:
    rows = block["transactions"]
    # a Required Minimum Distribution of nothing is a notice, too
    least_is_zero = rows.among("kind", ("RMD_NOTICE",))
    amount = rows.number("amount")
    return np.asarray((amount < 0.0) | ((amount == 0.0) & ~least_is_zero))


def _more_than_all(block: Block) -> Mask:
    """A share of the guaranteed income above the whole of it: likely an amount in USD."""
    rows = block["transactions"]
    return np.asarray(rows.among("kind", ("INCOME",)) & (rows.number("amount") > 1.0))


def _unknown_fund(name: str) -> Callable[[Block], Mask]:
    known = (*funds().all, ONE_YEAR, ENHANCED)
    return lambda block: block["transactions"].valid(name) & ~block["transactions"].among(name, known)


def _unknown_listed(block: Block) -> Mask:
    return block.lists.any_in((*funds().all, ONE_YEAR), inside=False)


def _benefit_only(name: str) -> Callable[[Block], Mask]:
    return lambda block: block["transactions"].among(name, funds().benefit_only)


def _unknown_contract(block: Block) -> Mask:
    return np.asarray(block["transactions"].valid("contract_id") & (block.contract_of < 0))


def _issue_day(block: Block) -> Days:
    return block.of_contract(block["contracts"].day("issue_date"))


def _dates_known(block: Block) -> Mask:
    return np.asarray((_issue_day(block) != NO_DAY) & (block.effective != NO_DAY))


def _before_issue(block: Block) -> Mask:
    other = ~block["transactions"].among("kind", ("ISSUE",))
    return np.asarray(_dates_known(block) & other & (block.effective < _issue_day(block)))


def _other_issue_day(block: Block) -> Mask:
    issue = block["transactions"].among("kind", ("ISSUE",))
    return np.asarray(_dates_known(block) & issue & (block.effective != _issue_day(block)))


def _two_issues(block: Block) -> Mask:
    rows = block["transactions"]
    issue = rows.among("kind", ("ISSUE",)) & (block.contract_of >= 0)
    count = np.bincount(block.contract_of[issue], minlength=block["contracts"].size)
    return np.asarray(issue & (block.of_contract(count.astype(np.int64), 0) > 1))


def _too_small(block: Block) -> Mask:
    rows, contracts = block["transactions"], block["contracts"]
    least = np.zeros(contracts.size)
    for series, minimum in zip(SERIES, load_terms(True).purchase.minimum_initial, strict=True):
        least[contracts.among("series", (series,))] = minimum
    floor = np.where(block.contract_of >= 0, least[block.contract_of], 0.0) if least.size else np.zeros(rows.size)
    return np.asarray(rows.among("kind", ("ISSUE",)) & (rows.number("amount") > 0.0) & (rows.number("amount") < floor))


def _no_distribution(block: Block) -> Mask:
    rows, contracts = block["transactions"], block["contracts"]
    exempt = contracts.among("tax_type", ("NQ", "ROTH")).astype(np.int64)
    kinds = ("RMD_NOTICE", "RMD_WITHDRAWAL", "REQUIRED_DISTRIBUTIONS")
    return np.asarray(rows.among("kind", kinds) & (block.of_contract(exempt, 0) == 1))


def _tax_type(block: Block, row: int) -> object:
    return block["contracts"].text("tax_type")[int(block.contract_of[row])].as_py()


def _wrong_death(block: Block) -> Mask:
    rows = block["transactions"]
    died, received, issue = rows.day("event_date"), rows.day("received"), _issue_day(block)
    known = (died != NO_DAY) & (received != NO_DAY) & (issue != NO_DAY)
    early = rows.among("kind", PROGRAMMES) & (received != NO_DAY) & (died != NO_DAY) & (died < received)
    return np.asarray(early | (rows.among("kind", SINCE_ISSUE) & known & ((died > received) | (died < issue))))


def _measured(block: Block, kinds: tuple[str, ...], without_amount: tuple[str, ...]) -> Mask:
    """Programmes whose measure is not offered, or lacks its amount; or that would pay no time at all."""
    rows = block["transactions"]
    flat = rows.among("measure", ("FLAT",)) | ~rows.valid("measure")
    sound = (flat & (rows.number("amount") > 0.0)) | rows.among("measure", without_amount)
    return np.asarray(rows.among("kind", kinds) & (~sound | (rows.number("number_of_payments") < 1.0)))


def _no_withdrawal_measure(block: Block) -> Mask:
    systematic = _measured(block, ("SYSTEMATIC_WITHDRAWAL",), ("EARNINGS", "INCOME"))
    return np.asarray(systematic | (_measured(block, ("EQUAL_PAYMENTS",), ()) & ~_lacks("amount")(block)))


def _no_transfer_measure(block: Block) -> Mask:
    rows = block["transactions"]
    whole = rows.among("measure", ("PRINCIPAL_AND_EARNINGS",)) & ~rows.valid("number_of_payments")
    bad = _measured(block, ("DOLLAR_COST_AVERAGING",), ("EARNINGS", "PRINCIPAL_AND_EARNINGS"))
    return np.asarray(bad | (rows.among("kind", ("DOLLAR_COST_AVERAGING",)) & whole))


def _short_notice(block: Block) -> Mask:
    rows = block["transactions"]
    first, received = rows.day("event_date"), rows.day("received")
    short = (first >= received) & (first - received < load_terms(True).programmes.notice_days)
    known = (first != NO_DAY) & (received != NO_DAY)
    return np.asarray(rows.among("kind", ("REQUIRED_DISTRIBUTIONS",)) & known & short)


def _unborn(block: Block) -> Mask:
    rows = block["transactions"]
    born, received = rows.day("person_birth_date"), rows.day("received")
    known = (born != NO_DAY) & (received != NO_DAY)
    return np.asarray(known & ((born >= received) | (received - born > 366 * OLDEST)))


def _person_in_part(block: Block) -> Mask:
    rows = block["transactions"]
    return np.asarray(rows.valid("person_birth_date") != rows.valid("person_sex"))


def _free_look_days(block: Block) -> Days:
    """Days of the right to cancel, for each transaction by the jurisdiction of its contract."""
    contracts, terms = block["contracts"], load_terms(True).jurisdictions
    days = np.full(contracts.size, int(terms.free_look_days[0]), dtype=np.int64)
    for name, length in zip(jurisdiction_names(), terms.free_look_days, strict=True):
        days[contracts.among("jurisdiction", (name,))] = int(length)
    return block.of_contract(days)


def _free_look_over(block: Block) -> Mask:
    rows = block["transactions"]
    delivered, received = rows.day("event_date"), rows.day("received")
    known = (delivered != NO_DAY) & (received != NO_DAY) & (block.contract_of >= 0)
    return np.asarray(rows.among("kind", ("FREE_LOOK",)) & known & (received - delivered > _free_look_days(block)))


def _priced_on(block: Block, row: int) -> object:
    return day_date(int(block.effective[row]))


_SINCE = "from the Issue Date to the day of receipt; of a programme not before that day"
_MINIMA = ", ".join(
    f"{series} {least:.0f}" for series, least in zip(SERIES, load_terms(True).purchase.minimum_initial, strict=True)
)

TRANSACTION_RULES = (
    *form_rules("transactions"),
    Rule(Reason.DUPLICATE_KEY, "transaction_id", "", lambda block: block["transactions"].repeated("transaction_id")),
    Rule(Reason.UNKNOWN_CONTRACT, "contract_id", "", _unknown_contract),
    *(Rule(Reason.NOT_IN_GOOD_ORDER, name, "", _lacks(name)) for name in NEEDED),
    Rule(Reason.AMOUNT_NOT_POSITIVE, "amount", "", _not_positive),
    Rule(Reason.AMOUNT_NOT_IN_CENTS, "amount", "", _fraction_of_cent),
    Rule(Reason.NUMBER_OUT_OF_RANGE, "amount", "a fraction of the yearly income, at most 1", _more_than_all),
    Rule(Reason.WEIGHTS_NOT_ONE, "allocation", "", lambda block: block.lists.not_one()),
    Rule(Reason.REPEATED_SUB_ACCOUNT, "allocation", "", lambda block: block.lists.repeated()),
    Rule(Reason.UNKNOWN_SUB_ACCOUNT, "allocation", "", _unknown_listed),
    Rule(Reason.NOT_IN_GOOD_ORDER, f"{INSTRUCTED}, enhanced_amount", "", unsound),
    Rule(
        Reason.BENEFIT_ONLY_SUB_ACCOUNT,
        "allocation",
        "",
        lambda block: block.lists.any_in(funds().benefit_only, inside=True),
    ),
    *(
        Rule(Reason.UNKNOWN_SUB_ACCOUNT, name, "", _unknown_fund(name))
        for name in ("source_sub_account", "target_sub_account")
    ),
    *(
        Rule(Reason.BENEFIT_ONLY_SUB_ACCOUNT, name, "", _benefit_only(name))
        for name in ("source_sub_account", "target_sub_account")
    ),
    Rule(Reason.SUB_ACCOUNT_NOT_PERMITTED, INSTRUCTED, "", not_permitted),
    Rule(Reason.SUB_ACCOUNT_NOT_CARRIED, INSTRUCTED, "", not_carried),
    Rule(Reason.IMPLAUSIBLE_DATE, "received", CALENDAR, outside_calendar("transactions", "received")),
    Rule(Reason.IMPLAUSIBLE_DATE, "event_date", _SINCE, _wrong_death),
    Rule(Reason.IMPLAUSIBLE_DATE, "person_birth_date", f"before receipt, at most {OLDEST} years", _unborn),
    Rule(Reason.PERSON_INCOMPLETE, "person_birth_date, person_sex", "", _person_in_part),
    Rule(Reason.BEFORE_ISSUE, "received", "of the contract", _before_issue),
    Rule(Reason.ISSUE_DATE_DIFFERS, "received", "another day", _other_issue_day, _priced_on),
    Rule(Reason.TWO_ISSUES, "contract_id", "", _two_issues),
    Rule(Reason.INITIAL_PAYMENT_TOO_SMALL, "amount", _MINIMA, _too_small),
    Rule(Reason.FREE_LOOK_OVER, "received", "10 or more, by jurisdiction,", _free_look_over),
    Rule(Reason.WITHDRAWAL_MEASURE, "measure", "", _no_withdrawal_measure),
    Rule(Reason.TRANSFER_MEASURE, "measure", "", _no_transfer_measure),
    Rule(Reason.SHORT_NOTICE, "event_date", f"{load_terms(True).programmes.notice_days:.0f}", _short_notice),
    Rule(Reason.NOT_OFFERED, "benefit", "", not_offered),
    Rule(Reason.RMD_NOT_APPLICABLE, "tax_type", "", _no_distribution, _tax_type),
)
