"""Inputs are read once, checked, and kept under their content."""

import hashlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from infra.backends import s3_filesystem
from tasks.freeze import InputError, freeze


@pytest.fixture
def contracts(tmp_path):
    path = tmp_path / "contracts 2024-06-28.parquet"
    pq.write_table(pa.table({"contract_id": ["A", "B"]}), path)
    return path


def test_a_frozen_file_is_kept_under_its_hash_whatever_becomes_of_it(storage, contracts):
    data = contracts.read_bytes()
    (frozen,) = freeze(storage, {"contracts": contracts})
    assert frozen.sha256 == hashlib.sha256(data).hexdigest()
    assert frozen.key == f"inputs/{frozen.sha256}/contracts_2024-06-28.parquet"
    assert (frozen.dataset, frozen.rows, frozen.bytes) == ("contracts", 2, len(data))
    contracts.write_bytes(b"changed while the run works")
    assert storage.read_table(frozen.key, sha256=frozen.sha256).num_rows == 2


def test_freezing_again_gives_the_same_records(storage, contracts):
    assert freeze(storage, {"contracts": contracts}) == freeze(storage, {"contracts": [contracts]})
    assert freeze(storage, {"contracts": contracts.as_uri()}) == freeze(storage, {"contracts": str(contracts)})


def test_inputs_come_from_s3_as_well(folder, s3_url, contracts):
    there = s3_url + "/in/contracts.parquet"
    s3_filesystem().pipe_file(there, contracts.read_bytes())
    (frozen,) = freeze(folder, {"contracts": there})
    assert frozen.rows == 2
    with pytest.raises(InputError, match=r"prices: s3://.*/none\.parquet cannot be read"):
        freeze(folder, {"prices": s3_url + "/none.parquet"})


def test_rows_of_a_csv_file_and_of_a_file_that_is_no_table(folder, tmp_path):
    (tmp_path / "prices.csv").write_text('date,note\n2024-06-28,"two\nlines"\n2024-06-29,x\n\n')
    (tmp_path / "plan.toml").write_text("a = 1\n")
    prices, plan = freeze(folder, {"prices": tmp_path / "prices.csv", "plan": tmp_path / "plan.toml"})
    assert (prices.rows, plan.rows) == (2, None)


def test_every_unusable_file_is_named_with_cause_and_next_step(folder, tmp_path, contracts):
    empty, cut, wrong, latin = (
        tmp_path / name for name in ("empty.parquet", "cut.parquet", "wrong.parquet", "latin.csv")
    )
    empty.touch()
    cut.write_bytes(contracts.read_bytes()[:-20])
    wrong.write_bytes(b"contract_id\nA\n")
    latin.write_bytes("a\nM\xfcller\n".encode("latin-1"))
    sources = {"a": empty, "b": cut, "c": wrong, "d": latin, "e": tmp_path / "none.csv", "f": "http://host/x.csv"}
    with pytest.raises(InputError) as caught:
        freeze(folder, sources)
    lines = str(caught.value).splitlines()
    for line, dataset, says in zip(
        lines,
        sources,
        [
            "is empty (0 bytes)",
            "is truncated",
            "not with b'PAR1'",
            "not a CSV file in UTF-8",
            "No such file",
            "http://host/x.csv",
        ],
        strict=True,
    ):
        assert line.startswith(f"{dataset}: ")
        assert says in line
    assert folder.list("inputs") == []


def test_a_table_without_rows_is_an_error_unless_it_may_be(folder, tmp_path):
    path = tmp_path / "transactions.parquet"
    pq.write_table(pa.table({"x": pa.array([], pa.int64())}), path)
    with pytest.raises(InputError, match=r"transactions: .*has no rows; at least one was expected"):
        freeze(folder, {"transactions": path})
    assert freeze(folder, {"transactions": path}, may_be_empty=["transactions"])[0].rows == 0


def test_a_secret_in_an_address_is_not_shown(folder):
    with pytest.raises(InputError) as caught:
        freeze(folder, {"prices": "https://me:hunter2@host/prices.csv?token=hunter2"})
    assert "hunter2" not in str(caught.value)
