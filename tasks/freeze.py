"""Freeze the inputs of a run: read each file once, check that it is whole, keep it under the hash of its content.

    inputs/<sha256>/<name>

What a run reads afterwards is this copy, so a file that changes while the run works, or years later, changes nothing.
"""

import csv
import hashlib
import io
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from infra.backends import s3_filesystem
from infra.storage import AlreadyExists, Storage, checked_key, parquet_problem
from tasks.records import FrozenInput

Source = str | Path


class InputError(Exception):
    """An input file cannot be used; the message names it, what was found, what was expected, the next step."""


def freeze(
    storage: Storage, sources: Mapping[str, Source | Sequence[Source]], may_be_empty: Collection[str] = ()
) -> tuple[FrozenInput, ...]:
    """Copy input files (paths, ``file://`` or ``s3://`` URLs), by dataset, into the store; a record of each, in order.

    A file is unusable if it cannot be read, has no bytes, is a Parquet or CSV file that is cut or not of its format, or
    is such a table without rows and its dataset is not in ``may_be_empty``.  Raises `InputError` with every such file.
    """
    frozen: list[FrozenInput] = []
    problems: list[str] = []
    for dataset, given in sources.items():
        for source in [given] if isinstance(given, (str, Path)) else given:
            try:
                frozen.append(_frozen(storage, dataset, source, dataset in may_be_empty))
            except InputError as error:
                problems.append(f"{dataset}: {error}")
    if problems:
        raise InputError("\n".join(problems))
    return tuple(frozen)


def _frozen(storage: Storage, dataset: str, source: Source, may_be_empty: bool) -> FrozenInput:
    shown = _shown(source)
    data = _read(source, shown)
    name = re.sub(r"[^A-Za-z0-9._=+-]+|\.{2,}", "_", PurePosixPath(unquote(shown)).name).lstrip(".-=+") or "file"
    rows = _rows(data, shown)
    if rows == 0 and not may_be_empty:
        raise InputError(f"{shown} has no rows; at least one was expected. Give the right file.")
    sha256 = hashlib.sha256(data).hexdigest()
    key = checked_key(f"inputs/{sha256}/{name}")
    try:
        storage.write_once(key, data)
    except AlreadyExists:
        storage.read_bytes(key, sha256)
    return FrozenInput(dataset, name, key, rows, len(data), sha256)


def _read(source: Source, shown: str) -> bytes:
    try:
        if isinstance(source, str) and source.startswith("s3://"):
            data: bytes = s3_filesystem().cat_file(source)
        else:
            data = _local(source).read_bytes()
    except OSError as error:
        cause = error.strerror or type(error).__name__
        raise InputError(f"{shown} cannot be read ({cause}). Check the path and your rights.") from error
    if not data:
        raise InputError(f"{shown} is empty (0 bytes); a file with content was expected. Get it again.")
    return data


def _local(source: Source) -> Path:
    if isinstance(source, str) and "://" in source:
        parts = urlsplit(source)
        if parts.scheme != "file" or parts.netloc:
            raise InputError(f"{_shown(source)} is no path, file:///path or s3://bucket/key. Give one of these.")
        return Path(unquote(parts.path))
    return Path(source)


def _shown(source: Source) -> str:
    """A source as it may be shown: without user name, password or query."""
    text = str(source)
    if "://" not in text:
        return text
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _rows(data: bytes, shown: str) -> int | None:
    if shown.endswith(".parquet"):
        problem = parquet_problem(data[:4], data[-8:], len(data))
        if problem is None:
            try:
                return int(pq.read_metadata(pa.BufferReader(data)).num_rows)
            except (pa.ArrowException, OSError) as error:
                problem = f"has a footer that cannot be read ({str(error).strip()[:300]})"
        raise InputError(f"{shown} {problem}; a whole Parquet file was expected. Get it again.")
    if shown.endswith(".csv"):
        try:
            return max(0, sum(1 for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) if row) - 1)
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"{shown} is not a CSV file in UTF-8 ({error}). Export it again.") from error
    return None
