"""How often the highest value is looked at: the same paths on fewer days, and what that loses of a maximum.

The contract compares on every Valuation Day.  A projection of coarser steps sees fewer values and understates what a
guarantee locks in; a Brownian bridge draws the maximum between two observations.  This is a study of one guarantee, the
Periodic Value before its Tenth Anniversary; the kernels know nothing of it and take every Valuation Day.

Source: HD7-3 (prospectus 5640-5652); Beaglehole, Dybvig, Zhou, "Going to extremes: correcting simulation bias in exotic
option valuation", Financial Analysts Journal 53 (1997) (the bridge); Broadie, Glasserman, Kou, "Connecting discrete and
continuous path-dependent options", Finance and Stochastics 3 (1999) (the shift).
"""

import numpy as np
import numpy.typing as npt

from valuation.clock import months_after
from valuation.scenarios.grid import DAYS_PER_YEAR, DISCOUNT

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

DAILY, WEEKLY, MONTHLY = "daily", "weekly", "monthly"
STEPS = (DAILY, WEEKLY, MONTHLY)
_DAYS_OF_A_WEEK = 5
_SHIFT = 0.5825971579390107
"""-zeta(1/2) / sqrt(2 pi): a maximum observed n times is lower by this times the standard deviation of one interval."""


def places(days: Integers, as_of: int, step: str) -> Integers:
    """Places of the Valuation Days that a projection of coarser steps keeps; the last is always one.

    ``step``  daily: all; weekly: every fifth; monthly: those on which a month after ``as_of`` ends, as the projection has it
    """
    if step not in STEPS:
        raise ValueError(f"step {step!r} is unknown; choose one of {', '.join(STEPS)}")
    n_day = len(days)
    if step == DAILY:
        return np.arange(n_day)
    if step == WEEKLY:
        kept = np.arange(_DAYS_OF_A_WEEK - 1, n_day, _DAYS_OF_A_WEEK)
    else:
        ends, month = [], 1
        while months_after(as_of, month) <= days[-1]:
            ends.append(int(np.searchsorted(days, months_after(as_of, month))))
            month += 1
        kept = np.array(ends, dtype=np.int64)
    return np.unique(np.append(kept, n_day - 1))


def observed(tile: Array, kept: Integers) -> Array:
    """A tile (n_day, 6, n_lane) on the days ``kept`` alone: the same paths, less often looked at."""
    first = np.concatenate([[0], kept[:-1] + 1])
    coarse = np.multiply.reduceat(tile[: kept[-1] + 1], first, axis=0)
    coarse[:, DISCOUNT] = tile[kept, DISCOUNT]
    return np.ascontiguousarray(coarse)


def periodic_value(account: Array, opening: float, elapsed: Array, roll_up: float) -> Array:
    """Periodic Value when the last observation is made, (n_lane,) USD, before the Tenth Anniversary and any withdrawal.

    account  (n_step, n_lane) Account Value at the observations, USD; ``opening`` before them
    elapsed  (n_step,) calendar days of each observation since then
    roll_up  annual growth, fraction

    Source: HD7-3 (prospectus 5640-5652).
    """
    years = elapsed / DAYS_PER_YEAR
    highest = np.max(account * ((1.0 + roll_up) ** -years)[:, None], axis=0)
    return np.asarray(np.maximum(highest, opening) * (1.0 + roll_up) ** years[-1])


def bridged_periodic_value(
    account: Array, opening: float, elapsed: Array, roll_up: float, variance: Array, daily: Integers, uniforms: Array
) -> Array:
    """`periodic_value` as daily observation would have it, from the same few observations.

    variance  (n_step,) of the logarithm of the account over each step
    daily     (n_step,) Valuation Days in each step
    uniforms  (n_step, n_lane) numbers of (0, 1)

    Between two observations the logarithm less its growth is a Brownian bridge, whose maximum has an exact distribution;
    the daily maximum is lower than the continuous one by the shift, of first order in the daily deviation.
    """
    years = elapsed / DAYS_PER_YEAR
    values = np.log(account / opening) - np.log1p(roll_up) * years[:, None]
    before = np.concatenate([np.zeros((1, values.shape[1])), values[:-1]])
    spread = variance[:, None]
    peak = 0.5 * (before + values + np.sqrt((values - before) ** 2 - 2.0 * spread * np.log(uniforms)))
    peak -= _SHIFT * np.sqrt(variance / daily)[:, None]
    highest = np.maximum(np.max(peak, axis=0), 0.0)
    return np.asarray(opening * np.exp(highest) * (1.0 + roll_up) ** years[-1])
