"""Labels that are probably wrong, by the cross-validations of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.statistics.answers.confident_learning import likelier_class, thresholds
from bench.statistics.answers.kept import Answer
from reports.learning.answers.voters import Case, Training, Voter, Votes, image_of


@dataclass(frozen=True)
class Doubts:
    """Labels of a target that are probably wrong."""

    voters: int
    """Cross-validations with probabilities of which all folds are there."""
    cases: tuple[Case, ...]
    """Those that most voters doubt in favour of the same class; most votes first, then the furthest behind."""
    without: str
    """Why nothing can be said of labels; empty where it can."""


def doubts_of(folded: bool, whole: Sequence[Voter]) -> Doubts:
    """The labels of a target that are in doubt.

    Args:
        folded: whether it has trainings on folds.
        whole: its cross-validations that are whole.
    """
    voters = [voter for voter in whole if voter.is_probabilistic]
    if not voters:
        return Doubts(0, (), _without(folded, whole))
    votes = Votes.count(voters)
    found: dict[int, list[_Doubt]] = {}
    for voter in voters:
        for place, doubt in _doubted(voter):
            found.setdefault(place, []).append(doubt)
    cases = [case for items in found.values() if (case := _agreed(items, votes)) is not None]
    cases.sort(key=lambda case: (-(case.votes or 0), (case.own or 0) - (case.confidence or 0)))
    return Doubts(len(voters), tuple(cases), "")


def _without(folded: bool, whole: Sequence[Voter]) -> str:
    if not folded:
        return "measured by --folds only"
    return "it takes probabilities, which margins are not" if whole else "no cross-validation has all its folds"


@dataclass(frozen=True)
class _Doubt:
    """That a cross-validation takes an image for one of another class than its label."""

    part: Training
    answer: Answer
    other: int

    @property
    def probability(self) -> float:
        """Of the other class."""
        return dict(_classes(self.answer))[self.other]


def _classes(answer: Answer) -> list[tuple[int, float]]:
    return [(answer.named, answer.confidence or 0.0), *answer.others]


def _doubted(voter: Voter) -> Iterator[tuple[int, _Doubt]]:
    """By place the labels that a cross-validation doubts."""
    least = thresholds(sums for part in voter.parts for sums in part.answers.self_confidence)
    for part, answer in voter.wrong:
        other = likelier_class(answer.own or 0.0, _classes(answer), least)
        if other is not None:
            yield answer.place, _Doubt(part, answer, other)


def _agreed(items: Sequence[_Doubt], votes: Votes) -> Case | None:
    """The image, where most voters say that it is of the same other class; else None."""
    ((other, number),) = Counter(item.other for item in items).most_common(1)
    if 2 * number <= votes.voters:
        return None
    same = [item for item in items if item.other == other]
    answers, answer = same[0].part.answers, same[0].answer
    pictures = [picture for item in same if (picture := item.part.picture(answer.place)) is not None]
    return Case(
        image=image_of(answer),
        label=answers.name_of(answer.label),
        named=answers.name_of(other),
        confidence=fmean(item.probability for item in same),
        own=fmean(item.answer.own or 0.0 for item in same),
        margin=None,
        votes=number,
        voters=votes.voters,
        at_least=bool(votes.unknown(answer.place)),
        picture=pictures[0] if pictures else None,
    )
