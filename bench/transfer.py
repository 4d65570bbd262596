"""Modes of transfer: what a learning scenario says that learns, and what reads the features of what does not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bench.errors import UnknownName

HEADS = ("softmax", "svm")
AS_IS = "as-is"
"""Mode of weights that are evaluated as they are: nothing is transferred, and `transfer_of` does not take it."""
ALL, UPPER = "all", "upper"
"""Stages of fine-tuning that every architecture has: the whole model, and the last stage before the head."""
MODES = ("scratch", "features+softmax", "features+svm", "features-bn+softmax", "finetune:all", "finetune:upper")
"""Those without a stage's name."""
FORMS = (*MODES, "features@STAGE+softmax", "features@STAGE+svm", "finetune:STAGE")
_FEATURES = re.compile(r"features(?P<bn>-bn)?(@(?P<stage>[\w.]+))?\+(?P<head>\w+)")


@dataclass(frozen=True)
class Transfer:
    """A mode of transfer, taken apart."""

    kind: Literal["scratch", "features", "finetune"]
    stage: str = ""
    """Of `features`: whose activations the head is given (empty: what the model's own head is given).
    Of `finetune`: the first stage that learns, `all` or `upper`."""
    head: str = ""
    """Of `features`: `softmax` or `svm`."""
    reestimated: bool = False
    """Of `features`: BatchNorm's statistics are those of the target's training images, not of the source's."""

    @property
    def frozen(self) -> bool:
        """Whether the trunk is a fixed feature extractor."""
        return self.kind == "features"


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
