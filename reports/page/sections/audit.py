"""The audit of the lecture's figures."""

from __future__ import annotations

from markupsafe import Markup

from reports import formats
from reports.page.section import Page, section


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
    return Markup("<p>The figures of the lecture as {} audited them at {}{}.</p>").format(
        whose, formats.moment(run.started), ended
    ) + page.tables("audit")
