"""The lineage: cost and published accuracy."""

from __future__ import annotations

from markupsafe import Markup

from reports.page.section import Page, section


@section(title="Evolution", order=20, command="evobench run --suite evolution")
def evolution(page: Page) -> Markup:
    """Charts and tables of the architectures."""
    return page.charts_and_tables("evolution")
