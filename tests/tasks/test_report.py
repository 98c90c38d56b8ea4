"""The report: a whole HTML page that needs nothing but itself, with every figure of the runs."""

import hashlib
import re
from datetime import date
from functools import cache
from html.parser import HTMLParser

import pytest

from infra.storage import Storage
from tasks.by_benefit import benefit_sheet
from tasks.report import ReportError, find_runs, write_report
from tasks.report_figures import bond_share
from tasks.summary import figure, large, memory, usd, with_error
from tests.support.tiny_store import CTE70, CTE98, THROUGH, store

VOID = {"meta", "link", "br", "img", "hr", "input", "path", "use"}


class Reader(HTMLParser):
    """Checks that every element is closed in order; keeps ids, references and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.text: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [given["id"]] if given.get("id") else []
        self.references += [
            value for name, value in given.items() if name in ("href", "src", "srcset", "data") and value
        ]
        self.references += re.findall(r"url\(([^)]*)\)", " ".join(value or "" for value in given.values()))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@cache
def page(which: str = "report") -> tuple[str, Reader]:
    folder, written = store()
    html = (folder / written[which]).read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(html)
    reader.close()
    return html, reader


def text(which: str = "report") -> str:
    return re.sub(r"\s+", " ", " ".join(page(which)[1].text))


class TestPage:
    def test_every_element_is_closed(self) -> None:
        html, reader = page()
        assert html.startswith("<!DOCTYPE html>")
        assert reader.open == []

    def test_nothing_outside_is_referred_to(self) -> None:
        html, reader = page()
        assert re.findall(r"(?:https?:)?//[\w.]+\.\w+", html.replace("file://", "")) == []
        assert [one for one in reader.references if not one.startswith("#")] == []
        assert not {"script", "link", "img", "iframe"} & set(reader.tags)

    def test_ids_are_unique_and_every_reference_has_its_target(self) -> None:
        _, reader = page()
        assert len(reader.ids) == len(set(reader.ids))
        assert {one[1:] for one in reader.references} <= set(reader.ids)

    @pytest.mark.parametrize("name", ["block", "bond", "contract", "scenarios-real-world-scenario-reserve",
                                      "scenarios-risk-neutral-fair-value-guarantee", "checks-z", "limits-use"])  # fmt: skip
    def test_picture_is_there_with_a_caption(self, name: str) -> None:
        html, reader = page()
        assert f'aria-labelledby="{name}-caption"' in html
        assert f"{name}-caption" in reader.ids

    def test_ink_follows_the_page(self) -> None:
        html, _ = page()
        assert "#123456" not in html
        assert html.count("currentColor") > 50
        assert "prefers-color-scheme: dark" in html
        assert "@media print" in html


class TestFigures:
    def test_reserves_with_standard_errors(self) -> None:
        found = text()
        assert f"USD {large(CTE70)}" in found
        assert "s.e. 100.00 k" in found
        assert usd(CTE98) in found

    def test_run_ids_and_input_hashes(self) -> None:
        folder, written = store()
        found = text()
        assert all(written[name] in found for name in ("daily", "reserve", "hedge"))
        runs = find_runs(Storage(folder.as_uri()), THROUGH)
        assert all(one.sha256[:16] in found for one in runs.daily.manifest.inputs.inputs)

    def test_memory_of_the_workers_where_it_was_measured(self) -> None:
        folder, _ = store()
        peak = find_runs(Storage(folder.as_uri()), THROUGH).daily.manifest.circumstances.worker_peak_bytes
        assert f"found, 0 repeated, at most {peak / 2**30:.2f} GiB a worker" in text()
        assert text().count("GiB a worker") == 1  # the figures of the other two runs are given, not computed

    def test_account_value_is_that_of_the_last_day(self) -> None:
        folder, _ = store()
        last = find_runs(Storage(folder.as_uri()), THROUGH).daily.table("daily_totals").to_pylist()[-1]
        assert f"USD {large(last['account_value'])}" in text()
        assert f"contracts in force {last['contracts']:,}" in text()

    def test_roll_forward_closes(self) -> None:
        folder, _ = store()
        totals = find_runs(Storage(folder.as_uri()), THROUGH).daily.manifest.control_totals
        summed = totals["opening"] + sum(v for name, v in totals.items() if name.startswith("ledger."))
        assert summed == pytest.approx(totals["closing"], abs=0.01)
        assert text().count(usd(totals["closing"])) >= 1
        assert "difference 0.00" in text()

    def test_the_block_by_benefit(self) -> None:
        folder, _ = store()
        sheet = benefit_sheet(find_runs(Storage(folder.as_uri()), THROUGH).daily)
        assert len(sheet.rows) > 2
        found = text()
        assert "The block by benefit" in found
        assert all(" ".join(one for one in row.cells if one) in found for row in sheet.rows)

    def test_quarantine_with_reasons(self) -> None:
        folder, _ = store()
        rows = find_runs(Storage(folder.as_uri()), THROUGH).daily.table("quarantine").to_pylist()
        assert rows
        found = text()
        assert all(row["reason"].split("; ")[0] in found for row in rows)

    def test_hedge(self) -> None:
        found = text()
        assert "S&P 500 E-mini future 0 -7 -7 48,437.50" in found
        assert "delta large equity USD per 1% -90,000 1,800 0 90,000 5,000 1800% 1,200 breach" in found

    def test_failed_scenario_check_is_marked(self) -> None:
        html, _ = page()
        assert re.search(r'<td class=" bad">discounted large equity</td>', html)

    def test_proxies_are_named_where_prices_are_shown(self) -> None:
        assert "Small and international equity are proxies built from the S&P 500" in text()


def test_a_report_without_reserve_and_hedge_is_whole() -> None:
    _, reader = page("alone")
    assert reader.open == []
    assert "CTE" not in text("alone")


@pytest.mark.parametrize("which", ["report", "alone"])
def test_a_page_is_named_by_its_content(which: str) -> None:
    content = hashlib.sha256(page(which)[0].encode()).hexdigest()
    assert store()[1][which] == f"reports/{THROUGH}/highwater-{content[:12]}.html"


def test_nothing_published_says_what_to_run() -> None:
    folder, _ = store()
    with pytest.raises(ReportError, match=r"2008-09-30 is published .*highwater daily --through 2008-09-30"):
        write_report(Storage(folder.as_uri()), date(2008, 9, 30))


def test_svg_is_one_element_without_namespaces() -> None:
    import numpy as np

    svg = bond_share("x", [date(2008, 1, 2), date(2008, 1, 3)], np.array([0.0, 0.5]))
    assert svg.startswith("<svg viewBox")
    assert svg.rstrip().endswith("</svg>")
    assert "xmlns" not in svg
    assert all(one.startswith("x-") for one in re.findall(r' id="([^"]+)"', svg))


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (1234.5, "USD", "1,234.50"),
        (0.05, "fraction", "5%"),
        (0.91259, "fraction", "91.259%"),
        (15.34, "number", "15.34"),
    ],
)
def test_figure(value: float, unit: str, shown: str) -> None:
    assert figure(value, unit) == shown


@pytest.mark.parametrize(
    ("peak", "said"),
    [(0, ""), (870_000_000, ", at most 0.81 GiB a worker"), (2**41, ", at most 2,048.00 GiB a worker")],
)
def test_memory(peak: int, said: str) -> None:
    assert memory(peak) == said


def test_with_error() -> None:
    assert with_error(2_500_000.0, 1_200.0) == "2.50 m ± 1.20 k"
    assert with_error(12.0, None) == "12.00"
