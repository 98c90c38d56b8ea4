"""One contract in one scenario, every Valuation Day: the projection watched day by day, and any of its days by the law.

The kernel takes the contract through chunks of one day.  With discount factors 1 and the probability to be in force set
back to 1 each day, what it adds up is the day's cash of a contract in force.  A day can then be run again by the law
itself, from the state of the day before; that both end in the same bits is checked.
"""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from valuation.account import Book, total, value
from valuation.arrays import CHARGE_CLASSES, SLOTS, life_array, open_block
from valuation.block import new_journal
from valuation.charges import settle_rates
from valuation.clock import day_of
from valuation.contract import ACTIVE, Array, Integers
from valuation.daily import Block, contract_at, layers_at, life_at
from valuation.day import advance
from valuation.events import ANNUITIZATION, INCOME, NO_CHOICE, Events
from valuation.fixed_block import fixed_at, own_copy
from valuation.journal import Journal
from valuation.living import NO_JOINT
from valuation.living.kinds import kind_with, terms_of
from valuation.portfolio import Portfolio, project_group
from valuation.projected import MEASURES, Lanes, annuity_at
from valuation.projected_years import undiscounted
from valuation.projection import keeps_income
from valuation.records import Contract, Facts, Records, facts_of
from valuation.results import FIGURES, figures_of
from valuation.schedule import ANNUITISE, EXERCISE, WITHDRAW
from valuation.terms import Terms, load_terms

_LEDGER_ROOM = 10_000


class Path(NamedTuple):
    """One contract of a portfolio in one scenario, from the first day to the last on which it has a future."""

    portfolio: Portfolio  # of this contract alone
    opening: Block  # its state at the valuation date
    days: Integers  # (n_day,) Valuation Days
    core: Array  # (n_day, 11) fields of Core at the end of each
    income: Array  # (n_day, 17) fields of Income
    death: Array  # (n_day, n_field) fields of the optional Death Benefit; no field without one
    units: Array  # (n_day, n_slot) Units, in the order of SLOTS
    price: Array  # (n_day, n_slot) Unit Prices, USD
    cash: Array  # (n_day, 9) columns MEASURES: cash by contract in force at the day's start, not discounted, USD
    in_force: Array  # (n_day,) probability to be in force at the end of each
    discount: Array  # (n_day,) discount factors to the valuation date
    fixed: list[Any]  # composition of money in Fixed Rate Options at the end of each day


class LawDay(NamedTuple):
    """A day made ready for the law: what `valuation.day.advance` is called with."""

    block: Block  # its state, which the day changes in place
    prior: int
    price_before: Array  # (n_slot,) USD
    records: Records
    contract: Contract
    facts: Facts
    events: Events
    requests: int  # how many events there are


class PathDiffers(AssertionError):
    """The law, run on a day by itself, does not end where the projection did."""


def follow(portfolio: Portfolio, snapshot: pa.Table, tile: Array, until: int | None = None) -> Path:
    """Take a portfolio of one contract through one scenario, day by day.

    snapshot  its row, from which the portfolio was prepared
    tile      (n_day, 6, 1) index ratios and discount factors of the scenario
    until     day number after which to stop; None: to the end of the contract
    """
    if len(portfolio.contract_ids) != 1 or tile.shape[2] != 1:
        raise ValueError(
            f"{len(portfolio.contract_ids)} contracts in {tile.shape[2]} scenarios; a path is of one contract in one"
            " scenario: choose them"
        )
    last = portfolio.grid[-1] if until is None else until
    watch = _Watch(portfolio, int(np.searchsorted(portfolio.grid, last, side="right")))
    prepared, n_day = portfolio.groups[0], len(portfolio.grid)
    project_group(
        portfolio, prepared, undiscounted(tile), np.ones((n_day, 6)), tuple(range(n_day + 1)), watch.seen
    )  # fmt: skip
    n = watch.passed
    kind = kind_with(prepared.group.blank)
    opening = open_block(snapshot, snapshot, life_array(snapshot), np.array([portfolio.as_of]), 0, kind)
    opening = opening._replace(fixed=own_copy(prepared.fixed))
    return Path(
        portfolio, opening, portfolio.grid[:n], watch.core[:n], watch.income[:n], watch.death[:n], watch.units[:n],
        watch.price[:n], watch.cash[:n], np.asarray(np.cumprod(watch.survived[:n]), dtype=np.float64), np.array(tile[:n, 5, 0]),
        watch.fixed,
    )  # fmt: skip


