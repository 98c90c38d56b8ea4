"""The life of a run: parts and their commit records, one manifest written last, one publication added.

    runs/<flow>/<run id>/<dataset>/part-00017.parquet     one PUT each, never replaced
    runs/<flow>/<run id>/commit/<name>/part-00017.json    written once, after its parts
    runs/<flow>/<run id>/manifest.json                    written once, after every check
    published/<flow>/<valuation date>/<n>.json            only ever added; the highest number is in force

A run id is derived from the inputs, so a repeat finds what is committed and computes only what is missing; and because
the same inputs must give the same bits, a repeat that gives others is an error, not a replacement.  Readers go from
publication to manifest to the files it lists, each checked by its hash, and never list a folder.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count

import pyarrow as pa
from pydantic import JsonValue

from infra.storage import (
    AlreadyExists,
    DamagedObject,
    MissingObject,
    PartRecord,
    Storage,
    checked_key,
    encode_table,
    part_record,
)
from tasks.records import Commit, Manifest, Part, Publication, canonical_json, decoded, digest

_READERS = 8


class RunConflict(Exception):
    """The same inputs gave two different results; the message names both hashes."""


class RunIncomplete(Exception):
    """A run lacks what the next step needs: a partition, a manifest, a passed check."""


@dataclass(frozen=True)
class Run:
    """One run below its own prefix; small, safe to pickle, and the same in every process."""

    storage: Storage
    flow: str
    run_id: str

    @property
    def prefix(self) -> str:
        """The folder of this run."""
        return checked_key(f"runs/{self.flow}/{self.run_id}")

    @property
    def manifest_key(self) -> str:
        """Where the manifest is, once there is one."""
        return f"{self.prefix}/manifest.json"

    def part_key(self, dataset: str, index: int) -> str:
        """Where partition ``index`` of a dataset is."""
        return checked_key(f"{self.prefix}/{dataset}/part-{index:05d}.parquet")

    def commit_key(self, name: str, index: int) -> str:
        """Where the commit record of partition ``index`` of a step or dataset is."""
        return checked_key(f"{self.prefix}/commit/{name}/part-{index:05d}.json")

    def committed(self, dataset: str, index: int) -> PartRecord | None:
        """The file of a partition that was committed alone, or None if it is still to be computed."""
        found = self.committed_group(dataset, index)
        return None if found is None else found.parts[0].file

    def committed_group(self, name: str, index: int) -> Commit | None:
        """The commit record of partition ``index`` of a step, or None if it is still to be computed."""
        key = self.commit_key(name, index)
        try:
            data = self.storage.read_bytes(key)
        except MissingObject:
            return None
        record = decoded(Commit, data, self.storage.name(key))
        self._own(record.parts, key)
        return record

    def commit(
        self, dataset: str, index: int, table: pa.Table, extra: Mapping[str, JsonValue] | None = None
    ) -> PartRecord:
        """Write a partition of one dataset, then its commit record; see `commit_group`."""
        return self.commit_group(dataset, index, {dataset: table}, extra).parts[0].file

    def commit_group(
        self, name: str, index: int, tables: Mapping[str, pa.Table], extra: Mapping[str, JsonValue] | None = None
    ) -> Commit:
        """Write one partition of several datasets, then one commit record for all of them.

        ``name`` is the step; ``extra`` holds small facts (control totals, seconds), not compared.  May be repeated:
        the same contents are accepted, others raise `RunConflict`, and nothing that was written is ever replaced.
        """
        encoded = {dataset: encode_table(table) for dataset, table in tables.items()}
        parts = tuple(
            Part(dataset, index, part_record(self.part_key(dataset, index), tables[dataset], data))
            for dataset, data in encoded.items()
        )
        earlier = self.committed_group(name, index)
        if earlier is None:
            for part in parts:
                self._write_part(part.file, encoded[part.dataset])
            record = Commit(self.run_id, name, index, parts, dict(extra or {}))
            try:
                self.storage.write_once(self.commit_key(name, index), canonical_json(record))
                return record
            except AlreadyExists:
                earlier = self.committed_group(name, index)
        before = () if earlier is None else earlier.parts
        if earlier is None or before != parts:
            raise self._conflict(self.commit_key(name, index), _hashes(before), _hashes(parts))
        return earlier

    def collect(self, names: Sequence[str], partitions: int) -> tuple[Part, ...]:
        """All parts of the steps ``names`` from their commit records, by dataset and partition.

        Raises `RunIncomplete` with the list of partitions that have none.
        """
        wanted = [(name, index) for name in names for index in range(partitions)]
        with ThreadPoolExecutor(_READERS) as pool:
            found = list(pool.map(lambda step: self.committed_group(*step), wanted))
        missing = [f"{name} {index}" for (name, index), record in zip(wanted, found, strict=True) if record is None]
        if missing:
            raise RunIncomplete(
                f"run {self.run_id} of {self.flow} lacks {len(missing)} of {len(wanted)} partitions:"
                f" {', '.join(missing[:20])}. Repeat the run: it computes only these."
            )
        parts = [part for record in found if record is not None for part in record.parts]
        step = {dataset: i for i, dataset in enumerate(dict.fromkeys(part.dataset for part in parts))}
        return tuple(sorted(parts, key=lambda part: (step[part.dataset], part.index)))

    def manifest(self) -> Manifest | None:
        """The manifest of this run, or None if it never finished."""
        try:
            return open_run(self.storage, self.flow, self.run_id).manifest
        except RunIncomplete:
            return None

    def write_manifest(self, manifest: Manifest) -> Manifest:
        """Write the manifest, once; the one in force.

        If there is one already it must agree in all but its circumstances; else `RunConflict` names what differs.
        """
        if not manifest.run_id == manifest.inputs.run_id == self.run_id or manifest.inputs.flow != self.flow:
            raise ValueError(
                f"the manifest is of run {manifest.run_id}, its inputs are of"
                f" {manifest.inputs.flow}/{manifest.inputs.run_id}; this is run {self.flow}/{self.run_id}."
                " Make the run id from the same inputs."
            )
        self._own(manifest.parts, self.manifest_key)
        data = canonical_json(manifest)
        try:
            self.storage.write_once(self.manifest_key, data)
            return manifest
        except AlreadyExists:
            earlier = open_run(self.storage, self.flow, self.run_id).manifest
        before = {name: digest(fact) for name, fact in earlier.facts().items()}
        after = {name: digest(fact) for name, fact in decoded(Manifest, data, self.manifest_key).facts().items()}
        differing = [name for name in before if before[name] != after[name]]
        if differing:
            found, computed = ("; ".join(f"{n} sha256 {side[n]}" for n in differing) for side in (before, after))
            raise self._conflict(self.manifest_key, found, computed)
        return earlier

    def publish(self) -> Publication:
        """Add the publication that makes this run the one in force for its Valuation Day.

        The run must have a manifest with every check passed.  If it is in force already nothing is added.
        """
        run = open_run(self.storage, self.flow, self.run_id)
        failed = [f"{c.name}: {c.value!r}, expected {c.expected!r} {c.message}" for c in run.manifest.failed]
        if failed:
            raise RunIncomplete(
                f"run {self.run_id} of {self.flow} fails {len(failed)} checks and is not published:"
                f" {'; '.join(failed)}."
                " Find the cause in the run's datasets, correct it and run again."
            )
        valuation_date = run.manifest.inputs.valuation_date
        before = history(self.storage, self.flow, valuation_date)
        if before and before[-1].run_id == self.run_id:
            return before[-1]
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for number in count(len(before) + 1):
            record = Publication(self.flow, valuation_date, number, self.run_id, self.manifest_key, run.sha256, now)
            try:
                self.storage.write_once(_publication_key(self.flow, valuation_date, number), canonical_json(record))
                return record
            except AlreadyExists:  # somebody published at the same time: the next number is ours
                continue
        raise AssertionError("unreachable: count() does not end")

    def _write_part(self, record: PartRecord, data: bytes) -> None:
        try:
            self.storage.write_once(record.key, data)
        except AlreadyExists:  # an attempt that died before its commit record
            found = hashlib.sha256(self.storage.read_bytes(record.key)).hexdigest()
            if found != record.sha256:
                raise self._conflict(record.key, found, record.sha256) from None

    def _own(self, parts: Sequence[Part], source: str) -> None:
        for part in parts:
            if part.file.key != self.part_key(part.dataset, part.index):
                raise DamagedObject(
                    f"{self.storage.name(source)} names the file {part.file.key!r}, which is not a part of run"
                    f" {self.flow}/{self.run_id}. It was altered: restore it, or repeat the run."
                )

    def _conflict(self, key: str, before: str, after: str) -> RunConflict:
        return RunConflict(
            f"{self.storage.name(key)} was written with {before} and is now computed as {after}. The same inputs must"
            " give the same bits: look for an input that is not part of the run id, or remove"
            f" {self.storage.name(self.prefix)}"
            " and run again."
        )


@dataclass(frozen=True)
class PublishedRun:
    """A finished run for readers: its manifest, and its tables checked against it."""

    storage: Storage
    manifest: Manifest
    sha256: str

    def parts(self, dataset: str) -> tuple[PartRecord, ...]:
        """The files of a dataset, in the order of partitions."""
        found = tuple(part.file for part in self.manifest.parts if part.dataset == dataset)
        if not found:
            raise KeyError(
                f"run {self.manifest.run_id} of {self.manifest.inputs.flow} has no dataset {dataset!r}; it has"
                f" {', '.join(sorted(self.manifest.rows))}"
            )
        return found

    def tables(self, dataset: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """The partitions of a dataset, one after the other, each checked by its hash."""
        for record in self.parts(dataset):
            yield self.storage.read_part(record, columns)

    def table(self, dataset: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A whole dataset, or some of its columns."""
        return pa.concat_tables(self.tables(dataset, columns))


