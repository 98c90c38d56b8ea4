"""The explanation of a Valuation Day as text: one block a step, figures before and after, rule and prospectus lines."""

import io
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tasks.explain import Explanation
from tasks.provisions import provisions
from tasks.summary import amount, figure, usd
from valuation.failures import reason_of
from valuation.living.kinds import FIXED, KINDS, kind_of
from valuation.telling import Figure, Step

WIDTH = 118
_STATE = (
    ("Account Value", "account_value"),
    ("of it in the {own}", "bond_value"),
    ("Protected Withdrawal Value", "protected_withdrawal_value_today"),
    ("Annual Income Amount", "annual_income_amount"),
    ("remaining this Annuity Year", "remaining_income"),
    ("Surrender Value", "surrender_value"),
    ("Death Benefit", "death_benefit"),
)


def text(told: Explanation, width: int = WIDTH) -> str:
    """The whole explanation as plain text."""
    console = Console(file=io.StringIO(), width=width, color_system=None, legacy_windows=False)
    console.print(render(told))
    file = console.file
    assert isinstance(file, io.StringIO)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def render(told: Explanation) -> RenderableType:
    """The whole explanation for a rich console."""
    blocks: list[RenderableType] = [_head(told), Text(""), _market(told)]
    for number, step in enumerate(told.steps, 2):
        blocks += [Text(""), _step(number, step)]
    blocks += [Text(""), _state(told)]
    for title, rows in _written(told):
        blocks += [Text(""), Text(title, style="bold"), *(Text("   " + row) for row in rows)]
    blocks += [Text(""), _closing(told)]
    return Group(*blocks)


def _head(told: Explanation) -> Text:
    row, after = told.contract, told.after or {}
    path = f", {told.scenario}" if told.scenario else ""
    benefit = f"{after.get('benefit', 'NONE')} {after.get('benefit_stage', '')}".strip()
    line = Text(f"{row['contract_id']} on {told.on}{path}", style="bold")
    line.append(
        f"\nseries {row['series']}, issued {row['issue_date']}, {row['tax_type']}, Annuitant born"
        f" {row['annuitant_birth_date']}; status {after.get('status', 'not issued')}, benefit {benefit};"
        f" the day before was {told.prior}",
        style="not bold",
    )
    return line


def _market(told: Explanation) -> RenderableType:
    table = _table("Sub-account", "Units", f"Unit Price {told.prior}", f"Unit Price {told.on}", "value", "change")
    before = after = 0.0
    for one in told.held:
        was, now = one.units * one.price_before, one.units * one.price
        before, after = before + was, after + now
        prices = (f"{one.price_before:,.6f}", f"{one.price:,.6f}")
        table.add_row(one.sub_account, f"{one.units:,.6f}", *prices, usd(now), f"{now - was:+,.2f}")
    if len(told.held) > 1:
        table.add_row("Account Value", "", "", "", usd(after), f"{after - before:+,.2f}", style="bold")
    title = _title(1, bool(told.held), "Unit Prices of the day", "UNIT-2, UNIT-3", "10283-10294")
    if not told.held:
        return Group(title, Text("   nothing is held", style="dim"))
    return Group(title, Padding(table, (0, 0, 0, 3)))


def _title(number: int, happened: bool, title: str, rules: str, lines: str) -> Table:
    row = Table.grid(expand=True)
    row.add_column(ratio=1)
    row.add_column(justify="right", style="dim")
    cited = f"{rules}, prospectus {lines}" if lines else rules
    row.add_row(Text(f"{number:>2} {'+' if happened else '-'} {title}", style="bold" if happened else ""), cited)
    return row


def _step(number: int, step: Step) -> RenderableType:
    rules = ", ".join(step.rules[:4]) + (" ..." if len(step.rules) > 4 else "")
    parts: list[RenderableType] = [
        _title(number, step.happened, step.title, rules, step.lines or provision_lines(step.rules)),
        Padding(Text(step.note, style="" if step.happened else "dim"), (0, 0, 0, 5)),
    ]
    shown = [one for one in step.figures if one.before is None or one.before != 0.0 or one.after != 0.0]
    if shown:
        parts.append(Padding(_figures(shown), (0, 0, 0, 5)))
    return Group(*parts)


