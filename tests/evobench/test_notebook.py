"""Notebooks: the tutorial can be gone through, and progress has one place in the output of a cell."""

import importlib.util
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.text import Text

from evobench import notebook
from tests.rooms import ROOT

TUTORIAL = ROOT / "docs/tutorials/notebook.ipynb"
kernel = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("nbclient", "ipykernel")),
    reason="needs nbclient and ipykernel (extra docs)",
)


@pytest.mark.slow
@kernel
def test_the_tutorial_can_be_gone_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbclient
    import nbformat

    spec = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    started = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": started, "display_name": "Python 3", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTHONWARNINGS", "default")
    tutorial = nbformat.read(TUTORIAL, as_version=4)
    nbclient.NotebookClient(tutorial, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = {cell.source: cell.outputs for cell in tutorial.cells if cell.cell_type == "code"}
    assert "<strong>Run " in shown['evobench.load("latest")'][-1]["data"]["text/html"]
    assert "application/vnd.plotly.v1+json" in shown['run.figures["evolution"]'][-1]["data"]
    assert (tmp_path / "runs" / "evobench.sqlite").is_file()


def test_the_tutorial_is_kept_without_what_it_printed() -> None:
    cells = json.loads(TUTORIAL.read_text(encoding="utf-8"))["cells"]
    assert [] == [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]


def test_progress_replaces_itself_and_is_taken_away_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    def display(html: str, **_: Any) -> SimpleNamespace:
        shown.append(html)
        return SimpleNamespace(update=shown.append)

    monkeypatch.setattr(notebook, "ipython", SimpleNamespace(display=display, HTML=str))
    output = notebook.Output(80)
    output.start()
    output.update(Text("3/9 <cells>"))
    output.update(Text("too soon after that to be seen"))
    output.stop()
    first, progress, last = shown
    assert ("", True, "") == (first, "3/9 &lt;cells&gt;" in progress, last)
