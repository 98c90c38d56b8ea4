"""Mortality, lapse, first withdrawals: published anchors, closed forms, stability of draws."""

from dataclasses import replace
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.assumptions import AssumptionError, parse_assumptions
from valuation.decrements import (
    NEVER,
    annuity_values,
    contract_keys,
    dynamic_lapse,
    joint_last_survivor,
    lapse_params,
    load_assumptions,
    month_start_days,
    monthly_base_lapse,
    monthly_death_probabilities,
    monthly_expenses,
    mortality_rate,
    revenue_sharing_rates,
    withdrawal_start,
)

BEST = load_assumptions("best_2008")
PRUDENT = load_assumptions("prudent_2024")


def day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64))


class TestMortalityRate:
    @pytest.mark.parametrize("age, q", [(65, 0.009007), (75, 0.020905), (85, 0.066505)])
    def test_male_anchors_of_2012_iam_basic(self, age, q):
        assert mortality_rate(BEST.mortality_other, "M", age, 2012) == q

    def test_scale_g2_is_015_for_males_of_60_to_80(self):
        assert np.all(BEST.mortality_other.improvement["M"][60:81] == 0.015)

    def test_guarantee_basis_of_a_male_of_70(self):
        """Improvement to 2017 and no multiple: .012619 x .985^5 = .0117005, in 2017 and ever after."""
        q = mortality_rate(PRUDENT.mortality_guarantee, "M", 70, np.array([2017, 2026, 2050]))
        assert q == pytest.approx([0.0117005] * 3, abs=5e-8)

    def test_living_benefit_basis_of_a_male_of_70_in_2026(self):
        """.012619 x .985^14 x .875 = .0089359."""
        assert mortality_rate(PRUDENT.mortality_living_benefit, "M", 70, 2026) == pytest.approx(0.0089359, abs=5e-8)

    def test_rates_before_the_table_are_projected_backwards(self):
        assert mortality_rate(BEST.mortality_other, "M", 70, 2008) == pytest.approx(0.012619 / 0.985**4, rel=1e-12)

    @pytest.mark.parametrize(
        "age, factor", [(50, 0.80), (65, 0.80), (66, 0.815), (84, 1.085), (90, 1.10), (96, 1.09), (110, 1.0)]
    )
    def test_multiples_with_a_living_benefit(self, age, factor):
        assert PRUDENT.mortality_living_benefit.factor[age] == pytest.approx(factor, rel=1e-12)

    @pytest.mark.parametrize(
        "age, factor", [(65, 1.0), (70, 1.10), (75, 1.20), (80, 1.15), (85, 1.10), (100, 1.05), (105, 1.0)]
    )
    def test_multiples_without_a_living_benefit(self, age, factor):
        assert PRUDENT.mortality_other.factor[age] == pytest.approx(factor, rel=1e-12)

    def test_nobody_survives_age_121(self):
        assert mortality_rate(BEST.mortality_other, "F", [120, 121, 150], 2012) == pytest.approx([0.4, 1.0, 1.0])

    def test_an_unknown_sex_is_named(self):
        with pytest.raises(AssumptionError, match="sex is 'X'; allowed are 'M' and 'F'"):
            mortality_rate(BEST.mortality_other, "X", 70, 2012)


