"""Errors on ImageNet by year: who was better than all before, in the challenge and by published weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.declare.lessons.milestones import MILESTONES
from reports.tidy.frame import SINGLE_CROP, Frames, rows_of

FEWEST = 3
"""Points of a chart: two are a comparison, and no course."""


@dataclass(frozen=True)
class Error:
    """A published top-5 error."""

    name: str
    """Readable name of whoever made the error."""
    architecture: str
    """Architecture whose card tells more; empty where there is none."""
    family: str
    year: int
    percent: float
    how: str
    """Protocol and source of the error."""


@dataclass(frozen=True)
class Decade:
    """A decade's contribution, in a sentence."""

    name: str
    words: str
    source: str


def entries(frames: Frames) -> tuple[Error, ...]:
    """The errors in ImageNet's challenge that the run knows of, by year, the larger before the smaller."""
    families = dict(zip(frames.architectures["name"], frames.architectures["family"], strict=True))
    found = [
        Error(
            name=row["words"],
            # an entry that no architecture of the run made has only the source in common with one
            architecture=row["of"][0] if families.get(row["of"][0]) == row["words"] else "",
            family=families.get(row["of"][0], ""),
            year=int(row["year"]),
            percent=float(row["top5_error"]),
            how=f"{row['protocol']}; {row['source']}",
        )
        for row in _known(frames)
        if row["kind"] == "entry"
    ]
    return tuple(sorted(found, key=lambda item: (item.year, -item.percent)))


def human(frames: Frames) -> Error | None:
    """The error of people in the challenge; None where the run knows of none."""
    rows = [row for row in _known(frames) if row["kind"] == "human"]
    if not rows:
        return None
    row = rows[0]
    how = f"{row['protocol']}; {row['source']}"
    return Error(row["words"], "", "", int(row["year"]), float(row["top5_error"]), how)


def by_weights(frames: Frames) -> tuple[Error, ...]:
    """The error of one network on a single crop, as published, of each architecture with a figure, by year."""
    errors = frames.published
    errors = errors[(errors["quantity"] == "top5_error") & (errors["protocol"] == SINGLE_CROP)]
    errors = errors[
        errors["architecture"].isin(frames.measured_networks) & errors["year"].notna()
    ].drop_duplicates("architecture")
    found = [
        Error(
            name=row["architecture"],
            architecture=row["architecture"],
            family=row["family"],
            year=int(row["year"]),
            percent=float(row["value"]),
            how=f"{SINGLE_CROP} of {row['resolution']} px, ImageNet's validation set; {row['source']}",
        )
        for row in rows_of(errors)
    ]
    return tuple(sorted(found, key=lambda item: (item.year, -item.percent)))


def best_so_far(errors: Iterable[Error]) -> list[Error]:
    """Errors that are smaller than all before, by year."""
    found: list[Error] = []
    for item in errors:
        if not found or item.percent < found[-1].percent:
            found.append(item)
    return found


def best_of_each(errors: Iterable[Error]) -> list[Error]:
    """Smallest error of each family and year, the smallest of all first: the chart `Evolution` shows the
    others."""
    found: dict[tuple[str, int], Error] = {}
    for item in sorted(errors, key=lambda item: item.percent):
        found.setdefault((item.family, item.year), item)
    return list(found.values())


def finding(frames: Frames) -> str:
    """Sentence on how far the error fell, and whether below that of people; empty for too few errors."""
    in_challenge = entries(frames)
    errors: Sequence[Error] = in_challenge if len(in_challenge) >= FEWEST else by_weights(frames)
    course = best_so_far(errors)
    if len(course) < FEWEST:
        return ""
    first, last, person = course[0], course[-1], human(frames)
    fell = f"fell from {first.percent:.3g} % in {first.year} to {last.percent:.3g} % in {last.year}"
    if errors is not in_challenge:
        return f"The published top-5 error ({SINGLE_CROP}) {fell}, from {first.name} to {last.name}"
    text = f"Top-5 error in ImageNet's challenge {fell}"
    if person and last.percent < person.percent:
        text += f", below the {person.percent:.3g} % of a {person.name}"
    return text


def decades(frames: Frames) -> tuple[Decade, ...]:
    """The decades of which the run holds the architectures, in their order."""
    rows = [row for row in _known(frames) if row["kind"] == "decade"]
    rows.sort(key=lambda row: int(row["year"]))
    return tuple(Decade(f"{row['year']}s", row["words"], row["source"]) for row in rows)


def keeps_none(frames: Frames) -> bool:
    """Whether the run is older than milestones: then those of the loaded catalogues are told."""
    return frames.milestones.empty and bool(_known(frames))


def _known(frames: Frames) -> list[dict[str, Any]]:
    """The milestones of the run, else those of catalogues that tell of networks with a figure alone."""
    names = set(frames.records.loc[frames.records["value"].notna(), "architecture"])
    return rows_of(frames.milestones) or [asdict(item) for item in MILESTONES if names.issuperset(item.of)]
