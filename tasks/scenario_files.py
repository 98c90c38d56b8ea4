"""Scenario sets of others: read from files once, checked, kept under a name with where they come from, and used.

    scenario_sets/<name>/set.json             what it is: files with hashes, checks, moments, who accepted what
    scenario_sets/<name>/monthly-<hash>.npy   its months, (n_scenario, n_month, 6): one scenario after the other

A name is given once; other contents need another name.
"""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.storage import AlreadyExists, MissingObject, Storage, checked_key
from infra.tiles import map_tile
from tasks.freeze import freeze
from tasks.provenance import code_hash
from tasks.records import FORMAT, FrozenInput, canonical_json, decoded
from valuation.funds import load_fund_map, load_index_rules
from valuation.scenarios.checks import Accumulator
from valuation.scenarios.growth import LAYOUTS, FileProblem, check_name, monthly_set, read_series, representative
from valuation.scenarios.imported import (
    BRIDGE,
    BRIDGED,
    INSIDE,
    ImportedChecks,
    Moment,
    Spread,
    daily_tile,
    grid_months,
    moments,
    monthly_days,
    spread_of,
)
from valuation.scenarios.random import Stream, normals
from valuation.scenarios.short_rate import Curve

Array = NDArray[np.float64]
Days = NDArray[np.int64]

BASES = ("real_world", "risk_neutral")
DATASET = "scenario_file"
"""Dataset under which the files of a set stand among the inputs of a run."""


class UnknownSet(Exception):
    """No scenario set has this name."""


@dataclass(frozen=True)
class CheckedRow:
    """One check of a set when it was read."""

    check: str
    item: str
    time: float  # years
    value: float
    expected: float
    standard_error: float
    passed: bool


@dataclass(frozen=True, kw_only=True)
class SetRecord:
    """What a scenario set of others is, and where it comes from."""

    name: str
    basis: str  # real_world | risk_neutral
    layout: str  # period | accumulated
    inside: str  # bridge | geometric: days inside a month
    scenarios: int
    months: int
    picked: tuple[int, ...] | None  # rows of the files, from 0; None: all
    files: tuple[FrozenInput, ...]
    names: tuple[str, ...]  # index or tenor of each file
    key: str
    sha256: str
    volatility: tuple[tuple[float, ...], ...]  # (n_month, 4)
    correlation: tuple[tuple[float, ...], ...]  # (4, 4)
    moments: tuple[Moment, ...]
    checks: tuple[CheckedRow, ...]
    accepted: str  # why the set may be used although a check fails; empty: none fails
    code_hash: str
    format: int = FORMAT

    @property
    def spread(self) -> Spread:
        """How far apart its scenarios move."""
        return Spread(np.array(self.volatility), np.array(self.correlation))

    @property
    def failed(self) -> tuple[CheckedRow, ...]:
        """Checks that did not pass."""
        return tuple(row for row in self.checks if not row.passed)


@dataclass(frozen=True)
class ImportedModel:
    """A set of others as a model that makes tiles; small, its months stay in the store."""

    storage: Storage
    scratch: Path
    name: str
    kind: str
    inside: str
    months: int
    key: str
    sha256: str
    accepted: str = field(default="")

    def parameters(self, days: Days, previous_day: int) -> dict[str, Any]:
        """Everything the paths depend on besides the draws."""
        return {"sha256": self.sha256, "inside": self.inside, "months": self.months}

    def tile(self, days: Days, previous_day: int, seed: int, scenarios: range, antithetic: bool) -> Array:
        """The tile (n_day, 6, n_lane) of the scenarios of those numbers."""
        stored = map_tile(self.storage, self.key, self.sha256, self.scratch)
        monthly = np.ascontiguousarray(stored[scenarios.start : scenarios.stop].transpose(1, 2, 0))
        draws = None
        if self.inside == BRIDGE:
            n_step = grid_months(self.months, days, previous_day).n_step
            draws = normals(seed, Stream.IMPORTED_DAYS, scenarios, BRIDGED, n_step)
        return daily_tile(monthly, self._record().spread, days, previous_day, draws)

    def checks(self, days: Days, previous_day: int, curve: Curve | None, count: int) -> Accumulator:
        """What the set must meet on the days of a run."""
        return ImportedChecks(
            self.kind, self._record().spread.volatility, count, days, previous_day, fund_mixes(), curve
        )

    def _record(self) -> SetRecord:
        return _read(self.storage, self.name)


def fund_mixes() -> dict[str, list[float]]:
    """Weights of every Sub-account on the indices, by name."""
    fund_map = load_fund_map()
    return {name: list(map(float, row)) for name, row in zip(fund_map.names, fund_map.weights, strict=True)}


def files_by_index(given: Sequence[str]) -> dict[str, str]:
    """``index=FILE`` words as a mapping.  Raises FileProblem for a word that is none, an unknown index, or one given twice."""
    found: dict[str, str] = {}
    for word in given:
        name, equals, file = word.partition("=")
        if not (equals and file):
            raise FileProblem(
                f"found {word!r}; allowed is index=FILE as large_equity=US.csv; name the index of the file"
            )
        check_name(name)
        if name in found:
            raise FileProblem(f"{name} has two files, {found[name]} and {file}; allowed is one; leave one out")
        found[name] = file
    return found


