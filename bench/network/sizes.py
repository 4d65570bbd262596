"""Which input sizes a model runs at."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import nn

from bench.clock import Stopwatch
from bench.declare.declarations import Architecture
from bench.network.building import build_untouched
from bench.network.subject import classes_of

PATIENCE = 20.0
"""Seconds after which the search for a size that works ends."""
REACH = 64
"""Pixels to each side that are tried one by one."""


def nearest_resolution(item: Architecture, resolution: int) -> int | None:
    """The side nearest to `resolution` (pixels) at which the model runs; None where `resolution` itself does.

    Sizes are tried on the meta device, outwards from the one that failed, then the declared ones.

    Raises:
        LookupError: none was found, or the model takes another number of channels than declared.
    """
    runs = _runner(item)
    if runs(resolution):
        return None
    watch = Stopwatch()
    for side in _candidates(item, resolution):
        if runs(side):
            return side
        if watch.seconds > PATIENCE:
            break
    for channels in {1, 3} - {item.channels}:
        if any(runs(side, channels) for side in (resolution, item.resolution)):
            raise LookupError(f"'{item.name}' runs with channels={channels}: declare that, not {item.channels}")
    raise LookupError(f"no size near {resolution} px at which '{item.name}' runs")


def _candidates(item: Architecture, resolution: int) -> Iterator[int]:
    """By distance; below the declared minimum nothing but the minimum can be the nearest."""
    declared = {item.min_resolution, item.resolution} - {resolution}
    around = {resolution + sign * step for step in range(1, REACH + 1) for sign in (-1, 1)}
    near = {side for side in around if side >= item.min_resolution}
    return iter(sorted(declared | near, key=lambda side: (abs(side - resolution), side)))


def _runner(item: Architecture) -> Callable[..., bool]:
    model: nn.Module = build_untouched(item.build, classes_of(item)).eval()
    state = {name: t.to("meta") for name, t in (*model.named_parameters(), *model.named_buffers())}

    def runs(side: int, channels: int = item.channels) -> bool:
        image = torch.empty(1, channels, side, side, device="meta")
        try:
            with torch.no_grad():
                torch.func.functional_call(model, state, (image,))
        except Exception:  # noqa: BLE001 - whatever a model says of a size, it does not run at it
            return False
        return True

    return runs
