"""Storage below one URL, ``file://`` or ``s3://``, with the same behaviour.

An object appears whole or not at all: it is encoded in memory and put in one request (S3) or written beside its place
and moved into it (files).  No stream to a final name is ever opened, because a stream closed by an exception publishes
what was written so far, sometimes as a valid Parquet file.  Nothing is cached, neither listings nor contents, and one
file system is made per process, never across a fork.
"""

import hashlib
import io
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from infra.backends import Backend, FileBackend, S3Backend

MAX_OBJECT = 5 * 2**30
"""Largest object of one S3 PUT, bytes."""

_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._=+-]*")
_ROW_GROUP = 131_072


class StorageError(Exception):
    """An object cannot be read or written; the message names it, what was found, what was expected, the next step."""


class AlreadyExists(StorageError):
    """An object that may be written only once is there already."""


class MissingObject(StorageError):
    """There is no object of this key."""


class DamagedObject(StorageError):
    """An object is truncated, empty, altered or not of its format."""


class InvalidKey(ValueError):
    """A key that could leave the store, or that some store would not take."""


@dataclass(frozen=True)
class PartRecord:
    """What is known of one Parquet file when it is written; enough to tell whether it is read back unharmed."""

    key: str
    rows: int
    bytes: int
    sha256: str


def checked_key(key: str) -> str:
    """``key`` itself if it stays below the store: segments of letters, digits and ``._=+-``, none of them hidden.

    Keys may come from data (a manifest, a file name), so they are never trusted.
    """
    if len(key) <= 900 and all(_SEGMENT.fullmatch(segment) and ".." not in segment for segment in key.split("/")):
        return key
    raise InvalidKey(
        f"{key[:200]!r} is not a key of the store: it must be at most 900 characters, in segments of letters, digits"
        " and ._=+- joined by single slashes, none beginning with a dot or holding two in a row. Rename the file."
    )


def encode_table(table: pa.Table) -> bytes:
    """``table`` as Parquet; the bytes depend on schema and values alone, not on how the table was chunked."""
    sink = io.BytesIO()
    pq.write_table(
        table.combine_chunks(), sink, compression="zstd", compression_level=3, version="2.6", row_group_size=_ROW_GROUP
    )
    return sink.getvalue()


