"""The asset transfer formula of Appendix E, which prints no figures: derived vectors and every branch of its text."""

from functools import cache

import numpy as np
import pytest

from tests.support.ladder import Ladder, flat, formula_off
from tests.support.story import number
from valuation import accumulation_transfer as atf
from valuation.accumulation_transfer import Discounting, Liability, Transfer
from valuation.terms.benefits import load_accumulation_terms
from valuation.true_accumulation import NEW_ACCUMULATION, Accumulation, AccumulationDay

TERMS = load_accumulation_terms()
CENT = 0.005
CURVE = Discounting(np.array([2_500.0, 2_865.0]), np.array([0.0400, 0.0410]), 0.0050)
"""Benchmark 4.0% and 4.1%, Discount Rate Adjustment 0.5%: discount rates of 3.5% and 3.6%."""


def held(year: float) -> Accumulation:
    """A benefit with value in the AST bond Sub-account of ``year``, if any."""
    return NEW_ACCUMULATION._replace(stage=1.0, bond_year=year)


class TestDvTahd3:
    """DV-TAHD-3: guarantees of 227,464.79 with 2,500 days and 235,000 with 2,865 days to go, at 3.5% and 3.6%."""

    @staticmethod
    @cache
    def position() -> tuple[Accumulation, AccumulationDay]:
        story = Ladder("2008-10-13").leap("2009-10-12").on("2009-10-13")
        today = number("2018-10-13") - 2_500
        story.with_state(guarantee_0=227_464.79, guarantee_1=235_000.0, guarantee_2=0.0, guarantee_3=0.0)
        return story.state, story.facts(today)

    def test_days_to_the_maturity_dates(self) -> None:
        assert self.position()[1].days[:2] == (2_500.0, 2_865.0)
        assert self.position()[1].years[:2] == (2018.0, 2019.0)

    def test_discount_rates(self) -> None:
        assert atf.discount_rate(CURVE, 2_500.0) == pytest.approx(0.035, abs=1e-12)
        assert atf.discount_rate(CURVE, 2_865.0) == pytest.approx(0.036, abs=1e-12)

    def test_each_guarantee(self) -> None:
        state, facts = self.position()
        factors = atf.discount_factors(facts, CURVE)
        first, second = state.guarantee_0 * factors[0], state.guarantee_1 * factors[1]
        assert first == pytest.approx(179_714.46, abs=CENT)
        assert second == pytest.approx(178_034.55, abs=CENT)

    def test_current_liability(self) -> None:
        state, facts = self.position()
        liability = atf.associated(state, facts, atf.discount_factors(facts, CURVE), 0.0, 1.0)
        assert liability.amount == pytest.approx(179_714.46, abs=1e-9)
        assert liability.year == 2018.0

    def test_without_cents_it_is_unrounded(self) -> None:
        state, facts = self.position()
        liability = atf.associated(state, facts, atf.discount_factors(facts, CURVE), 0.0, 0.0)
        assert liability.amount == pytest.approx(227_464.79 / 1.035 ** (2_500 / 365), rel=1e-14)


class TestDvTahd4:
    """DV-TAHD-4: current liability 179,714.46 and five positions."""

    liability = Liability(179_714.46, 2018.0)

    @pytest.mark.parametrize(
        "bond, permitted, expected",
        [
            (0.0, 200_000.0, 87_302.56),
            (0.0, 225_000.0, 0.0),
            (100_000.0, 110_000.0, -58_253.00),
            (10_000.0, 260_000.0, -10_000.00),
            (99_000.0, 80_000.0, 80_000.00),
        ],
    )
    def test_transfer(self, bond: float, permitted: float, expected: float) -> None:
        moved = atf.transfer(held(2018.0 if bond else 0.0), TERMS, self.liability, permitted, bond, 1.0)
        assert moved.amount == pytest.approx(expected, abs=1e-9)
        assert moved.across == 0.0

    def test_without_cents_the_ratio_afterwards_is_the_target(self) -> None:
        moved = atf.transfer(held(0.0), TERMS, self.liability, 200_000.0, 0.0, 0.0)
        other = (179_714.46 - moved.amount) / (200_000.0 - moved.amount)
        assert other == pytest.approx(0.82, abs=1e-12)


