"""Scenario sets of a run: tiles made once in parallel, kept by content, checked before anything uses them.

    scenarios/<hash of the set>/tile-00003.npy     shared by all runs with the same market, model, seed and days

A tile is a pure function of its set, so it is always computed, and what lies in the store must be the same bytes.
"""

import hashlib
import io
import mmap
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from infra.storage import AlreadyExists, Storage
from infra.tiles import TilePlugin, map_tile
from tasks.fanout import Job
from tasks.parts import Facts, fan_out
from tasks.publish import Run
from tasks.scenario_files import ImportedModel, fund_mixes
from tasks.start import Started
from valuation.curve import ZeroCurve
from valuation.scenarios.academy_rates import AcademyModel
from valuation.scenarios.checks import (
    Accumulator,
    CheckRow,
    RealWorldChecks,
    RiskNeutralChecks,
    Sums,
    decisive_years,
)
from valuation.scenarios.fund_basis import FundBasisModel
from valuation.scenarios.imported import ImportedChecks, grid_months
from valuation.scenarios.real_world import RealWorldModel
from valuation.scenarios.risk_neutral import RiskNeutralModel
from valuation.scenarios.sampling import SampledModel
from valuation.scenarios.sets import ScenarioModel, ScenarioSetSpec, build_tile, scenario_set
from valuation.schema import SCHEMAS

if TYPE_CHECKING:
    from distributed import Client

Array = NDArray[np.float64]
Days = NDArray[np.int64]
Model = ScenarioModel
TileRef = tuple[str, str]
"""Key and sha256 of a tile."""

_SECONDS_PER_DRAW = 6e-8
_LEAST_LANES = 8


class ScenariosFailed(Exception):
    """A scenario set does not meet its checks; nothing was valued on it."""


@dataclass(frozen=True)
class ScenarioSet:
    """A set by name, with what makes it."""

    name: str
    spec: ScenarioSetSpec
    model: Model
    curve: ZeroCurve | None = None  # of the valuation date, that a risk-neutral set of others must meet

    @property
    def core(self) -> object:
        """The model of the indices, without what is added to it."""
        return self.model.model if isinstance(self.model, FundBasisModel) else self.model

    @property
    def per_sample(self) -> int:
        """Successive scenarios that make one independent sample."""
        core = self.core
        return core.per_sample if isinstance(core, SampledModel) else 2 if self.spec.antithetic else 1

    @property
    def accepted(self) -> bool:
        """Whether somebody accepted that checks of the set fail."""
        core = self.core
        return isinstance(core, ImportedModel) and bool(core.accepted)

    def checks(self, days: Days) -> Accumulator:
        """The checks this set must meet."""
        as_of, antithetic, core = self.spec.valuation_date, self.spec.antithetic, self.core
        if isinstance(core, RealWorldModel):
            return RealWorldChecks(core, days, as_of, antithetic)
        if isinstance(core, AcademyModel):
            return ImportedChecks(core.kind, np.zeros((1, 1)), self.spec.n_scenario, days, as_of)
        if isinstance(core, ImportedModel):
            return core.checks(days, as_of, self.curve, self.spec.n_scenario)
        if isinstance(core, SampledModel):
            core = core.base
        assert isinstance(core, RiskNeutralModel)
        return RiskNeutralChecks(core, days, as_of, antithetic, fund_mixes())


def set_of(
    name: str,
    model: Model,
    days: Days,
    as_of: int,
    scenarios: int,
    lanes: int,
    seed: int,
    curve: ZeroCurve | None = None,
) -> ScenarioSet:
    """The set of ``scenarios`` in equal tiles of at most ``lanes``."""
    core = model.model if isinstance(model, FundBasisModel) else model
    antithetic, block = None, 1
    if isinstance(core, SampledModel):
        antithetic, block = core.antithetic, core.per_sample
    elif isinstance(core, ImportedModel):
        antithetic = False
        grid_months(core.months, days, as_of)
    sizes = [n for n in range(block, min(lanes, scenarios) + 1, block) if scenarios % n == 0]
    if not sizes or (isinstance(core, ImportedModel) and max(sizes) < min(scenarios, _LEAST_LANES)):
        least = max(block, _LEAST_LANES)
        step = (
            f"import it again with --pick {scenarios - scenarios % least}"
            if block == 1
            else f"use multiples of {least}"
        )
        raise ValueError(f"the {scenarios} scenarios of {name} cannot be cut into tiles of {least} to {lanes}; {step}")
    return ScenarioSet(name, scenario_set(model, days, as_of, scenarios, max(sizes), seed, antithetic), model, curve)


