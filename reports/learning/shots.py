"""Effect of an augmentation at one number of training images, and at another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from bench.cell import Learning
from bench.compare.experiments.contrasts import OWN
from reports.learning.effects import Effect, arms, effects_of
from reports.learning.scenarios import joined
from reports.tidy.frame import Frames

_FREE = ("shots", "fold", "seed", *OWN)
_SAME = tuple(field.name for field in fields(Learning) if field.name not in _FREE)


@dataclass(frozen=True)
class AtShots:
    """An augmentation against none, at one number of training images."""

    shots: int
    """Training images per class; 0 is all of them."""
    effect: Effect


def by_shots(frames: Frames) -> tuple[AtShots, ...]:
    """Every augmentation against none where it was tried at two numbers of images or more.

    One augmentation of one training stands together, by ascending number of images. These are rows of the table of
    augmentations, with the answers that they have there.
    """
    series: dict[tuple[Any, ...], list[Effect]] = {}
    for effect in effects_of(frames, "augmentation"):
        where = effect.treated.scenario
        same = (effect.treated.architecture, *(getattr(where, name) for name in _SAME))
        series.setdefault(same, []).append(effect)
    return tuple(item for effects in series.values() for item in _ascending(frames, effects))


def _ascending(frames: Frames, effects: Sequence[Effect]) -> Sequence[AtShots]:
    found = sorted(_at(frames, effects), key=lambda item: item.shots or float("inf"))
    return found if len({item.shots for item in found}) > 1 else ()


def _at(frames: Frames, effects: Sequence[Effect]) -> Iterator[AtShots]:
    for effect in effects:
        row = arms(frames)[effect.treated][0]
        # the number of images is what the series runs over: it is not a condition
        words = joined(row["weights"], row["mode"], row["rare"], f"{row['resolution']} px")
        yield AtShots(int(row["shots"]), replace(effect, condition=words))
