"""The sides of declared comparisons that were trained alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bench.cell import Cell
from bench.transfer import AS_IS
from reports.learning.effects import Effect, arms, compared, design
from reports.learning.scenarios import joined
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once


@once
def side_effects(frames: Frames) -> tuple[Effect, ...]:
    """The sides of each comparison that were to be trained alike, against its first; one table, one level."""
    found = list(_sides(frames))
    rule = design(frames).rule(len(found))
    effects = []
    for base, treated, labels in found:
        row = arms(frames)[treated][0]
        augmented = f"augmentation {row['augmentation']}"
        words = joined(row["weights"], row["mode"], augmented, row["rare"], row["setting"], f"against {labels[0]}")
        effects.append(compared(frames, base, treated, rule, words, labels[1]))
    return tuple(effects)


def _sides(frames: Frames) -> Iterator[tuple[Cell, Cell, tuple[str, str]]]:
    """Arms of the first side and of another one, equal but for the architecture, and what both are called."""
    trained = arms(frames)
    by_comparison: dict[str, list[Mapping[str, str]]] = {}
    for side in rows_of(frames.sides):
        by_comparison.setdefault(side["comparison"], []).append(side)
    for sides in by_comparison.values():
        yield from _of_comparison(trained, sides)


def _of_comparison(
    trained: Mapping[Cell, object], sides: Sequence[Mapping[str, str]]
) -> Iterator[tuple[Cell, Cell, tuple[str, str]]]:
    labels = {side["architecture"]: side["label"] for side in sides}
    first = sides[0]["architecture"]
    for arm in trained:
        base = replace(arm, architecture=first)
        is_other = arm.architecture in labels and arm.architecture != first
        if is_other and base in trained and getattr(arm.scenario, "mode", AS_IS) != AS_IS:
            yield base, arm, (labels[first], labels[arm.architecture])
