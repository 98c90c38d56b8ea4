"""Sub-accounts, the fund map, and index histories recomputed a second way."""

import calendar
from collections import Counter
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from valuation.curve import ZeroCurve
from valuation.funds import (
    FIRST_NAV,
    INDICES,
    FundMap,
    fund_navs,
    fund_ratios,
    index_returns,
    load_fund_map,
    load_index_rules,
    load_subaccounts,
    par_bond_ratio,
    parse_fund_map,
)
from valuation.market import load_market_history
from valuation.sessions import day_date, day_number, valuation_days

Array = NDArray[np.float64]

HISTORY = load_market_history()
INDEX = index_returns(HISTORY)
MAP = load_fund_map()
YEARS = np.array([day_date(n).year for n in INDEX.days])

PERMITTED = {
    "AST Capital Growth Asset Allocation", "AST Balanced Asset Allocation", "AST Conservative Asset Allocation",
    "AST Preservation Asset Allocation", "AST Advanced Strategies", "AST First Trust Balanced Target",
    "AST First Trust Capital Appreciation Target", "AST T. Rowe Price Asset Allocation", "AST UBS Dynamic Alpha",
    "AST American Century Strategic Allocation",
}  # fmt: skip


def ratio_on(day: date, index: str) -> float:
    row = int(np.flatnonzero(INDEX.days == day_number(day))[0])
    return float(INDEX.ratios[row, INDICES.index(index)])


def return_of_year(year: int, index: str) -> float:
    return float(INDEX.ratios[year == YEARS, INDICES.index(index)].prod() - 1.0)


class TestSubAccounts:
    """INV-1, INV-2, INV-4."""

    def test_styles(self) -> None:
        assert Counter(s.style for s in load_subaccounts()) == {
            "ASSET ALLOCATION/BALANCED": 11, "FIXED INCOME": 11, "LARGE CAP VALUE": 5, "LARGE CAP GROWTH": 4,
            "SMALL CAP GROWTH": 3, "SMALL CAP VALUE": 2, "MID CAP GROWTH": 2, "MID CAP VALUE": 2,
            "INTERNATIONAL EQUITY": 4, "SPECIALTY": 2, "LARGE CAP BLEND": 1,
        }  # fmt: skip

    def test_permitted(self) -> None:
        assert {s.name for s in load_subaccounts() if s.permitted} == PERMITTED

    def test_benefit_only(self) -> None:
        got = {s.name: s.benefit_only_for for s in load_subaccounts() if s.benefit_only}
        highest_daily_7 = ("TrueIncome - Highest Daily 7", "TrueIncome - Spousal Highest Daily 7")
        assert got == {
            "AST Bond Portfolio 2015": ("TrueAccumulation - Highest Daily",),
            "AST Bond Portfolio 2018": ("TrueAccumulation - Highest Daily",),
            "AST Bond Portfolio 2019": ("TrueAccumulation - Highest Daily",),
            "AST Investment Grade Bond": highest_daily_7,
        }

    def test_international_and_money_market(self) -> None:
        assert {s.name for s in load_subaccounts() if s.international} == {
            "AST International Growth", "AST International Value", "AST JPMorgan International Equity",
            "AST MFS Global Equity",
        }  # fmt: skip
        assert [s.name for s in load_subaccounts() if s.money_market] == ["AST Money Market"]

    def test_names_are_unique_also_with_misprints(self) -> None:
        names = [n for s in load_subaccounts() for n in (s.name, *s.other_names)]
        assert len(load_subaccounts()) == 47
        assert len(names) == len(set(names))


