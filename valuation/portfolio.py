"""A block prepared for projection: assumptions and dates settled per contract, groups by charge class, tiles run.

`prepare_groups` does everything that is the same in every scenario, once; `project` takes the groups through one tile of
scenarios, under any deterministic market shock, and may be called as often as there are tiles and shocks.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuation import highest_daily_7 as hd7
from valuation.arrays import CHARGE_CLASSES, QUALIFIED, SERIES, SLOTS, life_array, open_block
from valuation.asset_transfer import transfer_factor
from valuation.assumptions import Assumptions
from valuation.clock import NEVER, completed_months, completed_years, months_after
from valuation.contract import ACTIVE, Array, Integers, Life
from valuation.daily import Block
from valuation.decrements import (
    NEVER as NEVER_AGE,
)
from valuation.decrements import (
    LapseParams,
    annuity_values,
    joint_last_survivor,
    lapse_params,
    monthly_base_lapse,
    monthly_death_probabilities,
    monthly_expenses,
    revenue_sharing_rates,
    withdrawal_start,
)
from valuation.funds import FundMap
from valuation.lanes import DRAW, FREEZE, GROW, HOLD, fill_prices
from valuation.projected import MEASURES, Chunk, Group, Lanes
from valuation.projection import project_chunk
from valuation.schedule import Steps, flag_days
from valuation.terms import Terms, load_terms
from valuation.units import daily_charge

CHUNK_DAYS = 21
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
    income: Array  # (n, 17)
    units: Array  # (n, n_slot)
    mode: Integers  # (n,)
    factor: Array  # (n,) "a" of the transfer formula at the valuation date
    price: Array  # (n_sub,) Unit Prices at the valuation date, USD
    charge: Array  # (n_day,) share deducted on each day
    charge_next: Array  # (n_day,) share deducted until the next day
    lapse: tuple[LapseParams, ...]


class Portfolio(NamedTuple):
    """A block ready to be projected."""

    contract_ids: tuple[str, ...]
    as_of: int
    grid: Integers  # (n_day,) Valuation Days after `as_of`
    weights: Array  # (n_sub, 5) of the indices
    expense: Array  # (n_day, n_sub) share of assets left after fund expenses
    n_year: int
    groups: tuple[Prepared, ...]


class _Decrements(NamedTuple):
    ends: Array
    claims: Array
    annuity: Array


def in_force(snapshot: pa.Table) -> pa.Table:
    """Rows of a snapshot that have a future: Account Value or guaranteed payments."""
    return snapshot.filter(pc.is_in(snapshot["status"], pa.array(["ACTIVE", "PAYOUT"])))


def last_day(snapshot: pa.Table, as_of: int, cap_years: int = LAST_AGE) -> int:
    """Day number that the grid must reach: age 120 of the youngest life, at most ``cap_years`` from the valuation date."""
    births = [snapshot["annuitant_birth_date"], snapshot["spouse_birth_date"]]
    youngest = max(pc.max(pc.cast(column, pa.int32())).as_py() or -NEVER for column in births)
    return min(months_after(int(youngest), 12 * LAST_AGE), months_after(as_of, 12 * cap_years))


def predicted_cost(snapshot: pa.Table, as_of: int) -> Array:
    """(n_contract,) relative cost of projecting each contract: days to its latest Annuity Date and Sub-accounts held."""
    life = life_array(snapshot)
    days = np.maximum(life[:, 4] - as_of, 0)
    held = np.asarray(pc.list_value_length(snapshot["allocation"]).to_numpy(), dtype=np.float64)
    elected = np.asarray(pc.not_equal(snapshot["benefit_stage"], "NONE").to_numpy(), dtype=np.float64)
    return days * (1.0 + 0.1 * held + 0.5 * elected) + 500.0


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
    prices          (3, n_sub) Unit Prices of that day by charge class, USD, Sub-accounts in the order of SLOTS
    """
    # own copies: a read-only array is another type, and would compile the law a second time
    grid, prices = np.array(grid, dtype=np.int64), np.array(prices, dtype=np.float64)
    terms = load_terms(False)
    life = life_array(snapshot)
    block = open_block(snapshot, snapshot, life, np.array([as_of]), 0)
    ids = tuple(snapshot["contract_id"].to_pylist())
    starts = _income_from(snapshot, block, ids, assumptions, as_of)
    decrements = _decrements(snapshot, block, assumptions, as_of, _months(as_of, grid), guarantee_rate)
    rows = [fund_map.position(name) for name in SLOTS]
    elapsed = np.diff(grid, prepend=as_of).astype(np.float64)
    groups = tuple(
        _group(place, s, block, terms, assumptions, decrements, starts, as_of, grid, elapsed, prices[s])
        for s in range(len(SERIES))
        if len(place := np.flatnonzero(block.charge_class == s))
    )
    expense = (1.0 - fund_map.expense[rows])[None, :] ** (elapsed[:, None] / 365.0)
    n_year = int(completed_years(as_of, int(grid[-1]))) + 1
    return Portfolio(ids, as_of, grid, np.ascontiguousarray(fund_map.weights[rows]), expense, n_year, groups)


