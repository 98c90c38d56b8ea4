"""A statement laid out: tables for a terminal and for plain text, one HTML page, the ledger as CSV.  No figure is computed."""

import csv
import hashlib
import io
from dataclasses import dataclass
from datetime import date

from infra.storage import Storage
from tasks.report import rendered
from tasks.report_page import Card, Section, Sheet
from tasks.report_page import Page as Html
from tasks.report_page import Row as Line
from tasks.statement import Row, Statement
from tasks.summary import NONE, Page, amount, usd

MARKET = "INVESTMENT"
CHARGES = {
    "MAINTENANCE_FEE": "Annual Maintenance Fee",
    "TRANSFER_FEE": "Transfer Fee",
    "BENEFIT_FEE": "charge of the living benefit",
    "TAX_CHARGE": "Tax Charge",
}
GUARANTEES = {
    "surrender_value": "Surrender Value",
    "death_benefit": "Death Benefit",
    "protected_withdrawal_value_today": "Protected Withdrawal Value",
    "annual_income_amount": "Annual Income Amount",
    "remaining_income": "of it left in this Annuity Year",
}
_NOTES = (
    "The daily charges of the Sub-accounts are within the Unit Prices and stand in no line of their own.",
    "Confirmed at once: a transaction asked for. With the quarter: what comes by a schedule (REP-1).",
)


@dataclass(frozen=True)
class Written:
    """What a command tells of the statement it has written."""

    keys: tuple[str, ...]
    pages: tuple[Page, ...]


def write(storage: Storage, told: Statement) -> Written:
    """Write page, text and CSV file; their keys, and the tables for a terminal."""
    html = rendered(html_page(told)).encode()
    ending = hashlib.sha256(html).hexdigest()[:12]
    folder = f"statements/{told.contract['contract_id']}/{told.first}..{told.last}-{ending}"
    shown = pages(told)
    files = {"statement.html": html, "statement.txt": text(told).encode(), "statement.csv": csv_text(told).encode()}
    for name, data in files.items():
        storage.write(f"{folder}/{name}", data)
    return Written(tuple(f"{folder}/{name}" for name in files), shown)


def title(told: Statement) -> str:
    """What it is, of which Annuity, for which days."""
    return f"{told.kind.capitalize()} of Annuity {told.contract['contract_id']}, {told.first} to {told.last}"


def pages(told: Statement) -> tuple[Page, ...]:
    """All tables, those without a row left out."""
    found = (_summary(told), _transactions(told), _paid(told), _charges(told), _held(told), _guarantees(told))
    return tuple(page for page in (*found, _refused(told)) if page.rows)


def text(told: Statement) -> str:
    """The statement as plain text."""
    lines = [title(told), f"{told.contract['series']} Series, issued {told.contract['issue_date']}", ""]
    for page in pages(told):
        table = [tuple(name.removeprefix("#") for name in page.columns), *page.rows]
        wide = [max(len(row[k]) for row in table) for k in range(len(page.columns))]
        lines += [page.title, ""]
        for row in table:
            cells = (
                cell.rjust(width) if name.startswith("#") else cell.ljust(width)
                for cell, width, name in zip(row, wide, page.columns, strict=True)
            )
            lines.append("  ".join(cells).rstrip())
        lines.append("")
    return "\n".join([*lines, *_NOTES, ""])


def html_page(told: Statement) -> Html:
    """The statement as a page."""
    cards = (
        Card("opening Account Value", usd(told.value(told.before)), "USD"),
        Card("closing Account Value", usd(told.value(told.after)), f"USD, {told.last}"),
        Card("charge for this report", usd(told.charge), "USD, billed; nothing is taken from the Annuity"),
    )
    sections = [
        Section(f"part-{k}", page.title, tables=(Sheet(page.title, page.columns, tuple(Line(r) for r in page.rows)),))
        for k, page in enumerate(pages(told))
    ]
    runs = f"from run{'s' if len(told.runs) > 1 else ''} {', '.join(told.runs)}"
    notes = Section("notes", "Notes", _NOTES)
    subtitle = f"{told.contract['series']} Series, issued {told.contract['issue_date']}; {runs}"
    return Html(title(told), subtitle, cards, (*sections, notes))