class TestFundMap:
    def test_it_holds_the_permitted_sub_accounts_the_bond_sub_account_and_the_money_market(self) -> None:
        assert set(MAP.names) == PERMITTED | {"AST Investment Grade Bond", "AST Money Market"}
        assert MAP.weights.shape == (12, 5)

    def test_every_mix_sums_to_one(self) -> None:
        assert_allclose(MAP.weights.sum(axis=1), 1.0, rtol=0, atol=1e-12)

    @pytest.mark.parametrize(
        "name, low, high",
        [
            ("AST Capital Growth Asset Allocation", 0.725, 0.875),
            ("AST Balanced Asset Allocation", 0.575, 0.725),
            ("AST Conservative Asset Allocation", 0.475, 0.625),
            ("AST Preservation Asset Allocation", 0.275, 0.425),
            ("AST First Trust Balanced Target", 0.65, 0.65),
            ("AST First Trust Capital Appreciation Target", 0.80, 0.80),
            ("AST T. Rowe Price Asset Allocation", 0.60, 0.60),
        ],
    )
    def test_equity_lies_in_the_printed_range(self, name: str, low: float, high: float) -> None:
        equity = MAP.weights[MAP.position(name), :3].sum()
        assert low - 1e-12 <= equity <= high + 1e-12

    def test_bond_and_money_market_hold_one_index(self) -> None:
        assert MAP.weights[MAP.position("AST Investment Grade Bond")].tolist() == [0.0, 0.0, 0.0, 1.0, 0.0]
        assert MAP.weights[MAP.position("AST Money Market")].tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]

    def test_an_unknown_sub_account_names_the_known_ones(self) -> None:
        with pytest.raises(ValueError, match="'AST High Yield' is not in the fund map 2008, which has: AST Advanced"):
            MAP.position("AST High Yield")

    @pytest.mark.parametrize(
        "name, weights, expense, says",
        [
            ("AST High Yeild", "[0, 0, 0, 1, 0]", "0.01", "'AST High Yeild' is no Sub-account of the prospectus"),
            ("AST High Yield", "[0, 0, 0, 0.9, 0]", "0.01", r"AST High Yield: weights .* \(sum 0.9\) must be"),
            ("AST High Yield", "[0, 0, 1]", "0.01", "must be 5 fractions"),
            ("AST High Yield", "[-0.5, 0, 0, 1.5, 0]", "0.01", "none negative"),
            ("AST High Yield", "[0, 0, 0, 1, 0]", "1.0", "expense 1.0 must be a fraction a year from 0 to 0.05"),
        ],
    )
    def test_what_it_refuses(self, name: str, weights: str, expense: str, says: str) -> None:
        text = f'edition = "x"\nas_of = 2008-05-01\n[funds."{name}"]\nweights = {weights}\nexpense = {expense}\n'
        with pytest.raises(ValueError, match=says):
            parse_fund_map(text)


class TestEquities:
    def test_days_are_the_valuation_days_that_both_markets_cover(self) -> None:
        assert INDEX.days.tolist() == valuation_days(date(2006, 1, 3), date(2018, 12, 31)).tolist()
        assert INDEX.ratios[0].tolist() == [1.0] * 5
        assert np.isfinite(INDEX.ratios).all()

    def test_one_day_by_hand(self) -> None:
        got = ratio_on(date(2008, 10, 13), "large_equity")  # from Friday 10 October, 899.22
        assert got == pytest.approx(1003.35 / 899.22 * 1.02 ** (3 / 365), rel=1e-14)

    @pytest.mark.parametrize("year, published", [(2008, -0.3700), (2009, 0.2646), (2013, 0.3239), (2018, -0.0438)])
    def test_the_constant_dividend_yield_is_near_the_published_total_return(self, year: int, published: float) -> None:
        assert return_of_year(year, "large_equity") == pytest.approx(published, abs=0.006)

    @pytest.mark.parametrize("index, ratio", [("small_equity", 16341 / 12515), ("international_equity", 14506 / 12515)])
    def test_the_proxies_move_with_the_index_by_a_constant(self, index: str, ratio: float) -> None:
        years = np.diff(INDEX.days) / 365.0
        price = np.log(INDEX.ratios[1:, [0, INDICES.index(index)]]) - np.log(1.02) * years[:, None]
        assert_allclose(price[:, 1], ratio * price[:, 0], rtol=1e-9, atol=1e-15)


def bond_by_cash_flows(coupon: float, y: float, elapsed: float, maturity: int) -> float:
    """Value of every cash flow at the yield ``y``, time in half-years."""
    gone = 2.0 * elapsed / 365.0
    flows = [(k, coupon / 2.0 + (1.0 if k == 2 * maturity else 0.0)) for k in range(1, 2 * maturity + 1)]
    return float(sum(cash / (1.0 + y / 2.0) ** (k - gone) for k, cash in flows))


def half_years(start: date, maturity: int) -> list[date]:
    ends = [divmod(start.year * 12 + start.month - 1 + m, 12) for m in range(6, 12 * maturity + 1, 6)]
    return [date(y, m + 1, min(start.day, calendar.monthrange(y, m + 1)[1])) for y, m in ends]


def bond_on_curves(before: ZeroCurve, after: ZeroCurve, maturity: int) -> float:
    """Value on a curve of the bond that was worth par on an earlier curve, over its price then."""
    paid = half_years(before.as_of, maturity)
    old = before.discount([(d - before.as_of).days / 365.0 for d in paid])
    new = after.discount([(d - after.as_of).days / 365.0 for d in paid])
    half_coupon = (1.0 - old[-1]) / old.sum()
    return float(half_coupon * new.sum() + new[-1])


