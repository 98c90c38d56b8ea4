"""The command ``highwater``.  Nothing heavy is imported before a command needs it, so that ``--help`` answers at once."""

import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, CycloptsError, Parameter

from flows import commands, console
from flows.place import HERE, Place
from flows.scenario_commands import scenarios as scenario_app
from flows.statement_command import statement

if TYPE_CHECKING:
    pass

FAILED, MISUSED = 1, 2
"""Exit codes: the work failed; the command was not understood."""

app = App(
    name="highwater",
    help="Values a block of variable annuities whose guarantees ratchet on the highest daily Account Value.",
    help_epilogue="Every command takes --debug, which shows the whole traceback of an error.",
    version="highwater 0.1.0",
    exit_on_error=False,
    print_error=False,
    result_action="return_value",
)
app.command(scenario_app)
app.command(statement)


Files = Annotated[list[str], Parameter(consume_multiple=True)]
Snapshot = Annotated[date, Parameter(help="Valuation Day of the published snapshot.")]
Scenarios = Annotated[int | None, Parameter(help="Scenarios of each set; without it as the settings say.")]
Set = Annotated[
    str | None,
    Parameter(
        name="--scenarios", help="Scenarios of each set, or the name of an imported set; see `scenarios import`."
    ),
]
Seed = Annotated[int | None, Parameter(help="Seed of the scenarios.")]
Horizon = Annotated[int | None, Parameter(help="Shorter projections, for trials; without it to the last age.")]
"""Options that several commands have."""


@app.command
def demo(
    *,
    contracts: int = 2000,
    through: date = date(2008, 10, 31),
    seed: int | None = None,
    scenarios: Scenarios = None,
    defects: int = 1,
    place: Place = HERE,
) -> None:
    """Make a block on real market history, run the three flows, write the report.

    Parameters
    ----------
    contracts
        Contracts of the block.
    through
        Valuation Day of the run; a month-end of the market history, as 2008-10-31 or 2009-12-31.
    seed
        Seed of the block.
    defects
        Copies of every known kind of bad row to put into the block, to see them in quarantine.
    """
    from tasks.demo import write_demo

    limit = {"quarantine_limit": 1.0} if defects else {}
    settings = place.settings(**commands.scenario_counts(scenarios), **limit)
    storage = console.storage(settings)
    with console.working("making the block and its prices"):
        given = {} if seed is None else {"seed": seed}
        inputs = write_demo(storage, contracts, through, defects=defects, **given)
    console.say(f"inputs: {inputs.contracts}, {inputs.transactions}, {inputs.prices}")
    commands.daily(
        settings, through, [inputs.contracts], [inputs.transactions], [inputs.prices], None, [inputs.declared_rates]
    )
    commands.reserve(settings, through, None)
    commands.hedge(settings, through)
    commands.report(settings, through)
    console.say(console.where_next(settings, through))


@app.command
def daily(
    *,
    through: date,
    contracts: Files,
    transactions: Files,
    prices: Files,
    declared_rates: Files | None = None,
    opening: date | None = None,
    quarantine_limit: float | None = None,
    place: Place = HERE,
) -> None:
    """Value every contract through a Valuation Day; publish snapshot, ledger, payments, tax amounts, quarantine.

    Parameters
    ----------
    through
        Last Valuation Day.
    contracts
        Files of contracts, .parquet or .csv: paths, file:// or s3:// URLs.
    transactions
        Files of transactions.
    prices
        Files of net asset values.
    declared_rates
        Files of the rates declared for the Fixed Rate Options; without them none is offered.
    opening
        Valuation Day of the published snapshot to go on from; without it from issue.
    quarantine_limit
        Greatest share of contracts with a refused row, as 0.01.
    """
    settings = place.settings(quarantine_limit=quarantine_limit)
    commands.daily(settings, through, contracts, transactions, prices, opening, declared_rates)


