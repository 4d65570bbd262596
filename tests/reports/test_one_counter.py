"""Multiply-adds that torch's counter has counted alone are told as such wherever a run is summed up."""

from __future__ import annotations

import contextlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bench.cell import Cell
from bench.cli.main import main
from bench.declare.nature import NO_FVCORE
from bench.store.database import Store
from reports.output.terminal import summary_of
from reports.page.document import render
from reports.tables.counts import one_counter
from reports.tidy.frame import read

WHY = "ModuleNotFoundError: No module named 'fvcore'"


@pytest.fixture
def store(tmp_path: Path, build_run: Any, plan: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with a run whose multiply-adds were counted without fvcore."""
    usual = build_run.__globals__["values_of"]

    def alone(cell: Cell, *others: Any) -> tuple[tuple[float, ...], dict[str, Any]]:
        values, details = usual(cell, *others)
        told = {"agreement": f"torch's counter alone: {NO_FVCORE}: {WHY}"}
        return values, details | (told if cell.measure == "macs" else {})

    monkeypatch.setitem(build_run.__globals__, "values_of", alone)
    path = tmp_path / "runs.sqlite"
    whole = type(plan)(id="small", learners=(), augmented=False)
    build_run(path, replace(whole, lineages=whole.lineages[:1]))
    return path


def test_the_summary_and_the_report_tell_how_many_counts_and_why(store: Path) -> None:
    with Store.open(store) as opened:
        frames = read(opened, "small")
        page = render(opened, "small")
    expected = f"1 count of multiply-adds by torch's counter alone: {WHY}"
    terminal = io.StringIO()
    Console(width=200, file=terminal).print(summary_of(frames))
    assert (expected, True) == (one_counter(frames), expected in terminal.getvalue())
    assert "by torch&#39;s counter alone: ModuleNotFoundError" in page


def test_a_terminal_of_80_columns_marks_them_too(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert 0 == main(["show", "small", "--table", "counts", "--store", str(store)])
    assert "counted by torch's counter alone: no fvcore" in said.getvalue()
