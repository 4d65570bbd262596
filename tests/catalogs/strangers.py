"""A catalogue of networks as other people build them: with outputs, compilations and frozen parts of their own."""

from collections import namedtuple
from dataclasses import dataclass
from typing import Any

from evobench import architecture, lazy

torch = lazy("torch")
models = lazy("torchvision.models")
Named = namedtuple("Named", "features logits")


@dataclass
class Output:
    """What a network answers with beside its scores."""

    features: Any
    logits: Any
    hidden: Any = None


ANSWERS = {
    "tensor": lambda scores, features: scores,
    "dictionary": lambda scores, features: {"features": features, "logits": scores},
    "data_class": lambda scores, features: Output(features, scores),
    "named_tuple": lambda scores, features: Named(features, scores),
    "listed": lambda scores, features: [scores, features],
    "declared": lambda scores, features: {"features": features, "heads": {"main": scores}},
    "wrongly_declared": lambda scores, features: {"features": features, "logits": scores},
    "unclear": lambda scores, features: {"features": features, "main": scores},
    "seven": lambda scores, features: scores[:, :7],
    "textual": lambda scores, features: {"text": "a cat"},
}
"""What networks of one convolution and one linear layer make of their scores and features, by architecture."""
SCORES = {"declared": "heads.main", "wrongly_declared": "main"}


def _declare(name: str, build, **settings) -> None:  # type: ignore[no-untyped-def]
    build.__name__ = name
    build.__doc__ = "Built by somebody else."
    usual = {"family": "Strangers", "year": 2026, "paper": "none", "resolution": 32, "min_resolution": 8}
    architecture(**{**usual, **settings})(build)


def _network(num_classes: int, answer=ANSWERS["tensor"]):  # type: ignore[no-untyped-def]
    nn = torch.nn

    class Network(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.fc = nn.Conv2d(3, 8, 3, padding=1), nn.Linear(8, num_classes)

        def forward(self, x):  # type: ignore[no-untyped-def]
            features = self.conv(x).mean((2, 3))
            return answer(self.fc(features), features)

    return Network()


for _name, _answer in ANSWERS.items():
    _declare(
        _name, lambda num_classes, answer=_answer: _network(num_classes, answer), scores=SCORES.get(_name, "")
    )


def _compiled_in_parts(num_classes: int):  # type: ignore[no-untyped-def]
    model = _network(num_classes)
    model.conv = torch.compile(model.conv)
    model.fc.compile()
    model.forward = torch.compile(model.forward)
    return model


def _frozen_trunk(num_classes: int):  # type: ignore[no-untyped-def]
    model = models.resnet18(num_classes=num_classes)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith("fc."))
    return model


def _prototypes(num_classes: int):  # type: ignore[no-untyped-def]
    nn = torch.nn

    class Prototypes(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("prototypes", torch.randn(num_classes, 192))

        def forward(self, x):  # type: ignore[no-untyped-def]
            return nn.functional.adaptive_avg_pool2d(x, 8).flatten(1) @ self.prototypes.T

    return Prototypes()


def _by_content(num_classes: int):  # type: ignore[no-untyped-def]
    nn = torch.nn

    class ByContent(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)
            self.fc = nn.Linear(8, num_classes)

        def forward(self, x):  # type: ignore[no-untyped-def]
            bright = bool(x.abs().mean() > 0.1)
            x = self.first(x)
            return self.fc((self.second(x) if bright else x).mean((2, 3)))

    return ByContent()


def _switched_off(num_classes: int, off=None):  # type: ignore[no-untyped-def]
    nn = torch.nn

    class SwitchedOff(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.fc = nn.Conv2d(3, 1024, 32), nn.Linear(1024, num_classes)
            self.block = nn.Linear(1024, 1024, bias=False)
            off(self.block.weight)

        def forward(self, x):  # type: ignore[no-untyped-def]
            x = self.conv(x).flatten(1)
            return self.fc(x + self.block(x) if self.block.weight.any() else x)

    return SwitchedOff()


def _trunk(num_classes: int, head):  # type: ignore[no-untyped-def]
    """A convolution to 32 features, and what `head` makes of them with the layer `fc`."""
    nn = torch.nn

    class Trunk(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(32, num_classes)
            self.conv, self.norm = nn.Conv2d(3, 32, 5, stride=4), nn.BatchNorm1d(32, track_running_stats=False)
            self.squeeze = nn.Linear(32, 32)
            self.places, self.last = nn.Conv2d(32, num_classes, 1), nn.Linear(32, num_classes)

        def forward(self, x):  # type: ignore[no-untyped-def]
            maps = self.conv(x).relu()
            return head(self, maps * self.squeeze(maps.mean((2, 3))).sigmoid()[:, :, None, None])

    return Trunk()


def _cosine(net, maps):  # type: ignore[no-untyped-def]
    normal = torch.nn.functional.normalize
    return 10 * torch.nn.functional.linear(normal(maps.mean((2, 3))), normal(net.fc.weight))


HEADS = {
    "head_first": lambda net, maps: net.fc(maps.mean((2, 3))),
    "flat": lambda net, maps: net.fc(maps.mean((2, 3), keepdim=True).flatten(1)),
    "squeezed": lambda net, maps: net.fc(maps.mean((2, 3), keepdim=True).squeeze()),
    "cosine": _cosine,
    "unused_fc": lambda net, maps: net.places(maps.mean((2, 3), keepdim=True)).flatten(1),
    "two_heads": lambda net, maps: (net.fc(maps.mean((2, 3))) + net.last(maps.amax((2, 3)))) / 2,
    "by_the_batch": lambda net, maps: net.fc(net.norm(maps.mean((2, 3)))),
}
"""What networks of one trunk make of its maps, by architecture."""


def _filtering(num_classes: int):  # type: ignore[no-untyped-def]
    nn = torch.nn

    class Filtering(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.fc = nn.Conv2d(3, 8, 3, padding=1), nn.Linear(8, num_classes)
            self.filter = nn.Parameter(torch.randn(8, 32, 17, dtype=torch.cfloat) * 0.02)

        def forward(self, x):  # type: ignore[no-untyped-def]
            maps = torch.fft.irfft2(torch.fft.rfft2(self.conv(x)) * self.filter)
            return self.fc(maps.relu().mean((2, 3)))

    return Filtering()


for _name, _head in HEADS.items():
    _declare(_name, lambda num_classes, head=_head: _trunk(num_classes, head))
_declare("head_declared", lambda num_classes: _trunk(num_classes, HEADS["head_first"]), head="fc")
_declare("idle_declared", lambda num_classes: _trunk(num_classes, _cosine), head="fc")
_declare("filtering", _filtering)
_declare("compiled", lambda num_classes: torch.compile(models.resnet18(num_classes=num_classes)), resolution=224)
_declare("compiled_in_parts", _compiled_in_parts)
_declare("scripted", lambda num_classes: torch.jit.script(torch.nn.Conv2d(3, num_classes, 32)))
_declare("frozen_trunk", _frozen_trunk, resolution=64, min_resolution=32)
_declare("frozen", lambda num_classes: _network(num_classes).requires_grad_(False))
_declare("prototypes", _prototypes)
_declare("by_content", _by_content, channels=1, resolution=512)
_declare("zeroed", lambda num_classes: _switched_off(num_classes, lambda w: torch.nn.init.zeros_(w)))
_declare("zeroed_data", lambda num_classes: _switched_off(num_classes, lambda w: w.data.zero_()))
