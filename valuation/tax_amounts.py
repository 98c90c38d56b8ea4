"""Tax amounts of a run: a row for every distribution, computed from the run's own ledger and payments.

Provisions   TAX-1, TAX-2, TAX-5, TAX-7 to TAX-10, RMD-2; the rules are in `valuation.taxes`
Investment   of a non-qualified Annuity and a Roth IRA: Purchase Payments without credits, of an exchange the basis it
             brought, less what was returned; it travels in the snapshot.  Where a snapshot does not have it: payments less
             all earlier withdrawals.  Of an IRA and a SEP IRA: none
Readings     every Annuity counts alone (TAX-3): no dataset names an Owner
             an entity's Annuity is held for a natural person or a grantor trust (TAX-11)
             the taxpayer's age is that of the oldest Owner, of the Annuitant where an entity owns
             nobody is disabled, rolls over, declines withholding or lives abroad: no dataset says so
             a Roth IRA's five years count from the year of the Issue Date; a Death Benefit is paid in one sum
             guaranteed and annuity payments are withdrawals from an Account Value of zero, until the company gives the
             exclusion ratio of an annuity; what an annuitisation or a death applies is not received
             what a Beneficiary takes out of an Annuity that goes on is a withdrawal without penalty
"""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuation import journal as rows
from valuation.account import money
from valuation.arrays import ACCOUNTS, day_numbers
from valuation.beneficiary_payments import IRA, NON_QUALIFIED, ROTH_IRA, SEP_IRA
from valuation.clock import civil
from valuation.contract import Array, Integers, Life
from valuation.daily import Block
from valuation.schema import LEDGER_NAMES, SCHEMAS, TAX_TYPES
from valuation.taxes import (
    NON_PERIODIC,
    Position,
    Split,
    all_income,
    annuity_payment,
    contributions_first,
    death_benefit_split,
    gain,
    gain_first,
    invested_after,
    is_qualified,
    penalty,
    required_beginning_date,
    withholding,
)
from valuation.terms.benefits import TaxTerms, load_tax_terms

NOT_GIVEN = -1.0
HAVE_BASIS = (NON_QUALIFIED, ROTH_IRA)
"""Qualifications whose Purchase Payments are investment in the contract."""

OWNER_BIRTH, ISSUE = Life._fields.index("owner_birth"), Life._fields.index("issue")
OWNER_SINCE = Life._fields.index("owner_since")
AFTER_DEATH = (rows.DEATH, rows.BENEFICIARY_WITHDRAWAL, rows.BENEFICIARY_DISTRIBUTION)
"""Kinds that a Beneficiary receives: no penalty, and a qualified distribution of a Roth IRA.  Source: TAX-7, TAX-10."""
PERIODIC = (rows.GUARANTEED, rows.ANNUITY_PAYMENT)
IN_PART = (rows.WITHDRAWAL, rows.MEDICAL, rows.BENEFICIARY_WITHDRAWAL, rows.BENEFICIARY_DISTRIBUTION)
"""Kinds that may leave an Account Value; any other distribution takes all of it."""


class TaxAmounts(NamedTuple):
    """Rows of the dataset, and columns of the snapshot, a place for every contract."""

    table: pa.Table
    columns: dict[str, pa.Array]


class Payee(NamedTuple):
    """What the tax of one contract's distributions depends on."""

    tax_type: int  # place in TAX_TYPES
    ratio: float  # exclusion ratio of its annuity, or NOT_GIVEN
    brought: float  # basis of the annuity exchanged for it, USD, or NOT_GIVEN
    issue: int  # day
    births: tuple[int, int]  # of the Owner at the start of the run, and at its end
    changed: int  # day from which the second counts


class Distribution(NamedTuple):
    """Money paid out of one contract."""

    day: int
    kind: int
    received: float  # before withholding, USD
    account: float  # Account Value before it, USD


