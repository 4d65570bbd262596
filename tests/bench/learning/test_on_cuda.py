"""Trainings on a GPU through the worker, on the stand-in for CUDA, which refuses tensors of two devices."""

from pathlib import Path
from typing import Any

import pytest

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

    def send(frame: Frame) -> None:
        frames.append(frame)
        if kill_at is not None and frame.get("step", 0) >= kill_at:
            raise Killed

    worker.perform(Measure(cell_of(**conditions), 9.0, Given(folder), makes=True), send)
    return frames[-1]


def losses(result: Frame) -> list[float]:
    return [point["loss"] for point in result["details"]["curve"]]


MODES = [
    {"mode": "scratch", "augmentation": "lecture"},
    {"mode": "scratch", "augmentation": "noise"},
    {"mode": "finetune:upper"},
]


@pytest.mark.parametrize("conditions", MODES, ids=lambda conditions: "-".join(conditions.values()))
def test_a_training_on_cuda_mixes_no_devices_and_learns_as_on_the_cpu(
    cuda: StandIn, tmp_path: Path, conditions: dict[str, Any]
) -> None:
    there, here = (trained(tmp_path / device, device=device, **conditions) for device in ("cuda", "cpu"))
    assert ("ok", "") == (there["status"], there.get("reason", ""))
    assert losses(here) == pytest.approx(losses(there), rel=1e-3)


def test_a_training_on_cuda_that_was_killed_goes_on_and_ends_as_it_would_have(
    cuda: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    whole = trained(tmp_path / "whole", device="cuda")
    with pytest.raises(Killed):
        trained(tmp_path / "killed", kill_at=15, device="cuda")
    assert 1 == len(list((tmp_path / "killed").glob(".unfinished-*")))
    result = trained(tmp_path / "killed", device="cuda")
    assert ("ok", losses(whole)) == (result["status"], losses(result))


def test_what_is_made_for_a_gpu_is_made_on_it(cuda: StandIn, tmp_path: Path) -> None:
    result = trained(tmp_path, device="cuda", mode="features+softmax")
    assert ("ok", "") == (result["status"], result.get("reason", ""))
    assert {0} == {gpu for name, gpu in cuda.calls if gpu is not None}
