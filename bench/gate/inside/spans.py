"""Where the time of a step goes, by layer and operator. It runs in the interpreter of any revision.

`torch.profiler` notes every operator, and every call of a module as a span around those that it runs. What is
counted is own time: of a module its span less the operators and modules within it. That is Python, a sleep, or
whatever else is not an operator. An operator's time is that of what it calls, too, since code names the outermost
(`aten::conv2d`).

The backward pass has no modules. Autograd numbers its nodes in the order in which the forward pass makes them, and
the last operator that began under a number has made the node: the node's time is that of this operator's layer.
The sum of gradients has no such number and is told as `BACKWARD`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

from bench.remote import load

from .layers import BACKWARD, OUTSIDE, Names, RunningLayer, watched

PYTHON = "python"
"""Name in the place of an operator for the time of a layer that no operator has taken."""
_STEP = "evobench step"
_LAYER = "evobench layer "
_NODE = "autograd::engine::evaluate_function: "
_Key = tuple[RunningLayer, str]


class Spans:
    """Profiles calls, each by itself.

    Args:
        layered: whether modules are watched: of a compiled network that would change what is compiled.
    """

    def __init__(self, layered: bool) -> None:
        self._torch = load("torch")
        self._layered = layered
        self._names = Names()
        self._layers: list[RunningLayer] = []
        self._open: list[tuple[RunningLayer, Any]] = []
        self._steps: list[dict[_Key, tuple[float, int]]] = []

    def take(self, call: Callable[[], object]) -> None:
        """Profile one call."""
        profiler = self._torch.profiler
        self._layers, self._open = [], []
        with (
            profiler.profile(activities=[profiler.ProfilerActivity.CPU]) as profile,
            watched(self._enter, self._leave) if self._layered else nullcontext(),
            profiler.record_function(_STEP),
        ):
            call()
        self._steps.append(_own_times(profile.events(), self._layers))

    def rows(self) -> list[dict[str, Any]]:
        """A row a layer and operator: own seconds of a step, and calls in the last step.

        Of the steps their lower quartile: neighbours on the machine only ever add to a time.
        """
        keys = dict.fromkeys(key for step in self._steps for key in step)
        return [
            {
                **asdict(key[0]),
                "item": key[1],
                "amount": sorted(step.get(key, (0.0, 0))[0] for step in self._steps)[len(self._steps) // 4],
                "number": self._steps[-1].get(key, (0.0, 0))[1],
            }
            for key in keys
        ]

    def totals(self) -> list[float]:
        """Seconds of each profiled step."""
        return [sum(seconds for seconds, _ in step.values()) for step in self._steps]

    def _enter(self, module: Any) -> None:
        layer = self._names.of(module, self._open[-1][0] if self._open else None)
        span = self._torch.profiler.record_function(f"{_LAYER}{len(self._layers)}")
        self._layers.append(layer)
        self._open.append((layer, span))
        span.__enter__()

    def _leave(self) -> None:
        self._open.pop()[1].__exit__(None, None, None)


def _own_times(events: Iterable[Any], layers: list[RunningLayer]) -> dict[_Key, tuple[float, int]]:
    """Own seconds and calls by layer and operator, of one step."""
    # whoever holds another begins with it or before it
    ordered = sorted(
        (event for event in events if not event.is_async),
        key=lambda event: (event.time_range.start, -event.time_range.end),
    )
    places: dict[int, _Key] = {}
    makers: dict[int, RunningLayer] = {}
    seconds: dict[_Key, float] = defaultdict(float)
    calls: dict[_Key, int] = defaultdict(int)
    step = next(event for event in ordered if event.name == _STEP)
    for event in ordered:
        around = places.get(id(event.cpu_parent), (OUTSIDE, PYTHON))
        place = _place(event, around, makers, layers)
        places[id(event)] = place
        if place[0].type and event.sequence_nr >= 0 and not event.name.startswith(_NODE):
            makers[event.sequence_nr] = place[0]
        seconds[place] += event.self_cpu_time_total / 1e6
        calls[place] += place is not around
        if event.cpu_parent is None and event.thread != step.thread:
            # a device's backward pass has a thread of its own, for which the step waits
            seconds[OUTSIDE, PYTHON] -= event.cpu_time_total / 1e6
    return {place: (max(0.0, value), calls[place]) for place, value in seconds.items()}


def _place(event: Any, around: _Key, makers: dict[int, RunningLayer], layers: list[RunningLayer]) -> _Key:
    """Layer and outermost operator that an event belongs to."""
    if event.name == _STEP:
        return OUTSIDE, PYTHON
    if event.name.startswith(_LAYER):
        return layers[int(event.name.removeprefix(_LAYER))], PYTHON
    if event.name.startswith(_NODE):
        return makers.get(event.sequence_nr, BACKWARD), event.name.removeprefix(_NODE)
    return around if around[1] != PYTHON else (around[0], event.name)
