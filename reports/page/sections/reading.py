"""How to read the page: its methods and its words."""

from __future__ import annotations

from markupsafe import Markup

from reports.page.reading import notes, terms
from reports.page.section import Page, section


@section(title="How to read this page", order=5, part="appendix")
def reading(page: Page) -> Markup:
    """Notes on methods that captions link, and what the words mean."""
    return page.render("reading.html", notes=notes(), terms=terms())
