"""GoogLeNet as published (arXiv:1409.4842, table 1 and figures 2 and 3), and its modules by themselves."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn

from suites.models.early import response_normalisation


@dataclass(frozen=True)
class Widths:
    """Output channels of the convolutions of one inception module, in the order of table 1."""

    one: int
    reduce_three: int
    three: int
    reduce_five: int
    five: int
    pool: int

    @property
    def out(self) -> int:
        """Channels of the module's output."""
        return self.one + self.three + self.five + self.pool


MODULES = {
    "3a": Widths(64, 96, 128, 16, 32, 32),
    "3b": Widths(128, 128, 192, 32, 96, 64),
    "4a": Widths(192, 96, 208, 16, 48, 64),
    "4b": Widths(160, 112, 224, 24, 64, 64),
    "4c": Widths(128, 128, 256, 24, 64, 64),
    "4d": Widths(112, 144, 288, 32, 64, 64),
    "4e": Widths(256, 160, 320, 32, 128, 128),
    "5a": Widths(256, 160, 320, 32, 128, 128),
    "5b": Widths(384, 192, 384, 48, 128, 128),
}
"""Table 1."""
AUXILIARY = {"4a": "aux1", "4d": "aux2"}
"""Modules whose outputs feed the auxiliary heads."""
POOLED = ("4a", "5a")
"""Modules that a max pooling stands before."""


def convolution(channels: int, out: int, kernel_size: int, stride: int = 1) -> nn.Sequential:
    """A convolution that keeps the size of its maps (at stride 1), and a ReLU."""
    padding = kernel_size // 2
    return nn.Sequential(nn.Conv2d(channels, out, kernel_size, stride, padding), nn.ReLU(inplace=True))


class NaiveInception(nn.Module):
    """Figure 2a: 1x1, 3x3 and 5x5 convolutions and a pooling of the same input, side by side."""

    def __init__(self, channels: int, widths: Widths) -> None:
        super().__init__()
        self.one = convolution(channels, widths.one, 1)
        self.three = convolution(channels, widths.three, 3)
        self.five = convolution(channels, widths.five, 5)
        self.pool = nn.MaxPool2d(3, stride=1, padding=1)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x C x H x W to N x (1x1 + 3x3 + 5x5 + C) x H x W."""
        return torch.cat([branch(maps) for branch in (self.one, self.three, self.five, self.pool)], dim=1)


class Inception(nn.Module):
    """Figure 2b: 1x1 convolutions before the 3x3 and the 5x5, and after the pooling, reduce the channels."""

    def __init__(self, channels: int, widths: Widths) -> None:
        super().__init__()
        self.one = convolution(channels, widths.one, 1)
        self.three = nn.Sequential(
            convolution(channels, widths.reduce_three, 1), convolution(widths.reduce_three, widths.three, 3)
        )
        self.five = nn.Sequential(
            convolution(channels, widths.reduce_five, 1), convolution(widths.reduce_five, widths.five, 5)
        )
        self.pool = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), convolution(channels, widths.pool, 1))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x C x H x W to N x (1x1 + 3x3 + 5x5 + projection) x H x W."""
        return torch.cat([branch(maps) for branch in (self.one, self.three, self.five, self.pool)], dim=1)


REDUCED = (Widths(16, 24, 32, 4, 8, 8), Widths(32, 32, 48, 8, 24, 16), Widths(48, 24, 52, 4, 12, 16))
"""A quarter of modules 3a, 3b and 4a of `MODULES`."""


def reduced(num_classes: int, naive: bool = False) -> nn.Sequential:
    """From N x 3 x R x R images to N x `num_classes` logits through three modules, naive or with 1x1 reductions.

    A picture of 32 pixels is 8 x 8 positions in the first two modules and 4 x 4 in the last. The pooling branch of
    a naive module passes all of its input on, so that its output is wider. Batch normalisation follows each
    convolution, as in torchvision's GoogLeNet: without it a few hundred steps teach little.
    """
    channels = 48
    modules: OrderedDict[str, nn.Module] = OrderedDict(stem=convolution(3, channels, 3, stride=2), pool=_pool())
    for name, widths in zip(("3a", "3b", "4a"), REDUCED, strict=True):
        if name in POOLED:
            modules[f"pool{name}"] = _pool()
        modules[f"inception{name}"] = (NaiveInception if naive else Inception)(channels, widths)
        channels = widths.one + widths.three + widths.five + (channels if naive else widths.pool)
    head = nn.Linear(channels, num_classes)
    model = nn.Sequential(modules | OrderedDict(average=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), fc=head))
    for module in list(model.modules()):
        if isinstance(module, nn.Sequential) and isinstance(module[0], nn.Conv2d):
            nn.init.kaiming_normal_(module[0].weight, nonlinearity="relu")
            module.insert(1, nn.BatchNorm2d(module[0].out_channels))
    return model


class AuxiliaryPooling(nn.Module):
    """Averages of 5 x 5 fields at a stride of 3: 4 x 4 of the paper's 14 x 14 maps; others are made 4 x 4."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x C x H x W to N x C x 4 x 4."""
        if min(maps.shape[-2:]) >= 5:
            maps = nn.functional.avg_pool2d(maps, 5, stride=3)
        return nn.functional.adaptive_avg_pool2d(maps, 4)


class AuxiliaryHead(nn.Sequential):
    """The classifier beside the network (section 5): pooling, 1x1 convolution, 1024 units, dropout of 70 %."""

    def __init__(self, channels: int, num_classes: int) -> None:
        super().__init__(
            AuxiliaryPooling(),
            convolution(channels, 128, 1),
            nn.Flatten(),
            nn.Linear(128 * 4 * 4, 1024),
            nn.ReLU(inplace=True),
            nn.Dropout(0.7),
            nn.Linear(1024, num_classes),
        )


class GoogLeNet(nn.Module):
    """22 layers with parameters, no batch normalisation, two auxiliary heads; layers are named as by torchvision.

    The paper states no initial weights. Those of He et al. 2015 are taken, which keep the scale of the signal.
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            convolution(3, 64, 7, stride=2),
            _pool(),
            response_normalisation(),
            convolution(64, 64, 1),
            convolution(64, 192, 3),
            response_normalisation(),
            _pool(),
        )
        channels = 192
        for name, widths in MODULES.items():
            if name in POOLED:
                self.add_module(f"pool{name}", _pool())
            self.add_module(f"inception{name}", Inception(channels, widths))
            channels = widths.out
        self.aux1 = AuxiliaryHead(MODULES["4a"].out, num_classes)
        self.aux2 = AuxiliaryHead(MODULES["4d"].out, num_classes)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(channels, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    def forward(self, images: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Map N x 3 x 224 x 224 images to N x classes; in train mode the logits of aux2 and aux1 follow."""
        maps = self.stem(images)
        auxiliary: dict[str, torch.Tensor] = {}
        for name in MODULES:
            if name in POOLED:
                maps = self.get_submodule(f"pool{name}")(maps)
            maps = self.get_submodule(f"inception{name}")(maps)
            if self.training and name in AUXILIARY:
                auxiliary[AUXILIARY[name]] = self.get_submodule(AUXILIARY[name])(maps)
        logits: torch.Tensor = self.fc(self.dropout(self.average(maps).flatten(1)))
        return (logits, auxiliary["aux2"], auxiliary["aux1"]) if self.training else logits


def _pool() -> nn.MaxPool2d:
    return nn.MaxPool2d(3, stride=2, ceil_mode=True)
