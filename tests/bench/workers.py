"""A month-end reserve on one and on two workers, and what of its time is not the kernel's."""

import os
import resource
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from distributed import Client

from infra.cluster import dask_client
from infra.settings import Settings, load_settings
from infra.storage import Storage
from tasks import reserve, scenarios
from tasks.demo import write_demo
from tasks.fanout import Job, run_partitions
from tasks.project import ASSUMPTIONS, REAL_WORLD, RISK_NEUTRAL, Begun, Plan, contracts_of, prepared, without_expenses
from tasks.publish import latest
from tasks.scenarios import TileRef, mapped
from tests.bench.material import AS_OF
from tests.bench.measured import Row, Section
from valuation.portfolio import project

NOTHINGS, NAPS, NAP = 1000, 100, 0.05
Tiles = dict[str, tuple[TileRef, ...]]


class Overhead(NamedTuple):
    """What a task costs besides itself, seconds."""

    dispatch: float  # of the one loop and scheduler
    latency: float  # that its worker waits


def nothing(number: int) -> int:
    """A task that costs nothing."""
    return number


def nap(number: int) -> int:
    """A task of a known length."""
    time.sleep(NAP)
    return number


def _wall(client: Client, fn: Any, jobs: list[Job], settings: Settings) -> float:
    begun = time.monotonic()
    run_partitions(client, fn, jobs, key_prefix=fn.__name__, settings=settings).require_complete()
    return time.monotonic() - begun


@cache
def overhead() -> Overhead:
    """Wall seconds a task of the partition loop, measured on a cluster of this machine."""
    with TemporaryDirectory() as folder:
        settings = load_settings(scratch=Path(folder), workers=1)
        with dask_client(settings) as client:
            _wall(client, nothing, [Job(k, (k,)) for k in range(50)], settings)
            none = _wall(client, nothing, [Job(k, (k,)) for k in range(NOTHINGS)], settings) / NOTHINGS
            asleep = _wall(client, nap, [Job(k, (k,)) for k in range(NAPS)], settings) / NAPS
    return Overhead(none, max(asleep - NAP, 0.0))


