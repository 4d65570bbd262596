"""The example on the page about lessons works as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.declare.declarations import Setting
from bench.declare.lessons.lesson import LESSONS, Hypothesis
from bench.store.database import Store
from reports.lessons.words import said
from reports.tidy.frame import read
from tests.rooms import ROOT


@pytest.fixture
def example() -> str:
    """The Python code of the page."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/how-to/lessons.md").read_text(), re.DOTALL)
    return str(code)


def test_the_example_declares_a_lesson(no_declarations: None, example: str) -> None:
    exec(compile(example, "mine.py", "exec"), {})
    items = LESSONS.get("lighter").asks(Setting("default", "cpu", 1))
    assert [False, True] == [item.is_open for item in items if isinstance(item, Hypothesis)]


@pytest.mark.slow
def test_the_example_is_measured_and_told(tmp_path: Path, example: str) -> None:
    (tmp_path / "mine.py").write_text(example)
    options = ["--suite", "lessons", "--catalog", "mine.py", "--arch", "vgg11,resnet18", "--measure", "parameters"]
    command = [sys.executable, "-m", "evobench", "run", *options, "--store", "s.sqlite", "--no-report"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    with Store.open(tmp_path / "s.sqlite") as store:
        lessons = read(store, "latest").lessons
    assert lessons is not None
    (test,) = lessons.taught[0].tests
    assert said(test).startswith("ResNet-18 has fewer parameters than VGG-11: confirmed, 0.0")
