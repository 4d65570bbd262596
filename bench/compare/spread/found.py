"""Distribution of the values from a gate's processes: two modes, and whether the head is newly erratic."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import count
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.compare.spread.distribution import Distribution, Spread, TwoModes
from bench.declare.nature import gain
from bench.gate.steps import ROLES, Role
from bench.lazy import lazy
from bench.statistics.modes import two_modes
from bench.statistics.sequential import SequentialRule
from bench.statistics.widths import widening, width
from bench.store.database import Store

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy("numpy")

SIDES: tuple[Role, ...] = ("base", "head")
BINS = 24
"""Number of bins of the histograms."""
APART = math.log(1.05)
"""Logarithm of the least ratio of two modes: what lies closer has a middle that says enough."""
_SHOWN = (0.01, 0.99)
"""Quantiles of all values between which the pictures lie: the rest would take their room."""
_PURE = 0.9
"""Share of a process's values from which on it is of one mode."""

Logs = Mapping[Role, Sequence[Any]]
"""Logarithms of the values of each role, process by process; more is worse. Equal places are one trio."""


def spread_of(
    store: Store, runs: Mapping[Role, str], key: str, rounds: int, rule: SequentialRule, better: str
) -> Spread | None:
    """Distribution of a cell's values over all its processes.

    Args:
        store: the store that holds the evidence.
        runs: ids of the runs that hold the evidence.
        key: key of the cell.
        rounds: number of rounds of the comparison; all have equally many processes.
        rule: the rule by which head is newly erratic.
        better: better direction of the measure: `lower` or `higher`.

    Returns:
        None where a side has no values, or some that have no logarithm.
    """
    sign = -gain(better, 1.0)
    logs: dict[Role, list[Any]] = {role: [] for role in ROLES}
    for number in count():
        trio = {role: store.samples(runs[role], key, number) for role in ROLES}
        if not all(trio.values()):
            break
        if min(map(min, trio.values())) <= 0:
            return None
        for role, values in trio.items():
            logs[role].append(sign * np.log(values))
    if not logs["head"] or len(logs["head"]) % rounds:
        return None
    return spread_in(logs, rounds, rule, better)


def spread_in(logs: Logs, rounds: int, rule: SequentialRule, better: str = "lower") -> Spread:
    """Distribution of values that are at hand, in as many processes a round."""
    sign = -gain(better, 1.0)
    widths: dict[Role, list[float]] = {role: _widths(logs[role], rounds) for role in ROLES}
    pairs, twins = zip(
        *(widening(*round_) for round_ in zip(*(widths[role] for role in ROLES), strict=True)), strict=True
    )
    base, head = (sign * np.concatenate(logs[role]) for role in SIDES)
    low, high = np.quantile(np.concatenate([base, head]), _SHOWN)
    edges = np.linspace(low, max(high, low + 1e-6), BINS + 1)
    own = _without_what_all_share(logs)
    one, other = (
        Distribution(
            math.expm1(median(widths[role])),
            tuple(int(number) for number in np.histogram(values, edges)[0]),
            _modes(own[role], sign),
        )
        for role, values in zip(SIDES, (base, head), strict=True)
    )
    erratic = rule.is_erratic(pairs, twins)
    return Spread(one, other, math.exp(low), math.exp(edges[-1]), erratic)


def _widths(processes: Sequence[Any], rounds: int) -> list[float]:
    """Spread of all values of each round, over its processes together, as a difference of logarithms."""
    each = len(processes) // rounds
    return [width(np.concatenate(processes[i * each : (i + 1) * each]).tolist()) for i in range(rounds)]


def _without_what_all_share(logs: Logs) -> dict[Role, list[Any]]:
    """The logarithms less what slowed down all three of a trio: that is the machine's, and no mode of the code."""
    middles = {role: np.array([np.median(process) for process in logs[role]]) for role in ROLES}
    above = [values - np.quantile(values, 0.1) for values in middles.values()]
    shared = np.maximum(0.0, np.min(above, axis=0))
    return {role: [p - s for p, s in zip(logs[role], shared, strict=True)] for role in ROLES}


def _modes(processes: Sequence[Any], sign: float) -> TwoModes | None:
    found = two_modes(np.concatenate(processes).tolist(), len(processes), APART)
    if found is None:
        return None
    shares = [float(np.mean(process > found.border)) for process in processes]
    pure = sum(not 1 - _PURE < share < _PURE for share in shares)
    return TwoModes(
        math.exp(sign * found.low), math.exp(sign * found.high), found.upper, 2 * pure > len(processes)
    )
