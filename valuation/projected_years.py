"""A projection by year: present values, cash flows not discounted, what became of the contracts, states.

The kernel carries present values and the probability to be in force.  Seen at the end of every projection month they
give the years: the flows of a year are the growth of the present values over it, deaths of a month are the assumed
probability times what was in force, and all else that left in the month surrendered.
"""

from typing import NamedTuple

import numpy as np

from valuation.clock import completed_months, months_after
from valuation.contract import ACTIVE, ANNUITISED, PAYOUT, Array, Integers
from valuation.fixed_point import to_fixed
from valuation.portfolio import Portfolio, Prepared, project_group
from valuation.projected import MEASURES, Lanes
from valuation.schema_projection import CAUSES

SHARES = 2.0**16
"""Probabilities are summed as multiples of 2^-32: whole units of `valuation.fixed_point` of this many times them."""

STATE = (
    "status",
    "in_force",
    "account_value",
    "bond_value",
    "periodic_value",
    "protected_withdrawal_value",
    "annual_income_amount",
    "remaining_income",
)
"""What is kept of a contract at the end of a projection year."""
BENEFIT_FIELDS = ("periodic", "protected", "annual", "remaining")
"""Fields of a living benefit's state behind the last of them; a kind without one has 0 there."""

DIED, SURRENDERED, ANNUITY, EXHAUSTED, LEFT = range(len(CAUSES))


class Calendar(NamedTuple):
    """Where projection months and years end on the grid of a portfolio."""

    cuts: tuple[int, ...]  # 0, then the days after which something ends, as counts of days passed
    month: tuple[int, ...]  # of every cut but the first: the projection month that ends, from 0; -1: none does
    years: tuple[int, ...]  # cuts after which a year ends; the last one ends with the grid


class Years(NamedTuple):
    """Contracts on one tile, by projection year."""

    worth: Array  # (n_contract, 9, n_lane) present values, USD, as of `valuation.portfolio.project`
    net: Integers  # (n_year, n_lane) insurer's net cash flow as the kernel adds it up, 1/65536 USD
    flows: Integers  # (n_year, 9, n_lane) present values of the year's flows, all contracts, 1/65536 USD
    causes: Integers  # (n_year, 5, n_lane) contracts by CAUSES, cumulative, 2^-32
    by_contract: (
        Integers  # (n_year, n_contract, 9, n_lane) the flows of each, 1/65536 USD; no contract if not asked for
    )
    states: Array  # (n_year, n_contract, 8, n_lane) columns STATE; the same


def calendar_of(grid: Integers, as_of: int) -> Calendar:
    """The ends of all projection months and years on the Valuation Days ``grid`` after ``as_of``."""
    n_day = len(grid)
    count = int(completed_months(as_of, int(grid[-1])))
    ends = [int(np.searchsorted(grid, months_after(as_of, k + 1))) + 1 for k in range(count)]
    months, years = list(range(count)), ends[11::12]
    if not ends or ends[-1] < n_day:
        ends, months = [*ends, n_day], [*months, -1]
    if not years or years[-1] < n_day:
        years = [*years, n_day]
    return Calendar((0, *ends), tuple(months), tuple(years))


def year_ends(grid: Integers, as_of: int) -> Integers:
    """(n_year,) Valuation Days on which projection years end."""
    return np.asarray(grid[np.array(calendar_of(grid, as_of).years) - 1])


def project_years(portfolio: Portfolio, tile: Array, each: bool = False) -> Years:
    """Project a portfolio on one tile and keep its years; ``each`` also keeps flows and states of every contract.

    tile  (n_day, 6, n_lane) index ratios and discount factors, read only
    """
    calendar, n_lane, n = calendar_of(portfolio.grid, portfolio.as_of), tile.shape[2], len(portfolio.contract_ids)
    n_year, kept = len(calendar.years), n if each else 0
    found = Years(
        np.zeros((n, len(MEASURES), n_lane)), np.zeros((n_year, n_lane), np.int64),
        np.zeros((n_year, len(MEASURES), n_lane), np.int64), np.zeros((n_year, len(CAUSES), n_lane), np.int64),
        np.zeros((n_year, kept, len(MEASURES), n_lane), np.int64), np.zeros((n_year, kept, len(STATE), n_lane)),
    )  # fmt: skip
    for prepared in portfolio.groups:
        watch = _Watch(prepared, calendar, found)
        lanes = project_group(portfolio, prepared, tile, np.ones((len(tile), 6)), calendar.cuts, watch.seen)
        found.worth[prepared.place] = lanes.worth
        found.net[:] += lanes.yearly[:n_year, 0]
    return found


