"""What the lecture teaches, put to the test."""

from __future__ import annotations

from collections import Counter

from markupsafe import Markup

from bench.audit.lessons import COMMAND
from bench.compare.experiments.answers import Answer
from bench.words import comparisons, moment
from reports.highlights.findings import ANSWERS
from reports.learning.effects import FAMILIES
from reports.learning.overall import whole
from reports.lessons.words import tally
from reports.page.grid import STYLES
from reports.page.section import Page, section
from reports.story.opening import of_the_lecture
from reports.tables.audit import counts_told
from reports.tidy.frame import Frames


@section(title="Lessons", order=12, command=COMMAND, part="story")
def lessons(page: Page) -> Markup:
    """The verdict on each lesson, and what it rests on: of this run, or of the newest that holds lessons."""
    found = page.frames.lessons
    if found is None:
        return _without(page) if of_the_lecture(page.frames) else Markup("")
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


def _without(page: Page) -> Markup:
    """What a run without lessons says of the lecture: its comparisons, its counts, and how to test the lessons."""
    page.headings["lessons"] = "What the lecture teaches"
    frames = page.frames
    return page.render(
        "no_lessons.html",
        answered=_answered(frames),
        counts=counts_told(frames) if frames.counts_from else "",
        command=COMMAND,
    )


def _answered(frames: Frames) -> str:
    """How many comparisons of transfer learning are answered, and how; empty where the run has none."""
    answers: Counter[Answer] = Counter()
    for over in (whole(frames, family) for family in FAMILIES):
        answers.update(over.answers if over else {})
    if not answers:
        return ""
    total = answers.total()
    told = ", ".join(f"{answer} in {answers[answer]}" for answer in ANSWERS if answers[answer])
    return f"{total - answers['undecided']} of {comparisons(total)} of transfer learning are answered: {told}"
