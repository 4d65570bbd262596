"""What the lecture teaches, put to the test."""

from __future__ import annotations

from markupsafe import Markup

from bench.audit.lessons import COMMAND
from bench.words import moment
from reports.lessons.words import tally
from reports.page.grid import STYLES
from reports.page.section import Page, section


@section(title="Lessons", order=12, command=COMMAND, part="story")
def lessons(page: Page) -> Markup:
    """The verdict on each lesson, and what it rests on: of this run, or of the newest that holds lessons."""
    found = page.frames.lessons
    if found is None:
        return Markup("")
    opening = page.render(
        "lessons.html",
        whose="this run" if found.run.id == page.frames.run.id else f"run {found.run.id}",
        when=moment(found.run.started),
        command=found.run.command,
        tally=tally(found.taught),
        lessons=[(item, f"hypotheses: {tally(item.tests)}") for item in found.taught],
        styles=STYLES,
    )
    return opening + page.tables("lessons") + page.chart("lesson_figures")
