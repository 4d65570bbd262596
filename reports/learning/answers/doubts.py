"""Labels that are probably wrong, by the cross-validations of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.statistics.answers.confident_learning import likelier_class, thresholds
from bench.statistics.answers.kept import Answer
from reports.learning.answers.voters import Case, Voter, VoterTraining, Votes, image_of


@dataclass(frozen=True)
class Doubts:
    """Labels of a target that are probably wrong."""

    voters: int
    """Cross-validations with probabilities of which all folds are there."""
    cases: tuple[Case, ...]
    """Cases that the best validated scenario doubts; most votes of all first, then the furthest behind."""
    without: str
    """Reason why nothing can be said about labels; empty where it can."""


def doubts_of(whole: Sequence[Sequence[Voter]]) -> Doubts:
    """The labels that most cross-validations of the best scenario doubt; those of all others vote on them, too.

    Whether a label is in doubt is not asked of weak networks: together they would outvote a good one.

    Args:
        whole: cross-validations that have all folds, for each scenario, the best validated first.
    """
    scenarios = [voters for some in whole if (voters := [voter for voter in some if voter.is_probabilistic])]
    if not scenarios:
        return Doubts(0, (), _without(whole))
    voters = [voter for some in scenarios for voter in some]
    votes, doubted = Votes.count(voters), [dict(_doubted(voter)) for voter in voters]
    best = doubted[: len(scenarios[0])]
    cases = [
        _case(place, best, doubted, votes) for place in dict.fromkeys(place for some in best for place in some)
    ]
    told = [case for case in cases if case is not None]
    told.sort(key=lambda case: (-(case.votes or 0), (case.own or 0) - (case.confidence or 0)))
    return Doubts(len(voters), tuple(told), "")


def _without(whole: Sequence[Sequence[Voter]]) -> str:
    if not whole:
        return "measured by --folds only"
    return (
        "it takes probabilities, which margins are not" if any(whole) else "no cross-validation has all its folds"
    )


@dataclass(frozen=True)
class _Doubt:
    """Doubt of a cross-validation, which takes an image for another class than its label."""

    part: VoterTraining
    answer: Answer
    other: int

    @property
    def probability(self) -> float:
        """Probability of the other class."""
        return dict(_classes(self.answer))[self.other]


def _classes(answer: Answer) -> list[tuple[int, float]]:
    return [(answer.named, answer.confidence or 0.0), *answer.others]


_ByPlace = dict[int, _Doubt]


def _doubted(voter: Voter) -> Iterator[tuple[int, _Doubt]]:
    """Labels that a cross-validation doubts, by place."""
    least = thresholds(sums for part in voter.parts for sums in part.answers.self_confidence)
    for part, answer in voter.wrong:
        other = likelier_class(answer.own or 0.0, _classes(answer), least)
        if other is not None:
            yield answer.place, _Doubt(part, answer, other)


def _case(place: int, best: Sequence[_ByPlace], doubted: Sequence[_ByPlace], votes: Votes) -> Case | None:
    """An image, where most of the best say that it is of the same other class; else None."""
    ((other, number),) = Counter(some[place].other for some in best if place in some).most_common(1)
    if 2 * number <= len(best):
        return None
    same = [some[place] for some in doubted if place in some and some[place].other == other]
    answers, answer = same[0].part.answers, same[0].answer
    pictures = [picture for item in same if (picture := item.part.picture(place)) is not None]
    return Case(
        image=image_of(answer),
        label=answers.name_of(answer.label),
        named=answers.name_of(other),
        confidence=fmean(item.probability for item in same),
        own=fmean(item.answer.own or 0.0 for item in same),
        margin=None,
        votes=len(same),
        voters=votes.voters,
        at_least=bool(votes.unknown(place)),
        picture=pictures[0] if pictures else None,
    )
