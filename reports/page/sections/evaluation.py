"""Weights as they are: accuracies beside the published ones."""

from __future__ import annotations

from markupsafe import Markup

from reports.page.section import Page, section


@section(title="Weights as they are", order=32, command="evobench evaluate PICTURES --arch NAME")
def evaluation(page: Page) -> Markup:
    """The table of the evaluations."""
    return page.charts_and_tables("evaluation")
