"""The same promises on a folder and on S3: whole or absent, once or never, unharmed or refused."""

import errno
import itertools
import logging
import os
import pickle
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import s3fs

from infra import backends
from infra.backends import S3Backend, http_status, s3_filesystem
from infra.storage import (
    AlreadyExists,
    DamagedObject,
    InvalidKey,
    MissingObject,
    PartRecord,
    Storage,
    StorageError,
    checked_key,
    encode_table,
)
from tests.support.s3 import SECRET
from tests.support.together import at_once

TABLE = pa.table({"contract_id": ["A", "B", "C"], "account_value": [1.0, 2.5, 1e5]})


def test_what_is_written_is_read(storage):
    storage.write("a/b.bin", b"first")
    storage.write("a/b.bin", b"second")
    assert storage.read_bytes("a/b.bin") == b"second"
    assert storage.exists("a/b.bin")
    assert not storage.exists("a/c.bin")
    assert not storage.exists("a")
    assert storage.list("a") == ["a/b.bin"]
    assert storage.list("nothing") == []
    with storage.open("a/b.bin") as stream:
        stream.seek(3)
        assert stream.read() == b"ond"


def test_what_another_client_wrote_is_seen_at_once(storage, monkeypatch):
    storage.write("runs/x/part", b"")
    assert storage.list("runs") == storage.list("runs/x") == ["runs/x/part"]
    assert not storage.exists("runs/x/manifest.json")
    monkeypatch.setattr(backends, "_filesystems", {os.getpid(): s3fs.S3FileSystem(skip_instance_cache=True)})
    Storage(storage.url).write_once("runs/x/manifest.json", b"{}")
    monkeypatch.undo()
    assert storage.exists("runs/x/manifest.json")
    assert storage.list("runs") == storage.list("runs/x") == ["runs/x/manifest.json", "runs/x/part"]


def test_a_missing_object_is_named(storage):
    for read in (storage.read_bytes, storage.read_table, lambda key: storage.download(key, Path("never"))):
        with pytest.raises(MissingObject, match=r"no/such\.parquet does not exist\. Run the flow"):
            read("no/such.parquet")
    with pytest.raises(MissingObject), storage.open("no/such.parquet"):
        pass
    assert not Path("never").exists()


def test_of_eight_writers_at_once_exactly_one_wins(storage):
    barrier = threading.Barrier(8)
    won: list[int] = []
    lost: list[int] = []

    def write(number: int) -> None:
        barrier.wait()
        try:
            storage.write_once("once.json", str(number).encode() * 50_000)
            won.append(number)
        except AlreadyExists:
            lost.append(number)

    at_once(write, range(8))
    assert (len(won), len(lost)) == (1, 7)
    assert storage.read_bytes("once.json") == str(won[0]).encode() * 50_000


def test_write_once_never_replaces(storage):
    storage.write_once("once.json", b"first")
    with pytest.raises(AlreadyExists, match=r"once\.json exists already"):
        storage.write_once("once.json", b"second")
    assert storage.read_bytes("once.json") == b"first"


def test_an_exception_while_encoding_leaves_nothing(storage, monkeypatch):
    def breaks(table, sink, **options):
        sink.write(b"PAR1 and a part of the rows")
        raise RuntimeError("no memory")

    monkeypatch.setattr("infra.storage.pq.write_table", breaks)
    with pytest.raises(RuntimeError):
        storage.write_table("t/part-00000.parquet", TABLE)
    assert not storage.exists("t/part-00000.parquet")