def decode_table(data: bytes, name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """The table of a Parquet file held in memory; ``name`` is what an error calls it."""
    problem = parquet_problem(data[:4], data[-8:], len(data))
    if problem is None:
        try:
            return pq.read_table(pa.BufferReader(data), columns=None if columns is None else list(columns))
        except (pa.ArrowException, OSError) as error:
            problem = f"cannot be decoded ({str(error).strip()[:300]})"
    raise DamagedObject(
        f"{name} {problem}; a whole Parquet file was expected. Get it again from its source, or repeat the flow."
    )


def parquet_problem(head: bytes, tail: bytes, size: int) -> str | None:
    """What is wrong with a Parquet file of ``size`` bytes with this ``head`` and ``tail``; None if it is whole."""
    if size == 0:
        return "is empty (0 bytes)"
    if head[:4] != b"PAR1":
        return f"begins with {head[:4]!r}, not with b'PAR1': it is not a Parquet file"
    if tail[-4:] != b"PAR1":
        return f"is truncated: it ends after {size} bytes, without the footer"
    footer = int.from_bytes(tail[-8:-4], "little")
    if footer + 12 > size:
        return f"is truncated: its footer has {footer} bytes, the file {size}"
    return None


def part_record(key: str, table: pa.Table, data: bytes) -> PartRecord:
    """The record of a table that was encoded as ``data``."""
    return PartRecord(key, table.num_rows, len(data), hashlib.sha256(data).hexdigest())


def _bounded(name: str, data: bytes) -> bytes:
    if len(data) > MAX_OBJECT:
        raise StorageError(f"{name} has {len(data)} bytes; one PUT takes {MAX_OBJECT}. Cut it into smaller parts.")
    return data


@dataclass(frozen=True)
class Storage:
    """One store; made from its URL, safe to pickle and to use from several threads."""

    url: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        local = parts.scheme == "file" and parts.netloc == "" and parts.path.startswith("/")
        if not local and not (parts.scheme == "s3" and parts.netloc and "@" not in parts.netloc):
            raise ValueError(
                f"the URL of the store has the scheme {parts.scheme!r}: it must be file:///folder or"
                " s3://bucket/prefix, without user name or password. Set HIGHWATER_STORAGE_URL."
            )

    @cached_property
    def _backend(self) -> Backend:
        parts = urlsplit(self.url)
        if parts.scheme == "file":
            return FileBackend(Path(unquote(parts.path)))
        return S3Backend(f"{parts.netloc}{parts.path}".rstrip("/"))

    def __getstate__(self) -> dict[str, str]:
        return {"url": self.url}  # a worker makes its own file system

    def __setstate__(self, state: dict[str, str]) -> None:
        object.__setattr__(self, "url", state["url"])

    def name(self, key: str) -> str:
        """``key`` as people know it: with the store's URL."""
        return f"{self.url.rstrip('/')}/{key}"

    def _missing(self, key: str) -> MissingObject:
        return MissingObject(
            f"{self.name(key)} does not exist. Run the flow that writes it, or check the URL of the store."
        )

    def exists(self, key: str) -> bool:
        """Whether there is an object of this key now."""
        return self._backend.exists(checked_key(key))

    def read_bytes(self, key: str, sha256: str | None = None) -> bytes:
        """All bytes of an object; with ``sha256`` only if they are those it was written with."""
        try:
            data = self._backend.get(checked_key(key))
        except FileNotFoundError:
            raise self._missing(key) from None
        if sha256 is not None and (found := hashlib.sha256(data).hexdigest()) != sha256:
            raise DamagedObject(
                f"{self.name(key)} has sha256 {found} and {len(data)} bytes; it was written with sha256 {sha256}."
                " It was altered or cut: restore it, or remove its run and repeat the flow."
            )
        return data

    def write(self, key: str, data: bytes) -> None:
        """Put an object in one request; what was there before is replaced at once or not at all."""
        self._backend.put(checked_key(key), _bounded(key, data))

    def write_once(self, key: str, data: bytes) -> None:
        """Put an object only if there is none of this key; of any number of writers exactly one succeeds.

        Raises `AlreadyExists`, also when an earlier attempt of the same writer succeeded unnoticed: compare contents.
        """
        try:
            self._backend.put_new(checked_key(key), _bounded(key, data))
        except FileExistsError:
            raise AlreadyExists(f"{self.name(key)} exists already and may be written only once.") from None

    def read_table(self, key: str, columns: Sequence[str] | None = None, sha256: str | None = None) -> pa.Table:
        """A Parquet object as a table, or some of its columns."""
        return decode_table(self.read_bytes(key, sha256), self.name(key), columns)

    def read_part(self, record: PartRecord, columns: Sequence[str] | None = None) -> pa.Table:
        """The table of a part, if the part is still what its record says: sha256 and rows."""
        table = self.read_table(record.key, columns, record.sha256)
        if table.num_rows != record.rows:
            raise DamagedObject(
                f"{self.name(record.key)} has {table.num_rows} rows; its record says {record.rows}."
                " The record is wrong: remove the run and repeat the flow."
            )
        return table

    def write_table(self, key: str, table: pa.Table) -> PartRecord:
        """Put a table as one Parquet object; the same table gives the same bytes."""
        data = encode_table(table)
        self.write(key, data)
        return part_record(key, table, data)

    def list(self, prefix: str) -> list[str]:
        """Keys below a folder, sorted: for people and tools.  Readers follow manifests."""
        return sorted(self._backend.keys(checked_key(prefix)))

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        """An object as a file to seek and read in, for a few row groups of a large one; its hash is not checked."""
        try:
            stream = self._backend.open(checked_key(key))
        except FileNotFoundError:
            raise self._missing(key) from None
        with stream:
            yield stream

    def download(self, key: str, target: Path) -> None:
        """Copy an object to a local file, without holding it in memory; the file appears whole."""
        temporary = target.with_name(f".{uuid.uuid4().hex}.tmp")
        try:
            self._backend.download(checked_key(key), temporary)
            temporary.replace(target)
        except FileNotFoundError:
            raise self._missing(key) from None
        finally:
            temporary.unlink(missing_ok=True)

    def local_path(self, key: str) -> Path | None:
        """Where an object is on this machine, to be mapped and never written; None if the store is elsewhere."""
        backend = self._backend
        return backend.root / checked_key(key) if isinstance(backend, FileBackend) else None
