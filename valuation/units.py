"""Units and Unit Prices.

Rules     UNIT-1 to UNIT-9 (prospectus 7466-7496, 7586-7598, 8864-8867, 10283-10301)
Readings  A-UNIT-1, -2: the daily equivalent of an annual charge is the effective one over calendar days, the two other
          readings stand beside it; A-UNIT-3: Units are not rounded unless ``truncate3`` asks for it, as the printed
          example does; A-UNIT-4: the first Unit Price of a class is 10; A-UNIT-6: a new charge class applies from the
          Valuation Day after the change
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuation.compile import kernel, routine

Array = NDArray[np.float64]
Days = NDArray[np.int64]

EFFECTIVE, SIMPLE, COMPOUND = 0, 1, 2
CONVENTIONS = {"effective": EFFECTIVE, "simple": SIMPLE, "compound": COMPOUND}
"""Readings of "the daily equivalent of the annual charge" by name; the first is the decided one."""

FIRST_UNIT_PRICE = 10.0
"""Unit Price of every class on its first day, USD.  Source: UNIT-8."""


@routine
def daily_charge(c: float, n: float, convention: int = EFFECTIVE) -> float:
    """Share of the assets deducted for ``n`` calendar days of an annual charge ``c`` (a fraction).

    EFFECTIVE  1 - (1 - c)^(n/365): a year without growth costs exactly ``c``
    SIMPLE     c n / 365
    COMPOUND   (1 + c)^(n/365) - 1

    Source: UNIT-4.
    """
    if convention == SIMPLE:
        return c * n / 365.0
    if convention == COMPOUND:
        return float((1.0 + c) ** (n / 365.0) - 1.0)
    return float(1.0 - (1.0 - c) ** (n / 365.0))


@routine
def asset_ratio(nav: float, distribution: float, prior_nav: float) -> float:
    """Value of the assets today over that of the preceding Valuation Day, flows ignored.

    ``nav`` and ``prior_nav``  net asset value per share, USD
    ``distribution``           dividend per share with its ex-date in the period, USD

    Source: UNIT-5 (prospectus 10295-10298).
    """
    return (nav + distribution) / prior_nav


@routine
def net_investment_factor(asset_ratio: float, c: float, n: float) -> float:
    """Unit Price today over that of the preceding Valuation Day, ``n`` calendar days ago, for annual charge ``c``.

    Source: UNIT-2, UNIT-3 (prospectus 10283-10294).
    """
    return asset_ratio - daily_charge(c, n, EFFECTIVE)


@routine
def units_of(amount: float, unit_price: float, truncate3: bool = False) -> float:
    """Units that ``amount`` USD, not negative, buys or sells; cut to three decimals if ``truncate3``.

    Source: UNIT-1, UNIT-9 (prospectus 7487-7496).
    """
    units = amount / unit_price
    if truncate3:
        return math.floor(units * 1000.0 + 1e-6) / 1000.0  # the millionth keeps a quotient of three decimals whole
    return units


@routine
def rebased_units(units: float, old_price: float, new_price: float) -> float:
    """Units of the new charge class worth what ``units`` of the old one are worth today.

    Source: UNIT-7 (prospectus 7586-7598).
    """
    return units * old_price / new_price


def unit_prices(
    navs: ArrayLike,
    distributions: ArrayLike,
    days: Days,
    charge_classes: ArrayLike,
    convention: str = "effective",
    first: ArrayLike = FIRST_UNIT_PRICE,
) -> Array:
    """Unit Prices of all Sub-accounts and charge classes: (n_day, n_class, n_sub), USD.

    navs            (n_day, n_sub) net asset value per share, USD
    distributions   (n_day, n_sub) USD per share with ex-date after the preceding day and not after the day
    days            (n_day,) day numbers of successive Valuation Days
    charge_classes  (n_class,) annual charge deducted daily, fraction
    first           on the first day, (n_class, n_sub) or one for all: those of an earlier call go on with the same bits

    Raises ValueError for shapes that do not fit, days out of order, or a value that is no price or charge.
    Source: UNIT-2 to UNIT-8.
    """
    assets, paid = np.array(navs, dtype=np.float64), np.array(distributions, dtype=np.float64)
    classes = np.array(charge_classes, dtype=np.float64)
    if convention not in CONVENTIONS:
        raise ValueError(f"charge convention {convention!r}: choose one of {', '.join(CONVENTIONS)}")
    _check(assets, paid, days, classes)
    prices = np.empty((len(days), len(classes), assets.shape[1]))
    prices[:1] = first
    _roll(assets, paid, np.diff(days).astype(np.float64), classes, CONVENTIONS[convention], prices)
    if not prices.min(initial=np.inf) > 0.0:
        day, c, s = (int(i) for i in np.argwhere(~(prices > 0.0))[0])
        raise ValueError(
            f"Unit Price of Sub-account {s}, charge {classes[c]}, on {np.datetime64(int(days[day]), 'D')} would be "
            f"{prices[day, c, s]}, must be positive: check the net asset values"
        )
    return prices


@kernel
def _roll(navs: Array, distributions: Array, elapsed: Array, classes: Array, convention: int, prices: Array) -> None:
    for d in range(1, prices.shape[0]):
        for c in range(prices.shape[1]):
            charge = daily_charge(classes[c], elapsed[d - 1], convention)
            for s in range(prices.shape[2]):
                ratio = asset_ratio(navs[d, s], distributions[d, s], navs[d - 1, s])
                prices[d, c, s] = prices[d - 1, c, s] * (ratio - charge)


def _check(navs: Array, distributions: Array, days: Days, classes: Array) -> None:
    if navs.ndim != 2 or navs.shape != distributions.shape or navs.shape[:1] != np.shape(days) or classes.ndim != 1:
        raise ValueError(
            f"unit prices: net asset values {navs.shape}, distributions {distributions.shape}, days {np.shape(days)}, "
            f"charges {classes.shape}; need (n_day, n_sub), (n_day, n_sub), (n_day,), (n_class,)"
        )
    if np.any(np.diff(days) <= 0):
        raise ValueError("unit prices: days must ascend, one row a Valuation Day")
    if np.any(~((classes >= 0.0) & (classes < 1.0))):
        raise ValueError(f"unit prices: annual charges {classes.tolist()} must be fractions from 0 to less than 1")
    for name, values, good in (
        ("net asset value", navs, (navs > 0.0) & np.isfinite(navs)),
        ("distribution", distributions, (distributions >= 0.0) & np.isfinite(distributions)),
    ):
        if not good.all():
            day, s = (int(i) for i in np.argwhere(~good)[0])
            when = np.datetime64(int(days[day]), "D")
            need = "positive" if values is navs else "zero or positive"
            raise ValueError(f"{name} of Sub-account {s} on {when} is {values[day, s]}, must be {need}")
