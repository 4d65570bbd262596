"""Learning curves: the mean of each way of learning, by network and target, those panels first that tell most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from reports.learning.scenarios import NO_AUGMENTATION, Row, joined, with_names
from reports.learning.telling.ways import Start, Trained, start_from, strategy_word, trained_of, way_told
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once

KINDS = ("val", "val_loss", "loss")
"""Kinds of curves: accuracy and loss on validation images, loss on the training batches."""
_PANEL = ["architecture", "target", "setting"]
_LINE = ["scenario", "augmentation"]


@dataclass(frozen=True)
class CurveLine:
    """A way of learning in a panel."""

    start: Start
    part: Trained
    augmentation: str
    """Name of the augmentation; empty without."""
    told: str
    """The whole way in words."""
    short: str
    """The same without where it starts."""
    end: float
    """Mean over the trainings of the last accuracy on validation images, a share of one; NaN without any."""
    means: pd.DataFrame
    """Means over its trainings by step (`KINDS`, as shares and in nats), and `n`, the number of trainings."""

    def has(self, kind: str) -> bool:
        """Whether a training kept such a curve."""
        return bool(self.means[kind].notna().any())

    @property
    def look(self) -> tuple[Start, Trained, bool]:
        """Look of the line in a chart without words."""
        return self.start, self.part, bool(self.augmentation)


@dataclass(frozen=True)
class CurvePanel:
    """A network on a target."""

    network: str
    target: str
    title: str
    lines: tuple[CurveLine, ...]

    @property
    def ends(self) -> tuple[CurveLine, CurveLine]:
        """The lines that end lowest and highest; those without an accuracy take no part."""
        known = [line for line in self.lines if line.end == line.end] or list(self.lines)
        return min(known, key=lambda line: line.end), max(known, key=lambda line: line.end)

    @property
    def spread(self) -> float:
        """Distance between the ends of its lines, a share of one; 0 for a single line."""
        low, high = self.ends
        return high.end - low.end if high.end == high.end else 0.0

    def has_twin(self, line: CurveLine) -> bool:
        """Whether another line looks the same, so that words must tell them apart."""
        return sum(other.look == line.look for other in self.lines) > 1


@once
def panels(frames: Frames) -> tuple[CurvePanel, ...]:
    """Panels, those first whose lines end furthest apart; a line alone shows no difference."""
    points = with_names(frames, frames.curves.dropna(subset=list(KINDS), how="all"))
    if points.empty:
        return ()
    # one pass for all lines: a large run has a thousand
    means = points.groupby([*_PANEL, *_LINE, "step"], sort=False).agg(
        **{kind: (kind, "mean") for kind in KINDS}, n=("key", "nunique")
    )
    last = points.sort_values("step", kind="stable").groupby([*_PANEL, *_LINE, "key"], sort=False)["val"].last()
    ends = last.groupby(level=[*_PANEL, *_LINE], sort=False).mean().to_dict()
    first = {tuple(row[name] for name in (*_PANEL, *_LINE)): row for row in rows_of(_firsts(points))}
    lines: dict[tuple[str, str, str], list[CurveLine]] = {}
    for names, part in means.groupby(level=[*_PANEL, *_LINE], sort=False):
        key = tuple(map(str, names))
        own = part.droplevel([*_PANEL, *_LINE]).sort_index()
        lines.setdefault((key[0], key[1], key[2]), []).append(_line(first[key], own, float(ends[key])))
    found = [_panel(*key, lines=some) for key, some in lines.items()]
    return tuple(sorted(found, key=lambda panel: (len(panel.lines) < 2, -panel.spread)))


def _firsts(points: pd.DataFrame) -> pd.DataFrame:
    """A point of each line."""
    return points.drop_duplicates([*_PANEL, *_LINE])


def _panel(network: str, target: str, setting: str, lines: Iterable[CurveLine]) -> CurvePanel:
    return CurvePanel(network, target, joined(f"{network}<br>→ {target}", setting), tuple(lines))


def _line(row: Row, means: pd.DataFrame, end: float) -> CurveLine:
    mode, augmentation = str(row["mode"]), str(row["augmentation"])
    name = "" if augmentation == NO_AUGMENTATION else augmentation
    plus = f" + {name}" if name else ""
    return CurveLine(
        start=start_from(str(row["weights"])),
        part=trained_of(mode),
        augmentation=name,
        told=way_told(row) + plus,
        short=joined(strategy_word(mode), str(row["rare"])) + plus,
        end=end,
        means=means,
    )
