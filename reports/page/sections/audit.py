"""The audit of the lecture's figures."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from bench.audit import MISMATCHES
from bench.errata import NOT_CHECKABLE
from reports import formats
from reports.frame import Frames
from reports.page.section import Page, section
from reports.tables.audit import claims, judged


@section(title="Audit", order=35)
def audit(page: Page) -> Markup:
    """Every claim with its verdict: of this run, or of the newest audit beside it."""
    frames = page.frames
    run = frames.audit
    if run is None:
        return Markup(
            "<p class='nothing'>No figure of the lecture has been audited here: <code>evobench audit</code> "
            "measures each afresh.</p>"
        )
    whose = "this run" if run.id == frames.run.id else f"run {run.id}"
    ended = "" if run.state == "complete" else "; it did not end, and has only a part of the verdicts"
    return (
        Markup("<p>The figures of the lecture as {} audited them at {}{}.</p>").format(
            whose, formats.moment(run.started), ended
        )
        + page.grid(
            "What does not agree",
            "What is printed, what was found, and what would explain the difference.",
            _mismatches(frames),
        )
        + page.tables("audit")
        + page.grid("Ledger", "How much of each slide is registered as claims, and left out.", _ledger(frames))
        + page.grid(
            "Left out",
            "What of the slides is not registered as a claim, and why.",
            frames.left_out.rename(columns=str.capitalize),
            search=True,
        )
    )


def _mismatches(frames: Frames) -> pd.DataFrame:
    all_ = claims(frames)
    columns = ["Verdict", "Slide", "Words", "Printed", "Found", "Explanation"]
    return all_.loc[all_["Verdict"].isin(MISMATCHES), columns] if len(all_) else all_


def _ledger(frames: Frames) -> pd.DataFrame:
    rows = judged(frames)
    left_out = list(frames.left_out["slide"])
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
