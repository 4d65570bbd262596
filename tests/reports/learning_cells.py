"""Runs of learning cells whose accuracies are given, for tests of what is said of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bench.cell import Cell, Learning, Record
from bench.store.database import CellRow, Declaration, RunRow, Store
from reports.tidy.frame import Frames, read

IMAGES = 200
"""Test images of every cell."""


def learning(
    mode: str, seed: int, *, augmentation: str = "none", shots: int = 5, target: str = "digits8"
) -> Learning:
    """A training of one network with its usual conditions."""
    return Learning(
        weights="random" if mode == "scratch" else "pretrain:letters",
        target=target,
        mode=mode,
        augmentation=augmentation,
        resolution=28,
        shots=shots,
        steps=60,
        batch=16,
        lr=1e-3,
        seed=seed,
    )


def frames_of(
    folder: Path, accuracies: Iterable[tuple[Learning, float]], declared: Iterable[Declaration] = ()
) -> Frames:
    """A run of the network `net` in which each scenario has the accuracy that is given."""
    cells = [(Cell("net", "top1", scenario), accuracy) for scenario, accuracy in accuracies]
    run = RunRow("only", "2026-01-02T03:04:05+00:00", "default", "evobench run", {}, "host", {})
    with Store.create(folder / "s.sqlite") as store:
        store.begin_run(run, list(declared), [CellRow(cell, ("s",), 1.0, 1) for cell, _ in cells])
        for cell, accuracy in cells:
            right = round(accuracy * IMAGES)
            values = (1.0,) * right + (0.0,) * (IMAGES - right)
            details = {"started": True, "chance": 0.1, "n_train": 50, "n_test": IMAGES}
            store.add_record(
                run.id, Record(cell=cell, replicate=0, status="ok", unit="1", values=values, details=details)
            )
        store.end_run(run.id, "complete", "2026-01-02T03:05:05+00:00")
        return read(store, "only")
