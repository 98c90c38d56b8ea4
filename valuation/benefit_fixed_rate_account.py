"""The Benefit Fixed Rate Account of TrueIncome - Highest Daily: amounts at declared rates, last in, first out.

Provisions   HD-17, ATF-9, LB-FEE-5 (prospectus 569-575, 5335-5339, 5443-5448, 5505-5540)
Clock        calendar days over 365; an amount keeps its rate for one year from its date, by nominal dates
Inputs       the annual rate declared for each Valuation Day, after its reduction for the benefit's charge
Readings     A-37; README decisions 2, 7 and 13 of the specification
"""

from typing import NamedTuple

import numpy as np

from valuation.clock import months_after
from valuation.compile import routine, rule
from valuation.contract import Array, Integers

CAPACITY = 366
"""Layers that can be in use at once: one a date, and none stays a year without a new date."""


class FixedLayers(NamedTuple):
    """Amounts in order of their dates; ``used[0]`` of the rows are in use, and no two have the same date."""

    day: Integers  # (n,) date of the transfer or of the latest renewal
    amount: Array  # (n,) with interest, USD
    rate: Array  # (n,) annual effective rate, fraction
    used: Integers  # (1,)


def no_layers(capacity: int = CAPACITY) -> FixedLayers:
    """An empty account."""
    dates, used = np.zeros(capacity, dtype=np.int64), np.zeros(1, dtype=np.int64)
    return FixedLayers(dates, np.zeros(capacity), np.zeros(capacity), used)


@rule
def reduced_rate(earned: float, charge: float) -> float:
    """The rate declared where only the rate before its reduction for the charge is known; never below 0.

    Source: LB-FEE-5 (prospectus 5445-5448).
    """
    return max(0.0, earned - charge)


@routine
def fixed_value(layers: FixedLayers) -> float:
    """F of the transfer formula: the value of all layers, USD.  Source: ATF-1 (prospectus 9729)."""
    value = 0.0
    for k in range(layers.used[0]):
        value += layers.amount[k]
    return value


@rule
def fixed_part(amount: float, permitted: float, fixed: float) -> float:
    """What an amount spread over the Sub-accounts and this account puts here, or takes from here, USD.

    Withdrawals, fees and the Return of Principal are spread in proportion to the values.

    Source: HD-12, HD-17, A-37 (prospectus 5412-5417).
    """
    return amount * fixed / (permitted + fixed) if permitted + fixed > 0.0 else 0.0


@routine
def put(layers: FixedLayers, amount: float, rate: float, day: int) -> None:
    """A layer of its own; two amounts of one date are one layer, as they have one rate.

    ``day``  not before the latest layer's

    Source: HD-17 (prospectus 5514-5520).
    """
    if amount <= 0.0:
        return
    last = layers.used[0] - 1
    if last >= 0 and layers.day[last] == day:
        layers.amount[last] += amount
        return
    layers.day[last + 1] = day
    layers.amount[last + 1] = amount
    layers.rate[last + 1] = rate
    layers.used[0] += 1


@routine
def take(layers: FixedLayers, amount: float) -> float:
    """Take ``amount`` out, the latest layer first, at most what is there; the amount taken, USD.

    Source: HD-17 (prospectus 5510-5513).
    """
    left = amount
    while left > 0.0 and layers.used[0] > 0:
        last = layers.used[0] - 1
        part = min(layers.amount[last], left)
        layers.amount[last] -= part
        left -= part
        if layers.amount[last] <= 0.0:
            layers.used[0] = last
    return amount - left


@routine
def move(layers: FixedLayers, transfer: float, rate: float, today: int) -> None:
    """A transfer of the formula: above 0 into a layer at today's rate, below 0 out.  Source: ATF-5, ATF-6, HD-17."""
    if transfer > 0.0:
        put(layers, transfer, rate, today)
    else:
        take(layers, -transfer)


@rule
def interest(rate: float, days: float) -> float:
    """Growth over days at the daily equivalent of an annual rate.  Source: HD-17, C-10 (prospectus 5514-5520)."""
    return float((1.0 + rate) ** (days / 365.0))


@routine
def layer_growth(start: int, end: int, prior: int, today: int, rate: float, declared: float) -> float:
    """Growth of one layer since the prior Valuation Day, less than a year ago.

    A layer earns its rate to its anniversary and from there the rate declared for today, when its renewal is processed.

    ``start``, ``end``  its date, and the anniversary that ends its rate

    Source: HD-17, FIX-2, README decision 13 (prospectus 2240-2263, 5510-5520).
    """
    first = max(prior, start)
    if end <= today:
        return interest(rate, float(end - first)) * interest(declared, float(today - end))
    return interest(rate, float(today - first))


@routine
def _renew_first(layers: FixedLayers, rate: float, day: int) -> None:
    """The oldest layer becomes the newest."""
    amount = layers.amount[0]
    layers.used[0] -= 1
    for k in range(layers.used[0]):
        layers.day[k] = layers.day[k + 1]
        layers.amount[k] = layers.amount[k + 1]
        layers.rate[k] = layers.rate[k + 1]
    put(layers, amount, rate, day)


@routine
def credit_interest(layers: FixedLayers, months: float, prior: int, today: int, rate: float) -> float:
    """Interest from the prior Valuation Day, less than a year ago, to today, and renewals; the interest, USD.

    The new date of a layer that is renewed is its anniversary.

    ``months``  for which a layer keeps its rate
    ``rate``    declared for today

    Source: HD-17, README decision 13 (prospectus 5510-5520).
    """
    before = fixed_value(layers)
    renewed = 0
    for k in range(layers.used[0]):
        end = months_after(layers.day[k], int(months))
        layers.amount[k] *= layer_growth(layers.day[k], end, prior, today, layers.rate[k], rate)
        if end <= today:
            renewed += 1
    value = fixed_value(layers)
    for _ in range(renewed):
        _renew_first(layers, rate, months_after(layers.day[0], int(months)))
    return value - before