@app.command
def reserve(
    *,
    on: Snapshot,
    scenarios: Set = None,
    seed: Seed = None,
    horizon_years: Horizon = None,
    volatilities: str | None = None,
    place: Place = HERE,
) -> None:
    """Reserve for the block of a published daily valuation.

    Parameters
    ----------
    volatilities
        File of implied volatilities by maturity, columns index, years, volatility; without it those of the model.
    """
    count, named = (int(scenarios), None) if scenarios and scenarios.isdigit() else (None, scenarios)
    commands.reserve(
        place.settings(seed=seed, **commands.scenario_counts(count)), on, horizon_years, named, volatilities
    )


@app.command
def hedge(
    *,
    on: Snapshot,
    positions: str | None = None,
    scenarios: Scenarios = None,
    seed: Seed = None,
    horizon_years: Horizon = None,
    place: Place = HERE,
) -> None:
    """Greeks of the block of a published daily valuation, exposure against limits, and the trades that keep them.

    Parameters
    ----------
    positions
        File of the positions held, columns instrument and held; without it none are held.
    """
    commands.hedge(
        place.settings(seed=seed, **commands.scenario_counts(scenarios)),
        on,
        positions=positions,
        horizon_years=horizon_years,
    )


@app.command
def project(
    *,
    on: date | None = None,
    contract: Annotated[list[str] | None, Parameter(consume_multiple=True)] = None,
    basis: Literal["risk-neutral", "real-world"] = "risk-neutral",
    assumptions: str | None = None,
    scenarios: Scenarios = None,
    by_year: Annotated[bool, Parameter(negative="")] = False,
    path: Annotated[list[int] | None, Parameter(consume_multiple=True)] = None,
    seed: Seed = None,
    horizon_years: Horizon = None,
    place: Place = HERE,
) -> None:
    """Project the block of a published daily valuation, or some of its contracts, over many scenarios.

    Publishes and prints every measure with its standard error, cash flows by year and kind, and what becomes of the
    contracts; on request chosen contracts by scenario and year, and single paths day by day.

    Parameters
    ----------
    on
        Valuation Day of the published snapshot; without it the latest.
    contract
        Ids of the contracts to project; without it the whole block.
    basis
        Scenarios: risk-neutral or real-world.
    assumptions
        Assumption set, as best_2008 or prudent_2024; without it that of the basis.
    by_year
        Publish every chosen contract by scenario and year as well.
    path
        Numbers of scenarios to publish day by day for every chosen contract, from 0.
    """
    settings = place.settings(seed=seed, **commands.scenario_counts(scenarios))
    commands.project(settings, on, basis, assumptions, contract, by_year, path, horizon_years)


@app.command
def explain(
    contract: str, *, on: date, scenario: int | None = None, run: str | None = None, place: Place = HERE
) -> None:
    """Tell one Valuation Day of one contract step by step: figures, rule and prospectus lines.

    Parameters
    ----------
    contract
        Id of the contract.
    on
        Valuation Day to explain.
    scenario
        Explain a day of a projection, in this scenario.
    run
        Run id of the projection; without it the last one published before the day.
    """
    from tasks.warm import interpret

    if scenario is None:
        interpret()
    commands.explain(place.settings(), contract, on, scenario, run)


@app.command
def show(run: str, *, place: Place = HERE) -> None:
    """Show a run: inputs, checks, control totals, parts.

    Parameters
    ----------
    run
        Run id, as the flows print it.
    """
    settings = place.settings()
    from tasks.summary_runs import find_run, run_pages

    console.pages(run_pages(find_run(console.storage(settings), run)))


@app.command
def report(*, on: date, place: Place = HERE) -> None:
    """Write the report of a Valuation Day from what is published: one HTML page that opens without a network.

    Parameters
    ----------
    on
        Valuation Day to report on.
    """
    commands.report(place.settings(), on)


