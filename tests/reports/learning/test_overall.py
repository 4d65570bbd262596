"""Comparisons of one sort over all their rows, and pooled over networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from reports.charts import draw, load_charts
from reports.highlights.findings import findings
from reports.learning.overall import Overall, overall, whole
from reports.tables import load_tables
from reports.tidy.frame import Frames
from tests.reports.trainings import learned

GAINS = {"lenet5": [4, 6, 5, 4, 6], "lecture_cnn": [14, 16, 15, 14, 16], "alexnet": [9, 11, 10, 9, 11]}


def run(folder: Path, gains: Mapping[str, Sequence[int | None]]) -> Frames:
    """By network what an augmentation gains of 100 test images, seed by seed; None: it was left out."""
    trainings = [
        {"architecture": name, "seed": seed, **side}
        for name, values in gains.items()
        for seed, gain in enumerate(values)
        for side in (
            {"right": 50},
            {"right": None if gain is None else 50 + gain, "augmentation": "digits"},
        )
    ]
    return learned(folder / "s.sqlite", trainings)


def only(frames: Frames) -> Overall:
    (found,) = overall(frames)
    return found


def test_networks_count_alike(tmp_path: Path) -> None:
    found = only(run(tmp_path, GAINS)).pooled
    assert found is not None
    assert (0.1, 3) == (round(found.mean, 6), found.n)


def test_two_networks_are_too_few_to_pool(tmp_path: Path) -> None:
    assert only(run(tmp_path, dict(list(GAINS.items())[:2]))).pooled is None


def test_rows_with_a_higher_mean_are_counted_of_those_with_a_pair(tmp_path: Path) -> None:
    found = only(run(tmp_path, {**GAINS, "vgg16": [-5, -6, -5], "vit_b_16": [None]}))
    assert (3, 4, 5) == (found.higher, found.compared, found.of)


def test_each_treatment_has_a_row_where_there_are_several(tmp_path: Path) -> None:
    trainings = [
        {"right": right, "seed": seed, "augmentation": name}
        for name, right in (("none", 50), ("digits", 60), ("lecture", 40))
        for seed in range(3)
    ]
    shown = load_tables().get("over_networks").plain(learned(tmp_path / "s.sqlite", trainings))
    expected = [("all", "1 of 2"), ("digits", "1 of 1"), ("lecture", "0 of 1")]
    assert expected == list(zip(shown["Treatment"], shown["Higher in"], strict=True))


def test_a_table_without_comparisons_has_no_row(tmp_path: Path) -> None:
    assert whole(run(tmp_path, GAINS), "pretraining") is None


def test_the_finding_tells_answers_the_pooled_effect_and_how_many_are_higher(tmp_path: Path) -> None:
    (text,) = [finding.text for finding in findings(run(tmp_path, GAINS))]
    begins = "Augmentation helps in all 3 comparisons (digits8); +10.0 points on average over 3 networks"
    assert begins == text.partition(" (95 % interval ")[0]


def test_the_chart_has_the_pooled_effect_in_its_last_row(tmp_path: Path) -> None:
    figure = draw(load_charts().get("augmentation_effect"), run(tmp_path, GAINS))
    (pooled,) = [trace for trace in figure.data if trace.name == "over networks (95 %)"]
    assert ("diamond", "over 3 networks: higher in 3 of 3") == (pooled.marker.symbol, pooled.y[0])
    assert pooled.y[0] == figure.layout.yaxis.categoryarray[0]


def test_a_comparison_without_a_pair_is_not_drawn(tmp_path: Path) -> None:
    figure = draw(load_charts().get("augmentation_effect"), run(tmp_path, {**GAINS, "vgg16": [None]}))
    assert [] == [name for trace in figure.data for name in trace.y if "vgg16" in name]
