"""The illustrations that the prospectus describes and leaves blank: Appendix A, Appendix B, and the days-highest tables.

The daily valuation itself runs on constant returns, so every charge, credit and fee is the law's own.

Provisions  APP-1 to APP-4 (prospectus 8862-8880, 9098-9524); assumptions terms/illustrations.toml
Clock       every day is a Valuation Day; a year has 365 days, 29 February is none of them
Readings    Portfolio expenses are taken as the Insurance Charge is (UNIT-4), so that a net rate is close to
            (1 + g)(1 - e)(1 - c) - 1; nothing is rounded to cents (README decision 4), but the highest Surrender Value is
            found, and ties are, on values in cents; day d is d days after the Issue Date and belongs to year d // 365 + 1
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from valuation.arrays import CHARGE_CLASSES, SERIES, SLOTS
from valuation.block import quote_block, value_block
from valuation.charge_classes import INSURANCE_CHARGES
from valuation.clock import civil, months_after
from valuation.contract import Array, Integers
from valuation.funds import load_fund_map
from valuation.schema import SCHEMAS
from valuation.sessions import day_date
from valuation.terms import Terms, load_terms
from valuation.terms.benefits import load_illustration_terms
from valuation.units import FIRST_UNIT_PRICE, unit_prices

Flags = npt.NDArray[np.bool_]

PRINTED = ("L", "B", "X")
"""Series in the order of the printed tables."""

DAYS_OF_YEAR = int(load_illustration_terms().days_of_year)
"""Days of a year of an illustration."""


class Assumed(NamedTuple):
    """What an illustration assumes."""

    gross: tuple[float, ...]  # returns before all charges, fraction per year
    expense: float  # of the Portfolios, fraction per year
    credit: float  # Purchase Credit of the X Series, fraction of the payment
    investment: float  # Purchase Payment on the Issue Date, USD
    years: int


class Market(NamedTuple):
    """Unit Prices on constant returns; the first day is the one before the Issue Date."""

    days: Integers  # (n,) day numbers
    prices: Array  # (n, n_class, n_slot) USD


class Illustration(NamedTuple):
    """One gross return: the three series at the end of every day from the Issue Date on, in the order of SERIES."""

    gross: float
    net: Array  # (3,) growth of a Unit Price in the first year, fraction
    account: Array  # (365 years + 1, 3) Account Value, USD
    surrender: Array  # (365 years + 1, 3) Surrender Value, USD


class Period(NamedTuple):
    """Days from the Issue Date, both included."""

    first: int
    last: int


def average_expense() -> float:
    """Arithmetic average of the Portfolios' expenses in the fund map, fraction per year.  Source: APP-2."""
    return float(load_fund_map().expense.mean())


def assumptions(
    gross: Sequence[float] | None = None,
    expense: float | None = None,
    credit: float | None = None,
    investment: float | None = None,
) -> Assumed:
    """The prospectus's assumptions, with what is given in their place.

    Raises ValueError for what no Annuity can have.  Source: APP-2 (prospectus 9106-9124).
    """
    printed, law = load_illustration_terms(), load_terms(False)
    returns = printed.gross_returns if gross is None else tuple(gross)
    cost = average_expense() if expense is None else expense
    rate = law.purchase.credit_rate if credit is None else credit
    amount = printed.investment if investment is None else investment
    for name, values, low, high in (
        ("gross return", returns, -0.5, 0.5),
        ("expense of the Portfolios", (cost,), 0.0, 0.1),
        ("Purchase Credit", (rate,), 0.0, 0.2),
        ("investment", (amount,), max(law.purchase.minimum_initial), 1e9),
    ):
        bad = [value for value in values if not low <= value <= high]
        if bad:
            raise ValueError(f"{name} {bad[0]:g} cannot be illustrated; allowed is {low:g} to {high:g}: correct it")
    if not 1 <= len(returns) < len(SLOTS) or len(set(returns)) != len(returns):
        raise ValueError(f"{len(returns)} gross returns; allowed are 1 to {len(SLOTS) - 1}, each once: choose fewer")
    return Assumed(returns, cost, rate, amount, int(printed.years))