@app.command
def illustrate(
    *,
    gross: Annotated[list[float] | None, Parameter(consume_multiple=True)] = None,
    expense: float | None = None,
    credit: float | None = None,
    investment: float | None = None,
    highest_expense: float | None = None,
    place: Place = HERE,
) -> None:
    """Fill the tables that the prospectus leaves blank: Appendix B, its days-highest tables, the expense examples.

    They are printed, and written to the store as CSV files and one HTML page.

    Parameters
    ----------
    gross
        Gross returns of the illustrations, as 0 0.06 0.10.
    expense
        Average expense of the Portfolios, as 0.01; without it that of the fund map.
    credit
        Purchase Credit of the X Series, as 0.05; without it the one in force.
    investment
        Purchase Payment of the illustrations, USD.
    highest_expense
        Expense of the dearest Portfolio, for the expense examples; without it that of the fund map.
    """
    from tasks.warm import interpret

    interpret()
    storage = console.storage(place.settings())
    from tasks.illustrate import compute, write

    with console.working("running the contracts through 30 years"):
        written = write(storage, compute(gross, expense, credit, investment, highest_expense))
    console.pages(written.pages)
    console.say("* highest Surrender Value of the year")
    for key in written.keys:
        console.say(f"written: {storage.name(key)}")


@app.command
def convergence(
    *,
    contracts: int = 16,
    scenarios: int = 2048,
    seeds: int = 5,
    through: date = date(2008, 10, 31),
    horizon_years: Horizon = None,
    seed: Seed = None,
    place: Place = HERE,
) -> None:
    """Measure the errors of values, Greeks and tails by number of scenarios, and of steps longer than a day.

    A sample of the demonstration block is projected; tables and a page with pictures are written to the store.

    Parameters
    ----------
    contracts
        Contracts of the sample.
    scenarios
        Scenarios of the largest sample, a multiple of 128.
    seeds
        Sets of that many scenarios.
    through
        Valuation Day; a month-end of the market history.
    """
    settings = place.settings(seed=seed)
    from tasks.convergence import Size, compute
    from tasks.convergence_page import study, write

    size = Size(contracts, scenarios, seeds, through, horizon_years)
    storage = console.storage(settings)
    with console.working("projecting the sample; some minutes at the usual size"):
        written = write(storage, study(compute(settings, size)))
    console.pages(written.pages)
    for key in written.keys:
        console.say(f"written: {storage.name(key)}")


@app.command
def rules(*, section: str | None = None, status: str | None = None, id: str | None = None) -> None:
    """Show every rule of the prospectus and what became of it: coded, terms, reading, no effect or gap.

    Parameters
    ----------
    section
        Rules of one section alone, by its prefix, as FEE or HD7.
    status
        Rules of one status alone: coded, terms, reading, "no effect" or gap.
    id
        One rule alone, as HD7-3.
    """
    from tasks.rules_page import choose, page

    console.show(page(choose(section, status, id)))


@app.command
def dictionary() -> None:
    """Write the data dictionary from the schemas again."""
    from tasks.dictionary import write_dictionary

    console.say(f"written: {write_dictionary()}")


@app.command
def warm(*, place: Place = HERE) -> None:
    """Compile the kernels for this machine; the flows then start at once."""
    settings = place.settings()
    from tasks.warm import compile_kernels

    with console.working("compiling the kernels (once for these sources)"):
        seconds = compile_kernels(settings)
    console.say(f"kernels are ready ({seconds:.0f} s)")


def main() -> None:
    """Run the command line; errors are one readable message, exit code 1, or 2 for a command not understood."""
    arguments = [one for one in sys.argv[1:] if one != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        app(arguments)
    except CycloptsError as error:
        console.fail(str(error), "Run `highwater --help`, or `highwater COMMAND --help`.")
        sys.exit(MISUSED)
    except KeyboardInterrupt:
        console.fail("stopped", "What is committed is kept: the same command goes on from there.")
        sys.exit(FAILED)
    except Exception as error:
        if debug:
            raise
        console.fail(*console.explained(error))
        sys.exit(FAILED)
