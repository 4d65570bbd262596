"""Pictures of a network's inner state; each comes with a share that describes it.

`confusions`, `relative_attention` and `patch_offsets` look at what a scenario has trained; the last two draw
nothing. All others look at the weights that it begins with, so that its mode is one of fixed features; of
`features@STAGE+softmax` the feature maps are those of that stage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.cell import Cell, Samples
from bench.clock import Clock
from bench.declare.artifact import Artifact
from bench.declare.catalog import measure
from bench.declare.nature import Detail
from bench.lazy import lazy
from bench.learning.artifacts import needs_of
from bench.network.subject import Subject
from bench.transfer import transfer_of

if TYPE_CHECKING:
    from bench.learning import experiment
    from bench.learning.looking import attention as attend
    from bench.learning.looking import attention_maps, gallery, look, maps, positions, relative
    from bench.learning.looking import confusions as confuse
    from bench.learning.looking import filters as first
    from bench.learning.looking import patches as deform
else:
    experiment = lazy("bench.learning.experiment")
    attend = lazy("bench.learning.looking.attention")
    attention_maps = lazy("bench.learning.looking.attention_maps")
    confuse = lazy("bench.learning.looking.confusions")
    gallery = lazy("bench.learning.looking.gallery")
    look = lazy("bench.learning.looking.look")
    maps = lazy("bench.learning.looking.maps")
    positions = lazy("bench.learning.looking.positions")
    first = lazy("bench.learning.looking.filters")
    deform = lazy("bench.learning.looking.patches")
    relative = lazy("bench.learning.looking.relative")


def _data(cell: Cell) -> tuple[Artifact, ...]:
    return (needs_of(cell).target,)


def _weights(cell: Cell) -> tuple[Artifact, ...]:
    needs = needs_of(cell)
    return tuple(need for need in (needs.target, needs.checkpoint) if need is not None)


def _training(cell: Cell) -> tuple[Artifact, ...]:
    return needs_of(cell).all()


def _look(subject: Subject) -> look.Look:
    return look.look(subject.cell, subject.learning, subject.shelf)


@measure(unit="1", nature="pictures", better="neither", kind="learning", repeats="host", artifacts=_weights)
def filters(subject: Subject, clock: Clock) -> Samples:
    """Share of first-layer filters that are as good as empty; drawn: the filters."""
    found = first.first_filters(_look(subject))
    details = {"layer": found.name, "filters": len(found.weight)}
    return Samples((found.empty,), details=details, pictures=first.draw_filters(found))


@measure(unit="1", nature="pictures", better="neither", kind="learning", repeats="host", artifacts=_weights)
def feature_maps(subject: Subject, clock: Clock) -> Samples:
    """Share of dead channels, the same everywhere whatever the picture; drawn: what stages answer to one."""
    looked = _look(subject)
    found = maps.feature_maps_of(looked, transfer_of(subject.learning.mode).stage)
    dead = {item.stage: int(item.dead.sum()) for item in found}
    channels = {item.stage: len(item.dead) for item in found}
    share = sum(dead.values()) / sum(channels.values())
    details = {"dead": dead, "channels": channels}
    return Samples((share,), details=details, pictures=maps.draw_maps(looked, found))


@measure(unit="1", nature="pictures", better="neither", kind="learning", repeats="host", artifacts=_weights)
def attention(subject: Subject, clock: Clock) -> Samples:
    """Mean attention distance as a share of the picture's side (arXiv:2010.11929, D.7); drawn: heads."""
    looked = _look(subject)
    layers = attend.attention_of(looked)
    by_layer = [layer.distance.tolist() for layer in layers]
    mean = sum(sum(heads) / len(heads) for heads in by_layer) / len(by_layer)
    pictures = attention_maps.draw_attention(looked, layers)
    return Samples((mean,), details={"distances": by_layer}, pictures=pictures)


@measure(unit="1", nature="pictures", better="neither", kind="learning", repeats="host", artifacts=_weights)
def position_similarity(subject: Subject, clock: Clock) -> Samples:
    """Share of positions whose most similar other one is a neighbour; drawn: cosines of position embeddings."""
    found = positions.positions_of(_look(subject))
    by_name = {item.name: item.neighbourly for item in found}
    details = {"embeddings": by_name, "by_chance": {item.name: item.by_chance for item in found}}
    mean = sum(by_name.values()) / len(by_name)
    return Samples((mean,), details=details, pictures=positions.draw_positions(found))


