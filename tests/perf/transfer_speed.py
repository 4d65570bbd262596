"""What sharing and caching save in transfer learning, side by side in one run.

nox -s transfer-speed
nox -s transfer-speed -- --rounds 5 --blocks 20

1. Frozen ResNet-18: the PyTorch tutorial's way (25 epochs, every one through the trunk) and the harness's features
   with their heads; 250 + 500 images at 64 px.
2. Five folds of a cross-validation against one.
3. A step of fine-tuning, of all layers and of the upper stage, against a bare PyTorch loop, blocks in turn.
4. The suite `transfer` (smoke) against each of its cells by itself.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import fmean, median

import torch
from rich.console import Console

from bench.cell import Cell, Samples
from bench.clock import Clock, Stopwatch
from bench.declare.artifact import PRODUCERS, Artifact, Shelf, in_order
from bench.declare.catalog import ARCHITECTURES, MEASURES, load_catalogs
from bench.declare.declarations import Setting
from bench.declare.preprocessing import whole
from bench.execute.jobs import Probe
from bench.execute.local.executor import LocalExecutor
from bench.execute.underway import finish
from bench.learning.artifacts import dataset_of
from bench.learning.data.images import Stored, normalisation_of, read_dataset
from bench.learning.data.view import View
from bench.learning.partition import Partition
from bench.learning.recipes import RECIPES
from bench.learning.surgery import freeze_below, place, set_train, upper_names
from bench.learning.training.device.waiting import Waiting
from bench.learning.training.loop import TrainingPlan, optimise
from bench.learning.training.networks import WHOLE, loss_of, network_of
from bench.learning.training.order import ImageOrder
from bench.learning.training.task import TrainingTask
from bench.learning.training.unfinished import Unfinished
from bench.learning.training.watch import Course, Watch
from bench.machine.process import keep_freed_memory, pin_threads
from bench.network.heads import heads_of
from bench.network.outputs import NetworkOutputs
from bench.network.subject import Subject
from bench.run.driver import Desk, Pace, drive
from bench.run.plan import PlanStep, Selection, plan
from bench.run.progress import RunProgress
from bench.run.runs import Wish, begin
from bench.statistics.intervals import mean_interval
from bench.store.database import Store
from tests.perf.small_digits import SIDE, head
from tests.perf.tutorial import BareLoop, ready, tutorial

CATALOG = "tests.perf.small_digits"
CALLS = 5
"""Steps of a block."""
BATCH = 16
SETTING = Setting("smoke", "cpu", 2)


def main() -> int:
    """Print the four comparisons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="times that short things are repeated (%(default)s)")
    parser.add_argument("--blocks", type=int, default=16, help="blocks of fine-tuning steps (%(default)s)")
    arguments = parser.parse_args()
    load_catalogs(["suites", CATALOG])
    pin_threads(2)
    keep_freed_memory()
    against_the_tutorial(arguments.rounds)
    folds(arguments.rounds)
    for upper in (False, True):
        steps(arguments.blocks, upper=upper)
    whole_suite()
    return 0


def say(what: str, line: str) -> None:
    """One line on stdout, at once."""
    sys.stdout.write(f"{what:<34} {line}\n")
    sys.stdout.flush()


def against_the_tutorial(rounds: int) -> None:
    """The harness's heads before and after the tutorial's 25 epochs, on the same images."""
    stored = data()
    images = ready(stored, normalisation_of(stored, 3), SIDE)
    ours = [by_itself(head()) for _ in range(rounds)]
    taught = tutorial(stored, images)
    ours += [by_itself(head()) for _ in range(rounds)]
    seconds = median(took for took, _ in ours)
    top1 = fmean(ours[0][1].values)
    say("tutorial, frozen ResNet-18", f"{taught.seconds:.1f} s, top-1 {taught.top1:.1%}, n = 1 x 25 epochs")
    say("harness, features and head", f"{seconds:.2f} s, top-1 {top1:.1%}, n = {len(ours)}")
    say("tutorial / harness", f"{taught.seconds / seconds:.0f}x")


def made(shelf: Shelf) -> Artifact:
    """The data set, on the shelf."""
    artifact = dataset_of("small-digits", SIDE)
    PRODUCERS.get("dataset")(artifact, shelf, lambda _: None)
    return artifact


def data() -> Stored:
    """The data set as cells see it."""
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        return read_dataset(made(shelf), shelf)


def by_itself(cell: Cell) -> tuple[float, Samples]:
    """Seconds of a cell with all that it needs but the decoded data, on an empty shelf, and its samples."""
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        made(shelf)
        item = MEASURES.get(cell.measure)
        watch = Stopwatch()
        for artifact in in_order(item.artifacts(cell)):
            if not shelf.holds(artifact):
                PRODUCERS.get(artifact.kind)(artifact, shelf, lambda _: None)
        samples = item.function(Subject(cell, shelf, lambda _: None), Clock(60.0))
        return watch.seconds, samples


def folds(rounds: int) -> None:
    """A whole run of each, process by process, in turn."""
    one, five = [], []
    with executor() as running:
        for _ in range(rounds):
            one.append(measured(running, plan(Selection(("one_fold",)), SETTING)))
            five.append(measured(running, plan(Selection(("five_folds",)), SETTING)))
    ratio = median(b / a for a, b in zip(one, five, strict=True))
    say("cross-validation, one fold", f"{median(one):.2f} s, n = {rounds}")
    say("cross-validation, five folds", f"{median(five):.2f} s, n = {rounds}")
    say("five folds / one fold", f"{ratio:.2f}x (aim: at most 1.3)")


