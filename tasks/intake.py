"""Input files as tables of the right types: Parquet or CSV in, one `Source` a dataset out.

What makes a file unusable as a whole (not readable, a column missing or of a wrong type) is an `InputError`.  What
makes a single row unusable is kept with the row: a cell that cannot be read as its type becomes null, and its text
stands in the column ``_raw_<column>`` for the rules to find.  Every row knows its file and its number there.
"""

import io
import re
from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from valuation.failures import Reason
from valuation.schema import ALLOCATION, SCHEMAS

FILE, ROW, RAW = "_file", "_row", "_raw_"
_NUMBER = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$"
_TRUE, _FALSE = ("true", "1", "yes", "y"), ("false", "0", "no", "n")


class InputError(Exception):
    """An input that cannot be used as a whole; names the file, what was found, what is allowed and the next step."""

    def __init__(self, reason: Reason, file: str, field: str, value: object, allowed: object) -> None:
        self.reason, self.file = reason, file
        super().__init__(f"{file}: {reason.message(None, field, value, allowed)} (reason {reason.value} {reason.name})")


class Malformed(NamedTuple):
    """A line of a CSV file with another number of fields than its header."""

    file: str
    row: int
    found: int
    expected: int
    text: str


class Source(NamedTuple):
    """One dataset as received."""

    dataset: str
    table: pa.Table  # the columns of the schema, `_file`, `_row`, and `_raw_<column>` where a cell could not be read
    malformed: tuple[Malformed, ...] = ()
    names: tuple[str, ...] = ()  # files, in the order read

    @property
    def rows(self) -> int:
        """Rows received, malformed ones included."""
        return int(self.table.num_rows) + len(self.malformed)


def read_files(dataset: str, files: Iterable[tuple[str, bytes]]) -> Source:
    """All files of a dataset, given as name and content; the name's ending says which format, .parquet or .csv.

    Raises InputError for a file that is truncated or of another format, and for a column missing or of a wrong type.
    """
    tables: list[pa.Table] = []
    malformed: list[Malformed] = []
    names: list[str] = []
    for name, content in files:
        raw, bad = _read(dataset, name, content)
        names.append(name)
        malformed += bad
        tables.append(_conform(dataset, raw, name, _numbers(raw.num_rows, [one.row for one in bad])))
    if not tables:
        raise InputError(Reason.EMPTY_BLOCK, dataset, dataset, "no file and no", "")
    return Source(dataset, pa.concat_tables(tables, promote_options="default"), tuple(malformed), tuple(names))


def source(dataset: str, table: pa.Table, name: str = "table in memory") -> Source:
    """A table that is already in memory, brought to the types of its dataset.  Raises InputError as `read_files`."""
    return Source(dataset, _conform(dataset, table, name, _numbers(table.num_rows, [])), (), (name,))


def allocation_text(parts: Iterable[tuple[str, float]]) -> str:
    """Allocation instructions as they stand in a CSV file: ``Sub-account=weight;Sub-account=weight``."""
    return ";".join(f"{name}={weight!r}" for name, weight in parts)


def _read(dataset: str, name: str, content: bytes) -> tuple[pa.Table, list[Malformed]]:
    try:
        if name.endswith(".parquet"):
            return pq.read_table(pa.BufferReader(content)), []
        if name.endswith(".csv"):
            return _read_csv(dataset, name, content)
    except (pa.ArrowInvalid, OSError) as error:
        found = f"{len(content)} bytes: {error}"
        raise InputError(Reason.UNREADABLE_FILE, name, dataset, found, "a whole Parquet or CSV file") from error
    raise InputError(Reason.UNREADABLE_FILE, name, dataset, "ending of its name", "a name in .parquet or .csv")


