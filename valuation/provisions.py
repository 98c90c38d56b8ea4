"""The ledger of rules: every numbered provision of the specification and what became of it.

`provisions.toml` holds the rows; the status page is made from it, never by hand.
"""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import NamedTuple

STATUSES = ("coded", "terms", "reading", "no effect", "gap")
"""A rule is done by a function, is a constant, is carried under a reading, can show in no figure, or is not carried."""

SECTIONS = {
    "GEN": "The Annuity in general",
    "PUR": "Purchase",
    "FL": "Free look",
    "INV": "Investment options",
    "FIX": "Fixed Rate Options",
    "FEE": "Fees and charges",
    "CDSC": "Contingent Deferred Sales Charge",
    "WD": "Withdrawals",
    "FW": "Free Withdrawal amount",
    "SYS": "Systematic Withdrawals",
    "SEPP": "Substantially equal payments",
    "RMD": "Required Minimum Distributions",
    "SUR": "Surrender",
    "CR": "Purchase Credits",
    "LC": "Longevity Credits",
    "TR": "Transfers",
    "DCA": "Dollar Cost Averaging",
    "AR": "Automatic Rebalancing",
    "UNIT": "Units and Unit Prices",
    "TXN": "Timing of transactions",
    "ORD": "Order of a day",
    "DB": "Death Benefit",
    "PAY": "Payment of the Death Benefit",
    "BCO": "Beneficiary Continuation Option",
    "SPO": "Spousal assumption",
    "ANN": "Annuitization",
    "TAX": "Taxes",
    "ELE": "Election compatibility",
    "APP": "Illustrations",
    "EXP": "Expense examples",
    "SUP": "Supplement",
    "REP": "Reports",
    "C": "Living benefits: conventions",
    "EL": "Living benefits: eligibility",
    "LB-INV": "Living benefits: investments",
    "LB-FEE": "Living benefits: charges",
    "TAHD": "TrueAccumulation - Highest Daily",
    "GMIB": "Guaranteed Minimum Income Benefit",
    "TI": "TrueIncome",
    "TIS": "TrueIncome - Spousal",
    "HD": "TrueIncome - Highest Daily",
    "HD7": "TrueIncome - Highest Daily 7",
    "SHD7": "TrueIncome - Spousal Highest Daily 7",
    "ATF": "Asset transfer formulas",
}
"""Names of the sections by the prefix of their rules, in the order of the status page."""


class Provision(NamedTuple):
    """One rule."""

    id: str
    title: str
    lines: str  # of the prospectus or the supplement
    status: str  # one of STATUSES
    modules: tuple[str, ...]  # below valuation/
    tests: tuple[str, ...]  # below tests/
    reason: str  # of a reading or a gap, or what a coded rule leaves out

    @property
    def section(self) -> str:
        """Prefix of the id."""
        return self.id.rsplit("-", 1)[0]


class Ledger(NamedTuple):
    """All rules by id, in the order of the specification, and how many each section has."""

    rules: dict[str, Provision]
    counts: dict[str, int]


@cache
def load_provisions() -> Ledger:
    """The ledger as written in `provisions.toml`.  Raises ValueError for a row that is not of the form it promises."""
    text = (resources.files("valuation") / "provisions.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    rules = {}
    for key, row in table["rules"].items():
        rule = Provision(
            key,
            row["title"],
            row["lines"],
            row["status"],
            tuple(row.get("modules", ())),
            tuple(row.get("tests", ())),
            row.get("reason", ""),
        )
        if rule.status not in STATUSES:
            raise ValueError(f"provisions.toml: {key} has status {rule.status!r}; allowed are {', '.join(STATUSES)}")
        if rule.section not in SECTIONS:
            raise ValueError(f"provisions.toml: {key} is of no known section; allowed are {', '.join(SECTIONS)}")
        rules[key] = rule
    return Ledger(rules, dict(table["counts"]))


@cache
def constants() -> dict[str, tuple[str, ...]]:
    """Constants of the terms files by the rule that their source names, as ``charges.maintenance_fee``."""
    found: dict[str, list[str]] = {}
    known = load_provisions().rules
    for path in sorted((resources.files("valuation") / "terms").iterdir(), key=lambda p: p.name):
        if not path.name.endswith(".toml"):
            continue
        for name, row in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for rule in re.findall(r"[A-Z]+7?(?:-[A-Z]+)?-\d+", row["source"]):
                if rule in known:
                    found.setdefault(rule, []).append(f"{path.name.removesuffix('.toml')}.{name}")
    return {rule: tuple(names) for rule, names in found.items()}


def numbers(rules: Iterable[Provision]) -> list[int]:
    """How many rules have each of STATUSES, then how many there are."""
    found = [rule.status for rule in rules]
    return [found.count(status) for status in STATUSES] + [len(found)]


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def status_page() -> str:
    """The ledger as Markdown: a count by section, then the rules of every section.

    Rules are counted as the specification numbers them; a gap stands with its reason.
    """
    ledger = load_provisions()
    by_section = {key: [r for r in ledger.rules.values() if r.section == key] for key in SECTIONS}
    lines = ["# Status of the provisions", "", _row(("section", *STATUSES, "rules")), _row(["---"] + ["---:"] * 6)]
    lines += [_row((SECTIONS[key], *numbers(rules))) for key, rules in by_section.items()]
    lines.append(_row(("**All**", *numbers(ledger.rules.values()))))
    for key, rules in by_section.items():
        lines += ["", f"## {SECTIONS[key]}", "", _row(("rule", "what", "source", "status", "where", "note"))]
        lines.append(_row(["---"] * 6))
        lines += [_row((r.id, r.title, r.lines, r.status, ", ".join(r.modules), r.reason)) for r in rules]
    return "\n".join(lines) + "\n"
