"""Rows that are wrong on purpose, one contract for every kind of fault.

Faults of form, and of rows against each other, are for the check of the block to find; what the contract forbids is for
the law to refuse on the day.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

import pyarrow as pa

from valuation.failures import Reason
from valuation.schema import SCHEMAS

Row = dict[str, Any]

_ISSUED = date(2008, 1, 15)
_HOME = "AST Balanced Asset Allocation"
_OTHER = "AST Advanced Strategies"


class Defect(NamedTuple):
    """One fault, and the id under which it must be found."""

    reason: Reason
    found_by: str  # "check" or "law"
    dataset: str
    id: str  # contract_id of contracts, transaction_id of transactions


class _Case:
    """A sound contract with Highest Daily 7, to be spoilt."""

    def __init__(self, contract: str) -> None:
        self.contract: Row = dict.fromkeys(SCHEMAS["contracts"].names) | {
            "contract_id": contract,
            "series": "B",
            "issue_date": _ISSUED,
            "tax_type": "NQ",
            "entity_owned": False,
            "owner_birth_date": date(1945, 6, 1),
            "owner_sex": "F",
            "annuitant_birth_date": date(1945, 6, 1),
            "annuitant_sex": "F",
        }
        self.contracts = [self.contract]
        self.transactions: list[Row] = []
        self.issue = self.add("ISSUE", _ISSUED, amount=100_000.0, allocation=_to(_HOME))
        self.election = self.add("ELECTION", _ISSUED, benefit="HD7")

    def add(self, kind: str, day: date, **given: Any) -> Row:
        """One more transaction, received at 10 in the morning."""
        row: Row = dict.fromkeys(SCHEMAS["transactions"].names)
        row |= {"transaction_id": f"{self.contract['contract_id']}-{len(self.transactions):04d}"}
        row |= {"contract_id": self.contract["contract_id"], "kind": kind}
        row |= {"received": datetime(day.year, day.month, day.day, 10, len(self.transactions))} | given
        self.transactions.append(row)
        return row

    def without_benefit(self) -> None:
        """Take the election away."""
        self.transactions.remove(self.election)


def _to(*names: str) -> list[Row]:
    return [{"sub_account": name, "weight": 1.0 / len(names)} for name in names]


def _born(case: _Case, day: date) -> None:
    case.contract |= {"owner_birth_date": day, "annuitant_birth_date": day}


Spoil = Callable[[_Case], Row]
"""Makes a case bad and returns the row at which the fault must be found."""


def _contract(**changes: Any) -> Spoil:
    def spoil(case: _Case) -> Row:
        case.contract |= changes
        return case.contract

    return spoil


def _issue(**changes: Any) -> Spoil:
    def spoil(case: _Case) -> Row:
        case.issue |= changes
        return case.issue

    return spoil


def _request(kind: str, day: date, **given: Any) -> Spoil:
    return lambda case: case.add(kind, day, **given)


def _twice(case: _Case) -> Row:
    case.contracts.append(dict(case.contract))
    return case.contract


def _no_issue(case: _Case) -> Row:
    case.transactions.clear()
    return case.contract


def _two_issues(case: _Case) -> Row:
    return case.add("ISSUE", _ISSUED, amount=20_000.0, allocation=_to(_HOME))


def _same_id(case: _Case) -> Row:
    row = case.add("PURCHASE_PAYMENT", date(2008, 3, 3), amount=500.0)
    case.transactions.append(dict(row))
    return row


def _stranger(case: _Case) -> Row:
    return case.add("SURRENDER", date(2008, 3, 3), contract_id=f"{case.contract['contract_id']}-GONE")


def _second_election(case: _Case) -> Row:
    return case.add("ELECTION", date(2008, 3, 3), benefit="HD7")


def _elects_again(case: _Case) -> Row:
    case.add("BENEFIT_TERMINATION", date(2008, 3, 3))
    return case.add("ELECTION", date(2008, 3, 10), benefit="HD7")


def _no_benefit(case: _Case) -> Row:
    case.without_benefit()
    return case.add("BENEFIT_TERMINATION", date(2008, 3, 3))


def _after_surrender(case: _Case) -> Row:
    case.add("SURRENDER", date(2008, 3, 3))
    return case.add("WITHDRAWAL", date(2008, 3, 10), amount=500.0, basis="gross")


def _young(case: _Case) -> Row:
    _born(case, date(1960, 6, 1))
    return case.election


def _young_spouse(case: _Case) -> Row:
    case.contract |= {"spouse_birth_date": date(1950, 6, 1), "spouse_sex": "M"}
    case.election["benefit"] = "SHD7"
    return case.election


def _no_spouse(case: _Case) -> Row:
    case.election["benefit"] = "SHD7"
    return case.election


def _other_annuitant(case: _Case) -> Row:
    case.contract["annuitant_birth_date"] = date(1944, 6, 1)
    return case.election


def _after_85(case: _Case) -> Row:
    _born(case, date(1922, 3, 1))
    return case.add("PURCHASE_PAYMENT", date(2008, 3, 10), amount=500.0)


def _elsewhere(case: _Case) -> Row:
    case.without_benefit()
    case.issue["allocation"] = _to("AST High Yield")
    return case.issue


def _leaves_little(case: _Case) -> Row:
    case.without_benefit()
    case.issue["amount"] = 2_000.0
    return case.add("WITHDRAWAL", date(2008, 3, 3), amount=1_100.0, basis="gross")


_LATER = date(2008, 3, 3)
_WITHDRAW: Row = {"amount": 500.0, "basis": "gross"}

CHECKED: tuple[tuple[Reason, Spoil], ...] = (
    (Reason.UNKNOWN_CODE, _contract(series="Z")),
    (Reason.MISSING_VALUE, _contract(annuitant_sex=None)),
    (Reason.IMPLAUSIBLE_DATE, _contract(annuitant_birth_date=date(2045, 6, 1))),
    (Reason.SPOUSE_INCOMPLETE, _contract(spouse_birth_date=date(1944, 6, 1))),
    (Reason.NOT_A_VALUATION_DAY, _contract(issue_date=date(2008, 1, 13))),
    (Reason.ISSUE_AGE, _contract(owner_birth_date=date(1920, 1, 1), annuitant_birth_date=date(1920, 1, 1))),
    (Reason.ISSUE_AGE, _contract(series="X", owner_birth_date=date(1931, 1, 1), annuitant_birth_date=date(1931, 1, 1))),
    (Reason.DUPLICATE_KEY, _twice),
    (Reason.NO_ISSUE, _no_issue),
    (Reason.TWO_ISSUES, _two_issues),
    (Reason.INITIAL_PAYMENT_TOO_SMALL, _issue(amount=999.99)),
    (Reason.WEIGHTS_NOT_ONE, _issue(allocation=[{"sub_account": _HOME, "weight": 0.9}])),
    (Reason.UNKNOWN_SUB_ACCOUNT, _issue(allocation=_to("AST Perpetual Motion"))),
    (Reason.BENEFIT_ONLY_SUB_ACCOUNT, _issue(allocation=_to("AST Investment Grade Bond"))),
    (Reason.REPEATED_SUB_ACCOUNT, _issue(allocation=_to(_HOME, _HOME))),
    (Reason.SUB_ACCOUNT_NOT_CARRIED, _elsewhere),
    (Reason.ISSUE_DATE_DIFFERS, _issue(received=datetime(2008, 1, 15, 17, 30))),
    (Reason.UNKNOWN_CODE, _request("LOAN", _LATER, amount=500.0)),
    (Reason.AMOUNT_NOT_POSITIVE, _request("PURCHASE_PAYMENT", _LATER, amount=-500.0)),
    (Reason.NOT_A_NUMBER, _request("PURCHASE_PAYMENT", _LATER, amount=float("nan"))),
    (Reason.AMOUNT_NOT_IN_CENTS, _request("PURCHASE_PAYMENT", _LATER, amount=500.005)),
    (Reason.NOT_IN_GOOD_ORDER, _request("WITHDRAWAL", _LATER, basis="gross")),
    (Reason.NOT_IN_GOOD_ORDER, _request("TRANSFER", _LATER, amount=500.0, source_sub_account=_HOME)),
    (Reason.UNKNOWN_CONTRACT, _stranger),
    (Reason.DUPLICATE_KEY, _same_id),
    (Reason.BEFORE_ISSUE, _request("PURCHASE_PAYMENT", date(2007, 12, 20), amount=500.0)),
    (
        Reason.SUB_ACCOUNT_NOT_PERMITTED,
        _request("TRANSFER", _LATER, amount=500.0, source_sub_account=_HOME, target_sub_account="AST Money Market"),
    ),
    (Reason.RMD_NOT_APPLICABLE, _request("RMD_NOTICE", _LATER, amount=500.0, event_date=date(2008, 1, 1))),
    (Reason.IMPLAUSIBLE_DATE, _request("DEATH", _LATER, event_date=date(2008, 3, 20))),
)
"""Faults that the check of the block must find."""

REFUSED: tuple[tuple[Reason, Spoil], ...] = (
    (Reason.PAYMENT_TOO_SMALL, _request("PURCHASE_PAYMENT", _LATER, amount=99.99)),
    (Reason.PAYMENT_TOO_LATE, _after_85),
    (Reason.WITHDRAWAL_TOO_SMALL, _request("WITHDRAWAL", _LATER, amount=99.99, basis="gross")),
    (Reason.WITHDRAWAL_TOO_LARGE, _request("WITHDRAWAL", _LATER, amount=500_000.0, basis="gross")),
    (Reason.TOO_LITTLE_LEFT, _leaves_little),
    (
        Reason.TRANSFER_FROM_EMPTY,
        _request("TRANSFER", _LATER, amount=500.0, source_sub_account=_OTHER, target_sub_account=_HOME),
    ),
    (
        Reason.TRANSFER_TOO_LARGE,
        _request("TRANSFER", _LATER, amount=500_000.0, source_sub_account=_HOME, target_sub_account=_OTHER),
    ),
    (
        Reason.TRANSFER_TO_ITSELF,
        _request("TRANSFER", _LATER, amount=500.0, source_sub_account=_HOME, target_sub_account=_HOME),
    ),
    (Reason.BENEFIT_IN_FORCE, _second_election),
    (Reason.REELECTION_TOO_EARLY, _elects_again),
    (Reason.ELECTION_AGE_HD7, _young),
    (Reason.ELECTION_AGE_SHD7, _young_spouse),
    (Reason.NO_SPOUSE, _no_spouse),
    (Reason.OWNER_NOT_ANNUITANT, _other_annuitant),
    (Reason.NO_BENEFIT_IN_FORCE, _no_benefit),
    (Reason.CONTRACT_ENDED, _after_surrender),
    (Reason.ANNUITIZATION_TOO_EARLY, _request("ANNUITIZATION", _LATER)),
)
"""Requests that the contract's law must refuse on the day."""


def bad_rows(copies: int) -> tuple[pa.Table, pa.Table, tuple[Defect, ...]]:
    """``copies`` of every fault: contracts, transactions (every field may be empty) and the list of faults."""
    contracts: list[Row] = []
    transactions: list[Row] = []
    listed: list[Defect] = []
    faults = [("check", *fault) for fault in CHECKED] + [("law", *fault) for fault in REFUSED]
    for copy in range(copies):
        for number, (found_by, reason, spoil) in enumerate(faults):
            case = _Case(f"VD{copy:04d}{number:03d}")
            at = spoil(case)
            contracts += case.contracts
            transactions += case.transactions
            dataset = "transactions" if "transaction_id" in at else "contracts"
            listed.append(
                Defect(reason, found_by, dataset, at["transaction_id" if "transaction_id" in at else "contract_id"])
            )
    return _table(contracts, "contracts"), _table(transactions, "transactions"), tuple(listed)


def _table(rows: list[Row], dataset: str) -> pa.Table:
    schema = pa.schema([item.with_nullable(True) for item in SCHEMAS[dataset]], SCHEMAS[dataset].metadata)
    return pa.Table.from_pylist(rows, schema)
