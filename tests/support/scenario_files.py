"""Scenario files in the public layout, made from the Academy's equity model: a row a scenario, a column a month."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from valuation.curve import flat
from valuation.scenarios.real_world import draw_months, real_world_model, simulate_months
from valuation.scenarios.risk_neutral import risk_neutral_model

EQUITY_FILES = ("large_equity", "small_equity", "international_equity")


def monthly_factors(scenarios: int, months: int, seed: int = 5) -> dict[str, Any]:
    """One-period factors (n_scenario, 1 + n_month) of the five indices, and yields of four tenors."""
    model = real_world_model(risk_neutral_model(flat(date(2008, 10, 31), 0.04), 0.25).rates)
    log_return, _ = simulate_months(model, draw_months(months, seed, range(scenarios), False))
    first = np.ones((scenarios, 1))
    found = {
        name: np.hstack([first, np.exp(log_return[:, k]).T])
        for k, name in enumerate(("large", "small", "international"))
    }
    found = {f"{name}_equity": values for name, values in found.items()}
    draws = np.random.Generator(np.random.Philox(seed)).standard_normal((scenarios, months))
    short = 0.03 + np.cumsum(np.hstack([np.zeros((scenarios, 1)), 0.0008 * draws]), axis=1)
    found |= {f"rate_{years:g}": short + spread for years, spread in ((0.25, 0.0), (5, 0.008), (7, 0.01), (10, 0.012))}
    bond = 1.0 + short[:, :-1] / 12.0 - 4.0 * np.diff(short, axis=1)
    found["bonds"] = np.hstack([first, bond])
    found["cash"] = np.hstack([first, (1.0 + short[:, :-1] / 2.0) ** (1.0 / 6.0)])
    return found


def text(values: Any, head: bool = False) -> bytes:
    """A CSV file; with ``head`` with a head line and scenario numbers."""
    lines = [",".join(f"{value:.10f}" for value in row) for row in values]
    if head:
        names = ["Scenario", *(str(k) for k in range(values.shape[1]))]
        lines = [",".join(names), *(f"{number},{line}" for number, line in enumerate(lines, start=1))]
    return ("\n".join(lines) + "\n").encode()


def write(folder: Path, factors: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """Files of some of the series, by name."""
    found = {}
    for name in names:
        path = folder / f"{name}.csv"
        path.write_bytes(text(factors[name]))
        found[name] = str(path)
    return found
