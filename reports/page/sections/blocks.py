"""What the lecture argues with, side by side."""

from __future__ import annotations

from markupsafe import Markup

from reports.page.section import Page, section


@section(title="Blocks", order=25, command="evobench run --suite blocks")
def blocks(page: Page) -> Markup:
    """Charts and tables of the comparisons of which this run measured two sides or more."""
    return page.charts_and_tables("blocks")
