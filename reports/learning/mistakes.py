"""What trainings said of single images: confident mistakes, unsure answers, labels that are probably wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

import pandas as pd

from bench.statistics.answers.kept import Answer
from reports.learning.doubts import Doubts, doubts_of
from reports.learning.scenarios import NO_AUGMENTATION, SCENARIO, groups, joined, trainings
from reports.learning.voters import Case, Training, Voter, Votes, by, cross_validations
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once

SHOWN = 6
"""Images of each kind of a scenario: as many as a training has pictures of."""


@dataclass(frozen=True)
class Told:
    """What the trainings of one scenario said."""

    name: str
    """The network, and how it learned."""
    trainings: int
    val: float
    """Mean accuracy on validation images; below 0 where it is not known."""
    wrong: tuple[Case, ...]
    unsure: tuple[Case, ...]


@dataclass(frozen=True)
class Target:
    """All that is told of the images of one data set, the best validated scenario first."""

    name: str
    scenarios: tuple[Told, ...]
    doubts: Doubts


@once
def mistakes(frames: Frames) -> Sequence[Target]:
    """By target what trainings said of its images; nothing of runs of earlier versions, which did not keep it."""
    kept = trainings(frames)
    rows = rows_of(kept[kept["key"].isin(frames.answers) & kept["value"].notna()])
    found = [[Training(row, frames.answers[row["key"]]) for row in some] for some in groups(rows, ["target"])]
    return [_target(some) for some in found]


def _target(found: Sequence[Training]) -> Target:
    folded = [training for training in found if training.row["folds"]]
    whole = list(cross_validations(folded))
    on_folds = Votes.count(whole)
    on_test = Votes.count([Voter([training]) for training in found if not training.row["folds"]])
    scenarios = [_told(some, on_folds if some[0].row["folds"] else on_test) for some in by(found, SCENARIO)]
    ordered = sorted(scenarios, key=lambda item: -item.val)
    return Target(found[0].row["target"], tuple(ordered), doubts_of(folded, whole))


def _told(found: Sequence[Training], votes: Votes) -> Told:
    first = found[0].row
    vals = [float(part.row["val_top1"]) for part in found if not pd.isna(part.row["val_top1"])]
    augmented = "" if first["augmentation"] == NO_AUGMENTATION else f"augmentation {first['augmentation']}"
    wrong = [(part, answer) for part in found for answer in part.answers.wrong]
    unsure = [(part, answer) for part in found for answer in part.answers.unsure]
    return Told(
        name=joined(first["architecture"], first["scenario"], augmented, first["setting"]),
        trainings=len(found),
        val=fmean(vals) if vals else -1.0,
        wrong=_first(sorted(wrong, key=lambda item: -_sureness(item[1])), votes),
        unsure=_first(sorted(unsure, key=lambda item: item[1].margin), votes),
    )


def _first(ordered: Iterable[tuple[Training, Answer]], votes: Votes) -> tuple[Case, ...]:
    """The first images, each with the first of its answers."""
    chosen: dict[int, tuple[Training, Answer]] = {}
    for part, answer in ordered:
        chosen.setdefault(answer.place, (part, answer))
    return tuple(part.case(answer, votes) for part, answer in list(chosen.values())[:SHOWN])


def _sureness(answer: Answer) -> float:
    return answer.margin if answer.confidence is None else answer.confidence
