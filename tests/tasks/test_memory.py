"""The memory of a worker: the peak of its own process, told beside the records and in none of them."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tasks import memory
from tasks.fanout import FanoutResult
from tasks.memory import Measured, measured, peak_bytes
from tasks.progress import watch, watched
from tests.support.tiny_store import store

MIB = 2**20
linux = pytest.mark.skipif(not memory._STATUS.exists(), reason="needs /proc")


def numbers(program: str, *args: str) -> list[float]:
    """What a program prints in a process of its own, in MiB."""
    done = subprocess.run([sys.executable, "-c", program, *args], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [float(word) / MIB for word in done.stdout.split()]


def test_the_peak_stays_when_the_memory_is_given_back() -> None:
    before, after = numbers("""
from tasks.memory import peak_bytes
print(peak_bytes())
held = b"1" * (96 << 20)
del held
print(peak_bytes())
""")
    assert 90 < after - before < 102
    assert 4 < before < 60


def test_mapped_pages_count(tmp_path: Path) -> None:
    (tmp_path / "tile").write_bytes(b"1" * (96 * MIB))
    before, after = numbers(
        """
import mmap, sys
from tasks.memory import peak_bytes
print(peak_bytes())
with open(sys.argv[1], "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as tile:
    sum(tile[:: mmap.PAGESIZE])
print(peak_bytes())
""",
        str(tmp_path / "tile"),
    )
    assert 90 < after - before < 102


@linux
def test_a_worker_does_not_answer_for_the_process_that_started_it() -> None:
    inner = "import resource; from tasks.memory import peak_bytes; print(peak_bytes());"
    inner += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)"
    own, inherited = numbers(f"""
import subprocess, sys
held = b"1" * (256 << 20)
subprocess.run([sys.executable, "-c", {inner!r}], check=True)
""")
    assert own < 60
    assert inherited > 256


@pytest.mark.parametrize(("unit", "wanted"), [(1024, 3_072_000), (1, 3_000)])
@pytest.mark.parametrize("status", [None, "Name:\tpython\nVmRSS:\t  12 kB\n"])
def test_without_a_mark_of_its_own_the_system_is_asked(
    status: str | None, unit: int, wanted: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if status is not None:
        (tmp_path / "status").write_text(status)
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "status")
    monkeypatch.setattr(memory, "_UNIT", unit)
    monkeypatch.setattr("resource.getrusage", lambda who: SimpleNamespace(ru_maxrss=3_000))
    assert peak_bytes() == wanted


def test_the_record_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "peak_bytes", lambda: 7)
    assert measured(divmod, 7, 2) == Measured((3, 1), 7)


def test_a_watch_keeps_the_highest_of_its_steps() -> None:
    with watched():
        for peak in (5, 9, 0, 7):
            watch().count(FanoutResult({}, (), (), 0, 0, 0.0, peak))
        assert watch().peak_bytes == 9


def test_nothing_but_the_circumstances_of_a_manifest_knows_it() -> None:
    folder, written = store()
    told, records = 0, 0
    for path in folder.rglob("*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        if path.name == "manifest.json":
            peak = record.pop("circumstances")["worker_peak_bytes"]
            if path.parent.name in written.values():  # others project in this process, which has grown
                assert (peak > 20 * MIB) == (written["daily"] in str(path)), path
                told += 1
        assert "peak" not in json.dumps(record), path
        records += 1
    assert told == 3
    assert records > told
