"""Parameters, multiply-adds and activations: exact, and the same on every host."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bench.cell import Cell, Cost, Samples
from bench.declare.artifact import Artifact, Report, Shelf, producer
from bench.declare.catalog import ARCHITECTURES, measure
from bench.declare.declarations import Architecture
from bench.declare.formulas import FORMULAS
from bench.declare.loading.code import code_digest
from bench.declare.loading.process_settings import BY_BUILDER, with_undone
from bench.declare.nature import Detail
from bench.declare.registry import place_of
from bench.errors import Unsupported
from bench.lazy import lazy
from bench.network.building import Draft
from bench.network.outputs import NetworkOutputs
from bench.network.subject import NEEDS_TWO, PICTURES, classes_of, pictures

if TYPE_CHECKING:
    import torch
    from torch import nn

    from bench.clock import Clock
    from bench.measures.counting import multiply_adds
    from bench.measures.counting.multiply_adds import MacCount
    from bench.network.subject import Subject
else:
    torch = lazy("torch")
    multiply_adds = lazy("bench.measures.counting.multiply_adds")

CONVENTION = (
    "one multiply-add counts one; convolutions, linear and recurrent layers, matrix products (attention included);"
    " no bias, normalisation, activation, pooling, interpolation or other element-wise work; batch 1, eval mode"
)

_ABOUT_THE_PASS = (
    "ran_on_images",
    "counted_pictures",
    "cheap_weights",
    "uncompiled",
    "settings_undone",
    "warnings",
)
"""Details that both figures of a count have, where they apply."""


@dataclass(frozen=True)
class ParameterCount:
    """Elements of a model's tensors."""

    total: int
    """All parameters, frozen or not, auxiliary heads included."""
    trainable: int
    auxiliary: dict[str, int]
    """Parameters of the heads that are used in training alone, by name."""
    without_auxiliary: int
    buffers: int
    """Elements of the buffers, such as the statistics of batch normalisation."""
    bytes: int
    """Bytes of parameters and buffers."""


def count_of(item: Architecture, resolution: int) -> Artifact:
    """Artifact made by `count` for an architecture and the side of its input, in pixels."""
    spec = (("architecture", item.name), ("resolution", resolution))
    formulas = (formula.place for formula in FORMULAS)
    return Artifact("count", spec, code=code_digest(item.place, place_of(count), *formulas))


def counted(cell: Cell) -> tuple[Artifact, ...]:
    """Count that the cells of one architecture and resolution share."""
    if not isinstance(cell.scenario, Cost):
        return ()
    return (count_of(ARCHITECTURES.get(cell.architecture), cell.scenario.resolution),)


