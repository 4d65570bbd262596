"""Size of the input region that a position of a feature map depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.cell import Samples
from bench.declare.catalog import measure
from bench.errors import Unsupported
from bench.lazy import lazy

if TYPE_CHECKING:
    import torch

    from bench.clock import Clock
    from bench.network.subject import Subject
else:
    torch = lazy("torch")


@measure(unit="1", nature="count", better="neither", repeats="anywhere", depends_on=("resolution",))
def receptive_field(subject: Subject, clock: Clock) -> Samples:
    """Positions of the input that the middle position of the answer depends on, where the answer is a feature map.

    They are those whose gradient is not 0 in every channel; weights and input are random.
    """
    maps = subject.images_of(1).requires_grad_()
    found = subject.uncompiled(maps)
    if not isinstance(found, torch.Tensor) or found.dim() != 4:
        raise Unsupported(f"{subject.architecture.name} answers with no feature map, N x C x H x W")
    height, width = found.shape[-2:]
    (gradient,) = torch.autograd.grad(found[0, :, height // 2, width // 2].sum(), maps)
    return Samples((float((gradient[0] != 0).any(dim=0).sum()),))
