"""What a projection found, as tables of text for the command line."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.publish import PublishedRun
from tasks.summary import Page, amount, usd, words

_MOST_CONTRACTS = 20
_EVERY_YEAR, _THEN = 10, 5
"""The first years are all shown, later ones every fifth."""
_HARDLY = 0.001
"""Years of a path are shown while the contract is in force with this probability or more."""
_FLOWS = (
    ("paid from account", "paid_from_account"),
    ("guaranteed income", "living_claims"),
    ("death claims", "death_claims"),
    ("benefit fees", "benefit_fees"),
    ("net to insurer", "insurer_net_cash_flow"),
)
_CAUSES = ("still_in_force", "death", "surrender", "annuitisation", "exhaustion")
_STATES = ("account_value", "bond_value", "protected_withdrawal_value_today", "annual_income_amount", "surrender_value")


def projection_pages(run: PublishedRun) -> list[Page]:
    """Measures, cash flows by year, decrements; of few contracts each one's; of single paths the ends of years."""
    rows = run.table("projection_summary").to_pylist()
    title = f"{words(rows[0]['basis'])}: present values of all contracts projected"
    table = tuple((words(r["measure"]), usd(r["value"]), usd(r["standard_error"])) for r in rows)
    pages = [Page(title, ("measure", "#USD", "#standard error"), table), _cash_flows(run), _decrements(run)]
    if run.manifest.control_totals["contracts"] <= _MOST_CONTRACTS:
        pages.append(_contracts(run))
    return pages + (_paths(run) if "projection_path" in run.manifest.rows else [])


def _shown(years: Sequence[int]) -> list[int]:
    return [y for y in sorted(set(years)) if y <= _EVERY_YEAR or y % _THEN == 0]


def _cash_flows(run: PublishedRun) -> Page:
    rows = run.table("projection_cash_flows").to_pylist()
    found = {(r["year"], r["measure"]): r for r in rows}
    table = tuple(
        (
            str(year),
            str(found[year, "expenses"]["year_end"]),
            *(usd(found[year, name]["cash_flow"]) for _, name in _FLOWS),
            usd(found[year, "insurer_net_cash_flow"]["cash_flow_error"]),
        )
        for year in _shown([r["year"] for r in rows])
    )
    columns = ("#year", "ends", *(f"#{name}" for name, _ in _FLOWS), "#standard error")
    return Page("projected cash flows, not discounted, means over scenarios, USD", columns, table)


def _decrements(run: PublishedRun) -> Page:
    rows = run.table("projection_decrements").to_pylist()
    found = {(r["year"], r["cause"]): r for r in rows}
    table = tuple(
        (
            str(year),
            str(found[year, _CAUSES[0]]["year_end"]),
            *(f"{found[year, cause]['contracts']:,.2f}" for cause in _CAUSES),
        )
        for year in _shown([r["year"] for r in rows])
    )
    columns = ("#year", "ends", *(f"#{words(cause)}" for cause in _CAUSES))
    return Page("contracts by what has become of them, cumulative, means over scenarios", columns, table)


def _contracts(run: PublishedRun) -> Page:
    table = tuple(
        (r["contract_id"], words(r["measure"]), usd(r["value"]), amount(r["standard_error"]))
        for r in run.table("projection_seriatim").sort_by("contract_id").to_pylist()
    )
    return Page("present values by contract", ("contract", "measure", "#USD", "#standard error"), table)


def _paths(run: PublishedRun) -> list[Page]:
    paths = run.table("projection_path")
    keys = sorted({(r["contract_id"], r["scenario"]) for r in paths.select(["contract_id", "scenario"]).to_pylist()})
    return [_path(paths, *key) for key in keys]


def _path(paths: pa.Table, contract: str, scenario: int) -> Page:
    """The last day of every calendar year, and what was moved in it."""
    mine = pc.and_(pc.equal(paths["contract_id"], contract), pc.equal(paths["scenario"], scenario))
    rows: dict[int, list[dict[str, Any]]] = {}
    for row in paths.filter(mine).to_pylist():
        rows.setdefault(row["date"].year, []).append(row)
    table = tuple(
        (
            str(days[-1]["date"]),
            *(usd(days[-1][name]) for name in _STATES),
            str(sum(1 for one in days if one["transfer"] != 0.0)),
            f"{days[-1]['in_force']:.4f}",
        )
        for days in rows.values()
        if days[0]["in_force"] >= _HARDLY
    )
    columns = ("day", *(f"#{words(name)}" for name in _STATES), "#transfers of the year", "#in force")
    return Page(f"{contract} in scenario {scenario}, USD; every day is in projection_path", columns, table)
