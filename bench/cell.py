"""Cells and records: the unit of work and the evidence of one attempt at it. Plain data, no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from typing import Any, ClassVar, Literal, get_args

from bench.validity import ABOVE_0, FILLED, FROM_1, FieldRule, as_read, rules, written

Status = Literal["ok", "failed", "oom", "timeout", "unsupported"]
STATUSES: tuple[str, ...] = get_args(Status)
Mode = Literal["infer", "train"]
Device = Literal["cpu", "cuda", "mps"]
FORMATS = ("fp32", "tf32", "bf16", "fp16")
"""Number formats of the arithmetic."""
CAST_ONCE = "_weights"
"""Suffix of a precision in which weights and pictures are cast once, before the first pass; autocast casts each
time."""
PRECISIONS = (*FORMATS, f"bf16{CAST_ONCE}", f"fp16{CAST_ONCE}")
MEMORY_FORMATS = ("contiguous", "channels_last")
EXECUTIONS = ("eager", "compiled", "graphs", "onnx")
AUTOTUNED = "autotuned"
"""How a condition is written when convolutions are autotuned."""
PLAIN = {
    "precision": "fp32",
    "memory_format": "contiguous",
    "execution": "eager",
    "autotune": False,
    "device": "cpu",
}
"""Conditions of cost that are not mentioned, since they are the usual ones."""
USUAL_RECIPE = "harness"
"""Way of optimising that is not mentioned, since it is the usual one."""
BEST = 0
"""Batch that stands for the one of the highest throughput, which the measure finds by doubling."""
MOST_SIDE = 1 << 15
"""Largest side of an input in pixels."""
MOST_BYTES = 200_000
"""Largest size of a picture's file, in bytes."""
_LATER = {"later": True}
"""Marks a field that scenarios of older stores lack: cells with its default value keep the key that they had."""


def canonical(value: Any) -> str:
    """JSON with one spelling per value, so that equal data has equal hashes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(value: Any) -> str:
    """First 16 hexadecimal digits of the SHA-256 of `canonical(value)`."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Cost:
    """The conditions under which cost is measured."""

    kind: ClassVar[str] = "cost"
    mode: Mode
    """`infer`: a forward pass in eval mode; `train`: forward, backward and update of the weights."""
    resolution: int
    """Side of the square input image, in pixels."""
    batch: int = 1
    """Images that go through the model at once; `BEST` (0) has the measure find it."""
    precision: str = "fp32"
    """`fp32`, `tf32`, by autocast `bf16` or `fp16`; with `_weights` behind it weights and images are cast once."""
    memory_format: str = "contiguous"
    """Order of the elements of a batch: `contiguous` (channel by channel) or `channels_last`."""
    device: str = "cpu"
    """`cpu`, `cuda`, `cuda:1` or `mps`."""
    threads: int = 1
    """Threads of an operator on the CPU."""
    execution: str = field(default="eager", metadata=_LATER)
    """`eager`, `compiled` by `torch.compile`, recorded once and replayed as CUDA `graphs`, or run as `onnx` by
    onnxruntime."""
    autotune: bool = field(default=False, metadata=_LATER)
    """Whether cuDNN tries its kernels for each shape and keeps the fastest (`torch.backends.cudnn.benchmark`)."""


