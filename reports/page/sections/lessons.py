"""What the lecture teaches, put to the test."""

from __future__ import annotations

from markupsafe import Markup

from bench.audit.lessons import COMMAND
from bench.words import moment
from reports.charts import load_charts
from reports.lessons.words import tally
from reports.page.grid import STYLES
from reports.page.section import Page, section
from reports.story.opening import of_the_lecture
from reports.story.taught import answered, contradicted, counted, opening
from reports.tables import load_tables


@section(title="Lessons", order=12, command=COMMAND, part="story")
def lessons(page: Page) -> Markup:
    """The verdict on each lesson, and what it rests on: of this run, or of the newest that holds lessons."""
    found = page.frames.lessons
    if found is None:
        return _without(page) if of_the_lecture(page.frames) else Markup("")
    page.headings["lessons"] = "What the lecture teaches, put to the test"
    verdicts = page.render(
        "lessons.html",
        whose="this run" if found.run.id == page.frames.run.id else f"run {found.run.id}",
        when=moment(found.run.started),
        command=found.run.command,
        tally=tally(found.taught),
        lessons=[(item, f"hypotheses: {tally(item.tests)}") for item in found.taught],
        styles=STYLES,
    )
    return verdicts + page.tables("lessons") + page.chart("lesson_figures")


def _without(page: Page) -> Markup:
    """Statement of a run without lessons about the lecture: its comparisons, its counts, and how to test the
    lessons."""
    page.headings["lessons"] = "What the lecture teaches"
    page.placed.update(
        item for all_ in (load_charts(), load_tables()) for item in all_ if item.section == "lessons"
    )
    frames = page.frames
    figures = list(contradicted(frames))
    return page.render(
        "no_lessons.html",
        answered=answered(frames),
        counted=counted(frames),
        contradicted=figures,
        opening=opening(frames, len(figures)),
        command=COMMAND,
    )
