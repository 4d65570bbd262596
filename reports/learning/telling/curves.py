"""Learning curves: the mean of each way of learning, by network and target, those panels first that tell most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from reports.learning.scenarios import NO_AUGMENTATION, Row, joined, with_names
from reports.learning.telling.ways import Start, Trained, start_from, strategy_word, trained_of, way_told
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once

KINDS = ("val", "val_loss", "loss")
"""Of a curve: accuracy and loss on validation images, loss on the training batches."""
_PANEL = ["architecture", "target", "setting"]
_LINE = ["scenario", "augmentation"]


@dataclass(frozen=True)
class Line:
    """A way of learning in a panel."""

    start: Start
    part: Trained
    augmentation: str
    """Its name; empty without."""
    told: str
    """The whole way in words."""
    short: str
    """The same without where it starts."""
    end: float
    """Mean over the trainings of the last accuracy on validation images, a share of one; NaN without any."""
    means: pd.DataFrame
    """By step the means over its trainings (`KINDS`, as shares and in nats) and `n`, how many they are of."""

    def has(self, kind: str) -> bool:
        """Whether a training kept such a curve."""
        return bool(self.means[kind].notna().any())

    @property
    def look(self) -> tuple[Start, Trained, bool]:
        """What a chart shows of it without words."""
        return self.start, self.part, bool(self.augmentation)


@dataclass(frozen=True)
class Panel:
    """A network on a target."""

    network: str
    target: str
    title: str
    lines: tuple[Line, ...]

    @property
    def ends(self) -> tuple[Line, Line]:
        """The lines that end lowest and highest; those without an accuracy take no part."""
        known = [line for line in self.lines if line.end == line.end] or list(self.lines)
        return min(known, key=lambda line: line.end), max(known, key=lambda line: line.end)

    @property
    def spread(self) -> float:
        """How far apart its lines end, a share of one; 0 of a single one."""
        low, high = self.ends
        return high.end - low.end if high.end == high.end else 0.0

    def has_twin(self, line: Line) -> bool:
        """Whether another line looks the same, so that words must tell them apart."""
        return sum(other.look == line.look for other in self.lines) > 1


@once
def panels(frames: Frames) -> tuple[Panel, ...]:
    """Those first whose lines end furthest apart; a line alone shows no difference."""
    points = with_names(frames, frames.curves.dropna(subset=list(KINDS), how="all"))
    if points.empty:
        return ()
    found = [
        _panel(str(network), str(target), str(setting), part)
        for (network, target, setting), part in points.groupby(_PANEL, sort=False)
    ]
    return tuple(sorted(found, key=lambda panel: (len(panel.lines) < 2, -panel.spread)))


def _panel(network: str, target: str, setting: str, points: pd.DataFrame) -> Panel:
    return Panel(network, target, joined(f"{network}<br>→ {target}", setting), tuple(_lines(points)))


def _lines(points: pd.DataFrame) -> Iterator[Line]:
    for _, part in points.groupby(_LINE, sort=False):
        means = part.groupby("step").agg(**{kind: (kind, "mean") for kind in KINDS}, n=("key", "nunique"))
        last = part.sort_values("step", kind="stable").groupby("key")["val"].last()
        yield _line(rows_of(part.head(1))[0], means, float(last.mean()))


def _line(row: Row, means: pd.DataFrame, end: float) -> Line:
    mode, augmentation = str(row["mode"]), str(row["augmentation"])
    name = "" if augmentation == NO_AUGMENTATION else augmentation
    plus = f" + {name}" if name else ""
    return Line(
        start=start_from(str(row["weights"])),
        part=trained_of(mode),
        augmentation=name,
        told=way_told(row) + plus,
        short=joined(strategy_word(mode), str(row["rare"])) + plus,
        end=end,
        means=means,
    )
