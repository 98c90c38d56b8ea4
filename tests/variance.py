"""What the ways of drawing scenarios are worth: ``make variance``.

The value of the guarantee of a small demonstration block is estimated many times over, each time from an independent
set of the same number of scenarios, by every way of `valuation.scenarios.sampling`.  The variance of these estimates and
the processor seconds of one, drawing and projection together, say what a way is worth:

    variance reduction per CPU second = variance x seconds of independent draws / variance x seconds of this way

Its own standard error is that of two sample variances of normal estimates.  It prints a table and keeps it as text in
``tests/VARIANCE.txt``; no test asserts a time.
"""

import argparse
import time
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tasks.project import GUARANTEE, measure
from tests.bench import AS_OF, Material, material
from valuation.assumptions import load_assumptions
from valuation.estimate import mean_estimate
from valuation.funds import load_fund_map
from valuation.market import load_market_history
from valuation.portfolio import Portfolio, in_force, prepare_groups, project
from valuation.scenarios.risk_neutral import risk_neutral_model
from valuation.scenarios.sampling import SampledModel
from valuation.sessions import day_date, day_number, valuation_days

OUTPUT = Path(__file__).parent / "VARIANCE.txt"


class Way(NamedTuple):
    """One way of drawing."""

    label: str
    method: str
    correction: bool
    block: int


class Found(NamedTuple):
    """What one way gave."""

    way: Way
    estimates: Any  # (n_set,) value of the block, USD
    errors: Any  # (n_set,) standard errors that the sets state, USD
    seconds: float  # processor seconds of one estimate


def ways(scenarios: int) -> list[Way]:
    """Every way, the block as large as the set where a larger one may help."""
    plain = [Way(f"{name}", name, False, 32) for name in ("independent", "antithetic", "sobol")]
    corrected = [Way(f"{name}, corrected", name, True, 32) for name in ("independent", "antithetic", "sobol")]
    whole = [Way(f"{'sobol'}{', corrected' * c}, blocks of {scenarios}", "sobol", c, scenarios) for c in (False, True)]
    return plain + corrected + (whole if scenarios > 32 else [])


def block_of(made: Material, contracts: int, years: int) -> tuple[Portfolio, Any, Any]:
    """Contracts ready to be projected, their grid, the model of the day."""
    grid = np.asarray(valuation_days(day_date(day_number(AS_OF) + 1), date(AS_OF.year + years, AS_OF.month, 28)))
    held = in_force(made.snapshot).slice(0, contracts)
    best = load_assumptions("best_2008")
    portfolio = prepare_groups(held, best, load_fund_map(), day_number(AS_OF), grid, 0.04, made.prices[-1])
    market = load_market_history()
    return portfolio, grid, risk_neutral_model(market.zero_curve(AS_OF), float(market.vix.on(AS_OF)))


def measured(portfolio: Portfolio, grid: Any, base: Any, way: Way, scenarios: int, sets: int) -> Found:
    """Estimates of the block's guarantee from ``sets`` independent sets of ``scenarios``."""
    model = SampledModel(base, way.method, way.correction, way.block)
    estimates, errors = np.empty(sets), np.full(sets, np.nan)
    begun = 0.0
    for k in range(-1, sets):  # the first, not counted, compiles
        if k == 0:
            begun = time.process_time()
        tile = model.tile(grid, day_number(AS_OF), 1000 + k, range(scenarios), model.antithetic)
        values = measure(project(portfolio, tile, None).worth, GUARANTEE).sum(axis=0)
        if k >= 0:
            estimates[k] = values.mean()
            if scenarios >= 2 * model.per_sample:
                errors[k] = mean_estimate(values, model.per_sample).standard_error
    return Found(way, estimates, errors, (time.process_time() - begun) / sets)


def written(found: list[Found], head: str) -> str:
    """The table."""
    first = found[0]
    n = len(first.estimates)
    lines = [head, "", f"{'way':<34} {'mean':>12} {'deviation':>10} {'stated s.e.':>11} {'seconds':>8} {'variance':>9} "
             f"{'a CPU second':>13} {'s.e.':>6}"]  # fmt: skip
    for one in found:
        reduction = float(first.estimates.var(ddof=1) / one.estimates.var(ddof=1))
        worth = reduction * first.seconds / one.seconds
        stated = float(np.sqrt(np.mean(np.square(one.errors))))
        error = 0.0 if one is first else worth * float(np.sqrt(4.0 / (n - 1)))
        shown = "-" if np.isnan(stated) else f"{stated:,.0f}"
        lines.append(
            f"{one.way.label:<34} {one.estimates.mean():>12,.0f} {one.estimates.std(ddof=1):>10,.0f} {shown:>11} "
            f"{one.seconds:>8.3f} {reduction:>9.2f} {worth:>13.2f} {error:>6.2f}"
        )
    return "\n".join([*lines, ""])


def main() -> None:
    """Measure, print, keep."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--contracts", type=int, default=20)
    reader.add_argument("--years", type=int, default=20)
    reader.add_argument("--scenarios", type=int, default=128, help="of one set; a power of 2")
    reader.add_argument("--sets", type=int, default=32, help="independent sets of every way")
    asked = reader.parse_args()
    portfolio, grid, base = block_of(material(max(40, 2 * asked.contracts)), asked.contracts, asked.years)
    found = [measured(portfolio, grid, base, way, asked.scenarios, asked.sets) for way in ways(asked.scenarios)]
    head = (
        f"value of the guarantee of {len(portfolio.contract_ids)} contracts, {AS_OF}, {asked.years} years: {asked.sets} "
        f"sets of {asked.scenarios} scenarios, USD\nvariance: of independent draws over that of the way; a CPU second: the "
        "same by processor second"
    )
    text = written(found, head)
    print(text)
    OUTPUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
