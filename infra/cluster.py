"""The Dask cluster of a run: workers of one thread on this machine, or a cluster that exists already."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dask
from dask.utils import parse_timedelta
from distributed import Client, LocalCluster, SchedulerPlugin, WorkerPlugin

from infra.environment import ONE_THREAD
from infra.settings import Settings

DASK_FILE = Path(__file__).with_name("dask.yaml")
DASK_CONFIG: dict[str, Any] = next(dask.config.collect_yaml([str(DASK_FILE)]))
"""What a scheduler and its workers need."""

_LOOPBACK = "127.0.0.1"
_CONNECT_SECONDS = 60


@contextmanager
def dask_client(settings: Settings) -> Iterator[Client]:
    """A client of the cluster at ``settings.dask_address``, or of a local cluster that ends with the context.

    The local cluster has ``settings.workers`` processes of one thread, listens on the loopback interface only, shows no
    dashboard and is silent: what happens to a partition is the business of `tasks.fanout`.  A cluster that exists is
    given what it can still take of the same settings, for all who use it.  Raises ConnectionError when no scheduler
    answers.
    """
    if settings.dask_address is not None:
        with _remote(settings.dask_address) as client:
            yield client
        return
    with (
        dask.config.set(dask.config.merge(dask.config.config, DASK_CONFIG, _kernels_of_this_process())),
        LocalCluster(
            n_workers=settings.workers,
            threads_per_worker=1,
            processes=True,
            memory_limit=settings.memory_limit,
            host=_LOOPBACK,
            dashboard_address=f"{_LOOPBACK}:0",
            worker_dashboard_address=None,
            local_directory=str(settings.scratch / "dask"),
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def _remote(address: str) -> Iterator[Client]:
    try:
        client = Client(address, timeout=_CONNECT_SECONDS)
    except OSError as error:
        raise ConnectionError(
            f"no Dask scheduler answers at {address} within {_CONNECT_SECONDS} s. Start one there, set"
            " HIGHWATER_DASK_ADDRESS to another, or unset it for a cluster on this machine."
        ) from error
    with client:
        client.register_plugin(SchedulerSettings())
        client.register_plugin(WorkerSettings())
        yield client


def _kernels_of_this_process() -> dict[str, Any]:
    """Let the workers load the kernels that this process compiles."""
    if "NUMBA_CACHE_DIR" not in os.environ:
        return {}
    inherited = {"NUMBA_CACHE_DIR": os.environ["NUMBA_CACHE_DIR"]}
    return {"distributed": {"nanny": {"pre-spawn-environ": inherited}}}


class SchedulerSettings(SchedulerPlugin):  # type: ignore[misc]
    """What a running scheduler can still take of `DASK_CONFIG`; it has read its own configuration when it started."""

    name = "highwater-scheduler-settings"
    idempotent = True

    def start(self, scheduler: Any) -> None:
        """Change the scheduler."""
        wanted = DASK_CONFIG["distributed"]["scheduler"]
        scheduler.allowed_failures = wanted["allowed-failures"]
        scheduler.no_workers_timeout = parse_timedelta(wanted["no-workers-timeout"])


class WorkerSettings(WorkerPlugin):  # type: ignore[misc]
    """One thread for every library of a worker, also of one that replaces a dead worker, before it imports them.

    What the worker's own environment says goes before.
    """

    name = "highwater-worker-settings"
    idempotent = True

    def setup(self, worker: Any) -> None:
        """Set the variables."""
        for name, value in ONE_THREAD.items():
            os.environ.setdefault(name, value)
