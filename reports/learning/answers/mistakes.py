"""Answers of trainings on single images: confident mistakes, unsure answers, labels that are probably wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from bench.statistics.answers.kept import Answer
from reports.learning.accuracy import ranked_scenarios
from reports.learning.answers.doubts import Doubts, doubts_of
from reports.learning.answers.voters import Case, Voter, VoterTraining, Votes, cross_validations
from reports.learning.scenarios import NO_AUGMENTATION, joined, trainings
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once

SHOWN = 6
"""Images of each kind of a scenario: as many as a training has pictures of."""


@dataclass(frozen=True)
class ScenarioAnswers:
    """Answers of the trainings of one scenario."""

    name: str
    """The network, and how it learned."""
    trainings: int
    wrong: tuple[Case, ...]
    unsure: tuple[Case, ...]


@dataclass(frozen=True)
class Target:
    """Answers on the images of one data set, the best validated scenario first."""

    name: str
    scenarios: tuple[ScenarioAnswers, ...]
    doubts: Doubts


@once
def mistakes(frames: Frames) -> Sequence[Target]:
    """Answers of trainings on each target's images; empty for runs of earlier versions, which did not keep
    them."""
    kept = trainings(frames)
    kept = kept[kept["key"].isin(list(frames.answers)) & kept["value"].notna()]
    return [_target(frames, scenarios) for scenarios in ranked_scenarios(frames, kept)]


def _target(frames: Frames, scenarios: Sequence[pd.DataFrame]) -> Target:
    parts = [[VoterTraining(row, frames.answers[row["key"]]) for row in rows_of(rows)] for rows in scenarios]
    whole: list[list[Voter]] = []
    single: list[Voter] = []
    for part in parts:
        if part[0].row["folds"]:
            whole.append(list(cross_validations(part)))
        else:
            single += [Voter([training]) for training in part]
    votes = {True: Votes.count([voter for some in whole for voter in some]), False: Votes.count(single)}
    told = tuple(_told(part, votes[bool(part[0].row["folds"])]) for part in parts)
    return Target(parts[0][0].row["target"], told, doubts_of(whole))


def _told(found: Sequence[VoterTraining], votes: Votes) -> ScenarioAnswers:
    first = found[0].row
    augmented = "" if first["augmentation"] == NO_AUGMENTATION else f"augmentation {first['augmentation']}"
    wrong = [(part, answer) for part in found for answer in part.answers.wrong]
    unsure = [(part, answer) for part in found for answer in part.answers.unsure]
    return ScenarioAnswers(
        name=joined(first["architecture"], first["scenario"], augmented, first["setting"]),
        trainings=len(found),
        wrong=_first(sorted(wrong, key=lambda item: -_sureness(item[1])), votes),
        unsure=_first(sorted(unsure, key=lambda item: item[1].margin), votes),
    )


def _first(ordered: Iterable[tuple[VoterTraining, Answer]], votes: Votes) -> tuple[Case, ...]:
    """The first images, each with the first of its answers."""
    chosen: dict[int, tuple[VoterTraining, Answer]] = {}
    for part, answer in ordered:
        chosen.setdefault(answer.place, (part, answer))
    return tuple(part.case(answer, votes) for part, answer in list(chosen.values())[:SHOWN])


def _sureness(answer: Answer) -> float:
    return answer.margin if answer.confidence is None else answer.confidence
