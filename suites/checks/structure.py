"""Structure of built models: kernels, the order of modules, connections between them."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from bench.declare.catalog import ARCHITECTURES
from bench.lazy import lazy
from evobench import Evidence, check
from suites.checks import _models as models

if TYPE_CHECKING:
    import torch
    from torch import nn
else:
    torch = lazy("torch")
    nn = lazy("torch.nn")


@check(kind="counted")
def more_filters(*, architecture: str, than: str) -> Evidence:
    """Whether each convolution of an architecture has more filters than the one at its place in another."""
    first, second = _filters(architecture), _filters(than)
    more = all(mine > other for mine, other in zip(first, second, strict=False))
    return Evidence(more, f"{architecture}: {_joined(first)} filters; {than}: {_joined(second)}")


@check(kind="counted")
def fewer_parameters(*, architecture: str, than: str) -> Evidence:
    """Whether an architecture has fewer parameters than another."""
    first, second = models.parameters(architecture), models.parameters(than)
    return Evidence(first < second, f"{architecture} has {first:,} parameters, {than} has {second:,}")


@check(kind="counted")
def kernel_sizes(*, architecture: str) -> Evidence:
    """The sizes of the convolutions' kernels, each once, in the order in which they run."""
    sizes = [leaf.module.kernel_size for leaf in models.shapes(architecture) if isinstance(leaf.module, nn.Conv2d)]
    found = dict.fromkeys(f"{height}x{width}" for height, width in sizes)
    return Evidence(", ".join(found), f"kernels of the {len(sizes)} convolutions of {architecture}")


@check(kind="counted")
def followers(*, architecture: str, kind: str) -> Evidence:
    """The classes of modules that run right after those of one class, each once."""
    kinds = [type(leaf.module).__name__ for leaf in models.shapes(architecture)]
    found = [second for first, second in pairwise(kinds) if first == kind]
    return Evidence(", ".join(dict.fromkeys(found)), f"next to {len(found)} modules {kind} of {architecture}")


@check(kind="counted")
def place_of_normalisation(*, architecture: str) -> Evidence:
    """Whether batch normalisation stands `before activation`, at each ReLU of a network, or `elsewhere`.

    It does where a ReLU sees what a normalisation returned, or the sum of that and what a shortcut carries.
    """
    order = models.order(models.built(architecture), models.picture(architecture))
    before = [order[max(0, i - 2) : i] for i, kind in enumerate(order) if kind == "ReLU"]
    right = sum(kinds[-1:] == ["BatchNorm2d"] for kinds in before)
    summed = sum(kinds == ["BatchNorm2d", models.ADDITION] for kinds in before)
    return Evidence(
        "before activation" if before and right + summed == len(before) else "elsewhere",
        f"of {len(before)} ReLU of {architecture} {right} see what BatchNorm2d returns, {summed} the sum of that"
        " and of a shortcut",
    )


@check(kind="counted")
def stacked_convolutions(*, architecture: str) -> Evidence:
    """Whether convolutions follow each other without pooling between them."""
    kinds = [type(leaf.module).__name__ for leaf in models.shapes(architecture)]
    marks = [kind == "Conv2d" for kind in kinds if kind == "Conv2d" or "Pool" in kind]
    longest = max((len(list(run)) for convolutions, run in groupby(marks) if convolutions), default=0)
    return Evidence(longest > 1, f"up to {longest} convolutions in a row in {architecture}")


@check()
def concatenated_branches(*, architecture: str) -> Evidence:
    """Whether several layers see the same input and the channels of their branches' ends lie side by side."""
    model, image = models.built(architecture), models.picture(architecture)
    starts: list[str] = []
    ends: dict[int, Any] = {}

    def note(module: nn.Module, given: tuple[Any, ...], output: Any) -> None:
        starts.extend(type(module).__name__ for tensor in given if tensor is image)
        for tensor in given:
            ends.pop(id(tensor), None)
        ends[id(output)] = output

    hooks = [m.register_forward_hook(note) for m in model.modules() if not any(m.children())]
    try:
        with torch.no_grad():
            whole = model(image).shape[1]
    finally:
        for hook in hooks:
            hook.remove()
    channels = [tensor.shape[1] for tensor in ends.values()]
    side_by_side = len(channels) > 1 and sum(channels) == whole
    note_ = f"{' + '.join(map(str, channels))} = {sum(channels)}, {whole} channels leave"
    return Evidence(
        len(starts) > 1 and side_by_side, f"{len(starts)} layers see the input of {architecture}; {note_}"
    )


@check(kind="counted")
def smallest_side(*, architecture: str) -> Evidence:
    """The side of the smallest square picture that runs through an architecture, in pixels."""
    low, high = 1, ARCHITECTURES.get(architecture).resolution
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _runs(architecture, middle) else (middle + 1, high)
    return Evidence(
        low, f"{architecture} runs with {low} pixels" + (f", but not with {low - 1}" if low > 1 else "")
    )


@check(kind="counted")
def colours(*, architecture: str) -> Evidence:
    """Whether the first convolution takes one channel (`greyscale`) or three (`colour`)."""
    first = next(leaf.module for leaf in models.shapes(architecture) if isinstance(leaf.module, nn.Conv2d))
    names = {1: "greyscale", 3: "colour"}
    channels = first.in_channels
    return Evidence(names.get(channels, f"{channels} channels"), f"{architecture} takes {channels} channels in")


@check()
def shared_weights(*, architecture: str, module: str) -> Evidence:
    """Whether all units of each map of a layer have the same weights: a shifted input gives a shifted map."""
    layer = models.real(architecture).get_submodule(module)
    channels = next(p for p in layer.parameters() if p.dim() == 4).shape[1]
    image = torch.rand(1, channels, 16, 16, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        shifted = layer(image.roll(1, dims=3))[..., 1:]
        alike = torch.allclose(shifted[..., 4:-4], layer(image)[..., :-1][..., 4:-4], atol=1e-6)
    return Evidence(alike, f"{architecture}.{module}: a picture moved by a pixel moves the maps by a pixel")


@check(kind="counted")
def filters_see_all_channels(*, architecture: str) -> Evidence:
    """Whether each filter of every convolution spans all channels of its input."""
    layers = [leaf.module for leaf in models.shapes(architecture) if isinstance(leaf.module, nn.Conv2d)]
    whole = [layer for layer in layers if layer.weight.shape[1] == layer.in_channels]
    return Evidence(len(whole) == len(layers), f"{len(whole)} of {len(layers)} convolutions of {architecture} do")


@check(kind="counted")
def layers_fit(*, layers: list[list[int]]) -> Evidence:
    """Whether convolutions, each given as kernel size, channels in, channels out, can run one after the other."""
    for number, ((_, _, given), (_, taken, _)) in enumerate(pairwise(layers), 2):
        if given != taken:
            return Evidence(False, f"layer {number} takes {taken} channels and is given {given}")
    chain = nn.Sequential(*(nn.Conv2d(taken, out, size, padding=size // 2) for size, taken, out in layers))
    shape = chain.to("meta")(torch.zeros(1, layers[0][1], 8, 8, device="meta")).shape
    return Evidence(True, f"{layers[0][1]} channels go in, {shape[1]} come out")


def _filters(architecture: str) -> list[int]:
    return [leaf.output[1] for leaf in models.shapes(architecture) if isinstance(leaf.module, nn.Conv2d)]


def _joined(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


def _runs(architecture: str, side: int) -> bool:
    try:
        with torch.no_grad():
            models.built(architecture)(models.picture(architecture, side))
    except (RuntimeError, ValueError):  # how torch refuses shapes
        return False
    return True
