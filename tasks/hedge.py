"""The daily hedge up to its partitions: every contract's guarantee revalued in every bumped market, on common draws.

    revalue   greeks_seriatim (published); block_values: sums over contracts by revaluation and scenario

The hedged item is the fair value of the guarantee.  A bump of an index or of a key rate is a deterministic shock on the
base tiles; a bump of a volatility needs tiles of its own, made from the same draws.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from infra.settings import Settings
from infra.storage import Storage
from tasks.fanout import Job
from tasks.freeze import freeze
from tasks.market import Market, market_of
from tasks.parts import Facts, fan_out
from tasks.project import (
    ASSUMPTIONS,
    GUARANTEE,
    PAIR,
    RISK_NEUTRAL,
    Begun,
    Draw,
    Frame,
    Plan,
    begin_on,
    contracts_of,
    cut_block,
    measure,
    prepared,
    snapshot_inputs,
)
from tasks.publish import Run
from tasks.scenarios import TileRef, mapped
from valuation.estimate import Estimate, mean_estimate
from valuation.fixed_point import to_fixed
from valuation.hedge import BUMP_SIZES, central_difference, second_difference
from valuation.instruments import GREEKS, GreekKey
from valuation.portfolio import Portfolio, project
from valuation.scenarios.risk_neutral import RiskNeutralModel, shift, spot_factor
from valuation.schema import SCHEMAS
from valuation.sessions import day_date, day_number

if TYPE_CHECKING:
    from distributed import Client

Array = NDArray[np.float64]

FLOW = "daily_hedge"
BASE, UP, DOWN = "base", "up", "down"
VALUE = GreekKey("fair_value", "")
Revaluation = tuple[GreekKey, str]
"""What is bumped, and which way."""
LANES_AT_ONCE = 256
"""Lanes of one call of the projection; more do not fit the second-level cache."""
_TO_FRACTION = {"delta": 1e-2, "rho": 1e-4, "vega": 1e-2}


def set_name(key: GreekKey, side: str) -> str:
    """The scenario set a revaluation runs on."""
    return f"{key.greek} {key.bucket} {side}" if key.greek == "vega" else BASE


def begin(
    storage: Storage,
    settings: Settings,
    valuation_date: date,
    positions: str | None = None,
    horizon_years: int | None = None,
) -> Begun:
    """Take the published snapshot of the day, name the scenario sets, derive the run.

    ``positions``  file of hedge positions held, columns instrument and held; None: none
    """
    frozen = snapshot_inputs(storage, valuation_date)
    if positions is not None:
        frozen += freeze(storage, {"positions": positions}, may_be_empty=("positions",))
    model = market_of(valuation_date).risk_neutral
    models = {BASE: model}
    for key in GREEKS:
        if key.greek == "vega":
            size = BUMP_SIZES["vega"] * _TO_FRACTION["vega"]
            models[set_name(key, UP)] = model.with_volatility(key.bucket, size)
            models[set_name(key, DOWN)] = model.with_volatility(key.bucket, -size)
    draws = {name: Draw(one, "hedge_scenarios") for name, one in models.items()}
    assumptions = [ASSUMPTIONS[RISK_NEUTRAL]]
    return begin_on(storage, settings, FLOW, valuation_date, frozen, draws, assumptions, horizon_years)


def prepare(begun: Begun) -> Plan:
    """Cut the block into partitions."""
    return cut_block(begun, begun.sets[0].spec.n_scenario * (1 + 2 * len(GREEKS)))


def revalue(begun: Begun, plan: Plan, tiles: Mapping[str, Sequence[TileRef]], client: "Client | None") -> list[Facts]:
    """Revalue every partition in every market."""
    run = begun.started.run
    jobs = [Job(index, (run, index, plan.frame, plan.market, tiles), cost) for index, cost in enumerate(plan.cost)]
    return fan_out(begun.started, client, "revalue", revalue_partition, jobs)


def revalue_partition(
    run: Run, index: int, frame: Frame, market: Market, tiles: Mapping[str, Sequence[TileRef]]
) -> Facts:
    """Greeks of the contracts of one partition, and its values by scenario; may be repeated."""
    snapshot = contracts_of(run, index)
    ids = snapshot["contract_id"].to_pylist()
    portfolio = prepared(snapshot, frame, ASSUMPTIONS[RISK_NEUTRAL])

    values = _revalued(run, portfolio, frame, market, tiles)
    base = values[VALUE, BASE]
    rows = [_rows(frame.as_of, ids, VALUE, mean_estimate(base, PAIR))]
    sums = [_sums(VALUE, BASE, base)]
    for key in GREEKS:
        up, down, size = values[key, UP], values[key, DOWN], BUMP_SIZES[key.greek]
        rows.append(_rows(frame.as_of, ids, key, central_difference(up, down, size, PAIR)))
        if key.greek == "delta":
            gamma = second_difference(base, up, down, size, PAIR)
            rows.append(_rows(frame.as_of, ids, GreekKey("gamma", key.bucket), gamma))
        sums += [_sums(key, UP, up), _sums(key, DOWN, down)]
    written = {"greeks_seriatim": pa.concat_tables(rows), "block_values": pa.concat_tables(sums)}
    return run.commit_group("revalue", index, written, {"contracts": len(ids)}).extra


def _revalued(
    run: Run, portfolio: Portfolio, frame: Frame, market: Market, tiles: Mapping[str, Sequence[TileRef]]
) -> dict[Revaluation, Array]:
    """(n_contract, n_scenario) value of the guarantee in every market, USD.

    Several markets go through the projection side by side, as more lanes of one tile: what is settled once for all lanes
    of a contract is then settled once for all of them.
    """
    wanted: list[Revaluation] = [(VALUE, BASE), *((key, side) for key in GREEKS for side in (UP, DOWN))]
    parts: dict[Revaluation, list[Array]] = {one: [] for one in wanted}
    for at in range(len(tiles[BASE])):
        lanes = next(mapped(run.storage, tiles[BASE][at : at + 1], frame.scratch)).shape[2]
        size = max(1, LANES_AT_ONCE // lanes)
        for batch in (wanted[first : first + size] for first in range(0, len(wanted), size)):
            tile = np.concatenate([_market_tile(run, one, at, frame, market, tiles) for one in batch], axis=2)
            found = measure(project(portfolio, tile, None).worth, GUARANTEE)
            for k, one in enumerate(batch):
                parts[one].append(found[:, k * lanes : (k + 1) * lanes])
    return {one: np.concatenate(found, axis=1) for one, found in parts.items()}


def _market_tile(
    run: Run, one: Revaluation, at: int, frame: Frame, market: Market, tiles: Mapping[str, Sequence[TileRef]]
) -> Array:
    """Tile number ``at`` in a bumped market, (n_day, 6, n_lane)."""
    key, side = one
    name = BASE if key == VALUE else set_name(key, side)
    (tile,) = [np.array(found) for found in mapped(run.storage, tiles[name][at : at + 1], frame.scratch)]
    shock = None if key == VALUE else _shock(market, frame, key, side)
    return tile if shock is None else tile * shock[:, :, None]


def _shock(market: Market, frame: Frame, key: GreekKey, side: str) -> Array | None:
    """Deterministic factors on the base tiles; None where the bump has tiles of its own."""
    size = BUMP_SIZES[key.greek] * _TO_FRACTION[key.greek] * (1.0 if side == UP else -1.0)
    if key.greek == "delta":
        return spot_factor(len(frame.days), key.bucket, size)
    if key.greek == "rho":
        return _curve_shock(market.day, frame.days.tobytes(), int(key.bucket), size)
    return None


@lru_cache(maxsize=64)
def _curve_shock(day: date, days: bytes, tenor: int, size: float) -> Array:
    """The same for all partitions of a worker."""
    base: RiskNeutralModel = market_of(day).risk_neutral
    return shift(
        base, base.with_curve(market_of(day).curve.bumped(tenor, size)), np.frombuffer(days, np.int64), day_number(day)
    )


def _rows(as_of: int, ids: Sequence[str], key: GreekKey, found: Estimate) -> pa.Table:
    n = len(ids)
    columns = {
        "valuation_date": pa.repeat(day_date(as_of), n),
        "contract_id": ids,
        "greek": pa.repeat(key.greek, n),
        "bucket": pa.repeat(key.bucket, n),
        "value": found.value,
        "standard_error": found.standard_error,
    }
    return pa.table(columns, schema=SCHEMAS["greeks_seriatim"])


def _sums(key: GreekKey, side: str, values: Array) -> pa.Table:
    n = values.shape[1]
    return pa.table(
        {
            "greek": pa.repeat(key.greek, n),
            "bucket": pa.repeat(key.bucket, n),
            "side": pa.repeat(side, n),
            "units": to_fixed(values).sum(axis=0),
        }
    )
