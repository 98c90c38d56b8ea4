"""The chapters of the report on reserves and hedging."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from tasks import report_figures as draw
from tasks.publish import PublishedRun
from tasks.report_page import Card, Picture, Row, Section, Sheet
from tasks.summary import large, usd, with_error

_SHOWN_RESERVES = (("real_world", "cte_70"), ("real_world", "cte_98"), ("risk_neutral", "fair_value_guarantee"))
_DRAWN = {
    ("real_world", "scenario_reserve"): ("cte_70", "cte_98", "mean_scenario_reserve"),
    ("risk_neutral", "fair_value_guarantee"): ("fair_value_guarantee",),
}
"""Histograms of the report, and the measures marked in each."""
_UNITS = {"delta": "USD per 1%", "rho": "USD per bp", "vega": "USD per vol point", "gamma": "USD per 1% squared"}


def words(name: str) -> str:
    """A code as people read it."""
    return name.replace("cte_", "CTE").replace("fair_value_", "fair value of the ").replace("_", " ")


def key_reserves(run: PublishedRun) -> tuple[Card, ...]:
    """The reserves that stand on top of the page."""
    found = []
    for row in run.table("reserve_summary").to_pylist():
        if (row["basis"], row["measure"]) in _SHOWN_RESERVES:
            error = row["standard_error"]
            note = words(row["basis"]) + ("" if error is None else f", s.e. {large(error)}")
            found.append(Card(words(row["measure"]), f"USD {large(row['value'])}", note))
    return tuple(found)


def reserve_sections(run: PublishedRun) -> list[Section]:
    """Reserves, and the tests of the scenarios they stand on."""
    summary = run.table("reserve_summary").to_pylist()
    text = (
        "Every figure that comes from scenarios carries its standard error. CTE70 is the mean of the worst 30% of the"
        " scenario reserves, CTE98 the mean of the worst 2%; the fair value is the mean over risk-neutral scenarios.",
    )
    rows = tuple(
        Row(
            (
                words(r["basis"]),
                words(r["measure"]),
                usd(r["value"]),
                "" if r["standard_error"] is None else usd(r["standard_error"]),
            )
        )
        for r in summary
    )
    table = Sheet("Reserves of the block", ("basis", "measure", "#USD", "#standard error"), rows)
    sections = [Section("reserves", "Reserves", text, _histograms(run, summary), (table,))]
    if "scenario_checks" in run.manifest.rows:
        sections.append(_scenarios(run))
    return sections


def _histograms(run: PublishedRun, summary: Sequence[dict[str, Any]]) -> tuple[Picture, ...]:
    rows = run.table("reserve_scenario")
    pictures = []
    bases, measures = np.array(rows["basis"].to_pylist()), np.array(rows["measure"].to_pylist())
    values = rows["value"].to_numpy()
    for (basis, measure), marked in _DRAWN.items():
        mine = values[(bases == basis) & (measures == measure)]
        marks = [
            (f"{words(r['measure'])} {with_error(r['value'], r['standard_error'])}", r["value"], r["standard_error"])
            for r in summary
            if r["basis"] == basis and r["measure"] in marked
        ]
        if not len(mine):
            continue
        name = f"scenarios-{basis}-{measure}".replace("_", "-")
        top = float(np.abs(mine).max(initial=0.0))
        scale = 1e6 if top >= 2e6 else 1e3 if top >= 2e3 else 1.0
        caption = (
            f"{words(measure).capitalize()} of the block in each of {len(mine):,} scenarios, basis {words(basis)}; the"
            " lines mark the reserves with one standard error on either side."
        )
        pictures.append(Picture(name, Markup(draw.distribution(name, mine, marks, scale)), caption))
    return tuple(pictures)


def _scenarios(run: PublishedRun) -> Section:
    rows = run.table("scenario_checks").to_pylist()
    by_check: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_check.setdefault(row["check"], []).append(row)
    table = []
    for name, found in by_check.items():
        z = [abs(r["z"]) for r in found if r["z"] is not None]
        failed = sum(not r["passed"] for r in found)
        worst = f"{max(z):.2f}" if z else ""
        table.append(Row((name, f"{len(found):,}", f"{len(found) - failed:,}", worst), bad=failed > 0))
    drawn = [r for r in rows if r["z"] is not None]
    pictures: tuple[Picture, ...] = ()
    if drawn:
        times, z_all = np.array([r["time"] for r in drawn]), np.array([r["z"] for r in drawn])
        passed = np.array([r["passed"] for r in drawn], dtype=np.bool_)
        caption = (
            "Each point is one test at one horizon, in standard errors from its closed form or market value. About one in"
            " twenty sound points lies outside the band."
        )
        pictures = (Picture("checks-z", Markup(draw.deviations("checks-z", times, z_all, passed)), caption),)
    text = (
        "Discounted index values must return to their start on average, and the set must reprice what it was fitted to.",
    )
    sheet = Sheet("Tests by kind", ("test", "#points", "#passed", "#largest |z|"), tuple(table))
    return Section("scenarios", "Scenario checks", text, pictures, (sheet,))


def hedge_sections(run: PublishedRun) -> list[Section]:
    """Exposure, trades, and what is left after them."""
    exposure = run.table("hedge_exposure").to_pylist()
    errors = {
        (r["greek"], r["bucket"]): r["standard_error"]
        for r in run.table("greeks_block").to_pylist()
        if r["standard_error"] is not None
    }
    labels = [f"{r['greek']} {words(r['bucket'])}" for r in exposure]
    before = np.array([r["net"] / r["limit"] for r in exposure])
    after = np.array([r["after_trade"] / r["limit"] for r in exposure])
    caption = (
        "What is left of every sensitivity of the guarantee after the hedges, as a share of its limit: before today's trades"
        " and after them. Trades are the cheapest that bring every point inside its limit."
    )
    picture = Picture("limits-use", Markup(draw.utilisation("limits-use", labels, before, after)), caption)
    rows = tuple(_exposure(r, errors.get((r["greek"], r["bucket"]))) for r in exposure)
    columns = ("sensitivity", "unit", "#liability", "#s.e.", "#held", "#net", "#limit", "#use", "#after trades", "")
    sheets = (Sheet("Sensitivities of the block against positions and limits", columns, rows), _trades(run))
    text = ("Sensitivities come from revaluing every contract on bumped markets with the same random numbers.",)
    return [Section("hedge", "Greeks, limits and trades", text, (picture,), sheets)]


def _exposure(r: dict[str, Any], error: float | None) -> Row:
    def short(value: float | None) -> str:
        return "" if value is None else f"{value:,.0f}"

    cells = (
        f"{r['greek']} {words(r['bucket'])}",
        _UNITS.get(r["greek"], ""),
        short(r["liability"]),
        short(error),
        short(r["held"]),
    )
    use = f"{r['utilisation']:.0%}"
    return Row(
        (*cells, short(r["net"]), short(r["limit"]), use, short(r["after_trade"]), "breach" if r["breach"] else "")
    )


def _trades(run: PublishedRun) -> Sheet:
    rows = [r for r in run.table("hedge_positions").to_pylist() if r["trade"] or r["after"]]
    shown = tuple(
        Row(
            (
                r["instrument"],
                f"{r['held']:,.0f}",
                f"{r['trade']:+,.0f}",
                f"{r['after']:,.0f}",
                f"{r['price']:,.2f}",
                usd(r["value"]),
            )
        )
        for r in rows
    )
    columns = ("instrument", "#held", "#trade", "#after", "#price", "#value after, USD")
    return Sheet("Positions and proposed trades", columns, shown)
