"""Transfer learning as the lecture tells it: fixed features, fine-tuning, pretrained against scratch.

    evobench run --suite transfer                    # as long as a run fills its time, or until all is answered
    evobench run --suite transfer --first-seed 100   # the same questions with other draws
    evobench run --suite transfer --profile smoke
    evobench run --suite transfer --profile full     # ImageNet weights at 224 px: two days on 2 cores
    evobench run --arch resnet50,efficientnet_b0 --weights imagenet --target folder:photos \\
        --mode features+softmax,finetune:all --folds 5

Each row of the tables (`transfer_tables.py`) is measured for every mode and augmentation that it names, with its
seeds or with as many as its comparisons need, and what its network costs at the size of its pictures.
Where conditions of learning are given, it is every sensible combination of them (`transfer_grid.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Architecture
from bench.declare.learning_axes import LearningAxes
from evobench import Planned, Setting, suite
from suites.sizes import with_costs
from suites.transfer_grid import grid
from suites.transfer_rows import LITE as LITE
from suites.transfer_rows import MNIST as MNIST
from suites.transfer_rows import TUNING, TransferRow, cells_of, frozen_random, heads, scratch
from suites.transfer_tables import TABLES


@suite(title="Transfer learning", fills={"default": 600.0})
def transfer(setting: Setting) -> Iterator[Planned]:
    """The lecture's three scenarios, with and without augmentation, and frozen random features as a control."""
    rows = grid(setting) if setting.learning.given else _varied(_listed(setting), setting.learning)
    yield from with_costs((planned for row in rows for planned in cells_of(row, setting)), setting)


def _listed(setting: Setting) -> Iterator[TransferRow]:
    table = TABLES[setting.profile]
    yield from table
    listed = {row.architecture for row in table}
    for name in setting.chosen:
        if name not in listed:
            yield from _unlisted(ARCHITECTURES.get(name))


def _varied(rows: Iterable[TransferRow], axes: LearningAxes) -> Iterator[TransferRow]:
    """Each row once for each of the given sides (pixels) and precisions, and unchanged where none is given."""
    for row in rows:
        for side, precision in product(axes.resolution or (row.resolution,), axes.precision or (row.precision,)):
            yield replace(row, resolution=side, precision=precision)


def _unlisted(item: Architecture) -> tuple[TransferRow, ...]:
    """Rows of an architecture that the user names and no table has: pretrained here, on small images."""
    row = TransferRow(
        architecture=item.name,
        weights=MNIST,
        resolution=max(item.min_resolution, min(item.resolution, 32)),
        modes=TUNING,
        lr=1e-3,
        seeds=1,
    )
    return row, scratch(row, lr=1e-3), heads(row), frozen_random(row, seeds=1)
