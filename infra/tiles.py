"""Scenario tiles on a worker: one verified copy a host, mapped read-only by every process of that host."""

import fcntl
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from distributed import WorkerPlugin

from infra.storage import DamagedObject, MissingObject, Storage

Tile = npt.NDArray[np.float64]


def map_tile(storage: Storage, key: str, sha256: str, scratch: Path) -> Tile:
    """The ``.npy`` object ``key`` as a read-only array, mapped from the store's folder or from ``scratch/tiles``.

    Of a store elsewhere the first process of a host fetches the tile, under a lock and with an atomic rename.  Each
    process checks the hash when it maps the tile for the first time, and fetches a damaged copy again.  Raises
    `DamagedObject` if the object itself does not have this hash or is no array of float64.
    """
    if re.fullmatch(r"[0-9a-f]{64}", sha256) is None:
        raise ValueError(f"the sha256 of tile {key!r} is {sha256!r}: it must be 64 hexadecimal digits")
    return _mapped(storage, key, sha256, scratch)


@lru_cache(maxsize=512)
def _mapped(storage: Storage, key: str, sha256: str, scratch: Path) -> Tile:
    path = storage.local_path(key)
    if path is None:
        path = _fetched(storage, key, sha256, scratch / "tiles")
    elif not path.is_file():
        raise MissingObject(f"{storage.name(key)} does not exist. Make the scenarios again.")
    elif (found := _sha256(path)) != sha256:
        raise _damaged(storage.name(key), found, sha256)
    try:
        tile = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        raise DamagedObject(f"{storage.name(key)} is not a .npy file ({error}). Make the scenarios again.") from None
    if not isinstance(tile, np.memmap) or tile.dtype != np.float64:
        raise DamagedObject(f"{storage.name(key)} is not an array of float64. Make the scenarios again.")
    return tile


def _fetched(storage: Storage, key: str, sha256: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sha256}.npy"
    with _only_one(folder / f"{sha256}.lock"):
        if not path.exists() or _sha256(path) != sha256:
            storage.download(key, path)
            if (found := _sha256(path)) != sha256:
                path.unlink()
                raise _damaged(storage.name(key), found, sha256)
    return path


def _damaged(name: str, found: str, expected: str) -> DamagedObject:
    return DamagedObject(
        f"{name} has sha256 {found}; sha256 {expected} was expected. It was altered or cut: make the scenarios again."
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """One process of this host at a time; the lock ends with its process, so a killed worker leaves none behind."""
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


class TilePlugin(WorkerPlugin):  # type: ignore[misc]
    """Map tiles when a worker starts, also one that replaces a dead worker, so that no partition waits for them.

    ``tiles`` holds (key, sha256) pairs.  Register with ``client.register_plugin(TilePlugin(...))``.
    """

    idempotent = True

    def __init__(self, storage: Storage, tiles: tuple[tuple[str, str], ...], scratch: Path) -> None:
        self.storage = storage
        self.tiles = tiles
        self.scratch = scratch
        self.name = "tiles-" + hashlib.sha256("".join(sha256 for _, sha256 in tiles).encode()).hexdigest()[:16]

    def setup(self, worker: Any) -> None:
        """Fetch and map every tile."""
        for key, sha256 in self.tiles:
            map_tile(self.storage, key, sha256, self.scratch)
