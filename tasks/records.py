"""What a run leaves behind besides tables: typed records, kept as canonical JSON."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar, cast

from pydantic import JsonValue, TypeAdapter, ValidationError

from infra.storage import DamagedObject, PartRecord

FORMAT = 1
"""Version of the records below; a reader of another version refuses them."""

R = TypeVar("R")


@dataclass(frozen=True)
class FrozenInput:
    """One input file as it was when the run began; ``rows`` is None for a file that is no table."""

    dataset: str
    name: str
    key: str
    rows: int | None
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class RunInputs:
    """Everything a result depends on.  Two runs with equal inputs are one run: the run id is their hash.

    ``assumptions`` and ``terms`` give the version (or hash) of each by name, ``scenarios`` the hash of each set,
    ``packages`` the version of each library that computes or encodes, ``settings`` those that change a result.
    """

    flow: str
    valuation_date: date
    inputs: tuple[FrozenInput, ...]
    code_hash: str
    kernel_hash: str
    packages: Mapping[str, str]
    assumptions: Mapping[str, str]
    terms: Mapping[str, str]
    calendar: str
    scenarios: Mapping[str, str]
    seed: int
    settings: Mapping[str, JsonValue]

    @property
    def run_id(self) -> str:
        """The id of the run with these inputs."""
        return run_id_of({field.name: getattr(self, field.name) for field in dataclasses.fields(self)})


@dataclass(frozen=True)
class Part:
    """One file of one dataset of a run."""

    dataset: str
    index: int
    file: PartRecord


@dataclass(frozen=True)
class Commit:
    """Proof that one partition is done: the parts it wrote, and small facts about them."""

    run_id: str
    name: str
    index: int
    parts: tuple[Part, ...]
    extra: Mapping[str, JsonValue]


@dataclass(frozen=True)
class Check:
    """One check of a finished run: what was found, what was expected, how far they may be apart."""

    name: str
    passed: bool
    value: float
    expected: float
    tolerance: float
    message: str = ""

    @classmethod
    def within(cls, name: str, value: float, expected: float, tolerance: float = 0.0) -> "Check":
        """The check that ``value`` is at most ``tolerance`` from ``expected``."""
        return cls(name, abs(value - expected) <= tolerance, float(value), float(expected), float(tolerance))


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What differs between two runs of the same inputs; kept for people, never compared.

    ``worker_peak_bytes`` is the highest `tasks.memory.peak_bytes` of a worker, 0 if none computed or none was measured.
    """

    started: str = ""
    finished: str = ""
    wall_seconds: float = 0.0
    retries: int = 0
    partitions_found: int = 0
    partitions_computed: int = 0
    worker_peak_bytes: int = 0
    notes: Mapping[str, JsonValue] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The whole of one run.  What has no manifest does not exist."""

    run_id: str
    inputs: RunInputs
    parts: tuple[Part, ...]
    control_totals: Mapping[str, float]
    checks: tuple[Check, ...]
    circumstances: Circumstances = Circumstances()
    format: int = FORMAT

    @property
    def rows(self) -> dict[str, int]:
        """Rows of each dataset."""
        counted: dict[str, int] = {}
        for part in self.parts:
            counted[part.dataset] = counted.get(part.dataset, 0) + part.file.rows
        return counted

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that did not pass."""
        return tuple(check for check in self.checks if not check.passed)

    def facts(self) -> dict[str, object]:
        """All that two runs of the same inputs must agree on."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "circumstances"}


@dataclass(frozen=True)
class Publication:
    """One line of the published history of a Valuation Day; the highest number is in force."""

    flow: str
    valuation_date: date
    number: int
    run_id: str
    manifest: str
    manifest_sha256: str
    published: str


def canonical_json(value: object) -> bytes:
    """``value`` as JSON that depends on its content alone: sorted keys, shortest floats, UTF-8, one line a field.

    Takes dataclasses, mappings with string keys, sequences, dates and plain values.  Raises ValueError on nan and inf.
    """
    text = json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
    return text.encode() + b"\n"


def digest(value: object) -> str:
    """The sha256 of the canonical JSON of ``value``."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def run_id_of(inputs: Mapping[str, object]) -> str:
    """A short id that equal inputs give again: 16 hexadecimal digits."""
    return digest(inputs)[:16]


def decoded(kind: type[R], data: bytes, name: str) -> R:
    """The record of type ``kind`` in ``data``; ``name`` is what an error calls the object it came from."""
    try:
        record: R = _adapter(cast(Any, kind)).validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the whole"
        raise DamagedObject(
            f"{name} is not a {kind.__name__.lower()} record: {place}: {first['msg']}; it has {len(data)} bytes and"
            f" {error.error_count()} faults. It was altered, cut, or written by another version: restore it, or repeat"
            " the run."
        ) from None
    found = getattr(record, "format", FORMAT)
    if found != FORMAT:
        raise DamagedObject(f"{name} has format {found}; this version reads {FORMAT}. Use the version that wrote it.")
    return record


@lru_cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError(f"a record may have string keys only, not {sorted(map(repr, value))[:5]}")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"a record may not hold {type(value).__name__} ({value!r:.100}): give a plain number, text or date")
