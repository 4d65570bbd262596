"""Properties of DPT's patches that regular patches do not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import Evidence, check

if TYPE_CHECKING:
    import torch

    from suites.models import dpt
else:
    torch = lazy("torch")
    dpt = lazy("suites.models.dpt")

_CHANNELS, _DIM, _SIDE, _PATCH = 4, 16, 12, 2


@check()
def patches_learn() -> Evidence:
    """Which of the `positions` and `scales` of a deformable patch embedding training can change.

    A gradient of where the patches are sampled must reach the predictor, which begins as zeros.
    """
    embedding = _embedding()
    embedding.points(_maps(0)).square().sum().backward()
    found = [
        name
        for name, predictor in (("positions", embedding.offset), ("scales", embedding.scale))
        if predictor.weight.grad is not None and bool(predictor.weight.grad.any())
    ]
    return Evidence(found, "predictors of the offset and the scale that a gradient reaches")


@check()
def patches_follow_the_picture(*, trained: bool = True) -> Evidence:
    """Which of the `positions` and `scales` of the patches differ between two pictures.

    Args:
        trained: whether the predictors have (random) weights; else they are the zeros that training begins with.
    """
    embedding = _embedding()
    if trained:
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for predictor in (embedding.offset, embedding.scale):
                predictor.weight.copy_(0.2 * torch.randn(predictor.weight.shape, generator=generator))
    with torch.no_grad():
        first, second = (embedding.points(_maps(seed)) for seed in (0, 1))
    # rows and columns of patches inside, where no border cuts a rectangle off
    inside = torch.ones(_SIDE // _PATCH, _SIDE // _PATCH, dtype=torch.bool)
    inside[[0, -1], :] = inside[:, [0, -1]] = False
    first, second = first[:, inside.flatten()], second[:, inside.flatten()]
    found = []
    if not torch.allclose(_centres(first), _centres(second), atol=1e-4):
        found.append("positions")
    if not torch.allclose(_sides(first), _sides(second), atol=1e-4):
        found.append("scales")
    return Evidence(found, f"{int(inside.sum())} patches of two random maps")


def _embedding() -> dpt.DePatch:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return dpt.DePatch(_CHANNELS, _DIM, _SIDE, _PATCH)


def _maps(seed: int) -> torch.Tensor:
    return torch.randn(1, _CHANNELS, _SIDE, _SIDE, generator=torch.Generator().manual_seed(seed))


def _centres(points: torch.Tensor) -> torch.Tensor:
    """N x P x 2, from N x P x 3 x 3 x 2."""
    return points.mean(dim=(2, 3))


def _sides(points: torch.Tensor) -> torch.Tensor:
    """Width and height of each patch, N x P x 2."""
    return points.amax(dim=(2, 3)) - points.amin(dim=(2, 3))
