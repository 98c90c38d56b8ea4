"""The partition loop: every job ends with a record, a reason, or not begun; no job stops the others."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from infra.storage import Storage
from tasks import fanout
from tasks.fanout import Job, PartitionsFailed, Progress, run_partitions
from tasks.publish import Run
from tests.support import jobs


@dataclass
class Limits:
    partition_attempts: int = 3
    partition_failures: int = 20
    stall_seconds: float = 120.0


@pytest.fixture(params=["here", "cluster"])
def client(request):
    """None for the loop in this process, then a real cluster."""
    return None if request.param == "here" else request.getfixturevalue("cluster")


def test_every_job_gives_its_record_in_order(client):
    seen: list[Progress] = []
    work = [Job(i, (i,), cost=float(i)) for i in range(40)]
    result = run_partitions(client, jobs.square, work, key_prefix="square", settings=Limits(), on_progress=seen.append)
    assert result.records == {i: i * i for i in range(40)}
    assert list(result.records) == list(range(40))
    assert (result.complete, result.found, result.retries) == (True, 0, 0)
    assert [p.finished for p in seen] == list(range(1, 41))
    assert (seen[-1].cost_finished, seen[-1].cost_total) == (780.0, 780.0)
    result.require_complete()


def test_an_error_is_tried_again(client, tmp_path):
    work = [Job(i, (str(tmp_path), i, 2 if i == 3 else 0)) for i in range(6)]
    result = run_partitions(client, jobs.fails, work, key_prefix="again", settings=Limits())
    assert result.complete
    assert result.retries == 2
    assert [jobs.attempts(tmp_path, i) for i in range(6)] == [1, 1, 1, 3, 1, 1]


def test_a_job_that_always_fails_is_quarantined_with_its_reason(client, tmp_path):
    work = [Job(i, (str(tmp_path), i, 99 if i in (1, 4) else 0)) for i in range(6)]
    result = run_partitions(client, jobs.fails, work, key_prefix="bad", settings=Limits(partition_attempts=2))
    assert sorted(result.records) == [0, 2, 3, 5]
    assert [(q.index, q.attempts) for q in result.quarantined] == [(1, 2), (4, 2)]
    assert result.quarantined[0].reason.startswith("ValueError: contract C-1 has no issue date (in fails, jobs.py:")
    with pytest.raises(PartitionsFailed, match="2 partitions failed, 0 were not run, 4 finished") as caught:
        result.require_complete()
    assert "partition 4 after 2 attempts: ValueError: contract C-4" in str(caught.value)


def test_a_systematic_error_stops_the_run_early(client, tmp_path):
    work = [Job(i, (str(tmp_path), i, 99)) for i in range(200)]
    limits = Limits(partition_attempts=1, partition_failures=3)
    result = run_partitions(client, jobs.fails, work, key_prefix="all", settings=limits)
    assert 3 <= len(result.quarantined) < 20
    assert len(result.quarantined) + len(result.not_run) == 200
    assert not result.complete


def test_what_is_committed_is_not_computed_again(client, tmp_path):
    work = [Job(i, (str(tmp_path), i)) for i in range(6)]
    found = {1: 100, 4: 400}
    result = run_partitions(
        client, jobs.noted, work, key_prefix="some", settings=Limits(), done=lambda job: found.get(job.index)
    )
    assert result.records == {0: 0, 1: 100, 2: 2, 3: 3, 4: 400, 5: 5}
    assert result.found == 2
    assert [jobs.attempts(tmp_path, i) for i in range(6)] == [1, 0, 1, 1, 0, 1]


def test_the_highest_memory_of_a_worker_is_told(client):
    work = [Job(i, (mebibytes,)) for i, mebibytes in enumerate((1, 200, 1, 1))]
    result = run_partitions(client, jobs.holds, work, key_prefix="held", settings=Limits())
    assert max(result.records.values()) > 200 * 2**20
    assert result.peak_bytes > max(result.records.values()) - 2**20  # the system counts pages in batches
    assert result.peak_bytes < 2**35


def test_the_highest_of_several_is_kept(monkeypatch):
    peaks: list[int] = []
    monkeypatch.setattr("tasks.memory.peak_bytes", lambda: peaks.pop())
    for client in (None, Client(lambda index, together: "finished")):
        peaks[:] = [30, 70, 50]
        result = run_partitions(
            client, jobs.square, [Job(i, (i,)) for i in range(3)], key_prefix="k", settings=Limits()
        )
        assert (result.records, result.peak_bytes) == ({0: 0, 1: 1, 2: 4}, 70)


def test_what_is_found_has_needed_no_memory(client):
    work = [Job(i, (i,)) for i in range(3)]
    result = run_partitions(client, jobs.square, work, key_prefix="k", settings=Limits(), done=lambda job: job.index)
    assert (result.found, result.peak_bytes) == (3, 0)


def test_two_jobs_of_one_index_are_refused():
    with pytest.raises(ValueError, match="same index"):
        run_partitions(None, jobs.square, [Job(1, (1,)), Job(1, (2,))], key_prefix="x", settings=Limits())


class Future:
    """A future that ends when it is first looked at, and wakes nobody, as a lost one does."""

    def __init__(self, client: "Client", index: int, value: int) -> None:
        self.client, self.index, self.value = client, index, value
        self._status = "pending"

    @property
    def status(self) -> str:
        if self._status == "pending":
            together = {future.index for future in self.client.futures}
            self._status = self.client.outcome(self.index, together)
        return self._status

    def result(self, timeout):
        if self._status == "error":
            raise type("KilledWorker", (Exception,), {})(f"partition-{self.index}")
        return self.value

    def add_done_callback(self, call):
        pass

    def release(self):
        self.client.futures.remove(self)


class Client:
    """A cluster whose misfortunes are decided by ``outcome(index, indices in flight)``."""

    def __init__(self, outcome: Callable[[int, set[int]], str]) -> None:
        self.outcome = outcome
        self.futures: list[Future] = []
        self.most = 0

    def nthreads(self):
        return {"a": 2, "b": 2}

    def submit(self, fn, *args, key, pure, retries):
        assert (pure, retries) == (False, 0)
        self.futures.append(Future(self, int(key.split("-")[1]), fn(*args)))
        self.most = max(self.most, len(self.futures))
        return self.futures[-1]


def test_a_lost_result_is_computed_again(monkeypatch):
    monkeypatch.setattr(fanout, "_POLL_SECONDS", 0.001)
    fates = {3: ["lost", "cancelled", "finished"]}
    client = Client(lambda index, together: fates.get(index, ["finished"]).pop(0) if index in fates else "finished")
    work = [Job(i, (i,)) for i in range(30)]
    result = run_partitions(client, jobs.square, work, key_prefix="k", settings=Limits())
    assert result.records == {i: i * i for i in range(30)}
    assert result.retries == 2
    assert client.most == 8
    assert client.futures == []


def test_no_neighbour_of_a_poisonous_job_is_blamed(monkeypatch):
    monkeypatch.setattr(fanout, "_POLL_SECONDS", 0.001)
    client = Client(lambda index, together: "error" if 7 in together else "finished")
    work = [Job(i, (i,)) for i in range(30)]
    for attempts in (2, 3):
        limits = Limits(partition_attempts=attempts)
        result = run_partitions(client, jobs.square, work, key_prefix="k", settings=limits)
        assert [(q.index, q.attempts) for q in result.quarantined] == [(7, attempts)]
        assert len(result.records) == 29
        assert result.retries >= 8


@pytest.mark.slow
def test_a_worker_killed_once_costs_nothing_but_time(cluster, tmp_path):
    work = [Job(i, (str(tmp_path), i, 1 if i == 5 else 0)) for i in range(12)]
    result = run_partitions(cluster, jobs.dies, work, key_prefix="once", settings=Limits())
    assert result.records == {i: i for i in range(12)}
    assert jobs.attempts(tmp_path, 5) >= 2
    assert result.complete


@pytest.mark.slow
def test_a_job_that_always_kills_its_worker_is_quarantined_and_the_others_finish(cluster, tmp_path):
    work = [Job(i, (str(tmp_path), i, 99 if i == 3 else 0)) for i in range(12)]
    result = run_partitions(cluster, jobs.dies, work, key_prefix="poison", settings=Limits(partition_attempts=2))
    assert sorted(result.records) == [i for i in range(12) if i != 3]
    assert [(q.index, q.attempts) for q in result.quarantined] == [(3, 2)]
    assert "KilledWorker" in result.quarantined[0].reason
    assert "HIGHWATER_MEMORY_LIMIT" in result.quarantined[0].reason
    assert result.not_run == ()


@pytest.mark.slow
def test_a_worker_that_dies_after_its_commit_has_done_its_job(cluster, tmp_path):
    run = Run(Storage((tmp_path / "store").as_uri()), "daily_valuation", "0")
    work = [Job(i, (run, str(tmp_path), i, i == 2)) for i in range(4)]
    result = run_partitions(
        cluster,
        jobs.commits,
        work,
        key_prefix="after",
        settings=Limits(),
        done=lambda job: job.index if run.committed("snapshot", job.index) else None,
    )
    assert result.records == {0: 0, 1: 1, 2: 2, 3: 3}
    assert len(run.collect(["snapshot"], 4)) == 4


@pytest.mark.slow
def test_a_job_that_never_ends_is_given_up_and_its_worker_is_free_again(cluster, tmp_path):
    result = run_partitions(cluster, jobs.hangs, [Job(0, (0,))], key_prefix="hang", settings=Limits(stall_seconds=1.0))
    assert [(q.index, q.reason) for q in result.quarantined] == [(0, "no partition finished within 1 s")]
    again = run_partitions(cluster, jobs.square, [Job(i, (i,)) for i in range(8)], key_prefix="free", settings=Limits())
    assert again.complete


def test_nothing_of_a_loop_stays_on_the_cluster(cluster, tmp_path):
    run_partitions(
        cluster, jobs.noted, [Job(i, (str(tmp_path), i)) for i in range(8)], key_prefix="gone", settings=Limits()
    )

    def keys(dask_scheduler) -> list[str]:
        return [str(key) for key in dask_scheduler.tasks if str(key).startswith("gone")]

    for _ in range(50):
        left = cluster.run_on_scheduler(keys)
        if not left:
            break
        time.sleep(0.05)
    assert left == []
