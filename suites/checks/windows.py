"""Reach and cost of attention: windows, shifted windows, stages."""

from __future__ import annotations

from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import Evidence, check
from suites.checks import _models as models

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

swin_transformer = lazy("torchvision.models.swin_transformer")
_WINDOW, _WINDOWS, _CHANNELS = 4, 3, 8


@check()
def reach_of_a_window(*, shifted: bool) -> Evidence:
    """Where a change in one window of torchvision's Swin attention shows: `inside` it, or `across` windows.

    Args:
        shifted: whether the windows are shifted by half of one, as in every second layer.
    """
    side = _WINDOW * _WINDOWS
    shift = _WINDOW // 2 if shifted else 0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layer = swin_transformer.ShiftedWindowAttention(_CHANNELS, [_WINDOW] * 2, [shift] * 2, num_heads=2).eval()
        before = torch.randn(1, side, side, _CHANNELS)
    after = before.clone()
    # in the last row of its window, so that the windows moved by half of one hold rows of two
    after[0, _WINDOW - 1, _WINDOW - 1] += 1.0
    with torch.no_grad():
        changed = (layer(after) - layer(before)).abs().amax(dim=-1)[0] > 1e-7
    touched = changed.unflatten(0, (_WINDOWS, _WINDOW)).unflatten(2, (_WINDOWS, _WINDOW)).any(dim=3).any(dim=1)
    count = int(touched.sum())
    return Evidence(
        "inside" if count == 1 else "across", f"the change shows in {count} of {touched.numel()} windows"
    )


@check()
def windows_are(*, shifted: bool) -> Evidence:
    """Whether the windows of one layer of torchvision's Swin attention are `non-overlapping` or `overlapping`.

    A position's window is where a change of it shows. Without overlap they hold each position once.
    """
    side = 2 * _WINDOW
    shift = _WINDOW // 2 if shifted else 0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layer = swin_transformer.ShiftedWindowAttention(_CHANNELS, [_WINDOW] * 2, [shift] * 2, num_heads=2).eval()
        maps = torch.randn(1, side, side, _CHANNELS)
    reached = set()
    with torch.no_grad():
        base = layer(maps)
        for row in range(side):
            for column in range(side):
                moved = maps.clone()
                moved[0, row, column] += 1.0
                changed = ((layer(moved) - base).abs().amax(dim=-1) > 1e-7).flatten()
                reached.add(tuple(changed.nonzero().flatten().tolist()))
    word = "non-overlapping" if sum(map(len, reached)) == side * side else "overlapping"
    return Evidence(word, f"{len(reached)} windows on {side} x {side} positions")


@check(kind="counted")
def grows_slower(*, architecture: str, than: str, sides: list[int]) -> Evidence:
    """Whether the multiply-adds of one block grow with a lower power of the pixels than those of another.

    Args:
        architecture: the block that is spoken of.
        than: the one that it is compared with.
        sides: sides of the input of both, in pixels, ascending; every step between two of them is looked at.
    """
    first, second = _powers(architecture, sides), _powers(than, sides)
    slower = all(one < other for one, other in zip(first, second, strict=True))
    shown = [", ".join(f"{power:.2f}" for power in powers) for powers in (first, second)]
    between = " to ".join(map(str, sides))
    return Evidence(
        slower, f"power of the pixels, side {between}: {shown[0]} in {architecture}, {shown[1]} in {than}"
    )


@check()
def is_hierarchical(*, architecture: str, module: str) -> Evidence:
    """Whether maps get smaller, and never larger, from part to part of a module.

    Args:
        architecture: a model whose parts return N x H x W x C.
        module: dotted name of what holds the parts.
    """
    sides = list(dict.fromkeys(_sides(architecture, module)))
    falls = all(first > second for first, second in pairwise(sides))
    return Evidence(len(sides) > 1 and falls, f"sides {', '.join(map(str, sides))} in {module} of {architecture}")


def _sides(architecture: str, module: str) -> list[int]:
    """Heights of the maps that the parts of a module return, in positions."""
    model, sides, hooks = models.built(architecture), [], []
    for part in model.get_submodule(module).children():
        hooks.append(part.register_forward_hook(lambda _, __, output: sides.append(int(output.shape[1]))))
    try:
        with torch.no_grad():
            model(models.picture(architecture))
    finally:
        for hook in hooks:
            hook.remove()
    return sides


def _powers(architecture: str, sides: list[int]) -> list[float]:
    """The power of the number of pixels that multiply-adds grow with, from each side to the next."""
    counts = [models.macs(architecture, side) for side in sides]
    return [
        log(counts[i + 1] / counts[i]) / (2 * log(large / small))
        for i, (small, large) in enumerate(pairwise(sides))
    ]
