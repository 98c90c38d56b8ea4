"""Appendix B against a calculation without Units, Unit Prices or law: growth, credits, fees and charges by hand.

The filing leaves every cell of the tables blank, so that no printed figure is there to be met; its narrative is (APP-4).
"""

from datetime import date, datetime
from functools import cache
from itertools import groupby

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.arrays import CHARGE_CLASSES, SERIES
from valuation.block import value_block
from valuation.illustrations import (
    Illustration,
    Period,
    assumptions,
    constant_market,
    days_highest,
    highest,
    illustrate,
    periods,
    purchase,
    terms_with_credit,
    unit_values,
    yearly,
    years_highest,
)
from valuation.schema import SCHEMAS
from valuation.sessions import day_date, day_number

CENT = 0.005
EXPENSE = 0.0095
CHARGE = {"B": 0.0115, "L": 0.0150, "X": 0.0155}
CDSC = {
    "B": (7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0),
    "L": (7.0, 7.0, 6.0, 5.0),
    "X": (9.0, 8.5, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0),
}
RETURNS = (0.0, 0.06, 0.10)


@cache
def shown(
    credit: float = 0.06, expense: float = EXPENSE, gross: tuple[float, ...] = RETURNS
) -> tuple[Illustration, ...]:
    return illustrate(assumptions(gross, expense, credit))


def daily_growth(series: str, gross: float, expense: float = EXPENSE) -> float:
    """One day: assets grow, the Portfolio takes its part, the Insurance Charge is deducted."""
    assets = ((1.0 + gross) * (1.0 - expense)) ** (1.0 / 365.0)
    return assets - (1.0 - (1.0 - CHARGE[series]) ** (1.0 / 365.0))


def by_hand(series: str, gross: float, credit: float = 0.06) -> tuple[list[float], list[float]]:
    """Account Value and Surrender Value of every day, from growth, credits, fees and percentages alone."""
    value = 100_000.0 * (1.0 + (credit if series == "X" else 0.0))
    growth = daily_growth(series, gross)
    accounts, surrenders = [], []
    for day in range(30 * 365 + 1):
        if day:
            value *= growth
        anniversary = day > 0 and day % 365 == 0
        if anniversary and series == "X" and day >= 3650:
            value += 400.0
        if anniversary and value < 100_000.0:
            value -= 35.0
        year = (day + 1) // 365
        charge = CDSC[series][year] * 1_000.0 if year < len(CDSC[series]) else 0.0
        fee = 35.0 if value < 100_000.0 and not anniversary else 0.0
        accounts.append(value)
        surrenders.append(value - charge - fee)
    return accounts, surrenders


