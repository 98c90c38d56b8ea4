"""What computed a result: a hash of the source code and the versions of the libraries."""

import hashlib
from importlib import metadata, resources
from importlib.resources.abc import Traversable

_SUFFIXES = (".py", ".toml", ".csv")
_PACKAGES = ("numba", "llvmlite", "numpy", "scipy", "pandas", "pyarrow", "QuantLib", "exchange-calendars")


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


def _files(folder: Traversable, path: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _files(entry, f"{path}/{entry.name}")
        elif entry.name.endswith(_SUFFIXES):
            found.append((f"{path}/{entry.name}", entry))
    return found
