"""Models that checks share within a process: built once, looked at by shapes alone where shapes are enough."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from bench.declare.catalog import ARCHITECTURES
from bench.lazy import lazy
from bench.network.building import build_cheaply, build_untouched
from bench.network.subject import classes_of

if TYPE_CHECKING:
    import torch
    from torch import nn
    from torch.nn import attention
    from torch.utils import _python_dispatch as dispatch
    from torch.utils import flop_counter
else:
    torch = lazy("torch")
    attention = lazy("torch.nn.attention")
    dispatch = lazy("torch.utils._python_dispatch")
    flop_counter = lazy("torch.utils.flop_counter")

ADDITION = "addition"
"""Name in an order of modules for the addition of maps."""


@dataclass(frozen=True)
class Leaf:
    """A module without parts, as one forward pass met it."""

    name: str
    """Dotted."""
    module: nn.Module
    output: tuple[int, ...]
    """Shape of what it returned, the batch of 1 first; empty where that is not a tensor."""
    parameters: int


@cache
def built(name: str) -> nn.Module:
    """The architecture in eval mode on the meta device: shapes, no values. Not to be changed, since it is shared.

    Raises:
        UnknownName: there is no such architecture; the nearest name is offered.
    """
    item = ARCHITECTURES.get(name)
    return build_untouched(item.build, classes_of(item)).eval().to("meta")


@cache
def real(name: str) -> nn.Module:
    """The architecture in eval mode on the CPU, with weights from seed 0. Shared: not to be changed."""
    item = ARCHITECTURES.get(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build_cheaply(item.build, classes_of(item)).eval()


def picture(name: str, resolution: int = 0, device: str = "meta") -> torch.Tensor:
    """One input, 1 x C x R x R, of zeros; R is the architecture's own where 0."""
    item = ARCHITECTURES.get(name)
    side = resolution or item.resolution
    return torch.zeros(1, item.channels, side, side, device=device)


@cache
def shapes(name: str, resolution: int = 0) -> tuple[Leaf, ...]:
    """Every call of a module without parts, in the order of calls, for one picture of `resolution` pixels.

    A module that runs twice comes twice; one that does not run in eval mode (an auxiliary head) does not come.
    """
    model, leaves, hooks = built(name), [], []

    def watch(path: str, module: nn.Module) -> Any:
        def note(_: nn.Module, __: object, output: object) -> None:
            shape = tuple(output.shape) if isinstance(output, torch.Tensor) else ()
            leaves.append(Leaf(path, module, shape, sum(p.numel() for p in module.parameters())))

        return module.register_forward_hook(note)

    for path, module in model.named_modules():
        if not any(module.children()):
            hooks.append(watch(path, module))
    try:
        with torch.no_grad(), _attention_apart():
            model(picture(name, resolution))
    finally:
        for hook in hooks:
            hook.remove()
    return tuple(leaves)


def order(model: nn.Module, given: torch.Tensor) -> list[str]:
    """Classes of the modules without parts as they run, and `addition` where maps of one shape are added.

    Additions are not modules: between what a branch returns and the activation of the sum a hook sees none.
    """
    met: list[str] = []

    class Watching(dispatch.TorchDispatchMode):
        def __torch_dispatch__(
            self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
        ) -> Any:
            shapes = [value.shape for value in args if isinstance(value, torch.Tensor)]
            if func._schema.name in ("aten::add", "aten::add_") and len(shapes) == 2 and shapes[0] == shapes[1]:
                met.append(ADDITION)
            return func(*args, **(kwargs or {}))

    def note(module: nn.Module, _: object) -> None:
        met.append(type(module).__name__)

    hooks = [m.register_forward_pre_hook(note) for m in model.modules() if not any(m.children())]
    watching = Watching()  # type: ignore[no-untyped-call]  # torch annotates no constructor of a mode
    try:
        with torch.no_grad(), _attention_apart(), watching:
            model(given)
    finally:
        for hook in hooks:
            hook.remove()
    return met


@cache
def macs(name: str, resolution: int = 0) -> int:
    """Multiply-adds of one forward pass of one picture: convolutions, linear layers, products of matrices."""
    counter = flop_counter.FlopCounterMode(display=False)
    with torch.no_grad(), _attention_apart(), counter:
        built(name)(picture(name, resolution))
    return int(counter.get_total_flops()) // 2


def parameters(name: str, *, auxiliary: bool = True) -> int:
    """All parameters of the architecture, with or without those of the heads that only training runs."""
    model, item = built(name), ARCHITECTURES.get(name)
    heads = () if auxiliary else item.auxiliary
    total = sum(p.numel() for p in model.parameters())
    return total - sum(p.numel() for head in heads for p in model.get_submodule(head).parameters())


@contextmanager
def _attention_apart() -> Iterator[None]:
    """Context in which attention runs as products of matrices, which hooks and the counter of products can see."""
    fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with attention.sdpa_kernel(attention.SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)
