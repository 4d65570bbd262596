"""Values of the learning axes: which are valid, and the nearest one for a misspelt one. No torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.declare.catalog import ARCHITECTURES, DATASETS
from bench.declare.learning_axes import LearningAxes
from bench.errors import UnknownName, UsageError
from bench.foreign import whole_path
from bench.learning.data.augment import AUGMENTATIONS
from bench.learning.scenario import file_of, source_of
from bench.learning.weights.files import check_weights_file
from bench.learning.weights.shipped import IMAGENET, PRETRAINED
from bench.learning.weights.spelling import weights_file
from bench.transfer import transfer_of

_WITH_PATHS = ("folder", "csv", "list")
_PRETRAIN = "pretrain"


def check_words(axes: LearningAxes) -> None:
    """Refuse an unknown value; the catalogues must be loaded.

    Raises:
        UnknownName: a mode, augmentation, target or source of weights that there is not; the nearest is offered.
        UsageError: the user's file of weights, or data, is not there or of another kind.
    """
    for mode in axes.mode:
        transfer_of(mode)
    for name in axes.augmentation:
        AUGMENTATIONS.get(name)
    for name in axes.target:
        DATASETS.get(name)
    for name in (*axes.weights, *(model.partition(" ")[2] for model in axes.models)):
        _check_weights(name)
    if axes.class_map and not Path(axes.class_map).is_file():
        raise UsageError(f"there is no file '{axes.class_map}' for --class-map")


def absolute(word: str) -> str:
    """Values with the absolute path of `file:`, `folder:`, `csv:` and `list:PATH`: a run can be resumed from
    elsewhere."""
    if file := weights_file(word):
        return str(replace(file, path=whole_path(file.path)))
    kind, colon, rest = word.partition(":")
    if not rest:
        return word
    if kind == _PRETRAIN:
        return f"{kind}{colon}{absolute(rest)}"
    return f"{kind}{colon}{whole_path(rest)}" if kind in _WITH_PATHS else word


def _check_weights(name: str) -> None:
    if name.startswith("file:") and not file_of(name):
        raise UsageError("weights 'file:' lack their path: write file:PATH")
    if file_of(name):
        check_weights_file(name)
    elif source_of(name):
        DATASETS.get(source_of(name))
    elif name not in (known := tuple(_known_weights())):
        raise UnknownName("weights", name, known)


def _known_weights() -> Iterator[str]:
    yield from ("random", PRETRAINED, IMAGENET)
    yield from dict.fromkeys(shipped.source for item in ARCHITECTURES for shipped in item.pretrained)
    yield from (f"{_PRETRAIN}:{item.name}" for item in DATASETS)
    yield "file:PATH"
