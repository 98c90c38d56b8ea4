"""Sub-accounts: the printed list, their mix of five indices, and histories of both from market data.

The scenarios know five indices; a Sub-account is a daily rebalanced mix of them less the expense of its Portfolio.  The
mixes and expenses are a reading of the prospectus, `data/fund_map.toml`, which also says how each index history is made:
large equity is the S&P 500 with a dividend yield; small and international equity are proxies moved by the S&P 500, because
the package has no history of their own; bonds reprice a Treasury par bond of constant maturity; cash accrues a bill yield.

Rules  INV-1, INV-2, INV-4, INV-6, FEE-10 (prospectus 181-234, 955-1082, 1248-1269, 1283-2226, 2495-2501)
"""

import csv
import tomllib
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuation.curve import TENOR_MONTHS
from valuation.sessions import Days, day_date, valuation_days

if TYPE_CHECKING:
    from valuation.market import MarketHistory

Array = NDArray[np.float64]

INDICES = ("large_equity", "small_equity", "international_equity", "bonds", "cash")
"""The indices of the scenarios, in the order of their rows."""

FIRST_NAV = 10.0
"""Net asset value per share of every Sub-account on the first day of a made history, USD."""

_BONDS, _CASH = INDICES.index("bonds"), INDICES.index("cash")
_HIGHEST_EXPENSE = 0.05  # a year; above is taken for a percentage written as a fraction


class SubAccount(NamedTuple):
    """One Sub-account of the prospectus's chart.  Source: INV-1 (prospectus 1283-2226)."""

    name: str
    style: str  # style type as printed
    permitted: bool  # with the benefits that restrict the investment options, INV-2
    benefit_only: bool  # money moves in and out by the asset transfer formula alone, INV-4
    benefit_only_for: tuple[str, ...]  # names of those benefits
    international: bool
    money_market: bool
    other_names: tuple[str, ...]  # misprints and former names


class FundMap(NamedTuple):
    """Sub-accounts as mixes of `INDICES`."""

    edition: str
    as_of: date
    names: tuple[str, ...]  # (n_sub,)
    weights: Array  # (n_sub, 5), rows sum to 1
    expense: Array  # (n_sub,) fraction of the assets a year

    def position(self, name: str) -> int:
        """Row of the Sub-account ``name``."""
        if name not in self.names:
            have = "; ".join(self.names)
            raise ValueError(f"Sub-account {name!r} is not in the fund map {self.edition}, which has: {have}")
        return self.names.index(name)


class IndexRules(NamedTuple):
    """How the index histories are made."""

    dividend_yield: Array  # (3,) equities, fraction a year
    beta: Array  # (3,) equities, multiple of the daily log return of the S&P 500
    bond_maturity: int  # years
    cash_maturity: int  # months


class IndexHistory(NamedTuple):
    """Total return of `INDICES`, day by day."""

    days: Days  # (n_day,) successive Valuation Days
    ratios: Array  # (n_day, 5) gross return from the preceding Valuation Day; 1 on the first


@cache
def load_subaccounts() -> tuple[SubAccount, ...]:
    """The 47 Sub-accounts of the prospectus, in the order of the chart.  Source: INV-1, INV-2, INV-4."""
    rows = csv.DictReader(_data("subaccounts.csv").splitlines())
    return tuple(
        SubAccount(
            row["name"],
            row["style_type"],
            _flag(row, "permitted_with_restricted_benefits"),
            _flag(row, "benefit_only"),
            _names(row["benefit_only_for"]),
            _flag(row, "international"),
            _flag(row, "money_market"),
            _names(row["other_printed_names"]),
        )
        for row in rows
    )


@cache
def load_fund_map() -> FundMap:
    """The fund map of the package: the ten permitted Sub-accounts, the bond Sub-account and the money market."""
    return parse_fund_map(_data("fund_map.toml"))


@cache
def load_index_rules() -> IndexRules:
    """How `index_returns` makes its histories, from the fund map of the package."""
    rules = tomllib.loads(_data("fund_map.toml"))["indices"]
    equities = [rules[name] for name in INDICES[:3]]
    return IndexRules(
        np.array([e["dividend_yield"] for e in equities]),
        np.array([e.get("beta", 1.0) for e in equities]),
        int(rules["bonds"]["maturity"]),
        int(rules["cash"]["maturity_months"]),
    )


def parse_fund_map(text: str) -> FundMap:
    """Read a fund map in TOML.

    Raises ValueError naming Sub-account, value found and value allowed for an unknown name, weights that are not five
    fractions of sum 1, or an expense that is none.
    """
    data = tomllib.loads(text)
    known = {s.name for s in load_subaccounts()}
    for name, fund in data["funds"].items():
        if name not in known:
            raise ValueError(f"fund map: {name!r} is no Sub-account of the prospectus: use a name of subaccounts.csv")
        _check_fund(name, fund)
    weights = np.array([fund["weights"] for fund in data["funds"].values()], dtype=np.float64)
    expense = np.array([fund["expense"] for fund in data["funds"].values()], dtype=np.float64)
    weights.flags.writeable = expense.flags.writeable = False
    return FundMap(data["edition"], data["as_of"], tuple(data["funds"]), weights, expense)


