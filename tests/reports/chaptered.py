"""Chapters that synthetic runs keep."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from bench.declare.groups import Side
from bench.declare.lessons.chapter import KIND, Chapter, Step
from bench.store.database import Declaration

LENET, ALEXNET, GOOGLENET = Side("lenet5", "LeNet-5"), Side("alexnet", "AlexNet"), Side("googlenet", "GoogLeNet")
VGG, RESNET = Side("vgg19", "VGG-19"), Side("resnet50", "ResNet-50")
NOT_MEASURED = Side("densenet121", "DenseNet-121")


def chapter(*steps: Step, name: str = "ours", **more: Any) -> Chapter:
    """A chapter with some words."""
    words = {"title": name.title(), "about": "", "problem": "Too slow.", "idea": "Make it small.", "remark": ""}
    return Chapter(
        **{**words, "command": "evobench doctor", "drawn": (), "place": "", **more}, name=name, steps=lambda: steps
    )


def chapters_of(architectures: Collection[str]) -> Iterator[Declaration]:
    """Two chapters, those of which a run measures a network, as it keeps them."""
    blocks = (Side("resnet50", "A block of ResNet-50"), Side("resnet18", "A block of ResNet-18"))
    items = chapter(Step(ALEXNET, LENET), name="alexnet"), chapter(Step(RESNET, VGG), name="resnet", drawn=blocks)
    for item in items:
        if any(step.side.architecture in architectures for step in item.steps()):
            yield kept(item)


def kept(item: Chapter) -> Declaration:
    """A chapter as a run keeps it; unlike `to_dict`, this knows no architectures."""
    plain = {name: value for name, value in vars(item).items() if name not in ("steps", "place")}
    drawn = [_side(side) for side in item.drawn]
    return Declaration(KIND, item.name, {**plain, "drawn": drawn, "steps": [_step(step) for step in item.steps()]})


def _step(step: Step) -> dict[str, Any]:
    before = _side(step.before) if step.before else None
    return {**vars(step), "side": _side(step.side), "before": before, "figures": list(step.figures)}


def _side(side: Side) -> dict[str, Any]:
    return {**vars(side), "resolution": side.resolution or 0}
