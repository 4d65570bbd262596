"""Trainings that answered images of two or three classes, for tests of what is shown of them."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from bench.cell import Picture
from bench.statistics.answers.kept import Answer, Answers

NAMES = {"0": "cat", "1": "dog"}


def png(side: int = 4) -> bytes:
    """What passes for a picture of so many pixels a side."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", side, side) + b"\x08\0\0\0\0"


def answer(place: int, confidence: float | None = 0.9, *, right: bool = False, path: str | None = None) -> Answer:
    """A cat that was named a dog, or a cat if it is `right`, with this probability or by a margin of 1."""
    rest = None if confidence is None else round(1 - confidence, 6)
    margin = 1.0 if confidence is None or rest is None else round(confidence - rest, 6)
    path = f"cat/{place}.png" if path is None else path
    return Answer(place, path, 0, 0 if right else 1, confidence, confidence if right else rest, margin)


def training(*wrong: Answer, unsure: tuple[Answer, ...] = (), **about: Any) -> Mapping[str, Any]:
    """Of a training the conditions `about`, and details and pictures that follow from its answers.

    On folds and with probabilities its images of either class are sure of their labels by 0.8 on the average.
    """
    probabilistic = all(item.confidence is not None for item in (*wrong, *unsure))
    kept = Answers(
        errors=about.pop("errors", len(wrong)),
        wrong=wrong,
        unsure=unsure,
        pictured=tuple(dict.fromkeys(item.place for item in (*wrong, *unsure))),
        names=about.pop("names", NAMES),
        self_confidence=((0, 10, 8.0), (1, 10, 8.0)) if about.get("folds") and probabilistic else (),
    )
    pictures = tuple(Picture("answer", "cat named dog", f"Image {place}.", png()) for place in kept.pictured)
    return {"right": 100 - kept.errors, "mistakes": kept.to_dict(), "pictures": pictures, **about}