@dataclass(frozen=True, kw_only=True)
class Learning:
    """The conditions of one transfer experiment."""

    kind: ClassVar[str] = "learning"
    weights: str
    """Source of the initial weights: `random`, `pretrained`, `pretrain:DATASET`, `imagenet`, `file:PATH`, ..."""
    target: str
    """Name of the target data set; `folder:PATH`, `csv:PATH` and `list:PATH` are the user's own images."""
    mode: str
    """Part of the model that learns: `scratch`, `finetune:upper`, `features+svm`, ...; `as-is`: nothing learns."""
    augmentation: str
    """Random changes of training images, by name; `none`: no change."""
    resolution: int
    """Side of the square input image, in pixels."""
    shots: int | None = field(metadata=rules(FROM_1, none_as=0))
    """Training images per class; None: the whole training split."""
    steps: int
    """Optimizer steps (of the head alone where the trunk is frozen)."""
    batch: int
    """Images of an optimizer step."""
    lr: float
    """Peak of the learning rate; under the lecture's recipe, its first value."""
    fold: int = 0
    """Which part of a cross-validation is the test set, from 0."""
    seed: int = 0
    """What all random choices of the training follow from."""
    device: str = "cpu"
    threads: int = 1
    folds: int | None = field(default=None, metadata={**_LATER, **rules(FROM_1, none_as=0)})
    """Number of parts of a cross-validation, of which `fold` is the test set; None: the data's own test split."""
    recipe: str = field(default=USUAL_RECIPE, metadata=_LATER)
    """Recipe by which weights are optimised, such as `harness` or `lecture`."""
    patience: int | None = field(default=None, metadata={**_LATER, **rules(FROM_1, none_as=0)})
    """Epochs without a better validation loss after which training stops with the best weights; None: it does not
    stop."""
    pipeline: str = field(default="tensor", metadata=_LATER)
    """Form of the pictures that augmentations work on: batches of uint8 `tensor`s, or `pil` images one by one."""
    refit: bool = field(default=False, metadata=_LATER)
    """Whether a head on fixed features is trained once more, on training and validation images, as these chose."""
    class_map: str = field(default="", metadata=_LATER)
    """File that maps each class of the target to an answer of the given weights; empty: no map is given."""
    precision: str = field(default="fp32", metadata=_LATER)
    """Number format that networks learn and answer in: `fp32`, `tf32`, or by autocast `bf16` or `fp16`."""
    duration: float | None = field(default=None, metadata={**_LATER, **rules(ABOVE_0, none_as=0)})
    """Seconds of training after which it ends, with `steps` as the upper bound; None: it ends after its steps."""
    tune: int | None = field(default=None, metadata={**_LATER, **rules(FROM_1, none_as=0)})
    """Trials from which validation images choose the learning rate and the decays; None: both are as declared."""
    execution: str = field(default="eager", metadata=_LATER)
    """Whether networks learn `eager` or `compiled` by `torch.compile`."""


Scenario = Cost | Learning
_SCENARIOS: dict[str, type[Cost] | type[Learning]] = {"cost": Cost, "learning": Learning}


def scenario_to_dict(scenario: Scenario) -> dict[str, Any]:
    """The scenario as plain data with its kind; `scenario_from_dict` reads it back."""
    return {"kind": scenario.kind, **written(scenario)}


def _identity(scenario: Scenario) -> dict[str, Any]:
    """The scenario as plain data, without later fields that have their default value."""
    usual = {name for name, default in _later(scenario.kind).items() if getattr(scenario, name) == default}
    return {name: value for name, value in scenario_to_dict(scenario).items() if name not in usual}


@cache
def _later(kind: str) -> Mapping[str, Any]:
    """Defaults of the fields that scenarios of older stores lack."""
    return {f.name: f.default for f in fields(_SCENARIOS[kind]) if f.metadata.get("later")}


def scenario_from_dict(data: dict[str, Any]) -> Scenario:
    """Inverse of `scenario_to_dict`; fields of a later version are refused with `TypeError`."""
    kind = _SCENARIOS[data["kind"]]
    return kind(**as_read(kind, {name: value for name, value in data.items() if name != "kind"}))


