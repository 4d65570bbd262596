"""What is said of trainings class by class: recalls over folds and seeds, balanced accuracy, unequal classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.declare.catalog import MEASURES
from bench.declare.loading.discovery import load_catalogs
from bench.statistics import intervals as stats
from bench.statistics.stratified import Proportion, mean_share
from reports.charts import NoData, draw, load_charts
from reports.highlights.findings import findings
from reports.learning.classes.recalls import Recall, balanced_accuracy, recalls_of
from reports.learning.classes.unequal import unequal_targets
from reports.learning.scenarios import trainings
from reports.tables import load_tables
from reports.tidy.frame import Frames
from tests.reports.trainings import learned

Learn = Callable[..., Frames]


@pytest.fixture
def learn(tmp_path: Path) -> Learn:
    load_catalogs()
    return lambda *items: learned(tmp_path / "s.sqlite", items, details=MEASURES.get("top1").details)


def trained(cat: int, cats: int, dog: int, dogs: int, **conditions: Any) -> dict[str, Any]:
    """A training with so many right answers to images of cats and dogs."""
    entries = [[0, 0, cat], [0, 1, cats - cat], [1, 0, dogs - dog], [1, 1, dog]]
    confusion = {"classes": 2, "whole": True, "entries": entries, "names": {"0": "cat", "1": "dog"}}
    return {
        "right": cat + dog,
        "images": cats + dogs,
        "balanced_accuracy": (cat / cats + dog / dogs) / 2,
        "average_precision": 0.9,
        "recalls": [["cat", cat, cats], ["dog", dog, dogs]],
        "confusion": confusion,
        **conditions,
    }


def told(frames: Frames) -> list[tuple[str, float, int]]:
    return [(item.name, item.share, item.images) for item in recalls_of(frames, trainings(frames))]


class TestRecalls:
    def test_the_images_of_all_folds_are_different_ones(self, learn: Learn) -> None:
        frames = learn(*(trained(8 - fold, 10, 2, 5, folds=2, fold=fold) for fold in (0, 1)))
        assert [("cat", 15 / 20, 20), ("dog", 4 / 10, 10)] == told(frames)

    def test_another_seed_tests_the_same_images_again(self, learn: Learn) -> None:
        frames = learn(*(trained(8 - seed, 10, 2, 5, seed=seed) for seed in (0, 1)))
        assert [("cat", 15 / 20, 10), ("dog", 4 / 10, 5)] == told(frames)

    def test_another_seed_deals_the_same_images_into_other_folds(self, learn: Learn) -> None:
        items = [trained(8, 10, 2, 5, folds=2, fold=fold, seed=seed) for seed in (0, 1) for fold in (0, 1)]
        assert [("cat", 0.8, 20), ("dog", 0.4, 10)] == told(learn(*items))

    def test_another_draw_of_a_budget_tests_the_same_images_again(self, learn: Learn) -> None:
        frames = learn(*(trained(8 - fold, 10, 2, 5, fold=fold) for fold in (0, 1)))
        assert [("cat", 15 / 20, 10), ("dog", 4 / 10, 5)] == told(frames)

    def test_a_recall_has_wilsons_interval_over_its_images(self) -> None:
        assert stats.wilson(7.5, 10) == Recall("cat", Proportion(7.5, 10)).interval

    def test_older_runs_have_none(self, tmp_path: Path) -> None:
        frames = learned(tmp_path / "s.sqlite", [{"right": 80}])
        assert ((), None) == (
            recalls_of(frames, trainings(frames)),
            balanced_accuracy(frames, trainings(frames)),
        )
        assert () == unequal_targets(frames)


class TestBalancedAccuracy:
    def test_of_several_trainings_it_has_students_interval(self, learn: Learn) -> None:
        frames = learn(*(trained(80 + seed, 100, 5, 10, seed=seed) for seed in range(3)))
        found = balanced_accuracy(frames, trainings(frames))
        expected = stats.mean_interval([0.65, 0.655, 0.66])
        assert expected is not None
        assert found is not None
        assert (0.655, expected.low, expected.high) == pytest.approx(
            (found.mean, found.interval.low, found.interval.high)
        )
        assert "95 %, t over 3 trainings" == found.method

    def test_of_one_training_it_has_that_of_the_images_of_each_class(self, learn: Learn) -> None:
        frames = learn(trained(80, 100, 5, 10))
        found = balanced_accuracy(frames, trainings(frames))
        assert found is not None
        assert 0.65 == pytest.approx(found.mean)
        assert mean_share([Proportion(80, 100), Proportion(5, 10)])[1] == found.interval

    def test_it_stands_among_the_records_under_its_name(self, learn: Learn) -> None:
        frames = learn(trained(80, 100, 5, 10))
        columns = ["balanced_accuracy", "average_precision"]
        assert [pytest.approx([0.65, 0.9])] == frames.records[columns].to_numpy().tolist()

    def test_it_stands_in_the_table_of_quality(self, learn: Learn) -> None:
        row = load_tables().get("quality").formatted(learn(trained(80, 100, 5, 10))).iloc[0]
        expected = mean_share([Proportion(80, 100), Proportion(5, 10)])[1]
        assert f"65.0 % [{100 * expected.low:.1f}, {100 * expected.high:.1f}]" == row["Balanced accuracy"]
        assert "90.0 %" == row["Average precision"]

    def test_the_table_of_an_older_run_does_without(self, tmp_path: Path) -> None:
        shown = load_tables().get("quality").formatted(learned(tmp_path / "s.sqlite", [{"right": 80}]))
        assert {"Balanced accuracy", "Average precision"}.isdisjoint(shown.columns)


class TestTable:
    def test_the_worst_class_comes_first_with_recall_and_precision(self, learn: Learn) -> None:
        rows = load_tables().get("recalls").plain(learn(trained(80, 100, 5, 10)))
        expected = [("dog", 10, 50.0, 100 * 5 / 25), ("cat", 100, 80.0, 100 * 80 / 85)]
        shown = rows[["Class", "Images", "Recall", "Precision"]].itertuples(index=False, name=None)
        assert [pytest.approx(row[1:]) for row in expected] == [row[1:] for row in shown]
        assert ["dog", "cat"] == list(rows["Class"])

    def test_a_class_that_is_never_named_has_no_precision(self, learn: Learn) -> None:
        rows = load_tables().get("recalls").formatted(learn(trained(100, 100, 0, 10)))
        assert [("0.0 %", "–")] == [
            (row["Recall"].partition(" [")[0], row["Precision"])
            for _, row in rows.iterrows()
            if row["Class"] == "dog"
        ]


class TestUnequalClasses:
    def test_it_is_said_that_top_1_favours_the_large_ones(self, learn: Learn) -> None:
        (text,) = [
            item.text for item in findings(learn(trained(95, 100, 5, 10))) if item.anchor == "chart-worst_classes"
        ]
        assert text.startswith(
            "The classes of digits8 are unequal (100 test images of the largest, 10 of the smallest): top-1"
            " favours the large ones. Beside a top-1 of 90.9 % stands a balanced accuracy of 72.5 % ["
        )
        assert "of the class dog 50 % are recognised" in text

    def test_which_of_two_learning_rates_it_was_is_said(self, learn: Learn) -> None:
        frames = learn(*(trained(95, 100, 5, 10, lr=lr, val_top1=0.5 + lr) for lr in (0.25, 0.4)))
        (text,) = [item.text for item in findings(frames) if item.anchor == "chart-worst_classes"]
        assert text.endswith(", learning rate 0.4: the best on validation images).")

    def test_of_equal_ones_nothing_is_said_and_nothing_drawn(self, learn: Learn) -> None:
        frames = learn(trained(8, 15, 5, 10))
        assert [] == [item for item in findings(frames) if item.anchor == "chart-worst_classes"]
        with pytest.raises(NoData, match="no target of this run has unequal classes"):
            draw(load_charts().get("worst_classes"), frames)

    def test_of_several_scenarios_the_one_that_validation_images_find_best_is_told(self, learn: Learn) -> None:
        frames = learn(
            trained(95, 100, 5, 10, val_top1=0.7), trained(90, 100, 4, 10, mode="scratch", val_top1=0.8)
        )
        assert ["scratch"] == [item.good["mode"].iloc[0] for item in unequal_targets(frames)]

    def test_the_chart_has_the_worst_class_at_its_top(self, learn: Learn) -> None:
        frames = learn(trained(95, 100, 5, 10), trained(90, 100, 6, 10, target="other"))
        figure = draw(load_charts().get("worst_classes"), frames)
        assert (["dog (10)", "cat (100)"], [50.0, 95.0]) == (list(figure.data[0].y), list(figure.data[0].x))
