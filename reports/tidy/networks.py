"""Structure of a network, as the records of its count tell it: layers, stages, its typical block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.shapes import Stage, stages_of
from bench.store.database import CellRow, RecordRow


@dataclass(frozen=True)
class NetworkStructure:
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


def networks(
    cells: Iterable[CellRow], by_key: Mapping[str, Sequence[RecordRow]], own: Mapping[str, int]
) -> dict[str, NetworkStructure]:
    """Network of each architecture from its first count at its own input size, else its first; older runs say
    less."""
    found: dict[str, NetworkStructure] = {}
    for cell in (planned.cell for planned in cells):
        for row in by_key.get(cell.key, ()):
            if row.status == "ok" and row.details.get("layers"):
                network = NetworkStructure(
                    resolution=cell.scenario.resolution,
                    layers=tuple({"call": 1, **layer} for layer in row.details["layers"]),
                    widths=row.details.get("widths", {}),
                    block=row.details.get("block"),
                )
                known = found.setdefault(cell.architecture, network)
                if known.resolution != own.get(cell.architecture) == network.resolution:
                    found[cell.architecture] = network
    return found


def stages(network: NetworkStructure) -> list[Stage]:
    """The layers that ran, by the resolution of their outputs."""
    return stages_of(network.layers, network.widths)
