"""Tables to arrays and back: the only place where a contract's row becomes numbers and numbers become rows.

Contracts keep the order of their ids; every array's first axis is the contract.
"""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuation import highest_daily_7 as hd7
from valuation.account import Account, Book, total
from valuation.annuity_date import latest_annuity_date
from valuation.charges import settle_rates, surrender_charge
from valuation.clock import day_of
from valuation.compile import kernel
from valuation.contract import (
    ACTIVE,
    NEW_CORE,
    PENDING,
    STATUS_NAMES,
    Array,
    Core,
    Integers,
)
from valuation.credits import settle_late_credits
from valuation.daily import TOTALS, Block, History, contract_at, layers_at, life_at, roll_forward, rows_needed
from valuation.death_benefit import basic_death_benefit
from valuation.events import ANNUITIZATION, EVENT_NAMES, NO_CHOICE, Events
from valuation.funds import load_subaccounts
from valuation.highest_daily_7 import PLAN_NAMES, STAGE_NAMES, Income
from valuation.journal import LEDGER_KINDS, Journal, Silent
from valuation.records import Contract, Facts, Records
from valuation.endings import surrender_value
from valuation.schema import SCHEMAS
from valuation.sessions import effective_day, on_or_after
from valuation.terms import Terms, load_annuity_date_terms, load_terms

BOND = "AST Investment Grade Bond"
SLOTS: tuple[str, ...] = (*(s.name for s in load_subaccounts() if s.permitted), BOND)
"""Sub-accounts in the order of the arrays: the Permitted ones, then the bond Sub-account.  Source: INV-2, INV-4."""

SERIES = ("B", "L", "X")
CHARGE_CLASSES: tuple[float, ...] = tuple(float(c) for c in load_terms(True).charges.insurance_charge)
QUALIFIED = ("IRA", "SEP", "ROTH")
LEDGER_BUFFER = 400_000
"""Rows of the ledger buffer; the kernel stops when it could overflow, and goes on after it has been emptied."""

_CORE_COLUMNS = (
    "basic_death_benefit", "payments_withdrawn", "payments_withdrawn_at_anniversary", "withdrawn_this_annuity_year",
    "withdrawn_total", "withdrawn_this_calendar_year", "required_minimum_distribution", "kept", "transfers_this_year",
)  # fmt: skip
_INCOME_DATES = ("effective_date", "first_withdrawal_date", "last_fee_date", "benefit_ended_date")
_INCOME_COLUMNS = (
    "designated_lives", "periodic_value", "protected_withdrawal_value", "annual_income_amount", "remaining_income",
    "taken_this_annuity_year", "income_basis", "highest_quarterly_value", "income_percentage", "enhanced_value",
    "return_of_principal_base",
)  # fmt: skip


class DayResult(NamedTuple):
    """What the daily valuation of a block gives."""

    snapshot: pa.Table
    ledger: pa.Table
    payments: pa.Table
    transfers: pa.Table
    refusals: pa.Table  # contract_id, transaction_id, date, reason_code
    totals: Integers  # (n_day, 14) columns of valuation.daily.TOTALS: counts and 1/65536 USD


def value_block(
    contracts: pa.Table,
    transactions: pa.Table,
    snapshot: pa.Table | None,
    days: Integers,
    prices: Array,
    cents: bool = True,
) -> DayResult:
    """Take a block through ``days[1:]``.

    contracts, transactions   checked tables of the schema
    snapshot                  state at the end of ``days[0]``; None: from issue
    days                      (n_day + 1,) successive Valuation Days
    prices                    (n_day + 1, 3, len(SLOTS)) Unit Prices by charge class, USD

    Raises ValueError where shapes do not fit or an opening state lies on another day.
    """
    if prices.shape != (len(days), len(CHARGE_CLASSES), len(SLOTS)):
        raise ValueError(
            f"prices have shape {prices.shape}; allowed is {(len(days), len(CHARGE_CLASSES), len(SLOTS))}: "
            "one row a day, the opening day first"
        )
    contracts = contracts.sort_by("contract_id")
    ids = contracts["contract_id"].to_pylist()
    life = life_array(contracts)
    terms = load_terms(cents)
    resolved = resolve_events(transactions, ids, life, days)
    block = open_block(contracts, snapshot, life, days, int(np.diff(resolved.history_first).max(initial=0)))
    history = History(days, prices, resolved.events, resolved.day, resolved.history_first)
    totals = np.zeros((len(days), len(TOTALS)), dtype=np.int64)
    pages = _roll(block, history, terms, totals)
    rows = _Rows(ids, resolved.transaction_ids, pages)
    return DayResult(
        snapshot_table(contracts, block, days, prices[-1], terms),
        rows.ledger(),
        rows.payments(),
        rows.transfers(),
        rows.refusals(),
        totals[1:],
    )


