"""The environment variables that other libraries read once, at import: call `prepare` before importing them.

Prefect, numba, BLAS and Dask take their options from the environment when they are imported.  Everything here is set
only where the user has set nothing, with one exception that is a matter of correct numbers: the folder of compiled
kernels always ends in the hash of their sources, because numba's own cache does not see a change in another module.
"""

import os
import re
import sys
from pathlib import Path

from infra.settings import Settings

ONE_THREAD = {
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
"""Dask owns the parallelism: a worker is one thread, whatever library it calls."""

QUIET_PREFECT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
}
"""No call leaves the machine; the embedded server may take its time on a slow one, and is silent when it ends."""


def prepare(settings: Settings, kernel_hash: str | None = None) -> None:
    """Set what Prefect, numba and Dask read at import, for this process and its children.

    ``kernel_hash`` names the folder of compiled kernels; without it nothing is cached on disk.
    """
    for name, value in {**QUIET_PREFECT, **ONE_THREAD}.items():
        os.environ.setdefault(name, value)
    settings.scratch.mkdir(parents=True, exist_ok=True)  # Prefect's server makes its own folder, but not those above it
    os.environ.setdefault("PREFECT_HOME", str(settings.scratch / "prefect"))
    if settings.prefect_api_url is not None:
        os.environ.setdefault("PREFECT_API_URL", settings.prefect_api_url)
    if settings.quiet:
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    if kernel_hash is not None:
        cache_kernels(settings.scratch / "kernels", kernel_hash)


def cache_kernels(folder: Path, kernel_hash: str) -> Path:
    """Let numba keep what it compiles in ``folder/<kernel_hash>`` (``NUMBA_CACHE_DIR`` replaces ``folder``); the path.

    Only kernels of modules imported afterwards are cached.  ``kernel_hash`` is 8 to 64 hexadecimal digits and stands
    for every source file of the kernels and for the versions of the compiler.
    """
    if re.fullmatch(r"[0-9a-f]{8,64}", kernel_hash) is None:
        raise ValueError(f"the hash of the kernels is {kernel_hash!r}: it must be 8 to 64 hexadecimal digits")
    root = Path(os.environ.get("NUMBA_CACHE_DIR") or folder)
    inherited = root.name == kernel_hash or re.fullmatch(r"[0-9a-f]{64}", root.name) is not None
    path = (root.parent if inherited else root) / kernel_hash
    path.mkdir(parents=True, exist_ok=True)
    os.environ["NUMBA_CACHE_DIR"] = str(path)
    numba = sys.modules.get("numba")
    if numba is not None:  # imported already, to compute the hash: its copy of the variable is read at each kernel
        numba.config.CACHE_DIR = str(path)
    return path
