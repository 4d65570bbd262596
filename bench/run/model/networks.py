"""The work of one picture in a network: as it was counted, else as published, else by the size of its input."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Architecture
from bench.errors import EvobenchError

USUAL_SIDE = 224
"""Pixels of a side of the input of a network that is not declared any more."""
MACS = 180.0
"""Multiply-adds by the cube of its own side, 2 G at 224 pixels and 4 M at 28: larger pictures, larger networks."""
ELEMENTS = 200.0
"""Elements of the results of its layers by pixel: 10 M at 224 pixels."""
PARAMETERS = 0.5
"""Assumed parameters for each pixel of a network's own input size: 25 M at 224 pixels."""
OPERATORS = 0.7
"""Calls of modules by pixel of its own side: 160 at 224 pixels, 20 at 28."""
BY_PIXEL = ("macs", "activations")
"""Measures whose figures grow with the pixels of the input."""
COUNTS = (*BY_PIXEL, "parameters")
"""Measures that tell of a network's work."""


@dataclass(frozen=True)
class PictureWork:
    """Work that one picture takes in a network."""

    macs: float
    """Multiply-adds of a forward pass."""
    elements: float
    """Number of elements in the results of the network's layers."""
    parameters: float
    """Number of the network's parameters."""
    operators: float
    """Calls of modules in a forward pass, roughly."""


@dataclass
class Networks:
    """The work of architectures, of which more becomes known while a run counts."""

    _counted: dict[tuple[str, str], dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    """Counted figures by measure and architecture, then by side of the input in pixels."""
    _operators: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        figures: Mapping[str, Mapping[tuple[str, int], float]],
        operators: Iterable[tuple[str, int]] = (),
    ) -> Networks:
        """Networks for which something was counted.

        Args:
            figures: figures by measure, architecture and side of the input.
            operators: calls of the modules, by architecture.
        """
        found = cls()
        for measure, known in figures.items():
            for (name, side), figure in known.items():
                found.note(measure, name, side, figure)
        for name, calls in operators:
            found.note_operators(name, calls)
        return found

    def note(self, measure: str, name: str, side: int, figure: float) -> None:
        """Take note of a count, of a network by name and the side of its input in pixels."""
        if measure in COUNTS:
            self._counted[measure, name][side] = figure

    def note_operators(self, name: str, calls: int) -> None:
        """Take note of how many modules a network calls."""
        self._operators[name] = float(calls)

    def work(self, name: str, side: int) -> PictureWork:
        """Work that one picture with sides of so many pixels takes in a network."""
        item = _declared(name)
        own = item.resolution if item else USUAL_SIDE
        grown = (side / own) ** 2
        return PictureWork(
            macs=self._at("macs", name, side) or _published(item, "macs", side) or MACS * own**3 * grown,
            elements=self._at("activations", name, side) or ELEMENTS * side**2,
            parameters=self._at("parameters", name, side)
            or _published(item, "parameters", side)
            or PARAMETERS * own**2,
            operators=self._operators.get(name, OPERATORS * own),
        )

    def _at(self, measure: str, name: str, side: int) -> float:
        """Count at the nearest side, scaled to this side; 0 where nothing was counted."""
        known = self._counted.get((measure, name))
        if not known:
            return 0.0
        nearest = min(known, key=lambda other: abs(other - side))
        return known[nearest] * ((side / nearest) ** 2 if measure in BY_PIXEL else 1.0)


def _declared(name: str) -> Architecture | None:
    """The architecture; None where the store knows more than what is declared now."""
    try:
        return ARCHITECTURES.get(name)
    except EvobenchError:
        return None


def _published(item: Architecture | None, quantity: str, side: int) -> float:
    """Published figure of the network or of the network that it is a variant of; 0 where there is none."""
    base = _declared(item.name.partition(":")[0]) if item and not item.published else item
    for figure in base.published if base else ():
        if figure.quantity == quantity:
            of = figure.resolution or (base.resolution if base else side)
            return figure.value * ((side / of) ** 2 if quantity in BY_PIXEL else 1.0)
    return 0.0
