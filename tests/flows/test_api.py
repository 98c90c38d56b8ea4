"""The examples of flows/API.md run as they are printed, on a small store and with the law uncompiled."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows import api
from tests.support.tiny_store import store

GUIDE = Path(api.__file__).with_name("API.md")
PROGRAM = "import doctest, sys; done = doctest.testfile(sys.argv[1], module_relative=False); print(done.attempted, done.failed)"


@pytest.mark.slow
def test_the_examples_of_the_guide_hold(tmp_path: Path) -> None:
    place = {"HIGHWATER_STORAGE_URL": store()[0].as_uri(), "HIGHWATER_SCRATCH": str(tmp_path)}
    env = {**os.environ, **place, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(GUIDE)], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    attempted, failed = map(int, done.stdout.splitlines()[-1].split())
    assert failed == 0, done.stdout
    assert attempted == GUIDE.read_text(encoding="utf-8").count(">>> ")


def test_the_guide_names_every_call() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    assert all(name in guide for name in api.__all__ if name[0].islower() and name != "projection_of")


def test_a_run_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(api.AnalysisError, match="daily_valuation has published nothing for any day"):
        api.open_run("daily_valuation", store=str(tmp_path))


def test_runs_of_two_flows_are_not_compared() -> None:
    folder, written = store()
    first, second = (api.open_run(written[name], store=str(folder)) for name in ("daily", "reserve"))
    with pytest.raises(api.AnalysisError, match="compare runs of one flow"):
        api.compare_runs(first, second)


def test_figures_of_given_runs_are_compared_by_name() -> None:
    folder, written = store()
    reserve = api.open_run(written["reserve"], store=str(folder))
    compared = api.compare_runs(reserve, reserve)
    assert compared.inputs.num_rows == 0
    rows = {row["figure"]: row for row in compared.figures.to_pylist()}
    assert rows["real_world cte_70"]["first"] == 12_345_678.0
    assert {row["difference"] for row in rows.values()} == {0.0}
