"""JSON as pytest-benchmark writes it, tried with pytest-benchmark itself."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.stats import Stats

from bench.compare.judgement import Judgement
from bench.errors import StoreError
from bench.store.database import Store
from reports.ci.text import plain
from reports.ci.timings import pytest_benchmark, run_as_pytest_benchmark, statistics_of
from tests.bench.compare.judgements import HOSTILE, SMALL, hostile
from tests.reports.conftest import Plan, write_run

SAMPLES = [0.5, 0.1, 0.4, 0.15, 0.92, 0.65, 0.35, 0.89, 0.79, 7.0, 0.32, 0.38, 0.46]


def benchmarks(judgement: Judgement) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(pytest_benchmark(judgement))["benchmarks"]
    return found


def compared(*files: Path, by: str = "fullname") -> str:
    """What `pytest-benchmark compare` prints."""
    command = [sys.executable, "-m", "pytest_benchmark", "compare", *(file.name for file in files)]
    options = ["--group-by", by, "--columns", "median,rounds", "--sort", "name"]
    done = subprocess.run([*command, *options], cwd=files[0].parent, capture_output=True, text=True, check=True)
    assert "Failed to load" not in done.stderr
    return done.stdout


@pytest.mark.parametrize("n", range(1, len(SAMPLES) + 1))
def test_the_statistics_are_those_of_pytest_benchmark(n: int) -> None:
    theirs: Any = Stats()
    for value in SAMPLES[:n]:
        theirs.update(value)
    expected = {**theirs.as_dict(), "data": SAMPLES[:n], "iterations": 1}
    ours = statistics_of(SAMPLES[:n])
    assert set(expected) == set(ours)
    assert {
        name: pytest.approx(value) if name != "outliers" else value for name, value in expected.items()
    } == ours


def test_a_benchmark_is_a_timed_cell_with_its_conditions() -> None:
    first = benchmarks(SMALL)[0]
    assert "resnet18 latency infer 224px b1" == first["name"]
    assert ("latency", "resnet18") == (first["group"], first["params"]["architecture"])
    assert ("regression", 1.12) == (first["extra_info"]["verdict"], first["extra_info"]["ratio"])
    assert [0.0110, 0.0112, 0.0114] == first["stats"]["data"]


def test_a_rate_is_told_as_the_seconds_of_an_image() -> None:
    assert [1 / 180, 1 / 190, 1 / 200] == benchmarks(SMALL)[1]["stats"]["data"]


def test_counts_accuracies_and_what_broke_are_no_benchmarks() -> None:
    assert ["latency", "throughput"] == [item["group"] for item in benchmarks(SMALL)]


def test_it_names_the_machine_by_what_it_is_and_the_commit() -> None:
    document = json.loads(pytest_benchmark(SMALL))
    assert {"machine_info", "commit_info", "benchmarks", "datetime", "version"} == set(document)
    assert "Example CPU 9000" == document["machine_info"]["cpu"]["brand_raw"]
    assert ("0123456789ab", True) == (document["commit_info"]["id"], document["commit_info"]["dirty"])


def test_samples_that_are_no_times_are_left_out() -> None:
    broken = replace(SMALL, samples={"a1": (float("nan"), float("inf"), 0.0, -1.0, 0.01)})
    assert [[0.01]] == [item["stats"]["data"] for item in benchmarks(broken)]


def test_pytest_benchmark_compares_two_files(tmp_path: Path) -> None:
    base, head = tmp_path / "base.json", tmp_path / "head.json"
    base.write_text(pytest_benchmark(replace(SMALL, samples={"a1": (0.0100, 0.0101, 0.0102)})))
    head.write_text(pytest_benchmark(SMALL))
    told = compared(base, head)
    assert "benchmark 'evobench::resnet18 latency infer 224px b1': 2 tests" in told
    rows = [re.split(r"\s{2,}", line) for line in told.splitlines() if line.startswith("resnet18")]
    assert [
        ["resnet18 latency infer 224px b1 (base)", "10.1000 (1.0)", "3"],
        ["resnet18 latency infer 224px b1 (head)", "11.2000 (1.11)", "3"],
    ] == rows


def test_pytest_benchmark_shows_a_file_with_a_hostile_name(tmp_path: Path) -> None:
    file = tmp_path / "hostile.json"
    file.write_text(pytest_benchmark(hostile()))
    assert f"{plain(HOSTILE)} latency 0" in compared(file, by="group")


def test_a_run_that_does_not_declare_its_measure_is_refused(tmp_path: Path) -> None:
    write_run(tmp_path / "s.sqlite", Plan())
    with closing(sqlite3.connect(tmp_path / "s.sqlite")) as db, db:
        db.execute("DELETE FROM declaration WHERE kind = 'measure' AND name = 'latency'")
    with Store.open(tmp_path / "s.sqlite") as store, pytest.raises(StoreError, match="its measure 'latency'"):
        run_as_pytest_benchmark(store, Plan().id)
