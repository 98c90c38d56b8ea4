"""Who owns the contracts of a demonstration block, and what they buy.

Contract n is the same whatever the number of contracts: every quantity has its own stream of random numbers, in which
contract n takes the n-th number.

Source of the bounds: PUR-1, PUR-4, INV-2, EL-1, EL-3, EL-4, EL-6, EL-7 (prospectus 507-519, 1248-1269, 3527-3531, 5585-5588,
6231-6234).
"""

import hashlib
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from valuation.sessions import valuation_days
from valuation.terms import load_terms
from valuation.terms.benefits import load_gmib_terms

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

FIRST_ISSUE, LAST_ISSUE = date(2007, 12, 3), date(2008, 8, 29)
NO_PLAN, HD7, SHD7, TI, TIS, HD, TAHD, GMIB = range(8)
SERIES_B, SERIES_L, SERIES_X = range(3)
NQ, IRA, ROTH, SEP = range(4)
NEVER = -1
STEPS = 20
"""Allocations are in steps of one twentieth."""
_FUNDS = 10


class Streams(NamedTuple):
    """Random numbers of all contracts: Philox, keyed by seed, quantity and slot."""

    seed: int
    contracts: int

    def uniform(self, quantity: str, slot: int = 0) -> Floats:
        """One number of (0, 1) for each contract."""
        name = int.from_bytes(hashlib.sha256(quantity.encode()).digest()[:5], "big") << 24
        key = np.array([self.seed, name + slot], dtype=np.uint64)
        return np.random.Generator(np.random.Philox(key=key)).random(self.contracts) * (1.0 - 2.0**-52) + 2.0**-53

    def normal(self, quantity: str, slot: int = 0) -> Floats:
        """One standard normal number for each contract."""
        return np.asarray(ndtri(self.uniform(quantity, slot)))

    def below(self, quantity: str, limit: int, slot: int = 0) -> Integers:
        """One of 0 .. limit - 1 for each contract."""
        return np.asarray((self.uniform(quantity, slot) * limit).astype(np.int64))

    def pick(self, quantity: str, shares: tuple[float, ...], slot: int = 0) -> Integers:
        """One of ``len(shares)`` choices for each contract."""
        edges = np.cumsum(shares)[:-1]
        return np.searchsorted(edges, self.uniform(quantity, slot), side="right").astype(np.int64)


class People(NamedTuple):
    """One row a contract."""

    series: Integers
    plan: Integers  # living benefit, at issue or later
    elected: Integers  # months after issue, 0 at issue, NEVER
    issue: Integers  # day number
    tax: Integers
    entity: Flags
    owner_birth: Integers  # day number
    owner_male: Flags
    annuitant_birth: Integers
    annuitant_male: Flags
    spouse_birth: Integers  # 0: none
    spouse_male: Flags
    premium: Floats  # USD
    weights: Integers  # (n, 10) twentieths, by Permitted Sub-account


