"""Fixed Rate Options in a projection: no daily charge, renewal at the valuation date's rate, the Enhanced schedule kept."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from tests.support.fixed_money_block import IN_SUBS, ONE_YEAR, SUBS, FixedMoneyBlock
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.assumptions import load_assumptions
from valuation.funds import load_fund_map
from valuation.living.kinds import FIXED, KINDS, kind_with
from valuation.portfolio import Portfolio, Values, in_force, prepare_groups, project, project_group
from valuation.projected import MEASURES, Lanes
from valuation.sessions import day_date, day_number, valuation_days

AS_OF, END, LANES = date(2007, 10, 31), date(2009, 1, 30), 2


def _row(name: str, **story: object) -> pa.Table:
    found = FixedMoneyBlock(**story).on(str(AS_OF)).snapshot  # type: ignore[arg-type]
    assert found is not None
    place = found.schema.get_field_index("contract_id")
    return in_force(found).set_column(place, found.schema.field(place), pa.array([name]))


def _prepared(*rows: pa.Table) -> tuple[Portfolio, np.ndarray]:
    as_of, grid = day_number(AS_OF), valuation_days(day_date(day_number(AS_OF) + 1), END)
    price = np.full((len(CHARGE_CLASSES), len(SLOTS)), 10.0)
    given = (load_assumptions("best_2008"), load_fund_map(), as_of, grid, 0.04, price)
    tile = np.full((len(grid), 6, LANES), 1.0003)
    tile[:, 5] = 1.0
    return prepare_groups(pa.concat_tables(rows), *given), tile


def _ended(*rows: pa.Table) -> tuple[Portfolio, list[Lanes]]:
    portfolio, tile = _prepared(*rows)
    shock = np.ones((len(portfolio.grid), 6))
    return portfolio, [project_group(portfolio, one, tile, shock) for one in portfolio.groups]


def _values(*rows: pa.Table) -> Values:
    portfolio, tile = _prepared(*rows)
    return project(portfolio, tile, None)


def test_no_daily_charge_is_taken_from_them() -> None:
    """Half the money, half the charges: what stands at a price of 1 bears none."""
    whole = _values(_row("A", parts={ONE_YEAR: 1.0}))
    assert not whole.worth[0, [MEASURES.index(name) for name in ("asset_charges", "revenue_sharing")]].any()
    charged = MEASURES.index("asset_charges")
    half, none = _values(_row("A", parts={SUBS[0]: 0.5, ONE_YEAR: 0.5})), _values(_row("A", parts={SUBS[0]: 1.0}))
    assert half.worth[0, charged] == pytest.approx(0.5 * none.worth[0, charged], rel=0.01)


def test_a_period_renews_at_the_rate_of_the_valuation_date() -> None:
    """4% to the end of the year, of it 1% for a payment in its first year alone, then the 3% declared in 2007."""
    _, (lanes,) = _ended(_row("A", parts={ONE_YEAR: 1.0}))
    first, after = 1.04 ** (366 / 365), 1.03 ** ((day_number(END) - day_number(date(2008, 7, 2))) / 365)
    assert lanes.units[0, -1] == pytest.approx(100_000.0 * first * after)
    assert float(lanes.fixed.rate[0, 0]) == 0.03


def test_an_enhanced_programme_keeps_its_schedule() -> None:
    _, (lanes,) = _ended(_row("A", parts=IN_SUBS, enhanced_amount=60_000.0, number_of_payments=12))
    assert not lanes.units[0, -1].any()
    assert float(lanes.fixed.enhanced[0, 0, 3]) == 12.0


def test_contracts_without_them_keep_their_kind_and_values() -> None:
    other = _row("A", parts=IN_SUBS)
    alone, mixed = _values(other), _values(other, _row("B", parts={ONE_YEAR: 1.0}))
    np.testing.assert_array_equal(alone.worth[0], mixed.worth[0])
    portfolio, _ = _prepared(other, _row("B", parts={ONE_YEAR: 1.0}))
    assert [kind_with(one.group.blank) for one in portfolio.groups] == [KINDS[0], KINDS[FIXED]]


def test_a_portfolio_is_projected_twice_alike() -> None:
    """The composition of a tile is its own copy."""
    portfolio, tile = _prepared(_row("A", parts=IN_SUBS, enhanced_amount=60_000.0, number_of_payments=12))
    once, twice = project(portfolio, tile, None), project(portfolio, tile, None)
    np.testing.assert_array_equal(once.worth, twice.worth)
