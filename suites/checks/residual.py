"""Networks of residual stages: the cells of their papers' tables, and what their shortcuts do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bench.lazy import lazy
from evobench import Evidence, check
from suites.checks import _models as models

if TYPE_CHECKING:
    import torch
    from torch import nn
else:
    torch = lazy("torch")
    nn = lazy("torch.nn")

MODULES = {
    "conv1": "conv1",
    "conv2": "layer1",
    "conv3": "layer2",
    "conv4": "layer3",
    "conv5": "layer4",
    "average pool": "avgpool",
}
"""Names of the modules of torchvision's ResNet by what the papers' tables call their rows (`_x` left off)."""


@check(kind="counted")
def stage_structure(*, architecture: str, stage: str) -> Evidence:
    """The convolutions of a stage's blocks, as tables of papers print them: `[3x3, 64; 3x3, 64] x 2`.

    Args:
        architecture: a network with the modules of torchvision's ResNet.
        stage: `conv2_x` to `conv5_x`. Groups are printed as `C=32`; shortcuts are left out, as in the tables.
    """
    module = _module(architecture, stage)
    spelled = [_spelled(block) for block in module.children()]
    runs: list[tuple[str, int]] = []
    for text in spelled:
        same = runs and runs[-1][0] == text
        runs[-1:] = [(text, runs[-1][1] + 1)] if same else [*runs[-1:], (text, 1)]
    printed = ", ".join(f"[{text}] x {times}" for text, times in runs)
    return Evidence(printed, f"{len(spelled)} blocks of {architecture}.{_path(stage)}")


@check(kind="counted")
def stage_output(*, architectures: list[str], stage: str) -> Evidence:
    """Height and width of the maps that leave a stage of one or several networks at their own input size."""
    sizes = dict.fromkeys(_output(architecture, _path(stage)) for architecture in architectures)
    return Evidence(", ".join(sizes), f"what {_path(stage)} of {', '.join(architectures)} returns")


@check(kind="counted")
def first_convolution(*, architectures: list[str]) -> Evidence:
    """Kernel, filters and stride of the first layer of one or several networks: `7x7, 64, stride 2`."""
    first = (_first(architecture, "Conv2d") for architecture in architectures)
    texts = dict.fromkeys(f"{_size(c.kernel_size)}, {c.out_channels}, stride {c.stride[0]}" for c in first)
    return Evidence("; ".join(texts), f"the first convolution of {', '.join(architectures)}")


@check(kind="counted")
def first_pooling(*, architectures: list[str]) -> Evidence:
    """Kernel, kind and stride of the first pooling of one or several networks: `3x3 max pool, stride 2`."""
    first = (_first(architecture, "MaxPool2d") for architecture in architectures)
    texts = dict.fromkeys(f"{p.kernel_size}x{p.kernel_size} max pool, stride {p.stride}" for p in first)
    return Evidence("; ".join(texts), f"the first max pooling of {', '.join(architectures)}")


@check(kind="counted")
def last_layers(*, architectures: list[str]) -> Evidence:
    """The pooling and the linear layer at the end of one or several networks: `average pool, 1000-d fc`."""
    texts: dict[str, None] = {}
    for architecture in architectures:
        *_, last = (leaf for leaf in models.shapes(architecture) if isinstance(leaf.module, nn.Linear))
        *_, pool = (leaf for leaf in models.shapes(architecture) if "Pool" in type(leaf.module).__name__)
        kind = "average pool" if "AvgPool" in type(pool.module).__name__ else "max pool"
        softmax = ", softmax" if isinstance(models.shapes(architecture)[-1].module, nn.Softmax) else ""
        texts[f"{kind}, {last.output[1]}-d fc{softmax}"] = None
    return Evidence("; ".join(texts), f"the end of {', '.join(architectures)}, which return logits")


@check(kind="counted")
def channel_changes(*, architecture: str) -> Evidence:
    """What each convolution does to the number of channels: `1x1 reduces, 3x3 keeps, 1x1 increases`."""
    layers = [leaf.module for leaf in models.shapes(architecture) if isinstance(leaf.module, nn.Conv2d)]
    verb = {True: "increases", False: "reduces"}
    words = [
        f"{_size(c.kernel_size)} "
        + ("keeps" if c.in_channels == c.out_channels else verb[c.out_channels > c.in_channels])
        for c in layers
    ]
    widths = ", ".join(f"{c.in_channels} to {c.out_channels}" for c in layers)
    return Evidence(", ".join(words), f"{architecture}: {widths}")


@check(kind="counted")
def narrow_kernel(*, architecture: str, kernel: int) -> Evidence:
    """Whether a block's convolution of one kernel size takes and returns fewer channels than the block."""
    layers = [leaf.module for leaf in models.shapes(architecture) if isinstance(leaf.module, nn.Conv2d)]
    inner = next(layer for layer in layers if layer.kernel_size[0] == kernel)
    narrow = inner.in_channels < layers[0].in_channels and inner.out_channels < layers[-1].out_channels
    note = (
        f"{inner.in_channels} to {inner.out_channels} inside {layers[0].in_channels} to {layers[-1].out_channels}"
    )
    return Evidence(narrow, f"the {kernel}x{kernel} convolution of {architecture} has {note} channels")