def index_returns(history: "MarketHistory", rules: IndexRules | None = None) -> IndexHistory:
    """Demonstration histories of `INDICES` over the Valuation Days that S&P 500 and Treasury yields both cover.

    ``rules``  how they are made; those of the package unless given

    Small and international equity are proxies: the log return of the S&P 500 times a constant, so perfectly correlated
    with large equity.
    """
    rules = rules or load_index_rules()
    first, last = history.treasury.days[0], min(history.treasury.days[-1], history.sp500.days[-1])
    days = valuation_days(day_date(max(first, history.sp500.days[0])), day_date(last))
    elapsed = np.diff(days).astype(np.float64)
    par = history.treasury.at(days)
    ratios = np.ones((len(days), len(INDICES)))
    price_return = np.diff(np.log(history.sp500.at(days)))[:, None]
    ratios[1:, :_BONDS] = np.exp(rules.beta * price_return) * (1.0 + rules.dividend_yield) ** (elapsed[:, None] / 365.0)
    bought = _par_yield(par[:-1], np.full(len(elapsed), float(rules.bond_maturity)))
    worth = _par_yield(par[1:], rules.bond_maturity - elapsed / 365.0)
    ratios[1:, _BONDS] = par_bond_ratio(bought, worth, elapsed, rules.bond_maturity)
    ratios[1:, _CASH] = 1.0 + par[:-1, TENOR_MONTHS.index(rules.cash_maturity)] * elapsed / 365.0
    return IndexHistory(days, ratios)


def par_bond_ratio(bought: ArrayLike, worth: ArrayLike, elapsed: ArrayLike, maturity: int) -> Array:
    """Value of a semiannual bond, bought at par, over its price: yields are bond-equivalent fractions, shapes broadcast.

    bought    yield when bought, which is its coupon
    worth     yield at which it is priced now
    elapsed   calendar days since, less than half a year
    maturity  years when bought

    The value, accrued interest included, is the price on the day of purchase at the new yield, carried forward at that
    yield: (1 + y/2)^(2 n / 365) (c A + v^m), v = 1 / (1 + y/2), m = 2 maturity, A the annuity of half-years.
    """
    coupon, y = np.asarray(bought, dtype=np.float64) / 2.0, np.asarray(worth, dtype=np.float64) / 2.0
    periods = 2 * maturity
    last = (1.0 + y) ** -periods
    nonzero = np.where(y == 0.0, 1.0, y)
    annuity = np.where(y == 0.0, float(periods), (1.0 - last) / nonzero)
    return np.asarray((1.0 + y) ** (2.0 * np.asarray(elapsed) / 365.0) * (coupon * annuity + last))


def fund_ratios(fund_map: FundMap, ratios: ArrayLike, elapsed: ArrayLike) -> Array:
    """Net asset value over that of the preceding Valuation Day, (n_day, n_sub).

    ratios   (n_day, 5) gross return of `INDICES` from the preceding Valuation Day
    elapsed  (n_day,) calendar days since then

    The mix is rebalanced every Valuation Day; the expense is (1 - e)^(n/365).
    """
    kept = (1.0 - fund_map.expense) ** (np.asarray(elapsed, dtype=np.float64)[:, None] / 365.0)
    mixed = np.zeros_like(kept)
    for k, ratio in enumerate(np.asarray(ratios, dtype=np.float64).T):  # summed in the order of INDICES
        mixed += ratio[:, None] * fund_map.weights[:, k]
    return np.asarray(mixed * kept, dtype=np.float64)


def fund_navs(fund_map: FundMap, ratios: ArrayLike, days: Days) -> Array:
    """Net asset value per share from 10.00 on the first day, distributions reinvested: (n_day, n_sub), USD.

    ratios  (n_day, 5) as in `IndexHistory`; the first row is not used
    days    (n_day,) successive Valuation Days
    """
    daily = fund_ratios(fund_map, ratios, np.diff(days, prepend=days[:1]))
    daily[0] = FIRST_NAV
    return np.multiply.accumulate(daily, axis=0)


def _par_yield(par: Array, years: Array) -> Array:
    """Par yield of each row at its own maturity, linear between the quoted ones around it; (n_day,)."""
    quoted = np.array(TENOR_MONTHS) / 12.0
    right = np.clip(np.searchsorted(quoted, years), 1, len(quoted) - 1)
    share = (years - quoted[right - 1]) / (quoted[right] - quoted[right - 1])
    row = np.arange(len(years))
    return par[row, right - 1] * (1.0 - share) + par[row, right] * share


def _check_fund(name: str, fund: dict[str, Any]) -> None:
    weights, expense = fund["weights"], fund["expense"]
    if len(weights) != len(INDICES) or min(weights) < 0.0 or abs(sum(weights) - 1.0) > 1e-12:
        raise ValueError(
            f"fund map, {name}: weights {weights} (sum {sum(weights)}) must be {len(INDICES)} fractions, none negative, "
            f"that sum to 1, for {', '.join(INDICES)}"
        )
    if not 0.0 <= expense <= _HIGHEST_EXPENSE:
        raise ValueError(f"fund map, {name}: expense {expense} must be a fraction a year from 0 to {_HIGHEST_EXPENSE}")


def _flag(row: dict[str, str], column: str) -> bool:
    value = row[column]
    if value not in ("yes", "no"):
        raise ValueError(f"subaccounts.csv, {row['name']}: {column} is {value!r}, must be yes or no")
    return value == "yes"


def _names(field: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in field.split(";") if name.strip())


def _data(name: str) -> str:
    return (resources.files("valuation") / "data" / name).read_text(encoding="utf-8")
