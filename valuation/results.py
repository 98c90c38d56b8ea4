"""Arrays to tables: the snapshot of a block and the rows of its journal, as the schemas have them."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuation import death_guarantee, living
from valuation.account import Account, Book, total
from valuation.arrays import (
    CORE_COLUMNS,
    INCOME_COLUMNS,
    INCOME_DATES,
    LIFE_BIRTHS,
    LIFE_DATES,
    SEXES,
    life_array,
    slots_of,
)
from valuation.beneficiary_payments import surrender_fee
from valuation.charges import settle_rates, surrender_charge, tax_charge
from valuation.clock import day_of
from valuation.compile import allocating_kernel
from valuation.contract import (
    ACTIVE,
    PENDING,
    STATUS_NAMES,
    Array,
    Integers,
)
from valuation.credits import late_credits
from valuation.daily import Block, contract_at, layers_at, life_at
from valuation.death_benefit import is_suspended
from valuation.endings import account_at_death, surrender_value
from valuation.fixed_block import FixedBlock
from valuation.fixed_tables import fixed_columns
from valuation.highest_daily_7 import NEW_INCOME
from valuation.holds import hold
from valuation.journal import LEDGER_KINDS, Journal
from valuation.living import STAGE_NAMES
from valuation.living.kinds import FIXED, KINDS, PLAN_NAMES, Kind, kind_with
from valuation.optional_death_benefits import PLAN_NAMES as DEATH_PLANS
from valuation.optional_death_benefits import OptionalDeathBenefit
from valuation.programme_schedule import Programme, programme_rows
from valuation.records import facts_of
from valuation.restrictions import ENTERED, RESTRICTED_THROUGH
from valuation.schema import SCHEMAS
from valuation.schema_inputs import UNITS
from valuation.settlement import Annuity, BeneficiaryAccount, Settlement, fields_of, payments_value
from valuation.terms import Terms
from valuation.terms.benefits import load_beneficiary_terms

FIGURES = (
    "account_value",
    "bond_value",
    "surrender_value",
    "cdsc",
    "death_benefit",
    "protected_withdrawal_value_today",
)
"""Figures of the snapshot that follow from the state, USD."""
INCOME_FIELDS = ("effective", "first_withdrawal", "last_fee", "ended", *NEW_INCOME._fields[6:])
"""Fields of a state that stand in INCOME_DATES and INCOME_COLUMNS, where a kind has them."""


@allocating_kernel
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
        facts = facts_of(contract, terms, life, day)
        settle_rates(terms.charges, life.series, layers, today)
        active = contract.core.status == ACTIVE
        whole = total(account)
        plan = terms.income[int(contract.income.plan)]
        charge = surrender_charge(layers, contract.core.paid_out) if active else 0.0
        charges = charge + tax_charge(terms.jurisdictions, life, layers)
        cash_value = surrender_value(contract, facts, plan, account, charges) if active else 0.0
        late, suspended = late_credits(terms.purchase, layers, today), is_suspended(terms.designations, life, today)
        rolled = death_guarantee.rolled_credits(contract.death, terms, layers, today)
        left = account_at_death(contract, facts, plan, whole)
        death = death_guarantee.payable(contract.death, contract.core, late, rolled, left, suspended) if active else 0.0
        out[c, 0], out[c, 1], out[c, 2], out[c, 3], out[c, 4] = (
            whole,
            account.bond,
            cash_value,
            min(charge, whole),
            death,
        )
        out[c, 5] = living.protected_value(contract.income, facts.income, whole)


def quoted_values(block: Block, days: Integers, prices: Array, terms: Terms) -> Array:
    """Account Value and Surrender Value on ``days[1:]`` of contracts to which nothing happens after ``days[0]``.

    ``prices``  (n_day + 1, n_class, n_slot) Unit Prices; the result is (n_day, n, 2), USD
    """
    out = np.zeros((len(days) - 1, block.core.shape[0], 7))
    for d in range(1, len(days)):
        _derived(block, prices[d], int(days[d - 1]), int(days[d]), terms, out[d - 1])
    return out[:, :, (0, 2)]


def figures_of(block: Block, prices: Array, prior: int, today: int, terms: Terms) -> Array:
    """(n, 6) columns FIGURES of a block at the end of ``today``; prices (3, n_slot) of that day."""
    out = np.zeros((block.core.shape[0], 7))
    _derived(block, prices, prior, today, terms, out)
    return out[:, : len(FIGURES)]


def snapshot_table(
    contracts: pa.Table,
    block: Block,
    days: Integers,
    prices: Array,
    terms: Terms,
    tax: dict[str, pa.Array],
    programmes: list[Programme],
    states: dict[int, Settlement],
) -> pa.Table:
    """Every issued contract at the end of the last day, as the schema's snapshot.

    prices      (n_class, n_slot) Unit Prices of that day
    tax         further columns of all contracts
    programmes  those that ran or were asked for
    states      annuities and accounts of Beneficiaries, by place
    """
    derived = np.zeros((contracts.num_rows, 7))
    _derived(block, prices, int(days[-2]), int(days[-1]), terms, derived)
    kept = np.flatnonzero(block.core[:, 0] != PENDING)
    base = contracts.take(pa.array(kept))
    income, core = block.income[kept], block.core[kept]
    columns: dict[str, Any] = {name: base[name] for name in base.schema.names}
    columns["valuation_date"] = pa.array(np.full(len(kept), days[-1]).astype("datetime64[D]"), pa.date32())
    columns["status"] = pa.array(STATUS_NAMES).take(pa.array(core[:, 0].astype(np.int64)))
    columns |= {name: derived[kept, k] for k, name in enumerate(FIGURES)}
    columns |= {name: core[:, k + 1] for k, name in enumerate(CORE_COLUMNS)}
    columns["transfers_this_year"] = core[:, 9].astype(np.int32)
    columns["last_transfer_date"] = _dates(core[:, 10])
    columns |= _benefit(block.blank, income)
    death = block.death[kept]
    columns["death_benefit_plan"] = pa.array(DEATH_PLANS).take(pa.array(death[:, 0].astype(np.int64)))
    columns["death_benefit_fields"] = _named(OptionalDeathBenefit._fields, death)
    columns |= _lists(block, kept, prices)
    columns["programmes"] = programme_rows(programmes, block, kept, SCHEMAS["snapshot"].field("programmes").type)
    columns |= _fixed(block, kept, int(days[-1]))
    columns |= _persons(base, block.life[kept])
    columns |= {name: column.take(pa.array(kept)) for name, column in tax.items()}
    columns |= _settlements(states, kept, columns["account_value"], columns["surrender_value"], int(days[-1]))
    schema = SCHEMAS["snapshot"]
    return pa.table({f.name: pa.chunked_array([_cast(columns[f.name], f.type)]) for f in schema}, schema=schema)


def _settlements(
    states: dict[int, Settlement], kept: Integers, account: Array, surrender: Array, today: int
) -> dict[str, Any]:
    """Columns of what follows a contract's own days; an account of a Beneficiary has a Surrender Value.

    Source: BCO-3, BCO-5 (prospectus 831-835, 7356-7378).
    """
    held = [states.get(int(c)) for c in kept]
    for k, state in enumerate(held):
        if isinstance(state, BeneficiaryAccount):
            fee = surrender_fee(state.continuation, load_beneficiary_terms(), float(account[k]), today)
            surrender[k] = max(0.0, float(account[k]) - fee)
    return {
        "surrender_value": surrender,
        "settlement": pa.array([None if state is None else state.name for state in held], pa.string()),
        "settlement_fields": [[] if state is None else fields_of(state) for state in held],
        "payments_value": pa.array(
            [payments_value(state, today) if isinstance(state, Annuity) else None for state in held], pa.float64()
        ),
    }


def _benefit(blank: Any, income: Array) -> dict[str, Any]:
    """Columns of the living benefit; what only one kind has is listed field by field."""
    kind = kind_with(blank)
    place = {name: k for k, name in enumerate(blank._fields)}
    elected = income[:, 1] != living.NONE
    columns: dict[str, Any] = {
        "benefit": pa.array(np.where(elected, _plan_names(kind, income, place), "NONE")),
        "benefit_stage": pa.array(STAGE_NAMES).take(pa.array(income[:, 1].astype(np.int64))),
    }
    none = np.zeros(len(income))
    for column, field in zip(INCOME_DATES, INCOME_FIELDS[:4], strict=True):
        columns[column] = _dates(income[:, place[field]] if field in place else none)
    for column, field in zip(INCOME_COLUMNS, INCOME_FIELDS[4:], strict=True):
        columns[column] = income[:, place[field]] if field in place else none
    if "annual" not in place:
        states = (living.read(blank, row) for row in income)
        columns["annual_income_amount"] = np.array([living.yearly_income(state) for state in states], dtype=float)
    columns["designated_lives"] = columns["designated_lives"].astype(np.int32)
    own = kind not in (KINDS[0], KINDS[FIXED])
    named = _named(blank._fields, income) if own else []
    columns["benefit_fields"] = [
        named[k] if own and stage != living.NONE else [] for k, stage in enumerate(income[:, 1])
    ]
    return columns


def _plan_names(kind: Kind, income: Array, place: dict[str, int]) -> Any:
    if kind is KINDS[FIXED]:
        return np.array(("NONE", *PLAN_NAMES))[income[:, place["before"]].astype(int)]
    return np.array(kind.plans)[income[:, 0].astype(int)]


def _fixed(block: Block, kept: Integers, today: int) -> dict[str, Any]:
    """What is held in Fixed Rate Options and how it is made up."""
    if not isinstance(block.fixed, FixedBlock):
        nothing: list[Any] = [None] * len(kept)
        return dict.fromkeys(("fixed_rate_periods", "enhanced_programmes", "fixed_rate_declared"), nothing)
    holds = (block.units[kept, -1] > 0.0) | (block.weight[kept, -1] > 0.0)
    return fixed_columns(block.fixed, kept, holds & (block.core[kept, 0] == ACTIVE), today)


def _named(names: tuple[str, ...], rows: Array) -> list[list[dict[str, Any]]]:
    return [[{"field": name, "value": float(value)} for name, value in zip(names, row, strict=True)] for row in rows]


def _persons(base: pa.Table, life: Integers) -> dict[str, Any]:
    """Persons as they are now; where no change touched them, as the contract's row has them."""
    names = pa.array(SEXES)
    now: dict[str, pa.Array] = {name: _dates(life[:, 1 + k].astype(np.float64)) for k, name in enumerate(LIFE_BIRTHS)}
    now |= {"entity_owned": pa.array(life[:, 7] == 1)}
    now |= {name: names.take(pa.array(life[:, 8 + k])) for k, name in enumerate(("owner_sex", "annuitant_sex"))}
    changed = pa.array((life[:, :10] != life_array(base)[:, :10]).any(axis=1))
    columns: dict[str, Any] = {name: pc.if_else(changed, value, base[name]) for name, value in now.items()}
    return columns | {
        name: _dates(life[:, k - len(LIFE_DATES)].astype(np.float64)) for k, name in enumerate(LIFE_DATES)
    }


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
    chosen, slots = weight > 0.0, slots_of(kind_with(block.blank))
    names = pa.array(slots)
    schema = SCHEMAS["snapshot"]
    out = {"units": units_column(units, price, slots)}
    parts = [names.take(pa.array(np.nonzero(chosen)[1])), weight[chosen]]
    out["allocation"] = _list_array(chosen.sum(axis=1), parts, schema.field("allocation").type)
    watched = (block.watch[kept][:, :2] > 0).any(axis=1)
    place, slot = np.nonzero(watched)
    marks = [_dates(block.watch[kept][place, row, slot].astype(np.float64)) for row in (ENTERED, RESTRICTED_THROUGH)]
    marked = [names.take(pa.array(slot)), *marks]
    out["transfer_watch"] = _list_array(watched.sum(axis=1), marked, schema.field("transfer_watch").type)
    waiting = block.payment_held[kept] > 0
    place, payment = np.nonzero(waiting)
    checks = [payment, _dates(block.payment_held[kept][place, payment].astype(np.float64))]
    out["checks_held"] = _list_array(waiting.sum(axis=1), checks, schema.field("checks_held").type)
    used = np.arange(block.payment_day.shape[1]) < block.payments[kept]
    layers = [_dates(block.payment_day[kept][used].astype(np.float64)), block.payment_amount[kept][used]]
    layers += [block.payment_credit[kept][used], block.payment_kept[kept][used], block.payment_carried[kept][used]]
    out["purchase_payments"] = _list_array(used.sum(axis=1), layers, schema.field("purchase_payments").type)
    return out


