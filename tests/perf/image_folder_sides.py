"""What `image_folder_speed` measures, each in a process of its own: it prints one line of JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.cli.options.data import keep_digests, settle_data
from bench.clock import Stopwatch
from bench.declare.artifact import Shelf
from bench.declare.catalog import load_catalogs
from bench.declare.learning_axes import LearningAxes
from bench.execute.jobs import Job, Make, Measure
from bench.execute.outcome import Outcome
from bench.execute.work.worker import perform
from bench.learning.artifacts import dataset_of
from bench.run.driver import Desk, Pace, drive
from bench.run.progress import RunProgress
from bench.run.runs import Wish, begin
from bench.store.database import Store
from tests.answering import Answering

SIDE, RESOLUTION = 256, 224
"""Pixels of a stored image, and of what is cut out of it."""
BATCH = 64


def ours(folder: Path, workers: int, place: Path) -> dict[str, Any]:
    """Decode the folder as a cell has it done, onto a shelf."""
    import torch

    from bench.learning.data.images import make_dataset, read_dataset

    torch.set_num_threads(workers)
    shelf, watch = Shelf(place), Stopwatch()
    artifact = dataset_of(f"folder:{folder}", RESOLUTION)
    make_dataset(artifact, shelf)
    seconds = watch.seconds
    return {"seconds": seconds, "images": len(read_dataset(artifact, shelf).labels)}


def theirs(folder: Path, workers: int, place: Path) -> dict[str, Any]:
    """Go through the folder once with torchvision's `ImageFolder` and a `DataLoader`; nothing is kept."""
    import torch

    from bench.torchvision_operators import import_torchvision

    import_torchvision()
    from torchvision.datasets import ImageFolder
    from torchvision.transforms import CenterCrop, Compose, PILToTensor, Resize

    torch.set_num_threads(workers)
    steps = Compose([Resize(SIDE), CenterCrop(SIDE), PILToTensor()])
    watch = Stopwatch()
    loader = torch.utils.data.DataLoader(ImageFolder(folder, steps), BATCH, num_workers=workers)
    images = sum(len(labels) for _, labels in loader)
    return {"seconds": watch.seconds, "images": images}


class _UntilMeasured(Answering):
    """An executor that makes what cells need and, instead of measuring, notes when it could have begun."""

    def __init__(self, watch: Stopwatch) -> None:
        super().__init__()
        self._watch = watch
        self.seconds = self.cpu = 0.0

    def answer(self, job: Job, progress: object) -> Outcome:
        if isinstance(job, Measure):
            self.seconds, self.cpu = self._watch.seconds, time.process_time()
            return Outcome("failed", "nothing is measured here")
        if not isinstance(job, Make):
            raise TypeError(f"a run does not begin with a {type(job).__name__}")
        frames: list[dict[str, Any]] = []
        perform(job, frames.append)
        if frames[-1]["status"] != "ok":
            raise RuntimeError(frames[-1]["reason"])
        return Outcome("ok")


def run(folder: Path, workers: int, place: Path) -> dict[str, Any]:
    """Plan a run on the folder and go on until it measures; once more on the same store, what is kept is used."""
    import torch

    torch.set_num_threads(workers)  # starting torch takes its time, which is none of our work
    watch, store, before = Stopwatch(), place / "e.sqlite", time.process_time()
    asked = LearningAxes(
        target=(f"folder:{folder}",), weights=("random",), mode=("scratch",), augmentation=("none",)
    )
    wish = Wish(architectures=("resnet18",), resolution=(RESOLUTION,), threads=(workers,), learning=asked)
    settle_data(store, {})
    steps = wish.steps()[:1]
    with Store.create(store) as opened:
        executor = _UntilMeasured(watch)
        begun = begin(opened, wish, "image-folder-speed", steps, {"versions": {}})
        progress = RunProgress(Console(stderr=True, quiet=True), 1, 1.0)
        shelf = Shelf(place / "artifacts")
        drive(Desk(opened, begun.id, begun.host_key, shelf, executor, progress, fresh=True), steps, Pace())
        keep_digests(store)
    return {"seconds": executor.seconds, "cpu": executor.cpu - before}


if __name__ == "__main__":
    _, side, path, number, where = sys.argv
    load_catalogs()
    found = {"ours": ours, "theirs": theirs, "run": run}[side](Path(path), int(number), Path(where))
    sys.stdout.write(json.dumps(found) + "\n")
