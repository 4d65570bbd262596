"""Conditions of learning: what is given, what a run is resumed with, and where their words are looked up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cell import BEST, Learning
from bench.data.reading import Reading
from bench.declare.learning_axes import NOTHING, LearningAxes
from bench.declare.loading.discovery import load_catalogs
from bench.errors import UsageError
from bench.learning.words import absolute, check_words
from bench.run.runs import Wish

CELL = Learning(
    weights="imagenet",
    target="textures",
    mode="finetune:all",
    augmentation="none",
    resolution=64,
    shots=5,
    steps=60,
    batch=16,
    lr=1e-3,
    seed=2,
    folds=5,
)


@pytest.fixture(autouse=True)
def _declared() -> None:
    load_catalogs()


@pytest.mark.parametrize("shared", [LearningAxes(resolution=(64,)), LearningAxes(batch=(8,))])
def test_a_condition_of_cost_alone_is_none_of_learning(shared: LearningAxes) -> None:
    assert (False, True) == (shared.given, LearningAxes(shots=(0,)).given)


@pytest.mark.parametrize(
    ("axes", "idle"),
    [
        (LearningAxes(weights=("random", "imagenet"), folds=5, seeds=3), ()),
        (LearningAxes(weights=("random",)), ("weights",)),
        (LearningAxes(seeds=2, lr=(1e-3,)), ("seeds",)),
        (LearningAxes(seeds=2, first_seed=1), ()),
        (LearningAxes(first_seed=3), ("first_seed",)),
        (LearningAxes(patience=3, pipeline=("pil",)), ("pipeline", "patience")),
    ],
)
def test_a_condition_is_idle_where_no_cell_has_it(axes: LearningAxes, idle: tuple[str, ...]) -> None:
    assert idle == axes.idle([CELL])


def test_the_first_seed_alone_leaves_the_tables_of_the_suites() -> None:
    assert (False, True) == (LearningAxes(first_seed=3).given, LearningAxes(first_seed=3, seeds=2).given)


def test_seeds_are_counted_from_the_first_one_on() -> None:
    assert range(7, 10) == LearningAxes(first_seed=7).numbers(3)


def test_a_run_is_resumed_with_the_conditions_of_learning_it_was_begun_with() -> None:
    wish = Wish(suites=("transfer",), learning=LearningAxes(mode=("scratch",), folds=5))
    assert {"suites": ["transfer"], "mode": ["scratch"], "folds": 5} == wish.given()


def test_a_wish_without_conditions_is_empty() -> None:
    assert {} == Wish().given()


def learned(wish: Wish) -> list[Learning]:
    found = [step.planned.cell.scenario for step in wish.steps()]
    return [scenario for scenario in found if isinstance(scenario, Learning)]


SCRATCH = Wish(architectures=("lenet5",), learning=LearningAxes(mode=("scratch",), seeds=1))


def test_conditions_of_learning_stand_for_the_suite_of_transfer() -> None:
    assert {("transfer",)} == {step.suites for step in SCRATCH.steps()}


def test_resolution_and_batch_hold_for_learning_too() -> None:
    found = learned(replace(SCRATCH, resolution=(32, 48), batch=(8, BEST)))
    assert [(32, 8), (48, 8)] == [(s.resolution, s.batch) for s in found]


def test_the_resolution_alone_holds_for_the_tables_of_transfer() -> None:
    found = learned(Wish(suites=("transfer",), architectures=("lenet5",), resolution=(48,)))
    assert {48} == {scenario.resolution for scenario in found}


SMOKE = Wish(suites=("transfer", "looking", "augmentation_rates"), profile="smoke")


def threads(wish: Wish) -> set[tuple[bool, int]]:
    """Of all cells whose figure depends on them: whether it is a time or a rate, and its threads."""
    cells = [step.planned.cell for step in wish.steps()]
    timed = {"latency", "peak_memory", "augmentation_rate"}
    return {(c.measure in timed, c.scenario.threads) for c in cells if c.measure not in ("parameters", "macs")}


def test_what_learns_has_one_thread_and_what_costs_has_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.run.runs.available_cpus", lambda: 7)
    assert {(False, 1), (True, 7)} == threads(SMOKE)


def test_threads_that_are_given_are_those_of_learning_too() -> None:
    assert {(False, 3), (True, 3)} == threads(replace(SMOKE, threads=(3,)))


@pytest.mark.parametrize("word", ["random", "pretrain:mnist5k", "imagenet"])
def test_a_word_without_a_path_stays(word: str) -> None:
    assert word == absolute(word)


@pytest.mark.parametrize("word", ["file:a.pt", "pretrain:folder:a.pt"])
def test_a_path_is_made_absolute(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert word.replace("a.pt", str(tmp_path / "a.pt")) == absolute(word)


def test_words_of_every_kind_are_known() -> None:
    words = LearningAxes(
        weights=("random", "imagenet", "imagenet-lite", "pretrain:textures"),
        mode=("features-bn@layer3+svm", "finetune:layer4"),
        augmentation=("none", "digits"),
        target=("uci-digits",),
    )
    check_words(words)
    assert words != NOTHING


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        (LearningAxes(weights=("imagenet-light",)), "did you mean 'imagenet-lite'"),
        (LearningAxes(weights=("file:nowhere.pt",)), "there is no file 'nowhere.pt'"),
        (LearningAxes(mode=("finetune",)), "unknown transfer mode 'finetune'"),
        (LearningAxes(augmentation=("digit",)), "did you mean 'digits'"),
        (LearningAxes(target=("texture",)), "did you mean 'textures'"),
    ],
)
def test_a_word_that_means_nothing_gets_one_line(axes: LearningAxes, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        check_words(axes)
    assert said in str(raised.value)


def test_first_seed_and_margin_are_those_that_a_run_is_resumed_with() -> None:
    wish = Wish(learning=LearningAxes(first_seed=40), margin=0.5)
    assert {"first_seed": 40, "margin": 0.5} == wish.given()
    assert wish == Wish.of(json.loads(json.dumps(wish.given())))


@pytest.mark.parametrize(("points", "share"), [(0.0, 0.01), (2.5, 0.025)])
def test_the_margin_is_one_point_where_none_is_given(points: float, share: float) -> None:
    assert share == Wish(margin=points).margin_share


def test_a_first_seed_is_that_of_every_suite_in_which_something_learns() -> None:
    suites = ("transfer", "augmentations", "digits", "quadrants", "gate")
    wish = Wish(suites=suites, profile="smoke", learning=LearningAxes(first_seed=30))
    assert 30 == min(scenario.seed for scenario in learned(wish))


def test_a_first_seed_where_nothing_learns_is_refused_in_one_line() -> None:
    with pytest.raises(UsageError, match="nothing that is planned depends on the first seed"):
        Wish(suites=("cost",), profile="smoke", learning=LearningAxes(first_seed=3)).steps()


def test_what_a_wish_is_given_makes_the_same_wish_again_in_another_process() -> None:
    learning = LearningAxes(mode=("scratch",), weights=("random",), shots=(5,), seeds=2, lr=(0.1,), refit=True)
    reading = Reading(splits=(("train", "t"), ("test", "u")))
    wish = Wish(
        suites=("gate",), profile="smoke", batch=(4, 8), resolution=(48,), reading=reading, learning=learning
    )
    assert wish == Wish.of(json.loads(json.dumps(wish.given())))


@pytest.mark.parametrize(("kept", "rates"), [(0.1, (0.1,)), ([0.1], (0.1,)), ([0.1, 0.2], (0.1, 0.2))])
def test_a_learning_rate_is_read_as_runs_of_before_kept_it(kept: object, rates: tuple[float, ...]) -> None:
    assert rates == Wish.of({"lr": kept}).learning.lr


def test_one_learning_rate_is_kept_as_runs_of_before_kept_it() -> None:
    assert {"lr": 0.1} == Wish(learning=LearningAxes(lr=(0.1,))).given()
    assert {"lr": [0.1, 0.2]} == Wish(learning=LearningAxes(lr=(0.1, 0.2))).given()


def test_a_wish_of_a_younger_revision_is_refused_by_the_name_that_is_not_known() -> None:
    with pytest.raises(UsageError, match="'warp' is not known to this evobench"):
        Wish.of({"suites": ["gate"], "warp": 9})


def test_executions_hold_for_learning_where_other_conditions_of_it_are_given() -> None:
    found = learned(replace(SCRATCH, execution=("eager", "compiled")))
    assert {"eager", "compiled"} == {scenario.execution for scenario in found}


def test_an_execution_that_learning_does_not_have_is_refused_beside_those_that_it_has() -> None:
    with pytest.raises(UsageError, match="nothing that is planned is executed as 'onnx'"):
        learned(replace(SCRATCH, execution=("eager", "onnx")))


def test_the_tables_of_transfer_are_not_compiled() -> None:
    with pytest.raises(UsageError, match="nothing that is planned depends on the execution"):
        learned(Wish(suites=("transfer",), architectures=("lenet5",), execution=("compiled",)))
