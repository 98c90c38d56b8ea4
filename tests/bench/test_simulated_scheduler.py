"""The simulated scheduler where its answer is known, and the bounds that hold for every list of tasks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.simulated_scheduler import simulate

TASKS = st.lists(st.floats(0.01, 100.0), min_size=1, max_size=60)
WORKERS = st.integers(1, 12)


@pytest.mark.parametrize("workers", [1, 7, 1000])
def test_equal_tasks_that_divide_evenly_leave_nobody_idle(workers):
    assert simulate([2.0] * (5 * workers), workers) == (10.0, 1.0)


def test_one_equal_task_too_many_costs_a_whole_round():
    found = simulate([2.0] * 11, 10)
    assert found.seconds == 4.0
    assert found.efficiency == pytest.approx(11 / 20)


@pytest.mark.parametrize("longest_first, seconds", [(True, 100.0), (False, 103.0)])
def test_one_giant_task_is_as_long_as_itself_unless_it_comes_last(longest_first, seconds):
    found = simulate([1.0] * 30 + [100.0], 10, longest_first=longest_first)
    assert found.seconds == seconds
    assert found.efficiency == pytest.approx(130.0 / (10 * seconds))


def test_a_slow_scheduler_is_the_bound():
    found = simulate([1.0] * 1000, 1000, dispatch=0.01)
    assert found.seconds == pytest.approx(1000 * 0.01 + 1.0)


def test_every_task_waits_for_the_latency():
    assert simulate([1.0] * 20, 10, latency=0.25).seconds == pytest.approx(2.5)


def test_more_workers_than_tasks_and_no_tasks():
    assert simulate([3.0], 4) == (3.0, 0.25)
    assert simulate([], 4) == (0.0, 1.0)
    with pytest.raises(ValueError, match="at least one"):
        simulate([1.0], 0)


@given(TASKS, WORKERS, st.booleans())
def test_between_the_least_possible_and_the_bound_of_list_scheduling(tasks, workers, longest_first):
    found = simulate(tasks, workers, longest_first=longest_first)
    least = max(max(tasks), sum(tasks) / workers)
    assert least * (1.0 - 1e-9) <= found.seconds
    assert found.seconds <= (sum(tasks) / workers + (1.0 - 1.0 / workers) * max(tasks)) * (1.0 + 1e-9)
    assert 0.0 < found.efficiency <= 1.0 + 1e-9


@given(TASKS, WORKERS, st.floats(0.0, 1.0))
def test_overhead_never_helps(tasks, workers, overhead):
    bare = simulate(tasks, workers)
    assert simulate(tasks, workers, latency=overhead).seconds >= bare.seconds * (1.0 - 1e-9)
