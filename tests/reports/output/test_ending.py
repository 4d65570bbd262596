"""The end of a run: one screen of 40 lines, of which the path of the report is the last."""

from __future__ import annotations

import io
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import reports
from bench.store.database import Store

Build = Callable[[Path, Any], Any]


def ending(store: Path, width: int = 80) -> list[str]:
    console = Console(width=width, record=True, file=io.StringIO())
    with Store.open(store) as opened:
        console.print(reports.summary(opened, "latest"))
    return console.export_text().splitlines()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_has_39_lines_at_most(synthetic: Path, width: int) -> None:
    assert 39 >= len(ending(synthetic, width))


def test_it_shows_the_evolution_the_answers_and_the_best_scenarios(synthetic: Path) -> None:
    titles = ("Evolution: ", "Effects over networks: ", "Transfer scenarios: ")
    found = [line.partition(": ")[0] + ": " for line in ending(synthetic) if line.startswith(titles)]
    assert list(titles) == found


def test_every_scenario_that_it_shows_has_its_accuracy(synthetic: Path) -> None:
    lines = ending(synthetic)
    begin = next(i for i, line in enumerate(lines) if line.startswith("Transfer scenarios"))
    rows = [line for line in lines[begin:] if "pretrain:" in line or "scratch" in line]
    assert rows
    assert all(" %" in row for row in rows)


@pytest.mark.parametrize("folder", ["runs", "/".join(["folder"] * 20)])
def test_a_run_ends_with_the_command_that_shows_the_rest_and_can_be_copied(
    tmp_path: Path, folder: str, synthetic: Path
) -> None:
    store = tmp_path / folder / "s.sqlite"
    store.parent.mkdir(parents=True)
    shutil.copy(synthetic, store)
    console = Console(width=80, file=io.StringIO())
    reports.finish(store, "20260102-030405-synthetic", tmp_path / "out", console)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert f"all tables and rows: evobench show 20260102-030405-synthetic --store {store}" == lines[-1]
    assert 39 >= sum(max(1, math.ceil(len(line) / 80)) for line in lines)


def test_it_answers_which_backbone_by_what_was_published_and_measured_here(synthetic: Path) -> None:
    (line,) = (line for line in ending(synthetic, 200) if line.startswith("Which backbone?"))
    assert line.startswith("Which backbone? efficientnet_b3 (published accuracy, under 50 ms here): 82.0 %, ")
    assert line.endswith(". More: evobench recommend --max-latency 50ms")


def test_failures_come_first_each_reason_once(synthetic: Path) -> None:
    lines = ending(synthetic, 120)
    reason = "2 oom: the kernel killed the process (efficientnet_b6 train_step train 528px b8 and 1 more)"
    assert reason == lines[1]


def test_a_run_without_failures_has_no_word_of_them(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, lineages=plan.lineages[:3]))
    assert not any(word in " ".join(ending(tmp_path / "s.sqlite")) for word in ("failed", "oom", "timeout"))


def test_a_run_of_which_nothing_was_measured_says_so(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, outcome="none"))
    assert any(line.startswith("0 of ") for line in ending(tmp_path / "s.sqlite"))
