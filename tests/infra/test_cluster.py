"""The local cluster: processes of one thread, on the loopback interface, silent, gone afterwards; and any other."""

import json
import os
import subprocess
import sys

import dask
import numpy as np
import psutil
import pytest
from distributed import LocalCluster

from infra.cluster import DASK_CONFIG, DASK_FILE, dask_client
from infra.environment import ONE_THREAD
from infra.settings import load_settings
from infra.tiles import TilePlugin, map_tile
from tests.infra.test_tiles import put
from tests.support.jobs import surroundings

LOOPBACK = {"127.0.0.1", "::1"}


def listening(process: psutil.Process) -> set[str]:
    return {c.laddr.ip for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN}


@pytest.mark.slow
def test_a_local_cluster(tmp_path, monkeypatch, capfd, folder):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    before = listening(psutil.Process())
    children = set(psutil.Process().children(recursive=True))
    settings = load_settings(workers=2, scratch=tmp_path, memory_limit="1GiB")
    with dask_client(settings) as client:
        assert list(client.nthreads().values()) == [1, 1]
        workers = client.run(surroundings)
        info = client.scheduler_info(n_workers=-1)["workers"].values()
        assert (listening(psutil.Process()) - before) <= LOOPBACK
        assert dask.config.merge(dask.config.config, DASK_CONFIG) == dask.config.config
        key, sha256 = put(folder, np.ones((2, 6, 4)))
        client.register_plugin(TilePlugin(folder, ((key, sha256),), tmp_path))
        total = client.submit(lambda: float(map_tile(folder, key, sha256, tmp_path).sum()), pure=False)
        assert total.result() == 48.0
    assert len(workers) == 2
    for seen in workers.values():
        assert set(seen["listening"]) <= LOOPBACK
        assert seen["threads"] == seen["arrow"] == 1
        assert seen["NUMBA_CACHE_DIR"] == str(tmp_path / "kernels")
        assert seen["OMP_NUM_THREADS"] == seen["MKL_NUM_THREADS"] == seen["OPENBLAS_NUM_THREADS"] == "1"
    assert {worker["memory_limit"] for worker in info} == {2**30}
    assert capfd.readouterr() == ("", "")
    left = [p for p in psutil.Process().children(recursive=True) if p not in children and p.name().startswith("python")]
    assert [p for p in left if "resource_tracker" not in " ".join(p.cmdline())] == []


def test_an_address_without_a_scheduler_is_named_with_the_next_step(monkeypatch):
    monkeypatch.setattr("infra.cluster._CONNECT_SECONDS", 1)
    with (
        pytest.raises(
            ConnectionError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9 .*HIGHWATER_DASK_ADDRESS"
        ),
        dask_client(load_settings(dask_address="tcp://127.0.0.1:9")),
    ):
        pass


@pytest.mark.slow
def test_a_cluster_that_exists_takes_the_settings(tmp_path, monkeypatch):
    for name in ONE_THREAD:
        monkeypatch.delenv(name, raising=False)
    plain = {"n_workers": 1, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(**plain, worker_dashboard_address=None, local_directory=str(tmp_path)) as cluster:
        assert cluster.scheduler.no_workers_timeout is None
        with dask_client(load_settings(dask_address=cluster.scheduler_address, scratch=tmp_path)) as client:
            assert cluster.scheduler.allowed_failures == 1
            assert cluster.scheduler.no_workers_timeout == 60.0
            cluster.scale(2)
            client.wait_for_workers(2)
            for seen in client.run(surroundings).values():  # the one that was there, and the one that came
                assert seen["threads"] == 1
                assert {seen[name] for name in ONE_THREAD} == {"1"}


def test_the_file_for_other_clusters_is_what_dask_reads():
    wanted = "distributed.nanny.pre-spawn-environ", "distributed.scheduler.allowed-failures"
    code = f"import dask, distributed, json; print(json.dumps([dask.config.get(name) for name in {wanted}]))"
    environment = {**os.environ, "DASK_CONFIG": str(DASK_FILE)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    variables, failures = json.loads(done.stdout)
    assert {name: str(variables[name]) for name in ONE_THREAD} == ONE_THREAD
    assert failures == 1