class Taxed(NamedTuple):
    """One distribution, in its tax amounts, USD."""

    account: float  # Account Value before it
    received: float
    invested: float  # before it
    gain: float
    taxable: float
    returned: float
    excluded: float
    penalty: float
    withheld: float  # nan where it follows the recipient's certificate
    left: float  # investment after it
    rule: str


class _Moves(NamedTuple):
    """Ledger rows of some contracts, in their order."""

    owner: Integers
    day: Integers
    kind: Integers
    slot: Integers
    amount: Array


def tax_amounts(
    contracts: pa.Table,
    opening: pa.Table | None,
    life: Integers,
    block: Block,
    first_day: int,
    ledger: pa.Table,
    payments: pa.Table,
    cents: float,
) -> TaxAmounts:
    """Tax amounts of a run over ``contracts``, which lie in the order of their ids.

    opening          snapshot of the day ``first_day``; None: from issue
    life, block      persons before the run; state after it
    ledger, payments the run's own

    Source: TAX-1, TAX-2, TAX-5, TAX-7 to TAX-10 (prospectus 7612-7808, 8032-8044, 8220-8255).
    """
    ids, payees = contracts["contract_id"].combine_chunks(), _payees(contracts, life, block.life)
    account, invested = _opening(ids, payees, opening, block, first_day)
    paid = _distributions(ledger, payments, ids, account)
    first = np.searchsorted(_places(payments["contract_id"], ids), np.arange(len(ids) + 1))
    terms, taxed = load_tax_terms(), list[Taxed]()
    touched = (np.diff(first) > 0) | (block.payment_day > first_day).any(axis=1)
    for c in np.flatnonzero(touched):
        received = [one for one in _received(block, int(c), payees[c].brought) if one[0] > first_day]
        mine = paid[first[c] : first[c + 1]]
        invested[c] = _one_contract(terms, payees[c], received, mine, float(invested[c]), cents, taxed)
    begin = _beginning_dates(terms, [payee.tax_type for payee in payees], block.life)
    columns = {"investment_in_contract": pa.array(invested), "required_beginning_date": begin}
    return TaxAmounts(_table(payments, taxed), columns)


def distribution_tax(terms: TaxTerms, payee: Payee, paid: Distribution, invested: float, cents: float = 1.0) -> Taxed:
    """One distribution of a contract with ``invested`` USD of investment left.

    Source: TAX-2, TAX-5, TAX-7, TAX-8, TAX-9, TAX-10 (prospectus 7669-7808, 8032-8044, 8220-8255).
    """
    received = 0.0 if paid.kind == rows.ANNUITISATION else paid.received
    position = Position(money(paid.account, cents), invested)
    birth = payee.births[1] if paid.day >= payee.changed else payee.births[0]
    split, rule = _split(terms, payee, paid._replace(received=received), position, birth)
    taxable, excluded = money(split.taxable, cents), money(split.excluded, cents)
    returned = max(0.0, money(received - taxable - excluded, cents))
    early = money(penalty(terms, taxable, birth, paid.day, paid.kind in AFTER_DEATH), cents)
    periodic = paid.kind in PERIODIC
    withheld = float("nan") if periodic else money(withholding(terms, taxable, NON_PERIODIC, False), cents)
    rules = [rule, *(["TAX-7"] if early > 0.0 else []), *(["TAX-8"] if withheld > 0.0 else [])]
    left = money(invested_after(invested, 0.0, returned), cents)
    return Taxed(
        position.account,
        received,
        invested,
        gain(position),
        taxable,
        returned,
        excluded,
        early,
        withheld,
        left,
        ", ".join(rules),
    )


def _split(terms: TaxTerms, payee: Payee, paid: Distribution, position: Position, birth: int) -> tuple[Split, str]:
    """The parts of a distribution, and the rule that divides it."""
    received, death = paid.received, paid.kind == rows.DEATH
    if paid.kind == rows.ANNUITISATION:
        return Split(0.0, 0.0, 0.0), "TAX-5"
    if payee.tax_type in (IRA, SEP_IRA):
        return all_income(received), "TAX-1"
    if payee.tax_type == ROTH_IRA:
        qualified = is_qualified(terms, birth, paid.day, civil(payee.issue)[0], paid.kind in AFTER_DEATH)
        return contributions_first(received, position.invested, qualified), "TAX-10"
    if death:
        return death_benefit_split(received, position.invested), "TAX-9"
    if paid.kind in PERIODIC and payee.ratio != NOT_GIVEN:
        return annuity_payment(received, payee.ratio, position.invested), "TAX-5"
    return gain_first(received, position), "TAX-2"


