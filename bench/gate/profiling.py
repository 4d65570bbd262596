"""Profiles of base and head, taken beside the figures that decide, which show where the difference lies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bench.cell import Cell
from bench.clock import Stopwatch
from bench.errors import EvobenchError
from bench.execute.jobs import Measure, Profile
from bench.execute.outcome import ENDED, Outcome
from bench.gate.steps import LIMIT, Role, Servers, Workers, begun, broken_off, cores

SIDES: tuple[Role, Role] = ("base", "head")
PAIRS = 5
"""Number of pairs of fresh processes: what they do not agree on is chance."""
SECONDS = 1.2
"""Seconds of profiled steps in one pair of processes."""
LEAST = 3
"""Steps of each process, at least."""
MOST = 20
LAYERED = "macs"
"""The measure whose details have a row a layer."""


class NoProfile(EvobenchError):
    """Error raised when one side has no profile; the message says why."""


@dataclass(frozen=True)
class Profiled:
    """Profiles of one cell on both sides, pair by pair of processes, as plain data."""

    base: tuple[Sequence[Mapping[str, Any]], ...]
    """Rows of each process: a layer's `path`, `type` and `about`, with an `item`, an `amount`, a `number`."""
    head: tuple[Sequence[Mapping[str, Any]], ...]
    steps: int = 1
    """Steps of each side, over all processes."""
    plain: float = 0.0
    """Seconds of a step of base that was not profiled, where steps were; their lower quartile."""


def times(servers: Servers, cell: Cell) -> Profiled:
    """Profiles of steps, taken in turn. Each step is timed first, then once more with the profiler.

    Raises:
        NoProfile: a side has none.
    """
    rows: dict[Role, list[Any]] = {role: [] for role in SIDES}
    plain: list[float] = []
    steps = 0
    for pair in range(PAIRS):
        outcomes, seconds = _in_turn(servers, cell, pair)
        for role in SIDES:
            rows[role].append(outcomes[role].details["rows"])
        plain += seconds
        steps += len(outcomes["base"].details["profiled"])
    return Profiled(tuple(rows["base"]), tuple(rows["head"]), steps, sorted(plain)[len(plain) // 4])


def tensors(servers: Servers, cell: Cell) -> Profiled:
    """Tensors that each side holds at its peak of memory.

    Raises:
        NoProfile: a side has none.
    """
    found = [_good(role, servers.of(role).begin(Profile(cell, "memory")).finish(LIMIT)) for role in SIDES]
    base, head = (outcome.details["rows"] for outcome in found)
    return Profiled((base,), (head,))


def layers(servers: Servers, cell: Cell) -> Profiled:
    """The layers of each side's network, with what is counted of each: one item a sort of count.

    Activations are those of layers with multiply-adds, by the convention that they are counted by.

    Raises:
        NoProfile: a side has none.
    """
    job = Measure(replace(cell, measure=LAYERED), 1.0, makes=True)
    found = [_good(role, servers.of(role).begin(job).finish(LIMIT)) for role in SIDES]
    base, head = ([row for layer in outcome.details["layers"] for row in _counts(layer)] for outcome in found)
    return Profiled((base,), (head,))


def _counts(layer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row of a network's table of layers, as those of a profile."""
    shape = "x".join(map(str, layer["output"]))
    about = {"path": layer["name"], "type": layer["type"], "about": f"{shape}, {layer['parameters']} parameters"}
    activations = math.prod(layer["output"]) if layer["macs"] else 0
    counts = {"parameters": layer["parameters"], "macs": layer["macs"], "activations": activations}
    return [{**about, "item": name, "amount": float(count)} for name, count in counts.items()]


def _in_turn(servers: Servers, cell: Cell, turn: int) -> tuple[dict[Role, Outcome], list[float]]:
    """Outcome of one process of each side, whose steps take turns, and the seconds of the base's steps without
    profile."""
    job = Profile(cell, "time", cores(cell.scenario.threads, turn))
    with begun(servers, SIDES, job) as workers:
        ready = [workers[role].ready(LIMIT) for role in SIDES]  # each, so that one that fails, too, tells why
        if all(ready):
            seconds = _take(workers)
            return {role: _good(role, workers[role].finish(LIMIT)) for role in SIDES}, seconds
        ended = broken_off(workers)
        raise NoProfile("; ".join(f"{role}: {o.reason}" for role, o in ended.items() if o != ENDED))


def _take(workers: Workers) -> list[float]:
    """Have both take steps, now the one first and now the other; seconds of those of base."""
    watch = Stopwatch()
    seconds: list[float] = []
    for done in range(MOST):
        if done >= LEAST and watch.seconds > SECONDS:
            break
        taken = {role: workers[role].step(LIMIT) for role in (SIDES if done % 2 == 0 else SIDES[::-1])}
        seconds.append(taken["base"] or 0.0)
    return seconds


def _good(role: Role, outcome: Outcome) -> Outcome:
    if outcome.status != "ok":
        raise NoProfile(f"{role}: {outcome.reason}")
    return outcome
