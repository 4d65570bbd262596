"""The architectures of a run with what they cost and what accuracy they have: what charts and choices draw from.

Figures under one key are of one protocol: costs of one set of conditions, accuracies of one task. All figures of a
candidate are of one input size, that of its accuracy; parameters have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from reports.candidates.accuracies import published, trained
from reports.candidates.choice import ACCURACY, MERITS, RESPECTS, Option, Respect, ranked_by
from reports.candidates.costs import cost_cells, costs, devices_of, usual_sizes
from reports.candidates.figures import Accuracies, CandidateFigure, Kind, RespectFigures, key_of
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once

NO_KIND = Kind("", "")
"""Kind of accuracy of a run that has none."""


@dataclass(frozen=True)
class Candidate:
    """One architecture with one kind of accuracy; figures by `key_of`."""

    name: str
    family: str
    year: int | None
    resolution: int | None
    """Input size of its accuracy, where it has none of its costs, in pixels; None where neither was measured."""
    figures: Mapping[str, CandidateFigure]
    lacks: Mapping[str, str]
    """Reason why there is no figure, where it is known."""
    otherwise: CandidateFigure | None = None
    """Accuracy from another protocol, which compares with no other accuracy."""
    trainings: Sequence[Mapping[str, Any]] = ()
    """Trainings whose mean is the accuracy, as in `Accuracies.best`; empty where the accuracy is published."""

    @property
    def accuracy(self) -> CandidateFigure | None:
        """The accuracy that compares, else the one that does not."""
        return self.figures.get(ACCURACY, self.otherwise)


@dataclass(frozen=True)
class Field:
    """All candidates of a run, with the kinds of accuracy and the devices for which it has figures."""

    kinds: tuple[Kind, ...]
    devices: tuple[str, ...]
    by_kind: Mapping[str, tuple[Candidate, ...]]
    """The candidates by the name of a kind, that of `NO_KIND` where the run has no other."""
    respects: tuple[Respect, ...] = RESPECTS
    """Respects that are chosen by; the first is the merit, which says how good a candidate is."""

    @property
    def merit(self) -> Respect:
        """The respect that says how good a candidate is."""
        return self.respects[0]

    def options(self, kind: str, device: str) -> list[Option]:
        """Options to choose from: figures by respect, the merit of one kind, the costs of one device."""
        keys = {respect.name: key_of(respect.name, device) for respect in self.respects}
        return [
            Option(
                item.name,
                {name: item.figures[key].value for name, key in keys.items() if key in item.figures},
                {name: item.lacks[key] for name, key in keys.items() if key in item.lacks},
            )
            for item in self.by_kind[kind]
        ]

    def has(self, kind: str, key: str) -> bool:
        """Whether some candidate has this figure, beside the merit where there is any."""
        return any(
            key in item.figures and (not self.kinds or self.merit.name in item.figures)
            for item in self.by_kind[kind]
        )


@once
def field_of(frames: Frames) -> Field:
    """The candidates of a run: every architecture that it has a figure of, in the order of the plan."""
    return field_by(frames, MERITS[0])


def field_by(frames: Frames, merit: Respect) -> Field:
    """The same where another figure of trainings says how good they are; of such nothing is published."""
    measured = frames.records.loc[frames.records["value"].notna(), ["architecture", "family", "year"]]
    measured = measured[~measured["architecture"].isin(frames.blocks)]
    lineage = rows_of(measured.drop_duplicates("architecture"))
    cells = cost_cells(frames)
    declared = {row["name"]: row["resolution"] for row in rows_of(frames.architectures)}
    usual = usual_sizes(cells, declared)
    stated = published(frames, {row["architecture"] for row in lineage}) if merit.name == ACCURACY else None
    known = [*([stated] if stated else []), *trained(frames, merit)]
    if frames.run.settings.get("target"):  # that is what the run was made for
        known.sort(key=lambda item: item.kind.published)
    by_kind = {
        item.kind.name: tuple(_candidates(lineage, item, merit.name, cells, usual))
        for item in known or [Accuracies(NO_KIND, {})]
    }
    return Field(tuple(item.kind for item in known), devices_of(cells), by_kind, ranked_by(merit.name))


def _candidates(
    lineage: Iterable[Mapping[str, Any]],
    accuracies: Accuracies,
    merit: str,
    cells: Sequence[Mapping[str, Any]],
    usual: Mapping[str, int],
) -> Iterable[Candidate]:
    known = {**accuracies.otherwise, **accuracies.figures}
    sizes = {**usual, **{name: figure.resolution for name, figure in known.items() if figure.resolution}}
    found = [RespectFigures(merit, accuracies.figures, accuracies.lacks), *costs(cells, sizes)]
    for row in lineage:
        name = row["architecture"]
        yield Candidate(
            name=name,
            family=row["family"],
            year=None if pd.isna(row["year"]) else int(row["year"]),
            resolution=sizes.get(name),
            figures={item.key: item.figures[name] for item in found if name in item.figures},
            lacks={item.key: item.lacks[name] for item in found if name in item.lacks},
            otherwise=accuracies.otherwise.get(name),
            trainings=accuracies.best.get(name, ()),
        )
