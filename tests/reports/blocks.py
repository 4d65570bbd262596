"""Recorded blocks and layers, as a count writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.tidy.networks import NetworkStructure


def step(
    kind: str, *inputs: int, settings: Mapping[str, Any] | None = None, name: str = "part", **more: Any
) -> dict[str, Any]:
    """One step with maps of 4 channels, 8 pixels a side."""
    return {
        "name": name,
        "kind": kind,
        "inputs": list(inputs),
        "output": [1, 4, 8, 8],
        "settings": {**(settings or {}), **more},
    }


def conv(*inputs: int, kernel: int = 3) -> dict[str, Any]:
    """A convolution from 4 to 4 channels."""
    return step("Conv2d", *inputs, settings={"in": 4, "out": 4, "kernel": kernel})


def block(*steps: dict[str, Any]) -> dict[str, Any]:
    """A block whose last step gives its result."""
    about = {"kind": "container", "type": "BasicBlock", "name": "layer1.0", "repeats": 8, "alike": 5}
    return {**about, "steps": list(steps), "output": len(steps) - 1}


RESIDUAL = block(conv(-1), step("BatchNorm2d", 0), step("ReLU", 1), conv(2), step("add", 3, -1), step("ReLU", 4))
BRANCHES = block(
    conv(-1, kernel=1), conv(-1, kernel=1), conv(1), step("MaxPool2d", -1, kernel=3), step("cat", 0, 2, 3)
)
PROJECTED = block(conv(-1), conv(0), conv(-1, kernel=1), step("add", 1, 2))
GATED = block(conv(-1), step("AdaptiveAvgPool2d", 0), conv(1), step("mul", 2, 0), step("add", 3, -1))
ATTENTION = block(
    step("LayerNorm", -1),
    *(step("Linear", 0, name=name, settings={"in": 4, "out": 4}) for name in ("query", "key")),
    step("matmul", 1, 2),
    step("softmax", 3),
    step("Linear", 0, name="value", settings={"in": 4, "out": 4}),
    step("matmul", 4, 5),
    step("add", 6, -1),
)
ALL = {"residual": RESIDUAL, "branches": BRANCHES, "projected": PROJECTED, "gated": GATED, "attention": ATTENTION}


def layer(name: str, output: tuple[int, ...], parameters: int = 0, macs: int = 0) -> dict[str, Any]:
    """A row of a table of layers."""
    kind = "Conv2d" if parameters else "ReLU"
    return {"name": name, "type": kind, "output": output, "parameters": parameters, "macs": macs, "call": 1}


LAYERS = (
    layer("conv1", (1, 64, 112, 112), 9_408, 118_013_952),
    layer("layer1", (1, 64, 56, 56), 36_864, 115_605_504),
    layer("squeeze", (1, 64, 1, 1), 100, 100),
    layer("layer2", (1, 128, 28, 28), 73_728, 57_802_752),
    layer("fc", (1, 1000), 513_000, 512_000),
)
NETWORK = NetworkStructure(resolution=224, layers=LAYERS, widths={"112": 64, "56": 64, "28": 128}, block=RESIDUAL)