class TestBonds:
    @pytest.mark.parametrize("coupon", [0.0, 0.012, 0.05])
    @pytest.mark.parametrize("y", [-0.002, 0.0, 0.013, 0.06])
    @pytest.mark.parametrize("elapsed", [0, 1, 4, 100])
    def test_it_equals_the_value_of_every_cash_flow(self, coupon: float, y: float, elapsed: int) -> None:
        got = par_bond_ratio(coupon, y, elapsed, 6)
        assert_allclose(got, bond_by_cash_flows(coupon, y, elapsed, 6), rtol=1e-13)

    def test_an_unchanged_yield_earns_that_yield(self) -> None:
        days = np.array([1.0, 3.0, 182.5])
        assert_allclose(par_bond_ratio(0.04, 0.04, days, 6), 1.02 ** (days / 182.5), rtol=1e-14)

    def test_its_sensitivity_is_the_modified_duration(self) -> None:
        y, h = 0.03, 1e-6
        slope = (par_bond_ratio(y, y + h, 0, 6) - par_bond_ratio(y, y - h, 0, 6)) / (2 * h)
        assert_allclose(slope, -(1.0 - (1.0 + y / 2.0) ** -12) / y, rtol=1e-8)  # of a bond at par

    def test_2008_on_zero_curves_gives_the_same_returns(self) -> None:
        """The same bond priced by discounting on the curve of each day; the two differ in how they interpolate."""
        rows = np.flatnonzero(YEARS == 2008)
        curves = [HISTORY.zero_curve(day_date(n)) for n in INDEX.days[rows[0] - 1 : rows[-1] + 1]]
        maturity = load_index_rules().bond_maturity
        second = np.array([bond_on_curves(a, b, maturity) for a, b in pairwise(curves)])
        first = INDEX.ratios[rows, INDICES.index("bonds")]
        assert np.abs(first - second).max() < 6e-4
        assert first.prod() == pytest.approx(second.prod(), abs=0.003)

    def test_a_day_without_treasury_quotes_only_accrues(self) -> None:
        got = ratio_on(date(2008, 11, 11), "bonds")
        par = HISTORY.par_yields(date(2008, 11, 10)).yields
        six, shorter = par[6] / 2 + par[7] / 2, par[6] + (par[7] - par[6]) * (6 - 1 / 365 - 5) / 2
        assert got == pytest.approx(bond_by_cash_flows(float(six), float(shorter), 1.0, 6), rel=1e-13)
        assert 1.0 < got < 1.0002


class TestCash:
    def test_a_weekend_accrues_three_days_of_the_earlier_yield(self) -> None:
        bill = HISTORY.par_yields(date(2008, 9, 12)).yields[1]
        assert ratio_on(date(2008, 9, 15), "cash") == 1.0 + bill * 3.0 / 365.0

    def test_a_zero_yield_accrues_nothing(self) -> None:
        zero = np.flatnonzero(HISTORY.treasury.at(INDEX.days)[:-1, 1] == 0.0)
        assert len(zero) >= 19
        assert np.all(INDEX.ratios[1:][zero, INDICES.index("cash")] == 1.0)


class TestNavs:
    def test_they_equal_a_loop_over_days_and_indices(self) -> None:
        days, ratios = INDEX.days[:40], INDEX.ratios[:40]
        got = fund_navs(MAP, ratios, days)
        for s in range(len(MAP.names)):
            nav = FIRST_NAV
            for d in range(1, 40):
                mix = sum(float(MAP.weights[s, k] * ratios[d, k]) for k in range(5))
                nav *= mix * (1.0 - MAP.expense[s]) ** ((days[d] - days[d - 1]) / 365.0)
                assert got[d, s] == pytest.approx(nav, rel=1e-13)

    def test_without_return_a_year_costs_the_expense(self) -> None:
        days = np.arange(0, 366, 5, dtype=np.int64)
        got = fund_navs(MAP, np.ones((len(days), 5)), days)
        assert got[0].tolist() == [FIRST_NAV] * 12
        assert_allclose(got[-1], FIRST_NAV * (1.0 - MAP.expense), rtol=1e-13)

    def test_a_fund_of_one_index_without_expense_follows_it(self) -> None:
        one = FundMap("x", date(2008, 5, 1), ("AST Money Market",), np.eye(5)[4:], np.zeros(1))
        assert_allclose(fund_ratios(one, INDEX.ratios, np.ones(len(INDEX.days)))[:, 0], INDEX.ratios[:, 4], rtol=1e-15)

    def test_crisis_year(self) -> None:
        """2008: the more equity, the more was lost; bonds gained."""
        navs = fund_navs(MAP, INDEX.ratios, INDEX.days)
        last = {y: int(np.flatnonzero(y == YEARS)[-1]) for y in (2007, 2008)}
        year = dict(zip(MAP.names, navs[last[2008]] / navs[last[2007]] - 1.0, strict=True))
        order = ["Capital Growth", "Balanced", "Conservative", "Preservation"]
        losses = [year[f"AST {name} Asset Allocation"] for name in order]
        assert losses == sorted(losses)
        assert losses[0] < -0.25
        assert year["AST Investment Grade Bond"] > 0.10