class TestHypotheticalIllustration:
    """APP-2."""

    @pytest.mark.parametrize("series", SERIES)
    @pytest.mark.parametrize("which, gross", list(enumerate(RETURNS)))
    def test_every_day_is_what_a_calculation_by_hand_gives(self, series: str, which: int, gross: float) -> None:
        one, s = shown()[which], SERIES.index(series)
        accounts, surrenders = by_hand(series, gross)
        assert one.gross == gross
        np.testing.assert_allclose(one.account[:, s], accounts, rtol=1e-9)
        np.testing.assert_allclose(one.surrender[:, s], surrenders, rtol=1e-9)

    def test_the_tables_take_the_anniversary_and_the_day_two_days_before_it(self) -> None:
        one = shown()[1]
        annuity, surrender = yearly(one)
        accounts, surrenders = by_hand("B", 0.06)
        assert annuity.shape == surrender.shape == (30, 3)
        assert annuity[6, 0] == pytest.approx(accounts[7 * 365])
        assert surrender[6, 0] == pytest.approx(surrenders[7 * 365 - 2])
        assert one.account[7 * 365 - 2, 0] - surrender[6, 0] == pytest.approx(1_000.0)

    @pytest.mark.parametrize("series", SERIES)
    def test_the_charge_falls_on_the_day_before_the_anniversary(self, series: str) -> None:
        one, s = shown()[1], SERIES.index(series)
        charge = one.account[:, s] - one.surrender[:, s]
        for year, (now, then) in enumerate(zip(CDSC[series], (*CDSC[series][1:], 0.0), strict=True), 1):
            fee = 35.0 if one.account[year * 365 - 2, s] < 100_000.0 else 0.0
            assert charge[year * 365 - 2] - fee == pytest.approx(1_000.0 * now)
            fee = 35.0 if one.account[year * 365 - 1, s] < 100_000.0 else 0.0
            assert charge[year * 365 - 1] - fee == pytest.approx(1_000.0 * then)

    def test_the_longevity_credit_begins_on_the_tenth_anniversary(self) -> None:
        account, growth = shown()[2].account[:, 2], daily_growth("X", 0.10)
        added = account[1:] - account[:-1] * growth
        days = (np.flatnonzero(added > 1.0) + 1).tolist()
        assert days == [365 * year for year in range(10, 31)]
        assert added[3649] == pytest.approx(400.0)

    @pytest.mark.parametrize("series", SERIES)
    def test_net_rates_are_those_of_the_unit_price(self, series: str) -> None:
        for one in shown():
            product = (1.0 + one.gross) * (1.0 - EXPENSE) * (1.0 - CHARGE[series]) - 1.0
            assert one.net[SERIES.index(series)] == pytest.approx(product, abs=5e-6)

    def test_rates_are_not_subtracted_from_each_other(self) -> None:
        """At 10% the difference of the rates would be 0.22% too high."""
        naive = 0.10 - EXPENSE - CHARGE["B"]
        assert naive - shown()[2].net[0] == pytest.approx(0.0020, abs=0.0002)

    @pytest.mark.parametrize("year", [1, 5])
    def test_a_full_surrender_two_days_before_the_anniversary_pays_it(self, year: int) -> None:
        """29 April of 2009 and 2013, both Valuation Days: the law itself ends the contracts."""
        days = 365 * year - 2
        market = constant_market((0.06,), EXPENSE, CHARGE_CLASSES, year)
        contracts, requests = purchase(100_000.0, [0])
        when = day_date(int(market.days[days + 1]))
        assert when == date(2008 + year, 4, 29)
        ends = [
            dict.fromkeys(SCHEMAS["transactions"].names)
            | {"transaction_id": f"{name}-1", "contract_id": name, "kind": "SURRENDER"}
            | {"received": datetime(when.year, when.month, when.day, 10)}
            for name in contracts["contract_id"].to_pylist()
        ]
        requests = pa.concat_tables([requests, pa.Table.from_pylist(ends, SCHEMAS["transactions"])])
        law = terms_with_credit(0.06)
        paid = value_block(contracts, requests, None, market.days[: days + 2], market.prices[: days + 2], terms=law)
        assert paid.payments["kind"].to_pylist() == ["SURRENDER"] * 3
        np.testing.assert_allclose(paid.payments["paid"].to_numpy(), yearly(shown()[1])[1][year - 1], rtol=1e-12)

    def test_the_daily_valuation_of_every_day_gives_the_same_bits(self) -> None:
        contracts, requests = purchase(100_000.0, range(3))
        market = constant_market(RETURNS, EXPENSE, CHARGE_CLASSES, 2)
        law = terms_with_credit(0.06)
        for days in (100, 365, 366, 729, 730):
            end = days + 2
            table = value_block(contracts, requests, None, market.days[:end], market.prices[:end], terms=law).snapshot
            expected = np.concatenate([one.account[days] for one in shown()])
            assert table["account_value"].to_pylist() == expected.tolist()
            quoted = np.concatenate([one.surrender[days] for one in shown()])
            assert table["surrender_value"].to_pylist() == quoted.tolist()


class TestDaysHighest:
    """APP-3."""

    @pytest.mark.parametrize("which", range(3))
    def test_totals_and_periods_by_hand(self, which: int) -> None:
        values = {series: by_hand(series, RETURNS[which])[1] for series in SERIES}
        totals, runs = days_highest(shown()[which])
        for s, series in enumerate(SERIES):
            won = [d for d in range(10_950) if values[series][d] >= max(v[d] for v in values.values()) - CENT]
            found = [[d for _, d in group] for _, group in groupby(enumerate(won), lambda pair: pair[1] - pair[0])]
            assert totals[s] == len(won)
            assert runs[s] == tuple(Period(run[0], run[-1]) for run in found)

    def test_every_day_has_a_highest_series(self) -> None:
        for one in shown():
            assert highest(one.surrender).any(axis=1).all()
            totals, runs = days_highest(one)
            assert totals.sum() >= 10_950
            assert all(t == sum(r.last - r.first + 1 for r in mine) for t, mine in zip(totals, runs, strict=True))

    def test_a_tie_in_cents_belongs_to_all(self) -> None:
        flags = highest(np.array([[1.004, 1.001, 0.99], [1.004, 1.006, 0.99]]))
        assert flags.tolist() == [[True, True, False], [False, True, False]]

    def test_periods_of_flags(self) -> None:
        assert periods(np.array([True, True, False, True])) == (Period(0, 1), Period(3, 3))
        assert periods(np.array([False, False])) == ()

    def test_a_year_has_365_days(self) -> None:
        days = [day_date(int(day)) for day in constant_market((0.0,), 0.0, CHARGE_CLASSES, 30).days]
        assert not any((day.month, day.day) == (2, 29) for day in days)
        assert all(days[365 * year + 1] == date(2008 + year, 5, 1) for year in range(31))


