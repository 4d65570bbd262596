"""What is said of augmentations: by the number of training images, and of their speed."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.charts import NoData, draw, load_charts
from reports.learning.shots import by_shots
from reports.tables import load_tables
from reports.tidy.frame import Frames
from tests.reports.learning_cells import frames_of, learning

JITTER = (0.01, -0.01, 0.005, 0.0, -0.005, 0.015, 0.0, -0.015)
"""How the difference varies over the seeds."""


def run(folder: Path, gains: dict[int, float]) -> Frames:
    """An augmentation that brings so much at these numbers of images, over eight seeds."""
    accuracies = []
    for shots, gain in gains.items():
        for seed, jitter in enumerate(JITTER):
            accuracies.append((learning("scratch", seed, shots=shots), 0.6))
            accuracies.append((learning("scratch", seed, shots=shots, augmentation="digits"), 0.6 + gain + jitter))
    return frames_of(folder, accuracies)


def test_a_verdict_is_given_at_each_number_of_images(tmp_path: Path) -> None:
    table = load_tables().get("augmentation_by_shots").plain(run(tmp_path, {2: 0.2, 10: 0.0, 50: -0.2}))
    assert [(2, "helps"), (10, "undecided"), (50, "hurts")] == list(
        zip(table["Images"], table["Answer"], strict=True)
    )


def test_the_numbers_of_images_ascend_and_all_of_them_come_last(tmp_path: Path) -> None:
    assert [5, 20, 0] == [item.shots for item in by_shots(run(tmp_path, {20: 0.1, 0: 0.1, 5: 0.1}))]


def test_one_number_of_images_is_no_series(tmp_path: Path) -> None:
    assert () == by_shots(run(tmp_path, {5: 0.2}))


def test_a_single_pair_is_undecided(tmp_path: Path) -> None:
    accuracies = [
        (learning("scratch", 0, shots=shots, augmentation=name), 0.5)
        for shots in (2, 5)
        for name in ("none", "digits")
    ]
    assert {"undecided"} == {item.effect.told for item in by_shots(frames_of(tmp_path, accuracies))}


def test_the_chart_has_a_point_at_each_number_of_images(tmp_path: Path) -> None:
    figure = draw(load_charts().get("augmentation_by_shots"), run(tmp_path, {2: 0.2, 10: 0.0, 50: -0.2}))
    points = {(x, trace.name) for trace in figure.data if trace.mode == "markers" for x in trace.x if x}
    assert {("2", "helps"), ("10", "undecided"), ("50", "hurts")} == points


def test_a_run_of_one_number_of_images_draws_no_series(tmp_path: Path) -> None:
    with pytest.raises(NoData, match="no augmentation was tried"):
        draw(load_charts().get("augmentation_by_shots"), run(tmp_path, {5: 0.2}))


def test_both_pipelines_stand_in_one_row_with_their_ratio(frames: Frames) -> None:
    (row,) = load_tables().get("augmentation_rates").plain(frames).to_dict("records")
    assert ("digits", 16, "digits8, 32 px") == (row["Augmentation"], row["Batch"], row["Input"])
    assert row["Tensors"] / row["PIL"] == pytest.approx(row["Tensors over PIL"])
    assert 10.0 == pytest.approx(row["Tensors over PIL"], rel=0.2)


def test_a_rate_is_the_median_of_its_batches(frames: Frames) -> None:
    cells = frames.records[frames.records["measure"] == "augmentation_rate"]
    attempts = frames.attempts.set_index("key")["median"]
    assert [attempts[key] for key in cells["key"]] == list(cells["value"])