def _one_contract(
    terms: TaxTerms,
    payee: Payee,
    received: list[tuple[int, float]],
    paid: list[Distribution],
    invested: float,
    cents: float,
    taxed: list[Taxed],
) -> float:
    """Payments in and out in their order; the investment at the end.  On one day what comes in is first (C-21)."""
    k = 0
    adds = payee.tax_type in HAVE_BASIS
    for one in paid:
        while k < len(received) and received[k][0] <= one.day:
            invested = invested_after(invested, received[k][1] if adds else 0.0, 0.0)
            k += 1
        row = distribution_tax(terms, payee, one, invested, cents)
        taxed.append(row)
        invested = row.left
    for _, amount in received[k:]:
        invested = invested_after(invested, amount if adds else 0.0, 0.0)
    return invested


def _places(names: Any, ids: pa.Array) -> Integers:
    found = pc.index_in(names, value_set=ids)
    return np.asarray(found.to_numpy(), dtype=np.int64)


def _given(table: pa.Table, name: str) -> Array:
    """A column that may be missing or empty: NOT_GIVEN there."""
    if name not in table.column_names:
        return np.full(table.num_rows, NOT_GIVEN)
    return np.asarray(pc.fill_null(table[name], NOT_GIVEN).to_numpy(), dtype=np.float64)


def _received(block: Block, c: int, brought: float) -> list[tuple[int, float]]:
    """Day and basis of the Purchase Payments; of an exchange what it ``brought``.  Source: TAX-1 (prospectus 7615-7622)."""
    used = int(block.payments[c, 0])
    found = list(zip(block.payment_day[c, :used].tolist(), block.payment_amount[c, :used].tolist(), strict=True))
    if found and brought != NOT_GIVEN:
        found[0] = (found[0][0], brought)
    return found


def _opening(
    ids: pa.Array, payees: list[Payee], opening: pa.Table | None, block: Block, first_day: int
) -> tuple[Array, Array]:
    """(n,) Account Value and investment in the contract on ``first_day``."""
    account, invested = np.zeros(len(ids)), np.zeros(len(ids))
    if opening is None or opening.num_rows == 0:
        return account, invested
    opening = opening.filter(pc.is_in(opening["contract_id"], value_set=ids))
    place = _places(opening["contract_id"], ids)
    account[place] = opening["account_value"].to_numpy()
    invested[place] = known = _given(opening, "investment_in_contract")
    withdrawn = opening["withdrawn_total"].to_numpy()
    for row in np.flatnonzero(known == NOT_GIVEN):
        c = int(place[row])
        before = [amount for day, amount in _received(block, c, payees[c].brought) if day <= first_day]
        adds = payees[c].tax_type in HAVE_BASIS
        invested[c] = invested_after(sum(before), 0.0, float(withdrawn[row])) if adds else 0.0
    return account, invested


def _payees(contracts: pa.Table, before: Integers, after: Integers) -> list[Payee]:
    kinds = _places(contracts["tax_type"], pa.array(TAX_TYPES))
    ratios, brought = _given(contracts, "exclusion_ratio"), _given(contracts, "exchanged_basis")
    return [
        Payee(int(kinds[c]), float(ratios[c]), float(brought[c]), int(old[ISSUE]),
              (int(old[OWNER_BIRTH]), int(new[OWNER_BIRTH])), int(new[OWNER_SINCE]))
        for c, (old, new) in enumerate(zip(before, after, strict=True))
    ]  # fmt: skip


