"""The first counter: fvcore's, which counts the operators of a traced forward pass."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from bench.measures.counting.operators import does_no_multiply_adds
from bench.measures.counting.products import KINDS, OUTPUTS, UNCOUNTED, handles
from bench.measures.counting.shapes_only import shapes_only


@dataclass(frozen=True)
class Traced:
    """Counts of fvcore."""

    by_module: dict[str, Counter[str]]
    """Counts by module and kind; a module's include those of its parts, and the model has the empty name."""
    uncounted: dict[str, int]
    """Calls of the operators that fvcore has no handle for."""

    @property
    def by_operator(self) -> dict[str, int]:
        """Multiply-adds by kind."""
        return {name: n for name, n in self.by_module[""].items() if name in KINDS}

    @property
    def beyond(self) -> dict[str, int]:
        """Counts beyond the convention."""
        return {name: n for name, n in self.by_module[""].items() if name not in (*KINDS, OUTPUTS)}

    @property
    def macs(self) -> int:
        """Multiply-adds by the convention."""
        return sum(self.by_operator.values())

    @property
    def activations(self) -> int:
        """Elements of the results of all counted operators."""
        return self.by_module[""][OUTPUTS]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Operators that fvcore has no handle for, though they may do multiply-adds."""
        return tuple(name for name in self.uncounted if not does_no_multiply_adds(name))

    def of_modules(self) -> dict[str, int]:
        """Multiply-adds by module, including those of its submodules."""
        return {
            name: sum(n for kind, n in count.items() if kind in KINDS) for name, count in self.by_module.items()
        }


def trace(model: nn.Module, inputs: tuple[torch.Tensor, ...], hollow: bool) -> Traced:
    """Count a forward pass that computes nothing (`hollow`), or a real one, from which nothing is removed.

    Raises:
        NeedsValues: shapes alone are not enough.
    """
    with _hooks_restored(model), _deprecations_ignored(), shapes_only() if hollow else _all_kept(model):
        analysis = _fvcore().FlopCountAnalysis(model, inputs).set_op_handle(**handles())
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        found = analysis.by_module_and_operator()
    uncounted = Counter(analysis.unsupported_ops())
    for name in [kind for kind in found[""] if kind.startswith(UNCOUNTED)]:
        uncounted[name.removeprefix(UNCOUNTED)] += int(found[""][name])
    counts = {
        module: Counter({kind: int(n) for kind, n in count.items() if not kind.startswith(UNCOUNTED)})
        for module, count in found.items()
    }
    return Traced(counts, dict(uncounted))


def why_not_here() -> str:
    """Why fvcore cannot be imported here, in one line; empty where it can."""
    try:
        with _deprecations_ignored():
            _fvcore()
    except Exception as error:  # noqa: BLE001 - whatever a package of 2022 raises beside a newer Python or torch
        return in_a_line(error)
    return ""


def in_a_line(error: Exception) -> str:
    """The kind of an error and the first line of what it says."""
    text = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {text}"


def _fvcore() -> Any:
    import fvcore.nn

    return fvcore.nn


@contextmanager
def _all_kept(model: nn.Module) -> Iterator[None]:
    """Context in which no step of a trace is removed as dead code: its output depends on the results of all steps.

    What is computed for its value alone, such as a gate, or thrown away would not be in it.
    """
    kept: list[torch.Tensor] = []

    def note(module: nn.Module, given: object, output: Any) -> Any:
        return tuple(kept) or output

    hook = model.register_forward_hook(note)
    try:
        with _Results(kept):
            yield
    finally:
        hook.remove()


class _Results(TorchFunctionMode):
    """Keeps, for each result, an empty tensor made from it, so that the memory of the result can be freed."""

    def __init__(self, kept: list[torch.Tensor]) -> None:
        super().__init__()
        self._kept = kept

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if torch._C._get_tracing_state():
            self._kept += [t.new_empty(0) for t in tree_leaves(result) if isinstance(t, torch.Tensor)]
        return result


@contextmanager
def _hooks_restored(model: nn.Module) -> Iterator[None]:
    """Context that restores the hooks of a model: where a trace ends in an error, fvcore leaves its own."""
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
    """Context without torch's warnings about its tracer, which fvcore uses."""
    with warnings.catch_warnings():
        for category in (DeprecationWarning, FutureWarning):
            warnings.filterwarnings("ignore", r"`torch\.jit\.\w+` is", category)
        yield
