"""Trainings on a GPU through the worker, on the stand-in for CUDA, which refuses tensors of two devices."""

from pathlib import Path
from typing import Any

import pytest
import torch

from bench.execute.frames import Frame
from bench.execute.jobs import Given, Measure
from bench.execute.work import worker
from bench.learning.training import unfinished
from tests.bench.stripes import cell_of
from tests.standin.cuda import StandIn


class Killed(BaseException):
    """Ends a job as a kill does: nothing in it answers."""


pytestmark = pytest.mark.usefixtures("world", "kept_process")


def trained(folder: Path, kill_at: int | None = None, **conditions: Any) -> Frame:
    """The result of a training of 30 steps, which may be killed at a point of its curve."""
    frames: list[Frame] = []
    killed = False

    def send(frame: Frame) -> None:
        nonlocal killed
        frames.append(frame)
        killed = killed or (kill_at is not None and frame.get("step", 0) >= kill_at)
        if killed:
            raise Killed

    worker.perform(Measure(cell_of(**conditions), 9.0, Given(folder), makes=True), send)
    return frames[-1]


def losses(result: Frame) -> list[float]:
    return [point["loss"] for point in result["details"]["curve"]]


MODES = [
    {"mode": "scratch", "augmentation": "lecture"},
    {"mode": "scratch", "augmentation": "noise"},
    {"mode": "finetune:upper"},
    {"mode": "scratch", "augmentation": "trivialaugment"},
    {"mode": "scratch", "recipe": "modern", "augmentation": "lecture"},
    {"mode": "finetune:upper", "recipe": "modern", "augmentation": "randaugment"},
    {"mode": "scratch", "recipe": "layered", "precision": "fp16"},
    {"mode": "finetune:upper", "recipe": "balanced", "precision": "bf16"},
]


@pytest.mark.parametrize("conditions", MODES, ids=lambda conditions: "-".join(conditions.values()))
def test_a_training_on_cuda_mixes_no_devices_and_learns_as_on_the_cpu(
    cuda: StandIn, tmp_path: Path, conditions: dict[str, Any]
) -> None:
    there, here = (trained(tmp_path / device, device=device, **conditions) for device in ("cuda", "cpu"))
    assert ("ok", "") == (there["status"], there.get("reason", ""))
    assert losses(here) == pytest.approx(losses(there), rel=1e-3)


@pytest.mark.parametrize(
    "conditions", [{}, {"recipe": "modern", "augmentation": "randaugment"}], ids=["harness", "modern"]
)
def test_a_training_on_cuda_that_was_killed_goes_on_and_ends_as_it_would_have(
    cuda: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conditions: dict[str, Any]
) -> None:
    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    whole = trained(tmp_path / "whole", device="cuda", **conditions)
    with pytest.raises(Killed):
        trained(tmp_path / "killed", kill_at=15, device="cuda", **conditions)
    assert 1 == len(list((tmp_path / "killed").glob(".unfinished-*")))
    result = trained(tmp_path / "killed", device="cuda", **conditions)
    assert ("ok", losses(whole)) == (result["status"], losses(result))


@pytest.mark.parametrize(
    ("augmentation", "way"), [("lecture", "on the device"), ("randaugment", "one batch ahead")]
)
def test_pictures_that_are_blended_come_as_their_augmentation_lets_them(
    cuda: StandIn, tmp_path: Path, augmentation: str, way: str
) -> None:
    result = trained(tmp_path, device="cuda", recipe="modern", augmentation=augmentation)
    assert way == result["details"]["pictures"]["come"]


@pytest.mark.gpu
@pytest.mark.parametrize("conditions", MODES, ids=lambda conditions: "-".join(conditions.values()))
def test_a_training_on_a_gpu_learns_nearly_as_on_the_cpu(tmp_path: Path, conditions: dict[str, Any]) -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    there, here = (trained(tmp_path / device, device=device, **conditions) for device in ("cuda", "cpu"))
    assert ("ok", "") == (there["status"], there.get("reason", ""))
    # dropout is drawn by another generator there
    assert losses(here)[-1] == pytest.approx(losses(there)[-1], abs=0.3)


@pytest.mark.gpu
@pytest.mark.filterwarnings("ignore")  # of what torch imports to compile
@pytest.mark.parametrize("mode", ["scratch", "finetune:upper"])
def test_a_network_is_compiled_to_learn_on_a_gpu(tmp_path: Path, mode: str) -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    result = trained(tmp_path, device="cuda", mode=mode, recipe="modern", execution="compiled", precision="bf16")
    assert ("ok", "before the seconds") == (result["status"], result["details"]["set_up"])
    assert 0 < result["details"]["compiled"]["graphs"]


def test_what_is_made_for_a_gpu_is_made_on_it(cuda: StandIn, tmp_path: Path) -> None:
    result = trained(tmp_path, device="cuda", mode="features+softmax")
    assert ("ok", "") == (result["status"], result.get("reason", ""))
    assert {0} == {gpu for name, gpu in cuda.calls if gpu is not None}
