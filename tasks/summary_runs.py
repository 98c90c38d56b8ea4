"""What a run found, as tables of text for the command line."""

from collections.abc import Sequence
from typing import Any

import pyarrow.compute as pc

from infra.storage import Storage
from tasks.by_benefit import benefit_page
from tasks.publish import PublishedRun, open_run
from tasks.start import Outcome
from tasks.summary import NONE, Page, amount, count, memory, usd, words
from tasks.summary_projection import projection_pages

FLOWS = ("daily_valuation", "month_end_reserve", "daily_hedge", "projection")
_SHOWN_REASONS = 12
_ALL_SHOWN = 200
_TOTALS = (
    ("contracts in force", "contracts"),
    ("of them in payout", "contracts_in_payout"),
    ("of them with bonds by the formula", "contracts_in_bond"),
)
_SUMS = (
    ("Account Value", "account_value"),
    ("of it in the bond Sub-account", "bond_value"),
    ("Protected Withdrawal Value", "protected_withdrawal_value"),
    ("Annual Income Amount", "annual_income_amount"),
)


class UnknownRun(Exception):
    """No run has this id; the message says which there are."""


def outcome_pages(storage: Storage, outcome: Outcome) -> list[Page]:
    """The summary of a flow that has just ended."""
    run = open_run(storage, outcome.flow, outcome.run_id)
    pages = {"daily_valuation": _daily, "month_end_reserve": _reserve, "daily_hedge": _hedge, "projection": _projection}
    return [_headline(run, outcome), *pages[outcome.flow](run)]


def _headline(run: PublishedRun, outcome: Outcome) -> Page:
    seconds = sum(outcome.seconds.values())
    work = f"{count(outcome.partitions_computed, 'partition')} computed in {seconds:,.1f} s"
    work += memory(outcome.worker_peak_bytes)
    if outcome.partitions_found:
        work += f", {outcome.partitions_found:,} found from before"
    if outcome.found:
        work = "published before; nothing was computed"
    passed = len(run.manifest.checks) - len(run.manifest.failed)
    prefix = run.storage.name(f"runs/{outcome.flow}/{outcome.run_id}")
    rows = (
        ("run", f"{outcome.run_id}, publication {outcome.number} of {outcome.valuation_date}"),
        ("work", work),
        ("checks", f"{passed} of {len(run.manifest.checks)} passed"),
        ("datasets", f"{prefix}: {', '.join(run.manifest.rows)}"),
    )
    return Page(f"{words(outcome.flow)} of {outcome.valuation_date}", (), rows)


def _daily(run: PublishedRun) -> list[Page]:
    last = run.table("daily_totals").slice(run.manifest.rows["daily_totals"] - 1).to_pylist()[0]
    rows = [(name, f"{last[field]:,}") for name, field in _TOTALS]
    rows += [(name, usd(last[field])) for name, field in _SUMS]
    moved = run.table("transfers")
    today = moved.filter(pc.equal(moved["date"], run.manifest.inputs.valuation_date))
    amounts = today["amount"].to_pylist()
    rows.append(
        ("asset transfers of the day", f"{len(amounts):,}, into bonds {usd(sum(a for a in amounts if a > 0.0))}")
    )
    rows.append(("", f"out of bonds {usd(-sum(a for a in amounts if a < 0.0))}"))
    block = Page("the block at the end of the day", ("", "#count or USD"), tuple(rows))
    return [block, benefit_page(run), *_quarantine(run)]


def _quarantine(run: PublishedRun) -> list[Page]:
    if not run.manifest.rows["quarantine"]:
        return [Page("quarantine: no row was refused", (), ())]
    first = [text.split("; ")[0] for text in run.table("quarantine", ["reason"])["reason"].to_pylist()]
    counted = sorted(((first.count(name), name) for name in set(first)), key=lambda item: (-item[0], item[1]))
    rows = [(name, f"{number:,}") for number, name in counted[:_SHOWN_REASONS]]
    if len(counted) > _SHOWN_REASONS:
        rows.append(
            (f"and {len(counted) - _SHOWN_REASONS} other reasons", f"{sum(n for n, _ in counted[_SHOWN_REASONS:]):,}")
        )
    return [Page(f"quarantine: {count(len(first), 'row')}, by first reason", ("reason", "#rows"), tuple(rows))]


def _reserve(run: PublishedRun) -> list[Page]:
    rows = [
        (words(r["basis"]), words(r["measure"]), usd(r["value"]), amount(r["standard_error"]))
        for r in run.table("reserve_summary").to_pylist()
    ]
    return [
        Page("reserves of the block", ("basis", "measure", "#USD", "#standard error"), tuple(rows)),
        *_scenarios(run),
    ]


def _scenarios(run: PublishedRun) -> list[Page]:
    if "scenario_checks" not in run.manifest.rows:
        return []
    passed = run.table("scenario_checks", ["passed"])["passed"].to_pylist()
    return [Page(f"scenario checks: {sum(passed):,} of {len(passed):,} passed", (), ())]


