"""Has the network of a training made, as artifacts are, and writes it into a folder."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.cell import Cell
from bench.cli.options.data import keep_digests, settle_data
from bench.declare.artifact import Artifact, Shelf, in_order
from bench.declare.catalog import DATASETS
from bench.errors import UsageError
from bench.execute.frames import Frame
from bench.execute.jobs import Given, Make
from bench.execute.local.executor import LocalExecutor
from bench.execute.underway import finish
from bench.files import draft_of
from bench.learning.recipes import Values
from bench.learning.weights.files import known_digests
from bench.learning.weights.preprocessing import known_preprocessing
from bench.learning.winner.artifact import winner_of
from bench.run.origins import SETTING, files_of, require_same_files
from bench.run.preparing import look_into_weights
from bench.run.shelf.contents import folder_beside
from bench.run.shelf.locks import measuring
from bench.store.database import RunRow

_LIMIT = 7 * 86400.0
"""Seconds that one artifact may take: a large network is trained for hours."""


@dataclass(frozen=True)
class Made:
    """A network on the shelf."""

    archive: Path
    details: dict[str, Any]
    """Details from the training."""
    data: dict[str, Any]
    """Facts about the images that it was trained on."""
    data_key: str
    """Digest of what these are made from."""


def require_room(folder: Path) -> None:
    """Make sure that a folder can be written there, and that nothing is.

    Raises:
        UsageError: the path is a file, or a folder that is not empty.
    """
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() or folder.is_symlink():
        what = "is not empty" if folder.is_dir() else "is there, and is not a folder"
        raise UsageError(f"'{folder}' {what}: name a new folder, nothing is overwritten")


def made(store: Path, run: RunRow, cell: Cell, values: Values | None, on: str, console: Console) -> Made:
    """Train a scenario anew and have its network made, from what lies on the shelf.

    Args:
        store: path of the store, beside which the shelf lies.
        run: the run that trained the scenario.
        cell: the training.
        values: the values that tuning chose; None: the training was not tuned, or chooses them anew.
        on: the images to train on: `split` or `all`.
        console: where progress is shown.

    Raises:
        UsageError: the user's files have changed since the run or are not there, or it cannot be made.
    """
    settle_data(store, run.settings)
    _require_files(run, cell)
    catalogs = tuple(run.settings.get("catalogs", ()))
    shelf = Shelf(folder_beside(store))
    executor = LocalExecutor(catalogs)
    try:
        with measuring(store.parent, run.id):
            look_into_weights(executor, [cell], console)
            wanted = winner_of(cell, on, values)
            for artifact in in_order([wanted]):
                if not shelf.holds(artifact):
                    _make(artifact, cell, shelf, executor, console)
    finally:
        executor.close()
        keep_digests(store)
    target = next(need for need in wanted.needs if need.kind == "dataset")
    return Made(shelf.path(wanted), shelf.details(wanted), shelf.details(target), target.key)


def _require_files(run: RunRow, cell: Cell) -> None:
    """Raise unless all files of the run that the training reads are there, unchanged."""
    now = files_of([cell])
    kept = run.settings.get(SETTING, {})
    require_same_files({SETTING: {name: kept[name] for name in now if name in kept}}, run.id, [cell])


def _make(artifact: Artifact, cell: Cell, shelf: Shelf, executor: LocalExecutor, console: Console) -> None:
    given = Given(shelf.folder, None, DATASETS.handed(), known_digests(), known_preprocessing())
    what = "the network" if artifact.kind == "winner" else artifact.kind
    with console.status(f"making {what} ...") as status:

        def tell(frame: Frame) -> None:
            if "step" in frame and "steps" in frame:
                status.update(f"making {what}: step {frame['step']}/{frame['steps']}")

        outcome = finish(executor, Make(artifact, cell.scenario.threads, given), _LIMIT, tell)
    if outcome.status != "ok":
        raise UsageError(f"{cell.architecture} could not be made ready: {outcome.reason}")


def write_folder(folder: Path, archive: Path, texts: Mapping[str, str]) -> None:
    """Unpack a network into a new folder, with further files; it is there whole or not at all.

    Raises:
        OSError: the folder cannot be written.
    """
    place = folder.absolute()
    draft = draft_of(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    draft.mkdir()
    try:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(draft)
        for name, text in texts.items():
            (draft / name).write_text(text, encoding="utf-8")
        if place.is_dir():
            place.rmdir()  # it is empty, or this fails
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