@pytest.mark.parametrize("method", ["write", "write_once"])
def test_a_full_disk_leaves_nothing_and_keeps_what_was_there(folder, monkeypatch, method):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    folder.write("a/kept", b"before")
    monkeypatch.setattr("infra.backends.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        getattr(folder, method)("a/new", b"after")
    with pytest.raises(OSError, match="No space"):
        folder.write("a/kept", b"after")
    assert folder.read_bytes("a/kept") == b"before"
    assert [path.name for path in (Path(folder.url.removeprefix("file://")) / "a").iterdir()] == ["kept"]


def test_a_stream_closed_by_an_exception_would_publish_a_truncated_object(s3_url):
    """The trap that single PUTs avoid; if this fails, s3fs has changed its mind."""
    path = s3_url.removeprefix("s3://") + "/stream"

    def write_half() -> None:
        with s3_filesystem().open(path, "wb") as stream:
            stream.write(b"half")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        write_half()
    assert s3_filesystem().cat_file(path) == b"half"


def _error(status: int, kind: type[OSError] = OSError) -> OSError:
    error = kind(22, "")
    error.__cause__ = Exception()
    error.__cause__.response = {"ResponseMetadata": {"HTTPStatusCode": status}}
    return error


@pytest.mark.parametrize("error", [_error(412), _error(412, FileExistsError), FileExistsError(17, "")])
def test_every_form_of_412_means_that_it_exists(monkeypatch, error):
    def refuse(*args, **options):
        raise error

    monkeypatch.setattr(backends, "s3_filesystem", lambda: SimpleNamespace(pipe_file=refuse))
    with pytest.raises(FileExistsError):
        S3Backend("bucket").put_new("key", b"")


def test_a_409_is_tried_again_and_other_errors_are_not(monkeypatch):
    answers = [_error(409), _error(409), None, _error(403)]
    asked: list[dict[str, object]] = []

    def answer(*args, **options):
        asked.append(options)
        error = answers.pop(0)
        if error is not None:
            raise error

    monkeypatch.setattr(backends, "s3_filesystem", lambda: SimpleNamespace(pipe_file=answer))
    monkeypatch.setattr(backends.time, "sleep", lambda seconds: None)
    S3Backend("bucket").put_new("key", b"")
    assert len(asked) == 3
    assert {options["mode"] for options in asked} == {"create"}
    with pytest.raises(OSError) as caught:
        S3Backend("bucket").put_new("key", b"")
    assert http_status(caught.value) == 403


def test_a_table_comes_back_and_its_record_proves_it(storage):
    record = storage.write_table("t/part-00000.parquet", TABLE)
    assert record == PartRecord("t/part-00000.parquet", 3, len(storage.read_bytes(record.key)), record.sha256)
    assert storage.read_part(record).equals(TABLE)
    assert storage.read_part(record, ["account_value"]).column_names == ["account_value"]


def test_equal_tables_give_equal_bytes_however_they_are_chunked():
    random = np.random.default_rng(0)
    names = [f"name {number}" for number in random.integers(0, 1_000_000, 200_000)]
    whole = pa.table({"x": random.normal(size=200_000), "s": names})
    cuts = [0, *sorted(random.integers(0, 200_000, 1_000).tolist()), 200_000]
    chunked = pa.concat_tables([whole.slice(a, b - a) for a, b in itertools.pairwise(cuts)])
    assert chunked.column(0).num_chunks > 900
    assert encode_table(chunked) == encode_table(whole)
    part = pa.table({name: whole[name].to_pylist()[5:90] for name in whole.column_names})
    assert encode_table(whole.slice(5, 85)) == encode_table(part)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: b"", r"is empty \(0 bytes\)"),
        (lambda data: data[: len(data) // 2], r"is truncated: it ends after \d+ bytes, without the footer"),
        (lambda data: data[:4] + data[-8:], r"is truncated: its footer has \d+ bytes, the file 12"),
        (lambda data: b"contract_id,account_value\nA,1\n", r"begins with b'cont', not with b'PAR1'"),
        (lambda data: data[:4] + bytes(len(data) - 12) + data[-8:], r"cannot be decoded"),
    ],
)
def test_a_damaged_table_is_named_with_what_was_found_and_expected(folder, damage, says):
    record = folder.write_table("t/part-00000.parquet", TABLE)
    folder.write(record.key, damage(folder.read_bytes(record.key)))
    with pytest.raises(DamagedObject, match=rf"t/part-00000\.parquet {says}.*whole Parquet file was expected.*Get it"):
        folder.read_table(record.key)
    with pytest.raises(DamagedObject, match=rf"has sha256 .*written with sha256 {record.sha256}"):
        folder.read_part(record)