def _roll(block: Block, history: History, terms: Terms, totals: Integers) -> list[Journal]:
    """Run the kernel, emptying the journal as it fills."""
    n_slot = block.units.shape[1]
    events = int(np.diff(history.event_first).max(initial=0))
    room = max(LEDGER_BUFFER, rows_needed(history, n_slot, events) + 1)
    pages: list[Journal] = []
    start, n = 0, block.core.shape[0]
    while start < n:
        journal = new_journal(room, n_slot)
        start = roll_forward(block, history, terms, journal, totals, start)
        pages.append(trimmed(journal))
    return pages


def new_journal(room: int, n_slot: int) -> Journal:
    """An empty journal with space for ``room`` ledger rows."""
    return Journal(
        np.zeros(4, np.int64), np.zeros(2, np.int64), np.zeros(n_slot, np.int64), np.zeros(n_slot),
        np.zeros((room, 5), np.int64), np.zeros((room, 3)), np.zeros((room, 3), np.int64), np.zeros((room, 3)),
        np.zeros((room, 4), np.int64), np.zeros((room, 3), np.int64), np.zeros((room, 7)),
    )  # fmt: skip


def trimmed(journal: Journal) -> Journal:
    """The same journal without its unused rows."""
    ledger, payments, refusals, transfers = (int(n) for n in journal.used)
    return Journal(
        journal.used, journal.here, journal.marked_day, journal.marked_price,
        journal.ledger_keys[:ledger].copy(), journal.ledger_values[:ledger].copy(),
        journal.payment_keys[:payments].copy(), journal.payment_values[:payments].copy(),
        journal.refusals[:refusals].copy(),
        journal.transfer_keys[:transfers].copy(), journal.transfer_values[:transfers].copy(),
    )  # fmt: skip


def day_numbers(column: pa.ChunkedArray | pa.Array) -> Integers:
    """Day numbers of a date column; 0 where it is empty."""
    numbers = pc.fill_null(pc.cast(pc.cast(column, pa.int32()), pa.int64()), 0)
    return np.asarray(numbers.to_numpy(zero_copy_only=False) if isinstance(numbers, pa.Array) else numbers.to_numpy())


def _index(column: pa.ChunkedArray, names: tuple[str, ...]) -> Integers:
    """Place of every value in ``names``; -1 where it is empty."""
    places = pc.fill_null(pc.index_in(column, value_set=pa.array(names)), -1)
    return np.asarray(places.to_numpy(), dtype=np.int64)


def life_array(contracts: pa.Table) -> Integers:
    """(n, 6) fields of Life, in the order of the rows."""
    owner, annuitant = day_numbers(contracts["owner_birth_date"]), day_numbers(contracts["annuitant_birth_date"])
    entity = np.asarray(contracts["entity_owned"].to_numpy(), dtype=bool)
    owner = np.where(entity, annuitant, owner)
    qualified = np.isin(contracts["tax_type"].to_numpy(), QUALIFIED)
    terms = load_annuity_date_terms()
    latest = [
        latest_annuity_date(terms, int(o), int(a), bool(q)) for o, a, q in zip(owner, annuitant, qualified, strict=True)
    ]
    return np.column_stack(
        [
            day_numbers(contracts["issue_date"]),
            owner,
            annuitant,
            day_numbers(contracts["spouse_birth_date"]),
            np.array(latest, dtype=np.int64).reshape(-1),
            _index(contracts["series"], SERIES),
        ]
    )


