"""Counter-based normals: which draw is which, independence of tiles and horizon, distribution."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from valuation.scenarios.random import Stream, normals

MASK = 2**64 - 1
ROUND = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox 4x64-10 in whole numbers, from the paper."""
    c, k = list(counter), list(key)
    for _ in range(10):
        first, second = ROUND[0] * c[0], ROUND[1] * c[2]
        c = [(second >> 64) ^ c[1] ^ k[0], second & MASK, (first >> 64) ^ c[3] ^ k[1], first & MASK]
        k = [(k[0] + WEYL[0]) & MASK, (k[1] + WEYL[1]) & MASK]
    return c


def test_the_paper_version_gives_the_published_vector():
    # Random123 known answer for counter and key of zeros
    assert philox([0, 0, 0, 0], [0, 0]) == [
        0x16554D9ECA36314C,
        0xDB20FE9D672D0FDC,
        0xD7E772CEE186176B,
        0x7E68B68AEC7BA23B,
    ]


@pytest.mark.parametrize(
    "seed, stream, scenario, factor, step", [(7, 1, 0, 0, 0), (2**63 + 5, 2, 91, 3, 6), (0, 3, 10**9, 1, 1001)]
)
def test_a_draw_is_a_function_of_its_numbers_alone(seed, stream, scenario, factor, step):
    word = philox([step // 4 + 1, factor, scenario, 0], [seed, stream])[step % 4]
    expected = ndtri(((word >> 12) + 0.5) / 2**52)
    assert normals(seed, stream, [scenario], factor + 1, step + 1)[step, factor, 0] == expected


def test_scenarios_do_not_depend_on_the_tile():
    whole = normals(11, Stream.RISK_NEUTRAL_DAYS, range(12), 3, 21)
    cut = [normals(11, Stream.RISK_NEUTRAL_DAYS, range(a, b), 3, 21) for a, b in ((0, 5), (5, 6), (6, 12))]
    assert np.array_equal(whole, np.concatenate(cut, axis=2))
    shuffled = np.array([9, 2, 4])
    assert np.array_equal(whole[:, :, shuffled], normals(11, Stream.RISK_NEUTRAL_DAYS, shuffled, 3, 21))


def test_a_longer_horizon_and_more_factors_keep_the_first_draws():
    short, long = normals(3, 1, range(4), 2, 10), normals(3, 1, range(4), 5, 37)
    assert np.array_equal(short, long[:10, :2])


@pytest.mark.parametrize("first_step", [1, 4, 7])
def test_a_path_can_be_entered_anywhere(first_step):
    whole = normals(3, 1, range(4), 2, 30)
    assert np.array_equal(whole[first_step:], normals(3, 1, range(4), 2, 30 - first_step, first_step=first_step))


def test_antithetic_pairs_are_opposite_and_keep_to_their_numbers():
    draws = normals(5, 1, range(8), 2, 9, antithetic=True)
    plain = normals(5, 1, range(4), 2, 9)
    assert np.array_equal(draws[:, :, 0::2], plain)
    assert np.array_equal(draws[:, :, 1::2], -plain)
    assert np.array_equal(draws[:, :, 3:6], normals(5, 1, range(3, 6), 2, 9, antithetic=True))


def test_distribution():
    draws = normals(20081128, Stream.RISK_NEUTRAL_DAYS, range(200), 2, 1000).ravel()
    n = draws.size
    assert abs(draws.mean()) < 4 / np.sqrt(n)
    assert abs(draws.var() - 1) < 4 * np.sqrt(2 / n)
    assert abs(stats.skew(draws)) < 4 * np.sqrt(6 / n)
    assert abs(stats.kurtosis(draws)) < 4 * np.sqrt(24 / n)
    assert stats.kstest(draws, "norm").pvalue > 1e-4


@pytest.mark.parametrize("one, other", [((1, 1), (1, 2)), ((1, 1), (2, 1))], ids=["streams", "seeds"])
def test_streams_and_seeds_are_uncorrelated(one, other):
    a, b = (normals(seed, stream, range(100), 2, 1000).ravel() for seed, stream in (one, other))
    assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(a.size)


def test_factors_scenarios_and_steps_are_uncorrelated():
    draws = normals(1, 1, range(300), 2, 500)
    for a, b in ((draws[:, 0], draws[:, 1]), (draws[:, 0, :-1], draws[:, 0, 1:]), (draws[:-1, 0], draws[1:, 0])):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 4 / np.sqrt(a.size)


@pytest.mark.parametrize("seed, scenarios", [(-1, [0]), (2**64, [0]), (0, [-1])])
def test_numbers_outside_the_counter_are_refused(seed, scenarios):
    with pytest.raises(ValueError):
        normals(seed, 1, scenarios, 1, 1)
