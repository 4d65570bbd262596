"""The models of timm, where it is installed: `timm/NAME` names any of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bench.declare.catalog import source
from bench.declare.declarations import Architecture
from bench.declare.registry import place_of
from bench.errors import UnknownName, UsageError
from bench.lazy import load

if TYPE_CHECKING:
    from torch import nn


@source(name="timm")
def timm(name: str) -> Architecture:
    """Any model of timm (PyTorch Image Models), at the input size of its default configuration.

    Raises:
        UnknownName: timm has no such model.
        UsageError: timm is not installed.
    """
    library = _library()
    if name not in library.list_models():
        raise UnknownName("model of timm", name, library.list_models())
    configuration = library.get_pretrained_cfg(name)
    size: tuple[int, int, int] = configuration.input_size if configuration else (3, 224, 224)
    return Architecture(
        name=f"timm/{name}",
        build=partial(_build, name),
        family="timm",
        # timm does not tell when a model was published
        year=0,
        paper=(configuration.origin_url if configuration else None) or f"timm {library.__version__}",
        idea=f"timm's {name}.",
        resolution=size[-1],
        min_resolution=1,
        channels=size[0],
        published=(),
        lecture=False,
        tags=("timm",),
        reduced_of="",
        head="",
        upper=(),
        pretrained=(),
        place=place_of(timm),
    )


def _build(name: str, num_classes: int) -> nn.Module:
    model: nn.Module = _library().create_model(name, pretrained=False, num_classes=num_classes)
    return model


def _library() -> Any:
    load("torchvision")  # which timm imports: it must be repaired first where torch is a CPU build
    try:
        import timm as library
    except ModuleNotFoundError as error:
        raise UsageError("models of timm need the package timm: pip install 'evobench[timm]'") from error
    return library
