"""A step before the training, of a copy, leaves the training as it would have been."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch
from torch import nn

from bench.learning.recipes import RECIPES
from bench.learning.training import fit as fitting
from bench.learning.training.device import rehearsal
from bench.learning.training.device.rehearsal import rehearse, step_of_copy
from bench.learning.training.loop import TrainingPlan
from bench.learning.training.networks import Network
from bench.learning.training.task import TrainingTask
from bench.learning.training.watch import Watch
from tests.bench.stripes import Measured, Net, without_time
from tests.standin.cuda import StandIn


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize(
    "scenario",
    [
        {"mode": "scratch", "augmentation": "lecture"},
        {"mode": "finetune:all"},
        {"mode": "finetune:upper"},
        {"mode": "finetune:upper", "recipe": "lecture", "augmentation": "noise"},
    ],
    ids=lambda scenario: "-".join(scenario.values()),
)
def test_a_training_after_a_rehearsal_is_the_same_to_the_last_bit(
    measured: Measured, monkeypatch: pytest.MonkeyPatch, scenario: dict[str, str]
) -> None:
    expected = measured(**scenario)
    steps: list[Network] = []

    def rehearsed(network: Network, task: TrainingTask, training: TrainingPlan) -> dict[str, Any]:
        steps.append(network)
        step_of_copy(network, task, training)
        return {}

    monkeypatch.setattr(fitting, "rehearse", rehearsed)
    found = measured(**scenario)
    assert 1 == len(steps)
    assert (expected.values, without_time(expected)) == (found.values, without_time(found))


def test_a_rehearsal_is_over_before_the_seconds_begin(
    cuda: StandIn, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    step = rehearsal.step_of_copy

    def rehearsed(*values: Any) -> None:
        step(*values)
        order.append("rehearsed")

    def watching(*values: Any, **more: Any) -> Any:
        order.extend(name for name, _ in cuda.calls[-1:])
        order.append("watched")
        return Watch(*values, **more)

    monkeypatch.setattr(rehearsal, "step_of_copy", rehearsed)
    monkeypatch.setattr(fitting, "Watch", watching)
    assert "before the seconds" == measured(device="cuda").details["set_up"]
    assert ["rehearsed", "synchronize", "watched"] == order


def test_on_a_cpu_nothing_is_rehearsed(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> NoReturn:
        raise AssertionError("a step of a copy was taken")

    monkeypatch.setattr(rehearsal, "step_of_copy", never)
    assert "set_up" not in measured().details


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (RuntimeError("only leaves are copied"), "only leaves are copied"),
        (torch.OutOfMemoryError("CUDA out of memory"), "no memory for a second one"),
    ],
)
def test_a_network_that_cannot_be_copied_is_trained_and_its_record_says_what_its_seconds_hold(
    cuda: StandIn, measured: Measured, monkeypatch: pytest.MonkeyPatch, error: Exception, why: str
) -> None:
    def refusing(self: nn.Module, memo: object) -> NoReturn:
        raise error

    monkeypatch.setattr(Net, "__deepcopy__", refusing, raising=False)
    assert f"within the seconds: the network was not copied ({why})" == measured(device="cuda").details["set_up"]


def test_nothing_is_told_of_a_rehearsal_that_there_was_not(tmp_path: Path) -> None:
    class OnCpu:
        device, execution = "cpu", "eager"

    training = TrainingPlan(RECIPES.get("harness"), 30, RECIPES.get("harness").values(0.01))
    assert {} == rehearse(None, OnCpu(), training)  # type: ignore[arg-type]
