"""Comparisons behind the slides' arguments: the first side of each is what the others are compared with."""

from __future__ import annotations

from collections.abc import Iterator

from evobench import Side, comparison
from suites.architectures.efficientnet_scaled import TABLE_7, Scale, compound
from suites.architectures.resnext import width_at_constant_complexity

KERNEL_SIZES = (5, 1, 3, 7, 9, 11)
"""The lecture's own first."""
CARDINALITIES = (1, 2, 4, 8, 16, 32, 64)
PATCH_SIZES = (16, 14, 28, 32, 56)
"""Patch sizes in pixels, ViT's own first."""
HEADS = (12, 1, 3, 6, 24)
"""Numbers of heads, ViT's own first."""
SIDES = (14, 28, 56, 112)
"""Sides of the feature maps that attention looks at, in tokens."""
PHIS = (1.0, 2.0, 3.0)


@comparison(title="Kernel size")
def kernel_size() -> Iterator[Side]:
    """The lecture's network with other kernels: the slides ask to change them."""
    for size in KERNEL_SIZES:
        yield Side(f"lecture_cnn:kernel_size={size}", f"{size} x {size}")


@comparison(title="Inception module")
def inception_module() -> Iterator[Side]:
    """1x1 convolutions before the larger ones make the module cheaper."""
    yield Side("inception_naive", "naive")
    yield Side("inception_reduced", "reduced")


@comparison(title="Residual block")
def residual_block() -> Iterator[Side]:
    """The convolutions of three blocks, at the place of the first stage; ResNeXt's paths as groups, and apart."""
    for kind, label in (("basic", "basic"), ("bottleneck", "bottleneck"), ("resnext", "ResNeXt, grouped")):
        yield Side(f"block_{kind}:norm=false", label)
    yield Side("block_resnext_split:norm=false", "ResNeXt, 32 paths")


@comparison(title="Depth without shortcuts")
def depth_plain() -> Iterator[Side]:
    """The paper reports that the deeper plain network is the worse one, in training too: the degradation."""
    yield Side("plain18", "plain 18")
    yield Side("plain34", "plain 34")


@comparison(title="Depth with shortcuts")
def depth_residual() -> Iterator[Side]:
    """With shortcuts, the paper reports that the deeper network is the better one."""
    yield Side("resnet18", "residual 18")
    yield Side("resnet34", "residual 34")


@comparison(title="Shortcuts of 34 layers")
def shortcuts() -> Iterator[Side]:
    """None; A: zeros for new channels; B: projections where the size changes; C: projections everywhere."""
    yield Side("plain34", "none")
    for option in "abc":
        yield Side(f"resnet34_{option}", f"option {option.upper()}")
    yield Side("resnet34", "torchvision's")


@comparison(title="Cardinality at equal cost")
def cardinality() -> Iterator[Side]:
    """ResNeXt-50 with 1 to 64 paths, each as wide as keeps the multiply-adds."""
    for groups in CARDINALITIES:
        width = width_at_constant_complexity(groups)
        name = f"resnext50_constant:bottleneck_width={width},cardinality={groups}"
        yield Side(name, f"{groups} x {width}d")


@comparison(title="Compound scaling")
def compound_scaling() -> Iterator[Side]:
    """B0 scaled by the rule: depth 1.2, width 1.1 and resolution 1.15, each to the power of phi."""
    yield _scaled(Scale(1.0, 1.0, 224), "B0")
    for phi in PHIS:
        yield _scaled(compound(phi), f"phi = {phi:g}")


@comparison(title="One dimension against all")
def single_dimension() -> Iterator[Side]:
    """The paper's table 7: depth, width or resolution alone, and all three at near the same cost."""
    for name, row in TABLE_7.items():
        yield _scaled(row.scale, name)


@comparison(title="Patch size")
def patch_size() -> Iterator[Side]:
    """ViT with other patches: four times the area is a quarter of the tokens."""
    for size in PATCH_SIZES:
        yield Side(f"vit_simple:patch_size={size}", f"{size} px: {(224 // size) ** 2 + 1} tokens")


@comparison(title="Heads of attention")
def heads() -> Iterator[Side]:
    """ViT's 768 dimensions shared among other numbers of heads: neither parameters nor multiply-adds change."""
    for count in HEADS:
        yield Side(f"vit_simple:heads={count}", f"{count} x {768 // count}")


@comparison(title="Global attention by map")
def attention_global() -> Iterator[Side]:
    """Attention among all positions: twice the side is four times the positions, 16 times the products."""
    for side in SIDES:
        yield Side("attention_global", f"{side} x {side} tokens", side)


@comparison(title="Window attention by map")
def attention_window() -> Iterator[Side]:
    """Attention within windows of 7x7: twice the side is four times all."""
    for side in SIDES:
        yield Side("attention_window", f"{side} x {side} tokens", side)


def _scaled(scale: Scale, label: str) -> Side:
    name = f"efficientnet_scaled:depth={scale.depth:.3f},width={scale.width:.3f}"
    return Side(name, label, scale.resolution)
