"""The era of deep learning that a network belongs to, read off what it consists of and off its year."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from reports.tidy.frame import Frames
from reports.tidy.networks import NetworkStructure

Era = Literal["classic", "residual and scaled", "attention"]
ERAS: tuple[Era, ...] = ("classic", "residual and scaled", "attention")
"""Eras in the order of time."""
_RESIDUAL = 2015
"""The year of ResNet."""
_JOINS = frozenset({"add", "cat"})


def eras(frames: Frames) -> dict[str, Era]:
    """The era of each architecture whose layers the run counted; another has none.

    A network with an attention layer is of the third, a stack of layers without any path around them of the first.
    What joins paths is of the first up to 2014 (GoogLeNet), and of the second from then on.
    """
    years = frames.architectures.set_index("name")["year"]
    known = {str(name): int(year) for name, year in years.items() if not pd.isna(year)}
    return {name: _era(network, known.get(name)) for name, network in frames.networks.items()}


def _era(network: NetworkStructure, year: int | None) -> Era:
    if any("attention" in layer["type"].lower() for layer in network.layers):
        return "attention"
    steps = network.block["steps"] if network.block else ()
    joins = any(step["kind"] in _JOINS for step in steps)
    old = year is not None and year < _RESIDUAL
    return "residual and scaled" if joins and not old else "classic"