class Resolved(NamedTuple):
    """Transactions as the law takes them, in order of contract, Valuation Day and receipt."""

    events: Events
    day: Integers  # (n_event,)
    history_first: Integers  # (n_contract + 1,)
    transaction_ids: list[str]


def resolve_events(transactions: pa.Table, ids: list[str], life: Integers, days: Integers) -> Resolved:
    """Settle days, codes and Sub-accounts of the transactions that fall on ``days[1:]``.

    A contract whose latest Annuity Date falls on one of the days is annuitised on it.  Source: TXN-1, TXN-4 to TXN-7, ANN-2.
    """
    contract = _index(transactions["contract_id"], tuple(ids)) if ids else np.zeros(0, np.int64)
    kind = _index(transactions["kind"], EVENT_NAMES)
    received = transactions["received"].to_numpy().astype("datetime64[s]")
    processed = effective_day(received) if len(received) else np.zeros(0, np.int64)
    plan = _index(transactions["benefit"], PLAN_NAMES)
    net = np.asarray(pc.fill_null(pc.equal(transactions["basis"], "net"), False).to_numpy(), dtype=bool)
    order = np.lexsort((np.array(transactions["transaction_id"].to_pylist(), dtype=str), received, processed, contract))
    inside = (processed > days[0]) & (processed <= days[-1]) & (contract >= 0)
    order = order[inside[order]]
    amount = np.asarray(pc.fill_null(transactions["amount"], 0.0).to_numpy(), dtype=np.float64)
    choice = np.where(plan >= 0, plan, np.where(net, 1, NO_CHOICE))
    weights = _weights(transactions["allocation"])
    columns = [kind, choice, _index(transactions["source_sub_account"], SLOTS)]
    columns += [_index(transactions["target_sub_account"], SLOTS), day_numbers(transactions["event_date"])]
    named = [str(i) for i in transactions["transaction_id"].take(pa.array(order)).to_pylist()]
    return _with_annuity_dates(
        [c[order] for c in columns], amount[order], weights[order], contract[order], processed[order], named, life, days
    )


def _with_annuity_dates(
    columns: list[Integers],
    amount: Array,
    weights: Array,
    contract: Integers,
    processed: Integers,
    named: list[str],
    life: Integers,
    days: Integers,
) -> Resolved:
    """Add an annuitisation on the latest Annuity Date of every contract that reaches it."""
    reached = np.flatnonzero((life[:, 4] > days[0]) & (life[:, 4] <= days[-1]))
    if len(reached):
        when = on_or_after(life[reached, 4])
        reached, when = reached[when <= days[-1]], when[when <= days[-1]]
        n = len(reached)
        extra = [np.full(n, v, np.int64) for v in (ANNUITIZATION, NO_CHOICE, -1, -1, 0)]
        columns = [np.concatenate([a, b]) for a, b in zip(columns, extra, strict=True)]
        amount, weights = np.concatenate([amount, np.zeros(n)]), np.concatenate([weights, np.zeros((n, len(SLOTS)))])
        contract, processed = np.concatenate([contract, reached]), np.concatenate([processed, when])
        named = named + ["" for _ in range(n)]
        order = np.lexsort((np.arange(len(contract)), processed, contract))
        columns, amount, weights = [c[order] for c in columns], amount[order], weights[order]
        contract, processed, named = contract[order], processed[order], [named[k] for k in order]
    kind, choice, source, target, when_died = (np.ascontiguousarray(c) for c in columns)
    first = np.searchsorted(contract, np.arange(life.shape[0] + 1))
    return Resolved(
        Events(kind, np.ascontiguousarray(amount), choice, source, target, when_died, np.ascontiguousarray(weights)),
        np.ascontiguousarray(processed),
        first.astype(np.int64),
        named,
    )


def _weights(column: pa.ChunkedArray) -> Array:
    """(n, n_slot) shares of an allocation column; zeros where it is empty."""
    rows = column.combine_chunks()
    weights = np.zeros((len(rows), len(SLOTS)))
    flat = pc.list_flatten(rows)
    if len(flat):
        parent = pc.list_parent_indices(rows).to_numpy()
        slot = _index(pa.chunked_array([pc.struct_field(flat, "sub_account")]), SLOTS)
        weights[parent, slot] = pc.struct_field(flat, "weight").to_numpy()
    return weights


