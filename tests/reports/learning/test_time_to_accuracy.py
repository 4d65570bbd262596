"""The race to an accuracy: its aim, and who gets there when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.tables import load_tables
from reports.tidy.frame import Frames
from tests.reports.trainings import OLDER_CURVE, curve, learned

Learn = Callable[..., Frames]


@pytest.fixture
def learn(tmp_path: Path) -> Learn:
    return lambda *items: learned(tmp_path / "s.sqlite", items)


def table(frames: Frames, name: str) -> list[dict[str, Any]]:
    shown = load_tables().get(name).formatted(frames)
    return [{str(heading): value for heading, value in row.items()} for row in shown.to_dict("records")]


def race(frames: Frames) -> list[tuple[str, str, str, str, str]]:
    rows = table(frames, "time_to_accuracy")
    return [
        (r["Scenario"].partition(" ")[0], r["Reached"], r["Seconds"], r["Images"], r["Steps to aim"]) for r in rows
    ]


def test_the_aim_is_95_percent_of_the_best_mean_final_accuracy_on_validation_images(learn: Learn) -> None:
    frames = learn(
        {"right": 10, "val_top1": 0.9, "curve": curve((4, 0.9, 1.0))},
        {"right": 10, "val_top1": 0.7, "seed": 1, "curve": curve((4, 0.7, 1.0))},
        {"right": 99, "val_top1": 0.6, "mode": "scratch", "weights": "random", "curve": curve((4, 0.6, 1.0))},
    )
    assert {"76.0 %"} == {row["Aim"] for row in table(frames, "time_to_accuracy")}


def test_the_time_to_accuracy_is_that_of_the_first_point_that_reaches_the_aim(learn: Learn) -> None:
    points = curve((4, 0.5, 1.0), (8, 0.77, 2.0), (12, 0.7, 3.0), (16, 0.8, 4.0))
    assert [("finetune:all", "1 of 1", "2 s", "128", "8")] == race(
        learn({"right": 80, "val_top1": 0.8, "curve": points})
    )


def test_seconds_of_heads_beside_a_gpu_say_that_they_are_the_cpus(learn: Learn) -> None:
    frames = learn({"right": 90, "val_top1": 0.9, "mode": "features+softmax", "curve": curve((4, 0.9, 1.0))})
    cells = frames.records
    assert [""] == [row["Setting"] for row in table(frames, "time_to_accuracy")]
    beside = frames.changed(records=cells.assign(trained_on="cpu"))
    assert ["trained on the CPU"] == [row["Setting"] for row in table(beside, "time_to_accuracy")]


def test_seconds_taken_beside_others_of_the_run_say_so(learn: Learn) -> None:
    frames = learn({"right": 90, "val_top1": 0.9, "curve": curve((4, 0.9, 1.0))})
    busy = frames.changed(records=frames.records.assign(beside="cpu"))
    assert ["beside others of the run"] == [row["Setting"] for row in table(busy, "time_to_accuracy")]


def test_a_training_that_never_gets_there_counts_as_later_than_all(learn: Learn) -> None:
    there, late = curve((4, 0.9, 1.0), (8, 0.9, 2.0)), curve((4, 0.1, 1.0), (8, 0.1, 2.0))
    frames = learn(
        *({"right": 90, "val_top1": 0.9, "seed": seed, "curve": there} for seed in range(3)),
        *(
            {"right": 90, "val_top1": 0.1, "seed": seed, "mode": "scratch", "weights": "random", "curve": found}
            for seed, found in enumerate((there, late, late))
        ),
    )
    assert [
        ("finetune:all", "3 of 3", "1 s", "64", "4"),
        ("scratch", "1 of 3", "not reached", "not reached", "not reached"),
    ] == race(frames)


def test_budgets_race_among_themselves(learn: Learn) -> None:
    frames = learn(
        {"right": 90, "val_top1": 0.9, "shots": 20, "curve": curve((4, 0.9, 1.0))},
        {"right": 50, "val_top1": 0.5, "shots": 1, "curve": curve((4, 0.5, 1.0))},
    )
    assert ["1 of 1", "1 of 1"] == [row["Reached"] for row in table(frames, "time_to_accuracy")]


def test_an_older_store_knows_steps_to_accuracy_but_no_seconds(learn: Learn) -> None:
    frames = learn({"right": 90, "val_top1": 0.9, "curve": OLDER_CURVE})
    assert [("finetune:all", "1 of 1", "–", "–", "8")] == race(frames)


def test_a_training_for_a_time_tells_its_seconds_to_the_aim(learn: Learn) -> None:
    in_time = {"right": 90, "val_top1": 0.9, "measure": "top1_in_time", "duration": 5.0, "steps": 1000}
    row = table(learn({**in_time, "curve": curve((2, 0.5, 0.5), (4, 0.9, 1.0))}), "time_to_accuracy")[0]
    assert ("finetune:all (pretrain:mnist5k), for 5 s", "1 s") == (row["Scenario"], row["Seconds"])
