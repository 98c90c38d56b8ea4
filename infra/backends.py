"""The two kinds of store behind `infra.storage.Storage`: a folder, and a bucket through s3fs.

Both give the same few operations and the same errors: FileNotFoundError, FileExistsError, OSError.
"""

import errno
import os
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

SINGLE_PUT = 5 * 2**30
_CONFLICT_ATTEMPTS = 6


class Backend(Protocol):
    """What a store must do; keys are checked before."""

    def get(self, key: str) -> bytes:
        """All bytes of an object."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Write or replace an object, whole."""
        ...

    def put_new(self, key: str, data: bytes) -> None:
        """Write an object, whole, if there is none; else FileExistsError."""
        ...

    def exists(self, key: str) -> bool:
        """Whether there is an object."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """Keys below a folder."""
        ...

    def open(self, key: str) -> BinaryIO:
        """An object as a seekable file."""
        ...

    def download(self, key: str, target: Path) -> None:
        """Copy an object to a local file."""
        ...


class FileBackend:
    """A folder.  An object is written under a hidden name beside its place, flushed, then linked or moved there."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, key: str) -> bytes:
        """All bytes of an object."""
        with self._found(key):
            return (self.root / key).read_bytes()

    def put(self, key: str, data: bytes) -> None:
        """Write or replace an object, whole."""
        with self._written(key, data) as temporary:
            temporary.replace(self.root / key)

    def put_new(self, key: str, data: bytes) -> None:
        """Write an object, whole, if there is none; else FileExistsError.  A hard link is the one atomic step."""
        if self.exists(key):
            raise FileExistsError(errno.EEXIST, "exists", key)
        with self._written(key, data) as temporary:
            try:
                os.link(temporary, self.root / key)
            except FileExistsError:
                raise
            except OSError as error:
                raise OSError(
                    f"the folder {self.root} cannot create a file exclusively ({error.strerror}): its file system has"
                    " no hard links. Set HIGHWATER_STORAGE_URL to a folder on another file system."
                ) from error

    def exists(self, key: str) -> bool:
        """Whether there is an object."""
        return (self.root / key).is_file()

    def keys(self, prefix: str) -> list[str]:
        """Keys below a folder."""
        found = (self.root / prefix).rglob("*")
        return [path.relative_to(self.root).as_posix() for path in found if path.is_file() and path.name[0] != "."]

    def open(self, key: str) -> BinaryIO:
        """An object as a seekable file."""
        with self._found(key):
            return (self.root / key).open("rb")

    def download(self, key: str, target: Path) -> None:
        """Copy an object to a local file."""
        with self._found(key):
            shutil.copyfile(self.root / key, target)

    @contextmanager
    def _found(self, key: str) -> Iterator[None]:
        try:
            yield
        except (IsADirectoryError, NotADirectoryError):
            raise FileNotFoundError(errno.ENOENT, "no such object", key) from None

    @contextmanager
    def _written(self, key: str, data: bytes) -> Iterator[Path]:
        target = self.root / key
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise OSError(f"{target.parent} cannot be a folder: there is a file of that name or above it") from None
        temporary = target.with_name(f".{uuid.uuid4().hex}.tmp")
        try:
            with temporary.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            yield temporary
            _flush_folder(target.parent)
        finally:
            temporary.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """Make the new name itself survive a power failure, so that a manifest never outlives its parts."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_filesystems: dict[int, Any] = {}
_making = threading.Lock()


def s3_filesystem() -> Any:
    """The S3 file system of this process; the client itself takes credentials and endpoint from the AWS variables."""
    with _making:
        if os.getpid() not in _filesystems:
            import s3fs

            # A cached listing would deny an object that another process has just written.
            _filesystems[os.getpid()] = s3fs.S3FileSystem(use_listings_cache=False, skip_instance_cache=True)
        return _filesystems[os.getpid()]


class S3Backend:
    """A bucket and prefix.  One PUT an object, made exclusive by If-None-Match."""

    def __init__(self, root: str) -> None:
        self.root = root

    def get(self, key: str) -> bytes:
        """All bytes of an object."""
        return cast(bytes, s3_filesystem().cat_file(self._path(key)))

    def put(self, key: str, data: bytes) -> None:
        """Write or replace an object, whole."""
        s3_filesystem().pipe_file(self._path(key), data, chunksize=SINGLE_PUT)

    def put_new(self, key: str, data: bytes) -> None:
        """Write an object, whole, if there is none; else FileExistsError."""
        for attempt in range(_CONFLICT_ATTEMPTS):
            try:
                s3_filesystem().pipe_file(self._path(key), data, chunksize=SINGLE_PUT, mode="create")
                return
            except OSError as error:
                status = http_status(error)
                if isinstance(error, FileExistsError) or status == 412:
                    raise FileExistsError(errno.EEXIST, "exists", key) from error
                if status != 409 or attempt == _CONFLICT_ATTEMPTS - 1:
                    raise
            time.sleep(0.1 * 2**attempt)  # 409: another conditional PUT of the same key was under way

    def exists(self, key: str) -> bool:
        """Whether there is an object."""
        return bool(s3_filesystem().isfile(self._path(key)))

    def keys(self, prefix: str) -> list[str]:
        """Keys below a folder."""
        return [path.removeprefix(f"{self.root}/") for path in s3_filesystem().find(self._path(prefix))]

    def open(self, key: str) -> BinaryIO:
        """An object as a seekable file."""
        return cast(BinaryIO, s3_filesystem().open(self._path(key), "rb"))

    def download(self, key: str, target: Path) -> None:
        """Copy an object to a local file."""
        s3_filesystem().get_file(self._path(key), str(target))

    def _path(self, key: str) -> str:
        return f"{self.root}/{key}"


def http_status(error: BaseException) -> int | None:
    """The HTTP status behind an error of s3fs: the exception's class differs between servers, the status does not."""
    response = getattr(error.__cause__, "response", None) or getattr(error, "response", None) or {}
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return int(status) if status is not None else None