def open_block(contracts: pa.Table, snapshot: pa.Table | None, life: Integers, days: Integers, events: int) -> Block:
    """State of every contract at the end of ``days[0]``; contracts without a snapshot row are not yet issued.

    ``events``  most transactions of one contract: room for its Purchase Payments
    """
    n, n_slot = contracts.num_rows, len(SLOTS)
    rows = _snapshot_rows(contracts, snapshot, days)
    layers = events + 1 + (max((len(r["purchase_payments"]) for r in rows.values()), default=0) if rows else 0)
    block = Block(
        np.tile(np.array([*NEW_CORE]), (n, 1)), np.zeros((n, len(Income._fields))), np.zeros((n, n_slot)),
        np.zeros((n, n_slot)), np.zeros((n, layers), np.int64), np.zeros((n, layers)), np.zeros((n, layers)),
        np.zeros((n, layers)), np.zeros((n, layers)), np.zeros((n, layers)), np.zeros((n, 1), np.int64),
        life, life[:, 5].copy(),
    )  # fmt: skip
    for place, row in rows.items():
        _fill(block, place, row)
    return block


def _snapshot_rows(contracts: pa.Table, snapshot: pa.Table | None, days: Integers) -> dict[int, dict[str, Any]]:
    if snapshot is None or snapshot.num_rows == 0:
        return {}
    dates = np.unique(day_numbers(snapshot["valuation_date"]))
    if len(dates) != 1 or dates[0] != days[0]:
        found = ", ".join(str(np.datetime64(int(d), "D")) for d in dates)
        raise ValueError(
            f"the opening snapshot is of {found}; allowed is {np.datetime64(int(days[0]), 'D')}, the day before the first "
            "day valued: take the snapshot of that day"
        )
    place = {name: k for k, name in enumerate(contracts["contract_id"].to_pylist())}
    return {place[row["contract_id"]]: row for row in snapshot.to_pylist() if row["contract_id"] in place}


def _number(value: Any) -> float:
    return 0.0 if value is None else float((value - np.datetime64(0, "D").astype(object)).days)


def _fill(block: Block, c: int, row: dict[str, Any]) -> None:
    """Write one snapshot row into the arrays."""
    status = float(STATUS_NAMES.index(row["status"]))
    values = [float(row[name]) for name in _CORE_COLUMNS]
    block.core[c] = np.array([status, *values, _number(row["last_transfer_date"])])
    plan = float(max(PLAN_NAMES.index(row["benefit"]) if row["benefit"] in PLAN_NAMES else 0, 0))
    stage = float(STAGE_NAMES.index(row["benefit_stage"]))
    dates = [_number(row[name]) for name in _INCOME_DATES]
    block.income[c] = np.array([plan, stage, *dates, *[float(row[name]) for name in _INCOME_COLUMNS]])
    for held in row["units"]:
        block.units[c, SLOTS.index(held["sub_account"])] = held["units"]
    for part in row["allocation"]:
        block.weight[c, SLOTS.index(part["sub_account"])] = part["weight"]
    for k, payment in enumerate(row["purchase_payments"]):
        block.payment_day[c, k] = int(_number(payment["date"]))
        block.payment_amount[c, k], block.payment_credit[c, k] = payment["amount"], payment["credit"]
        block.payment_kept[c, k] = payment["kept"]
    block.payments[c, 0] = len(row["purchase_payments"])


@kernel
def _derived(block: Block, prices: Array, prior: int, today: int, terms: Terms, out: Array) -> None:
    """Figures of the snapshot that follow from the state: out (n, 6)."""
    for c in range(block.core.shape[0]):
        contract, life, layers = contract_at(block, c), life_at(block, c), layers_at(block, c)
        if contract.core.status == PENDING:
            continue
        book = Book(block.units[c], prices[block.charge_class[c]], block.weight[c])
        permitted = 0.0
        for s in range(block.units.shape[1] - 1):
            permitted += book.units[s] * book.price[s]
        account = Account(permitted, book.units[-1] * book.price[-1])
        day = day_of(life.issue, prior, today)
        facts = Facts(terms, life, day, hd7.income_day(contract.income, terms, life, day))
        settle_rates(terms.charges, life.series, layers, today)
        settle_late_credits(terms.purchase, layers, today)
        records = Records(book, layers, Silent(0.0), out[c])
        active = contract.core.status == ACTIVE
        whole = total(account)
        cash_value = surrender_value(records, contract, facts, account) if active else 0.0
        charge = min(surrender_charge(layers, contract.core.paid_out), whole) if active else 0.0
        death = basic_death_benefit(contract.core, layers, whole) if active else 0.0
        out[c, 0], out[c, 1], out[c, 2], out[c, 3], out[c, 4] = whole, account.bond, cash_value, charge, death
        out[c, 5] = hd7.protected_withdrawal_value(contract.income, facts.income, whole)


