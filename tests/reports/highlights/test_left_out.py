"""What a run had no time for."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from rich.console import Console

from reports.highlights.left_out import fills_its_time, left_out
from reports.output.terminal import findings_of, summary_of
from reports.tidy.frame import Frames
from tests.reports.trainings import learned


def seeds(architecture: str, rights: list[int | None]) -> list[dict[str, Any]]:
    return [{"architecture": architecture, "right": right, "seed": seed} for seed, right in enumerate(rights)]


def run(folder: Path, state: str = "complete") -> Frames:
    trainings = [*seeds("lenet5", [80, None]), *seeds("alexnet", [70, None, None]), *seeds("vgg16", [None])]
    return learned(folder / "s.sqlite", trainings, state)


def test_cells_without_a_record_are_counted_by_measure_and_network(tmp_path: Path) -> None:
    assert ("top1 of 4 cells (lenet5 1, alexnet 2, vgg16 1)",) == left_out(run(tmp_path))


def test_of_a_run_that_was_cut_nothing_was_left_out_for_want_of_time(tmp_path: Path) -> None:
    assert () == left_out(run(tmp_path, "budget"))


def test_of_many_networks_the_first_are_named(tmp_path: Path) -> None:
    trainings = [item for i in range(9) for item in seeds(f"net{i}", [None])]
    (told,) = left_out(learned(tmp_path / "s.sqlite", trainings))
    assert told.endswith("net5 1, and 3 more architectures)")


def test_a_figure_of_fewer_processes_than_were_planned_is_told(tmp_path: Path) -> None:
    frames = learned(tmp_path / "s.sqlite", seeds("lenet5", [80, 81]), replicates=3)
    assert ("further processes of 2 cells that have a figure (top1 2)",) == left_out(frames)


def test_a_run_with_all_of_its_plan_is_complete_and_no_more(tmp_path: Path) -> None:
    assert not fills_its_time(learned(tmp_path / "s.sqlite", seeds("lenet5", [80])))


def test_a_run_that_may_add_seeds_is_complete_within_its_time(tmp_path: Path) -> None:
    assert fills_its_time(learned(tmp_path / "s.sqlite", seeds("lenet5", [80]), open=True))


def test_the_terminal_says_what_was_left_out(tmp_path: Path) -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    frames = run(tmp_path)
    console.print(summary_of(frames), *findings_of(frames))
    text = " ".join(console.export_text().split())
    assert "Run r: complete within its time" in text
    assert "left out for want of time: top1 of 4 cells (lenet5 1, alexnet 2, vgg16 1)" in text