@producer
def count(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Count one forward pass of one picture, by both counters, layer by layer.

    Where a network takes two pictures at least, the pass is of two, and its figures are halved.
    """
    item, resolution = ARCHITECTURES.get(artifact["architecture"]), artifact["resolution"]
    classes = classes_of(item)
    draft = Draft.of(item.build, classes)
    outputs = NetworkOutputs(item.build, classes, item.scores)
    real: dict[str, Any] = {}

    def answered(_: object, __: object, output: object) -> object:
        plain = outputs.plain(output)  # of what a network answers with, a tracer takes tensors alone
        if isinstance(plain, torch.Tensor) and torch._C._get_tracing_state() is None:  # whose sizes are no numbers
            real.update(_of_classes(plain, classes))
        return plain

    draft.model.register_forward_hook(answered)

    def fill(model: nn.Module) -> None:
        draft.fill()
        real["ran_on_images"] = PICTURES

    def pass_of(images: int) -> MacCount:
        return multiply_adds.count_macs(draft.model, pictures(item, resolution, images), fill=fill)

    try:
        found = pass_of(1)
    except ValueError as error:
        if NEEDS_TWO not in str(error):
            raise
        found = pass_of(2).halved()
        real["counted_pictures"] = 2
    size = count_parameters(draft.model, item.auxiliary)
    details = {
        **asdict(found),
        **draft.notes,
        **real,
        "parameters": size.total,
        "trainable": size.trainable,
        "total": found.total,
        "second_counter_agrees": found.counters_agree,
        "convention": CONVENTION,
    }
    with shelf.writing(artifact) as path:
        path.write_text(json.dumps(with_undone(details, BY_BUILDER)))


def _of_classes(scores: torch.Tensor, classes: int) -> dict[str, Any]:
    """A warning for the record of a network that has not as many classes as it was asked for."""
    if scores.dim() != 2 or scores.shape[1] == classes:
        return {}
    told = f"the network has {scores.shape[1]} scores an image, though {classes} classes were asked for"
    return {"warnings": [f"{told}: others are counted with these"]}


def _kept(subject: Subject) -> dict[str, Any]:
    needed = counted(subject.cell)
    if not needed:
        raise Unsupported(f"{subject.cell.measure} needs a scenario of cost")
    details: dict[str, Any] = json.loads(subject.shelf.path(needed[0]).read_text())
    return details


_TRAINABLE = Detail("trainable", "1", processes="first")
INCOMPLETE = Detail("incomplete", processes="first", bounds=True)
"""Detail with the operators whose multiply-adds are missing from a count."""


@measure(
    unit="1",
    nature="count",
    better="lower",
    repeats="anywhere",
    depends_on=(),
    details=[_TRAINABLE, Detail("without_auxiliary", "1", processes="first")],
)
def parameters(subject: Subject, clock: Clock) -> Samples:
    """All parameters, frozen or not, auxiliary heads included."""
    found = count_parameters(subject.draft().model, subject.architecture.auxiliary)
    details = asdict(found)
    return Samples((float(details.pop("total")),), details=details)


@measure(
    unit="1",
    nature="count",
    better="lower",
    repeats="anywhere",
    artifacts=counted,
    depends_on=("resolution",),
    details=[
        _TRAINABLE,
        Detail("second_counter_agrees", column="agreed", processes="first"),
        Detail("agreement", processes="first"),
        INCOMPLETE,
    ],
)
def macs(subject: Subject, clock: Clock) -> Samples:
    """Multiply-adds of a forward pass of one picture: convolutions, linear and recurrent layers, products."""
    details = _kept(subject)
    return Samples((float(details.pop("total")),), details=details)


@measure(
    unit="1",
    nature="count",
    better="lower",
    repeats="anywhere",
    artifacts=counted,
    depends_on=("resolution",),
    details=[INCOMPLETE],
)
def activations(subject: Subject, clock: Clock) -> Samples:
    """Elements of the outputs of all convolutions, linear layers and products of matrices, for one picture.

    Radosavovic et al. 2020 (arXiv:2003.13678, section 2) count convolutions alone; fvcore, and so we, count the
    results of matrix products, too.
    """
    details = _kept(subject)
    told = {name: details[name] for name in ("convention", "incomplete", *_ABOUT_THE_PASS) if name in details}
    return Samples((float(details["activations"]),), details=told)


def count_parameters(model: nn.Module, auxiliary: Iterable[str] = ()) -> ParameterCount:
    """Count a model's parameters and buffers; a tensor that several modules share counts once.

    Args:
        model: model on any device, the meta device included.
        auxiliary: dotted names of the heads that only training runs.
    """
    tensors = list(model.parameters())
    buffers = list(model.buffers())
    total = sum(t.numel() for t in tensors)
    heads = {name: sum(t.numel() for t in model.get_submodule(name).parameters()) for name in auxiliary}
    return ParameterCount(
        total=total,
        trainable=sum(t.numel() for t in tensors if t.requires_grad),
        auxiliary=heads,
        without_auxiliary=total - sum(heads.values()),
        buffers=sum(t.numel() for t in buffers),
        bytes=sum(t.numel() * t.element_size() for t in (*tensors, *buffers)),
    )


def count_macs(model: nn.Module, *inputs: torch.Tensor) -> MacCount:
    """Count the multiply-adds and activations of `model(*inputs)` in eval mode, which the model is left in.

    What no counter knows is named in its `incomplete`.

    Raises:
        Misdeclared: a formula that a user declared returned no number of multiply-adds.
    """
    return multiply_adds.count_macs(model, *inputs)
