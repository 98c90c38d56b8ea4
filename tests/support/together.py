"""Several at once: processes of a cluster, threads of a race."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from distributed import Client

from infra.cluster import dask_client
from infra.settings import load_settings


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of two worker processes."""
    with dask_client(load_settings(workers=2, scratch=tmp_path_factory.mktemp("scratch"))) as client:
        yield client


def at_once(work: Callable[[Any], Any], given: Iterable[Any]) -> list[Any]:
    """What ``work`` makes of each of ``given``, in a thread each; raises what any of them raises."""
    asked = list(given)
    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(work, asked))