def _months(as_of: int, grid: Integers) -> int:
    return int(completed_months(as_of, int(grid[-1]))) + 1


def _income_from(
    snapshot: pa.Table, block: Block, ids: tuple[str, ...], assumptions: Assumptions, as_of: int
) -> Integers:
    """(n,) day from which each contract withdraws its income; `NEVER` where it does not."""
    birth = np.array([hd7.covered_birth(p, _life(row)) for p, row in zip(block.income[:, 0], block.life, strict=True)])
    attained = np.array([completed_years(int(b), as_of) for b in birth])
    tenth = [months_after(int(e), 120) if e else 0 for e in block.income[:, 2]]
    growth_end = np.array([completed_years(int(b), t) if t else 0 for b, t in zip(birth, tenth, strict=True)])
    qualified = np.isin(snapshot["tax_type"].to_numpy(), QUALIFIED[:2])
    ages = withdrawal_start(assumptions.withdrawal, list(ids), attained, growth_end, qualified)
    start = np.array(
        [NEVER if a == NEVER_AGE else months_after(int(b), 12 * int(a)) for a, b in zip(ages, birth, strict=True)]
    )
    begun = (block.income[:, 1] == hd7.POST) | (block.income[:, 1] == hd7.PAYING)
    return np.where(begun, as_of + 1, np.maximum(start, as_of + 1)).astype(np.int64)


def _life(row: Integers) -> Life:
    return Life(*(int(v) for v in row))


def _decrements(
    snapshot: pa.Table, block: Block, assumptions: Assumptions, as_of: int, n_month: int, rate: float
) -> _Decrements:
    """Deaths that end a contract, deaths that claim the Death Benefit, and annuity values, (n, n_month) each."""
    sexes = snapshot["annuitant_sex"].to_pylist()
    elected = block.income[:, 2] > 0.0
    two = (block.income[:, 6] > 1.0) & (block.life[:, 3] > 0)
    other_sexes = [sex or own for sex, own in zip(snapshot["spouse_sex"].to_pylist(), sexes, strict=True)]
    births, others = block.life[:, 2], np.where(block.life[:, 3] > 0, block.life[:, 3], block.life[:, 2])
    full = n_month + 12
    ends = np.empty((len(sexes), full))
    claims, annuity = np.empty_like(ends), np.empty_like(ends)
    for living, basis in ((True, assumptions.mortality_living_benefit), (False, assumptions.mortality_other)):
        at = np.flatnonzero(elected == living)
        if len(at):
            one, both = (
                monthly_death_probabilities(basis, [s[k] for k in at], b[at], as_of, full)
                for s, b in ((sexes, births), (other_sexes, others))
            )
            joint = joint_last_survivor(one, both)
            pair = two[at][:, None]
            ends[at] = np.where(pair, joint.last_death, one)
            claims[at] = np.where(pair, _first_deaths(one, both, joint.first_death), one)
    one, both = (
        monthly_death_probabilities(assumptions.mortality_guarantee, s, b, as_of, full)
        for s, b in ((sexes, births), (other_sexes, others))
    )
    annuity[:] = annuity_values(np.where(two[:, None], joint_last_survivor(one, both).last_death, one), rate)
    cut = [np.ascontiguousarray(a[:, :n_month]) for a in (ends, claims, annuity)]
    return _Decrements(*cut)


