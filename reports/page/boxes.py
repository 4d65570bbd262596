"""The steps of a block as boxes with words: what accompanies a layer stands in its box."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.shapes import side_and_channels

INPUT = -1
"""Stands for what comes from outside, among the steps and among the boxes."""
_ACTIVATIONS = {
    "ReLU": "ReLU",
    "ReLU6": "ReLU6",
    "GELU": "GELU",
    "SiLU": "SiLU",
    "PReLU": "PReLU",
    "ELU": "ELU",
    "Hardswish": "Hardswish",
    "Tanh": "tanh",
    "ScaledTanh": "scaled tanh",
    "Sigmoid": "sigmoid",
    "Hardsigmoid": "hard sigmoid",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "gelu": "GELU",
    "silu": "SiLU",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "hardswish": "hard swish",
    "hardsigmoid": "hard sigmoid",
    "softmax": "softmax",
    "Softmax": "softmax",
}
_NORMS = {
    "BatchNorm2d": "batch norm",
    "batch norm": "batch norm",
    "GroupNorm": "group norm",
    "LocalResponseNorm": "response norm",
    "layer norm": "layer norm",
    "group norm": "group norm",
    "LayerNorm": "layer norm",
    "LayerNorm2d": "layer norm",
    "BatchNormAct2d": "batch norm, activation",
}
_WORDS = {
    "add": "+",
    "cat": "concatenate",
    "mul": "×",
    "matmul": "matrix product",
    "mean": "average",
    "MultiheadAttention": "multi-head attention",
    "Linear": "linear",
    "convolution": "conv",
}
_JOINS = frozenset({"add", "cat", "mul", "matmul"})


@dataclass
class Box:
    """One box of a diagram."""

    lines: list[str]
    """Lines in the box, the most important first."""
    kind: str
    """Class of its style: `layer`, `pool`, `norm`, `join` or `other`."""
    inputs: tuple[int, ...]
    """Boxes that feed it, by index; `INPUT` for what comes from outside."""
    beside: list[str] = field(default_factory=list)
    """Normalisation and activation that follow at once."""

    @property
    def text(self) -> list[str]:
        """All lines of the box."""
        return [*self.lines, *([" · ".join(self.beside)] if self.beside else [])]


def boxes_of(block: Mapping[str, Any]) -> tuple[list[Box], int]:
    """The boxes of a recorded block, each after what feeds it, and the index of that which gives its result.

    A normalisation or activation that alone takes a layer's result stands in that layer's box.
    """
    steps: Sequence[Mapping[str, Any]] = block["steps"]
    takers = Counter(source for step in steps for source in step["inputs"])
    boxes: list[Box] = []
    place = {INPUT: INPUT}
    for i, step in enumerate(steps):
        inputs = tuple(dict.fromkeys(place[source] for source in step["inputs"]))
        word = _NORMS.get(step["kind"]) or _ACTIVATIONS.get(step["kind"])
        alone = len(step["inputs"]) == 1 and takers[step["inputs"][0]] == 1
        if word and alone and inputs[0] != INPUT and boxes[inputs[0]].kind == "layer":
            boxes[inputs[0]].beside.append(word)
            place[i] = inputs[0]
        else:
            boxes.append(Box(_lines(step), _kind(step), inputs))
            place[i] = len(boxes) - 1
    return boxes, place[block["output"]]


def shape_words(shape: Sequence[int]) -> str:
    """`56 × 56 × 256` of maps, `197 tokens × 768`, `1,000` of a vector."""
    if len(shape) == 3:
        return f"{shape[1]:,} tokens × {shape[2]:,}"
    side, channels = side_and_channels(shape)
    return f"{side} × {side} × {channels:,}" if side > 1 else f"{channels:,}"


def _kind(step: Mapping[str, Any]) -> str:
    kind = step["kind"]
    if kind in _JOINS or len(step["inputs"]) > 1:
        return "join"
    if kind in _NORMS or kind in _ACTIVATIONS:
        return "norm"
    if "pool" in kind.lower() or kind == "mean":
        return "pool"
    return "layer" if "out" in step["settings"] or "heads" in step["settings"] else "other"


def _lines(step: Mapping[str, Any]) -> list[str]:
    """Name and size in one line; channels, groups, stride and heads in the next."""
    settings, kind = step["settings"], step["kind"]
    name = _name(kind, settings)
    if kind == "Linear" and not (own := step["name"].rpartition(".")[2]).isdecimal():
        name += f" ({own})"
    if "kernel" in settings:
        name = f"{_square(settings['kernel'])} {name}"
    more = []
    if "in" in settings and "out" in settings:
        more.append(f"{settings['in']:,} → {settings['out']:,}")
    if settings.get("groups", 1) > 1 and settings["groups"] != settings.get("in"):
        more.append(f"{settings['groups']} groups")
    if "stride" in settings:
        stride = settings["stride"]
        more.append(f"stride {_square(stride) if isinstance(stride, list) else stride}")
    if "heads" in settings:
        more.append(f"{settings['heads']} heads")
    if "window" in settings:
        more.append(f"windows of {_square(settings['window'])}")
    if kind == "cat":
        more.append(shape_words(step["output"]))
    return [name, *([", ".join(more)] if more else [])]


def _name(kind: str, settings: Mapping[str, Any]) -> str:
    depthwise = settings.get("groups", 1) > 1 and settings.get("groups") == settings.get("in")
    for words in (_WORDS, _NORMS, _ACTIVATIONS):
        if kind in words:
            return words[kind]
    if re.fullmatch(r"Conv\w*", kind) and "kernel" in settings:
        return "depthwise conv" if depthwise else "conv"
    if match := re.fullmatch(r"(Adaptive)?(Max|Avg)Pool\dd", kind):
        return {"Max": "max pool", "Avg": "average pool"}[match[2]]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).capitalize() if kind[:1].isupper() else kind


def _square(size: Any) -> str:
    first, second = (size[0], size[-1]) if isinstance(size, list) else (size, size)
    return f"{first} × {second}"