def constant_market(gross: Sequence[float], expense: float, charges: Sequence[float], years: int) -> Market:
    """Unit Prices that grow by constant returns, one of ``gross`` a Sub-account; the last for all that are left.

    ``charges``  annual charges deducted daily, a class each

    Source: UNIT-2 to UNIT-4, APP-3.
    """
    n, issue = years * DAYS_OF_YEAR + 2, int(load_illustration_terms().issue)
    numbers = np.arange(issue - 1, issue + n + years)
    days = numbers[[civil(int(day))[1:] != (2, 29) for day in numbers]][:n]
    steps = np.arange(n)
    returns = np.array([gross[min(k, len(gross) - 1)] for k in range(len(SLOTS))])
    ratio = ((1.0 + returns) * (1.0 - expense)) ** (1.0 / DAYS_OF_YEAR)
    navs = FIRST_UNIT_PRICE * ratio ** (steps[:, None] - 1.0)
    prices = unit_prices(navs, np.zeros_like(navs), steps, charges)
    return Market(days, prices / prices[1] * FIRST_UNIT_PRICE)


def purchase(investment: float, places: Sequence[int], benefit: str | None = None) -> tuple[pa.Table, pa.Table]:
    """Contracts of all series issued on the first day, all in one Sub-account, and the transactions that issue them.

    ``places``   of the Sub-accounts; three contracts, in the order of SERIES, for each
    ``benefit``  living benefit elected on the Issue Date
    """
    terms = load_illustration_terms()
    issue = int(terms.issue)
    born = day_date(months_after(issue, -12 * int(terms.issue_age)))
    received = datetime.combine(day_date(issue), datetime.min.time()) + timedelta(hours=10)
    contracts: list[dict[str, Any]] = []
    requests: list[dict[str, Any]] = []
    for place in places:
        for series in SERIES:
            name = f"{place:02d}-{series}"
            life = {"owner_birth_date": born, "owner_sex": "F", "annuitant_birth_date": born, "annuitant_sex": "F"}
            row = {"contract_id": name, "series": series, "issue_date": day_date(issue), "tax_type": "NQ"}
            contracts.append(row | {"entity_owned": False} | life)
            allocation = [{"sub_account": SLOTS[place], "weight": 1.0}]
            first = {"transaction_id": f"{name}-0", "contract_id": name, "kind": "ISSUE", "received": received}
            requests.append(first | {"amount": investment, "allocation": allocation, "benefit": benefit})
    return _table("contracts", contracts), _table("transactions", requests)


def _table(dataset: str, rows: list[dict[str, Any]]) -> pa.Table:
    schema = SCHEMAS[dataset]
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema)


def no_requests() -> pa.Table:
    """A table of transactions without any."""
    return SCHEMAS["transactions"].empty_table()


def terms_with_credit(credit: float) -> Terms:
    """The terms in force, unrounded, with another Purchase Credit."""
    law = load_terms(False)
    return law._replace(purchase=law.purchase._replace(credit_rate=credit))