@measure(unit="1", nature="pictures", better="neither", kind="learning", repeats="host", artifacts=_weights)
def patches(subject: Subject, clock: Clock) -> Samples:
    """Mean side of learned patches as a share of a regular one's; drawn: their rectangles over a picture."""
    looked = _look(subject)
    found = deform.patches_of(looked)
    mean = sum(item.size for item in found) / len(found)
    details = {item.name: {"size": item.size, "offset": item.offset} for item in found}
    return Samples((mean,), details={"embeddings": details}, pictures=deform.draw_patches(looked, found))


@measure(unit="1", nature="ratio", better="neither", kind="learning", repeats="host", artifacts=_training)
def relative_attention(subject: Subject, clock: Clock) -> Samples:
    """Share of a trained head's attention that the offset of patches explains, beyond that of shuffled patches."""
    seed = subject.learning.seed
    job, before = look.look_before_training(subject.cell, subject.learning, subject.shelf)
    begun = relative.relative_of(before, seed)  # a network without attention is told of before it is trained
    after, learned = look.look_after_training(job, before, subject.shelf, subject.report)
    found = relative.relative_of(after, seed)
    details = {
        "before": relative.beyond_chance(begun),
        "share": [layer.share.tolist() for layer in found],
        "control": [layer.control.tolist() for layer in found],
        "warnings": list(learned.warnings),
    }
    return Samples((relative.beyond_chance(found),), details=details)


@measure(unit="1", nature="ratio", better="neither", kind="learning", repeats="host", artifacts=_training)
def patch_offsets(subject: Subject, clock: Clock) -> Samples:
    """Mean distance that training moved the centres of learned patches by, in sides of a regular patch.

    `offset_before` and `offset_after` are their mean distances from those of regular patches.
    """
    job, looked = look.look_before_training(subject.cell, subject.learning, subject.shelf)
    before = deform.patches_of(looked)
    trained, learned = look.look_after_training(job, looked, subject.shelf, subject.report)
    after = deform.patches_of(trained)
    moved = [new.moved_from(old) for old, new in zip(before, after, strict=True)]
    details: dict[str, Any] = {"warnings": list(learned.warnings)}
    for when, found in (("before", before), ("after", after)):
        details[when] = {item.name: {"size": item.size, "offset": item.offset} for item in found}
        details[f"offset_{when}"] = sum(item.offset for item in found) / len(found)
    return Samples((sum(moved) / len(moved),), details=details)


@measure(unit="1", nature="pictures", better="neither", kind="learning", repeats="host", artifacts=_data)
def augmentation_gallery(subject: Subject, clock: Clock) -> Samples:
    """Mean absolute change of a pixel, as a share of its range; drawn: a picture and eight draws of it."""
    scenario = subject.learning
    pixels, _, paths = look.images_of(experiment.prepare(subject.cell, scenario, subject.shelf))
    seed = (scenario.seed, scenario.fold)
    draws = gallery.draws_of(pixels, scenario.augmentation, *seed, pipeline=scenario.pipeline)
    pictures = gallery.draw_gallery(pixels, draws, scenario.augmentation, paths)
    return Samples((gallery.change(pixels, draws),), pictures=pictures)


@measure(
    unit="1",
    nature="pictures",
    better="neither",
    kind="learning",
    repeats="host",
    artifacts=_training,
    details=[Detail("n_test", "1", processes="first")],
)
def confusions(subject: Subject, clock: Clock) -> Samples:
    """Share of the test errors in the most confused pair of classes; drawn: such pairs with their pictures."""
    job = experiment.prepare(subject.cell, subject.learning, subject.shelf)
    learned = experiment.train(job, subject.shelf, subject.report)
    test = job.partition.open_test()
    answers = confuse.PictureAnswers(
        job.stored.labels[test],
        learned.score(test).argmax(1),
        job.classes,
        job.stored.names,
        job.stored.paths_of(test),
    )
    pairs = [[pair.true, pair.answered, len(pair.images)] for pair in answers.pairs(confuse.PAIRS)]
    seen = job.preprocessing.told(subject.learning.resolution)
    details = {"errors": answers.errors, "n_test": len(test), "pairs": pairs, "preprocessing": seen}
    pictures = confuse.draw_confusions(answers, job.stored.pixels[test])
    return Samples((answers.concentration,), details=details, pictures=pictures)