def csv_text(told: Statement) -> str:
    """Every row of the ledger in the period, unrounded."""
    columns = ("from_date", "date", "kind", "rule", "sub_account", "amount", "units", "unit_price", "confirmed")
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(tuple(row[name] for name in columns) for row in told.changes)
    return sink.getvalue()


def words(kind: str) -> str:
    """A kind of the ledger in words."""
    return CHARGES.get(kind, "investment result" if kind == MARKET else kind.replace("_", " ").lower())


def _summary(told: Statement) -> Page:
    sums = told.by_kind
    rows = [("at the beginning", usd(told.value(told.before)))]
    rows += [(words(kind), usd(sums[kind])) for kind in sums if kind != MARKET and round(sums[kind], 2) != 0.0]
    rows += [(words(MARKET), usd(sums.get(MARKET, 0.0))), ("at the end", usd(told.value(told.after)))]
    return Page("Account Value", ("", "#USD"), tuple(rows))


def _transactions(told: Statement) -> Page:
    columns = ("date", "transaction", "Sub-account", "#USD", "#Units", "#Unit Price", "rule", "confirmed")
    rows = tuple(
        (
            str(row["date"]),
            words(row["kind"]),
            row["sub_account"],
            usd(row["amount"]),
            f"{row['units']:,.4f}",
            f"{row['unit_price']:,.5f}",
            row["rule"],
            row["confirmed"],
        )
        for row in told.changes
        if row["confirmed"]
    )
    return Page("Transactions", columns, rows)


def _paid(told: Statement) -> Page:
    columns = ("date", "payment", "#gross", "#CDSC", "#paid", "#taxable", "#tax withheld unless declined")
    rows = []
    for paid, tax in zip(told.payments, told.taxes, strict=True):
        amounts = (paid["gross"], paid["charge"], paid["paid"], tax["taxable"])
        cells = (*(usd(one) for one in amounts), amount(tax["withholding"]))
        rows.append((str(paid["date"]), words(paid["kind"]), *cells))
    return Page("Paid to you, USD", columns, tuple(rows))


def _charges(told: Statement) -> Page:
    sums = told.by_kind
    found = {name: -sums[kind] for kind, name in CHARGES.items() if kind in sums}
    found["Contingent Deferred Sales Charge"] = sum(row["charge"] for row in told.payments)
    rows = [(name, usd(value)) for name, value in found.items() if round(value, 2) != 0.0]
    if told.charge > 0.0:
        rows.append(("this additional report, billed to you (REP-2)", usd(told.charge)))
    return Page("Charges of the period", ("", "#USD"), tuple(rows))


def _held(told: Statement) -> Page:
    columns = ("Sub-account", "#Units before", "#value before", "#Units", "#Unit Price", "#value")
    old, new = _units(told.before), _units(told.after)
    rows = []
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        before = (f"{was['units']:,.4f}", usd(was["value"])) if was else (NONE, NONE)
        after = (f"{now['units']:,.4f}", f"{now['unit_price']:,.5f}", usd(now["value"])) if now else (NONE,) * 3
        rows.append((name, *before, *after))
    return Page("Sub-accounts", columns, tuple(rows))


def _units(row: Row | None) -> dict[str, Row]:
    return {} if row is None else {held["sub_account"]: held for held in row["units"] if held["units"] != 0.0}


def _guarantees(told: Statement) -> Page:
    rows = []
    for name, shown in GUARANTEES.items():
        was, now = (None if row is None else float(row[name]) for row in (told.before, told.after))
        if was or now:
            rows.append((shown, amount(was), amount(now)))
    state = NONE if told.after is None else f"{told.after['benefit']}, {told.after['benefit_stage']}"
    named = f"Guarantees and values, USD; living benefit {state}"
    return Page(named, ("", f"#before {_day(told.first)}", f"#{_day(told.last)}"), tuple(rows))


def _day(day: date) -> str:
    return day.isoformat()


def _refused(told: Statement) -> Page:
    rows = tuple((row["received"], row["transaction_id"] or NONE, row["rule"], row["message"]) for row in told.refused)
    return Page("Requests that could not be carried out", ("received", "request", "rule", "why"), rows)
