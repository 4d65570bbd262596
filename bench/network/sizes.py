"""Search for the input sizes that a model runs at."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import nn

from bench.clock import Stopwatch
from bench.declare.declarations import Architecture
from bench.network.building import build_cheaply, build_untouched
from bench.network.subject import classes_of

PATIENCE = 20.0
"""Seconds after which the search ends."""
REACH = 64
"""Pixels on each side of the given size that are tried one by one."""
_Trial = Callable[..., str]
"""Function from a side in pixels and a number of channels to the model's error; empty where it runs."""


def nearest_resolution(item: Architecture, resolution: int) -> int | None:
    """The side nearest to `resolution` (pixels) at which the model runs.

    Sizes are tried on the meta device, outwards from the one that failed, then the declared ones; of a model that
    does not run on that device at all, the declared ones on the CPU.

    Returns:
        None where it runs at `resolution` itself, and where it runs at none, but fails at its own and at a much
        larger one in the very same words: then the size is not the cause.

    Raises:
        LookupError: it runs at none that was tried, or takes another number of channels than declared.
    """
    trial = _on_meta(item)
    first = trial(resolution)
    if "meta" in first.lower() and first == trial(item.resolution):
        return _nearest(item, resolution, _on_cpu(item), sorted({item.min_resolution, item.resolution}))
    return _nearest(item, resolution, trial, _candidates(item, resolution))


def _nearest(item: Architecture, resolution: int, trial: _Trial, sides: Iterable[int]) -> int | None:
    first = trial(resolution)
    if not first:
        return None
    watch = Stopwatch()
    for side in sides:
        if watch.seconds > PATIENCE and side != item.resolution:
            continue
        if not trial(side):
            return side
    for channels in {1, 3} - {item.channels}:
        if not all(trial(side, channels) for side in (resolution, item.resolution)):
            raise LookupError(f"'{item.name}' runs with channels={channels}: declare that, not {item.channels}")
    if all(first == trial(side) for side in (item.resolution, resolution + REACH)):
        return None
    raise LookupError(f"there is no size near {resolution} px at which '{item.name}' runs")


def _candidates(item: Architecture, resolution: int) -> list[int]:
    """Candidate sides by distance; below the declared minimum only the minimum itself can be the nearest."""
    declared = {item.min_resolution, item.resolution} - {resolution}
    around = {resolution + sign * step for step in range(1, REACH + 1) for sign in (-1, 1)}
    near = {side for side in around if side >= item.min_resolution}
    return sorted(declared | near, key=lambda side: (abs(side - resolution), side))


def _on_meta(item: Architecture) -> _Trial:
    model: nn.Module = build_untouched(item.build, classes_of(item)).eval()
    state = {name: t.to("meta") for name, t in (*model.named_parameters(), *model.named_buffers())}
    return _trial(item, "meta", lambda images: torch.func.functional_call(model, state, (images,)))


def _on_cpu(item: Architecture) -> _Trial:
    return _trial(item, "cpu", build_cheaply(item.build, classes_of(item)).eval())


def _trial(item: Architecture, device: str, forward: Callable[[torch.Tensor], object]) -> _Trial:
    def say(side: int, channels: int = item.channels) -> str:
        try:
            with torch.no_grad():
                forward(torch.zeros(1, channels, side, side, device=device))
        except Exception as error:  # noqa: BLE001 - whatever a model says of a size, it does not run at it
            return f"{type(error).__name__}: {error}"
        return ""

    return say
