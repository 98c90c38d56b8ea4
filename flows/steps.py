"""How a function of `tasks` becomes a step of a flow: a Prefect task, timed, never cached by Prefect.

A run keeps what it has computed in its own store, under its own id; a second cache would only be able to disagree.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.progress import step_timer

P = ParamSpec("P")
R = TypeVar("R")


def step(fn: Callable[P, R]) -> Callable[P, R]:
    """``fn`` as a step; its name is the function's."""
    name = fn.__name__.replace("_", " ")

    @wraps(fn)
    def timed(*args: P.args, **kwargs: P.kwargs) -> R:
        with step_timer(name):
            return fn(*args, **kwargs)

    return task(name=name, cache_policy=NO_CACHE, persist_result=False)(timed)
