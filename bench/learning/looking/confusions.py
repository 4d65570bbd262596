"""Classes that a trained model confuses with each other, with the pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from bench.cell import Picture
from bench.learning.looking.drawing import (
    Tile,
    TileRow,
    coloured,
    drawn_from,
    enlarged,
    lettered,
    photograph,
    png,
    sheet,
)

PAIRS, EACH = 4, 5
SIDE = 88
"""Side of a picture in pixels."""
FIELD, LEGIBLE = 40, 20
"""Pixels of a field of the table, and number of classes up to which counts are written into the fields."""


@dataclass(frozen=True)
class ConfusedPair:
    """Pictures of one class that were answered with another one."""

    true: int
    answered: int
    images: torch.Tensor
    """Positions of the pictures among the answers."""


@dataclass(frozen=True)
class PictureAnswers:
    """Answers of a model to test pictures."""

    labels: torch.Tensor
    answers: torch.Tensor
    classes: int
    names: tuple[str, ...] = ()
    """Names of the classes, where they have any."""
    paths: tuple[str, ...] = ()
    """Files of the pictures, where they come from files."""

    def name(self, label: int) -> str:
        """Name of a class."""
        return self.names[label] if self.names else str(label)

    @property
    def errors(self) -> int:
        """Number of wrong answers."""
        return int((self.labels != self.answers).sum())

    @property
    def table(self) -> torch.Tensor:
        """Confusion matrix, int64, classes x classes: true class by row, answer by column."""
        places = self.labels * self.classes + self.answers
        counts = torch.bincount(places, minlength=self.classes**2)
        return counts.reshape(self.classes, self.classes)

    def pairs(self, most: int) -> list[ConfusedPair]:
        """The most confused pairs of classes, the most frequent confusion first."""
        wrong = self.table.clone().fill_diagonal_(0)
        order = wrong.flatten().argsort(descending=True, stable=True)[:most].tolist()
        chosen = [divmod(place, self.classes) for place in order if wrong.flatten()[place] > 0]
        return [
            ConfusedPair(
                true, answered, torch.nonzero((self.labels == true) & (self.answers == answered)).flatten()
            )
            for true, answered in chosen
        ]

    @property
    def concentration(self) -> float:
        """Share of the errors that the most confused pair has; 0 without errors."""
        return max((len(pair.images) for pair in self.pairs(1)), default=0) / max(1, self.errors)


def draw_confusions(answers: PictureAnswers, pixels: torch.Tensor) -> tuple[Picture, ...]:
    """Draw the most confused pairs with some of their pictures, and the whole table.

    Args:
        answers: answers to test pictures.
        pixels: the same pictures, uint8 N x C x H x W.
    """
    pairs = answers.pairs(PAIRS)
    table = _table(answers)
    return (_pairs(answers, pairs, pixels), table) if pairs else (table,)


def _pairs(answers: PictureAnswers, pairs: list[ConfusedPair], pixels: torch.Tensor) -> Picture:
    rows = []
    shown = [i for pair in pairs for i in pair.images[:EACH].tolist()]
    paths = [answers.paths[i] for i in shown] if answers.paths else []
    for pair in pairs:
        true, answered = answers.name(pair.true), answers.name(pair.answered)
        tiles = [
            Tile(enlarged(photograph(pixels[i]), SIDE), f"{true} -> {answered}")
            for i in pair.images[:EACH].tolist()
        ]
        title = f"{true} answered as {answered}: {len(pair.images)} of {answers.errors} errors"
        rows.append(TileRow(tiles, title))
    caption = (
        f"{answers.errors} of {len(answers.labels)} test pictures were answered wrong. Shown are the"
        f" {len(pairs)} most frequent confusions, under each picture its class and the answer, at"
        f" most {EACH} pictures each.{drawn_from(paths)}"
    )
    return Picture("confusions", "The most confused classes", caption, png(sheet(rows)))


def _table(answers: PictureAnswers) -> Picture:
    counts = answers.table.numpy()
    field = FIELD if answers.classes <= LEGIBLE else max(2, 8 * FIELD // answers.classes)
    image = enlarged(coloured(np.log1p(counts.astype(np.float32))), field * answers.classes)
    if answers.classes <= LEGIBLE:
        image = _headed(_numbered(image, counts))
    caption = (
        f"Each row is a class, each column an answer, 0 to {answers.classes - 1}: right answers"
        f" lie on the diagonal, {len(answers.labels) - answers.errors} of {len(answers.labels)}. The"
        " lighter, the more."
    )
    return Picture("table", "All answers", caption, png(image))


def _headed(image: np.ndarray) -> np.ndarray:
    """The table with its classes above and to the left of it."""
    room = FIELD * 2 // 3
    wide = np.pad(image, ((room, 0), (room, 0), (0, 0)), constant_values=255)
    middles = [(i + 0.5) * FIELD + room for i in range(len(image) // FIELD)]
    above = [(middle, room / 2, str(i), "black") for i, middle in enumerate(middles)]
    left = [(room / 2, middle, str(i), "black") for i, middle in enumerate(middles)]
    return lettered(wide, [*above, *left])


def _numbered(image: np.ndarray, counts: np.ndarray) -> np.ndarray:
    dark = np.log1p(counts) < 0.6 * np.log1p(counts.max())
    words = [
        ((x + 0.5) * FIELD, (y + 0.5) * FIELD, str(count), "white" if dark[y, x] else "black")
        for (y, x), count in np.ndenumerate(counts)
        if count
    ]
    return lettered(image, words)