class TestDiscountRate:
    """ATF-14 (prospectus 9898-9905): the benchmark for the days to maturity, less the adjustment."""

    @pytest.mark.parametrize("days, expected", [(1.0, 0.035), (2_682.5, 0.0355), (3_653.0, 0.036)])
    def test_linear_between_the_rates_and_level_outside(self, days: float, expected: float) -> None:
        assert atf.discount_rate(CURVE, days) == pytest.approx(expected, abs=1e-12)

    def test_a_negative_rate_makes_the_liability_greater_than_the_guarantee(self) -> None:
        story = Ladder("2009-01-01", discounting=flat(0.001, 0.005))
        facts = story.facts(story.prior)
        factors = atf.discount_factors(facts, story.discounting)
        assert factors[0] == pytest.approx(0.996 ** (-3_652 / 365), rel=1e-12)
        assert factors[0] > 1.0

    def test_no_guarantee_no_factor(self) -> None:
        story = Ladder("2009-01-01")
        assert atf.discount_factors(story.facts(story.prior), CURVE)[1:] == (0.0,) * 9


class TestThresholds:
    """ATF-16 to ATF-18 (prospectus 9917-9947): strict thresholds; nothing without value or without bonds."""

    def moved(
        self, ratio: float, permitted: float = 100_000.0, bond: float = 10_000.0, year: float = 2018.0
    ) -> Transfer:
        liability = Liability(bond + ratio * permitted, 2018.0)
        return atf.transfer(held(year), TERMS, liability, permitted, bond, 0.0)

    @pytest.mark.parametrize("ratio", [0.7901, 0.82, 0.8499])
    def test_between_the_thresholds_nothing_moves(self, ratio: float) -> None:
        assert self.moved(ratio) == Transfer(0.0, 0.0, 2018.0)

    @pytest.mark.parametrize("ratio", [0.7901, 0.82, 0.8499])
    def test_not_even_from_one_bond_sub_account_to_another(self, ratio: float) -> None:
        assert self.moved(ratio, year=2023.0) == Transfer(0.0, 0.0, 2023.0)

    def test_exactly_at_the_thresholds_nothing_moves(self) -> None:
        assert atf.transfer(held(0.0), TERMS, Liability(85.0, 2018.0), 100.0, 0.0, 0.0).amount == 0.0
        assert atf.transfer(held(2018.0), TERMS, Liability(129.0, 2018.0), 100.0, 50.0, 0.0).amount == 0.0

    def test_above_the_upper_one_it_moves_in(self) -> None:
        assert self.moved(0.86).amount == pytest.approx(0.04 / 0.18 * 100_000.0, rel=1e-9)

    def test_below_the_lower_one_it_moves_out(self) -> None:
        assert self.moved(0.781).amount == pytest.approx(-10_000.0)
        assert self.moved(0.781, bond=50_000.0).amount == pytest.approx(-0.039 / 0.18 * 100_000.0, rel=1e-9)

    def test_everything_moves_in_from_a_ratio_of_one_on(self) -> None:
        assert self.moved(1.0).amount == pytest.approx(100_000.0, abs=1e-9)
        assert self.moved(2.0).amount == 100_000.0
        assert self.moved(0.999).amount < 100_000.0

    def test_nothing_moves_out_without_bonds(self) -> None:
        assert self.moved(0.5, bond=0.0, year=0.0) == Transfer(0.0, 0.0, 0.0)

    def test_more_in_bonds_than_the_liability_is_a_normal_case(self) -> None:
        assert self.moved(-0.05).amount == -10_000.0


class TestBondSubAccounts:
    """ATF-16, ATF-17 (prospectus 3715-3729, 9921-9947): in into the Transfer Sub-account, out of the Current one."""

    liability = Liability(100_000.0, 2020.0)

    def test_a_first_transfer_names_the_sub_account(self) -> None:
        moved = atf.transfer(held(0.0), TERMS, self.liability, 110_000.0, 0.0, 0.0)
        assert (moved.across, moved.year) == (0.0, 2020.0)
        assert atf.after_transfer(held(0.0), moved).bond_year == 2020.0

    def test_in_takes_all_of_another_sub_account_along(self) -> None:
        moved = atf.transfer(held(2019.0), TERMS, self.liability, 90_000.0, 20_000.0, 0.0)
        assert moved.amount == pytest.approx((80_000.0 - 0.82 * 90_000.0) / 0.18, rel=1e-12)
        assert (moved.across, moved.year) == (20_000.0, 2020.0)

    def test_out_takes_what_is_left_in_another_sub_account_along(self) -> None:
        moved = atf.transfer(held(2019.0), TERMS, self.liability, 65_000.0, 50_000.0, 0.0)
        assert moved.amount == pytest.approx((50_000.0 - 0.82 * 65_000.0) / 0.18, rel=1e-12)
        assert moved.across == pytest.approx(50_000.0 + moved.amount, rel=1e-12)
        assert moved.year == 2020.0

    def test_out_leaves_the_rest_in_the_right_sub_account(self) -> None:
        moved = atf.transfer(held(2020.0), TERMS, self.liability, 65_000.0, 50_000.0, 0.0)
        assert (moved.across, moved.year) == (0.0, 2020.0)

    def test_when_all_is_out_there_is_no_current_sub_account(self) -> None:
        moved = atf.transfer(held(2019.0), TERMS, self.liability, 200_000.0, 5_000.0, 0.0)
        assert moved == Transfer(-5_000.0, 0.0, 0.0)
        assert atf.after_transfer(held(2019.0), moved).bond_year == 0.0


