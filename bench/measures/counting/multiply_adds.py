"""Multiply-adds, activations and layers of one forward pass, by two counters that must agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import nn

from bench.declare.nature import NO_FVCORE
from bench.declare.places import Misdeclared
from bench.machine.oom import is_out_of_memory
from bench.measures.counting.block import Block, block_of, widths_of
from bench.measures.counting.dispatched import Dispatched
from bench.measures.counting.layers import Layer, table
from bench.measures.counting.plain_functions import plain_functions
from bench.measures.counting.shapes_only import NeedsValues
from bench.measures.counting.traced import Traced, in_a_line, trace


@dataclass(frozen=True)
class MacCount:
    """Result of two counters for one forward pass.

    The figures are those of the counter that knows all operators that it met. Where both do, or neither does, they
    are those of the counter with more multiply-adds, since what a counter does not see makes its figure too low.
    """

    by_operator: dict[str, int]
    """Multiply-adds by kind of operator, from the counter whose figures these are."""
    beyond: dict[str, int]
    """Counts of fvcore beyond the convention, such as its estimate for normalisation."""
    uncounted: dict[str, int]
    """Calls of the operators that fvcore has no handle for; most of them do no multiply-adds."""
    incomplete: tuple[str, ...]
    """Operators whose multiply-adds are missing; empty where the figures are complete."""
    counters_agree: bool
    """Whether both counters know all operators that they met, and give the same number."""
    agreement: str
    """Comparison of the two counters: `yes`, their two numbers, or what one or both of them lack."""
    activations: int
    """Elements of the results of all counted operators: convolutions, linear layers, products of matrices."""
    traced_on: str
    """`shapes alone`, or `real tensors` and why; `nothing` where fvcore did not count."""
    only_counter: str
    """Why torch's counter is the only one that counted; empty where fvcore did, too."""
    first_counter: int | None
    """Count of fvcore; None where it did not count."""
    second_counter: int
    """Count of torch's `FlopCounterMode`, halved, since that counts a multiply-add as two operations."""
    second_counter_ran_on: str
    """`meta device`, or `real tensors` and why."""
    second_counter_uncounted: dict[str, int]
    """Calls of the operators that the second counter has no formula for."""
    layers: tuple[Layer, ...]
    """Layers in the order in which they ran; their parameters and multiply-adds add up to the whole."""
    block: Block | None
    """The block that the network is made of, with its data flow; None where nothing repeats in a large network."""
    widths: dict[str, int]
    """Channels of the last result at each resolution, by its side in pixels (in patches for tokens)."""

    @property
    def total(self) -> int:
        """Multiply-adds by the convention; a lower bound where the count is incomplete."""
        return sum(self.by_operator.values())

    def halved(self) -> MacCount:
        """The figures for one picture, where the pass was made with two."""
        return replace(
            self,
            by_operator={name: macs // 2 for name, macs in self.by_operator.items()},
            beyond={name: number // 2 for name, number in self.beyond.items()},
            activations=self.activations // 2,
            first_counter=None if self.first_counter is None else self.first_counter // 2,
            second_counter=self.second_counter // 2,
            layers=tuple(layer.halved() for layer in self.layers),
        )


def count_macs(
    model: nn.Module, *inputs: torch.Tensor, fill: Callable[[nn.Module], None] = lambda _: None
) -> MacCount:
    """Count the multiply-adds of `model(*inputs)` in eval mode, which the model is left in.

    fvcore traces a forward pass that computes nothing. Where shapes are not enough, or the second counter sees
    something else though both know all operators, it traces a real one, for which memory for weights and feature
    maps is needed. Where fvcore fails (it stands on torch's tracer, which torch has deprecated), the figures are
    the second counter's.

    Args:
        model: model on the CPU; where nothing is computed, its memory is not read.
        inputs: arguments of its forward; the same holds for their memory.
        fill: gives the model values, before a real pass.

    Raises:
        Misdeclared: a formula that a user declared returned no number of multiply-adds.
    """
    model.eval()
    with torch.no_grad(), plain_functions():
        try:
            second = Dispatched.on_meta(model, inputs)
            first = _first(model, inputs, hollow=True)
            if isinstance(first, str) or first.unknown or second.unknown or first.macs == second.macs:
                return _count(model, first, second, "shapes alone")
            reason = f"by shapes alone the counters gave {first.macs} and {second.macs}"
        except NeedsValues as error:
            reason = str(error)
        fill(model)
        second = Dispatched.of(model, inputs)
        return _count(model, _first(model, inputs, hollow=False), second, f"real tensors: {reason}")


def _first(model: nn.Module, inputs: tuple[torch.Tensor, ...], hollow: bool) -> Traced | str:
    """Count of fvcore, or why there is none: the model itself runs, as the second counter has seen."""
    try:
        return trace(model, inputs, hollow)
    except (NeedsValues, Misdeclared):
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise
        return f"{NO_FVCORE}: {in_a_line(error)}"


def _count(model: nn.Module, first: Traced | str, second: Dispatched, traced_on: str) -> MacCount:
    traced = None if isinstance(first, str) else first
    shown = _better(traced, second)
    return MacCount(
        by_operator=shown.by_operator,
        beyond=traced.beyond if traced else {},
        uncounted=(traced or second).uncounted,
        incomplete=shown.unknown,
        counters_agree=_both_know(traced, second) and traced is not None and traced.macs == second.macs,
        agreement=_agreement(first, second),
        activations=shown.activations,
        traced_on=traced_on if traced else "nothing",
        only_counter=first if isinstance(first, str) else "",
        first_counter=traced.macs if traced else None,
        second_counter=second.macs,
        second_counter_ran_on=second.ran_on,
        second_counter_uncounted=second.uncounted,
        layers=table(model, second.watch, shown.of_modules(), complete=not shown.unknown),
        block=block_of(second.flow),
        widths=widths_of(second.flow),
    )


def _both_know(first: Traced | None, second: Dispatched) -> bool:
    return first is not None and not first.unknown and not second.unknown


def _better(first: Traced | None, second: Dispatched) -> Traced | Dispatched:
    if first is None:
        return second
    if bool(first.unknown) == bool(second.unknown):
        return first if first.macs >= second.macs else second
    return second if first.unknown else first


def _agreement(first: Traced | str, second: Dispatched) -> str:
    if isinstance(first, str):
        return f"torch's counter alone: {first}" + (f"; {_lack(second)}" if second.unknown else "")
    if first.unknown and second.unknown:
        return f"no: neither counts {', '.join(_better(first, second).unknown)}"
    if first.unknown:
        return f"torch's counter alone: fvcore has {_lack(first)}"
    if second.unknown:
        return f"fvcore alone: torch's counter has {_lack(second)}"
    if first.macs != second.macs:
        return f"no: {first.macs:,} and {second.macs:,}"
    return f"yes, with the formula of {', '.join(second.declared)}" if second.declared else "yes"


def _lack(counter: Traced | Dispatched) -> str:
    return f"no count of {', '.join(counter.unknown)}"
