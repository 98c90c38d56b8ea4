"""End a run: its manifest, once and last, then its publication."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from tasks.progress import watch
from tasks.publish import Run
from tasks.records import Check, Circumstances, Manifest, Part
from tasks.start import Outcome, Started


def lacks(run: Run, step: str) -> bool:
    """Whether a step of one part is still to be done."""
    return run.committed_group(step, 0) is None


def conclude(
    started: Started, parts: Sequence[Part], control_totals: Mapping[str, float], checks: Sequence[Check]
) -> Manifest:
    """Write the manifest; its checks decide later whether the run may be published."""
    seen = watch()
    circumstances = Circumstances(
        started=started.begun,
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        wall_seconds=round(time.monotonic() - started.clock, 3),
        retries=seen.retries,
        partitions_found=seen.found,
        partitions_computed=seen.computed,
        worker_peak_bytes=seen.peak_bytes,
        notes={"seconds": dict(seen.seconds)},
    )
    manifest = Manifest(
        run_id=started.run.run_id,
        inputs=started.inputs,
        parts=tuple(parts),
        control_totals=control_totals,
        checks=tuple(checks),
        circumstances=circumstances,
    )
    return started.run.write_manifest(manifest)


def publish(started: Started) -> Outcome:
    """Make the run the one in force; raises `RunIncomplete` with every failed check if there is one."""
    record = started.run.publish()
    seen = watch()
    return Outcome(
        record.flow,
        record.valuation_date,
        record.run_id,
        record.number,
        False,
        seen.found,
        seen.computed,
        dict(seen.seconds),
        seen.peak_bytes,
    )