def _hedge(run: PublishedRun) -> list[Page]:
    errors = {(r["greek"], r["bucket"]): r["standard_error"] for r in run.table("greeks_block").to_pylist()}
    rows = tuple(
        (
            f"{r['greek']} {words(r['bucket'])}",
            usd(r["liability"]),
            amount(errors.get((r["greek"], r["bucket"]))),
            usd(r["held"]),
            usd(r["limit"]),
            f"{r['utilisation']:.0%}" + (" breach" if r["breach"] else ""),
            usd(r["after_trade"]),
        )
        for r in run.table("hedge_exposure").to_pylist()
    )
    columns = ("Greek", "#liability", "#standard error", "#held", "#limit", "#use", "#net after trades")
    trades = tuple(
        (r["instrument"], f"{r['held']:,.0f}", f"{r['trade']:+,.0f}", f"{r['after']:,.0f}", usd(r["price"]))
        for r in run.table("hedge_positions").to_pylist()
        if r["trade"] or r["after"]
    )
    positions = Page("positions and trades", ("instrument", "#held", "#trade", "#after", "#price"), trades)
    return [Page("Greeks of the guarantees against positions and limits", columns, rows), positions, *_scenarios(run)]


def _projection(run: PublishedRun) -> list[Page]:
    return [*projection_pages(run), *_scenarios(run)]


def find_run(storage: Storage, run_id: str) -> PublishedRun:
    """The finished run of this id, of whatever flow; an id may be cut short while it is clear."""
    keys = [key for flow in FLOWS for key in storage.list(f"runs/{flow}") if key.endswith("/manifest.json")]
    known = [(key.split("/")[1], key.split("/")[2]) for key in keys]
    wanted = run_id.rstrip("/").rpartition("/")[2]
    found = [one for one in known if one[1].startswith(wanted)] if wanted else []
    if len(found) == 1:
        return open_run(storage, *found[0])
    there = ", ".join(f"{flow}/{name}" for flow, name in (found or known)[-10:]) or "none"
    problem = "is the beginning of several runs" if found else "is no finished run"
    raise UnknownRun(f"{run_id!r} {problem} in {storage.url}; there: {there}. Give one of these ids.")


def run_pages(run: PublishedRun) -> list[Page]:
    """A manifest, readable."""
    facts, done = run.manifest.inputs, run.manifest.circumstances
    spent = f"{done.wall_seconds:,.1f} s, {done.retries} repeated partitions{memory(done.worker_peak_bytes)}"
    head = (
        ("flow", facts.flow),
        ("valuation date", str(facts.valuation_date)),
        (
            "manifest",
            f"{run.storage.name(f'runs/{facts.flow}/{run.manifest.run_id}/manifest.json')} sha256 {run.sha256[:16]}",
        ),
        ("work", f"{done.started} to {done.finished}, {spent}"),
        ("code", f"{facts.code_hash[:16]}, kernels {facts.kernel_hash[:16]}"),
        ("calendar", facts.calendar),
        ("seed", str(facts.seed)),
        ("settings", _joined(facts.settings)),
        ("assumptions", _joined(facts.assumptions)),
        ("terms", _joined(facts.terms)),
        ("scenarios", _joined(facts.scenarios)),
        ("libraries", _joined(facts.packages)),
    )
    return [Page(f"run {run.manifest.run_id}", (), head), *_contents(run)]


def _contents(run: PublishedRun) -> list[Page]:
    manifest = run.manifest
    inputs = tuple((i.dataset, i.name, f"{i.rows or 0:,}", i.sha256[:16]) for i in manifest.inputs.inputs[:_ALL_SHOWN])
    checks = tuple(
        ("passed" if c.passed else "FAILED", c.name, f"{c.value:,.8g}", f"{c.expected:,.8g}", f"{c.tolerance:.3g}")
        for c in manifest.checks
    )
    totals = tuple((name, f"{value:,.2f}") for name, value in manifest.control_totals.items())
    sizes: dict[str, list[int]] = {}
    for part in manifest.parts:
        sizes.setdefault(part.dataset, []).append(part.file.bytes)
    parts = tuple(
        (name, f"{len(found):,}", f"{manifest.rows[name]:,}", f"{sum(found):,}") for name, found in sizes.items()
    )
    return [
        Page("inputs", ("dataset", "file", "#rows", "sha256"), inputs),
        Page("checks", ("", "check", "#found", "#expected", "#tolerance"), checks),
        Page("control totals", ("", "#count or USD"), totals),
        Page("parts", ("dataset", "#files", "#rows", "#bytes"), parts),
    ]


def _joined(facts: Any) -> str:
    found: Sequence[str] = [f"{name} {value}" for name, value in facts.items()]
    return ", ".join(found) or NONE