def units_column(units: Array, price: Array, slots: tuple[str, ...]) -> pa.Array:
    """Units, Unit Prices and values of the Sub-accounts held, a list a row; (n, n_slot) each, and their names."""
    held = units != 0.0
    names = pa.array(slots).take(pa.array(np.nonzero(held)[1]))
    return _list_array(held.sum(axis=1), [names, units[held], price[held], units[held] * price[held]], UNITS)


def _list_array(lengths: Integers, columns: list[Any], kind: pa.ListType) -> pa.Array:
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    fields = list(kind.value_type)
    arrays = [_cast(column, field.type) for column, field in zip(columns, fields, strict=True)]
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(arrays, fields=fields), type=kind)


class Rows:
    """Journal pages as tables, in the order written."""

    def __init__(self, ids: list[str], transaction_ids: list[str], pages: list[Journal], block: Block):
        self.block = block
        self.ids, self.transaction_ids, self.pages = pa.array(ids, pa.string()), transaction_ids, pages
        self.kinds = pa.array([name for name, _ in LEDGER_KINDS])
        self.rules = pa.array([rule for _, rule in LEDGER_KINDS])
        self.slots = pa.array(slots_of(kind_with(block.blank)))

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
            **self._held(keys, values[:, 2]),
        }
        return self._table("payments", columns)

    def _held(self, keys: Integers, paid: Array) -> dict[str, Any]:
        """What of each payment waits for a check, and how long."""
        amount, through = np.zeros(len(keys)), np.zeros(len(keys))
        waits = np.atleast_1d(self.block.payment_held.any(axis=1))
        for row in np.flatnonzero(waits[keys[:, 0]]):
            layers = layers_at(self.block, int(keys[row, 0]))
            amount[row], through[row] = hold(layers, float(paid[row]), int(keys[row, 1]))
        return {"held": amount, "held_through_date": _dates(through)}

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
