"""Outputs of a network: which tensor has the class scores, and which belong to auxiliary classifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from bench.declare.places import Misdeclared, whose
from bench.lazy import lazy

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

USUAL = "logits"
"""Name that most networks with several output tensors give to the scores."""


@dataclass(frozen=True)
class NetworkOutputs:
    """Reads the outputs of a network: a tensor, or a container of tensors.

    Mappings, dataclasses, named tuples, tuples and lists are looked into, to any depth.
    """

    build: Callable[..., object]
    """The builder of the network, which messages name."""
    classes: int | None
    """Classes of the network, which is the number of scores of an image; None: any number."""
    declared: str = ""
    """Name of the scores in the declaration."""

    def tensors(self, output: object) -> tuple[torch.Tensor, ...]:
        """All tensors of an output, in its order.

        Raises:
            Misdeclared: there is none, or none of the declared name.
        """
        found = tuple(tensors_of(output))
        if not found:
            raise Misdeclared(
                f"the network of {whose(self.build)} answers with {type(output).__name__}, in which there is no"
                " tensor: return the class scores"
            )
        if self.declared and len(found) > 1 and self._named(output) is None:
            raise Misdeclared(
                f"{whose(self.build)} is declared with scores='{self.declared}', but its network answers with"
                f" {type(output).__name__} of {', '.join(name for name, _ in _members(output))}"
            )
        return found

    def plain(self, output: object) -> torch.Tensor | tuple[torch.Tensor, ...]:
        """An output as it is where it is a tensor, else the list of its tensors: the form that a tracer takes."""
        return output if isinstance(output, torch.Tensor) else self.tensors(output)

    def scores(self, output: object) -> torch.Tensor:
        """The class scores: the declared tensor, else `logits`, else the first tensor.

        Raises:
            Misdeclared: as `tensors`; or the first of several tensors has another shape than N x classes.
        """
        first, *others = self.tensors(output)
        named = self._named(output)
        if named is not None:
            return named
        if others and (first.dim() != 2 or self.classes not in (None, first.shape[1])):
            wanted = f"{self.classes} scores" if self.classes else "scores"
            raise Misdeclared(
                f"the network of {whose(self.build)} answers with several tensors, and the first of them,"
                f" {' x '.join(map(str, first.shape))}, does not hold {wanted} an image: call the"
                f" scores '{USUAL}', or declare their name, @architecture(scores=NAME)"
            )
        return first

    def _named(self, output: object) -> torch.Tensor | None:
        """The member with the declared name of the scores, where that is a tensor."""
        if not self.declared:
            return _usual(output)
        for name in self.declared.split("."):
            output = dict(_members(output)).get(name)
        return output if isinstance(output, torch.Tensor) else None

    def auxiliary(self, output: object) -> list[torch.Tensor]:
        """The scores of auxiliary classifiers: the other tensors that have the shape of the scores."""
        scores = self.scores(output)
        return [t for t in self.tensors(output) if t is not scores and t.shape == scores.shape]


def _usual(output: object) -> torch.Tensor | None:
    """The tensor called `logits`, or the one of that name within the first member that holds a tensor."""
    members = dict(_members(output))
    if isinstance(named := members.get(USUAL), torch.Tensor):
        return named
    first = next((member for member in members.values() if any(True for _ in tensors_of(member))), None)
    return None if first is None else _usual(first)


def tensors_of(output: object) -> Iterator[torch.Tensor]:
    """All tensors of an output, or of a module's arguments, in their order."""
    if isinstance(output, torch.Tensor):
        yield output
    else:
        for _, member in _members(output):
            yield from tensors_of(member)


def _members(output: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(output, Mapping):
        yield from ((str(name), member) for name, member in output.items())
    elif isinstance(output, tuple | list):
        names = getattr(output, "_fields", None) or map(str, range(len(output)))
        yield from zip(names, output, strict=True)
    elif is_dataclass(output) and not isinstance(output, type):
        yield from ((field.name, getattr(output, field.name)) for field in fields(output))
