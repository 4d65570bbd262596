"""Modes of transfer: what a learning scenario says that learns, and what reads the features of what does not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bench.errors import UnknownName

HEADS = ("softmax", "svm", "logistic", "knn")
"""What reads features: trained step by step, by liblinear, by L-BFGS, or not at all (nearest neighbours)."""
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
"""Those without a stage's name."""
FORMS = (*MODES, *(f"features@STAGE+{head}" for head in HEADS), "finetune:STAGE")
_FEATURES = re.compile(r"features(?P<bn>-bn)?(@(?P<stage>[\w.]+))?\+(?P<head>\w+)")


@dataclass(frozen=True)
class Transfer:
    """A mode of transfer, taken apart."""

    kind: Literal["scratch", "features", "finetune"]
    stage: str = ""
    """Of `features`: whose activations the head is given (empty: what the model's own head is given).
    Of `finetune`: the first stage that learns, `all` or `upper`."""
    head: str = ""
    """Of `features`: one of `HEADS`."""
    reestimated: bool = False
    """Of `features`: BatchNorm's statistics are those of the target's training images, not of the source's."""

    @property
    def frozen(self) -> bool:
        """Whether the trunk is a fixed feature extractor."""
        return self.kind == "features"

    @property
    def stepwise(self) -> bool:
        """Whether it learns in steps of an optimizer, which have a recipe, a batch and a learning rate."""
        return self.head in ("", "softmax")

    @property
    def learns(self) -> bool:
        """Whether anything is trained: nearest neighbours only look training images up."""
        return self.head != "knn"


def transfer_of(mode: str) -> Transfer:
    """Take a mode apart: `scratch`, `finetune:STAGE`, `features[-bn][@STAGE]+HEAD`.

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
