"""The commands ``highwater scenarios``: sets of others read in, and what they are."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from flows import console
from flows.place import HERE, Place

scenarios = App(name="scenarios", help="Scenario sets of others: read files in, show what was read.")


@scenarios.command(name="import")
def import_files(
    files: Annotated[list[str], Parameter(consume_multiple=True)],
    /,
    *,
    name: str,
    layout: Literal["period", "accumulated"],
    basis: Literal["real_world", "risk_neutral"] = "real_world",
    inside: Annotated[Literal["bridge", "geometric"], Parameter(name="--days")] = "bridge",
    pick: int | None = None,
    accept: str = "",
    place: Place = HERE,
) -> None:
    """Read a scenario set from files of monthly growth factors, check it, and keep it under a name.

    Parameters
    ----------
    files
        CSV files as index=FILE, a row a scenario and a column a month: large_equity=US.csv small_equity=SMALL.csv
        international_equity=INTL.csv, and bonds=FILE, cash=FILE, or rates of a tenor in years as rate_0.25=FILE.
    name
        Name to use it by: highwater reserve --scenarios NAME.
    layout
        Growth factors of each month, or accumulated since the valuation date.
    basis
        What the scenarios are for.
    inside
        Days inside a month: a random bridge at the set's own volatility, or a smooth path. Month ends are the files' own.
    pick
        Keep as many representative scenarios only.
    accept
        Why the set is kept although a check fails; stays with it.
    """
    storage = console.storage(place.settings())
    from tasks.scenario_files import files_by_index, import_set
    from tasks.scenario_pages import set_pages

    with console.working("reading the files"):
        given = files_by_index(files)
        kept = import_set(storage, name, given, layout=layout, basis=basis, inside=inside, pick=pick, accept=accept)
    console.pages(set_pages(kept))
    console.say(f"kept: highwater reserve --scenarios {kept.name} --horizon-years {kept.months // 12}")


@scenarios.command
def show(name: str, /, *, place: Place = HERE) -> None:
    """Show an imported set: files, checks, moments.

    Parameters
    ----------
    name
        Name of the set.
    """
    settings = place.settings()
    from tasks.scenario_files import stored_model
    from tasks.scenario_pages import set_pages

    record, _ = stored_model(console.storage(settings), name, settings.scratch)
    console.pages(set_pages(record))
