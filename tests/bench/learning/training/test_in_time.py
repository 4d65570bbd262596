"""A training for a time: when it ends, where its schedule stands, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from bench.cell import Learning
from bench.declare.catalog import MEASURES
from bench.errors import UsageError
from bench.learning.data.augment import Augmenter
from bench.learning.recipes import RECIPES
from bench.learning.scenario import check
from bench.learning.training import unfinished, watch
from bench.learning.training.loop import TrainingPlan, optimise
from bench.learning.training.order import ImageOrder
from bench.learning.training.unfinished import Unfinished
from bench.learning.training.watch import POINTS, Course, CurvePoint, Watch
from tests.bench.stripes import Measured, cell_of

HARNESS = RECIPES.get("harness")
MANY = 1_000_000
"""Steps that no training here takes."""


@dataclass
class Line:
    """A training of one weight, in a time that goes by the second: one for a step, a hundred for a look."""

    folder: Path
    now: float = 0.0
    rates: list[float] = field(default_factory=list)
    """Learning rate of each step, of a peak of 1."""
    told: list[int] = field(default_factory=list)
    """Steps that were announced at each look."""

    def train(self, duration: float | None, steps: int = MANY, dies_at: int = 0) -> list[CurvePoint]:
        """The curve."""
        layer, order = nn.Linear(1, 1), ImageOrder(20, 4, 0)
        line = self

        class Noting(TrainingPlan):
            def lr_at(self, step: int, epoch: float) -> float:
                line.rates.append(super().lr_at(step, epoch))
                return line.rates[-1]

        def loss(chosen: torch.Tensor) -> torch.Tensor:
            self.now += 1
            if len(self.rates) == dies_at:
                raise KeyboardInterrupt
            return nn.functional.mse_loss(layer(torch.ones(4, 1)), torch.ones(4, 1))

        def validate() -> tuple[float, float]:
            self.now += 100
            return 0.5, 1.0

        watching = Watch(
            layer,
            validate,
            lambda _, steps: self.told.append(steps),
            Course(steps, batch=4, n=20, duration=duration),
        )
        state = Unfinished(self.folder / "unfinished", layer, Augmenter("none", 0))
        training = Noting(HARNESS, steps, HARNESS.values(1.0), duration=duration)
        optimise(list(layer.parameters()), loss, order, training, watching, state)
        return watching.curve


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    made = Line(tmp_path)
    monkeypatch.setattr(watch, "time", SimpleNamespace(perf_counter=lambda: made.now))
    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    return made


@pytest.mark.parametrize(("duration", "steps"), [(4.5, 5), (5.0, 5), (0.1, 1), (300.0, 300)])
def test_it_ends_with_the_step_in_which_its_seconds_are_over(line: Line, duration: float, steps: int) -> None:
    assert (steps, float(steps)) == (line.train(duration)[-1].step, line.now - 100 * len(line.told))


def test_it_ends_with_its_steps_where_these_are_over_first(line: Line) -> None:
    assert 7 == line.train(100.0, steps=7)[-1].step


def test_it_is_looked_at_after_each_tenth_of_its_time(line: Line) -> None:
    assert [4.0 * (i + 1) for i in range(POINTS)] == [point.seconds for point in line.train(40.0)]


def test_a_slow_one_is_looked_at_after_each_step(line: Line) -> None:
    assert [1, 2, 3] == [point.step for point in line.train(3.0)]


def test_its_schedule_goes_by_the_share_of_its_time(line: Line) -> None:
    line.train(40.0)
    by_steps = [HARNESS.schedule(step * MANY // 40, MANY, 0.0) for step in range(40)]
    assert by_steps == pytest.approx(line.rates)


def test_its_schedule_goes_by_its_steps_where_these_are_further_on(line: Line) -> None:
    line.train(1e9, steps=12)
    assert [HARNESS.schedule(step, 12, 0.0) for step in range(12)] == line.rates


def test_how_many_steps_it_will_take_is_told_by_its_pace(line: Line) -> None:
    line.train(40.0)
    assert [40] * POINTS == line.told


def test_a_killed_one_leaves_nothing_to_go_on_from(line: Line) -> None:
    with pytest.raises(KeyboardInterrupt):
        line.train(40.0, dies_at=30)
    assert [] == list(line.folder.iterdir())


@pytest.mark.parametrize("mode", ["scratch", "finetune:upper"])
def test_with_time_to_spare_it_learns_what_the_same_steps_learn(measured: Measured, mode: str) -> None:
    expected = measured(mode=mode)
    found = measured(measure="top1_in_time", mode=mode, duration=1e9)
    names = ("train_nll", "nll", "val_top1", "gap")
    assert (expected.values, 30) == (found.values, found.details["steps_taken"])
    assert [expected.details[name] for name in names] == [found.details[name] for name in names]


def test_an_accuracy_tells_the_steps_that_there_was_time_for(measured: Measured) -> None:
    details = measured(measure="top1_in_time", duration=1e-9).details
    assert (1, 1) == (details["steps_taken"], len(details["curve"]))


def test_what_a_first_step_sets_up_is_no_part_of_its_seconds(measured: Measured) -> None:
    assert "before the seconds" == measured(measure="top1_in_time", duration=1e-9).details["set_up"]


@pytest.mark.parametrize(
    ("measure", "duration", "words"),
    [
        ("top1", 5.0, "top1 is of trainings for their steps: top1_in_time is of those for a time"),
        ("top1_in_time", None, "top1_in_time is of trainings for a time: give its scenario a duration"),
    ],
)
def test_each_accuracy_refuses_the_trainings_of_the_other(
    world: None, measure: str, duration: float | None, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        MEASURES.get(measure).artifacts(cell_of(measure=measure, duration=duration))


@pytest.mark.parametrize(
    "change", [{"mode": "features+softmax"}, {"mode": "features+svm"}, {"patience": 2}], ids=str
)
def test_a_time_is_refused_where_training_would_not_take_it(world: None, change: dict[str, Any]) -> None:
    where = cell_of(duration=5.0, **change).scenario
    assert isinstance(where, Learning)
    with pytest.raises(UsageError, match="a training for a time is of a network"):
        check(where)
