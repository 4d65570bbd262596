"""Export of a network: trains a scenario anew and writes one archive of files with the network."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from safetensors.torch import save

from bench.cell import Cell, Learning, digest
from bench.declare.artifact import Artifact, Report, Shelf
from bench.declare.catalog import DATASETS
from bench.declare.preprocessing import Geometry, whole
from bench.errors import Unsupported
from bench.learning import experiment
from bench.learning.evaluation.figures import correctness
from bench.learning.experiment import Experiment, Learned
from bench.learning.heads.alone import SORTS, Classifier, as_said
from bench.learning.heads.head import Head, HeadTask, Labelled
from bench.learning.heads.trained import head_task, read_matrices, trained_together
from bench.learning.partition import Everything
from bench.learning.recipes import Values
from bench.learning.tuning.heads import Tuned
from bench.learning.winner.forms import form_of
from bench.learning.winner.script import LABELS, ONNX, PICTURES, PREPROCESSING, SCRIPT, WEIGHTS, predict_source
from bench.learning.winner.standalone import seeing_source
from bench.learning.winner.whole import Whole, whole_of
from bench.machine.determinism import as_detail, undetermined
from bench.network.onnx import TOLERANCE, Mismatch, check, export, require_onnx
from bench.transfer import transfer_of


def make_winner(
    artifact: Artifact, cell: Cell, values: Values | None, shelf: Shelf, report: Report, *, everything: bool
) -> None:
    """Train, on everything or on the split, and write an archive of the network's files.

    Args:
        artifact: artifact that the archive belongs to.
        cell: the training.
        values: values that were chosen for a network; None: the scenario says or tunes them.
        shelf: shelf with all that is needed.
        report: receives progress.
        everything: whether all labelled images are learned from.

    Raises:
        Unsupported: the network cannot be written down.
    """
    scenario = cell.scenario
    assert isinstance(scenario, Learning)
    job = experiment.prepare(cell, scenario, shelf)
    with undetermined(scenario.device) as said:
        learned = _trained(job, values, shelf, report, everything=everything)
        tested = {} if everything else _tested(job, learned)
    found = whole_of(job, learned, shelf)
    form = form_of(job.architecture, found, job.classes)
    labels = list(job.stored.names or map(str, range(job.classes)))
    how = _preprocessing(job, found)
    exported, about_onnx = _onnx(found)
    files = {
        **form.files,
        **exported,
        WEIGHTS: save(_state(found)),
        LABELS: json.dumps(labels, indent=1, ensure_ascii=False).encode(),
        PREPROCESSING: json.dumps(how, indent=1).encode(),
        PICTURES: seeing_source().encode(),
        SCRIPT: predict_source(form, probabilistic=learned.probabilistic).encode(),
    }
    details = {
        **tested,
        "n_train": len(job.stored.labels) if everything else _learned_from(job),
        "classes": job.classes,
        "parameters": sum(parameter.numel() for parameter in found.model.parameters()),
        "form": form.what,
        "onnx": about_onnx,
        "needs": form.needs,
        "preprocessing": job.preprocessing.told(scenario.resolution),
        "probabilistic": learned.probabilistic,
        "chosen": learned.chosen,
        "values": asdict(learned.values) if learned.values else {},
        "origin": learned.origin,
        "warnings": list(learned.warnings),
        **as_detail(said),
    }
    with shelf.writing(artifact, details) as path, zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def _learned_from(job: Experiment) -> int:
    return len(job.partition.train_and_val if job.scenario.refit else job.partition.train)


def _trained(job: Experiment, values: Values | None, shelf: Shelf, report: Report, *, everything: bool) -> Learned:
    """Train as the measure of accuracy does; or on every labelled image, with the values that validation images
    chose."""
    if transfer_of(job.scenario.mode).frozen:
        return _head_on_all(job, shelf, report) if everything else experiment.train(job, shelf, report)
    if everything and values is None and job.scenario.tune is not None:
        values = experiment.train(job, shelf, report).values
    # what a training of other images, or of given values, leaves unfinished is not what the cell's own leaves
    own = replace(job, key=digest([job.key, values and asdict(values), everything]))
    if everything:
        stored = replace(job.stored, split=torch.zeros_like(job.stored.split))
        own = replace(own, stored=stored, partition=Everything(stored))
    return experiment.train(own, shelf, report, values)


def _tested(job: Experiment, learned: Learned) -> dict[str, Any]:
    """Figures of the network on the test images, which are read once, and on those for validation."""
    test = job.partition.open_test()
    right = correctness(learned.score(test), job.stored.labels[test])
    return {"right": round(sum(right)), "n_test": len(right), "val_top1": learned.val}


def _head_on_all(job: Experiment, shelf: Shelf, report: Report) -> Learned:
    """A head on the features of the split's trunk, fitted once more as in a refit."""
    scenario, needs = job.scenario, job.needs
    assert needs.features is not None
    matrices = read_matrices([needs.features], shelf)
    features = next(iter(matrices.values()))
    task = head_task(scenario, needs, job.stored, matrices)
    everything = Labelled.all(features, job.stored.labels)
    return experiment.learned_head(job, _fitted(replace(task, last=everything), scenario, report), features)


def _fitted(task: HeadTask, scenario: Learning, report: Report) -> Classifier:
    found: Classifier | Tuned[Head] | Tuned[Classifier]
    sort = SORTS.get(transfer_of(scenario.mode).head)
    if sort is None:
        (found,) = trained_together(scenario, [task], report)
    else:
        found = as_said(sort, task, scenario.tune)
    return found.head if isinstance(found, Tuned) else found


def _preprocessing(job: Experiment, found: Whole) -> dict[str, Any]:
    """Content of `preprocessing.json`, from which `seeing.seen` makes the network's input."""
    stored, view = job.stored, found.view
    files: Geometry | None = None
    if stored.fitted:
        files = Geometry.of_spec(dict(job.needs.target.spec))
    elif stored.paths:
        files = whole(DATASETS.get(job.scenario.target).resolution or 0)
    mean, std = view.normalisation.mean, view.normalisation.std
    return {
        "about": job.preprocessing.told(job.scenario.resolution),
        "channels": view.channels,
        "side": view.resolution,
        "gray": stored.pixels.shape[1] == 1,
        "files": dict(files.to_spec()) if files else None,
        "memory": dict(view.geometry.to_spec()) if view.geometry else None,
        "mean": list(mean),
        "std": list(std),
    }


def _onnx(found: Whole) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The network as an ONNX file, where onnxruntime gives torch's outputs, and details about it.

    That is `opset` and `difference` (largest, as a share of the largest score), or `missing` (the packages), or
    `refused` (why there is no file).
    """
    try:
        require_onnx()
    except Unsupported as error:
        return {}, {"missing": str(error)}
    with TemporaryDirectory() as folder:
        path = Path(folder) / ONNX
        try:
            opset = export(found.model, found.images, path, dynamic=True)
            off = max(check(found.model, some, path) for some in (found.images, found.images[:1]))
        except (Unsupported, Mismatch) as error:
            return {}, {"refused": str(error)}
        files = {file.name: file.read_bytes() for file in Path(folder).iterdir()}
    return files, {"opset": opset, "difference": off, "pictures": len(found.images), "tolerance": TOLERANCE}


def _state(found: Whole) -> dict[str, torch.Tensor]:
    """Tensors of the network, each with memory of its own."""
    return {name: tensor.detach().clone().contiguous() for name, tensor in found.model.state_dict().items()}
