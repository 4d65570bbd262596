"""The advice for a quadrant beside what wins there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.store.database import Declaration
from reports.charts import NoData, draw, load_charts
from reports.learning.quadrants import form_of, judged
from reports.tables import load_tables
from reports.tidy.frame import Frames
from tests.reports.learning_cells import frames_of, learning

SPREAD = (-0.01, 0.0, 0.01, -0.005, 0.005, 0.01, -0.01, 0.0)
"""How the seeds differ, all strategies alike."""
JITTER = (0.01, -0.01, 0.005, 0.0, -0.005, 0.01, 0.0, -0.01)
"""How one strategy differs from seed to seed."""
ADVISED = "features+softmax", "features+svm"
THREE_WAYS = {"scratch": 0.7, "finetune:all": 0.75, "features+svm": 0.8}


def quadrant(
    name: str = "small_similar",
    shots: int = 5,
    advised: tuple[str, ...] = ADVISED,
    size: str = "small",
    likeness: str = "similar",
) -> Declaration:
    task = {"architecture": "net", "weights": "pretrain:letters", "target": "digits8", "shots": shots}
    content: dict[str, Any] = {
        "name": name,
        "title": "Small and similar",
        "about": "Few.",
        "size": size,
        "likeness": likeness,
        "advice": "Train a linear classifier.",
        "advised": list(advised),
        "tasks": [task],
    }
    return Declaration("quadrant", name, content)


def run(folder: Path, levels: dict[str, float], *declared: Declaration, shots: tuple[int, ...] = (5,)) -> Frames:
    """A run of these mean accuracies by mode; each mode's seeds differ a little in a way of its own."""
    accuracies = [
        (learning(mode, seed, shots=number), level + SPREAD[seed] + 0.3 * JITTER[(seed + 3 * i) % 8])
        for number in shots
        for i, (mode, level) in enumerate(levels.items())
        for seed in range(8)
    ]
    return frames_of(folder, accuracies, declared or (quadrant(),))


def verdict(frames: Frames) -> str:
    (only,) = judged(frames)
    return only.verdict


def test_an_advised_strategy_that_beats_all_others_confirms(tmp_path: Path) -> None:
    levels = {"features+softmax": 0.9, "features+svm": 0.6, "finetune:all": 0.8, "scratch": 0.7}
    assert "confirmed" == verdict(run(tmp_path, levels))


def test_another_strategy_that_beats_all_advised_refutes(tmp_path: Path) -> None:
    levels = {"features+softmax": 0.7, "features+svm": 0.75, "finetune:all": 0.9, "scratch": 0.4}
    assert "refuted" == verdict(run(tmp_path, levels))


def test_a_rival_as_good_as_the_best_leaves_it_undecided(tmp_path: Path) -> None:
    levels = {"features+softmax": 0.9, "features+svm": 0.6, "finetune:all": 0.9, "scratch": 0.7}
    assert "undecided" == verdict(run(tmp_path, levels))


def test_advised_strategies_need_not_beat_each_other(tmp_path: Path) -> None:
    levels = {"features+softmax": 0.9, "features+svm": 0.9, "finetune:all": 0.8}
    assert "confirmed" == verdict(run(tmp_path, levels))


def test_a_single_seed_decides_nothing(tmp_path: Path) -> None:
    accuracies = [(learning("features+svm", 0), 0.9), (learning("scratch", 0), 0.2)]
    assert "undecided" == verdict(frames_of(tmp_path, accuracies, [quadrant()]))


def test_advice_of_which_nothing_was_measured_is_undecided(tmp_path: Path) -> None:
    assert "undecided" == verdict(run(tmp_path, {"finetune:all": 0.9, "scratch": 0.5}))


def test_many_quadrants_are_corrected_for(tmp_path: Path) -> None:
    levels = {"features+svm": 0.9, "finetune:all": 0.88}
    declared = [quadrant(f"q{shots}", shots) for shots in (1, 2, 3)]
    (tmp_path / "one").mkdir()
    (alone,) = judged(run(tmp_path / "one", levels, quadrant(shots=1), shots=(1,)))
    together = judged(run(tmp_path, levels, *declared, shots=(1, 2, 3)))
    assert alone.p is not None
    assert [pytest.approx(3 * alone.p)] * 3 == [item.p for item in together]


def test_activations_of_any_stage_are_what_advice_calls_earlier(tmp_path: Path) -> None:
    levels = {"features@conv1+svm": 0.9, "features+svm": 0.7, "finetune:all": 0.6}
    assert "confirmed" == verdict(run(tmp_path, levels, quadrant(advised=("features@STAGE+svm",))))


