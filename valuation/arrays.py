"""Tables to arrays: the only place where a contract's row and its transactions become numbers.

Contracts keep the order of their rows; every array's first axis is the contract.
"""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuation import charge_classes
from valuation.annuity_date import latest_annuity_date
from valuation.contract import (
    NEW_CORE,
    STATUS_NAMES,
    Array,
    Integers,
)
from valuation.daily import Block, contract_at
from valuation.events import (
    AN_ENTITY,
    ANNUITANT_CHANGE,
    ANNUITIZATION,
    APPROVED,
    BENEFICIARY_CHANGE,
    DEATH,
    DECLINED,
    EVENT_NAMES,
    FIRST_DEATH_PLAN,
    GROUND_NAMES,
    ISSUE,
    JOINT_DIED,
    MEDICAL_SURRENDER,
    NAMING,
    NO_CHOICE,
    NOTHING_SAID,
    OWNER_CHANGE,
    PAYMENT_CHOICE,
    PURCHASE_PAYMENT,
    STEP_UP,
    TAKING,
    TRANSFER,
    UNCLEARED,
    Events,
)
from valuation.fixed_block import open_fixed_block
from valuation.fixed_tables import enhanced_told
from valuation.funds import load_subaccounts
from valuation.investment_options import FIXED_NAMES
from valuation.living import STAGE_NAMES
from valuation.living.kinds import FIXED, KINDS, PLAN_NAMES, Kind, kind_with
from valuation.optional_death_benefits import NEW_OPTIONAL_DEATH_BENEFIT
from valuation.optional_death_benefits import PLAN_NAMES as DEATH_PLANS
from valuation.programme_state import N_PROGRAMME, N_STATE
from valuation.restrictions import ENTERED, IN_WRITING, INTERNATIONAL, RESTRICTED_THROUGH
from valuation.sessions import effective_day, processing_day
from valuation.terms import jurisdiction_names, load_annuity_date_terms, load_terms

BOND = "AST Investment Grade Bond"
SLOTS: tuple[str, ...] = (*(s.name for s in load_subaccounts() if s.permitted), BOND)
"""Sub-accounts in the order of the arrays: the Permitted ones, then the bond Sub-account.  Source: INV-2, INV-4."""

FAR = np.array([{s.name: s.international for s in load_subaccounts()}[name] for name in SLOTS], dtype=np.int64)
"""1 where the Sub-account invests in an international Portfolio.  Source: TR-4, A-TR-3."""

OPTIONS: tuple[str, ...] = (*SLOTS, *FIXED_NAMES[:2])
"""What a transfer can name: the Sub-accounts, then the one-year and the Enhanced Fixed Rate Option."""

SERIES = ("B", "L", "X")
SEXES = ("M", "F")
LIFE_BIRTHS = ("owner_birth_date", "annuitant_birth_date", "spouse_birth_date")
LIFE_DATES = ("owner_since_date", "annuitant_since_date", "irrevocable_since_date", "payments_closed_date")
"""Last fields of Life in a snapshot."""
CHARGE_CLASSES = charge_classes.CHARGE_CLASSES
QUALIFIED = ("IRA", "SEP", "ROTH")

CORE_COLUMNS = (
    "basic_death_benefit", "payments_withdrawn", "payments_withdrawn_at_anniversary", "withdrawn_this_annuity_year",
    "withdrawn_total", "withdrawn_this_calendar_year", "required_minimum_distribution", "kept", "transfers_this_year",
)  # fmt: skip
INCOME_DATES = ("effective_date", "first_withdrawal_date", "last_fee_date", "benefit_ended_date")
INCOME_COLUMNS = (
    "designated_lives", "periodic_value", "protected_withdrawal_value", "annual_income_amount", "remaining_income",
    "taken_this_annuity_year", "income_basis", "highest_quarterly_value", "income_percentage", "enhanced_value",
    "return_of_principal_base",
)  # fmt: skip


PROGRAMME_COLUMNS = ("key", "mark", "units_kept", "postponed", "involved")


ACCOUNTS: tuple[str, ...] = (*SLOTS, *(kind.account for kind in KINDS if kind.account))
"""Names that the ledger can have, in the order of its rows of one posting: a benefit's own account comes last."""


def slots_of(kind: Kind) -> tuple[str, ...]:
    """What stands in the places of SLOTS for contracts of a kind: the benefit's own account may replace the bond's."""
    return (*SLOTS[:-1], kind.account or BOND)


def prices_of(kind: Kind, prices: Array) -> Array:
    """Unit Prices (..., n_slot) for contracts of a kind, whose own account has the price 1."""
    if kind.account:
        prices = prices.copy()
        prices[..., -1] = 1.0
    return prices


