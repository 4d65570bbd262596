"""Every classification builder of torchvision that no other file here declares, found through its registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bench.declare.catalog import ARCHITECTURES
from bench.declare.loading.discovery import import_all
from bench.lazy import lazy
from evobench import architecture
from suites.published import from_torchvision
from suites.references import Declare, of_preprint, references
from suites.torchvision_builders import Builder, builders

if TYPE_CHECKING:
    from torch import nn

models = lazy("torchvision.models")


@dataclass(frozen=True)
class Family:
    """Facts that the builders of one family share."""

    name: str
    venue_year: int | None
    """Year of publication in a journal or at a conference; None: there is none."""
    idea: str
    prefixes: tuple[str, ...]
    """Beginnings of its builders' names."""
    head: str
    """Dotted name of the last linear layer; empty where the classifier is not a linear layer."""
    upper: tuple[str, ...]
    paper: str = ""
    """Paper of the family, where torchvision links none."""
    auxiliary: tuple[str, ...] = ()
    smallest: int = 0
    """Smallest side that runs, in pixels, where the metadata of the weights state a larger one."""


FAMILIES = (
    Family(
        "SqueezeNet",
        None,
        "Fire modules squeeze by 1x1 before they expand by 1x1 and 3x3: AlexNet's accuracy at 1/50 of its size.",
        ("squeezenet",),
        head="",
        upper=("features.12",),
        paper="arXiv:1602.07360",
    ),
    Family(
        "DenseNet",
        2017,
        "Each layer of a block sees the outputs of all layers before it, side by side.",
        ("densenet",),
        head="classifier",
        upper=("features.denseblock4", "features.norm5"),
    ),
    Family(
        "Inception V3",
        references()["szegedy2015inceptionv3"]["year"],
        "Larger kernels become pairs of small or one-sided ones; batch normalisation, one auxiliary head.",
        ("inception",),
        head="fc",
        upper=("Mixed_7b", "Mixed_7c"),
        auxiliary=("AuxLogits",),
    ),
    Family(
        "MobileNet V2",
        2018,
        "Inverted residuals: narrow ends joined by a shortcut, a wide depthwise convolution between them.",
        ("mobilenet_v2",),
        head="classifier.1",
        upper=("features.17", "features.18"),
    ),
    Family(
        "MNASNet",
        2019,
        "Inverted residuals chosen block by block by a search that times them on a phone.",
        ("mnasnet",),
        head="classifier.1",
        upper=("layers.13", "layers.14", "layers.15"),
    ),
    Family(
        "ShuffleNet V2",
        2018,
        "Half of the channels pass by untouched, then all are shuffled: fast, not merely few multiply-adds.",
        ("shufflenet",),
        head="fc",
        upper=("stage4", "conv5"),
    ),
    Family(
        "MobileNet V3",
        2019,
        "A searched MobileNet V2 with squeeze-and-excitation and the hard swish.",
        ("mobilenet_v3",),
        head="classifier.3",
        upper=("classifier.0",),
    ),
    Family(
        "RegNet",
        2020,
        "Width grows linearly with depth: a design space narrowed by fitting populations of networks.",
        ("regnet",),
        head="fc",
        upper=("trunk_output.block4",),
    ),
    Family(
        "EfficientNetV2",
        2021,
        "EfficientNet with fused convolutions in the early stages, searched for speed of training as well.",
        ("efficientnet_v2",),
        head="classifier.1",
        upper=(),
        smallest=1,
    ),
    Family(
        "ConvNeXt",
        2022,
        "A ResNet rebuilt after Swin: 7x7 depthwise convolutions, inverted bottlenecks, LayerNorm, GELU.",
        ("convnext",),
        head="classifier.2",
        upper=("features.6", "features.7"),
    ),
    Family(
        "MaxViT",
        2022,
        "Each block convolves, attends within windows, then attends along a grid that spans the whole picture.",
        ("maxvit",),
        head="classifier.5",
        upper=("blocks.3",),
        smallest=221,
    ),
)


def _declare(builder: Builder) -> None:
    family = _family_of(builder)
    paper = builder.paper or family.paper
    declare: Declare = partial(architecture, paper=f"torchvision.models.{builder.module}")
    if paper:
        declare = of_preprint(paper.removeprefix("arXiv:"), family.venue_year)
    declare(
        family=family.name,
        resolution=builder.weights.crop if builder.weights else 224,
        min_resolution=family.smallest or builder.min_size,
        published=from_torchvision(builder.name),
        head=family.head,
        upper=family.upper,
        auxiliary=family.auxiliary,
    )(_build(builder.name, family))


def _family_of(builder: Builder) -> Family:
    """The family by the builder's name; one of a later torchvision that is not listed stands for itself."""
    for family in FAMILIES:
        if builder.name.startswith(family.prefixes):
            return family
    return Family(builder.module, None, f"torchvision's {builder.name}.", (), "", ())


def _build(name: str, family: Family) -> Callable[[int], nn.Module]:
    def build(num_classes: int) -> nn.Module:
        # Inception warns of a coming change of its initialisation unless it is told which one to take
        named = {"init_weights": True} if family.auxiliary else {}
        model: nn.Module = models.get_model(name, weights=None, num_classes=num_classes, **named)
        return model

    build.__name__ = name
    build.__doc__ = family.idea
    return build


import_all("suites.architectures")  # what another file here declares is not declared again
for _builder in builders().values():
    if _builder.name not in ARCHITECTURES:
        _declare(_builder)
