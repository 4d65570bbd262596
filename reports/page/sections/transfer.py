"""Transfer learning: scenarios, augmentation, curves."""

from __future__ import annotations

from markupsafe import Markup

from reports.learning.effects import trained
from reports.learning.recipe_note import recipe_note
from reports.page.section import Page, section


@section(title="Transfer", order=30, command="evobench run --suite transfer")
def transfer(page: Page) -> Markup:
    """Charts and tables of the trainings, behind what to know where networks are compared by them."""
    content = page.charts_and_tables("transfer")
    rows = trained(page.frames)
    several = len({row["architecture"] for row in rows}) > 1
    note = recipe_note(rows) if several else ""
    return page.render("transfer.html", note=note, content=content) if content else content
