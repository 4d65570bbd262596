"""Pairs of a plan's trainings that are compared: known before anything is measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from bench.cell import USUAL_RECIPE, Cell, Learning
from bench.transfer import AS_IS, HEADS, transfer_of

Kind = Literal["augmentation", "pretraining", "tuning", "recipe", "head", "statistics", "activations"]
Family = Literal["augmentation", "pretraining", "tuning", "strategy"]
ACCURACY = "top1"
"""The measure that arms are compared by."""
NO_AUGMENTATION = "none"
FIXED = tuple(f"features+{head}" for head in HEADS)
"""Fixed features, the first of which that is planned tuning is compared with."""
OWN = ("steps", "batch", "lr", "patience")
"""Settings that each way of learning may have of its own: recipes are then compared as a whole."""


@dataclass(frozen=True)
class Contrast:
    """Two arms of a plan that are compared; an arm is the trainings that differ in seed and fold alone."""

    kind: Kind
    base: Cell
    treated: Cell

    @property
    def family(self) -> Family:
        """Table of the contrast, whose rows share one level."""
        match self.kind:
            case "augmentation" | "pretraining" | "tuning":
                return self.kind
        return "strategy"


@dataclass(frozen=True)
class _Arm:
    cell: Cell
    where: Learning

    @property
    def mode(self) -> str:
        return self.where.mode


def contrasts(cells: Iterable[Cell]) -> tuple[Contrast, ...]:
    """Every comparison of accuracies that the cells of a plan make, by kind."""
    arms = [
        _Arm(cell, cell.scenario)
        for cell in dict.fromkeys(cell.arm for cell in cells if _is_compared(cell))
        if isinstance(cell.scenario, Learning)
    ]
    ways = (_augmentations, _pretrainings, _tunings, _recipes, _heads, _statistics, _activations)
    return tuple(contrast for find in ways for contrast in find(arms))


def table_sizes(found: Iterable[Contrast]) -> Mapping[Family, int]:
    """Number of comparisons in each table."""
    return Counter(contrast.family for contrast in found)


def _is_compared(cell: Cell) -> bool:
    where = cell.scenario
    return cell.measure == ACCURACY and isinstance(where, Learning) and where.mode != AS_IS


def _augmentations(arms: Sequence[_Arm]) -> Iterator[Contrast]:
    """Contrast of every augmentation with none."""
    for group in _groups(arms, "augmentation"):
        base = [arm for arm in group if arm.where.augmentation == NO_AUGMENTATION]
        treated = [arm for arm in group if arm.where.augmentation != NO_AUGMENTATION]
        yield from _against("augmentation", base, treated)


def _pretrainings(arms: Sequence[_Arm]) -> Iterator[Contrast]:
    """Fine-tuning from a checkpoint against training from scratch, each with its own recipe."""
    for group in _groups(arms, "weights", "mode", *OWN):
        base = [arm for arm in group if arm.mode == "scratch"]
        tuned = [arm for arm in group if _is_tuned(arm) and arm.where.weights != "random"]
        yield from _against("pretraining", base, tuned)


def _tunings(arms: Sequence[_Arm]) -> Iterator[Contrast]:
    """Fine-tuning against a head on fixed features of the same weights, each with its own recipe."""
    for group in _groups(arms, "mode", *OWN):
        fixed = next((mode for mode in FIXED if any(arm.mode == mode for arm in group)), "")
        base = [arm for arm in group if arm.mode == fixed]
        yield from _against("tuning", base, [arm for arm in group if _is_tuned(arm)])


def _recipes(arms: Sequence[_Arm]) -> Iterator[Contrast]:
    """Another recipe against the harness's, each with its own steps and learning rate."""
    for group in _groups(arms, "recipe", "pipeline", *OWN):
        base = [arm for arm in group if arm.where.recipe == USUAL_RECIPE]
        treated = [arm for arm in group if arm.where.recipe != USUAL_RECIPE]
        yield from _against("recipe", base, treated)


def _heads(arms: Sequence[_Arm]) -> Iterator[Contrast]:
    """Another head against a softmax head on the same features, which folds and seeds pair."""
    for group in _groups(arms, "mode", *OWN):
        for arm in group:
            if (head := transfer_of(arm.mode).head) not in ("", HEADS[0]):
                other = arm.mode.removesuffix(head) + HEADS[0]
                yield from _against("head", _of_mode(group, other), [arm])


def _statistics(arms: Sequence[_Arm]) -> Iterator[Contrast]:
    """BatchNorm re-estimated on the target's training images against the statistics of the source."""
    for group in _groups(arms, "mode"):
        for arm in group:
            if transfer_of(arm.mode).reestimated:
                plain = arm.mode.replace("features-bn", "features", 1)
                yield from _against("statistics", _of_mode(group, plain), [arm])


def _activations(arms: Sequence[_Arm]) -> Iterator[Contrast]:
    """Activations of an earlier stage against those that the model's own head is given."""
    for group in _groups(arms, "mode"):
        for arm in group:
            transfer = transfer_of(arm.mode)
            if transfer.frozen and transfer.stage:
                last = arm.mode.replace(f"@{transfer.stage}", "", 1)
                yield from _against("activations", _of_mode(group, last), [arm])


def _against(kind: Kind, base: Sequence[_Arm], treated: Iterable[_Arm]) -> Iterator[Contrast]:
    for arm in treated:
        for other in base:
            yield Contrast(kind, other.cell, arm.cell)


def _is_tuned(arm: _Arm) -> bool:
    return transfer_of(arm.mode).kind == "finetune"


def _of_mode(arms: Iterable[_Arm], mode: str) -> list[_Arm]:
    return [arm for arm in arms if arm.mode == mode]


def _groups(arms: Iterable[_Arm], *free: str) -> Iterable[Sequence[_Arm]]:
    """Arms of one architecture that are equal in all conditions but these, in order of first appearance."""
    names = [f.name for f in fields(Learning) if f.name not in free]
    found: dict[tuple[Any, ...], list[_Arm]] = {}
    for arm in arms:
        key = (arm.cell.architecture, *(getattr(arm.where, name) for name in names))
        found.setdefault(key, []).append(arm)
    return found.values()