def day_numbers(column: pa.ChunkedArray | pa.Array) -> Integers:
    """Day numbers of a date column; 0 where it is empty."""
    numbers = pc.fill_null(pc.cast(pc.cast(column, pa.int32()), pa.int64()), 0)
    return np.asarray(numbers.to_numpy(zero_copy_only=False) if isinstance(numbers, pa.Array) else numbers.to_numpy())


def _index(column: pa.ChunkedArray, names: tuple[str, ...]) -> Integers:
    """Place of every value in ``names``; -1 where it is empty."""
    places = pc.fill_null(pc.index_in(column, value_set=pa.array(names)), -1)
    return np.asarray(places.to_numpy(), dtype=np.int64)


def life_array(contracts: pa.Table) -> Integers:
    """(n, 15) fields of Life, in the order of the rows; of a snapshot, with what changes of designations left there."""
    owner, annuitant = day_numbers(contracts["owner_birth_date"]), day_numbers(contracts["annuitant_birth_date"])
    entity = np.asarray(contracts["entity_owned"].to_numpy(), dtype=bool)
    owner = np.where(entity, annuitant, owner)
    qualified = np.isin(contracts["tax_type"].to_numpy(), QUALIFIED)
    terms = load_annuity_date_terms()
    latest = [
        latest_annuity_date(terms, int(o), int(a), bool(q)) for o, a, q in zip(owner, annuitant, qualified, strict=True)
    ]
    sexes = [_index(contracts[name], SEXES) for name in ("owner_sex", "annuitant_sex")]
    none = np.zeros(contracts.num_rows, np.int64)
    state = none
    if "jurisdiction" in contracts.column_names:
        state = np.maximum(_index(contracts["jurisdiction"], jurisdiction_names()), 0)
    since = [day_numbers(contracts[name]) if name in contracts.column_names else none for name in LIFE_DATES]
    return np.column_stack(
        [
            day_numbers(contracts["issue_date"]),
            owner,
            annuitant,
            day_numbers(contracts["spouse_birth_date"]),
            np.array(latest, dtype=np.int64).reshape(-1),
            _index(contracts["series"], SERIES),
            qualified,
            entity,
            np.where(entity, sexes[1], sexes[0]),
            sexes[1],
            state,
            *since,
        ]
    )


def life_now(contracts: pa.Table, snapshot: pa.Table | None) -> Integers:
    """`life_array` of ``contracts``; a contract that has a row in ``snapshot`` has the persons of that row."""
    life = life_array(contracts)
    if snapshot is not None and snapshot.num_rows:
        place = _index(snapshot["contract_id"], tuple(contracts["contract_id"].to_pylist()))
        life[place[place >= 0]] = life_array(snapshot)[place >= 0]
    return life


class Resolved(NamedTuple):
    """Transactions as the law takes them, in order of contract, Valuation Day and receipt."""

    events: Events
    day: Integers  # (n_event,)
    history_first: Integers  # (n_contract + 1,)
    transaction_ids: list[str]


def resolve_events(transactions: pa.Table, ids: list[str], life: Integers, days: Integers) -> Resolved:
    """Settle days, codes and Sub-accounts of the transactions that fall on ``days[1:]``.

    A contract whose latest Annuity Date falls on one of the days is annuitised on it.  Source: TXN-1, TXN-3 to TXN-7, ANN-2.
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
    dying = _index(transactions["benefit"], DEATH_PLANS)
    plan = np.where(dying >= 0, FIRST_DEATH_PLAN + dying, plan)
    choice = np.where(np.isin(kind, NAMING), plan, np.where(net & np.isin(kind, TAKING), 1, NO_CHOICE))
    weights = _weights(transactions["allocation"])
    columns = [kind, choice, _places(transactions["source_sub_account"], kind)]
    columns += [_places(transactions["target_sub_account"], kind), day_numbers(transactions["event_date"])]
    columns = _with_decisions(columns, transactions)
    named = [str(i) for i in transactions["transaction_id"].take(pa.array(order)).to_pylist()]
    return _with_annuity_dates(
        [c[order] for c in columns], amount[order], weights[order], contract[order], processed[order], named, life, days
    )


def _places(column: pa.ChunkedArray, kind: Integers) -> Integers:
    """Places in `OPTIONS`; a programme that names a Fixed Rate Option is refused like one that names the bond's."""
    found = _index(column, OPTIONS)
    return np.where(kind == TRANSFER, found, np.minimum(found, len(SLOTS) - 1))