def import_set(
    storage: Storage,
    name: str,
    files: Mapping[str, str],
    *,
    layout: str,
    basis: str = "real_world",
    inside: str = BRIDGE,
    pick: int | None = None,
    accept: str = "",
) -> SetRecord:
    """Read, check and keep a scenario set; what was kept.

    files    index (or rate_<years>) to path, file:// or s3:// URL of a CSV file
    layout   period | accumulated growth factors
    inside   bridge | geometric: what the days inside a month do
    pick     keep as many representative scenarios; None: all
    accept   why the set is kept although a check fails

    Raises FileProblem if a file cannot be used, a check fails that nobody accepted, or the name is taken.
    """
    for found, allowed, what in ((layout, LAYOUTS, "layout"), (basis, BASES, "basis"), (inside, INSIDE, "days")):
        if found not in allowed:
            raise FileProblem(f"{what} {found!r}: allowed are {' and '.join(allowed)}")
    if not (name.replace("-", "").replace("_", "").isalnum() and name[0].isalpha()):
        raise FileProblem(f"the name {name!r} must begin with a letter and hold letters, digits, - and _ alone")
    frozen = [freeze(storage, {DATASET: path}, may_be_empty=(DATASET,))[0] for path in files.values()]
    series = [
        read_series(index, str(path), storage.read_bytes(one.key, one.sha256))
        for (index, path), one in zip(files.items(), frozen, strict=True)
    ]
    monthly = monthly_set(series, layout, load_index_rules().bond_maturity)
    picked = None if pick is None else representative(monthly, pick)
    if picked is not None:
        monthly = np.ascontiguousarray(monthly[:, :, list(picked)])
    return _keep(storage, name, files, tuple(frozen), monthly, picked, layout, basis, inside, accept)


def _keep(
    storage: Storage,
    name: str,
    files: Mapping[str, str],
    frozen: tuple[FrozenInput, ...],
    monthly: Array,
    picked: tuple[int, ...] | None,
    layout: str,
    basis: str,
    inside: str,
    accept: str,
) -> SetRecord:
    spread = spread_of(monthly)
    rows = monthly_checks(monthly, spread, basis)
    failed = [row for row in rows if not row.passed]
    if failed and not accept:
        lines = [f"{r.check} {r.item} at {r.time:.2f} years: {r.value:.6g}, expected {r.expected:.6g}" for r in failed]
        raise FileProblem(
            f"{len(failed)} of {len(rows)} checks of the set {name} fail:\n"
            + "\n".join(lines[:10])
            + "\nCorrect the files, "
            "or keep it with --accept REASON, which stays with the set and every run that uses it."
        )
    stream = io.BytesIO()
    np.save(stream, np.ascontiguousarray(monthly.transpose(2, 0, 1)))
    data = stream.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    record = SetRecord(
        name=name, basis=basis, layout=layout, inside=inside,
        scenarios=monthly.shape[2], months=len(monthly), picked=picked, files=frozen, names=tuple(files),
        key=checked_key(f"scenario_sets/{name}/monthly-{sha256[:16]}.npy"), sha256=sha256,
        volatility=_rows(spread.volatility), correlation=_rows(spread.correlation),
        moments=tuple(moments(monthly)), checks=tuple(rows), accepted=accept if failed else "", code_hash=code_hash(),
    )  # fmt: skip
    _write(storage, record.key, data)
    if _write(storage, _record_key(name), canonical_json(record)):
        return record
    earlier = _read(storage, name)
    if _contents(earlier) != _contents(record):
        raise FileProblem(f"the scenario set {name} is there with other contents; choose another --name")
    return earlier


def _write(storage: Storage, key: str, data: bytes) -> bool:
    """Whether this call wrote the object; else it was there."""
    try:
        storage.write_once(key, data)
    except AlreadyExists:
        return False
    return True


def monthly_checks(monthly: Array, spread: Spread, basis: str) -> list[CheckedRow]:
    """The checks of a set on its own months; on a valuation date those of the curve come to them."""
    days = monthly_days(len(monthly))
    checks = ImportedChecks(basis, spread.volatility, monthly.shape[2], days, 0, fund_mixes())
    if monthly.shape[2] < 2 or not checks.items:
        return []
    checks.add(monthly)
    return [CheckedRow(r.check, r.item, r.time, r.value, r.expected, r.standard_error, r.passed) for r in checks.rows()]


def stored_model(storage: Storage, name: str, scratch: Path) -> tuple[SetRecord, ImportedModel]:
    """The set of a name, and the model that makes its tiles.  Raises UnknownSet if there is none."""
    record = _read(storage, name)
    model = ImportedModel(
        storage, scratch, name, record.basis, record.inside, record.months, record.key, record.sha256, record.accepted
    )
    return record, model


@lru_cache(maxsize=8)
def _read(storage: Storage, name: str) -> SetRecord:
    try:
        data = storage.read_bytes(_record_key(name))
    except (MissingObject, ValueError):
        raise UnknownSet(
            f"no scenario set {name!r} is in {storage.url}; make it with `highwater scenarios import --name {name}`"
        ) from None
    return decoded(SetRecord, data, storage.name(_record_key(name)))


def _record_key(name: str) -> str:
    return checked_key(f"scenario_sets/{name}/set.json")


def _contents(record: SetRecord) -> tuple[object, ...]:
    return (record.sha256, record.basis, record.inside, record.accepted)


def _rows(values: Array) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(v) for v in row) for row in values)
