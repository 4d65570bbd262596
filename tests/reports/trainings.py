"""Runs of learning cells alone, of any conditions and accuracies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from bench.cell import Cell, Learning, Record
from bench.declare.nature import OLDER_DETAILS, Detail
from bench.store.database import CellRow, Declaration, RunRow, Store
from reports.tidy.frame import Frames, read

USUAL: dict[str, Any] = {
    "weights": "pretrain:mnist5k",
    "target": "digits8",
    "mode": "finetune:all",
    "augmentation": "none",
    "resolution": 32,
    "shots": 5,
    "steps": 60,
    "batch": 16,
    "lr": 1e-3,
}
OLDER_CURVE = [{"step": 4, "loss": 1.0, "val": 0.5}, {"step": 8, "loss": 0.5, "val": 0.9}]
"""As older versions kept a curve."""
CONDITIONS = {f.name for f in fields(Learning)}


def learned(
    path: Path,
    trainings: Iterable[dict[str, Any]],
    state: str = "complete",
    declared: Iterable[Declaration] = (),
    details: Sequence[Detail] = OLDER_DETAILS,
    **planned: Any,
) -> Frames:
    """The frames of a run of these trainings.

    Args:
        path: of the store to write.
        trainings: conditions that are not usual, `right` of 100 test images (or of `images`; None: there is no
            record), a `status`, a `measure` that is not `top1`, `pictures`, and details of the record.
        state: of the run.
        declared: what it declares beside the measure.
        details: that the measure declares; by default those that a run of an earlier version has.
        planned: what is unusual of all planned cells.
    """
    made = [_training(dict(item)) for item in trainings]
    run = RunRow("r", "2026-01-02T03:04:05+00:00", "default", "", {}, "h", {})
    unit = {"unit": "1", "better": "higher", "kind": "learning", "about": ""}
    told = {**unit, "details": [vars(detail) for detail in details]}
    measures = dict.fromkeys(["top1", *(record.cell.measure for record, _ in made)])
    with Store.create(path) as store:
        cells = [CellRow(record.cell, ("transfer",), **planned) for record, _ in made]
        store.begin_run(
            run, [*(Declaration("measure", name, told | {"name": name}) for name in measures), *declared], cells
        )
        for record, is_there in made:
            if is_there:
                store.add_record("r", record)
        store.end_run("r", state, "2026-01-02T03:05:05+00:00")
        return read(store, "r")


def _training(item: dict[str, Any]) -> tuple[Record, bool]:
    """A record, and whether it is there."""
    asked, images = item.pop("right"), item.pop("images", 100)
    right, status = asked or 0, item.pop("status", "ok")
    architecture = item.pop("architecture", "lenet5")
    measure = item.pop("measure", "top1")
    pictures = item.pop("pictures", ())
    conditions = {name: item.pop(name) for name in list(item) if name in CONDITIONS}
    details = {"chance": 0.1, "started": True, "n_train": 50, "n_test": images, "val_top1": right / images, **item}
    record = Record(
        cell=Cell(architecture, measure, Learning(**{**USUAL, **conditions})),
        replicate=0,
        status=status,
        unit="1",
        values=(1.0,) * right + (0.0,) * (images - right) if status == "ok" else (),
        reason="" if status == "ok" else "it broke",
        details=details,
        pictures=pictures,
    )
    return record, asked is not None


def curve(*points: tuple[int, float, float]) -> list[dict[str, Any]]:
    """Of (step, accuracy on validation images, seconds), with 16 images a step and 4 steps an epoch."""
    return [
        {
            "step": step,
            "epoch": step / 4,
            "loss": 1.0,
            "val": val,
            "val_loss": 0.5,
            "seconds": seconds,
            "images": 16 * step,
        }
        for step, val, seconds in points
    ]