def _figures(shown: list[Figure]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=38)
    for justify in ("right", "left", "right"):
        table.add_column(justify=justify)
    for one in shown:
        changed = one.before is not None and one.before != one.after
        before = figure(one.before, one.unit) if changed and one.before is not None else ""
        style = "bold" if changed else ""
        table.add_row(one.name, before, "->" if changed else "", Text(figure(one.after, one.unit), style=style))
    return table


def _state(told: Explanation) -> RenderableType:
    before, after = told.before or {}, told.after or {}
    table = _table("at the end of the day", str(told.prior), str(told.on), "change")
    for name, field in _STATE:
        was, now = before.get(field), after.get(field)
        if not was and not now:
            continue
        change = "" if was is None or now is None else f"{now - was:+,.2f}"
        table.add_row(name.format(own=_own(told)), amount(was), amount(now), change)
    return table


def _written(told: Explanation) -> list[tuple[str, list[str]]]:
    """Rows of the day in the datasets."""
    day = told.day
    found = [
        ("ledger", [_ledger(row) for row in day.ledger.to_pylist()]),
        ("payments", [_payment(row) for row in day.payments.to_pylist()]),
        ("tax amounts", [_tax(row) for row in day.tax_amounts.to_pylist()]),
        ("transfers", [_transfer(row, _own(told)) for row in day.transfers.to_pylist()]),
        ("refused", [_refusal(row) for row in day.refusals.to_pylist()]),
    ]
    return [(f"Rows of the day: {name}", rows) for name, rows in found if rows]


def _ledger(row: dict[str, Any]) -> str:
    moved = f"{row['units']:+,.6f} Units at {row['unit_price']:,.6f}" if row["units"] else f"since {row['from_date']}"
    return f"{row['kind']:<22}{row['rule']:<9}{row['amount']:>16,.2f}  {row['sub_account']}, {moved}"


def _payment(row: dict[str, Any]) -> str:
    amounts = f"gross {usd(row['gross'])}, charge {usd(row['charge'])}, paid {usd(row['paid'])}"
    return f"{row['kind']:<22}{row['rule']:<9}{amounts}"


def _tax(row: dict[str, Any]) -> str:
    amounts = f"taxable {usd(row['taxable'])}, return of the investment {usd(row['return_of_investment'])}"
    amounts += f", penalty {usd(row['penalty'])}" if row["penalty"] else ""
    amounts += f", withheld unless declined {usd(row['withholding'])}" if row["withholding"] else ""
    return f"{row['kind']:<22}{row['rules']:<22}{amounts}"


def _own(told: Explanation) -> str:
    """Where the benefit's transfer formula puts money."""
    row = told.after or told.before or {}
    if row.get("fixed_rate_declared") is not None:
        return KINDS[FIXED].account
    return KINDS[kind_of(row.get("benefit") or "NONE")].account or "bond Sub-account"


def _transfer(row: dict[str, Any], own: str) -> str:
    into = "into" if row["amount"] > 0.0 else "out of"
    return f"{usd(abs(row['amount']))} {into} the {own}; r = {row['ratio']:.2%}, stage {row['stage']}"


def _refusal(row: dict[str, Any]) -> str:
    one = reason_of(int(row["reason_code"]))
    return f"{row['transaction_id']}: {int(one)} {one.name} ({one.rule})"


def _closing(told: Explanation) -> Text:
    done = "projected" if told.scenario else "valued by the law"
    line = f"The day told and the day {done} are equal to the last bit."
    if told.run_id:
        line += f" Replayed from run {told.run_id}."
    if told.agrees is not None:
        line += f" The published snapshot {'says the same' if told.agrees else 'DIFFERS: the code has changed since'}."
    return Text(line, style="dim" if told.agrees is not False else "bold red")


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for k, name in enumerate(names):
        table.add_column(name, justify="right" if k else "left", no_wrap=k > 0)
    return table


def provision_lines(rules: tuple[str, ...]) -> str:
    """Prospectus lines of rules, from the list of provisions; empty where it gives none."""
    found = [str(provisions().get(rule, {}).get("lines", "")).removeprefix("prospectus ") for rule in rules]
    return ", ".join(dict.fromkeys(lines for lines in found if lines))
