"""Other draws of the risk-neutral set: still standard normal, reproducible, exact where they are said to be."""

from datetime import date

import numpy as np
import pytest

from valuation.curve import from_zero_rates
from valuation.scenarios.grid import CASH, DISCOUNT, times
from valuation.scenarios.random import normals
from valuation.scenarios.risk_neutral import risk_neutral_model
from valuation.scenarios.sampling import (
    BLOCK,
    METHODS,
    SampledModel,
    _hold_to_sobol,
    bridge_matrix,
    node_ends,
    sampled,
    sobol_normals,
)
from valuation.scenarios.sets import build_tile, scenario_set

START = 14211
DAYS = np.array([d for d in range(START + 1, START + 366) if d % 7 not in (2, 3)])
CURVE = from_zero_rates(date(2008, 11, 28), [0.25, 1, 5, 30], [0.004, 0.01, 0.02, 0.037])
MODEL = risk_neutral_model(CURVE, 0.5528)
EVERY = pytest.mark.parametrize("correction", [False, True])
METHOD = pytest.mark.parametrize("method", METHODS)


def tile(method, correction, scenarios=range(64), seed=9):
    model = SampledModel(MODEL, method, correction)
    return model.tile(DAYS, START, seed, scenarios, model.antithetic)


def test_the_default_is_the_model_itself():
    assert sampled(MODEL, "antithetic", False) is MODEL
    assert np.array_equal(tile("antithetic", False), MODEL.tile(DAYS, START, 9, range(64), True))


@METHOD
@EVERY
def test_a_scenario_does_not_depend_on_the_tile(method, correction):
    parts = [tile(method, correction, range(first, first + 32)) for first in (0, 32)]
    assert np.array_equal(tile(method, correction), np.concatenate(parts, axis=2))


@METHOD
def test_blocks_and_seeds_differ(method):
    whole = tile(method, False)
    assert not np.isclose(whole[:, 0, :32], whole[:, 0, 32:]).all(axis=0).any()
    assert not np.isclose(whole[:, 0], tile(method, False, seed=10)[:, 0]).all(axis=0).any()


@METHOD
def test_the_correction_makes_every_known_mean_exact(method):
    found = tile(method, True, range(32, 64))
    t = times(DAYS, START)
    assert found[:, DISCOUNT].mean(axis=1) == pytest.approx(CURVE.discount(t), rel=1e-12)
    wealth = np.cumprod(found[:, :DISCOUNT], axis=0) * found[:, [DISCOUNT]]
    assert wealth.mean(axis=2) == pytest.approx(np.ones((len(DAYS), 5)), rel=1e-11)
    assert np.cumprod(found[:, CASH], axis=0) * found[:, DISCOUNT] == pytest.approx(np.ones((len(DAYS), 32)), rel=1e-11)


def test_the_correction_is_a_small_deterministic_change_of_the_returns():
    plain, corrected = tile("independent", False, range(32)), tile("independent", True, range(32))
    ratio = np.log(corrected[:, :CASH] / plain[:, :CASH])
    assert ratio.std(axis=2) == pytest.approx(np.zeros((len(DAYS), 4)), abs=1e-12)
    assert np.abs(ratio).max() < 0.06


@pytest.mark.parametrize("n_step", [1, 2, 31, 32, 33, 250, 2520])
def test_the_bridge_is_orthogonal(n_step):
    ends = node_ends(n_step)
    assert ends[-1] == n_step
    assert len(ends) == min(32, n_step)
    matrix = bridge_matrix(ends)
    assert matrix @ matrix.T == pytest.approx(np.eye(len(ends)), abs=1e-12)


def test_the_first_normal_carries_the_end_of_the_path_and_the_second_its_middle():
    ends = node_ends(320)
    path = np.cumsum(bridge_matrix(ends) * np.sqrt(10.0), axis=0)
    assert path[-1] == pytest.approx([np.sqrt(320.0), *np.zeros(31)], abs=1e-12)
    assert np.flatnonzero(np.abs(path[15]) > 1e-12).tolist() == [0, 1]


def test_held_draws_keep_law_and_take_the_sums_of_the_points():
    draws = normals(3, 1, range(4096), 2, 64)
    _hold_to_sobol(draws, 3, 0, 4096)
    sums = np.add.reduceat(draws, np.arange(0, 64, 2), axis=0) / np.sqrt(2.0)
    points = sobol_normals(3, 0, 64, 4096).reshape(32, 2, 4096)
    assert sums == pytest.approx(np.einsum("ji,ifl->jfl", bridge_matrix(node_ends(64)), points), abs=1e-9)
    n = draws.shape[2]
    assert draws.mean(axis=2) == pytest.approx(np.zeros((64, 2)), abs=5 / np.sqrt(n))
    covariance = np.cov(draws.reshape(128, n))
    assert covariance == pytest.approx(np.eye(128), abs=6 * np.sqrt(2 / n))


def test_sobol_ends_are_spread_evenly():
    """One point of a block in each of 32 equal cells of the end of the first factor."""
    from scipy.special import ndtr

    draws = normals(3, 1, range(64), 4, 250)
    _hold_to_sobol(draws, 3, 5, BLOCK)
    cells = np.floor(32 * ndtr(draws[:, 0].sum(axis=0) / np.sqrt(250.0)))
    assert sorted(cells[:32]) == list(range(32))
    assert sorted(cells[32:]) == list(range(32))


def test_a_part_of_a_block_is_refused():
    with pytest.raises(
        ValueError, match="are no whole blocks of 32; use numbers of scenarios that are multiples of 32"
    ):
        tile("sobol", False, range(16))
    with pytest.raises(ValueError, match="'halton' is unknown; allowed are independent, antithetic, sobol"):
        SampledModel(MODEL, "halton", False)
    with pytest.raises(ValueError, match="powers of 2"):
        SampledModel(MODEL, "sobol", False, 24)


def test_every_choice_has_a_name_of_its_own():
    models = [sampled(MODEL, method, correction) for method in METHODS for correction in (False, True)]
    specs = [scenario_set(m, DAYS, START, 64, 32, 1, getattr(m, "antithetic", True)) for m in models]
    assert len({spec.hash for spec in specs}) == len(models) == 6
    assert build_tile(specs[-1], models[-1], DAYS, 1).shape == (len(DAYS), 6, 32)


@METHOD
@EVERY
def test_samples_of_standard_errors(method, correction):
    expected = BLOCK if correction or method == "sobol" else {"independent": 1, "antithetic": 2}[method]
    assert SampledModel(MODEL, method, correction).per_sample == expected
