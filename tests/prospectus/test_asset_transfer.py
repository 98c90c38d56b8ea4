"""The asset transfer formula: the example of Appendix D, whose figures hold for Appendix F, and derived vectors."""

from functools import cache

import pytest

from tests.support.story import Story, number, without_charges
from valuation.asset_transfer import FACTORS, target_value, transfer_amount, transfer_factor
from valuation.terms import load_terms

TRANSFER = load_terms(True).transfer
CENT = 0.005


class TestEHdD:
    """E-HD-D (prospectus 9784-9816): projected income $5,000.67 on day two, Account Value $92,300, nothing in bonds.

    Appendix D prints I = $5,000.67; in Appendix F that income stands for an Income Basis of $100,013.40.
    """

    basis = 5_000.67 / 0.05

    @staticmethod
    @cache
    def story() -> Story:
        start = TestEHdD.basis / 1.07 ** (1.0 / 365.0)
        story = Story("2008-07-01", start, plan="HD7", terms=without_charges())
        return story.on("2008-07-02", 92_300.0)

    def row(self, place: int) -> float:
        assert self.story().journal.used[3] == 1
        return float(self.story().journal.transfer_values[0, place])

    def test_income(self) -> None:
        assert TRANSFER.income_share * self.row(0) == pytest.approx(5_000.67, abs=1e-6)

    def test_factor(self) -> None:
        assert self.row(1) == 15.34

    def test_target_value(self) -> None:
        assert self.row(2) == pytest.approx(76_710.28, abs=1e-9)

    def test_target_ratio(self) -> None:
        assert f"{self.row(5):.2%}" == "83.11%"

    def test_transfer(self) -> None:
        assert self.row(6) == pytest.approx(14_351.40, abs=1e-9)
        assert self.story().account.bond == pytest.approx(14_351.40, abs=1e-6)
        assert self.story().ledger("FORMULA_TRANSFER") == pytest.approx(0.0, abs=1e-6)

    def test_ratio_after(self) -> None:
        permitted, bond = self.story().account
        assert (self.row(2) - bond) / permitted == pytest.approx(0.80, abs=1e-6)


class TestDvHd78:
    """DV-HD7-8: target value 149,500 and five positions."""

    @pytest.mark.parametrize(
        "bond, permitted, expected",
        [
            (0.0, 179_500.0, 29_500.0),
            (30_000.0, 140_000.0, 37_500.0),
            (80_000.0, 100_000.0, -52_500.0),
            (60_000.0, 150_000.0, -60_000.0),
            (5_000.0, 190_000.0, -5_000.0),
        ],
    )
    def test_transfer(self, bond: float, permitted: float, expected: float) -> None:
        assert transfer_amount(TRANSFER, 149_500.0, permitted, bond, 1.0) == pytest.approx(expected, abs=1e-9)

    def test_without_cents_the_ratio_afterwards_is_the_target(self) -> None:
        moved = transfer_amount(TRANSFER, 149_500.0, 140_000.0, 30_000.0, 0.0)
        other = (149_500.0 - 30_000.0 - moved) / (140_000.0 - moved)
        assert other == pytest.approx(0.80, abs=1e-12)


