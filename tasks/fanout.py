"""The partition loop: many jobs on a plain Dask client, few in flight, results small, no job able to stop the others.

A job may be computed twice (Dask repeats what a dead worker had begun), so its function writes its own part and commit
record and may be repeated.  Attempts are counted here, not by Dask.  The last attempt of a job whose worker died runs
while nothing else does: only then is it certain which job kills workers, and no healthy neighbour is blamed.
"""

import asyncio
import math
import queue
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from tasks.memory import Measured, measured

if TYPE_CHECKING:
    from distributed import Client, Future

R = TypeVar("R")

_POLL_SECONDS = 0.5
_LOOK_UPS = 8
_REASON_LENGTH = 1000
_WINDOW_SECONDS = 5.0
_WORKER_LOST = ("_WorkerLost", "KilledWorker", "FutureCancelledError", "NoValidWorkerError", "CommClosedError")
_WORKER_HINT = " If it ran out of memory, cut smaller partitions or raise HIGHWATER_MEMORY_LIMIT."


class FanoutSettings(Protocol):
    """What of `infra.settings.Settings` the loop needs."""

    @property
    def partition_attempts(self) -> int:
        """Attempts before a partition is quarantined."""
        ...

    @property
    def partition_failures(self) -> int:
        """Quarantined partitions that stop the loop."""
        ...

    @property
    def stall_seconds(self) -> float:
        """Longest wait for any partition to finish."""
        ...


@dataclass(frozen=True)
class Job:
    """One partition: its number, the small arguments of the function, its predicted cost (any unit)."""

    index: int
    args: tuple[Any, ...]
    cost: float = 1.0


@dataclass(frozen=True)
class Quarantined:
    """A partition that was given up, and why."""

    index: int
    reason: str
    attempts: int


@dataclass(frozen=True)
class Progress:
    """How far the loop is; costs are the predicted ones of the jobs."""

    finished: int
    total: int
    quarantined: int
    retries: int
    cost_finished: float
    cost_total: float


@dataclass(frozen=True)
class FanoutResult(Generic[R]):
    """What came of every job: each index is in exactly one of ``records``, ``quarantined`` and ``not_run``.

    ``peak_bytes`` is the highest `tasks.memory.peak_bytes` of a worker that finished a job, 0 if none was computed; what
    a worker held when it was killed is not known.
    """

    records: dict[int, R]
    quarantined: tuple[Quarantined, ...]
    not_run: tuple[int, ...]
    found: int
    retries: int
    seconds: float
    peak_bytes: int = 0

    @property
    def complete(self) -> bool:
        """Whether every partition has its record."""
        return not self.quarantined and not self.not_run

    def require_complete(self) -> None:
        """Raise `PartitionsFailed` with the full list unless every partition has its record."""
        if not self.complete:
            raise PartitionsFailed(self.quarantined, self.not_run, len(self.records))


class PartitionsFailed(Exception):
    """Some partitions have no result; what the others committed is kept, and a repeat computes only what is missing."""

    def __init__(self, quarantined: Sequence[Quarantined], not_run: Sequence[int], finished: int) -> None:
        super().__init__(quarantined, not_run, finished)
        self.quarantined = tuple(quarantined)
        self.not_run = tuple(not_run)
        self.finished = finished

    def __str__(self) -> str:
        counts = f"{len(self.quarantined)} partitions failed, {len(self.not_run)} were not run"
        lines = [f"{counts}, {self.finished} finished."]
        lines += [f"partition {q.index} after {q.attempts} attempts: {q.reason}" for q in self.quarantined]
        lines.append("Correct the cause and repeat the run: it computes only what is missing.")
        return "\n".join(lines)


