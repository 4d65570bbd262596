"""Tables of what a run covers, what failed in it, and what it quotes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from bench.cell import STATUSES
from bench.store.outcome import UNTRIED
from bench.store.rows import STUDY
from reports.tables import Column, table
from reports.tidy.frame import Frames


@table(
    title="Coverage",
    section="summary",
    about="One row per suite: what became of its planned cells. A cell that two suites share counts in both.",
    columns=(
        Column("Suite"),
        Column("Planned"),
        *(Column(status, answers=status == "ok") for status in STATUSES),
        *(Column(status, optional=True) for status in UNTRIED),
    ),
)
def coverage(frames: Frames) -> pd.DataFrame:
    """One row per suite."""
    counts = frames.coverage
    nothing = [name for name in UNTRIED if not counts[name].any()]
    return counts.assign(**dict.fromkeys(nothing)).rename(columns={"suite": "Suite", "planned": "Planned"})


@table(
    title="Failures and unsupported cells",
    section="summary",
    about=(
        "One row per cell that was tried and has no figure, with the reason; failures come first. Unsupported "
        "means that the measure cannot apply here, which is not a failure."
    ),
    columns=(Column("Cell"), Column("Status", answers=True), Column("Reason", answers=True)),
)
def failures(frames: Frames) -> pd.DataFrame:
    """One row per cell."""
    rows = frames.failures[["cell", "status", "reason"]]
    rows = rows.sort_values("status", key=lambda words: words == "unsupported", kind="stable")
    return rows.rename(columns=str.capitalize).reset_index(drop=True)


@table(
    title="Data sets",
    section="transfer",
    about=(
        "One row per data set: how its images are split, which files were left out and why, and what was found "
        "while reading them."
    ),
    columns=(
        Column("Data set"),
        Column("Images"),
        Column("Train", answers=True),
        Column("Validation"),
        Column("Test", answers=True),
        Column("Left out"),
        Column("Why"),
        Column("Also in the test set", brief=False),
        Column("Formats and kinds"),
        Column("Taken for", brief=False),
        Column("Several labels", brief=False),
        Column("First with several", brief=False),
    ),
    background=True,
)
def data(frames: Frames) -> pd.DataFrame:
    """One row per data set; of photographs, one a size."""
    found = [details for details in frames.artifacts["details"] if details and "images" in details]
    rows = [
        {
            "Data set": details.get("name", ""),
            "Images": details["images"],
            "Train": details.get("train"),
            "Validation": details.get("val"),
            "Test": details.get("test"),
            "Left out": details.get("bad_images", 0) + sum(part["count"] for part in details.get("left_out", ())),
            "Why": "; ".join(_left_out(details)),
            "Also in the test set": details.get("straddling", 0),
            "Formats and kinds": _kinds(details),
            "Taken for": "; ".join(details.get("notes", ())),
            "Several labels": details.get("two_labels", 0),
            "First with several": "; ".join(details.get("two_labels_first", ())[:3]),
        }
        for details in found
    ]
    return pd.DataFrame(rows).drop_duplicates() if rows else pd.DataFrame(columns=["Data set"])


def _left_out(details: dict[str, Any]) -> Iterator[str]:
    """Files that are not used, and why; the first of the bad images."""
    for part in details.get("left_out", ()):
        yield f"{part['count']} {part['what']} ({part['why']})"
    if bad := details.get("bad_images", 0):
        yield f"{bad} bad: {', '.join(details['bad_first'][:3])}"


def _kinds(details: dict[str, Any]) -> str:
    """`20 JPEG, 3 PNG: 2 gray`."""
    formats, kinds = (
        ", ".join(f"{n} {name}" for name, n in sorted(details.get(part, {}).items(), key=lambda item: -item[1]))
        for part in ("formats", "kinds")
    )
    return f"{formats}: {kinds}" if kinds else formats


@table(
    title="Study file",
    section="provenance",
    about="One row per line of the study file, as it was when the run began.",
    columns=(Column("Line"), Column("Text", answers=True)),
)
def study(frames: Frames) -> pd.DataFrame:
    """One row per line of the file; none where the command line said all."""
    lines = frames.run.settings.get(STUDY, {}).get("text", "").splitlines()
    return pd.DataFrame({"Line": range(1, len(lines) + 1), "Text": lines})


@table(
    title="Published figures",
    section="provenance",
    about=(
        "One row per error on ImageNet that a paper or the metadata of weights states. None of them was "
        "measured here."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Year"),
        Column("Quantity", tells=True),
        Column("Error", "%", answers=True),
        Column("Input", "px", tells=True),
        Column("Protocol", tells=True),
        Column("Source"),
    ),
)
def published(frames: Frames) -> pd.DataFrame:
    """One row per figure."""
    rows = frames.published.drop(columns="family")
    rows = rows.assign(quantity=rows["quantity"].replace({"top1_error": "Top-1", "top5_error": "Top-5"}))
    return rows.rename(columns=str.capitalize).rename(columns={"Value": "Error", "Resolution": "Input"})
