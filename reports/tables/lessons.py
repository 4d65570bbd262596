"""Tables of what the lecture teaches, with what measuring says of it: a row per lesson, hypothesis and arm."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean
from typing import Any

import pandas as pd

from bench.compare.experiments.training import overlap
from bench.compare.lessons.tested import Figures, Tested
from bench.compare.lessons.verdict import Taught
from bench.statistics.intervals import Interval, mean_interval
from reports.lessons.words import (
    NOT_TESTED,
    margin_words,
    outlook,
    said,
    scale_of,
    scale_of_arm,
)
from reports.tables import Column, table
from reports.tidy.frame import Frames


@table(
    title="Lessons and their verdicts",
    section="lessons",
    about=(
        "One row per lesson: what the lecture teaches, and what came of the experiment that would show it. A "
        "lesson is confirmed where all its hypotheses are, and refuted where one of them is."
    ),
    columns=(
        Column("Lesson"),
        Column("Verdict", answers=True),
        Column("The lecture says", brief=False),
        Column("Slide", brief=False),
        Column("Measured", brief=False),
        Column("Published", brief=False),
        Column("What it cannot show", brief=False),
        Column("Time", "s", brief=False),
        Column("Name", brief=False),
    ),
    cards=True,
)
def lessons(frames: Frames) -> pd.DataFrame:
    """One row per lesson, in the order of their declaration."""
    return pd.DataFrame([_lesson(item) for item in taught(frames)])


@table(
    title="Hypotheses",
    section="lessons",
    about=(
        "One row per hypothesis, written down with its margin before anything was measured. A verdict is read "
        "from the interval of the statistic."
    ),
    columns=(
        Column("Lesson", tells=True),
        Column("Statement", tells=True),
        Column("Verdict", answers=True),
        Column("Effect", units="Unit", low="Effect low", high="Effect high", answers=True),
        Column("Unit"),
        Column("n"),
        Column("Margin", brief=False),
        Column("Statistic", brief=False),
        Column("What is open", brief=False),
    ),
    cards=True,
)
def hypotheses(frames: Frames) -> pd.DataFrame:
    """One row per hypothesis or a part that cannot be tested."""
    return pd.DataFrame([row for item in taught(frames) for row in _hypotheses(item)])


@table(
    title="Arms of the lessons",
    section="lessons",
    about=(
        "One row per arm that a hypothesis compares: its mean with a 95 % interval. Verdicts pair the arms by "
        "seed and are not read from these intervals."
    ),
    columns=(
        Column("Lesson", tells=True),
        Column("Statement", tells=True),
        Column("Arm", tells=True),
        Column("Figure"),
        Column("Mean", units="Unit", low="Mean low", high="Mean high", answers=True),
        Column("n"),
        Column("Cell", brief=False),
    ),
    cards=True,
)
def lesson_arms(frames: Frames) -> pd.DataFrame:
    """One row per arm of a hypothesis, in the order of the statistic."""
    return pd.DataFrame(
        [row for item in taught(frames) for test in item.tests for row in _arms(frames, item, test)]
    )


def taught(frames: Frames) -> tuple[Taught, ...]:
    """The lessons with their verdicts; none where there are none."""
    return frames.lessons.taught if frames.lessons else ()


def interval_of(figures: Figures) -> Interval | None:
    """The 95 % interval of an arm's mean; None of fewer than two figures or without spread."""
    values = [figure.value for figure in figures.values()]
    trainings = [figure.training for figure in figures.values() if figure.training]
    return mean_interval(values, test_to_train=overlap(trainings))


def _lesson(item: Taught) -> dict[str, Any]:
    study = item.study
    missing = [f"{part.statement}: {NOT_TESTED}, {part.reason}." for part in study.missing]
    return {
        "Lesson": study.title,
        "Verdict": item.verdict,
        "The lecture says": f"“{study.words}”",
        "Slide": study.slide,
        "Measured": " ".join([*map(said, item.tests), *missing]),
        "Published": " ".join(f"{quoted.words} ({quoted.source})." for quoted in study.published),
        "What it cannot show": study.limits,
        "Time": item.seconds,
        "Name": study.name,
    }


def _hypotheses(item: Taught) -> Iterator[dict[str, Any]]:
    for test in item.tests:
        hypothesis, found = test.hypothesis, test.found
        scale = scale_of(hypothesis)
        low, high = scale.bounds(found.interval if found else None)
        yield {
            "Lesson": item.study.title,
            "Statement": hypothesis.statement,
            "Verdict": test.verdict,
            "Effect": scale.convert(found.mean) if found else None,
            "Effect low": low,
            "Effect high": high,
            "Unit": scale.unit,
            "n": found.n if found else 0,
            "Margin": margin_words(hypothesis),
            "Statistic": hypothesis.statistic,
            "What is open": outlook(test),
        }
    for part in item.study.missing:
        yield {
            "Lesson": item.study.title,
            "Statement": part.statement,
            "Verdict": NOT_TESTED,
            "What is open": part.reason,
        }


def _arms(frames: Frames, item: Taught, test: Tested) -> Iterator[dict[str, Any]]:
    assert frames.lessons is not None
    for arm, figures in zip(test.hypothesis.arms, test.arms, strict=True):
        scale = scale_of_arm(arm, frames.lessons.measures)
        low, high = scale.bounds(interval_of(figures))
        yield {
            "Lesson": item.study.title,
            "Statement": test.hypothesis.statement,
            "Arm": arm.label,
            "Figure": arm.figure or arm.cell.measure,
            "Mean": scale.convert(fmean(figure.value for figure in figures.values())) if figures else None,
            "Mean low": low,
            "Mean high": high,
            "Unit": scale.unit,
            "n": len(figures),
            "Cell": str(arm.cell),
        }
