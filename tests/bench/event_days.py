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
from valuation.terms import load_terms

LANES, YEARS, HELD = 256, 10, 3
FEW, MANY = 4, 20
"""Copies of a contract: what the larger number takes longer is the contracts' own, without prices and calls."""


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
ASKED = (
    (GROW, "PRE", "grow", ("due", "month", "factor", "calendar")),
    (FREEZE, "PRE", "freeze", ("due",)),
    (DRAW, "POST", "draw", ("due", "withdrawal", "month")),
    (HOLD, "NONE", "hold", ("due", "month")),
)


def events(contracts: int) -> Section:
    """Nanoseconds of a day and lane, by what the benefit does and by kind of day."""
    made, days, scenarios = material(contracts), grid(YEARS), tile(YEARS, LANES)
    found = []
    for mode, stage, key, kinds in ASKED:
        few, many = (in_mode(made, stage, mode, days, n) for n in (FEW, MANY))
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
            Row(f"run_{key}", f"ordinary day, {MODES[key]}", 1e9 * plain, "ns", f"{DAY}, no transfer"),
            Row(f"move_{key}", "  with its transfers", 1e9 * moving / len(days), "ns"),
        ]
        for kind, each in zip(kinds, took[1:], strict=True):
            n = len(only(few, KINDS[kind].has, KINDS[kind].lacks).groups[0].group.steps.day) / FEW
            one = 1e9 * ((each - took[0]) / n + plain)
            found.append(Row(f"event_{key}_{kind}", f"  {KINDS[kind].name}", one, "ns", f"{n:.0f} in {YEARS} years"))
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


def in_mode(made: Material, stage: str, mode: int, days: Integers, count: int) -> Portfolio:
    """Copies of a contract of that stage that does this on ordinary days."""
    held = pc.list_value_length(made.snapshot["allocation"]).to_numpy()
    stages = np.array(made.snapshot["benefit_stage"].to_pylist())
    row = int(np.flatnonzero((stages == stage) & (held == HELD))[0])
    portfolio = prepared(made, copies(made.snapshot, row, count), days)
    group = portfolio.groups[0]
    return portfolio._replace(groups=(group._replace(mode=np.full(count, mode)),))


def only(portfolio: Portfolio, has: int, lacks: int) -> Portfolio:
    """The same contracts with no events but those of one kind; none at all for no flags."""
    group = portfolio.groups[0]
    steps = group.group.steps
    kept = (steps.flags & has == has) & (steps.flags & lacks == 0) if has else np.zeros(len(steps.day), bool)
    counts = np.concatenate([[0], np.cumsum(kept)])[steps.first]
    left = Steps(counts, steps.day[kept], steps.flags[kept] & has, steps.month[kept], steps.share[kept])
    return portfolio._replace(groups=(group._replace(group=group.group._replace(steps=left)),))
