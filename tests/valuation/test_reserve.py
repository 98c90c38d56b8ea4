"""Accumulated deficiencies, tails, allocation and exact sums: hand-made cases, closed forms, naive versions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from valuation.estimate import mean_estimate
from valuation.fixed_point import UNIT, FixedPointError, add_fixed, from_fixed, sum_fixed, to_fixed
from valuation.reserve import (
    additional_standard_projection_amount,
    allocate_reserve,
    c3_charge,
    contract_measure,
    cte,
    cte_batches,
    fair_value,
    floor_at_surrender_value,
    greatest_accumulated_deficiency,
    stochastic_reserve,
    tail,
)


def project(start, flows, rate):
    """Total assets that earn ``rate`` and take year-end ``flows`` (n_year, n_scenario), and their discount factors."""
    assets = [np.broadcast_to(start, flows.shape[1:]).astype(float)]
    for flow in flows:
        assets.append(assets[-1] * (1.0 + rate) + flow)
    discount = (1.0 + rate) ** -np.arange(len(flows) + 1.0)
    return np.array(assets), np.repeat(discount[:, None], flows.shape[1], axis=1)


class TestGreatestAccumulatedDeficiency:
    def test_a_case_by_hand(self):
        """Assets 100, 60, -20, -5 at 1, .95, .90, .85: worst shortfall 20 x .90 = 18, reserve 118."""
        assets, discount = np.array([[100.0], [60.0], [-20.0], [-5.0]]), np.array([[1.0], [0.95], [0.90], [0.85]])
        assert greatest_accumulated_deficiency(assets, discount) == pytest.approx([118.0])

    def test_without_shortfall_the_least_surplus_is_released(self):
        assets, discount = np.array([[100.0], [40.0], [50.0]]), np.array([[1.0], [0.9], [0.8]])
        assert greatest_accumulated_deficiency(assets, discount) == pytest.approx([64.0])

    def test_starting_assets_do_not_matter_when_assets_earn_the_discount_rate(self):
        flows = np.random.default_rng(1).normal(0.0, 10.0, (30, 50))
        few, many = (greatest_accumulated_deficiency(*project(a, flows, 0.04)) for a in (0.0, 500.0))
        assert few == pytest.approx(many, abs=1e-9)

    def test_direct_iteration_finds_the_same_reserve(self):
        flows = np.random.default_rng(2).normal(-1.0, 10.0, (25, 8))
        reserve = greatest_accumulated_deficiency(*project(100.0, flows, 0.03))
        for i in range(flows.shape[1]):
            low, high = -1000.0, 1000.0  # bisect starting assets until no year end is short
            for _ in range(80):
                middle = (low + high) / 2
                short = project(middle, flows[:, i : i + 1], 0.03)[0][1:].min() < 0.0
                low, high = (middle, high) if short else (low, middle)
            assert high == pytest.approx(reserve[i], abs=1e-8)

    def test_shapes_and_factors_are_checked(self):
        with pytest.raises(ValueError, match=r"assets have shape \(3, 2\), discount \(3, 1\)"):
            greatest_accumulated_deficiency(np.zeros((3, 2)), np.ones((3, 1)))
        with pytest.raises(ValueError, match="must be 1 at the valuation date"):
            greatest_accumulated_deficiency(np.zeros((2, 1)), np.full((2, 1), 0.9))

    def test_the_floor_is_on_the_aggregate_before_the_tail(self):
        """Floors on each contract overstate: 100 and 100 become 170 and 110."""
        by_contract, surrender = np.array([[120.0, 40.0], [-20.0, 60.0]]), np.array([50.0, 50.0])
        aggregate = floor_at_surrender_value(by_contract.sum(axis=0), surrender.sum())
        each = np.maximum(by_contract, surrender[:, None]).sum(axis=0)
        assert aggregate.tolist() == [100.0, 100.0]
        assert each.tolist() == [170.0, 110.0]


class TestTail:
    def test_ties_go_to_the_lower_scenario_number(self):
        assert tail(np.array([5.0, 7.0, 5.0, 7.0, 5.0]), 0.4).scenarios.tolist() == [1, 3, 0]

    def test_level_70_of_1000_is_300_scenarios(self):
        worst = tail(np.arange(1000.0), 0.7)
        assert len(worst.scenarios) == 300
        assert np.all(worst.weights == worst.weights[0])

    def test_a_fraction_of_a_scenario_counts_as_a_fraction(self):
        """The worst 2.5 of 10: (9 + 8 + 7 / 2) / 2.5."""
        worst = tail(np.arange(10.0), 0.75)
        assert worst.weights == pytest.approx([0.4, 0.4, 0.2])
        assert cte(np.arange(10.0), 0.75).value == pytest.approx(8.2)

    @given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60), st.floats(0.0, 0.99))
    def test_it_is_the_mean_of_the_sorted_tail(self, values, level):
        x = np.array(values)
        left, total = len(x) * (1.0 - level), 0.0
        size = left
        for value in sorted(values, reverse=True):
            total += min(left, 1.0) * value
            left = max(left - 1.0, 0.0)
        assert float(cte(x, level).value) == pytest.approx(total / size, rel=1e-6, abs=1e-3)

    @given(st.lists(st.floats(-1e9, 1e9), min_size=50, max_size=50))
    def test_a_deeper_tail_is_never_lower(self, values):
        x = np.array(values)
        assert cte(x, 0.98).value >= cte(x, 0.70).value - 1e-6 >= x.mean() - 2e-6

    def test_level_zero_is_the_mean(self):
        x = np.random.default_rng(3).normal(size=777)
        assert cte(x, 0.0).value == pytest.approx(x.mean(), abs=1e-12)

    def test_values_that_are_not_finite_are_refused(self):
        with pytest.raises(ValueError, match="allowed are finite values"):
            cte(np.array([1.0, np.nan]), 0.5)


class TestStandardError:
    @pytest.mark.parametrize("level", [0.70, 0.98])
    def test_tail_expectation_of_normals_is_estimated_within_its_error(self, level):
        """CTE of a standard normal is phi(z) / (1 - level); the spread of 400 runs is what the formula says."""
        draws = np.random.default_rng(4).normal(size=(400, 1000))
        runs = [cte(row, level) for row in draws]
        values, errors = np.array([r.value for r in runs]), np.array([r.standard_error for r in runs])
        exact = stats.norm.pdf(stats.norm.ppf(level)) / (1 - level)
        bias = 0.02 if level > 0.9 else 0.0
        assert values.mean() == pytest.approx(exact, abs=3 * values.std() / 20 + bias)
        assert errors.mean() == pytest.approx(values.std(ddof=1), rel=0.12)

    def test_batches_agree_with_the_formula(self):
        x = np.random.default_rng(5).lognormal(size=40_000)
        formula, batches = cte(x, 0.7), cte_batches(x, 0.7, 40)
        assert batches.value == pytest.approx(formula.value, rel=0.01)
        assert batches.standard_error == pytest.approx(formula.standard_error, rel=0.35)

    def test_antithetic_pairs_are_one_sample(self):
        """A linear value has no error on antithetic pairs; taken as independent it seems to have one."""
        z = np.random.default_rng(6).normal(size=500)
        pairs = 10.0 + np.stack([z, -z], axis=1).ravel()
        paired, naive = fair_value(pairs, 2), fair_value(pairs)
        assert paired.value == pytest.approx(10.0, abs=1e-12)
        assert paired.standard_error < 1e-12 < 0.02 < naive.standard_error

    def test_independent_scenarios_have_the_textbook_error(self):
        x = np.random.default_rng(7).normal(size=(3, 1000))
        estimate = fair_value(x)
        assert estimate.value == pytest.approx(x.mean(axis=1))
        assert estimate.standard_error == pytest.approx(stats.sem(x, axis=1))

    def test_a_row_has_the_same_bits_alone_and_in_a_block(self):
        x = np.random.default_rng(8).lognormal(size=(17, 1002))
        together = mean_estimate(x, 2)
        for i in range(17):
            alone = mean_estimate(x[i], 2)
            assert alone.value == together.value[i]
            assert alone.standard_error == together.standard_error[i]

    def test_an_odd_number_of_scenarios_cannot_be_pairs(self):
        with pytest.raises(ValueError, match="5 scenarios in samples of 2"):
            fair_value(np.zeros(5), 2)

    def test_a_bad_scenario_is_named(self):
        with pytest.raises(ValueError, match="scenario 2 has a value that is not finite"):
            fair_value(np.array([[1.0, 2.0, 3.0], [1.0, 2.0, np.inf]]))


class TestAllocation:
    def test_the_printed_example(self):
        """VM-21 section 13: C = 28, 40, 52; R = 38, 52, 50; aggregate 140."""
        found = allocate_reserve(np.array([28.0, 40.0, 52.0]), np.array([38.0, 52.0, 50.0]), 140.0)
        assert found == pytest.approx([37.09, 50.91, 52.00], abs=0.005)

    @given(
        st.lists(st.tuples(st.floats(0.0, 1e6), st.floats(-1e6, 2e6)), min_size=1, max_size=30),
        st.floats(0.0, 1e6),
    )
    def test_it_adds_up_and_nobody_is_below_surrender_value(self, contracts, excess):
        c, r = (np.array(x) for x in zip(*contracts, strict=True))
        c += 1.0
        found = allocate_reserve(c, r, c.sum() + excess)
        assert found.sum() == pytest.approx(c.sum() + excess, rel=1e-12)
        assert np.all(found >= c)

    def test_without_measure_above_surrender_value_the_excess_follows_surrender_value(self):
        assert allocate_reserve(np.array([10.0, 30.0]), np.array([5.0, 5.0]), 48.0) == pytest.approx([12.0, 36.0])

    def test_an_aggregate_below_surrender_value_is_refused(self):
        with pytest.raises(ValueError, match=r"aggregate reserve 30.0 is below the sum of surrender values 40.0"):
            allocate_reserve(np.array([10.0, 30.0]), np.array([5.0, 5.0]), 30.0)

    def test_contract_measures_add_up_to_the_tail_of_the_aggregate(self):
        values = np.random.default_rng(9).lognormal(10.0, 1.0, (40, 200))
        aggregate = values.sum(axis=0)
        measure = contract_measure(values, tail(aggregate, 0.7))
        assert measure.sum() == pytest.approx(float(cte(aggregate, 0.7).value), rel=1e-12)
        assert measure.sum() < sum(float(cte(row, 0.7).value) for row in values)

    def test_a_contract_is_measured_alone_as_in_the_block(self):
        values = np.random.default_rng(10).lognormal(10.0, 1.0, (40, 200))
        worst = tail(values.sum(axis=0), 0.98)
        together = contract_measure(values, worst)
        assert all(contract_measure(values[i : i + 1], worst)[0] == together[i] for i in range(40))


class TestRequirements:
    company = np.arange(100.0)  # CTE70 is 84.5, CTE65 is 82

    def test_the_prescribed_excess_counts_above_the_buffer(self):
        """CTE70 of 94.5 against 84.5, buffer 84.5 - 82 = 2.5: 7.5."""
        found = additional_standard_projection_amount(self.company + 10.0, self.company, self.company)
        assert found == pytest.approx(7.5)

    def test_an_excess_inside_the_buffer_adds_nothing(self):
        assert additional_standard_projection_amount(self.company + 2.0, self.company, self.company) == 0.0

    def test_the_buffer_is_measured_without_the_floor(self):
        """Floored at 90 the company's CTE70 is (90 x 21 + 91 + ... + 99) / 30 = 91.5; the buffer stays 2.5."""
        floored = floor_at_surrender_value(self.company, 90.0)
        found = additional_standard_projection_amount(self.company + 10.0, floored, self.company)
        assert found == pytest.approx(94.5 - 91.5 - 2.5)

    def test_hedging_is_credited_less_its_error(self):
        assert stochastic_reserve(80.0, 100.0, 0.25) == 85.0
        assert stochastic_reserve(100.0, 80.0, 0.25) == 100.0
        with pytest.raises(ValueError, match=r"error factor is 0.0; allowed is 0.05 to 1"):
            stochastic_reserve(80.0, 100.0, 0.0)

    def test_capital_is_a_quarter_of_the_excess(self):
        assert c3_charge(150.0, 10.0, 120.0) == 10.0
        assert c3_charge(100.0, 10.0, 120.0) == 0.0


