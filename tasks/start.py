"""Begin a run: name everything its result depends on, derive its id, see whether it was done before."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import resources
from importlib.resources.abc import Traversable

from pydantic import JsonValue

from infra.settings import Settings
from infra.storage import Storage
from tasks.provenance import code_hash, package_versions
from tasks.publish import PublishedRun, Run, history, latest
from tasks.records import FrozenInput, RunInputs
from valuation.compile import kernel_hash
from valuation.sessions import calendar_version, is_valuation_day


class NothingPublished(Exception):
    """A run needs another flow's publication that is not there; the message says which flow to run."""


@dataclass(frozen=True)
class Started:
    """A run under way: small, safe to pickle."""

    run: Run
    inputs: RunInputs
    settings: Settings
    begun: str  # wall time, UTC
    clock: float  # of this process

    @property
    def storage(self) -> Storage:
        """The store of the run."""
        return self.run.storage


@dataclass(frozen=True)
class Outcome:
    """What a flow hands back: where its result is, and what it cost."""

    flow: str
    valuation_date: date
    run_id: str
    number: int  # of the publication
    found: bool  # whether the whole run was published before
    partitions_found: int
    partitions_computed: int
    seconds: Mapping[str, float]  # by step, of this execution
    worker_peak_bytes: int = 0  # 0: no worker computed


def start(
    storage: Storage,
    settings: Settings,
    flow: str,
    valuation_date: date,
    frozen: Sequence[FrozenInput],
    *,
    used: Sequence[str],
    seed: int = 0,
    assumptions: Sequence[str] = (),
    scenarios: Mapping[str, str] | None = None,
    options: Mapping[str, JsonValue] | None = None,
) -> Started:
    """The run with these inputs.

    ``used``         settings that can change its result or how it is cut
    ``assumptions``  names of assumption sets
    ``scenarios``    hash of each scenario set by name
    ``options``      parameters of the flow that can change its result
    """
    if not is_valuation_day(valuation_date):
        raise ValueError(f"{valuation_date} is no Valuation Day: the New York Stock Exchange is closed; choose another")
    of_the_run = settings.of_the_run()
    inputs = RunInputs(
        flow=flow,
        valuation_date=valuation_date,
        inputs=tuple(frozen),
        code_hash=code_hash(),
        kernel_hash=kernel_hash(),
        packages=package_versions(),
        assumptions={
            name: _hash(resources.files("valuation") / "data" / f"assumptions_{name}.toml") for name in assumptions
        },
        terms=terms_versions(),
        calendar=calendar_version(),
        scenarios=dict(scenarios or {}),
        seed=seed,
        settings={**{name: of_the_run[name] for name in used}, **(options or {})},
    )
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Started(Run(storage, flow, inputs.run_id), inputs, settings, now, time.monotonic())


def done_before(started: Started) -> Outcome | None:
    """The outcome if exactly this run is published already."""
    run, inputs = started.run, started.inputs
    mine = [one for one in history(run.storage, run.flow, inputs.valuation_date) if one.run_id == run.run_id]
    manifest = run.manifest() if mine else None
    if manifest is None:
        return None
    done = manifest.circumstances
    partitions = done.partitions_found + done.partitions_computed
    return Outcome(run.flow, inputs.valuation_date, run.run_id, mine[-1].number, True, partitions, 0, {})


def published(storage: Storage, flow: str, valuation_date: date) -> PublishedRun:
    """The run in force of another flow; raises `NothingPublished` if there is none."""
    found = latest(storage, flow, valuation_date)
    if found is None:
        command = {"daily_valuation": f"highwater daily --through {valuation_date}"}.get(flow, flow)
        raise NothingPublished(
            f"{flow} has published nothing for {valuation_date} in {storage.url}. Run `{command}` first, or choose a"
            " date that it has published."
        )
    return found


def frozen_parts(found: PublishedRun, dataset: str) -> tuple[FrozenInput, ...]:
    """The files of a published dataset as inputs of another run: they are immutable where they lie."""
    return tuple(
        FrozenInput(dataset, part.key.rpartition("/")[2], part.key, part.rows, part.bytes, part.sha256)
        for part in found.parts(dataset)
    )


def terms_versions() -> dict[str, str]:
    """The hash of every file of contractual constants, by name."""
    folder = resources.files("valuation") / "terms"
    files = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith((".toml", ".csv"))), key=lambda e: e.name
    )
    return {entry.name: _hash(entry) for entry in files}


def _hash(file: Traversable) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16] if file.is_file() else "missing"