def _distributions(ledger: pa.Table, payments: pa.Table, ids: pa.Array, opening: Array) -> list[Distribution]:
    """The rows of ``payments``, each with the Account Value out of which it was made."""
    day, kind = day_numbers(payments["date"]), _places(payments["kind"], pa.array(LEDGER_NAMES))
    gross, paid = (payments[name].to_numpy() for name in ("gross", "paid"))
    account = np.where(np.isin(kind, PERIODIC), 0.0, gross)
    in_part = np.flatnonzero(np.isin(kind, IN_PART))
    account[in_part] = _accounts(_moves(ledger, payments["contract_id"].take(pa.array(in_part)), ids), opening)
    columns = zip(day.tolist(), kind.tolist(), paid.tolist(), account.tolist(), strict=True)
    return [Distribution(*row) for row in columns]


def _moves(ledger: pa.Table, names: Any, ids: pa.Array) -> _Moves:
    mine = ledger.filter(pc.is_in(ledger["contract_id"], value_set=pc.unique(names)))
    return _Moves(
        _places(mine["contract_id"], ids),
        day_numbers(mine["date"]),
        _places(mine["kind"], pa.array(LEDGER_NAMES)),
        _places(mine["sub_account"], pa.array(ACCOUNTS)),
        np.asarray(mine["amount"].to_numpy(), dtype=np.float64),
    )


def _accounts(moves: _Moves, opening: Array) -> Array:
    """Account Value before every distribution that may leave one, in their order.

    A distribution takes from every Sub-account in their order, so that the next one begins where the order does.  What
    the ledger adds up to after it, and what it took, is the value before.
    """
    mine = np.flatnonzero(np.isin(moves.kind, IN_PART))
    if not len(mine):
        return np.zeros(0)
    running = moves.amount.copy()
    owners, first = np.unique(moves.owner, return_index=True)
    for c, start, stop in zip(owners, first, [*first[1:], len(running)], strict=True):
        running[start:stop] = opening[c] + np.cumsum(running[start:stop])
    keys = np.column_stack([moves.owner, moves.day, moves.kind])[mine]
    starts = (np.diff(keys, axis=0) != 0).any(axis=1) | (np.diff(moves.slot[mine]) <= 0)
    begin = np.concatenate([[0], np.flatnonzero(starts) + 1])
    last = np.append(begin[1:], len(mine)) - 1
    return np.asarray(running[mine[last]] - np.add.reduceat(moves.amount[mine], begin))


def _beginning_dates(terms: TaxTerms, tax_types: list[int], life: Integers) -> pa.Array:
    """Required beginning date of every IRA and SEP IRA.  Source: RMD-1, RMD-2 (prospectus 3236-3240, 8122-8129)."""
    due = [t in (IRA, SEP_IRA) for t in tax_types]
    days = [
        required_beginning_date(terms, int(birth), 0) if d else 0
        for birth, d in zip(life[:, OWNER_BIRTH], due, strict=True)
    ]
    return pa.array(np.array(days, np.int64).astype("datetime64[D]"), pa.date32(), mask=~np.array(due, dtype=bool))


def _table(payments: pa.Table, taxed: list[Taxed]) -> pa.Table:
    withheld = np.array([row.withheld for row in taxed], dtype=np.float64)
    columns: dict[str, Any] = {name: payments[name] for name in ("contract_id", "date", "kind", "gross")}
    names = {
        "account_value": "account", "received": "received", "investment_before": "invested", "gain": "gain",
        "taxable": "taxable", "return_of_investment": "returned", "excluded": "excluded", "penalty": "penalty",
        "investment_left": "left",
    }  # fmt: skip
    columns |= {name: pa.array([getattr(row, field) for row in taxed], pa.float64()) for name, field in names.items()}
    columns["withholding"] = pa.array(withheld, pa.float64(), mask=np.isnan(withheld))
    columns["rules"] = pa.array([row.rule for row in taxed], pa.string())
    schema = SCHEMAS["tax_amounts"]
    return pa.table([columns[item.name] for item in schema], schema=schema)
