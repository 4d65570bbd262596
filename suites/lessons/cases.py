"""Transfer as lessons compare it: a network with weights learns a target in some mode, from so many images."""

from __future__ import annotations

from dataclasses import replace

from bench.declare.catalog import DATASETS
from bench.transfer import transfer_of
from evobench import Arm, Cell, Missing, Planned, Setting
from suites.quadrants import DIGITS, IMAGENET, SHOTS, QuadrantCase
from suites.transfer_rows import MNIST

FEW, MANY = SHOTS["small"], SHOTS["large"]
"""Training images of a class."""
STEPS = 10
"""Steps of a training that only shows that training runs."""
FROM_MNIST = replace(DIGITS, weights=MNIST, target="uci-digits")
"""A larger source and a target like it, of which there are no hundreds of a class."""
LONGER = 4
"""Times as many steps of whole networks, where there are hours: in few of them, random weights get nowhere."""
SIDE = 64
"""Side of photographs in pixels; digits have fewer."""
LIKE_IMAGENET = ("cifar10", "imagenette", "stl10")
"""Photographs that torchvision knows, with hundreds of a class. The last two were taken from ImageNet itself."""


def learned(case: QuadrantCase, mode: str, shots: int, setting: Setting, figure: str = "") -> Arm:
    """A case that learns from so many images of a class; `figure` names a detail, empty for the accuracy."""
    label = f"{case.architecture}, {case.weights} to {case.target}, {shots} a class, {mode}"
    where = case.learning(mode, shots, setting)
    if setting.profile == "smoke":
        where = replace(where, steps=STEPS)
    if setting.profile == "full" and not transfer_of(mode).frozen:
        where = replace(where, steps=LONGER * where.steps)
    return Arm(label, Planned(Cell(case.architecture, "top1", where)), figure)


def like_imagenet(setting: Setting) -> QuadrantCase | None:
    """ImageNet's weights and a target like ImageNet: the user's, else one of torchvision's that is there."""
    there = (name for name in LIKE_IMAGENET if DATASETS.get(name).here())
    target = next(iter((*setting.learning.target, *there)), "")
    return replace(IMAGENET, target=target, likeness="similar", resolution=SIDE) if target else None


def not_here(statement: str) -> Missing:
    """Part of a lesson that cannot be tested without images like ImageNet's."""
    advice = "give yours with --target, or have torchvision's fetched with --target cifar10 --download"
    return Missing(statement, f"no such data here: {advice}")