def undiscounted(tile: Array) -> Array:
    """The same scenarios with discount factors 1: present values on them are sums of cash flows."""
    copy = np.array(tile)
    copy[:, 5] = 1.0
    return copy


def account_values(prepared: Prepared, lanes: Lanes, price: Array) -> tuple[Array, Array]:
    """Account Value and bond value, (n, n_lane) each, USD; added in the order of the law.

    price  (n_sub, n_lane) Unit Prices of the day
    """
    worth = lanes.units * price[prepared.group.slots]
    permitted = worth[:, 0].copy()
    for s in range(1, worth.shape[1] - 1):
        permitted += worth[:, s]
    active = lanes.core[:, 0] == ACTIVE  # of others nothing is held, and prices may be old
    return np.where(active, permitted + worth[:, -1], 0.0), np.where(active, worth[:, -1], 0.0)


def benefit_values(prepared: Prepared, income: Array) -> list[Array]:
    """(n, ...) of BENEFIT_FIELDS, USD; income (n, n_field, ...) of contracts of one kind."""
    fields, none = type(prepared.group.blank)._fields, np.zeros_like(income[:, 0])
    return [income[:, fields.index(name)] if name in fields else none for name in BENEFIT_FIELDS]


class _Watch:
    """What one group shows at the end of every month."""

    def __init__(self, prepared: Prepared, calendar: Calendar, found: Years) -> None:
        self.prepared, self.calendar, self.found = prepared, calendar, found
        shape = (len(prepared.place), found.worth.shape[2])
        self.on, self.left = np.ones(shape, bool), np.ones(shape)
        self.causes = np.zeros((len(CAUSES), *shape))
        self.before = np.zeros((shape[0], len(MEASURES), shape[1]), np.int64)
        self.at = 0

    def seen(self, passed: int, lanes: Lanes, price: Array) -> bool:
        """The end of a month, and perhaps of a year."""
        self._leave(lanes, self.calendar.month[self.at])
        if passed in self.calendar.years:
            self._year(self.calendar.years.index(passed), lanes, price)
        self.at += 1
        return False

    def _leave(self, lanes: Lanes, month: int) -> None:
        """Who left since the last month's end, and why."""
        status = lanes.core[:, 0]
        ended = self.on & (status != ACTIVE) & (status != PAYOUT)
        self.causes[ANNUITY] += np.where(ended & (status == ANNUITISED), self.left, 0.0)
        self.causes[EXHAUSTED] += np.where(ended & (status != ANNUITISED), self.left, 0.0)
        self.on &= ~ended
        if month >= 0:
            kept = self.left - lanes.begun
            died = np.where(status == PAYOUT, kept - lanes.in_force, kept * self.prepared.group.ends[:, month][:, None])
            self.causes[DIED] += np.where(self.on, died, 0.0)
            self.causes[ANNUITY] += np.where(self.on, lanes.begun, 0.0)
            self.causes[SURRENDERED] += np.where(self.on, kept - lanes.in_force - died, 0.0)
            lanes.begun[:] = 0.0
        self.left = np.where(self.on, lanes.in_force, 0.0)

    def _year(self, year: int, lanes: Lanes, price: Array) -> None:
        found, place = self.found, self.prepared.place
        now = to_fixed(lanes.worth)
        grown, self.before = now - self.before, now
        found.flows[year] += grown.sum(axis=0)
        self.causes[LEFT] = self.left
        found.causes[year] += to_fixed(self.causes * SHARES).sum(axis=1)
        if found.by_contract.shape[1]:
            found.by_contract[year, place] = grown
            account, bond = account_values(self.prepared, lanes, price)
            state = [lanes.core[:, 0], self.left, account, bond, *benefit_values(self.prepared, lanes.income)]
            found.states[year, place] = np.stack(state, axis=1)