def _with_decisions(columns: list[Integers], transactions: pa.Table) -> list[Integers]:
    """Kind, choice, source, target and date, with what changes of designations and approvals say in their places.

    A death names a person only where it is the Joint Annuitant's.
    """
    kind, choice, source, target, date = columns
    paying = np.isin(kind, (ISSUE, PURCHASE_PAYMENT))
    checks = np.asarray(pc.fill_null(transactions["uncleared_check"], False).to_numpy(), dtype=np.int64)
    changes = np.isin(kind, (OWNER_CHANGE, ANNUITANT_CHANGE, BENEFICIARY_CHANGE))
    flags = pc.fill_null(pc.cast(transactions["approved"], pa.int64()), -1).to_numpy()
    decided = np.select([flags == 1, flags == 0], [APPROVED, DECLINED], NOTHING_SAID)
    written = np.asarray(pc.fill_null(transactions["in_writing"], False).to_numpy(), dtype=bool)
    choice = np.where((kind == TRANSFER) & written, IN_WRITING, choice)
    annuity, sexes = kind == ANNUITIZATION, _index(transactions["person_sex"], SEXES)
    known = np.asarray(pc.is_valid(transactions["person_birth_date"]).to_numpy())
    choice = np.where((kind == DEATH) & known, JOINT_DIED, choice)
    born = np.where(known, day_numbers(transactions["person_birth_date"]), AN_ENTITY)
    return [
        kind,
        np.where(
            changes | np.isin(kind, (MEDICAL_SURRENDER, STEP_UP, PAYMENT_CHOICE)),
            _index(transactions["ground"], GROUND_NAMES),
            choice,
        ),
        np.where(changes | annuity, sexes, np.where(paying, UNCLEARED * checks, source)),
        np.where(annuity, born, np.where(changes | paying, decided, target)),
        np.where(changes, born, np.where(paying, enhanced_told(transactions), np.where(annuity, 0, date))),
    ]


def _annuity_dates(life: Integers, kind: Integers, contract: Integers, birth: Integers) -> Integers:
    """(n, 2) contract and day: every latest Annuity Date that its persons, now or after a change, can give it."""
    reached = {(c, int(day)) for c, day in enumerate(life[:, 4])}
    terms = load_annuity_date_terms()
    changed = np.isin(kind, (OWNER_CHANGE, ANNUITANT_CHANGE))
    for c in np.unique(contract[changed]):
        mine = (contract == c) & (birth != AN_ENTITY)
        owners = {int(life[c, 1]), *birth[mine & (kind == OWNER_CHANGE)].tolist()}
        annuitants = {int(life[c, 2]), *birth[mine & (kind == ANNUITANT_CHANGE)].tolist()}
        for annuitant in annuitants:
            for owner in owners | annuitants:
                reached.add((int(c), latest_annuity_date(terms, owner, annuitant, bool(life[c, 6]))))
    return np.array(sorted(reached), dtype=np.int64).reshape(-1, 2)


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
    dates = _annuity_dates(life, columns[0], contract, columns[4])
    dates = dates[(dates[:, 1] > days[0]) & (dates[:, 1] <= days[-1])]
    if len(dates):
        when = processing_day(dates[:, 1])
        reached, nominal, when = dates[when <= days[-1], 0], dates[when <= days[-1], 1], when[when <= days[-1]]
        n = len(reached)
        extra = [np.full(n, v, np.int64) for v in (ANNUITIZATION, NO_CHOICE, -1, -1)] + [nominal]
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
        slot = _index(pa.chunked_array([pc.struct_field(flat, "sub_account")]), OPTIONS[:-1])
        if (slot < 0).any():
            unknown = pc.struct_field(flat, "sub_account")[int(np.flatnonzero(slot < 0)[0])].as_py()
            named = ", ".join(OPTIONS[:-1])
            raise ValueError(f"an allocation names {unknown!r}; allowed are {named}: check the transactions")
        np.minimum(slot, len(SLOTS) - 1, out=slot)  # the one-year option has the last place
        weights[parent, slot] = pc.struct_field(flat, "weight").to_numpy()
    return weights


