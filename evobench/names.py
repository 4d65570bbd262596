"""The public names, which `from evobench import ...` gives; docs/reference/public-names.md explains each."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bench.cell import Cell, Cost, Learning, Picture, Samples
from bench.clock import Clock
from bench.declare.catalog import architecture, check, comparison, dataset, measure, source, suite, sweep
from bench.declare.claims import Evidence
from bench.declare.declarations import Architecture, ImageFiles, Images, Planned, Pretrained, Published, Setting
from bench.declare.formulas import multiply_adds
from bench.declare.groups import Point, Side
from bench.declare.lessons.chapter import Step, chapter
from bench.declare.lessons.lesson import Arm, Hypothesis, Missing, Quoted, lesson
from bench.declare.loading.discovery import import_all
from bench.declare.nature import Detail
from bench.declare.preprocessing import Preprocessing
from bench.errors import EvobenchError, NotComparable, StoreError, UnknownName, Unsupported, UsageError
from bench.lazy import lazy
from bench.network.subject import Subject

if TYPE_CHECKING:
    from bench.run.quadrants import Task, quadrant
    from evobench.measuring import run
    from evobench.stored import Run, load, runs
    from reports.charts import NoData, chart
    from reports.tables import Column, table
    from reports.tidy.frame import Frames

_LATER = {
    "Column": "reports.tables",
    "Frames": "reports.tidy.frame",
    "NoData": "reports.charts",
    "Run": "evobench.stored",
    "Task": "bench.run.quadrants",
    "chart": "reports.charts",
    "load": "evobench.stored",
    "quadrant": "bench.run.quadrants",
    "run": "evobench.measuring",
    "runs": "evobench.stored",
    "table": "reports.tables",
}
"""What a process that measures does without; most of it loads pandas."""
__all__ = [
    "Architecture",
    "Arm",
    "Cell",
    "Clock",
    "Column",
    "Cost",
    "Detail",
    "Evidence",
    "EvobenchError",
    "Frames",
    "Hypothesis",
    "ImageFiles",
    "Images",
    "Learning",
    "Missing",
    "NoData",
    "NotComparable",
    "Picture",
    "Planned",
    "Point",
    "Preprocessing",
    "Pretrained",
    "Published",
    "Quoted",
    "Run",
    "Samples",
    "Setting",
    "Side",
    "Step",
    "StoreError",
    "Subject",
    "Task",
    "UnknownName",
    "Unsupported",
    "UsageError",
    "architecture",
    "chapter",
    "chart",
    "check",
    "comparison",
    "dataset",
    "import_all",
    "lazy",
    "lesson",
    "load",
    "measure",
    "multiply_adds",
    "quadrant",
    "run",
    "runs",
    "source",
    "suite",
    "sweep",
    "table",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name not in _LATER:
            raise AttributeError(f"module 'evobench' has no attribute '{name}'")
        return getattr(import_module(_LATER[name]), name)
