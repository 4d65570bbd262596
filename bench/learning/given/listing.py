"""Pictures that given weights are evaluated on: all of a folder, of a table or of a list. Loads no torch."""

from __future__ import annotations

import json
from pathlib import Path

from bench.cell import Cell, Learning
from bench.data.formats import decoders
from bench.data.images import ImageFiles
from bench.data.place import FAIL, data_place
from bench.declare.artifact import PRODUCERS, Artifact, Report, Shelf, producer
from bench.declare.beyond.datasets import bad_image
from bench.declare.catalog import DATASETS
from bench.declare.loading.code import code_digest
from bench.errors import UsageError
from bench.foreign import sha256_of
from bench.learning.scenario import source_of
from bench.transfer import AS_IS


def check(cell: Cell) -> Learning:
    """Scenario of a cell that evaluates given weights.

    Raises:
        UsageError: the cell does not evaluate given weights.
    """
    scenario = cell.scenario
    if not isinstance(scenario, Learning) or scenario.mode != AS_IS:
        raise UsageError(f"{cell.measure} needs a scenario with the mode '{AS_IS}'")
    if scenario.weights == "random" or source_of(scenario.weights):
        raise UsageError(
            f"given weights are evaluated, imagenet, file:PATH or what a package ships, not '{scenario.weights}'"
        )
    if scenario.folds or scenario.shots or scenario.augmentation != "none":
        raise UsageError("weights that are evaluated as they are take no folds, shots or augmentation")
    return scenario


def listing_of(scenario: Learning) -> Artifact:
    """The list of all pictures of the target.

    Raises:
        UsageError: the class map cannot be read.
    """
    item = DATASETS.get(scenario.target)
    spec = (
        ("name", item.name),
        ("decoder", decoders()),
        ("on_bad_image", data_place().on_bad_image),
        ("state", item.state()),
        ("class_map", _digest(scenario.class_map)),
    )
    return Artifact("listing", spec, code=code_digest(PRODUCERS.place("listing"), item.place))


def files_of(target: str) -> ImageFiles:
    """All pictures of a data set of files, which has no splits.

    Raises:
        UsageError: it has, or its pictures are not files, or one is bad and must not be left out.
    """
    item = DATASETS.get(target)
    found = item.load() if item.resolution is None else None
    if not isinstance(found, ImageFiles):
        raise UsageError(f"pictures in files are evaluated on, folder:PATH, csv:PATH or list:PATH, not '{target}'")
    if found.split:
        raise UsageError(
            f"'{target}' has splits, and all its pictures would be evaluated on: name the folder of one split, or"
            " take all with --splits none"
        )
    if found.refused and data_place().on_bad_image == FAIL:
        raise bad_image(found.refused[0])
    return found


@producer
def listing(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Files and classes of all pictures; none of the files is opened."""
    found = files_of(artifact["name"])
    content = {
        "root": str(found.root),
        "paths": [str(path) for path in found.paths],
        "labels": found.labels,
        "names": found.names,
        "refused": found.refused,
    }
    with shelf.writing(artifact, {"name": artifact["name"], "images": len(found.paths)}) as path:
        path.write_text(json.dumps(content), encoding="utf-8")


def read_listing(artifact: Artifact, shelf: Shelf) -> ImageFiles:
    """The pictures of a finished artifact."""
    content = json.loads(shelf.path(artifact).read_text(encoding="utf-8"))
    return ImageFiles(
        root=Path(content["root"]),
        paths=tuple(map(Path, content["paths"])),
        labels=tuple(content["labels"]),
        names=tuple(content["names"]),
        refused=tuple(content["refused"]),
    )


def _digest(file: str) -> str:
    if not file:
        return ""
    try:
        return sha256_of(file)[:16]
    except OSError as error:
        raise UsageError(f"the class map '{file}' cannot be read: {error.strerror}") from error