@pytest.mark.parametrize(
    ("mode", "form"),
    [
        ("features@layer3.0+svm", "features@STAGE+svm"),
        ("features+svm", "features+svm"),
        ("features-bn+softmax", "features-bn+softmax"),
        ("finetune:all", "finetune:all"),
        ("scratch", "scratch"),
    ],
)
def test_a_mode_is_named_as_advice_names_it(mode: str, form: str) -> None:
    assert form == form_of(mode)


def test_augmented_trainings_take_no_part(tmp_path: Path) -> None:
    accuracies = [(learning("features+svm", 0), 0.5), (learning("scratch", 0), 0.4)]
    accuracies += [(learning("scratch", 0, augmentation="digits"), 0.9)]
    (only,) = judged(frames_of(tmp_path, accuracies, [quadrant()]))
    assert ["features+svm", "scratch"] == [strategy.name for strategy in only.strategies]


def test_other_numbers_of_images_take_no_part(tmp_path: Path) -> None:
    accuracies = [(learning(mode, 0, shots=n), 0.1 * n) for mode in ("features+svm", "scratch") for n in (5, 9)]
    (only,) = judged(frames_of(tmp_path, accuracies, [quadrant()]))
    assert [0.5, 0.5] == [strategy.mean for strategy in only.strategies]


def test_the_table_puts_the_winner_beside_the_advice(tmp_path: Path) -> None:
    levels = {"features+softmax": 0.9, "finetune:all": 0.8, "scratch": 0.7}
    (row,) = load_tables().get("quadrants").plain(run(tmp_path, levels)).to_dict("records")
    assert ("features+softmax", "finetune:all", 8, "confirmed") == (
        row["Winner"],
        row["Best other"],
        row["n"],
        row["Verdict"],
    )
    assert row["Margin low"] < row["Margin"] < row["Margin high"]
    assert 10.0 == pytest.approx(row["Margin"], abs=1.0)


def test_the_strategies_are_shown_best_first_with_the_advised_ones_marked(tmp_path: Path) -> None:
    levels = {"scratch": 0.7, "features+svm": 0.8, "finetune:all": 0.9}
    table = load_tables().get("quadrant_strategies").plain(run(tmp_path, levels))
    assert [("finetune:all", ""), ("features+svm", "yes"), ("scratch", "")] == list(
        zip(table["Strategy"], table["Advised"], strict=True)
    )


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("likeness", ["similar", "different"])
def test_a_quadrant_alone_has_the_only_panel(tmp_path: Path, size: str, likeness: str) -> None:
    frames = run(tmp_path, THREE_WAYS, quadrant(size=size, likeness=likeness))
    layout = draw(load_charts().get("quadrants"), frames).to_plotly_json()["layout"]
    assert ["yaxis"] == [name for name in layout if name.startswith("yaxis")]
    assert f"<b>{size}, {likeness}</b>" in layout["annotations"][0]["text"]
    assert "Test accuracy (%)" == layout["xaxis"]["title"]["text"]


def test_of_three_quadrants_each_column_has_its_axis_named(tmp_path: Path) -> None:
    places = [("small", "similar"), ("large", "similar"), ("large", "different")]
    declared = [quadrant("_".join(place), size=place[0], likeness=place[1]) for place in places]
    layout = draw(
        load_charts().get("quadrants"), run(tmp_path, {"scratch": 0.7, "features+svm": 0.8}, *declared)
    ).to_plotly_json()["layout"]
    axes = {name: axis.get("title", {}).get("text") for name, axis in layout.items() if name.startswith("xaxis")}
    assert {"xaxis": None, "xaxis2": "Test accuracy (%)", "xaxis3": "Test accuracy (%)"} == axes


def test_the_chart_marks_what_is_advised_with_a_star(tmp_path: Path) -> None:
    trace = draw(load_charts().get("quadrants"), run(tmp_path, THREE_WAYS)).data[0]
    expected = {"SVM head": "star", "fine-tuned": "circle", "from scratch": "circle"}
    assert expected == dict(zip(trace.y, trace.marker.symbol, strict=True))


def test_the_heading_counts_in_how_many_tasks_the_advice_held(tmp_path: Path) -> None:
    levels = {"scratch": 0.7, "features+svm": 0.8}
    assert "Whether to fine-tune: the lecture's advice is confirmed in 1 of 1 task" == load_charts().get(
        "quadrants"
    ).heading(run(tmp_path, levels))


def test_a_run_without_quadrants_has_no_rows_and_no_chart(tmp_path: Path) -> None:
    frames = frames_of(tmp_path, [(learning("scratch", 0), 0.5)])
    assert 0 == len(load_tables().get("quadrants").plain(frames))
    with pytest.raises(NoData, match="no two ways of transfer"):
        draw(load_charts().get("quadrants"), frames)
