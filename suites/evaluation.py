"""Weights as they are: top-1 and top-5 on a folder of pictures, without any training.

    evobench evaluate imagenet/val --arch resnet50,efficientnet_b0 --weights imagenet
    evobench run --suite evaluation --target folder:imagenet/val --arch resnet50 --weights imagenet

Every architecture that is named, with every source of weights that is, at the weights' own resolution or at those
that are given. 50,000 pictures take ResNet-50 about an hour and a half on 2 cores.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Architecture
from bench.errors import UsageError
from bench.learning.given.listing import check
from bench.learning.weights.shipped import IMAGENET, PRETRAINED, declared, shipped
from bench.transfer import AS_IS
from evobench import Cell, Learning, Planned, Setting, suite
from suites.torchvision_builders import builders

BATCH = 64


@suite(title="Weights as they are")
def evaluation(setting: Setting) -> Iterator[Planned]:
    """Accuracy of given weights on the pictures that --target names, beside the published one."""
    axes = setting.learning
    for target in axes.target:
        for item, sources in _named(setting):
            for weights in sources:
                for side, batch in product(axes.resolution or (_side(item, weights),), axes.batch or (BATCH,)):
                    scenario = Learning(
                        weights=weights,
                        target=target,
                        mode=AS_IS,
                        augmentation="none",
                        resolution=side,
                        shots=None,
                        steps=0,
                        batch=batch,
                        lr=0.0,
                        device=setting.device,
                        threads=setting.threads,
                        class_map=axes.class_map,
                    )
                    cell = Cell(item.name, "top1_as_is", scenario)
                    check(cell)
                    yield Planned(cell)


def _named(setting: Setting) -> list[tuple[Architecture, tuple[str, ...]]]:
    """Architectures with their weights: those that the user pairs, and all others with all that are named.

    Where none is named, it is those that a package ships weights for which are.

    Raises:
        UsageError: there are none.
    """
    axes = setting.learning
    own: dict[str, tuple[str, ...]] = {}
    for name, _, weights in (model.partition(" ") for model in axes.models):
        item = ARCHITECTURES.get(name)
        own[item.name] = (*own.get(item.name, ()), weights)
    lowered = {family.lower() for family in setting.families}
    names = dict.fromkeys(ARCHITECTURES.get(name).name for name in setting.chosen)
    if not names:
        names = dict.fromkeys(
            item.name
            for item in ARCHITECTURES
            if item.family.lower() in lowered
            or (not lowered and any(own.source in axes.weights for own in item.pretrained))
        )
    if not names:
        raise UsageError("say whose weights are to be evaluated: name architectures with --arch, or --family")
    items = [ARCHITECTURES.get(name) for name in names]
    wanted = [(item, own.get(item.name) or axes.weights or (PRETRAINED,)) for item in items]
    return [(item, tuple(dict.fromkeys(shipped(item, word) for word in words))) for item, words in wanted]


def _side(item: Architecture, weights: str) -> int:
    """Side of the pictures that the weights were published with."""
    own = declared(item, weights)
    if own:
        return own.resolution
    found = builders().get(item.name)
    return (found and weights == IMAGENET and found.newest_crop) or item.resolution
