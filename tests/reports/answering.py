"""Trainings that answered images of two or three classes, for tests of what is shown of them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from bench.cell import Picture
from bench.statistics.answers.kept import Answer, Answers

NAMES = {"0": "cat", "1": "dog"}


def png(side: int = 4) -> bytes:
    """A gray picture of so many pixels a side."""
    file = io.BytesIO()
    Image.new("L", (side, side), 128).save(file, "PNG")
    return file.getvalue()


def answer(place: int, confidence: float | None = 0.9, *, right: bool = False, path: str | None = None) -> Answer:
    """A cat that was named a dog, or a cat if it is `right`, with this probability or by a margin of 1."""
    rest = None if confidence is None else round(1 - confidence, 6)
    margin = 1.0 if confidence is None or rest is None else round(confidence - rest, 6)
    path = f"cat/{place}.png" if path is None else path
    return Answer(place, path, 0, 0 if right else 1, confidence, confidence if right else rest, margin)


def kept(*wrong: Answer, unsure: Sequence[Answer] = (), **about: Any) -> Answers:
    """All of these answers, each with a picture; of `about` what is not usual."""
    pictured = tuple(dict.fromkeys(item.place for item in (*wrong, *unsure)))
    return Answers(
        **{"errors": len(wrong), "names": NAMES, **about}, wrong=wrong, unsure=tuple(unsure), pictured=pictured
    )


def pictures_of(answers: Answers) -> tuple[Picture, ...]:
    """One of each image that they say they have a picture of."""
    return tuple(Picture("answer", "cat named dog", f"Image {place}.", png()) for place in answers.pictured)


def training(*wrong: Answer, unsure: Sequence[Answer] = (), **about: Any) -> Mapping[str, Any]:
    """Of a training the conditions `about`, and details and pictures that follow from its answers.

    On folds and with probabilities its images of either class are sure of their labels by 0.8 on the average.
    """
    probabilistic = all(item.confidence is not None for item in (*wrong, *unsure))
    own: dict[str, Any] = {name: about.pop(name) for name in ("errors", "names") if name in about}
    if about.get("folds") and probabilistic:
        own["self_confidence"] = ((0, 10, 8.0), (1, 10, 8.0))
    answers = kept(*wrong, unsure=unsure, **own)
    told = {"mistakes": answers.to_dict(), "pictures": pictures_of(answers)}
    return {"right": 100 - answers.errors, **told, **about}
