"""The schemas keep what they promise, and the committed dictionary is theirs."""

import io
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.dictionary import DICTIONARY, data_dictionary
from valuation.contract import STATUS_NAMES
from valuation.schema import ALLOCATION, KINDS, SCHEMAS, codes, empty, meta
from valuation.schema_inputs import CONTRACTS

DATASETS = sorted(SCHEMAS)
RULE = r"(?:LB-)?[A-Z]{1,5}7?-\d+"
SOURCE = re.compile(rf"house|{RULE}(( to |, ){RULE})*")


def _fields(schema: pa.Schema) -> list[pa.Field]:
    structs = [item.type.value_type for item in schema if pa.types.is_list(item.type)]
    return list(schema) + [child for one in structs if pa.types.is_struct(one) for child in one]


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_dataset_says_what_it_is(dataset: str) -> None:
    schema = SCHEMAS[dataset]
    assert all(meta(schema, key) for key in ("meaning", "key", "writer"))
    keys = meta(schema, "key").replace("order of rows", "").split(", ")
    assert {key for key in keys if key} <= set(schema.names)


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_field_has_meaning_and_source(dataset: str) -> None:
    for item in _fields(SCHEMAS[dataset]):
        assert meta(item, "meaning"), item.name
        assert SOURCE.fullmatch(meta(item, "source")), (item.name, meta(item, "source"))
        if pa.types.is_floating(item.type):
            assert meta(item, "unit"), item.name
            assert item.type == pa.float64(), item.name


@pytest.mark.parametrize("dataset", DATASETS)
def test_parquet_keeps_the_schema(dataset: str) -> None:
    file = io.BytesIO()
    pq.write_table(empty(dataset), file)
    back = pq.read_table(file)
    assert back.cast(SCHEMAS[dataset]).schema.equals(SCHEMAS[dataset], check_metadata=False)
    assert meta(back.schema, "meaning") == meta(SCHEMAS[dataset], "meaning")


def test_closed_lists_are_those_of_the_law() -> None:
    assert codes("snapshot", "status") == STATUS_NAMES
    assert codes("transactions", "kind") == KINDS
    assert codes("contracts", "series") == ("B", "L", "X")
    assert codes("contracts", "contract_id") == ()


def test_allocations_read_from_any_writer_fit() -> None:
    foreign = pa.array([[{"sub_account": "AST Money Market", "weight": 1}]])
    assert foreign.cast(ALLOCATION).type == ALLOCATION


def test_snapshot_repeats_the_contract() -> None:
    """All that the law asks of it; what the selling firm does not offer is a matter of the intake alone."""
    snapshot = SCHEMAS["snapshot"]
    assert all(snapshot.field(item.name).equals(item) for item in CONTRACTS)
    assert {item.name for item in SCHEMAS["contracts"]} - {item.name for item in CONTRACTS} == {"restricted_benefits"}


def test_committed_dictionary_is_current() -> None:
    assert DICTIONARY.read_text(encoding="utf-8") == data_dictionary(), "run python -m tasks.dictionary"


def test_dictionary_has_every_column() -> None:
    text = data_dictionary()
    for dataset, schema in SCHEMAS.items():
        section = text.split(f"## {dataset}\n")[1].split("\n## ")[0]
        assert all(f"| {item.name} |" in section for item in schema)
    assert "| allocation[].weight | double |" in text
