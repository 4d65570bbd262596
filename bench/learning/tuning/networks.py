"""Tuning of networks: trials one after the other, all from the same start; the best one's weights are used."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bench.cell import Learning
from bench.declare.artifact import Report
from bench.files import replacing
from bench.learning.recipes import Values
from bench.learning.training.fit import Fitting, TrainedModel, fit
from bench.learning.training.loop import TrainingPlan, training_of
from bench.learning.training.networks import WHOLE
from bench.learning.training.task import TrainingTask
from bench.learning.training.techniques.depth import has_layers
from bench.learning.training.unfinished import EVERY, kept_in
from bench.learning.training.watch import CurvePoint
from bench.learning.tuning.points import further
from bench.learning.tuning.trials import Trial, TrialChoice

Weights = dict[str, torch.Tensor]
"""Trained values of a model, on the CPU."""


@dataclass(frozen=True)
class BestTraining:
    """The training that validation images chose; the model has its weights."""

    fitted: TrainedModel
    values: Values
    choice: TrialChoice | None = None
    """Choice among the trials; None: there was a single training."""
    first: Callable[[torch.Tensor], torch.Tensor] | None = None
    """Answers of the first trial's weights, from positions of images; None: it failed."""


@dataclass(frozen=True)
class _Ended:
    """A finished trial with its trained values."""

    fitted: TrainedModel
    weights: Weights

    def plain(self) -> dict[str, Any]:
        """The trial in types that `torch.load(weights_only=True)` reads."""
        its = self.fitted
        curve, standing = [asdict(point) for point in its.curve], asdict(its.standing)
        return {
            "curve": curve,
            "standing": standing,
            "trainable": its.trainable,
            "warnings": list(its.warnings),
            "told": its.told,
            "weights": self.weights,
        }


def fit_as_said(
    model: nn.Module,
    task: TrainingTask,
    scenario: Learning,
    values: Values | None,
    report: Report,
    unfinished: Path,
    trained: tuple[str, ...] = WHOLE,
) -> BestTraining:
    """Train the model of a scenario: tuned, unless the values are given or it asks for no trials."""
    training = training_of(scenario, values)
    if scenario.tune is None or values is not None:
        return BestTraining(fit(model, task, training, report, unfinished, trained), training.values)
    points = further(scenario, layered=has_layers(model))
    return fit_best(model, task, training, points, report, unfinished, trained)


def fit_best(
    model: nn.Module,
    task: TrainingTask,
    training: TrainingPlan,
    further: Sequence[Values],
    report: Report,
    unfinished: Path,
    trained: tuple[str, ...] = WHOLE,
) -> BestTraining:
    """Train the model with the training's own values, then with each of the further ones, and use the best.

    Args:
        model: model with its initial weights; it ends with those of the best trial.
        task: the images; those for validation choose.
        training: conditions of the training; its values are those of the first trial.
        further: values of the other trials.
        report: shows each point of the curves, with the number of the trial.
        unfinished: beginning of the names of the files from which a killed tuning goes on.
        trained: function that trains, as `bench.learning.training.fit.fit` does.

    Raises:
        FloatingPointError: the loss of every trial has become infinite or no number.
        Unsupported, Misdeclared: as of `fit`.
    """
    with closing(Fitting(model, task, training, trained)) as fitting:
        trials = _Trials(fitting, (training.values, *further), unfinished)
        trials.run(training, report)
    return trials.best()