class _Watch:
    """What the kernel shows at the end of every day."""

    def __init__(self, portfolio: Portfolio, n_day: int) -> None:
        prepared = portfolio.groups[0]
        self.slots, self.most = prepared.group.slots[0], n_day
        self.core, self.income, self.death = (
            np.zeros((n_day, a.shape[1])) for a in (prepared.core, prepared.income, prepared.death)
        )
        self.units, self.price = np.zeros((n_day, len(SLOTS))), np.zeros((n_day, len(SLOTS)))
        self.cash, self.survived = np.zeros((n_day, len(MEASURES))), np.zeros(n_day)
        self.passed = 0
        self.fixed: list[Any] = []

    def seen(self, passed: int, lanes: Lanes, price: Array) -> bool:
        """The end of a day."""
        d = passed - 1
        self.core[d], self.income[d], self.death[d] = lanes.core[0, :, 0], lanes.income[0, :, 0], lanes.death[0, :, 0]
        self.units[d, self.slots], self.price[d] = lanes.units[0, :, 0], price[:, 0]
        self.cash[d], self.survived[d] = lanes.worth[0, :, 0], lanes.in_force[0, 0]
        lanes.worth[:], lanes.in_force[:] = 0.0, 1.0
        self.fixed.append(own_copy(lanes.fixed))
        self.passed = passed
        return passed >= self.most or lanes.alive[0] == 0


def block_at(path: Path, d: int) -> Block:
    """The contract at the end of day ``d`` of a path; -1: at the valuation date."""
    kept = path.opening._asdict()
    fields: dict[str, Any] = {n: value.copy() if isinstance(value, np.ndarray) else value for n, value in kept.items()}
    fields["fixed"] = own_copy(path.opening.fixed if d < 0 else path.fixed[d])
    if d >= 0:
        at = slice(d, d + 1)
        fields |= {"core": path.core[at].copy(), "income": path.income[at].copy(), "units": path.units[at].copy()}
        if path.death.shape[1]:
            fields["death"] = path.death[at].copy()
    return Block(**fields)


def terms_at(path: Path) -> Terms:
    """Terms of the contract's kind of benefit, without rounding to cents."""
    return terms_of(kind_with(path.opening.blank), load_terms(False))


def prices_at(path: Path, d: int) -> Array:
    """(n_class, n_slot) Unit Prices of day ``d``, the contract's charge class filled; -1: of the valuation date."""
    prices = np.ones((len(CHARGE_CLASSES), len(SLOTS)))
    prices[path.opening.charge_class[0]] = path.portfolio.groups[0].price if d < 0 else path.price[d]
    return prices


def figures(path: Path) -> Array:
    """(n_day, 6) columns `valuation.results.FIGURES` at the end of every day of a path."""
    terms, days = terms_at(path), [path.portfolio.as_of, *path.days.tolist()]
    out = np.zeros((len(path.days), len(FIGURES)))
    for d in range(len(path.days)):
        out[d] = figures_of(block_at(path, d), prices_at(path, d), days[d], days[d + 1], terms)[0]
    return out


