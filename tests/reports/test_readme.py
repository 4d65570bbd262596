"""The recipes of the README work as they are printed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reports.charts import CHARTS, draw
from reports.tables import load_tables
from reports.tidy.frame import Frames

README = Path(__file__).parents[2] / "README.md"


def recipe(heading: str) -> str:
    """The Python code of a section."""
    section = README.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert found, f"no code under '{heading}'"
    return found[1]


def evobench(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "evobench", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_architecture_of_the_readme_is_listed_with_the_others(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(recipe("Add an architecture"))
    listed = evobench(tmp_path, "list", "architectures", "--catalog", "mine.py", "--format", "json")
    assert {"mine", "resnet18"} <= {row["name"] for row in json.loads(listed)}


def test_the_measure_of_the_readme_measures_what_its_suite_plans(tmp_path: Path) -> None:
    (tmp_path / "cold_start.py").write_text(recipe("Add a measure"))
    evobench(tmp_path, "run", "--catalog", "cold_start.py", "--suite", "cold_starts", "--arch", "resnet18")
    rows: list[dict[str, Any]] = json.loads(evobench(tmp_path, "show", "--table", "records", "--format", "json"))
    assert [("resnet18", "s", 3)] == [(row["architecture"], row["unit"], row["processes"]) for row in rows]
    assert rows[0]["value"] > 0


def test_the_chart_of_the_readme_draws_a_point_per_architecture(
    frames: Frames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CHARTS, "_items", {})
    monkeypatch.setattr(CHARTS, "_places", {})
    (tmp_path / "chart_of_the_readme.py").write_text(recipe("Add a chart"))
    monkeypatch.syspath_prepend(tmp_path)
    __import__("chart_of_the_readme")
    figure = draw(CHARTS.get("latency_against_parameters"), frames)
    assert frames.measured("latency")["architecture"].nunique() <= len(figure.data[0].x)


def test_every_table_of_the_readme_is_one_that_show_knows_and_the_other_way_round() -> None:
    section = README.read_text(encoding="utf-8").partition("| --- | --- |\n")[2].partition("\n\n")[0]
    named = {name for line in section.splitlines() for name in line.split("|")[1].strip().split(", ")}
    assert {item.name for item in load_tables()} == named