def snapshot_table(contracts: pa.Table, block: Block, days: Integers, prices: Array, terms: Terms) -> pa.Table:
    """Every issued contract at the end of the last day, as the schema's snapshot.

    ``prices``  (3, n_slot) Unit Prices of that day
    """
    derived = np.zeros((contracts.num_rows, 7))
    _derived(block, prices, int(days[-2]), int(days[-1]), terms, derived)
    kept = np.flatnonzero(block.core[:, 0] != PENDING)
    base = contracts.take(pa.array(kept))
    income, core = block.income[kept], block.core[kept]
    columns: dict[str, Any] = {name: base[name] for name in base.schema.names}
    columns["valuation_date"] = pa.array(np.full(len(kept), days[-1]).astype("datetime64[D]"), pa.date32())
    columns["status"] = pa.array(STATUS_NAMES).take(pa.array(core[:, 0].astype(np.int64)))
    names = (
        "account_value",
        "bond_value",
        "surrender_value",
        "cdsc",
        "death_benefit",
        "protected_withdrawal_value_today",
    )
    columns |= {name: derived[kept, k] for k, name in enumerate(names)}
    columns |= {name: core[:, k + 1] for k, name in enumerate(_CORE_COLUMNS)}
    columns["transfers_this_year"] = core[:, 9].astype(np.int32)
    columns["last_transfer_date"] = _dates(core[:, 10])
    elected = income[:, 1] != hd7.NONE
    columns["benefit"] = pa.array(np.where(elected, np.array(PLAN_NAMES)[income[:, 0].astype(int)], "NONE"))
    columns["benefit_stage"] = pa.array(STAGE_NAMES).take(pa.array(income[:, 1].astype(np.int64)))
    columns |= {name: _dates(income[:, 2 + k]) for k, name in enumerate(_INCOME_DATES)}
    columns |= {name: income[:, 6 + k] for k, name in enumerate(_INCOME_COLUMNS)}
    columns["designated_lives"] = income[:, 6].astype(np.int32)
    columns |= _lists(block, kept, prices)
    schema = SCHEMAS["snapshot"]
    return pa.table({f.name: pa.chunked_array([_cast(columns[f.name], f.type)]) for f in schema}, schema=schema)


def _cast(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    array = values if isinstance(values, pa.Array) else pa.array(values)
    return array if array.type == kind else array.cast(kind)


def _dates(numbers: Array) -> pa.Array:
    return pa.array(numbers.astype(np.int64).astype("datetime64[D]"), pa.date32(), mask=numbers == 0.0)


def _lists(block: Block, kept: Integers, prices: Array) -> dict[str, pa.Array]:
    """Units, allocation instructions and Purchase Payments as lists of a contract."""
    units, weight = block.units[kept], block.weight[kept]
    price = prices[block.charge_class[kept]]
    held, chosen = units != 0.0, weight > 0.0
    names = pa.array(SLOTS)
    schema = SCHEMAS["snapshot"]
    values = [names.take(pa.array(np.nonzero(held)[1])), units[held], price[held], units[held] * price[held]]
    out = {"units": _list_array(held.sum(axis=1), values, schema.field("units").type)}
    parts = [names.take(pa.array(np.nonzero(chosen)[1])), weight[chosen]]
    out["allocation"] = _list_array(chosen.sum(axis=1), parts, schema.field("allocation").type)
    used = np.arange(block.payment_day.shape[1]) < block.payments[kept]
    layers = [_dates(block.payment_day[kept][used].astype(np.float64)), block.payment_amount[kept][used]]
    layers += [block.payment_credit[kept][used], block.payment_kept[kept][used]]
    out["purchase_payments"] = _list_array(used.sum(axis=1), layers, schema.field("purchase_payments").type)
    return out


def _list_array(lengths: Integers, columns: list[Any], kind: pa.ListType) -> pa.Array:
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    fields = list(kind.value_type)
    arrays = [_cast(column, field.type) for column, field in zip(columns, fields, strict=True)]
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(arrays, fields=fields), type=kind)


