"""Multiply-adds, activations and layers of one forward pass, by two counters that must agree."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import attention
from torch.utils import flop_counter
from torch.utils._python_dispatch import TorchDispatchMode

from bench.errors import Unsupported
from bench.machine.oom import is_out_of_memory
from bench.measures.counting.block import Block, block_of, widths_of
from bench.measures.counting.flow import Flow
from bench.measures.counting.layers import Layer, Watch, table
from bench.measures.counting.products import KINDS, OUTPUTS, handles
from bench.measures.counting.shapes_only import NeedsValues, shapes_only


@dataclass(frozen=True)
class MacCount:
    """What one forward pass takes, as two counters see it."""

    by_operator: dict[str, int]
    """Multiply-adds by kind of operator."""
    beyond: dict[str, int]
    """What fvcore counts beside the convention, such as its estimate for normalisation."""
    uncounted: dict[str, int]
    """Calls of the operators that fvcore has no count for."""
    activations: int
    """Elements of the results of all that is counted: convolutions, linear layers, products of matrices."""
    traced_on: str
    """`shapes alone`, or `real tensors` and why; `nothing` where fvcore did not count."""
    only_counter: str
    """Why torch's counter is the only one that counted; empty where fvcore did, too."""
    second_counter: int
    """The count of torch's `FlopCounterMode`, halved, since that takes a multiply-add for two."""
    second_counter_ran_on: str
    """`meta device`, or `real tensors` and why."""
    second_counter_uncounted: dict[str, int]
    """Calls of the operators that it has no count for."""
    layers: tuple[Layer, ...]
    """In the order in which they ran; their parameters and multiply-adds add up to the whole."""
    block: Block | None
    """The block that it is made of, with what feeds what; None where nothing repeats in a large network."""
    widths: dict[str, int]
    """Channels of the last result at each resolution, by its side in pixels (patches, of tokens)."""

    @property
    def total(self) -> int:
        """Multiply-adds by the convention."""
        return sum(self.by_operator.values())

    @property
    def counters_agree(self) -> bool:
        """Whether both counters counted, and give the same number."""
        return not self.only_counter and self.second_counter == self.total


def count_macs(
    model: nn.Module, *inputs: torch.Tensor, fill: Callable[[nn.Module], None] = lambda _: None
) -> MacCount:
    """Count the multiply-adds of `model(*inputs)` in eval mode, which the model is left in.

    fvcore traces a forward pass that computes nothing. Where shapes are not enough, or the second counter sees
    something else, it traces a real one, for which memory for weights and feature maps is needed. Where fvcore
    fails (it stands on torch's tracer, which torch has deprecated), the figures are the second counter's.

    Args:
        model: on the CPU; where nothing is computed, its memory is not read.
        inputs: what its forward takes; the same holds for their memory.
        fill: gives the model values, before a real pass.

    Raises:
        Unsupported: an operator's cost cannot be told from its shapes.
    """
    model.eval()
    with torch.no_grad():
        try:
            count = _count(model, inputs, _Second.on_meta(model, inputs))
            if count.counters_agree or count.only_counter:
                return count
            reason = f"by shapes alone the counters gave {count.total} and {count.second_counter}"
        except NeedsValues as error:
            reason = str(error)
        fill(model)
        return _count(model, inputs, _Second.of(model, inputs), reason)


_KIND_OF = {
    **dict.fromkeys(("convolution", "_convolution", "cudnn_convolution", "_slow_conv2d_forward"), "conv"),
    **dict.fromkeys(("mm", "bmm", "baddbmm"), "matmul"),
}
"""Kinds of what torch's counter counts, by the operator's name; an operator that is not here is its own kind."""


@dataclass(frozen=True)
class _Second:
    """What the second counter saw."""

    by_operator: dict[str, int]
    """Multiply-adds by kind; those of attention are products of matrices here, since it is taken apart."""
    activations: int
    ran_on: str
    uncounted: dict[str, int]
    watch: Watch
    flow: Flow

    @property
    def macs(self) -> int:
        return sum(self.by_operator.values())

    @classmethod
    def on_meta(cls, model: nn.Module, inputs: tuple[torch.Tensor, ...]) -> _Second:
        """Count on the meta device.

        Raises:
            NeedsValues: the model's way depends on values, or an operator has no meta kernel.
        """
        state = {name: t.to("meta") for name, t in (*model.named_parameters(), *model.named_buffers())}
        shapes = tuple(t.to("meta") for t in inputs)
        try:
            return cls._watched(model, lambda: torch.func.functional_call(model, state, shapes), "meta device")
        except (RuntimeError, NotImplementedError) as error:
            raise NeedsValues(str(error).partition("\n")[0]) from error

    @classmethod
    def of(cls, model: nn.Module, inputs: tuple[torch.Tensor, ...]) -> _Second:
        """Count on the meta device or, where that refuses, on the tensors as they are."""
        try:
            return cls.on_meta(model, inputs)
        except NeedsValues as error:
            where = f"real tensors, since the meta device refused: {error}"
            return cls._watched(model, lambda: model(*inputs), where)

    @classmethod
    def _watched(cls, model: nn.Module, forward: Callable[[], object], where: str) -> _Second:
        """Run with attention taken apart, since `FlopCounterMode` sees none of the fused kernels."""
        fused = torch.backends.mha.get_fastpath_enabled()
        torch.backends.mha.set_fastpath_enabled(False)
        flow = Flow()
        calls = _Calls(flow)
        counter = flop_counter.FlopCounterMode(display=False)
        try:
            watching = Watch(model, lambda: counter.get_total_flops() // 2, flow)
            math = attention.sdpa_kernel(attention.SDPBackend.MATH)
            with watching as watch, math, calls, counter:
                forward()
        finally:
            torch.backends.mha.set_fastpath_enabled(fused)
        by_operator: Counter[str] = Counter()
        for operator, flops in counter.get_flop_counts()["Global"].items():
            name = operator.__name__
            by_operator[_KIND_OF.get(name, name)] += flops // 2
        return cls(dict(by_operator), calls.activations, where, calls.uncounted(), watch, flow)


class _Calls(TorchDispatchMode):
    """Counts calls by operator, and tells the flow of each."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch annotates no constructor of a mode
        self._calls: Counter[Any] = Counter()
        self._flow = flow
        self.activations = 0
        """Elements of the results of the operators that `FlopCounterMode` counts."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self._calls[func._overloadpacket] += 1
        result = func(*args, **(kwargs or {}))
        if func._overloadpacket in flop_counter.flop_registry and isinstance(result, torch.Tensor):
            self.activations += result.numel()
        self._flow.note(func._overloadpacket.__name__, (args, kwargs), result)
        return result

    def uncounted(self) -> dict[str, int]:
        """Calls of what `FlopCounterMode` has no formula for."""
        return {str(name): n for name, n in self._calls.items() if name not in flop_counter.flop_registry}


def _count(
    model: nn.Module, inputs: tuple[torch.Tensor, ...], second: _Second, reason_for_real: str = ""
) -> MacCount:
    try:
        by_module, uncounted = _traced(model, inputs, hollow=not reason_for_real)
    except (NeedsValues, Unsupported):
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise
        # the model itself runs, as the second counter has just seen
        return _by_second(model, second, error)
    whole = by_module[""]
    return MacCount(
        by_operator={name: n for name, n in whole.items() if name in KINDS},
        beyond={name: n for name, n in whole.items() if name not in (*KINDS, OUTPUTS)},
        uncounted=uncounted,
        activations=whole[OUTPUTS],
        traced_on=f"real tensors: {reason_for_real}" if reason_for_real else "shapes alone",
        only_counter="",
        layers=table(model, second.watch, _sums(by_module)),
        **_of_second(second),
    )


def _by_second(model: nn.Module, second: _Second, error: Exception) -> MacCount:
    """The count of torch's counter alone, where fvcore raised `error`."""
    text = str(error).strip().partition("\n")[0]
    return MacCount(
        by_operator=second.by_operator,
        beyond={},
        uncounted=second.uncounted,
        activations=second.activations,
        traced_on="nothing",
        only_counter=f"fvcore cannot count here: {type(error).__name__}: {text}",
        layers=table(model, second.watch, second.watch.by_module()),
        **_of_second(second),
    )


def _of_second(second: _Second) -> dict[str, Any]:
    """The fields of a count that the second counter's pass fills."""
    return {
        "second_counter": second.macs,
        "second_counter_ran_on": second.ran_on,
        "second_counter_uncounted": second.uncounted,
        "block": block_of(second.flow),
        "widths": widths_of(second.flow),
    }


def _sums(by_module: Mapping[str, Counter[str]]) -> dict[str, int]:
    return {name: sum(n for kind, n in count.items() if kind in KINDS) for name, count in by_module.items()}


def _traced(
    model: nn.Module, inputs: tuple[torch.Tensor, ...], hollow: bool
) -> tuple[dict[str, Counter[str]], dict[str, int]]:
    """fvcore's counts by module and kind, and the calls that it does not count."""
    with _hooks_restored(model), _deprecations_ignored(), shapes_only() if hollow else nullcontext():
        analysis = _fvcore().FlopCountAnalysis(model, inputs).set_op_handle(**handles())
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        found = analysis.by_module_and_operator()
    counts = {name: Counter({kind: int(n) for kind, n in count.items()}) for name, count in found.items()}
    return counts, dict(analysis.unsupported_ops())


def _fvcore() -> Any:
    import fvcore.nn

    return fvcore.nn


@contextmanager
def _hooks_restored(model: nn.Module) -> Iterator[None]:
    """Context that leaves a model the hooks it had: where a trace ends in an error, fvcore leaves its own."""
    kept = [
        (hooks, dict(hooks))
        for module in model.modules()
        for hooks in (module._forward_hooks, module._forward_pre_hooks)
    ]
    try:
        yield
    finally:
        for hooks, before in kept:
            hooks.clear()
            hooks.update(before)


@contextmanager
def _deprecations_ignored() -> Iterator[None]:
    """Context in which torch does not warn of its tracer, which fvcore compiles a function with and counts by."""
    with warnings.catch_warnings():
        for category in (DeprecationWarning, FutureWarning):
            warnings.filterwarnings("ignore", r"`torch\.jit\.\w+` is", category)
        yield
