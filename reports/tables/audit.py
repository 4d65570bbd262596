"""The lecture's figures beside what is found."""

from __future__ import annotations

import pandas as pd

from reports.frame import Frames, rows_of
from reports.tables import Column, table


@table(
    title="Claims of the lecture",
    section="audit",
    about=(
        "Every figure and checkable statement of the lecture, measured afresh or looked up in the cited work. "
        "Reproduced: equal to the printed precision. Contradicted: it is not, with what would explain it. "
        "Published: needs ImageNet, so that the cited paper's own figure stands beside it."
    ),
    columns=(
        Column("Verdict"),
        Column("Slide", brief=False),
        Column("Words"),
        Column("Printed"),
        Column("Found"),
        Column("Explanation", brief=False),
        Column("How", brief=False),
    ),
)
def claims(frames: Frames) -> pd.DataFrame:
    """One row a claim, in the order of the lecture."""
    rows = [
        {
            "Slide": row["slide"],
            "Words": row["words"],
            "Printed": in_words(row["printed"], row["unit"]),
            "Found": in_words(row["found"], row["unit"]),
            "Verdict": row["verdict"] if isinstance(row["verdict"], str) else "not run",
            "Explanation": row["explanation"] if isinstance(row["explanation"], str) else "",
            "How": row["note"] if isinstance(row["note"], str) else "",
        }
        for row in rows_of(frames.verdicts)
    ]
    return pd.DataFrame(rows)


@table(
    title="Verdicts",
    section="audit",
    about="Claims by verdict.",
    columns=(Column("Verdict"), Column("Claims")),
)
def verdicts(frames: Frames) -> pd.DataFrame:
    """One row a verdict, the most frequent first."""
    counted = frames.verdicts["verdict"].fillna("not run").value_counts()
    return pd.DataFrame({"Verdict": list(counted.index), "Claims": list(counted)})


def in_words(value: object, unit: object) -> str:
    """A value as a person reads it; nothing where there is none."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "" if value is None else str(value)
    if isinstance(value, int | float):
        text = "" if pd.isna(value) else f"{value:,.10g}"
    if isinstance(value, list):
        text = f"[{', '.join(map(str, value))}]"
    return f"{text} {unit}".rstrip() if text and isinstance(unit, str) else text
