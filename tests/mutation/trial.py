"""A mutant on trial: the tests that concern its module, run in a process of their own.

The process is a fork of this one, which has the slow libraries but nothing of the law; it gets the mutant's code where
it would import the module, so no file of the working tree is ever changed.  The law runs as plain Python.
"""

import gc
import importlib.machinery
import importlib.util
import math
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from tests.mutation.mutants import Mutant

FORK = multiprocessing.get_context("fork")
SLOW_LIBRARIES = ("numpy", "numba", "pandas", "pyarrow", "hypothesis", "pytest", "scipy.stats", "QuantLib")
OWN_SLOW = ("infra.cluster", "infra.storage", "infra.settings", "infra.environment")
PYTEST = ["-x", "-q", "--assert=plain", "-o", "addopts=--import-mode=importlib"]
PYTEST += [
    word for plugin in ("cacheprovider", "nbmake", "anyio", "unraisableexception") for word in ("-p", f"no:{plugin}")
]
"""Nothing is asked but whether a test fails: without what takes time before and after."""


class Verdict(NamedTuple):
    """What became of a mutant."""

    mutant: Mutant
    killed: bool
    by: str  # the first test that failed, or why there was none


class Seconds(NamedTuple):
    """What the tests of a file take without a mutant."""

    test: str
    passed: bool
    seconds: float  # of the processor


class _Watch:
    """A plugin of pytest that keeps the first failure."""

    def __init__(self) -> None:
        self.first = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.first:
            self.first = report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self.first:
            self.first = f"{report.nodeid} cannot be imported"


class _Changed(importlib.machinery.SourceFileLoader):
    """Loads a module from other code than its file's."""

    def __init__(self, name: str, path: str, code: str) -> None:
        super().__init__(name, path)
        self.code = code

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.code, self.path, "exec"), module.__dict__)


class _Finder:
    """Finds the mutant where its module is looked for."""

    def __init__(self, name: str, path: Path, code: str) -> None:
        self.name, self.path, self.code = name, path, code

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        if name != self.name:
            return None
        loader = _Changed(name, str(self.path), self.code)
        return importlib.util.spec_from_file_location(name, self.path, loader=loader)


def warm() -> None:
    """Import what every trial needs and no mutant changes."""
    for name in (*SLOW_LIBRARIES, *OWN_SLOW):
        importlib.import_module(name)
    gc.freeze()
    gc.disable()
    if law := sorted(name for name in sys.modules if name.split(".")[0] == "valuation"):
        raise RuntimeError(f"{law[0]} is imported already: a mutant of it would never be seen")


def _try(root: Path, mutant: Mutant | None, tests: Sequence[str], seconds: float, answer: Connection) -> None:
    """In the fork: install the mutant, run the tests, answer with the exit code and the first failure.

    ``seconds``  of the processor, after which the system ends the process: a loaded machine changes no verdict
    """
    spent = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(spent + seconds), math.ceil(spent + seconds) + 1))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    import hypothesis
    import pytest

    hypothesis.settings.register_profile("mutation", derandomize=True, database=None, deadline=None)
    hypothesis.settings.load_profile("mutation")
    if mutant is not None:
        name = mutant.module.removesuffix(".py").replace("/", ".")
        sys.meta_path.insert(0, _Finder(name, root / mutant.module, mutant.code))  # type: ignore[arg-type]
    watch = _Watch()
    begun = time.process_time()
    code = pytest.main([*PYTEST, *(str(root / test) for test in tests)], plugins=[watch])
    answer.send((int(code), watch.first, time.process_time() - begun))


def _start(root: Path, mutant: Mutant | None, tests: Sequence[str], seconds: float) -> tuple[BaseProcess, Connection]:
    heard, said = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_try, args=(root, mutant, tests, seconds, said), daemon=True)
    process.start()
    said.close()
    return process, heard


def _answer(process: BaseProcess, heard: Connection) -> tuple[int, str, float]:
    """Exit code, first failure and processor seconds of an ended trial; -1 where it ended without an answer."""
    process.join()
    with heard:
        try:
            code, first, seconds = heard.recv()
        except EOFError:
            return -1, "the tests did not end", 0.0
    return int(code), str(first), float(seconds)


def _verdict(mutant: Mutant, process: BaseProcess, heard: Connection) -> Verdict:
    code, first, _ = _answer(process, heard)
    return Verdict(mutant, code != 0, first)


def baseline(root: Path, tests: Sequence[str], most: float) -> list[Seconds]:
    """Every test file once without a mutant: does it pass as plain Python, within ``most`` seconds of the processor?"""
    found = []
    for test in tests:
        process, heard = _start(root, None, [test], most)
        code, _, seconds = _answer(process, heard)
        found.append(Seconds(test, code == 0, seconds))
    return found


def tried(
    root: Path, mutants: Sequence[Mutant], tests: Sequence[str], seconds: float, processes: int
) -> Iterator[Verdict]:
    """The verdict on each mutant, in the order in which they are found; a test that never ends is a kill.

    ``seconds``  of the processor that the tests of one mutant may take
    """
    waiting = list(reversed(mutants))
    running: dict[int, tuple[Mutant, BaseProcess, Connection]] = {}
    while waiting or running:
        while waiting and len(running) < processes:
            mutant = waiting.pop()
            process, heard = _start(root, mutant, tests, seconds)
            running[process.sentinel] = (mutant, process, heard)
        for ended in wait(list(running)):
            yield _verdict(*running.pop(int(ended)))  # type: ignore[arg-type]
