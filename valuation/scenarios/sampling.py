"""Other ways to draw a risk-neutral set: independent, quasi-random, and corrected to the exact martingale.

independent   a scenario a source, no pairs
antithetic    pairs of opposite draws: the way of `risk_neutral` itself
sobol         the coarse path of every factor, at some 30 dates, from scrambled Sobol points in the order of a Brownian
              bridge, so that the first coordinates carry the end and the middle of the path; the days between from
              independent draws, held to the coarse path.  Every draw is standard normal and independent of the others.
correction    block by block the discount factors are scaled to the curve and the discounted indices to 1, every day:
              all means that are known are exact.  A block's scenarios then depend on each other, and other means carry
              a bias of the order of 1 over its scenarios.

Scenarios come in blocks; with Sobol points or the correction one block is one independent sample for standard errors.

Source: Joe and Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci. Comput. 30
(2008), and the scrambling of Matousek (1998), both as in scipy.stats.qmc; Glasserman, "Monte Carlo Methods in Financial
Engineering" (2003), sections 3.1 (bridge), 4.2 (antithetic), 4.5 (moment matching), 5.4 (randomised points).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from valuation.scenarios.grid import CASH, DISCOUNT, FloatArray, IntArray, times
from valuation.scenarios.random import Stream, normals
from valuation.scenarios.risk_neutral import FACTORS, RiskNeutralModel, simulate

INDEPENDENT, ANTITHETIC, SOBOL = METHODS = ("independent", "antithetic", "sobol")
BLOCK = 32
"""Scenarios of a block: a power of 2, for Sobol points; few, so that a set has blocks enough for a standard error."""
NODES = 32
"""Dates of the coarse path; a power of 2."""


@dataclass(frozen=True)
class SampledModel:
    """A risk-neutral model whose scenarios are drawn another way."""

    base: RiskNeutralModel
    method: str
    correction: bool
    block: int = BLOCK

    kind = "risk_neutral"

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"sampling {self.method!r} is unknown; allowed are {', '.join(METHODS)}")
        if self.block < 2 or self.block & (self.block - 1):
            raise ValueError(f"a block of {self.block} scenarios: allowed are powers of 2 from 2; use {BLOCK}")

    @property
    def antithetic(self) -> bool:
        """Whether scenarios 2j and 2j + 1 have opposite draws."""
        return self.method == ANTITHETIC

    @property
    def per_sample(self) -> int:
        """Successive scenarios that make one independent sample."""
        if self.correction or self.method == SOBOL:
            return self.block
        return 2 if self.antithetic else 1

    def parameters(self, days: IntArray, previous_day: int) -> dict[str, Any]:
        """Everything the paths depend on besides the draws."""
        more = {"sampling": self.method, "martingale_correction": self.correction, "block": self.block}
        return self.base.parameters(days, previous_day) | more

    def tile(self, days: IntArray, previous_day: int, seed: int, scenarios: range, antithetic: bool) -> FloatArray:
        """The tile (n_day, 6, n_lane) of the scenarios of those numbers, whole blocks of them."""
        if self.per_sample == self.block and (scenarios.start % self.block or len(scenarios) % self.block):
            raise ValueError(
                f"scenarios {scenarios.start} to {scenarios.stop - 1} are no whole blocks of {self.block}; "
                f"use numbers of scenarios that are multiples of {self.block}"
            )
        draws = normals(
            seed, Stream.RISK_NEUTRAL_DAYS, scenarios, len(FACTORS), len(days), antithetic=self.method == ANTITHETIC
        )
        if self.method == SOBOL:
            _hold_to_sobol(draws, seed, scenarios.start // self.block, self.block)
        tile = simulate(self.base, days, previous_day, draws)
        if self.correction:
            discount = self.base.curve.discount(times(days, previous_day))
            for first in range(0, len(scenarios), self.block):
                correct(tile[:, :, first : first + self.block], discount)
        return tile


def sampled(base: RiskNeutralModel, method: str, correction: bool) -> RiskNeutralModel | SampledModel:
    """The model drawn that way; ``base`` itself where that is its own."""
    return base if method == ANTITHETIC and not correction else SampledModel(base, method, correction)


def correct(tile: FloatArray, discount: FloatArray) -> None:
    """Make the means of a block exact, in place: discount factors the curve's, discounted indices 1, every day.

    discount   (n_day,) of the curve
    """
    scale = discount / tile[:, DISCOUNT].mean(axis=1)
    tile[:, DISCOUNT] *= scale[:, None]
    earned = np.concatenate(([1.0], scale[:-1])) / scale  # every index earns the shifted rate
    tile[:, :DISCOUNT] *= earned[:, None, None]
    for row in range(CASH):
        mean = (np.cumprod(tile[:, row], axis=0) * tile[:, DISCOUNT]).mean(axis=1)
        tile[:, row] *= (np.concatenate(([1.0], mean[:-1])) / mean)[:, None]


def _hold_to_sobol(draws: FloatArray, seed: int, first_block: int, block: int) -> None:
    """Shift the draws (n_step, n_factor, n_lane) so that their sums between the dates are those of Sobol paths."""
    n_step, n_factor, n_lane = draws.shape
    ends = node_ends(n_step)
    starts = np.concatenate(([0], ends[:-1]))
    length = np.diff(ends, prepend=0)
    weights = bridge_matrix(ends)
    for number in range(n_lane // block):
        lanes = slice(number * block, (number + 1) * block)
        points = sobol_normals(seed, first_block + number, len(ends) * n_factor, block)
        coarse = np.einsum("ji,ifl->jfl", weights, points.reshape(len(ends), n_factor, block))
        sums = np.add.reduceat(draws[:, :, lanes], starts, axis=0)
        shift = coarse / np.sqrt(length)[:, None, None] - sums / length[:, None, None]
        draws[:, :, lanes] += np.repeat(shift, length, axis=0)


def sobol_normals(seed: int, block: int, dimensions: int, count: int) -> FloatArray:
    """(dimensions, count) standard normals from one scrambling of Sobol points, a function of seed and block alone."""
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, Stream.SOBOL_BLOCKS, block])))
    points = qmc.Sobol(dimensions, scramble=True, rng=random).random(count)
    tiny = 2.0**-53
    return np.asarray(ndtri(np.clip(points, tiny, 1.0 - tiny)).T)


def node_ends(n_step: int) -> IntArray:
    """Steps at which the dates of the coarse path lie, ascending, the last ``n_step``."""
    return np.unique(np.round(np.linspace(0, n_step, min(NODES, n_step) + 1)[1:]).astype(np.int64))


def bridge_matrix(ends: IntArray) -> FloatArray:
    """(n, n) orthogonal: normals in the order of a Brownian bridge to the standardised moves between the dates ``ends``.

    The first normal carries the end of the path, the second its middle given the end, and so on, halving.
    """
    n = len(ends)
    at = np.concatenate(([0.0], ends.astype(np.float64)))
    path = np.zeros((n + 1, n))  # path at each date as weights on the normals
    path[n, 0] = np.sqrt(at[n])
    waiting, used = [(0, n)], 1
    while waiting:
        left, right = waiting.pop(0)
        middle = (left + right) // 2
        if middle == left:
            continue
        share = (at[middle] - at[left]) / (at[right] - at[left])
        path[middle] = (1.0 - share) * path[left] + share * path[right]
        path[middle, used] = np.sqrt(share * (1.0 - share) * (at[right] - at[left]))
        used += 1
        waiting += [(left, middle), (middle, right)]
    return np.asarray(np.diff(path, axis=0) / np.sqrt(np.diff(at))[:, None])
