"""Transfer learning: scenarios, augmentation, curves."""

from __future__ import annotations

from markupsafe import Markup

from reports.page.section import Page, section


@section(title="Transfer", order=30, command="evobench run --suite transfer")
def transfer(page: Page) -> Markup:
    """Charts and tables of the trainings."""
    return page.charts_and_tables("transfer")
