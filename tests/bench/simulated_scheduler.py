"""A scheduler with more workers than there are here: what is left of their time, by arithmetic alone."""

import heapq
from collections.abc import Iterable
from typing import NamedTuple


class Outcome(NamedTuple):
    """How a list of tasks went."""

    seconds: float  # from the first hand-out to the last end
    efficiency: float  # share of the workers' time that is work


def simulate(
    seconds: Iterable[float], workers: int, dispatch: float = 0.0, latency: float = 0.0, longest_first: bool = True
) -> Outcome:
    """Tasks of these ``seconds`` on ``workers``, each handed to the worker that is free first.

    dispatch  seconds that a task holds the one scheduler, which hands out one at a time
    latency   seconds between a task's end and the next one's begin that its worker waits besides

    Without ``longest_first`` tasks are taken in their order.
    """
    if workers < 1:
        raise ValueError(f"{workers} workers: at least one is needed")
    tasks = sorted(seconds, reverse=True) if longest_first else list(seconds)
    if not tasks:
        return Outcome(0.0, 1.0)
    free, scheduler = [0.0] * workers, 0.0
    for task in tasks:
        scheduler = max(scheduler, free[0]) + dispatch
        heapq.heapreplace(free, scheduler + latency + task)
    last = max(free)
    return Outcome(last, sum(tasks) / (workers * last) if last > 0.0 else 1.0)
