"""A synthetic but plausible run, written through the store with the real dataclasses."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost, Learning, Mode, Record
from bench.declare.declarations import Published
from bench.statistics.answers.kept import Answers
from bench.store.database import CellRow, Declaration, RunRow, Store
from bench.store.records import write_record
from reports.page.document import render
from reports.tidy.frame import Frames, read
from tests.reports.answering import pictures_of
from tests.reports.augmented import augmented_cells, quadrant_of
from tests.reports.chaptered import chapters_of
from tests.reports.figures import values_of
from tests.reports.grouped import SWEPT, comparison_of, sweep_of
from tests.reports.lineages import LINEAGES, MEASURES, MODES, Lineage
from tests.reports.taught import of_augmentation

COMPARED = ("lecture_cnn", "resnet18", "resnet34")
ROOFED = ("resnet18", "efficientnet_b0", "vit_b_16")
"""What has a roofline."""
CROSSED: tuple[tuple[str, Mode], ...] = (
    ("latency", "infer"),
    ("throughput", "infer"),
    ("train_step", "train"),
    ("peak_memory", "infer"),
    ("peak_memory", "train"),
)
"""What is measured at further batches."""
LEARNERS = ("lecture_cnn", "lenet5", "resnet18")
TRAINED_AT = 32
"""Side of the pictures that they learn from, in pixels."""


@dataclass(frozen=True)
class Plan:
    """What a synthetic run measures."""

    id: str = "20260102-030405-synthetic"
    lineages: tuple[Lineage, ...] = LINEAGES
    learners: tuple[str, ...] = LEARNERS
    host_key: str = "host-a"
    state: str = "complete"
    slowdown: float = 1.0
    """Factor on every time."""
    accuracy: float = 0.0
    """Added to every accuracy."""
    augmented: bool = True
    """Whether an augmentation is tried at several numbers of images, and timed."""
    processes: int = 1
    outcome: str = "mixed"
    """`mixed`, `failed` (every record) or `none` (no record at all)."""
    reason: str = "RuntimeError: expected 3 channels, got 1"
    seed: int = 0
    far: tuple[str, ...] = ()
    """Architectures that a second host measured."""
    repeated: int = 1
    """How often the samples of a record stand in it."""
    batches: tuple[int, ...] = ()
    """Further batches that costs are measured at, each in two number formats."""


Build = Callable[[Path, Plan], Plan]
FAR = {"cpu": "Example(R) CPU 7000 Processor @ 2.10GHz", "cores": 16, "memory_gib": 64, "gpus": []}


def write_run(path: Path, plan: Plan) -> Plan:
    """Write the run that `plan` describes into the store at `path`."""
    cells = [*_cost_cells(plan), *_learning_cells(plan)]
    run = RunRow(
        id=plan.id,
        started="2026-01-02T03:04:05+00:00",
        profile="default",
        command="evobench run --suite evolution --suite transfer",
        host={
            "cpu": "Example CPU 9000",
            "cores": 2,
            "memory_gib": 16,
            "gpus": [],
            "versions": {"torch": "2.13.0"},
        },
        host_key=plan.host_key,
        settings={"profile": "default", "device": "cpu", "threads": 2},
        further_hosts={"host-f": FAR} if plan.far else {},
    )
    with Store.create(path) as store:
        store.begin_run(run, _declarations(plan), cells)
        with store.connection.transaction() as db:  # a commit for each record of a large run takes a minute
            for record in (record for row in cells for record in _records(row, plan)):
                write_record(db, run.id, record)
        store.end_run(run.id, plan.state, "2026-01-02T03:09:47+00:00")
    return plan


def _declarations(plan: Plan) -> Iterator[Declaration]:
    for i, item in enumerate(plan.lineages):
        content = {
            "name": item.name,
            "family": item.family,
            "year": item.year,
            "venue_year": item.venue_year,
            "paper": "arXiv:0000.00000",
            "idea": f"What {item.family} brought.",
            "resolution": item.resolution,
            "min_resolution": 32,
            "channels": 1 if item.resolution < 64 else 3,
            "lecture": True,
            "tags": [],
            "published": [asdict(figure) for figure in _published(item)],
            "reduced_of": "vgg11" if item.name.endswith("_reduced") else "",
            "ordinal": i,
        }
        yield Declaration("architecture", item.name, content)
    for name, unit, better, kind, about in MEASURES:
        content = {"name": name, "unit": unit, "better": better, "kind": kind, "about": about}
        yield Declaration("measure", name, content)
    sides = [side for side in COMPARED if side in {item.name for item in plan.lineages}]
    if len(sides) > 1:
        yield comparison_of([item for item in plan.lineages if item.name in sides])
    points = [item for item in plan.lineages if item.name in SWEPT]
    if len(points) > 1:
        yield sweep_of(points)
    if plan.augmented:
        yield quadrant_of(plan.learners[0])
        yield of_augmentation(plan.learners[0])
    yield from chapters_of({item.name for item in plan.lineages})
    for name, title in (("evolution", "Evolution of the architectures"), ("transfer", "Transfer learning")):
        yield Declaration("suite", name, {"name": name, "title": title, "about": f"All of {name}."})
    content = {
        "name": "digits8",
        "classes": 10,
        "channels": 1,
        "resolution": 8,
        "licence": "CC-BY-4.0",
        "source": "UCI repository",
        "about": "1797 real digits.",
        "package": "scikit-learn",
    }
    yield Declaration("dataset", "digits8", content)


def _published(item: Lineage) -> Iterator[Published]:
    protocol: Any = item.protocol  # a store may hold a word that the vocabulary lacks
    if item.top1 is not None:
        yield Published("top1_error", item.top1, "weights IMAGENET1K_V1", protocol)
    if item.top5 is not None:
        yield Published("top5_error", item.top5, "weights IMAGENET1K_V1", protocol)


def _cost_cells(plan: Plan) -> Iterator[CellRow]:
    for item in plan.lineages:
        for measure, mode, batch in (
            ("parameters", "infer", 1),
            ("macs", "infer", 1),
            ("latency", "infer", 1),
            ("throughput", "infer", 8),
            ("train_step", "train", 8),
            ("peak_memory", "infer", 1),
            ("peak_memory", "train", 8),
        ):
            scenario = Cost(mode="train" if mode == "train" else "infer", resolution=item.resolution, batch=batch)
            yield CellRow(Cell(item.name, measure, scenario), ("evolution",), 1.0, plan.processes)
    for item, batch, precision in product(plan.lineages, plan.batches, ("fp32", "bf16")):
        for measure, mode in CROSSED:
            scenario = Cost(mode=mode, resolution=item.resolution, batch=batch, precision=precision)
            yield CellRow(Cell(item.name, measure, scenario), ("cost",), 1.0, plan.processes)
    for item in plan.lineages:
        if item.name in ROOFED:
            scenario = Cost(mode="infer", resolution=item.resolution)
            yield CellRow(Cell(item.name, "roofline", scenario), ("cost",), 1.0, plan.processes)


def _learning_cells(plan: Plan) -> Iterator[CellRow]:
    for name in plan.learners:
        if name not in [item.name for item in plan.lineages if item.resolution == TRAINED_AT]:
            for measure in ("macs", "latency", "peak_memory"):
                where = Cost(mode="infer", resolution=TRAINED_AT)
                yield CellRow(Cell(name, measure, where), ("transfer",), 1.0, plan.processes)
        for weights, mode, _ in MODES:
            for augmentation in ("none", "digits") if mode in ("scratch", "finetune:all") else ("none",):
                for seed in range(3):
                    scenario = Learning(
                        weights=weights,
                        target="digits8",
                        mode=mode,
                        augmentation=augmentation,
                        resolution=TRAINED_AT,
                        shots=5,
                        steps=60,
                        batch=16,
                        lr=1e-3,
                        seed=seed,
                    )
                    yield CellRow(Cell(name, "top1", scenario), ("transfer",), 2.0, 1)
    if plan.augmented:
        yield from augmented_cells(plan.learners[0])


def _records(row: CellRow, plan: Plan) -> Iterator[Record]:
    cell = row.cell
    generator = random.Random(f"{cell.key}{plan.seed}")
    item = next(item for item in plan.lineages if item.name == cell.architecture)
    for replicate in range(row.replicates):
        values, details = values_of(cell, item, plan.slowdown, plan.accuracy, generator)
        record = Record(
            cell=cell,
            replicate=replicate,
            status="ok",
            unit=next(unit for name, unit, *_ in MEASURES if name == cell.measure),
            values=values * plan.repeated,
            details=details,
            started="2026-01-02T03:05:00+00:00",
            seconds=0.5 + sum(values) if cell.measure in ("latency", "train_step") else 0.4,
            reused_from="20251231-000000" if cell.measure == "macs" else "",
            host="host-f" if cell.architecture in plan.far else "",
            pictures=pictures_of(Answers.from_dict(details["mistakes"])) if "mistakes" in details else (),
        )
        yield from _as_planned(record, plan)


def _as_planned(record: Record, plan: Plan) -> Iterable[Record]:
    lost = replace(record, values=(), details={}, pictures=())
    name, measure = record.cell.architecture, record.cell.measure
    if plan.outcome == "none":
        return
    if plan.outcome == "failed":
        yield replace(lost, status="failed", reason=plan.reason)
    elif measure == "train_step" and name in ("efficientnet_b6", "efficientnet_b7"):
        yield replace(lost, status="oom", reason="the kernel killed the process")
    elif measure == "train_step" and name == "vit_b_16":
        yield replace(lost, status="timeout", reason="over 60 s")
    elif measure == "latency" and name == "swin_t":
        yield replace(lost, status="failed", reason=plan.reason)
    elif measure == "peak_memory" and name == "vgg11_reduced":
        yield replace(lost, status="unsupported", reason="peak memory needs Linux")
    elif measure == "throughput" and name == "efficientnet_b7":
        return
    else:
        yield record


@pytest.fixture(scope="session")
def build_run() -> Build:
    """Writes a run into a store."""
    return write_run


@pytest.fixture(scope="session")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one plausible run; not to be written to."""
    path = tmp_path_factory.mktemp("store") / "runs.sqlite"
    write_run(path, Plan())
    return path


@pytest.fixture(scope="session")
def frames(synthetic: Path) -> Frames:
    """The plausible run as frames."""
    with Store.open(synthetic) as store:
        return read(store, "latest")


@pytest.fixture(scope="session")
def page(synthetic: Path) -> str:
    """The plausible run as HTML."""
    with Store.open(synthetic) as store:
        return render(store, "latest")


@pytest.fixture(scope="session")
def whole_plan() -> Plan:
    """The plausible run, to be varied by `dataclasses.replace`."""
    return Plan()


@pytest.fixture
def plan() -> Plan:
    """A run of four architectures, of which one is trained, to be varied by `dataclasses.replace`."""
    return Plan(id="small", lineages=LINEAGES[:4], learners=("lecture_cnn",), augmented=False)
