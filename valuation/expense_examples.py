"""The expense examples that the prospectus describes and leaves blank: what a contract costs in 1, 3, 5 and 10 years.

The daily valuation runs the three series with TrueIncome - Highest Daily 7 at its maximum charge; the charges inside the
Unit Price are measured on the Units of its ledger, the others are rows of it.

Provisions  EXP-1 (prospectus 1089-1190); assumptions terms/illustrations.toml
Clock       as in `valuation.illustrations`; the benefit's own growth goes by calendar days
Readings    the 5% are before all expenses; every Sub-account has the highest expense, the bond Sub-account too, so that
            the asset transfers of the benefit cost nothing.  A period counts every charge up to its anniversary, fees in
            arrears included.  A surrender adds the Contingent Deferred Sales Charge of the last year of the period, as it
            stands two days before the anniversary (Appendix B); annuitization adds nothing, and is not possible where the
            law would refuse it on that day
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from valuation.arrays import CHARGE_CLASSES, SERIES, day_numbers
from valuation.block import value_block
from valuation.charge_classes import INSURANCE_CHARGES
from valuation.clock import completed_years
from valuation.contract import Array, Integers
from valuation.endings import FIRST_ANNUITY_YEARS
from valuation.funds import load_fund_map
from valuation.highest_daily_7 import HIGHEST_DAILY_7, PLAN_NAMES
from valuation.illustrations import DAYS_OF_YEAR, Market, constant_market, no_requests, purchase, terms_with_credit
from valuation.terms import Terms, load_terms
from valuation.terms.benefits import load_illustration_terms
from valuation.units import daily_charge


class Costs(NamedTuple):
    """What has been deducted, USD; one number, or an array of the series."""

    portfolios: Array  # inside the net asset values
    insurance: Array  # Insurance Charge
    death_benefit: Array  # Combination 5% Roll-Up and HAV Death Benefit
    income_benefit: Array  # TrueIncome - Highest Daily 7
    maintenance: Array  # Annual Maintenance Fee


class Example(NamedTuple):
    """Expenses of one period, in the order of SERIES, USD."""

    years: int
    costs: Costs
    kept: Array  # (3,) without surrender
    annuitized: Array  # (3,) NaN where it is not possible
    surrendered: Array  # (3,)
    account: Array  # (3,) Account Value at the end of the period


def highest_expense() -> float:
    """Highest expense of a Portfolio in the fund map, fraction per year.  Source: EXP-1."""
    return float(load_fund_map().expense.max())


def maximum_terms(credit: float) -> Terms:
    """The terms in force with the maximum charge of the benefit, no Longevity Credit and a Purchase Credit.

    Source: EXP-1, FEE-8 (prospectus 1112-1124).
    """
    most = load_illustration_terms().maximum_income_charge
    law = terms_with_credit(credit)
    plan = law.income[HIGHEST_DAILY_7]._replace(quarterly_fee=most / 4.0, yearly_fee=most)
    return law._replace(purchase=law.purchase._replace(longevity_rate=0.0), income=(plan, law.income[1]))


def expense_examples(expense: float | None = None, credit: float | None = None) -> tuple[Example, ...]:
    """Expenses of every period and series.

    ``expense``  of the dearest Portfolio, fraction per year; without it that of the fund map
    ``credit``   Purchase Credit of the X Series

    Raises ValueError for an expense or credit that cannot be.  Source: EXP-1 (prospectus 1089-1190).
    """
    terms = load_illustration_terms()
    cost = highest_expense() if expense is None else expense
    rate = load_terms(False).purchase.credit_rate if credit is None else credit
    for name, value, high in (("highest expense of a Portfolio", cost, 0.1), ("Purchase Credit", rate, 0.2)):
        if not 0.0 <= value <= high:
            raise ValueError(f"{name} {value:g} cannot be illustrated; allowed is 0 to {high:g}: correct it")
    classes = [charge + terms.maximum_death_charge for charge in CHARGE_CLASSES]
    market = constant_market([terms.example_return], cost, classes, int(max(terms.example_years)))
    run = _run(market, maximum_terms(rate))
    costs = _costs(run.ledger, market, cost)
    return tuple(_example(int(years), run, costs, market) for years in terms.example_years)


class _Run(NamedTuple):
    """The examples through their longest period."""

    ledger: pa.Table
    charge: dict[int, Array]  # (3,) CDSC, USD, by days from the Issue Date
    account: dict[int, Array]  # (3,) Account Value, USD, likewise


def _run(market: Market, law: Terms) -> _Run:
    """Run the law, stopping for the charge two days before the end of every period, and at the end."""
    terms = load_illustration_terms()
    ends = [int(years) * DAYS_OF_YEAR for years in terms.example_years]
    stops = sorted({*ends, *(end - int(terms.days_before) for end in ends)})
    contracts, requests = purchase(terms.example_investment, [0], PLAN_NAMES[HIGHEST_DAILY_7])
    snapshot: pa.Table | None = None
    ledgers: list[pa.Table] = []
    charge: dict[int, Array] = {}
    account: dict[int, Array] = {}
    begin = 0
    for stop in stops:
        part = slice(begin, stop + 2)
        day = value_block(contracts, requests, snapshot, market.days[part], market.prices[part], terms=law)
        if day.refusals.num_rows:
            raise ValueError(f"the examples are refused by the law: {day.refusals.to_pylist()[0]}; check their terms")
        snapshot, requests, begin = day.snapshot, no_requests(), stop + 1
        ledgers.append(day.ledger)
        charge[stop], account[stop] = (snapshot[name].to_numpy() for name in ("cdsc", "account_value"))
    return _Run(pa.concat_tables(ledgers), charge, account)


def _costs(ledger: pa.Table, market: Market, expense: float) -> Costs:
    """Deductions of every day: (n_day, 3) each, USD.

    The daily charge is that of all asset-based charges together; its parts are in proportion to the annual ones.
    """
    terms = load_illustration_terms()
    insurance = np.array(INSURANCE_CHARGES)
    whole = insurance + terms.maximum_death_charge
    units = np.cumsum(_by_day(ledger, market.days, ledger["units"].to_numpy()), axis=0)
    opening = np.zeros_like(units)
    opening[1:] = units[:-1] * market.prices[:-1, : len(SERIES), 0]
    daily = opening * np.array([daily_charge(charge, 1.0) for charge in whole])
    grown = opening * (1.0 + terms.example_return) ** (1.0 / DAYS_OF_YEAR)
    amounts, kinds = ledger["amount"].to_numpy(), np.array(ledger["kind"].to_pylist())
    return Costs(
        grown * (1.0 - (1.0 - expense) ** (1.0 / DAYS_OF_YEAR)),
        daily * insurance / whole,
        daily * terms.maximum_death_charge / whole,
        _by_day(ledger, market.days, np.where(kinds == "BENEFIT_FEE", -amounts, 0.0)),
        _by_day(ledger, market.days, np.where(kinds == "MAINTENANCE_FEE", -amounts, 0.0)),
    )


def _by_day(ledger: pa.Table, days: Integers, values: Array) -> Array:
    """``values`` of the rows, summed by day and series: (n_day, 3)."""
    series = np.array([SERIES.index(name[-1]) for name in ledger["contract_id"].to_pylist()])
    out = np.zeros((len(days), len(SERIES)))
    np.add.at(out, (np.searchsorted(days, day_numbers(ledger["date"])), series), values)
    return out


def _example(years: int, run: _Run, costs: Costs, market: Market) -> Example:
    terms = load_illustration_terms()
    end = years * DAYS_OF_YEAR
    before = end - int(terms.days_before)
    spent = Costs(*(part[: end + 2].sum(axis=0) for part in costs))
    kept = np.sum(spent, axis=0)
    possible = completed_years(int(terms.issue), int(market.days[before + 1])) >= FIRST_ANNUITY_YEARS
    annuitized = kept if possible else np.full_like(kept, np.nan)
    return Example(years, spent, kept, annuitized, kept + run.charge[before], run.account[end])
