"""Trainings as voters on single images: who was tested on the same ones, and how many of them say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bench.statistics.answers.kept import Answer, Answers
from reports.learning.scenarios import Row


@dataclass(frozen=True)
class Case:
    """An image with what was said of it."""

    image: str
    """Path of the image, or its place in a data set without files."""
    label: str
    named: str
    """The class that was named; of a doubted label the class that the image probably is of."""
    confidence: float | None
    """Probability of that class; None where the scores are none. Of a doubted label the mean over the votes."""
    own: float | None
    """Probability of the label, likewise."""
    margin: float | None
    """Between the two best classes; None of a doubted label."""
    votes: int | None
    """Number of voters that named the same class; None where too many of their answers are not kept."""
    voters: int
    """Trainings of the run that were tested on the image; a whole cross-validation is one."""
    at_least: bool
    """Whether the votes may be more, since some voter has more mistakes than are kept."""
    picture: tuple[str, int] | None
    """Key of the record and ordinal of its picture."""


@dataclass(frozen=True)
class VoterTraining:
    """A training with its conditions and the answers that it kept."""

    row: Row
    answers: Answers

    def case(self, answer: Answer, votes: Votes) -> Case:
        """An answer of its own, with the votes for it."""
        number, at_least = votes.of(answer)
        return Case(
            image=image_of(answer),
            label=self.answers.name_of(answer.label),
            named=self.answers.name_of(answer.named),
            confidence=answer.confidence,
            own=answer.own,
            margin=answer.margin,
            votes=number,
            voters=votes.voters,
            at_least=at_least,
            picture=self.picture(answer.place),
        )

    def picture(self, place: int) -> tuple[str, int] | None:
        """Key of an image's picture, where the record has one."""
        pictured = self.answers.pictured
        return (self.row["key"], pictured.index(place)) if place in pictured else None


@dataclass(frozen=True)
class Voter:
    """One training, or all folds of a cross-validation: each answers every test image once."""

    parts: Sequence[VoterTraining]

    @property
    def wrong(self) -> Iterator[tuple[VoterTraining, Answer]]:
        """Mistakes of the voter, as far as they are kept."""
        return ((part, answer) for part in self.parts for answer in part.answers.wrong)

    @property
    def is_cut(self) -> bool:
        """Whether the voter has more mistakes than are kept."""
        return any(part.answers.is_cut for part in self.parts)

    @property
    def is_probabilistic(self) -> bool:
        """Whether the voter can cast doubt on labels."""
        return all(part.answers.self_confidence for part in self.parts)


@dataclass
class Votes:
    """Number of votes for each class by voters that were tested on the same images."""

    voters: int = 0
    cut: int = 0
    """Voters with more mistakes than are kept."""
    named: Counter[tuple[int, int]] = field(default_factory=Counter)
    """Number of voters that took the image at a place for a class, by place and class."""
    wrong: Counter[int] = field(default_factory=Counter)
    """Number of voters that took the image for another class than its label, by place."""
    cut_wrong: Counter[int] = field(default_factory=Counter)
    """The same of those that are cut."""

    @classmethod
    def count(cls, voters: Sequence[Voter]) -> Votes:
        """Votes of some voters."""
        votes = cls(len(voters), sum(voter.is_cut for voter in voters))
        for voter in voters:
            answers = [answer for _, answer in voter.wrong]
            votes.named.update((answer.place, answer.named) for answer in answers)
            votes.wrong.update(answer.place for answer in answers)
            votes.cut_wrong.update(answer.place for answer in answers if voter.is_cut)
        return votes

    def of(self, answer: Answer) -> tuple[int | None, bool]:
        """Votes for an answer, and whether they may be more; None where they cannot be told."""
        unknown = self.unknown(answer.place)
        if answer.is_wrong:
            return self.named[answer.place, answer.named], bool(unknown)
        return (None if unknown else self.voters - self.wrong[answer.place]), False

    def unknown(self, place: int) -> int:
        """Voters of which it is not known whether they took an image for one of its label."""
        return self.cut - self.cut_wrong[place]


def cross_validations(scenario: Iterable[VoterTraining]) -> Iterator[Voter]:
    """Cross-validations of a scenario, one per seed, of which all folds exist."""
    seeds: dict[int, list[VoterTraining]] = {}
    for training in scenario:
        seeds.setdefault(training.row["seed"], []).append(training)
    for parts in seeds.values():
        if {part.row["fold"] for part in parts} == set(range(parts[0].row["folds"])):
            yield Voter(parts)


def image_of(answer: Answer) -> str:
    """Name of an image: its file, else its place in the data set."""
    return answer.path or f"image {answer.place}"
