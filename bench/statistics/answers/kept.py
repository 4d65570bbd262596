"""Single answers of a trained classifier that its record keeps. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """A classifier's answer for one test image. Probabilities are in 0..1."""

    place: int
    """Position of the image in its data set, from 0."""
    path: str
    """Path of the image, relative to the data set's folder; empty where the images do not come from files."""
    label: int
    named: int
    """Class of the highest score."""
    confidence: float | None
    """Probability of the named class; None where the scores are not logits of a probability."""
    own: float | None
    """Probability of the image's own label; None where `confidence` is None."""
    margin: float
    """Difference between the two highest probabilities or, where there are none, the two highest scores."""
    others: tuple[tuple[int, float], ...] = ()
    """The most probable of the classes other than the named one and the label, the most probable first."""

    @property
    def is_wrong(self) -> bool:
        """Whether the named class is not the label."""
        return self.named != self.label


@dataclass(frozen=True)
class Answers:
    """The answers of one training that are worth a look."""

    errors: int
    """Number of wrong answers, including those that are not kept."""
    wrong: tuple[Answer, ...]
    """The most confident wrong answers, and those whose label ranks furthest behind the named class."""
    unsure: tuple[Answer, ...]
    """The answers with the smallest margins, right or wrong, the smallest first."""
    pictured: tuple[int, ...]
    """Positions of the images of which the record has pictures, in their order."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of the classes that occur here, by number, where they have names."""
    self_confidence: tuple[tuple[int, int, float], ...] = ()
    """In a cross-validation, each class with its test images and the sum of their probabilities of this label."""

    @property
    def is_cut(self) -> bool:
        """Whether more answers were wrong than are kept."""
        return self.errors > len(self.wrong)

    def name_of(self, label: int) -> str:
        """Name of a class, or its number where it has no name."""
        return self.names.get(str(label), str(label))

    def to_dict(self) -> dict[str, Any]:
        """The answers as plain data, each as a list of its fields; `from_dict` reads it back."""
        own = {name: [astuple(answer) for answer in getattr(self, name)] for name in ("wrong", "unsure")}
        return {**vars(self), **own}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Answers:
        """Inverse of `to_dict`, also of its JSON form."""
        own = {name: tuple(map(_answer, data[name])) for name in ("wrong", "unsure")}
        sums = tuple((int(label), int(number), float(total)) for label, number, total in data["self_confidence"])
        return cls(**{**data, **own, "pictured": tuple(data["pictured"]), "self_confidence": sums})


def _answer(row: Sequence[Any]) -> Answer:
    place, path, label, named, confidence, own, margin, others = row
    rest = tuple((int(other), float(probability)) for other, probability in others)
    return Answer(place, path, label, named, confidence, own, margin, rest)