def make_tiles(
    started: Started, sets: Sequence[ScenarioSet], days: Days, client: "Client | None"
) -> dict[str, tuple[TileRef, ...]]:
    """Make every tile of the sets and check each set; tiles by name of the set, in order.

    Commits scenario_checks.  Raises `ScenariosFailed` if a check of any set fails.
    """
    wanted = [(one, tile) for one in sets for tile in range(one.spec.n_tile)]
    cost = [_SECONDS_PER_DRAW * 5.0 * one.spec.n_day * one.spec.n_lane for one, _ in wanted]
    jobs = [Job(index, (started.run, index, one, days, tile), cost[index]) for index, (one, tile) in enumerate(wanted)]
    facts = fan_out(started, client, "scenarios", make_tile, jobs)
    made: dict[str, list[TileRef]] = {one.name: [] for one in sets}
    checks = {one.name: one.checks(days) for one in sets}
    for (one, _), fact in zip(wanted, facts, strict=True):
        made[one.name].append((str(fact["key"]), str(fact["sha256"])))
        checks[one.name].add_sums(_sums(fact))
    accepted = {one.name for one in sets if one.accepted}
    _judge(
        started, {one.name: decisive(one, checks[one.name].rows()) for one in sets if checks[one.name].items}, accepted
    )
    tiles = {name: tuple(refs) for name, refs in made.items()}
    if client is not None:
        every = tuple(ref for refs in tiles.values() for ref in refs)
        client.register_plugin(TilePlugin(started.storage, every, started.settings.scratch))
    return tiles


def decisive(one: ScenarioSet, rows: Sequence[CheckRow]) -> list[CheckRow]:
    """The rows that the number of scenarios can decide: of risk-neutral equities not those far in the future."""
    core = one.core.base if isinstance(one.core, SampledModel) else one.core
    if not isinstance(core, RiskNeutralModel):
        return list(rows)
    samples = one.spec.n_scenario // 2 if one.spec.antithetic else one.spec.n_scenario
    until = decisive_years(core, samples) + 0.1
    return [row for row in rows if row.check == "zero_coupon" or row.time <= until]


def make_tile(run: Run, index: int, one: ScenarioSet, days: Days, tile: int) -> Facts:
    """Make one tile and what it contributes to the checks; may be repeated."""
    array = build_tile(one.spec, one.model, days, tile)
    sums = one.checks(days).sums(array)
    stream = io.BytesIO()
    np.save(stream, array)
    data = stream.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    key = f"scenarios/{one.spec.hash}/tile-{tile:05d}.npy"
    _kept(run.storage, key, data, sha256)
    facts: dict[str, Any] = {"key": key, "sha256": sha256, "n": sums.n}
    facts |= {"deviation": sums.deviation.tolist(), "square": sums.square.tolist()}
    return run.commit_group("scenarios", index, {}, facts).extra


def _kept(storage: Storage, key: str, data: bytes, sha256: str) -> None:
    if not storage.exists(key):
        try:
            storage.write_once(key, data)
            return
        except AlreadyExists:
            pass
    storage.read_bytes(key, sha256)


def _sums(fact: Mapping[str, Any]) -> Sums:
    return Sums(int(fact["n"]), np.array(fact["deviation"]), np.array(fact["square"]))


def _judge(started: Started, rows: Mapping[str, Sequence[CheckRow]], accepted: Collection[str] = ()) -> None:
    listed = [(name, row) for name, found in rows.items() for row in found]
    columns = {
        "check": [f"{name}: {row.check} {row.item}" for name, row in listed],
        "time": [row.time for _, row in listed],
        "value": [row.value for _, row in listed],
        "expected": [row.expected for _, row in listed],
        "standard_error": [row.standard_error for _, row in listed],
        "z": [row.z if np.isfinite(row.z) else None for _, row in listed],
        "passed": [row.passed for _, row in listed],
    }
    started.run.commit("scenario_checks", 0, pa.table(columns, schema=SCHEMAS["scenario_checks"]))
    failed = [(name, row) for name, row in listed if not row.passed and name not in accepted]
    if failed:
        lines = [
            f"{name}: {row.check} {row.item} at {row.time:.2f} years: {row.value:.6g}, expected {row.expected:.6g},"
            f" z {row.z:.2f}"
            for name, row in failed[:10]
        ]
        raise ScenariosFailed(
            f"{len(failed)} of {len(listed)} checks of the scenarios fail:\n"
            + "\n".join(lines)
            + "\nUse more scenarios"
            " or another seed (HIGHWATER_SEED); if they still fail, look at the market inputs of the day."
        )


def mapped(storage: Storage, refs: Sequence[TileRef], scratch: Path) -> Iterator[Array]:
    """The tiles, one after the other, each mapped read-only; its pages are given back when the next one is asked for."""
    for key, sha256 in refs:
        tile = map_tile(storage, key, sha256, scratch)
        yield tile
        pages = getattr(tile, "_mmap", None)
        if pages is not None:  # a worker's memory is measured with the pages it maps
            pages.madvise(mmap.MADV_DONTNEED)