class TestNarrative:
    """APP-4: in the 6% illustration the L Series is the highest in year five only."""

    @pytest.mark.parametrize("expense", [0.008, EXPENSE, 0.011])
    def test_it_holds_with_the_earlier_credit_of_five_percent(self, expense: float) -> None:
        assert years_highest(shown(0.05, expense, (0.06,))[0], "L") == (5,)

    def test_it_does_not_with_the_credit_in_force(self) -> None:
        assert years_highest(shown()[1], "L") == ()
        assert years_highest(shown()[1], "X") == tuple(range(1, 21))


class TestUnitValues:
    """APP-1."""

    def test_without_growth_a_year_costs_the_annual_charge(self) -> None:
        values = unit_values(assumptions((0.0,), 0.0))[0]
        for s, series in enumerate(SERIES):
            for which, charge in enumerate((CHARGE[series], CHARGE[series] + 0.0110)):
                assert values[:, s, which] == pytest.approx([10.0 * (1.0 - charge) ** n for n in range(31)], rel=1e-9)

    def test_the_highest_combinations_are_those_of_the_charge_classes(self) -> None:
        """UNIT-6: 2.25%, 2.60% and 2.65% for B, L and X."""
        first = unit_values(assumptions((0.0,), 0.0))[0, 1, :, 1]
        assert first.tolist() == pytest.approx([9.775, 9.740, 9.735])

    def test_the_lowest_is_what_the_illustration_grows_by(self) -> None:
        values = unit_values(assumptions(RETURNS, EXPENSE))
        for k, one in enumerate(shown()):
            assert values[k, 1, :, 0] / 10.0 - 1.0 == pytest.approx(one.net.tolist())


@pytest.mark.parametrize(
    "given_, said",
    [
        ({"gross": (6.0,)}, r"gross return 6 cannot be illustrated; allowed is -0.5 to 0.5"),
        ({"expense": -0.01}, r"expense of the Portfolios -0.01"),
        ({"credit": 0.5}, r"Purchase Credit 0.5"),
        ({"investment": 5_000.0}, r"investment 5000 cannot be illustrated; allowed is 10000"),
        ({"gross": ()}, r"0 gross returns; allowed are 1 to 10"),
        ({"gross": (0.05, 0.05)}, r"each once"),
    ],
)
def test_what_no_annuity_can_have_is_refused(given_: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        assumptions(**given_)  # type: ignore[arg-type]


def test_expenses_come_from_the_fund_map_unless_given() -> None:
    assert 0.005 < assumptions().expense < 0.02
    assert assumptions(expense=0.0).expense == 0.0
    assert assumptions().credit == 0.06


@settings(max_examples=8, deadline=None)
@given(
    gross=st.floats(-0.5, 0.5),
    expense=st.floats(0.0, 0.1),
    credit=st.floats(0.0, 0.2),
    investment=st.floats(10_000.0, 1e6),
)
def test_no_value_is_negative_and_no_surrender_pays_more_than_the_account(
    gross: float, expense: float, credit: float, investment: float
) -> None:
    one = illustrate(assumptions((gross,), expense, credit, investment)._replace(years=1))[0]
    assert np.isfinite(one.account).all()
    assert (one.surrender >= 0.0).all()
    assert (one.surrender <= one.account).all()
    assert one.account[0, 2] == pytest.approx(investment * (1.0 + credit))


def test_issue_is_the_date_of_the_prospectus() -> None:
    contracts, _ = purchase(100_000.0, [0])
    assert contracts["issue_date"].to_pylist() == [date(2008, 5, 1)] * 3
    assert day_number(date(2008, 5, 1)) == 14_000
