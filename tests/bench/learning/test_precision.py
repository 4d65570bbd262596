"""Networks learn and answer in the number format that the scenario says, which is a part of what they are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from bench.cell import Cell
from bench.errors import Unsupported, UsageError
from bench.learning.artifacts import needs_of
from bench.learning.surgery import place
from bench.learning.training import unfinished
from bench.learning.training.fit import fit
from tests.bench.stripes import Measured, cell_of, killed_at, without_time
from tests.standin.cuda import StandIn


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_a_cell_in_fp32_keeps_the_key_that_it_had() -> None:
    assert "precision" not in cell_of().to_dict()["scenario"]
    assert cell_of().key != cell_of(precision="bf16").key


def test_a_precision_other_than_fp32_is_in_the_name_of_a_cell() -> None:
    assert " bf16 " in str(cell_of(precision="bf16"))
    assert str(cell_of()) == str(Cell.from_dict(cell_of().to_dict()))


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("precision", "told"), [("tf32", "device 'cpu' has no tf32"), ("bf16_weights", "precision of learning")]
)
def test_a_precision_that_one_cannot_learn_in_is_refused(precision: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        needs_of(cell_of(precision=precision))


MODES = pytest.mark.parametrize(
    "scenario",
    [
        {"mode": "scratch"},
        {"mode": "finetune:upper"},
        {"mode": "features+softmax", "augmentation": "lecture"},
        {"mode": "features-bn+softmax"},
    ],
    ids=lambda scenario: scenario["mode"],
)


@MODES
def test_learning_in_bf16_gives_other_figures_than_in_fp32_and_the_same_ones_twice(
    measured: Measured, scenario: dict[str, str], tmp_path: Path
) -> None:
    full, half = measured(**scenario), measured(**scenario, precision="bf16")
    for file in tmp_path.iterdir():
        file.unlink()
    assert without_time(full)["curve"] != without_time(half)["curve"]
    assert without_time(half) == without_time(measured(**scenario, precision="bf16"))


def test_training_in_bf16_learns(measured: Measured) -> None:
    samples = measured(precision="bf16", steps=60)
    assert sum(samples.values) / len(samples.values) > 0.8


def test_training_learns_within_an_autocast_that_was_never_left(measured: Measured) -> None:
    expected = measured(precision="bf16", steps=60).values
    torch.autocast_increment_nesting()
    try:
        assert expected == measured(precision="bf16", steps=60).values
    finally:
        torch.autocast_decrement_nesting()


def outputs_of(model: nn.Module, seen: list[torch.dtype]) -> None:
    for module in model.modules():
        if isinstance(module, nn.Linear):
            module.register_forward_hook(lambda _, __, out: seen.append(out.dtype))


@pytest.mark.parametrize("mode", ["scratch", "finetune:upper"])
def test_every_pass_of_a_training_is_in_its_precision_and_the_weights_stay_in_fp32(
    measured: Measured, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    seen: list[torch.dtype] = []
    weights: list[torch.dtype] = []

    def watched(model: nn.Module, *values: Any) -> Any:
        outputs_of(model, seen)
        fitted = fit(model, *values)
        weights.extend(parameter.dtype for parameter in fitted.model.parameters())
        return fitted

    monkeypatch.setattr("bench.learning.tuning.networks.fit", watched)
    measured(precision="bf16", mode=mode)
    # tracing, before any training, runs the model as it is
    assert torch.bfloat16 == seen[-1]
    assert {torch.float32} == set(weights)


@pytest.mark.usefixtures("world")
def test_features_checkpoints_and_views_are_addressed_by_their_precision() -> None:
    cell = {"mode": "features+softmax", "weights": "pretrain:stripes", "augmentation": "lecture"}
    full, half = (needs_of(cell_of(**cell, precision=precision)) for precision in ("fp32", "bf16"))
    assert full.target == half.target
    for name in ("checkpoint", "features", "views", "heads"):
        assert getattr(full, name) != getattr(half, name)
        assert "bf16" == getattr(half, name)["precision"]


def test_the_loss_of_fp16_is_scaled_and_its_scale_is_told(measured: Measured) -> None:
    told = measured(precision="fp16").details["loss_scaling"]
    assert ("torch.amp.GradScaler", True) == (told["by"], told["scale"] > 0)
    assert "loss_scaling" not in measured(precision="bf16").details


def test_a_killed_training_in_fp16_goes_on_with_its_scale(
    measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    scaler = torch.amp.GradScaler

    def often(device: str, enabled: bool) -> torch.amp.GradScaler:
        """Doubles its scale every other step: one that began anew would have another."""
        return scaler(device, init_scale=8.0, growth_interval=2, enabled=enabled)

    monkeypatch.setattr(torch.amp, "GradScaler", often)
    expected = measured(precision="fp16")
    with killed_at(12, monkeypatch), pytest.raises(KeyboardInterrupt):
        measured(precision="fp16")
    assert without_time(expected) == without_time(measured(precision="fp16"))


def is_last(model: nn.Module) -> bool:
    weight = next(iter(model.parameters()))
    return weight.is_contiguous(memory_format=torch.channels_last) and not weight.is_contiguous()


@pytest.mark.parametrize(
    ("device", "precision", "last"),
    [
        ("cpu", "fp32", True),
        ("cpu", "bf16", True),
        ("cuda", "fp32", False),
        ("cuda", "tf32", False),
        ("cuda", "bf16", True),
        ("cuda:0", "fp16", True),
    ],
)
def test_a_gpu_has_channels_last_in_16_bits_alone(cuda: StandIn, device: str, precision: str, last: bool) -> None:
    assert last == is_last(place(nn.Sequential(nn.Conv2d(3, 4, 3)), device, precision))


def test_pictures_of_the_inside_are_not_made_in_16_bits(world: None, tmp_path: Path) -> None:
    from bench.declare.artifact import Shelf
    from bench.learning.looking.look import look

    cell = cell_of(mode="features+softmax", precision="bf16")
    with pytest.raises(Unsupported, match="in 32 bits"):
        look(cell, cell.scenario, Shelf(tmp_path))  # type: ignore[arg-type]


def test_heads_beside_a_gpu_tell_that_they_were_trained_on_the_cpu(cuda: StandIn, measured: Measured) -> None:
    assert "cpu" == measured(device="cuda", mode="features+softmax").details["trained_on"]
    assert "trained_on" not in measured(mode="features+softmax").details
