"""Suite that puts the lecture's lessons to the test.

    evobench run --suite lessons                     # 15 minutes on 2 cores, or until all is answered
    evobench run --suite lessons --profile full      # 90 minutes
    evobench run --suite lessons --first-seed 100    # the same questions with other draws
    evobench run --suite lessons --target folder:photos   # your pictures are what is similar to ImageNet

A lesson states hypotheses before anything is measured. Their trainings get seeds until they are answered or the
time is over; `docs/how-to/lessons.md` says what each lesson can and cannot show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bench.cell import Learning
from bench.declare.lessons.lesson import LESSONS
from evobench import Arm, Hypothesis, Planned, Setting, suite


@suite(title="Lessons", fills={"default": 900.0, "full": 5400.0})
def lessons(setting: Setting) -> Iterator[Planned]:
    """What the lecture teaches, as hypotheses that trainings, timings and counts confirm or refute."""
    for lesson in LESSONS:
        for item in lesson.asks(setting):
            if isinstance(item, Hypothesis):
                for arm in item.arms:
                    yield from _planned(arm, item, setting)


def _planned(arm: Arm, item: Hypothesis, setting: Setting) -> Iterator[Planned]:
    """An arm's trainings, the first of those whose number is open; or what it costs."""
    where = arm.planned.cell.scenario
    if not isinstance(where, Learning):
        yield arm.planned
        return
    fixed = 1 if setting.profile == "smoke" else setting.learning.seeds or item.seeds
    for seed in setting.learning.numbers(fixed or 1):
        cell = replace(arm.planned.cell, scenario=replace(where, seed=seed))
        yield replace(arm.planned, cell=cell, open=item.is_open and not fixed)
