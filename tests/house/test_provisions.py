"""The ledger of rules holds both ways: what is cited exists, what is coded is cited, nothing is missing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from valuation.provisions import SECTIONS, STATUSES, Provision, load_provisions, status_page

ROOT = Path(__file__).parents[2]
LEDGER = load_provisions()
NAMES = "|".join(sorted(SECTIONS, key=len, reverse=True))
ID = re.compile(rf"(?<![A-Za-z0-9-])((?:{NAMES})-\d+)(?: to ((?:{NAMES})-\d+))?(?![\w-])")
ALL = list(LEDGER.rules.values())


def cited(text: str) -> Iterator[str]:
    """Rule ids of a text; a range stands for all of its rules.  Examples (E-, EX-, D-, DV-) and readings (A-) are none."""
    for match in ID.finditer(text):
        first, last = match.groups()
        yield first
        if last:
            section, start = first.rsplit("-", 1)
            yield from (f"{section}-{k}" for k in range(int(start) + 1, int(last.rsplit("-", 1)[1]) + 1))


def docstrings(path: Path) -> str:
    """All docstrings of a module, its attributes' included."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return "\n".join(
        node.value.value
        for node in nodes
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    )


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", sources("valuation", "tasks", "tests"), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_rule_cited_is_in_the_ledger(path: Path) -> None:
    unknown = sorted(set(cited(docstrings(path))) - LEDGER.rules.keys())
    assert unknown == [], f"{path.relative_to(ROOT)} cites {unknown}; the ledger has no such rules"


def test_every_rule_cited_in_the_terms_is_in_the_ledger() -> None:
    for path in sorted((ROOT / "valuation" / "terms").glob("*.toml")):
        assert set(cited(path.read_text(encoding="utf-8"))) <= LEDGER.rules.keys(), path.name


@pytest.mark.parametrize("rule", [r for r in ALL if r.status == "coded"], ids=lambda r: r.id)
def test_a_coded_rule_is_cited_where_it_is_coded(rule: Provision) -> None:
    assert rule.modules
    for name in rule.modules:
        text = (ROOT / "valuation" / name).read_text(encoding="utf-8")
        assert rule.id in set(cited(text)), f"{rule.id} is not cited in valuation/{name}"


@pytest.mark.parametrize("rule", ALL, ids=lambda r: r.id)
def test_a_row_is_complete(rule: Provision) -> None:
    assert rule.title
    assert (rule.status in ("reading", "gap")) <= bool(rule.reason), f"{rule.id} is a {rule.status} without a reason"
    assert all((ROOT / "valuation" / name).is_file() for name in rule.modules), rule
    assert all((ROOT / "tests" / name).is_file() for name in rule.tests), rule
    assert rule.status != "gap" or not rule.modules
    assert rule.status != "terms" or all(name.startswith("terms/") for name in rule.modules)


@pytest.mark.parametrize("section", SECTIONS)
def test_no_rule_of_a_section_is_missing(section: str) -> None:
    """Rules are numbered without gaps, from 1; the supplement starts at 0."""
    numbers = sorted(int(r.id.rsplit("-", 1)[1]) for r in ALL if r.section == section)
    start = 0 if section == "SUP" else 1
    assert numbers == list(range(start, start + LEDGER.counts[section]))


def test_the_ledger_has_the_rules_of_both_parts_of_the_specification() -> None:
    contract = list(SECTIONS)[: list(SECTIONS).index("C")]
    assert sum(LEDGER.counts[key] for key in contract) == 183
    assert sum(LEDGER.counts.values()) - 183 == 166
    assert LEDGER.counts.keys() == SECTIONS.keys()


def test_the_status_page_shows_every_rule_once_and_adds_up() -> None:
    page = status_page()
    rows = [line.split(" | ")[0].removeprefix("| ") for line in page.splitlines() if line.startswith("| ")]
    assert all(rows.count(rule.id) == 1 for rule in ALL)
    total = next(line for line in page.splitlines() if line.startswith("| **All**"))
    numbers = [int(n) for n in re.findall(r"\d+", total)]
    assert numbers[-1] == len(ALL) == sum(numbers[:-1])
    assert len(numbers) == len(STATUSES) + 1
