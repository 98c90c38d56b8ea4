"""Every notebook runs from top to bottom on a small store, in a kernel of its own."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.support.tiny_store import store

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HIGHWATER_STORAGE_URL", store()[0].as_uri())
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("MPLBACKEND", raising=False)
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    shown = [one for cell in notebook.cells if cell.cell_type == "code" for one in cell.outputs]
    assert any("image/png" in one.get("data", {}) for one in shown)
    texts = [one.get("text", "") + one.get("data", {}).get("text/plain", "") for one in shown]
    said = " ".join(" ".join(texts).split())
    assert "The day told and the day valued by the law are equal to the last bit" in said
    assert "The day told and the day projected are equal to the last bit" in said


def test_notebooks_are_kept_without_output_and_define_no_function() -> None:
    assert NOTEBOOKS
    for path in NOTEBOOKS:
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        assert all(not cell.outputs and cell.execution_count is None for cell in cells)
        assert not any(line.startswith(("def ", "class ")) for cell in cells for line in cell.source.splitlines())
