"""Files that cannot be used are refused as a whole, by name; cells that cannot be read refuse their row alone."""

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest

from tasks.check import check_block
from tasks.intake import InputError, Source, allocation_text, read_files, source
from tests.tasks.block import ADVANCED, BALANCED, LAST, balanced, contracts, found, kept, prices, table, transactions
from valuation.failures import Reason
from valuation.schema import SCHEMAS


def _parquet(content: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(content, file)
    return file.getvalue()


def _plain(dataset: str, rows: list[dict[str, Any]]) -> pa.Table:
    return table(dataset, rows).table.select(SCHEMAS[dataset].names)


def _csv(dataset: str, rows: list[dict[str, Any]]) -> bytes:
    lines = [dict(row) for row in rows]
    for row in lines:
        if row.get("allocation"):
            row["allocation"] = allocation_text((one["sub_account"], one["weight"]) for one in row["allocation"])
    schema = pa.schema([(n, pa.string() if pa.types.is_list(t) else t) for n, t in _types(dataset)])
    file = io.BytesIO()
    pcsv.write_csv(pa.Table.from_pylist(lines, schema), file)
    return file.getvalue()


def _types(dataset: str) -> list[tuple[str, pa.DataType]]:
    return [(item.name, item.type) for item in SCHEMAS[dataset]]


def _checked(**sources: Source) -> Any:
    given = {"contracts": table("contracts", contracts()), "transactions": table("transactions", transactions())}
    given |= {"prices": table("prices", prices())} | sources
    return check_block(**given, valuation_date=LAST, limit=1.0)


@pytest.mark.parametrize(
    "dataset, rows", [("contracts", contracts()), ("transactions", transactions()), ("prices", prices())]
)
def test_csv_and_parquet_say_the_same(dataset: str, rows: list[dict[str, Any]]) -> None:
    columns = SCHEMAS[dataset].names
    parquet = read_files(dataset, [("a.parquet", _parquet(_plain(dataset, rows)))]).table.select(columns)
    text = read_files(dataset, [("a.csv", _csv(dataset, rows))]).table.select(columns)
    assert text.to_pylist() == parquet.to_pylist() == [{name: row[name] for name in columns} for row in rows]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_missing_column(ending: str) -> None:
    short = _plain("prices", prices()).drop_columns(["nav"])
    file = io.BytesIO()
    pcsv.write_csv(short, file)
    content = file.getvalue() if ending == "csv" else _parquet(short)
    text = (
        f"prices/part-1.{ending}: column nav is missing; found sub_account, date, distribution; add it, of type double"
    )
    with pytest.raises(InputError, match=text) as caught:
        read_files("prices", [(f"prices/part-1.{ending}", content)])
    assert caught.value.reason is Reason.MISSING_COLUMN


def test_a_column_that_may_be_empty_may_be_left_out() -> None:
    whole = _plain("transactions", transactions())
    read = source("transactions", whole.drop_columns(["ground", "approved"])).table.select(whole.column_names)
    assert read.to_pylist() == whole.to_pylist()


@pytest.mark.parametrize(
    "column, values, found_type",
    [
        ("amount", pa.array([True]), "bool"),
        ("amount", pa.array([date(2008, 1, 1)]), "date32"),
        ("contract_id", pa.array([7]), "int64"),
        ("event_date", pa.array([20080101]), "int64"),
        ("received", pa.array([date(2008, 1, 1)]), "date32"),
        ("received", pa.array([datetime(2008, 1, 1)], pa.timestamp("s", "UTC")), "timestamp"),
        ("allocation", pa.array([{"sub_account": "x"}]), "struct"),
        ("allocation", pa.array([["x"]]), "list"),
    ],
)
def test_wrong_type(column: str, values: pa.Array, found_type: str) -> None:
    whole = _plain("transactions", transactions()[:1])
    spoilt = whole.set_column(whole.column_names.index(column), column, values)
    with pytest.raises(
        InputError, match=rf"t\.parquet: column {column} has type {found_type}.*; allowed is .*, or text"
    ):
        read_files("transactions", [("t.parquet", _parquet(spoilt))])


def test_types_that_mean_the_same_are_taken() -> None:
    whole = _plain("transactions", transactions())
    columns = {name: whole[name] for name in whole.column_names}
    columns["kind"] = columns["kind"].dictionary_encode()
    columns["contract_id"] = columns["contract_id"].cast(pa.large_string())
    columns["received"] = columns["received"].cast(pa.timestamp("ns"))
    columns["event_date"] = pa.nulls(whole.num_rows)
    columns["amount"] = pa.array([None if x is None else Decimal(str(x)) for x in columns["amount"].to_pylist()])
    columns["note"] = pa.array(["not ours"] * whole.num_rows)
    read = source("transactions", pa.table(columns)).table.select(whole.column_names)
    assert read.to_pylist() == whole.to_pylist()


def test_date_with_a_time_of_day_is_no_date() -> None:
    whole = _plain("contracts", contracts())
    stamps = pa.array(np.array(["2008-01-15", "2008-01-15T09:30", "2008-01-15"], dtype="datetime64[ns]"))
    read = source("contracts", whole.set_column(2, "issue_date", stamps))
    checked = _checked(contracts=read)
    assert found(checked)["B"] == {"NOT_A_DATE"}
    assert kept(checked, "contracts", "contract_id") == ["A", "C"]


@pytest.mark.parametrize("size", [0, 4, 300, -1])
def test_truncated_parquet(size: int) -> None:
    content = _parquet(_plain("prices", prices()))[:size]
    with pytest.raises(InputError, match=rf"p\.parquet: the file cannot be read \({len(content)} bytes") as caught:
        read_files("prices", [("p.parquet", content)])
    assert caught.value.reason is Reason.UNREADABLE_FILE


@pytest.mark.parametrize("name, content", [("p.csv", b""), ("p.csv", b"\xff\xfe\x00"), ("p.xlsx", b"PK")])
def test_other_formats(name: str, content: bytes) -> None:
    with pytest.raises(InputError, match=name):
        read_files("prices", [(name, content)])


def test_no_file_at_all() -> None:
    with pytest.raises(InputError, match="contracts: contracts has no file"):
        read_files("contracts", [])


def test_cells_that_cannot_be_read_refuse_their_row() -> None:
    text = _csv("transactions", transactions()).decode()
    bad = [
        "A-2,A,2008-02-11 10:00:00,PURCHASE_PAYMENT,five hundred,,,,,,",
        'A-3,A,2008-02-11 10:00:00,PURCHASE_PAYMENT,"1,000.00",,,,,,',
        "A-4,A,11.02.2008 10:00,PURCHASE_PAYMENT,500,,,,,,",
        "A-5,A,2008-02-30 10:00:00,PURCHASE_PAYMENT,500,,,,,,",
        f"A-6,A,2008-02-11 10:00:00,ALLOCATION,,,,{BALANCED},,,",
        "A-7,A,2008-02-11 10:00:00,DEATH,,,,,,,2008-02-30",
        "A-8,A,2008-02-11 10:00:00,PURCHASE_PAYMENT,500",
        "A-9,A,2008-02-11T10:00:00,PURCHASE_PAYMENT,5e2,,,,,,",
    ]
    more = "," * (len(SCHEMAS["transactions"]) - 11)
    bad = [line if line.startswith("A-8") else line + more for line in bad]
    read = read_files("transactions", [("t.csv", (text + "\n".join(bad) + "\n").encode())])
    checked = _checked(transactions=read)
    expected = {"A-2": {"NOT_A_NUMBER"}, "A-3": {"NOT_A_NUMBER"}, "A-4": {"NOT_A_TIME"}, "A-5": {"NOT_A_TIME"}}
    expected |= {"A-6": {"NOT_AN_ALLOCATION"}, "A-7": {"NOT_A_DATE"}, "transactions 12": {"MALFORMED_ROW"}}
    assert found(checked) == expected
    assert balanced(checked)
    assert kept(checked, "transactions", "transaction_id")[-1] == "A-9"
    rows = {row["row"]: row for row in checked.quarantine.to_pylist()}
    assert (rows[6]["file"], rows[6]["value"]) == ("t.csv", "five hundred")
    assert '"amount": "five hundred"' in rows[6]["record"]
    assert rows[12]["message"] == f"the row has 5 fields; allowed is {11 + len(more)}; look for a stray comma"
    assert "A-8,A,2008-02-11" in rows[12]["record"]


def test_dates_that_are_none_in_contracts() -> None:
    text = _csv("contracts", contracts()).decode().replace("1945-06-01", "1945-06-31", 1).replace("false", "perhaps", 1)
    checked = _checked(contracts=read_files("contracts", [("c.csv", text.encode())]))
    assert found(checked)["A"] == {"NOT_A_FLAG", "NOT_A_DATE"}
    assert kept(checked, "contracts", "contract_id") == ["B", "C"]


def test_files_of_a_dataset_are_read_as_one() -> None:
    rows = prices()
    parts = [("p1.csv", _csv("prices", rows[:2])), ("p2.parquet", _parquet(_plain("prices", rows[2:])))]
    read = read_files("prices", parts)
    assert read.rows == len(rows)
    assert read.table.select(["_file", "_row"]).slice(1, 2).to_pylist() == [
        {"_file": "p1.csv", "_row": 2},
        {"_file": "p2.parquet", "_row": 1},
    ]


def test_allocation_text_is_exact() -> None:
    third = [(BALANCED, 1.0 / 3.0), (ADVANCED, 2.0 / 3.0)]
    row = transactions()[0] | {"allocation": [{"sub_account": n, "weight": w} for n, w in third]}
    read = read_files("transactions", [("t.csv", _csv("transactions", [row]))]).table["allocation"].to_pylist()
    assert [(one["sub_account"], one["weight"]) for one in read[0]] == third
