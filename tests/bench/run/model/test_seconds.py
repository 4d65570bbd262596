"""Seconds of processes, against numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import FunctionType

import pytest

from bench.cell import BEST, Cell, Cost, Learning, Samples
from bench.clock import LEAST, MINIMUM
from bench.declare.artifact import Artifact
from bench.declare.catalog import measure
from bench.declare.declarations import Planned
from bench.learning.partition import TRAIN_MOST
from bench.machine.rates import DeviceRate, Rates
from bench.run.model.networks import Networks
from bench.run.model.passes import UPPER, forward, step
from bench.run.model.pictures import PictureCounts
from bench.run.model.seconds import BUILT, COMPILED, COUNTED, DRAWN, EXPORTED, LOOKS, PASSES, PEAKS, STARTED, Model

RATE = DeviceRate(products=1e10, elements=1e8, operator=1e-4)
RATES = Rates(threads=1, cpu=RATE, core=RATE, process=0.5, gpu=RATE, gpu_process=3.0)
START = STARTED * 0.5
HERE = Cost(mode="infer", resolution=100)
TRAINED = Learning(
    weights="random",
    target="digits",
    mode="scratch",
    augmentation="none",
    resolution=100,
    shots=4,
    steps=60,
    batch=16,
    lr=1e-3,
)


@pytest.fixture(autouse=True)
def declared(no_declarations: None) -> None:
    def latency(subject: object, clock: object) -> Samples:
        raise AssertionError("a model measures nothing")

    def named(name: str) -> Callable[[object, object], Samples]:
        return FunctionType(latency.__code__, {}, name)

    def made(cell: Cell) -> tuple[Artifact, ...]:
        return (COUNT,)

    measure(unit="s", better="lower")(latency)
    measure(unit="B", better="lower")(named("peak_memory"))
    measure(unit="1", nature="count", better="lower", repeats="anywhere")(named("parameters"))
    measure(unit="1", nature="count", better="lower", repeats="anywhere", artifacts=made)(named("macs"))
    measure(unit="B", better="lower", provenance="derived")(named("predicted"))
    measure(unit="1", nature="share", better="higher", kind="learning", repeats="host")(named("top1"))
    measure(unit="1", nature="share", better="higher", kind="learning")(named("in_time"))
    measure(unit="1/s", better="higher", kind="learning")(named("rate"))


COUNT = Artifact("count", (("architecture", "net"),))


def model() -> Model:
    figures = {"macs": {("net", 100): 1e9}, "activations": {("net", 100): 1e6}, "parameters": {("net", 100): 6e6}}
    return Model(RATES, Networks.of(figures, [("net", 100)]), PictureCounts())


WORK = model().networks.work("net", 100)
BUILDING = BUILT * 100 * 1e-4 + DRAWN * 6e6 / 1e8
ONE = forward(WORK, 1, RATE)


def seconds(measure_name: str, scenario: Cost | Learning, sampling: float = 0.0) -> float:
    return model().seconds(Planned(Cell("net", measure_name, scenario), sampling))


def test_a_timing_starts_builds_and_samples() -> None:
    assert pytest.approx(START + BUILDING + 9.0) == seconds("latency", HERE, 9.0)


def test_a_timing_of_a_slow_network_takes_the_least_of_passes() -> None:
    assert pytest.approx(START + BUILDING + PASSES * ONE) == seconds("latency", HERE, 0.1)


def test_the_parts_of_a_training_step_are_timed_too() -> None:
    passes = (PASSES + MINIMUM) * step(WORK, 1, RATE)
    assert pytest.approx(START + BUILDING + passes) == seconds("latency", replace(HERE, mode="train"), 0.1)


def test_the_best_batch_is_looked_for_as_long_as_is_said() -> None:
    assert pytest.approx(START + BUILDING + 6.0) == seconds("latency", replace(HERE, batch=BEST), 6.0)


def test_a_gpu_is_sampled_for_long_enough_and_its_context_is_made() -> None:
    expected = START + 3.0 + BUILDING + LEAST
    assert pytest.approx(expected) == seconds("latency", replace(HERE, device="cuda"), 0.1)


def test_compiling_takes_its_time_beside_the_samples() -> None:
    longer = seconds("latency", replace(HERE, execution="compiled"), 9.0) - seconds("latency", HERE, 9.0)
    assert pytest.approx(COMPILED * 100 * 1e-4) == longer


def test_exporting_takes_its_time_beside_the_samples() -> None:
    longer = seconds("latency", replace(HERE, execution="onnx"), 9.0) - seconds("latency", HERE, 9.0)
    assert pytest.approx(START + EXPORTED * 100 * 1e-4) == longer


def test_a_network_is_compiled_once_to_learn_and_its_recipe_takes_no_time_of_its_own() -> None:
    longer = seconds("top1", replace(TRAINED, execution="compiled")) - seconds("top1", TRAINED)
    assert pytest.approx(COMPILED * 100 * 1e-4) == longer
    assert seconds("top1", TRAINED) == seconds("top1", replace(TRAINED, recipe="modern"))


def test_a_peak_of_memory_is_read_after_a_few_passes() -> None:
    assert pytest.approx(START + BUILDING + PEAKS * ONE) == seconds("peak_memory", HERE)


def test_a_count_of_parameters_gives_them_no_values() -> None:
    assert pytest.approx(START + BUILT * 100 * 1e-4) == seconds("parameters", HERE)


def test_a_figure_that_an_artifact_holds_is_read() -> None:
    assert START == seconds("macs", HERE)
    assert pytest.approx(START + COUNTED * 100 * 1e-4) == model().making(COUNT, Cell("net", "macs", HERE))


def test_what_is_predicted_is_traced() -> None:
    assert pytest.approx(START + COUNTED * 100 * 1e-4) == seconds("predicted", HERE)


def answers(images: int) -> float:
    return -(-images // 16) * forward(WORK, 16, RATE)


def test_a_training_takes_its_steps_its_looks_and_its_test() -> None:
    # 40 images in batches of 16: 24 epochs, so that it looks as often as it may at 120 images, and answers to 600
    # for the test and to those it has learned from
    learning = 60 * step(WORK, 16, RATE) + LOOKS * answers(120) + answers(600 + 40)
    assert pytest.approx(START + BUILDING + learning) == seconds("top1", TRAINED)


def test_of_many_training_images_a_part_is_answered() -> None:
    shots = (TRAIN_MOST // 10, TRAIN_MOST)  # of ten classes: all that are looked at, and ten times as many
    few, many = (seconds("top1", replace(TRAINED, shots=shot, steps=1)) for shot in shots)
    assert pytest.approx(few) == many


def test_a_short_training_looks_seldom() -> None:
    short = replace(TRAINED, steps=4)  # 64 images are less than two epochs
    learning = 4 * step(WORK, 16, RATE) + 2 * answers(120) + answers(600 + 40)
    assert pytest.approx(START + BUILDING + learning) == seconds("top1", short)


def test_a_training_for_a_time_takes_that_its_looks_and_its_test() -> None:
    learning = 45.0 + LOOKS * answers(120) + answers(600 + 40)
    found = seconds("in_time", replace(TRAINED, duration=45.0, steps=10**6), sampling=9.0)
    assert pytest.approx(START + BUILDING + learning) == found


def test_fine_tuning_the_upper_part_has_a_shorter_way_back() -> None:
    tuned = replace(TRAINED, weights="pretrain:digits", mode="finetune:upper")
    saved = 60 * (step(WORK, 16, RATE) - step(WORK, 16, RATE, learning=UPPER))
    assert pytest.approx(seconds("top1", TRAINED) - saved) == seconds("top1", tuned)


def test_a_softmax_head_has_been_trained_before() -> None:
    assert START == seconds("top1", replace(TRAINED, mode="features+softmax"))


def test_a_tuned_training_is_forecast_to_take_its_trials_but_one_start_and_one_test() -> None:
    plain, tuned = (seconds("top1", replace(TRAINED, tune=tune)) for tune in (None, 8))
    assert 7 * (plain - START - BUILDING) > tuned - plain > 5 * (plain - START - BUILDING)


def test_a_tuned_head_is_forecast_to_take_no_more_than_its_trials() -> None:
    plain, tuned = (
        seconds("top1", replace(TRAINED, mode="features+svm", tune=tune)) - START for tune in (None, 9)
    )
    assert pytest.approx(3 * plain) == tuned


def test_a_logistic_regression_takes_twice_as_long_as_a_support_vector_machine_and_neighbours_no_time() -> None:
    svm, logistic, knn = (
        seconds("top1", replace(TRAINED, mode=f"features+{head}")) - START for head in ("svm", "logistic", "knn")
    )
    assert [2 * svm, 0] == pytest.approx([logistic, knn])
    assert svm > 0


def test_weights_as_they_are_answer_to_all_pictures() -> None:
    everything = answers(1720)
    assert pytest.approx(START + BUILDING + everything) == seconds("top1", replace(TRAINED, mode="as-is"))


def test_a_rate_of_a_scenario_of_learning_samples() -> None:
    assert START + 2.0 == seconds("rate", TRAINED, 2.0)


def test_a_checkpoint_takes_the_steps_of_its_recipe() -> None:
    spec = (("source", "digits"), ("shots", 32), ("epochs", 2), ("batch", 32))
    cell = Cell("net", "top1", TRAINED)
    # 2 epochs of 320 images: 20 steps, and three looks
    looks = 3 * -(-120 // 32) * forward(WORK, 32, RATE)
    expected = START + BUILDING + 20 * step(WORK, 32, RATE) + looks
    assert pytest.approx(expected) == model().making(Artifact("checkpoint", spec), cell)


def test_features_are_answers_to_all_pictures_and_views_to_ten_of_each() -> None:
    cell = Cell("net", "top1", TRAINED)
    assert pytest.approx(START + BUILDING + answers(1720)) == model().making(Artifact("features", ()), cell)
    assert pytest.approx(START + BUILDING + answers(400)) == model().making(Artifact("views", ()), cell)
