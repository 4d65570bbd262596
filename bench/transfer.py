"""Modes of transfer: which part of a network a learning scenario trains, and which head reads frozen features."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bench.errors import UnknownName

HEADS = ("softmax", "svm", "logistic", "knn")
"""Heads that read features: trained step by step, by liblinear, by L-BFGS, or not at all (nearest neighbours)."""
AS_IS = "as-is"
"""Mode of weights that are evaluated as they are: nothing is transferred, and `transfer_of` does not take it."""
ALL, UPPER = "all", "upper"
"""Stages of fine-tuning that every architecture has: the whole model, and the last stage before the head."""
MODES = (
    "scratch",
    *(f"features+{head}" for head in HEADS),
    "features-bn+softmax",
    "finetune:all",
    "finetune:upper",
)
"""Modes that name no stage."""
FORMS = (*MODES, *(f"features@STAGE+{head}" for head in HEADS), "finetune:STAGE")
_FEATURES = re.compile(r"features(?P<bn>-bn)?(@(?P<stage>[\w.]+))?\+(?P<head>\w+)")


@dataclass(frozen=True)
class Transfer:
    """A mode of transfer, split into its parts."""

    kind: Literal["scratch", "features", "finetune"]
    stage: str = ""
    """With `features`, the stage whose activations the head is given (empty: the input of the model's own head);
    with `finetune`, the first stage that learns, `all` or `upper`."""
    head: str = ""
    """With `features`, the head: one of `HEADS`."""
    reestimated: bool = False
    """With `features`, whether BatchNorm takes its statistics from the target's training images."""

    @property
    def frozen(self) -> bool:
        """Whether the trunk is a fixed feature extractor."""
        return self.kind == "features"

    @property
    def stepwise(self) -> bool:
        """Whether the mode learns in steps of an optimizer, which have a recipe, a batch and a learning rate."""
        return self.head in ("", "softmax")

    @property
    def learns(self) -> bool:
        """Whether anything is trained: nearest neighbours only look training images up."""
        return self.head != "knn"


def transfer_of(mode: str) -> Transfer:
    """Split a mode into its parts: `scratch`, `finetune:STAGE`, `features[-bn][@STAGE]+HEAD`.

    Raises:
        UnknownName: it has another form.
    """
    if mode == "scratch":
        return Transfer("scratch")
    kind, colon, stage = mode.partition(":")
    if kind == "finetune" and colon and re.fullmatch(r"[\w.]+", stage):
        return Transfer("finetune", stage)
    found = _FEATURES.fullmatch(mode)
    if found and found["head"] in HEADS:
        return Transfer("features", found["stage"] or "", found["head"], bool(found["bn"]))
    raise UnknownName("transfer mode", mode, FORMS)
