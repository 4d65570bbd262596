"""Artifacts that learning cells share (data sets, checkpoints, features) and their inputs; loads no torch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bench.cell import Cell, Learning
from bench.data.formats import decoders
from bench.data.place import FAIL, data_place
from bench.declare.artifact import PRODUCERS, Artifact, Report, Shelf, producer
from bench.declare.catalog import ARCHITECTURES, DATASETS
from bench.declare.loading.code import code_digest
from bench.declare.preprocessing import Preprocessing
from bench.errors import UsageError
from bench.lazy import lazy
from bench.learning.data.augment import AUGMENTATIONS
from bench.learning.needs import CellArtifacts, present
from bench.learning.scenario import check, file_of, pretraining, source_of
from bench.learning.weights.files import weights_digest
from bench.learning.weights.preprocessing import UNTRAINED, preprocessing_for
from bench.learning.weights.shipped import kept_digest
from bench.transfer import transfer_of
from bench.validity import as_read, written

if TYPE_CHECKING:
    from bench.learning import features as feature
    from bench.learning.data import images as data
    from bench.learning.heads import trained as trained_heads
    from bench.learning.training import pretrain
else:
    data = lazy("bench.learning.data.images")
    feature = lazy("bench.learning.features")
    trained_heads = lazy("bench.learning.heads.trained")
    pretrain = lazy("bench.learning.training.pretrain")

Spec = tuple[tuple[str, str | int | float], ...]
VIEWS = 10
"""Augmented views of each labelled image that a head is trained on."""
SEEDS_TOGETHER = 5
"""Number of seeds whose heads are trained in one go: more would cost those who want a single one."""

RESOLUTION = 224
"""Resolution at which images of different sizes are stored where nothing else is asked for."""


def needs_of(cell: Cell) -> CellArtifacts:
    """Artifacts that the cell needs.

    Raises:
        UsageError: the scenario makes no sense.
    """
    scenario = _learning(cell)
    needs = inputs_of(cell.architecture, scenario)
    if transfer_of(scenario.mode).head != "softmax":
        return needs
    return replace(needs, heads=_heads(cell.architecture, scenario, needs.target))


def inputs_of(architecture: str, scenario: Learning) -> CellArtifacts:
    """Artifacts that a training reads: those of `needs_of` without heads that others have trained."""
    target = target_of(architecture, scenario)
    checkpoint = _checkpoint(architecture, scenario)
    if not transfer_of(scenario.mode).frozen:
        return CellArtifacts(target, checkpoint)
    plain = _features(architecture, scenario, target, checkpoint)
    views = None if scenario.augmentation == "none" else _views(architecture, scenario, target, checkpoint)
    return CellArtifacts(target, checkpoint, plain, views)


def together(scenario: Learning) -> tuple[tuple[int, int], ...]:
    """Fold and seed of every softmax head that is trained in one go with the scenario's.

    The folds of a cross-validation, or a few seeds, where all look at the same features: one that is wanted
    alone must not wait for the features of others.
    """
    own = transfer_of(scenario.mode).reestimated or _normalised_by_fold(scenario)
    if scenario.folds and not own:
        return tuple((fold, scenario.seed) for fold in range(scenario.folds))
    if scenario.folds or own or scenario.weights == "random" or scenario.augmentation != "none":
        return ((scenario.fold, scenario.seed),)
    first = scenario.seed - scenario.seed % SEEDS_TOGETHER
    return tuple((scenario.fold, first + i) for i in range(SEEDS_TOGETHER))


def target_of(architecture: str, scenario: Learning) -> Artifact:
    """Artifact of the images that a scenario learns from, as its weights see them."""
    how = preprocessing_for(architecture, scenario.weights, scenario.target)
    return dataset_of(scenario.target, scenario.resolution, how)


def dataset_of(name: str, resolution: int = 0, how: Preprocessing = UNTRAINED) -> Artifact:
    """Artifact of all images of a data set with their split.

    Images of different sizes are stored as the weights see them at the scenario's resolution: decoded, resized and
    cut in one go. Weights for which that is the same share what is stored.
    """
    item = DATASETS.get(name)
    spec: Spec = (("name", item.name),)
    if item.resolution is None:
        spec += how.completed(None).at(resolution or RESOLUTION).to_spec()
        spec += (("decoder", decoders()),)
        if data_place().on_bad_image == FAIL:
            spec += (("on_bad_image", FAIL),)
    if state := item.state():
        spec += (("state", state),)
    return Artifact("dataset", spec, code=code_digest(PRODUCERS.place("dataset"), item.place))


def _learning(cell: Cell) -> Learning:
    if not isinstance(cell.scenario, Learning):
        raise UsageError(f"{cell.measure} needs a scenario of learning")
    check(cell.scenario)
    return cell.scenario


def _checkpoint(architecture: str, scenario: Learning) -> Artifact | None:
    """Artifact of the checkpoint, one for all scenarios of the architecture at this resolution."""
    source = source_of(scenario.weights)
    if not source:
        return None
    recipe = pretraining(architecture)
    spec: Spec = (
        ("architecture", architecture),
        ("source", source),
        ("resolution", scenario.resolution),
        ("shots", recipe.shots),
        ("epochs", recipe.epochs),
        ("batch", recipe.batch),
        ("lr", recipe.lr),
        *_host(scenario),
    )
    code = _code("checkpoint", architecture, source)
    return Artifact("checkpoint", spec, (dataset_of(source, scenario.resolution),), code)


def _features(architecture: str, scenario: Learning, target: Artifact, checkpoint: Artifact | None) -> Artifact:
    """Artifact of the features, one for all heads, folds and label budgets; with random weights, one per seed;
    with re-estimated BatchNorm, one per training set."""
    spec = _trunk(architecture, scenario)
    return Artifact(
        "features", spec, present(target, checkpoint), _code("features", architecture, scenario.target)
    )


def _views(architecture: str, scenario: Learning, target: Artifact, checkpoint: Artifact | None) -> Artifact:
    """Artifact of augmented features, one for all heads that see the same images: without a budget, one for all
    folds and seeds."""
    spec: Spec = (
        *_trunk(architecture, scenario),
        ("augmentation", scenario.augmentation),
        ("pipeline", scenario.pipeline),
        ("views", VIEWS),
        *_subset(
            scenario if scenario.shots or _normalised_by_fold(scenario) else replace(scenario, fold=0, seed=0)
        ),
    )
    code = _code("views", architecture, scenario.target, AUGMENTATIONS.place(scenario.augmentation))
    return Artifact("views", tuple(dict(spec).items()), present(target, checkpoint), code)


def _heads(architecture: str, scenario: Learning, target: Artifact) -> Artifact:
    """Artifact of the heads of all folds, or of a few seeds, with the scenario of the first of them."""
    all_of_them = together(scenario)
    fold, seed = all_of_them[0]
    first = replace(scenario, fold=fold, seed=seed)
    spec: Spec = (("architecture", architecture), *written(first).items())
    inputs = [inputs_of(architecture, replace(scenario, fold=f, seed=s)) for f, s in all_of_them]
    read = dict.fromkeys(a for needs in inputs for a in (needs.features, needs.views))
    return Artifact("heads", spec, present(target, *read), _code("heads", architecture, scenario.target))


def _trunk(architecture: str, scenario: Learning) -> Spec:
    transfer = transfer_of(scenario.mode)
    kept = kept_digest(ARCHITECTURES.get(architecture), scenario.weights)
    return (
        ("architecture", architecture),
        ("weights", scenario.weights),
        # given weights are the same for every seed; random ones are drawn
        ("seed", scenario.seed if scenario.weights == "random" else 0),
        ("target", scenario.target),
        ("resolution", scenario.resolution),
        ("preprocessing", preprocessing_for(architecture, scenario.weights, scenario.target).key),
        *_host(scenario),
        *((("weights_digest", weights_digest(scenario.weights)[:16]),) if file_of(scenario.weights) else ()),
        *((("weights_digest", kept[:16]),) if kept else ()),
        *((("stage", transfer.stage),) if transfer.stage else ()),
        *((("reestimated", 1), *_subset(scenario)) if transfer.reestimated else ()),
        *(
            _subset(replace(scenario, shots=None))
            if _normalised_by_fold(scenario) and not transfer.reestimated
            else ()
        ),
    )


def _normalised_by_fold(scenario: Learning) -> bool:
    """Whether the trunk's input is normalised by a fold's training images, some of which other folds test on."""
    own = scenario.weights == "random" or bool(file_of(scenario.weights))
    return own and scenario.folds is not None


def _subset(scenario: Learning) -> Spec:
    """Part of a spec that decides which images are learned from."""
    return (
        ("shots", scenario.shots or 0),
        ("fold", scenario.fold),
        ("folds", scenario.folds or 0),
        ("subset_seed", scenario.seed),
    )


def _host(scenario: Learning) -> Spec:
    """Part of a spec that changes the last digits of a sum; fp32 on a CPU is left out."""
    told = scenario.device.startswith("cuda") or scenario.precision != "fp32"
    precision: Spec = (("precision", scenario.precision),) if told else ()
    return (("device", scenario.device), ("threads", scenario.threads), *precision)


def places_of(architecture: str, scenario: Learning) -> tuple[str, ...]:
    """Places (`file:line`) of all declarations that a scenario of learning names: network, data sets,
    augmentation."""
    names = (scenario.target, source_of(scenario.weights))
    data = (DATASETS.get(name).place for name in names if name)
    return (ARCHITECTURES.get(architecture).place, *data, AUGMENTATIONS.place(scenario.augmentation))


def _code(kind: str, architecture: str, dataset: str, *places: str) -> str:
    """Digest of the code that makes artifacts of a kind, and of the declarations that it uses."""
    made_of = (ARCHITECTURES.get(architecture).place, DATASETS.get(dataset).place)
    return code_digest(PRODUCERS.place(kind), *made_of, *places)


@producer
def dataset(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Parse the data once and split them by content."""
    report({"step": 0, "steps": 1})
    data.make_dataset(artifact, shelf, report)


@producer
def checkpoint(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Train an architecture on the source data."""
    pretrain.make_checkpoint(artifact, shelf, report)


@producer
def features(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Penultimate activations of all images of the target, without augmentation."""
    feature.make_features(artifact, shelf, report)


@producer
def views(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Penultimate activations of augmented views of the labelled images."""
    feature.make_views(artifact, shelf, report)


@producer
def heads(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Softmax heads of all folds, or of a few seeds, trained as one problem."""
    spec = dict(artifact.spec)
    architecture = str(spec.pop("architecture"))
    first = Learning(**as_read(Learning, spec))
    scenarios = [replace(first, fold=fold, seed=seed) for fold, seed in together(first)]
    inputs = [(scenario, inputs_of(architecture, scenario)) for scenario in scenarios]
    trained_heads.make_heads(artifact, inputs, shelf, report)
