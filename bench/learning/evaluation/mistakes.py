"""Single answers that a record keeps: the most confident mistakes, the most unsure answers, labels in doubt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch

from bench.cell import Picture
from bench.learning.data.images import Stored
from bench.learning.looking.drawing import enlarged, photograph, png
from bench.statistics.answers.kept import Answer, Answers

EACH = 6
"""Number of the most confident mistakes, and of the most unsure answers, that have a picture per training."""
DOUBTED = 12
"""Number of mistakes per fold that have a picture because their labels are in doubt."""
MOST = 50
"""Number of mistakes per training that are kept because their label ranks far behind the named class."""
OTHERS = 2
"""Further classes that are kept per answer."""
SIDE = 64
"""Longest side of a picture in pixels."""
_DIGITS = 6
"""Decimal places of kept numbers."""


@dataclass(frozen=True)
class _Scored:
    """Test images by their rank among the tested, with the model's scores for each."""

    places: torch.Tensor
    values: torch.Tensor
    """Probabilities, N x classes, or scores that are not probabilities."""
    labels: torch.Tensor
    probabilistic: bool

    @property
    def best(self) -> torch.Tensor:
        """The two highest values of each image, N x 2."""
        return self.values.topk(2, 1).values

    @property
    def own(self) -> torch.Tensor:
        """Value of each image's own label."""
        return self.values.gather(1, self.labels[:, None])[:, 0]


def answers_of(
    stored: Stored, places: torch.Tensor, scores: torch.Tensor, *, probabilistic: bool, folded: bool
) -> Answers:
    """Answers of a training that are kept; an answer whose scores are not finite is left out.

    Args:
        stored: the data set.
        places: int64, N: positions of the test images in it.
        scores: N x classes.
        probabilistic: whether they are logits of a probability.
        folded: whether the test images are a fold of a cross-validation, so that labels can be doubted.
    """
    values = scores.double().softmax(1) if probabilistic else scores.double()
    told = torch.isfinite(values.topk(2, 1).values).all(1)
    labels = stored.labels[places][told]
    seen = _Scored(places[told], values[told], labels, probabilistic)
    named = scores[told].argmax(1)
    margin = seen.best[:, 0] - seen.best[:, 1]
    wrong = torch.nonzero(named != labels).flatten()
    far = _first(wrong, seen.best[:, 0] - seen.own, MOST)
    sure = _first(wrong, seen.best[:, 0] if probabilistic else margin, EACH)
    unsure = _first(torch.arange(len(labels)), -margin, EACH)
    doubted = far[:DOUBTED] if folded and probabilistic else []
    kept = {i: _answer(stored, seen, int(named[i]), i) for i in (*far, *sure, *unsure)}
    return Answers(
        errors=len(wrong),
        wrong=tuple(kept[i] for i in dict.fromkeys([*far, *sure])),
        unsure=tuple(kept[i] for i in unsure),
        pictured=tuple(kept[i].place for i in dict.fromkeys([*sure, *unsure, *doubted])),
        names=_names(stored, kept.values()),
        self_confidence=_self_confidence(seen) if folded and probabilistic else (),
    )


def pictures_of(answers: Answers, stored: Stored) -> tuple[Picture, ...]:
    """Small pictures of the images in `Answers.pictured`, as they are stored for the network.

    Of a data set of other than one or three channels the first three are drawn, or the first one.
    """
    told = {answer.place: answer for answer in (*answers.unsure, *answers.wrong)}
    return tuple(_picture(answers, told[place], stored.pixels[place]) for place in answers.pictured)


def _first(some: torch.Tensor, values: torch.Tensor, most: int) -> list[int]:
    """The ranks with the highest values, the highest first; among equal values the first rank comes first."""
    found: list[int] = some[values[some].argsort(descending=True, stable=True)][:most].tolist()
    return found


def _answer(stored: Stored, seen: _Scored, named: int, i: int) -> Answer:
    place, label, row = int(seen.places[i]), int(seen.labels[i]), seen.values[i]
    top = row.topk(min(len(row), OTHERS + 2))
    first, second = top.values[:2].tolist()
    others = [(c, p) for p, c in zip(*map(torch.Tensor.tolist, top), strict=True) if c not in (named, label)]
    return Answer(
        place=place,
        path=stored.paths[place] if stored.paths else "",
        label=label,
        named=named,
        confidence=round(first, _DIGITS) if seen.probabilistic else None,
        own=round(float(row[label]), _DIGITS) if seen.probabilistic else None,
        margin=round(first - second, _DIGITS),
        others=tuple((c, round(p, _DIGITS)) for c, p in others[:OTHERS]) if seen.probabilistic else (),
    )


def _names(stored: Stored, kept: Iterable[Answer]) -> dict[str, str]:
    met = {c for answer in kept for c in (answer.label, answer.named, *(other for other, _ in answer.others))}
    return {str(c): stored.names[c] for c in sorted(met) if c < len(stored.names)}


def _self_confidence(seen: _Scored) -> tuple[tuple[int, int, float], ...]:
    classes = seen.values.shape[1]
    numbers = torch.bincount(seen.labels, minlength=classes).tolist()
    sums = torch.bincount(seen.labels, seen.own, classes).tolist()
    return tuple((c, numbers[c], round(sums[c], _DIGITS)) for c in range(classes) if numbers[c])


def _picture(answers: Answers, answer: Answer, pixels: torch.Tensor) -> Picture:
    drawn = photograph(pixels[: 3 if len(pixels) > 2 else 1])
    small = enlarged(drawn, SIDE) if max(drawn.shape[:2]) > SIDE else drawn
    sure = (
        f"probability {answer.confidence:.3f}" if answer.confidence is not None else f"margin {answer.margin:.3g}"
    )
    label, named = answers.name_of(answer.label), answers.name_of(answer.named)
    caption = f"{answer.path or f'image {answer.place}'}: its label is {label}, it was named {named}, {sure}."
    return Picture("answer", f"{label} named {named}", caption, png(small))