def run_partitions(
    client: "Client | None",
    fn: Callable[..., R],
    jobs: Sequence[Job],
    *,
    key_prefix: str,
    settings: FanoutSettings,
    done: Callable[[Job], R | None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> FanoutResult[R]:
    """Run ``fn(*job.args)`` for every job whose record ``done(job)`` does not find, on ``client`` or in this process.

    ``fn`` is a top-level function that may be repeated and returns something small.  ``done`` is asked before the first
    attempt (from several threads) and again when an attempt fails, since a worker may die after its commit.  A job is
    quarantined after ``settings.partition_attempts`` failures; after ``settings.partition_failures`` quarantined jobs,
    or ``settings.stall_seconds`` without any result, no more are begun.  Never raises for a job: see `FanoutResult`.
    """
    if len({job.index for job in jobs}) != len(jobs):
        raise ValueError("two jobs have the same index: the commit record of one would hide the other")
    loop = _Loop(fn, jobs, settings, done, on_progress)
    loop.look_up()
    if client is None:
        loop.run_here()
    else:
        _Cluster(client, key_prefix, loop).run()
    return loop.result()


@dataclass
class _Loop(Generic[R]):
    """The table of attempts: decides what is next, knows nothing of a cluster."""

    fn: Callable[..., R]
    jobs: Sequence[Job]
    settings: FanoutSettings
    done: Callable[[Job], R | None] | None
    on_progress: Callable[[Progress], None] | None
    records: dict[int, R] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)
    attempts: dict[int, int] = field(default_factory=dict)
    waiting: deque[Job] = field(default_factory=deque)
    alone: deque[Job] = field(default_factory=deque)
    found: int = 0
    retries: int = 0
    peak_bytes: int = 0
    stopped: bool = False
    cost_finished: float = 0.0
    begun: float = field(default_factory=time.monotonic)

    @cached_property
    def cost_total(self) -> float:
        """Predicted cost of all jobs."""
        return sum(job.cost for job in self.jobs)

    def look_up(self) -> None:
        """Take the records of jobs that are committed already; queue the rest."""
        with ThreadPoolExecutor(_LOOK_UPS) as pool:
            records = list(pool.map(self._committed, self.jobs))
        for job, record in zip(self.jobs, records, strict=True):
            if record is None:
                self.waiting.append(job)
            else:
                self._take(job, record)
        self.found = len(self.records)
        if self.found:
            self.report()

    def next(self, in_flight: int) -> Job | None:
        """The job to begin now, given how many are in flight; None if there is none."""
        if self.stopped:
            return None
        if self.waiting:
            return self.waiting.popleft()
        return self.alone.popleft() if self.alone and in_flight == 0 else None

    def attempt(self, job: Job) -> int:
        """Count one more attempt."""
        self.attempts[job.index] = self.attempts.get(job.index, 0) + 1
        return self.attempts[job.index]

    def computed(self, job: Job, done: Measured[R]) -> None:
        """Take what a worker computed, and the memory it needed."""
        self.peak_bytes = max(self.peak_bytes, done.peak_bytes)
        self.finished(job, done.record)

    def finished(self, job: Job, record: R) -> None:
        """Take the record of a job."""
        self._take(job, record)
        self.report()

    def failed(self, job: Job, reason: str, worker_lost: bool) -> None:
        """Queue another attempt, or quarantine the job; unless it has committed after all."""
        record = self._committed(job)
        if record is not None:
            return self.finished(job, record)
        if self.stopped or self.attempts[job.index] >= self.settings.partition_attempts:
            return self.give_up(job, reason)
        self.retries += 1
        last = self.attempts[job.index] == self.settings.partition_attempts - 1
        (self.alone if worker_lost and last else self.waiting).append(job)

    def give_up(self, job: Job, reason: str) -> None:
        """Quarantine a job, and stop if there are too many."""
        self.quarantined.append(Quarantined(job.index, reason, self.attempts[job.index]))
        self.stopped = self.stopped or len(self.quarantined) >= self.settings.partition_failures
        self.report()

    def run_here(self) -> None:
        """Run the jobs one after the other in this process."""
        while (job := self.next(in_flight=0)) is not None:
            self.attempt(job)
            try:
                done = measured(self.fn, *job.args)
            except Exception as error:
                self.failed(job, reason_of(error), worker_lost=False)
            else:
                self.computed(job, done)

    def report(self) -> None:
        """Tell the caller how far the loop is."""
        if self.on_progress is not None:
            self.on_progress(
                Progress(
                    finished=len(self.records),
                    total=len(self.jobs),
                    quarantined=len(self.quarantined),
                    retries=self.retries,
                    cost_finished=self.cost_finished,
                    cost_total=self.cost_total,
                )
            )

    def result(self) -> FanoutResult[R]:
        """What came of every job, in the order of their indices."""
        ended = self.records.keys() | {q.index for q in self.quarantined}
        return FanoutResult(
            records=dict(sorted(self.records.items())),
            quarantined=tuple(sorted(self.quarantined, key=lambda q: q.index)),
            not_run=tuple(sorted(job.index for job in self.jobs if job.index not in ended)),
            found=self.found,
            retries=self.retries,
            seconds=time.monotonic() - self.begun,
            peak_bytes=self.peak_bytes,
        )

    def _take(self, job: Job, record: R) -> None:
        self.records[job.index] = record
        self.cost_finished += job.cost

    def _committed(self, job: Job) -> R | None:
        return None if self.done is None else self.done(job)


class _WorkerLost(Exception):
    """The result of a partition went with its worker."""


class _Cluster(Generic[R]):
    """Keeps a few jobs of a `_Loop` in flight on a cluster and hands every outcome back to it."""

    def __init__(self, client: "Client", key_prefix: str, loop: _Loop[R]) -> None:
        self.client = client
        self.key_prefix = key_prefix
        self.token = uuid.uuid4().hex[:8]  # a scheduler may still know the keys of an earlier loop
        self.loop = loop
        self.in_flight: dict[str, tuple[Job, Future]] = {}
        self.ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.heard = time.monotonic()
        self.window = 0
        self.window_read = -math.inf

    def run(self) -> None:
        """Run until nothing is left or nothing more may be begun."""
        try:
            self._fill()
            while self.in_flight:
                for key in self._ready():
                    self._take(key)
                if time.monotonic() - self.heard > self.loop.settings.stall_seconds:
                    self._give_up_all()
                self._fill()
        finally:
            with suppress(Exception):  # a cluster that is gone must not hide why the loop ends
                self.client.cancel([future for _, future in self.in_flight.values()], force=True)

    def _fill(self) -> None:
        if time.monotonic() - self.window_read > _WINDOW_SECONDS:  # workers come and go
            self.window = max(4, 2 * sum(self.client.nthreads().values()))
            self.window_read = time.monotonic()
        while len(self.in_flight) < self.window:
            job = self.loop.next(len(self.in_flight))
            if job is None:
                return
            key = f"{self.key_prefix}-{job.index:05d}-{self.loop.attempt(job)}-{self.token}"
            future = self.client.submit(measured, self.loop.fn, *job.args, key=key, pure=False, retries=0)
            self.in_flight[key] = (job, future)
            future.add_done_callback(lambda future: self.ended.put(future.key))

    def _ready(self) -> Iterable[str]:
        """Keys of futures that ended; a lost one wakes nobody, so all are looked at now and then."""
        try:
            ready = {self.ended.get(timeout=_POLL_SECONDS)}
        except queue.Empty:
            ready = {key for key, (_, future) in self.in_flight.items() if future.status != "pending"}
        return sorted(ready & self.in_flight.keys())

    def _take(self, key: str) -> None:
        job, future = self.in_flight.pop(key)
        self.heard = time.monotonic()
        try:
            if future.status not in ("finished", "error"):
                raise _WorkerLost(f"the cluster calls the partition {future.status}")
            done = future.result(timeout=60)
        except (Exception, asyncio.CancelledError) as error:
            lost = type(error).__name__ in _WORKER_LOST
            self.loop.failed(job, reason_of(error) + (_WORKER_HINT if lost else ""), lost)
        else:
            self.loop.computed(job, done)
        finally:
            future.release()

    def _give_up_all(self) -> None:
        """Quarantine what is in flight: the cluster is stuck, or jobs that never end hold all its workers."""
        self.loop.stopped = True
        busy = [worker for worker, keys in self.client.processing().items() if self.in_flight.keys() & set(keys)]
        for job, future in self.in_flight.values():
            self.loop.give_up(job, f"no partition finished within {self.loop.settings.stall_seconds:g} s")
            future.cancel(force=True)
        self.in_flight.clear()
        if busy:  # a running kernel cannot be interrupted, a process can
            self.client.restart_workers(busy, timeout=60, raise_for_error=False)


def reason_of(error: BaseException) -> str:
    """An error in one paragraph: its type, its message, and where it was raised."""
    place = ""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is not None:
        code = trace.tb_frame.f_code
        place = f" (in {code.co_name}, {Path(code.co_filename).name}:{trace.tb_lineno})"
    return f"{type(error).__name__}: {str(error)[:_REASON_LENGTH]}{place}"
