"""What the repository says of its speed is what the benchmark wrote."""

import pytest

from tests.bench.measured import DATA, REPORT, kept, report, values
from tests.bench.readme import BEGIN, END, ORDINARY, README, SINGLE, with_table


def test_the_readme_holds_what_the_benchmark_wrote():
    text = README.read_text(encoding="utf-8")
    assert text == with_table(text, kept()), f"README.md and {DATA.name} differ: run make bench"


def test_the_report_holds_what_the_benchmark_wrote():
    assert REPORT.read_text(encoding="utf-8") == report(kept()), f"{REPORT.name} and {DATA.name} differ: run make bench"


def test_every_line_of_the_tables_was_measured():
    found = values(kept())
    assert {key for line in (*ORDINARY, *SINGLE) for key in line.keys} <= found.keys()


def test_a_changed_measurement_changes_the_table():
    whole = kept()
    text = with_table(README.read_text(encoding="utf-8"), whole)
    row = next(row for one in whole["sections"].values() for row in one["rows"] if row["key"] == "all_in")
    row["value"] = 987.6
    assert "987.6 ns" in with_table(text, whole)
    assert "987.6 ns" not in text


@pytest.mark.parametrize("text", ["no markers", BEGIN, END])
def test_a_readme_without_markers_is_refused(text):
    with pytest.raises(ValueError, match="has no"):
        with_table(text, kept())
