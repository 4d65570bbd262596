"""Transfer as hypotheses compare it: a case of `suites.quadrants` that learns in some mode; what is like ImageNet."""

from __future__ import annotations

from dataclasses import replace

from bench.declare.catalog import DATASETS
from evobench import Arm, Cell, Missing, Planned, Setting
from suites.quadrants import IMAGENET, SHOTS, Case

SMALL, LARGE = SHOTS["small"], SHOTS["large"]
LIKE_IMAGENET = ("cifar10", "imagenette", "stl10")
"""Photographs that torchvision knows, with hundreds of a class. The last two were taken from ImageNet itself."""
NONE_HERE = (
    "no such data here: give yours with --target, or have torchvision's fetched with --target cifar10 --download"
)


def learned(case: Case, mode: str, shots: int, setting: Setting, figure: str = "") -> Arm:
    """A case that learns from so many images of a class; `figure` names a detail, empty for the accuracy."""
    case = replace(case, steps=10) if setting.profile == "smoke" else case
    label = f"{case.architecture}, {case.weights} to {case.target}, {shots} a class, {mode}"
    return Arm(label, Planned(Cell(case.architecture, "top1", case.learning(mode, shots, setting))), figure)


def like_imagenet(setting: Setting) -> Case | None:
    """ImageNet's weights with a target like ImageNet: the user's, else one of torchvision's that is there, or None."""
    there = (name for name in LIKE_IMAGENET if DATASETS.get(name).here())
    target = next(iter((*setting.learning.target, *there)), "")
    return replace(IMAGENET, target=target, likeness="similar") if target else None


def not_here(statement: str) -> Missing:
    """What cannot be tested without images that are like ImageNet's."""
    return Missing(statement, NONE_HERE)
