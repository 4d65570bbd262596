"""Charts of transfer: scenarios, the map of accuracy, matrices of confusion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.charts import NoData, draw, load_charts
from reports.tidy.frame import Frames
from tests.reports.trainings import learned

Learn = Callable[..., Frames]


@pytest.fixture
def learn(tmp_path: Path) -> Learn:
    return lambda *items: learned(tmp_path / "s.sqlite", items)


def confusion(*entries: tuple[int, int, int], **changes: Any) -> dict[str, Any]:
    found = {"classes": 3, "whole": True, "entries": [list(entry) for entry in entries], "names": {"2": "cat"}}
    return {"confusion": {**found, **changes}}


def test_the_matrix_sums_the_trainings_of_the_scenario_that_is_best_on_validation_images(learn: Learn) -> None:
    frames = learn(
        {"right": 80, "val_top1": 0.9, **confusion((0, 0, 80), (1, 2, 20))},
        {"right": 80, "val_top1": 0.9, "seed": 1, **confusion((0, 0, 79), (1, 2, 21))},
        {"right": 99, "val_top1": 0.5, "mode": "scratch", "weights": "random", **confusion((0, 0, 99), (1, 0, 1))},
    )
    figure = draw(load_charts().get("confusion_matrices"), frames)
    (matrix,) = figure.data
    assert [["100", "", ""], ["", "", "100"], ["", "", ""]] == [list(row) for row in matrix.text]
    assert [[159, 0, 0], [0, 0, 41], [0, 0, 0]] == [list(row) for row in matrix.customdata]
    assert ("0", "1", "cat") == matrix.x


def test_a_share_below_one_percent_is_not_shown_as_none(learn: Learn) -> None:
    frames = learn({"right": 80, **confusion((0, 0, 999), (0, 1, 1))})
    (matrix,) = draw(load_charts().get("confusion_matrices"), frames).data
    assert ("100", "&lt;1", "") == tuple(matrix.text[0])


def test_a_long_name_of_a_class_is_cut_along_the_axes_and_whole_when_pointed_at(learn: Learn) -> None:
    names = {"0": "immunohistochemistry", "1": "a<b " + 20 * "c"}
    figure = draw(
        load_charts().get("confusion_matrices"), learn({"right": 80, **confusion((0, 1, 8), names=names)})
    )
    assert ("immunohistochemistry", "a&lt;b ccccccccccccccc…", "2") == figure.layout.xaxis.ticktext
    assert "a&lt;b " + 20 * "c" == figure.data[0].x[1]


def test_titles_of_matrices_are_in_lines_that_a_panel_has_room_for(learn: Learn) -> None:
    long = {"mode": "features@features.18+logistic", "weights": "file:/a/a_rather_long_name_of_a_checkpoint.pt"}
    frames = learn({"right": 80, **long, **confusion((0, 0, 80))}, {"right": 70, "target": "other"})
    figure = draw(load_charts().get("confusion_matrices"), frames)
    assert 1 < figure.layout.annotations[0].text.count("<br>")
    assert 46 >= max(len(line) for line in figure.layout.annotations[0].text.split("<br>")[1:])


def test_the_heading_of_matrices_names_the_classes_that_are_confused_most(learn: Learn) -> None:
    frames = learn({"right": 80, **confusion((0, 0, 80), (1, 1, 30), (1, 2, 10))})
    assert "Most confused: 25 % of class 1 are taken for cat (digits8)" == load_charts().get(
        "confusion_matrices"
    ).heading(frames)


def test_a_matrix_in_part_is_not_drawn(learn: Learn) -> None:
    frames = learn({"right": 80, **confusion((0, 1, 5), whole=False)})
    with pytest.raises(NoData, match="no training of this run kept a whole confusion matrix"):
        draw(load_charts().get("confusion_matrices"), frames)


def test_the_map_has_a_row_per_network_a_column_per_way_and_augmentation_as_a_second_figure(learn: Learn) -> None:
    frames = learn(
        {"right": 80},
        {"right": 70, "augmentation": "digits"},
        {"right": 60, "mode": "finetune:upper"},
        {"right": 50, "architecture": "alexnet"},
    )
    (tiles,) = draw(load_charts().get("accuracy_map"), frames).data
    assert (("lenet5", "alexnet"), ("MNIST: fine-tuned", "MNIST: upper layers fine-tuned")) == (tiles.y, tiles.x)
    assert [["80.0<br>70.0", "60.0"], ["50.0", ""]] == [list(row) for row in tiles.text]


def test_colours_of_the_map_run_from_the_lowest_to_the_highest_of_each_target(learn: Learn) -> None:
    frames = learn(
        *(
            {"right": right, "seed": 0, "mode": mode}
            for right, mode in ((85, "finetune:all"), (90, "features+svm"), (94, "finetune:upper"))
        )
    )
    figure = draw(load_charts().get("accuracy_map"), frames)
    assert (85, 94) == (figure.data[0].zmin, figure.data[0].zmax)
    assert "<b>digits8</b>: colours from 85 to 94 %" == figure.layout.annotations[0].text


def test_several_augmentations_of_the_map_are_told_apart_by_letters(learn: Learn) -> None:
    frames = learn(
        {"right": 80},
        {"right": 70, "augmentation": "digits"},
        {"right": 60, "augmentation": "lecture"},
        {"right": 50, "mode": "finetune:upper"},
        {"right": 40, "mode": "features+svm"},
    )
    figure = draw(load_charts().get("accuracy_map"), frames)
    assert "80.0<br>70.0<sup>d</sup><br>60.0<sup>l</sup>" == figure.data[0].text[0][0]
    assert figure.layout.annotations[0].text.endswith("augmented (d: digits, l: lecture)")


def test_scenarios_that_look_alike_say_what_differs(learn: Learn) -> None:
    frames = learn({"right": 80}, {"right": 82, "recipe": "lecture"}, {"right": 60, "mode": "finetune:upper"})
    notes = draw(load_charts().get("scenario_accuracy"), frames).layout.annotations
    expected = ["fine-tuned, lecture recipe", "fine-tuned", "upper layers fine-tuned"]
    assert expected == [note.text for note in notes if note.yref == "y"]


def test_words_beside_a_mark_are_no_points_of_the_chart(learn: Learn) -> None:
    frames = learn({"right": 80}, {"right": 60, "mode": "finetune:upper"}, {"right": 40, "mode": "features+svm"})
    figure = draw(load_charts().get("scenario_accuracy"), frames)
    assert [80.0, 60.0, 40.0] == [x for trace in figure.data for x in trace.x if x is not None]


def test_the_heading_of_scenarios_names_the_best_on_validation_images(learn: Learn) -> None:
    frames = learn(
        {"right": 80, "val_top1": 0.9},
        {"right": 99, "val_top1": 0.5, "mode": "scratch", "weights": "random"},
    )
    assert "Best on validation images: 80.0 % on digits8 (lenet5, fine-tuned from MNIST)" == load_charts().get(
        "scenario_accuracy"
    ).heading(frames)