def illustrate(assumed: Assumed) -> tuple[Illustration, ...]:
    """Annuity Values and Surrender Values of every day, for every gross return.

    Nothing happens to these contracts between two anniversaries, so that the law is run from anniversary to anniversary,
    and the days between are quoted from the state at the earlier one.

    Source: APP-2 (prospectus 9098-9160, 9165-9423).
    """
    law, per_year = terms_with_credit(assumed.credit), DAYS_OF_YEAR
    market = constant_market(assumed.gross, assumed.expense, CHARGE_CLASSES, assumed.years)
    contracts, requests = purchase(assumed.investment, range(len(assumed.gross)))
    values = np.empty((assumed.years * per_year + 1, contracts.num_rows, 2))
    issued = value_block(contracts, requests, None, market.days[:2], market.prices[:2], terms=law)
    if issued.refusals.num_rows:
        raise ValueError(f"an Annuity of {assumed.investment:,.2f} USD is not issued: choose another investment")
    snapshot, none = issued.snapshot, no_requests()
    values[0] = _values(snapshot)
    for start in range(0, assumed.years * per_year, per_year):
        year = slice(start + 1, start + per_year + 2)
        days, prices = market.days[year], market.prices[year]
        values[start + 1 : start + per_year] = quote_block(contracts, snapshot, days[:-1], prices[:-1], law)
        ends = [0, per_year]
        snapshot = value_block(contracts, none, snapshot, days[ends], prices[ends], terms=law).snapshot
        values[start + per_year] = _values(snapshot)
    growth = (market.prices[1 + per_year] / market.prices[1] - 1.0)[: len(SERIES)]
    return tuple(
        Illustration(gross, growth[:, k], values[:, 3 * k : 3 * k + 3, 0], values[:, 3 * k : 3 * k + 3, 1])
        for k, gross in enumerate(assumed.gross)
    )


def _values(snapshot: pa.Table) -> Array:
    return np.column_stack([snapshot[name].to_numpy() for name in ("account_value", "surrender_value")])


def yearly(one: Illustration) -> tuple[Array, Array]:
    """Annuity Value on every anniversary, and Surrender Value two days before it: (years, 3) each, USD.

    Source: APP-2 (prospectus 9121-9132).
    """
    before = int(load_illustration_terms().days_before)
    return one.account[DAYS_OF_YEAR::DAYS_OF_YEAR], one.surrender[DAYS_OF_YEAR - before :: DAYS_OF_YEAR]


def highest(values: Array) -> Flags:
    """Which of the series have the highest value, in cents; all of them where they tie.  Source: APP-2, APP-3."""
    cents = np.floor(values * 100.0 + 0.5)
    return np.asarray(cents == cents.max(axis=1, keepdims=True))


def days_highest(one: Illustration) -> tuple[Array, tuple[tuple[Period, ...], ...]]:
    """Number of days on which each series has the highest Surrender Value, and the periods, in the order of SERIES.

    The Issue Date is day 0; the last day is the one before the last anniversary.

    Source: APP-3 (prospectus 9426-9513).
    """
    flags = highest(one.surrender[:-1])
    return flags.sum(axis=0), tuple(periods(flags[:, k]) for k in range(flags.shape[1]))


def annuity_year(day: int) -> int:
    """Annuity Year of a day counted from the Issue Date."""
    return day // DAYS_OF_YEAR + 1


def periods(flags: Flags) -> tuple[Period, ...]:
    """Runs of days that are set."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return tuple(Period(int(first), int(after) - 1) for first, after in edges.reshape(-1, 2))


def years_highest(one: Illustration, series: str) -> tuple[int, ...]:
    """Annuity Years of which a series has the highest Surrender Value.  Source: APP-4 (prospectus 9137-9146)."""
    flags = highest(yearly(one)[1])[:, SERIES.index(series)]
    return tuple(int(year) + 1 for year in np.flatnonzero(flags))


def unit_values(assumed: Assumed) -> Array:
    """Accumulation Unit Values on every anniversary, for the lowest and highest daily charge of every series.

    (n_gross, years + 1, 3, 2), USD: the Insurance Charge alone, and with the dearest benefits that can be held together.

    Source: APP-1, UNIT-6 (prospectus 8862-8880).
    """
    terms = load_illustration_terms()
    classes = [charge + more for charge in INSURANCE_CHARGES for more in (0.0, terms.highest_daily_charge)]
    market = constant_market(assumed.gross, assumed.expense, classes, assumed.years)
    ends = market.prices[1::DAYS_OF_YEAR, :, : len(assumed.gross)]
    return np.moveaxis(ends, 2, 0).reshape(len(assumed.gross), assumed.years + 1, len(SERIES), 2)
