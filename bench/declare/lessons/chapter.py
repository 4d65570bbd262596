"""Chapters of a history: the problem that a network solved, its idea, and what it is compared with. Plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Protocol
from bench.declare.groups import Side, asked
from bench.declare.registry import Registry, one_line, place_of, several
from bench.errors import UsageError
from bench.validity import FILLED, as_read, rules, written

F = TypeVar("F", bound=Callable[..., Any])
KIND = "chapter"
"""Kind of the declarations in which a run keeps its chapters."""
Figure = Literal["parameters", "macs", "latency", "error"]
"""Figures of a network that a chapter may name; an `error` is a published one on ImageNet."""
FIGURES: tuple[Figure, ...] = ("parameters", "macs", "latency", "error")


@dataclass(frozen=True)
class Step:
    """A network of a chapter, and the earlier one that its figures are compared with."""

    side: Side
    before: Side | None = None
    """Earlier network; None: the figures stand alone."""
    figures: tuple[Figure, ...] = FIGURES
    """Figures that are given for both networks, in this order."""
    protocol: Protocol = "single crop"
    """Protocol of the published errors that are compared."""


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One step of a history in words; its figures come from the reported run."""

    name: str = field(metadata=rules(FILLED))
    title: str = field(metadata=rules(FILLED))
    about: str
    """One sentence, from the docstring."""
    problem: str = field(metadata=rules(FILLED))
    """The earlier obstacle, in one sentence."""
    idea: str = field(metadata=rules(FILLED))
    """The solution, in one or two sentences."""
    remark: str
    """Differences of the measured networks from those of the papers; empty: none."""
    command: str = field(metadata=rules(FILLED))
    """Command with which a reader tries it."""
    drawn: tuple[Side, ...]
    """Architectures that show the idea, with captions; the block of the first one that the run counted is
    drawn."""
    steps: Callable[[], Iterable[Step]]
    """Function that returns the steps; it is called late, since they may name variants of another module's
    declarations."""
    place: str

    def to_dict(self) -> dict[str, Any]:
        """The chapter as plain data, each architecture in its canonical spelling."""
        plain = {name: value for name, value in written(self).items() if name not in ("steps", "place")}
        drawn = [written(_spelled(side)) for side in self.drawn]
        return {**plain, "drawn": drawn, "steps": [_written(step) for step in self.steps()]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Chapter:
        """Inverse of `to_dict`; the place of the declaration is lost."""
        steps, drawn = tuple(map(_read, data["steps"])), tuple(map(_side, data["drawn"]))
        return cls(**{**data, "drawn": drawn, "steps": lambda: steps, "place": ""})


CHAPTERS: Registry[Chapter] = Registry("chapter")


def chapter(
    *, title: str, problem: str, idea: str, command: str, drawn: Iterable[Side], remark: str = ""
) -> Callable[[F], F]:
    """Declare a chapter: a function without arguments that returns its `Step`s, under the function's name.

    The arguments are the fields of `Chapter`.
    """

    def declare(steps: F) -> F:
        name = steps.__name__
        item = Chapter(
            name=name,
            title=title,
            about=one_line(steps),
            problem=problem,
            idea=idea,
            remark=remark,
            command=command,
            drawn=several(drawn),
            steps=asked(steps, f"chapter '{name}'", Step, _known),
            place=place_of(steps),
        )
        CHAPTERS.add(item.name, item, item.place)
        return steps

    return declare


def _known(steps: Sequence[Step]) -> None:
    """Make sure that there is a step, and that all architectures are known."""
    if not steps:
        raise UsageError("one step or more is needed")
    for side in (side for step in steps for side in (step.side, step.before) if side):
        ARCHITECTURES.get(side.architecture)


def _written(step: Step) -> dict[str, Any]:
    before = written(_spelled(step.before)) if step.before else None
    return {**written(step), "side": written(_spelled(step.side)), "before": before, "figures": list(step.figures)}


def _read(data: Mapping[str, Any]) -> Step:
    sides = {"side": _side(data["side"]), "before": _side(data["before"]) if data["before"] else None}
    return Step(**{**data, **sides, "figures": tuple(data["figures"])})


def _side(data: Mapping[str, Any]) -> Side:
    return Side(**as_read(Side, data))


def _spelled(side: Side) -> Side:
    return replace(side, architecture=ARCHITECTURES.get(side.architecture).name)
