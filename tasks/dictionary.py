"""The data dictionary, made from the schemas; ``python -m tasks.dictionary`` writes it again."""

from pathlib import Path

import pyarrow as pa

import valuation
from tasks.transaction_kinds import kinds_page
from valuation.schema import SCHEMAS, meta

DICTIONARY = Path(valuation.__file__).with_name("DATA_DICTIONARY.md")
"""Where the generated dictionary is kept."""


def data_dictionary() -> str:
    """All datasets as Markdown; ``valuation/DATA_DICTIONARY.md`` is this text."""
    lines = ["# Data dictionary", "", "Made from `valuation/schema.py` by `python -m tasks.dictionary`.", ""]
    lines += ["Sources are rule ids of the specification; `house` stands for what no provision gives.", ""]
    for dataset, schema in SCHEMAS.items():
        lines += [f"## {dataset}", "", meta(schema, "meaning"), ""]
        lines += [f"Primary key: {meta(schema, 'key')}. Written by: {meta(schema, 'writer')}.", ""]
        lines += ["| column | type | null | unit | meaning | allowed | source |", "|---|---|---|---|---|---|---|"]
        for item in schema:
            lines += _dictionary_rows(item, "")
        lines.append("")
        lines += kinds_page() if dataset == "transactions" else []
    return "\n".join(lines)


def _dictionary_rows(item: pa.Field, prefix: str) -> list[str]:
    nested = pa.types.is_list(item.type) and pa.types.is_struct(item.type.value_type)
    kind = "list of struct" if nested else str(item.type)
    cells = [
        prefix + item.name,
        kind,
        "yes" if item.nullable and not prefix else "",
        meta(item, "unit"),
        meta(item, "meaning"),
    ]
    cells += [meta(item, "allowed"), meta(item, "source")]
    rows = ["| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"]
    for child in item.type.value_type if nested else ():
        rows += _dictionary_rows(child, f"{item.name}[].")
    return rows


def write_dictionary() -> Path:
    """Write the dictionary of the schemas in force; returns its path."""
    DICTIONARY.write_text(data_dictionary(), encoding="utf-8")
    return DICTIONARY


if __name__ == "__main__":
    print(write_dictionary())
