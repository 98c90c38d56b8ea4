"""What is set before Prefect, numba and Dask are imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.environment import ONE_THREAD, QUIET_PREFECT, cache_kernels, prepare
from infra.settings import load_settings

HASH = "0123456789abcdef" * 4
OTHER = "fedcba9876543210" * 4


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    """Whatever a test sets is gone after it, also numba's copy."""
    import numba

    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    for name in (*QUIET_PREFECT, *ONE_THREAD, "PREFECT_HOME", "PREFECT_API_URL", "NUMBA_CACHE_DIR"):
        monkeypatch.setenv(name, "")  # so that it is restored
        monkeypatch.delenv(name)


def test_the_user_is_not_overruled(tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_HOME", "/mine")
    monkeypatch.setenv("NUMBA_NUM_THREADS", "4")
    prepare(load_settings(scratch=tmp_path, prefect_api_url="http://host:4200/api"))
    assert os.environ["PREFECT_HOME"] == "/mine"
    assert os.environ["NUMBA_NUM_THREADS"] == "4"
    assert os.environ["DO_NOT_TRACK"] == "1"
    assert os.environ["OMP_NUM_THREADS"] == "1"
    assert os.environ["PREFECT_API_URL"] == "http://host:4200/api"
    assert "NUMBA_CACHE_DIR" not in os.environ


def test_the_kernel_cache_always_ends_in_the_hash(tmp_path, monkeypatch):
    import numba

    assert cache_kernels(tmp_path, HASH) == tmp_path / HASH
    assert os.environ["NUMBA_CACHE_DIR"] == numba.config.CACHE_DIR == str(tmp_path / HASH)
    assert cache_kernels(tmp_path, HASH) == tmp_path / HASH  # a child that inherits the variable
    assert cache_kernels(tmp_path, OTHER) == tmp_path / OTHER  # other sources
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "users"))
    assert cache_kernels(Path("/elsewhere"), HASH) == tmp_path / "users" / HASH


@pytest.mark.parametrize("bad", ["", "..", "../../etc", "0123", "0123456789ABCDEF"])
def test_a_hash_is_a_hash(tmp_path, bad):
    with pytest.raises(ValueError, match="hexadecimal"):
        cache_kernels(tmp_path, bad)


KERNELS = """
import numba
from lib import helper

@numba.njit(cache=True)
def caller(x):
    return helper(x) * 2.0
"""
MAIN = """
import sys
sys.path.insert(0, {where!r})
from pathlib import Path
from infra.environment import cache_kernels
cache_kernels(Path({cache!r}), {hash!r})
import kernels
print(kernels.caller(1.0), sum(kernels.caller.stats.cache_hits.values()))
"""


@pytest.mark.slow
def test_a_changed_helper_in_another_module_is_seen_because_the_hash_changes(tmp_path):
    def answer(helper: str, kernel_hash: str) -> str:
        (tmp_path / "lib.py").write_text(f"import numba\n@numba.njit\ndef helper(x):\n    return {helper}\n")
        (tmp_path / "kernels.py").write_text(KERNELS)
        os.utime(tmp_path / "kernels.py", (1e9, 1e9))  # the caller's file itself does not change
        main = MAIN.format(where=str(tmp_path), cache=str(tmp_path / "cache"), hash=kernel_hash)
        return subprocess.run([sys.executable, "-c", main], capture_output=True, text=True, check=True).stdout.strip()

    assert answer("x", HASH) == "2.0 0"
    assert answer("x + 2.0", HASH) == "2.0 1", "numba now sees the change by itself: the hashed folder is not needed"
    assert answer("x + 2.0", OTHER) == "6.0 0"


@pytest.mark.slow
def test_prefect_takes_every_variable(tmp_path):
    code = """
from infra.environment import prepare
from infra.settings import load_settings
prepare(load_settings(quiet=True))
from prefect.settings import get_current_settings
s = get_current_settings()
print(s.home, s.server.analytics_enabled, s.server.ui.show_promotional_content, s.server.logging_level,
      s.server.ephemeral.startup_timeout_seconds, s.logging.level)
"""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "HIGHWATER_"))}
    environment["HIGHWATER_SCRATCH"] = str(tmp_path)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert run.stdout.split() == [str(tmp_path / "prefect"), "False", "False", "CRITICAL", "120", "WARNING"]