class TestCurrentLiability:
    """ATF-15 (prospectus 3731-3742, 9910-9915): the greatest of several, and which guarantee it is."""

    @staticmethod
    def story() -> Ladder:
        """Two guarantees of 100,000 maturing in 2019 and 2020."""
        return Ladder("2009-01-01").leap("2009-12-31").on("2010-01-01")

    def chosen(self, story: Ladder, rate: float, bond: float) -> Liability:
        facts = story.facts(story.prior)
        return atf.associated(story.state, facts, atf.discount_factors(facts, flat(rate)), bond, 1.0)

    def test_of_equal_guarantees_the_nearer_one_weighs_more(self) -> None:
        assert self.chosen(self.story(), 0.04, 0.0).year == 2019.0

    def test_with_negative_rates_the_farther_one(self) -> None:
        assert self.chosen(self.story(), -0.01, 0.0).year == 2020.0

    def test_a_guarantee_high_enough_outweighs_its_time(self) -> None:
        assert self.chosen(self.story().with_state(guarantee_1=105_000.0), 0.04, 0.0).year == 2020.0

    def test_a_tie_goes_to_the_earliest_maturity(self) -> None:
        assert self.chosen(self.story(), 0.0, 0.0) == Liability(100_000.0, 2019.0)

    def test_a_tie_goes_to_the_current_sub_account_first(self) -> None:
        assert self.chosen(self.story().with_state(bond_year=2020.0), 0.0, 1_000.0) == Liability(100_000.0, 2020.0)

    def test_an_empty_sub_account_is_not_the_current_one(self) -> None:
        assert self.chosen(self.story().with_state(bond_year=2020.0), 0.0, 0.0).year == 2019.0

    def test_a_place_taken_again_is_no_earlier_maturity(self) -> None:
        """After ten years place 0 holds the latest guarantee."""
        story = Ladder("2009-01-01")
        for year in range(2010, 2020):
            story.leap(f"{year - 1}-12-31").leap(f"{year}-01-01")
        assert self.chosen(story, 0.0, 0.0).year == 2020.0
        assert self.chosen(story.with_state(bond_year=2029.0), 0.0, 1.0).year == 2029.0


class TestThroughTheYears:
    """A fall, a rise to a new high, another fall: bonds of 2019, none, bonds of 2021."""

    @staticmethod
    @cache
    def story() -> Ladder:
        story = Ladder("2009-01-01", terms=TERMS, discounting=flat(0.04))
        story.leap("2009-12-31", 80_000.0).leap("2010-12-31", 130_000.0).leap("2011-01-01", 130_000.0)
        return story.leap("2011-01-03", 95_000.0)

    def test_bonds_of_the_initial_guarantee(self) -> None:
        past = self.story().at("2009-12-31")
        liability = 100_000.0 / 1.04 ** (3_288 / 365)
        assert past.moved.amount == pytest.approx((liability - 0.82 * 80_000.0) / 0.18, abs=0.05)
        assert (past.state.bond_year, past.bond) == (2019.0, past.moved.amount)

    def test_none_after_the_rise(self) -> None:
        past = self.story().at("2010-12-31")
        assert (past.bond, past.state.bond_year) == (0.0, 0.0)
        assert past.moved.amount < 0.0

    def test_bonds_of_the_guarantee_with_the_highest_present_value(self) -> None:
        past = self.story().at("2011-01-03")
        assert past.bond > 0.0
        assert past.state.bond_year == 2021.0

    def test_value_is_conserved(self) -> None:
        for past in self.story().past:
            assert past.permitted + past.bond == pytest.approx(past.opening + past.added, abs=1e-9)

    def test_with_thresholds_that_are_never_met_nothing_moves(self) -> None:
        story = Ladder("2009-01-01", terms=formula_off()).leap("2009-12-31", 1_000.0)
        assert story.bond == 0.0