def flow(contracts: int, real_world: int) -> Section:
    """The flow by its command on one worker; its projection again on one and on two; its kernels alone."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        given: dict[str, Any] = {"real_world_scenarios": real_world, "risk_neutral_scenarios": real_world // 2}
        given |= {"storage_url": (folder / "store").as_uri(), "scratch": folder / "scratch"}
        settings = load_settings(**given, workers=1)
        storage = Storage(settings.storage_url)
        command = _run_flows(storage, settings, contracts)
        published = latest(storage, reserve.FLOW, AS_OF)
        assert published is not None
        done = published.manifest.circumstances
        steps: Any = done.notes["seconds"]
        begun = reserve.begin(storage, settings, AS_OF)
        if begun.started.run.run_id != published.manifest.run_id:
            raise AssertionError("the run to be measured again is not the one that was published")
        plan = reserve.prepare(begun)
        one, two = (_projected(begun, plan, load_settings(**given, workers=n)) for n in (1, 2))
        kernels = _kernels(begun, plan)
    note = f"{contracts} contracts, {real_world // 2} + {real_world} scenarios, {plan.partitions} partitions"
    each = overhead()
    rows = [
        Row("project_1", "projection step, one worker", one.wall, "s", f"wall; {note}"),
        Row("project_2", "  two workers", two.wall, "s", "wall; processes of one thread"),
        Row("speed_up", "  from one to two", one.wall / two.wall, "times"),
        Row("kernels", "its kernels alone", kernels, "s", "processor time in one process"),
        Row("over_projection", "  projection step over kernels", 100.0 * (one.processor / kernels - 1.0), "%",
            "processor time; preparing, loop, scheduler, reading, encoding"),
        Row("over_run", "  whole command over kernels", 100.0 * (command / kernels - 1.0), "%",
            "processor time; starting, loading kernels, Prefect, scenarios, tails, allocation, writing"),
        Row("step_wall", "projection step of the command", steps["project"], "s", "wall, in its manifest"),
        Row("run_wall", "the whole run", done.wall_seconds, "s", "wall, in its manifest"),
        Row("dispatch", "a task that does nothing", 1e3 * each.dispatch, "ms", "wall; loop, scheduler and worker"),
        Row("latency", "a worker's wait between tasks", 1e3 * each.latency, "ms", "wall; the next one is there already"),
    ]  # fmt: skip
    return Section("A month-end reserve on workers", rows)


def _run_flows(storage: Storage, settings: Settings, contracts: int) -> float:
    """The daily valuation and the reserve by their commands on a store of their own; the latter's processor seconds."""
    made = write_demo(storage, contracts, AS_OF)
    shared = {
        "HIGHWATER_STORAGE_URL": settings.storage_url,
        "HIGHWATER_SCRATCH": str(settings.scratch),
        "HIGHWATER_WORKERS": "1",
        "HIGHWATER_QUIET": "true",
        "HIGHWATER_REAL_WORLD_SCENARIOS": str(settings.real_world_scenarios),
        "HIGHWATER_RISK_NEUTRAL_SCENARIOS": str(settings.risk_neutral_scenarios),
    }
    files = ("--contracts", made.contracts, "--transactions", made.transactions, "--prices", made.prices)
    spent = 0.0
    for asked in (("daily", "--through", AS_OF.isoformat(), *files), ("reserve", "--on", AS_OF.isoformat())):
        before = _children()
        command = [sys.executable, "-m", "flows", *asked]
        ended = subprocess.run(command, env=os.environ | shared, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise RuntimeError(f"highwater {asked[0]} ended with {ended.returncode}: {ended.stdout}{ended.stderr}")
        spent = _children() - before
    return spent


def _children() -> float:
    """Processor seconds of the processes that this one has started and that have ended, with their own."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Spent(NamedTuple):
    """What a step took, seconds."""

    wall: float
    processor: float  # of the workers, the scheduler and this process


def _projected(begun: Begun, plan: Plan, settings: Settings) -> Spent:
    """The projection step on a fresh cluster whose workers have their kernels; the better of two."""
    run = begun.started.run
    with dask_client(settings) as client:
        tiles = scenarios.make_tiles(begun.started, begun.sets, begun.days, client)
        jobs = [Job(index, (run, index, plan.frame, tiles), cost) for index, cost in enumerate(plan.cost)]
        ready = [
            client.submit(reserve.project_partition, *jobs[0].args, workers=[worker], pure=False)
            for worker in client.scheduler_info()["workers"]
        ]
        client.gather(ready)
        return min(_spent(client, jobs, settings) for _ in range(2))


def _spent(client: Client, jobs: list[Job], settings: Settings) -> Spent:
    before = time.process_time() + sum(client.run(time.process_time).values())
    wall = _wall(client, reserve.project_partition, jobs, settings)
    return Spent(wall, time.process_time() + sum(client.run(time.process_time).values()) - before)


def _kernels(begun: Begun, plan: Plan) -> float:
    """Processor seconds of the kernels of the projection step, contracts prepared and tiles mapped before."""
    run, spent = begun.started.run, 0.0
    tiles = scenarios.make_tiles(begun.started, begun.sets, begun.days, None)
    for index in range(plan.partitions):
        snapshot = contracts_of(run, index)
        for basis in (RISK_NEUTRAL, REAL_WORLD):
            portfolio = prepared(snapshot, plan.frame, ASSUMPTIONS[basis])
            for tile in mapped(run.storage, tiles[basis], plan.frame.scratch):
                spent += _timed(portfolio, tile)
            if basis == RISK_NEUTRAL:
                first = next(mapped(run.storage, tiles[basis], plan.frame.scratch))
                spent += _timed(without_expenses(portfolio), first[:, :, : reserve.CONTROL_LANES].copy())
    return spent


def _timed(portfolio: Any, tile: Any) -> float:
    begun = time.process_time()
    project(portfolio, tile, None)
    return time.process_time() - begun
