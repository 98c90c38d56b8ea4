"""The Dask cluster of a run: workers of one thread on this machine, or a cluster that exists already."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import dask
from distributed import Client, LocalCluster

from infra.environment import ONE_THREAD
from infra.settings import Settings

DASK_CONFIG = {
    "distributed.scheduler.no-workers-timeout": "60s",  # the default waits for ever when all workers are lost
    "distributed.scheduler.allowed-failures": 1,
    "distributed.deploy.lost-worker-timeout": "120s",  # the default gives a worker up that a bad partition kills often
    "distributed.worker.multiprocessing-method": "spawn",  # s3fs and numba's threads do not survive a fork
    "distributed.comm.timeouts.connect": "60s",  # a loaded machine starts processes slowly
    "distributed.admin.system-monitor.disk": False,
}
"""What a scheduler and its workers need; a cluster that Highwater did not start should be given the same."""

_LOOPBACK = "127.0.0.1"
_CONNECT_SECONDS = 60


@contextmanager
def dask_client(settings: Settings) -> Iterator[Client]:
    """A client of the cluster at ``settings.dask_address``, or of a local cluster that ends with the context.

    The local cluster has ``settings.workers`` processes of one thread, listens on the loopback interface only, shows no
    dashboard and is silent: what happens to a partition is the business of `tasks.fanout`.  Raises ConnectionError when
    no scheduler answers.
    """
    if settings.dask_address is not None:
        with _remote(settings.dask_address) as client:
            yield client
        return
    with (
        dask.config.set({**DASK_CONFIG, "distributed.nanny.pre-spawn-environ": _worker_environment()}),
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
        yield client


def _worker_environment() -> dict[str, str]:
    """Variables of a worker before it starts: one thread for every library, and the kernels this process compiles."""
    inherited = {"NUMBA_CACHE_DIR": os.environ["NUMBA_CACHE_DIR"]} if "NUMBA_CACHE_DIR" in os.environ else {}
    return {**dask.config.get("distributed.nanny.pre-spawn-environ"), **ONE_THREAD, **inherited}
