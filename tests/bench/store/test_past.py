"""What is asked of the store about the records of arms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bench.cell import Cell, Learning
from bench.store.database import Store
from tests.reports.taught import AUGMENTED, PLAIN, cost, training, write_lessons

OTHER = training(augmentation="erasing")
COUNT = cost("net", "parameters")


def seeds_of(path: Path, *arms: Cell, run: str = "2026-lessons") -> list[tuple[str, int]]:
    with Store.open(path) as store:
        wheres = [record.cell.scenario for record in store.past.of_arms(run, arms)]
    return [(where.augmentation, where.seed) for where in wheres if isinstance(where, Learning)]


def test_the_records_of_an_arm_are_those_of_all_its_seeds_in_the_order_of_the_plan(tmp_path: Path) -> None:
    write_lessons(tmp_path / "s.sqlite", [], {PLAIN: [0.5, 0.6], OTHER: [0.7], AUGMENTED: [0.8]})
    assert [("none", 0), ("none", 1), ("digits", 0)] == seeds_of(tmp_path / "s.sqlite", AUGMENTED, PLAIN)


def test_the_records_are_whole(tmp_path: Path) -> None:
    write_lessons(tmp_path / "s.sqlite", [], {PLAIN: [0.5], COUNT: [7.0, 8.0]})
    with Store.open(tmp_path / "s.sqlite") as store:
        found = store.past.of_arms("2026-lessons", [COUNT])
    assert [(0, (7.0,)), (1, (8.0,))] == [(record.replicate, record.values) for record in found]


def test_another_seed_is_no_arm(tmp_path: Path) -> None:
    write_lessons(tmp_path / "s.sqlite", [], {PLAIN: [0.5, 0.6]})
    assert isinstance(PLAIN.scenario, Learning)
    assert [] == seeds_of(tmp_path / "s.sqlite", replace(PLAIN, scenario=replace(PLAIN.scenario, seed=1)))


def test_records_of_other_runs_are_passed_over(tmp_path: Path) -> None:
    for year, accuracy in ((2025, 0.5), (2026, 0.6)):
        write_lessons(tmp_path / "s.sqlite", [], {PLAIN: [accuracy]}, id=f"{year}-lessons")
    assert [("none", 0)] == seeds_of(tmp_path / "s.sqlite", PLAIN, run="2025-lessons")
