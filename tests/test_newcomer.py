"""A reader adds one thing in one file, as the pages in docs/how-to show, and sees it from outside."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.store.database import Store
from reports.charts import CHARTS
from reports.tidy.frame import read
from tests.docs.pages import DOCS, File, steps
from tests.reports.conftest import Plan, write_run


def written(page: str, folder: Path) -> None:
    """Write the files that a page has its reader write."""
    for step in steps((DOCS / page).read_text(encoding="utf-8")):
        if isinstance(step, File):
            step.write(folder)


def evobench(folder: Path, *arguments: str) -> str:
    """What the command prints that is run in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "evobench", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def records(folder: Path) -> list[dict[str, Any]]:
    """The cells of the newest run in a folder."""
    rows: list[dict[str, Any]] = json.loads(evobench(folder, "show", "--table", "records", "--format", "json"))
    return rows


def test_an_architecture_is_counted_and_stands_in_the_table_of_the_lineage(tmp_path: Path) -> None:
    written("how-to/add-an-architecture.md", tmp_path)
    own = ("--catalog", "mine.py", "--arch", "mine")
    evobench(tmp_path, "run", *own, "--suite", "counts", "--measure", "parameters", "--no-report")
    (row,) = json.loads(evobench(tmp_path, "show", "--table", "evolution", "--format", "json"))
    weights = 3 * 32 * 9 + 32 + 32 * 1000 + 1000
    assert ("mine", 2026, weights) == (row["Architecture"], row["Year"], row["Parameters"])


def test_a_measure_is_taken_and_seen_in_the_report(tmp_path: Path) -> None:
    written("how-to/add-a-measure.md", tmp_path)
    own = ("--catalog", "cold_start.py", "--suite", "cold_starts", "--arch", "resnet18")
    report = Path(evobench(tmp_path, "run", *own).strip())
    assert [("resnet18", "s", 3)] == [(r["architecture"], r["unit"], r["processes"]) for r in records(tmp_path)]
    assert "resnet18 cold_start" in (tmp_path / report).read_text(encoding="utf-8")


def test_a_chart_of_a_file_of_ones_own_stands_in_its_section_of_the_report(tmp_path: Path) -> None:
    written("how-to/add-a-chart.md", tmp_path)
    write_run(tmp_path / "runs/evobench.sqlite", Plan())
    evobench(tmp_path, "report", "--catalog", "my_chart.py", "--output", "page.html")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    section = html.partition('<section id="evolution"')[2].partition("<section ")[0]
    assert 'data-figure="latency_against_parameters"' in section


def test_the_chart_shows_one_condition_and_no_mean_over_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kept in ("_items", "_places"):
        monkeypatch.setattr(CHARTS, kept, {})
    written("how-to/add-a-chart.md", tmp_path)
    write_run(tmp_path / "s.sqlite", Plan())
    with Store.open(tmp_path / "s.sqlite") as store:
        frames = read(store, "latest")
    names = runpy.run_path(str(tmp_path / "my_chart.py"))
    others = [frames.records.assign(**{column: value}) for column, value in (("precision", "bf16"), ("batch", 8))]
    both = frames.changed(records=pd.concat([frames.records, *others], ignore_index=True))
    drawn, more = (names["latency_against_parameters"](item) for item in (frames, both))
    assert len(drawn.data[0].x) > 10
    assert drawn == more


def test_a_data_set_is_trained_on(tmp_path: Path) -> None:
    written("how-to/add-a-data-set.md", tmp_path)
    own = ("--catalog", "squares.py", "--target", "squares", "--arch", "lenet5", "--mode", "scratch")
    few = ("--augment", "none", "--shots", "20", "--steps", "40", "--seeds", "1", "--measure", "top1")
    evobench(tmp_path, "run", *own, *few, "--no-report")
    (row,) = records(tmp_path)
    assert ("squares", "ok") == (row["target"], row["status"])
    assert row["value"] > 0.9


@pytest.mark.parametrize("kind", ["chart", "table"])
def test_a_section_that_the_report_does_not_have_is_answered_with_the_nearest(tmp_path: Path, kind: str) -> None:
    more = "" if kind == "chart" else ", about='All.', columns=()"
    text = f"from evobench import {kind}\n\n@{kind}(title='T', section='evolutoin'{more})\ndef mine(frames): ...\n"
    (tmp_path / "mine.py").write_text(text)
    command = [sys.executable, "-m", "evobench", "list", "measures", "--catalog", "mine.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    told = f"{kind} 'mine' ({tmp_path / 'mine.py'}:3): unknown section 'evolutoin'; did you mean 'evolution'?"
    assert (2, f"evobench: {told}\n") == (done.returncode, done.stderr)
