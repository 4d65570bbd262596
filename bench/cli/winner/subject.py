"""A network that is taken away, with what its run knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from bench.cell import Cell, Cost, Learning
from bench.cli.winner.choosing import Trained
from bench.cli.winner.making import Made
from bench.compare.experiments.training import Training, overlap
from bench.statistics.intervals import Interval, mean_interval, wilson
from bench.store.database import RecordRow, RunRow, Store
from bench.store.rows import by_cell


@dataclass(frozen=True)
class WinnerSubject:
    """A network that is taken away, with what its run knows of it."""

    run: RunRow
    chosen: Trained
    made: Made
    on: str
    was_named: bool
    """Whether a person named the scenario; else validation images chose it."""
    costs: tuple[tuple[Cell, tuple[RecordRow, ...]], ...]
    """Cells of the architecture at its resolution, each with the records of its processes."""

    @classmethod
    def of(
        cls, store: Store, run: RunRow, chosen: Trained, made: Made, on: str, *, was_named: bool
    ) -> WinnerSubject:
        """Subject with the costs that the run measured."""
        records = by_cell(row for row in store.records(run.id) if row.status == "ok" and row.n)
        costs = (
            (row.cell, tuple(records[row.cell.key]))
            for row in store.cells(run.id)
            if row.cell.key in records and _is_its(row.cell, chosen)
        )
        return cls(run, chosen, made, on, was_named, tuple(costs))

    @property
    def is_whole(self) -> bool:
        """Whether every requested file was written; a package that is not installed is not a failure."""
        return "refused" not in self.made.details["onnx"]

    @property
    def own(self) -> tuple[int, int] | None:
        """Right answers and test images of this very network; None where all images were learned from."""
        found = self.made.details
        return (found["right"], found["n_test"]) if "right" in found else None

    @property
    def recorded(self) -> tuple[int, int] | None:
        """The same of the same training in the run; None where it is another, on a fold."""
        cell, row = self.chosen.good[0]
        same = self.own and cell == self.chosen.first and row.mean is not None
        return (round(row.mean * row.n), row.n) if same and row.mean is not None else None

    @property
    def summary(self) -> tuple[str, ...]:
        """A few lines on what the network is worth."""
        lines = [f"the scenario in the run: {self.of_scenario}"]
        if "opset" not in self.made.details["onnx"]:
            lines.append(onnx_told(self.made.details["onnx"]))
        if self.own is None:
            return (*lines, "this network learned from all labelled images: it has not been tested itself")
        lines.append(f"this network: {share_of(*self.own)}")
        return (*lines, *([self.otherwise] if self.otherwise else []))

    @property
    def otherwise(self) -> str:
        """Sentence saying that the same training had other answers in the run; empty where it had these, or is not
        in the run."""
        if self.recorded is None or self.recorded == self.own:
            return ""
        right, n = self.recorded
        return f"The run recorded {right} of {n} for the same training: code, packages or machine are others now."

    @property
    def of_scenario(self) -> str:
        """Accuracy over the trainings of the scenario, with its interval."""
        good = [row for _, row in self.chosen.good if row.mean is not None]
        values = [row.mean for row in good if row.mean is not None]
        if len(good) == 1:
            return share_of(round(values[0] * good[0].n), good[0].n)
        trainings = [
            Training(row.mean, s.fold, s.seed, s.folds or 0, row.details.get("n_train"), row.n)
            for cell, row in self.chosen.good
            if isinstance(s := cell.scenario, Learning) and row.mean is not None
        ]
        bounds = mean_interval(values, test_to_train=overlap(trainings))
        bounds = bounds or wilson(round(values[0] * good[0].n), good[0].n)  # all have the same accuracy
        return f"{percent(fmean(values))}{bounds_of(bounds)}, n = {len(values)} trainings"


def _is_its(cell: Cell, chosen: Trained) -> bool:
    where = cell.scenario
    return (
        cell.architecture == chosen.arm.architecture
        and isinstance(where, Cost)
        and where.mode == "infer"
        and where.resolution == chosen.scenario.resolution
    )


def onnx_told(about: Mapping[str, Any]) -> str:
    """A sentence or two on the ONNX file."""
    if "missing" in about:
        return f"There is no ONNX file: {about['missing']}."
    if "refused" in about:
        return f"There is no ONNX file: {about['refused']}."
    return (
        f"`model.onnx` (opset {about['opset']}) takes `images`, any number x channels x side x side, and gives"
        f" `scores`. On {about['pictures']} pictures onnxruntime's differ from torch's by"
        f" {about['difference']:.1g} of the largest score at most ({about['tolerance']:g} is tolerated)."
    )


def share_of(right: int, n: int) -> str:
    """Right answers among images, with their interval."""
    return f"{right} of {n} test images right, {percent(right / n)}{bounds_of(wilson(right, n))}"


def percent(share: float) -> str:
    """`91.2 %`."""
    return f"{100 * share:.1f} %"


def bounds_of(found: Interval | None) -> str:
    """Evidence for an accuracy: its interval and how it was found; empty where there is none."""
    if found is None:
        return ""
    low, high = max(0.0, found.low), min(1.0, found.high)
    return f" [{100 * low:.1f}, {100 * high:.1f}] (95 %, {found.method})"
