"""Learning of networks that answer with more than a tensor, are compiled or have frozen parts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn

from bench.cell import Samples
from bench.declare.catalog import ARCHITECTURES, architecture
from bench.errors import Unsupported
from tests.bench.stripes import Measured, Net, without_time

MODES = pytest.mark.parametrize(
    "mode", ["scratch", "finetune:all", "finetune:upper", "features+softmax", "features@upper+softmax"]
)
Instead = Callable[..., None]


class Named(NamedTuple):
    """Scores that do not come first."""

    features: torch.Tensor
    logits: torch.Tensor


@dataclass
class Output:
    """The same."""

    features: torch.Tensor
    logits: torch.Tensor


class Model(dict[str, Any]):
    """A mapping that `torch.fx` cannot make: it wants real tensors."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        if type(values["logits"]) is not torch.Tensor:
            raise ValueError("no tensor")


ANSWERS = {
    "dictionary": lambda y: {"features": y[:, :2], "logits": y},
    "data class": lambda y: Output(y[:, :2], y),
    "named tuple": lambda y: Named(y[:, :2], y),
    "mapping": lambda y: Model(features=y[:, :2], logits=y),
    "first": lambda y: (y, y[:, :2]),
}


class Answering(Net):
    """The network of these tests, with an output of its own form."""

    def __init__(self, classes: int, answer: Callable[[torch.Tensor], Any]) -> None:
        super().__init__(classes)
        self._answer = answer

    def forward(self, x: torch.Tensor) -> Any:
        return self._answer(super().forward(x))


@pytest.fixture
def instead(world: None) -> Instead:
    """Declares another network under the name of the usual one."""

    def declare(make: Callable[[int], nn.Module], **settings: Any) -> None:
        def net(num_classes: int) -> nn.Module:
            return make(num_classes)

        del ARCHITECTURES._items["net"]
        usual = {
            "family": "F",
            "year": 2026,
            "paper": "p",
            "channels": 1,
            "min_resolution": 12,
            "upper": ("upper",),
        }
        architecture(**{**usual, **settings})(net)

    return declare


def figures(samples: Samples) -> tuple[Any, ...]:
    details = without_time(samples)
    return samples.values, [point["loss"] for point in details["curve"]], details["trainable"], details["frozen"]


@pytest.mark.parametrize("mode", ["scratch", "finetune:upper"])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_the_form_of_the_output_changes_no_figure(
    measured: Measured, instead: Instead, answer: Callable[[torch.Tensor], Any], mode: str
) -> None:
    usual = figures(measured(mode=mode, steps=4))
    instead(lambda classes: Answering(classes, answer))
    assert usual == figures(measured(mode=mode, steps=4))


@MODES
def test_scores_that_the_declaration_names_are_learned(measured: Measured, instead: Instead, mode: str) -> None:
    usual = figures(measured(mode=mode, steps=4))
    instead(lambda classes: Answering(classes, lambda y: {"one": y[:, :2], "two": {"y": y}}), scores="two.y")
    assert usual == figures(measured(mode=mode, steps=4))


@pytest.mark.parametrize("mode", ["scratch", "finetune:upper"])
def test_what_the_builder_compiled_learns_as_if_it_were_not(
    measured: Measured, instead: Instead, mode: str
) -> None:
    usual = figures(measured(mode=mode, steps=4))
    instead(lambda classes: torch.compile(Net(classes), backend="eager"))
    assert usual == figures(measured(mode=mode, steps=4))


def test_scores_that_cannot_be_told_are_not_guessed(measured: Measured, instead: Instead) -> None:
    instead(lambda classes: Answering(classes, lambda y: {"one": y[:, :2], "two": y}))
    with pytest.raises(TypeError, match=r"the first of them, 8 x 2, does not hold 3 scores an image"):
        measured(mode="scratch")


def frozen_below(classes: int) -> nn.Module:
    model = Net(classes)
    model.lower.requires_grad_(False)
    return model


@pytest.mark.parametrize("mode", ["scratch", "finetune:all"])
def test_what_the_builder_froze_stays_frozen_and_is_told(measured: Measured, instead: Instead, mode: str) -> None:
    instead(frozen_below)
    details = measured(mode=mode, steps=4).details
    # the upper layer of 8 to 16 and the head of 16 to 3
    assert ((8 * 16 + 16) + (16 * 3 + 3), "what the builder froze") == (details["trainable"], details["frozen"])


def test_pretraining_of_what_is_frozen_has_nothing_to_train(measured: Measured, instead: Instead) -> None:
    instead(lambda classes: Net(classes).requires_grad_(False))
    with pytest.raises(Unsupported, match=r"^nothing to train: all 8 parameters are frozen$"):
        measured(mode="features+softmax", weights="pretrain:stripes")
