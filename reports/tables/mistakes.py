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
        "Of each scenario the most confident mistakes on test images, and the images whose two best classes lie "
        "nearest (margin: of probabilities or, where a method gives none, of its scores; of these nothing is told "
        "as a confidence). Of each target the images that are probably mislabelled, by confident learning "
        "(Northcutt et al. 2021): in a cross-validation another class is at least as probable as images of that "
        "class are on the average, and more probable than the label, for most seeds of the scenario that "
        "validation images find best. Their probabilities are means over the votes. Votes: trainings that were "
        "tested on the image and named the same class; a whole cross-validation is one training, and of doubted "
        "labels one with probabilities. An image without a file is told by its place in the data set, from 0. "
        "Whether a label is wrong, only a look can tell: a network is unsure of rare pictures, too."
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
    """One row an image of a kind and, but for doubted labels, of a scenario."""
    files = file_names(frames.pictures)
    return pd.DataFrame(
        [
            _row(*found) | {"Target": target.name, "Picture": _file(found[0], files)}
            for target in told_of(frames)
            for found in _cases(target)
        ]
    )


def _cases(target: Target) -> Iterator[tuple[Case, str, str]]:
    """Each image of a target with its kind, and the scenario that it is of."""
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