def _read_csv(dataset: str, name: str, content: bytes) -> tuple[pa.Table, list[Malformed]]:
    malformed: list[Malformed] = []

    def keep(line: pcsv.InvalidRow) -> str:
        malformed.append(Malformed(name, line.number - 1, line.actual_columns, line.expected_columns, line.text))
        return "skip"

    # every cell as text, so that a bad one refuses its row and not the file; one thread, so that lines have numbers
    convert = pcsv.ConvertOptions(
        column_types={item.name: pa.string() for item in SCHEMAS[dataset]},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    table = pcsv.read_csv(
        io.BytesIO(content),
        read_options=pcsv.ReadOptions(use_threads=False),
        parse_options=pcsv.ParseOptions(invalid_row_handler=keep),
        convert_options=convert,
    )
    return table, malformed


def _numbers(rows: int, malformed: list[int]) -> pa.Array:
    """Row numbers from 1, malformed lines left out."""
    gone = set(malformed)
    return pa.array([i for i in range(1, rows + len(gone) + 1) if i not in gone], pa.int64())


def _conform(dataset: str, table: pa.Table, name: str, numbers: pa.Array) -> pa.Table:
    schema = SCHEMAS[dataset]
    missing = [item.name for item in schema if table.column_names.count(item.name) != (1 - _left_out(item, table))]
    if missing:
        kinds = ", ".join(str(schema.field(column).type) for column in missing)
        raise InputError(Reason.MISSING_COLUMN, name, ", ".join(missing), ", ".join(table.column_names), kinds)
    columns: dict[str, pa.ChunkedArray | pa.Array] = {}
    for item in schema:
        if _left_out(item, table):
            columns[item.name] = pa.nulls(table.num_rows, item.type)
            continue
        typed, raw = _typed(item, table.column(item.name), name)
        columns[item.name] = typed
        if raw is not None:
            columns[RAW + item.name] = raw
    columns[FILE] = pa.repeat(pa.scalar(name), table.num_rows)
    columns[ROW] = numbers
    return pa.table(columns)


def _left_out(item: pa.Field, table: pa.Table) -> bool:
    """Whether a column that may be empty in every row is not there at all: it is taken as empty."""
    return bool(item.nullable and item.name not in table.column_names)


def _typed(item: pa.Field, column: pa.ChunkedArray, file: str) -> tuple[pa.ChunkedArray, pa.ChunkedArray | None]:
    """A column in its type, and the texts of the cells that could not be read, if there are any."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    found, wanted = column.type, item.type
    is_text = pa.types.is_string(found) or pa.types.is_large_string(found) or pa.types.is_string_view(found)
    if is_text and pa.types.is_string(wanted):
        return pc.if_else(pc.equal(column, ""), None, column.cast(wanted)), None
    if is_text and (wanted.equals(ALLOCATION) or not pa.types.is_list(wanted)):
        return _parsed(pc.utf8_trim_whitespace(column.cast(pa.string())), wanted)
    if _fits(found, wanted, is_text):
        try:
            return _cast(column, wanted)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, TypeError):
            pass
    raise InputError(Reason.WRONG_TYPE, file, item.name, found, f"{wanted}, or text")


def _fits(found: pa.DataType, wanted: pa.DataType, is_text: bool) -> bool:
    """Whether a type can stand for another without loss of meaning."""
    kinds = pa.types
    if found.equals(wanted) or kinds.is_null(found):
        return True
    if kinds.is_string(wanted):
        return is_text
    if kinds.is_floating(wanted):
        return bool(kinds.is_integer(found) or kinds.is_floating(found) or kinds.is_decimal(found))
    if kinds.is_integer(wanted):
        return bool(kinds.is_integer(found))
    if kinds.is_date(wanted):
        return bool(kinds.is_date(found) or (kinds.is_timestamp(found) and found.tz is None))
    if kinds.is_timestamp(wanted):
        return bool(kinds.is_timestamp(found) and found.tz is None)
    if kinds.is_list(wanted):
        return bool(kinds.is_list(found) or kinds.is_large_list(found))
    return False


def _cast(column: pa.ChunkedArray, wanted: pa.DataType) -> tuple[pa.ChunkedArray, pa.ChunkedArray | None]:
    if pa.types.is_date(wanted) and pa.types.is_timestamp(column.type):
        whole = pc.equal(pc.floor_temporal(column, unit="day"), column)
        raw = pc.if_else(whole, None, column.cast(pa.string()))
        return pc.if_else(whole, column, None).cast(wanted, safe=False), raw if raw.null_count < len(raw) else None
    # seconds are all a receipt needs; and a whole number of USD is a number of USD
    return column.cast(wanted, safe=not (pa.types.is_timestamp(wanted) or pa.types.is_floating(wanted))), None


def _parsed(text: pa.ChunkedArray, wanted: pa.DataType) -> tuple[pa.ChunkedArray, pa.ChunkedArray | None]:
    kinds = pa.types
    text = pc.if_else(pc.equal(text, ""), None, text)
    if kinds.is_floating(wanted) or kinds.is_integer(wanted):
        typed = pc.if_else(pc.match_substring_regex(text, _NUMBER), text, None).cast(wanted)
    elif kinds.is_date(wanted):
        typed = _moment(text, "%Y-%m-%d").cast(wanted)
    elif kinds.is_timestamp(wanted):
        typed = _moment(pc.replace_substring(text, "T", " ", max_replacements=1), "%Y-%m-%d %H:%M:%S")
    elif kinds.is_boolean(wanted):
        lower = pc.utf8_lower(text)
        known = pc.is_in(lower, pa.array(_TRUE + _FALSE))
        typed = pc.if_else(known, pc.is_in(lower, pa.array(_TRUE)), None)
    else:
        typed = _allocations(text, wanted)
    unread = pc.and_(pc.is_valid(text), pc.is_null(typed))
    raw = pc.if_else(unread, text, None)
    return typed, raw if raw.null_count < len(raw) else None


def _moment(text: pa.ChunkedArray, form: str) -> pa.ChunkedArray:
    """Times written exactly as ``form`` says; null for all else, and for 30 February."""
    moment = pc.strptime(text, format=form, unit="s", error_is_null=True)
    return pc.if_else(pc.equal(pc.strftime(moment, format=form), text), moment, None)


def _allocations(text: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    encoded = text.combine_chunks().dictionary_encode()
    read = pa.array([_allocation(one.as_py()) for one in encoded.dictionary], wanted)
    return pa.chunked_array([read.take(encoded.indices)])


def _allocation(text: str) -> list[dict[str, str | float]] | None:
    parts: list[dict[str, str | float]] = []
    for part in text.split(";"):
        name, _, weight = part.rpartition("=")
        if not name or not re.fullmatch(_NUMBER[1:-1], weight.strip()):
            return None
        parts.append({"sub_account": name.strip(), "weight": float(weight)})
    return parts
