"""A user's file of weights for one architecture: its fitting part, and the model that starts from it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from bench.declare.declarations import Architecture
from bench.learning.weights.checkpoints.fitting import Fit, load
from bench.learning.weights.checkpoints.names import Shape
from bench.learning.weights.checkpoints.reading import read_content
from bench.learning.weights.checkpoints.states import State, choose
from bench.learning.weights.files import weights_digest
from bench.learning.weights.spelling import WeightsFile
from bench.network.building import build_cheaply, build_untouched
from bench.network.heads import heads_of

MANY = 0.1
"""Share of the model's own layers above which layers between them mean that a file is of a larger network."""
_NAMED = 3
_SHOWN = 6


@dataclass(frozen=True)
class Filed:
    """A user's file in the model that it was loaded into."""

    model: nn.Module
    """Model with the file's weights, and with as many classes as its head has."""
    classes: int
    state: State
    fit: Fit

    @property
    def partial(self) -> bool:
        """Whether the file is not exactly of this network: it lacks some of it, or has layers between."""
        return not self.fit.whole or len(self.fit.surplus) > MANY * len(self.fit.loaded)

    def notes(self, file: WeightsFile) -> dict[str, Any]:
        """Details for a record: the file's identity, the state that was taken, and the part of it that fits."""
        about = {"file": file.path.name, "sha256": weights_digest(str(file)), "classes": self.classes}
        state = {"state": self.state.label} if self.state.label else {}
        others = {"others": list(self.state.others)} if self.state.others else {}
        partial = {"partial": True} if self.partial else {}
        warnings = {"warnings": list(found)} if (found := self._warnings(file)) else {}
        return {**about, **state, **others, **self.fit.to_dict(), **partial, **warnings}

    def _warnings(self, file: WeightsFile) -> tuple[str, ...]:
        said = []
        fit, others = self.fit, self.state.others
        if others and not file.state:
            said.append(
                f"of the states in '{file.path.name}' '{self.state.label}' is used; end the path with"
                f" #{others[0]} for {'that one' if len(others) == 1 else 'the first of ' + ', '.join(others)}"
            )
        if self.partial:
            said.append(f"'{file.path.name}' fits in part: {fit.told()}; the rest keeps its own initialisation")
        if fit.converted:
            said.append(f"weights in {', '.join(fit.converted)} are used as float32")
        if fit.unexpected:
            said.append(f"of the tensors in '{file.path.name}' these are not used: {_listed(fit.unexpected)}")
        return tuple(said)


def filed(architecture: Architecture, file: WeightsFile, classes: int) -> Filed:
    """Load a user's file into the architecture, built with as many classes as the file's head has.

    What the file lacks is left as cheap building gave it: see `Fit.whole`.

    Raises:
        ValueError: the file is damaged, holds values that are not finite, is of another architecture, or fits in
            part where the whole is wanted.
    """
    model = build_cheaply(architecture.build, classes)
    sized = shapes(model, architecture.build, classes)
    content = read_content(file.path)
    try:
        state = choose(content, sized, file.state)
        if (has := _classes(state, sized)) not in (None, classes):
            # every head of it, auxiliary ones included, has that many
            classes = has or classes
            model = build_cheaply(architecture.build, classes)
        heads = _heads(model, architecture, sized)
        fit = load(model, state, heads)
    except ValueError as error:
        raise ValueError(f"'{file.path}' {error}") from error
    found = Filed(model, classes, state, fit)
    if found.partial and not (file.partial and fit.share):
        raise ValueError(f"'{file.path}' does not fit {architecture.name}: {_why(fit)}")
    return found


def shapes(model: nn.Module, build: Callable[[int], nn.Module], classes: int) -> dict[str, Shape]:
    """Shapes of a model's tensors by name; a side that depends on the number of classes is None.

    Which do is found by building the model for one class more.
    """
    own, other = _tensors(model), _tensors(build_untouched(build, classes + 1))
    return {
        name: tuple(
            side if side == more else None
            for side, more in zip(tensor.shape, other.get(name, tensor).shape, strict=True)
        )
        for name, tensor in own.items()
    }


def _tensors(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: item for name, item in model.state_dict().items() if isinstance(item, torch.Tensor)}


def _classes(state: State, sized: dict[str, Shape]) -> int | None:
    """Number of classes in a file's heads; None where it has no heads."""
    for name, shape in sized.items():
        given = state.tensors.get(name)
        if None in shape and given is not None and given.ndim == len(shape):
            return int(given.shape[shape.index(None)])
    return None


def _heads(model: nn.Module, architecture: Architecture, sized: dict[str, Shape]) -> set[str]:
    """Names of the tensors of heads: of modules whose size depends on the classes, and of auxiliary ones."""
    modules = {name.rpartition(".")[0] for name, shape in sized.items() if None in shape} - {""}
    if not modules:
        modules = set(heads_of(model, architecture, architecture.resolution).names)
    inside = tuple(f"{name}." for name in (*modules, *architecture.auxiliary))
    return {name for name, shape in sized.items() if None in shape or name.startswith(inside)}


def _why(fit: Fit) -> str:
    """Mismatch in one sentence, and what the user can do."""
    empty = [part for part, share in fit.parts.items() if not share]
    lacks = [
        name for name in fit.missing if not any(name == part or name.startswith(f"{part}.") for part in empty)
    ]
    said = [
        *([f"nothing for {_listed(empty, _SHOWN)}"] if empty else []),
        *([f"no {_listed(lacks)}"] if lacks else []),
        *([f"another shape of {_listed(fit.other_shape)}"] if fit.other_shape else []),
        *([f"layers between its own ({_listed(fit.surplus)})"] if fit.surplus else []),
    ]
    way = "; --partial begins with what fits" if fit.share else ""
    return f"of the network's tensors outside its heads it has {fit.share:.1%}; {'; '.join(said)}{way}"


def _listed(names: Collection[str], most: int = _NAMED) -> str:
    return ", ".join(list(names)[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
