"""Partitions for the simulated scheduler: cut to equal predicted cost, as long as their contracts were measured to be."""

import numpy as np
import pytest

from infra.settings import load_settings
from tests.bench.predicted import PARTITIONS, Costs, partition_seconds

WANTED = load_settings().partition_seconds


def costs(ratio: np.ndarray) -> Costs:
    predicted = np.linspace(20_000.0, 60_000.0, len(ratio))
    return Costs(np.arange(len(ratio)), predicted, 0.01 * ratio * predicted / 4e4)


def test_a_perfect_prediction_makes_equal_partitions():
    found = partition_seconds(costs(np.ones(50)))
    assert found == pytest.approx(np.full(PARTITIONS, WANTED))


def test_a_poor_prediction_spreads_them_around_the_wanted_seconds():
    found = partition_seconds(costs(np.random.default_rng(1).lognormal(0.0, 0.5, 50)))
    assert found.mean() == pytest.approx(WANTED, rel=0.01)
    assert 0.01 < found.std() / WANTED < 0.2
