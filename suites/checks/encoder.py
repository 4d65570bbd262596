"""Structure of the encoder of torchvision's vision transformer, and the inputs of its head."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from bench.declare.catalog import ARCHITECTURES
from bench.lazy import lazy
from evobench import Evidence, check
from suites.checks import _models as models
from suites.checks._vit import noise, shaped, valued

if TYPE_CHECKING:
    import torch
    from torch import nn
else:
    torch = lazy("torch")
    nn = lazy("torch.nn")

vision = lazy("torchvision.models")

_ELEMENTS = {"LayerNorm": "layer norm", "MultiheadAttention": "multi-head attention"}
"""Common names of the classes of modules in a block."""


@check(kind="counted")
def encoder_blocks(*, architecture: str) -> Evidence:
    """Whether there are several blocks in the encoder."""
    count = len(shaped(architecture).encoder.layers)
    return Evidence(count > 1, f"{count} blocks in {architecture}")


@check(kind="counted")
def block_elements(*, architecture: str, mlp: bool = True) -> Evidence:
    """The kinds of elements of an encoder block, dropout left out: its modules, and what adds its input again.

    Args:
        architecture: name of the architecture.
        mlp: whether the MLP counts.
    """
    block = shaped(architecture).encoder.layers[0]
    kinds = dict.fromkeys(type(part).__name__ for part in block.children() if not isinstance(part, nn.Dropout))
    additions = models.order(block, torch.zeros(1, 2, block.self_attention.embed_dim, device="meta")).count(
        models.ADDITION
    )
    found = [name for kind, name in _ELEMENTS.items() if kind in kinds]
    found += ["residual connection"] if additions else []
    found += ["MLP"] if mlp and "MLPBlock" in kinds else []
    return Evidence(found, f"{', '.join(kinds)} and {additions} additions in a block of {architecture}")


@check()
def residual_connection(*, architecture: str) -> Evidence:
    """What an encoder block returns where attention and MLP give zeros: `original input`, or `something else`."""
    block = copy.deepcopy(valued(architecture).encoder.layers[0])
    given = noise(1, 5, block.self_attention.embed_dim)
    with torch.no_grad():
        for last in (block.self_attention.out_proj, block.mlp[3]):
            last.weight.zero_()
            last.bias.zero_()
        same = torch.equal(block(given), given)
    return Evidence(
        "original input" if same else "something else", f"last layers of both set to zero, {architecture}"
    )


@check(kind="counted")
def linear_layers(*, architecture: str, part: str) -> Evidence:
    """Number of linear layers in a part of an architecture, named with dots."""
    found = _linear(models.built(architecture).get_submodule(part))
    return Evidence(found, f"in {part} of {architecture}")


@check(kind="counted")
def place_of_activation(*, architecture: str, part: str, kind: str, layers: int = 0) -> Evidence:
    """Where the activation stands in a part: `at the end`, `at the beginning` or `between the linear layers`.

    Args:
        architecture: name of the architecture.
        part: dotted name of a module whose modules run in the order in which they are declared.
        kind: class of the activation.
        layers: number of linear layers, each with what follows it, that are looked at; 0: all.
    """
    modules = [m for m in models.built(architecture).get_submodule(part).modules() if not any(m.children())]
    order = [type(module).__name__ for module in modules if not isinstance(module, nn.Dropout)]
    linear = [place for place, name in enumerate(order) if name == "Linear"]
    if 0 < layers < len(linear):
        order = order[: linear[layers]]
    place = {0: "at the beginning", len(order) - 1: "at the end"}.get(
        order.index(kind), "between the linear layers"
    )
    return Evidence(place, f"{part} of {architecture}: {', '.join(order)}")


@check(kind="counted")
def part_parameters(*, architecture: str, part: str) -> Evidence:
    """Parameters of a part of an architecture, named with dots."""
    named = list(models.built(architecture).get_submodule(part).named_parameters())
    sizes = " + ".join(f"{p.numel():,} ({name})" for name, p in named)
    return Evidence(sum(p.numel() for _, p in named), f"{part} of {architecture}: {sizes}")


@check(kind="counted")
def head_is(*, hidden: int = 0) -> Evidence:
    """What torchvision's classification head is: an `MLP head`, or a `single linear layer`.

    Args:
        hidden: width of a hidden layer in the head; 0: as the published weights have it.
    """
    sizes = {"image_size": 32, "patch_size": 16, "num_layers": 1, "num_heads": 2, "hidden_dim": 8, "mlp_dim": 8}
    with torch.device("meta"):
        heads = vision.VisionTransformer(**sizes, representation_size=hidden or None).heads
    layers = ", ".join(type(module).__name__ for module in heads)
    return Evidence(
        "MLP head" if _linear(heads) > 1 else "single linear layer", f"heads of a VisionTransformer: {layers}"
    )


@check()
def head_sees(*, architecture: str) -> Evidence:
    """Which outputs of the encoder the class scores depend on: the `class token` alone, or `other tokens`."""
    vit = copy.deepcopy(valued(architecture))
    with torch.no_grad():
        # its zeros would stop every gradient
        vit.heads.head.weight.copy_(noise(*vit.heads.head.weight.shape))
    outputs: list[torch.Tensor] = []

    def keep(_: nn.Module, __: object, output: torch.Tensor) -> torch.Tensor:
        outputs.append(output.detach().requires_grad_())
        return outputs[0]

    with vit.encoder.register_forward_hook(keep):
        vit(noise(1, 3, vit.image_size, vit.image_size)).square().sum().backward()
    gradient = outputs[0].grad
    reached = [] if gradient is None else gradient[0].abs().sum(dim=-1).nonzero().flatten().tolist()
    word = "class token" if reached == [0] else "other tokens"
    return Evidence(word, f"{len(reached)} of {outputs[0].shape[1]} outputs of the encoder of {architecture}")


@check(kind="counted")
def class_scores(*, architecture: str, classes: int) -> Evidence:
    """Number of scores that a network built for some classes returns for a picture."""
    item = ARCHITECTURES.get(architecture)
    with torch.no_grad():
        scores = item.build(classes).eval().to("meta")(models.picture(architecture))
    return Evidence(int(scores.shape[1]), f"output {tuple(scores.shape)} of {architecture} built for {classes}")


@check(kind="counted")
def head_takes(*, dim: int, whole: bool = False) -> Evidence:
    """What the classification head takes in as the number of heads grows: `768`, or `768 × nHead`.

    Args:
        dim: dimensions of the network.
        whole: each head has all dimensions for itself; else the heads share them, as transformers are built.

    Raises:
        ValueError: it is neither.
    """
    widths = {}
    for heads in (1, 2, 4):
        sizes = {"image_size": 32, "patch_size": 16, "num_layers": 1, "num_heads": heads, "mlp_dim": 8}
        with torch.device("meta"):
            vit = vision.VisionTransformer(**sizes, hidden_dim=dim * heads if whole else dim)
        widths[heads] = vit.heads.head.in_features
    shown = ", ".join(f"{width:,} for {heads}" for heads, width in widths.items())
    note = f"inputs of the head by the number of heads: {shown}"
    if set(widths.values()) == {dim}:
        return Evidence(f"{dim}", note)
    if all(width == dim * heads for heads, width in widths.items()):
        return Evidence(f"{dim} × nHead", note)
    raise ValueError(f"neither {dim} nor {dim} × nHead: {note}")


def _linear(part: nn.Module) -> int:
    return sum(isinstance(module, nn.Linear) for module in part.modules())
