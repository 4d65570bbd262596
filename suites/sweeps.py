"""Sweeps that show how cost grows: points along one axis, all else equal. The suite `scaling` measures all; the
report fits."""

from __future__ import annotations

from collections.abc import Iterator

from evobench import Point, sweep
from suites.architectures.efficientnet_scaled import Scale, compound

PIXELS = "pixels a side"
WINDOW = 7
"""Side of Swin's windows, in tokens."""


@sweep(title="Batch of ResNet-18", axis="batch", unit="images")
def batch_resnet18() -> Iterator[Point]:
    """The more images at once, the more arithmetic for each byte of weights."""
    for images in (1, 2, 4, 8, 16):
        yield Point(images, "resnet18", batch=images)


@sweep(title="Batch of ViT-B/16", axis="batch", unit="images")
def batch_vit() -> Iterator[Point]:
    """Almost all of it is products of large matrices already, at a single image."""
    for images in (1, 2, 4):
        yield Point(images, "vit_b_16", batch=images)


@sweep(title="Resolution of ResNet-18", axis="resolution", unit=PIXELS)
def resolution_resnet18() -> Iterator[Point]:
    """Twice the side is four times the positions of every convolution; the classifier stays."""
    for side in (64, 96, 128, 224, 320, 448):
        yield Point(side, "resnet18", side)


@sweep(title="Resolution of EfficientNet-B0", axis="resolution", unit=PIXELS)
def resolution_efficientnet_b0() -> Iterator[Point]:
    """Depthwise convolutions do little arithmetic for each number that they read."""
    for side in (64, 96, 128, 224, 320, 448):
        yield Point(side, "efficientnet_b0", side)


@sweep(title="Resolution of ViT-B/16", axis="resolution", unit=PIXELS)
def resolution_vit() -> Iterator[Point]:
    """Twice the side is four times the patches of the same size, and 16 times their pairs."""
    for side in (112, 160, 224, 320):
        name = "vit_b_16" if side == 224 else f"vit_b_16:image_size={side}"
        yield Point(side, name)


@sweep(title="Depth of ResNet", axis="depth", unit="weight layers")
def depth_resnet() -> Iterator[Point]:
    """From 50 layers on the blocks are bottlenecks, which cost less for each layer."""
    for layers in (18, 34, 50, 101, 152):
        yield Point(layers, f"resnet{layers}")


@sweep(title="Width of EfficientNet-B0", axis="width", unit="channels (multiplier)")
def width_efficientnet() -> Iterator[Point]:
    """Twice the channels is four times a pointwise convolution, but only twice a depthwise one."""
    for width in (0.5, 1.0, 1.5, 2.0, 3.0):
        name = f"efficientnet_scaled:width={width:.3f}"
        yield Point(width, name, label=f"width {width:g}")


@sweep(title="Width of ResNet-50", axis="width", unit="channels (multiplier)")
def width_resnet50() -> Iterator[Point]:
    """Wide ResNet-50-2 has twice the channels in the 3x3 convolutions, and the same ones outside the blocks."""
    yield Point(1, "resnet50")
    yield Point(2, "wide_resnet50_2")


@sweep(title="Compound EfficientNet", axis="resources", unit="resources (2^phi)")
def compound_efficientnet() -> Iterator[Point]:
    """Depth, width and resolution at once; 2^phi times the resources are meant to be 2^phi times the cost.

    The rule's constants give 1.92^phi (arXiv:1905.11946, section 3.3), hence an exponent of 0.94; whole layers and
    multiples of 8 channels add to it.
    """
    for phi in (0, 1, 2, 3, 4):
        yield _compound(phi, compound(phi))


@sweep(title="Patches of ViT", axis="patches", unit="patches")
def patches_vit() -> Iterator[Point]:
    """The same 224 pixels cut finer: each patch costs the same, each pair of patches a little beside it."""
    for size in (56, 32, 28, 16, 14):
        patches = (224 // size) ** 2
        yield Point(patches, f"vit_simple:patch_size={size}", label=f"{size} x {size} pixels")


@sweep(title="Patches of Swin", axis="patches", unit="patches")
def patches_swin() -> Iterator[Point]:
    """More patches of 4x4 pixels: attention stays within windows, so that no pair is added across them.

    The sides are such that the windows of every stage are whole; others are padded.
    """
    for windows in (1, 2, 3):
        side = 4 * 8 * WINDOW * windows
        yield Point((side // 4) ** 2, "swin_t", side, label=f"{side} px")


def _compound(phi: int, scale: Scale) -> Point:
    name = f"efficientnet_scaled:depth={scale.depth:.3f},width={scale.width:.3f}"
    return Point(2.0**phi, name, scale.resolution, label=f"phi = {phi}")