class TestThresholds:
    """ATF-5 to ATF-9 (prospectus 10010-10040): strict thresholds, nothing without value or without bonds."""

    @pytest.mark.parametrize("bond, permitted", [(0.0, 100_000.0), (10_000.0, 100_000.0)])
    def test_between_the_thresholds_nothing_moves(self, bond: float, permitted: float) -> None:
        for ratio in (0.7701, 0.80, 0.8299):
            assert transfer_amount(TRANSFER, bond + ratio * permitted, permitted, bond, 1.0) == 0.0

    def test_exactly_at_the_thresholds_nothing_moves(self) -> None:
        assert transfer_amount(TRANSFER, 83.0, 100.0, 0.0, 0.0) == 0.0
        assert transfer_amount(TRANSFER, 77.0 + 50.0, 100.0, 50.0, 0.0) == 0.0

    def test_everything_moves_in_from_a_ratio_of_one_on(self) -> None:
        assert transfer_amount(TRANSFER, 100_000.0, 100_000.0, 0.0, 1.0) == 100_000.0
        assert transfer_amount(TRANSFER, 99_999.0, 100_000.0, 0.0, 1.0) < 100_000.0

    def test_nothing_moves_without_permitted_value(self) -> None:
        assert transfer_amount(TRANSFER, 50_000.0, 0.0, 20_000.0, 1.0) == 0.0
        assert transfer_amount(TRANSFER, 5_000.0, 0.0, 20_000.0, 1.0) == 0.0

    def test_nothing_moves_out_without_bonds(self) -> None:
        assert transfer_amount(TRANSFER, 10_000.0, 100_000.0, 0.0, 1.0) == 0.0

    def test_a_negative_ratio_moves_out(self) -> None:
        assert transfer_amount(TRANSFER, 10_000.0, 100_000.0, 20_000.0, 1.0) == -20_000.0

    def test_on_the_effective_date_nothing_moves(self) -> None:
        """ATF-19: 5% x 15.34 = 0.767."""
        story = Story("2008-07-01", plan="HD7", terms=without_charges())
        assert story.account.bond == 0.0
        other = 0.05 * 15.34
        assert other == pytest.approx(0.767, abs=1e-12)


class TestDvA1:
    """DV-A-1: factors by completed months since 2 May 2008."""

    @pytest.mark.parametrize(
        "day, expected",
        [
            ("2008-05-02", 15.34),
            ("2008-06-01", 15.34),
            ("2008-06-02", 15.31),
            ("2009-04-20", 14.95),
            ("2009-05-02", 14.91),
        ],
    )
    def test_factor(self, day: str, expected: float) -> None:
        assert transfer_factor(number("2008-05-02"), number(day)) == expected

    def test_the_table_is_whole_and_ends_at_zero(self) -> None:
        assert FACTORS.shape == (492,)
        assert (FACTORS[1:] <= FACTORS[:-1]).all()
        assert transfer_factor(number("2008-05-02"), number("2049-05-01")) == FACTORS[491]
        assert transfer_factor(number("2008-05-02"), number("2049-05-02")) == 0.0


class TestOutByInstructions:
    """ATF-12 (prospectus 10022-10026): in pro rata by value, out by the most recent allocation instructions."""

    @staticmethod
    @cache
    def story() -> Story:
        story = Story("2008-07-01", plan="HD7", terms=without_charges())
        story.days([("2008-07-02", None, ())], [[1.0, 0.5, 1.0]])
        return story

    def test_in_pro_rata(self) -> None:
        assert self.story().account.bond > 0.0
        held = self.story().book.units * self.story().book.price
        assert held[0] / held[1] == pytest.approx(60_000.0 / 20_000.0, abs=1e-9)

    def test_out_by_instructions(self) -> None:
        story = Story("2008-07-01", plan="HD7", terms=without_charges())
        story.days([("2008-07-02", None, ())], [[1.0, 0.5, 1.0]])
        units = story.book.units.copy()
        bond = story.account.bond
        story.on("2008-07-03", 130_000.0)
        moved = (story.book.units - units) * story.book.price
        assert story.account.bond == 0.0
        assert moved[0] / moved[1] == pytest.approx(0.6 / 0.4, abs=1e-9)
        assert moved[0] + moved[1] == pytest.approx(-moved[2], abs=1e-6)
        assert bond > 0.0


def test_target_value_rounds_to_cents_only_where_cents_are_on() -> None:
    basis = 118_309.859154929
    assert target_value(TRANSFER, basis, 15.16, 1.0) == pytest.approx(89_678.87, abs=1e-9)
    assert target_value(TRANSFER, basis, 15.16, 0.0) == pytest.approx(0.05 * basis * 15.16, abs=1e-9)
