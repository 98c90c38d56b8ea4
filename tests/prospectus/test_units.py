"""Worked examples of "How and when do you value the Sub-accounts?" and "Determination of accumulation unit values".

One class per example.  EX- are printed figures; D- follow from the rules under the readings of `valuation.units`.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from valuation.units import (
    COMPOUND,
    CONVENTIONS,
    EFFECTIVE,
    FIRST_UNIT_PRICE,
    SIMPLE,
    asset_ratio,
    daily_charge,
    net_investment_factor,
    rebased_units,
    unit_prices,
    units_of,
)

DAYS = np.array([14_134, 14_137, 14_138, 14_139, 14_140, 14_141], dtype=np.int64)  # 2008-09-12, a Friday, on
RATIOS = np.array([[1.002, 0.99, 1.0, 1.013, 0.9]]).T


def navs(*ratios: float) -> NDArray[np.float64]:
    return np.multiply.accumulate(np.array([[10.0], *([r] for r in ratios)], dtype=np.float64), axis=0)


class TestExUnit:
    """EX-UNIT (prospectus 7487-7496): $5,000 at $14.83, then $3,000 moved at $16.79 to a Sub-account at $17.83."""

    bought = units_of(5_000.0, 14.83, True)
    sold = units_of(3_000.0, 16.79, True)

    def test_units_bought(self) -> None:
        assert self.bought == 337.154

    def test_units_sold(self) -> None:
        assert self.sold == 178.677

    def test_units_left(self) -> None:
        assert self.bought - self.sold == pytest.approx(158.477, abs=1e-10)

    def test_units_of_the_new_sub_account(self) -> None:
        assert units_of(3_000.0, 17.83, True) == 168.255

    def test_rounding_half_up_does_not_give_the_printed_figures(self) -> None:
        assert round(units_of(3_000.0, 16.79), 3) == 178.678
        assert round(units_of(3_000.0, 17.83), 3) == 168.256

    @pytest.mark.parametrize("units", [0.001, 0.29, 1.001, 4.35, 1_234.567, 99_999.999])
    def test_a_whole_number_of_thousandths_is_kept(self, units: float) -> None:
        assert units_of(units * 16.79, 16.79, True) == units

    def test_units_are_not_rounded_otherwise(self) -> None:
        assert units_of(5_000.0, 14.83) == 5_000.0 / 14.83


class _DailyEquivalent:
    """Unit Price 10 on the preceding Valuation Day, asset ratio 1.002; net investment factors as in the vector."""

    charge: float
    days: int
    factor: dict[str, float]
    unit_price: float  # of the simple convention, the one the vector carries on

    @pytest.mark.parametrize("convention", CONVENTIONS)
    def test_net_investment_factor(self, convention: str) -> None:
        charged = daily_charge(self.charge, float(self.days), CONVENTIONS[convention])
        assert 1.002 - charged == pytest.approx(self.factor[convention], abs=5e-11)

    def test_the_decided_convention_is_the_effective_one(self) -> None:
        got = net_investment_factor(1.002, self.charge, float(self.days))
        assert got == pytest.approx(self.factor["effective"], abs=5e-11)

    @pytest.mark.parametrize("convention", CONVENTIONS)
    def test_unit_price(self, convention: str) -> None:
        days = np.array([0, self.days], dtype=np.int64)
        got = unit_prices(navs(1.002), np.zeros((2, 1)), days, [self.charge], convention)
        assert got[1, 0, 0] == pytest.approx(10.0 * self.factor[convention], abs=5e-10)

    def test_unit_price_of_the_vector(self) -> None:
        days = np.array([0, self.days], dtype=np.int64)
        got = unit_prices(navs(1.002), np.zeros((2, 1)), days, [self.charge], "simple")
        assert got[1, 0, 0] == pytest.approx(self.unit_price, abs=5e-7)


class TestDUnit115One(_DailyEquivalent):
    """D-UNIT-1.15-1: 1.15% a year, 1 calendar day."""

    charge, days, unit_price = 0.0115, 1, 10.019685
    factor = {"simple": 1.0019684932, "compound": 1.0019686724, "effective": 1.0019683111}  # noqa: RUF012


class TestDUnit115Three(_DailyEquivalent):
    """D-UNIT-1.15-3: 1.15% a year, 3 calendar days."""

    charge, days, unit_price = 0.0115, 3, 10.019055
    factor = {"simple": 1.0019054795, "compound": 1.0019060144, "effective": 1.0019049363}  # noqa: RUF012


class TestDUnit165One(_DailyEquivalent):
    """D-UNIT-1.65-1: 1.65% a year, 1 calendar day."""

    charge, days, unit_price = 0.0165, 1, 10.019548
    factor = {"simple": 1.0019547945, "compound": 1.0019551624, "effective": 1.0019544185}  # noqa: RUF012


class TestDUnit165Three(_DailyEquivalent):
    """D-UNIT-1.65-3: 1.65% a year, 3 calendar days."""

    charge, days, unit_price = 0.0165, 3, 10.018644
    factor = {"simple": 1.0018643836, "compound": 1.0018654812, "effective": 1.0018632616}  # noqa: RUF012


class TestDUnitRebasing:
    """D-UNIT-RB: 337.154 Units at 16.79 become Units of a class at 15.10."""

    after = rebased_units(337.154, 16.79, 15.10)

    def test_units(self) -> None:
        assert self.after == pytest.approx(374.888454, abs=5e-7)

    def test_value_is_kept(self) -> None:
        assert self.after * 15.10 == pytest.approx(5_660.82, abs=0.005)
        assert self.after * 15.10 == pytest.approx(337.154 * 16.79, rel=1e-15)

    def test_the_new_charge_applies_from_the_next_day(self) -> None:
        days = DAYS[:3]
        prices = unit_prices(navs(1.002, 0.99), np.zeros((3, 1)), days, [0.0115, 0.0165])[:, :, 0]
        units = rebased_units(100.0, float(prices[1, 0]), float(prices[1, 1]))
        want = 100.0 * prices[1, 0] * net_investment_factor(0.99, 0.0165, 1.0)
        assert units * prices[2, 1] == pytest.approx(want, rel=1e-14)


class TestDUnitYear:
    """D-UNIT-Y: 100,000 without gross return, 1.15% a year: loss of a year by convention."""

    @pytest.mark.parametrize("convention, loss", [(SIMPLE, 1_143.43), (COMPOUND, 1_136.96), (EFFECTIVE, 1_150.00)])
    def test_one_deduction_a_calendar_day(self, convention: int, loss: float) -> None:
        kept = (1.0 - daily_charge(0.0115, 1.0, convention)) ** 365
        assert 100_000.0 * (1.0 - kept) == pytest.approx(loss, abs=0.005)

    def test_a_deduction_a_business_day_would_lose_only_part(self) -> None:
        kept = (1.0 - daily_charge(0.0115, 1.0, SIMPLE)) ** 252
        assert 100_000.0 * (1.0 - kept) == pytest.approx(790.84, abs=0.005)

    def test_the_effective_charge_does_not_depend_on_how_the_year_is_cut(self) -> None:
        weeks = np.array([0, *np.cumsum([3, 1, 1, 1, 1] * 52), 365], dtype=np.int64)
        flat = np.full((len(weeks), 1), 10.0)
        got = unit_prices(flat, np.zeros_like(flat), weeks, [0.0115, 0.0150, 0.0155])
        assert_allclose(got[-1, :, 0], FIRST_UNIT_PRICE * (1.0 - np.array([0.0115, 0.0150, 0.0155])), rtol=1e-13)


class TestUnitPrices:
    """UNIT-2 to UNIT-5, UNIT-8."""

    charges = (0.0115, 0.0150)

    def test_it_equals_the_product_of_net_investment_factors(self) -> None:
        ratios = RATIOS[:, 0].tolist()
        got = unit_prices(navs(*ratios), np.zeros((6, 1)), DAYS, self.charges)
        for k, c in enumerate(self.charges):
            want = [FIRST_UNIT_PRICE]
            for ratio, n in zip(ratios, np.diff(DAYS).tolist(), strict=True):
                want.append(want[-1] * net_investment_factor(ratio, c, float(n)))
            assert_allclose(got[:, k, 0], want, rtol=1e-14)

    def test_a_distribution_leaves_the_unit_price_where_it_was(self) -> None:
        """UNIT-5: a share that pays 0.50 and falls by 0.50 has the same asset value."""
        plain = unit_prices([[10.0], [10.0], [10.5]], np.zeros((3, 1)), DAYS[:3], [0.0])
        paying = unit_prices([[10.0], [9.5], [9.975]], [[0.0], [0.5], [0.0]], DAYS[:3], [0.0])
        assert asset_ratio(9.5, 0.5, 10.0) == 1.0
        assert_allclose(paying, plain, rtol=1e-15)

    def test_a_dearer_class_is_never_worth_more(self) -> None:
        got = unit_prices(navs(*RATIOS[:, 0]), np.zeros((6, 1)), DAYS, [0.0, 0.0115, 0.0150, 0.0265])[:, :, 0]
        assert np.all(np.diff(got[1:], axis=1) < 0.0)
        assert_allclose(got[:, 0], navs(*RATIOS[:, 0])[:, 0], rtol=1e-15)


class TestErrors:
    @pytest.mark.parametrize(
        "values, paid, charges, convention, says",
        [
            ([[10.0], [0.0]], [[0.0], [0.0]], [0.01], "effective", "value of Sub-account 0 on 2008-09-15 is 0.0"),
            ([[10.0], [np.nan]], [[0.0], [0.0]], [0.01], "effective", "2008-09-15 is nan, must be positive"),
            ([[10.0], [9.0]], [[0.0], [-1.0]], [0.01], "effective", "distribution of Sub-account 0 .* must be zero or"),
            ([[10.0], [9.0]], [[0.0], [0.0]], [1.15], "effective", "annual charges .1.15. must be fractions"),
            ([[10.0], [9.0]], [[0.0]], [0.01], "effective", r"net asset values \(2, 1\), distributions \(1, 1\)"),
            ([[10.0], [9.0]], [[0.0], [0.0]], [0.01], "daily", "'daily': choose one of effective, simple, compound"),
            ([[10.0], [1e-9]], [[0.0], [0.0]], [0.01], "effective", "Unit Price of Sub-account 0, charge 0.01"),
        ],
    )
    def test_what_it_refuses(
        self, values: list[list[float]], paid: list[list[float]], charges: list[float], convention: str, says: str
    ) -> None:
        with pytest.raises(ValueError, match=says):
            unit_prices(values, paid, DAYS[:2], charges, convention)

    def test_days_out_of_order(self) -> None:
        with pytest.raises(ValueError, match="days must ascend"):
            unit_prices([[10.0], [9.0]], np.zeros((2, 1)), DAYS[1::-1], [0.01])
