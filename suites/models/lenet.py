"""LeNet-5 in the simplified form of today's courses; the layers are named as in the paper's figure 2."""

from __future__ import annotations

from collections import OrderedDict

from torch import nn


def lenet5(num_classes: int) -> nn.Sequential:
    """From N x 1 x 32 x 32 images to N x `num_classes` logits.

    Against the paper (LeCun et al. 1998, section II.B): subsampling has no parameters, C3 sees all maps of S2,
    the tanh is not scaled, and the outputs are linear units instead of radial basis functions.
    """
    return nn.Sequential(
        OrderedDict(
            c1=nn.Conv2d(1, 6, 5),
            tanh1=nn.Tanh(),
            s2=nn.AvgPool2d(2),
            c3=nn.Conv2d(6, 16, 5),
            tanh3=nn.Tanh(),
            s4=nn.AvgPool2d(2),
            flatten=nn.Flatten(),
            c5=nn.Linear(16 * 5 * 5, 120),
            tanh5=nn.Tanh(),
            f6=nn.Linear(120, 84),
            tanh6=nn.Tanh(),
            output=nn.Linear(84, num_classes),
        )
    )
