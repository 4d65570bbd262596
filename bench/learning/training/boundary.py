"""A partly frozen model in two parts: below the frozen boundary, an image gives the same result at every step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn

from bench.learning.data.sending import sent
from bench.learning.surgery import freeze_below, inside, set_train

MOST_BYTES = 1 << 30
"""Most bytes of boundary activations that are kept for all images of an experiment."""


Batches = Callable[[torch.Tensor], Iterable[torch.Tensor]]


@dataclass(frozen=True)
class Split:
    """A model split at its frozen boundary; the parts share the model's parameters and buffers."""

    below: nn.Module
    """Part from images to the activations at the boundary, each with the images along its first axis."""
    learning: nn.Module
    """Part from these activations to the model's output, as it computes while learning."""
    answering: nn.Module
    """Part from these activations to the model's output, in eval mode."""


def split_at_boundary(model: nn.Module, trained: tuple[str, ...], two: torch.Tensor) -> Split | None:
    """Split a model where its trained modules begin.

    Args:
        model: the model.
        trained: dotted names of the modules that learn; the rest is frozen, in eval mode.
        two: two images as the model takes them.

    Returns:
        None where the model's code cannot be traced (`torch.fx`), or nothing lies below.
    """
    freeze_below(model, trained)
    try:
        set_train(model, trained)
        learning = _Tracer(trained).trace(model)
        model.eval()
        answering = _Tracer(trained).trace(model)
    except Exception:  # noqa: BLE001 - what code does that torch.fx cannot follow is open; an error of its own comes again
        # then nothing is cached, and the model runs whole
        return None
    frozen = _frozen(model, answering, two, trained)
    names = [node.name for node in _boundary(answering, frozen)]
    if not _computes(answering, frozen) or names != [n.name for n in _boundary(learning, frozen)]:
        return None
    below = _part(answering, frozen, below=True)
    parts = (_part(graph, frozen, below=False) for graph in (learning, answering))
    return Split(fx.GraphModule(model, below), *(fx.GraphModule(model, part) for part in parts))


class _Tracer(fx.Tracer):
    """Tracer that looks only into modules that are frozen in part: all others are one step each."""

    def __init__(self, trained: tuple[str, ...]) -> None:
        super().__init__()
        self._trained = trained

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        within = any(name.startswith(f"{module_qualified_name}.") for name in self._trained)
        return not within or super().is_leaf_module(m, module_qualified_name)


def _frozen(model: nn.Module, graph: fx.Graph, two: torch.Tensor, trained: tuple[str, ...]) -> frozenset[str]:
    """Names of the nodes that no trained module reaches and whose values can be kept per image."""
    frozen: set[str] = set()
    for node in graph.nodes:
        learns = node.op == "output" or _learns(model, node, trained)
        if not learns and all(source.name in frozen for source in node.all_input_nodes):
            frozen.add(node.name)
    # a size or a parameter at the boundary has no row for each image: it is computed above, from what has
    while strange := _without_rows(model, graph, frozenset(frozen), two):
        frozen -= strange
    return frozenset(frozen)


def _learns(model: nn.Module, node: fx.Node, trained: tuple[str, ...]) -> bool:
    if node.op == "call_module":  # dropout has no parameters, and draws anew at every step where it is trained
        return inside(str(node.target), trained)
    if node.op == "get_attr":
        value: Any = model
        for part in str(node.target).split("."):
            value = getattr(value, part)
        return bool(getattr(value, "requires_grad", False))
    return False


def _without_rows(model: nn.Module, graph: fx.Graph, frozen: frozenset[str], two: torch.Tensor) -> set[str]:
    boundary = _boundary(graph, frozen)
    with torch.inference_mode():
        values = fx.GraphModule(model, _part(graph, frozen, below=True))(two)
    return {
        node.name
        for node, value in zip(boundary, values, strict=True)
        if node.op != "placeholder" and not (isinstance(value, torch.Tensor) and value.shape[:1] == two.shape[:1])
    }


def _boundary(graph: fx.Graph, frozen: frozenset[str]) -> list[fx.Node]:
    """The frozen nodes that a node above them uses."""
    return [n for n in graph.nodes if n.name in frozen and any(user.name not in frozen for user in n.users)]


def _computes(graph: fx.Graph, frozen: frozenset[str]) -> bool:
    """Whether any module runs below the boundary: otherwise nothing is saved."""
    return any(node.op == "call_module" for node in graph.nodes if node.name in frozen)


def _part(graph: fx.Graph, frozen: frozenset[str], *, below: bool) -> fx.Graph:
    """Graph of the frozen nodes with the boundary as output, or of the others with the boundary as input."""
    part, copies = fx.Graph(), dict[fx.Node, fx.Node]()
    boundary = _boundary(graph, frozen)
    if not below:
        copies |= {node: part.placeholder(node.name) for node in boundary}
    for node in graph.nodes:
        if (node.name in frozen) == below:
            copies[node] = part.node_copy(node, lambda source: copies[source])
    if below:
        part.output(tuple(copies[node] for node in boundary))
    return part


class KeptActivations:
    """Boundary activations of the images that a training uses again and again, computed once each."""

    def __init__(
        self,
        split: Split,
        images: Batches,
        positions: torch.Tensor,
        computing: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        """Keep the activations of the images at these positions.

        Args:
            split: the model.
            images: function from positions to batches of images as the model takes them.
            positions: int64; of the images that will come again.
            computing: context in which the model computes; activations are kept in the number format of that.
        """
        self._split, self._images, self._positions, self._computing = split, images, positions, computing
        self._row = {position: row for row, position in enumerate(positions.tolist())}
        self._done = torch.zeros(len(positions), dtype=torch.bool)
        self._values: tuple[torch.Tensor, ...] = ()

    def of(self, positions: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Activations of any images; only those of images that are used again are kept."""
        rows = torch.tensor([self._row.get(position, -1) for position in positions.tolist()])
        if (rows < 0).any():
            return self._computed(positions)
        missing = rows[~self._done[rows]].unique()
        if len(missing):
            self._put(missing, self._computed(self._positions[missing]))
        return tuple(value[sent(rows, value.device)] for value in self._values)

    @torch.no_grad()
    def _computed(self, positions: torch.Tensor) -> tuple[torch.Tensor, ...]:
        if len(positions) == 1:  # which the network may squeeze to nothing, or not take
            return tuple(value[:1] for value in self._computed(positions.repeat(2)))
        batches = [self._below(images) for images in self._images(positions)]
        return tuple(torch.cat(parts) for parts in zip(*batches, strict=True))

    def _below(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        with self._computing():
            values: tuple[torch.Tensor, ...] = self._split.below(images)
        return values

    def _put(self, rows: torch.Tensor, values: tuple[torch.Tensor, ...]) -> None:
        if not self._values:
            self._values = tuple(value.new_empty(len(self._done), *value.shape[1:]) for value in values)
        for kept, value in zip(self._values, values, strict=True):
            kept[sent(rows, kept.device)] = value
        self._done[rows] = True


def bytes_an_image(split: Split, two: torch.Tensor) -> int:
    """Bytes of one image's activations at the boundary."""
    with torch.no_grad():
        values: tuple[torch.Tensor, ...] = split.below(two)
    return sum(value.numel() * value.element_size() for value in values) // len(two)
