"""What days cost inside a projection: ordinary ones with their transfers, and each kind of day with an event."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
import pyarrow.compute as pc

import valuation.portfolio
from tests.bench.days import DAY
from tests.bench.material import Material, copies, grid, material, prepared, tile
from tests.bench.measured import MODES, Row, Section, race
from valuation.contract import Array, Integers
from valuation.living import DRAW, FREEZE, GROW, HOLD
from valuation.portfolio import Portfolio, project
from valuation.schedule import ANNUITISE, CALENDAR, FACTOR, LAW, MONTH, WITHDRAW, Steps
from valuation.schema_inputs import DEATH_BENEFITS
from valuation.terms import load_terms

LANES, YEARS, HELD = 256, 10, 3
FEW, MANY = 4, 20
"""Copies of a contract: what the larger number takes longer is the contracts' own, without prices and calls."""


NAMES = {
    "SHD7": "Spousal Highest Daily 7",
    "HD": "Highest Daily",
    "TI": "TrueIncome",
    "TIS": "TrueIncome - Spousal",
    "TAHD": "TrueAccumulation - Highest Daily",
    "GMIB": "Guaranteed Minimum Income Benefit",
    "COMBINATION": "Combination 5% Roll-Up and HAV Death Benefit",
    "HDV": "Highest Daily Value Death Benefit",
}
"""Benefits as the prospectus names them."""


class Kind(NamedTuple):
    """A kind of day with events: the flags that it has and has not, and those that are kept of it."""

    name: str
    has: int
    lacks: int


KINDS = {
    "due": Kind("quarter or anniversary", LAW, WITHDRAW | ANNUITISE),
    "withdrawal": Kind("with a withdrawal", LAW | WITHDRAW, ANNUITISE),
    "month": Kind("end of a projection month", MONTH, 0),
    "factor": Kind('the factor "a" changes', FACTOR, 0),
    "calendar": Kind("a calendar year begins", CALENDAR, 0),
}


class Case(NamedTuple):
    """A contract whose days are measured."""

    key: str
    name: str
    benefit: str
    stage: str
    death: str
    mode: int | None  # what the benefit does on ordinary days; None: as it stands
    kinds: tuple[str, ...]


ALL = tuple(KINDS)
CASES = (
    Case(
        "grow", f"Highest Daily 7, {MODES['grow']}", "HD7", "PRE", "NONE", GROW, ("due", "month", "factor", "calendar")
    ),
    Case("freeze", f"Highest Daily 7, {MODES['freeze']}", "HD7", "PRE", "NONE", FREEZE, ("due",)),
    Case("draw", f"Highest Daily 7, {MODES['draw']}", "HD7", "POST", "NONE", DRAW, ("due", "withdrawal", "month")),
    Case("hold", MODES["hold"], "NONE", "NONE", "NONE", HOLD, ("due", "month")),
    *(
        Case(benefit.lower(), NAMES[benefit], benefit, "PRE", "NONE", None, ALL)
        for benefit in ("SHD7", "HD", "TI", "TIS", "TAHD", "GMIB")
    ),
    *(Case(death.lower(), NAMES[death], "NONE", "NONE", death, None, ALL) for death in DEATH_BENEFITS),
)


def events(contracts: int) -> Section:
    """Nanoseconds of a day and lane, by what the benefit does and by kind of day."""
    made, days, scenarios = material(contracts), grid(YEARS), tile(YEARS, LANES)
    found = []
    for case in CASES:
        few, many = (in_mode(made, case, days, n) for n in (FEW, MANY))
        kinds = [kind for kind in case.kinds if _days(few, KINDS[kind])]
        kept = [(0, 0)] + [(KINDS[kind].has, KINDS[kind].lacks) for kind in kinds]
        works = [
            lambda held=held, has=has, lacks=lacks: project(only(held, has, lacks), scenarios, None)
            for has, lacks in kept
            for held in (few, many)
        ]
        moving = _each(works[:2])[0]
        with no_transfers():
            took = _each(works)
        plain = took[0] / len(days)
        found += [
            Row(f"run_{case.key}", f"ordinary day, {case.name}", 1e9 * plain, "ns", f"{DAY}, no transfer"),
            Row(f"move_{case.key}", "  with its transfers", 1e9 * moving / len(days), "ns"),
        ]
        for kind, each in zip(kinds, took[1:], strict=True):
            n = _days(few, KINDS[kind])
            one = 1e9 * ((each - took[0]) / n + plain)
            found.append(
                Row(f"event_{case.key}_{kind}", f"  {KINDS[kind].name}", one, "ns", f"{n:.0f} in {YEARS} years")
            )
    return Section(f"Days inside a projection: {HELD} Sub-accounts and the bond, {LANES} lanes, {YEARS} years", found)


def _each(works: list[Callable[[], Any]]) -> Array:
    """Seconds of one contract and lane, for pairs of few and many copies."""
    found: Array = np.diff(np.array(race(*works, times=7)).reshape(-1, 2), axis=1)[:, 0] / (MANY - FEW) / LANES
    return found


@contextmanager
def no_transfers() -> Iterator[None]:
    """Terms whose transfer test is made as ever and never met: what a day costs then does not hang on the market."""
    terms = load_terms(False)
    still = terms._replace(transfer=terms.transfer._replace(upper=1e9, lower=-1e9))
    with patch.object(valuation.portfolio, "load_terms", lambda *asked: still):
        yield


def in_mode(made: Material, case: Case, days: Integers, count: int) -> Portfolio:
    """Copies of a contract that holds about as many Sub-accounts as the others."""
    table = made.snapshot
    asked = {"benefit": case.benefit, "benefit_stage": case.stage, "death_benefit_plan": case.death}
    held = pc.list_value_length(table["allocation"]).to_numpy()
    fits = np.all([np.array(table[name].to_pylist()) == value for name, value in asked.items()], axis=0)
    if not fits.any():
        raise SystemExit(f"the demonstration block has no contract with {asked}: give it more contracts")
    rows = np.flatnonzero(fits)
    portfolio = prepared(made, copies(table, int(rows[np.argmin(np.abs(held[rows] - HELD))]), count), days)
    group = portfolio.groups[0]
    mode = group.mode if case.mode is None else np.full(count, case.mode)
    return portfolio._replace(groups=(group._replace(mode=mode),))


def _days(portfolio: Portfolio, kind: Kind) -> float:
    """How many days of a kind each of the few contracts has."""
    return len(only(portfolio, kind.has, kind.lacks).groups[0].group.steps.day) / FEW


def only(portfolio: Portfolio, has: int, lacks: int) -> Portfolio:
    """The same contracts with no events but those of one kind; none at all for no flags."""
    group = portfolio.groups[0]
    steps = group.group.steps
    kept = (steps.flags & has == has) & (steps.flags & lacks == 0) if has else np.zeros(len(steps.day), bool)
    counts = np.concatenate([[0], np.cumsum(kept)])[steps.first]
    left = Steps(counts, steps.day[kept], steps.flags[kept] & has, steps.month[kept], steps.share[kept])
    return portfolio._replace(groups=(group._replace(group=group.group._replace(steps=left)),))
