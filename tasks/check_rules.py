"""What is wrong with a row: one table of rules a dataset, each a reason and a test over whole columns.

A test answers for all rows of its dataset at once, and may look at the other datasets of the block.  Only what the
contract's law cannot meet is tested here: the form of a row, whether it has what its kind needs, its ties to other rows,
and the two conditions without which there is no contract (PUR-1, PUR-4).  What the contract forbids on the day itself is
refused by the law, with reasons of the same list.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks import check_offers
from tasks.check_columns import NO_DAY, OLDEST, Block, Days, Mask, ages, funds, mask
from valuation.clock import completed_years
from valuation.failures import Reason
from valuation.schema import SCHEMAS, SERIES, codes
from valuation.sessions import FIRST_DAY, LAST_DAY, day_number, on_or_after
from valuation.terms import load_terms


class Rule(NamedTuple):
    """One way in which a row can be bad."""

    reason: Reason
    field: str
    allowed: str
    bad: Callable[[Block], Mask]
    shown: Callable[[Block, int], object] | None = None  # value to show where it is not the field's own


def form_rules(dataset: str, names: tuple[str, ...] = ()) -> list[Rule]:
    """Rules that follow from the schema alone: given, readable, of the closed list, finite; for some fields or all."""
    rules: list[Rule] = []
    for item in SCHEMAS[dataset]:
        if names and item.name not in names:
            continue
        if not item.nullable:
            rules.append(Rule(Reason.MISSING_VALUE, item.name, "", _missing(dataset, item.name)))
        allowed = codes(dataset, item.name)
        if allowed:
            rules.append(
                Rule(Reason.UNKNOWN_CODE, item.name, " | ".join(allowed), _unknown(dataset, item.name, allowed))
            )
        reason = _unreadable(item.type)
        if reason is not None:
            rules.append(Rule(reason, item.name, "", _unread(dataset, item.name, pa.types.is_floating(item.type))))
    return rules


def _unreadable(kind: pa.DataType) -> Reason | None:
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        return Reason.NOT_A_NUMBER
    if pa.types.is_date(kind):
        return Reason.NOT_A_DATE
    if pa.types.is_timestamp(kind):
        return Reason.NOT_A_TIME
    if pa.types.is_boolean(kind):
        return Reason.NOT_A_FLAG
    return Reason.NOT_AN_ALLOCATION if pa.types.is_list(kind) else None


def _missing(dataset: str, name: str) -> Callable[[Block], Mask]:
    return lambda block: ~block[dataset].valid(name)


def _unknown(dataset: str, name: str, allowed: tuple[str, ...]) -> Callable[[Block], Mask]:
    return lambda block: block[dataset].valid(name) & ~block[dataset].among(name, allowed)


def _unread(dataset: str, name: str, number: bool) -> Callable[[Block], Mask]:
    def bad(block: Block) -> Mask:
        rows = block[dataset]
        # a null is NaN in the array: only a cell that is there can be a bad number
        given = mask(pc.is_valid(rows.text(name)))
        return rows.unread(name) | (given & ~np.isfinite(rows.number(name))) if number else rows.unread(name)

    return bad


def outside_calendar(dataset: str, name: str) -> Callable[[Block], Mask]:
    """Rows whose date no trading calendar reaches."""

    def bad(block: Block) -> Mask:
        days = block[dataset].day(name)
        return np.asarray((days != NO_DAY) & ((days < day_number(FIRST_DAY)) | (days > day_number(LAST_DAY) - 10)))

    return bad


def closed_day(dataset: str, name: str) -> Callable[[Block], Mask]:
    """Rows whose date is no Valuation Day."""
    outside = outside_calendar(dataset, name)

    def bad(block: Block) -> Mask:
        days = block[dataset].day(name)
        usable = (days != NO_DAY) & ~outside(block)
        closed = block[dataset].none()
        closed[usable] = on_or_after(days[usable]) != days[usable]
        return closed

    return bad


def _implausible_birth(name: str) -> Callable[[Block], Mask]:
    def bad(block: Block) -> Mask:
        rows = block["contracts"]
        birth, issue = rows.day(name), rows.day("issue_date")
        known = (birth != NO_DAY) & (issue != NO_DAY)
        return np.asarray(known & ((birth >= issue) | (issue - birth > 366 * OLDEST)))

    return bad


def _issue_ages(block: Block) -> Days:
    rows = block["contracts"]
    owner, annuitant = rows.day("owner_birth_date"), rows.day("annuitant_birth_date")
    entity = mask(rows.text("entity_owned"))
    return ages(np.where(entity, annuitant, owner), rows.day("issue_date"))


def _too_old(block: Block) -> Mask:
    rows = block["contracts"]
    limit = np.full(rows.size, np.inf)
    for series, most in zip(SERIES, load_terms(True).purchase.maximum_issue_age, strict=True):
        limit[rows.among("series", (series,))] = most
    return np.asarray(_issue_ages(block) > limit)


def _age_shown(block: Block, row: int) -> object:
    """Birth date that decides, with the age it gives."""
    rows = block["contracts"]
    entity = rows.text("entity_owned")[row].as_py()
    birth = rows.text("annuitant_birth_date" if entity else "owner_birth_date")[row].as_py()
    return f"{birth}, age {completed_years(day_number(birth), int(rows.day('issue_date')[row]))}"


def _outside(name: str, most: float) -> Callable[[Block], Mask]:
    def bad(block: Block) -> Mask:
        numbers = block["contracts"].number(name)
        return np.asarray((numbers < 0.0) | (numbers > most))

    return bad


def _spouse_in_part(block: Block) -> Mask:
    rows = block["contracts"]
    return np.asarray(rows.valid("spouse_birth_date") != rows.valid("spouse_sex"))


CALENDAR = f"a date from {FIRST_DAY} to {LAST_DAY}"
_LIVED = f"a date before the Issue Date, at most {OLDEST} years"
_ISSUE_AGES = ", ".join(
    f"{s} {m:.0f}" for s, m in zip(SERIES, load_terms(True).purchase.maximum_issue_age, strict=True)
)

CONTRACT_RULES = (
    *form_rules("contracts"),
    Rule(Reason.DUPLICATE_KEY, "contract_id", "", lambda block: block["contracts"].repeated("contract_id")),
    Rule(Reason.IMPLAUSIBLE_DATE, "issue_date", CALENDAR, outside_calendar("contracts", "issue_date")),
    Rule(Reason.NOT_A_VALUATION_DAY, "issue_date", "", closed_day("contracts", "issue_date")),
    *(
        Rule(Reason.IMPLAUSIBLE_DATE, name, _LIVED, _implausible_birth(name))
        for name in ("owner_birth_date", "annuitant_birth_date", "spouse_birth_date")
    ),
    Rule(Reason.SPOUSE_INCOMPLETE, "spouse_birth_date", "", _spouse_in_part),
    Rule(Reason.ISSUE_AGE, "owner_birth_date", _ISSUE_AGES, _too_old, _age_shown),
    Rule(Reason.NUMBER_OUT_OF_RANGE, "exchanged_basis", "0 or more", _outside("exchanged_basis", np.inf)),
    Rule(Reason.NUMBER_OUT_OF_RANGE, "exclusion_ratio", "0 to 1", _outside("exclusion_ratio", 1.0)),
    Rule(Reason.UNKNOWN_CODE, check_offers.FIELD, check_offers.FORM, check_offers.unreadable),
)

PRICE_RULES = (
    *form_rules("prices"),
    Rule(Reason.DUPLICATE_KEY, "sub_account, date", "", lambda block: block["prices"].repeated("sub_account", "date")),
    Rule(
        Reason.UNKNOWN_SUB_ACCOUNT,
        "sub_account",
        "",
        lambda block: block["prices"].valid("sub_account") & ~block["prices"].among("sub_account", funds().all),
    ),
    Rule(Reason.IMPLAUSIBLE_DATE, "date", CALENDAR, outside_calendar("prices", "date")),
    Rule(Reason.NOT_A_VALUATION_DAY, "date", "", closed_day("prices", "date")),
    Rule(Reason.NUMBER_OUT_OF_RANGE, "nav", "above 0", lambda block: block["prices"].number("nav") <= 0.0),
    Rule(
        Reason.NUMBER_OUT_OF_RANGE,
        "distribution",
        "0 or more",
        lambda block: block["prices"].number("distribution") < 0.0,
    ),
)

_IDENTITY = ("valuation_date", "contract_id", "series", "issue_date", "status", "account_value", "benefit")


def _state_damaged(block: Block) -> Mask:
    rows = block["snapshot"]
    bad = rows.none()
    for item in SCHEMAS["snapshot"]:
        if item.name not in _IDENTITY and not item.nullable:
            number = pa.types.is_floating(item.type)
            bad |= ~np.isfinite(rows.number(item.name)) if number else ~rows.valid(item.name)
    return bad


def _not_in_contracts(block: Block) -> Mask:
    rows = block["snapshot"]
    return np.asarray(rows.valid("contract_id") & (block.position("contracts", rows.text("contract_id")) < 0))


def _other_date(block: Block) -> Mask:
    rows = block["snapshot"]
    days = rows.day("valuation_date")
    most = np.bincount(days[days > 0]).argmax() if (days > 0).any() else NO_DAY
    return np.asarray(days != most)


SNAPSHOT_RULES = (
    *form_rules("snapshot", _IDENTITY),
    Rule(Reason.CONTRACT_IN_TWO_SNAPSHOTS, "contract_id", "", lambda block: block["snapshot"].repeated("contract_id")),
    Rule(Reason.UNKNOWN_CONTRACT, "contract_id", "", _not_in_contracts),
    Rule(Reason.SNAPSHOT_DATE_DIFFERS, "valuation_date", "the date of most rows", _other_date),
    Rule(
        Reason.NUMBER_OUT_OF_RANGE,
        "state",
        "a finite value in every field of the state",
        _state_damaged,
        lambda block, i: "incomplete",
    ),
)
