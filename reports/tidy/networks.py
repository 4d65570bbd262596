"""What a network consists of, as the records of its count tell it: layers, stages, its typical block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.shapes import side_and_channels
from bench.store.database import CellRow, RecordRow


@dataclass(frozen=True)
class Network:
    """The layers of an architecture at one size of its input."""

    resolution: int
    """Side of the input, in pixels."""
    layers: tuple[Mapping[str, Any], ...]
    """A row a call: `name`, `type`, `output` (shape, the batch first), `parameters`, `macs`, `call`."""
    widths: Mapping[str, int]
    """Channels of the last result at each resolution, by its side."""
    block: Mapping[str, Any] | None = None
    """`kind`, `type`, `name`, `repeats`, `alike`, `output`, and `steps` with `name`, `kind`, `inputs` (indices of
    other steps, -1 for what comes from outside), `output` and `settings`; None where none is recorded."""


@dataclass(frozen=True)
class Stage:
    """What of a network runs at one resolution."""

    side: int
    """Of the feature maps, in pixels; of tokens, the patches along a side; 1 or 0: vectors."""
    channels: int
    """Of its last output."""
    parameters: int
    macs: int
    layers: int
    """Those with parameters."""

    @property
    def label(self) -> str:
        """The shape of its output: `56 × 56 × 256`, or the length of a vector."""
        return f"{self.side} × {self.side} × {self.channels:,}" if self.side > 1 else f"{self.channels:,}"


def networks(
    cells: Iterable[CellRow], by_key: Mapping[str, Sequence[RecordRow]], own: Mapping[str, int]
) -> dict[str, Network]:
    """By architecture, what its first count at its own input size says, else its first; older runs say less."""
    found: dict[str, Network] = {}
    for cell in (planned.cell for planned in cells):
        for row in by_key.get(cell.key, ()):
            if row.status == "ok" and row.details.get("layers"):
                network = Network(
                    resolution=cell.scenario.resolution,
                    layers=tuple({"call": 1, **layer} for layer in row.details["layers"]),
                    widths=row.details.get("widths", {}),
                    block=row.details.get("block"),
                )
                known = found.setdefault(cell.architecture, network)
                if known.resolution != own.get(cell.architecture) == network.resolution:
                    found[cell.architecture] = network
    return found


def stages(network: Network) -> list[Stage]:
    """The layers that ran, by the resolution of their outputs.

    Where pixels are averaged and larger maps come later (squeeze and excitation), a layer belongs to those.
    """
    run = [layer for layer in network.layers if layer["output"]]
    sizes = [side_and_channels(layer["output"]) for layer in run]
    sides = _shrinking([side if side > 1 else 0 for side, _ in sizes])
    return list(_stages(network, run, sizes, sides))


def _stages(
    network: Network, run: Sequence[Mapping[str, Any]], sizes: Sequence[tuple[int, int]], sides: Sequence[int]
) -> Iterator[Stage]:
    for side in sorted(set(sides), reverse=True):
        rows = [i for i, other in enumerate(sides) if other == side]
        own = [i for i in rows if sizes[i][0] == side] or rows
        yield Stage(
            side=side,
            channels=network.widths.get(str(side), sizes[own[-1]][1]) if side else sizes[rows[-1]][1],
            parameters=sum(run[i]["parameters"] for i in rows),
            macs=sum(run[i]["macs"] for i in rows),
            layers=sum(run[i]["parameters"] > 0 for i in rows),
        )


def _shrinking(sides: Sequence[int]) -> list[int]:
    """Each side, or a larger one that comes later."""
    found: list[int] = []
    for side in reversed(sides):
        found.append(max(side, found[-1]) if found else side)
    return found[::-1]
