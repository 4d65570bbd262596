"""Split, transform, aggregate: what ResNeXt's blocks are made of, and what they cost beside ResNet's."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import Evidence, check
from suites.checks import _models as models
from suites.checks.depth import depth

if TYPE_CHECKING:
    import torch
    from torch import nn
    from torch.nn import functional
else:
    torch = lazy("torch")
    nn = lazy("torch.nn")
    functional = lazy("torch.nn.functional")


@check(kind="counted")
def cardinality_and_width(*, architecture: str) -> Evidence:
    """Groups of the 3x3 convolutions, and channels of a group in the first stage, as in `32x4d`."""
    grouped = _spatial(architecture)
    first, names = grouped[0], {convolution.groups for convolution in grouped}
    groups = ", ".join(str(n) for n in sorted(names))
    return Evidence(
        f"{groups}x{first.in_channels // first.groups}d", f"the {len(grouped)} 3x3 convolutions of {architecture}"
    )


@check(kind="counted")
def cardinality(*, architecture: str) -> Evidence:
    """Number of paths side by side in each block, which all blocks share.

    Raises:
        ValueError: the blocks differ.
    """
    found = {convolution.groups for convolution in _spatial(architecture)}
    if len(found) != 1:
        raise ValueError(f"the blocks of {architecture} have {sorted(found)} paths")
    return Evidence(found.pop(), f"groups of the 3x3 convolutions of {architecture}")


@check(kind="counted")
def path_topologies(*, architecture: str) -> Evidence:
    """How many kinds of paths a block has that is written out path by path: layers and their sizes."""
    paths = models.built(architecture).get_submodule("paths")
    kinds = {repr(path) for path in paths.children()}
    return Evidence(
        len(kinds), f"{len(list(paths.children()))} paths of {architecture}, told apart by their layers"
    )


@check(kind="counted")
def embedding_is(*, architecture: str) -> Evidence:
    """Whether a path of a grouped bottleneck holds its input with `lower`, `equal` or `higher` dimension."""
    block = models.built(architecture)
    into, grouped = block.get_submodule("conv1"), block.get_submodule("conv2")
    if not isinstance(into, nn.Conv2d) or not isinstance(grouped, nn.Conv2d):
        raise ValueError(f"{architecture} is not a bottleneck")
    inside, outside = grouped.in_channels // grouped.groups, into.in_channels
    word = "lower" if inside < outside else "equal" if inside == outside else "higher"
    return Evidence(f"{word}-dimensional", f"{outside} channels become {inside} in each of {grouped.groups} paths")


@check()
def aggregation(*, architecture: str) -> Evidence:
    """How a grouped bottleneck joins its paths: `summation`, `mean`, `product` or `maximum`.

    Each path is computed by itself from its share of the block's weights; what the block adds to its input is then
    compared with each way to join them.

    Raises:
        ValueError: none of them gives what the block gives.
    """
    block = copy.deepcopy(models.real(architecture)).double()
    generator = torch.Generator().manual_seed(0)
    maps = torch.rand(1, 256, 5, 5, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        whole = block.get_submodule("conv3")(_inside(block, maps))
        paths = _paths(block, maps)
    joined = {
        "summation": paths.sum(dim=0),
        "mean": paths.mean(dim=0),
        "product": paths.prod(dim=0),
        "maximum": paths.amax(dim=0),
    }
    for name, result in joined.items():
        if torch.allclose(result, whole):
            return Evidence(
                name, f"of {len(paths)} paths computed one by one, as {architecture} computes them at once"
            )
    raise ValueError(f"no known aggregation of the paths gives the output of {architecture}")


@check(kind="counted")
def compared(*, what: str, architecture: str, than: str, within: float = 0.0) -> Evidence:
    """Whether one architecture has `more`, `fewer`, `as many` or `about as many` of something than another.

    Args:
        what: `parameters`, `multiply-adds`, `weight layers` on the longest way, or `convolutions` (a grouped one
            counts once).
        architecture: the one that is spoken of.
        than: the one that it is compared with.
        within: the share of the second up to which a difference is none to speak of.

    Raises:
        ValueError: `what` is none of these.
    """
    first, second = _amount(what, architecture), _amount(what, than)
    word = "more" if first > second else "fewer" if first < second else "as many"
    if 0 < abs(first - second) <= within * second:
        word = "about as many"
    return Evidence(word, f"{first:,} {what} in {architecture}, {second:,} in {than}")


@check(kind="counted")
def complexity_is_kept(*, architectures: list[str], within: float) -> Evidence:
    """Whether parameters and multiply-adds of all are those of the first, up to a share of `within`."""
    spread = 0.0
    for what in ("parameters", "multiply-adds"):
        amounts = [_amount(what, name) for name in architectures]
        spread = max(spread, *(abs(amount / amounts[0] - 1) for amount in amounts))
    return Evidence(
        spread <= within, f"{len(architectures)} networks differ from the first by at most {100 * spread:.1f} %"
    )


@check(kind="counted")
def first_block_weights(*, architecture: str, stage: int, shortcut: bool = False) -> Evidence:
    """Weights of the convolutions in the first block of a stage, without biases.

    Args:
        architecture: a ResNet or ResNeXt of torchvision's form.
        stage: 2 to 5, as in `conv2_x`.
        shortcut: whether the projection of the shortcut counts, too.
    """
    block = models.built(architecture).get_submodule(f"layer{stage - 1}.0")
    counted = [
        (name, module)
        for name, module in block.named_modules()
        if isinstance(module, nn.Conv2d) and (shortcut or not name.startswith("downsample"))
    ]
    found = sum(module.weight.numel() for _, module in counted)
    without = "with" if shortcut else "without"
    return Evidence(
        found, f"{len(counted)} convolutions of layer{stage - 1}.0 of {architecture}, {without} the shortcut's"
    )


@check(kind="counted")
def parameters_without(*, architecture: str, kind: str) -> Evidence:
    """Parameters of an architecture without those of one class of modules (`BatchNorm2d`)."""
    model = models.built(architecture)
    left_out = sum(
        p.numel() for module in model.modules() if type(module).__name__ == kind for p in module.parameters()
    )
    return Evidence(
        models.parameters(architecture) - left_out, f"{left_out:,} of {kind} in {architecture} left out"
    )


def _spatial(architecture: str) -> list[nn.Conv2d]:
    """The 3x3 convolutions in the order in which they run."""
    leaves = [leaf.module for leaf in models.shapes(architecture)]
    return [module for module in leaves if isinstance(module, nn.Conv2d) and module.kernel_size == (3, 3)]


def _inside(block: nn.Module, maps: torch.Tensor) -> torch.Tensor:
    """Input of the last convolution of a bottleneck without normalisation."""
    hidden = functional.relu(block.get_submodule("conv1")(maps))
    result: torch.Tensor = functional.relu(block.get_submodule("conv2")(hidden))
    return result


def _paths(block: nn.Module, maps: torch.Tensor) -> torch.Tensor:
    """The outputs of the paths, P x N x C x H x W, each from its own rows, group and columns of the weights."""
    into, grouped, out = (block.get_parameter(f"conv{i}.weight") for i in (1, 2, 3))
    width = grouped.shape[1]
    found = []
    for start in range(0, len(into), width):
        own = slice(start, start + width)
        hidden = functional.relu(functional.conv2d(maps, into[own]))
        hidden = functional.relu(functional.conv2d(hidden, grouped[own], padding=1))
        found.append(functional.conv2d(hidden, out[:, own]))
    return torch.stack(found)


def _amount(what: str, architecture: str) -> int:
    if what == "parameters":
        return models.parameters(architecture)
    if what == "multiply-adds":
        return models.macs(architecture)
    if what == "weight layers":
        return depth(architecture)
    if what == "convolutions":
        return sum(isinstance(leaf.module, nn.Conv2d) for leaf in models.shapes(architecture))
    raise ValueError(f"'{what}' cannot be compared: parameters, multiply-adds, weight layers and convolutions can")