class TestMonthlyDeathProbabilities:
    def test_months_begin_on_the_same_day_or_the_last_of_the_month(self):
        days = month_start_days(day("2008-01-31"), 4)
        assert days.astype("datetime64[D]").astype(str).tolist() == [
            "2008-01-31",
            "2008-02-29",
            "2008-03-31",
            "2008-04-30",
        ]

    def test_age_nearest_birthday_changes_half_a_year_after_the_birthday(self):
        q = monthly_death_probabilities(BEST.mortality_other, "M", day("1942-08-15"), day("2012-01-15"), 13)
        annual = 1.0 - (1.0 - q) ** 12
        assert annual[0] == pytest.approx(0.011625, rel=1e-9)  # 69 1/2 less a month: 69
        assert annual[1] == pytest.approx(0.012619, rel=1e-9)  # 69 1/2 on 15 February 2012: 70
        assert annual[12] == pytest.approx(0.012619 * 0.985, rel=1e-9)  # 70, improved one year

    def test_twelve_months_of_one_age_and_year_are_the_annual_rate(self):
        q = monthly_death_probabilities(BEST.mortality_other, "F", day("1947-07-01"), day("2012-01-01"), 12)
        assert 1.0 - np.prod(1.0 - q) == pytest.approx(0.006829, rel=1e-12)

    def test_many_lives_are_each_life(self):
        births = np.array([day("1930-02-28"), day("1944-02-29"), day("1950-12-31")])
        sexes = ["M", "F", "M"]
        together = monthly_death_probabilities(BEST.mortality_living_benefit, sexes, births, day("2008-06-30"), 700)
        for i, birth in enumerate(births):
            alone = monthly_death_probabilities(BEST.mortality_living_benefit, sexes[i], birth, day("2008-06-30"), 700)
            assert np.array_equal(together[i], alone)

    def test_survival_agrees_with_a_walk_over_days(self):
        basis, birth, start = BEST.mortality_other, day("1938-03-20"), day("2008-12-31")
        survival = 1.0
        for month in month_start_days(start, 240):
            at = np.datetime64(int(month), "D").item()
            months = (at.year - 1938) * 12 + at.month - 3 - (at.day < 20)
            survival *= (1.0 - float(mortality_rate(basis, "M", (months + 6) // 12, at.year))) ** (1 / 12)
        q = monthly_death_probabilities(basis, "M", birth, start, 240)
        assert np.prod(1.0 - q) == pytest.approx(survival, rel=1e-12)


class TestJointLastSurvivor:
    q1 = monthly_death_probabilities(BEST.mortality_other, "M", day("1940-05-05"), day("2008-12-31"), 800)
    q2 = monthly_death_probabilities(BEST.mortality_other, "F", day("1945-05-05"), day("2008-12-31"), 800)
    joint = joint_last_survivor(q1, q2)

    def test_the_last_survivor_outlives_as_inclusion_and_exclusion_say(self):
        alive1, alive2 = np.cumprod(1.0 - self.q1), np.cumprod(1.0 - self.q2)
        assert np.cumprod(1.0 - self.joint.last_death) == pytest.approx(
            alive1 + alive2 - alive1 * alive2, rel=1e-9, abs=1e-15
        )

    def test_the_first_death_ends_the_survival_of_both(self):
        both = np.cumprod(1.0 - self.q1) * np.cumprod(1.0 - self.q2)
        assert np.cumprod(1.0 - self.joint.first_death) == pytest.approx(both, rel=1e-9, abs=1e-15)

    def test_constant_forces_have_the_textbook_expectation(self):
        """The mean number of whole months to the second death is p1/q1 + p2/q2 - p1p2/(1 - p1p2)."""
        q1, q2 = 0.02, 0.03
        last = joint_last_survivor(np.full(5000, q1), np.full(5000, q2)).last_death
        p1, p2 = 1 - q1, 1 - q2
        assert np.cumprod(1.0 - last).sum() == pytest.approx(p1 / q1 + p2 / q2 - p1 * p2 / (1 - p1 * p2), rel=1e-9)

    def test_with_a_life_that_is_gone_it_is_the_other_life(self):
        q1 = self.q1.copy()
        q1[0] = 1.0
        assert joint_last_survivor(q1, self.q2).last_death[1:600] == pytest.approx(self.q2[1:600], rel=1e-9)


class TestAnnuityValues:
    def test_without_deaths_it_is_an_annuity_certain(self):
        value = annuity_values(np.zeros(120), 0.05)[0]
        assert value == pytest.approx((1 - 1.05**-10) / (0.05 / 1.05), rel=1e-12)

    def test_constant_mortality_is_a_geometric_series(self):
        q = 0.01
        for payments in (1, 2, 4, 12):
            step = 12 // payments
            ratio = (1 - q) ** step * 1.04 ** (-step / 12)
            assert annuity_values(np.full(6000, q), 0.04, payments)[0] == pytest.approx(
                1 / payments / (1 - ratio), rel=1e-9
            )

    def test_lives_together_are_lives_alone(self):
        q = np.stack([TestJointLastSurvivor.q1, TestJointLastSurvivor.q2])
        assert np.array_equal(annuity_values(q, 0.03)[1], annuity_values(q[1], 0.03))

    def test_payments_that_do_not_fit_months_are_refused(self):
        with pytest.raises(AssumptionError, match="divisors of 12"):
            annuity_values(np.zeros(12), 0.03, 5)


class TestLapse:
    def test_the_shock_follows_the_last_year_of_the_charge(self):
        for series, years in (("B", 7), ("L", 4), ("X", 9)):
            annual = 1 - (1 - monthly_base_lapse(BEST.lapse, series, 0, 360)) ** 12
            assert annual.argmax() == 12 * years
            assert annual[12 * years - 1] < annual[12 * years] / 2
            assert annual[-1] == pytest.approx(BEST.lapse.base[series][-1])

    def test_a_later_start_is_a_shift(self):
        whole = monthly_base_lapse(BEST.lapse, "B", 0, 240)
        assert np.array_equal(whole[85:], monthly_base_lapse(BEST.lapse, "B", 85, 155))

    def test_charge_years_are_those_of_the_contract(self):
        """CDSC-1: the charge is zero from year 8 (B), 5 (L), 10 (X) on."""
        assert BEST.lapse.charge_years == PRUDENT.lapse.charge_years == {"B": 7, "L": 4, "X": 9}

    @pytest.mark.parametrize("ratio, factor", [(0.5, 1.0), (1.1, 1.0), (1.3, 0.75), (1.5, 0.5), (3.0, 0.5)])
    def test_linear_factor_of_the_best_estimate(self, ratio, factor):
        params = lapse_params(BEST.lapse, "B", 0, living_benefit=True, withdrawing=False)
        assert dynamic_lapse(0.01, ratio * 80_000.0, 80_000.0, params) == pytest.approx(0.01 * factor)

    @pytest.mark.parametrize(
        "ratio, rates",
        [
            (0.49, (0.040, 0.25, 0.15)), (0.5, (0.030, 0.18, 0.10)), (0.99, (0.025, 0.12, 0.07)),
            (1.0, (0.025, 0.08, 0.045)), (1.4, (0.025, 0.06, 0.03)), (1.6, (0.025, 0.05, 0.025)),
            (1.8, (0.025, 0.045, 0.02)), (2.5, (0.025, 0.04, 0.02)),
        ],
    )  # fmt: skip
    def test_table_6_3_of_the_prudent_set(self, ratio, rates):
        for months, rate in zip((83, 84, 96), rates, strict=True):
            params = lapse_params(PRUDENT.lapse, "B", months, living_benefit=True, withdrawing=False)
            base = monthly_base_lapse(PRUDENT.lapse, "B", months, 1)[0]
            monthly = dynamic_lapse(base, ratio * 1000.0, 1000.0, params)
            assert 1 - (1 - monthly) ** 12 == pytest.approx(rate, rel=1e-12)

    def test_a_year_with_a_withdrawal_has_sixty_percent_under_a_living_benefit_only(self):
        for living, factor in ((True, 0.6), (False, 1.0)):
            calm, using = (
                dynamic_lapse(
                    0.01, 0.0, 1.0, lapse_params(PRUDENT.lapse, "L", 10, living_benefit=living, withdrawing=w)
                )
                for w in (False, True)
            )
            assert using == pytest.approx(factor * calm)

    def test_nobody_surrenders_an_empty_account(self):
        for lapse in (BEST.lapse, PRUDENT.lapse):
            params = lapse_params(lapse, "X", 200, living_benefit=True, withdrawing=True)
            assert dynamic_lapse(0.02, 50_000.0, 0.0, params) == 0.0

    @given(st.floats(0.0, 5.0), st.floats(0.0, 5.0))
    def test_a_dearer_guarantee_never_raises_lapse(self, first, second):
        low, high = sorted((first, second))
        for lapse in (BEST.lapse, PRUDENT.lapse):
            params = lapse_params(lapse, "B", 84, living_benefit=True, withdrawing=False)
            assert dynamic_lapse(0.02, high, 1.0, params) <= dynamic_lapse(0.02, low, 1.0, params)


class TestWithdrawalStart:
    n = 40_000
    ids = tuple(f"HW{i:08d}" for i in range(n))

    def start(self, age=50, growth_end=0, qualified=False, assumptions=BEST.withdrawal, ids=None):
        ids = self.ids if ids is None else ids
        k = len(ids)
        full = (np.full(k, age), np.full(k, growth_end), np.full(k, qualified))
        return withdrawal_start(assumptions, ids, *full)

    def shares(self, start, ages):
        return np.array([(start == age).mean() for age in ages])

    def near(self, found, expected):
        return np.all(np.abs(found - expected) <= 4.0 * np.sqrt(np.maximum(expected * (1 - expected), 1e-9) / self.n))

    def test_shares_are_the_weights(self):
        start = self.start()
        weights = np.array(BEST.withdrawal.weights["nonqualified"])
        assert self.near(
            self.shares(start, (*BEST.withdrawal.start_ages, NEVER)), np.append(weights, 1 - weights.sum())
        )

    def test_ages_passed_are_dropped_and_the_rest_rescaled(self):
        start, ages = self.start(age=71), BEST.withdrawal.start_ages
        weights = np.append(BEST.withdrawal.weights["nonqualified"], 1 - sum(BEST.withdrawal.weights["nonqualified"]))
        left = np.where(np.append(ages, NEVER) >= 71, weights, 0.0)
        assert self.near(self.shares(start, (*ages, NEVER)), left / left.sum())

    def test_growth_end_takes_its_share_of_those_still_to_begin(self):
        start = self.start(growth_end=68)
        weights = dict(zip(BEST.withdrawal.start_ages, BEST.withdrawal.weights["nonqualified"], strict=True))
        to_begin = sum(w for age, w in weights.items() if age > 68)
        expected = [weights[67], 0.3 * to_begin, 0.7 * weights[70], 0.7 * weights[85], 0.25]
        assert self.near(self.shares(start, (67, 68, 70, 85, NEVER)), np.array(expected))

    def test_qualified_contracts_begin_at_the_minimum_distribution_age(self):
        start = self.start(qualified=True, assumptions=PRUDENT.withdrawal)
        weights = dict(zip(PRUDENT.withdrawal.start_ages, PRUDENT.withdrawal.weights["qualified"], strict=True))
        to_begin = sum(w for age, w in weights.items() if age > 73)
        assert self.near(self.shares(start, (73, 75, NEVER)), np.array([0.5 * to_begin, 0.5 * weights[75], 0.05]))

    def test_a_contract_keeps_its_age_until_it_passes_it(self):
        before, after = self.start(age=55, growth_end=66), self.start(age=68, growth_end=66)
        kept = before >= 68
        assert kept.sum() > 1000
        assert np.array_equal(before[kept], after[kept])
        assert np.all(after[~kept] >= 68)

    def test_a_contract_draws_alone_as_in_any_block(self):
        picked = [self.ids[i] for i in (977, 3, 512)]
        assert self.start(ids=picked).tolist() == self.start()[[977, 3, 512]].tolist()

    def test_another_seed_is_another_draw_with_the_same_shares(self):
        other = self.start(assumptions=replace(BEST.withdrawal, seed=7))
        assert (other != self.start()).mean() > 0.5
        assert contract_keys(1, ["A"]) != contract_keys(2, ["A"])


class TestExpensesAndRevenue:
    def test_expenses_grow_two_percent_a_year(self):
        monthly = monthly_expenses(BEST.expenses, 36)
        assert [monthly[12 * y : 12 * y + 12].sum() for y in range(3)] == pytest.approx([100.0, 102.0, 104.04])
        assert BEST.expenses.account_value_rate == 0.0007

    def test_revenue_sharing_is_recognised_less_and_less_by_the_prudent_set(self):
        rates = revenue_sharing_rates(PRUDENT.revenue_sharing, 120)[::12]
        assert rates == pytest.approx(0.001 * np.array([1.0, 0.95, 0.90, 0.85, 0.80, 0.8, 0.8, 0.8, 0.8, 0.8]))
        assert revenue_sharing_rates(BEST.revenue_sharing, 60) == pytest.approx(np.full(60, 0.001))


class TestFiles:
    text = (resources.files("valuation") / "data" / "assumptions_prudent_2024.toml").read_text()

    def changed(self, old: str, new: str) -> str:
        assert self.text.count(old) == 1
        return self.text.replace(old, new)

    def test_an_unknown_set_names_the_known_ones(self):
        with pytest.raises(AssumptionError, match=r"'worst' does not exist; known are \['best_2008', 'prudent_2024'\]"):
            load_assumptions("worst")

    @pytest.mark.parametrize(
        "old, new, message",
        [
            ("growth = { value = 0.02", "growth = { value = 2.0", r"expenses.growth is 2.0; allowed is a number"),
            ('"iam2012_basic"', '"iam2021"', r"mortality.table is 'iam2021'; allowed is one of .*iam2012_basic"),
            ("slope = {", "steepness = {", r"entry lapse.dynamic.slope is None; each entry needs value, unit"),
            ("[expenses]", "[expenses]\nextra = 1", r"unknown entries \['extra'\] in \[expenses\]"),
            ("[expenses]", "[costs]", r"the table \[expenses\] is missing"),
            ('name = "prudent_2024"', 'name = "prudent"', r"the file states name 'prudent'"),
            ("value = [0.250, 0.180", "value = [0.240, 0.180", r"lapse.base_B is 0.25; allowed is the first rate"),
            ("0.15, 0.09, 0.14", "0.95, 0.09, 0.14", r"a sum of at most 1"),
        ],
    )  # fmt: skip
    def test_a_faulty_file_is_named_with_value_and_allowed(self, old, new, message):
        with pytest.raises(AssumptionError, match=message):
            parse_assumptions("prudent_2024", self.changed(old, new))

    def test_a_source_may_not_be_empty(self):
        with pytest.raises(AssumptionError, match="needs value, unit and source, none of them empty"):
            parse_assumptions("prudent_2024", self.changed('source = "the table\'s own year"', 'source = ""'))
