"""Types of declarations: architectures, measures, data sets, suites. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from bench.cell import Cell, Samples, canonical
from bench.data.images import Dataset as Dataset
from bench.data.images import ImageFiles as ImageFiles
from bench.data.images import Images as Images
from bench.declare.artifact import Artifact
from bench.declare.learning_axes import Accelerator as Accelerator
from bench.declare.learning_axes import Profile as Profile
from bench.declare.learning_axes import Setting as Setting
from bench.declare.nature import BY_UNIT, Detail, Nature
from bench.declare.needs import Room
from bench.declare.places import Misdeclared, short_place
from bench.declare.preprocessing import Pretrained as Pretrained
from bench.validity import ABOVE_0, FILLED, FROM_0, FROM_1, FieldRule, faults, rules

if TYPE_CHECKING:
    from torch import nn

    from bench.clock import Clock


Protocol = Literal[
    "single crop",
    "single crop, extra training data",
    "10-crop",
    "dense, single-scale",
    "dense, multi-scale",
    "ensemble",
    "crops not stated",
    "other",
    "counted",
]
"""Protocol by which a figure was obtained. Errors compare where it is the same, whatever the side of the input.

Extra training data are pictures beside ImageNet's; errors of several networks together are of an `ensemble`;
parameters and multiply-adds are `counted`. What more is known, such as the test set, stands with the source.
"""


@dataclass(frozen=True)
class Published:
    """A figure that somebody else measured: never shown as measured."""

    quantity: Literal["top1_error", "top5_error", "parameters", "macs"]
    value: float
    """Published value; an error is in percent."""
    source: str = field(metadata=rules(FILLED))
    """Paper and table, or the weights' name; in brackets what `protocol` cannot express."""
    protocol: Protocol
    step: float | None = field(default=None, metadata=rules(ABOVE_0, none_as=0.0))
    """One unit of the last published digit; None: the value is exact, or its precision is not compared."""
    resolution: int | None = field(default=None, metadata=rules(FROM_1, none_as=0))
    """Side of the input in pixels for an error or multiply-adds; None: that of the architecture."""


_WITHIN_RESOLUTION = FieldRule(
    "at most the resolution", lambda least, item: not isinstance(item.resolution, int) or least <= item.resolution
)


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """A named model builder with its lineage."""

    name: str = field(metadata=rules(FILLED))
    build: Callable[[int], nn.Module]
    """Builder from the number of classes to the model, freshly initialised, in train mode, with auxiliary
    heads."""
    family: str = field(metadata=rules(FILLED))
    year: int | None = field(metadata=rules(FROM_0))
    """Year of the first appearance: as a preprint, or where there is none at its venue; None: no source says."""
    venue_year: int | None = field(default=None, metadata=rules(FROM_0))
    """Year of publication in a journal or at a conference; None: not published there, or no source says."""
    paper: str = field(metadata=rules(FILLED))
    idea: str
    """One sentence, from the docstring."""
    resolution: int = field(metadata=rules(FROM_1))
    """Side in pixels of the square input that the paper (or the published weights) use."""
    min_resolution: int = field(metadata=rules(FROM_1, _WITHIN_RESOLUTION))
    """Smallest side in pixels that runs through the model."""
    channels: int = field(metadata=rules(FROM_1))
    published: tuple[Published, ...]
    lecture: bool
    """Whether the architecture belongs to the lecture's lineage."""
    tags: tuple[str, ...]
    reduced_of: str
    """Full architecture of which this one is a smaller form, if there is one."""
    head: str
    """Dotted name of the final classifier layer; empty: it is found by running the network."""
    upper: tuple[str, ...]
    """Dotted names of the modules that `finetune:upper` trains beside the head; empty: the last stage."""
    auxiliary: tuple[str, ...] = ()
    """Dotted names of the heads that are used in training alone."""
    scores: str = ""
    """Name of the class scores in an output of several tensors (dotted where they are nested, an index in a
    tuple); empty: `logits`, or else the first tensor."""
    pretrained: tuple[Pretrained, ...]
    """Weights other than torchvision's own (source `imagenet`), which are found by the architecture's name."""
    place: str
    order: int | None = None
    """Position in tables and charts; architectures without one come last."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A package with architectures of its own, which are named `SOURCE/NAME`."""

    name: str = field(metadata=rules(FILLED))
    function: Callable[[str], Architecture]
    """Function from NAME to the architecture; raises `UnknownName`, or `UsageError` where the package is not
    installed."""
    names: Callable[[], Iterable[str]]
    """All NAMEs that are known without network access; raises the errors of `function`."""
    fetch: Callable[[str], object]
    """Function that downloads what `function` must know of NAME, where it is not on this machine."""
    about: str
    place: str