def test_a_valid_file_with_a_part_of_the_rows_is_refused(storage):
    record = storage.write_table("t/part-00000.parquet", TABLE)
    storage.write_table(record.key, TABLE.slice(0, 2))
    assert storage.read_table(record.key).num_rows == 2
    with pytest.raises(DamagedObject, match="altered or cut"):
        storage.read_part(record)
    lying = PartRecord(record.key, 3, record.bytes, storage.write_table(record.key, TABLE.slice(0, 2)).sha256)
    with pytest.raises(DamagedObject, match="has 2 rows; its record says 3"):
        storage.read_part(lying)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        ".hidden",
        "a/.b.tmp",
        "a b",
        "a\\b",
        "a\x00b",
        "é",
        "a..b",
        "a?b",
        "x" * 901,
    ],
)
def test_a_key_that_could_leave_the_store_is_refused(folder, key):
    for use in (folder.read_bytes, folder.exists, folder.list, folder.local_path, lambda k: folder.write(k, b"")):
        with pytest.raises(InvalidKey, match="not a key of the store"):
            use(key)


def test_ordinary_keys_are_keys():
    for key in (
        "runs/daily_valuation/0a1b/snapshot/part-00017.parquet",
        "published/x/2024-06-28/1.json",
        "a=1/b+c_D.e",
    ):
        assert checked_key(key) == key


def test_an_object_larger_than_one_put_is_refused(folder, monkeypatch):
    monkeypatch.setattr("infra.storage.MAX_OBJECT", 10)
    with pytest.raises(StorageError, match=r"a/b has 11 bytes; one PUT takes 10\. Cut"):
        folder.write("a/b", b"x" * 11)


def test_a_file_in_the_place_of_a_folder_is_no_existing_object(folder):
    folder.write("a", b"")
    with pytest.raises(OSError, match="cannot be a folder"):
        folder.write_once("a/b", b"")
    with pytest.raises(MissingObject):
        folder.read_bytes("a/b")


def test_download_replaces_the_local_file_whole(storage, tmp_path):
    storage.write("tile", b"new")
    target = tmp_path / "local"
    target.write_bytes(b"old")
    storage.download("tile", target)
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".tmp")] == []


@pytest.mark.parametrize(
    "url", ["http://host", "s3://me:hunter2@bucket", "file://host/x", "relative/path", "memory://x"]
)
def test_other_stores_are_refused(url):
    with pytest.raises(ValueError, match="s3://bucket/prefix") as caught:
        Storage(url)
    assert "hunter2" not in str(caught.value)


def test_a_folder_with_a_space_in_its_name_is_a_store(tmp_path):
    storage = Storage((tmp_path / "a store").as_uri())
    storage.write("k", b"v")
    assert (tmp_path / "a store" / "k").read_bytes() == b"v"


def test_no_secret_is_shown_pickled_or_logged(s3_url, caplog):
    caplog.set_level(logging.DEBUG, logger="s3fs")
    storage = Storage(s3_url)
    storage.write_once("a", b"x")
    with pytest.raises(AlreadyExists) as caught:
        storage.write_once("a", b"x")
    assert caplog.records
    assert SECRET not in caplog.text + repr(storage) + str(caught.value) + repr(pickle.dumps(storage))


def test_pyarrow_reads_what_was_written(folder):
    folder.write_table("t.parquet", TABLE)
    assert pq.read_table(folder.local_path("t.parquet")).equals(TABLE)
