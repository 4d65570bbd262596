"""The architectures of a run with what they cost and what accuracy they have: what charts and choices draw from.

Figures under one key are of one protocol: costs of one set of conditions, accuracies of one task. An architecture
has one input size, that at which most of it was measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from reports.candidates.accuracies import published, trained
from reports.candidates.choice import RESPECTS, Option
from reports.candidates.costs import costs
from reports.candidates.figures import Figure, Kind, key_of
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once


@dataclass(frozen=True)
class Candidate:
    """One architecture; figures by `key_of`."""

    name: str
    family: str
    year: int | None
    resolution: int | None
    """Input size of its costs, in pixels; None where none was measured."""
    figures: Mapping[str, Figure]
    lacks: Mapping[str, str]
    """Why there is no figure, where something is known of it."""


@dataclass(frozen=True)
class Field:
    """All candidates of a run, with the kinds of accuracy and the devices that it has figures of."""

    candidates: tuple[Candidate, ...]
    kinds: tuple[Kind, ...]
    devices: tuple[str, ...]

    def options(self, kind: str, device: str) -> list[Option]:
        """What to choose from: figures by respect, the accuracy of one kind, the costs of one device."""
        keys = {respect.name: key_of(respect.name, kind, device) for respect in RESPECTS}
        return [
            Option(
                item.name,
                {name: item.figures[key].value for name, key in keys.items() if key in item.figures},
                {name: item.lacks[key] for name, key in keys.items() if key in item.lacks},
            )
            for item in self.candidates
        ]

    def has(self, key: str) -> bool:
        """Whether some candidate has this figure."""
        return any(key in item.figures for item in self.candidates)


@once
def field_of(frames: Frames) -> Field:
    """The candidates of a run: every architecture that it has a figure of, in the order of the plan."""
    measured = frames.records.loc[frames.records["value"].notna(), ["architecture", "family", "year"]]
    lineage = rows_of(measured.drop_duplicates("architecture"))
    sizes, spent = costs(frames)
    kinds, reached = trained(frames)
    stated = published(frames, {row["architecture"] for row in lineage})
    found = [*spent, *reached, *([stated[1]] if stated else [])]
    candidates = tuple(
        Candidate(
            name=name,
            family=row["family"],
            year=None if pd.isna(row["year"]) else int(row["year"]),
            resolution=sizes.get(name),
            figures={item.key: item.figures[name] for item in found if name in item.figures},
            lacks={item.key: item.lacks[name] for item in found if name in item.lacks},
        )
        for row in lineage
        for name in [row["architecture"]]
    )
    devices = dict.fromkeys(item.key.partition("@")[2] for item in spent if "@" in item.key)
    return Field(candidates, (*([stated[0]] if stated else []), *kinds), tuple(devices))
