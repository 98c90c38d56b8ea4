"""The expense examples against a calculation by hand of the same contract, day by day, without Units or law.

The filing leaves every cell blank but the two that say annuitization is not possible after one and three years.
"""

from datetime import date, datetime, timedelta
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from valuation.arrays import CHARGE_CLASSES, SERIES
from valuation.block import value_block
from valuation.expense_examples import Costs, Example, expense_examples, maximum_terms
from valuation.failures import Reason
from valuation.illustrations import constant_market, purchase
from valuation.schema import SCHEMAS
from valuation.terms import load_terms

YEARS = (1, 3, 5, 10)
EXPENSE = 0.0130
CHARGE = {"B": 0.0115, "L": 0.0150, "X": 0.0155}
SURRENDER = {"B": (700.0, 500.0, 300.0, 0.0), "L": (700.0, 600.0, 0.0, 0.0), "X": (900.0, 800.0, 600.0, 0.0)}
QUARTERS = ((8, 1), (11, 1), (2, 1), (5, 1))


@cache
def examples(expense: float = EXPENSE, credit: float = 0.06) -> tuple[Example, ...]:
    return expense_examples(expense, credit)


def by_hand(series: str, rate: float = 0.015) -> list[tuple[Costs, float]]:
    """Costs to the end of every period, and the Account Value there before any Return of Principal."""
    value = 10_000.0 * (1.06 if series == "X" else 1.0)
    protected, spent, found = value, dict.fromkeys(Costs._fields, 0.0), []
    charge, day = CHARGE[series] + 0.005, date(2008, 5, 1)
    for k in range(1, 3651):
        before, day = day, day + timedelta(1)
        if (day.month, day.day) == (2, 29):
            day += timedelta(1)
        grown = value * 1.05 ** (1.0 / 365.0)
        inside, taken = (
            grown * (1.0 - (1.0 - EXPENSE) ** (1.0 / 365.0)),
            value * (1.0 - (1.0 - charge) ** (1.0 / 365.0)),
        )
        value = grown - inside - taken
        spent["portfolios"] += inside
        spent["insurance"] += taken * CHARGE[series] / charge
        spent["death_benefit"] += taken * 0.005 / charge
        if (day.month, day.day) == (5, 1):
            value -= 35.0
            spent["maintenance"] += 35.0
        protected = max(protected * 1.07 ** ((day - before).days / 365.0), value)
        if (day.month, day.day) in QUARTERS:
            value -= rate / 4.0 * protected
            spent["income_benefit"] += rate / 4.0 * protected
        if k in (365, 1095, 1825, 3650):
            found.append((Costs(**spent), value))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("k, years", list(enumerate(YEARS)))
def test_every_part_is_what_a_calculation_by_hand_gives(series: str, k: int, years: int) -> None:
    one, s = examples()[k], SERIES.index(series)
    costs, account = by_hand(series)[k]
    assert one.years == years
    for name, mine, theirs in zip(Costs._fields, one.costs, costs, strict=True):
        assert mine[s] == pytest.approx(theirs, rel=1e-9), name
    assert one.kept[s] == pytest.approx(sum(costs), rel=1e-9)
    if years < 10:
        assert one.account[s] == pytest.approx(account, rel=1e-9)


def test_return_of_principal_is_no_expense() -> None:
    """On the Tenth Anniversary the benefit tops the Account Value up to the initial value with its credit."""
    assert all(by_hand(series)[3][1] < 10_000.0 for series in "BL")
    assert examples()[3].account.tolist() == pytest.approx([10_000.0, 10_000.0, 10_600.0])


@pytest.mark.parametrize("series", SERIES)
def test_a_surrender_adds_the_charge_of_the_ending_year(series: str) -> None:
    s = SERIES.index(series)
    added = [one.surrendered[s] - one.kept[s] for one in examples()]
    assert added == pytest.approx(list(SURRENDER[series]))


def test_annuitization_costs_nothing_more_and_is_not_possible_after_one_and_three_years() -> None:
    for one in examples():
        if one.years < 5:
            assert np.isnan(one.annuitized).all()
        else:
            assert one.annuitized.tolist() == one.kept.tolist()


@pytest.mark.parametrize("years, refused", [(1, True), (3, True), (5, False)])
def test_the_law_refuses_annuitization_two_days_before_the_third_anniversary(years: int, refused: bool) -> None:
    end = 365 * years
    market = constant_market([0.05], EXPENSE, [c + 0.005 for c in CHARGE_CLASSES], years)
    contracts, requests = purchase(10_000.0, [0], "HD7")
    ends = [
        dict.fromkeys(SCHEMAS["transactions"].names)
        | {"transaction_id": f"{name}-1", "contract_id": name, "kind": "ANNUITIZATION"}
        | {"received": datetime(2008 + years, 4, 29, 10)}
        for name in contracts["contract_id"].to_pylist()
    ]
    requests = pa.concat_tables([requests, pa.Table.from_pylist(ends, SCHEMAS["transactions"])])
    found = value_block(contracts, requests, None, market.days[:end], market.prices[:end], terms=maximum_terms(0.06))
    reasons = found.refusals["reason_code"].to_pylist()
    assert reasons == ([int(Reason.ANNUITIZATION_TOO_EARLY)] * 3 if refused else [])


def test_the_maximum_charge_is_two_and_a_half_times_the_current_one() -> None:
    """Pitfall: the charge in force would cost 40% of what the examples must show."""
    most, law = maximum_terms(0.06), load_terms(False)
    assert most.income[0].quarterly_fee == pytest.approx(2.5 * law.income[0].quarterly_fee)
    shown = examples()[0].costs.income_benefit[0]
    assert shown == pytest.approx(by_hand("B")[0][0].income_benefit)
    assert by_hand("B", 0.006)[0][0].income_benefit < 0.41 * shown


def test_the_longevity_credit_does_not_apply() -> None:
    """With it the X Series would gain 40 USD on the tenth anniversary before the Return of Principal."""
    assert maximum_terms(0.06).purchase.longevity_rate == 0.0
    assert load_terms(False).purchase.longevity_rate == 0.004


def test_the_charges_of_the_x_series_are_on_the_credit_too() -> None:
    small, large = examples(credit=0.0)[0], examples(credit=0.06)[0]
    assert large.costs.income_benefit[2] == pytest.approx(1.06 * small.costs.income_benefit[2])
    assert small.kept[:2].tolist() == pytest.approx(large.kept[:2].tolist())


@pytest.mark.parametrize("expense, credit", [(0.5, None), (None, -0.01)])
def test_what_cannot_be_is_refused(expense: float | None, credit: float | None) -> None:
    with pytest.raises(ValueError, match="cannot be illustrated; allowed is 0 to"):
        expense_examples(expense, credit)
