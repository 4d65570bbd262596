"""The audit of the lecture's figures."""

from __future__ import annotations

from markupsafe import Markup

from reports.page.section import Page, section


@section(title="Audit", order=35)
def audit(page: Page) -> Markup:
    """Every claim of the lecture with its verdict, where this run has audited them."""
    if page.frames.verdicts.empty:
        return Markup(
            "<p class='nothing'>This run audited nothing: <code>evobench audit</code> makes a run that does.</p>"
        )
    return page.tables("audit")
