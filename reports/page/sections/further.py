"""What measures found that have no table of their own."""

from __future__ import annotations

from markupsafe import Markup

from reports.page.section import Page, section


@section(title="Further measures", order=35)
def further(page: Page) -> Markup:
    """The table of measures that no other one is made for; nothing where the run planned none of them."""
    return page.charts_and_tables("further")
