"""The chapters of the report, each from the datasets of a published run.

No figure is computed here that a dataset could hold: sums over rows, shares and ratios for the eye at most.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from markupsafe import Markup

from tasks import report_figures as draw
from tasks.by_benefit import benefit_sheet
from tasks.contract_path import path_of, typical_contract
from tasks.provisions import gaps, statuses
from tasks.publish import PublishedRun
from tasks.report_page import Card, Page, Picture, Row, Runs, Section, Sheet
from tasks.report_risk import hedge_sections, key_reserves, reserve_sections
from tasks.summary import large, memory, share, usd

SHOWN_ROWS = 40
PROXIES = (
    "Prices are made from real market history: large equity is the S&P 500 with a dividend yield, bonds and cash follow"
    " the Treasury par yield curve. Small and international equity are proxies built from the S&P 500, because no free"
    " daily history of such indices comes with the system: they rise and fall with it, only by another amount."
)
_CHOICES = (
    "Behaviour assumptions, expenses and hedge limits are choices for a demonstration, to be replaced by a company's own.",
)


def page(runs: Runs) -> Page:
    """The whole page."""
    totals = runs.daily.table("daily_totals")
    sections = [_values(runs, totals), _benefits(runs.daily), _roll_forward(runs.daily)]
    sections += reserve_sections(runs.reserve) if runs.reserve else []
    sections += hedge_sections(runs.hedge) if runs.hedge else []
    sections += [_quarantine(runs.daily), _checks(runs), _provenance(runs), _limits()]
    subtitle = "; ".join(f"{run.manifest.inputs.flow.replace('_', ' ')} run {run.manifest.run_id}" for run in runs.all)
    title = f"Highwater: the block on {runs.valuation_date:%-d %B %Y}"
    return Page(title, subtitle, _cards(runs, totals), tuple(sections))


def _last(totals: pa.Table, name: str) -> float:
    return float(totals[name][-1].as_py())


def _cards(runs: Runs, totals: pa.Table) -> tuple[Card, ...]:
    account, protected = _last(totals, "account_value"), _last(totals, "protected_withdrawal_value")
    refused = runs.daily.manifest.rows["quarantine"]
    found = [
        Card(
            "contracts in force",
            f"{_last(totals, 'contracts'):,.0f}",
            f"{_last(totals, 'contracts_in_payout'):,.0f} in payout",
        ),
        Card(
            "Account Value",
            f"USD {large(account)}",
            f"{share(_last(totals, 'bond_value') / max(account, 1e-9))} in bonds by the formula",
        ),
        Card("Protected Withdrawal Value", f"USD {large(protected)}", "of contracts with a living benefit"),
        *(key_reserves(runs.reserve) if runs.reserve else ()),
        Card("rows in quarantine", f"{refused:,}", "nothing is dropped; reasons below"),
    ]
    return tuple(found)


def _scale(top: float) -> float:
    return 1e9 if top >= 2e9 else 1e6 if top >= 2e6 else 1e3 if top >= 2e3 else 1.0


def _values(runs: Runs, totals: pa.Table) -> Section:
    days = totals["date"].to_pylist()
    account, protected, bond = (
        np.asarray(totals[name].to_numpy()) for name in ("account_value", "protected_withdrawal_value", "bond_value")
    )
    scale = _scale(float(max(account.max(), protected.max())))
    ratio = np.divide(bond, account, out=np.zeros_like(bond), where=account > 0.0)
    pictures = [
        Picture(
            "block",
            Markup(draw.daily_values("block", days, account, protected, bond, scale)),
            "The block on every Valuation Day; the Protected Withdrawal Value is of the contracts with a living benefit, the"
            " Account Value of all. Where the orange line lies above the blue one, income is guaranteed on more than all"
            " accounts hold. The shaded part was moved into the bond Sub-account by the formula.",
        ),
        Picture(
            "bond",
            Markup(draw.bond_share("bond", days, ratio)),
            "Share of all Account Values that the asset transfer formula holds in the bond Sub-account: it rises as"
            " markets fall, and falls again when they recover.",
        ),
    ]
    chosen = typical_contract(runs.daily)
    if chosen is not None:
        path = path_of(runs.daily, chosen)
        top = float(max(path.account.max(), path.protected.max()))
        pictures.append(
            Picture(
                "contract",
                Markup(draw.daily_values("contract", path.days, path.account, path.protected, path.bond, _scale(top))),
                f"One contract, {chosen}: the middle one by guarantee over Account Value among the earliest issued with a"
                f" benefit. The command highwater explain {chosen} --on DATE tells any of its days step by step.",
            )
        )
    return Section("values", "Account Value and guarantee", (PROXIES,), tuple(pictures))


def _benefits(run: PublishedRun) -> Section:
    text = (
        "Contracts in force by living benefit and Death Benefit. Protected is what the living benefit guarantees today, as a"
        " sum to withdraw or to annuitise; the last column is what the company would add to all Account Values if every"
        " Owner died today.",
    )
    return Section("benefits", "The block by benefit", text, (), (benefit_sheet(run),))


def _roll_forward(run: PublishedRun) -> Section:
    totals = run.manifest.control_totals
    kinds = [(name.removeprefix("ledger."), amount) for name, amount in totals.items() if name.startswith("ledger.")]
    rows = [Row(("opening", usd(totals["opening"])), total=True)]
    rows += [Row((kind.replace("_", " ").lower(), f"{amount:+,.2f}")) for kind, amount in kinds if abs(amount) >= 0.005]
    summed = totals["opening"] + sum(amount for _, amount in kinds)
    rows += [
        Row(("opening + ledger", usd(summed)), total=True),
        Row(("closing, sum of the snapshots", usd(totals["closing"])), total=True),
    ]
    rows.append(Row(("difference", usd(abs(totals["closing"] - summed))), bad=abs(totals["closing"] - summed) > 1.0))
    worst = next((c.value for c in run.manifest.checks if c.name.startswith("opening + ledger")), float("nan"))
    text = (
        "Every change of Account Value is a row of the ledger with its kind and rule. Over all contracts they explain the"
        f" closing value; the worst single contract and Sub-account is off by {worst:.1e} USD.",
    )
    return Section(
        "roll-forward",
        "Account Value roll-forward",
        text,
        (),
        (Sheet("All contracts, USD", ("", "#USD"), tuple(rows)),),
    )


def _quarantine(run: PublishedRun) -> Section:
    rows = run.table("quarantine").to_pylist()
    by_reason: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_reason.setdefault(row["reason"].split("; ")[0], []).append(row)
    ordered = sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0]))
    reasons = [
        Row((name, found[0]["rule"].split("; ")[0], f"{len(found):,}", found[0]["message"][:200]))
        for name, found in ordered
    ]
    listed = [
        Row((r["dataset"], str(r["row"] or ""), r["contract_id"] or "", r["transaction_id"] or "", r["message"][:240]))
        for r in rows[:SHOWN_ROWS]
    ]
    text = (
        "Bad rows are neither dropped nor guessed: each stands here with its reason, the value found and what to do.",
    )
    if not rows:
        return Section("quarantine", "Quarantine", ("No row was refused.",))
    tables = (
        Sheet("Rows by first reason", ("reason", "rule", "#rows", "for example"), tuple(reasons)),
        Sheet(
            f"The first {len(listed)} of {len(rows):,} rows",
            ("dataset", "#row", "contract", "transaction", "what is wrong"),
            tuple(listed),
        ),
    )
    return Section("quarantine", "Quarantine", text, (), tables)


def _checks(runs: Runs) -> Section:
    rows = [
        Row(
            (
                run.manifest.inputs.flow.replace("_", " "),
                check.name,
                f"{check.value:,.6g}",
                f"{check.expected:,.6g}",
                "passed" if check.passed else "FAILED",
            ),
            bad=not check.passed,
        )
        for run in runs.all
        for check in run.manifest.checks
    ]
    text = ("A run is published only if all of its checks pass.",)
    return Section(
        "checks",
        "Checks of the runs",
        text,
        (),
        (Sheet("", ("flow", "check", "#found", "#expected", ""), tuple(rows)),),
    )


def _provenance(runs: Runs) -> Section:
    what, inputs = [], []
    for run in runs.all:
        facts, done = run.manifest.inputs, run.manifest.circumstances
        flow = facts.flow.replace("_", " ")
        spent = (
            f"{done.wall_seconds:,.0f} s; {done.partitions_computed} partitions computed,"
            f" {done.partitions_found} found, {done.retries} repeated"
            f"{memory(done.worker_peak_bytes)}"
        )
        what.append(
            Row(
                (
                    flow,
                    run.manifest.run_id,
                    facts.code_hash[:12],
                    facts.kernel_hash[:12],
                    str(facts.seed),
                    done.finished,
                    spent,
                )
            )
        )
        inputs += [Row((flow, one.dataset, one.name, f"{one.rows or 0:,}", one.sha256[:16])) for one in facts.inputs]
    columns = ("flow", "run", "code", "kernels", "#seed", "finished", "work")
    tables = (
        Sheet("Runs", columns, tuple(what)),
        Sheet(
            "Inputs, frozen under the hash of their content",
            ("flow", "dataset", "file", "#rows", "sha256"),
            tuple(inputs),
        ),
    )
    text = ("The same inputs, code and settings give the same run id and the same bits, on any number of workers.",)
    return Section("provenance", "Where these figures come from", text, (), tables)


def _limits() -> Section:
    rows = [
        Row((reason, f"{len(names):,}", ", ".join(names[:6]) + (" ..." if len(names) > 6 else "")))
        for reason, names in gaps().items()
    ]
    counts = ", ".join(f"{number:,} {status}" for status, number in statuses().items())
    text = (f"Of the rules of the contract: {counts}. What is not carried stands below.", *_CHOICES, PROXIES)
    return Section("limits", "Limits", text, (), (Sheet("Not carried", ("reason", "#rules", "which"), tuple(rows)),))
