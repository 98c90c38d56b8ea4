"""What the Owners of a demonstration block do, from issue to a last day.

Whether and when an Owner acts is assumed here; what it does to the contract is not: amounts are shares of the payments,
never of benefits, so that some requests exceed what the contract allows without a charge or an excess.

Source of the bounds: PUR-2, WD-2, RMD-1, RMD-2, ANN-1 (prospectus 2696-2700, 3139-3147, 3236-3240, 3372, 8122-8135).
"""

from typing import NamedTuple

import numpy as np

from tasks.demo_people import (
    GMIB,
    HD,
    HD7,
    IRA,
    NEVER,
    NO_PLAN,
    SEP,
    STEPS,
    TAHD,
    Flags,
    Floats,
    Integers,
    People,
    Streams,
    allocation,
    months_later,
)
from valuation.schema import ELECTABLE, KINDS
from valuation.terms import load_terms

DAY = 86_400
NOT = -1
GROSS, NET = range(2)
_YEAR = 365.25
_RMD_FROM_MONTHS = 846  # 70 1/2 years

UNIFORM_LIFETIME = np.array(
    [
        *(27.4, 26.5, 25.6, 24.7, 23.8, 22.9, 22.0, 21.2, 20.3, 19.5, 18.7, 17.9, 17.1, 16.3, 15.5, 14.8, 14.1),
        *(13.4, 12.7, 12.0, 11.4, 10.8, 10.2, 9.6, 9.1, 8.6, 8.1, 7.6, 7.1, 6.7, 6.3),
    ]
)
"""Distribution periods by age from 70 to 100, 26 CFR 1.401(a)(9)-9 as in force in 2008, years."""


class Acts(NamedTuple):
    """Transactions, one row each."""

    contract: Integers
    received: Integers  # seconds since 1970-01-01, New York wall time
    kind: Integers  # position in KINDS
    amount: Floats  # NaN: none
    basis: Integers  # position in BASES, or NOT
    benefit: Integers  # plan, or NOT
    weights: Integers  # (n, 10) twentieths; zeros: none
    source: Integers  # Permitted Sub-account, or NOT
    target: Integers
    event: Integers  # day number, or NOT


