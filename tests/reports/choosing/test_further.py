"""What ten more minutes would settle, from the trainings of a run to the words of it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reports.candidates.choice import MERITS, ranked_by
from reports.candidates.found import field_by
from reports.choosing.further import Further, at_once, further
from reports.choosing.settled import as_data, in_lines, lines, roughly
from reports.tidy.frame import Frames
from tests.reports.trainings import learned

COMMAND = (
    "evobench run --arch lenet5,lecture_cnn,alexnet --target folder:photos --mode finetune:all,scratch --seeds 5"
    " --budget 5m --fresh --lanes 2 --lr=0.001"
)
SETTINGS = {"architectures": ["lenet5"], "target": ["folder:/a/photos"], "mode": ["finetune:all", "scratch"]}
WHERE = {"target": "folder:/a/photos"}


def _run(folder: Path, rights: Mapping[str, Sequence[int]], seconds: float = 20.0, **conditions: Any) -> Frames:
    """A run in which each seed of an architecture has so many right of 100 images."""
    some = [
        {"architecture": name, "seed": seed, "right": right, **WHERE, **conditions}
        for name, values in rights.items()
        for seed, right in enumerate(values)
    ]
    frames = learned(folder / "s.sqlite", some)
    records = frames.records.assign(seconds=seconds)
    run = replace(frames.run, command=COMMAND, settings=SETTINGS)
    return frames.changed(records=records, plain_records=records, run=run)


def _further(frames: Frames, by: str = "top1", **limits: float) -> Further:
    field = field_by(frames, ranked_by(by)[0])
    (kind,) = field.kinds
    return further(frames, field, kind, "", limits)


def _words(frames: Frames, **limits: float) -> str:
    return "\n".join(lines(_further(frames, "top1", **limits), MERITS[0]))


NEAR = {"lenet5": (80, 82, 78, 81, 79), "lecture_cnn": (82, 81, 81, 82, 83)}


def test_what_is_open_is_told_with_the_seeds_and_the_minutes_that_would_settle_it(tmp_path: Path) -> None:
    text = _words(_run(tmp_path, NEAR))
    assert "ten more minutes of measuring would probably settle:" in text
    assert "- lecture_cnn or lenet5 in accuracy: not told apart after 5 seeds (+1.8 points [-" in text
    assert "; about 7 further seeds, 5 minutes, would" in text


def test_what_takes_longer_is_told_apart_from_what_fits(tmp_path: Path) -> None:
    text = _words(_run(tmp_path, NEAR, seconds=1000))
    assert text.startswith("ten more minutes of measuring would settle nothing: what is open would take longer")
    assert "7 further seeds, 4 hours, would" in text


def test_where_all_is_told_apart_nothing_is_to_be_measured(tmp_path: Path) -> None:
    found = _further(_run(tmp_path, {"lenet5": (80, 82, 78, 81, 79), "lecture_cnn": (98, 99, 97, 99, 98)}))
    assert () == found.command
    assert ["ten more minutes of measuring would settle nothing: every accuracy that this choice rests on is told"
            " apart or within the margin"] == list(lines(found, MERITS[0]))  # fmt: skip


def test_an_accuracy_near_its_limit_is_open(tmp_path: Path) -> None:
    assert "whether lenet5 keeps 79.5 %: not told apart after 5 seeds (+0.5 points" in _words(
        _run(tmp_path, {"lenet5": NEAR["lenet5"]}), top1=0.795
    )


def test_the_command_is_the_runs_own_with_what_changes(tmp_path: Path) -> None:
    found = _further(_run(tmp_path, NEAR))
    assert (
        "evobench run --lanes 2 --lr=0.001 --arch lenet5,lecture_cnn --mode finetune:all"
        " --target folder:/a/photos --seeds 12"
    ) == " ".join(found.command)


def test_a_run_of_a_suite_is_asked_by_the_conditions_of_its_trainings(tmp_path: Path) -> None:
    frames = _run(tmp_path, NEAR)
    run = replace(frames.run, command="evobench run --suite transfer --device cpu", settings={})
    words = " ".join(_further(frames.changed(run=run)).command)
    assert "--suite" not in words
    told = (
        "--weights pretrain:mnist5k --mode finetune:all --shots 5 --resolution 32 --batch 16 --lr 0.001 --steps 60"
    )
    assert told in words
    assert "--device cpu" in words


def test_what_run_did_not_make_has_no_command(tmp_path: Path) -> None:
    frames = _run(tmp_path, NEAR)
    run = replace(frames.run, command="evobench evaluate photos")
    assert () == _further(frames.changed(run=run)).command


def test_another_figure_is_compared_by_its_own_values(tmp_path: Path) -> None:
    details = [{"nll": 0.5 + 0.01 * i} for i in range(5)]
    some = [
        {"architecture": name, "seed": i, "right": 80, **WHERE, "nll": detail["nll"] * times}
        for name, times in (("lenet5", 1.0), ("lecture_cnn", 3.0))
        for i, detail in enumerate(details)
    ]
    frames = learned(tmp_path / "s.sqlite", some)
    (found,) = _further(frames, "nll").standings
    assert ("told apart", ("lecture_cnn", "lenet5")) == (found.state, found.question.names)


def test_programs_are_told_what_is_open_of_each_architecture(tmp_path: Path) -> None:
    found = _further(_run(tmp_path, NEAR))
    ((item,), (same,)) = as_data(found, ("lenet5", "lecture_cnn"))
    assert item == same
    assert (["lenet5", "lecture_cnn"], 5, 7, True) == tuple(
        item[name] for name in ("architectures", "pairs", "further_seeds", "in_ten_minutes")
    )
    assert 0.018 == pytest.approx(item["difference"])
    assert 20.0 * 2 * 7 == item["seconds"]


def test_what_is_open_of_one_that_is_left_out_is_told_with_the_first(tmp_path: Path) -> None:
    found = _further(_run(tmp_path, NEAR), top1=0.805)
    first, second = as_data(found, ("resnet18", "alexnet"))
    assert ([["lecture_cnn"]], []) == ([item["architectures"] for item in first], second)


def test_trainings_for_a_time_have_no_option_that_asks_for_more_of_them(tmp_path: Path) -> None:
    frames = _run(tmp_path, NEAR)
    records = frames.records.assign(duration=5.0)
    found = _further(frames.changed(records=records, plain_records=records))
    assert (1, ()) == (len(found.more.standings), found.command)


def test_one_seed_of_each_is_told_apart_by_its_images_alone(tmp_path: Path) -> None:
    text = _words(_run(tmp_path, {"lenet5": (20,), "lecture_cnn": (90,)}))
    assert text.endswith("within the margin; 1 of 1 by the test images alone, with too few seeds")


def test_trainings_that_went_on_at_once_take_their_share_of_the_time(tmp_path: Path) -> None:
    frames = _run(tmp_path, {"lenet5": (80, 82)})
    begun = ["2026-01-02T03:04:05+00:00", "2026-01-02T03:04:10+00:00"]
    attempts = frames.attempts.assign(started=pd.Series(begun), seconds=10.0)
    # twenty seconds of work in fifteen
    assert 20 / 15 == pytest.approx(at_once(frames.changed(attempts=attempts)))


def test_a_command_of_several_lines_is_one_to_a_shell_and_fits() -> None:
    words = ("evobench run", "--arch a,b", "--target 'folder:/a/my photos'", f"--mode {'x' * 40}", "--seeds 16")
    told = list(in_lines(words, 60))
    assert shlex.split(" ".join(words)) == shlex.split("\n".join(told).replace("\\\n", ""))
    assert 60 >= max(map(len, told))


@pytest.mark.parametrize(
    ("expected", "seconds"),
    [("under a minute", 20), ("1 minute", 60), ("6 minutes", 321), ("90 minutes", 5400), ("2 hours", 6000)],
)
def test_a_time_is_told_as_roughly_as_it_is_known(expected: str, seconds: float) -> None:
    assert expected == roughly(seconds)
