"""Steps that work partition by partition: read what an earlier step committed, fan out, gather small facts."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pydantic import JsonValue

from infra.storage import Storage
from tasks.fanout import Job, run_partitions
from tasks.progress import reporter, watch
from tasks.provenance import with_sources
from tasks.publish import Run, RunIncomplete
from tasks.records import Commit, FrozenInput, Part
from tasks.start import Started

if TYPE_CHECKING:
    from distributed import Client

Facts = Mapping[str, JsonValue]


def fan_out(
    started: Started, client: "Client | None", step: str, fn: Callable[..., Facts], jobs: Sequence[Job]
) -> list[Facts]:
    """Run ``fn`` for every job that has no commit record of ``step``; the facts of all, in the order of partitions.

    ``fn`` commits its partition under the name ``step`` and returns the facts of the record.  Without a client it runs in
    this process; a worker must have the sources of the run.  Raises `PartitionsFailed` with the full list if any
    partition could not be computed.
    """

    def done(job: Job) -> Facts | None:
        record = started.run.committed_group(step, job.index)
        return None if record is None else record.extra

    result = run_partitions(
        client,
        fn if client is None else partial(with_sources, started.inputs.code_hash, fn),
        jobs,
        key_prefix=f"{step}-{started.run.run_id}",
        settings=started.settings,
        done=done,
        on_progress=reporter(step),
    )
    watch().count(result)
    result.require_complete()
    return list(result.records.values())


def group(run: Run, step: str, index: int) -> Commit:
    """The commit record of a partition that an earlier step must have left."""
    record = run.committed_group(step, index)
    if record is None:
        raise RunIncomplete(f"run {run.run_id} of {run.flow} lacks {step} {index}. Repeat the run.")
    return record


def tables(run: Run, step: str, index: int, datasets: Sequence[str] | None = None) -> dict[str, pa.Table]:
    """The tables of one partition of a step, by dataset."""
    return {
        part.dataset: run.storage.read_part(part.file)
        for part in group(run, step, index).parts
        if datasets is None or part.dataset in datasets
    }


def parts_of(run: Run, step: str, partitions: int, datasets: Sequence[str]) -> tuple[Part, ...]:
    """The files of ``datasets`` that a step wrote, by dataset and partition."""
    found = [part for part in run.collect([step], partitions) if part.dataset in datasets]
    return tuple(sorted(found, key=lambda part: (datasets.index(part.dataset), part.index)))


def dataset_of(run: Run, step: str, partitions: int, dataset: str) -> pa.Table:
    """One dataset of a step, all partitions in order."""
    return pa.concat_tables([tables(run, step, index, [dataset])[dataset] for index in range(partitions)])


def frozen_table(storage: Storage, frozen: Sequence[FrozenInput], dataset: str) -> pa.Table:
    """All frozen Parquet files of one dataset as one table, each checked by its hash."""
    return pa.concat_tables([storage.read_table(one.key, None, one.sha256) for one in frozen if one.dataset == dataset])


def whole(facts: Facts, name: str) -> int:
    """A whole number among the facts of a partition."""
    value: Any = facts[name]
    return int(value)


def total(facts: Sequence[Facts], name: str) -> int:
    """Its sum over partitions."""
    return sum(whole(one, name) for one in facts)
