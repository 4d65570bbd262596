"""What `compare` and `export` write for CI, as the command line calls them."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bench.cli.verb import Verb
from bench.errors import Exit, NotComparable
from reports.verbs import compare, export

Build = Callable[[Path, Any], Any]


def call(verb: Verb, *arguments: object) -> int:
    parser = argparse.ArgumentParser()
    verb.configure(parser)
    return verb.run(parser.parse_args([str(argument) for argument in arguments]))


@pytest.fixture
def store(tmp_path: Path, build_run: Build, plan: Any) -> Path:
    """A store with a run, a less accurate one of which a cell is new, and one of another host."""
    path = tmp_path / "two.sqlite"
    build_run(path, replace(plan, id="base"))
    build_run(path, replace(plan, id="worse", accuracy=-0.2, lineages=(*plan.lineages, replace_name(plan))))
    build_run(path, replace(plan, id="elsewhere", host_key="host-b"))
    return path


def replace_name(plan: Any) -> Any:
    return replace(plan.lineages[0], name="new_cnn")


def test_compare_writes_what_it_found(tmp_path: Path, store: Path) -> None:
    file = tmp_path / "gate.xml"
    assert Exit.REGRESSION == call(compare.VERB, "base", "worse", "--write", f"junit={file}", "--store", store)
    root = ElementTree.parse(file).getroot()
    assert ("55", "24") == (root.get("tests"), root.get("failures"))


def test_compare_prints_a_form_alone_on_stdout(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(compare.VERB, "base", "worse", "--write", "bencher=-", "--store", store)
    told = capsys.readouterr()
    assert "lecture_cnn infer 28px b1" in json.loads(told.out)
    assert "regression  lecture_cnn" in told.err


def test_compare_fails_on_the_verdicts_that_it_is_told(store: Path) -> None:
    assert Exit.OK == call(compare.VERB, "base", "base", "--store", store)
    assert Exit.REGRESSION == call(compare.VERB, "base", "base", "--fail-on", "fine", "--store", store)
    assert Exit.OK == call(compare.VERB, "base", "worse", "--fail-on", "changed", "--store", store)


def test_compare_notes_what_was_not_compared(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(compare.VERB, "base", "worse", "--write", "summary=-", "--store", store)
    assert "- not compared: 7 cells that worse alone has\n" in capsys.readouterr().out


def test_compare_notes_what_force_ignores(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(compare.VERB, "base", "elsewhere", "--force", "--write", "summary=-", "--store", store)
    assert "- ignored: the hosts differ" in capsys.readouterr().out


def test_compare_writes_nothing_where_runs_do_not_compare(tmp_path: Path, store: Path) -> None:
    file = tmp_path / "gate.xml"
    with pytest.raises(NotComparable):
        call(compare.VERB, "base", "elsewhere", "--write", f"junit={file}", "--store", store)
    assert not file.exists()


def test_export_writes_a_run_as_benchmarks(
    tmp_path: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "run.json"
    assert Exit.OK == call(export.VERB, "base", "--pytest-benchmark", file, "--store", store)
    assert f"{file}\n" == capsys.readouterr().out
    document = json.loads(file.read_text())
    assert 13 == len(document["benchmarks"])
    assert "lecture_cnn latency infer 28px b1" == document["benchmarks"][0]["name"]
    assert 20 == document["benchmarks"][0]["stats"]["rounds"]


def test_pytest_benchmark_compares_two_exports(tmp_path: Path, store: Path) -> None:
    files = [tmp_path / f"{run}.json" for run in ("base", "worse")]
    for file in files:
        call(export.VERB, file.stem, "--pytest-benchmark", file, "--store", store)
    command = [sys.executable, "-m", "pytest_benchmark", "compare", "base.json", "worse.json"]
    done = subprocess.run(
        [*command, "--group-by", "fullname"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "benchmark 'evobench::lenet5 latency infer 32px b1': 2 tests" in done.stdout