def transfers(path: Path) -> Array:
    """(n_day,) asset transfer into the bond Sub-account of every day, USD, by the law run again on days that can have one."""
    bond = np.concatenate([path.opening.units[:1, -1], path.units[:, -1]])
    out = np.zeros(len(path.days))
    for d in np.flatnonzero(bond[1:] != bond[:-1]):
        out[d] = _transfer(path, int(d))
    return out


def _transfer(path: Path, d: int) -> float:
    day = law_day(path, d)
    with np.errstate(all="ignore"):
        after = advance(day.records, day.contract, day.facts, day.events, 0, day.requests)
    agrees(path, d, after, day.block)
    journal = day.records.journal
    assert isinstance(journal, Journal)
    return float(journal.transfer_values[: journal.used[3], 6].sum())


def agrees(path: Path, d: int, after: Contract, block: Block) -> None:
    """Compare a day run by the law with the projection, bit by bit; raises `PathDiffers`."""
    names = ("core", "income", "units", "death") if path.death.shape[1] else ("core", "income", "units")
    mine = {name: np.array([*getattr(after, name)]) for name in names if name != "units"} | {"units": block.units[0]}
    for name in names:
        found, expected = mine[name], getattr(path, name)
        if not np.array_equal(found, expected[d]):
            raise PathDiffers(
                f"contract {path.portfolio.contract_ids[0]} on {np.datetime64(int(path.days[d]), 'D')}: the law gives"
                f" {name} {found.tolist()}, the projection {expected[d].tolist()}; valuation/projection.py must follow"
                " valuation/day.py"
            )


def law_day(path: Path, d: int) -> LawDay:
    """Day ``d`` of a path made ready for the law, with a journal that keeps its rows."""
    block, terms = block_at(path, d - 1), terms_at(path)
    prior = path.portfolio.as_of if d == 0 else int(path.days[d - 1])
    today, place = int(path.days[d]), block.charge_class[0]
    before, now = prices_at(path, d - 1)[place], prices_at(path, d)[place]
    contract, life, layers = contract_at(block, 0), life_at(block, 0), layers_at(block, 0)
    day = day_of(life.issue, prior, today)
    facts = facts_of(contract, terms, life, day)
    settle_rates(terms.charges, life.series, layers, today)
    journal = new_journal(_LEDGER_ROOM, len(SLOTS))
    journal.here[1] = today
    journal.marked_day[:], journal.marked_price[:] = prior, before
    book = Book(block.units[0], now, block.weight[0])
    records = Records(
        book, layers, journal, np.zeros(7), block.life[0], block.watch[0], block.programmes[0], fixed_at(block.fixed, 0)
    )
    events = _assumed(path.portfolio, d, contract, facts, book)
    return LawDay(block, prior, before, records, contract, facts, events, len(events.kind))


def _assumed(portfolio: Portfolio, d: int, contract: Contract, facts: Facts, book: Book) -> Events:
    """What the assumptions ask for on day ``d``; a contract without an Account Value asks for nothing."""
    group = portfolio.groups[0].group
    step = int(np.searchsorted(group.steps.day, d))
    due = step < len(group.steps.day) and group.steps.day[step] == d and contract.core.status == ACTIVE
    flags = int(group.steps.flags[step]) if due else 0
    kind, amount, choice, n = INCOME, 0.0, NO_CHOICE, 0
    if flags & (ANNUITISE | EXERCISE):
        kind, annuity = ANNUITIZATION, float(annuity_at(group, 0, portfolio.as_of, int(portfolio.grid[d])))
        keeps = keeps_income(contract, facts, total(value(book)), annuity)
        choice, n = 0 if keeps else NO_CHOICE, int(keeps or flags & ANNUITISE != 0)
    elif flags & WITHDRAW:
        amount, n = float(group.steps.share[step]), 1
    return Events(
        np.full(n, kind), np.full(n, amount), np.full(n, choice), np.zeros(n, np.int64), np.full(n, NO_JOINT),
        np.zeros(n, np.int64), np.zeros((n, len(SLOTS))),
    )  # fmt: skip
