"""Partition functions that misbehave, for tests of the fan-out; top-level, so that workers can import them."""

import os
import signal
import time
from pathlib import Path

import pyarrow as pa

from tasks.publish import Run


def square(number: int) -> int:
    return number * number


def noted(folder: str, number: int) -> int:
    """Leave a trace of every attempt."""
    (Path(folder) / f"{number}-{time.time_ns()}").touch()
    return number


def attempts(folder: Path, number: int) -> int:
    return len(list(folder.glob(f"{number}-*")))


def fails(folder: str, number: int, times: int) -> int:
    """Fail the first ``times`` attempts."""
    noted(folder, number)
    if attempts(Path(folder), number) <= times:
        raise ValueError(f"contract C-{number} has no issue date")
    return number


def dies(folder: str, number: int, times: int) -> int:
    """Kill the own process in the first ``times`` attempts."""
    noted(folder, number)
    if attempts(Path(folder), number) <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.02)
    return number


def commits(run: Run, folder: str, number: int, die_after: bool = False) -> int:
    """Write a part and its commit record; then perhaps die before the result is told."""
    noted(folder, number)
    run.commit("snapshot", number, pa.table({"contract": [number] * 3, "value": [1.0, 2.0, number / 3]}))
    if die_after:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def holds(mebibytes: int) -> int:
    """Use some memory, and tell the resident set of the process meanwhile, in bytes."""
    import psutil

    held = b"1" * (mebibytes << 20)
    return int(psutil.Process().memory_info().rss) if held else 0


def hangs(number: int) -> int:
    time.sleep(3600)
    return number


def surroundings() -> dict[str, object]:
    """What a worker process sees."""
    import numba
    import psutil

    listening = [c.laddr.ip for c in psutil.Process().net_connections("inet") if c.status == psutil.CONN_LISTEN]
    names = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_CACHE_DIR")
    return {
        "listening": listening,
        "threads": numba.config.NUMBA_NUM_THREADS,
        "arrow": pa.cpu_count(),
        **{name: os.environ.get(name) for name in names},
    }
