"""The illustrations as people get them: tables with the highest marked, CSV files, a page that needs nothing but itself."""

import csv
import io
import re
from functools import cache

import numpy as np
import pytest

from infra.storage import Storage
from tasks.illustrate import Found, compute, csv_files, write
from tasks.illustrate_page import page
from tasks.illustrate_sheets import days_sheet, dollars, expense_sheets, percent, unit_sheet, value_sheet
from tasks.report import rendered
from tests.tasks.test_report import Reader
from valuation.arrays import SERIES
from valuation.illustrations import days_highest, highest, yearly


@cache
def found() -> Found:
    return compute((0.0, 0.06), 0.0095, 0.05, None, 0.013)


@cache
def files() -> dict[str, list[dict[str, str]]]:
    return {name: list(csv.DictReader(io.StringIO(text))) for name, text in csv_files(found()).items()}


class TestTables:
    @pytest.mark.parametrize("which", [0, 1])
    def test_the_highest_surrender_value_of_every_year_is_marked(self, which: int) -> None:
        one = found().illustrations[which]
        flags = highest(yearly(one)[1])
        for year, row in enumerate(value_sheet(one).rows):
            assert row.cells[0] == str(year + 1)
            assert row.marked
            places = {"L": 2, "B": 4, "X": 6}
            assert set(row.marked) == {place for s, place in places.items() if flags[year, SERIES.index(s)]}
            assert row.cells[4] == dollars(yearly(one)[1][year, 0])

    def test_five_percent_credit_marks_the_l_series_in_year_five(self) -> None:
        rows = value_sheet(found().illustrations[1]).rows
        assert [row.cells[0] for row in rows if 2 in row.marked] == ["5"]

    def test_days_of_all_periods_are_listed(self) -> None:
        one = found().illustrations[0]
        totals, runs = days_highest(one)
        rows = days_sheet(one).rows
        assert len(rows) == sum(max(1, len(mine)) for mine in runs)
        assert rows[0].cells[:2] == ("L Series", f"{totals[1]:,}")
        first = runs[1][0]
        assert rows[0].cells[3] == f"{first.first}-{first.last}"

    def test_expense_examples_as_printed(self) -> None:
        surrender, annuitize, keep, parts = expense_sheets(found())
        assert surrender.columns == ("series", "#1 yr", "#3 yrs", "#5 yrs", "#10 yrs")
        assert [row.cells[1:3] for row in annuitize.rows] == [("n/a", "n/a")] * 3
        assert annuitize.rows[1].cells[3:] == keep.rows[1].cells[3:]
        assert len(parts.rows) == 12
        whole = [int(cell.replace(",", "")) for cell in parts.rows[0].cells[2:]]
        assert sum(whole) == pytest.approx(int(keep.rows[0].cells[1]), abs=3)

    def test_unit_values_begin_at_ten_and_the_dearer_grow_less(self) -> None:
        for row in unit_sheet(found(), 1).rows:
            low, high = float(row.cells[3]), float(row.cells[4])
            assert 10.0 < high < low

    @pytest.mark.parametrize(("value", "shown"), [(1234.5, "1,235"), (-0.4, "0"), (float("nan"), "n/a")])
    def test_dollars(self, value: float, shown: str) -> None:
        assert dollars(value) == shown

    @pytest.mark.parametrize(("value", "shown"), [(0.0, "0%"), (0.06, "6%"), (-0.025, "-2.5%"), (0.1, "10%")])
    def test_percent(self, value: float, shown: str) -> None:
        assert percent(value) == shown


class TestFiles:
    def test_values_by_year(self) -> None:
        rows = files()["annuity_values.csv"]
        assert len(rows) == 2 * 30 * 3
        one = found().illustrations[1]
        row = next(r for r in rows if (r["gross_return"], r["year"], r["series"]) == ("0.06", "5", "L"))
        assert float(row["annuity_value"]) == pytest.approx(one.account[5 * 365, 1], abs=0.005)
        assert float(row["surrender_value"]) == pytest.approx(one.surrender[5 * 365 - 2, 1], abs=0.005)
        assert row["highest"] == "1"

    def test_days_agree_with_the_periods(self) -> None:
        days = [row for row in files()["surrender_values.csv"] if row["gross_return"] == "0.0"]
        assert [int(row["day"]) for row in days] == list(range(10_951))
        for span in files()["days_highest.csv"]:
            if span["gross_return"] == "0.0":
                inside = days[int(span["first_day"]) : int(span["last_day"]) + 1]
                assert all(span["series"] in row["highest"].split() for row in inside)

    def test_expenses_add_up(self) -> None:
        rows = files()["expense_examples.csv"]
        assert len(rows) == 12
        for row in rows:
            parts = ("portfolios", "insurance", "death_benefit", "income_benefit", "maintenance")
            assert sum(float(row[name]) for name in parts) == pytest.approx(float(row["kept"]), abs=0.03)
            assert (row["annuitized"] == "") == (row["years"] in ("1", "3"))

    def test_unit_values(self) -> None:
        rows = files()["unit_values.csv"]
        assert len(rows) == 2 * 31 * 3
        assert {row["lowest_charge"] for row in rows if row["year"] == "0"} == {"10.000000"}


class TestPage:
    def test_it_is_whole_and_refers_to_nothing_outside(self) -> None:
        html = rendered(page(found()))
        reader = Reader()
        reader.feed(html)
        reader.close()
        assert reader.open == []
        assert len(reader.ids) == len(set(reader.ids))
        assert {one[1:] for one in reader.references if one.startswith("#")} <= set(reader.ids)
        assert [one for one in reader.references if not one.startswith("#")] == []
        assert not {"script", "link", "img", "iframe"} & set(reader.tags)
        assert len(re.findall("<svg ", html)) == 2 * 2 + 1

    def test_it_says_what_is_assumed_and_what_was_found(self) -> None:
        html = rendered(page(found()))
        for said in ("0.95%", "1.3%", "USD 100,000.00", "L in 5; B in 7-9, 16-30; X in 1-4, 6, 10-15."):
            assert said in html
        assert html.count(' marked"') == sum(int(highest(yearly(one)[1]).sum()) for one in found().illustrations)


def test_files_are_written_once_by_content(tmp_path) -> None:
    storage = Storage(tmp_path.as_uri())
    first, again = write(storage, found()), write(storage, found())
    assert first.keys == again.keys
    assert [storage.exists(key) for key in first.keys] == [True] * 6
    assert len(list(tmp_path.rglob("*.html"))) == 1
    marked = next(shown for shown in first.pages if shown.title.startswith("6% gross"))
    assert marked.rows[4][2].endswith("*")
    assert marked.rows[4][4].endswith(" ")
    assert np.array([len(row) for row in marked.rows]).tolist() == [7] * 30
