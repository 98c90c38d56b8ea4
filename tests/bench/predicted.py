"""The predicted cost of contracts, by which a block is cut into partitions, against what they were measured to cost."""

from functools import cache
from typing import NamedTuple

import numpy as np

from infra.settings import load_settings
from tests.bench.material import AS_OF, copies, material, prepared
from tests.bench.measured import Row, Section, race
from tests.bench.simulated_scheduler import simulate
from tests.bench.tiles import full_tile
from tests.bench.workers import Overhead
from valuation.contract import Array, Integers
from valuation.cost import predicted_cost
from valuation.portfolio import project
from valuation.sessions import day_number

LANES = 64
COPIES = 4
WORKERS, PARTITIONS = 1000, 50_000


class Costs(NamedTuple):
    """Cost of some contracts of a block."""

    rows: Integers  # of the snapshot
    predicted: Array  # as `predicted_cost` has it
    measured: Array  # processor seconds on one tile


@cache
def costs(contracts: int, sample: int) -> Costs:
    """Every contract of a sample by itself: what copies of it take longer than one, on one tile to the last age."""
    made = material(contracts)
    snapshot = made.snapshot
    days, scenarios = full_tile(contracts, LANES)
    rows = np.unique(np.linspace(0, snapshot.num_rows - 1, sample).astype(np.int64))
    measured = []
    for row in rows:
        few, many = (prepared(made, copies(snapshot, int(row), n), days) for n in (1, 1 + COPIES))
        took = race(*(lambda held=held: project(held, scenarios, None) for held in (few, many)), times=5)
        measured.append((took[1] - took[0]) / COPIES)
    return Costs(rows, predicted_cost(snapshot, day_number(AS_OF))[rows], np.array(measured))


def cost(contracts: int, sample: int) -> Section:
    """How well the prediction orders and scales contracts."""
    found = costs(contracts, sample)
    ratio = found.measured / found.predicted
    low, high = np.percentile(ratio / np.median(ratio), [5.0, 95.0]).tolist()
    correlation = float(np.corrcoef(found.predicted, found.measured)[0, 1])
    note = f"{len(ratio)} contracts one by one, to the last age, {LANES} lanes"
    rows = [
        Row("cost_correlation", "correlation with the measured cost", correlation, "", note),
        Row("cost_low", "measured over predicted, 5th percentile", low, "", "the median being 1"),
        Row("cost_high", "  95th percentile", high, "", "the median being 1"),
        Row("cost_unit", "a unit of it", 1e9 * float(np.median(ratio)) / LANES, "ns", "a scenario"),
    ]
    return Section("Predicted cost of contracts, by which a block is cut", rows)


def many_workers(contracts: int, sample: int, each: Overhead) -> Section:
    """The partition loop with many workers, simulated on partitions that cost what such contracts were measured to."""
    tasks = partition_seconds(costs(contracts, sample))
    longest = simulate(tasks, WORKERS, each.dispatch, each.latency)
    in_order = simulate(tasks, WORKERS, each.dispatch, each.latency, longest_first=False)
    free = simulate(tasks, WORKERS)
    note = f"{PARTITIONS:,} partitions of {tasks.mean():.1f} s, {tasks.min():.1f} to {tasks.max():.1f} s"
    rows = [
        Row("many_longest", "at work, longest first", 100.0 * longest.efficiency, "%", note),
        Row("many_in_order", "at work, in the order of partitions", 100.0 * in_order.efficiency, "%",
            "as the loop hands them out"),
        Row("many_free", "at work, longest first, no overhead", 100.0 * free.efficiency, "%"),
        Row("many_hours", "the whole", longest.seconds / 60.0, "minutes",
            f"{1e3 * each.dispatch:.1f} ms of the scheduler and {1e3 * each.latency:.1f} ms of waiting a task"),
    ]  # fmt: skip
    return Section(f"{WORKERS:,} workers, simulated", rows)


def partition_seconds(found: Costs) -> Array:
    """(PARTITIONS,) seconds of partitions cut to equal predicted cost, their contracts drawn from the measured ones."""
    generator = np.random.Generator(np.random.Philox(7))
    usual = load_settings()
    scenarios = usual.risk_neutral_scenarios + usual.real_world_scenarios
    measured = found.measured / LANES * scenarios
    scale = float(measured.sum() / found.predicted.sum())
    size = max(1, round(usual.partition_seconds / float(measured.mean())))
    ratio = np.empty(PARTITIONS)
    for k in range(PARTITIONS):
        drawn = generator.integers(len(measured), size=size)
        ratio[k] = measured[drawn].sum() / (scale * found.predicted[drawn].sum())
    return usual.partition_seconds * ratio
