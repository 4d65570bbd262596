"""Heads are the layers whose outputs become the scores, wherever they are declared."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Architecture
from bench.declare.loading.discovery import load_catalogs
from bench.errors import Unsupported
from bench.network.building import build_cheaply
from bench.network.heads import depends_on_neighbours, heads_of

K = 5


class Net(nn.Module):
    """A trunk of K features, so that nothing can be told from widths, with layers that `forward` uses."""

    def __init__(self, forward: Callable[[Any, torch.Tensor], Any]) -> None:
        super().__init__()
        self.last = nn.Linear(K, K)
        self.conv = nn.Conv2d(3, K, 3)
        self.squeeze = nn.Linear(K, K)
        self.places = nn.Conv2d(K, K, 1)
        self.second = nn.Linear(K, K)
        self.norm = nn.BatchNorm1d(K, track_running_stats=False)
        self._forward = forward

    def forward(self, x: torch.Tensor) -> Any:
        maps = self.conv(x)
        features = maps.mean((2, 3))
        return self._forward(self, (maps * self.squeeze(features).sigmoid()[:, :, None, None]))


def pooled(maps: torch.Tensor) -> torch.Tensor:
    return maps.mean((2, 3))


def cosine(net: Any, maps: torch.Tensor) -> torch.Tensor:
    normal = nn.functional.normalize
    return nn.functional.linear(normal(pooled(maps)), normal(net.last.weight))


FOUND: dict[str, tuple[Callable[[Any, torch.Tensor], Any], tuple[str, ...]]] = {
    "declared before the trunk": (lambda net, x: net.last(pooled(x)), ("last",)),
    "before a softmax": (lambda net, x: net.second(pooled(x)).log_softmax(1), ("second",)),
    "changed in place": (lambda net, x: net.last(pooled(x)).mul_(3), ("last",)),
    "one after another": (lambda net, x: net.last(net.second(pooled(x))), ("last",)),
    "the sum of two": (lambda net, x: (net.last(pooled(x)) + net.second(x.amax((2, 3)))) / 2, ("last", "second")),
    "in a dictionary": (lambda net, x: {"features": x, "logits": net.second(pooled(x))}, ("second",)),
    "a convolution of pooled maps": (
        lambda net, x: net.places(x.mean((2, 3), keepdim=True)).flatten(1),
        ("places",),
    ),
    "pooled after a convolution": (lambda net, x: pooled(net.places(x).relu()), ("places",)),
}


@pytest.fixture
def declared() -> Callable[..., Architecture]:
    """A declaration of a small network that names no head, unless one is given."""
    load_catalogs()
    plain = replace(ARCHITECTURES.get("resnet18"), name="net", head="", resolution=16)
    return lambda head="": replace(plain, head=head)


@pytest.mark.parametrize(("forward", "names"), FOUND.values(), ids=FOUND)
def test_heads_are_found_by_what_becomes_of_their_output(
    declared: Callable[..., Architecture], forward: Callable[[Any, torch.Tensor], Any], names: tuple[str, ...]
) -> None:
    assert names == heads_of(Net(forward), declared(), 16).required()


def test_a_head_of_zeros_is_found(declared: Callable[..., Architecture]) -> None:
    net = Net(lambda net, x: net.last(pooled(x)))
    nn.init.zeros_(net.last.weight)
    assert ("last",) == heads_of(net, declared(), 16).required()


def test_a_network_is_as_before_when_its_heads_have_been_found(declared: Callable[..., Architecture]) -> None:
    net = Net(lambda net, x: net.last(pooled(x))).eval()
    images = torch.rand(2, 3, 16, 16)
    before = net(images)
    heads_of(net, declared(), 16)
    assert before.equal(net(images))
    assert all(parameter.grad is None for parameter in net.parameters())


REFUSED: dict[str, tuple[Callable[[Any, torch.Tensor], Any], str, str]] = {
    "a cosine": (
        cosine,
        "",
        r"from squeeze alone, and last, places, second never ran; .* @architecture\(head=",
    ),
    "what is added": (
        lambda net, x: net.second(pooled(x)) + pooled(x),
        "",
        "not come from squeeze, second alone, and last, places never",
    ),
    "a cosine that is declared": (cosine, "last", "the declared head 'last' never ran"),
    "another layer": (lambda net, x: net.second(pooled(x)), "squeeze", "come from second, not from .* 'squeeze'"),
    "a name of nothing": (lambda net, x: net.second(pooled(x)), "fc", "'fc' is not a linear layer"),
    "the trunk": (lambda net, x: net.second(pooled(x)), "conv", "'conv' is not a linear layer"),
}


@pytest.mark.parametrize(("forward", "head", "line"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_a_head_is_told_with_what_was_found(
    declared: Callable[..., Architecture], forward: Callable[[Any, torch.Tensor], Any], head: str, line: str
) -> None:
    with pytest.raises(Unsupported, match=f"^net has no linear head .*{line}"):
        heads_of(Net(forward), declared(head), 16).required()


def test_scores_that_a_layer_gives_in_part_are_told(declared: Callable[..., Architecture]) -> None:
    net = nn.Sequential(nn.AvgPool2d(16), nn.Flatten(), Sum(nn.Linear(3, 3)))
    with pytest.raises(Unsupported, match=r"the scores do not come from 2\.layer alone"):
        heads_of(net, declared(), 16).required()


class Sum(nn.Module):
    """A layer's output and its input."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        added: torch.Tensor = self.layer(x) + x
        return added