class _Rows:
    """Journal pages as tables, in the order written."""

    def __init__(self, ids: list[str], transaction_ids: list[str], pages: list[Journal]):
        self.ids, self.transaction_ids, self.pages = pa.array(ids, pa.string()), transaction_ids, pages
        self.kinds = pa.array([name for name, _ in LEDGER_KINDS])
        self.rules = pa.array([rule for _, rule in LEDGER_KINDS])
        self.slots = pa.array(SLOTS)

    def _joined(self, name: str, width: int, kind: Any) -> Any:
        parts = [getattr(page, name) for page in self.pages]
        return np.concatenate(parts) if parts else np.zeros((0, width), kind)

    def _table(self, dataset: str, columns: dict[str, Any]) -> pa.Table:
        schema = SCHEMAS[dataset]
        return pa.table([_cast(columns[f.name], f.type) for f in schema], schema=schema)

    def ledger(self) -> pa.Table:
        """Every change of Account Value."""
        keys, values = self._joined("ledger_keys", 5, np.int64), self._joined("ledger_values", 3, np.float64)
        columns = {
            "contract_id": self.ids.take(pa.array(keys[:, 0])),
            "sub_account": self.slots.take(pa.array(keys[:, 4])),
            "from_date": keys[:, 1].astype("datetime64[D]"),
            "date": keys[:, 2].astype("datetime64[D]"),
            "kind": self.kinds.take(pa.array(keys[:, 3])),
            "rule": self.rules.take(pa.array(keys[:, 3])),
            "amount": values[:, 0],
            "units": values[:, 1],
            "unit_price": values[:, 2],
        }
        return self._table("ledger", columns)

    def payments(self) -> pa.Table:
        """Money to Owners and Beneficiaries."""
        keys, values = self._joined("payment_keys", 3, np.int64), self._joined("payment_values", 3, np.float64)
        columns = {
            "contract_id": self.ids.take(pa.array(keys[:, 0])),
            "date": keys[:, 1].astype("datetime64[D]"),
            "kind": self.kinds.take(pa.array(keys[:, 2])),
            "rule": self.rules.take(pa.array(keys[:, 2])),
            "gross": values[:, 0],
            "charge": values[:, 1],
            "paid": values[:, 2],
        }
        return self._table("payments", columns)

    def transfers(self) -> pa.Table:
        """Asset transfer instructions."""
        keys, values = self._joined("transfer_keys", 3, np.int64), self._joined("transfer_values", 7, np.float64)
        names = ("income_basis", "factor_a", "target_value", "permitted_value", "bond_value", "ratio", "amount")
        columns = {
            "contract_id": self.ids.take(pa.array(keys[:, 0])),
            "date": keys[:, 1].astype("datetime64[D]"),
            "stage": pa.array(STAGE_NAMES).take(pa.array(keys[:, 2])),
        }
        columns |= {name: values[:, k] for k, name in enumerate(names)}
        return self._table("transfers", columns)

    def refusals(self) -> pa.Table:
        """Transactions that the contract forbids."""
        rows = self._joined("refusals", 4, np.int64)
        return pa.table(
            {
                "contract_id": self.ids.take(pa.array(rows[:, 0])),
                "transaction_id": pa.array([self.transaction_ids[k] for k in rows[:, 2]], pa.string()),
                "date": pa.array(rows[:, 1].astype("datetime64[D]"), pa.date32()),
                "reason_code": pa.array(rows[:, 3].astype(np.int32)),
            }
        )


def contract_of(core: Array, income: Array) -> Contract:
    """A contract from its two rows of floats."""
    return Contract(Core(*core.tolist()), Income(*income.tolist()))
