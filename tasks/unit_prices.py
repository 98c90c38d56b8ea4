"""Unit Prices of a run: computed once, published, and handed to the partitions as one grid."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tasks.parts import tables
from tasks.publish import Run
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.schema import SCHEMAS
from valuation.sessions import day_date, day_number, prior_valuation_day, valuation_days
from valuation.units import FIRST_UNIT_PRICE, unit_prices

Array = NDArray[np.float64]
Days = NDArray[np.int64]


def price_units(run: Run, prices: pa.Table, opening: pa.Table | None, first_issue: date, through: date) -> None:
    """Commit the Unit Prices of every priced Sub-account up to ``through``, and the grid of the law's Sub-accounts.

    ``opening``      published Unit Prices of the opening day, which go on; None: every Sub-account begins at 10 on its
                     first priced day
    ``first_issue``  without an opening day, the grid begins on the Valuation Day before it

    A Sub-account without a price on some Valuation Day keeps its last net asset value there: no valued contract can hold
    it then (see `tasks.check_prices`), and nothing is published for that day.
    """
    if opening is None:
        first = prior_valuation_day(first_issue)
        days = valuation_days(min(first, day_date(_first(prices))), through)
    else:
        first = _day(opening)
        days = valuation_days(first, through)
    columns: list[pa.Table] = []
    grid = np.full((len(days), len(CHARGE_CLASSES), len(SLOTS)), FIRST_UNIT_PRICE)
    for name in sorted(set(prices["sub_account"].to_pylist())):
        mine = prices.filter(pc.equal(prices["sub_account"], name)).sort_by("date")
        at, navs, paid, given = _series(mine, days)
        begins = _begins(opening, name)
        if not len(at):
            continue
        units = unit_prices(navs[:, None], paid[:, None], days[at], CHARGE_CLASSES, first=begins[:, None])[:, :, 0]
        columns.append(_rows(name, days[at], units, navs, given))
        if name in SLOTS:
            grid[:, :, SLOTS.index(name)] = begins
            grid[at[0] :, :, SLOTS.index(name)] = units
    order = [(name, "ascending") for name in ("date", "sub_account", "charge_class")]
    valued = days >= day_number(first)
    flat = pa.FixedSizeListArray.from_arrays(pa.array(grid[valued].ravel()), len(CHARGE_CLASSES) * len(SLOTS))
    price_grid = pa.table({"day": days[valued], "price": flat})
    run.commit_group(
        "unit_price", 0, {"unit_prices": pa.concat_tables(columns).sort_by(order), "price_grid": price_grid}
    )


def read_grid(run: Run) -> tuple[Days, Array]:
    """Days (n_day + 1,), the opening day first, and Unit Prices (n_day + 1, n_class, n_slot) of the law's Sub-accounts, USD."""
    table = tables(run, "unit_price", 0, ["price_grid"])["price_grid"]
    days = np.asarray(table["day"].to_numpy(), dtype=np.int64)
    flat = np.asarray(table["price"].combine_chunks().flatten().to_numpy(), dtype=np.float64)
    return days, flat.reshape(len(days), len(CHARGE_CLASSES), len(SLOTS))


def prices_on(unit_price: pa.Table, day: date) -> Array:
    """Published Unit Prices of one day, (n_class, n_slot), USD; 10 for a Sub-account that has none, so that nobody holds it."""
    found = np.full((len(CHARGE_CLASSES), len(SLOTS)), FIRST_UNIT_PRICE)
    for row in unit_price.filter(pc.equal(unit_price["date"], pa.scalar(day, pa.date32()))).to_pylist():
        if row["sub_account"] in SLOTS:
            place = CHARGE_CLASSES.index(row["charge_class"]), SLOTS.index(row["sub_account"])
            found[place] = row["unit_price"]
    return found


def _first(prices: pa.Table) -> int:
    return int(pc.min(prices["date"].cast(pa.int32())).as_py())


def _day(unit_price: pa.Table) -> date:
    found: date = unit_price["date"][0].as_py()
    return found


def _begins(opening: pa.Table | None, name: str) -> Array:
    """(n_class,) Unit Prices a Sub-account begins with."""
    begins = np.full(len(CHARGE_CLASSES), FIRST_UNIT_PRICE)
    if opening is not None:
        for row in opening.filter(pc.equal(opening["sub_account"], name)).to_pylist():
            begins[CHARGE_CLASSES.index(row["charge_class"])] = row["unit_price"]
    return begins


def _series(mine: pa.Table, days: Days) -> tuple[Days, Array, Array, NDArray[np.bool_]]:
    """Places of the days from the first priced one on, values and distributions there, and which were given."""
    quoted = mine["date"].cast(pa.int32()).to_numpy().astype(np.int64)
    inside = (quoted >= days[0]) & (quoted <= days[-1])
    places = np.searchsorted(days, quoted[inside])
    if not len(places):
        return places, np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.bool_)
    at = np.arange(places[0], len(days))
    navs, paid = np.full(len(at), np.nan), np.zeros(len(at))
    navs[places - places[0]] = mine["nav"].to_numpy()[inside]
    paid[places - places[0]] = mine["distribution"].to_numpy()[inside]
    given = np.isfinite(navs)
    last = np.maximum.accumulate(np.where(given, np.arange(len(at)), 0))
    return at, navs[last], paid, given


def _rows(name: str, days: Days, units: Array, navs: Array, given: NDArray[np.bool_]) -> pa.Table:
    n_day, n_class = units.shape
    columns = {
        "date": pa.array(np.repeat(days, n_class).astype("datetime64[D]"), pa.date32()),
        "sub_account": pa.array([name] * (n_day * n_class)),
        "charge_class": np.tile(np.array(CHARGE_CLASSES), n_day),
        "nav": np.repeat(navs, n_class),
        "unit_price": units.ravel(),
    }
    return pa.table(columns, schema=SCHEMAS["unit_prices"]).filter(pa.array(np.repeat(given, n_class)))
