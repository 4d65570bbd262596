"""What architectures cost under each condition, how cost grows, and how near the host's limits it comes."""

from __future__ import annotations

from markupsafe import Markup

from reports.page.section import Page, section


@section(title="Cost", order=22)
def cost(page: Page) -> Markup:
    """Charts and tables of cost: growth along an axis, the roofline, and the figures behind them."""
    return page.charts_and_tables("cost")
