"""Cutting a block: every contract once, in order, parts of about equal cost."""

import numpy as np
import pytest

from infra.settings import load_settings
from tasks.partition import FEWEST, cut


def rows(slices: list[slice]) -> list[int]:
    return [row for piece in slices for row in range(piece.start, piece.stop)]


@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 1000])
def test_every_contract_is_in_one_partition(n):
    cost = np.random.default_rng(n).uniform(1.0, 5.0, n)
    slices = cut(cost, 1e-3 * n, load_settings())
    assert rows(slices) == list(range(n))
    assert min(n, FEWEST) / 2 < len(slices) <= min(n, FEWEST)


def test_parts_cost_about_the_same():
    cost = np.concatenate([np.full(500, 1.0), np.full(500, 9.0)])
    slices = cut(cost, 100.0 * 20.0, load_settings())
    assert len(slices) == 100
    shares = [cost[piece].sum() for piece in slices]
    assert max(shares) <= 50.0 + 9.0


def test_by_count():
    slices = cut(np.ones(10), 1.0, load_settings(contracts_per_partition=4))
    assert [piece.stop - piece.start for piece in slices] == [4, 4, 2]


def test_one_costly_contract_leaves_no_part_empty():
    cost = np.array([1.0, 1000.0, 1.0, 1.0])
    slices = cut(cost, 1e6, load_settings())
    assert rows(slices) == [0, 1, 2, 3]
    assert all(piece.stop > piece.start for piece in slices)


def test_nothing_to_cut():
    assert cut(np.zeros(0), 0.0, load_settings()) == []
