"""Single images that trainings were wrong about, unsure of, or whose labels they doubt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from reports.formats import AT_LEAST
from reports.learning.answers.mistakes import Target
from reports.learning.answers.mistakes import mistakes as told_of
from reports.learning.answers.voters import Case
from reports.tables import Column, table
from reports.tidy.frame import Frames
from reports.tidy.pictures import file_names

WRONG, UNSURE, DOUBTED = "confident mistake", "unsure", "probably mislabelled"


@table(
    title="Mistakes and labels in doubt",
    section="mistakes",
    about=(
        "One row per test image that a scenario got wrong or was unsure of, and one per label in doubt. Only a "
        "look at the image can tell whether a label is wrong."
    ),
    columns=(
        Column("Image", tells=True),
        Column("Kind", tells=True),
        Column("Label", answers=True),
        Column("Predicted class", short="Predicted", answers=True),
        Column("Probability", "%", short="Prob."),
        Column("Votes", "1", bound="Bound"),
        Column("Of"),
        Column("Probability of the label", "%", brief=False),
        Column("Margin", brief=False),
        Column("Target", brief=False, tells=True),
        Column("Scenario", brief=False, tells=True),
        Column("Picture", brief=False),
    ),
    groups=("Target", "Scenario"),
)
def mistakes(frames: Frames) -> pd.DataFrame:
    """One row per image of a kind and, but for doubted labels, of a scenario."""
    files = file_names(frames.pictures)
    return pd.DataFrame(
        [
            _row(*found) | {"Target": target.name, "Picture": _file(found[0], files)}
            for target in told_of(frames)
            for found in _cases(target)
        ]
    )


def _cases(target: Target) -> Iterator[tuple[Case, str, str]]:
    """Each image of a target with its kind, and the scenario that it belongs to."""
    yield from ((case, DOUBTED, "") for case in target.doubts.cases)
    for told in target.scenarios:
        yield from ((case, WRONG, told.name) for case in told.wrong)
        yield from ((case, UNSURE, told.name) for case in told.unsure)


def _file(case: Case, files: Mapping[tuple[str, int], str]) -> str | None:
    return files.get(case.picture) if case.picture else None


def _row(case: Case, kind: str, scenario: str) -> dict[str, Any]:
    return {
        "Image": case.image,
        "Kind": kind,
        "Label": case.label,
        "Predicted class": case.named,
        "Probability": None if case.confidence is None else 100 * case.confidence,
        "Probability of the label": None if case.own is None else 100 * case.own,
        "Margin": case.margin,
        "Votes": case.votes,
        "Bound": AT_LEAST if case.at_least else None,
        "Of": case.voters or None,
        "Scenario": scenario,
    }
