"""A block prepared for projection: assumptions and dates settled per contract, groups by charge class, tiles run.

`prepare_groups` does everything that is the same in every scenario, once; `project` takes the groups through one tile of
scenarios, under any deterministic market shock, and may be called as often as there are tiles and shocks.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuation import living
from valuation.arrays import CHARGE_CLASSES, SERIES, SLOTS, life_array, open_block, prices_of
from valuation.assumptions import Assumptions
from valuation.charge_classes import INSURANCE_CHARGES
from valuation.clock import NEVER, completed_months, completed_years, months_after
from valuation.contract import ACTIVE, Array, Integers
from valuation.daily import Block
from valuation.death_guarantee import BASIC_ONLY
from valuation.decrements import (
    LapseParams,
    lapse_params,
    monthly_base_lapse,
    monthly_expenses,
    revenue_sharing_rates,
)
from valuation.fixed_block import FixedBlock, fixed_of, own_copy
from valuation.fixed_tables import carried_on
from valuation.funds import FundMap
from valuation.kind_parts import holders
from valuation.lanes import fill_prices
from valuation.lifetimes import Decrements, decrements_of, income_from, life
from valuation.living.kinds import FIXED, KINDS, Kind, kind_of, kind_with, terms_of
from valuation.optional_death_benefits import COMBINATION, HIGHEST_DAILY, NEW_OPTIONAL_DEATH_BENEFIT
from valuation.projected import MEASURES, Chunk, Group, Lanes
from valuation.projection import project_chunk
from valuation.schedule import Steps, flag_days
from valuation.terms import Terms, load_terms
from valuation.units import daily_charge

CHUNK_DAYS = 42
"""Days that pass over all contracts before the next: their prices stay in the second-level cache."""

LAST_AGE = 120
"""Age to which mortality tables run, and projections with them, years."""

Seen = Callable[[int, Lanes, Array], bool]
"""Shown the days that have passed, the lanes and the last Unit Prices (n_sub, n_lane); True stops the projection."""


class Values(NamedTuple):
    """Results of one tile."""

    contract_ids: tuple[str, ...]
    worth: Array  # (n_contract, 9, n_lane) present values, columns valuation.projected.MEASURES, USD
    yearly: Integers  # (n_year, 2, n_lane) 1/65536 USD: insurer's net cash flow; Account Value at the year's end


class Prepared(NamedTuple):
    """Contracts of one charge class with their opening state."""

    place: Integers  # (n,) rows of the block
    group: Group
    core: Array  # (n, 11)
    income: Array  # (n, n_field)
    death: Array  # (n, 11), or (n, 0) without an optional Death Benefit
    units: Array  # (n, n_slot)
    mode: Integers  # (n,)
    factor: Array  # (n,) "a" of the transfer formula at the valuation date
    price: Array  # (n_sub,) Unit Prices at the valuation date, USD
    charge: Array  # (n_day,) share deducted on each day
    charge_next: Array  # (n_day,) share deducted until the next day
    lapse: tuple[LapseParams, ...]
    fixed: Any  # composition of money in Fixed Rate Options, see `valuation.fixed_block`


class Portfolio(NamedTuple):
    """A block ready to be projected."""

    contract_ids: tuple[str, ...]
    as_of: int
    grid: Integers  # (n_day,) Valuation Days after `as_of`
    weights: Array  # (n_sub, 5) of the indices
    expense: Array  # (n_day, n_sub) share of assets left after fund expenses
    n_year: int
    groups: tuple[Prepared, ...]


def in_force(snapshot: pa.Table) -> pa.Table:
    """Rows of a snapshot that have a future: Account Value or guaranteed payments."""
    return snapshot.filter(pc.is_in(snapshot["status"], pa.array(["ACTIVE", "PAYOUT"])))


def last_day(snapshot: pa.Table, as_of: int, cap_years: int = LAST_AGE) -> int:
    """Day number that the grid must reach: age 120 of the youngest life, at most ``cap_years`` from the valuation date."""
    births = [snapshot["annuitant_birth_date"], snapshot["spouse_birth_date"]]
    youngest = max(pc.max(pc.cast(column, pa.int32())).as_py() or -NEVER for column in births)
    return min(months_after(int(youngest), 12 * LAST_AGE), months_after(as_of, 12 * cap_years))


def prepare_groups(
    snapshot: pa.Table,
    assumptions: Assumptions,
    fund_map: FundMap,
    as_of: int,
    grid: Integers,
    guarantee_rate: float,
    prices: Array,
) -> Portfolio:
    """Settle everything about a block that is the same in every scenario.

    snapshot        contracts with status ACTIVE or PAYOUT at the end of ``as_of``
    grid            (n_day,) Valuation Days after ``as_of`` to the last age
    guarantee_rate  rate at which guaranteed income is valued by its Owner: the 10-year Treasury yield, fraction
    prices          (n_class, n_sub) Unit Prices of that day by charge class, USD, Sub-accounts in the order of SLOTS
    """
    # own copies: a read-only array is another type, and would compile the law a second time
    grid, prices = np.array(grid, dtype=np.int64), np.array(prices, dtype=np.float64)
    names = snapshot["benefit"].to_pylist()
    kinds = np.array([kind_of(name) for name in names], dtype=np.int64)
    kinds[np.isin(snapshot["contract_id"].to_pylist(), holders(snapshot))] = FIXED
    elapsed = np.diff(grid, prepend=as_of).astype(np.float64)
    groups: list[Prepared] = []
    for kind in np.unique(kinds):
        mine = np.flatnonzero(kinds == kind)
        groups += _of_kind(
            KINDS[kind], mine, snapshot.take(pa.array(mine)), assumptions, as_of, grid, elapsed, guarantee_rate, prices
        )
    rows = [fund_map.position(name) for name in SLOTS]
    expense = (1.0 - fund_map.expense[rows])[None, :] ** (elapsed[:, None] / 365.0)
    n_year = int(completed_years(as_of, int(grid[-1]))) + 1
    ids = tuple(snapshot["contract_id"].to_pylist())
    return Portfolio(ids, as_of, grid, np.ascontiguousarray(fund_map.weights[rows]), expense, n_year, tuple(groups))


def _of_kind(
    kind: Kind,
    mine: Integers,
    snapshot: pa.Table,
    assumptions: Assumptions,
    as_of: int,
    grid: Integers,
    elapsed: Array,
    guarantee_rate: float,
    prices: Array,
) -> list[Prepared]:
    """Groups of the contracts that share a kind of living benefit; ``mine`` are their rows of the whole block."""
    terms = terms_of(kind, load_terms(False))
    block = open_block(snapshot, snapshot, life_array(snapshot), np.array([as_of]), 0, kind)
    if isinstance(block.fixed, FixedBlock):
        block = block._replace(fixed=block.fixed._replace(declared=carried_on(snapshot)))
    ids = tuple(snapshot["contract_id"].to_pylist())
    starts = np.full(len(mine), NEVER, np.int64)
    if kind.withdraws:
        starts = income_from(snapshot, kind, block, ids, assumptions, as_of)
    decrements = decrements_of(snapshot, block, assumptions, as_of, _months(as_of, grid), guarantee_rate)
    found, elected = [], np.isin(block.death[:, 0], (COMBINATION, HIGHEST_DAILY))
    classes = np.unique(np.column_stack([block.life[:, 5], block.charge_class]), axis=0)
    for series, row in ((int(s), int(r)) for s, r in classes):
        for optional in (False, True):
            inside = (block.life[:, 5] == series) & (block.charge_class == row)
            place = np.flatnonzero(inside & (elected == optional))
            if not len(place):
                continue
            given = (block, terms, assumptions, decrements, starts, as_of, grid, elapsed, prices[row])
            group = _group(place, optional, kind, series, row, *given)
            found.append(group._replace(place=mine[place]))
    return found


def _months(as_of: int, grid: Integers) -> int:
    return int(completed_months(as_of, int(grid[-1]))) + 1


def _group(
    place: Integers,
    optional: bool,
    kind: Kind,
    series: int,
    row: int,
    block: Block,
    terms: Terms,
    assumptions: Assumptions,
    decrements: Decrements,
    starts: Integers,
    as_of: int,
    grid: Integers,
    elapsed: Array,
    prices: Array,
) -> Prepared:
    """Contracts of one series and one charge class, row ``row`` of the price table."""
    n_month = decrements.ends.shape[1]
    slots, held, units, weight = _held_slots(block, place)
    since = np.array([completed_months(int(i), as_of) for i in block.life[place, 0]])
    code = SERIES[series]
    lapse = np.array([monthly_base_lapse(assumptions.lapse, code, int(m), n_month) for m in since])
    years = (since[:, None] + np.arange(n_month)) // 12
    period = np.clip(years - assumptions.lapse.charge_years[code] + 1, 0, 2).astype(np.int64)
    charge = CHARGE_CLASSES[row]
    sharing = revenue_sharing_rates(assumptions.revenue_sharing, n_month)
    per_charge = np.array([daily_charge(float(r), 1.0) for r in sharing]) / daily_charge(charge, 1.0)
    group = Group(
        kind.blank, NEW_OPTIONAL_DEATH_BENEFIT if optional else BASIC_ONLY, block.life[place], slots, held, weight,
        block.payment_day[place], block.payment_amount[place], block.payment_credit[place], block.payment_kept[place],
        np.zeros_like(block.payment_amount[place]), block.payment_carried[place], block.payments[place],
        _steps(kind, block, place, terms, assumptions, starts, as_of, grid),
        decrements.ends[place], decrements.claims[place], lapse, decrements.annuity[place], period,
        monthly_expenses(assumptions.expenses, n_month), assumptions.expenses.account_value_rate / 12.0, per_charge,
        (charge - INSURANCE_CHARGES[series]) / charge,
        np.array(assumptions.annuitization.band_starts),
        np.array([assumptions.annuitization.later, assumptions.annuitization.first_year]),
    )  # fmt: skip
    deducted = np.array([daily_charge(charge, float(n)) for n in elapsed])
    modes = _modes(block, place, terms, as_of)
    following = np.append(deducted[1:], 0.0)
    return Prepared(
        place, group, block.core[place], block.income[place], block.death[place][:, : 11 if optional else 0], units, modes,
        _factors(block, place, as_of), prices_of(kind, prices), deducted, following,
        _lapse_table(assumptions, code), fixed_of(block.fixed, place),
    )  # fmt: skip


def _lapse_table(assumptions: Assumptions, series: str) -> tuple[LapseParams, ...]:
    """Dynamic lapse by period and use of withdrawals, then by period without a living benefit."""
    first = assumptions.lapse.charge_years[series]
    months = (0, 12 * first, 12 * (first + 1))
    with_benefit = [
        lapse_params(assumptions.lapse, series, m, living_benefit=True, withdrawing=w)
        for m in months
        for w in (False, True)
    ]
    without = [lapse_params(assumptions.lapse, series, m, living_benefit=False, withdrawing=False) for m in months]
    return (*with_benefit, *without)


def _held_slots(block: Block, place: Integers) -> tuple[Integers, Integers, Array, Array]:
    """The Sub-accounts that each contract holds or allocates to, packed to the front; the bond Sub-account last."""
    bond = len(SLOTS) - 1
    used = (block.units[place, :bond] > 0.0) | (block.weight[place, :bond] > 0.0)
    held = np.maximum(used.sum(axis=1), 1).astype(np.int64)
    width = int(held.max())
    order = np.argsort(~used, axis=1, kind="stable")[:, :width]
    slots = np.concatenate([order, np.full((len(place), 1), bond)], axis=1).astype(np.int64)
    inside = np.concatenate([np.arange(width) < used.sum(axis=1)[:, None], np.ones((len(place), 1), bool)], axis=1)
    units = np.where(inside, np.take_along_axis(block.units[place], slots, axis=1), 0.0)
    weight = np.where(inside, np.take_along_axis(block.weight[place], slots, axis=1), 0.0)
    return slots, held, units, weight


def _modes(block: Block, place: Integers, terms: Terms, as_of: int) -> Integers:
    rows = block.income[place]
    modes = [living.opening_mode(block.blank, terms.income[int(r[0])], float(r[1]), float(r[2]), as_of) for r in rows]
    return np.array(modes, dtype=np.int64)


def _factors(block: Block, place: Integers, as_of: int) -> Array:
    return np.array([living.opening_factor(block.blank, float(row[2]), as_of) for row in block.income[place]])


def _steps(
    kind: Kind,
    block: Block,
    place: Integers,
    terms: Terms,
    assumptions: Assumptions,
    starts: Integers,
    as_of: int,
    grid: Integers,
) -> Steps:
    """Event days of every contract."""
    n_day = len(grid)
    flags, month, share = np.zeros(n_day, np.int64), np.zeros(n_day, np.int64), np.zeros(n_day)
    parts: list[tuple[Integers, Integers, Integers, Array]] = []
    use = assumptions.withdrawal
    for c in place:
        plan = terms.income[int(block.income[c, 0])]
        recurring = []
        if block.income[c, 1] in (living.PRE, living.POST, living.PAYING):
            recurring = kind.recurrences(plan, int(block.life[c, 0]), int(block.income[c, 2]), int(starts[c]))
            state = type(kind.blank)(*(float(v) for v in block.income[c]))
            recurring = [*recurring, *kind.dated(plan, state, life(block.life[c]), as_of)]
        clocks = np.array(recurring, dtype=np.int64).reshape(-1, 4)
        flag_days(
            grid, as_of, life(block.life[c]), clocks, int(starts[c]), use.payments_per_year, use.income_share,
            flags, month, share,
        )  # fmt: skip
        days = np.flatnonzero(flags)
        parts.append((days, flags[days].copy(), month[days].copy(), share[days].copy()))
    first = np.concatenate([[0], np.cumsum([len(p[0]) for p in parts])]).astype(np.int64)
    day, flag, months, shares = (np.concatenate([p[k] for p in parts]) for k in range(4))
    return Steps(first, day.astype(np.int64), flag, months, shares)


def open_lanes(prepared: Prepared, n_lane: int, n_year: int, drawn: Array | None = None) -> Lanes:
    """The opening state in every lane of a tile."""
    n = len(prepared.place)
    core, income, death, units = (
        np.array(np.broadcast_to(a[:, :, None], (*a.shape, n_lane)), order="C")
        for a in (prepared.core, prepared.income, prepared.death, prepared.units)
    )
    return Lanes(
        core=core,
        income=income,
        death=death,
        units=units,
        in_force=np.ones((n, n_lane)),
        begun=np.zeros((n, n_lane)),
        charged=np.zeros((n, n_lane)),
        worth=np.zeros((n, len(MEASURES), n_lane)),
        yearly=np.zeros((n_year, 2, n_lane), np.int64),
        cursor=prepared.group.steps.first[:-1].copy(),
        year=np.zeros(n, np.int64),
        factor=prepared.factor.copy(),
        mode=prepared.mode.copy(),
        active=(prepared.core[:, 0] == ACTIVE).astype(np.int64),
        alive=np.ones(n, np.int64),
        drawn=np.zeros((n, 0, n_lane)) if drawn is None else np.ascontiguousarray(drawn[prepared.place]),
        fixed=own_copy(prepared.fixed),
    )


def project(portfolio: Portfolio, tile: Array, shock: Array | None, drawn: Array | None = None) -> Values:
    """Present values of every contract in every scenario of a tile.

    tile   (n_day, 6, n_lane) index ratios and discount factors, read only; with fund basis risk further rows, the
           idiosyncratic ratio of every Sub-account
    shock  (n_day, 6) deterministic factors on them; None: none
    drawn  (n_contract, n_month, n_lane) of `valuation.sampled`: deaths and surrenders happen; None: probabilities
    """
    n_day, rows, n_lane = tile.shape
    if n_day != len(portfolio.grid) or rows not in (6, 6 + len(SLOTS)):
        raise ValueError(
            f"the tile has shape {tile.shape}; allowed is ({len(portfolio.grid)}, 6, scenarios), or {6 + len(SLOTS)} rows"
            " with fund basis risk: rebuild it"
        )
    factor = np.ones((n_day, 6)) if shock is None else np.array(shock, dtype=np.float64)
    worth = np.zeros((len(portfolio.contract_ids), len(MEASURES), n_lane))
    yearly = np.zeros((portfolio.n_year, 2, n_lane), np.int64)
    for prepared in portfolio.groups:
        lanes = project_group(portfolio, prepared, tile, factor, drawn=drawn)
        worth[prepared.place] = lanes.worth
        yearly += lanes.yearly
    return Values(portfolio.contract_ids, worth, yearly)


def project_group(
    portfolio: Portfolio,
    prepared: Prepared,
    tile: Array,
    factor: Array,
    cuts: Sequence[int] = (),
    seen: Seen | None = None,
    drawn: Array | None = None,
) -> Lanes:
    """Take the contracts of one charge class through all days of a tile, chunk by chunk.

    ``cuts``  0 and the days after which chunks end; empty: every CHUNK_DAYS.  ``seen``  is shown each end, may stop there
    """
    n_day, _, n_lane = tile.shape
    kind = kind_with(prepared.group.blank)
    terms = terms_of(kind, load_terms(False))
    lanes = open_lanes(prepared, n_lane, portfolio.n_year, drawn)
    last = np.array(np.broadcast_to(prepared.price[:, None], (len(prepared.price), n_lane)), order="C")
    apart = np.ones((tile.shape[1] - 6, n_lane))  # Sub-accounts over their mixes, with fund basis risk
    price = np.zeros((len(prepared.price), CHUNK_DAYS, n_lane))  # days that nobody holds anything on keep a number
    for start, stop in pairwise(cuts or [*range(0, n_day, CHUNK_DAYS), n_day]):
        days, size = slice(start, stop), stop - start
        chunk_price = price if size == CHUNK_DAYS else np.zeros((price.shape[0], size, n_lane))
        if lanes.active.any():
            fill_prices(
                tile[days], factor[days], portfolio.weights, portfolio.expense[days], prepared.charge[days], last, chunk_price
            )  # fmt: skip
            if len(apart):
                basis = np.cumprod(tile[days, 6:], axis=0) * apart
                apart = basis[-1]
                chunk_price *= basis.transpose(1, 0, 2)
            if kind.account:
                chunk_price[-1], last[-1] = 1.0, 1.0
        else:
            chunk_price.fill(1.0)
        chunk = Chunk(
            start, portfolio.grid, portfolio.as_of, chunk_price, np.ascontiguousarray(tile[days, 5]),
            np.ascontiguousarray(factor[days, 5]), prepared.charge_next[days], prepared.lapse,
        )  # fmt: skip
        project_chunk(prepared.group, lanes, chunk, terms)
        if seen is not None and seen(stop, lanes, last):
            break
    return lanes
