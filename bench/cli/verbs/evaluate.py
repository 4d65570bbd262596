"""`evobench evaluate`: top-1 and top-5 of weights as they are, beside the published figures."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.cell import Learning
from bench.cli.how import How
from bench.cli.measuring import measure, planned
from bench.cli.options.data import add_data_options, data_wish
from bench.cli.options.values import architecture_names, batch, joined, listed, seconds, side, size
from bench.cli.verb import Terminal, Verb, add_catalog, add_format, add_store, emit, show_command
from bench.compare.published import agreement
from bench.declare.beyond.datasets import SCANS, spelled
from bench.declare.learning_axes import LearningAxes
from bench.errors import Exit, UsageError
from bench.foreign import expanded, whole_path
from bench.learning.words import absolute
from bench.run.driver import Pace
from bench.run.runs import Wish
from bench.statistics.intervals import Interval, wilson
from bench.store.database import CellRow, RecordRow, Store
from bench.text.stdout import data_out
from bench.transfer import AS_IS

SUITE = "evaluation"
_LIMIT = 7 * 86400.0
"""Seconds that one cell may take, where 50,000 images go through a network."""
COLUMNS = (
    "architecture",
    "weights",
    "target",
    "resolution",
    "images",
    "top1",
    "top1_low",
    "top1_high",
    "top5",
    "published_top1",
    "published_by",
    "answer",
    "status",
    "preprocessing",
)
"""Accuracies as shares."""
SHOWN = ("architecture", "weights", "top-1 %", "published", "answer", "top-5", "images")
"""Columns on a terminal, with accuracies in percent."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `evaluate`."""
    parser.add_argument(
        "target",
        nargs="?",
        metavar="PICTURES",
        help="a folder with a folder a class, a .csv of paths and classes, or a list with a class index a line",
    )
    what = parser.add_argument_group("what to evaluate")
    what.add_argument(
        "--arch", type=architecture_names, action="append", metavar="NAME,NAME", help="architectures"
    )
    what.add_argument("--family", type=listed(str), action="append", metavar="NAME,NAME", help="families")
    sources = "imagenet, imagenet-lite, file:PATH[#STATE], ... (default: what a package ships, else imagenet)"
    what.add_argument("--weights", type=listed(absolute), action="append", metavar="SOURCE", help=sources)
    what.add_argument(
        "--model",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "SOURCE"),
        help="an architecture with weights of its own, beside --arch; may be repeated",
    )
    sides = "side of the input (default: the weights' own)"
    what.add_argument("--resolution", type=listed(side), action="append", metavar="PX", help=sides)
    what.add_argument(
        "--class-map", type=Path, metavar="FILE", help="a table of class names and indices, or ILSVRC's meta.mat"
    )
    add_catalog(what)
    how = parser.add_argument_group("how")
    how.add_argument("--batch", type=listed(batch), action="append", metavar="N", help="images at once")
    how.add_argument("--device", metavar="cpu|cuda|mps", help="(default: cpu)")
    how.add_argument("--budget", type=seconds, metavar="5m", help="wall time of all")
    how.add_argument("--timeout", type=seconds, default=_LIMIT, metavar="15m", help="wall time of one network")
    how.add_argument("--memory-limit", type=size, metavar="2GB", help="what one network may allocate, as in run")
    how.add_argument("--resume", nargs="?", const="", metavar="RUN", help="go on with what was cut off")
    how.add_argument("--fresh", action="store_true", help="evaluate anew what a kept figure could stand for")
    add_data_options(how)
    add_store(how)
    add_format(how)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; returns 1 where an accuracy disagrees with the published one, else 3 where one is missing."""
    console = Terminal(stderr=True, highlight=False)
    if arguments.target is None and arguments.resume is None:
        raise UsageError("say what to evaluate on: evobench evaluate FOLDER --arch NAME")
    wish = _wish(arguments)
    how = How(
        arguments.store,
        Pace(arguments.budget, arguments.timeout, arguments.memory_limit),
        arguments.device,
        arguments.resume,
        arguments.fresh,
        arguments.download,
    )
    name, state = measure(how, wish, planned(wish, how), console)
    with Store.open(arguments.store) as store:
        rows = list(_rows(store, name))
    if arguments.format == "table":
        emit(SHOWN, [row.shown() for row in rows], arguments.format)
    else:
        emit(COLUMNS, [row.raw() for row in rows], arguments.format)
    data_out().flush()
    console.print(f"kept as run {name}: {show_command(name, arguments.store)}", markup=False, soft_wrap=True)
    for row in rows:
        if row.why:
            console.print(f"{row.cell.cell.architecture}: {row.why}", markup=False, soft_wrap=True)
    if any(row.answer == "disagrees" for row in rows):
        return Exit.REGRESSION
    return Exit.INCOMPLETE if state != "complete" or any(row.values is None for row in rows) else Exit.OK


def _wish(arguments: argparse.Namespace) -> Wish:
    models = tuple(f"{name} {absolute(weights)}" for name, weights in arguments.model)
    axes = LearningAxes(
        weights=joined(arguments.weights),
        target=(_target(arguments.target),) if arguments.target else (),
        models=models,
        class_map=str(whole_path(arguments.class_map)) if arguments.class_map else "",
    )
    return Wish(
        suites=(SUITE,) if arguments.target else (),
        architectures=(*joined(arguments.arch), *dict.fromkeys(name for name, _ in arguments.model)),
        families=joined(arguments.family),
        catalogs=tuple(arguments.catalog),
        device=arguments.device,
        resolution=joined(arguments.resolution),
        batch=joined(arguments.batch),
        learning=axes,
        **data_wish(arguments),
    )


def _target(text: str) -> str:
    """`folder:`, `csv:` and `list:` need not be said where the path tells it."""
    if text.partition(":")[0] in SCANS:
        return spelled(text)
    path = expanded(text)
    if not path.exists():
        raise UsageError(f"there is no folder or file '{text}' of pictures")
    kind = "folder" if path.is_dir() else "csv" if path.suffix.lower() in (".csv", ".tsv") else "list"
    return spelled(f"{kind}:{path}")


@dataclass(frozen=True)
class _Row:
    """Result of one cell."""

    cell: CellRow
    record: RecordRow | None
    values: tuple[float, ...] | None

    @property
    def details(self) -> dict[str, Any]:
        return self.record.details if self.record and self.values else {}

    @property
    def answer(self) -> str:
        """Comparison of the accuracy with the published one; empty where there is none."""
        published = self.details.get("published_top1")
        if published is None or not self.values:
            return ""
        return agreement(round(sum(self.values)), len(self.values), published)

    @property
    def why(self) -> str:
        """Reason why there is no figure, or nothing to compare it with."""
        if self.record is None:
            return "not evaluated yet"
        return str(self.details.get("not_compared", "")) if self.values else self.record.reason

    @property
    def interval(self) -> Interval | None:
        """Wilson's, of the first answers."""
        return wilson(round(sum(self.values)), len(self.values)) if self.values else None

    def shown(self) -> tuple[object, ...]:
        """Values of the row under `SHOWN`."""
        architecture, weights, _, _, images, top1, low, high, top5, published, _, answer, status, _ = self.raw()
        first = f"{_percent(top1)} ({_percent(low)}-{_percent(high)})" if self.values else ""
        said = answer or ("not compared" if self.values else status)
        name = Path(str(weights)).name
        return (architecture, name, first, _percent(published), said, _percent(top5), images)

    def raw(self) -> tuple[Any, ...]:
        """Values of the row under `COLUMNS`."""
        scenario, details, bounds = self.cell.cell.scenario, self.details, self.interval
        assert isinstance(scenario, Learning)
        return (
            self.cell.cell.architecture,
            scenario.weights,
            scenario.target,
            scenario.resolution,
            details.get("n_test"),
            sum(self.values) / len(self.values) if self.values else None,
            bounds and bounds.low,
            bounds and bounds.high,
            details.get("top5"),
            details.get("published_top1"),
            details.get("published_by"),
            self.answer or None,
            self.record.status if self.record else "not evaluated yet",
            details.get("preprocessing"),
        )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def _rows(store: Store, name: str) -> Iterator[_Row]:
    """The evaluations of a run, in the order of its plan."""
    records = {row.cell_key: row for row in store.records(name)}
    for cell in store.cells(name):
        if getattr(cell.cell.scenario, "mode", "") != AS_IS:
            continue
        record = records.get(cell.cell.key)
        good = record is not None and record.status == "ok"
        yield _Row(cell, record, tuple(store.samples(name, cell.cell.key, 0)) if good else None)


VERB = Verb(
    "evaluate",
    "top-1 and top-5 of weights as they are; exits 1 where the published one disagrees",
    configure,
    run,
    (
        "evaluate imagenet/val --arch resnet50 --download",
        "evaluate photos.csv --arch resnet18 --weights file:mine.pt",
    ),
)