def test_one_of_two_heads_that_is_declared_stands_for_both(declared: Callable[..., Architecture]) -> None:
    both, names = FOUND["the sum of two"]
    assert names == heads_of(Net(both), declared("second"), 16).required()


@pytest.mark.parametrize(
    ("name", "resolution"),
    [
        ("lecture_cnn", 28),
        ("lenet5", 28),
        ("resnet18", 64),
        ("googlenet", 64),
        ("vit_reduced", 28),
        ("swin_reduced", 28),
    ],
)
def test_declared_heads_are_those_that_are_found(name: str, resolution: int) -> None:
    load_catalogs()
    item = ARCHITECTURES.get(name)
    model = build_cheaply(item.build, 10)
    assert (item.head,) == heads_of(model, replace(item, head=""), max(resolution, item.min_resolution)).required()


def test_normalisation_by_the_batch_makes_a_picture_depend_on_its_neighbours(
    declared: Callable[..., Architecture],
) -> None:
    net = Net(lambda net, x: net.last(net.norm(pooled(x))))
    assert depends_on_neighbours(net, declared(), 16, ("last",))


def test_neighbours_are_seen_before_a_head_of_zeros(declared: Callable[..., Architecture]) -> None:
    net = Net(lambda net, x: net.last(net.norm(pooled(x))))
    nn.init.zeros_(net.last.weight)
    assert depends_on_neighbours(net, declared(), 16, ("last",))


@pytest.mark.parametrize("name", ["lecture_cnn", "resnet18", "vit_reduced", "swin_reduced"])
def test_the_lectures_networks_look_at_each_picture_alone(name: str) -> None:
    load_catalogs()
    item = ARCHITECTURES.get(name)
    model = build_cheaply(item.build, 10)
    assert not depends_on_neighbours(model, item, max(28, item.min_resolution), (item.head,))


def test_a_network_whose_weights_are_no_numbers_is_looked_at_like_any_other(
    declared: Callable[..., Architecture],
) -> None:
    linear = nn.Linear(3 * 16 * 16, 5)
    nn.init.constant_(linear.weight, float("nan"))
    net = nn.Sequential(nn.Flatten(), linear)
    assert not depends_on_neighbours(net, declared(), 16, ("1",))