def steps(blocks: int, *, upper: bool) -> None:
    """Fine-tuning by the harness's own loop; between its blocks the bare loop takes one."""
    stored = data()
    item = ARCHITECTURES.get("resnet18")
    number = (blocks + 1) * CALLS
    model, plain = item.build(10), item.build(10)
    heads = heads_of(model, item, SIDE).required()
    trained = (*upper_names(model, item, heads), *heads) if upper else WHOLE
    normalisation = normalisation_of(stored, 3)
    partition = Partition(stored, None, 0, 0)
    view, outputs = View(3, SIDE, normalisation, whole(SIDE)), NetworkOutputs(item.build, 10, item.scores)
    task = TrainingTask(stored.pixels, stored.labels, partition, view, BATCH, "cpu", outputs)
    freeze_below(plain, trained)
    set_train(plain, trained)
    order = ImageOrder(len(partition.train), BATCH, 1)
    bare = BareLoop(plain, ready(stored, normalisation, SIDE), stored.labels, number, 1e-3)
    ours, theirs = in_turn(
        task, place(model, "cpu"), trained, number, lambda: bare.step(partition.train[next(order)])
    )
    logs = [math.log(a / b) for a, b in zip(ours[1:], theirs[1:], strict=True)]  # the first block warms both up
    interval = mean_interval(logs)
    bounds = f"[{math.exp(interval.low):.2f}, {math.exp(interval.high):.2f}]" if interval else "no interval"
    what = "upper stage" if upper else "all layers"
    say(f"fine-tuning step, {what}", f"{median(ours) * 1e3:.1f} ms, bare loop {median(theirs) * 1e3:.1f} ms")
    say("harness / bare loop", f"{math.exp(fmean(logs)):.2f}, 95 % interval {bounds}, n = {len(logs)} blocks")


def in_turn(
    task: TrainingTask, model: torch.nn.Module, trained: tuple[str, ...], number: int, bare: Callable[[], None]
) -> tuple[list[float], list[float]]:
    """Seconds a step of each side, block by block: between its blocks, the harness's loop lets the other run."""
    order = task.order()
    network = network_of(model, task, trained, order, Waiting("cpu"))
    freeze_below(model, trained)
    watch = _Alternating(model, number, bare)
    parameters = [p for p in model.parameters() if p.requires_grad]
    with tempfile.TemporaryDirectory() as folder:
        unfinished = Unfinished(Path(folder) / "unfinished", model, network.drawing)
        watch.begin()
        training = TrainingPlan(RECIPES.get("harness"), number, RECIPES.get("harness").values(1e-3))
        optimise(parameters, partial(loss_of, network, task), order, training, watch, unfinished)
    return watch.ours, watch.theirs


class _Alternating(Watch):
    """Takes the time of blocks of the harness's steps, and has the bare loop do as many in between."""

    def __init__(self, model: torch.nn.Module, number: int, bare: Callable[[], None]) -> None:
        super().__init__(model, lambda: (0.0, 0.0), lambda _, __: None, Course(number, batch=1, n=number))
        self.ours: list[float] = []
        self.theirs: list[float] = []
        self._bare = bare
        self._timer = Stopwatch()

    def begin(self) -> None:
        """The next step is the first of a block."""
        self._timer = Stopwatch()

    def goes_on(self, step: int, loss: torch.Tensor) -> bool:
        """After each block of the harness's, one of the bare loop's."""
        if step % CALLS == 0:
            self.ours.append(self._timer.seconds / CALLS)
            timer = Stopwatch()
            for _ in range(CALLS):
                self._bare()
            self.theirs.append(timer.seconds / CALLS)
            self.begin()
        return True

    def settle(self) -> None:
        """Nothing is kept."""


def whole_suite() -> None:
    """Each cell of the suite with a shelf of its own, then all with one."""
    found = plan(Selection(("transfer",), measures=("top1",)), SETTING)
    with executor() as running:
        together = measured(running, found)
        alone = [measured(running, [step]) for step in found]
    say("suite transfer (smoke), whole", f"{together:.1f} s, {len(found)} cells")
    say("each cell by itself, in sum", f"{sum(alone):.1f} s")
    say("by itself / whole", f"{sum(alone) / together:.1f}x, n = 1")


@contextmanager
def executor() -> Iterator[LocalExecutor]:
    """A server that is warm."""
    running = LocalExecutor(["suites", CATALOG])
    try:
        finish(running, Probe(), 60.0)
        yield running
    finally:
        running.close()


def measured(
    running: LocalExecutor, found: Sequence[PlanStep], lanes: int = 1, shelf: Shelf | None = None
) -> float:
    """Wall seconds of a run of these steps, with an empty store; without a shelf, with an empty one, too."""
    with tempfile.TemporaryDirectory() as folder, Store.create(Path(folder) / "s.sqlite") as store:
        run = begin(store, Wish(), "perf", tuple(found), {"versions": {}})
        progress = RunProgress(Console(stderr=True, quiet=True), len(found), 1.0)
        desk = Desk(store, run.id, run.host_key, shelf or Shelf(Path(folder)), running, progress)
        watch = Stopwatch()
        drive(desk, found, Pace(lanes=lanes))
        seconds = watch.seconds
        bad = [row.reason for row in store.records(run.id) if row.status != "ok"]
        if bad:
            raise RuntimeError(f"a cell has failed: {bad[0]}")
        return seconds


if __name__ == "__main__":
    sys.exit(main())
