"""Names of scenarios, their quality, and the time that they take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.declare.catalog import MEASURES
from bench.declare.loading.discovery import load_catalogs
from bench.statistics import intervals as stats
from reports.charts import NoData, draw, load_charts
from reports.learning.scenarios import short_names, trainings
from reports.tables import load_tables
from reports.tidy.frame import Frames
from tests.reports.trainings import curve, learned

Learn = Callable[..., Frames]


@pytest.fixture
def learn(tmp_path: Path) -> Learn:
    return lambda *items: learned(tmp_path / "s.sqlite", items)


def table(frames: Frames, name: str) -> list[dict[str, Any]]:
    shown = load_tables().get(name).formatted(frames)
    return [{str(heading): value for heading, value in row.items()} for row in shown.to_dict("records")]


def test_a_path_is_shown_by_its_end() -> None:
    assert {"file:/a/b/c.pt": "file:c.pt", "folder:/a/b/": "folder:b", "imagenet": "imagenet"} == short_names(
        ["file:/a/b/c.pt", "folder:/a/b/", "imagenet"]
    )


def test_paths_with_the_same_end_are_shown_as_far_as_tells_them_apart() -> None:
    assert {"file:/a/x/c.pt": "file:x/c.pt", "file:/a/y/c.pt": "file:y/c.pt"} == short_names(
        ["file:/a/x/c.pt", "file:/a/y/c.pt"]
    )


def test_a_path_that_is_the_end_of_another_is_shown_in_full() -> None:
    assert {"file:c.pt": "file:c.pt", "file:y/c.pt": "file:y/c.pt"} == short_names(["file:c.pt", "file:y/c.pt"])


def test_tables_show_short_names_and_records_the_whole_path(learn: Learn) -> None:
    frames = learn({"right": 80, "weights": "file:/a/b/c.pt", "target": "folder:/d/e"})
    row = table(frames, "scenarios")[0]
    assert ("file:c.pt", "folder:e") == (row["Weights"], row["Target"])
    assert ["file:/a/b/c.pt"] == list(frames.records["weights"])


def test_what_goes_without_saying_is_not_said(learn: Learn) -> None:
    assert [("finetune:all (pretrain:mnist5k)", "")] == list(
        trainings(learn({"right": 80}))[["scenario", "setting"]].itertuples(index=False, name=None)
    )


def test_an_unusual_way_of_learning_says_so(learn: Learn) -> None:
    frames = learn({"right": 80, "recipe": "lecture", "pipeline": "pil", "patience": 5})
    assert ["finetune:all (pretrain:mnist5k), lecture recipe, pil images, patience 5"] == list(
        trainings(frames)["scenario"]
    )


def test_a_condition_that_varies_tells_scenarios_of_the_same_name_apart(learn: Learn) -> None:
    frames = learn({"right": 80, "shots": 5}, {"right": 90, "shots": 0})
    assert ["5 shots", "all shots"] == list(trainings(frames)["setting"])


def test_all_ways_of_an_architecture_tell_the_budget_where_one_has_several(learn: Learn) -> None:
    frames = learn(
        {"right": 80}, {"right": 90, "shots": 20}, {"right": 70, "mode": "scratch", "weights": "random"}
    )
    assert ["5 shots", "20 shots", "5 shots"] == list(trainings(frames)["setting"])


def test_each_way_of_learning_may_have_its_own_steps_without_a_word(learn: Learn) -> None:
    frames = learn({"right": 80}, {"right": 70, "mode": "features+svm", "steps": 200, "lr": 0.01})
    assert ["", ""] == list(trainings(frames)["setting"])


def test_a_cross_validation_is_named(learn: Learn) -> None:
    frames = learn({"right": 80, "folds": 5})
    assert "5 folds" == table(frames, "scenarios")[0]["Setting"]


def test_trainings_of_equal_accuracy_have_the_interval_of_the_test_images_and_say_so(learn: Learn) -> None:
    row = table(learn({"right": 80, "seed": 0}, {"right": 80, "seed": 1}), "scenarios")[0]
    expected = stats.wilson(80, 100)
    assert expected is not None
    assert f"80.0 % [{100 * expected.low:.1f}, {100 * expected.high:.1f}]" == row["Accuracy"]
    assert "95 %, Wilson over test images; 2 trainings of equal accuracy" == row["Interval"]


def test_figures_beyond_the_first_answer_are_means_over_the_trainings(learn: Learn) -> None:
    details: dict[str, Any] = {"top5": 0.9, "macro_f1": 0.7, "nll": 0.5, "ece": 0.05}
    frames = learn({"right": 80, **details}, {"right": 82, "seed": 1, **details, "nll": 0.7, "ece": 0.07})
    row = load_tables().get("quality").plain(frames).iloc[0]
    shown = [row[name] for name in ("Top-1", "Top-5", "Macro F1", "NLL", "Calibration error")]
    assert [81.0, 90.0, 70.0, 0.6, 6.0] == pytest.approx(shown)


def test_a_top_5_accuracy_of_one_training_has_the_interval_of_its_test_images(learn: Learn) -> None:
    expected = stats.wilson(95, 100)
    assert expected is not None
    row = table(learn({"right": 80, "top5": 0.95}), "quality")[0]
    assert f"95.0 % [{100 * expected.low:.1f}, {100 * expected.high:.1f}]" == row["Top-5"]


def test_margins_show_a_dash_for_what_they_do_not_have(learn: Learn) -> None:
    row = table(learn({"right": 80, "mode": "features+svm", "nll": None, "ece": None, "top5": None}), "quality")[0]
    assert ("–", "–", "–") == (row["NLL"], row["Calibration error"], row["Top-5"])


ON_TRAINING_IMAGES = ["Training accuracy", "Gap", "Training NLL"]


def test_figures_on_training_images_are_means_over_the_trainings_that_tell_them(tmp_path: Path) -> None:
    load_catalogs()
    trained = (
        {"right": 80, "train_top1": 1.0, "train_nll": 0.1, "gap": 0.2},
        {"right": 82, "seed": 1, "train_top1": 0.9, "train_nll": 0.3, "gap": 0.08},
        {"right": 81, "seed": 2},
    )
    frames = learned(tmp_path / "s.sqlite", trained, details=MEASURES.get("top1").details)
    row = load_tables().get("scenarios").plain(frames).iloc[0]
    assert [95.0, 14.0, 0.2] == pytest.approx([row[name] for name in ON_TRAINING_IMAGES])


def test_a_run_of_an_earlier_version_has_no_figures_on_training_images(learn: Learn) -> None:
    row = table(learn({"right": 80}), "scenarios")[0]
    assert ["–", "–", "–"] == [row[name] for name in ON_TRAINING_IMAGES]


def confusion(*entries: tuple[int, int, int], **changes: Any) -> dict[str, Any]:
    found = {"classes": 3, "whole": True, "entries": [list(entry) for entry in entries], "names": {"2": "cat"}}
    return {"confusion": {**found, **changes}}


def test_classes_that_are_confused_most_are_named_over_all_trainings(learn: Learn) -> None:
    frames = learn(
        {"right": 80, **confusion((0, 0, 80), (0, 1, 9), (1, 2, 11))},
        {"right": 82, "seed": 1, **confusion((0, 0, 82), (0, 1, 6), (1, 2, 12))},
    )
    assert "1 as cat (23), 0 as 1 (15)" == table(frames, "quality")[0]["Most confused"]


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


def test_curves_run_over_steps(learn: Learn) -> None:
    frames = learn({"right": 90, "curve": curve((4, 0.5, 1.0), (8, 0.9, 2.0))})
    figure = draw(load_charts().get("learning_curves"), frames)
    assert (4, 8) == tuple(figure.data[0].x)


OLD = [{"step": 4, "loss": 1.0, "val": 0.5}, {"step": 8, "loss": 0.5, "val": 0.9}]
"""As older versions kept a curve."""


def test_curves_of_an_older_store_run_over_steps(learn: Learn) -> None:
    figure = draw(load_charts().get("learning_curves"), learn({"right": 90, "curve": OLD}))
    assert (4, 8) == tuple(figure.data[0].x)


def test_an_older_store_knows_steps_to_accuracy_but_no_seconds(learn: Learn) -> None:
    frames = learn({"right": 90, "val_top1": 0.9, "curve": OLD})
    assert [("finetune:all", "1 of 1", "–", "–", "8")] == race(frames)


@pytest.mark.parametrize("item", load_tables(), ids=lambda item: item.name)
def test_every_table_can_be_shown_of_an_older_store(learn: Learn, item: Any) -> None:
    frames = learn({"right": 90, "curve": OLD}, {"right": 80, "mode": "features+softmax"})
    # what only runs of several hosts or GPUs have is left out
    headings = [column.heading for column in item.columns if not column.optional]
    assert headings == list(item.formatted(frames).columns)


def test_an_older_store_draws_every_chart_of_transfer_that_it_has_data_for(learn: Learn) -> None:
    ways = ({"right": 90, "curve": OLD}, {"right": 80, "mode": "features+softmax"})
    frames = learn(*({**way, "architecture": name} for name in ("lenet5", "alexnet", "vgg16") for way in ways))
    drawn = set()
    for item in load_charts():
        if item.section == "transfer":
            try:
                draw(item, frames)
            except NoData:
                continue
            drawn.add(item.name)
    expected = {"scenario_accuracy", "accuracy_map", "tuning_effect", "learning_curves"}
    assert expected == drawn & {*expected, "confusion_matrices"}


def test_a_training_for_a_time_tells_its_seconds_to_the_aim(learn: Learn) -> None:
    in_time = {"right": 90, "val_top1": 0.9, "measure": "top1_in_time", "duration": 5.0, "steps": 1000}
    row = table(learn({**in_time, "curve": curve((2, 0.5, 0.5), (4, 0.9, 1.0))}), "time_to_accuracy")[0]
    assert ("finetune:all (pretrain:mnist5k), for 5 s", "1 s") == (row["Scenario"], row["Seconds"])


def test_a_training_for_a_time_is_no_training_for_its_most_steps(learn: Learn) -> None:
    in_time = {"right": 90, "measure": "top1_in_time", "duration": 5.0}
    rows = table(learn(in_time, {**in_time, "duration": 15.0}, {"right": 80}), "scenarios")
    assert ["in 5 s", "in 15 s", "60"] == [row["Steps"] for row in rows]


def test_a_training_for_a_time_that_was_disturbed_is_marked(learn: Learn) -> None:
    in_time = {"measure": "top1_in_time", "duration": 5.0}
    trained = {**in_time, "right": 90, "val_top1": 0.9, "curve": curve((4, 0.9, 1.0))}
    frames = learn({**trained, "seed": 1}, {**trained, "noisy": ["its threads waited"]})
    assert table(frames, "scenarios")[0]["Accuracy"].startswith("90.0 % (noisy)")
    assert "1 s (noisy)" == table(frames, "time_to_accuracy")[0]["Seconds"]
