"""What computed a result: a hash of the source code and the versions of the libraries."""

import hashlib
import socket
from collections.abc import Callable
from functools import lru_cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

R = TypeVar("R")

_SUFFIXES = (".py", ".toml", ".csv")
_PACKAGES = ("numba", "llvmlite", "numpy", "scipy", "pandas", "pyarrow", "QuantLib", "exchange-calendars")


class OtherSources(Exception):
    """A worker does not have the sources of the run, so what it computes is not the run's result."""


def package_versions() -> dict[str, str]:
    """Versions of the libraries that compute a number or encode a file."""
    return {name: metadata.version(name) for name in _PACKAGES}


def code_hash() -> str:
    """The sha256 of every source and constants file of ``valuation``, ``tasks`` and ``infra``, by path."""
    total = hashlib.sha256()
    for package in ("infra", "tasks", "valuation"):
        for path, file in sorted(_files(resources.files(package), package)):
            total.update(f"{path}\n{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


_hash_of_this_process = lru_cache(maxsize=1)(code_hash)


def with_sources(expected: str, fn: Callable[..., R], *args: Any) -> R:
    """``fn(*args)`` on a worker; raises `OtherSources` unless the hash of its sources is ``expected``."""
    found = _hash_of_this_process()
    if found != expected:
        raise OtherSources(
            f"the worker on {socket.gethostname()} has sources {found[:12]}; the run was begun with {expected[:12]}."
            " Start the workers from the same release, then repeat the run."
        )
    return fn(*args)


def _files(folder: Traversable, path: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _files(entry, f"{path}/{entry.name}")
        elif entry.name.endswith(_SUFFIXES):
            found.append((f"{path}/{entry.name}", entry))
    return found
