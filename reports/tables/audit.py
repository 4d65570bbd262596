"""The lecture's figures beside what is found."""

from __future__ import annotations

import pandas as pd

from bench.audit.errata import NOT_CHECKABLE, NOT_RUN, ErrataRow, counts
from bench.audit.verdicts import MISMATCHES
from reports.tables import Column, table
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once


@table(
    title="Verdicts",
    section="audit",
    about=(
        "One row per verdict, with the number of claims that it was given. No verdict is known before the check."
    ),
    columns=(Column("Verdict"), Column("Claims", answers=True)),
)
def verdicts(frames: Frames) -> pd.DataFrame:
    """One row per verdict, those that ask for a look first."""
    found = counts(row.verdict for row in judged(frames))
    return pd.DataFrame({"Verdict": list(found), "Claims": list(found.values())})


@table(
    title="Claims of the lecture",
    section="audit",
    about=(
        "One row per figure or checkable statement, in the lecture's order. The explanation of a mismatch is "
        "computed."
    ),
    columns=(
        Column("Verdict"),
        Column("Slide", brief=False),
        Column("Words"),
        Column("Printed"),
        Column("Found", answers=True),
        Column("Explanation", brief=False),
        Column("Evidence", brief=False),
        Column("By lesson", brief=False, optional=True, leads="lesson-"),
        Column("Claim", brief=False),
    ),
    cards=True,
)
def claims(frames: Frames) -> pd.DataFrame:
    """One row per claim, in the order of the lecture."""
    rows: list[dict[str, str | None]] = []
    told = {item.study.name for item in frames.lessons.taught} if frames.lessons else set()
    for row in judged(frames):
        printed, found = row.texts
        texts = {"Words": row.quoted, "Slide": row.slide, "Printed": printed, "Found": found}
        why = {"Verdict": row.verdict, "Explanation": row.explanation, "Evidence": row.note, "Claim": row.claim}
        rows.append({**texts, **why, "By lesson": row.lesson if row.lesson in told else None})
    return pd.DataFrame(rows)


@table(
    title="Ledger",
    section="audit",
    about="One row per slide: how many of its statements are registered as claims, and how many are left out.",
    columns=(
        Column("Slide"),
        Column("Claims"),
        Column("Do not agree", answers=True),
        Column("Not checkable"),
        Column("Left out"),
    ),
)
def ledger(frames: Frames) -> pd.DataFrame:
    """One row per slide, in the order of the lecture."""
    rows = judged(frames)
    left_out = list(frames.left_out.loc[~frames.left_out["missing"].eq(True), "slide"])
    counted = []
    for slide in frames.slides:
        found = [row.verdict for row in rows if row.slide == slide]
        counted.append(
            {
                "Slide": slide,
                "Claims": len(found),
                "Do not agree": sum(verdict in MISMATCHES for verdict in found),
                "Not checkable": found.count(NOT_CHECKABLE),
                "Left out": left_out.count(slide),
            }
        )
    return pd.DataFrame(counted)


@once
def judged(frames: Frames) -> list[ErrataRow]:
    """The claims with their verdicts, in the order of the lecture."""
    return [ErrataRow(**row) for row in rows_of(frames.verdicts)]


def counts_told(frames: Frames) -> str:
    """Number of counted claims that are reproduced: `63 of 70 figures ... are reproduced`."""
    found = [row.verdict for row in judged(frames)]
    missing = found.count(NOT_RUN)
    rest = f" ({missing} not judged)" if missing else ""
    good = found.count("reproduced")
    quoted = found.count("published: agrees")
    verb = "agrees" if quoted == 1 else "agree"
    more = f"; {quoted} {verb} only with the quoted works" if quoted else ""
    return f"{good} of {len(found)} countable figures of the lecture are reproduced{more}{rest}"
