"""AlexNet as of 2012 and ZFNet: before batch normalisation."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from torch import nn

FEATURES = 256 * 6 * 6


def response_normalisation() -> nn.LocalResponseNorm:
    """Krizhevsky et al. 2012, section 3.3: n = 5, alpha = 1e-4, beta = 0.75, k = 2.

    torch divides alpha by n, which the paper does not.
    """
    return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)


def alexnet_2012(num_classes: int) -> nn.Sequential:
    """From N x 3 x 227 x 227 images to N x `num_classes` logits (Krizhevsky et al. 2012, figure 2).

    Two groups stand for the two GPUs. The paper says 224 px; 227 is what gives its 55 x 55 maps without padding,
    and the least that its first linear layer takes.
    """
    features = nn.Sequential(
        *_stage(nn.Conv2d(3, 96, 11, stride=4), response_normalisation(), _pool()),
        *_stage(nn.Conv2d(96, 256, 5, padding=2, groups=2), response_normalisation(), _pool()),
        *_stage(nn.Conv2d(256, 384, 3, padding=1)),
        *_stage(nn.Conv2d(384, 384, 3, padding=1, groups=2)),
        *_stage(nn.Conv2d(384, 256, 3, padding=1, groups=2), _pool()),
    )
    model = _whole(features, num_classes)
    convolutions = [module for module in features if isinstance(module, nn.Conv2d)]
    linear = [module for module in model.modules() if isinstance(module, nn.Linear)]
    # section 5: biases of one give the ReLUs positive inputs at first
    _initialise((*convolutions, *linear), ones=(*convolutions[1:2], *convolutions[3:], *linear[:-1]))
    return model


def zfnet(num_classes: int) -> nn.Sequential:
    """From N x 3 x 224 x 224 images to N x `num_classes` logits (Zeiler and Fergus 2014, figure 3).

    The figure's maps of 110, 55, 26, 13 and 6 pixels come out with one pixel of padding in the first layer, none
    in the second, and poolings that round up. Its contrast normalisation, for which it gives no formula, is
    AlexNet's response normalisation here.
    """
    features = nn.Sequential(
        *_stage(nn.Conv2d(3, 96, 7, stride=2, padding=1), _pool(up=True), response_normalisation()),
        *_stage(nn.Conv2d(96, 256, 5, stride=2), _pool(up=True), response_normalisation()),
        *_stage(nn.Conv2d(256, 384, 3, padding=1)),
        *_stage(nn.Conv2d(384, 384, 3, padding=1)),
        *_stage(nn.Conv2d(384, 256, 3, padding=1), _pool(up=True)),
    )
    model = _whole(features, num_classes)
    _initialise([module for module in model.modules() if isinstance(module, nn.Conv2d | nn.Linear)])
    return model


def _stage(convolution: nn.Conv2d, *after: nn.Module) -> tuple[nn.Module, ...]:
    return (convolution, nn.ReLU(inplace=True), *after)


def _pool(*, up: bool = False) -> nn.MaxPool2d:
    """Fields of 3 at a stride of 2, which overlap; `up`: what is left at the border is pooled, too."""
    return nn.MaxPool2d(3, stride=2, ceil_mode=up)


def _whole(features: nn.Sequential, num_classes: int) -> nn.Sequential:
    classifier = nn.Sequential(
        nn.Linear(FEATURES, 4096),
        nn.ReLU(inplace=True),
        nn.Dropout(),
        nn.Linear(4096, 4096),
        nn.ReLU(inplace=True),
        nn.Dropout(),
        nn.Linear(4096, num_classes),
    )
    return nn.Sequential(OrderedDict(features=features, flatten=nn.Flatten(), classifier=classifier))


def _initialise(layers: Sequence[nn.Conv2d | nn.Linear], ones: Sequence[nn.Module] = ()) -> None:
    """Constant biases, Gaussian weights of deviation 0.01.

    ZFNet's paper says only that all weights begin at 0.01, which is read as AlexNet's deviation.
    """
    for layer in layers:
        nn.init.normal_(layer.weight, std=0.01)
        if layer.bias is not None:
            nn.init.constant_(layer.bias, float(layer in ones))