class _Trials:
    """Trials of one network, those that are over and those to come."""

    def __init__(self, fitting: Fitting, values: Sequence[Values], path: Path) -> None:
        self._fitting, self._values, self._path = fitting, values, path
        self._begin = weights_of(fitting.model)
        self._order, self._drawing = fitting.order.state(), fitting.network.drawing.state()
        self._over: list[Trial] = []
        self._first: _Ended | None = None
        self._best: _Ended | None = None
        self._kept = time.perf_counter()

    def run(self, training: TrainingPlan, report: Report) -> None:
        """Run all trials that are not over yet."""
        self._resume()
        total = len(self._values)
        for number in range(len(self._over) + 1, total + 1):
            one = replace(training, values=self._values[number - 1])
            self._restart()
            self._try(one, partial(_tell, report, number, total), self._of_trial(number))
            if number < total:
                self._keep()
        self._path.unlink(missing_ok=True)

    def best(self) -> BestTraining:
        """The trial that validation images choose, its weights put into the model.

        Raises:
            FloatingPointError: all have failed.
        """
        choice = TrialChoice(tuple(self._over))
        values = self._values[choice.best]
        assert self._best is not None  # one of the trials has not failed
        put(self._best.weights, self._fitting.model)
        return BestTraining(self._best.fitted, values, choice, self._answers_of_first() if self._first else None)

    def _try(self, training: TrainingPlan, report: Report, path: Path) -> None:
        values = {name: value for name, value in asdict(training.values).items() if name in self._told_names}
        try:
            fitted = self._fitting.run(training, report, path)
            stands = fitted.standing
            if not math.isfinite(stands.val_loss):
                raise FloatingPointError(f"the validation loss is not finite at step {stands.step}")
        except FloatingPointError as error:
            path.unlink(missing_ok=True)
            self._over.append(Trial(values, failed=str(error)))
            return
        self._over.append(Trial(values, stands.val, stands.val_loss, fitted.curve[-1].seconds))
        is_first, is_best = len(self._over) == 1, TrialChoice(tuple(self._over)).best == len(self._over) - 1
        if is_first or is_best:
            ended = _Ended(fitted, weights_of(self._fitting.model))
            self._first = ended if is_first else self._first
            self._best = ended if is_best else self._best

    @property
    def _told_names(self) -> tuple[str, ...]:
        """Names of the recorded values: the layers' own rates only where trials differ in them."""
        layered = len({values.layer_decay for values in self._values}) > 1
        return ("lr", "weight_decay", "layer_decay") if layered else ("lr", "weight_decay")

    def _answers_of_first(self) -> Callable[[torch.Tensor], torch.Tensor]:
        first, best, fitting = self._first, self._best, self._fitting
        assert first is not None and best is not None

        def answers(positions: torch.Tensor) -> torch.Tensor:
            put(first.weights, fitting.model)
            try:
                return fitting.network.answers(positions)
            finally:
                put(best.weights, fitting.model)

        return answers

    def _restart(self) -> None:
        """Restore the initial weights, and the start of the order and of the augmentation."""
        put(self._begin, self._fitting.model)
        self._fitting.order.restore(self._order)
        self._fitting.network.drawing.restore(self._drawing)

    def _of_trial(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}-{number}")

    def _keep(self) -> None:
        """Write the finished trials, if half a minute has passed since the last time."""
        if time.perf_counter() - self._kept < EVERY:
            return
        ended = {"first": self._first, "best": self._best}
        state = {name: one.plain() if one else None for name, one in ended.items()}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self._path) as draft:
            torch.save({"over": TrialChoice(tuple(self._over)).plain(), **state}, draft)
        self._kept = time.perf_counter()

    def _resume(self) -> None:
        kept = kept_in(self._path)
        if kept is None:
            return
        self._over = [*TrialChoice.of(kept["over"]).trials]
        self._first, self._best = (self._ended(kept[name]) for name in ("first", "best"))

    def _ended(self, kept: dict[str, Any] | None) -> _Ended | None:
        if kept is None:
            return None
        curve, standing = tuple(CurvePoint(**point) for point in kept["curve"]), CurvePoint(**kept["standing"])
        rest = kept["trainable"], tuple(kept["warnings"]), kept["told"]
        return _Ended(self._fitting.fitted(curve, standing, *rest), kept["weights"])


def _tell(report: Report, number: int, total: int, frame: dict[str, Any]) -> None:
    report({"trial": number, "trials": total, **frame})


def weights_of(model: nn.Module) -> Weights:
    """A copy of the values that training changes: trained parameters and buffers."""
    learning = [(name, tensor) for name, tensor in model.named_parameters() if tensor.requires_grad]
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in [*learning, *model.named_buffers()]}


@torch.no_grad()
def put(weights: Weights, model: nn.Module) -> None:
    """Put copied values back into a model."""
    there = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    for name, tensor in weights.items():
        there[name].copy_(tensor)
