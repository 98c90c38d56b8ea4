"""From the partitions of a hedge run to the block: Greeks, limits, trades, checks, manifest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
from numpy.typing import NDArray

from infra.storage import decode_table
from tasks.conclude import conclude, lacks
from tasks.freeze import InputError
from tasks.hedge import BASE, DOWN, UP, VALUE
from tasks.parts import Facts, dataset_of, parts_of, tables, total
from tasks.payable import carried
from tasks.project import PAIR, Begun, Plan, add_to, adds_up, valued_once
from tasks.records import Check, Manifest
from valuation.estimate import Estimate, mean_estimate
from valuation.fixed_point import UNIT, from_fixed
from valuation.hedge import BUMP_SIZES, Rebalance, central_difference, load_limits, rebalance, second_difference
from valuation.hedge_market import implied_volatilities, index_levels
from valuation.instruments import (
    GREEKS,
    GreekKey,
    InstrumentSet,
    instrument_exposures,
    instrument_values,
    load_instruments,
)
from valuation.market import load_market_history
from valuation.schema import SCHEMAS

Array = NDArray[np.float64]
Fixed = NDArray[np.int64]
ValueKey = tuple[str, str, str]


@dataclass(frozen=True)
class Position:
    """The block's Greeks and what to do about them."""

    greeks: Mapping[GreekKey, Estimate]
    rebalance: Rebalance
    instruments: InstrumentSet
    prices: Array  # (n_instrument,) USD
    exposures: Array  # (n_instrument, n_greek)


def position_of(begun: Begun, plan: Plan) -> Position:
    """Add the partitions up, take differences, find the trades that bring every net Greek inside its limit."""
    sums = _summed(begun, plan)
    greeks: dict[GreekKey, Estimate] = {}
    base = from_fixed(sums[VALUE.greek, VALUE.bucket, BASE])
    greeks[VALUE] = mean_estimate(base, PAIR)
    for key in GREEKS:
        up, down = (from_fixed(sums[key.greek, key.bucket, side]) for side in (UP, DOWN))
        greeks[key] = central_difference(up, down, BUMP_SIZES[key.greek], PAIR)
        if key.greek == "delta":
            greeks[GreekKey("gamma", key.bucket)] = second_difference(base, up, down, BUMP_SIZES["delta"], PAIR)
    instruments = load_instruments()
    day, model = begun.started.inputs.valuation_date, plan.market.risk_neutral
    levels = index_levels(load_market_history(), instruments.levels, date.fromisoformat(instruments.edition), day)
    volatilities = implied_volatilities(model, instruments.instruments)
    market = (instruments.instruments, plan.market.curve, levels, volatilities)
    exposures = instrument_exposures(*market)
    liability = np.array([float(greeks[key].value) for key in GREEKS])
    costs = np.array([one.cost for one in instruments.instruments])
    held = positions_held(begun, instruments)
    found = rebalance(liability, load_limits().against(liability), exposures, held, costs)
    return Position(greeks, found, instruments, instrument_values(*market), exposures)


def _summed(begun: Begun, plan: Plan) -> dict[ValueKey, Fixed]:
    sums: dict[ValueKey, Fixed] = {}
    for index in range(plan.partitions):
        rows = tables(begun.started.run, "revalue", index, ["block_values"])["block_values"]
        keys = list(zip(*(rows[name].to_pylist() for name in ("greek", "bucket", "side")), strict=True))
        units, n = rows["units"].to_numpy(), keys.count(keys[0])
        for at in range(0, len(keys), n):
            add_to(sums, keys[at], units[at : at + n])
    return sums


def positions_held(begun: Begun, instruments: InstrumentSet) -> NDArray[np.int64]:
    """(n_instrument,) contracts held, from the run's input; none without one.  Raises InputError for what it cannot use."""
    names = [one.name for one in instruments.instruments]
    held = np.zeros(len(names), dtype=np.int64)
    storage = begun.started.storage
    for one in begun.started.inputs.inputs:
        if one.dataset != "positions":
            continue
        data = storage.read_bytes(one.key, one.sha256)
        table = pcsv.read_csv(pa.BufferReader(data)) if one.name.endswith(".csv") else decode_table(data, one.name)
        if not {"instrument", "held"} <= set(table.column_names):
            raise InputError(f"{one.name} has columns {table.column_names}; needed are instrument and held. Add them.")
        for row in table.to_pylist():
            if row["instrument"] not in names:
                raise InputError(f"{one.name}: instrument {row['instrument']!r} is unknown; known are {names}")
            if row["held"] is None or float(row["held"]) != round(float(row["held"])):
                raise InputError(f"{one.name}: {row['held']} of {row['instrument']}; allowed are whole contracts")
            held[names.index(row["instrument"])] += int(row["held"])
    return held


