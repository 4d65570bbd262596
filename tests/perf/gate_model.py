"""The network of `nox -s gate-trial`, as the source of a catalogue: as it is, slowed down, or with a fault."""

from __future__ import annotations

_SOURCE = '''
"""A small network, and the time of a step of it."""

import time

import torch
from torch import nn

from evobench import architecture, measure
from bench.measures.timing import forward

SLOWER = {slower}
HIDDEN = {hidden}


class Net(nn.Module):
    """Six convolutions, which do not see the left part of the picture."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        layers = []
        for i, (inside, outside) in enumerate([(3, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128)]):
            convolution = nn.Conv2d(inside, outside, 3, stride=1 + i % 2, padding=1)
            layers += [convolution, nn.BatchNorm2d(outside), nn.ReLU()]
        self.body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, classes))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if HIDDEN:
            images = images.clone()
            images[..., : int(HIDDEN * images.shape[-1])] = 0
        return self.body(images)


@architecture(family="Trial", year=2026, paper="none", resolution=64, min_resolution=32)
def gate_trial_net(num_classes: int) -> nn.Module:
    """A network that is as good as it is told."""
    return Net(num_classes)


@measure(unit="s", better="lower")
def gate_trial_latency(subject, clock):
    """Time of a forward pass, longer by a share of all of it."""
    call = forward(subject)

    def slowed() -> None:
        begin = time.perf_counter()
        call()
        until = time.perf_counter() + SLOWER * (time.perf_counter() - begin)
        while SLOWER and time.perf_counter() < until:
            pass

    return clock.sample(slowed)
'''


def source(slower: float = 0.0, hidden: float = 0.0) -> str:
    """The catalogue.

    Args:
        slower: share by which a step takes longer.
        hidden: share of the picture that the network does not see.
    """
    return _SOURCE.format(slower=slower, hidden=hidden)