def acts(seed: int, owners: People, last_day: int) -> Acts:
    """All transactions received up to the end of ``last_day``, in order of contract and receipt."""
    s = Streams(seed, owners.series.size)
    months = int((last_day - owners.issue.min()) // 28) + 1 if owners.issue.size else 0
    parts = [_issue(s, owners), _election(s, owners), _death_benefit(s, owners)]
    for month in range(1, months + 1):
        parts += [one(s, owners, month) for one in _MONTHLY]
    for year in range(_year(owners.issue).min() + 1, _year(np.array([last_day]))[0] + 1):
        parts += _distributions(s, owners, int(year))
    whole = _join(parts)
    whole = _take(whole, whole.received < (last_day + 1) * DAY)
    order = np.lexsort((np.arange(whole.kind.size), whole.received, whole.contract))
    return _until_the_end(_take(whole, order))


def _make(
    kind: str,
    who: Flags,
    received: Integers,
    amount: Floats | None = None,
    basis: Integers | None = None,
    benefit: Integers | None = None,
    weights: Integers | None = None,
    source: Integers | None = None,
    target: Integers | None = None,
    event: Integers | None = None,
) -> Acts:
    """One transaction of each contract of ``who``; all arguments have one row a contract."""
    at = np.flatnonzero(who)
    none = np.full(at.size, NOT, dtype=np.int64)

    def given(values: Integers | None) -> Integers:
        return none if values is None else values[at]

    return Acts(
        at,
        received[at],
        np.full(at.size, KINDS.index(kind), dtype=np.int64),
        np.full(at.size, np.nan) if amount is None else np.round(amount[at], 2),
        given(basis),
        given(benefit),
        np.zeros((at.size, 10), dtype=np.int64) if weights is None else weights[at],
        given(source),
        given(target),
        given(event),
    )


def _join(parts: list[Acts]) -> Acts:
    return Acts._make(np.concatenate([part[i] for part in parts]) for i in range(len(Acts._fields)))


def _take(whole: Acts, rows: Flags | Integers) -> Acts:
    return Acts._make(column[rows] for column in whole)


def _some_time(s: Streams, owners: People, what: str, month: int) -> Integers:
    """A time from 8 in the morning to 7 in the evening on any calendar day of the contract's month."""
    day = months_later(owners.issue, month) + s.below(f"{what} day", 28, month)
    return day * DAY + 8 * 3600 + s.below(f"{what} time", 11 * 3600, month)


def _issue(s: Streams, owners: People) -> Acts:
    received = owners.issue * DAY + 8 * 3600 + s.below("issue time", 4 * 3600)
    return _make("ISSUE", np.ones(s.contracts, np.bool_), received, owners.premium, weights=owners.weights)


def _election(s: Streams, owners: People) -> Acts:
    received = owners.issue * DAY + 8 * 3600 + s.below("issue time", 4 * 3600)
    return _make("ELECTION", owners.elected == 0, received, benefit=owners.plan - HD7)


def _death_benefit(s: Streams, owners: People) -> Acts:
    """One contract in twenty elects an optional Death Benefit on issue, where its age and its living benefit let it.

    The Highest Daily Value is only for those without a living benefit, or with the Guaranteed Minimum Income Benefit.

    Source: DB-4, ELE-1 (prospectus 6967-6994).
    """
    received = owners.issue * DAY + 8 * 3600 + s.below("issue time", 4 * 3600)
    oldest = int(load_terms(True).death.election_age)
    who = (np.arange(s.contracts) % 20 == 4) & np.isin(owners.plan, (NO_PLAN, HD7, HD, TAHD, GMIB))
    who &= months_later(owners.owner_birth, 12 * (oldest + 1)) > owners.issue
    daily = np.isin(owners.plan, (NO_PLAN, GMIB)) & (s.uniform("death benefit") < 0.5)
    chosen = np.where(daily, ELECTABLE.index("HDV"), ELECTABLE.index("COMBINATION"))
    return _make("ELECTION", who, received, benefit=chosen)


def _later_election(s: Streams, owners: People, month: int) -> Acts:
    received = _some_time(s, owners, "election", month)
    return _make("ELECTION", owners.elected == month, received, benefit=owners.plan - HD7)


def _requires(owners: People, last: Integers) -> Flags:
    """Whose Required Minimum Distributions have begun by the day ``last``."""
    ready = months_later(owners.owner_birth, _RMD_FROM_MONTHS) <= last
    return np.asarray(ready & ((owners.tax == IRA) | (owners.tax == SEP)))


def _programme(s: Streams, owners: People, month: int) -> Acts:
    """Systematic withdrawals of 5% of the first payment a year, monthly, quarterly or once a year."""
    start = 1 + s.below("programme start", 9)
    every = np.array([1, 3, 12])[s.pick("programme every", (0.45, 0.40, 0.15))]
    amount = owners.premium * 0.05 * every / 12.0
    who = (s.uniform("programme") < 0.3) & (month >= start) & ((month - start) % every == 0)
    scheduled = months_later(owners.issue, month)
    who &= (amount >= load_terms(True).withdrawals.minimum) & ~_requires(owners, scheduled)
    basis = np.where(s.uniform("programme basis") < 0.2, NET, GROSS)
    return _make("WITHDRAWAL", who, scheduled * DAY + 6 * 3600, amount, basis)


def _large_withdrawal(s: Streams, owners: People, month: int) -> Acts:
    who = (s.uniform("large", month) < 0.008) & (owners.premium >= 10_000.0)
    amount = owners.premium * (0.08 + 0.17 * s.uniform("large amount", month))
    basis = np.where(s.uniform("large basis", month) < 0.2, NET, GROSS)
    return _make("WITHDRAWAL", who, _some_time(s, owners, "large", month), amount, basis)


def _payment(s: Streams, owners: People, month: int) -> Acts:
    received = _some_time(s, owners, "payment", month)
    young = (received // DAY - owners.owner_birth) / _YEAR < load_terms(True).purchase.last_age
    amount = np.clip(6_000.0 * np.exp(0.8 * s.normal("payment amount", month)), 100.0, 200_000.0)
    own = (s.uniform("payment own", month) < 0.2)[:, None]
    who = young & (s.uniform("payment", month) < 0.015)
    return _make("PURCHASE_PAYMENT", who, received, amount, weights=np.where(own, allocation(s, "payment", month), 0))


def _transfer(s: Streams, owners: People, month: int) -> Acts:
    source = np.argmax(owners.weights * np.stack([s.uniform(f"source {k}", month) for k in range(10)], 1), axis=1)
    target = (source + 1 + s.below("target", 9, month)) % 10
    share = owners.weights[np.arange(s.contracts), source] / STEPS
    amount = np.maximum(10.0, owners.premium * share * (0.1 + 0.2 * s.uniform("transfer amount", month)))
    who = s.uniform("transfer", month) < 0.012
    return _make("TRANSFER", who, _some_time(s, owners, "transfer", month), amount, source=source, target=target)


def _instructions(s: Streams, owners: People, month: int) -> Acts:
    who = s.uniform("instructions", month) < 0.008
    received = _some_time(s, owners, "instructions", month)
    return _make("ALLOCATION", who, received, weights=allocation(s, "instructions", month))


def _termination(s: Streams, owners: People, month: int) -> Acts:
    who = (owners.plan != NO_PLAN) & (owners.plan != GMIB) & (owners.elected != NEVER) & (month > owners.elected + 1)
    who &= s.uniform("termination", month) < 0.001
    return _make("BENEFIT_TERMINATION", who, _some_time(s, owners, "termination", month))


def _surrender(s: Streams, owners: People, month: int) -> Acts:
    who = s.uniform("surrender", month) < 0.0015
    return _make("SURRENDER", who, _some_time(s, owners, "surrender", month))


def _death(s: Streams, owners: People, month: int) -> Acts:
    """Due proof of death, 5 to 34 days after it; the rate doubles every seven years of age."""
    received = _some_time(s, owners, "death", month)
    age = (received // DAY - owners.owner_birth) / _YEAR
    who = s.uniform("death", month) < 0.012 / 12.0 * 2.0 ** ((age - 65.0) / 7.0)
    died = np.maximum(owners.issue, received // DAY - 5 - s.below("death days", 30, month))
    return _make("DEATH", who, received, event=died)


def _annuitization(s: Streams, owners: People, month: int) -> Acts:
    who = (s.uniform("annuitization", month) < 0.0005) & (month > 36)
    return _make("ANNUITIZATION", who, _some_time(s, owners, "annuitization", month))


_MONTHLY = (
    _later_election,
    _programme,
    _large_withdrawal,
    _payment,
    _transfer,
    _instructions,
    _termination,
    _surrender,
    _death,
    _annuitization,
)


def _distributions(s: Streams, owners: People, year: int) -> list[Acts]:
    """Notice of the year's Required Minimum Distribution in January, and for nine in ten the distribution itself."""
    first, last = (np.datetime64(f"{y}-01-01", "D").astype(np.int64) for y in (year, year + 1))
    who = (_year(owners.issue) < year) & _requires(owners, np.full(s.contracts, last - 1))
    age = year - _year(owners.owner_birth)
    amount = owners.premium / UNIFORM_LIFETIME[np.clip(age - 70, 0, UNIFORM_LIFETIME.size - 1)]
    noticed = (first + 1 + s.below("notice", 14, year)) * DAY + 9 * 3600
    taken = (first + 60 + s.below("distribution day", 270, year)) * DAY + 10 * 3600
    does = who & (s.uniform("distribution", year) < 0.9)
    year_of = np.full(s.contracts, first)
    gross = np.full(s.contracts, GROSS)
    return [
        _make("RMD_NOTICE", who, noticed, amount, event=year_of),
        _make("RMD_WITHDRAWAL", does, taken, amount, gross),
    ]


def _year(days: Integers) -> Integers:
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970)


def _until_the_end(ordered: Acts) -> Acts:
    """Nothing follows what ends a contract, and the dead ask for nothing."""
    size = int(ordered.contract.max(initial=-1)) + 1
    ends = [KINDS.index(kind) for kind in ("SURRENDER", "DEATH", "ANNUITIZATION")]
    never = np.iinfo(np.int64).max
    last_row = np.full(size, never)
    ending = np.flatnonzero(np.isin(ordered.kind, ends))
    np.minimum.at(last_row, ordered.contract[ending], ending)
    final = last_row[ordered.contract]
    closing = np.arange(ordered.kind.size) == final
    died = np.full(size, never)
    at = np.flatnonzero(closing & (ordered.kind == KINDS.index("DEATH")))
    died[ordered.contract[at]] = (ordered.event[at] + 1) * DAY
    alive = ordered.received < died[ordered.contract]
    founding = np.isin(ordered.kind, [KINDS.index("ISSUE")])
    return _take(ordered, closing | founding | ((np.arange(ordered.kind.size) < final) & alive))
