"""The memory that a partition cost its worker, told beside the partition's record and never inside it."""

import re
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

R = TypeVar("R")

_STATUS = Path("/proc/self/status")
_PEAK = re.compile(r"^VmHWM:\s*(\d+) kB$", re.MULTILINE)
_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, bytes


@dataclass(frozen=True)
class Measured(Generic[R]):
    """The record of a partition, and the `peak_bytes` of its worker when it was done."""

    record: R
    peak_bytes: int


def measured(fn: Callable[..., R], *args: Any) -> Measured[R]:
    """``fn(*args)`` on a worker, and what memory the worker has needed by then."""
    record = fn(*args)
    return Measured(record, peak_bytes())


def peak_bytes() -> int:
    """The largest resident set that this process has had since it began, in bytes.

    It counts every page that was mapped and present, so the pages of scenario tiles too, which workers of one host share:
    the sum over workers is more than the host needs.  It never falls: compiling counts, and so does whatever else the
    process has lived through (an earlier run on a lasting cluster, or everything before a step in this process).

    Linux hands ``ru_maxrss`` down from the process that starts a worker; ``VmHWM`` is the worker's own, and is preferred.
    """
    try:
        found = _PEAK.search(_STATUS.read_text(encoding="ascii", errors="replace"))
    except OSError:
        found = None
    return int(found[1]) * 1024 if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT
