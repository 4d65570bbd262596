"""Parameters and multiply-adds: exact, and the same on every host."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bench.catalog import measure
from bench.cell import Samples
from bench.lazy import lazy
from bench.measures._products import HANDLES, KINDS
from bench.subject import build_cheaply

if TYPE_CHECKING:
    import torch
    from torch import nn
    from torch.nn import attention
    from torch.utils import flop_counter

    from bench.measures.clock import Clock
    from bench.subject import Subject
else:
    torch = lazy("torch")
    attention = lazy("torch.nn.attention")
    flop_counter = lazy("torch.utils.flop_counter")

CONVENTION = (
    "one multiply-add counts one; convolutions, linear layers and products of matrices (attention included);"
    " no bias, normalisation, activation, pooling or other element-wise work; batch 1, eval mode"
)


@dataclass(frozen=True)
class ParameterCount:
    """Elements of a model's tensors."""

    total: int
    """All parameters, frozen or not, auxiliary heads included."""
    trainable: int
    auxiliary: dict[str, int]
    """Parameters of the heads that only training runs, by name."""
    without_auxiliary: int
    buffers: int
    """Elements of the buffers, such as the statistics of batch normalisation."""
    bytes: int
    """Of parameters and buffers."""


@dataclass(frozen=True)
class MacCount:
    """Multiply-adds of one forward pass, as two counters see them."""

    by_operator: dict[str, int]
    beyond: dict[str, int]
    """What fvcore counts beside the convention, such as its estimate for normalisation."""
    uncounted: dict[str, int]
    """Calls of the operators that fvcore has no count for."""
    second_counter: int
    """The count of torch's `FlopCounterMode`, halved, since that takes a multiply-add for two."""
    second_counter_ran_on: str
    """`meta device`, or `real tensors` and why."""

    @property
    def total(self) -> int:
        """Multiply-adds by the convention."""
        return sum(self.by_operator.values())

    @property
    def counters_agree(self) -> bool:
        """Whether both counters give the same number."""
        return self.second_counter == self.total


@measure(unit="1", better="lower", repeats="anywhere")
def parameters(subject: Subject, clock: Clock) -> Samples:
    """All parameters, frozen or not, auxiliary heads included."""
    model = build_cheaply(subject.architecture.build, subject.classes)
    count = count_parameters(model, subject.architecture.auxiliary)
    details = asdict(count)
    return Samples((float(details.pop("total")),), details=details)


@measure(unit="1", better="lower", repeats="anywhere")
def macs(subject: Subject, clock: Clock) -> Samples:
    """Multiply-adds of one forward pass of one picture: convolutions, linear layers and attention products."""
    resolution = subject.cost.resolution
    model = build_cheaply(subject.architecture.build, subject.classes)
    count = count_macs(model, torch.zeros(1, subject.architecture.channels, resolution, resolution))
    details = {
        **asdict(count),
        "second_counter_agrees": count.counters_agree,
        "convention": CONVENTION,
    }
    return Samples((float(count.total),), details=details)


def count_parameters(model: nn.Module, auxiliary: Iterable[str] = ()) -> ParameterCount:
    """Count a model's parameters and buffers; a tensor that several modules share counts once.

    Args:
        model: on any device, the meta device included.
        auxiliary: dotted names of the heads that only training runs.
    """
    tensors = list(model.parameters())
    buffers = list(model.buffers())
    total = sum(t.numel() for t in tensors)
    heads = {name: sum(t.numel() for t in model.get_submodule(name).parameters()) for name in auxiliary}
    return ParameterCount(
        total=total,
        trainable=sum(t.numel() for t in tensors if t.requires_grad),
        auxiliary=heads,
        without_auxiliary=total - sum(heads.values()),
        buffers=sum(t.numel() for t in buffers),
        bytes=sum(t.numel() * t.element_size() for t in (*tensors, *buffers)),
    )


def count_macs(model: nn.Module, *inputs: torch.Tensor) -> MacCount:
    """Count the multiply-adds of `model(*inputs)` in eval mode, which the model is left in.

    fvcore traces a real forward pass, so that memory for its feature maps is needed; the second counter runs on
    the meta device.

    Raises:
        Unsupported: an operator's cost cannot be told from its shapes.
    """
    model.eval()
    with torch.no_grad():
        counted, uncounted = _traced(model, inputs)
        second, where = _dispatched(model, inputs)
    return MacCount(
        by_operator={name: n for name, n in counted.items() if name in KINDS},
        beyond={name: n for name, n in counted.items() if name not in KINDS},
        uncounted=uncounted,
        second_counter=second,
        second_counter_ran_on=where,
    )


def _traced(model: nn.Module, inputs: tuple[torch.Tensor, ...]) -> tuple[dict[str, int], dict[str, int]]:
    analysis = _fvcore().FlopCountAnalysis(model, inputs).set_op_handle(**HANDLES)
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    counted = {name: int(n) for name, n in analysis.by_operator().items()}
    return counted, dict(analysis.unsupported_ops())


def _dispatched(model: nn.Module, inputs: tuple[torch.Tensor, ...]) -> tuple[int, str]:
    state = {name: t.to("meta") for name, t in (*model.named_parameters(), *model.named_buffers())}
    try:
        shapes = tuple(t.to("meta") for t in inputs)
        return _halved(lambda: torch.func.functional_call(model, state, shapes)), "meta device"
    except RuntimeError as error:  # a model whose way depends on values, or an operator without a meta kernel
        reason = str(error).partition("\n")[0]
        return _halved(lambda: model(*inputs)), f"real tensors, since the meta device refused: {reason}"


def _halved(forward: Callable[[], object]) -> int:
    """Half of what `FlopCounterMode` counts while attention is taken apart: it sees none of the fused kernels."""
    fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with attention.sdpa_kernel(attention.SDPBackend.MATH), flop_counter.FlopCounterMode(display=False) as mode:
            forward()
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)
    flops: int = mode.get_total_flops()
    return flops // 2


def _fvcore() -> Any:
    with warnings.catch_warnings():
        # fvcore compiles a loss function when it is imported, which torch has deprecated.
        warnings.filterwarnings("ignore", "`torch.jit.script` is deprecated", DeprecationWarning)
        import fvcore.nn
    return fvcore.nn
