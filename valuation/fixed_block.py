"""The composition of money in Fixed Rate Options, for many contracts.

Source: FIX-1, FIX-6 (prospectus 2240-2263, 2282-2290).
"""

from typing import Any, NamedTuple

import numpy as np

from valuation.benefit_fixed_rate_account import FixedLayers
from valuation.compile import allocating_generic
from valuation.contract import Array, Integers
from valuation.declared_rates import DeclaredRates, declare
from valuation.enhanced_dollar_cost_averaging import Enhanced
from valuation.fixed_money import HELD, FixedMoney
from valuation.fixed_rate_options import RatePeriods
from valuation.terms.investments import FixedRateTerms, load_election_terms, load_fixed_rate_terms

LONGEVITY_PERIODS = 120
"""Interest rate periods that Longevity Credits can add: one a year of a life."""

ENHANCED_COLUMNS = ("start_date", "first_date", "transfers", "made", "rate", "value", "periodic")

NOTHING_DECLARED = declare(())


class FixedBlock(NamedTuple):
    """`FixedMoney` of every contract; arrays changed in place."""

    day: Integers  # (n, n_period)
    amount: Array  # (n, n_period)
    rate: Array  # (n, n_period)
    used: Integers  # (n, 1)
    renewed: Integers  # (n, n_period)
    enhanced: Array  # (n, n_programme, 7)
    programmes: Integers  # (n, 1)
    settled: Array  # (n, 2)
    declared: DeclaredRates
    terms: FixedRateTerms
    permitted: tuple[float, ...]
    half_cent: float


@allocating_generic
def fixed_at(block: Any, c: int) -> Any:
    """The composition of one contract, as views; nothing where a block has none."""
    return block


def _fixed_at(block: FixedBlock, c: int) -> FixedMoney:
    layers = FixedLayers(block.day[c], block.amount[c], block.rate[c], block.used[c])
    return FixedMoney(
        RatePeriods(layers, block.renewed[c]), block.enhanced[c], block.programmes[c], block.settled[c],
        block.declared, block.terms, block.permitted, block.half_cent,
    )  # fmt: skip


answering: Any = fixed_at
answering.register(FixedBlock)(_fixed_at)


def open_fixed_block(rows: dict[int, dict[str, Any]], n: int, events: int, units: Array) -> FixedBlock:
    """The composition at the opening of a run.

    rows    of the opening snapshot, by the contract's place among ``n``
    events  most transactions of one contract: room for what they start
    units   (n, n_slot); the last place holds the options, USD
    """
    periods = max((len(row.get("fixed_rate_periods") or ()) for row in rows.values()), default=0)
    running = max((len(row.get("enhanced_programmes") or ()) for row in rows.values()), default=0)
    room, more = periods + events + LONGEVITY_PERIODS, running + events + 1
    terms = load_election_terms()
    block = FixedBlock(
        np.zeros((n, room), np.int64), np.zeros((n, room)), np.zeros((n, room)), np.zeros((n, 1), np.int64),
        np.zeros((n, room), np.int64), np.zeros((n, more, len(Enhanced._fields))), np.zeros((n, 1), np.int64),
        np.zeros((n, 2)), NOTHING_DECLARED, load_fixed_rate_terms(), terms.eligibility.fixed_rate_death, terms.half_cent,
    )  # fmt: skip
    for c, row in rows.items():
        for k, one in enumerate(row.get("fixed_rate_periods") or ()):
            block.day[c, k], block.amount[c, k] = _number(one["date"]), one["amount"]
            block.rate[c, k], block.renewed[c, k] = one["rate"], one["renewed"]
            block.used[c, 0] = k + 1
        for k, one in enumerate(row.get("enhanced_programmes") or ()):
            days = [_number(one["start_date"]), _number(one["first_date"])]
            block.enhanced[c, k] = [*days, *(float(one[name]) for name in ENHANCED_COLUMNS[2:])]
            block.programmes[c, 0] = k + 1
    block.settled[:, HELD] = units[:, -1]
    return block


def fixed_of(block: Any, place: Integers) -> Any:
    """The composition of some contracts of a block; nothing where it has none."""
    if not isinstance(block, FixedBlock):
        return block
    parts: list[Any] = [part[place] if isinstance(part, np.ndarray) else part for part in block]
    return FixedBlock(*parts)


def own_copy(block: Any) -> Any:
    """The same, to be changed."""
    if not isinstance(block, FixedBlock):
        return block
    parts: list[Any] = [part.copy() if isinstance(part, np.ndarray) else part for part in block]
    return FixedBlock(*parts)


def _number(day: Any) -> int:
    return int((day - np.datetime64(0, "D").astype(object)).days)
