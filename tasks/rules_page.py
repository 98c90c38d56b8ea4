"""The ledger of rules for a terminal: totals by section, then every rule with where it is and why not more."""

from collections.abc import Collection, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from valuation.provisions import SECTIONS, STATUSES, Provision, constants, load_provisions, numbers

STYLES = {"coded": "green", "terms": "green", "reading": "cyan", "no effect": "dim", "gap": "yellow"}
_INDENT = 11


class UnknownRule(Exception):
    """The ledger has no such section, status or rule; the message says what it has."""


def choose(section: str | None = None, status: str | None = None, id: str | None = None) -> tuple[Provision, ...]:
    """The rules of a section, of a status, or one alone, in the order of the ledger; None leaves all.

    Upper and lower case are the same.  Raises UnknownRule for what the ledger does not have.
    """
    found = list(load_provisions().rules.values())
    if section is not None:
        found = [one for one in found if one.section == _known(section, "section", SECTIONS)]
    if status is not None:
        found = [one for one in found if one.status == _known(status, "status", STATUSES)]
    if id is not None:
        name = _known(id, "rule", load_provisions().rules)
        found = [one for one in found if one.id == name]
    return tuple(found)


def _known(given: str, what: str, allowed: Collection[str]) -> str:
    names = {name.lower(): name for name in allowed}
    if given.lower() not in names:
        section = given.rsplit("-", 1)[0].upper()
        near = [name for name in allowed if what == "rule" and name.rsplit("-", 1)[0] == section] or list(allowed)
        shown = ", ".join(near[:60]) + (" ..." if len(near) > 60 else "")
        raise UnknownRule(f"the ledger of rules has no {what} {given!r}; allowed are {shown}")
    return names[given.lower()]


def totals(rules: Sequence[Provision]) -> Table:
    """Number of rules by section and status; sections without any are left out."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("section")
    table.add_column("prefix", no_wrap=True, style="dim")
    for name in (*STATUSES, "all"):
        table.add_column(name, justify="right", no_wrap=True)
    for key, name in SECTIONS.items():
        mine = [one for one in rules if one.section == key]
        if mine:
            table.add_row(name, key, *(str(n or "-") for n in numbers(mine)))
    table.add_row("all", "", *(str(n or "-") for n in numbers(rules)), style="bold")
    return table


def entry(rule: Provision) -> RenderableType:
    """One rule: what it is, where it is coded, its constants and tests, and the reason of what is not carried."""
    head = Table.grid(padding=(0, 1), expand=True)
    head.add_column(width=_INDENT - 1, no_wrap=True)
    head.add_column(width=9, no_wrap=True)
    head.add_column(ratio=3)
    head.add_column(ratio=2, justify="right", style="dim")
    head.add_row(Text(rule.id, style="bold"), Text(rule.status, style=STYLES[rule.status]), rule.title, rule.lines)
    law = [name for name in rule.modules if not name.startswith("terms/")]
    terms = [name for name in rule.modules if name.startswith("terms/")]
    rows = [
        ("module", ", ".join(law)),
        ("terms", ", ".join((*terms, *constants().get(rule.id, ())))),
        ("tests", ", ".join(rule.tests)),
        ("reason" if rule.status in ("reading", "gap") else "note", rule.reason),
    ]
    lines = Table.grid(padding=(0, 1))
    lines.add_column(width=9, no_wrap=True, style="dim")
    lines.add_column(overflow="fold")
    for name, value in rows:
        if value:
            lines.add_row(name, Text(value))
    return Group(head, Padding(lines, (0, 0, 0, _INDENT)))


def page(rules: Sequence[Provision]) -> RenderableType:
    """Totals of ``rules``, then the rules by section; of one rule alone, only that."""
    if not rules:
        return Text("no rule is of that section and status")
    blocks: list[RenderableType] = [] if len(rules) == 1 else [totals(rules)]
    for key, name in SECTIONS.items():
        mine = [one for one in rules if one.section == key]
        if mine:
            blocks += [Text(""), Text(f"{name} ({key})", style="bold underline"), *(entry(one) for one in mine)]
    return Group(*blocks)
