"""Check a block before it is valued: good rows on one side, refused rows with their reasons on the other.

Every rule of a dataset sets one bit of a row's mask.  A bad row that establishes a contract (its row in contracts, its
ISSUE transaction, its snapshot), or a reason of severity ``contract``, takes all rows of that contract with it; any other
bad row stands alone.  Rows received = rows good + rows refused, in every dataset, always.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tasks.check_columns import Block, Mask
from tasks.check_prices import missing_prices
from tasks.check_rules import CONTRACT_RULES, PRICE_RULES, SNAPSHOT_RULES, Rule
from tasks.check_transactions import TRANSACTION_RULES
from tasks.intake import FILE, RAW, ROW, InputError, Malformed, Source
from valuation.failures import CONTRACT, Reason
from valuation.failures import ROW as ROW_SEVERITY
from valuation.schema import SCHEMAS

Bits = NDArray[np.uint64]  # (n, 2) two words a row

RULES: dict[str, tuple[Rule, ...]] = {
    "contracts": CONTRACT_RULES,
    "transactions": TRANSACTION_RULES,
    "prices": PRICE_RULES,
    "snapshot": SNAPSHOT_RULES,
}
WORD = 64
NO_ISSUE, NO_PRICE, REFUSED = 125, 126, 127
"""Bits of the reasons that are found after the rules of the rows: no start, no price, the contract is refused."""


@dataclass(frozen=True)
class Checked:
    """A checked block: datasets of exactly their schemas, and what was refused."""

    contracts: pa.Table
    transactions: pa.Table
    prices: pa.Table
    snapshot: pa.Table
    quarantine: pa.Table
    rows_in: Mapping[str, int]
    contracts_in: int  # contracts received
    contracts_out: int  # contracts refused as a whole
    contracts_hit: int  # contracts with any refused row, those included
    by_reason: Mapping[str, int]  # refused rows by the name of their first reason

    def summary(self) -> str:
        """What came in, what was refused and why, in a few lines."""
        share = self.contracts_hit / max(self.contracts_in, 1)
        lines = [
            f"{self.contracts_in:,} contracts received, {self.contracts_out:,} refused, {self.contracts_hit:,} "
            f"({share:.2%}) with at least one refused row; {self.quarantine.num_rows:,} rows in quarantine"
        ]
        lines += [f"  {count:>8,}  {int(Reason[name])} {name}" for name, count in self.by_reason.items()]
        return "\n".join(lines)


class LimitExceeded(InputError):
    """More contracts have refused rows than the run allows, or none is left; `checked` holds what was found."""

    def __init__(self, checked: Checked, limit: float) -> None:
        share = checked.contracts_hit / max(checked.contracts_in, 1)
        if checked.contracts.num_rows:
            super().__init__(Reason.LIMIT_EXCEEDED, "block", "contracts", f"{share:.2%}", f"{limit:.2%}")
        else:
            super().__init__(Reason.EMPTY_BLOCK, "block", "contracts", 0, "")
        self.checked = checked
        self.args = (f"{self.args[0]}: correct the rows in quarantine or raise the limit\n{checked.summary()}",)


def check_block(
    contracts: Source,
    transactions: Source,
    prices: Source,
    *,
    valuation_date: date,
    limit: float,
    snapshot: Source | None = None,
) -> Checked:
    """Check all datasets of a run against each other.

    ``valuation_date``  prices must reach to it
    ``limit``           greatest share of contracts that may have a refused row, fraction
    ``snapshot``        opening state; a contract in it needs no ISSUE transaction

    Raises InputError for an empty block, LimitExceeded beyond the limit or if no
    contract is left.
    """
    if not 0.0 <= limit <= 1.0:
        raise ValueError(f"limit {limit} of refused contracts: allowed is a fraction from 0 to 1")
    given = {"contracts": contracts, "transactions": transactions, "prices": prices}
    if snapshot is not None:
        given["snapshot"] = snapshot
    for name in ("contracts", "prices"):
        if given[name].rows == 0:
            where = ", ".join(given[name].names) or name
            raise InputError(Reason.EMPTY_BLOCK, where, name, 0, "")
    block = Block(given, valuation_date)
    bits = {name: _apply(RULES[name], block, name) for name in given}
    without_price = _across(block, bits)
    out = _refuse_contracts(block, bits)
    checked = _split(block, bits, without_price, out)
    if checked.contracts_hit > limit * checked.contracts_in or checked.contracts.num_rows == 0:
        raise LimitExceeded(checked, limit)
    return checked


def _apply(rules: Sequence[Rule], block: Block, dataset: str) -> Bits:
    if len(rules) > NO_ISSUE:
        raise AssertionError(f"{dataset} has {len(rules)} rules; a mask holds {NO_ISSUE}")
    bits = np.zeros((block[dataset].size, 2), dtype=np.uint64)
    for k, rule in enumerate(rules):
        _set(bits, rule.bad(block), k)
    return bits


def _set(bits: Bits, rows: Mask, bit: int) -> None:
    bits[rows, bit // WORD] |= np.uint64(1) << np.uint64(bit % WORD)


def _sound(bits: Bits) -> Mask:
    """Rows that no rule has refused."""
    return np.asarray((bits[:, 0] | bits[:, 1]) == 0)


def _across(block: Block, bits: dict[str, Bits]) -> dict[int, str]:
    """Contracts without a start or without prices; returns the price each of the latter lacks."""
    contracts, transactions = block["contracts"], block["transactions"]
    issue = pa.array(transactions.among("kind", ("ISSUE",)))
    issued = contracts.within("contract_id", transactions.text("contract_id").filter(issue))
    started = block.position("snapshot", contracts.text("contract_id")) >= 0
    _set(bits["contracts"], contracts.valid("contract_id") & ~issued & ~started, NO_ISSUE)
    lacking = missing_prices(block, {name: _sound(one) for name, one in bits.items()})
    rows = np.zeros(contracts.size, dtype=np.bool_)
    rows[np.array(sorted(lacking), dtype=np.int64)] = True
    _set(bits["contracts"], rows, NO_PRICE)
    return lacking


def _refuse_contracts(block: Block, bits: dict[str, Bits]) -> set[str]:
    """Spread a refusal over all rows of its contract; returns the contracts refused."""
    out: set[str] = set()
    for name, one in bits.items():
        if name == "prices":
            continue
        rows = block[name]
        bad = ~_sound(one)
        if name == "transactions":
            whole = np.zeros(rows.size, dtype=np.bool_)
            for k, rule in enumerate(TRANSACTION_RULES):
                if rule.reason.severity == CONTRACT:
                    whole |= (one[:, k // WORD] >> np.uint64(k % WORD)) & np.uint64(1) != 0
            bad &= whole | rows.among("kind", ("ISSUE",))
        out |= {text for text in rows.text("contract_id").filter(pa.array(bad)).to_pylist() if text is not None}
    for name, one in bits.items():
        if name != "prices" and out:
            _set(one, block[name].among("contract_id", tuple(out)) & _sound(one), REFUSED)
    return out


def _split(block: Block, bits: dict[str, Bits], without_price: dict[int, str], out: set[str]) -> Checked:
    good = {}
    refused: list[dict[str, Any]] = []
    for name in RULES:
        if name not in bits:
            good[name] = SCHEMAS[name].empty_table()
            continue
        source, ok = block[name].source, _sound(bits[name])
        columns = SCHEMAS[name].names
        good[name] = source.table.filter(pa.array(ok)).select(columns).cast(SCHEMAS[name])
        refused += [_malformed(name, line) for line in source.malformed]
        refused += _refused(block, name, bits[name], without_price)
    for row in refused:
        row["severity"] = CONTRACT if row["contract_id"] in out else ROW_SEVERITY
    hit = {row["contract_id"] for row in refused if row["contract_id"] is not None}
    nameless = sum(row["contract_id"] is None and row["dataset"] != "prices" for row in refused)
    reasons = [row["reason"].split("; ")[0] for row in refused]
    return Checked(
        **good,
        quarantine=pa.Table.from_pylist(refused, SCHEMAS["quarantine"]),
        rows_in={name: block[name].source.rows for name in bits},
        contracts_in=len(block["contracts"].text("contract_id").unique().drop_null()),
        contracts_out=len(out),
        contracts_hit=len(hit) + nameless,
        by_reason={name: reasons.count(name) for name in sorted(set(reasons), key=lambda n: int(Reason[n]))},
    )


def _refused(block: Block, dataset: str, bits: Bits, without_price: dict[int, str]) -> list[dict[str, Any]]:
    rows = np.flatnonzero(~_sound(bits))
    records = block[dataset].table.take(pa.array(rows)).to_pylist()
    return [
        entry(dataset, record, _findings(block, dataset, int(row), _whole(bits[row]), record, without_price))
        for row, record in zip(rows, records, strict=True)
    ]


def _whole(words: Bits) -> int:
    """The mask of one row."""
    return int(words[0]) | int(words[1]) << WORD


Finding = tuple[Reason, str, object, str]  # reason, field, value, allowed


def _findings(
    block: Block, dataset: str, row: int, bits: int, record: dict[str, Any], without_price: dict[int, str]
) -> list[Finding]:
    found: list[Finding] = []
    for k, rule in enumerate(RULES[dataset]):
        if bits >> k & 1:
            value = rule.shown(block, row) if rule.shown else value_of(record, rule.field)
            found.append((rule.reason, rule.field, value, rule.allowed))
    contract = record.get("contract_id")
    if bits >> NO_ISSUE & 1:
        found.append((Reason.NO_ISSUE, "contract_id", contract, ""))
    if bits >> NO_PRICE & 1:
        found.append((Reason.PRICE_MISSING, "sub_account", without_price[row], ""))
    if bits >> REFUSED & 1:
        found.append((Reason.CONTRACT_REFUSED, "contract_id", contract, ""))
    return found


def value_of(record: dict[str, Any], field: str) -> object:
    """What a row has in a field, or in several; the text as received where it could not be read."""
    values = [record.get(RAW + name) or record.get(name) for name in field.split(", ")]
    return ", ".join(_shown(value) for value in values if value is not None) if any(values) else values[0]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ";".join(f"{part.get('sub_account')}={part.get('weight')}" for part in value if part) or "no Sub-account"
    return str(value)


def entry(dataset: str, record: dict[str, Any], found: list[Finding]) -> dict[str, Any]:
    """One row of the quarantine: ``record`` as received, with everything found wrong with it."""
    contract = record.get("contract_id")
    received = {name: value for name, value in record.items() if name not in (FILE, ROW) and not name.startswith(RAW)}
    received = {n: str(v) if isinstance(v, float) and not math.isfinite(v) else v for n, v in received.items()}
    received |= {name[len(RAW) :]: text for name, text in record.items() if name.startswith(RAW) and text is not None}
    return {
        "dataset": dataset,
        "file": record.get(FILE),
        "row": record.get(ROW),
        "contract_id": contract,
        "transaction_id": record.get("transaction_id"),
        "severity": ROW_SEVERITY,
        "reason_code": int(found[0][0]),
        "reason_codes": [int(one[0]) for one in found],
        "reason": "; ".join(one[0].name for one in found),
        "rule": "; ".join(one[0].rule for one in found),
        "field": "; ".join(one[1] for one in found),
        "value": "; ".join("" if one[2] is None else str(one[2]) for one in found),
        "message": "; ".join(one[0].message(contract, one[1], one[2], one[3]) for one in found),
        "record": json.dumps(received, default=str),
    }


def _malformed(dataset: str, line: Malformed) -> dict[str, Any]:
    record = {FILE: line.file, ROW: line.row, "line": line.text}
    return entry(dataset, record, [(Reason.MALFORMED_ROW, "row", line.found, str(line.expected))])
