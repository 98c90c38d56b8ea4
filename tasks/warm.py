"""Make a process ready before anything compiled is imported."""

import os
import sys

from infra.environment import prepare
from infra.settings import Settings


def prepare_process(settings: Settings) -> None:
    """Set what Prefect, numba and Dask read at import; compiled kernels are kept under the hash of their sources.

    Prefect and Dask log what is wrong only, unless the user has set their levels: the command line tells what goes on.
    """
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "error")
    from valuation.compile import kernel_hash

    prepare(settings, kernel_hash())


def interpret() -> None:
    """Run the contract's law uncompiled, for one contract: the same bits without waiting for the compiler.

    It must come before the law is imported; raises RuntimeError if that has happened.
    """
    if "valuation.compile" in sys.modules and os.environ.get("NUMBA_DISABLE_JIT") != "1":
        raise RuntimeError("the law is imported already, compiled; ask for it uncompiled in a new process")
    os.environ["NUMBA_DISABLE_JIT"] = "1"
