"""How pictures get to the model changes no figure, and a GPU that has room for them is not made to wait."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from bench.cell import Samples
from bench.learning.data.augment import Augmenter
from bench.learning.data.sending import sent
from bench.learning.data.view import FittedImages
from bench.learning.training import networks, unfinished
from bench.learning.training.device import pictures
from bench.learning.training.device.pictures import ROOM, Feeding, Way, feeding
from bench.learning.training.device.waiting import Waiting
from bench.learning.training.watch import Watch
from tests.bench.stripes import Measured, killed_at, without_time
from tests.standin.cuda import StandIn

AHEAD_OR_THERE = pytest.mark.parametrize("way", [Way.ON_DEVICE, Way.AHEAD, Way.EACH_STEP])
Forced = Callable[[Way], None]


@pytest.fixture
def forced(monkeypatch: pytest.MonkeyPatch) -> Forced:
    """Has the pictures of every training on a CPU come in one way."""

    def force(way: Way) -> None:
        monkeypatch.setattr(networks, "feeding", lambda size, device, augmenter: Feeding(way, size))

    return force


@AHEAD_OR_THERE
@pytest.mark.parametrize(
    "scenario",
    [{"augmentation": "lecture"}, {"augmentation": "noise"}, {"mode": "finetune:upper", "augmentation": "crop"}],
    ids=lambda scenario: scenario["augmentation"],
)
def test_a_training_is_the_same_to_the_last_bit_however_its_pictures_come(
    measured: Measured, forced: Forced, way: Way, scenario: dict[str, str]
) -> None:
    expected = measured(**scenario)
    forced(way)
    found = measured(**scenario)
    assert (expected.values, without_time(expected)) == (found.values, without_time(found))


def test_a_killed_training_goes_on_as_if_nothing_had_been_made_ahead(
    measured: Measured, forced: Forced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    expected = measured(augmentation="lecture")
    forced(Way.AHEAD)
    with killed_at(12, monkeypatch), pytest.raises(KeyboardInterrupt):
        measured(augmentation="lecture")
    again = measured(augmentation="lecture")
    assert (expected.values, without_time(expected)) == (again.values, without_time(again))


@pytest.mark.parametrize(
    ("augmentation", "pipeline", "share", "way"),
    [
        ("none", "tensor", 0.9, Way.ON_DEVICE),
        ("lecture", "tensor", 0.9, Way.ON_DEVICE),
        ("lecture", "tensor", 1.1, Way.AHEAD),
        ("noise", "tensor", 0.1, Way.AHEAD),
        ("lecture", "pil", 0.1, Way.EACH_STEP),
    ],
)
def test_pictures_wait_on_a_gpu_that_has_room_if_it_can_augment_them(
    cuda: StandIn, augmentation: str, pipeline: str, share: float, way: Way
) -> None:
    free, _ = torch.cuda.mem_get_info(0)
    how = feeding(int(share * ROOM * free), "cuda", Augmenter(augmentation, 0, pipeline=pipeline))
    assert (way, free) == (how.way, how.free)


def test_nothing_is_told_of_pictures_that_are_where_the_model_is() -> None:
    assert {} == feeding(1000, "cpu", Augmenter("lecture", 0)).told()


def waits(cuda: StandIn) -> int:
    """How often the host has waited for a copy."""
    return sum(waited for _, _, waited in cuda.copies)


@pytest.mark.parametrize("augmentation", ["none", "lecture", "crop", "colour", "noise"])
@pytest.mark.parametrize("mode", ["scratch", "finetune:upper"])
def test_no_step_of_a_training_waits_for_the_gpu(
    cuda: StandIn, measured: Measured, monkeypatch: pytest.MonkeyPatch, augmentation: str, mode: str
) -> None:
    waited: list[int] = []
    goes_on, step_begins = Watch.goes_on, 0

    def counting(watch: Watch, step: int, loss: torch.Tensor) -> bool:
        nonlocal step_begins
        waited.append(waits(cuda) - step_begins)
        result = goes_on(watch, step, loss)  # which waits where the training is looked at
        step_begins = waits(cuda)
        return result

    monkeypatch.setattr(Watch, "goes_on", counting)
    # a recipe without clipping: torch's C++, which groups gradients for it, sees that these are not on CUDA
    measured(device="cuda", augmentation=augmentation, mode=mode, recipe="lecture")
    # the first steps bring what is kept there; an epoch has four
    assert [0] * 25 == waited[5:]


def details(samples: Samples) -> dict[str, Any]:
    return samples.details


def test_a_record_from_a_gpu_tells_how_pictures_came_and_how_long_it_waited(
    cuda: StandIn, measured: Measured
) -> None:
    told = details(measured(device="cuda", augmentation="lecture"))
    assert ("on the device", True) == (told["pictures"]["come"], 0 <= told["gpu_waits"] <= 1)


def test_a_record_from_a_cpu_tells_nothing_of_it(measured: Measured) -> None:
    assert not {"pictures", "gpu_waits", "set_up"} & details(measured()).keys()


def test_a_gpu_without_room_gets_its_pictures_one_batch_ahead(
    cuda: StandIn, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "ROOM", 0.0)
    told = details(measured(device="cuda"))
    assert "one batch ahead" == told["pictures"]["come"]


@pytest.mark.parametrize("name", ["lecture", "digits", "crop", "colour", "translation"])
def test_pictures_that_are_augmented_on_a_gpu_are_those_of_the_cpu(cuda: StandIn, name: str) -> None:
    images = torch.randint(0, 256, (16, 3, 20, 20), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    here, there = Augmenter(name, 7)(images), Augmenter(name, 7)(images.to("cuda")).cpu()
    assert (here.int() - there.int()).abs().float().mean() < 0.1


def test_the_wait_is_what_lies_between_two_steps(cuda: StandIn) -> None:
    cuda.launching, cuda.running = 0.0, lambda name, elements: 3.0
    waiting, value = Waiting("cuda"), torch.ones(1, device="cuda")
    torch.cuda.synchronize()
    for pause in (1.0, 0.0):
        waiting.begins()
        value = value + 1
        waiting.ends()
        torch.cuda.synchronize()
        cuda.time.seconds += pause
    waiting.read()
    assert 1 / 7 == pytest.approx(waiting.share)


def test_on_a_cpu_there_is_no_wait_to_tell() -> None:
    waiting = Waiting("cpu")
    waiting.begins()
    waiting.ends()
    waiting.read()
    assert waiting.share is None


def test_images_that_are_kept_are_made_once(world: None) -> None:
    made: list[int] = []

    class View:
        channels, resolution = 1, 2

        def fit(self, pixels: torch.Tensor) -> torch.Tensor:
            made.extend(pixels.flatten(1)[:, 0].tolist())
            return pixels

    pixels = torch.arange(10, dtype=torch.uint8).view(10, 1, 1, 1).expand(10, 1, 2, 2)
    fitted = FittedImages(pixels, torch.tensor([3, 5, 7]), View())  # type: ignore[arg-type]
    assert [5, 3] == fitted.of(torch.tensor([5, 3]))[:, 0, 0, 0].tolist()
    assert [7, 7] == fitted.of(torch.tensor([7, 7]))[:, 0, 0, 0].tolist()
    assert [3, 5, 7] == made
    assert [5, 8] == fitted.of(torch.tensor([5, 8]))[:, 0, 0, 0].tolist()


def test_what_is_sent_to_a_gpu_is_not_waited_for(cuda: StandIn) -> None:
    sent(torch.ones(3), "cuda")
    assert [(None, 0, False)] == cuda.copies


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_nothing_is_left_of_the_thread_when_training_is_over(
    measured: Measured, forced: Forced, tmp_path: Path
) -> None:
    import threading

    forced(Way.AHEAD)
    measured(augmentation="lecture")
    assert [] == [thread.name for thread in threading.enumerate() if thread.name.startswith("pictures")]
