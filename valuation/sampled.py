"""Deaths and surrenders that happen or do not, for tests of a projection that carries their probabilities.

Each contract has one number of (0, 1) a month and scenario; `valuation.month_end` says what it decides.  With them a lane
is a life: in force or not.  Means over scenarios are those of the probabilities, with more noise.
"""

from collections.abc import Sequence

from valuation.clock import completed_months
from valuation.contract import Array, Integers
from valuation.decrements import contract_keys
from valuation.scenarios.random import Stream, uniforms


def draw_decrements(seed: int, contract_ids: Sequence[str], as_of: int, grid: Integers, scenarios: range) -> Array:
    """(n_contract, n_month, n_lane) numbers of (0, 1), the same for a contract in any block and any tile.

    grid  (n_day,) Valuation Days of the projection, after ``as_of``
    """
    months = int(completed_months(as_of, int(grid[-1]))) + 1
    return uniforms(seed, Stream.DECREMENTS, scenarios, contract_keys(seed, contract_ids), months)
