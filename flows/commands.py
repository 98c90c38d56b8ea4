"""What the commands of ``highwater`` do; nothing heavy is imported before one of them needs it."""

from datetime import date
from typing import TYPE_CHECKING

from flows import console

if TYPE_CHECKING:
    from infra.settings import Settings
    from tasks.start import Outcome


def scenario_counts(count: int | None) -> dict[str, int | None]:
    """The settings that one number of scenarios stands for."""
    names = ("risk_neutral_scenarios", "real_world_scenarios", "hedge_scenarios")
    return dict.fromkeys(names, count)


def daily(
    settings: "Settings",
    through: date,
    contracts: list[str],
    transactions: list[str],
    prices: list[str],
    opening: date | None,
    declared_rates: list[str] | None = None,
) -> None:
    """The daily valuation through a day, and what it found."""
    from flows.daily_valuation import daily_valuation

    with console.progress(settings, f"daily valuation through {through}"):
        outcome = daily_valuation(through, contracts, transactions, prices, opening, settings, declared_rates)
    summary(settings, outcome)


def reserve(
    settings: "Settings",
    on: date,
    horizon_years: int | None,
    scenario_set: str | None = None,
    volatilities: str | None = None,
) -> None:
    """The reserve of a day, and what it found."""
    from flows.month_end_reserve import month_end_reserve

    with console.progress(settings, f"month-end reserve of {on}"):
        outcome = month_end_reserve(on, horizon_years, settings, scenario_set, volatilities)
    summary(settings, outcome)


def hedge(settings: "Settings", on: date, positions: str | None = None, horizon_years: int | None = None) -> None:
    """The hedge of a day, and what it found."""
    from flows.daily_hedge import daily_hedge

    with console.progress(settings, f"daily hedge of {on}"):
        outcome = daily_hedge(on, positions, horizon_years, settings)
    summary(settings, outcome)


def summary(settings: "Settings", outcome: "Outcome") -> None:
    """What a flow found, as tables."""
    from tasks.summary_runs import outcome_pages

    console.pages(outcome_pages(console.storage(settings), outcome))


def report(settings: "Settings", on: date) -> None:
    """Write the report of a day and say where it is."""
    from tasks.report import write_report

    storage = console.storage(settings)
    with console.working("drawing the report"):
        key = write_report(storage, on)
    console.say(f"report: {storage.name(key)}")


def project(
    settings: "Settings",
    on: date | None,
    basis: str,
    assumptions: str | None,
    contracts: list[str] | None,
    by_year: bool,
    paths: list[int] | None,
    horizon_years: int | None,
) -> None:
    """A projection, and what it found."""
    from flows.projection import projection
    from tasks.projection import Request, latest_day

    day = on or latest_day(console.storage(settings))
    chosen, scenarios = tuple(contracts or ()), tuple(paths or ())
    asked = Request(basis.replace("-", "_"), assumptions or "", chosen, by_year, scenarios)
    with console.progress(settings, f"projection from {day}"):
        outcome = projection(day, asked, horizon_years, settings)
    summary(settings, outcome)


def explain(settings: "Settings", contract: str, on: date, scenario: int | None, run: str | None) -> None:
    """A day of a contract, of the daily valuation or of a projection, told step by step."""
    from tasks.explain import ExplainError
    from tasks.explain import explain as explained
    from tasks.explain_text import render

    storage = console.storage(settings)
    if scenario is not None:
        from tasks.explain_path import explain_path

        with console.working("following the contract to that day"):
            told = explain_path(storage, contract, on, scenario, run, settings.scratch)
    elif run is not None:
        raise ExplainError("a run is of a projection: say which of its scenarios with --scenario, or leave --run out")
    else:
        told = explained(storage, contract, on)
    console.show(render(told))