def open_run(storage: Storage, flow: str, run_id: str, sha256: str | None = None) -> PublishedRun:
    """The finished run of this id; with ``sha256`` only if its manifest is still the one that was published.

    Raises `RunIncomplete` if it has no manifest, `DamagedObject` if its manifest is not whole.
    """
    run = Run(storage, flow, run_id)
    try:
        data = storage.read_bytes(run.manifest_key, sha256)
    except MissingObject:
        raise RunIncomplete(
            f"run {run_id} of {flow} has no manifest in {storage.url}: it never finished. Repeat the run."
        ) from None
    manifest = decoded(Manifest, data, storage.name(run.manifest_key))
    if manifest.run_id != run_id or manifest.inputs.flow != flow:
        raise DamagedObject(
            f"{storage.name(run.manifest_key)} is of run {manifest.inputs.flow}/{manifest.run_id}. Restore it."
        )
    run._own(manifest.parts, run.manifest_key)
    return PublishedRun(storage, manifest, hashlib.sha256(data).hexdigest())


def history(storage: Storage, flow: str, valuation_date: date) -> tuple[Publication, ...]:
    """All publications of a Valuation Day, oldest first; numbered without gaps, hence found without a listing."""
    found: list[Publication] = []
    for number in count(1):
        key = _publication_key(flow, valuation_date, number)
        try:
            found.append(decoded(Publication, storage.read_bytes(key), storage.name(key)))
        except MissingObject:
            return tuple(found)
    raise AssertionError("unreachable: count() does not end")


def latest(storage: Storage, flow: str, valuation_date: date) -> PublishedRun | None:
    """The run in force for a Valuation Day, or None if nothing was published."""
    published = history(storage, flow, valuation_date)
    if not published:
        return None
    return open_run(storage, flow, published[-1].run_id, published[-1].manifest_sha256)


def _publication_key(flow: str, valuation_date: date, number: int) -> str:
    return checked_key(f"published/{flow}/{valuation_date.isoformat()}/{number}.json")


def _hashes(parts: Sequence[Part]) -> str:
    return ", ".join(f"{part.dataset} sha256 {part.file.sha256}" for part in parts) or "no parts"
