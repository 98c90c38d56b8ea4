"""The dataset of declared rates of a run: read, judged as a whole, and kept for the partitions.

Every row must stand: a rate left out would change what every contract earns.
"""

from datetime import date
from typing import Any

import pyarrow as pa

from infra.storage import Storage
from tasks.intake import InputError, read_files
from tasks.parts import tables
from tasks.publish import Run
from tasks.records import FrozenInput
from valuation.declared_rates import DeclaredRate, DeclaredRates, declare
from valuation.failures import Reason

DATASET = "declared_rates"
_STEP = "declared"


def keep_rates(run: Run, storage: Storage, frozen: tuple[FrozenInput, ...]) -> None:
    """Judge the dataset, where it is given, and commit it.  Raises InputError for a row that cannot be used."""
    files = [(one.name, storage.read_bytes(one.key, one.sha256)) for one in frozen if one.dataset == DATASET]
    if not files:
        return
    found = read_files(DATASET, files)
    name = ", ".join(found.names)
    if found.malformed:
        raise InputError(Reason.MALFORMED_ROW, name, DATASET, found.malformed[0].found, found.malformed[0].expected)
    columns = [item for item in found.table.column_names if not item.startswith("_")]
    unread = [item[len("_raw_") :] for item in found.table.column_names if item.startswith("_raw_")]
    table = found.table.select(columns)
    for column in (*unread, "effective_date", "option", "guarantee_months", "rate", "source"):
        if column in unread or table[column].null_count:
            raise InputError(Reason.MISSING_VALUE, name, column, None, "")
    try:
        rates_of(table)
    except ValueError as error:
        raise InputError(Reason.NUMBER_OUT_OF_RANGE, name, DATASET, str(error), "see the schema") from error
    run.commit_group(_STEP, 0, {DATASET: table})


def rates_of(table: pa.Table) -> DeclaredRates:
    """The rates of a table of the schema.  Raises ValueError as `valuation.declared_rates.declare`."""
    return declare(_row(row) for row in table.to_pylist())


def _row(row: dict[str, Any]) -> DeclaredRate:
    day: date = row["effective_date"]
    additional, offered = row["additional_rate"] or 0.0, row["offered"] is not False
    return DeclaredRate(day, row["option"], row["guarantee_months"], row["rate"], additional, offered)


def rates_of_run(run: Run) -> DeclaredRates | None:
    """The rates declared for a run; None if it was given none."""
    if run.committed_group(_STEP, 0) is None:
        return None
    return rates_of(tables(run, _STEP, 0)[DATASET])
