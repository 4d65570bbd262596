"""Single answers of a trained classifier that its record keeps. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What was said of one test image. Probabilities are in 0..1."""

    place: int
    """Position of the image in its data set, from 0."""
    path: str
    """Its file, as seen from the data set's folder; empty where the images come from no files."""
    label: int
    named: int
    """Class of the highest score."""
    confidence: float | None
    """Probability of the named class; None where scores are no logits of a probability."""
    own: float | None
    """Probability of its own label; None where `confidence` is."""
    margin: float
    """Between the two highest probabilities or, where there are none, the two highest scores."""
    others: tuple[tuple[int, float], ...] = ()
    """The most probable of the classes beside the named one and the label, the most probable first."""

    @property
    def is_wrong(self) -> bool:
        """Whether the named class is not the label."""
        return self.named != self.label


@dataclass(frozen=True)
class Answers:
    """The answers of one training that are worth a look."""

    errors: int
    """Wrong answers, those among them that are not kept."""
    wrong: tuple[Answer, ...]
    """The most confident ones, and those whose label lies furthest behind the named class."""
    unsure: tuple[Answer, ...]
    """Those of the smallest margins, right or wrong, the smallest first."""
    pictured: tuple[int, ...]
    """Places of the images of which the record has pictures, in their order."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Of the classes that are met here, by their number, where they have names."""
    self_confidence: tuple[tuple[int, int, float], ...] = ()
    """Of a cross-validation: a class, its test images, and the sum of their probabilities of this label."""

    @property
    def is_cut(self) -> bool:
        """Whether there were more wrong answers than are kept."""
        return self.errors > len(self.wrong)

    def name_of(self, label: int) -> str:
        """What a class is called: its name, else its number."""
        return self.names.get(str(label), str(label))

    def to_dict(self) -> dict[str, Any]:
        """As plain data, each answer as a list of its fields; `from_dict` reads it back."""
        own = {name: [astuple(answer) for answer in getattr(self, name)] for name in ("wrong", "unsure")}
        return {**vars(self), **own}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Answers:
        """Inverse of `to_dict`, of what JSON makes of it, too."""
        own = {name: tuple(map(_answer, data[name])) for name in ("wrong", "unsure")}
        sums = tuple((int(label), int(number), float(total)) for label, number, total in data["self_confidence"])
        return cls(**{**data, **own, "pictured": tuple(data["pictured"]), "self_confidence": sums})


def _answer(row: Sequence[Any]) -> Answer:
    place, path, label, named, confidence, own, margin, others = row
    rest = tuple((int(other), float(probability)) for other, probability in others)
    return Answer(place, path, label, named, confidence, own, margin, rest)
