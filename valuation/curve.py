"""The zero curve of a valuation date; `valuation.bootstrap` makes it from Treasury par yields.

Method     log-linear in discount factors: forward rates are constant between two knots, and the last of them holds
           beyond the longest.
Time       years of 365 days from the curve's date; rates continuously compounded, fractions a year.
Key rates  a bump of one key rate adds a hat function to the zero rate: full at its own maturity, nothing from the next
           key rate on either side, flat outside the first and the last.  Bumping all eight shifts the curve in parallel
           (T. Ho, "Key rate durations", Journal of Fixed Income 2 (1992)).
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

TENOR_MONTHS = (1, 3, 6, 12, 24, 36, 60, 84, 120, 240, 360)
"""Maturities of the Treasury par curve, months."""

KEY_RATES = (1, 2, 3, 5, 7, 10, 20, 30)
"""Maturities at which interest rate sensitivities are measured, years."""


class ParYields(NamedTuple):
    """Treasury par yields for one date."""

    as_of: date  # the date the curve is for
    months: tuple[int, ...]  # maturities, ascending
    yields: Array  # (n,) fractions a year, bond-equivalent; NaN where none was published


@dataclass(frozen=True, eq=False)
class ZeroCurve:
    """Discount factors of one date; build it with `from_zero_rates`, `flat` or `valuation.bootstrap.bootstrap`.

    times       (n,) years, ascending and positive
    zero_rates  (n,) continuously compounded, fractions a year
    key_shifts  (8,) what was added to the zero rate at each of `KEY_RATES`
    """

    as_of: date
    times: Array
    zero_rates: Array
    key_shifts: Array

    def discount(self, t: ArrayLike) -> Array:
        """Price at the curve's date of 1 USD paid after ``t`` years; shape of ``t``."""
        years = _checked(t)
        return np.exp(-self._integral(years))

    def zero_rate(self, t: ArrayLike) -> Array:
        """Continuously compounded rate to ``t`` years; at 0 the limit from the right."""
        years = np.maximum(_checked(t), 1e-9)
        return self._integral(years) / years

    def forward(self, t1: ArrayLike, t2: ArrayLike) -> Array:
        """Continuously compounded rate between ``t1`` and ``t2`` years, ``t1 < t2``; shapes broadcast."""
        start, end = _checked(t1), _checked(t2)
        if np.any(end <= start):
            raise ValueError("forward rate: every t2 must be greater than its t1")
        return (self._integral(end) - self._integral(start)) / (end - start)

    def bumped(self, tenor: int, size: float) -> "ZeroCurve":
        """The curve with ``size`` added to the key rate of ``tenor`` years, one of `KEY_RATES`."""
        if tenor not in KEY_RATES:
            raise ValueError(f"key rate of {tenor} years: choose one of {', '.join(map(str, KEY_RATES))}")
        shifts = self.key_shifts.copy()
        shifts[KEY_RATES.index(tenor)] += size
        return replace(self, key_shifts=shifts)

    def shifted(self, size: float) -> "ZeroCurve":
        """The curve with ``size`` added to every zero rate."""
        return replace(self, key_shifts=self.key_shifts + size)

    def _integral(self, years: Array) -> Array:
        """Minus the logarithm of the discount factor."""
        knots = np.concatenate(([0.0], self.times))
        values = np.concatenate(([0.0], self.times * self.zero_rates))
        last_forward = (values[-1] - values[-2]) / (knots[-1] - knots[-2])
        beyond = np.maximum(years - knots[-1], 0.0)
        base = np.interp(years, knots, values) + last_forward * beyond
        return np.asarray(base + years * np.interp(years, KEY_RATES, self.key_shifts))


def key_rate_hats(t: ArrayLike) -> Array:
    """Change of the zero rate at ``t`` years by a unit bump of each key rate: shape of ``t`` plus (8,), sum 1."""
    years = _checked(t)
    return np.stack([np.interp(years, KEY_RATES, unit) for unit in np.eye(len(KEY_RATES))], axis=-1)


def from_zero_rates(as_of: date, times: ArrayLike, zero_rates: ArrayLike) -> ZeroCurve:
    """A curve through continuously compounded ``zero_rates`` at ``times`` in years, ascending and positive."""
    knots, rates = np.array(times, dtype=np.float64), np.array(zero_rates, dtype=np.float64)
    if knots.ndim != 1 or len(knots) == 0 or knots.shape != rates.shape:
        raise ValueError(f"curve of {as_of}: {knots.shape} times and {rates.shape} zero rates, need one rate a time")
    if knots[0] <= 0.0 or np.any(np.diff(knots) <= 0.0) or not np.all(np.isfinite(rates)):
        raise ValueError(f"curve of {as_of}: times must be positive and ascending, zero rates finite")
    return ZeroCurve(as_of, knots, rates, np.zeros(len(KEY_RATES)))


def flat(as_of: date, rate: float) -> ZeroCurve:
    """A curve with the same continuously compounded ``rate`` for all maturities."""
    return from_zero_rates(as_of, [1.0], [rate])


def _checked(t: ArrayLike) -> Array:
    years = np.asarray(t, dtype=np.float64)
    if np.any(~(years >= 0.0)):
        raise ValueError(f"time {float(years.min())} years: discount factors are for times of 0 years and later")
    return years
