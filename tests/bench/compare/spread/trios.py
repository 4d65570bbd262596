"""Logarithms of steps as the processes of a gate would give them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.gate.steps import ROLES, TRIOS, Role

Steps = Any
"""An array of the logarithms of one process."""
Change = Callable[[Steps, int, np.random.Generator], Steps]
"""What is done to the logarithms of a process's steps: they, its number, chance."""
ROUNDS = 9
SLOWER = math.log(1.75)


def trios(
    chance: np.random.Generator, head: Change | None = None, every: Change | None = None, steps: int = 12
) -> dict[Role, list[Steps]]:
    """Nine rounds of steps of 2 ms.

    The machine differs from round to round by 2 %, processes by 1 % and steps by 1 %.

    Args:
        chance: of the noise.
        head: what head alone does.
        every: what each process does.
        steps: of a process.
    """
    logs: dict[Role, list[Steps]] = {role: [] for role in ROLES}
    for _ in range(ROUNDS):
        machine = math.log(0.002) + chance.normal(0.0, 0.02)
        for _ in range(TRIOS):
            number = len(logs["head"])
            for role in ROLES:
                values = machine + chance.normal(0.0, 0.01) + chance.normal(0.0, 0.01, steps)
                values = every(values, number, chance) if every else values
                logs[role].append(head(values, number, chance) if head and role == "head" else values)
    return logs


def back_and_forth(values: Steps, number: int, chance: np.random.Generator) -> Steps:
    """Every second step is slow."""
    return values + SLOWER * (np.arange(len(values)) % 2)


def every_second(values: Steps, number: int, chance: np.random.Generator) -> Steps:
    """Every second process is slow."""
    return values + SLOWER * (number % 2)


def restless(values: Steps, number: int, chance: np.random.Generator) -> Steps:
    """Steps vary by another 8 %, around the same middle."""
    return values + chance.normal(0.0, 0.08, len(values))


def held_up(values: Steps, number: int, chance: np.random.Generator) -> Steps:
    """One step in five has a long tail: a neighbour works on the same core."""
    return values + np.where(chance.random(len(values)) < 0.2, chance.exponential(0.3, len(values)), 0.0)


def slow_first(values: Steps, number: int, chance: np.random.Generator) -> Steps:
    """The first process of all is slow."""
    return values + SLOWER * (number == 0)
