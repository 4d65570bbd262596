"""The repeated block of a network: of the containers that repeat, the one that makes up most of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from bench.measures.counting.flow import INPUT, Flow, FlowStep, Span
from bench.shapes import side_and_channels

_GENERIC = frozenset({"Sequential", "ModuleList", "ModuleDict"})
"""Container classes whose name says nothing about their content."""
_MOST = 40
"""Most steps that a block may have to be shown as one."""
_WHOLE = 20
"""Number of steps up to which a network without repeated blocks is shown as a whole."""
_SHARE = 0.3
"""Least share of a network's steps in its repeated blocks."""


@dataclass(frozen=True)
class Block:
    """A typical block, and the steps that it consists of."""

    kind: str
    """`container`: a repeated class of modules; `stage`: the part between poolings; `network`: the whole
    network."""
    type: str
    """Class of the container."""
    name: str
    """Dotted name of the described container; for a stage, that of its first step."""
    repeats: int
    """Number of blocks of this kind in the network."""
    alike: int
    """Number of blocks with the same steps, apart from the number of channels."""
    steps: tuple[FlowStep, ...]
    """Steps of the block; their inputs are indices into this list."""
    output: int
    """Index of the step whose result is that of the block."""


def block_of(flow: Flow) -> Block | None:
    """The typical block of a model whose forward pass was followed; None where nothing repeats in a large one."""
    groups: dict[str, list[Span]] = {}
    for span in flow.spans:
        if span.type not in _GENERIC:
            groups.setdefault(span.type, []).append(span)
    several = [group for group in groups.values() if len(group) > 1 and 2 <= median(map(_size, group)) <= _MOST]
    outer = [group for group in several if not _lies_within(group, several)]
    large = [group for group in outer if _weight(group) >= _SHARE * len(flow.steps)]
    if large:
        return _container(max(large, key=_weight), flow.steps)
    return _of_sequence(flow)


def widths_of(flow: Flow) -> dict[str, int]:
    """Channels of the last result at each resolution, by its side; vectors are left out.

    The results of the outermost modules count: within a block there are wider ones.
    """
    ends = [(step.name.count("."), i, step.output) for i, step in enumerate(flow.steps)]
    ends += [
        (s.name.count("."), s.end - 1, flow.steps[s.output].output) for s in flow.spans if s.name and s.output >= 0
    ]
    found: dict[str, int] = {}
    for _, _, shape in sorted(ends, key=lambda end: (-end[0], end[1])):
        side, channels = side_and_channels(shape)
        if side > 1:
            found[str(side)] = channels
    return found


def _lies_within(group: Sequence[Span], others: Iterable[Sequence[Span]]) -> bool:
    """Whether most of a group stands inside other groups."""
    least = min(map(_size, group))
    spans = [span for other in others if other is not group for span in other if _size(span) > least]
    inner = [span for span in group if any(_holds(outer, span) for outer in spans)]
    return 2 * _weight(inner) > _weight(group)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end and _size(inner) < _size(outer)


def _weight(group: Iterable[Span]) -> int:
    return sum(map(_size, group))


def _size(span: Span) -> int:
    return span.end - span.start


def _container(spans: Sequence[Span], steps: Sequence[FlowStep]) -> Block:
    cut = [_cut(steps, span.start, span.end) for span in spans]
    first, alike = _most_frequent(cut)
    span = spans[first]
    output = span.output - span.start if span.start <= span.output else len(cut[first]) - 1
    return Block("container", span.type, span.name, len(spans), alike, cut[first], output)


def _of_sequence(flow: Flow) -> Block | None:
    """Block of a network without repeated containers: all of a small one, or the part between the poolings of a
    large one."""
    steps = tuple(flow.steps)
    if not steps:
        return None
    kind = next((span.type for span in flow.spans if not span.name), "")
    if len(steps) <= _WHOLE:
        return Block("network", kind, "", 1, 1, steps, len(steps) - 1)
    stages = list(_stages(steps))
    if not stages:
        return None
    first, alike = _most_frequent(stages)
    if alike < 2:
        return None
    stage = stages[first]
    return Block("stage", kind, stage[0].name, len(stages), alike, stage, len(stage) - 1)


def _stages(steps: Sequence[FlowStep]) -> Iterable[tuple[FlowStep, ...]]:
    """Steps up to each pooling, where each takes the result of the one before; empty where one does not."""
    start = 0
    for i, step in enumerate(steps):
        if step.inputs != (i - 1,):
            return
        if "pool" in step.kind.lower() and i > start:
            yield _cut(steps, start, i + 1)
            start = i + 1


def _cut(steps: Sequence[FlowStep], start: int, end: int) -> tuple[FlowStep, ...]:
    """The steps by themselves: indices from 0, and `INPUT` for everything before them."""
    return tuple(
        replace(step, inputs=tuple(dict.fromkeys(max(INPUT, i - start) for i in step.inputs)))
        for step in steps[start:end]
    )


def _most_frequent(blocks: Sequence[tuple[FlowStep, ...]]) -> tuple[int, int]:
    """Index of the first member of the largest group of equal forms, and the size of that group."""
    forms = [_form(block) for block in blocks]
    form, number = Counter(forms).most_common(1)[0]
    return forms.index(form), number


def _form(steps: Iterable[FlowStep]) -> tuple[Any, ...]:
    """Form of a block that is equal for blocks that differ in their channels alone."""
    return tuple((step.kind, step.inputs, *_sizes(step)) for step in steps)


def _sizes(step: FlowStep) -> Iterable[str]:
    grouped = step.settings.get("groups", 1)
    depthwise = grouped > 1 and grouped == step.settings.get("in")
    for name in ("kernel", "stride", "window"):
        yield f"{name} {step.settings.get(name, 1)}"
    yield "depthwise" if depthwise else f"groups {grouped}"
