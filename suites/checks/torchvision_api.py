"""Contents of the installed torchvision, compared with what the lecture shows of it."""

from __future__ import annotations

import inspect
import re
import warnings
from importlib.metadata import version
from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import Evidence, check
from suites.checks import _models as models
from suites.torchvision_builders import builders

if TYPE_CHECKING:
    import torch
    from torch import nn
else:
    torch = lazy("torch")
    nn = lazy("torch.nn")

vision = lazy("torchvision.models")

HEADINGS = {
    "EfficientNet V2": "EfficientNetV2",
    "Swin": "SwinTransformer",
    "Swin V2": "SwinTransformer",
    "ViT": "VisionTransformer",
}
"""Spelling of families in torchvision's documentation, where its weights spell them otherwise."""
_FAMILY = re.compile(r"(Wide_ResNet|[A-Za-z]+(?:_V\d(?=_))?)")
"""Pattern of the family in a name: `MobileNet_V3` in `MobileNet_V3_Large_Weights`."""


@check()
def classification_families() -> Evidence:
    """The families of torchvision's classification builders, in alphabetical order."""
    found = sorted({_family(name) for name in _weights()}, key=str.casefold)
    return Evidence(found, f"{len(builders())} builders of torchvision {version('torchvision')}")


@check()
def weights_are_optional() -> Evidence:
    """Whether every classification builder of torchvision has weights to offer and can be called without."""
    optional = [name for name in builders() if _parameter(name).default is None]
    known = set(_weights().values())
    return Evidence(
        len(optional) == len(builders()) == len(known),
        f"{len(known)} of {len(builders())} builders have weights, {len(optional)} do without by default",
    )


@check()
def builder_takes(*, builder: str, argument: str) -> Evidence:
    """Whether a builder of torchvision takes an argument; the note says so where it is outdated.

    Nothing is downloaded: it is given as False.
    """
    with warnings.catch_warnings(record=True) as caught, torch.device("meta"):
        warnings.simplefilter("always")
        try:
            getattr(vision, builder)(**{argument: False})
        except TypeError as error:
            return Evidence(False, str(error))
    if not caught:
        return Evidence(True, "taken without a warning")
    said = str(caught[0].message).partition(", please")[0]
    return Evidence(True, f"outdated, not wrong: torchvision {version('torchvision')} takes it and says: {said}")


@check(kind="counted")
def categories(*, weights: str) -> Evidence:
    """Number of classes that a set of torchvision's weights (`ResNet18_Weights.IMAGENET1K_V1`) tells apart."""
    names = vision.get_weight(weights).meta["categories"]
    return Evidence(len(names), f"{len(set(names))} different names in the metadata of {weights}")


@check(kind="counted")
def last_layer(*, architecture: str) -> Evidence:
    """The name of the last module that runs."""
    leaf = models.shapes(architecture)[-1]
    return Evidence(leaf.name, f"{architecture}.{leaf.name}: {leaf.module}")


@check(kind="counted")
def kind_of_last_layer(*, architecture: str) -> Evidence:
    """What the last module that runs is: `fully-connected`, or its class."""
    leaf = models.shapes(architecture)[-1]
    kind = "fully-connected" if isinstance(leaf.module, nn.Linear) else type(leaf.module).__name__
    return Evidence(kind, f"{architecture}.{leaf.name}: {leaf.module}")


def _weights() -> dict[str, str]:
    """Builders by the names of their weights, as `ResNet18_Weights`."""
    found = {}
    for name in builders():
        weights = vision.get_model_weights(name)
        if len(weights):
            found[weights.__name__] = name
    return found


def _family(weights: str) -> str:
    match = _FAMILY.match(weights)
    spelled = (match[0] if match else weights).replace("_", " ")
    return HEADINGS.get(spelled, spelled)


def _parameter(builder: str) -> inspect.Parameter:
    """The first parameter of a builder, which says which weights to load."""
    signature = inspect.signature(getattr(vision, builder))
    return next(iter(signature.parameters.values()))
