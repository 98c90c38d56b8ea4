"""The ledger of rules as `highwater rules` shows it: every rule, where it is, why not more, and what does not exist."""

import re

import pytest
from rich.console import Console

from flows import cli
from tasks.rules_page import UnknownRule, choose, page
from valuation.provisions import STATUSES, constants, load_provisions

RULES = load_provisions().rules


def shown(width: int = 118, **chosen: str) -> str:
    """The page in plain text."""
    console = Console(width=width, color_system=None, legacy_windows=False)
    with console.capture() as written:
        console.print(page(choose(**chosen)))
    return written.get()


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("width", [80, 118, 150])
def test_every_rule_is_shown_once_and_fits_the_terminal(width: int) -> None:
    lines = shown(width).splitlines()
    assert max(len(line) for line in lines) <= width
    status = "|".join(STATUSES)
    heads = [found.group(1) for line in lines if (found := re.match(rf"(\S+-\d+) +(?:{status}) ", line))]
    assert sorted(heads) == sorted(RULES)


@pytest.mark.parametrize("width", [80, 150])
def test_totals_by_section_add_up(width: int) -> None:
    lines = shown(width).splitlines()
    total = next(line for line in lines if line.startswith("all "))
    numbers = [int(n) for n in re.findall(r"\d+", total)]
    assert numbers[-1] == len(RULES) == sum(numbers[:-1])
    fees = next(line for line in lines if line.startswith("Fees and charges  "))
    assert int(fees.split()[-1]) == load_provisions().counts["FEE"]


def test_a_rule_shows_module_constants_tests_and_lines() -> None:
    text = flat(shown(id="fee-6"))
    for said in ("FEE-6", "coded", "803-807", "module charges.py", "prospectus/test_charges.py"):
        assert said in text
    assert "charges.maintenance_fee, charges.maintenance_share" in text
    assert "FEE-5" not in text


def test_a_gap_shows_its_reason() -> None:
    gap = next(rule for rule in RULES.values() if rule.status == "gap")
    assert f"reason {gap.reason}" in flat(shown(id=gap.id))


def test_the_terms_of_a_rule_are_those_whose_source_names_it() -> None:
    assert {"purchase.longevity_rate", "purchase.longevity_first_anniversary"} <= set(constants()["LC-1"])
    assert "charges.maintenance_fee" not in constants()["LC-1"]
    assert set(constants()) <= set(RULES)


@pytest.mark.parametrize("status", STATUSES)
def test_rules_of_one_status(status: str) -> None:
    found = choose(status=status.upper())
    assert {rule.id for rule in found} == {rule.id for rule in RULES.values() if rule.status == status}


def test_section_and_status_together() -> None:
    assert {rule.section for rule in choose(section="hd7", status="coded")} == {"HD7"}
    assert "no rule is of that section and status" in shown(section="SEPP", status="terms")


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"section": "XYZ"}, r"no section 'XYZ'; allowed are GEN, PUR"),
        ({"status": "done"}, r"no status 'done'; allowed are coded, terms, reading, no effect, gap"),
        ({"id": "HD7-99"}, r"no rule 'HD7-99'; allowed are HD7-1, HD7-2"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(chosen: dict[str, str], said: str) -> None:
    with pytest.raises(UnknownRule, match=said):
        choose(**chosen)


def test_the_command_writes_plain_text_when_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    cli.app(["rules", "--section", "CDSC"])
    text = capsys.readouterr().out
    assert "CDSC-1" in text
    assert "\x1b" not in text
    assert all(line == line.rstrip() for line in text.splitlines())
