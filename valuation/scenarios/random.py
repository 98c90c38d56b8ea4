"""Counter-based normal draws: each is a pure function of (seed, stream, scenario, factor, time step).

Philox 4x64-10 keyed by (seed, stream); the counter holds (block of four steps, factor, scenario).  One 64-bit word
gives one uniform and, by the inverse normal distribution, one draw, so that any draw can be had without the ones
before it and no draw depends on how scenarios are cut into tiles or on how far the horizon lies.

Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (Philox).
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

FloatArray = npt.NDArray[np.float64]
WORDS_PER_BLOCK = 4
LIMIT = 2**64


class Stream(IntEnum):
    """What draws are for; each purpose has its own key, so no two share a draw."""

    RISK_NEUTRAL_DAYS = 1
    REAL_WORLD_MONTHS = 2
    REAL_WORLD_DAYS = 3
    IMPORTED_DAYS = 4
    FUND_BASIS_DAYS = 5
    SOBOL_BLOCKS = 6
    ACADEMY_MONTHS = 7
    ACADEMY_DAYS = 8
    DECREMENTS = 9
    BRIDGES = 10


def normals(
    seed: int,
    stream: int,
    scenarios: range | Sequence[int] | npt.NDArray[np.int64],
    n_factor: int,
    n_step: int,
    *,
    first_step: int = 0,
    antithetic: bool = False,
) -> FloatArray:
    """Independent standard normal draws, shape (n_step, n_factor, n_scenario).

    ``scenarios`` are scenario numbers, in any order.  With ``antithetic`` scenarios 2j and 2j + 1 hold the draws of
    source j and their negatives.  ``first_step`` starts later on the same path.

    Raises ValueError for a seed outside 0..2**64 - 1, or a negative scenario, stream or step.
    """
    if not 0 <= seed < LIMIT:
        raise ValueError(f"seed {seed} is outside 0..2**64 - 1; give a whole number of at most 64 bits")
    numbers = np.asarray(scenarios, dtype=np.int64)
    if stream < 0 or first_step < 0 or (numbers.size and numbers.min() < 0):
        raise ValueError("stream, first step and scenario numbers count from 0; one of them is negative")
    sources, source_of = np.unique(numbers // 2 if antithetic else numbers, return_inverse=True)
    sign = np.where(numbers % 2 == 1, -1.0, 1.0)[:, None] if antithetic else np.ones((numbers.size, 1))

    out = np.empty((n_step, n_factor, numbers.size))
    words = np.empty((sources.size, n_step), dtype=np.uint64)
    generator = np.random.Philox(key=0)
    for factor in range(n_factor):
        for row, source in enumerate(sources):
            words[row] = _words(generator, seed, stream, int(source), factor, first_step, n_step)
        out[:, factor, :] = (ndtri(_uniform(words))[source_of] * sign).T
    return out


def uniforms(
    seed: int,
    stream: int,
    scenarios: range | Sequence[int] | npt.NDArray[np.int64],
    keys: npt.NDArray[np.uint64],
    n_step: int,
) -> FloatArray:
    """Independent uniform draws of (0, 1), shape (n_key, n_step, n_scenario): a pure function of seed and key as `normals`.

    ``keys`` take the place of the factor, any 64-bit numbers.
    """
    numbers = np.asarray(scenarios, dtype=np.int64)
    out = np.empty((len(keys), n_step, numbers.size))
    generator = np.random.Philox(key=0)
    for k, key in enumerate(keys):
        for lane, source in enumerate(numbers):
            out[k, :, lane] = _uniform(_words(generator, seed, stream, int(source), int(key), 0, n_step))
    return out


def _words(
    generator: np.random.Philox, seed: int, stream: int, source: int, factor: int, first_step: int, n_step: int
) -> npt.NDArray[np.uint64]:
    block, skip = divmod(first_step, WORDS_PER_BLOCK)
    state: Any = {
        "bit_generator": "Philox",
        "state": {
            "counter": np.array([block, factor, source, 0], dtype=np.uint64),
            "key": np.array([seed, stream], dtype=np.uint64),
        },
        "buffer": np.zeros(WORDS_PER_BLOCK, dtype=np.uint64),
        "buffer_pos": WORDS_PER_BLOCK,
        "has_uint32": 0,
        "uinteger": 0,
    }
    generator.state = state
    words: npt.NDArray[np.uint64] = generator.random_raw(skip + n_step)[skip:]
    return words


def _uniform(words: npt.NDArray[np.uint64]) -> FloatArray:
    """Mid-points of 2**52 equal cells of (0, 1): symmetric, and never 0 or 1, whose normals are infinite."""
    uniform: FloatArray = (words >> np.uint64(12)).astype(np.float64)
    uniform += 0.5
    uniform *= 2.0**-52
    return uniform
