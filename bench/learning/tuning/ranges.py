"""Ranges in which tuning looks for values: a recipe's, for each kind of training, never a network's. No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bench.validity import ABOVE_0, Rule, rules

Kind = Literal["scratch", "features", "finetune"]
"""Of training, as `bench.transfer.Transfer` has it."""
_ABOVE_LOW = Rule("above low", lambda high, its: high > its.low)


@dataclass(frozen=True)
class Range:
    """Positive numbers between two bounds, whose logarithms are equally likely."""

    low: float = field(metadata=rules(ABOVE_0))
    high: float = field(metadata=rules(ABOVE_0, _ABOVE_LOW))

    def at(self, share: float) -> float:
        """The number at a share of the way from `low` to `high`, on a logarithmic scale."""
        return math.exp(math.log(self.low) + share * math.log(self.high / self.low))


@dataclass(frozen=True)
class Ranges:
    """What a kind of training tries."""

    lr: Range
    weight_decay: Range
    layer_decay: Range | None = None
    """Of networks with a stack of blocks; None: all layers of every network learn alike."""


ADAMW: Mapping[Kind, Ranges] = {
    "scratch": Ranges(lr=Range(1e-4, 3e-2), weight_decay=Range(1e-3, 0.3)),
    "features": Ranges(lr=Range(1e-3, 1e-1), weight_decay=Range(1e-2, 10.0)),
    "finetune": Ranges(lr=Range(3e-5, 1e-2), weight_decay=Range(1e-3, 0.3), layer_decay=Range(0.5, 1.0)),
}
"""Around the rates that the tables of transfer use with AdamW, whose weight decay is a share of the rate."""
SGD: Mapping[Kind, Ranges] = {
    "scratch": Ranges(lr=Range(1e-3, 3e-1), weight_decay=Range(1e-5, 1e-2)),
    "features": Ranges(lr=Range(1e-4, 1e-1), weight_decay=Range(1e-5, 1e-2)),
    "finetune": Ranges(lr=Range(1e-4, 3e-2), weight_decay=Range(1e-5, 1e-2)),
}
"""Around the rate of PyTorch's tutorial, with momentum 0.9 and weight decay as a part of the gradient."""
