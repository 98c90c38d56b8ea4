"""Sums over contracts that do not depend on order or partitioning.

Floating point addition is not associative: the same contracts in other partitions give other last bits.  Values are
therefore rounded once, to whole units of 2^-16 USD, and added as 64-bit integers, which is exact.  The sum of n values
is within n 2^-17 USD of the true sum.
"""

import numpy as np
import numpy.typing as npt

from valuation.compile import rule

Array = npt.NDArray[np.float64]
Fixed = npt.NDArray[np.int64]

FRACTION_BITS = 16
UNIT = 2.0**-FRACTION_BITS
"""Size of one unit, USD."""

FIXED = 2.0**FRACTION_BITS
"""Units of one USD."""

LARGEST = 2.0**46
"""Values of this size and more are refused, USD (70 trillion)."""

_LIMIT = 2**63 - 1


class FixedPointError(ValueError):
    """A value or a sum that whole units of 2^-16 USD in 64 bits cannot hold."""


@rule
def fixed_units(amount: float) -> int:
    """Whole units of one amount, halves upwards: for kernels."""
    units: int = int(np.floor(amount * FIXED + 0.5))
    return units


def to_fixed(values: npt.ArrayLike) -> Fixed:
    """Whole units of 2^-16 USD, rounded to nearest and ties to even; same shape.

    Raises FixedPointError for a value that is not finite or not below 2^46 USD in size.
    """
    usd = np.asarray(values, dtype=np.float64)
    fits = np.abs(usd) < LARGEST  # False for nan too
    if not fits.all():
        where = tuple(int(i) for i in np.argwhere(~fits)[0])
        raise FixedPointError(
            f"value {usd[where]} at index {where}; allowed are finite amounts below {LARGEST:.0f} USD in size: "
            "look at the contract or scenario of that index"
        )
    return np.asarray(np.rint(usd * 2.0**FRACTION_BITS).astype(np.int64))


def from_fixed(units: Fixed) -> Array:
    """USD of whole units; exact below 2^37 USD, above it rounded to the nearest float64."""
    return np.asarray(units, dtype=np.int64).astype(np.float64) * UNIT


def sum_fixed(units: Fixed, axis: int = 0) -> Fixed:
    """Exact sum along ``axis``; raises FixedPointError if 64 bits could overflow."""
    fixed = np.asarray(units, dtype=np.int64)
    if fixed.size:
        largest = max(int(fixed.max()), -int(fixed.min()))
        if largest * fixed.shape[axis] > _LIMIT and _largest_sum(fixed, axis) > _LIMIT:
            raise FixedPointError(_overflow(fixed.shape[axis], largest))
    return np.asarray(fixed.sum(axis=axis, dtype=np.int64))


def add_fixed(total: Fixed, part: Fixed) -> Fixed:
    """Exact sum of two arrays of units, the running total and one partition; raises FixedPointError on overflow."""
    a, b = np.broadcast_arrays(np.asarray(total, dtype=np.int64), np.asarray(part, dtype=np.int64))
    with np.errstate(over="ignore"):
        added = a + b
    wrapped = ((a ^ added) & (b ^ added)) < 0
    if wrapped.any():
        raise FixedPointError(_overflow(2, int(np.abs(a[wrapped][0].astype(np.float64)))))
    return np.asarray(added)


def _largest_sum(fixed: Fixed, axis: int) -> int:
    """Largest sum of sizes along the axis, in whole numbers without limit."""
    return max(int(s) for s in np.atleast_1d(np.abs(fixed.astype(object)).sum(axis=axis)).ravel())


def _overflow(n: int, largest: int) -> str:
    return (
        f"the sum of {n} values of up to {largest * UNIT:.0f} USD does not fit 64 bits in units of 2^-16 USD; "
        f"allowed is a total below {_LIMIT * UNIT:.0f} USD: look for a value in the wrong unit"
    )
