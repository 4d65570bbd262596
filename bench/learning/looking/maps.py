"""Feature maps: responses of a network's stages to a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn

from bench.cell import Picture
from bench.errors import Unsupported
from bench.learning.looking.attention import side_of
from bench.learning.looking.attention_maps import spread
from bench.learning.looking.drawing import (
    Tile,
    TileRow,
    coloured,
    drawn_from,
    enlarged,
    in_rows,
    photograph,
    png,
    sheet,
)
from bench.learning.looking.look import Look, outputs_of
from bench.network.heads import heads_of

STAGES, COLUMNS, ROWS = 4, 7, 5
WHOLE = 0.9
"""Share of the trunk's parameters above which a module is taken apart: it is not a stage but contains them."""
SIDE = 64
"""Side of a map in pixels."""
STILL = 1e-6
"""Variation up to which a channel counts as constant."""


@dataclass(frozen=True)
class Maps:
    """The feature maps of one stage."""

    stage: str
    values: torch.Tensor
    """Maps, float32, N x C x H x W on the CPU."""

    @property
    def dead(self) -> torch.Tensor:
        """Channels that are the same everywhere, whatever the picture; bool, C."""
        return self.values.amax((0, 2, 3)) - self.values.amin((0, 2, 3)) <= STILL


def feature_maps_of(look: Look, stage: str) -> tuple[Maps, ...]:
    """The maps of one stage (a dotted module name); empty: of some stages, spread over the depth.

    Raises:
        Unsupported: there is no such stage, or it answers without maps.
    """
    named = dict(look.model.named_modules())
    if stage and stage not in named:
        raise Unsupported(f"{look.architecture.name} has no stage '{stage}'")
    modules = {stage: named[stage]} if stage else dict(stages(look.model, _heads(look)))
    with outputs_of(modules) as found:
        look.run()
    whole = [(name, as_maps(output)) for name, output in found.items()]
    some = [Maps(name, values.float().cpu()) for name, values in whole if values is not None]
    if not some:
        where = f"stage '{stage}' of " if stage else ""
        raise Unsupported(f"{where}{look.architecture.name} answers without feature maps")
    return tuple(some[i] for i in spread(len(some), STAGES))


def _heads(look: Look) -> tuple[str, ...]:
    return heads_of(look.model, look.architecture, look.pixels.shape[-1]).names


def stages(model: nn.Module, heads: tuple[str, ...]) -> list[tuple[str, nn.Module]]:
    """The outermost modules that the trunk consists of, in their order; `heads` are the last layers' names.

    Normalisation and what learns nothing are no stages.
    """
    most = WHOLE * (_count(model) - sum(_count(model.get_submodule(head)) for head in heads))

    def inside(name: str, module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
        opened = _nested(module) and _count(module) > most
        if name and not opened and not any(head.startswith(f"{name}.") for head in heads):
            yield name, module
            return
        for child, part in module.named_children():
            path = f"{name}.{child}" if name else child
            if path not in heads and any(parameter.dim() > 1 for parameter in part.parameters()):
                yield from inside(path, part)

    return list(inside("", model))


def _nested(module: nn.Module) -> bool:
    """Whether a module consists of more than single layers."""
    return any(list(child.children()) for child in module.children())


def as_maps(output: torch.Tensor) -> torch.Tensor | None:
    """A module's output as N x C x H x W maps; None where it is not a grid larger than one position.

    Tokens (N x L x C) and maps with channels last (N x H x W x C) are turned.
    """
    if output.dim() == 3 and (side := side_of(output.shape[1])):
        return output[:, -side * side :].transpose(1, 2).reshape(len(output), -1, side, side)
    if output.dim() != 4:
        return None
    last = output.shape[1] == output.shape[2] != output.shape[3]
    maps = output.permute(0, 3, 1, 2) if last else output
    return maps if min(maps.shape[-2:]) > 1 else None


def draw_maps(look: Look, found: tuple[Maps, ...]) -> tuple[Picture, ...]:
    """Draw the maps of one picture, stage below stage."""
    lines = ROWS if len(found) == 1 else 1
    rows = [TileRow([Tile(enlarged(photograph(look.pixels[0]), 2 * SIDE))], "the picture")]
    for maps in found:
        rows += _rows(maps, lines)
    caption = (
        "What stages answer to the picture, light where a channel answers most; each map has its own scale. Of"
        " each stage the channels are drawn that vary most over this picture. The deeper a stage, the coarser its"
        f" maps, and the less they resemble the picture.{drawn_from(look.paths[:1])}"
    )
    return (Picture("maps", "Feature maps", caption, png(sheet(rows, gap=4))),)


def _rows(maps: Maps, lines: int) -> list[TileRow]:
    one = maps.values[0]
    channels, high, wide = one.shape
    chosen = one.flatten(1).std(1).argsort(descending=True)[: lines * COLUMNS].sort().values
    tiles = [Tile(enlarged(coloured(one[i].numpy()), SIDE)) for i in chosen.tolist()]
    dead = int(maps.dead.sum())
    title = f"{maps.stage}: {channels} channels of {high}x{wide}" + (f", {dead} dead" if dead else "")
    first, *others = in_rows(tiles, COLUMNS)
    return [TileRow(first.tiles, title), *others]


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