def open_block(
    contracts: pa.Table, snapshot: pa.Table | None, life: Integers, days: Integers, events: int, kind: Kind = KINDS[0]
) -> Block:
    """State of every contract at the end of ``days[0]``; contracts without a snapshot row are not yet issued.

    ``events``  most transactions of one contract: room for its Purchase Payments
    ``kind``    of their living benefits
    """
    n, n_slot = contracts.num_rows, len(SLOTS)
    rows = _snapshot_rows(contracts, snapshot, days)
    layers = events + 1 + (max((len(r["purchase_payments"]) for r in rows.values()), default=0) if rows else 0)
    block = Block(
        np.tile(np.array([*NEW_CORE]), (n, 1)), np.tile(np.array([*kind.blank]), (n, 1)), kind.blank,
        np.tile(np.array([*NEW_OPTIONAL_DEATH_BENEFIT]), (n, 1)), np.zeros((n, n_slot)),
        np.zeros((n, n_slot)), np.zeros((n, layers), np.int64), np.zeros((n, layers)), np.zeros((n, layers)),
        np.zeros((n, layers)), np.zeros((n, layers)), np.zeros((n, layers)), np.zeros((n, layers), np.int64),
        np.zeros((n, 1), np.int64),
        life.copy(), np.zeros((n, 3, n_slot), np.int64), np.zeros((n, N_PROGRAMME, N_STATE)), life[:, 5].copy(),
    )  # fmt: skip
    block.watch[:, INTERNATIONAL] = FAR
    for place, row in rows.items():
        _fill(block, place, row, slots_of(kind))
        held = charge_classes.benefit_charges(contract_at(block, place), load_terms(True))
        row_of = charge_classes.charge_row(int(life[place, 5]), held)
        block.charge_class[place] = row_of if row["status"] != "CONTINUED" else charge_classes.SETTLEMENT_ROW
    return block._replace(fixed=open_fixed_block(rows, n, events, block.units)) if kind is KINDS[FIXED] else block


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


def _income_fields(blank: Any, row: dict[str, Any]) -> Array:
    """State of the living benefit; of a benefit of another kind that has ended only the dates, for a new election."""
    kind = kind_with(blank)
    own = row["benefit"] in kind.plans
    stage = float(STAGE_NAMES.index(row["benefit_stage"]))
    dates = [_number(row[name]) for name in INCOME_DATES]
    common = {"plan": float(kind.plans.index(row["benefit"]) if own else 0), "stage": stage}
    common |= dict(zip(("effective", "first_withdrawal", "last_fee", "ended"), dates, strict=True))
    if own and kind is KINDS[0]:
        return np.array([*common.values(), *[float(row[name]) for name in INCOME_COLUMNS]])
    named = {part["field"]: part["value"] for part in row.get("benefit_fields") or ()} if own else {}
    if kind is KINDS[FIXED] and row["benefit"] in PLAN_NAMES:
        named = {"before": 1.0 + PLAN_NAMES.index(row["benefit"])}
    if kind is KINDS[FIXED]:
        named["share"] = sum(part["weight"] for part in row["allocation"] if part["sub_account"] == kind.account)
    elif own and not named and "once" in blank._fields:
        named = {"once": 1.0}  # its state was left when the contract took Fixed Rate Options
    values = blank._asdict() | {name: value for name, value in common.items() if name in blank._fields} | named
    return np.array([float(values[name]) for name in blank._fields])


def _fill(block: Block, c: int, row: dict[str, Any], slots: tuple[str, ...]) -> None:
    """Write one snapshot row into the arrays."""
    status = float(STATUS_NAMES.index(row["status"]))
    values = [float(row[name]) for name in CORE_COLUMNS]
    block.core[c] = np.array([status, *values, _number(row["last_transfer_date"])])
    block.income[c] = _income_fields(block.blank, row)
    dying = {part["field"]: part["value"] for part in row.get("death_benefit_fields") or ()}
    block.death[c] = np.array([*(NEW_OPTIONAL_DEATH_BENEFIT._asdict() | dying).values()])
    for held in row["units"]:
        block.units[c, slots.index(held["sub_account"])] = held["units"]
    for part in row["allocation"]:
        block.weight[c, slots.index(part["sub_account"])] = part["weight"]
    for mark in row.get("transfer_watch") or ():
        slot = slots.index(mark["sub_account"])
        block.watch[c, ENTERED, slot] = int(_number(mark["entered_date"]))
        block.watch[c, RESTRICTED_THROUGH, slot] = int(_number(mark["restricted_through_date"]))
    for k, payment in enumerate(row["purchase_payments"]):
        block.payment_day[c, k] = int(_number(payment["date"]))
        block.payment_amount[c, k], block.payment_credit[c, k] = payment["amount"], payment["credit"]
        block.payment_kept[c, k] = payment["kept"]
        block.payment_carried[c, k] = payment.get("carried") or 0.0
    for programme in row.get("programmes") or ():
        block.programmes[c, programme["row"]] = [float(programme[name]) for name in PROGRAMME_COLUMNS]
    for check in row.get("checks_held") or ():
        block.payment_held[c, check["payment"]] = int(_number(check["held_through_date"]))
    block.payments[c, 0] = len(row["purchase_payments"])