class TestFixedPoint:
    amounts = st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=80)

    @given(amounts, st.randoms(use_true_random=False), st.integers(1, 9))
    def test_sums_are_the_same_bits_shuffled_and_partitioned(self, values, random, size):
        whole = from_fixed(sum_fixed(to_fixed(values)))
        shuffled = values.copy()
        random.shuffle(shuffled)
        total = to_fixed(0.0)
        for first in range(0, len(shuffled), size):
            total = add_fixed(total, sum_fixed(to_fixed(shuffled[first : first + size])))
        assert from_fixed(total) == whole

    def test_floats_do_not_have_that_property(self):
        values = np.array([1e16, 1.0, -1e16, 1.0])
        assert values.sum() != values[[0, 2, 1, 3]].sum()

    @given(amounts)
    def test_the_error_is_at_most_half_a_unit_a_value(self, values):
        from fractions import Fraction

        exact = sum((Fraction(v) for v in values), Fraction(0))
        units = Fraction(int(sum_fixed(to_fixed(values)))) / 2**16
        assert abs(units - exact) <= Fraction(len(values), 2**17)

    def test_values_of_whole_units_come_back(self):
        values = np.array([[0.0, -1.5], [UNIT, 2.0**36 + UNIT]])
        assert np.array_equal(from_fixed(to_fixed(values)), values)
        assert UNIT == 2.0**-16

    def test_columns_are_summed(self):
        x = np.random.default_rng(11).normal(0.0, 1e6, (100, 7))
        assert from_fixed(sum_fixed(to_fixed(x))) == pytest.approx(x.sum(axis=0), abs=100 * 2.0**-17)

    @pytest.mark.parametrize("value", [np.nan, np.inf, 2.0**46, -(2.0**60)])
    def test_a_value_that_does_not_fit_is_named_with_its_place(self, value):
        with pytest.raises(
            FixedPointError, match=r"at index \(1,\); allowed are finite amounts below 70368744177664 USD"
        ):
            to_fixed([0.0, value])

    def test_an_overflow_of_a_sum_is_an_error(self):
        large = to_fixed(np.full(3, 2.0**45.9))
        with pytest.raises(FixedPointError, match="the sum of 3 values"):
            sum_fixed(large)
        with pytest.raises(FixedPointError, match="does not fit 64 bits"):
            add_fixed(sum_fixed(large[:2]), sum_fixed(large[:2]))
        assert sum_fixed(large * np.array([1, -1, 0])) == 0

    def test_no_values_sum_to_zero(self):
        assert sum_fixed(to_fixed(np.zeros((0, 3)))).tolist() == [0, 0, 0]