def people(seed: int, count: int) -> People:
    """The first ``count`` contracts of a seed."""
    s = Streams(seed, count)
    series = s.pick("series", (0.45, 0.35, 0.20))
    # 75% Highest Daily 7, 15% Spousal, a few of each elected after issue, a few of them TrueIncome, TrueAccumulation or
    # Highest Daily; of the rest a few have the Guaranteed Minimum Income Benefit, the others none
    choice = s.pick("plan", (0.70, 0.05, 0.13, 0.02, 0.10))
    plan = np.array([HD7, HD7, SHD7, SHD7, NO_PLAN])[choice]
    later = (choice == 1) | (choice == 3)
    elected = np.where(plan == NO_PLAN, NEVER, np.where(later, 1 + s.below("elected", 6), 0))
    days = valuation_days(FIRST_ISSUE, LAST_ISSUE)
    issue = days[s.below("issue", len(days))]
    age = _issue_age(s, series, plan)
    owner_birth = _born(issue, age, s.below("birthday", 360))
    owner_male = s.uniform("sex") < 0.52
    tax = s.pick("tax", (0.38, 0.45, 0.10, 0.07))
    entity = (tax == NQ) & (plan != SHD7) & (s.uniform("entity") < 0.05)
    other = (plan == NO_PLAN) & ~entity & (s.uniform("other") < 0.2)
    other_age = np.clip(age + np.rint(-2.0 + 6.0 * s.normal("other age")), 30, 85).astype(np.int64)
    other_birth = _born(issue, other_age, s.below("other birthday", 360))
    young = np.where(other, other_age, age) <= load_gmib_terms().election_last_age
    income = (plan == NO_PLAN) & young & (s.uniform("income benefit") < 0.3)
    plan, elected = np.where(income, GMIB, plan), np.where(income, 0, elected)
    spouse_age = np.clip(age + np.rint(-1.0 + 4.0 * s.normal("spouse age")), 60, 85).astype(np.int64)
    spouse_birth = np.where(plan == SHD7, _born(issue, spouse_age, s.below("spouse birthday", 360)), 0)
    # who bought Highest Daily 7 may have bought TrueIncome: the ages it asks for are lower
    true_income = np.isin(plan, (HD7, SHD7)) & (s.uniform("true income") < 0.03)
    # or TrueAccumulation, which asks for no least age
    accumulation = (plan == HD7) & ~true_income & (s.uniform("true accumulation") < 0.03)
    # or the older Highest Daily
    older = (plan == HD7) & ~true_income & ~accumulation & (s.uniform("highest daily") < 0.03)
    bought = np.select([true_income, accumulation, older], [plan + TI - HD7, TAHD, HD], plan)
    return People(
        series,
        bought,
        elected,
        issue,
        tax,
        entity,
        owner_birth,
        owner_male,
        np.where(other, other_birth, owner_birth),
        np.where(other, ~owner_male, owner_male),
        spouse_birth,
        ~owner_male,
        _premium(s, series),
        allocation(s, "allocation"),
    )


def _issue_age(s: Streams, series: Integers, plan: Integers) -> Integers:
    mean = np.array([57.0, 64.0, 66.0])[plan]
    spread = np.array([9.0, 6.5, 5.0])[plan]
    least = np.array([45, 55, 60])[plan]
    most = np.minimum(80, np.array(load_terms(True).purchase.maximum_issue_age)[series])
    return np.clip(np.rint(mean + spread * s.normal("age")), least, most).astype(np.int64)


def _born(issue: Integers, age: Integers, days: Integers) -> Integers:
    """Birth dates of people of an attained age on the Issue Date, ``days`` + 1 days after their birthday."""
    return months_later(issue, -12 * age) - days - 1


def _premium(s: Streams, series: Integers) -> Floats:
    least = np.array(load_terms(True).purchase.minimum_initial)[series]
    median = np.array([50_000.0, 85_000.0, 90_000.0])[series]
    spread = np.array([1.1, 0.8, 0.8])[series]
    drawn = median * np.exp(spread * s.normal("premium"))
    return np.asarray(np.clip(np.rint(drawn / 100.0) * 100.0, least, 900_000.0))


def allocation(s: Streams, quantity: str, slot: int = 0) -> Integers:
    """Twentieths over one to five Permitted Sub-accounts, at least one each, (n, 10)."""
    drawn = np.stack([s.uniform(f"{quantity} {k}", slot) for k in range(_FUNDS)], axis=1)
    size = 1 + s.pick(f"{quantity} size", (0.15, 0.25, 0.3, 0.2, 0.1), slot)
    rank = np.argsort(np.argsort(-drawn, axis=1), axis=1)
    chosen = rank < size[:, None]
    share = np.where(chosen, 0.3 + np.stack([s.uniform(f"{quantity} share {k}", slot) for k in range(_FUNDS)], 1), 0.0)
    free = (STEPS - size)[:, None] * share / share.sum(axis=1, keepdims=True)
    parts = chosen + np.floor(free).astype(np.int64)
    first = np.argmin(rank, axis=1)
    parts[np.arange(s.contracts), first] += STEPS - parts.sum(axis=1)
    return np.asarray(parts, dtype=np.int64)


def months_later(days: Integers, months: Integers | int) -> Integers:
    """The same day of the month some months later; of the 29th to the 31st the 28th, so that every month has it."""
    dates = days.astype("datetime64[D]")
    start = dates.astype("datetime64[M]")
    of_month = np.minimum((dates - start.astype("datetime64[D]")).astype(np.int64), 27)
    return np.asarray((start + months).astype("datetime64[D]").astype(np.int64) + of_month)
