"""Accuracy of transfer learning."""

from __future__ import annotations

from dataclasses import asdict, replace
from statistics import fmean
from typing import TYPE_CHECKING, Any

from bench.cell import Cell, Samples
from bench.clock import Clock
from bench.declare.artifact import Artifact
from bench.declare.catalog import measure
from bench.declare.nature import Detail
from bench.errors import UsageError
from bench.lazy import lazy
from bench.learning.artifacts import needs_of
from bench.machine.determinism import as_detail, undetermined
from bench.network.subject import Subject
from bench.transfer import transfer_of

if TYPE_CHECKING:
    import torch

    from bench.learning import experiment
    from bench.learning.evaluation import classes, figures, mistakes
else:
    classes = lazy("bench.learning.evaluation.classes")
    figures = lazy("bench.learning.evaluation.figures")
    mistakes = lazy("bench.learning.evaluation.mistakes")
    experiment = lazy("bench.learning.experiment")


_SHARES = (
    "chance",
    "val_top1",
    "top5",
    "macro_f1",
    "balanced_accuracy",
    "average_precision",
    "ece",
    "train_top1",
    "gap",
    "untuned_top1",
)
_LOSSES = ("nll", "train_nll")
_COUNTS = ("n_train", "n_test", "trainable")
_DETAILS = (
    *(Detail(name, "1", processes="first") for name in (*_SHARES, *_LOSSES, *_COUNTS)),
    Detail("started", column="did_start", processes="first"),
    Detail("train_seconds", "s", processes="first"),
    Detail("preprocessing", processes="first"),
    Detail("gpu_waits", "1", processes="first"),
    *(Detail(name, processes="first") for name in ("set_up", "trained_on", "tuned", "at_edge")),
)


def _by_steps(cell: Cell) -> tuple[Artifact, ...]:
    found = needs_of(cell).all()
    if getattr(cell.scenario, "duration", None):
        raise UsageError(f"{cell.measure} is of trainings for their steps: top1_in_time is of those for a time")
    return found


def _by_time(cell: Cell) -> tuple[Artifact, ...]:
    found = needs_of(cell).all()
    if not getattr(cell.scenario, "duration", None):
        raise UsageError(f"{cell.measure} is of trainings for a time: give its scenario a duration in seconds")
    return found


@measure(
    unit="1",
    nature="share",
    better="higher",
    kind="learning",
    repeats="host",
    artifacts=_by_steps,
    details=_DETAILS,
)
def top1(subject: Subject, clock: Clock) -> Samples:
    """Right first answers on the test split: 1 or 0 for each test image, in the data set's order.

    After the test split at most 1,000 training images are answered (`Partition.looked_at`), without augmentation
    and in eval mode. Of them are `train_top1` and `train_nll` (in nats); `gap` is `train_top1` less test top-1.
    """
    return _tested(subject)


@measure(
    unit="1",
    nature="share",
    better="higher",
    kind="learning",
    repeats="never",
    artifacts=_by_time,
    details=(*_DETAILS, Detail("steps_taken", "1", processes="first")),
)
def top1_in_time(subject: Subject, clock: Clock) -> Samples:
    """Right first answers on the test split after equal seconds of training, alone on the host.

    As `top1`, but training ends with the step in which the scenario's `duration` is over: seconds that leave out
    validation and what is set up before the first step. The recipe's schedule goes by the share of them that is
    over. `steps_taken` are those that there was time for, the scenario's at most.
    """
    samples = _tested(subject)
    return replace(samples, details={**samples.details, "steps_taken": samples.details["curve"][-1]["step"]})


def _tested(subject: Subject) -> Samples:
    """Train, read the test split once, and collect the details of the training."""
    job = experiment.prepare(subject.cell, subject.learning, subject.shelf)
    with undetermined(subject.learning.device) as said:
        learned = experiment.train(job, subject.shelf, subject.report)
        test = job.partition.open_test()
        scores, labels = learned.score(test), job.stored.labels[test]
        seen = job.partition.looked_at(refit=subject.learning.refit)
        train_top1, train_nll = _answered(subject, learned, seen, job.stored.labels[seen])
    right = figures.correctness(scores, labels)
    table = figures.confusion(scores, labels, job.classes)
    against = figures.against_chance(right, labels)
    answers = mistakes.answers_of(
        job.stored, test, scores, probabilistic=learned.probabilistic, folded=bool(subject.learning.folds)
    )
    tuned = _tuned(learned, test, labels, fmean(right))
    details: dict[str, Any] = {
        "started": against.started,
        "started_by": against.how,
        "chance": against.chance,
        "curve": [asdict(point) for point in learned.curve],
        "val_top1": learned.val,
        "top5": figures.top_k(scores, labels),
        "macro_f1": figures.macro_f1(scores, labels, job.classes),
        "balanced_accuracy": classes.balanced_accuracy(table),
        "average_precision": classes.average_precision(scores, labels, probabilistic=learned.probabilistic),
        "recalls": classes.recalls(table, job.stored.names),
        "nll": figures.nll(scores, labels) if learned.probabilistic else None,
        "ece": figures.calibration_error(scores, labels) if learned.probabilistic else None,
        "train_top1": train_top1,
        "train_nll": train_nll,
        "gap": None if train_top1 is None else train_top1 - fmean(right),
        "confusion": figures.confusion_details(table, job.stored.names),
        "mistakes": answers.to_dict(),
        "n_train": len(job.partition.train_and_val if subject.learning.refit else job.partition.train),
        "n_val": len(job.partition.val),
        "n_test": len(test),
        "trainable": learned.trainable,
        "frozen": learned.frozen,
        "train_seconds": learned.seconds,
        "warnings": [
            *learned.warnings,
            *(learned.choice.warnings() if learned.choice else ()),
            *learned.origin.get("warnings", ()),
        ],
        "origin": learned.origin,
        "preprocessing": job.preprocessing.told(subject.learning.resolution),
        **learned.chosen,
        **tuned,
        **learned.told,
        **as_detail([*experiment.said_of_artifacts(job.needs, subject.shelf), *said]),
    }
    pictures = mistakes.pictures_of(answers, job.stored)
    return Samples(right, details=details, pictures=pictures, images=job.stored.paths_of(test))


def _tuned(learned: experiment.Learned, test: torch.Tensor, labels: torch.Tensor, top1: float) -> dict[str, Any]:
    """Details of a tuned training: its trials, the choice, and the untuned top-1 from the first trial."""
    if learned.choice is None:
        return {}
    told = learned.choice.told()
    if learned.choice.best == 0:
        return {**told, "untuned_top1": top1}
    first = None if learned.first is None else fmean(figures.correctness(learned.first(test), labels))
    return {**told, "untuned_top1": first}


def _answered(
    subject: Subject, learned: experiment.Learned, positions: torch.Tensor, labels: torch.Tensor
) -> tuple[float | None, float | None]:
    """Top-1 on these training images and, unless scores are margins, the mean negative log-likelihood in nats.

    Neither where nothing learns: each of them is then its own nearest neighbour.
    """
    if not transfer_of(subject.learning.mode).learns:
        return None, None
    scores = learned.score(positions)
    right = fmean(figures.correctness(scores, labels))
    return right, figures.nll(scores, labels) if learned.probabilistic else None
