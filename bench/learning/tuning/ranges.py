"""Ranges of the values in tuning: of a recipe, for each kind of training, never of a network. No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bench.validity import ABOVE_0, FieldRule, rules

Kind = Literal["scratch", "features", "finetune"]
"""Kind of training, as in `bench.transfer.Transfer`."""
_ABOVE_LOW = FieldRule("above low", lambda high, its: high > its.low)


@dataclass(frozen=True)
class Range:
    """Positive numbers between two bounds, with a uniform distribution of their logarithms."""

    low: float = field(metadata=rules(ABOVE_0))
    high: float = field(metadata=rules(ABOVE_0, _ABOVE_LOW))

    def at(self, share: float) -> float:
        """The number at a share of the way from `low` to `high`, on a logarithmic scale."""
        return math.exp(math.log(self.low) + share * math.log(self.high / self.low))


@dataclass(frozen=True)
class Ranges:
    """Ranges of the values for one kind of training."""

    lr: Range
    weight_decay: Range
    layer_decay: Range | None = None
    """Range for networks with a stack of blocks; None: all layers of every network have the same rate."""


ADAMW: Mapping[Kind, Ranges] = {
    "scratch": Ranges(lr=Range(1e-4, 3e-2), weight_decay=Range(1e-3, 0.3)),
    "features": Ranges(lr=Range(1e-3, 1e-1), weight_decay=Range(1e-2, 10.0)),
    "finetune": Ranges(lr=Range(3e-5, 1e-2), weight_decay=Range(1e-3, 0.3), layer_decay=Range(0.5, 1.0)),
}
"""Ranges around the rates in the tables of transfer with AdamW, whose weight decay is a share of the rate."""
SGD: Mapping[Kind, Ranges] = {
    "scratch": Ranges(lr=Range(1e-3, 3e-1), weight_decay=Range(1e-5, 1e-2)),
    "features": Ranges(lr=Range(1e-4, 1e-1), weight_decay=Range(1e-5, 1e-2)),
    "finetune": Ranges(lr=Range(1e-4, 3e-2), weight_decay=Range(1e-5, 1e-2)),
}
"""Ranges around the rate of PyTorch's tutorial, with momentum 0.9 and weight decay as a part of the gradient."""