def write_position(begun: Begun, position: Position) -> None:
    """Commit the block's Greeks, positions and exposures."""
    if lacks(begun.started.run, "position"):
        written = {
            "greeks_block": _greeks(begun, position),
            "hedge_positions": _positions(begun, position),
            "hedge_exposure": _exposure(begun, position),
        }
        begun.started.run.commit_group("position", 0, written)


def _table(begun: Begun, dataset: str, n: int, columns: dict[str, object]) -> pa.Table:
    day = pa.repeat(begun.started.inputs.valuation_date, n)
    return pa.table({"valuation_date": day, **columns}, schema=SCHEMAS[dataset])


def _greeks(begun: Begun, position: Position) -> pa.Table:
    found = position.greeks
    columns: dict[str, object] = {
        "greek": [key.greek for key in found],
        "bucket": [key.bucket for key in found],
        "value": [float(one.value) for one in found.values()],
        "standard_error": [float(one.standard_error) for one in found.values()],
    }
    return _table(begun, "greeks_block", len(found), columns)


def _positions(begun: Begun, position: Position) -> pa.Table:
    done, instruments = position.rebalance, position.instruments.instruments
    after = done.held + done.trades
    columns: dict[str, object] = {
        "instrument": [one.name for one in instruments],
        "held": done.held.astype(np.float64),
        "trade": done.trades.astype(np.float64),
        "after": after.astype(np.float64),
        "price": position.prices,
        "value": after * position.prices,
    }
    return _table(begun, "hedge_positions", len(instruments), columns)


def _exposure(begun: Begun, position: Position) -> pa.Table:
    done = position.rebalance
    columns: dict[str, object] = {
        "greek": [key.greek for key in GREEKS],
        "bucket": [key.bucket for key in GREEKS],
        "liability": np.array([float(position.greeks[key].value) for key in GREEKS]),
        "held": done.held @ position.exposures,
        "net": done.before,
        "limit": done.limits,
        "utilisation": done.utilisation_before,
        "breach": done.breach_before,
        "after_trade": done.after,
    }
    return _table(begun, "hedge_exposure", len(GREEKS), columns)


def close(begun: Begun, plan: Plan, position: Position, revalued: Sequence[Facts]) -> Manifest:
    """Check the run and write its manifest."""
    run = begun.started.run
    parts = parts_of(run, "revalue", plan.partitions, ("greeks_seriatim",))
    parts += parts_of(run, "position", 1, ("greeks_block", "hedge_positions", "hedge_exposure"))
    parts += run.collect(["scenario_checks"], 1)
    totals = {f"{key.greek} {key.bucket}".strip(): float(one.value) for key, one in position.greeks.items()}
    totals |= {"contracts": float(total(revalued, "contracts")), "cost_of_trades": position.rebalance.cost}
    return conclude(begun.started, parts, totals, checks(begun, plan, position, revalued))


def checks(begun: Begun, plan: Plan, position: Position, revalued: Sequence[Facts]) -> tuple[Check, ...]:
    """Identities of a hedge run."""
    rows = dataset_of(begun.started.run, "revalue", plan.partitions, "greeks_seriatim")
    found = []
    contracts = total(revalued, "contracts")
    for key, block in position.greeks.items():
        mine = pc.and_(pc.equal(rows["greek"], key.greek), pc.equal(rows["bucket"], key.bucket))
        allowed = 4.0 * UNIT * contracts  # a difference of sums of rounded values
        label = f"{key.greek} {key.bucket}".strip()
        found.append(
            adds_up(f"{label} of contracts sums to the block's", rows.filter(mine), float(block.value), allowed)
        )
    breaches = float(np.sum(position.rebalance.breach_after))
    found.append(Check.within("net Greeks outside their limits after the trades", breaches, 0.0))
    found.append(valued_once(begun.started, contracts, rows.num_rows // len(position.greeks)))
    found.append(carried(begun.started))
    return tuple(found)