def _first_deaths(one: Array, both: Array, first: Array) -> Array:
    """Probability of the first of two deaths in a month, given that at least one lives at its start."""
    shape = (one.shape[0], 1)
    alive = [np.concatenate([np.ones(shape), np.cumprod(1.0 - q, axis=1)[:, :-1]], axis=1) for q in (one, both)]
    pair = alive[0] * alive[1]
    any_alive = alive[0] + alive[1] - pair
    return np.where(any_alive > 0.0, pair / np.where(any_alive > 0.0, any_alive, 1.0), 0.0) * first


def _group(
    place: Integers,
    series: int,
    block: Block,
    terms: Terms,
    assumptions: Assumptions,
    decrements: _Decrements,
    starts: Integers,
    as_of: int,
    grid: Integers,
    elapsed: Array,
    prices: Array,
) -> Prepared:
    """Contracts of one series."""
    n_month = decrements.ends.shape[1]
    slots, held, units, weight = _held_slots(block, place)
    since = np.array([completed_months(int(i), as_of) for i in block.life[place, 0]])
    code = SERIES[series]
    lapse = np.array([monthly_base_lapse(assumptions.lapse, code, int(m), n_month) for m in since])
    years = (since[:, None] + np.arange(n_month)) // 12
    period = np.clip(years - assumptions.lapse.charge_years[code] + 1, 0, 2).astype(np.int64)
    charge = CHARGE_CLASSES[series]
    sharing = revenue_sharing_rates(assumptions.revenue_sharing, n_month)
    per_charge = np.array([daily_charge(float(r), 1.0) for r in sharing]) / daily_charge(charge, 1.0)
    group = Group(
        block.life[place], slots, held, weight,
        block.payment_day[place], block.payment_amount[place], block.payment_credit[place], block.payment_kept[place],
        np.zeros_like(block.payment_amount[place]), block.payments[place],
        _steps(block, place, terms, assumptions, starts, as_of, grid),
        decrements.ends[place], decrements.claims[place], lapse, decrements.annuity[place], period,
        monthly_expenses(assumptions.expenses, n_month), assumptions.expenses.account_value_rate / 12.0, per_charge,
    )  # fmt: skip
    deducted = np.array([daily_charge(charge, float(n)) for n in elapsed])
    modes = _modes(block.income[place], terms, as_of)
    following = np.append(deducted[1:], 0.0)
    return Prepared(
        place, group, block.core[place], block.income[place], units, modes,
        _factors(block.income[place], as_of), prices, deducted, following,
        _lapse_table(assumptions, code),
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


def _modes(income: Array, terms: Terms, as_of: int) -> Integers:
    modes = np.full(len(income), HOLD, np.int64)
    for k, row in enumerate(income):
        if row[1] == hd7.PRE:
            tenth = months_after(int(row[2]), 12 * int(terms.income[int(row[0])].tenth_years))
            modes[k] = FREEZE if as_of >= tenth else GROW
        elif row[1] == hd7.POST:
            modes[k] = DRAW
    return modes


def _factors(income: Array, as_of: int) -> Array:
    return np.array([transfer_factor(int(row[2]), as_of) if row[2] else 0.0 for row in income])


def _steps(
    block: Block, place: Integers, terms: Terms, assumptions: Assumptions, starts: Integers, as_of: int, grid: Integers
) -> Steps:
    """Event days of every contract."""
    n_day = len(grid)
    flags, month, share = np.zeros(n_day, np.int64), np.zeros(n_day, np.int64), np.zeros(n_day)
    parts: list[tuple[Integers, Integers, Integers, Array]] = []
    use = assumptions.withdrawal
    for c in place:
        plan = terms.income[int(block.income[c, 0])]
        effective = int(block.income[c, 2]) if block.income[c, 1] in (hd7.PRE, hd7.POST, hd7.PAYING) else 0
        flag_days(
            grid, as_of, _life(block.life[c]), effective, plan, int(starts[c]), use.payments_per_year, use.income_share,
            flags, month, share,
        )  # fmt: skip
        days = np.flatnonzero(flags)
        parts.append((days, flags[days].copy(), month[days].copy(), share[days].copy()))
    first = np.concatenate([[0], np.cumsum([len(p[0]) for p in parts])]).astype(np.int64)
    day, flag, months, shares = (np.concatenate([p[k] for p in parts]) for k in range(4))
    return Steps(first, day.astype(np.int64), flag, months, shares)


def open_lanes(prepared: Prepared, n_lane: int, n_year: int) -> Lanes:
    """The opening state in every lane of a tile."""
    n = len(prepared.place)
    core, income, units = (
        np.array(np.broadcast_to(a[:, :, None], (*a.shape, n_lane)), order="C")
        for a in (prepared.core, prepared.income, prepared.units)
    )
    return Lanes(
        core=core,
        income=income,
        units=units,
        in_force=np.ones((n, n_lane)),
        charged=np.zeros((n, n_lane)),
        worth=np.zeros((n, len(MEASURES), n_lane)),
        yearly=np.zeros((n_year, 2, n_lane), np.int64),
        cursor=prepared.group.steps.first[:-1].copy(),
        year=np.zeros(n, np.int64),
        factor=prepared.factor.copy(),
        mode=prepared.mode.copy(),
        active=(prepared.core[:, 0] == ACTIVE).astype(np.int64),
        alive=np.ones(n, np.int64),
    )


def project(portfolio: Portfolio, tile: Array, shock: Array | None) -> Values:
    """Present values of every contract in every scenario of a tile.

    tile   (n_day, 6, n_lane) index ratios and discount factors, read only
    shock  (n_day, 6) deterministic factors on them; None: none
    """
    n_day, rows, n_lane = tile.shape
    if (n_day, rows) != (len(portfolio.grid), 6):
        raise ValueError(
            f"the tile has shape {tile.shape}; allowed is ({len(portfolio.grid)}, 6, scenarios): rebuild it"
        )
    factor = np.ones((n_day, 6)) if shock is None else np.array(shock, dtype=np.float64)
    worth = np.zeros((len(portfolio.contract_ids), len(MEASURES), n_lane))
    yearly = np.zeros((portfolio.n_year, 2, n_lane), np.int64)
    for prepared in portfolio.groups:
        lanes = project_group(portfolio, prepared, tile, factor)
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
) -> Lanes:
    """Take the contracts of one charge class through all days of a tile, chunk by chunk.

    ``cuts``  0 and the days after which chunks end; empty: every CHUNK_DAYS.  ``seen``  is shown each end, may stop there
    """
    n_day, _, n_lane = tile.shape
    terms = load_terms(False)
    lanes = open_lanes(prepared, n_lane, portfolio.n_year)
    last = np.array(np.broadcast_to(prepared.price[:, None], (len(prepared.price), n_lane)), order="C")
    price = np.zeros((len(prepared.price), CHUNK_DAYS, n_lane))  # days that nobody holds anything on keep a number
    for start, stop in pairwise(cuts or [*range(0, n_day, CHUNK_DAYS), n_day]):
        days, size = slice(start, stop), stop - start
        chunk_price = price if size == CHUNK_DAYS else np.zeros((price.shape[0], size, n_lane))
        if lanes.active.any():
            fill_prices(
                tile[days], factor[days], portfolio.weights, portfolio.expense[days], prepared.charge[days], last, chunk_price
            )  # fmt: skip
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