CostAxis = Literal["precision", "memory_format", "execution", "autotune", "batch", "resolution", "threads"]
COST_AXES: tuple[CostAxis, ...] = get_args(CostAxis)
"""Conditions of cost for which a user may give several values."""


def _is_unit_of(unit: str, item: Measure) -> bool:
    """Whether unit and nature belong together: a time is in seconds, and only a time is."""
    own = next((unit for unit, nature in BY_UNIT.items() if nature is item.nature), unit)
    return unit == own and BY_UNIT.get(unit, item.nature) is item.nature


_OF_NATURE = FieldRule("that of its nature", _is_unit_of)
_OF_LEARNING = FieldRule(
    "another one outside learning, such as ratio",
    lambda nature, item: nature is not Nature.SHARE or item.kind == "learning",
)
_DISTINCT = FieldRule(
    "of different names", lambda found, _: len({detail.heading for detail in found}) == len(found)
)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A function from a prepared subject to samples in one SI unit."""

    name: str = field(metadata=rules(FILLED))
    function: Callable[[Any, Clock], Samples]
    unit: str = field(metadata=rules(FILLED, _OF_NATURE))
    nature: Nature = field(metadata=rules(_OF_LEARNING))
    """Nature of the figure, which decides how it is shown, aggregated, repeated when disturbed, compared and
    gated."""
    better: Literal["lower", "higher", "neither"]
    about: str
    kind: Literal["cost", "learning"]
    repeats: Literal["never", "host", "anywhere"]
    """Scope within which the same code gives the same figure again, so that a kept record may be reused."""
    artifacts: Callable[[Cell], tuple[Artifact, ...]]
    """Function that returns the artifacts that a cell of this measure needs."""
    place: str
    provenance: Literal["measured", "derived"] = "measured"
    depends_on: tuple[CostAxis, ...] = COST_AXES
    """Conditions of cost that change the figure; the others do not multiply cells."""
    finds_batch: bool = False
    """Whether the measure can find the best batch (`BEST`)."""
    details: tuple[Detail, ...] = field(default=(), metadata=rules(_DISTINCT))
    """Details of the samples that are shown beside the figure."""
    needs: Room = "host"
    """Requirements of a cell on its host, beside the device."""


def checked(found: object, item: Measure) -> Samples:
    """The result of a measure, checked that a record can keep it.

    Raises:
        Misdeclared: the result is not as declared; the message names the measure and its place.
    """
    who = f"measure '{item.name}' ({short_place(item.place)})"
    if not isinstance(found, Samples):
        raise Misdeclared(f"{who} returned {type(found).__name__}, not Samples")
    wrong = [] if found.values else ["values must hold one or more"]
    if found.images and len(found.images) != len(found.values):
        wrong.append(f"images must be as many as values ({len(found.values)}), not {len(found.images)}")
    wrong += faults(found)
    try:
        canonical(found.details)
    except (TypeError, ValueError) as error:
        wrong.append(f"details must be JSON: {error}")
    if wrong:
        raise Misdeclared(f"{who} returned Samples whose {'; '.join(wrong)}")
    return found


Due = Literal["first", "then", "last"]
"""Time at which a run that fills its time measures a cell."""


@dataclass(frozen=True)
class Planned:
    """A cell that is to be measured."""

    cell: Cell
    sampling: float = field(default=0.0, metadata=rules(FROM_0))
    """Seconds that the clock may sample for, warming up included; a measure without a clock ignores them."""
    replicates: int = field(default=1, metadata=rules(FROM_1))
    """Number of fresh processes that measure the cell."""
    varied: bool = True
    """Whether conditions that the user lists multiply the cell; a cell of cost that belongs to a training keeps
    its own."""
    due: Due = "then"
    """When a run that fills its time measures the cell: its first process `first`, all `then`, or all `last`."""
    open: bool = False
    """Whether further seeds of the same training may be added to the run while a comparison is undecided."""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A named, declared set of cells."""

    name: str = field(metadata=rules(FILLED))
    title: str = field(metadata=rules(FILLED))
    about: str
    cells: Callable[[Setting], Iterable[Planned]]
    place: str
    fills: Mapping[str, float] = field(default_factory=dict)
    """Wall seconds, by profile, that a run with open trainings of the suite is filled with; under other profiles
    all that is planned is measured."""
