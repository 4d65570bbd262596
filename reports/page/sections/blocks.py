"""What the lecture argues with, side by side."""

from __future__ import annotations

from markupsafe import Markup

from reports.page.section import Page, section


@section(title="Blocks", order=25)
def blocks(page: Page) -> Markup:
    """Charts and tables of the comparisons of which this run measured two sides or more."""
    if page.frames.sides.empty:
        return Markup(
            "<p class='nothing'>This run measured no two sides of a comparison: "
            "<code>evobench run --suite blocks</code> measures all.</p>"
        )
    return page.charts("blocks") + page.tables("blocks")
