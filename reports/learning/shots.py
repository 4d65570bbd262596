"""What an augmentation does at one number of training images, and at another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from bench.compare.experiment import corrected
from reports.learning.effects import OWN, Effect, against, trained
from reports.learning.scenarios import NO_AUGMENTATION, Row, groups, joined, without
from reports.tidy.frame import Frames


@dataclass(frozen=True)
class AtShots:
    """An augmentation against none, at one number of training images."""

    shots: int
    """Training images per class; 0 is all of them."""
    base: float
    """Mean accuracy without it, in shares of one."""
    effect: Effect


def by_shots(frames: Frames) -> tuple[AtShots, ...]:
    """Every augmentation against none where it was tried at two numbers of images or more.

    One augmentation of one training stands together, by ascending number of images. Nothing but the augmentation
    differs within a pair; verdicts are corrected for all rows (Holm).
    """
    found = [
        item
        for series in groups(trained(frames), without("augmentation", "shots", *OWN))
        for name in dict.fromkeys(row["augmentation"] for row in series if row["augmentation"] != NO_AUGMENTATION)
        for item in _of_augmentation(series, name)
    ]
    effects = corrected(item.effect for item in found)
    return tuple(replace(item, effect=effect) for item, effect in zip(found, effects, strict=True))


def _of_augmentation(series: Sequence[Row], name: str) -> Sequence[AtShots]:
    wanted = [row for row in series if row["augmentation"] in (name, NO_AUGMENTATION)]
    found = [item for rows in groups(wanted, without("augmentation")) for item in _at(rows, name)]
    if len({item.shots for item in found}) < 2:
        return ()
    return sorted(found, key=lambda item: item.shots or float("inf"))


def _at(rows: Sequence[Row], name: str) -> Iterator[AtShots]:
    base = [row for row in rows if row["augmentation"] == NO_AUGMENTATION]
    treated = [row for row in rows if row["augmentation"] == name]
    first = rows[0]
    condition = joined(first["weights"], first["mode"], first["rare"], f"{first['resolution']} px")
    for effect in against(base, treated, "", name):
        # the number of images is what the series runs over: it is no condition
        yield AtShots(first["shots"], fmean(row["value"] for row in base), replace(effect, condition=condition))
