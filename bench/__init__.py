"""evobench: measures the architectures of image classification.

The public door: what a catalogue needs to declare things. Importing it loads no torch.
"""

from bench.cell import Cell, Cost, Learning, Record, Samples
from bench.declare.catalog import architecture, check, comparison, dataset, measure, suite, sweep
from bench.declare.declarations import Evidence, ImageFiles, Images, Planned, Pretrained, Published, Setting
from bench.declare.groups import Point, Side
from bench.declare.nature import Detail
from bench.errors import EvobenchError, Unsupported
from bench.run.quadrants import Task, quadrant

__version__ = "0.1.0"
__all__ = [
    "Cell",
    "Cost",
    "Detail",
    "Evidence",
    "EvobenchError",
    "ImageFiles",
    "Images",
    "Learning",
    "Planned",
    "Point",
    "Pretrained",
    "Published",
    "Record",
    "Samples",
    "Setting",
    "Side",
    "Task",
    "Unsupported",
    "architecture",
    "check",
    "comparison",
    "dataset",
    "measure",
    "quadrant",
    "suite",
    "sweep",
]
