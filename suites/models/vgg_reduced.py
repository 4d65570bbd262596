"""VGG-11 for small pictures."""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from bench.lazy import lazy

vgg = lazy("torchvision.models.vgg")

WIDTH = 512
"""Units of the two hidden layers of the classifier, instead of 4096."""


def vgg11_reduced(num_classes: int) -> nn.Sequential:
    """From N x 3 x R x R images to N x `num_classes` logits, for R of 32 pixels and more.

    The convolutions are those of configuration A, with batch normalisation. What is left of a 32-pixel picture
    is one position of 512 channels, so that the classifier, which holds 93 % of VGG-11's parameters, begins there.
    """
    features: nn.Sequential = vgg.make_layers(vgg.cfgs["A"], batch_norm=True)
    head = nn.Linear(WIDTH, num_classes)
    classifier = nn.Sequential(
        nn.Linear(512, WIDTH),
        nn.ReLU(inplace=True),
        nn.Dropout(),
        nn.Linear(WIDTH, WIDTH),
        nn.ReLU(inplace=True),
        nn.Dropout(),
        head,
    )
    # as He et al. 2015, but for the last layer, whose logits begin near zero as VGG's do
    for module in (*features.modules(), *classifier.modules()):
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)
    nn.init.normal_(head.weight, std=0.01)
    return nn.Sequential(
        OrderedDict(
            features=features, avgpool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), classifier=classifier
        )
    )
