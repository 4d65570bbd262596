"""Evaluation of given weights on all pictures of a data set, each decoded, answered and forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from bench.cell import Cell, Learning, Samples, digest
from bench.data.digests import digest_of
from bench.data.images import ImageFiles
from bench.data.place import FAIL, data_place
from bench.declare.artifact import Report, Shelf
from bench.declare.beyond.datasets import bad_image
from bench.declare.catalog import ARCHITECTURES, MEASURES
from bench.declare.declarations import Architecture
from bench.declare.loading.code import code_digest
from bench.declare.preprocessing import Preprocessing
from bench.errors import Unsupported, UsageError
from bench.learning.data.decode import BadImage, decode
from bench.learning.data.decoding import NAMED
from bench.learning.data.images import Stored
from bench.learning.data.view import View
from bench.learning.evaluation.figures import TOP
from bench.learning.given.classes import IMAGENET, ClassMap, class_map
from bench.learning.given.listing import check, files_of, listing_of, read_listing
from bench.learning.given.published import pictures_of, published_of
from bench.learning.given.ranking import Answer, Ranked, RankingTask, ranked
from bench.learning.scenario import why_unfit
from bench.learning.surgery import place
from bench.learning.weights.checkpoints.filed import filed
from bench.learning.weights.files import weights_digest
from bench.learning.weights.preprocessing import preprocessing_for
from bench.learning.weights.shipped import declared
from bench.learning.weights.sources import Initial, Origin, initial_model
from bench.learning.weights.spelling import weights_file
from bench.network.outputs import NetworkOutputs
from bench.network.precision import computing_in
from bench.network.soundness import Kernels, sound_kernels
from bench.network.subject import pictures

_NOTHING = torch.empty(0, dtype=torch.int64)
_NO_IMAGES = Stored(_NOTHING, _NOTHING, _NOTHING, _NOTHING)
"""Reason why training images cannot be used: given weights learn nothing."""


def look_at_classes(architecture: str, weights: str, target: str, file: str) -> None:
    """Make sure that a data set can be evaluated on with given weights, before anything is measured.

    Args:
        architecture: architecture that has the weights.
        weights: `imagenet`, `file:PATH` or what a package ships.
        target: `folder:PATH`, `csv:PATH` or `list:PATH`.
        file: the class map, empty for none.

    Raises:
        UsageError: a class has no index, or the pictures have splits; one line.
    """
    item, given = ARCHITECTURES.get(architecture), weights_file(weights)
    if preprocessing_for(architecture, weights, target).mean is None and given:
        raise UsageError(
            f"nothing says which mean and std the pictures of '{given.path}' had: write '{given.path}.toml'"
        )
    class_map(files_of(target).names, _told_apart(item, weights), file)


def _told_apart(item: Architecture, weights: str) -> int:
    """Number of classes that the network with these weights tells apart."""
    given, shipped = weights_file(weights), declared(item, weights)
    if given:
        return filed(item, given, IMAGENET).classes
    return shipped.classes if shipped else IMAGENET


@dataclass(frozen=True)
class _Evaluation:
    """One cell, ready to be evaluated."""

    cell: Cell
    scenario: Learning
    files: ImageFiles
    classes: ClassMap
    how: Preprocessing
    initial: Initial

    @property
    def right(self) -> list[int]:
        """Index of the right answer for each picture."""
        return [self.classes.indices[label] for label in self.files.labels]


def evaluate(cell: Cell, shelf: Shelf, report: Report) -> Samples:
    """1 or 0 for each picture that can be read: whether the first answer is right.

    Ranks are kept beside the artifacts while it goes on, so that a killed evaluation goes on where it was.

    Raises:
        Unsupported: the weights are not on this machine, the pictures are too small for the architecture, or this
            CPU computes wrongly in the precision.
        UsageError: the pictures have changed since the run began, or one is bad and must not be left out.
        ValueError: the network gives no finite scores.
    """
    scenario, artifact = check(cell), listing_of(check(cell))
    how = preprocessing_for(cell.architecture, scenario.weights, scenario.target)
    item, files = ARCHITECTURES.get(cell.architecture), read_listing(artifact, shelf)
    if reason := why_unfit(item, scenario):
        raise Unsupported(reason)
    initial = initial_model(Origin(item, scenario.weights, 0, how), _NO_IMAGES, IMAGENET, shelf)
    job = _Evaluation(
        cell, scenario, files, class_map(files.names, initial.classes, scenario.class_map), how, initial
    )
    code = code_digest(MEASURES.get(cell.measure).place, item.place)
    key = digest([cell.key, code, artifact.key, weights_digest(scenario.weights), how.key])
    read = partial(decode, geometry=how.at(scenario.resolution))
    kept = shelf.unfinished(key)
    task = RankingTask(files.paths, job.right, read, scenario.batch, whole=data_place().on_bad_image == FAIL)
    model, kernels = _ready(job)
    try:
        found = ranked(task, _answer(job, model, kernels), report, kept)
    except BadImage as error:
        raise bad_image(str(error)) from error
    if digest_of(files, [item.content for item in found]) != artifact["state"]:
        kept.unlink(missing_ok=True)
        raise UsageError(f"the images of '{scenario.target}' have changed since the run began: begin a new one")
    samples = _samples(job, found, kernels.warnings)
    kept.unlink(missing_ok=True)
    return samples


def _ready(job: _Evaluation) -> tuple[nn.Module, Kernels]:
    """The network in eval mode, and the kernels that it may use, checked with noise in batches of the pictures'
    sizes."""
    scenario, architecture = job.scenario, ARCHITECTURES.get(job.cell.architecture)
    model = place(job.initial.model, scenario.device, scenario.precision).eval()
    whole, rest = divmod(len(job.files.labels), scenario.batch)
    sizes = [size for size in (scenario.batch if whole else 0, rest) if size]

    @torch.no_grad()
    def passes() -> None:
        for size in sizes:
            with computing_in(scenario.precision, scenario.device):
                model(pictures(architecture, scenario.resolution, size))

    return model, sound_kernels(model, passes, scenario.precision, scenario.device)


def _answer(job: _Evaluation, model: nn.Module, kernels: Kernels) -> Answer:
    scenario, architecture = job.scenario, ARCHITECTURES.get(job.cell.architecture)
    view = View(architecture.channels, scenario.resolution, job.initial.normalisation, None)
    outputs = NetworkOutputs(architecture.build, job.initial.classes, architecture.scores)

    def answer(pixels: torch.Tensor) -> torch.Tensor:
        images = view.ready(view.fit(pixels), scenario.device)
        with computing_in(scenario.precision, scenario.device, onednn=kernels.onednn):
            return outputs.scores(model(images))

    return answer


def _samples(job: _Evaluation, found: Sequence[Ranked], warnings: Iterable[str]) -> Samples:
    files = job.files
    bad = [*files.refused, *(f"{files.relative(i)} {r.wrong}" for i, r in enumerate(found) if r.wrong)]
    good = [i for i, item in enumerate(found) if not item.wrong]
    if not good:
        raise UsageError(f"no picture of '{job.scenario.target}' can be read: {bad[0]}")
    present = {job.right[i] for i in good}
    within = _share(found[i].among < 1 for i in good)
    details: dict[str, Any] = {
        "top5": _share(found[i].rank < TOP for i in good),
        "n_test": len(good),
        "classes_present": len(present),
        "classes_matched": job.classes.how,
        "top1_among_present": within,
        **_published(job, [files.paths[i] for i in good], present),
        "bad_images": len(bad),
        "bad_first": bad[:NAMED],
        "warnings": [*job.initial.notes.get("warnings", ()), *warnings],
        "origin": job.initial.notes,
        "preprocessing": job.how.told(job.scenario.resolution),
    }
    right = tuple(float(found[i].rank == 0) for i in good)
    return Samples(right, details=details, images=tuple(files.relative(i) for i in good))


def _published(job: _Evaluation, paths: Sequence[Any], present: set[int]) -> dict[str, Any]:
    """Published figures of the weights where they apply to these pictures; else why nothing is compared."""
    known = published_of(ARCHITECTURES.get(job.cell.architecture), job.scenario.weights)
    pictures = pictures_of(paths, present)
    if known is None:
        return {"not_compared": "nothing published is known of these weights"}
    if not pictures:
        return {"not_compared": f"{known.by} is of other pictures: ILSVRC's validation set"}
    if known.resolution != job.scenario.resolution:
        return {"not_compared": f"{known.by} is of {known.resolution} px"}
    return {
        "published_top1": known.top1,
        "published_top5": known.top5,
        "published_by": known.by,
        "pictures": pictures,
    }


def _share(holds: Iterable[bool]) -> float:
    values = list(holds)
    return sum(values) / len(values)
