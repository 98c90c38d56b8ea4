"""Scenario sets: names, tiles, standard errors."""

import dataclasses
from datetime import date

import numpy as np
import pytest

from valuation.curve import from_zero_rates
from valuation.scenarios.random import normals
from valuation.scenarios.real_world import real_world_model
from valuation.scenarios.risk_neutral import risk_neutral_model
from valuation.scenarios.sets import ScenarioSetSpec, build_tile, pairs, scenario_set, standard_error

START = 14211
DAYS = np.array([d for d in range(START + 1, START + 60) if d % 7 not in (2, 3)])
CURVE = from_zero_rates(date(2008, 11, 28), [1, 5, 30], [0.01, 0.02, 0.037])
RISK_NEUTRAL = risk_neutral_model(CURVE, 0.55)
REAL_WORLD = real_world_model(RISK_NEUTRAL.rates)
MODELS = pytest.mark.parametrize("model", [RISK_NEUTRAL, REAL_WORLD], ids=lambda m: m.kind)


def whole(model, n_lane, n_scenario=12, **changes):
    spec = scenario_set(model, DAYS, START, n_scenario, n_lane, 99, **changes)
    return np.concatenate([build_tile(spec, model, DAYS, tile) for tile in range(spec.n_tile)], axis=2)


@MODELS
@pytest.mark.parametrize("antithetic", [False, True])
def test_a_scenario_does_not_depend_on_tile_size_or_number(model, antithetic):
    reference = whole(model, 12, antithetic=antithetic)
    assert np.array_equal(reference, whole(model, 2, antithetic=antithetic))
    assert np.array_equal(reference[:, :, :4], whole(model, 4, n_scenario=4, antithetic=antithetic))


@MODELS
def test_no_two_scenarios_are_alike(model):
    flat = whole(model, 12).reshape(-1, 12)
    assert len(np.unique(flat, axis=1).T) == 12


def test_antithetic_by_default_for_risk_neutral_sets_alone():
    assert scenario_set(RISK_NEUTRAL, DAYS, START, 4, 2, 1).antithetic
    assert not scenario_set(REAL_WORLD, DAYS, START, 4, 2, 1).antithetic


@MODELS
def test_the_same_specification_has_the_same_name(model):
    one, two = (scenario_set(model, DAYS.copy(), START, 8, 4, 5) for _ in range(2))
    assert one == two
    assert one.hash == two.hash
    assert len(one.hash) == 64


def test_every_field_changes_the_name():
    spec = scenario_set(RISK_NEUTRAL, DAYS, START, 8, 4, 5)
    other = {"kind": "other", "days_hash": "0", "model_hash": "0", "antithetic": False, "n_scenario": 16, "n_lane": 2}
    names = {spec.hash}
    for field in dataclasses.fields(ScenarioSetSpec):
        value = other.get(field.name, getattr(spec, field.name))
        names.add(dataclasses.replace(spec, **{field.name: value if field.name in other else value + 1}).hash)
    assert len(names) == 1 + len(dataclasses.fields(ScenarioSetSpec))


def test_market_inputs_parameters_and_days_change_the_name():
    models = [
        RISK_NEUTRAL,
        RISK_NEUTRAL.with_curve(CURVE.bumped(1, 1e-6)),
        RISK_NEUTRAL.with_volatility("small_equity", 0.01),
        risk_neutral_model(CURVE, 0.551),
        dataclasses.replace(RISK_NEUTRAL, rate_volatility=0.0121),
        REAL_WORLD,
    ]
    names = {scenario_set(model, DAYS, START, 8, 4, 5).hash for model in models}
    names.add(scenario_set(RISK_NEUTRAL, np.delete(DAYS, 3), START, 8, 4, 5).hash)
    assert len(names) == 7


def test_tiles_cannot_be_built_from_another_model_or_other_days():
    spec = scenario_set(RISK_NEUTRAL, DAYS, START, 8, 4, 5)
    with pytest.raises(ValueError, match="another model_hash"):
        build_tile(spec, RISK_NEUTRAL.with_volatility("large_equity", 0.01), DAYS, 0)
    with pytest.raises(ValueError, match=r"another .*days_hash"):
        build_tile(spec, RISK_NEUTRAL, DAYS[:-1], 0)
    with pytest.raises(ValueError, match=r"tile 2 is outside 0\.\.1"):
        build_tile(spec, RISK_NEUTRAL, DAYS, 2)


@pytest.mark.parametrize("n_scenario, n_lane, match", [(10, 4, "do not fill"), (9, 3, "even"), (0, 4, "do not fill")])
def test_sizes_are_checked(n_scenario, n_lane, match):
    with pytest.raises(ValueError, match=match):
        scenario_set(RISK_NEUTRAL, DAYS, START, n_scenario, n_lane, 5)


class TestStandardError:
    values = np.array([1.0, 3.0, 2.0, 6.0, 5.0, 1.0])

    def test_pairs(self):
        assert pairs(self.values).tolist() == [2.0, 4.0, 3.0]

    def test_of_pairs(self):
        assert standard_error(self.values, True) == pytest.approx(1.0 / np.sqrt(3))

    def test_of_independent_values(self):
        assert standard_error(self.values, False) == pytest.approx(np.sqrt(22.0 / 5 / 6))

    def test_is_the_spread_of_means_over_many_sets(self):
        """Means of exp(Z) over 40 antithetic draws each, 2000 times: their spread is what one set estimates."""
        z = normals(1, 1, range(80_000), 1, 1, antithetic=True).reshape(2000, 40)
        means, errors = np.exp(z).mean(axis=1), standard_error(np.exp(z), True)
        assert np.sqrt(np.mean(errors**2)) == pytest.approx(means.std(), rel=0.1)
        assert np.sqrt(np.mean(standard_error(np.exp(z), False) ** 2)) > 1.15 * means.std()

    def test_odd_or_too_few_values_are_refused(self):
        with pytest.raises(ValueError, match="even number"):
            standard_error(np.ones(3), True)
        with pytest.raises(ValueError, match="at least two"):
            standard_error(np.ones(2), True)
