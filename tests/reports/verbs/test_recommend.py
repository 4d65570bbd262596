"""`evobench recommend`, as the command line calls it."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.errors import Exit, NotComparable, UnknownName, UsageError
from bench.store.database import Store
from reports.tidy.frame import Frames
from reports.verbs.recommend import VERB
from tests.reports.trainings import learned

Build = Callable[[Path, Any], Any]


def _call(store: Path, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    VERB.configure(parser)
    return VERB.run(parser.parse_args([*arguments, "--store", str(store)]))


def _unwrapped(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_what_was_understood_is_told_with_its_units(synthetic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(synthetic, "--max-latency", "5", "--min-top1", "0.7")
    assert "asked: top-1 accuracy at least 70.0 %, latency at most 5 s" in _unwrapped(capsys)


def test_the_answer_says_of_which_run_and_under_what_it_was_measured(
    synthetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _call(synthetic, "--max-latency", "5s")
    text = _unwrapped(capsys)
    assert "run 20260102-030405-synthetic; costs on cpu" in text
    assert "latency: measured, batch " in text
    assert " px" in text


def test_no_line_of_words_is_longer_than_80_characters(
    synthetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _call(synthetic, "--min-top1", "0.99", "--max-latency", "5ms", "--max-memory", "5MB")
    assert 80 >= max(map(len, capsys.readouterr().out.splitlines()))


def test_the_best_that_keep_the_limits_come_first(synthetic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Exit.OK == _call(synthetic, "--max-latency", "50ms", "--min-top1", "0.76", "--format", "json")
    rows = json.loads(capsys.readouterr().out)
    assert [f"efficientnet_b{i}" for i in (3, 2, 1, 0)] == [row["architecture"] for row in rows]
    assert {"published"} == {row["accuracy_of"] for row in rows}


def test_a_published_accuracy_that_is_asked_for_to_its_last_digit_is_found(
    synthetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _call(synthetic, "--min-top1", "77.69%", "--max-parameters", "5.3M", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert ["efficientnet_b0"] == [row["architecture"] for row in rows]


def test_the_others_are_named_by_reason(synthetic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(synthetic, "--max-latency", "50ms", "--min-top1", "0.75")
    text = _unwrapped(capsys)
    assert "9 left out: too slow – " in text
    assert "1 left out: no accuracy (published under another protocol) – " in text


def test_data_alone_go_to_the_output_of_other_formats(synthetic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(synthetic, "--max-macs", "1G", "--format", "markdown")
    found = capsys.readouterr()
    assert {"|"} == {line[0] for line in found.out.splitlines()}
    assert "too many MACs" in found.err


def test_where_nothing_keeps_the_limits_the_nearest_is_told_and_that_is_an_answer(
    synthetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Exit.OK == _call(synthetic, "--min-top1", "0.99")
    assert "the nearest is efficientnet_b7: top-1 accuracy 84.1 %" in _unwrapped(capsys)


def test_a_target_has_accuracies_of_this_run(synthetic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(synthetic, "--target", "digits8", "--format", "json")
    rows = json.loads(capsys.readouterr().out)
    assert {"digits8, 5 shots"} == {row["accuracy_of"] for row in rows}
    assert rows[0]["accuracy_source"].startswith("measured, finetune:all (pretrain:mnist5k)")


def test_another_task_of_a_target_is_asked_for_by_its_name(
    synthetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _call(synthetic, "--target", "digits8, 20 shots", "--format", "json")
    assert ["lecture_cnn"] == [row["architecture"] for row in json.loads(capsys.readouterr().out)]


def test_a_target_that_was_not_measured_exits_4_and_names_what_was(synthetic: Path) -> None:
    with pytest.raises(NotComparable, match="no accuracy on 'cifar10'; it has 'digits8, 5 shots'"):
        _call(synthetic, "--target", "cifar10")


def test_a_target_of_a_run_without_trainings_names_the_suite_that_measures_it(
    tmp_path: Path, build_run: Build, plan: Any
) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, learners=()))
    with pytest.raises(NotComparable, match="evobench run --suite transfer --target digits8"):
        _call(tmp_path / "s.sqlite", "--target", "digits8")


def test_a_limit_on_what_no_architecture_has_names_the_suite_that_measures_it(
    tmp_path: Path, build_run: Build, plan: Any
) -> None:
    lineages = tuple(replace(item, top1=None, top5=None) for item in plan.lineages)
    build_run(tmp_path / "s.sqlite", replace(plan, lineages=lineages, learners=()))
    with pytest.raises(NotComparable, match="no accuracy of any architecture: evobench run --suite transfer"):
        _call(tmp_path / "s.sqlite", "--min-top1", "0.5")


def test_a_run_without_figures_has_nothing_to_choose_from(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, outcome="failed"))
    with pytest.raises(NotComparable, match="evobench run --suite evolution") as raised:
        _call(tmp_path / "s.sqlite")
    assert Exit.NOT_COMPARABLE == raised.value.exit_code


def test_a_misspelt_target_is_wrong_use(synthetic: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'digits8'"):
        _call(synthetic, "--target", "digts8")


def test_a_device_that_was_not_measured_exits_4_and_names_what_was(synthetic: Path) -> None:
    with pytest.raises(NotComparable, match="nothing on 'cuda'; it has 'cpu'"):
        _call(synthetic, "--device", "cuda")


def test_a_device_that_is_none_is_wrong_use(synthetic: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'cpu'"):
        _call(synthetic, "--device", "gpu")


def test_a_program_is_told_which_costs_are_noisy(
    frames: Frames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    timed = frames.records["measure"] == "latency"
    noisy = frames.changed(records=frames.records.assign(noisy=timed.map({True: "a busy core", False: None})))
    monkeypatch.setattr("reports.tidy.frame.read", lambda *_: noisy)
    Store.create(tmp_path / "s.sqlite").close()
    _call(tmp_path / "s.sqlite", "--format", "json")
    rows = json.loads(capsys.readouterr().out)
    assert {"latency"} == {row["noisy"] for row in rows if row["latency_s"] is not None}


def test_another_figure_of_the_trainings_is_ranked_by(synthetic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(synthetic, "--by", "nll", "--format", "json")
    rows = json.loads(capsys.readouterr().out)
    assert sorted(row["nll"] for row in rows) == [row["nll"] for row in rows]
    assert "top1" not in rows[0]


def test_a_least_value_is_of_what_is_ranked_by(synthetic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(synthetic, "--by", "macro_f1", "--min", "70%")
    assert "asked: macro F1 at least 70.0 %" in _unwrapped(capsys)


@pytest.mark.parametrize("arguments", [("macro_f1", "--min-top1", "0.9"), ("nll", "--min", "0.5")])
def test_a_least_value_of_something_else_is_wrong_use(synthetic: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="--min"):
        _call(synthetic, "--by", *arguments)


def test_a_figure_that_no_training_has_is_not_comparable(synthetic: Path) -> None:
    with pytest.raises(NotComparable, match="no training of this run has its balanced_accuracy"):
        _call(synthetic, "--by", "balanced_accuracy")


def test_a_figure_that_there_is_not_is_wrong_use(synthetic: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'macro_f1'"):
        _call(synthetic, "--by", "macro-f1")


def test_a_run_that_was_asked_for_a_target_is_first_about_that(
    frames: Frames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = frames.changed(run=replace(frames.run, settings={"target": ["digits8"]}))
    monkeypatch.setattr("reports.tidy.frame.read", lambda *_: asked)
    Store.create(tmp_path / "s.sqlite").close()
    _call(tmp_path / "s.sqlite")
    assert "top-1 accuracy on digits8, 5 shots, measured" in _unwrapped(capsys)


def test_of_several_it_is_told_which_is_best_in_what(synthetic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(synthetic, "--target", "digits8, 5 shots")
    assert "best in top-1 accuracy, peak memory, parameters: lecture_cnn; in latency, MACs: lenet5" in _unwrapped(
        capsys
    )


def test_beside_measured_accuracies_stands_how_they_were_trained_and_that_nothing_was_tuned(
    synthetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _call(synthetic, "--target", "digits8, 5 shots")
    text = _unwrapped(capsys)
    assert "], finetune:all (pretrain:mnist5k), " in text
    assert "one recipe for all: no learning rate was tuned" in text


def test_of_published_accuracies_nothing_is_to_be_measured(
    synthetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _call(synthetic)
    text = _unwrapped(capsys)
    assert "one recipe" not in text
    assert "ten more minutes" not in text
    assert "to measure them on your own images: evobench run --arch efficientnet_b7," in text


def test_the_best_is_taken_away_by_a_command_that_names_its_training(
    synthetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _call(synthetic, "--target", "digits8, 5 shots")
    text = _unwrapped(capsys)
    assert "lecture_cnn to take away: evobench save-model 20260102-030405-synthetic DIR --scenario " in text
    _call(synthetic)
    assert "save-model" not in capsys.readouterr().out


def test_after_a_run_on_own_images_alone_there_is_an_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photos").mkdir()
    target = f"folder:{tmp_path / 'photos'}"
    store = tmp_path / "s.sqlite"
    names = {"lenet5": 95, "lecture_cnn": 80}
    learned(store, [{"architecture": name, "right": right, "target": target} for name, right in names.items()])
    assert Exit.OK == _call(store, "--target", target)
    text = _unwrapped(capsys)
    assert "top-1 accuracy on folder:photos, 5 shots, measured 1 architecture that no other beats" in text
    assert "lenet5 95.0 %" in text
    assert "1 left out: another is at least as good by every criterion, and better by one – lecture_cnn" in text
    assert "lenet5 to take away: evobench save-model" in text