@check()
def residual_sums(*, architecture: str) -> Evidence:
    """Whether each block's output is the ReLU of what its convolutions return plus what its shortcut carries."""
    parts = [(_parts(block), block) for block in _blocks(models.real(architecture))]
    sums = [torch.allclose(torch.relu(f + x), out, atol=1e-5) for (_, f, x, out), _ in parts]
    layers = sorted({sum(name.startswith("conv") for name, _ in block.named_children()) for _, block in parts})
    convolutions = ", ".join(map(str, layers)) or "none"
    note = f"{sum(sums)} of {len(sums)} blocks of {architecture}; convolutions in a block: {convolutions}"
    return Evidence(bool(sums) and all(sums), note)


@check()
def gated_shortcuts(*, architecture: str) -> Evidence:
    """Whether the shortcuts of blocks that keep their dimensions weigh what they carry, as a gate would."""
    kept = [block for block in _blocks(models.real(architecture)) if block.downsample is None]
    bare = 0
    for given, f, _, out in map(_parts, kept):
        open_ = out > 0
        bare += torch.allclose((out - f)[open_], given[open_], atol=1e-5)
    note = f"{bare} of {len(kept)} such shortcuts of {architecture} add their input as it is, with no factor"
    return Evidence(bare < len(kept), note)


@check(kind="counted")
def projections_where_channels_grow(*, architecture: str) -> Evidence:
    """Whether exactly those shortcuts are projections whose blocks return more channels than they take."""
    blocks = list(_blocks(models.built(architecture)))
    grow = [_convolutions(block)[-1].out_channels > _convolutions(block)[0].in_channels for block in blocks]
    projections = [block.downsample is not None for block in blocks]
    note = f"{sum(projections)} projections, {sum(grow)} of {len(blocks)} blocks of {architecture} widen"
    return Evidence(bool(blocks) and grow == projections, note)


def _path(stage: str) -> str:
    return MODULES[stage.removesuffix("_x")]


def _module(architecture: str, stage: str) -> nn.Module:
    return models.built(architecture).get_submodule(_path(stage))


def _output(architecture: str, path: str) -> str:
    inside = [leaf for leaf in models.shapes(architecture) if f"{leaf.name}.".startswith(f"{path}.")]
    return "x".join(map(str, inside[-1].output[2:]))


def _first(architecture: str, kind: str) -> Any:
    return next(leaf.module for leaf in models.shapes(architecture) if type(leaf.module).__name__ == kind)


def _blocks(model: nn.Module) -> Iterable[Any]:
    """Blocks in the manner of torchvision: `conv1`, `bn1`, ..., and a `downsample` that may be None."""
    return (m for m in model.modules() if hasattr(m, "conv1") and hasattr(m, "downsample"))


def _convolutions(block: nn.Module) -> list[nn.Conv2d]:
    return [m for name, m in block.named_children() if name.startswith("conv") and isinstance(m, nn.Conv2d)]


def _spelled(block: nn.Module) -> str:
    def groups(layer: nn.Conv2d) -> str:
        return f", C={layer.groups}" if layer.groups > 1 else ""

    return "; ".join(f"{_size(c.kernel_size)}, {c.out_channels}{groups(c)}" for c in _convolutions(block))


def _size(kernel: tuple[int, ...]) -> str:
    return "x".join(map(str, kernel))


def _parts(block: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """A block's input (noise above zero), what its branch and its shortcut return of it, and its output."""
    layers = _convolutions(block)
    maps = torch.rand(1, layers[0].in_channels, 6, 6, generator=torch.Generator().manual_seed(0))
    branch: list[torch.Tensor] = []
    norm = block.get_submodule(f"bn{len(layers)}")
    # a copy, since the sum is made in place
    hook = norm.register_forward_hook(lambda _, __, output: branch.append(output.clone()))
    try:
        with torch.no_grad():
            out = block(maps)
            shortcut = maps if block.downsample is None else block.downsample(maps)
    finally:
        hook.remove()
    return maps, branch[0], shortcut, out
