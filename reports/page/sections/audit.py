"""The audit of the lecture's figures."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from bench.audit.verdicts import MISMATCHES
from bench.store.database import RunRow
from bench.words import moment
from reports.page.section import Page, section
from reports.tables.audit import claims, counts_told, judged
from reports.tidy.frame import Frames


@section(title="Audit", order=35, command="evobench audit", part="appendix")
def audit(page: Page) -> Markup:
    """Every claim with its verdict: of this run, or of the newest audit beside it."""
    frames = page.frames
    if frames.audit is None:
        return Markup("")
    return (
        _opening(frames, frames.audit)
        + page.grid(
            "What does not agree",
            "What is printed, what was found, and what would explain the difference.",
            _chosen(frames, [row.verdict in MISMATCHES for row in judged(frames)]),
            cards=True,
            whole=True,
            otherwise="Everything agrees: no claim is contradicted.",
        )
        + _if_any(
            page,
            "Agrees with the work but not with a recount",
            "The lecture prints what the quoted work prints; a recount gives something else, which is listed.",
            _chosen(frames, [row.recount is not None for row in judged(frames)]),
        )
        + page.tables("audit")
        + page.grid(
            "Left out",
            "Parts of the slides that are not registered as claims, and why.",
            _left_out(frames, missing=False),
        )
        + _if_any(
            page,
            "Missing",
            "What could not be read at its source: nothing is compared with it.",
            _left_out(frames, missing=True),
        )
    )


def _opening(frames: Frames, run: RunRow) -> Markup:
    """Sentence on where these verdicts come from, and on which claims."""
    if frames.counts_from is None:
        whose = "this run" if run.id == frames.run.id else f"run {run.id}"
        ended = "" if run.state == "complete" else "; it did not end, and has only a part of the verdicts"
        said = Markup("<p>The figures of the lecture as {} audited them at {}{}.</p>")
        return said.format(whose, moment(run.started), ended)
    whose = "this run" if frames.counts_from == run.id else f"run {frames.counts_from}, by the same code,"
    return Markup(
        "<p>{}, as {} judged them. They are only the figures that can be counted on layers and shapes, or worked "
        "out by arithmetic. <code>evobench audit</code> judges all figures of the lecture, including those that "
        "are measured or published.</p>"
    ).format(counts_told(frames), whose)


def _if_any(page: Page, title: str, about: str, frame: pd.DataFrame) -> Markup:
    return page.grid(title, about, frame, cards=True) if len(frame) else Markup("")


def _left_out(frames: Frames, *, missing: bool) -> pd.DataFrame:
    found = frames.left_out[frames.left_out["missing"].eq(True) == missing]
    return found.drop(columns="missing").rename(columns=str.capitalize)


def _chosen(frames: Frames, which: list[bool]) -> pd.DataFrame:
    all_ = claims(frames)
    columns = ["Verdict", "Slide", "Words", "Printed", "Found", "Explanation", "Evidence"]
    return all_.loc[which, columns] if len(all_) else all_
