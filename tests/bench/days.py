"""The ordinary day of each mode against its floor, and what the days with events cost."""

from typing import Any, NamedTuple

import numpy as np

from tests.bench.measured import MODES, Row, Section, race, seconds
from valuation import highest_daily_7 as hd7
from valuation import living
from valuation.asset_transfer import is_due, target_value, trigger
from valuation.compile import kernel, rule
from valuation.contract import Array, Integers
from valuation.lanes import account_values
from valuation.living import DRAW, FREEZE, GROW, HOLD
from valuation.terms import load_terms

LANES, CHUNK, HELD = 256, 21, 5
CODES = {"grow": GROW, "freeze": FREEZE, "draw": DRAW, "hold": HOLD}
DAY = "a contract-scenario-day"
SLOTS = 11
CHARGE, FACTOR = 1e-5, 14.0
PERIODIC, BASIS, HIGHEST, ENHANCED = (
    hd7.Income._fields.index(name) for name in ("periodic", "basis", "quarter_high", "enhanced")
)


@kernel
def _ours(n, mode, units, price, rows, held, income, terms, facts, permitted, bond, charged, hit):  # type: ignore[no-untyped-def]
    """``n`` ordinary days of one contract in every lane, by the functions of the projection."""
    moved = 0
    for k in range(n):
        account_values(units, price, rows, held, k % price.shape[1], permitted, bond)
        moved += living.ordinary_day(hd7.NEW_INCOME, mode, income, facts, terms, CHARGE, permitted, bond, charged, hit)
    return moved


PITCH = LANES + 24
"""Numbers from one row of the floor to the next: rows whose addresses are alike would wait for each other."""
BOND_UNITS, PERMITTED, BOND, CHARGED, VALUE, OTHER, LENGTH = ((HELD + k) * PITCH for k in range(7))
"""Rows of the floor's one array: units of five Sub-accounts and of the bond; values, charges, and what the mode reads."""


@rule
def _permitted(state: Array, today: Array, i: int) -> float:
    """Value of five Sub-accounts, USD."""
    first = state[i] * today[i] + state[PITCH + i] * today[PITCH + i]
    second = state[2 * PITCH + i] * today[2 * PITCH + i] + state[3 * PITCH + i] * today[3 * PITCH + i]
    return first + second + state[4 * PITCH + i] * today[4 * PITCH + i]


def _floor(mode: int) -> Any:
    """The same rules, loads and stores over one flat array in one loop: nothing is left to find out or to fetch twice."""

    @kernel
    def run(n, state, price, hit, terms, growth):  # type: ignore[no-untyped-def]
        moved = 0
        for k in range(n):
            today = price[k % price.shape[0]]
            for i in range(LANES):
                permitted, bond = _permitted(state, today, i), state[BOND_UNITS + i] * today[BOND_UNITS + i]
                state[PERMITTED + i] = permitted
                state[BOND + i] = bond
                account = permitted + bond
                state[CHARGED + i] += account * CHARGE
                if mode != HOLD:
                    if mode == GROW:
                        old = state[VALUE + i]
                        value = hd7.grow_value(old, growth, account) if account > 0.0 else old
                        state[VALUE + i] = value
                    elif mode == FREEZE:
                        value = max(max(account, state[VALUE + i]), state[OTHER + i])
                    else:
                        value = max(max(state[VALUE + i], state[OTHER + i]), account)
                    due = is_due(trigger(terms, target_value(terms, value, FACTOR, 0.0), permitted, bond))
                    hit[i] = due
                    moved += due
        return moved

    return run


class Room(NamedTuple):
    """Where one contract's lanes lie in memory while it is measured, in both shapes."""

    price: Array  # (n_sub, n_day, n_lane)
    units: Array
    income: Array
    values: tuple[Array, Array, Array, Integers]  # permitted, bond, charged, hit
    state: Array  # the floor's
    flat: Array  # (n_day, rows) its prices


ROWS = np.array([0, 2, 4, 6, 8, 10])


def room() -> Room:
    """Fresh room, at whatever addresses it is given."""
    draw = np.random.Generator(np.random.Philox(1)).standard_normal((SLOTS, CHUNK, LANES))
    price = 10.0 * np.exp(np.cumsum(0.002 * draw, axis=1))
    units, income = np.full((HELD + 1, LANES), 20.0), np.zeros((len(hd7.Income._fields), LANES))
    units[HELD] = 0.0
    income[[PERIODIC, BASIS, ENHANCED]] = 1000.0
    state, flat = np.zeros(LENGTH), np.zeros((CHUNK, (HELD + 1) * PITCH))
    state[VALUE : VALUE + LANES] = 1000.0
    for k, row in enumerate(ROWS):
        state[k * PITCH : k * PITCH + LANES] = units[k]
        flat[:, k * PITCH : k * PITCH + LANES] = price[row]
    values = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES), np.zeros(LANES, np.int64)
    return Room(price, units, income, values, state, flat)


def ordinary() -> Section:
    """Every mode: the projection's own loops, the floor, the share of it that is reached; and plain NumPy."""
    terms = load_terms(False)
    growth, n = hd7.growth_factor(terms.income[0], 1.0), 10_000
    facts = hd7.NO_INCOME_DAY._replace(growth=growth, factor=FACTOR)
    found = []
    for key, mode in CODES.items():
        least, best = _floor(mode), np.full(2, np.inf)
        for _ in range(12):  # the same loop is faster or slower by where its arrays happen to lie
            used = room()
            works = (
                lambda at=used, mode=mode: _ours(
                    n, mode, at.units, at.price, ROWS, HELD, at.income, terms, facts, *at.values
                ),
                lambda at=used, least=least: least(n, at.state, at.flat, at.values[3], terms.transfer, growth),
            )
            best = np.minimum(best, race(*works))
        ours, floor = (1e9 * best / n / LANES).tolist()
        found += [
            Row(f"day_{key}", f"ordinary day, {MODES[key]}", ours, "ns", f"{DAY}, no transfer"),
            Row(f"floor_{key}", "  its floor", floor, "ns", "same rules, loads and stores, nothing else"),
            Row(f"reached_{key}", "  share of the floor's speed", 100.0 * floor / ours, "%"),
        ]
    at = room()
    plain = 1e9 * seconds(lambda: _numpy_days(at.units, at.price, ROWS, at.income, growth)) / (50 * CHUNK) / LANES
    found.append(Row("day_numpy", "the first in plain NumPy", plain, "ns", f"{DAY}, arrays over lanes"))
    found.append(Row("numpy_over_kernel", "NumPy over kernel", plain / found[0].value, "times"))
    return Section("The ordinary day of Highest Daily 7: five Sub-accounts and the bond, ratchet, transfer test", found)


def _numpy_days(units: Array, price: Array, rows: Any, income: Array, growth: float) -> None:
    """A straightforward version over arrays of lanes: same steps, same lanes, no transfers due."""
    periodic, charged = income[PERIODIC].copy(), np.zeros(LANES)
    for _ in range(50):
        for d in range(CHUNK):
            permitted = (units[:HELD] * price[rows[:HELD], d]).sum(axis=0)
            bond = units[HELD] * price[rows[HELD], d]
            account = permitted + bond
            charged += account * CHARGE
            periodic = np.where(account > 0.0, np.maximum(periodic * growth, account), periodic)
            need = 0.05 * periodic * FACTOR - bond
            into = (need > 0.83 * permitted) & (permitted > 0.0)
            out = (need < 0.77 * permitted) & (bond > 0.0) & (permitted > 0.0)
            if (into & out).any():
                raise AssertionError("a lane cannot transfer both ways")
