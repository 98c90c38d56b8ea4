"""Progress and timing of the steps of a run, for whoever wants to show them."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from tasks.fanout import FanoutResult, Progress

Listener = Callable[[str, Progress], None]


@dataclass
class Watch:
    """What the steps of one execution took."""

    seconds: dict[str, float] = field(default_factory=dict)
    found: int = 0  # partitions committed before
    computed: int = 0
    retries: int = 0
    peak_bytes: int = 0  # of any worker

    def count(self, result: FanoutResult[Any]) -> None:
        """Add the partitions of one step, and keep the highest memory of a worker."""
        self.found += result.found
        self.computed += len(result.records) - result.found
        self.retries += result.retries
        self.peak_bytes = max(self.peak_bytes, result.peak_bytes)


_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)
_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)
_log = logging.getLogger("highwater")
_LOG_SECONDS = 10.0


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tell ``listener(step, progress)`` whenever a partition ends, while the context lasts."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def watched() -> Iterator[Watch]:
    """Collect the seconds of every step, and its partitions, within the context."""
    found = Watch()
    token = _watch.set(found)
    try:
        yield found
    finally:
        _watch.reset(token)


def watch() -> Watch:
    """The watch of the context, or one that nobody reads."""
    return _watch.get() or Watch()


@contextmanager
def step_timer(name: str) -> Iterator[None]:
    """Time one step."""
    begun = time.monotonic()
    try:
        yield
    finally:
        seconds = watch().seconds
        seconds[name] = round(seconds.get(name, 0.0) + time.monotonic() - begun, 3)


def reporter(step: str) -> Callable[[Progress], None]:
    """What the partition loop of ``step`` should call."""
    listener, told = _listener.get(), [time.monotonic()]

    def report(progress: Progress) -> None:
        if listener is not None:
            listener(step, progress)
        elif time.monotonic() - told[0] > _LOG_SECONDS:
            told[0] = time.monotonic()
            share = progress.cost_finished / max(progress.cost_total, 1e-300)
            _log.info("%s: %d of %d partitions, %.0f%%", step, progress.finished, progress.total, 100.0 * share)

    return report