@dataclass(frozen=True)
class Cell:
    """One architecture, one measure and one scenario: the unit of work."""

    architecture: str
    measure: str
    scenario: Scenario

    @cached_property
    def key(self) -> str:
        """Identity of the cell: equal conditions have equal keys, in every run and on every host."""
        return digest(self.to_dict())

    @cached_property
    def arm(self) -> Cell:
        """Cell without seed and fold, which its repeated trainings share; a cell of cost is its own arm."""
        where = self.scenario
        return replace(self, scenario=replace(where, seed=0, fold=0)) if isinstance(where, Learning) else self

    def to_dict(self) -> dict[str, Any]:
        """The cell as plain data."""
        return {
            "architecture": self.architecture,
            "measure": self.measure,
            "scenario": _identity(self.scenario),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Cell:
        """Inverse of `to_dict`."""
        return cls(data["architecture"], data["measure"], scenario_from_dict(data["scenario"]))

    def __str__(self) -> str:
        s = self.scenario
        if isinstance(s, Cost):
            batch = f"b{s.batch}" if s.batch != BEST else "best batch"
            words = [self.architecture, self.measure, s.mode, f"{s.resolution}px", batch, *unusual(vars(s))]
            return " ".join(words)
        fold = f" fold{s.fold}/{s.folds}" if s.folds else ""
        usual = (USUAL_RECIPE, "tensor", "fp32", "eager")
        told = (s.recipe, s.pipeline, s.precision, s.execution)
        rare = "".join(f" {word}" for word in told if word not in usual)
        rare += " refit" if s.refit else ""
        rare += f" best of {s.tune}" if s.tune else ""
        rare += f" {s.duration:g} s" if s.duration else ""
        budget = f" {s.shots} a class" if s.shots else ""
        # what a list of an option multiplies is told always: else its cells read alike
        learned = f" b{s.batch} lr{s.lr:g}" if s.lr else ""
        what = f"{s.weights}>{s.target}{budget} {s.mode} aug:{s.augmentation} {s.resolution}px{learned}{rare}"
        measure = "" if self.measure == "top1" else f" {self.measure}"
        return f"{self.architecture}{measure} {what} seed{s.seed}{fold}"


def unusual(conditions: Mapping[str, Any]) -> list[str]:
    """Conditions of cost that differ from the plain ones (`PLAIN`), in the order of the scenario."""
    found = {name: conditions[name] for name, plain in PLAIN.items() if conditions[name] != plain}
    return [AUTOTUNED if name == "autotune" else str(value) for name, value in found.items()]


_SMALL_PNG = FieldRule(
    f"a PNG file of {MOST_BYTES // 1000} kB or less",
    lambda png, _: png.startswith(b"\x89PNG\r\n\x1a\n") and len(png) <= MOST_BYTES,
)


@dataclass(frozen=True)
class Picture:
    """A small picture that belongs to a record and shows what its figure was computed from."""

    name: str = field(metadata=rules(FILLED))
    """Name of the kind of picture, in letters, digits and hyphens; it becomes part of a file's name."""
    title: str = field(metadata=rules(FILLED))
    caption: str = field(metadata=rules(FILLED))
    """Sentence that tells what the picture shows."""
    png: bytes = field(metadata=rules(_SMALL_PNG))
    """Content of the PNG file, `MOST_BYTES` or less."""


@dataclass(frozen=True)
class Samples:
    """Result of a measure: raw values in its SI unit, without warm-up, and JSON-plain details."""

    values: tuple[float, ...]
    warmup: tuple[float, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    images: tuple[str, ...] = ()
    """Path of the image of each value, relative to the data set's folder; empty where values do not belong to
    images."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """The evidence of one attempt at a cell, whatever came of it."""

    cell: Cell
    replicate: int
    """Number of the cell's fresh process, from 0."""
    status: Status
    unit: str
    provenance: Literal["measured", "derived"] = "measured"
    values: tuple[float, ...] = ()
    warmup: tuple[float, ...] = ()
    reason: str = ""
    """Why the attempt has its status; empty for `ok`."""
    details: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    """Digest of the code and versions that made the record; it must be equal for the figure to be reused."""
    started: str = ""
    """Start of the attempt in UTC, ISO 8601."""
    seconds: float = 0.0
    """Wall time of the attempt, process start included."""
    reused_from: str = ""
    """Run that measured the record, where this run has taken it over."""
    pictures: tuple[Picture, ...] = ()
    images: tuple[str, ...] = ()
    """Path of the image of each value, as in `Samples`."""
    host: str = ""
    """Key of the host that measured the record; empty: the host of the run."""


def scenario_columns() -> tuple[str, ...]:
    """Every field of every scenario kind, once, in order: the columns of a tidy frame."""
    names = [f.name for kind in _SCENARIOS.values() for f in fields(kind)]
    return tuple(dict.fromkeys(names))


def quantile(ordered: list[float], q: float) -> float:
    """Quantile of ascending values by linear interpolation (numpy's default, Hyndman and Fan's type 7)."""
    position = q * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (position - low) * (ordered[high] - ordered[low])
